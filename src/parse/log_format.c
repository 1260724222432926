/* log_format.c - a server's format string becomes a pattern. */
#include "parse/log_format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "parse/builtin.h"
#include "parse/pattern.h"

static const char option[] = "--log-format";

/* ---- messages ---- */

static void point_at(const struct ha_log_format *f, size_t at, struct ha_problem *p)
{
    p->line = 0;
    p->column = at + 1;
    for (size_t i = 0; f->is_file && i < at && i < f->source.len; i++) {
        p->line += p->line == 0;
        if (f->source.ptr[i] == '\n') {
            p->line++;
            p->column = at - i;
        }
    }
    p->line += f->is_file && p->line == 0;
}

static enum ha_err wrong_at(const struct ha_log_format *f, size_t at, struct ha_problem *p,
                            const char *cause, va_list args)
{
    char text[sizeof p->cause];
    vsnprintf(text, sizeof text, cause, args);
    enum ha_err err = ha_problem_set(p, HA_ERR_SYNTAX, f->place, "%s", text);
    if (p != NULL)
        point_at(f, at, p);
    return err;
}

enum ha_err ha_format_wrong_source(const struct ha_log_format *f, size_t at, struct ha_problem *p,
                                   const char *cause, ...)
{
    va_list args;
    va_start(args, cause);
    enum ha_err err = wrong_at(f, at, p, cause, args);
    va_end(args);
    return err;
}

enum ha_err ha_format_wrong(const struct ha_log_format *f, size_t at, struct ha_problem *p,
                            const char *cause, ...)
{
    uint32_t origin = 0;
    if ((at + 1) * sizeof origin <= f->origins.len)
        memcpy(&origin, f->origins.ptr + at * sizeof origin, sizeof origin);
    va_list args;
    va_start(args, cause);
    enum ha_err err = wrong_at(f, origin, p, cause, args);
    va_end(args);
    return err;
}

static enum ha_err no_memory(const struct ha_log_format *f, struct ha_problem *p)
{
    return ha_problem_set(p, HA_ERR_MEMORY, f->place, "out of memory");
}

/* ---- the string and its items ---- */

void ha_format_put(struct ha_log_format *f, char c, size_t origin)
{
    uint32_t at = (uint32_t)origin;
    ha_buf_char(&f->string, c);
    ha_buf_bytes(&f->origins, &at, sizeof at);
}

struct ha_view ha_format_words(const struct ha_log_format *f, const struct ha_format_item *item)
{
    if (item->text_len == 0)
        return (struct ha_view){NULL, 0};
    return (struct ha_view){f->words.ptr + item->text, item->text_len};
}

enum ha_err ha_format_add(struct ha_log_format *f, const struct ha_format_item *item,
                          struct ha_problem *p)
{
    if (f->count == HA_FORMAT_ITEMS_MOST)
        return ha_format_wrong(f, item->at, p,
                               "the string has too many directives; at most %d "
                               "fields and literals are taken",
                               HA_FORMAT_ITEMS_MOST);
    struct ha_format_item *items = ha_one_more(f->items, f->count, sizeof *items);
    if (items == NULL)
        return no_memory(f, p);
    f->items = items;
    f->items[f->count++] = *item;
    return HA_OK;
}

enum ha_err ha_format_add_literal(struct ha_log_format *f, char c, size_t at, struct ha_problem *p)
{
    struct ha_format_item *last = f->count > 0 ? &f->items[f->count - 1] : NULL;
    if (last != NULL && last->shape == HA_SHAPE_LITERAL) {
        last->text_len++;
        ha_buf_char(&f->words, c);
        return HA_OK;
    }
    struct ha_format_item item = {.shape = HA_SHAPE_LITERAL,
                                  .field = HA_FIELD_NONE,
                                  .unit = "",
                                  .at = (uint32_t)at,
                                  .len = 1,
                                  .text = (uint32_t)f->words.len,
                                  .text_len = 1};
    ha_buf_char(&f->words, c);
    return ha_format_add(f, &item, p);
}

static void release(struct ha_log_format *f)
{
    ha_buf_free(&f->string);
    ha_buf_free(&f->origins);
    ha_buf_free(&f->words);
    ha_free(f->items);
}

/* ---- the forms a string may be given in ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t skip_space(struct ha_view s, size_t at)
{
    while (at < s.len && is_space(s.ptr[at]))
        at++;
    return at;
}

/* A whole directive: its key stands first. */
static bool is_directive(struct ha_view s, size_t at)
{
    static const char *const keys[] = {"LogFormat", "CustomLog", "GlobalLog", "log_format"};
    for (size_t i = 0; i < HA_COUNT(keys); i++) {
        size_t len = strlen(keys[i]);
        if (s.len - at > len && is_space(s.ptr[at + len]) &&
            ha_view_eq_nocase((struct ha_view){s.ptr + at, len}, ha_view_of(keys[i])))
            return true;
    }
    return false;
}

/* The quote that ends what the quote at `at` begins; s.len when there is none. */
static size_t closing_quote(struct ha_view s, size_t at, bool *escapes)
{
    size_t i = at + 1;
    for (; i < s.len && s.ptr[i] != s.ptr[at]; i++)
        if (s.ptr[i] == '\\' && i + 1 < s.len) {
            i++;
            *escapes |= s.ptr[i] == s.ptr[at];
        }
    return i < s.len ? i : s.len;
}

/* Whether the quote at `at` is the configuration file's, around the string, and not the first byte
 * of the string itself ("$request" $status). No string begins with a single quote; of double
 * quotes, one pair around everything, or a pair that holds escaped ones. */
static bool is_wrapped(struct ha_view s, size_t at)
{
    bool escapes = false;
    if (s.ptr[at] == '\'')
        return true;
    if (s.ptr[at] != '"')
        return false;
    size_t end = closing_quote(s, at, &escapes);
    if (end == s.len)
        return false;
    size_t rest = skip_space(s, end + 1);
    return escapes || rest == s.len || (s.ptr[rest] == ';' && skip_space(s, rest + 1) == s.len);
}

static bool has_variable(struct ha_view s)
{
    for (size_t i = 0; i + 1 < s.len; i++) {
        if (s.ptr[i] != '$')
            continue;
        size_t from = i + 1 + (s.ptr[i + 1] == '{'), end = from;
        while (end < s.len &&
               (ha_is_letter(s.ptr[end]) || ha_is_digit(s.ptr[end]) || s.ptr[end] == '_'))
            end++;
        if (ha_format_nginx_knows((struct ha_view){s.ptr + from, end - from}))
            return true;
    }
    return false;
}

/* A variable that nginx knows settles it; then a percent sign; then a dollar sign. */
static bool looks_like_nginx(struct ha_view s)
{
    return has_variable(s) ||
           (memchr(s.ptr, '%', s.len) == NULL && memchr(s.ptr, '$', s.len) != NULL);
}

/* Pieces in quotes, one behind the other, as log_format takes them; Apache's nickname behind its
 * one. */
static enum ha_err read_wrapped(struct ha_log_format *f, size_t at, struct ha_problem *p)
{
    struct ha_view s = f->source;
    enum ha_err err = HA_OK;
    while (err == HA_OK && at < s.len && (s.ptr[at] == '"' || s.ptr[at] == '\'')) {
        err = f->is_nginx ? ha_config_nginx_word(f, &at, true, p)
                          : ha_config_apache_word(f, &at, true, p);
        at = skip_space(s, at);
    }
    if (err != HA_OK || at == s.len || s.ptr[at] == ';')
        return err;
    struct ha_view rest = {s.ptr + at, s.len - at};
    if (memchr(rest.ptr, '%', rest.len) == NULL && memchr(rest.ptr, '$', rest.len) == NULL)
        return HA_OK;
    return ha_format_wrong_source(f, at, p,
                                  "this stands behind the quote that ends the string; write a "
                                  "quote within as \\\"");
}

/* A string without quotes around it. Its own quotes may be escaped, as in the file, or not. */
static void read_bare(struct ha_log_format *f, size_t at)
{
    struct ha_view s = f->source;
    for (size_t i = at; i < s.len; i++) {
        char next = i + 1 < s.len ? s.ptr[i + 1] : '\0';
        if (s.ptr[i] == '\\' && next == '\n') {
            i++; /* the line goes on */
        } else if (s.ptr[i] == '\\' && (next == '"' || next == '\'')) {
            ha_format_put(f, next, i);
            i++;
        } else if (s.ptr[i] == '\\' && f->is_nginx && memchr("\\tnr", next, 4) != NULL) {
            ha_format_put(f,
                          next == 't'   ? '\t'
                          : next == 'n' ? '\n'
                          : next == 'r' ? '\r'
                                        : next,
                          i);
            i++;
        } else {
            ha_format_put(f, s.ptr[i], i);
        }
    }
}

/* Other programs take names of formats here. */
static enum ha_err check_names(const struct ha_log_format *f, struct ha_problem *p)
{
    for (size_t i = 0; i < ha_builtin_pattern_count; i++) {
        struct ha_view name = ha_view_of(ha_builtin_patterns[i].name);
        if (ha_view_eq_nocase(f->source, name))
            return ha_problem_set(p, HA_ERR_SYNTAX, f->place,
                                  "this is no format string but the name of a built-in pattern; "
                                  "write --pattern=%s",
                                  ha_builtin_patterns[i].name);
    }
    return HA_OK;
}

static enum ha_err read_string(struct ha_log_format *f, struct ha_problem *p)
{
    while (f->source.len > 0 && is_space(f->source.ptr[f->source.len - 1]))
        f->source.len--;
    size_t at = skip_space(f->source, 0);
    if (at == f->source.len)
        return ha_problem_set(
            p, HA_ERR_SYNTAX, f->place,
            "the string is empty; put it into single quotes, as within double ones "
            "the shell takes $names for its own");
    if (is_directive(f->source, at))
        return ha_config_find_format(f, HA_VIEW_LIT(""), p);
    f->is_nginx = looks_like_nginx(f->source);
    enum ha_err err = check_names(f, p);
    if (err == HA_OK)
        err = ha_config_escape(f, &at, p);
    if (err == HA_OK && at < f->source.len && is_wrapped(f->source, at))
        return read_wrapped(f, at, p);
    if (err == HA_OK)
        read_bare(f, at);
    return err;
}

/* ---- files ---- */

/* @FILE or @FILE:NAME; a file may have a colon in its own name. */
static enum ha_err read_config(struct ha_log_format *f, const char *value, char **path,
                               char **content, size_t most, struct ha_problem *p)
{
    const char *colon = strrchr(value, ':');
    struct ha_view name = {NULL, 0}, file = ha_view_of(value);
    if (colon != NULL && access(value, F_OK) != 0) {
        name = ha_view_of(colon + 1);
        file.len = (size_t)(colon - value);
    }
    if (file.len == 0)
        return ha_problem_set(p, HA_ERR_SYNTAX, option,
                              "the name of a file is missing; write @FILE or @FILE:NAME");
    *path = ha_strdup_view(file);
    if (*path == NULL)
        return no_memory(f, p);
    f->place = *path;
    f->is_file = true;
    enum ha_err err = ha_pattern_read(*path, most, content, &f->source.len, p);
    if (err != HA_OK)
        return err;
    f->source.ptr = *content;
    return ha_config_find_format(f, name, p);
}

/* ---- all of it ---- */

static enum ha_err check_string(const struct ha_log_format *f, struct ha_problem *p)
{
    if (!ha_buf_ok(&f->string) || !ha_buf_ok(&f->origins))
        return no_memory(f, p);
    if (f->string.len > HA_FORMAT_STRING_MOST)
        return ha_problem_set(p, HA_ERR_LIMIT, f->place, "a format string holds at most %d bytes",
                              HA_FORMAT_STRING_MOST);
    if (f->string.len == 0)
        return ha_problem_set(p, HA_ERR_SYNTAX, f->place, "the format string is empty");
    if (memchr(f->string.ptr, '\0', f->string.len) != NULL)
        return ha_problem_set(p, HA_ERR_SYNTAX, f->place,
                              "there is a NUL byte in the format string");
    return HA_OK;
}

/* Two strings need two names in a report. */
static void name_it(const struct ha_patterns *set, char *to, size_t size)
{
    size_t before = 0;
    for (size_t i = 0; i < ha_patterns_count(set); i++)
        before += strncmp(ha_pattern_name(set, i), "log_format", 10) == 0;
    if (before == 0)
        snprintf(to, size, "log_format");
    else
        snprintf(to, size, "log_format_%zu", before + 1);
}

enum ha_err ha_patterns_add_log_format(struct ha_patterns *set, const char *string,
                                       struct ha_problem *p)
{
    struct ha_log_format f = {.place = option, .source = ha_view_of(string)};
    struct ha_buf text = {0};
    char *path = NULL, *content = NULL, name[32];
    enum ha_err err =
        string[0] == '@' ? read_config(&f, string + 1, &path, &content, set->limits.pattern_file, p)
                         : read_string(&f, p);
    if (err == HA_OK)
        err = check_string(&f, p);
    if (err == HA_OK)
        err = f.is_nginx ? ha_format_read_nginx(&f, p) : ha_format_read_apache(&f, p);
    if (err == HA_OK)
        err = ha_format_plan(&f, p);
    if (err == HA_OK) {
        name_it(set, name, sizeof name);
        ha_format_build(&f, name, &text);
        if (!ha_buf_ok(&text) || !ha_buf_ok(&f.words))
            err = no_memory(&f, p);
    }
    if (err == HA_OK) {
        struct ha_view view = {text.ptr, text.len};
        text = (struct ha_buf){0}; /* the set's from here on */
        err = ha_patterns_add_text(set, view, (char *)(uintptr_t)view.ptr, f.place, p);
        if (err == HA_OK && ha_pattern_compiled(set, set->count - 1, p) == NULL)
            err = p != NULL ? p->err : HA_ERR_SYNTAX;
    }
    ha_buf_free(&text);
    release(&f);
    ha_free(content);
    ha_free(path);
    return err;
}
