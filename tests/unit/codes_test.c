/* --codes=FILE: rows over the tables, and exact complaints. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpannotate/facts.h"

static char path[] = "codes_test-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    return close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_file(const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ha_write_all(fd, bytes, len), 0);
    assert_int_equal(close(fd), 0);
}

static struct ha_facts *load_text(const char *text)
{
    struct ha_facts *facts = NULL;
    struct ha_problem p = {0};
    write_file(text, strlen(text));
    if (ha_facts_load(path, &facts, &p) != HA_OK)
        fail_msg("%s:%zu:%zu: %s", p.place, p.line, p.column, p.cause);
    return facts;
}

static void rows_add_and_override(void **state)
{
    (void)state;
    struct ha_facts *facts =
        load_text("\xEF\xBB\xBF"
                  "code\tphrase\tmeaning\thint\r\n"
                  "# our own\r\n"
                  "\r\n"
                  "  # indented\n"
                  "477\tQuota Spent\tThe plan's quota is used up.\tSell more.\n"
                  "478\tOnly Named\n"
                  "429\tSlow Down\n"
                  "503\tResting #1\tIt rests.\t\r\n"
                  "7\tSeven\n"
                  "999\tLast\tNo end of line.");
    const struct ha_status_fact *s = ha_facts_status(facts, 477);
    assert_true(s->listed);
    assert_false(s->registered);
    assert_string_equal(s->phrase, "Quota Spent");
    assert_string_equal(s->meaning, "The plan's quota is used up.");
    assert_string_equal(s->hint, "Sell more.");
    assert_string_equal(s->class_name, "4xx client error");
    assert_string_equal(s->registry, "codes file");
    assert_string_equal(s->source, path);
    s = ha_facts_status(facts, 478);
    assert_non_null(strstr(s->meaning, "like 400"));
    assert_string_equal(s->hint, "");
    s = ha_facts_status(facts, 429);
    assert_string_equal(s->phrase, "Slow Down");
    assert_string_equal(s->meaning, "The client exceeded its request quota for the period.");
    assert_true(s->registered);
    assert_string_equal(s->source, "RFC 6585 section 4");
    s = ha_facts_status(facts, 503);
    assert_string_equal(s->phrase, "Resting #1");
    assert_string_equal(s->meaning, "It rests.");
    assert_non_null(strstr(s->hint, "limit_req"));
    assert_string_equal(ha_facts_status(facts, 7)->phrase, "Seven");
    assert_string_equal(ha_facts_status(facts, 999)->meaning, "No end of line.");
    assert_string_equal(ha_facts_status(facts, 404)->phrase, "Not Found");
    size_t count = 0;
    const struct ha_status_fact *const *all = ha_facts_statuses(facts, &count);
    assert_int_equal(count, 104 + 3);
    for (size_t i = 1; i < count; i++)
        assert_true(all[i - 1]->code < all[i]->code);
    ha_facts_free(&facts);
}

static void an_empty_file_changes_nothing(void **state)
{
    (void)state;
    struct ha_facts *facts = load_text("");
    size_t count = 0;
    (void)ha_facts_statuses(facts, &count);
    assert_int_equal(count, 104);
    ha_facts_free(&facts);
    facts = load_text("\n\n# nothing\n \t\n");
    ha_facts_free(&facts);
}

static void complaints_name_line_and_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t line, column;
        const char *cause;
    } cases[] = {
        {"477\tA\nabc\tB\n", 2, 1, "not a status code"},
        {"1000\tA\n", 1, 1, "not a status code"},
        {"-1\tA\n", 1, 1, "not a status code"},
        {"4 7\tA\n", 1, 1, "not a status code"},
        {"\tA\n", 1, 1, "not a status code"},
        {"477\n", 1, 4, "no phrase"},
        {"477\t\tmeaning\n", 1, 5, "no phrase"},
        {"477\tA\tB\tC\tD\n", 1, 11, "a fifth column"},
        {"#\n477\tA\x1b[31m\n", 2, 6, "a control character"},
        {"477\tA\rB\n", 1, 6, "a control character"},
        {"477\tA\n\n477\tB\n", 3, 1, "477 stands twice, first on line 1"},
        {"5\tA\n005\tB\n", 2, 1, "005 stands twice, first on line 1"},
        {"477\tA\ncode\tphrase\n", 2, 1, "not a status code"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_facts *facts = NULL;
        struct ha_problem p = {0};
        write_file(cases[i].text, strlen(cases[i].text));
        assert_int_equal(ha_facts_load(path, &facts, &p), HA_ERR_SYNTAX);
        assert_null(facts);
        assert_int_equal(p.err, HA_ERR_SYNTAX);
        assert_string_equal(p.place, path);
        assert_int_equal(p.line, cases[i].line);
        assert_int_equal(p.column, cases[i].column);
        assert_memory_equal(p.cause, cases[i].cause, strlen(cases[i].cause));
    }
}

static void a_nul_is_a_control_character(void **state)
{
    (void)state;
    struct ha_facts *facts = NULL;
    struct ha_problem p = {0};
    write_file("477\tA\0B\n", 8);
    assert_int_equal(ha_facts_load(path, &facts, &p), HA_ERR_SYNTAX);
    assert_int_equal(p.column, 6);
}

static void long_texts_and_files_are_refused(void **state)
{
    (void)state;
    size_t size = (1u << 20) + 100;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '#', size);
    struct ha_facts *facts = NULL;
    struct ha_problem p = {0};
    write_file(text, size);
    assert_int_equal(ha_facts_load(path, &facts, &p), HA_ERR_LIMIT);
    memset(text, 'a', size);
    memcpy(text, "477\t", 4);
    write_file(text, 4 + 1000);
    assert_int_equal(ha_facts_load(path, &facts, &p), HA_OK);
    ha_facts_free(&facts);
    write_file(text, 4 + 1001);
    assert_int_equal(ha_facts_load(path, &facts, &p), HA_ERR_SYNTAX);
    assert_int_equal(p.column, 4 + 1001);
    free(text);
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    struct ha_facts *facts = NULL;
    struct ha_problem p = {0};
    assert_int_equal(ha_facts_load("/nonexistent/codes", &facts, &p), HA_ERR_IO);
    assert_int_equal(p.os_error, ENOENT);
    assert_string_equal(p.place, "/nonexistent/codes");
    assert_int_equal(ha_facts_load("/", &facts, &p), HA_ERR_IO);
    assert_int_equal(p.os_error, EISDIR);
    write_file("477\tA\n", 6);
    ha_read_fault((struct ha_fault){.at = 2, .os_error = EIO});
    assert_int_equal(ha_facts_load(path, &facts, &p), HA_ERR_IO);
    assert_int_equal(p.os_error, EIO);
    ha_read_fault((struct ha_fault){.at = 1, .os_error = EINTR});
    assert_int_equal(ha_facts_load(path, &facts, &p), HA_OK);
    ha_read_fault((struct ha_fault){0});
    ha_facts_free(&facts);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    write_file("477\tA\n", 6);
    for (uint64_t n = 1;; n++) {
        struct ha_facts *facts = NULL;
        struct ha_problem p = {0};
        (void)ha_alloc_fail_at(n);
        enum ha_err err = ha_facts_load(path, &facts, &p);
        uint64_t made = ha_alloc_fail_at(0);
        if (err == HA_OK) {
            assert_true(made < n);
            assert_true(n > 3);
            ha_facts_free(&facts);
            break;
        }
        assert_int_equal(err, HA_ERR_MEMORY);
        assert_int_equal(p.err, HA_ERR_MEMORY);
        assert_null(facts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_add_and_override),
        cmocka_unit_test(an_empty_file_changes_nothing),
        cmocka_unit_test(complaints_name_line_and_column),
        cmocka_unit_test(a_nul_is_a_control_character),
        cmocka_unit_test(long_texts_and_files_are_refused),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
