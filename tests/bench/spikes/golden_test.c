/* golden_test.c - the detector, event for event, against its written reference on 200 generated
 * logs: what is told of which group, of which minute, and in which minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "httpannotate/spikes.h"
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
                                       (int)(w->base + w->group[g].now));
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
        bool too_short = false;
        for (size_t m = 0; m < l->minute_count; m++)
            if (l->minutes[m].lines > 0)
                minutes[n++] = (struct ha_spike_minute){
                    l->start_s + 60 * (int64_t)m, l->minutes[m].errors[g], l->minutes[m].good};
        assert_int_equal(ha_spikes_find(minutes, n, &list, &count, &too_short), HA_OK);
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

static void events_are_those_of_the_reference(void **state)
{
    (void)state;
    FILE *f = fopen(HA_GOLDEN, "r");
    assert_non_null(f);
    char row[TEXT], got[TEXT];
    char *field[3];
    size_t logs = 0, events = 0;
    for (; fgets(row, sizeof row, f) != NULL; logs++) {
        struct log l;
        assert_true(split_row(row, field, 3));
        assert_true(log_make(field[0], strtoull(field[1], NULL, 10), &l));
        events_of(&l, got);
        if (strcmp(got, field[2]) != 0)
            print_error("%s seed %s\n", field[0], field[1]);
        assert_string_equal(got, field[2]);
        incidents_agree(&l, got);
        events += got[0] != '\0';
        log_free(&l);
    }
    fclose(f);
    assert_int_equal(logs, GOLDEN_LOGS);
    assert_true(events > GOLDEN_LOGS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(events_are_those_of_the_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
