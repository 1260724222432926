/* server_config.c - format strings as they stand in the configuration of Apache or nginx. */
#include <string.h>
#include <strings.h>

#include "parse/log_format.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_space(char c)
{
    return is_blank(c) || c == '\n';
}

/* A backslash and the end of a line: Apache goes on with the next line. Returns how many bytes it
 * has. */
static size_t continuation(struct ha_view s, size_t at)
{
    if (at + 1 >= s.len || s.ptr[at] != '\\')
        return 0;
    if (s.ptr[at + 1] == '\n')
        return 2;
    return at + 2 < s.len && s.ptr[at + 1] == '\r' && s.ptr[at + 2] == '\n' ? 3 : 0;
}

static void skip_blanks(struct ha_view s, size_t *at)
{
    size_t more = 0;
    while (*at < s.len && (is_blank(s.ptr[*at]) || (more = continuation(s, *at)) > 0)) {
        *at += more > 0 ? more : 1;
        more = 0;
    }
}

static void skip_line(struct ha_view s, size_t *at)
{
    while (*at < s.len && s.ptr[*at] != '\n') {
        size_t more = continuation(s, *at);
        *at += more > 0 ? more : 1;
    }
    *at += *at < s.len;
}

enum ha_err ha_config_apache_word(struct ha_log_format *f, size_t *at, bool sink,
                                  struct ha_problem *p)
{
    struct ha_view s = f->source;
    size_t start = *at;
    char quote = s.ptr[start] == '"' || s.ptr[start] == '\'' ? s.ptr[start] : '\0';
    size_t i = start + (quote != '\0');
    while (i < s.len && s.ptr[i] != '\n' &&
           (quote != '\0' ? s.ptr[i] != quote : !is_blank(s.ptr[i]))) {
        size_t more = continuation(s, i);
        if (more > 0) {
            i += more;
            continue;
        }
        /* Only these two are taken off here; \n and \t are the format's own. */
        if (s.ptr[i] == '\\' && i + 1 < s.len &&
            (s.ptr[i + 1] == '\\' || (quote != '\0' && s.ptr[i + 1] == quote)))
            i++;
        if (sink)
            ha_format_put(f, s.ptr[i], i);
        i++;
    }
    bool closed = quote == '\0' || (i < s.len && s.ptr[i] == quote);
    if (!closed)
        return ha_format_wrong_source(f, start, p, "this quote is not closed");
    *at = i + (quote != '\0');
    return HA_OK;
}

/* What a backslash and this letter are within quotes of nginx; \0: both are kept. */
static char nginx_escape(char c)
{
    switch (c) {
    case '"':
    case '\'':
    case '\\':
        return c;
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case 'n':
        return '\n';
    default:
        return '\0';
    }
}

static bool ends_nginx_word(struct ha_view s, size_t i)
{
    char c = s.ptr[i];
    bool brace_of_name = c == '{' && i > 0 && s.ptr[i - 1] == '$';
    return is_space(c) || c == ';' || (c == '{' && !brace_of_name);
}

enum ha_err ha_config_nginx_word(struct ha_log_format *f, size_t *at, bool sink,
                                 struct ha_problem *p)
{
    struct ha_view s = f->source;
    size_t start = *at;
    char quote = s.ptr[start] == '"' || s.ptr[start] == '\'' ? s.ptr[start] : '\0';
    size_t i = start + (quote != '\0');
    while (i < s.len && (quote != '\0' ? s.ptr[i] != quote : !ends_nginx_word(s, i))) {
        char c = s.ptr[i];
        size_t origin = i;
        if (c == '\\' && i + 1 < s.len) {
            char meant = nginx_escape(s.ptr[i + 1]);
            if (meant == '\0' && sink)
                ha_format_put(f, c, i);
            c = meant != '\0' ? meant : s.ptr[i + 1];
            origin = meant != '\0' ? i : i + 1;
            i++;
        }
        if (sink)
            ha_format_put(f, c, origin);
        i++;
    }
    if (quote != '\0' && i >= s.len)
        return ha_format_wrong_source(f, start, p, "this quote is not closed");
    *at = i + (quote != '\0');
    return HA_OK;
}

enum ha_err ha_config_escape(struct ha_log_format *f, size_t *at, struct ha_problem *p)
{
    static const char key[] = "escape=";
    static const char *const values[] = {"default", "json", "none"};
    struct ha_view s = {f->source.ptr + *at, f->source.len - *at};
    if (s.len < sizeof key - 1 || memcmp(s.ptr, key, sizeof key - 1) != 0)
        return HA_OK;
    size_t end = sizeof key - 1;
    while (end < s.len && !ends_nginx_word(s, end))
        end++;
    struct ha_view value = {s.ptr + sizeof key - 1, end - (sizeof key - 1)};
    for (size_t i = 0; i < HA_COUNT(values); i++) {
        if (!ha_view_is(value, values[i]))
            continue;
        f->escape = (enum ha_format_escape)i;
        f->is_nginx = true;
        *at += end;
        while (*at < f->source.len && is_space(f->source.ptr[*at]))
            ++*at;
        return HA_OK;
    }
    return ha_format_wrong_source(f, *at + sizeof key - 1, p,
                                  "escape= takes default, json or none");
}

/* ---- which format ---- */

enum { NAMES_MOST = 64, KEY_MOST = 32 };

struct search {
    struct ha_log_format *f;
    struct ha_view wanted;
    struct ha_view names[NAMES_MOST]; /* of different formats, in the order they stand in */
    size_t count;
    bool found, found_is_nginx;
    size_t found_at; /* where its string begins */
    struct ha_problem *problem;
};

static void meet(struct search *s, struct ha_view name, size_t at, bool is_nginx)
{
    bool known = false;
    for (size_t i = 0; i < s->count; i++)
        known |= ha_view_eq(s->names[i], name);
    if (!known && s->count < NAMES_MOST)
        s->names[s->count++] = name;
    /* A later format of the same name takes the place of an earlier one. */
    if (s->wanted.len > 0 ? ha_view_eq(s->wanted, name) : !s->found || known) {
        s->found = true;
        s->found_at = at;
        s->found_is_nginx = is_nginx;
    }
}

static struct ha_view word_view(struct ha_view s, size_t from, size_t to)
{
    struct ha_view v = {s.ptr + from, to - from};
    if (v.len >= 2 && (v.ptr[0] == '"' || v.ptr[0] == '\''))
        v = (struct ha_view){v.ptr + 1, v.len - 2};
    return v;
}

static bool is_key(struct ha_view word, const char *key)
{
    return ha_view_eq_nocase(word, ha_view_of(key));
}

/* LogFormat STRING [NICKNAME], or CustomLog FILE STRING, with *at behind the key. A CustomLog that
 * names a format by its nickname defines none. */
static enum ha_err apache_directive(struct search *s, struct ha_view key, size_t *at)
{
    struct ha_log_format *f = s->f;
    size_t words[2][2];
    size_t count = 0;
    enum ha_err err = HA_OK;
    for (; count < 2; count++) {
        skip_blanks(f->source, at);
        if (*at >= f->source.len || f->source.ptr[*at] == '\n')
            break;
        words[count][0] = *at;
        err = ha_config_apache_word(f, at, false, s->problem);
        if (err != HA_OK)
            return err;
        words[count][1] = *at;
    }
    struct ha_view first = {NULL, 0}, second = {NULL, 0};
    if (count > 0)
        first = word_view(f->source, words[0][0], words[0][1]);
    if (count > 1)
        second = word_view(f->source, words[1][0], words[1][1]);
    bool log_format = is_key(key, "LogFormat");
    if (log_format && count > 0)
        meet(s, second, words[0][0], false);
    else if (!log_format && second.len > 0 && memchr(second.ptr, '%', second.len) != NULL)
        meet(s, first, words[1][0], false);
    return HA_OK;
}

/* log_format NAME [escape=...] STRING...; with *at behind the key. */
static enum ha_err nginx_directive(struct search *s, size_t *at)
{
    struct ha_log_format *f = s->f;
    while (*at < f->source.len && is_space(f->source.ptr[*at]))
        ++*at;
    size_t start = *at;
    if (start >= f->source.len || f->source.ptr[start] == ';')
        return ha_format_wrong_source(f, start, s->problem, "log_format wants a name and a string");
    enum ha_err err = ha_config_nginx_word(f, at, false, s->problem);
    if (err == HA_OK)
        meet(s, word_view(f->source, start, *at), *at, true);
    return err;
}

/* Text in braces that is no configuration (Lua): up to the brace that closes it. */
static void skip_code(struct ha_view s, size_t *at)
{
    size_t depth = 0;
    for (; *at < s.len; ++*at) {
        depth += s.ptr[*at] == '{';
        if (s.ptr[*at] == '}' && (depth == 0 || --depth == 0))
            return;
    }
}

static bool ends_in(struct ha_view v, const char *end)
{
    size_t len = strlen(end);
    return v.len >= len && memcmp(v.ptr + v.len - len, end, len) == 0;
}

/* Whether nginx's way of reading suits: log_format is nginx's, in Apache's files it cannot occur.
 */
static bool looks_like_nginx(struct ha_view s)
{
    static const char key[] = "log_format";
    const char *at = memmem(s.ptr, s.len, key, sizeof key - 1);
    while (at != NULL) {
        size_t from = (size_t)(at - s.ptr), behind = from + sizeof key - 1;
        bool begins =
            from == 0 || is_space(at[-1]) || at[-1] == ';' || at[-1] == '{' || at[-1] == '}';
        if (begins && behind < s.len && is_space(s.ptr[behind]))
            return true;
        at = memmem(s.ptr + behind, s.len - behind, key, sizeof key - 1);
    }
    return false;
}

/* Moves behind what is no directive: blanks, comments, and the signs between directives. */
static bool next_nginx_directive(struct ha_view s, size_t *at)
{
    while (*at < s.len) {
        char c = s.ptr[*at];
        if (c == '#')
            while (*at < s.len && s.ptr[*at] != '\n')
                ++*at;
        else if (is_space(c) || c == ';' || c == '{' || c == '}')
            ++*at;
        else
            return true;
    }
    return false;
}

/* Moves over the arguments of a directive to the sign that ends it. */
static enum ha_err skip_arguments(struct ha_log_format *f, size_t *at, struct ha_problem *p)
{
    struct ha_view s = f->source;
    while (*at < s.len && s.ptr[*at] != ';' && s.ptr[*at] != '{' && s.ptr[*at] != '}') {
        if (s.ptr[*at] == '#') {
            while (*at < s.len && s.ptr[*at] != '\n')
                ++*at;
        } else if (is_space(s.ptr[*at])) {
            ++*at;
        } else {
            enum ha_err err = ha_config_nginx_word(f, at, false, p);
            if (err != HA_OK)
                return err;
        }
    }
    return HA_OK;
}

static enum ha_err search_nginx(struct search *s)
{
    struct ha_log_format *f = s->f;
    size_t at = 0;
    enum ha_err err = HA_OK;
    while (err == HA_OK && next_nginx_directive(f->source, &at)) {
        size_t start = at;
        err = ha_config_nginx_word(f, &at, false, s->problem);
        struct ha_view key = {f->source.ptr + start, at - start};
        if (err == HA_OK && ha_view_is(key, "log_format"))
            err = nginx_directive(s, &at);
        else if (err == HA_OK && ends_in(key, "_by_lua_block"))
            skip_code(f->source, &at);
        if (err == HA_OK)
            err = skip_arguments(f, &at, s->problem);
    }
    return err;
}

static enum ha_err search_apache(struct search *s)
{
    struct ha_view text = s->f->source;
    size_t at = 0;
    enum ha_err err = HA_OK;
    while (err == HA_OK && at < text.len) {
        skip_blanks(text, &at);
        size_t start = at;
        while (at < text.len && !is_space(text.ptr[at]))
            at++;
        struct ha_view key = {text.ptr + start, at - start};
        if (is_key(key, "LogFormat") || is_key(key, "CustomLog") || is_key(key, "GlobalLog"))
            err = apache_directive(s, key, &at);
        skip_line(text, &at);
    }
    return err;
}

/* "common", "combined" and "main": for a message. */
static void list_names(const struct search *s, char *to, size_t size)
{
    size_t n = 0;
    to[0] = '\0';
    for (size_t i = 0; i < s->count; i++) {
        struct ha_view name = s->names[i].len > 0 ? s->names[i] : HA_VIEW_LIT("(without a name)");
        if (n + name.len + 8 > size) {
            memcpy(to + n, ", ...", 6);
            return;
        }
        if (n > 0) {
            memcpy(to + n, ", ", 2);
            n += 2;
        }
        memcpy(to + n, name.ptr, name.len);
        n += name.len;
        to[n] = '\0';
    }
}

static enum ha_err not_found(const struct search *s, struct ha_problem *p)
{
    char names[300];
    list_names(s, names, sizeof names);
    const char *place = s->f->place;
    if (s->count == 0)
        return ha_problem_set(
            p, HA_ERR_SYNTAX, place,
            "no log_format (nginx) and no LogFormat (Apache) with a string in it; "
            "files that it includes are not read, so name the one that has it");
    if (s->wanted.len > 0)
        return ha_problem_set(p, HA_ERR_SYNTAX, place,
                              "no format is called %.*s; there is %s; files that it includes are "
                              "not read",
                              (int)(s->wanted.len < 60 ? s->wanted.len : 60), s->wanted.ptr, names);
    if (!s->f->is_file)
        return ha_problem_set(p, HA_ERR_SYNTAX, place, "more than one format (%s): give one",
                              names);
    return ha_problem_set(p, HA_ERR_SYNTAX, place,
                          "more than one format is defined; choose with --log-format=@FILE:NAME, "
                          "where NAME is one of %s",
                          names);
}

enum ha_err ha_config_find_format(struct ha_log_format *f, struct ha_view name,
                                  struct ha_problem *p)
{
    struct search s = {.f = f, .wanted = name, .problem = p};
    f->is_nginx = looks_like_nginx(f->source);
    enum ha_err err = f->is_nginx ? search_nginx(&s) : search_apache(&s);
    if (err != HA_OK)
        return err;
    if (!s.found || (name.len == 0 && s.count > 1))
        return not_found(&s, p);
    size_t at = s.found_at;
    if (!f->is_nginx)
        return ha_config_apache_word(f, &at, true, p);
    while (err == HA_OK && at < f->source.len && f->source.ptr[at] != ';') {
        if (is_space(f->source.ptr[at])) {
            at++;
        } else if (f->source.ptr[at] == '#') {
            skip_line(f->source, &at);
        } else if (f->source.ptr[at] == '{' || f->source.ptr[at] == '}') {
            return ha_format_wrong_source(f, at, p, "the ; that ends log_format is missing");
        } else {
            size_t before = at;
            err = f->string.len == 0 ? ha_config_escape(f, &at, p) : HA_OK;
            if (err == HA_OK && at == before)
                err = ha_config_nginx_word(f, &at, true, p);
        }
    }
    if (err == HA_OK && f->is_file && at >= f->source.len)
        return ha_format_wrong_source(f, at, p, "the ; that ends log_format is missing");
    return err;
}

/* ---- variables of the configuration ---- */

static bool names_variable(struct ha_view word, struct ha_view name)
{
    const char *at = memmem(word.ptr, word.len, name.ptr, name.len);
    while (at != NULL) {
        size_t from = (size_t)(at - word.ptr), behind = from + name.len;
        char before = from > 0 ? at[-1] : '\0', after = behind < word.len ? word.ptr[behind] : '\0';
        bool longer = ha_is_letter(after) || ha_is_digit(after) || after == '_';
        /* $name, ${name}, and what a regular expression calls (?<name>...) or (?'name'...). */
        if (!longer && (before == '$' || before == '{' || before == '<' || before == '\''))
            return true;
        at = memmem(word.ptr + behind, word.len - behind, name.ptr, name.len);
    }
    return false;
}

bool ha_config_mentions(struct ha_view text, struct ha_view name)
{
    struct ha_log_format f = {.source = text, .place = ""};
    size_t at = 0;
    while (next_nginx_directive(text, &at)) {
        size_t start = at;
        if (ha_config_nginx_word(&f, &at, false, NULL) != HA_OK)
            return true; /* what cannot be read cannot rule it out */
        struct ha_view key = {text.ptr + start, at - start};
        if (ha_view_is(key, "include"))
            return true;
        if (ends_in(key, "_by_lua_block"))
            skip_code(text, &at);
        if (skip_arguments(&f, &at, NULL) != HA_OK)
            return true;
        struct ha_view whole = {text.ptr + start, at - start};
        if (!ha_view_is(key, "log_format") && names_variable(whole, name))
            return true;
    }
    return false;
}
