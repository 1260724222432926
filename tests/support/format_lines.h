/* format_lines.h - lines read by a server's format string, for tests. */
#ifndef HTTPANNOTATE_TEST_FORMAT_LINES_H
#define HTTPANNOTATE_TEST_FORMAT_LINES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "httpannotate/pattern.h"

static const char *const field_names[] = {
#define HA_FIELD(id, name, kind, meaning) name,
#include "httpannotate/tbl/fields.def"
#undef HA_FIELD
};

static inline struct ha_patterns *set_of(const char *string, struct ha_problem *p)
{
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_patterns *set = NULL;
    assert_int_equal(ha_patterns_empty(&limits, &set), HA_OK);
    enum ha_err err = ha_patterns_add_log_format(set, string, p);
    if (err != HA_OK)
        ha_patterns_free(&set);
    assert_true((err == HA_OK) == (set != NULL));
    return set;
}

/* A field of a record as the tests write it; "-" where it is absent. */
static inline void put_field(const struct ha_record *r, const char *name, size_t len, char *to,
                             size_t size)
{
    struct ha_view field = {name, len};
    snprintf(to, size, "-");
    if (ha_view_is(field, "status") && r->status >= 0) {
        snprintf(to, size, "%d", r->status);
    } else if (ha_view_is(field, "bytes") && r->has_bytes) {
        snprintf(to, size, "%llu", (unsigned long long)r->body_bytes);
    } else if (ha_view_is(field, "us") && r->has_duration) {
        snprintf(to, size, "%llu", (unsigned long long)r->duration_us);
    } else if (ha_view_is(field, "time") && r->has_time) {
        ha_time_text(r->time_us, r->offset_min, to);
    } else if (ha_view_is(field, "clients")) {
        snprintf(to, size, "%.*s", (int)r->clients.len, r->clients.len > 0 ? r->clients.ptr : "");
    }
    for (size_t i = 0; i < HA_COUNT(field_names); i++)
        if (ha_view_is(field, field_names[i]) && ha_has(r, (enum ha_field)i))
            snprintf(to, size, "%.*s", (int)r->field[i].len,
                     r->field[i].len > 0 ? r->field[i].ptr : "");
}

/* want: "name=value" one a line; NULL when the line must not match. */
static inline void check_line(struct ha_patterns *set, const char *string, const char *line,
                              const char *want)
{
    struct ha_matcher *m = NULL;
    assert_int_equal(ha_matcher_new(set, &m), HA_OK);
    struct ha_record r = {.line = ha_view_of(line)};
    ha_match(m, &r);
    if ((r.verdict == HA_MATCHED) != (want != NULL))
        fail_msg("%s\n%s: %s", string, line, want != NULL ? "does not match" : "matches");
    while (want != NULL && *want != '\0') {
        size_t len = strcspn(want, "\n"), name = strcspn(want, "=");
        char got[300];
        put_field(&r, want, name, got, sizeof got);
        if (strlen(got) != len - name - 1 || memcmp(got, want + name + 1, len - name - 1) != 0)
            fail_msg("%s\n%s: wanted %.*s, got %s", string, line, (int)len, want, got);
        want += len + (want[len] == '\n');
    }
    ha_matcher_free(&m);
}

struct reading {
    const char *string, *line, *want;
};

static inline void check_readings(const struct reading *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ha_problem p;
        struct ha_patterns *set = set_of(cases[i].string, &p);
        if (set == NULL)
            fail_msg("%s: column %zu: %s", cases[i].string, p.column, p.cause);
        check_line(set, cases[i].string, cases[i].line, cases[i].want);
        ha_patterns_free(&set);
    }
}

#endif
