/* clock.c - lines in the order they come, by their own time, become minutes that close.
 *
 * Minutes that may still change are kept as counts; the groups stand at three places: where time is
 * now, and at two earlier ones. The earliest is behind every line that may still come late: from
 * there all is closed again when one came. */
#include <string.h>

#include "spikes/clock_parts.h"

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

/* The index of a group, plus 1, made when there is none; 0 when it is not watched. */
static inline size_t group_at(struct ha_spike_clock *c, int group, uint8_t *index)
{
    if (__builtin_expect(*index == 0, 0)) {
        if (!ha_spike_watches(&c->choice, group))
            *index = NOT_WATCHED;
        else if (add_group(c, group) != NULL)
            *index = (uint8_t)c->group_count;
    }
    return *index == NOT_WATCHED ? 0 : *index;
}

/* The groups that a status counts in, the class first. Returns how many. */
static inline __attribute__((always_inline)) size_t groups_of(struct ha_spike_clock *c, int status,
                                                              struct watched *found[2])
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

/* ---- lines ---- */

static void start_at(struct ha_spike_clock *c, int64_t second)
{
    c->started = true;
    c->dirty = false;
    c->max_s = second;
    c->at[NOW] = ha_spike_place_at(minute_of(second));
    c->at[NOW].base -= c->none.run[NOW].group.now;
    ha_clock_move(c, NOW, LATER);
    ha_clock_move(c, NOW, EARLIEST);
    for (size_t i = 0; i < RING; i++)
        c->minutes[i].has_lines = false;
}

/* Another log begins, whose time is before: the windows may not reach from one into the other, so
 * that there is a silence between them. */
static void start_again(struct ha_spike_clock *c, int64_t second)
{
    ha_spike_clock_end(c);
    for (int i = 0; i < HA_SPIKE_RING; i++)
        ha_clock_close_one(c);
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
            ha_clock_close_again(c);
        ha_clock_close_before(c, minute_of(c->max_s) + 1);
        ha_clock_move(c, NOW, LATER);
        ha_clock_move(c, NOW, EARLIEST);
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
    if (minute != c->at[NOW].next)
        return;
    w->next_look = UINT64_MAX;
    if (!ha_teller_may_look(&w->teller, second))
        return;
    if (!ha_spike_group_look(&w->run[NOW].group, errors, c->minutes[slot(minute)].good, &look)) {
        w->next_look = look.next;
        return;
    }
    const struct ha_teller_view v = ha_clock_view(c, w, second);
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

/* From the newest line's minute on to where the next second is that moves anything: closes a minute
 * or takes a place along. */
static void find_still(struct ha_spike_clock *c)
{
    enum { PLACES_S = (TOO_LATE_S - 1) % HA_SPIKE_WIDTH_S };
    int64_t from = minute_of(c->max_s) * HA_SPIKE_WIDTH_S, at = c->max_s - from;
    c->still_from = from;
    c->still_to = from + (at < LATENESS_S ? LATENESS_S
                          : at < PLACES_S ? PLACES_S
                                          : HA_SPIKE_WIDTH_S);
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
        else if (*errors >= found[i]->next_look)
            look_early(c, found[i], second);
    }
    ha_clock_close_before(c, minute_of(c->max_s - LATENESS_S));
    ha_clock_keep_places(c);
    find_still(c);
}

/* Most lines are of the minute of the one before and move nothing. */
static inline bool count_still(struct ha_spike_clock *c, int64_t second, uint64_t good, int status)
{
    if (second < c->still_from || second >= c->still_to || c->ahead_count > 0)
        return false;
    unsigned i = slot(minute_of(c->still_from));
    c->max_s = second > c->max_s ? second : c->max_s;
    c->late_in_a_row = 0;
    c->minutes[i].good += good;
    struct watched *found[2];
    size_t n = groups_of(c, status, found);
    for (size_t g = 0; g < n; g++) {
        uint32_t *errors = &found[g]->errors[i];
        *errors += *errors < UINT32_MAX;
        if (__builtin_expect(*errors >= found[g]->next_look, 0))
            look_early(c, found[g], second);
    }
    return true;
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
    if (count_still(c, second, good, status))
        return;
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
        ha_clock_close_again(c);
    if (c->started)
        ha_clock_close_before(c, minute_of(c->max_s) + 1);
    c->still_to = c->still_from; /* the newest minute is closed */
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
