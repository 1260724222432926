/* mutated_lines_test.c - every pattern's own lines, cut at every byte, with a quote or a blank too
 * few or too many: what is still read never has another status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "matcher_fixture.h"
#include "parse/builtin.h"
#include "parse/pattern_file.h"

enum { LINE_MOST = 8192 };

static size_t made, read_on;

/* head, put, and the line from `at` on. */
static void try_line(struct fixture *f, struct ha_view line, int status, size_t head,
                     const char *put, size_t at)
{
    static char text[LINE_MOST];
    int n = snprintf(text, sizeof text, "%.*s%s%.*s", (int)head, line.ptr, put,
                     (int)(line.len - at), line.ptr + at);
    assert_in_range(n, 0, LINE_MOST - 1);
    struct ha_record r = match(f, (struct ha_view){text, (size_t)n});
    made++;
    if (r.verdict != HA_MATCHED && r.verdict != HA_SALVAGED)
        return;
    read_on++;
    if (r.status != status && r.status != HA_NO_STATUS)
        fail_msg("%d for %d: %s", r.status, status, text);
}

static void mutate(struct fixture *f, struct ha_view line, int status)
{
    for (size_t i = 1; i < line.len; i++) {
        try_line(f, line, status, i, "", line.len);
        try_line(f, line, status, 0, "", i);
    }
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] != '"' && line.ptr[i] != ' ')
            continue;
        try_line(f, line, status, i, "", i + 1);
        try_line(f, line, status, i, "\"", i);
    }
}

static void no_mutation_gives_another_status(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ha_builtin_pattern_count; i++) {
        struct ha_pattern_file file;
        struct ha_problem p;
        struct ha_view text = {ha_builtin_patterns[i].text, ha_builtin_patterns[i].len};
        assert_int_equal(ha_pattern_file_read(text, "", &file, &p), HA_OK);
        bool columns = file.keys != NULL && file.keys->columns; /* their columns have no other mark
                                                                 * than their place */
        for (size_t c = 0; c < file.case_count && !columns; c++) {
            struct ha_record r = match(f, file.cases[c].text);
            if (!file.cases[c].reject && r.status != HA_NO_STATUS)
                mutate(f, file.cases[c].text, r.status);
        }
        ha_pattern_file_free(&file);
    }
    print_message("%zu lines, %zu of them read\n", made, read_on);
    assert_true(made > 50000 && read_on > made / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_mutation_gives_another_status)};
    return cmocka_run_group_tests(tests, start, stop);
}
