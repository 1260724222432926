/* log_format_apache.c - Apache's LogFormat (mod_log_config, mod_logio, mod_ssl) as items. */
#include <string.h>

#include "parse/log_format.h"
#include "parse/timefmt.h"

struct directive {
    const char *letter, *argument;
    uint8_t field, rank;
    const char *unit;
    enum ha_shape shape;
};
static const struct directive directives[] = {
#define HA_APACHE(letter, argument, field, rank, unit, shape, meaning)                             \
    {letter, argument, HA_FIELD_##field, rank, unit, HA_SHAPE_##shape},
#include "httpannotate/tbl/apache_directives.def"
#undef HA_APACHE
};

/* One directive as it stands in the string. */
struct reading {
    size_t at, end;     /* in the string */
    size_t argument_at; /* of what stands in the braces */
    struct ha_view argument, letter;
    bool condition;
};

static struct ha_view text_of(const struct ha_log_format *f)
{
    return (struct ha_view){f->string.ptr, f->string.len};
}

static int printed(struct ha_view v)
{
    return (int)(v.len < 60 ? v.len : 60);
}

/* The case of letters is the whole difference of many directives. */
static char other_case(struct ha_view letter)
{
    char c = letter.ptr[0];
    if (letter.len != 1 || (unsigned char)((c | 0x20) - 'a') >= 26)
        return '\0';
    c ^= 0x20;
    for (size_t i = 0; i < HA_COUNT(directives); i++)
        if (directives[i].letter[0] == c)
            return c;
    return '\0';
}

static enum ha_err unknown(const struct ha_log_format *f, const struct reading *r,
                           struct ha_problem *p)
{
    struct ha_view all = {f->string.ptr + r->at, r->end - r->at};
    char near = other_case(r->letter);
    if (near != '\0')
        return ha_format_wrong(f, r->at, p,
                               "%.*s is no directive of Apache's LogFormat (there is %%%c); change "
                               "it, or write %%%% for a percent sign",
                               printed(all), all.ptr, near);
    return ha_format_wrong(f, r->at, p,
                           "%.*s is no directive of Apache's LogFormat; change it, or write %%%% "
                           "for a percent sign",
                           printed(all), all.ptr);
}

/* The row of a directive; letter_known: there is one of that letter, whatever its argument. An
 * argument that means nothing is passed over, as Apache does, where there is but one such
 * directive. */
static const struct directive *find(const struct reading *r, bool *letter_known)
{
    const struct directive *plain = NULL;
    size_t rows = 0;
    for (size_t i = 0; i < HA_COUNT(directives); i++) {
        const struct directive *d = &directives[i];
        if (!ha_view_is(r->letter, d->letter))
            continue;
        rows++;
        bool any = strcmp(d->argument, "*") == 0;
        if (any ? r->argument.len > 0 : ha_view_eq_nocase(r->argument, ha_view_of(d->argument)))
            return d;
        if (d->argument[0] == '\0')
            plain = d;
    }
    *letter_known = rows > 0;
    return rows == 1 ? plain : NULL;
}

static enum ha_err wrong_argument(const struct ha_log_format *f, const struct reading *r,
                                  struct ha_problem *p)
{
    char takes[200];
    size_t n = 0;
    for (size_t i = 0; i < HA_COUNT(directives); i++) {
        const char *a = directives[i].argument;
        if (!ha_view_is(r->letter, directives[i].letter) || *a == '\0')
            continue;
        a = strcmp(a, "*") == 0 ? "NAME" : a;
        size_t len = strlen(a);
        if (n + len + 4 >= sizeof takes)
            break;
        if (n > 0)
            takes[n++] = ' ';
        takes[n++] = '{';
        memcpy(takes + n, a, len);
        n += len;
        takes[n++] = '}';
    }
    struct ha_view all = {f->string.ptr + r->at, r->end - r->at};
    return ha_format_wrong(f, r->at, p, "%.*s: this directive takes %.*s", printed(all), all.ptr,
                           (int)n, takes);
}

/* Reads what stands between % and the letter: conditions (400,501 or !200), < > and {argument}, in
 * any order, as Apache does. */
static enum ha_err read_directive(const struct ha_log_format *f, struct reading *r,
                                  struct ha_problem *p)
{
    struct ha_view s = text_of(f);
    size_t i = r->at + 1;
    for (; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '{') {
            const char *close = memchr(s.ptr + i, '}', s.len - i);
            if (close == NULL)
                return ha_format_wrong(f, i, p,
                                       "this { is not closed; write %%{NAME} and a letter");
            r->argument_at = i + 1;
            r->argument = (struct ha_view){s.ptr + i + 1, (size_t)(close - s.ptr) - i - 1};
            i = (size_t)(close - s.ptr);
        } else if (ha_is_digit(c) || c == '!') {
            r->condition = true;
        } else if (c != '<' && c != '>' && c != ',') {
            break;
        }
    }
    if (i >= s.len)
        return ha_format_wrong(f, r->at, p,
                               "the string ends within this directive: no letter "
                               "follows; write %%%% for a percent sign");
    size_t len = s.ptr[i] == '^' ? (s.len - i < 3 ? s.len - i : 3) : 1;
    while (len == 1 && i + len < s.len && (s.ptr[i + len] & 0xC0) == 0x80)
        len++; /* the message shows a whole character */
    r->letter = (struct ha_view){s.ptr + i, len};
    r->end = i + len;
    return HA_OK;
}

/* %t alone is the time of the common log format, with brackets that a condition takes away too. */
static enum ha_err add_clf_time(struct ha_log_format *f, const struct reading *r,
                                struct ha_format_item *item, struct ha_problem *p)
{
    if (item->or_dash) {
        enum ha_err err = ha_format_time(f, HA_VIEW_LIT("[" HA_CLF_FORMAT "]"), r->at, item, p);
        return err == HA_OK ? ha_format_add(f, item, p) : err;
    }
    enum ha_err err = ha_format_add_literal(f, '[', r->at, p);
    if (err == HA_OK)
        err = ha_format_time(f, HA_VIEW_LIT(HA_CLF_FORMAT), r->at, item, p);
    if (err == HA_OK)
        err = ha_format_add(f, item, p);
    return err == HA_OK ? ha_format_add_literal(f, ']', r->at, p) : err;
}

/* sec, msec and so on stand alone; begin: and end: before any format. */
static enum ha_err add_time(struct ha_log_format *f, const struct reading *r,
                            struct ha_format_item *item, struct ha_problem *p)
{
    static const struct {
        const char *word, *format, *unit;
    } words[] = {{"sec", "%s", "s"},
                 {"msec", "%Q", "ms"},
                 {"usec", "%q", "us"},
                 {"msec_frac", "%N", "ms"},
                 {"usec_frac", "%N", "us"}};
    static const char *const prefixes[] = {"begin:", "end:"};
    struct ha_view format = r->argument;
    size_t at = r->argument_at;
    for (size_t i = 0; i < HA_COUNT(prefixes); i++) {
        size_t len = strlen(prefixes[i]);
        if (format.len < len || memcmp(format.ptr, prefixes[i], len) != 0)
            continue;
        format = (struct ha_view){format.ptr + len, format.len - len};
        at += len;
        item->at_end = i == 1;
        break;
    }
    if (format.len == 0)
        return add_clf_time(f, r, item, p);
    enum ha_err err = HA_OK;
    size_t i = 0;
    while (i < HA_COUNT(words) && !ha_view_is(format, words[i].word))
        i++;
    if (i < HA_COUNT(words)) {
        item->unit = words[i].unit;
        err = ha_format_time_own(f, ha_view_of(words[i].format), item, p);
    } else {
        err = ha_format_time(f, format, at, item, p);
    }
    return err == HA_OK ? ha_format_add(f, item, p) : err;
}

static enum ha_err add_directive(struct ha_log_format *f, const struct reading *r,
                                 struct ha_problem *p)
{
    bool letter_known = false;
    const struct directive *d = find(r, &letter_known);
    if (d == NULL)
        return letter_known ? wrong_argument(f, r, p) : unknown(f, r, p);
    struct ha_format_item item = {.shape = d->shape,
                                  .field = d->field,
                                  .rank = d->rank,
                                  .unit = d->unit,
                                  .or_dash = r->condition,
                                  .at = (uint32_t)r->at,
                                  .len = (uint32_t)(r->end - r->at)};
    /* Of %s and %>s the latter is what the client got; the other directives differ little. */
    struct ha_view all = {f->string.ptr + r->at, r->end - r->at};
    if (d->shape == HA_SHAPE_STATUS && memchr(all.ptr, '>', all.len) != NULL)
        item.rank++;
    return d->shape == HA_SHAPE_TIME ? add_time(f, r, &item, p) : ha_format_add(f, &item, p);
}

/* \n, \t, \r and \\ in a literal, as mod_log_config reads them; any other backslash stands for
 * itself. */
static char escaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case '\\':
        return '\\';
    default:
        return '\0';
    }
}

enum ha_err ha_format_read_apache(struct ha_log_format *f, struct ha_problem *p)
{
    enum ha_err err = HA_OK;
    for (size_t i = 0; i < f->string.len && err == HA_OK;) {
        const char *s = f->string.ptr + i;
        size_t left = f->string.len - i;
        if (*s == '%' && left > 1 && s[1] == '%') {
            err = ha_format_add_literal(f, '%', i, p);
            i += 2;
        } else if (*s == '%') {
            struct reading r = {.at = i};
            err = read_directive(f, &r, p);
            if (err == HA_OK)
                err = add_directive(f, &r, p);
            i = r.end;
        } else if (*s == '\\' && left > 1 && escaped(s[1]) != '\0') {
            err = ha_format_add_literal(f, escaped(s[1]), i, p);
            i += 2;
        } else if (f->is_file && *s == '$' && left > 2 && s[1] == '{' &&
                   memchr(s, '}', left) != NULL) {
            struct ha_view name = {s, (size_t)((const char *)memchr(s, '}', left) - s) + 1};
            err =
                ha_format_wrong(f, i, p,
                                "the server puts a value in the place of %.*s, which is not known "
                                "here; give the string itself, with that value in it",
                                printed(name), name.ptr);
        } else {
            err = ha_format_add_literal(f, *s, i, p);
            i++;
        }
    }
    return err;
}
