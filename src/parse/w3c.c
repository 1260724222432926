/* w3c.c - logs that describe themselves (W3C Extended Log File Format, WD-logfile). */
#include "parse/w3c.h"

#include <string.h>

#include "parse/pattern.h"
#include "parse/request.h"
#include "parse/timefmt.h"
#include "parse/values.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct ha_view trimmed(struct ha_view v)
{
    while (v.len > 0 && is_blank(v.ptr[0]))
        v = (struct ha_view){v.ptr + 1, v.len - 1};
    while (v.len > 0 && (is_blank(v.ptr[v.len - 1]) || v.ptr[v.len - 1] == '\r'))
        v.len--;
    return v;
}

/* The text of a directive, "#Name: text", perhaps behind a byte order mark; names are taken in any
 * case. */
static bool is_directive(struct ha_view line, const char *name, struct ha_view *text)
{
    struct ha_view want = ha_view_of(name);
    if (line.len > 0 && line.ptr[0] != '#')
        line = (struct ha_view){line.ptr + HA_BOM_LEN, line.len - HA_BOM_LEN};
    if (line.len < want.len + 2 ||
        !ha_view_eq_nocase((struct ha_view){line.ptr + 1, want.len}, want) ||
        line.ptr[want.len + 1] != ':')
        return false;
    *text = trimmed((struct ha_view){line.ptr + want.len + 2, line.len - want.len - 2});
    return true;
}

/* What is too long to be kept is as good as not there: its lines are not to be misread. */
static bool keep(struct ha_view text, char *to, size_t most, uint16_t *len)
{
    if (text.len > most)
        text.len = 0;
    if (text.len == *len && memcmp(text.ptr, to, text.len) == 0)
        return false;
    memcpy(to, text.ptr, text.len);
    *len = (uint16_t)text.len;
    return true;
}

bool ha_directives_line(struct ha_directives *d, struct ha_view line)
{
    struct ha_view text;
    if (is_directive(line, "Fields", &text))
        return keep(text, d->fields, sizeof d->fields, &d->fields_len);
    if (is_directive(line, "Software", &text)) {
        if (text.len > sizeof d->software)
            text.len = sizeof d->software;
        return keep(text, d->software, sizeof d->software, &d->software_len);
    }
    if (!is_directive(line, "Date", &text) || text.len < 10)
        return false;
    text.len = 10;
    d->has_day = ha_read_day(text, &d->day_us);
    return true;
}

bool ha_directives_scan(struct ha_directives *d, struct ha_view block)
{
    bool changed = false;
    const char *at = block.ptr, *end = block.ptr + block.len;
    /* A # is rare in a log: looking for it alone is faster than looking for it behind a newline. */
    while (at < end && (at = memchr(at, '#', (size_t)(end - at))) != NULL) {
        bool marked =
            at - block.ptr >= HA_BOM_LEN && memcmp(at - HA_BOM_LEN, HA_BOM, HA_BOM_LEN) == 0;
        const char *start = marked ? at - HA_BOM_LEN : at;
        if (start == block.ptr || start[-1] == '\n') {
            const char *newline = memchr(at, '\n', (size_t)(end - at));
            const char *stop = newline == NULL ? end : newline;
            changed |= ha_directives_line(d, (struct ha_view){start, (size_t)(stop - start)});
            at = stop;
        }
        at++;
    }
    return changed;
}

/* The words of the #Fields line. */
static size_t split_names(const struct ha_directives *d, struct ha_view *names)
{
    struct ha_view rest = {d->fields, d->fields_len};
    size_t count = 0;
    while ((rest = trimmed(rest)).len > 0) {
        size_t len = 0;
        while (len < rest.len && !is_blank(rest.ptr[len]))
            len++;
        if (count == HA_COLUMNS_MOST)
            return 0;
        names[count++] = (struct ha_view){rest.ptr, len};
        rest = (struct ha_view){rest.ptr + len, rest.len - len};
    }
    return count;
}

/* The column called so, or count. */
static size_t find_column(const struct ha_view *names, size_t count, const char *name)
{
    struct ha_view want = ha_view_of(name);
    for (size_t i = 0; i < count; i++)
        if (ha_view_eq_nocase(names[i], want))
            return i;
    return count;
}

/* A need is a column, !column for one that must not be there, or #Software:text. */
static bool has_need(const struct ha_directives *d, const struct ha_view *names, size_t count,
                     const struct ha_need *need)
{
    static const char software[] = "#Software:";
    for (size_t w = 0; w < need->count; w++) {
        const char *name = need->way[w].step[0].name;
        if (name[0] == '!') {
            if (find_column(names, count, name + 1) == count)
                return true;
        } else if (strncmp(name, software, sizeof software - 1) == 0) {
            name += sizeof software - 1;
            if (memmem(d->software, d->software_len, name, strlen(name)) != NULL)
                return true;
        } else if (find_column(names, count, name) < count) {
            return true;
        }
    }
    return false;
}

bool ha_columns_read(struct ha_columns *c, const struct ha_directives *d,
                     const struct ha_keys *keys)
{
    struct ha_view names[HA_COLUMNS_MOST];
    size_t count = split_names(d, names);
    bool has_status = false;
    *c = (struct ha_columns){.has_day = d->has_day, .day_us = d->day_us};
    for (size_t i = 0; i < keys->need_count; i++)
        if (!has_need(d, names, count, &keys->need[i]))
            return false;
    for (size_t i = 0; i < keys->key_count && c->fill_count < HA_COLUMN_FILLS; i++) {
        size_t column = find_column(names, count, keys->key[i].path.step[0].name);
        if (column == count)
            continue;
        has_status |= keys->key[i].field == HA_FIELD_STATUS;
        c->fill[c->fill_count].column = (uint8_t)column;
        c->fill[c->fill_count++].key = &keys->key[i];
    }
    c->count = has_status && c->fill_count > 1 ? count : 0;
    return c->count > 0;
}

/* The end of a text in quotes that begins at `at`, behind its closing quote: "" stands for a quote.
 * 0 when no closing quote stands before a delimiter or the end. */
static size_t quoted_end(struct ha_view v, size_t at, char delimiter)
{
    for (size_t i = at + 1; i < v.len; i++) {
        if (v.ptr[i] != '"')
            continue;
        if (i + 1 == v.len || v.ptr[i + 1] == delimiter)
            return i + 1;
        i += v.ptr[i + 1] == '"';
    }
    return 0;
}

/* Splits at TABs where there is one, else at runs of blanks; with quotes, a text in quotes is one
 * column. Returns the number of columns, or one more than most. */
static size_t split(struct ha_view v, bool quotes, struct ha_view *to, size_t most)
{
    bool tabs = v.len > 0 && memchr(v.ptr, '\t', v.len) != NULL;
    char delimiter = tabs ? '\t' : ' ';
    size_t count = 0, at = 0;
    while (at <= v.len) {
        while (!tabs && at < v.len && v.ptr[at] == ' ')
            at++;
        if (at == v.len && count > 0 && !tabs)
            break;
        size_t start = at, end = 0;
        if (quotes && at < v.len && v.ptr[at] == '"')
            end = quoted_end(v, at, delimiter);
        while (end == 0 && at < v.len && v.ptr[at] != delimiter)
            at++;
        if (count == most)
            return most + 1;
        if (end > 0)
            to[count++] = (struct ha_view){v.ptr + start + 1, end - start - 2};
        else
            to[count++] = (struct ha_view){v.ptr + start, at - start};
        at = (end > 0 ? end : at) + 1;
    }
    return count;
}

/* Most writers have no quotes, so that one in a field is the client's: then it ends nothing. */
static bool split_as_named(struct ha_view v, struct ha_view *to, size_t want)
{
    return split(v, true, to, want) == want || split(v, false, to, want) == want;
}

struct filling {
    struct ha_record *r;
    bool has_day, has_clock, refused;
    int64_t day_us, clock_us;
};

static void fill_time(struct filling *f, struct ha_view text)
{
    int offset = 0;
    if (ha_read_clock(text, &f->clock_us)) {
        f->has_clock = true;
    } else if (ha_read_any_time(text, &f->r->time_us, &offset)) {
        f->r->offset_min = (int16_t)offset;
        f->r->has_time = true;
    } else {
        f->refused = true;
    }
}

static void fill_text(struct filling *f, enum ha_field field, struct ha_view text)
{
    if (field == HA_FIELD_DATE) {
        f->has_day = ha_read_day(text, &f->day_us);
        f->refused |= !f->has_day;
    } else if (field == HA_FIELD_CLIENT) {
        ha_put_client(f->r, text, true);
    } else {
        ha_put_text(f->r, field, text);
    }
}

/* 404, or with the cache's verdict before it: TCP_HIT/200. */
static void fill_status(struct filling *f, struct ha_view text)
{
    const char *slash = memrchr(text.ptr, '/', text.len);
    if (slash != NULL) {
        size_t before = (size_t)(slash - text.ptr);
        ha_put(f->r, HA_FIELD_CACHE, (struct ha_view){text.ptr, before});
        text = (struct ha_view){slash + 1, text.len - before - 1};
    }
    f->r->status = ha_read_status(text);
    f->refused |= f->r->status == HA_NO_STATUS || text.len > 3;
}

static void fill_column(struct filling *f, const struct ha_key *key, struct ha_view text)
{
    struct ha_record *r = f->r;
    switch ((enum ha_field_kind)key->kind) {
    case HA_KIND_STATUS:
        fill_status(f, text);
        break;
    case HA_KIND_BYTES:
        r->has_bytes = ha_view_u64(text, &r->body_bytes);
        break;
    case HA_KIND_DURATION:
        r->has_duration =
            ha_read_duration(text, key->unit_ns > 0 ? key->unit_ns : 1000000000, &r->duration_us);
        break;
    case HA_KIND_TIME:
        fill_time(f, text);
        break;
    case HA_KIND_REQUEST:
        ha_split_request(r, text);
        break;
    case HA_KIND_TEXT:
        fill_text(f, (enum ha_field)key->field, text);
        break;
    }
}

/* Connections that ended before a request, and the mail and file servers that share IIS's format,
 * are no requests. */
static bool is_http(const struct ha_record *r)
{
    struct ha_view protocol = ha_get(r, HA_FIELD_PROTOCOL);
    if (protocol.len >= 4 && memcmp(protocol.ptr, "SMTP", 4) == 0)
        return false;
    return r->status != HA_NO_STATUS || ha_has(r, HA_FIELD_METHOD);
}

bool ha_columns_fill(const struct ha_columns *c, struct ha_arena *batch, struct ha_record *r)
{
    struct ha_view at[HA_COLUMNS_MOST];
    if (!split_as_named(r->line, at, c->count))
        return false;
    struct filling f = {.r = r, .has_day = c->has_day, .day_us = c->day_us};
    uint32_t done = 0;
    for (size_t i = 0; i < c->fill_count && !f.refused; i++) {
        const struct ha_key *key = c->fill[i].key;
        struct ha_view text = at[c->fill[i].column];
        if ((done >> key->field & 1u) != 0 || text.len == 0 || ha_view_is(text, "-"))
            continue;
        fill_column(&f, key, text);
        done |= UINT32_C(1) << key->field;
    }
    if (f.refused || !is_http(r) || !ha_join_query(r, batch))
        return false;
    if (!r->has_time && f.has_clock && f.has_day) {
        r->time_us = f.day_us + f.clock_us;
        r->offset_min = HA_NO_ZONE;
        r->has_time = true;
    }
    return true;
}
