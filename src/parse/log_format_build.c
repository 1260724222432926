/* log_format_build.c - items become the text of a pattern file. */
#include <string.h>

#include "parse/log_format.h"

static const char *const field_names[HA_FIELD_N] = {
#define HA_FIELD(id, name, kind, meaning) name,
#include "httpannotate/tbl/fields.def"
#undef HA_FIELD
};

/* Between quotes, where the server writes a quote within as \". */
#define QUOTED           "[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+"
#define QUOTED_LAZY      "[^\"\\\\]*?(?:\\\\.[^\"\\\\]*?)*?"
#define QUOTED_PATH_LAZY "[^\"\\\\?]*?(?:\\\\.[^\"\\\\?]*?)*?"

/* What stands around an item. */
struct around {
    bool in_quotes;   /* an odd number of quotes before, and one behind */
    bool in_brackets; /* [ directly before and ] directly behind */
    bool quoted;      /* " directly before and " directly behind */
    bool unprotected; /* values may hold quotes and ends of fields as they are (escape=none) */
    bool may_be_empty;
    bool last;
    bool directly;       /* another item follows with nothing between */
    struct ha_view next; /* the literal behind */
};

void ha_format_regex_byte(struct ha_buf *to, char c)
{
    bool plain = ha_is_letter(c) || ha_is_digit(c) || c == ' ' || c == '_' || c == '"' ||
                 c == ':' || c == ',' || c == '/';
    if ((unsigned char)c < ' ' || (unsigned char)c >= 0x7F)
        ha_buf_printf(to, "\\x%02x", (unsigned)(unsigned char)c);
    else if (plain)
        ha_buf_char(to, c);
    else
        ha_buf_printf(to, "\\%c", c);
}

static bool next_is(const struct around *a, const char *bytes)
{
    return a->next.len > 0 && memchr(bytes, a->next.ptr[0], strlen(bytes)) != NULL;
}

static bool begins(struct ha_view v, const char *with)
{
    size_t len = strlen(with);
    return v.len >= len && memcmp(v.ptr, with, len) == 0;
}

/* Text without blanks, TABs and quotes. Possessive where the literal behind cannot be part of it;
 * else it ends where the literal first fits, but for the port behind an IPv6 address, which is the
 * last. */
static void put_word(const struct ha_format_item *item, const struct around *a, struct ha_buf *to)
{
    bool sure = a->last || a->directly || next_is(a, " \t\"");
    bool last_fit = item->shape == HA_SHAPE_ADDRESS && next_is(a, ":");
    ha_buf_printf(to, "[^ \\t\"%s]%s%s", a->directly ? "/" : "", a->may_be_empty ? "*" : "+",
                  sure       ? "+"
                  : last_fit ? ""
                             : "?");
}

/* Anything, up to the literal behind: the first place from which the rest of the line matches. */
static void put_text(const struct around *a, struct ha_buf *to)
{
    if (a->unprotected)
        ha_buf_str(to, a->last ? ".*+" : ".*?");
    else if (a->in_quotes)
        ha_buf_str(to, next_is(a, "\"") ? QUOTED : QUOTED_LAZY);
    else if (a->last)
        ha_buf_str(to, ".*+");
    else
        ha_buf_str(to, next_is(a, "\t") ? "[^\\t]*+" : ".*?");
}

static void put_list(const struct around *a, struct ha_buf *to)
{
    bool sure = a->last || (next_is(a, " \t\"") && !begins(a->next, " : "));
    ha_buf_printf(to,
                  sure ? "(?:[^ ,\"\\t]++(?:(?:, | : )[^ ,\"\\t]++)*+%s)"
                       : "(?:[^ ,\"\\t]+?(?:(?:, | : )[^ ,\"\\t]+?)*?%s)",
                  a->may_be_empty ? "|" : "");
}

static void put_address(const struct ha_format_item *item, const struct around *a,
                        struct ha_buf *to)
{
    if (item->field == HA_FIELD_CLIENT && next_is(a, " "))
        ha_buf_printf(to, "(?:[^ ,\"\\t]++(?:, ?[^ ,\"\\t]++)*+%s)", a->may_be_empty ? "|" : "");
    else
        put_word(item, a, to);
}

/* A target with its query. Where nginx writes a hyphen for the query that is not there, the hyphen
 * is left out of the target. */
static void put_target(const struct ha_format_item *item, const char *open, const struct around *a,
                       struct ha_buf *to)
{
    if (item->unit[0] == '\0') {
        ha_buf_str(to, open);
        put_text(a, to);
        ha_buf_char(to, ')');
        return;
    }
    const char *path = a->in_quotes ? QUOTED_PATH_LAZY : "[^?]*?";
    ha_buf_printf(to, "(?:%s%s)%s-|%s%s\\?", open, path, item->unit[0] == '?' ? "\\?" : "", open,
                  path);
    put_text(a, to);
    ha_buf_str(to, "))");
}

static void put_shape(const struct ha_log_format *f, const struct ha_format_item *item,
                      const struct around *a, struct ha_buf *to)
{
    const char *or_empty = a->may_be_empty ? "|" : "";
    bool quoted = a->quoted && !a->unprotected;
    switch (item->shape) {
    case HA_SHAPE_NUMBER:
        ha_buf_printf(to, "[0-9]++|-%s", or_empty);
        break;
    case HA_SHAPE_SECONDS:
        ha_buf_printf(to, "[0-9]++(?:\\.[0-9]++)?+|-%s", or_empty);
        break;
    case HA_SHAPE_STATUS:
        ha_buf_printf(to, "[0-9]{3}|-%s", or_empty);
        break;
    case HA_SHAPE_SIGN:
        ha_buf_str(to, "[X+\\-]");
        break;
    case HA_SHAPE_QUESTION:
        ha_buf_str(to, "\\??+");
        break;
    case HA_SHAPE_TIME:
        if (a->in_brackets && memchr(f->words.ptr + item->text, ']', item->text_len) == NULL)
            ha_buf_str(to, "[^\\]\"]++");
        else
            ha_format_time_regex(ha_format_words(f, item), to);
        break;
    case HA_SHAPE_WORD:
    case HA_SHAPE_HOST:
    case HA_SHAPE_ADDRESS:
    case HA_SHAPE_LIST:
        if (quoted)
            ha_buf_str(to, QUOTED);
        else if (item->shape == HA_SHAPE_LIST)
            put_list(a, to);
        else if (item->shape == HA_SHAPE_ADDRESS)
            put_address(item, a, to);
        else
            put_word(item, a, to);
        break;
    case HA_SHAPE_CHAIN:
        if (!a->in_quotes && next_is(a, " "))
            ha_buf_str(to, "[^ ,\"\\t]++(?:, ?[^ ,\"\\t]++)*+|");
        put_text(a, to);
        break;
    case HA_SHAPE_QUERY:
        if (!f->is_nginx && !quoted) { /* Apache's has its question mark */
            ha_buf_str(to, "\\?");
            put_text(a, to);
            ha_buf_char(to, '|');
            break;
        }
        put_text(a, to);
        break;
    case HA_SHAPE_LITERAL:
    case HA_SHAPE_TEXT:
    case HA_SHAPE_TARGET:
        put_text(a, to);
        break;
    }
}

/* Whether the first address of X-Forwarded-For is the client: no other column has one. */
static bool no_client(const struct ha_log_format *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->items[i].chosen && f->items[i].field == HA_FIELD_CLIENT)
            return false;
    return true;
}

static void put_field(const struct ha_log_format *f, const struct ha_format_item *item,
                      const struct around *a, struct ha_buf *to)
{
    char open[48] = "(?:";
    bool client_too = item->chosen && item->field == HA_FIELD_FORWARDED && no_client(f);
    if (item->chosen) {
        size_t len = strlen(field_names[item->field]);
        memcpy(open, "(?<", 3);
        memcpy(open + 3, field_names[item->field], len);
        memcpy(open + 3 + len, ">", 2);
    }
    if (item->or_dash)
        ha_buf_str(to, "(?:-|");
    if (item->shape == HA_SHAPE_TARGET) {
        put_target(item, open, a, to);
    } else {
        ha_buf_str(to, open);
        if (client_too)
            ha_buf_str(to, "(?<client>");
        put_shape(f, item, a, to);
        ha_buf_str(to, client_too ? "))" : ")");
    }
    if (item->or_dash)
        ha_buf_char(to, ')');
}

static size_t quotes(struct ha_view v)
{
    size_t n = 0;
    for (size_t i = 0; i < v.len; i++)
        n += v.ptr[i] == '"';
    return n;
}

static struct around look_around(const struct ha_log_format *f, size_t i, size_t quotes_before)
{
    struct around a = {.last = i + 1 == f->count,
                       .unprotected = f->is_nginx && f->escape == HA_ESCAPE_NONE,
                       .may_be_empty = f->is_nginx && f->escape != HA_ESCAPE_DEFAULT};
    size_t behind = 0;
    for (size_t k = i + 1; k < f->count; k++)
        if (f->items[k].shape == HA_SHAPE_LITERAL)
            behind += quotes(ha_format_words(f, &f->items[k]));
    a.in_quotes = quotes_before % 2 == 1 && behind > 0;
    if (!a.last && f->items[i + 1].shape == HA_SHAPE_LITERAL)
        a.next = ha_format_words(f, &f->items[i + 1]);
    a.directly = !a.last && a.next.len == 0;
    if (i > 0 && f->items[i - 1].shape == HA_SHAPE_LITERAL) {
        struct ha_view before = ha_format_words(f, &f->items[i - 1]);
        a.in_brackets = before.ptr[before.len - 1] == '[' && next_is(&a, "]");
        a.quoted = before.ptr[before.len - 1] == '"' && a.in_quotes && next_is(&a, "\"");
    }
    return a;
}

static void put_regex(const struct ha_log_format *f, struct ha_buf *to)
{
    size_t quotes_before = 0;
    for (size_t i = 0; i < f->count; i++) {
        const struct ha_format_item *item = &f->items[i];
        if (item->shape != HA_SHAPE_LITERAL) {
            struct around a = look_around(f, i, quotes_before);
            put_field(f, item, &a, to);
            continue;
        }
        struct ha_view v = ha_format_words(f, item);
        quotes_before += quotes(v);
        for (size_t k = 0; k < v.len; k++)
            ha_format_regex_byte(to, v.ptr[k]);
    }
}

void ha_format_build(const struct ha_log_format *f, const char *name, struct ha_buf *to)
{
    enum { SUMMARY_MOST = 120 };
    size_t shown = f->string.len < SUMMARY_MOST ? f->string.len : SUMMARY_MOST;
    ha_buf_printf(to, "name %s\nsummary ", name);
    ha_buf_visible(to, (struct ha_view){f->string.ptr, shown}, false);
    ha_buf_char(to, '\n');
    for (size_t i = 0; i < f->count; i++) {
        const struct ha_format_item *item = &f->items[i];
        if (!item->chosen)
            continue;
        if (item->field == HA_FIELD_BYTES)
            ha_buf_printf(to, "bytes %s\n", item->unit);
        if (item->field == HA_FIELD_DURATION)
            ha_buf_printf(to, "duration %s\n", item->unit);
        if (item->field == HA_FIELD_TIME) {
            ha_buf_str(to, "time ");
            ha_buf_view(to, ha_format_words(f, item));
            ha_buf_char(to, '\n');
        }
    }
    ha_buf_str(to, "regex ");
    put_regex(f, to);
    ha_buf_char(to, '\n');
}
