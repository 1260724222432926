/* The configuration file: where it is, what may stand in it, how its errors are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "httpannotate/options.h"

static char home[] = "/tmp/httpannotate-config-XXXXXX";
static char file[512];

static void write_config(const void *text, size_t len)
{
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static enum ha_err parse(const char *argument, struct ha_options *o, struct ha_problem *p)
{
    char program[] = "httpannotate", copy[64];
    snprintf(copy, sizeof copy, "%s", argument);
    char *argv[] = {program, copy, NULL};
    return ha_options_parse(2, argv, o, p);
}

static struct ha_options good(const char *text, const char *argument)
{
    struct ha_options o;
    struct ha_problem p = {.cause = ""};
    write_config(text, strlen(text));
    if (parse(argument, &o, &p) != HA_OK)
        fail_msg("%s:%zu: %s", p.place, p.line, p.cause);
    return o;
}

static void refused(const char *text, size_t line, const char *word)
{
    struct ha_options o;
    struct ha_problem p = {.cause = ""};
    write_config(text, strlen(text));
    if (parse("file", &o, &p) != HA_ERR_SYNTAX)
        fail_msg("'%s' was taken", text);
    assert_string_equal(p.place, file);
    assert_int_equal(p.line, line);
    if (strstr(p.cause, word) == NULL)
        fail_msg("'%s' does not say '%s'", p.cause, word);
    ha_options_free(&o);
}

static void options_stand_one_a_line(void **state)
{
    (void)state;
    struct ha_options o =
        good("# mine\n\n--lines=raw\n  no-report  \r\ntop = 3\nmethod GET\n"
             "--client ::1\n-e\n-s429\n-t  a b#c \n\t# more\noutput=json:x=y.json\n"
             "fail-if=5xx > 1%\n-p combined",
             "file");
    assert_string_equal(o.config.renderer->name, "raw");
    assert_false(o.config.report);
    assert_int_equal(o.config.top, 3);
    assert_string_equal(o.config.select.method, "GET");
    assert_string_equal(o.config.select.client, "::1");
    assert_true(o.config.select.errors);
    assert_string_equal(o.config.select.status, "429");
    assert_string_equal(o.config.select.target, "a b#c");
    assert_int_equal(o.config.output_count, 1);
    assert_string_equal(o.config.outputs[0].path, "x=y.json");
    assert_int_equal(o.config.threshold_count, 1);
    assert_string_equal(o.config.patterns[0].text, "combined");
    assert_int_equal(o.config.file_count, 1);
    ha_options_free(&o);
}

static void the_command_line_comes_after(void **state)
{
    (void)state;
    struct ha_options o = good("lines=raw\nstatus=429\n", "--lines=below");
    assert_string_equal(o.config.renderer->name, "below");
    assert_string_equal(o.config.select.status, "429");
    ha_options_free(&o);
}

static void no_config_skips_it(void **state)
{
    (void)state;
    struct ha_options o = good("no such thing\n", "--no-config");
    assert_string_equal(o.config.renderer->name, "append");
    ha_options_free(&o);
}

static void help_needs_no_good_file(void **state)
{
    (void)state;
    struct ha_options o = good("no such thing\n", "--help");
    assert_int_equal(o.mode, HA_MODE_TEXT);
    assert_true(o.text.len > 0);
    ha_options_free(&o);
}

static void its_report_formats_are_not_those_of_explain(void **state)
{
    (void)state;
    struct ha_options o = good("output=json:/var/log/summary.json\n", "-x");
    assert_int_equal(o.mode, HA_MODE_EXPLAIN);
    assert_false(o.explain_json);
    ha_options_free(&o);
}

static void errors_name_file_and_line(void **state)
{
    (void)state;
    refused("# one\n\nstauts=429\n", 3, "--stauts: no such option; did you mean --status?");
    refused("lines=raw\nstatus=4x", 2, "--status: '4x' is no status");
    refused("lines", 1, "it needs a value: lines=STYLE");
    refused("errors=yes\n", 1, "takes no value");
    refused("errors yes\n", 1, "takes no value");
    refused("-Q\n", 1, "-Q: no such option");
    refused("-\n", 1, "no such option");
    refused("--\n", 1, "no such option");
    refused("=x\n", 1, "no such option");
    const char *not_here[] = {"help",          "--version",       "generate=man", "-x",
                              "list-patterns", "check-pattern=x", "no-config"};
    for (size_t i = 0; i < HA_COUNT(not_here); i++)
        refused(not_here[i], 1, "for the command line only");
}

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
    struct ha_options o;
    struct ha_problem p = {.cause = ""};
    write_config("errors\nst\0tus=429\n", 18);
    assert_int_equal(parse("file", &o, &p), HA_ERR_SYNTAX);
    assert_int_equal(p.line, 2);
    assert_non_null(strstr(p.cause, "NUL"));
    ha_options_free(&o);

    static char large[70000];
    memset(large, '#', sizeof large);
    write_config(large, sizeof large);
    assert_int_equal(parse("file", &o, &p), HA_ERR_LIMIT);
    assert_string_equal(p.place, file);
    ha_options_free(&o);
}

static void an_empty_file_and_none_are_fine(void **state)
{
    (void)state;
    struct ha_options o = good("", "file");
    ha_options_free(&o);
    assert_int_equal(unlink(file), 0);
    struct ha_problem p;
    assert_int_equal(parse("file", &o, &p), HA_OK);
    ha_options_free(&o);
}

static void a_file_that_cannot_be_read_is_trouble(void **state)
{
    (void)state;
    write_config("errors\n", 7);
    struct ha_options o;
    struct ha_problem p;
    ha_read_fault((struct ha_fault){1, 5 /* EIO */});
    assert_int_equal(parse("file", &o, &p), HA_ERR_IO);
    assert_string_equal(p.place, file);
    assert_int_equal(p.os_error, 5);
    ha_read_fault((struct ha_fault){0, 0});
    ha_options_free(&o);
    /* A folder in its place. */
    assert_int_equal(unlink(file), 0);
    assert_int_equal(mkdir(file, 0700), 0);
    assert_int_equal(parse("file", &o, &p), HA_ERR_IO);
    ha_options_free(&o);
    assert_int_equal(rmdir(file), 0);
}

/* What parsing tells while the folder may not be entered; the superuser, who may, is somebody else
 * for it. */
static enum ha_err parse_shut_out(const char *folder)
{
    struct ha_options o;
    struct ha_problem p;
    bool all_may = geteuid() == 0;
    assert_int_equal(chmod(folder, 0), 0);
    assert_true(!all_may || seteuid(65534) == 0);
    enum ha_err err = parse("file", &o, &p);
    assert_true(!all_may || seteuid(0) == 0);
    assert_int_equal(chmod(folder, 0700), 0);
    ha_options_free(&o);
    return err;
}

static void a_home_of_another_holds_none(void **state)
{
    (void)state;
    assert_int_equal(setenv("HOME", home, 1), 0);
    assert_int_equal(parse_shut_out(home), HA_ERR_IO); /* XDG_CONFIG_HOME names it */
    unsetenv("XDG_CONFIG_HOME");
    assert_int_equal(parse_shut_out(home), HA_OK);
    assert_int_equal(setenv("XDG_CONFIG_HOME", home, 1), 0);
}

static void without_xdg_it_is_below_home(void **state)
{
    (void)state;
    char folder[300], config[400];
    snprintf(folder, sizeof folder, "%s/.config", home);
    assert_int_equal(mkdir(folder, 0700), 0);
    snprintf(config, sizeof config, "%s/.config/httpannotate", home);
    assert_int_equal(mkdir(config, 0700), 0);
    snprintf(file, sizeof file, "%s/config", config);
    /* Relative paths are to be taken for none. */
    assert_int_equal(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
    assert_int_equal(setenv("HOME", home, 1), 0);
    struct ha_options o = good("lines=json\n", "file");
    assert_string_equal(o.config.renderer->name, "json");
    ha_options_free(&o);
    unsetenv("XDG_CONFIG_HOME");
    o = good("lines=raw\n", "file");
    assert_string_equal(o.config.renderer->name, "raw");
    ha_options_free(&o);
    unsetenv("HOME");
    struct ha_problem p;
    assert_int_equal(parse("file", &o, &p), HA_OK);
    assert_string_equal(o.config.renderer->name, "append");
    ha_options_free(&o);
    unlink(file);
    rmdir(config);
    rmdir(folder);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const char *text = "status=5xx\noutput=json\nfail-if=5xx>1\n-p combined\n";
    write_config(text, strlen(text));
    bool succeeded = false;
    size_t failures = 0;
    for (uint64_t n = 1; n < 100 && !succeeded; n++) {
        struct ha_options o;
        struct ha_problem p = {.cause = ""};
        ha_alloc_fail_at(n);
        enum ha_err err = parse("file", &o, &p);
        succeeded = ha_alloc_fail_at(0) < n;
        if (err != HA_OK) {
            assert_int_equal(err, HA_ERR_MEMORY);
            failures++;
        }
        ha_options_free(&o);
    }
    assert_true(succeeded);
    assert_true(failures >= 6);
}

static int make_home(void **state)
{
    (void)state;
    if (mkdtemp(home) == NULL)
        return -1;
    snprintf(file, sizeof file, "%s/httpannotate", home);
    if (mkdir(file, 0700) != 0)
        return -1;
    snprintf(file, sizeof file, "%s/httpannotate/config", home);
    return setenv("XDG_CONFIG_HOME", home, 1);
}

static int remove_home(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s/httpannotate/config", home);
    unlink(path);
    snprintf(path, sizeof path, "%s/httpannotate", home);
    rmdir(path);
    return rmdir(home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_one_a_line),
        cmocka_unit_test(the_command_line_comes_after),
        cmocka_unit_test(no_config_skips_it),
        cmocka_unit_test(help_needs_no_good_file),
        cmocka_unit_test(its_report_formats_are_not_those_of_explain),
        cmocka_unit_test(errors_name_file_and_line),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(an_empty_file_and_none_are_fine),
        cmocka_unit_test(a_file_that_cannot_be_read_is_trouble),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_home_of_another_holds_none),
        cmocka_unit_test(without_xdg_it_is_below_home), /* last: it changes where the file is */
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
