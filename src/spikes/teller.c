/* teller.c - what has been told against where the incident stands. */
#include "spikes/teller.h"

enum { HOLD_BACK_S = 15 * 60 }; /* after an early telling that was wrong, none for so long */

void ha_teller_init(struct ha_teller *t)
{
    *t = (struct ha_teller){.handled_s = INT64_MIN, .no_early_s = INT64_MIN};
}

bool ha_teller_rests(const struct ha_teller *t)
{
    return t->told == HA_INCIDENT_NONE && !t->early && !t->withdrawn;
}

bool ha_teller_may_look(const struct ha_teller *t, int64_t second)
{
    return t->told != HA_INCIDENT_OPEN && second >= t->no_early_s;
}

/* Whether the class of a status is told as open, which says it of the status, too. A class itself
 * is never hushed. */
static bool class_is_told(const struct ha_teller_view *v)
{
    return v->class != NULL && v->class->told == HA_INCIDENT_OPEN;
}

static uint64_t newest_errors(const struct ha_spike_group *g)
{
    return g->errors[(uint64_t)(g->now - 1) % HA_SPIKE_RING];
}

static void tell(const struct ha_teller *t, const struct ha_teller_view *v, enum ha_told_kind kind)
{
    const struct ha_incident *in = &v->run->incident;
    const struct ha_spike_group *g = &v->run->group;
    if (t->hushed)
        return;
    bool over = in->state != HA_INCIDENT_OPEN;
    struct ha_spike_told told = {
        .kind = kind,
        .group = v->group,
        .early = t->early,
        .told_s = v->told_s,
        .rate = (double)newest_errors(g),
        .rate_before = in->told_rate,
        .first_s = t->first_s,
        .spike = {.start_s = in->start_s,
                  .end_s = over ? in->end_s : 0,
                  .is_open = !over,
                  .settled = in->lasted,
                  .count = over ? in->end_count : in->count,
                  .peak_per_minute = (double)(over ? in->end_peak : in->peak),
                  .usual_per_minute = in->usual},
    };
    if (kind == HA_TOLD_NONE)
        told.spike = (struct ha_spike){.start_s = t->start_s, .end_s = v->told_s};
    if (kind == HA_TOLD_START && g->now > in->onset) {
        double mean = (double)in->count / (double)(g->now - in->onset);
        told.rate = mean > told.rate ? mean : told.rate;
    }
    v->tell(v->to, &told);
}

static void open(struct ha_teller *t, const struct ha_teller_view *v, bool again)
{
    t->told = HA_INCIDENT_OPEN;
    t->early = false;
    t->hushed = class_is_told(v);
    t->said_worse &= again;
    t->start_s = v->run->incident.start_s;
    t->first_s = again ? t->handled_first_s : t->start_s;
    tell(t, v, again ? HA_TOLD_AGAIN : HA_TOLD_START);
}

static void withdraw(struct ha_teller *t, const struct ha_teller_view *v)
{
    tell(t, v, HA_TOLD_NONE);
    t->told = HA_INCIDENT_NONE;
    t->early = false;
    t->withdrawn = true;
    t->no_early_s = v->told_s + HOLD_BACK_S;
}

static void end(struct ha_teller *t, const struct ha_teller_view *v)
{
    tell(t, v, HA_TOLD_END);
    t->told = HA_INCIDENT_NONE;
    t->handled_s = v->run->incident.end_s;
    t->handled_first_s = t->first_s;
}

/* What was told as open. */
static void follow(struct ha_teller *t, const struct ha_teller_view *v)
{
    const struct ha_incident *in = &v->run->incident;
    if (!in->told || in->state == HA_INCIDENT_NONE ||
        (in->state != HA_INCIDENT_OPEN && (in->end_s <= t->start_s || in->end_s <= t->first_s))) {
        withdraw(t, v);
        return;
    }
    t->early = false;
    t->start_s = in->start_s;
    if (t->hushed && v->class != NULL && v->class->withdrawn && in->state == HA_INCIDENT_OPEN)
        open(t, v, false);
    if (in->worse && !t->said_worse) {
        t->said_worse = true;
        tell(t, v, HA_TOLD_WORSE);
    }
    if (in->state == HA_INCIDENT_SETTLED) {
        t->told = HA_INCIDENT_SETTLED;
        t->handled_s = in->end_s;
        t->handled_first_s = t->first_s;
        tell(t, v, HA_TOLD_SETTLED);
    } else if (in->state == HA_INCIDENT_ENDED) {
        end(t, v);
    }
}

/* Nothing is told as open. */
static void find(struct ha_teller *t, const struct ha_teller_view *v)
{
    const struct ha_incident *in = &v->run->incident;
    if (!in->told || in->state == HA_INCIDENT_NONE)
        return;
    bool known = in->start_s < t->handled_s; /* of what was told before */
    if (in->state != HA_INCIDENT_OPEN && known) {
        if (in->end_s > t->handled_s) /* lines that came late moved its end */
            t->handled_s = in->end_s;
        return;
    }
    open(t, v, known);
    if (in->state != HA_INCIDENT_OPEN)
        follow(t, v);
}

void ha_teller_look(struct ha_teller *t, const struct ha_teller_view *v)
{
    const struct ha_incident *in = &v->run->incident;
    t->withdrawn = false;
    if (t->early && v->told_s < t->early_s)
        return; /* minutes before were closed again */
    if (t->told == HA_INCIDENT_SETTLED) {
        if (in->state == HA_INCIDENT_SETTLED && in->told)
            return;
        if (in->state == HA_INCIDENT_ENDED && in->told) {
            end(t, v);
            return;
        }
        t->told = HA_INCIDENT_NONE;
    }
    if (t->told == HA_INCIDENT_OPEN)
        follow(t, v);
    else
        find(t, v);
}

void ha_teller_early(struct ha_teller *t, const struct ha_teller_view *v,
                     const struct ha_spike_look *look, uint64_t errors, int64_t base_s)
{
    const struct ha_spike_group *g = &v->run->group;
    uint64_t peak, closed = ha_spike_errors_since(g, look->since, &peak);
    struct ha_spike_told told = {
        .kind = HA_TOLD_START,
        .group = v->group,
        .early = true,
        .told_s = v->told_s,
        .first_s = base_s + look->since * HA_SPIKE_WIDTH_S,
        .rate = look->rate > (double)errors ? look->rate : (double)errors,
        .spike = {.start_s = base_s + look->since * HA_SPIKE_WIDTH_S,
                  .is_open = true,
                  .count = errors + closed,
                  .peak_per_minute = (double)(errors > peak ? errors : peak),
                  .usual_per_minute = look->usual}};
    t->told = HA_INCIDENT_OPEN;
    t->early = true;
    t->early_s = base_s + (g->now + 1) * HA_SPIKE_WIDTH_S;
    t->said_worse = false;
    t->hushed = class_is_told(v);
    t->start_s = t->first_s = told.spike.start_s;
    if (!t->hushed)
        v->tell(v->to, &told);
}
