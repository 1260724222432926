/* pattern_file.c - the text of a pattern file, read into its parts. */
#include "parse/pattern_file.h"

#include <string.h>

#include "parse/timefmt.h"

struct reader {
    struct ha_pattern_file *file;
    const char *place;
    struct ha_problem *problem;
    size_t line;
    bool in_regex; /* an indented line goes on with the expression */
};

static enum ha_err wrong(struct reader *r, size_t column, const char *cause)
{
    enum ha_err err = ha_problem_set(r->problem, HA_ERR_SYNTAX, r->place, "%s", cause);
    ha_problem_at(r->problem, r->line, column);
    return err;
}

static enum ha_err no_memory(struct reader *r)
{
    return ha_problem_set(r->problem, HA_ERR_MEMORY, r->place, "out of memory");
}

static enum ha_err set_text(struct reader *r, char **to, struct ha_view value)
{
    if (*to != NULL)
        return wrong(r, 1, "given twice");
    *to = ha_strdup_view(value);
    return *to == NULL ? no_memory(r) : HA_OK;
}

static enum ha_err add_time(struct reader *r, struct ha_view value, size_t column)
{
    size_t at = 0;
    const char *cause = ha_timefmt_check(value, &at);
    if (cause != NULL)
        return wrong(r, column + at - 1, cause);
    if (r->file->time_count == HA_PATTERN_TIMES)
        return wrong(r, 1, "too many time formats; at most 24 are taken");
    if (r->file->time_count == 0)
        r->file->clf_time = ha_view_is(value, HA_CLF_FORMAT);
    r->file->times[r->file->time_count++] = value;
    return HA_OK;
}

/* "time common": the common log format's own time, then what servers and their administrators put
 * between its brackets instead. */
static enum ha_err add_common_times(struct reader *r)
{
    static const char *const formats[] = {
        HA_CLF_FORMAT,          "%d/%b/%Y:%H:%M:%S%f %z",  "%d/%b/%Y:%H:%M:%S%f",
        "%d/%b/%Y %H:%M:%S%f",  "%Y-%m-%dT%H:%M:%S%f%z",   "%Y-%m-%dT%H:%M:%S%f",
        "%Y-%m-%d %H:%M:%S%f",  "%Y-%m-%d %H:%M:%S%f %z",  "%d/%b/%Y:%H:%M:%S %Z",
        "%Y/%m/%d:%H:%M:%S %z", "%Y/%m/%d %H:%M:%S%f",     "%A, %d %b %Y %H:%M:%S GMT",
        "%A %b %e %H:%M:%S %Y", "%m/%d/%Y:%H:%M:%S -0000", /* cPanel */
        "%d/%b/%Y:%H:%M:%S%z",  "%d-%b-%Y %H:%M:%S%f",     "%d %b %Y %H:%M:%S %z",
        "%d/%m/%Y:%H:%M:%S %z", /* Proxmox */
    };
    enum ha_err err = HA_OK;
    for (size_t i = 0; err == HA_OK && i < HA_COUNT(formats); i++)
        err = add_time(r, ha_view_of(formats[i]), 1);
    return err;
}

static enum ha_err set_word(struct reader *r, const char *key, struct ha_view value, size_t column)
{
    struct ha_pattern_file *f = r->file;
    static const struct {
        const char *word;
        uint64_t ns;
    } units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    static const char *const kinds[] = {"unknown", "body", "wire", "length-field"};
    if (strcmp(key, "duration") == 0) {
        for (size_t i = 0; i < HA_COUNT(units); i++)
            if (ha_view_is(value, units[i].word))
                return f->duration_ns = units[i].ns, HA_OK;
        return wrong(r, column, "a duration's unit is one of ns, us, ms, s");
    }
    if (strcmp(key, "bytes") == 0) {
        for (size_t i = 0; i < HA_COUNT(kinds); i++)
            if (ha_view_is(value, kinds[i]))
                return f->bytes_kind = (enum ha_bytes_kind)i, HA_OK;
        return wrong(r, column, "bytes count one of body, wire, length-field, unknown");
    }
    static const char *const tiers[] = {"line", "first", "salvage"};
    for (size_t i = 0; i < HA_COUNT(tiers); i++)
        if (ha_view_is(value, tiers[i]))
            return f->tier = (enum ha_tier)i, HA_OK;
    return wrong(r, column, "a tier is one of line, first, salvage");
}

static enum ha_err add_case(struct reader *r, struct ha_view value, bool reject)
{
    struct ha_pattern_file *f = r->file;
    if (f->case_count == HA_PATTERN_CASES)
        return wrong(r, 1, "too many lines to match and reject; at most 64 are taken");
    void *cases = ha_one_more(f->cases, f->case_count, sizeof *f->cases);
    if (cases == NULL)
        return no_memory(r);
    f->cases = cases;
    f->cases[f->case_count++] = (struct ha_pattern_case){
        .text = value, .line = r->line, .reject = reject, .expect = f->expect_count};
    return HA_OK;
}

static enum ha_err add_expect(struct reader *r, struct ha_view value, size_t column)
{
    struct ha_pattern_file *f = r->file;
    if (f->case_count == 0 || f->cases[f->case_count - 1].reject)
        return wrong(r, 1, "\"expect\" must follow a \"match\" line");
    if (f->expect_count == HA_PATTERN_EXPECTS)
        return wrong(r, 1, "too many expectations; at most 512 are taken");
    const char *blank = memchr(value.ptr, ' ', value.len);
    size_t len = blank == NULL ? value.len : (size_t)(blank - value.ptr);
    if (len == 0)
        return wrong(r, column, "\"expect\" wants a field and its value");
    void *expects = ha_one_more(f->expects, f->expect_count, sizeof *f->expects);
    if (expects == NULL)
        return no_memory(r);
    f->expects = expects;
    f->expects[f->expect_count++] = (struct ha_pattern_expect){
        .field = {value.ptr, len},
        .value = {value.ptr + len + (blank != NULL), value.len - len - (blank != NULL)},
        .line = r->line};
    f->cases[f->case_count - 1].expect_count++;
    return HA_OK;
}

static enum ha_err add_regex(struct reader *r, struct ha_view value, size_t column)
{
    r->in_regex = true;
    struct ha_origin where = {(uint32_t)r->line, (uint32_t)column};
    return ha_expand_pieces(value, where, r->place, &r->file->regex, &r->file->origins, r->problem);
}

static enum ha_err add_keys(struct reader *r, struct ha_view word, struct ha_view value,
                            size_t column)
{
    size_t at = 0;
    enum ha_err err = HA_OK;
    const char *cause = ha_keys_line(&r->file->keys, word, value, &at, &err);
    if (cause == NULL)
        return HA_OK;
    return err == HA_ERR_MEMORY ? no_memory(r) : wrong(r, column + at - 1, cause);
}

static bool is_keys_word(struct ha_view word)
{
    return ha_view_is(word, "key") || ha_view_is(word, "need") || ha_view_is(word, "inner") ||
           ha_view_is(word, "reads");
}

static enum ha_err read_key(struct reader *r, struct ha_view key, struct ha_view value,
                            size_t column)
{
    r->in_regex = false;
    if (ha_view_is(key, "name"))
        return set_text(r, &r->file->name, value);
    if (ha_view_is(key, "summary"))
        return set_text(r, &r->file->summary, value);
    if (ha_view_is(key, "time"))
        return ha_view_is(value, "common") ? add_common_times(r) : add_time(r, value, column);
    if (ha_view_is(key, "duration"))
        return set_word(r, "duration", value, column);
    if (ha_view_is(key, "bytes"))
        return set_word(r, "bytes", value, column);
    if (ha_view_is(key, "tier"))
        return set_word(r, "tier", value, column);
    if (ha_view_is(key, "regex"))
        return r->file->regex.len > 0 ? wrong(r, 1, "given twice") : add_regex(r, value, column);
    if (ha_view_is(key, "match"))
        return add_case(r, value, false);
    if (ha_view_is(key, "reject"))
        return add_case(r, value, true);
    if (ha_view_is(key, "expect"))
        return add_expect(r, value, column);
    if (is_keys_word(key))
        return add_keys(r, key, value, column);
    return wrong(r, 1,
                 "a line begins with one of name, summary, tier, time, duration, bytes, regex, "
                 "reads, need, key, inner, match, expect, reject, or #");
}

static enum ha_err read_line(struct reader *r, struct ha_view line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    size_t indent = 0;
    while (indent < line.len && (line.ptr[indent] == ' ' || line.ptr[indent] == '\t'))
        indent++;
    struct ha_view rest = {line.ptr + indent, line.len - indent};
    if (rest.len == 0)
        return HA_OK;
    if (indent > 0 && r->in_regex)
        return add_regex(r, rest, indent + 1);
    if (rest.ptr[0] == '#')
        return HA_OK;
    if (indent > 0)
        return wrong(r, 1, "only lines that go on with \"regex\" are indented");
    const char *blank = memchr(line.ptr, ' ', line.len);
    size_t len = blank == NULL ? line.len : (size_t)(blank - line.ptr);
    struct ha_view value = {line.ptr + len, line.len - len};
    if (blank != NULL)
        value = (struct ha_view){value.ptr + 1, value.len - 1};
    return read_key(r, (struct ha_view){line.ptr, len}, value, len + 2);
}

enum ha_err ha_pattern_file_read(struct ha_view text, const char *place,
                                 struct ha_pattern_file *out, struct ha_problem *p)
{
    *out = (struct ha_pattern_file){.duration_ns = 1000};
    struct reader r = {.file = out, .place = place, .problem = p};
    while (text.len > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);
        r.line++;
        enum ha_err err = read_line(&r, (struct ha_view){text.ptr, len});
        if (err != HA_OK)
            return err;
        len += end != NULL;
        text = (struct ha_view){text.ptr + len, text.len - len};
    }
    if (out->name == NULL)
        return wrong(&r, 1, "the file gives no \"name\"");
    if (out->regex.len == 0 && out->keys == NULL)
        return wrong(&r, 1, "the file gives no \"regex\"");
    if (out->regex.len > 0 && out->keys != NULL)
        return wrong(&r, 1, "a format is read by its \"regex\" or by \"key\" lines, not by both");
    return HA_OK;
}

void ha_pattern_file_free(struct ha_pattern_file *f)
{
    ha_keys_free(&f->keys);
    ha_free(f->name);
    ha_free(f->summary);
    ha_free(f->cases);
    ha_free(f->expects);
    ha_buf_free(&f->regex);
    ha_buf_free(&f->origins);
    *f = (struct ha_pattern_file){0};
}
