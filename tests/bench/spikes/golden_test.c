/* golden_test.c - the detector, event for event, against its written reference on 200 generated
 * logs: what is told of which group, of which minute, and when; first minute by minute as they
 * close, then by the stream clock, which looks at the open minute too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "httpannotate/spike_clock.h"
#include "scenarios.h"

enum { TEXT = 4096, COUNTED_SILENCE = 5, GOLDEN_LOGS = 200 };
static const char *const group_names[LOG_GROUPS] = {"429", "5xx"};
static const char *const kind_names[] = {[HA_SPIKE_START] = "spike",
                                         [HA_SPIKE_AGAIN] = "again",
                                         [HA_SPIKE_WORSE] = "worse",
                                         [HA_SPIKE_END] = "end",
                                         [HA_SPIKE_SETTLED] = "settled"};

struct watch {
    struct ha_spike_group group[LOG_GROUPS];
    int64_t base; /* minute of the log that bucket 0 is */
    char *to;
    size_t len;
};

static void close_minute(struct watch *w, const struct log_minute *m, int silent)
{
    for (int g = 0; g < LOG_GROUPS; g++) {
        struct ha_spike_event events[HA_SPIKE_EVENTS];
        size_t n = ha_spike_group_close(&w->group[g], m->errors[g], m->good,
                                        silent > COUNTED_SILENCE, events);
        for (size_t i = 0; i < n; i++)
            w->len += (size_t)snprintf(w->to + w->len, TEXT - w->len, "%s%s %s %d %d",
                                       w->len > 0 ? "; " : "", group_names[g],
                                       kind_names[events[i].kind], (int)(w->base + events[i].since),
                                       60 * (int)(w->base + w->group[g].now));
        assert_true(w->len < TEXT);
    }
}

/* Closes the minutes of the log in turn; of a long silence as many as can matter. */
static void events_of(const struct log *l, char to[TEXT])
{
    static const struct log_minute empty;
    struct watch w = {.to = to};
    to[0] = '\0';
    for (int g = 0; g < LOG_GROUPS; g++)
        ha_spike_group_init(&w.group[g]);
    size_t first = 0, last = l->minute_count;
    while (first < l->minute_count && l->minutes[first].lines == 0)
        first++;
    while (last > first && l->minutes[last - 1].lines == 0)
        last--;
    w.base = (int64_t)first;
    for (size_t m = first; m < last;) {
        size_t next = m;
        while (l->minutes[next].lines == 0)
            next++;
        size_t skipped = next - m > 4 * HA_SPIKE_RING ? next - m - HA_SPIKE_RING : 0;
        for (int silent = 1; (size_t)silent <= next - m - skipped; silent++)
            close_minute(&w, &empty, silent);
        w.base += (int64_t)skipped;
        close_minute(&w, &l->minutes[next], 0);
        m = next + 1;
    }
}

/* The report's list: incidents that were told, and from when to when. */
static void incidents_agree(const struct log *l, const char *events)
{
    for (int g = 0; g < LOG_GROUPS; g++) {
        struct ha_spike_minute *minutes = calloc(l->minute_count + 1, sizeof *minutes);
        size_t n = 0, count = 0;
        struct ha_spike *list = NULL;
        for (size_t m = 0; m < l->minute_count; m++)
            if (l->minutes[m].lines > 0)
                minutes[n++] = (struct ha_spike_minute){
                    l->start_s + 60 * (int64_t)m, l->minutes[m].errors[g], l->minutes[m].good};
        assert_int_equal(ha_spikes_find(minutes, n, &list, &count), HA_OK);
        size_t told = 0;
        char start[32];
        snprintf(start, sizeof start, "%s spike ", group_names[g]);
        for (const char *at = strstr(events, start); at != NULL; at = strstr(at + 1, start)) {
            assert_true(told < count);
            assert_int_equal((list[told].start_s - l->start_s) / 60,
                             strtol(at + strlen(start), NULL, 10));
            told++;
        }
        assert_int_equal(told, count);
        ha_free(list);
        free(minutes);
    }
}

struct row {
    struct log log;
    const char *seed, *closing, *early; /* events */
    char text[2 * TEXT];
};

static void read_row(struct row *r, char *field[4])
{
    assert_true(split_row(r->text, field, 4));
    assert_true(log_make(field[0], strtoull(field[1], NULL, 10), &r->log));
    r->seed = field[1];
    r->closing = field[2];
    r->early = field[3];
}

static void for_each_log(void (*check)(const struct row *r))
{
    static struct row r;
    FILE *f = fopen(HA_GOLDEN, "r");
    size_t logs = 0, events = 0;
    char *field[4];
    assert_non_null(f);
    for (; fgets(r.text, sizeof r.text, f) != NULL; logs++) {
        read_row(&r, field);
        events += r.closing[0] != '\0';
        check(&r);
        log_free(&r.log);
    }
    fclose(f);
    assert_int_equal(logs, GOLDEN_LOGS);
    assert_true(events > GOLDEN_LOGS / 4);
}

static void check_closing(const struct row *r)
{
    char got[TEXT];
    events_of(&r->log, got);
    if (strcmp(got, r->closing) != 0)
        print_error("seed %s\n", r->seed);
    assert_string_equal(got, r->closing);
    incidents_agree(&r->log, got);
}

static void minutes_give_the_events_of_the_reference(void **state)
{
    (void)state;
    for_each_log(check_closing);
}

/* What the clock tells, in the words of the reference. */
struct heard {
    struct heard_event {
        char what[24];        /* group and kind */
        int64_t minute, told; /* it speaks of, and the second it is told at */
    } events[32];
    size_t count;
    int64_t start_s;
    bool taken_back;
};

static void hear(void *to, const struct ha_spike_told *t)
{
    static const char *const names[] = {[HA_TOLD_START] = "spike",
                                        [HA_TOLD_WORSE] = "worse",
                                        [HA_TOLD_SETTLED] = "settled",
                                        [HA_TOLD_END] = "end"};
    struct heard *h = to;
    bool over = t->kind == HA_TOLD_SETTLED || t->kind == HA_TOLD_END;
    h->taken_back |= t->kind == HA_TOLD_NONE;
    if (t->kind == HA_TOLD_AGAIN || t->kind == HA_TOLD_NONE)
        return; /* the reference has neither */
    assert_true(h->count < HA_COUNT(h->events));
    int64_t of = (over ? t->spike.end_s : t->spike.start_s) - h->start_s;
    struct heard_event *e = &h->events[h->count++];
    *e = (struct heard_event){"", of / 60, t->told_s - h->start_s};
    snprintf(e->what, sizeof e->what, "%s %s", t->group == 429 ? "429" : "5xx", names[t->kind]);
}

static void listen(const struct log *l, struct heard *h)
{
    struct ha_spike_choice choice = HA_SPIKE_CHOICE_DEFAULT;
    struct ha_problem problem = {0};
    struct ha_spike_clock *c = NULL;
    const struct ha_view groups = {"429,5xx", 7};
    *h = (struct heard){.start_s = l->start_s};
    assert_int_equal(ha_spike_choice_parse(groups, &choice, &problem), HA_OK);
    assert_int_equal(ha_spike_clock_new(&choice, hear, h, &c), HA_OK);
    for (size_t i = 0; i < l->line_count; i++) {
        bool good = l->lines[i].status < 400;
        ha_spike_clock_lines(c, l->lines[i].time_s, good, good ? HA_NO_LINE : l->lines[i].status);
    }
    ha_spike_clock_end(c);
    assert_true(ha_spike_clock_ok(c));
    ha_spike_clock_free(&c);
}

/* Whether it was told what the reference tells: "429 spike 40 2411". An end may be told earlier: it
 * is put where it was likely, not where the last minute was that is above the usual. */
static bool was_heard(const struct heard *h, const char *want)
{
    char *end = NULL;
    const char *space = strchr(strchr(want, ' ') + 1, ' ');
    size_t what = (size_t)(space - want);
    int64_t minute = strtol(space, &end, 10), told = strtol(end, NULL, 10);
    for (size_t i = 0; i < h->count; i++) {
        const struct heard_event *e = &h->events[i];
        bool may_differ = strstr(e->what, "end") != NULL && e->minute < minute;
        if (strlen(e->what) == what && memcmp(e->what, want, what) == 0 && e->told == told &&
            (e->minute == minute || may_differ))
            return true;
    }
    return false;
}

/* Whether an end is told of the group at the second of what the reference tells. */
static bool was_ended(const struct heard *h, const char *want)
{
    const char *told = strrchr(want, ' ');
    for (size_t i = 0; i < h->count; i++) {
        const struct heard_event *e = &h->events[i];
        if (strncmp(e->what, want, 3) == 0 && strstr(e->what, "end") != NULL &&
            e->told == strtol(told, NULL, 10))
            return true;
    }
    return false;
}

static size_t taken_back, as_before;

/* The reference lets an early look open an incident; the clock only tells of it, and takes back
 * what the closed minute does not bear out. Where the reference settles on a level that is about
 * the usual one, and tells its end later, the clock tells the end at once. The reference also tells
 * the ends of those it noted without an alert. */
static void check_clock(const struct row *r)
{
    struct heard h;
    bool noted[LOG_GROUPS] = {false}; /* what comes of it is not told */
    size_t told = 0;
    char events[2 * TEXT];
    listen(&r->log, &h);
    taken_back += h.taken_back;
    if (h.taken_back)
        return;
    snprintf(events, sizeof events, "%s", r->early);
    for (char *at = events; at != NULL && *at != '\0';) {
        char *next = strchr(at, ';');
        if (next != NULL)
            *next++ = '\0';
        int g = strncmp(at, "429", 3) == 0 ? 0 : 1;
        if (strstr(at, "spike") != NULL || strstr(at, "again") != NULL)
            noted[g] = strstr(at, "again") != NULL;
        if (strstr(at, "settled") != NULL && was_ended(&h, at)) {
            noted[g] = true;
            as_before++;
            told++;
        } else if (!noted[g]) {
            if (!was_heard(&h, at))
                print_error("seed %s: not told: %s\n", r->seed, at);
            assert_true(was_heard(&h, at));
            told++;
        }
        at = next != NULL ? next + strspn(next, " ") : NULL;
    }
    assert_int_equal(told, h.count);
}

static void the_clock_tells_the_events_of_the_reference(void **state)
{
    (void)state;
    taken_back = as_before = 0;
    for_each_log(check_clock);
    assert_int_equal(taken_back, 2);
    assert_int_equal(as_before, 2); /* seeds 9129 and 9139: over since minutes 216 and 69 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minutes_give_the_events_of_the_reference),
        cmocka_unit_test(the_clock_tells_the_events_of_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
