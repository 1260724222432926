/* run_faults_test.c - whole runs in which one allocation, read or write fails, each in turn.
 *
 * The run ends with status 2 and a message, and leaks nothing (the sanitizer build watches). A
 * failure that the program can do without, as that of PCRE2's JIT, may change nothing at all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "httpannotate/options.h"
#include "modes.h"

#define SAMPLE HA_SOURCE_DIR "/samples/mixed.log"
#define REPORT "run_faults_report.json"
#define PARTS  "run_faults_parts"

enum { MOST_FAULTS = 20000, MOST_ARGS = 20 };

/* Standard output and error while the program runs; kept apart from the test's own. */
struct outcome {
    int status;
    char said[1 << 16];    /* what standard error received, NUL-terminated */
    char wrote[1 << 18];   /* the same of standard output */
};

static int program(int argc, char **argv)
{
    struct ha_options options;
    struct ha_problem problem;
    int status = HA_EXIT_TROUBLE;
    if (ha_options_parse(argc, argv, &options, &problem) != HA_OK)
        ha_say_problem(&problem);
    else if (options.mode == HA_MODE_RUN)
        status = ha_run(&options.config);
    else if (options.mode == HA_MODE_MERGE)
        status = ha_merge(&options.config);
    else if (options.mode == HA_MODE_EXPLAIN)
        status = ha_mode_explain(&options);
    else if (options.mode == HA_MODE_TEXT)
        status = ha_mode_text(&options);
    else if (options.mode == HA_MODE_LIST_PATTERNS)
        status = ha_mode_list_patterns(&options);
    else
        status = ha_mode_check_pattern(&options);
    ha_options_free(&options);
    return status;
}

static int redirect(int fd, int to)
{
    int kept = dup(fd);
    assert_true(kept >= 0);
    assert_int_equal(dup2(to, fd), fd);
    return kept;
}

static void restore(int fd, int kept)
{
    assert_int_equal(dup2(kept, fd), fd);
    close(kept);
}

static void read_back(int fd, char *to, size_t size)
{
    ssize_t n = pread(fd, to, size - 1, 0);
    assert_true(n >= 0 && (size_t)n < size - 1);
    to[n] = '\0';
    close(fd);
}

/* Runs the program on a NULL-terminated argv with both outputs caught. */
static void run(const char *const *args, struct outcome *o)
{
    char *argv[MOST_ARGS];
    int argc = 0;
    for (; args[argc] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)args[argc];
    argv[argc] = NULL;
    int wrote = memfd_create("wrote", 0), said = memfd_create("said", 0);
    assert_true(wrote >= 0 && said >= 0);
    int out = redirect(STDOUT_FILENO, wrote), err = redirect(STDERR_FILENO, said);
    o->status = program(argc, argv);
    restore(STDOUT_FILENO, out);
    restore(STDERR_FILENO, err);
    read_back(wrote, o->wrote, sizeof o->wrote);
    read_back(said, o->said, sizeof o->said);
}

/* The message that was said, behind or before a report; "" when there was none. */
static const char *message_of(const struct outcome *o)
{
    const char *message = strstr(o->said, "httpannotate: ");
    return message != NULL ? message : "";
}

static void expect_trouble(const struct outcome *o, const char *words, const char *what, uint64_t n)
{
    const char *message = message_of(o);
    if (o->status == HA_EXIT_TROUBLE && strstr(message, words) != NULL)
        return;
    fail_msg("%s %ju failing: status %d, said \"%s\"", what, (uintmax_t)n, o->status, message);
}

#define RUN "httpannotate", "--no-config", "--threads=1"

static const char *const annotate[] = {RUN,   "--color=always",
                                       "-t",  "^/",
                                       "-M",  "GET,POST,HEAD",
                                       "-c",  "192.0.2.0/24,203.0.113.0/24,2001:db8::/32",
                                       "-o",  "text",
                                       "-o",  "json:" REPORT,
                                       SAMPLE, NULL};
static const char *const report[] = {
    RUN,    "-r", "-o", "json", "-p", "common", "-p", "combined", "--fail-if=5xx>99%", "-e",
    SAMPLE, NULL};
static const char *const json_lines[] = {RUN, "-l", "json", "--no-report", "--query", SAMPLE, NULL};
static const char *const partial[] = {RUN, "-r", "-o", "partial:" PARTS, SAMPLE, NULL};
static const char *const merge[] = {RUN,  "-m", "-o", "json", "-o", "partial", "--fail-if=5xx>99%",
                                    PARTS, PARTS, NULL};
static const char *const compare[] = {RUN,    "-r",     "-o",  "text", "-o",
                                      "json", "--diff", PARTS, SAMPLE, NULL};
static const char *const explain[] = {RUN, "-x", "429", "5xx", "too many", "DELETE", NULL};
static const char *const explain_all[] = {RUN, "-x", "-o", "json", NULL};
static const char *const list[] = {RUN, "--list-patterns", NULL};
static const char *const check[] = {RUN, "--check-pattern=combined", NULL};
static const char *const manual[] = {RUN, "--generate=man", NULL};
static const char *const help[] = {RUN, "--help", NULL};
static const char *const *const lines_of_command[] = {annotate, report,  json_lines, partial,
                                                      merge,    compare, explain,    explain_all,
                                                      list,     check,   manual,     help};

static bool same(const struct outcome *a, const struct outcome *b)
{
    return a->status == b->status && strcmp(a->said, b->said) == 0 &&
           strcmp(a->wrote, b->wrote) == 0;
}

static struct outcome whole, one;

static void every_allocation_fails_in_turn(void **state)
{
    (void)state;
    for (size_t i = 0; i < HA_COUNT(lines_of_command); i++) {
        ha_alloc_fail_at(0);
        run(lines_of_command[i], &whole);
        uint64_t count = ha_alloc_fail_at(0), troubled = 0;
        assert_int_equal(whole.status, HA_EXIT_OK);
        assert_true(count > 0 && count < MOST_FAULTS);
        for (uint64_t n = 1; n <= count; n++) {
            ha_alloc_fail_at(n);
            run(lines_of_command[i], &one);
            ha_alloc_fail_at(0);
            if (same(&one, &whole))
                continue;
            expect_trouble(&one, "memory", lines_of_command[i][3], n);
            troubled++;
        }
        assert_true(troubled > count / 2);
    }
}

/* Runs with the n-th call failing, n from 1, until a run does not get that far; how many did. */
static uint64_t each_call_fails(const char *const *args, void (*arm)(struct ha_fault), int os_error,
                                const char *what)
{
    for (uint64_t n = 1; n < MOST_FAULTS; n++) {
        arm((struct ha_fault){.at = n, .os_error = os_error});
        run(args, &one);
        arm((struct ha_fault){0});
        if (one.status == HA_EXIT_OK && message_of(&one)[0] == '\0')
            return n - 1;
        expect_trouble(&one, strerror(os_error), what, n);
    }
    return MOST_FAULTS;
}

static void every_read_fails_in_turn(void **state)
{
    (void)state;
    assert_true(each_call_fails(annotate, ha_read_fault, EIO, "read") >= 2);
    assert_true(each_call_fails(report, ha_read_fault, EISDIR, "read") >= 2);
    assert_true(each_call_fails(merge, ha_read_fault, EIO, "read") >= 4);
    assert_true(each_call_fails(compare, ha_read_fault, EIO, "read") >= 4);
}

static void every_write_fails_in_turn(void **state)
{
    (void)state;
    assert_true(each_call_fails(annotate, ha_write_fault, ENOSPC, "write") >= 3);
    assert_true(each_call_fails(report, ha_write_fault, EIO, "write") >= 1);
    assert_true(each_call_fails(json_lines, ha_write_fault, ENOSPC, "write") >= 1);
    assert_true(each_call_fails(partial, ha_write_fault, ENOSPC, "write") >= 1);
    assert_true(each_call_fails(merge, ha_write_fault, ENOSPC, "write") >= 2);
    assert_true(each_call_fails(explain, ha_write_fault, ENOSPC, "write") >= 1);
    assert_true(each_call_fails(list, ha_write_fault, ENOSPC, "write") >= 1);
    assert_true(each_call_fails(manual, ha_write_fault, ENOSPC, "write") >= 1);
}

static void a_failed_report_leaves_the_old_file(void **state)
{
    (void)state;
    unlink(REPORT);
    int fd = open(REPORT, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "old", 3), 3);
    close(fd);
    /* Writes of this run: the lines, the text report, the file. */
    ha_write_fault((struct ha_fault){.at = 3, .os_error = ENOSPC});
    run(annotate, &one);
    ha_write_fault((struct ha_fault){0});
    expect_trouble(&one, REPORT, "write", 3);
    char text[8] = "";
    fd = open(REPORT, O_RDONLY);
    assert_int_equal(read(fd, text, sizeof text), 3);
    close(fd);
    assert_string_equal(text, "old");
    unlink(REPORT);
}

static void a_closed_pipe_is_no_trouble(void **state)
{
    (void)state;
    ha_write_fault((struct ha_fault){.at = 1, .os_error = EPIPE});
    run(json_lines, &one);
    ha_write_fault((struct ha_fault){0});
    assert_int_equal(one.status, HA_EXIT_OK);
    assert_string_equal(one.said, "");
}

static void an_interrupted_call_is_made_again(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 3; n++) {
        ha_read_fault((struct ha_fault){.at = n, .os_error = EINTR});
        run(json_lines, &one);
        ha_read_fault((struct ha_fault){0});
        assert_int_equal(one.status, HA_EXIT_OK);
        ha_write_fault((struct ha_fault){.at = n, .os_error = EINTR});
        run(json_lines, &one);
        ha_write_fault((struct ha_fault){0});
        assert_int_equal(one.status, HA_EXIT_OK);
    }
}

/* Parts to merge. A run that fails leaves them as they are. */
static int start(void **state)
{
    (void)state;
    run(partial, &one);
    return one.status == HA_EXIT_OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    return unlink(PARTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_fails_in_turn),
        cmocka_unit_test(every_read_fails_in_turn),
        cmocka_unit_test(every_write_fails_in_turn),
        cmocka_unit_test(a_failed_report_leaves_the_old_file),
        cmocka_unit_test(a_closed_pipe_is_no_trouble),
        cmocka_unit_test(an_interrupted_call_is_made_again),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
