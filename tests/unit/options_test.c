/* The command line: what each option sets, how options are written, what is refused and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "httpannotate/options.h"

#define MOST_ARGUMENTS 32

struct parsed {
    struct ha_options o;
    struct ha_problem p;
    enum ha_err err;
};

/* Parses the arguments up to the first NULL. */
static struct parsed parse_list(const char *const *arguments)
{
    static char program[] = "httpannotate";
    char *argv[MOST_ARGUMENTS] = {program};
    int argc = 1;
    for (; arguments[argc - 1] != NULL; argc++) {
        assert_true(argc < MOST_ARGUMENTS - 1);
        argv[argc] = (char *)(uintptr_t)arguments[argc - 1];
    }
    struct parsed r = {.p = {.cause = ""}};
    r.err = ha_options_parse(argc, argv, &r.o, &r.p);
    return r;
}
#define PARSE(...) parse_list((const char *const[]){__VA_ARGS__, NULL})

static struct parsed good_list(const char *const *arguments)
{
    struct parsed r = parse_list(arguments);
    if (r.err != HA_OK)
        fail_msg("%s: %s", r.p.place, r.p.cause);
    return r;
}
#define GOOD(...) good_list((const char *const[]){__VA_ARGS__, NULL})

static void refused_list(const char *place, const char *word, const char *const *arguments)
{
    struct parsed r = parse_list(arguments);
    if (r.err != HA_ERR_SYNTAX)
        fail_msg("%s was taken", arguments[0]);
    assert_string_equal(r.p.place, place);
    if (strstr(r.p.cause, word) == NULL)
        fail_msg("'%s' does not say '%s'", r.p.cause, word);
    ha_options_free(&r.o);
}
#define REFUSED(place, word, ...)                                                                  \
    refused_list(place, word, (const char *const[]){__VA_ARGS__, NULL})

static void without_arguments_all_is_as_documented(void **state)
{
    (void)state;
    struct parsed r = GOOD(NULL);
    assert_int_equal(r.o.mode, HA_MODE_RUN);
    const struct ha_config *c = &r.o.config;
    assert_string_equal(c->renderer->name, "append");
    assert_int_equal(c->note, HA_NOTE_FULL);
    assert_int_equal(c->colour, HA_COLOUR_AUTO);
    assert_true(c->report);
    assert_int_equal(c->top, 10);
    assert_int_equal(c->threads, 0);
    assert_int_equal(c->every_us, 0);
    assert_false(c->keep_query);
    assert_false(c->no_templates);
    assert_null(c->diff_file);
    assert_int_equal(c->file_count + c->pattern_count + c->output_count + c->threshold_count, 0);
    assert_int_equal(c->limits.max_line, 1u << 20);
    assert_null(c->select.status);
    assert_true(c->select.now_us > INT64_C(1700000000) * HA_US_PER_S);
    ha_options_free(&r.o);
}

static void every_option_has_its_effect(void **state)
{
    (void)state;
    struct parsed r = GOOD(
        "--pattern=combined", "--pattern", "./my.pattern", "--log-format=%h %>s", "--max-line=64K",
        "--lines=below", "--note=phrase", "--color=never", "--top=3", "--query", "--no-templates",
        "--diff=old.partial", "--every=90s", "--bucket=1h30m", "-f", "--threads=8", "--errors",
        "--method=GET", "--target=^/a", "--client=::1", "--since=-2h", "--until=now",
        "--codes=my.tsv", "--no-report", "--status=5xx", "access.log", "-");
    const struct ha_config *c = &r.o.config;
    assert_int_equal(c->pattern_count, 3);
    assert_string_equal(c->patterns[0].text, "combined");
    assert_string_equal(c->patterns[1].text, "./my.pattern");
    assert_false(c->patterns[1].is_log_format);
    assert_string_equal(c->patterns[2].text, "%h %>s");
    assert_true(c->patterns[2].is_log_format);
    assert_int_equal(c->limits.max_line, 65536);
    assert_string_equal(c->renderer->name, "below");
    assert_int_equal(c->note, HA_NOTE_PHRASE);
    assert_int_equal(c->colour, HA_COLOUR_NEVER);
    assert_int_equal(c->top, 3);
    assert_true(c->keep_query);
    assert_true(c->no_templates);
    assert_string_equal(c->diff_file, "old.partial");
    assert_int_equal(c->every_us, 90 * HA_US_PER_S);
    assert_int_equal(c->bucket_s, 5400);
    assert_true(c->follow);
    assert_null(c->resume_file);
    assert_int_equal(c->threads, 8);
    assert_true(c->select.errors);
    assert_string_equal(c->select.method, "GET");
    assert_string_equal(c->select.target, "^/a");
    assert_string_equal(c->select.client, "::1");
    assert_string_equal(c->select.since, "-2h");
    assert_string_equal(c->select.until, "now");
    assert_string_equal(c->select.status, "5xx");
    assert_string_equal(c->codes_file, "my.tsv");
    assert_false(c->report);
    assert_int_equal(c->file_count, 2);
    assert_string_equal(c->files[0], "access.log");
    assert_string_equal(c->files[1], "-");
    ha_options_free(&r.o);
}

static void outputs_and_conditions_add_up(void **state)
{
    (void)state;
    struct parsed r =
        GOOD("-o", "text", "-ojson:/var/a:b.json", "--output=json", "--fail-if=5xx>1%", "--fail-if",
             "429 > 10/min", "--fail-if=unmatched>0");
    const struct ha_config *c = &r.o.config;
    assert_int_equal(c->output_count, 3);
    assert_string_equal(c->outputs[0].reporter->name, "text");
    assert_null(c->outputs[0].path);
    assert_string_equal(c->outputs[1].reporter->name, "json");
    assert_string_equal(c->outputs[1].path, "/var/a:b.json");
    assert_string_equal(c->outputs[2].reporter->name, "json");
    assert_null(c->outputs[2].path);
    assert_int_equal(c->threshold_count, 3);
    assert_string_equal(c->thresholds[1].text, "429 > 10/min");
    assert_int_equal(c->thresholds[1].unit, HA_UNIT_PER_MINUTE);
    assert_int_equal(c->thresholds[2].subject, HA_SUBJECT_UNMATCHED);
    ha_options_free(&r.o);
}

static void options_are_written_as_elsewhere(void **state)
{
    (void)state;
    struct parsed r = GOOD("file", "-re", "-Mget", "-s", "429", "-t", "-x", "--", "-r", "--errors");
    const struct ha_config *c = &r.o.config;
    assert_string_equal(c->renderer->name, "none");
    assert_true(c->select.errors);
    assert_string_equal(c->select.method, "get");
    assert_string_equal(c->select.status, "429");
    assert_string_equal(c->select.target, "-x");
    assert_int_equal(r.o.mode, HA_MODE_RUN);
    assert_int_equal(c->file_count, 3);
    assert_string_equal(c->files[1], "-r");
    assert_string_equal(c->files[2], "--errors");
    ha_options_free(&r.o);

    r = GOOD("-es404", "--target=a=b", "--colour", "always");
    assert_true(r.o.config.select.errors);
    assert_string_equal(r.o.config.select.status, "404");
    assert_string_equal(r.o.config.select.target, "a=b");
    assert_int_equal(r.o.config.colour, HA_COLOUR_ALWAYS);
    ha_options_free(&r.o);
}

static void operands_keep_their_order_however_many(void **state)
{
    (void)state;
    struct parsed r = GOOD("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n",
                           "o", "p", "q", "r");
    assert_int_equal(r.o.config.file_count, 18);
    for (size_t i = 0; i < 18; i++)
        assert_int_equal(r.o.config.files[i][0], "abcdefghijklmnopqr"[i]);
    ha_options_free(&r.o);
}

static void the_last_of_one_kind_holds(void **state)
{
    (void)state;
    struct parsed r = GOOD("-r", "-l", "raw", "-s4xx", "-s5xx", "--top=1", "--top=0");
    assert_string_equal(r.o.config.renderer->name, "raw");
    assert_string_equal(r.o.config.select.status, "5xx");
    assert_int_equal(r.o.config.top, 0);
    ha_options_free(&r.o);
    r = GOOD("-l", "raw", "-r");
    assert_string_equal(r.o.config.renderer->name, "none");
    ha_options_free(&r.o);
}

static void mistyped_options_name_the_nearest(void **state)
{
    (void)state;
    REFUSED("--stauts", "did you mean --status?", "--stauts=429");
    REFUSED("--STATUS", "did you mean --status?", "--STATUS=429");
    REFUSED("--sta", "did you mean --status?", "--sta=4xx");
    REFUSED("--x", "no such option; httpannotate --help lists them", "--x");
    REFUSED("--statu", "did you mean --status?", "--statu");
    REFUSED("--fail", "did you mean --fail-if?", "--fail=5xx>1");
    REFUSED("--fail-of", "did you mean --fail-if?", "--fail-of=5xx>1");
    REFUSED("--colr", "did you mean --color?", "--colr");
    REFUSED("--zzzzzz", "--help lists them", "--zzzzzz");
    REFUSED("-Z", "no such option", "-rZ");
    REFUSED("--", "no such option", "--=x");
}

static void a_command_is_run_where_spikes_are_looked_for(void **state)
{
    (void)state;
    struct parsed r = GOOD("--on-spike=notify", "-r");
    assert_string_equal(r.o.config.on_spike, "notify");
    ha_options_free(&r.o);
    r = GOOD("--no-spikes", "--spike-group=429", "--on-spike=x");
    ha_options_free(&r.o);
    REFUSED("--on-spike", "a command for sh -c", "--on-spike=");
    REFUSED("--on-spike", "--no-spikes", "--on-spike=x", "--no-spikes");
    REFUSED("--on-spike", "not with --merge", "-m", "--on-spike=x");
    REFUSED("--on-spike", "not with --explain", "-x", "--on-spike=x");
}

static void spikes_are_chosen_or_left_alone(void **state)
{
    (void)state;
    struct parsed r = GOOD("-r");
    assert_true(ha_spike_watches(&r.o.config.spikes, 429));
    assert_true(ha_spike_watches(&r.o.config.spikes, 5));
    ha_options_free(&r.o);
    r = GOOD("--no-spikes", "--spike-group=503,4xx");
    assert_true(ha_spike_watches(&r.o.config.spikes, 503));
    assert_false(ha_spike_watches(&r.o.config.spikes, 429));
    ha_options_free(&r.o);
    r = GOOD("--spike-group", "429", "--no-spikes");
    assert_true(r.o.config.spikes.off);
    ha_options_free(&r.o);
    REFUSED("--spike-group", "'200' is no group of errors", "--spike-group=429,200");
    REFUSED("--spike-group", "it needs a value", "--spike-group");
    REFUSED("--no-spikes", "--fail-if=spikes>0 needs", "--fail-if=spikes>0", "--no-spikes");
    REFUSED("--no-spikes", "--fail-if=spikes>0 needs", "-m", "--no-spikes", "--fail-if=spikes>0");
    r = GOOD("--no-spikes", "--fail-if=5xx>0");
    ha_options_free(&r.o);
}

static void merging_writes_no_lines_and_chooses_none(void **state)
{
    (void)state;
    struct parsed r = PARSE("-m", "-l", "append", "-o", "partial", "a", "-");
    assert_int_equal(r.err, HA_OK);
    assert_int_equal(r.o.mode, HA_MODE_MERGE);
    assert_null(r.o.config.renderer->line);
    assert_int_equal(r.o.config.file_count, 2);
    assert_string_equal(r.o.config.outputs[0].reporter->name, "partial");
    ha_options_free(&r.o);
    REFUSED("--merge", "no lines to choose from", "-m", "-s", "429");
    REFUSED("--merge", "no lines to choose from", "-e", "--merge");
    REFUSED("--merge", "no lines to choose from", "-m", "--since=today");
    REFUSED("--merge", "takes no value", "--merge=x");
}

static void values_that_cannot_be_are_refused(void **state)
{
    (void)state;
    REFUSED("--lines", "append, below, json, raw, none", "--lines=jason");
    REFUSED("--lines", "append, below, json, raw, none", "--lines=");
    REFUSED("--lines", "append, below, json, raw, none", "--lines=append below");
    REFUSED("--note", "full, meaning, phrase", "--note=short");
    REFUSED("--color", "auto, always, never", "--colour=mauve");
    REFUSED("--output", "text, json", "-o", "xml");
    REFUSED("--output", "text, json", "-o", ":x");
    REFUSED("--output", "names no file", "-o", "json:");
    REFUSED("--output", "names no file", "-o", "json:-");
    REFUSED("--top", "from 0 to 32768", "--top=-1");
    REFUSED("--top", "from 0 to 32768", "--top=32769");
    REFUSED("--top", "whole number", "--top=ten");
    REFUSED("--threads", "from 1 to 256", "--threads=0");
    REFUSED("--threads", "from 1 to 256", "--threads=257");
    REFUSED("--every", "is no duration", "--every=soon");
    REFUSED("--bucket", "is no duration", "--bucket=wide");
    REFUSED("--follow", "not with --merge", "-fm", "a.partial");
    REFUSED("--follow", "not with --explain", "-f", "-x", "429");
    REFUSED("--follow", "it takes no value", "--follow=name", "a.log");
    REFUSED("--resume", "its value is empty", "--resume=", "a.log");
    REFUSED("--resume", "standard input has no place", "--resume=state");
    REFUSED("--resume", "standard input has no place", "--resume=state", "a.log", "-");
    REFUSED("--resume", "not with --merge", "--resume=state", "-m", "a.partial");
    REFUSED("--resume", "not with --explain", "--resume=state", "-x", "429");
    REFUSED("--bucket", "is no duration", "--bucket=0s");
    REFUSED("--bucket", "'1500ms' is no whole number of seconds", "--bucket=1500ms");
    REFUSED("--max-line", "is no size", "--max-line=0");
    REFUSED("--max-line", "more than 1GiB", "--max-line=2G");
    REFUSED("--pattern", "is empty", "-p", "");
    REFUSED("--status", "is no status", "-s", "4x");
    REFUSED("--method", "is no method", "-M", "G T");
    REFUSED("--target", "column 2", "-t", "(");
    REFUSED("--client", "is no address", "-c", "1.2.3");
    REFUSED("--since", "is no time", "--since=never");
    REFUSED("--until", "is no time", "--until=");
    REFUSED("--fail-if", "a number is missing", "--fail-if=5xx>>1");
    REFUSED("--errors", "takes no value", "--errors=yes");
    REFUSED("--status", "--status=LIST", "-r", "--status");
    REFUSED("--status", "--status=LIST", "-rs");
}

static void explaining(void **state)
{
    (void)state;
    struct parsed r = GOOD("-x", "-o", "json", "429", "too many");
    assert_int_equal(r.o.mode, HA_MODE_EXPLAIN);
    assert_true(r.o.explain_json);
    assert_int_equal(r.o.config.file_count, 2);
    assert_string_equal(r.o.config.files[1], "too many");
    ha_options_free(&r.o);
    r = GOOD("--explain", "-o", "json", "-o", "text");
    assert_false(r.o.explain_json);
    assert_int_equal(r.o.config.file_count, 0);
    ha_options_free(&r.o);
    REFUSED("--output", "standard output only", "-x", "-o", "json:file", "429");
}

static void local_time_is_that_of_the_environment(void **state)
{
    (void)state;
    assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
    struct parsed r = GOOD(NULL);
    const struct ha_select_options *s = &r.o.config.select;
    assert_int_equal(s->local_offset_at(INT64_C(1782900000) * HA_US_PER_S), 120); /* July 2026 */
    assert_int_equal(s->local_offset_at(INT64_C(1795516200) * HA_US_PER_S), 60);  /* November */
    assert_int_equal(s->local_offset_min, s->local_offset_at(s->now_us));
    ha_options_free(&r.o);
    unsetenv("TZ");
}

static void modes(void **state)
{
    (void)state;
    struct parsed r = GOOD("--list-patterns");
    assert_int_equal(r.o.mode, HA_MODE_LIST_PATTERNS);
    ha_options_free(&r.o);
    r = GOOD("--check-pattern=my.pattern");
    assert_int_equal(r.o.mode, HA_MODE_CHECK_PATTERN);
    assert_string_equal(r.o.check_pattern, "my.pattern");
    ha_options_free(&r.o);
}

/* All that allocates: arrays that grow, selectors tried, a configuration path, text. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char *const runs[][14] = {
        {"-p", "a", "-p", "b", "-p", "c", "--output=json:x", "-otext", "--fail-if=5xx>1",
         "--fail-if=429>1", "f", "g", "h"},
        {"-s5xx", "-MGET,FOO-NOT-LISTED", "-t", "^/a|b", "-c10.0.0.0/8,a.example", "--since=now",
         "--until=now", "-e"},
        {"--help"},
        {"--version"},
        {"--generate=man"},
        {"--generate=complete-zsh"},
    };
    for (size_t i = 0; i < HA_COUNT(runs); i++) {
        bool succeeded = false;
        size_t failures = 0;
        for (uint64_t n = 1; n < 400 && !succeeded; n++) {
            ha_alloc_fail_at(n);
            struct parsed r = parse_list(runs[i]);
            succeeded = ha_alloc_fail_at(0) < n;
            if (r.err != HA_OK) {
                assert_int_equal(r.err, HA_ERR_MEMORY);
                assert_int_equal(r.p.err, HA_ERR_MEMORY);
                assert_string_equal(r.p.cause, "out of memory");
                failures++;
            }
            ha_options_free(&r.o);
        }
        assert_true(succeeded);
        assert_true(failures > 0);
    }
}

static void freeing_twice_is_harmless(void **state)
{
    (void)state;
    struct parsed r = GOOD("-o", "json", "file");
    ha_options_free(&r.o);
    ha_options_free(&r.o);
}

/* The user's own configuration must not decide the tests. */
static int without_configuration(void **state)
{
    (void)state;
    return setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_arguments_all_is_as_documented),
        cmocka_unit_test(every_option_has_its_effect),
        cmocka_unit_test(outputs_and_conditions_add_up),
        cmocka_unit_test(options_are_written_as_elsewhere),
        cmocka_unit_test(operands_keep_their_order_however_many),
        cmocka_unit_test(the_last_of_one_kind_holds),
        cmocka_unit_test(mistyped_options_name_the_nearest),
        cmocka_unit_test(merging_writes_no_lines_and_chooses_none),
        cmocka_unit_test(a_command_is_run_where_spikes_are_looked_for),
        cmocka_unit_test(spikes_are_chosen_or_left_alone),
        cmocka_unit_test(values_that_cannot_be_are_refused),
        cmocka_unit_test(explaining),
        cmocka_unit_test(local_time_is_that_of_the_environment),
        cmocka_unit_test(modes),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(freeing_twice_is_harmless),
    };
    return cmocka_run_group_tests(tests, without_configuration, NULL);
}
