/* check.c - a pattern's own lines, run. */
#include <stdio.h>
#include <string.h>

#include "parse/builtin.h"
#include "parse/pattern.h"

/* What a record has for a field, as an expectation writes it. False when there is no such field. */
static bool actual(const struct ha_record *r, struct ha_view field, char *to, size_t size,
                   struct ha_view *out)
{
    int n = 0;
    if (ha_view_is(field, "status")) {
        n = r->status == HA_NO_STATUS ? 0 : snprintf(to, size, "%03d", r->status);
    } else if (ha_view_is(field, "bytes")) {
        n = !r->has_bytes ? 0 : snprintf(to, size, "%llu", (unsigned long long)r->body_bytes);
    } else if (ha_view_is(field, "duration_us")) {
        n = !r->has_duration ? 0 : snprintf(to, size, "%llu", (unsigned long long)r->duration_us);
    } else if (ha_view_is(field, "time")) {
        n = !r->has_time ? 0 : (int)ha_time_text(r->time_us, r->offset_min, to);
    } else {
        enum ha_field found;
        enum ha_field_kind kind;
        if (!ha_field_find(field, &found, &kind))
            return false;
        *out = ha_get(r, found);
        return true;
    }
    *out = (struct ha_view){to, (size_t)n};
    return true;
}

/* "expect user" (nothing) holds for an absent field and for "-"; a size of - is 0. */
static bool as_expected(struct ha_view want, struct ha_view got, struct ha_view field)
{
    if (ha_view_eq(want, got))
        return true;
    if (want.len == 0)
        return ha_view_is(got, "-");
    return ha_view_is(field, "bytes") && ha_view_is(want, "-") && ha_view_is(got, "0");
}

struct checking {
    const char *place;
    struct ha_buf *report;
    struct ha_problem *problem;
    enum ha_err err;
};

static void fail(struct checking *c, size_t line, const char *cause)
{
    ha_buf_printf(c->report, "%s:%zu: %s\n", c->place, line, cause);
    if (c->err != HA_OK)
        return;
    c->err = ha_problem_set(c->problem, HA_ERR_SYNTAX, c->place, "%s", cause);
    ha_problem_at(c->problem, line, 0);
}

static void check_case(struct checking *c, const struct ha_pattern_file *f,
                       const struct ha_pattern_case *one, struct ha_matcher *m)
{
    struct ha_record r = {.line = one->text};
    ha_match(m, &r);
    bool matched = r.verdict == HA_MATCHED || r.verdict == HA_SALVAGED;
    if (r.verdict == HA_DIRECTIVE && f->keys != NULL && f->keys->columns)
        matched = true; /* it leads the lines below it */
    if (matched == one->reject) {
        fail(c, one->line,
             one->reject ? "matched a line it must reject" : "does not match this line");
        return;
    }
    for (size_t i = 0; matched && i < one->expect_count; i++) {
        const struct ha_pattern_expect *e = &f->expects[one->expect + i];
        char space[HA_TIME_TEXT], cause[256];
        struct ha_view got = {NULL, 0};
        if (!actual(&r, e->field, space, sizeof space, &got)) {
            fail(c, e->line, "no field has this name");
        } else if (!as_expected(e->value, got, e->field)) {
            snprintf(cause, sizeof cause, "%.*s is \"%.*s\", not \"%.*s\"", (int)e->field.len,
                     e->field.ptr, (int)(got.len < 80 ? got.len : 80), got.len > 0 ? got.ptr : "",
                     (int)(e->value.len < 80 ? e->value.len : 80), e->value.ptr);
            fail(c, e->line, cause);
        }
    }
}

/* A file that unwraps lines is checked with the patterns that read them. */
static bool has_inner(const struct ha_pattern_file *f)
{
    return f->keys != NULL && f->keys->inner_count > 0;
}

static enum ha_err add_all(struct ha_patterns *set, struct ha_problem *p)
{
    enum ha_err err = HA_OK;
    for (size_t i = 0; i < ha_builtin_pattern_count && err == HA_OK; i++)
        err = ha_patterns_add(set, ha_builtin_patterns[i].name, p);
    return err;
}

enum ha_err ha_pattern_check(const char *name, const struct ha_limits *limits,
                             struct ha_buf *report, struct ha_problem *p)
{
    struct ha_patterns *set = NULL;
    struct ha_matcher *m = NULL;
    enum ha_err err = ha_patterns_empty(limits, &set);
    if (err != HA_OK)
        return ha_problem_set(p, err, name, "out of memory");
    err = ha_patterns_add(set, name, p);
    if (err == HA_OK && ha_pattern_compiled(set, 0, p) == NULL)
        err = p != NULL ? p->err : HA_ERR_SYNTAX;
    if (err == HA_OK && has_inner(&set->list[0].file))
        err = add_all(set, p);
    if (err == HA_OK && ha_matcher_new(set, &m) != HA_OK)
        err = ha_problem_set(p, HA_ERR_MEMORY, name, "out of memory");
    if (err == HA_OK) {
        const struct ha_pattern_file *f = &set->list[0].file;
        struct checking c = {set->list[0].place, report, p, HA_OK};
        for (size_t i = 0; i < f->case_count; i++)
            check_case(&c, f, &f->cases[i], m);
        if (f->case_count == 0)
            fail(&c, 1, "the file gives no line to \"match\"");
        if (c.err == HA_OK)
            ha_buf_printf(report, "%s: all %zu lines as they should be%s\n", c.place, f->case_count,
                          ha_pattern_has_status(set, 0)
                              ? ""
                              : "; they have no status, and none will count as an error");
        err = c.err;
    }
    ha_matcher_free(&m);
    ha_patterns_free(&set);
    return err;
}
