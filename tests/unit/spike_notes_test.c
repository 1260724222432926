/* spike_notes_test.c - what pairs of statuses tell of an incident: where the counts show it, and
 * nowhere else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "facts_fixture.h"
#include "report/formats.h"

#include <stdio.h>
#include <string.h>

#define MINUTES 200
#define BASE_S  INT64_C(1764000000) /* a whole minute */

/* So many responses of a status a minute, from one minute up to another. */
struct stretch {
    int status, from, to, each;
};

static struct ha_tally *count(const struct stretch *stretches, size_t n, bool evidence)
{
    struct ha_tally_options o = {.limits = HA_LIMITS_DEFAULT, .patterns = 1, .evidence = evidence};
    struct ha_tally *t;
    assert_int_equal(ha_tally_new(&o, &t), HA_OK);
    for (size_t i = 0; i < n; i++) {
        const struct stretch *s = &stretches[i];
        for (int minute = s->from; minute < s->to; minute++)
            for (int k = 0; k < s->each; k++) {
                struct ha_record r = {.verdict = HA_MATCHED, .has_time = true};
                r.status = (int16_t)s->status;
                r.time_us = (BASE_S + minute * 60 + k % 60) * HA_US_PER_S;
                ha_tally_add(t, &r, true, 0);
            }
    }
    return t;
}

/* The notes of a log: "5xx slow-upstream 100 75; 4xx ...". */
static const char *notes_in(const struct stretch *stretches, size_t n, const char *groups)
{
    static char text[1000];
    struct ha_tally *t = count(stretches, n, false);
    struct ha_spike_choice choice = HA_SPIKE_CHOICE_DEFAULT;
    struct ha_problem p;
    struct ha_report r;
    if (groups != NULL)
        assert_int_equal(ha_spike_choice_parse(ha_view_of(groups), &choice, &p), HA_OK);
    struct ha_report_context c = {.facts = facts, .spikes = &choice};
    assert_int_equal(ha_report_make(t, &c, &r), HA_OK);
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < r.spike_count; i++)
        for (size_t k = 0; k < r.spikes[i].note_count; k++) {
            const struct ha_spike_note *note = &r.spikes[i].notes[k];
            used += (size_t)snprintf(
                text + used, sizeof text - used, "%s%s %s %llu %llu", used > 0 ? "; " : "",
                r.spikes[i].name, ha_spike_note_name(note->kind),
                (unsigned long long)note->count[0], (unsigned long long)note->count[1]);
        }
    ha_report_free(&r);
    ha_tally_free(&t);
    return text;
}
#define NOTES_OF(groups, ...)                                                                      \
    notes_in((const struct stretch[]){{200, 0, MINUTES, 60}, __VA_ARGS__},                         \
             sizeof((const struct stretch[]){{200, 0, MINUTES, 60}, __VA_ARGS__}) /                \
                 sizeof(struct stretch),                                                           \
             groups)
#define NOTES(...) NOTES_OF(NULL, __VA_ARGS__)

static void clients_leave_while_gateways_wait(void **state)
{
    (void)state;
    static const char both[] = "5xx slow-upstream 100 75";
    assert_string_equal(NOTES({499, 100, 105, 20}, {504, 101, 106, 15}), both);
    /* Also where both are usual in small numbers: the counts are those of the spikes. */
    assert_string_equal(
        NOTES({499, 0, MINUTES, 1}, {504, 0, MINUTES, 1}, {499, 100, 105, 20}, {504, 101, 106, 15}),
        "5xx slow-upstream 105 80");
    assert_string_equal(NOTES_OF("504", {499, 100, 105, 20}, {504, 101, 106, 15}),
                        "504 slow-upstream 100 75");
    assert_string_equal(NOTES_OF("4xx", {499, 100, 105, 20}, {504, 101, 106, 15}),
                        "4xx slow-upstream 100 75");
    assert_string_equal(NOTES_OF("503", {499, 100, 105, 20}, {504, 101, 106, 15}), "");
}

static void one_of_the_two_alone_tells_nothing(void **state)
{
    (void)state;
    assert_string_equal(NOTES({499, 100, 105, 20}), "");
    assert_string_equal(NOTES({504, 100, 105, 20}), "");
    assert_string_equal(NOTES({499, 100, 105, 20}, {503, 101, 106, 15}), "");
    /* Apart in time, and as usual all the time. */
    assert_string_equal(NOTES({499, 60, 65, 20}, {504, 101, 106, 15}), "");
    assert_string_equal(NOTES({499, 0, MINUTES, 10}, {504, 101, 106, 15}), "");
}

static void a_restart_is_short_and_then_over(void **state)
{
    (void)state;
    assert_string_equal(NOTES({502, 100, 101, 40}), "5xx restart 40 40");
    assert_string_equal(NOTES({502, 100, 102, 20}, {500, 100, 101, 4}), "5xx restart 40 44");
    assert_string_equal(NOTES_OF("502", {502, 100, 101, 40}), "502 restart 40 40");
    assert_string_equal(NOTES({502, 60, 61, 40}, {502, 140, 141, 30}),
                        "5xx restart 40 40; 5xx restart 30 30");
}

static void other_bursts_are_no_restart(void **state)
{
    (void)state;
    assert_string_equal(NOTES({502, 100, 110, 20}), "");                      /* it lasts */
    assert_string_equal(NOTES({502, 100, 101, 20}, {503, 100, 101, 60}), ""); /* the lesser part */
    assert_string_equal(NOTES({502, MINUTES - 1, MINUTES, 40}), "");          /* the log ends */
    assert_string_equal(NOTES({503, 100, 101, 40}), "");
}

static void add_miss(struct ha_tally *t, int minute, int k, const char *client, const char *target)
{
    struct ha_record r = {.verdict = HA_MATCHED, .has_time = true, .status = 404};
    r.time_us = (BASE_S + minute * 60 + k % 60) * HA_US_PER_S;
    ha_put(&r, HA_FIELD_CLIENT, ha_view_of(client));
    ha_put(&r, HA_FIELD_TARGET, ha_view_of(target));
    ha_tally_add(t, &r, true, 0);
}

/* 404, one a minute from anybody, and twenty a minute for five from so many clients of a network,
 * for so many targets; the sentence, or "". */
static const char *scan_of(int clients, int targets, bool evidence)
{
    static char sentence[200];
    const struct stretch good[] = {{200, 0, MINUTES, 60}};
    struct ha_tally *t = count(good, 1, evidence);
    char client[40], target[40];
    for (int minute = 0; minute < MINUTES; minute++) {
        snprintf(client, sizeof client, "192.0.2.%d", minute);
        snprintf(target, sizeof target, "/p%c/missing", 'a' + minute % 26);
        add_miss(t, minute, 0, client, target);
        for (int k = 0; minute >= 100 && minute < 105 && k < 20; k++) {
            int n = (minute - 100) * 20 + k;
            snprintf(client, sizeof client, "203.0.113.%d", n % clients);
            snprintf(target, sizeof target, "/%c%c.php", 'a' + n % targets % 26,
                     'a' + n % targets / 26);
            add_miss(t, minute, k, client, target);
        }
    }
    struct ha_report r;
    struct ha_report_context c = {.facts = facts};
    assert_int_equal(ha_report_make(t, &c, &r), HA_OK);
    assert_int_equal(r.spike_count, 1);
    assert_true(r.spikes[0].note_count <= 1);
    sentence[0] = '\0';
    if (r.spikes[0].note_count == 1) {
        struct ha_buf b = {0};
        ha_spike_note_text(&r.spikes[0].notes[0], &b);
        snprintf(sentence, sizeof sentence, "%.*s", (int)b.len, b.ptr);
        ha_buf_free(&b);
    }
    ha_report_free(&r);
    ha_tally_free(&t);
    return sentence;
}

static void many_targets_from_one_place_are_a_scan(void **state)
{
    (void)state;
    assert_string_equal(
        scan_of(1, 100, true),
        "95 % of 105 times 404 are for 203.0.113.0, which asked for 100 targets: a scan looks "
        "like this");
    assert_string_equal(
        scan_of(50, 100, true),
        "95 % of 105 times 404 are for 203.0.113.0/24, which asked for 100 targets: a scan "
        "looks like this");
    assert_string_equal(scan_of(1, 3, true), "");
    assert_string_equal(scan_of(1, 100, false), "");
}

static void notes_are_sentences(void **state)
{
    (void)state;
    const struct {
        struct ha_spike_note note;
        const char *text;
    } cases[] = {
        {{.kind = HA_SPIKE_SLOW_UPSTREAM, .count = {1234, 75}},
         "499 (1,234) and 504 (75) rose together: clients leave and gateways time out where an "
         "upstream is slow"},
        {{.kind = HA_SPIKE_RESTART, .count = {62, 64}, .span = {60, 120}},
         "62 of 64 errors 5xx are 502, within 1 minute: an upstream that is restarted looks "
         "like this"},
        {{.kind = HA_SPIKE_SCAN,
          .count = {105, 40},
          .who = HA_VIEW_LIT("a\033[2J"),
          .share = .951,
          .estimated = true},
         "95 % of 105 times 404 are for \"a\\x1B[2J\", which asked for at least 40 targets: a "
         "scan looks like this"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_buf b = {0};
        ha_spike_note_text(&cases[i].note, &b);
        ha_buf_char(&b, '\0');
        assert_string_equal(b.ptr, cases[i].text);
        ha_buf_free(&b);
    }
}

/* Of logs that could not be looked at as they should. */
static void remarks_say_what_was_not_looked_for(void **state)
{
    (void)state;
    struct ha_report_spike_group groups[] = {{.group = 4, .name = "4xx", .errors = 4},
                                             {.group = 5, .name = "5xx", .errors = 4}};
    const struct {
        enum ha_spikes_state state;
        bool lacks;
        uint64_t errors;
        const char *begins;
    } cases[] = {
        {HA_SPIKES_LOOKED_FOR, false, 100, NULL},
        {HA_SPIKES_LOOKED_FOR, true, 100, "statuses were not looked at one by one: "},
        {HA_SPIKES_OFF, true, 100, NULL},
        {HA_SPIKES_TOO_SHORT, false, 4, NULL},
        {HA_SPIKES_TOO_SHORT, false, 5, "no usual to compare with: "},
        {HA_SPIKES_TOO_LONG, false, 0, "not looked for: "},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_report r = {.spikes_state = cases[i].state,
                              .spikes_lack_statuses = cases[i].lacks,
                              .spike_groups = groups,
                              .spike_group_count = HA_COUNT(groups)};
        struct ha_buf b = {0};
        groups[1].errors = cases[i].errors;
        assert_int_equal(ha_spikes_remark(&r, &b), cases[i].begins != NULL);
        if (cases[i].begins != NULL)
            assert_memory_equal(b.ptr, cases[i].begins, strlen(cases[i].begins));
        ha_buf_free(&b);
    }
}

/* Errors in more minutes than are kept with their status: those of 4xx are not looked at, and where
 * nobody watches their class, conditions must know. */
static void what_was_given_up_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *groups;
        bool lacks_statuses, lacks;
    } cases[] = {{NULL, false, false},
                 {"404,4xx", true, false},
                 {"404", true, true},
                 {"403,429,503", false, false}};
    struct ha_tally_options o = {.limits = HA_LIMITS_DEFAULT, .patterns = 1};
    struct ha_tally *t;
    o.limits.time_buckets = 50;
    assert_int_equal(ha_tally_new(&o, &t), HA_OK);
    for (int i = 0; i < 3 * 60; i++) {
        struct ha_record r = {.verdict = HA_MATCHED, .has_time = true};
        r.status = (int16_t)(i % 3 == 2 ? 503 : 404 + i % 3);
        r.time_us = (BASE_S + i / 3 * 60) * HA_US_PER_S;
        ha_tally_add(t, &r, true, 0);
    }
    assert_int_equal(ha_tally_minutes_kept(t), HA_MINUTES_5XX);
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_spike_choice choice = HA_SPIKE_CHOICE_DEFAULT;
        struct ha_problem p;
        struct ha_report r;
        enum ha_spikes_state spikes;
        uint64_t n;
        if (cases[i].groups != NULL)
            assert_int_equal(ha_spike_choice_parse(ha_view_of(cases[i].groups), &choice, &p),
                             HA_OK);
        struct ha_report_context c = {.facts = facts, .spikes = &choice};
        assert_int_equal(ha_report_make(t, &c, &r), HA_OK);
        assert_int_equal(r.spikes_lack_statuses, cases[i].lacks_statuses);
        ha_report_free(&r);
        assert_int_equal(ha_report_count_spikes(t, &choice, &n, &spikes), HA_OK);
        assert_int_equal(spikes, cases[i].lacks ? HA_SPIKES_TOO_LONG : HA_SPIKES_LOOKED_FOR);
    }
    ha_tally_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_leave_while_gateways_wait),
        cmocka_unit_test(one_of_the_two_alone_tells_nothing),
        cmocka_unit_test(a_restart_is_short_and_then_over),
        cmocka_unit_test(other_bursts_are_no_restart),
        cmocka_unit_test(many_targets_from_one_place_are_a_scan),
        cmocka_unit_test(notes_are_sentences),
        cmocka_unit_test(remarks_say_what_was_not_looked_for),
        cmocka_unit_test(what_was_given_up_is_known),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
