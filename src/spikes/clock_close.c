/* clock_close.c - minutes close, and are closed again when lines came late. */
#include "spikes/clock_parts.h"

static const struct ha_teller *class_of(const struct ha_spike_clock *c, int group)
{
    /* 429 stands on its own: what it says is no part of what 4xx does. */
    uint8_t index = c->of_class[1];
    if (group < 500 || index == 0 || index == NOT_WATCHED)
        return NULL;
    return &c->groups[index - 1]->teller;
}

struct ha_teller_view ha_clock_view(const struct ha_spike_clock *c, const struct watched *w,
                                    int64_t told_s)
{
    return (struct ha_teller_view){.run = &w->run[NOW],
                                   .group = w->group,
                                   .told_s = told_s,
                                   .class = class_of(c, w->group),
                                   .tell = c->tell,
                                   .to = c->to};
}

void ha_clock_move(struct ha_spike_clock *c, int from, int to)
{
    c->at[to] = c->at[from];
    c->none.run[to] = c->none.run[from];
    for (size_t i = 0; i < c->group_count; i++)
        c->groups[i]->run[to] = c->groups[i]->run[from];
}

/* The first minute from this one on that has lines. */
static int64_t next_with_lines(const struct ha_spike_clock *c, int64_t minute)
{
    int64_t newest = minute_of(c->max_s);
    int64_t m = minute > newest - RING ? minute : newest - RING + 1;
    while (m < newest && !(c->minutes[slot(m)].number == m && c->minutes[slot(m)].has_lines))
        m++;
    return m;
}

static void close_one(struct ha_spike_clock *c)
{
    struct ha_spike_place *at = &c->at[NOW];
    unsigned i = slot(at->next);
    bool has_lines = c->minutes[i].number == at->next && c->minutes[i].has_lines;
    uint64_t good = has_lines ? c->minutes[i].good : 0;
    ha_spike_run_close(&c->none.run[NOW], at, 0, good, has_lines);
    for (size_t g = 0; g < c->group_count; g++) {
        struct watched *w = c->groups[g];
        ha_spike_run_close(&w->run[NOW], at, has_lines ? w->errors[i] : 0, good, has_lines);
        w->next_look = 0;
    }
    ha_spike_place_on(at, has_lines);
}

static void tell_all(struct ha_spike_clock *c)
{
    for (size_t g = 0; g < c->group_count; g++) {
        struct watched *w = c->groups[g];
        const struct ha_teller_view v = ha_clock_view(c, w, c->at[NOW].next * HA_SPIKE_WIDTH_S);
        ha_teller_look(&w->teller, &v);
    }
}

void ha_clock_close_one(struct ha_spike_clock *c)
{
    close_one(c);
    tell_all(c);
}

/* Minutes of a silence in which nothing will happen any more, up to where lines come again or to
 * `until`; 0 where that is not known. What was told must be told of all that happened. */
static int64_t rest_before(const struct ha_spike_clock *c, int64_t until)
{
    const struct ha_spike_place *at = &c->at[NOW];
    if (at->next - at->last <= HA_SPIKE_RING || !ha_spike_group_rests(&c->none.run[NOW].group))
        return 0;
    for (size_t g = 0; g < c->group_count; g++)
        if (!ha_spike_group_rests(&c->groups[g]->run[NOW].group) ||
            !ha_teller_rests(&c->groups[g]->teller))
            return 0;
    int64_t next = next_with_lines(c, at->next);
    return (next < until ? next : until) - at->next;
}

static void rest(struct ha_spike_clock *c, int64_t minutes)
{
    ha_spike_group_rest(&c->none.run[NOW].group, minutes);
    for (size_t g = 0; g < c->group_count; g++)
        ha_spike_group_rest(&c->groups[g]->run[NOW].group, minutes);
    c->at[NOW].next += minutes;
}

/* Closes the next minute, or a long silence at once, or of a shorter one what is left of it when it
 * can change nothing. Goes not beyond `until`, but with a long silence. */
static void step(struct ha_spike_clock *c, int64_t until, bool tell)
{
    struct ha_spike_place *at = &c->at[NOW];
    bool first = at->next == at->last + 1; /* behind a minute with lines */
    int64_t next = first ? next_with_lines(c, at->next) : at->next;
    bool long_silence = next - at->next > HA_SPIKE_LONG_SILENCE;
    int count = long_silence ? HA_SPIKE_RING : 1;
    int64_t quiet = rest_before(c, until);
    if (quiet > 0) {
        rest(c, quiet);
        return;
    }
    for (int i = 0; i < count; i++) {
        close_one(c);
        if (tell)
            tell_all(c);
    }
    if (!long_silence)
        return;
    ha_spike_place_skip(at, next);
    ha_spike_run_skip(&c->none.run[NOW]);
    for (size_t g = 0; g < c->group_count; g++)
        ha_spike_run_skip(&c->groups[g]->run[NOW]);
}

void ha_clock_close_again(struct ha_spike_clock *c)
{
    int64_t until = c->at[NOW].next, later = c->at[LATER].next;
    bool taken = c->at[LATER].next == c->at[EARLIEST].next;
    ha_clock_move(c, EARLIEST, NOW);
    while (c->at[NOW].next < until) {
        step(c, taken ? until : later, false);
        if (!taken && c->at[NOW].next >= later) {
            ha_clock_move(c, NOW, LATER);
            taken = true;
        }
    }
    c->dirty = false;
    tell_all(c);
}

void ha_clock_keep_places(struct ha_spike_clock *c)
{
    int64_t first = minute_of(c->max_s - TOO_LATE_S + 1); /* that a line may come for */
    if (c->at[LATER].next > first)
        return;
    if (c->dirty)
        ha_clock_close_again(c);
    ha_clock_move(c, LATER, EARLIEST);
    ha_clock_move(c, NOW, LATER);
}

void ha_clock_close_before(struct ha_spike_clock *c, int64_t minute)
{
    if (c->at[NOW].next < minute && c->dirty)
        ha_clock_close_again(c);
    while (c->at[NOW].next < minute)
        step(c, minute, true);
}
