/* on_spike_test.c - commands that do well, fail, hang, write much or never read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "httpannotate/out.h"
#include "on_spike.h"

enum { LONG_MS = 60000, SHORT_MS = 200 };

/* Standard error while commands run; kept apart from the test's own. */
static int said_fd, kept_fd;
static char said[1 << 20];

static void catch_said(void)
{
    said_fd = memfd_create("said", MFD_CLOEXEC);
    assert_true(said_fd >= 0);
    kept_fd = dup(STDERR_FILENO);
    assert_int_equal(dup2(said_fd, STDERR_FILENO), STDERR_FILENO);
}

static const char *read_said(void)
{
    assert_int_equal(dup2(kept_fd, STDERR_FILENO), STDERR_FILENO);
    close(kept_fd);
    ssize_t n = pread(said_fd, said, sizeof said - 1, 0);
    assert_true(n >= 0);
    said[n] = '\0';
    close(said_fd);
    return said;
}

static struct ha_on_spike *begin(const char *command, int64_t limit_ms)
{
    struct ha_on_spike *o = NULL;
    struct ha_problem p;
    catch_said();
    assert_int_equal(ha_on_spike_new(command, limit_ms, &o, &p), HA_OK);
    return o;
}

static void run(struct ha_on_spike *o, int group, const char *input)
{
    assert_true(ha_on_spike_run(o, group, ha_view_of(input)));
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        n++;
    return n;
}

/* The number in the line that tells what was not given. */
static size_t lost_in(const char *text)
{
    static const char before[] = "httpannotate: --on-spike: ";
    const char *at = strstr(text, "not given to the command, which was still running\n");
    assert_non_null(at);
    while (at > text && at[-1] != '\n')
        at--;
    assert_memory_equal(at, before, sizeof before - 1);
    return (size_t)strtoul(at + sizeof before - 1, NULL, 10);
}

static void its_input_is_what_was_given(void **state)
{
    (void)state;
    struct ha_on_spike *o = begin("read -r line; echo \"got $line\"; cat", LONG_MS);
    run(o, 429, "{\"a\":1}\nmore\n");
    ha_on_spike_free(&o);
    assert_null(o);
    assert_string_equal(read_said(), "got {\"a\":1}\nmore\n");
}

/* Each waits for the one before: none of a group is lost, and they come in order. */
static void one_at_a_time_for_a_group(void **state)
{
    (void)state;
    struct ha_on_spike *o =
        begin("read -r n; echo \"$n begins\"; sleep 0.02; echo \"$n ends\"", LONG_MS);
    struct ha_buf want = {0};
    for (int i = 0; i < 8; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d\n", i);
        run(o, 503, text);
        ha_buf_printf(&want, "%d begins\n%d ends\n", i, i);
    }
    ha_buf_char(&want, '\0');
    ha_on_spike_free(&o);
    assert_string_equal(read_said(), want.ptr);
    ha_buf_free(&want);
}

/* Each waits until the other is there, too. */
static void groups_do_not_wait_for_each_other(void **state)
{
    (void)state;
    char folder[] = "/tmp/on_spike_XXXXXX", command[400];
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command,
             "read -r me other; : > %s/$me; "
             "until [ -e %s/$other ]; do sleep 0.01; done; echo met",
             folder, folder);
    struct ha_on_spike *o = begin(command, LONG_MS);
    run(o, 4, "a b\n");
    run(o, 5, "b a\n");
    ha_on_spike_free(&o);
    assert_string_equal(read_said(), "met\nmet\n");
    snprintf(command, sizeof command, "%s/a", folder);
    unlink(command);
    snprintf(command, sizeof command, "%s/b", folder);
    unlink(command);
    rmdir(folder);
}

static void a_failure_is_told_once(void **state)
{
    (void)state;
    static const struct {
        const char *command, *words;
    } cases[] = {
        {"exit 3", "the command ended with status 3;"},
        {"kill -9 $$", "the command was ended by signal 9;"},
        {"/nonexistent/command 2>/dev/null", "the command ended with status 127;"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_on_spike *o = begin(cases[i].command, LONG_MS);
        for (int group = 500; group < 505; group++)
            run(o, group, "{}\n");
        run(o, 500, "{}\n");
        ha_on_spike_free(&o);
        const char *text = read_said();
        assert_int_equal(count(text, "--on-spike"), 1);
        assert_non_null(strstr(text, cases[i].words));
    }
}

/* It, and what it started, ends; also where it does not heed the request. */
static void what_hangs_is_ended_with_its_group(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "echo $$; sleep 1000",
        "echo $$; sleep 1000 & sleep 1000",
    };
    for (size_t i = 0; i < HA_COUNT(commands); i++) {
        struct ha_on_spike *o = begin(commands[i], SHORT_MS);
        run(o, 429, "{}\n");
        ha_on_spike_free(&o);
        const char *text = read_said();
        assert_non_null(strstr(text, "the command took longer than 0 s and was ended"));
        pid_t group = (pid_t)strtol(text, NULL, 10);
        assert_true(group > 1);
        /* What is ended stays for a moment until its new parent asks for it. */
        for (int tries = 0; tries < 1000 && kill(-group, 0) == 0; tries++)
            usleep(10000);
        assert_int_equal(kill(-group, 0), -1);
        assert_int_equal(errno, ESRCH);
    }
}

static void one_that_will_not_end_is_killed(void **state)
{
    (void)state;
    struct ha_on_spike *o = begin("trap '' TERM; echo up; while :; do sleep 0.1; done", SHORT_MS);
    run(o, 429, "{}\n");
    ha_on_spike_free(&o);
    assert_non_null(strstr(read_said(), "was ended"));
}

/* What still waits behind one that hangs is given up, and told. */
static void the_end_waits_no_longer_than_one_may_take(void **state)
{
    (void)state;
    struct ha_on_spike *o = begin("echo given; sleep 1000", SHORT_MS);
    for (int i = 0; i < 50; i++)
        run(o, 429, "{}\n");
    ha_on_spike_free(&o);
    const char *text = read_said();
    size_t lost = lost_in(text);
    assert_true(lost > 0 && lost + count(text, "given\n") <= 50);
    assert_int_equal(count(text, "; further failures are not told"), 1);
    assert_int_equal(count(text, "--on-spike"), 2);
}

static void it_may_write_much_and_never_read(void **state)
{
    (void)state;
    size_t size = 1 << 20;
    char *big = malloc(size);
    assert_non_null(big);
    memset(big, 'x', size);
    struct ha_on_spike *o =
        begin("head -c 300000 /dev/zero | tr '\\0' 'y'; echo done >&2", LONG_MS);
    assert_true(ha_on_spike_run(o, 429, (struct ha_view){big, size}));
    free(big);
    ha_on_spike_free(&o);
    const char *text = read_said();
    assert_int_equal(strlen(text), 300000 + 5);
}

static void too_many_are_given_up_from_the_oldest(void **state)
{
    (void)state;
    struct ha_on_spike *o = begin("read -r n; [ $n = first ] && sleep 0.5; echo; echo $n", LONG_MS);
    run(o, 429, "first\n");
    for (int i = 0; i < 300; i++) {
        char text[16];
        snprintf(text, sizeof text, "n%d\n", i);
        run(o, 429, text);
    }
    ha_on_spike_free(&o);
    const char *text = read_said();
    assert_int_equal(count(text, "is too slow"), 1);
    assert_null(strstr(text, "n20\n"));
    assert_int_equal(lost_in(text) + count(text, "\nn") + count(text, "first\n"), 301);
    assert_non_null(strstr(text, "n299\n"));
}

/* Nothing of the program's own reaches it but what it is to have. */
static void it_inherits_nothing_else(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    struct ha_on_spike *o = begin("ls -l /proc/self/fd | grep -c memfd:spike; "
                                  "grep -E 'SigIgn|SigBlk' /proc/self/status",
                                  LONG_MS);
    run(o, 429, "{}\n");
    ha_on_spike_free(&o);
    signal(SIGPIPE, SIG_DFL);
    const char *text = read_said();
    assert_int_equal(strtol(text, NULL, 10), 1); /* its standard input */
    assert_non_null(strstr(text, "SigBlk:\t0000000000000000"));
    const char *ignored = strstr(text, "SigIgn:");
    assert_non_null(ignored);
    assert_int_equal(strtoull(ignored + 7, NULL, 16) >> (SIGPIPE - 1) & 1, 0);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    struct ha_problem p;
    struct ha_on_spike *o = NULL;
    ha_alloc_fail_at(1);
    assert_int_equal(ha_on_spike_new("true", LONG_MS, &o, &p), HA_ERR_MEMORY);
    assert_null(o);
    ha_alloc_fail_at(0);
    o = begin("cat", LONG_MS);
    ha_alloc_fail_at(1);
    assert_false(ha_on_spike_run(o, 429, HA_VIEW_LIT("{}")));
    ha_alloc_fail_at(0);
    ha_on_spike_free(&o);
    assert_string_equal(read_said(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_input_is_what_was_given),
        cmocka_unit_test(one_at_a_time_for_a_group),
        cmocka_unit_test(groups_do_not_wait_for_each_other),
        cmocka_unit_test(a_failure_is_told_once),
        cmocka_unit_test(what_hangs_is_ended_with_its_group),
        cmocka_unit_test(one_that_will_not_end_is_killed),
        cmocka_unit_test(the_end_waits_no_longer_than_one_may_take),
        cmocka_unit_test(it_may_write_much_and_never_read),
        cmocka_unit_test(too_many_are_given_up_from_the_oldest),
        cmocka_unit_test(it_inherits_nothing_else),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
