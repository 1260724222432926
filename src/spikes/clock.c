/* clock.c - lines in the order they come, by their own time, become minutes that close.
 *
 * Minutes that may still change are kept as counts; the groups stand at three places: where time is
 * now, and at two earlier ones. The earliest is behind every line that may still come late: from
 * there all is closed again when one came. */
#include "httpannotate/spike_clock.h"

#include <string.h>

#include "spikes/run.h"
#include "spikes/teller.h"

enum {
    RING = 128,           /* minutes kept as counts: more than from the earliest place to now */
    LATENESS_S = 5,       /* a minute closes so long after its end */
    TOO_LATE_S = 15 * 60, /* a line so late is not used */
    TOO_FAR_S = 16 * 60,  /* nor one so far ahead, until */
    AGREE = 3,            /* there are so many, each not before the others */
    ANOTHER_LOG = 64,     /* so many late ones in a row */
    SINGLES = 200,        /* statuses 400 to 599 */
    GROUPS = SINGLES + 2,
};

enum { NOW, LATER, EARLIEST, PLACES };

struct watched {
    int group;
    uint64_t next_look; /* errors in the open minute before which no look will find anything */
    struct ha_spike_run run[PLACES];
    struct ha_teller teller;
    uint32_t errors[RING];
};

struct minute {
    int64_t number;
    bool has_lines;
    uint64_t good;
};

struct ha_spike_clock {
    struct ha_spike_choice choice;
    ha_spike_tell_fn *tell;
    void *to;
    bool started; /* a line came */
    bool dirty;   /* a line came late: what was closed is to be done again */
    bool failed;
    int64_t max_s; /* the newest second */
    struct ha_spike_place at[PLACES];
    struct minute minutes[RING];
    struct watched *groups[GROUPS]; /* classes first, then in the order they were seen */
    size_t group_count;
    struct watched none;        /* a group without errors: what a new one has been up to now */
    uint8_t of_status[SINGLES]; /* index of a status's own group, plus 1 */
    uint8_t of_class[2];        /* of 4xx and 5xx */
    struct ahead {
        int64_t second;
        int status;
    } ahead[AGREE]; /* lines that are far ahead of all others */
    size_t ahead_count;
    uint64_t late_in_a_row;
    struct ha_spike_unused unused;
};

static int64_t minute_of(int64_t second)
{
    return ha_floor_div(second, HA_SPIKE_WIDTH_S);
}

static unsigned slot(int64_t minute)
{
    return (unsigned)((uint64_t)minute % RING);
}

/* ---- groups ---- */

static struct watched *add_group(struct ha_spike_clock *c, int group)
{
    struct watched *w = ha_alloc(sizeof *w);
    if (w == NULL) {
        c->failed = true;
        return NULL;
    }
    *w = c->none;
    w->group = group;
    c->groups[c->group_count++] = w;
    return w;
}

/* The index of a group, made when there is none; 0 when it is not watched. */
static size_t group_at(struct ha_spike_clock *c, int group, uint8_t *index)
{
    if (*index == 0 && ha_spike_watches(&c->choice, group) && add_group(c, group) != NULL)
        *index = (uint8_t)c->group_count;
    return *index;
}

/* The groups that a status counts in, the class first. Returns how many. */
static size_t groups_of(struct ha_spike_clock *c, int status, struct watched *found[2])
{
    size_t n = 0;
    if (status < 400 || status > 599)
        return 0;
    size_t class = group_at(c, status / 100, &c->of_class[status / 100 - 4]);
    size_t single = group_at(c, status, &c->of_status[status - 400]);
    if (class > 0)
        found[n++] = c->groups[class - 1];
    if (single > 0)
        found[n++] = c->groups[single - 1];
    return n;
}

static const struct ha_teller *class_of(const struct ha_spike_clock *c, int group)
{
    /* 429 stands on its own: what it says is no part of what 4xx does. */
    if (group < 500 || c->of_class[1] == 0)
        return NULL;
    return &c->groups[c->of_class[1] - 1]->teller;
}

static struct ha_teller_view view_of(const struct ha_spike_clock *c, const struct watched *w,
                                     int64_t told_s)
{
    return (struct ha_teller_view){.run = &w->run[NOW],
                                   .group = w->group,
                                   .told_s = told_s,
                                   .class = class_of(c, w->group),
                                   .tell = c->tell,
                                   .to = c->to};
}

/* ---- closing ---- */

static void move(struct ha_spike_clock *c, int from, int to)
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
        const struct ha_teller_view v = view_of(c, w, c->at[NOW].next * HA_SPIKE_WIDTH_S);
        ha_teller_look(&w->teller, &v);
    }
}

/* Closes the next minute, or a long silence at once. */
static void step(struct ha_spike_clock *c, bool tell)
{
    struct ha_spike_place *at = &c->at[NOW];
    int64_t next = next_with_lines(c, at->next);
    bool long_silence = at->next == at->last + 1 && next - at->next > HA_SPIKE_LONG_SILENCE;
    int count = long_silence ? HA_SPIKE_RING : 1;
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

/* Does again what was closed since the earliest place, with the lines that came late. */
static void close_again(struct ha_spike_clock *c)
{
    int64_t until = c->at[NOW].next, later = c->at[LATER].next;
    bool taken = c->at[LATER].next == c->at[EARLIEST].next;
    move(c, EARLIEST, NOW);
    while (c->at[NOW].next < until) {
        step(c, false);
        if (!taken && c->at[NOW].next >= later) {
            move(c, NOW, LATER);
            taken = true;
        }
    }
    c->dirty = false;
    tell_all(c);
}

/* Keeps a place behind every line that may still come. */
static void keep_places(struct ha_spike_clock *c)
{
    int64_t first = minute_of(c->max_s - TOO_LATE_S + 1); /* that a line may come for */
    if (c->at[LATER].next > first)
        return;
    if (c->dirty)
        close_again(c);
    move(c, LATER, EARLIEST);
    move(c, NOW, LATER);
}

static void close_before(struct ha_spike_clock *c, int64_t minute)
{
    if (c->at[NOW].next < minute && c->dirty)
        close_again(c);
    while (c->at[NOW].next < minute)
        step(c, true);
}

/* ---- lines ---- */

static void start_at(struct ha_spike_clock *c, int64_t second)
{
    c->started = true;
    c->dirty = false;
    c->max_s = second;
    c->at[NOW] = ha_spike_place_at(minute_of(second));
    c->at[NOW].base -= c->none.run[NOW].group.now;
    move(c, NOW, LATER);
    move(c, NOW, EARLIEST);
    for (size_t i = 0; i < RING; i++)
        c->minutes[i].has_lines = false;
}

/* Another log begins, whose time is before: the windows may not reach from one into the other, so
 * that there is a silence between them. */
static void start_again(struct ha_spike_clock *c, int64_t second)
{
    ha_spike_clock_end(c);
    for (int i = 0; i < HA_SPIKE_RING; i++) {
        close_one(c);
        tell_all(c);
    }
    ha_spike_run_skip(&c->none.run[NOW]);
    for (size_t g = 0; g < c->group_count; g++) {
        ha_teller_init(&c->groups[g]->teller);
        ha_spike_run_skip(&c->groups[g]->run[NOW]);
        c->groups[g]->run[NOW].incident = (struct ha_incident){0};
    }
    start_at(c, second);
}

/* A second that is newer than all. A jump leaves minutes behind for which nothing can come. */
static void move_on(struct ha_spike_clock *c, int64_t second)
{
    if (minute_of(second) > minute_of(c->max_s) + TOO_FAR_S / HA_SPIKE_WIDTH_S) {
        if (c->dirty)
            close_again(c);
        close_before(c, minute_of(c->max_s) + 1);
        move(c, NOW, LATER);
        move(c, NOW, EARLIEST);
    }
    c->max_s = second;
}

/* What a late line adds to a closed minute is seen by looks at once, by the rest when all is done
 * again. */
static void add_late(struct ha_spike_clock *c, struct watched *w, int64_t minute, uint64_t errors,
                     uint64_t good)
{
    struct ha_spike_group *g = &w->run[NOW].group;
    int64_t bucket = minute - c->at[NOW].base;
    if (bucket < 0 || bucket >= g->now || g->now - bucket >= HA_SPIKE_RING)
        return;
    unsigned i = (unsigned)((uint64_t)bucket % HA_SPIKE_RING);
    g->errors[i] += (uint32_t)errors;
    g->good[i] += (uint32_t)good;
    g->silent &= (uint16_t) ~(1u << i);
    w->next_look = 0;
}

static struct minute *minute_at(struct ha_spike_clock *c, int64_t number)
{
    unsigned i = slot(number);
    struct minute *m = &c->minutes[i];
    if (m->has_lines && m->number == number)
        return m;
    *m = (struct minute){.number = number, .has_lines = true};
    for (size_t g = 0; g < c->group_count; g++)
        c->groups[g]->errors[i] = 0;
    return m;
}

static void look_early(struct ha_spike_clock *c, struct watched *w, int64_t second)
{
    int64_t minute = minute_of(second);
    uint64_t errors = w->errors[slot(minute)];
    struct ha_spike_look look;
    if (errors < w->next_look || minute != c->at[NOW].next)
        return;
    w->next_look = UINT64_MAX;
    if (!ha_teller_may_look(&w->teller, second))
        return;
    if (!ha_spike_group_look(&w->run[NOW].group, errors, c->minutes[slot(minute)].good, &look)) {
        w->next_look = look.next;
        return;
    }
    const struct ha_teller_view v = view_of(c, w, second);
    ha_teller_early(&w->teller, &v, &look, errors, c->at[NOW].base * HA_SPIKE_WIDTH_S);
}

/* A young log has lines from before its first. */
static void start_before(struct ha_spike_clock *c, int64_t minute)
{
    bool young = c->at[LATER].next == c->at[EARLIEST].next;
    c->at[EARLIEST] = ha_spike_place_at(minute);
    c->at[EARLIEST].base -= c->none.run[EARLIEST].group.now;
    if (young)
        c->at[LATER] = c->at[EARLIEST];
}

/* Counts lines of one second that is used. */
static void count(struct ha_spike_clock *c, int64_t second, uint64_t good, int status)
{
    if (second > c->max_s)
        move_on(c, second);
    int64_t number = minute_of(second);
    bool late = number < c->at[NOW].next;
    c->dirty |= late;
    if (number < c->at[EARLIEST].next)
        start_before(c, number);
    struct watched *found[2];
    size_t n = groups_of(c, status, found);
    struct minute *m = minute_at(c, number);
    m->good += good;
    for (size_t g = 0; late && good > 0 && g < c->group_count; g++)
        add_late(c, c->groups[g], number, 0, good);
    for (size_t i = 0; i < n; i++) {
        uint32_t *errors = &found[i]->errors[slot(number)];
        *errors += *errors < UINT32_MAX;
        if (late)
            add_late(c, found[i], number, 1, 0);
        else
            look_early(c, found[i], second);
    }
    close_before(c, minute_of(c->max_s - LATENESS_S));
    keep_places(c);
}

static bool is_far_ahead(const struct ha_spike_clock *c, int64_t second)
{
    return c->started && second > c->max_s + TOO_FAR_S;
}

static void use(struct ha_spike_clock *c, int64_t second, uint64_t good, int status)
{
    uint64_t lines = good + (status != HA_NO_LINE);
    if (!c->started)
        start_at(c, second);
    if (second <= c->max_s - TOO_LATE_S) {
        uint64_t more = ANOTHER_LOG - 1 - c->late_in_a_row;
        c->unused.late += lines <= more ? lines : more;
        if (lines <= more) {
            c->late_in_a_row += lines;
            return;
        }
        good -= more;
        start_again(c, second);
    }
    c->late_in_a_row = 0;
    if (good > 0)
        count(c, second, good, HA_NO_LINE);
    if (status != HA_NO_LINE)
        count(c, second, 0, status);
}

static void use_first_ahead(struct ha_spike_clock *c)
{
    struct ahead first = c->ahead[0];
    c->ahead_count--;
    memmove(c->ahead, c->ahead + 1, c->ahead_count * sizeof *c->ahead);
    use(c, first.second, first.status == HA_NO_LINE, first.status);
}

/* A line came. One far ahead of it was no part of this log. */
static void drop_ahead(struct ha_spike_clock *c, int64_t second)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->ahead_count; i++)
        if (second > c->ahead[i].second - TOO_LATE_S)
            c->ahead[kept++] = c->ahead[i];
    c->unused.ahead += c->ahead_count - kept;
    c->ahead_count = kept;
}

/* Those that are not far ahead any more. */
static void use_ahead(struct ha_spike_clock *c)
{
    while (c->ahead_count > 0 && !is_far_ahead(c, c->ahead[0].second))
        use_first_ahead(c);
}

/* One line that is far ahead: kept until two more come that are not before it. */
static void keep_ahead(struct ha_spike_clock *c, int64_t second, int status)
{
    drop_ahead(c, second);
    c->ahead[c->ahead_count++] = (struct ahead){second, status};
    if (c->ahead_count == AGREE)
        use_first_ahead(c);
    use_ahead(c);
}

void ha_spike_clock_lines(struct ha_spike_clock *c, int64_t second, uint64_t good, int status)
{
    while (good > 0 && is_far_ahead(c, second)) {
        keep_ahead(c, second, HA_NO_LINE);
        good--;
    }
    if (status != HA_NO_LINE && is_far_ahead(c, second)) {
        keep_ahead(c, second, status);
        status = HA_NO_LINE;
    }
    if (good == 0 && status == HA_NO_LINE)
        return;
    use(c, second, good, status);
    drop_ahead(c, second);
    use_ahead(c);
}

void ha_spike_clock_end(struct ha_spike_clock *c)
{
    while (c->ahead_count > 0)
        use_first_ahead(c);
    if (c->started && c->dirty)
        close_again(c);
    if (c->started)
        close_before(c, minute_of(c->max_s) + 1);
}

enum ha_err ha_spike_clock_new(const struct ha_spike_choice *choice, ha_spike_tell_fn *tell,
                               void *to, struct ha_spike_clock **out)
{
    struct ha_spike_clock *c = ha_calloc(1, sizeof *c);
    *out = c;
    if (c == NULL)
        return HA_ERR_MEMORY;
    c->choice = *choice;
    c->tell = tell;
    c->to = to;
    ha_teller_init(&c->none.teller);
    for (size_t i = 0; i < PLACES; i++)
        ha_spike_run_init(&c->none.run[i]);
    return HA_OK;
}

void ha_spike_clock_free(struct ha_spike_clock **out)
{
    struct ha_spike_clock *c = *out;
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->group_count; i++)
        ha_free(c->groups[i]);
    ha_free(c);
    *out = NULL;
}

const struct ha_spike_group *ha_spike_clock_group(const struct ha_spike_clock *c, int group)
{
    for (size_t i = 0; i < c->group_count; i++)
        if (c->groups[i]->group == group)
            return &c->groups[i]->run[NOW].group;
    return NULL;
}

struct ha_spike_unused ha_spike_clock_unused(const struct ha_spike_clock *c)
{
    return c->unused;
}

int64_t ha_spike_clock_now(const struct ha_spike_clock *c)
{
    return c->max_s;
}

bool ha_spike_clock_ok(const struct ha_spike_clock *c)
{
    return !c->failed;
}
