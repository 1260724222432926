/* evidence_risen.c - which values have a greater share of a burst than they usually have. */
#include "evidence_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A set of entries: their weight, and that of their squares. */
struct mass {
    double w, squares;
};

struct ask {
    struct ha_evidence_reading *r;
    const struct ha_risen_question *q;
    struct mass side[HA_SIDES];
    bool is_part; /* some of the burst's errors were passed over */
};

/* A value that rose. */
struct risen {
    uint32_t id;
    double share, usual_share;
};

enum { CANDIDATES = 16 }; /* of an aspect: no more than ten can have a tenth each */
static const double least_share = 0.1, least_ratio = 2, least_count = 3;
/* -2 ln of the likelihood ratio: chance alone exceeds it once in a thousand (chi-square, one degree
 * of freedom: Wilks 1938). */
static const double least_evidence = 10.83;
/* Errors, or requests, that a usual share must be told from. */
static const double least_usual = 20;
/* A network is told through one client when that has so much of it. */
static const double nearly_all = 0.8;

/* The number of equally weighted entries that would tell as much (Kish 1965). */
static double size_of(struct mass m)
{
    return m.squares > 0 ? m.w * m.w / m.squares : 0;
}

static bool is_of_group(int status, int group)
{
    return group < 100 ? status / 100 == group : status == group;
}

static bool is_in(const struct ha_span *span, int64_t time_s)
{
    return time_s >= span->from_s && time_s < span->to_s;
}

/* Whether a time is within an incident; they are in order and apart. */
static bool is_in_incident(const struct ha_risen_question *q, int64_t time_s)
{
    size_t low = 0, high = q->incident_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (q->incidents[middle].to_s <= time_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low < q->incident_count && is_in(&q->incidents[low], time_s);
}

static void add_entry(struct ask *a, const struct ha_testimony *t, enum ha_side side)
{
    a->side[side].w += t->weight;
    a->side[side].squares += t->weight * t->weight;
    for (int i = 0; i < HA_ASPECT_N; i++) {
        struct ha_value_sums *s = &a->r->values[t->id[i]].sums;
        s->weight[side] += t->weight;
        s->count += side == HA_SIDE_BURST ? t->count : 0;
        s->entries += side == HA_SIDE_BURST;
    }
}

static void sum_up(struct ask *a)
{
    for (size_t i = 0; i < a->r->value_count; i++)
        a->r->values[i].sums = (struct ha_value_sums){0};
    for (size_t i = 0; i < a->r->count; i++) {
        const struct ha_testimony *t = &a->r->list[i];
        bool of_group = t->is_error && is_of_group(t->status, a->q->group);
        int64_t time_s = t->minute * 60;
        if (is_in(&a->q->span, time_s)) {
            if (of_group)
                add_entry(a, t, HA_SIDE_BURST);
            a->is_part |= of_group && t->is_part;
        } else if (!is_in_incident(a->q, time_s)) {
            add_entry(a, t, HA_SIDE_TRAFFIC);
            if (of_group)
                add_entry(a, t, HA_SIDE_USUAL);
        }
    }
}

static double log_likelihood(double n, double share, double chance)
{
    double sum = 0;
    if (share > 0)
        sum += share * log(chance);
    if (share < 1)
        sum += (1 - share) * log(1 - chance);
    return n * sum;
}

/* -2 ln of the ratio of one chance for both to one for each. */
static double evidence(double n, double share, double usual_n, double usual_share)
{
    double both = (n * share + usual_n * usual_share) / (n + usual_n);
    if (both <= 0 || both >= 1)
        return 0;
    return 2 *
           (log_likelihood(n, share, share) + log_likelihood(usual_n, usual_share, usual_share) -
            log_likelihood(n, share, both) - log_likelihood(usual_n, usual_share, both));
}

/* All errors of the burst at hand: then each counts, as there is no chance in which were kept. */
static double burst_size(const struct ask *a)
{
    return a->is_part ? size_of(a->side[HA_SIDE_BURST]) : a->side[HA_SIDE_BURST].w;
}

bool ha_risen_by_counts(double count, double all, double usual, double usual_all)
{
    if (count < least_count || count < least_share * all || usual_all < least_usual)
        return false;
    double share = count / all, usual_share = usual / usual_all;
    return share >= least_ratio * usual_share &&
           evidence(all, share, usual_all, usual_share) >= least_evidence;
}

static double share_of(const struct ask *a, const struct ha_value *v, enum ha_side side)
{
    return v->sums.weight[side] / a->side[side].w;
}

/* Against the group's own errors where there are enough; and never what the value has of all
 * traffic: a failure that meets everybody in proportion is nobody's. A share of more than a half
 * cannot double: the odds can. */
static bool has_risen(const struct ask *a, const struct ha_value *v, struct risen *out)
{
    double n = burst_size(a), usual_n = size_of(a->side[HA_SIDE_USUAL]);
    double traffic_n = size_of(a->side[HA_SIDE_TRAFFIC]);
    double share = share_of(a, v, HA_SIDE_BURST);
    double events = a->is_part ? v->sums.entries : (double)v->sums.count;
    bool by_errors = usual_n >= least_usual;
    bool by_traffic = traffic_n >= least_usual && v->aspect != HA_ASPECT_STATUSES;
    if (share < least_share || events < least_count || (!by_errors && !by_traffic))
        return false;
    if (by_errors) {
        out->usual_share = share_of(a, v, HA_SIDE_USUAL);
        if (share < least_ratio * out->usual_share ||
            evidence(n, share, usual_n, out->usual_share) < least_evidence)
            return false;
    }
    if (by_traffic) {
        double of_all = share_of(a, v, HA_SIDE_TRAFFIC);
        if (share * (1 - of_all) < least_ratio * of_all * (1 - share) ||
            evidence(n, share, traffic_n, of_all) < least_evidence)
            return false;
        if (!by_errors)
            out->usual_share = of_all;
    }
    if (share < least_ratio * out->usual_share)
        return false;
    out->share = share;
    return true;
}

static size_t find_risen(const struct ask *a, struct risen found[HA_ASPECT_N][CANDIDATES],
                         size_t count[HA_ASPECT_N])
{
    size_t all = 0;
    for (uint32_t id = 1; id < a->r->value_count; id++) {
        const struct ha_value *v = &a->r->values[id];
        struct risen one = {.id = id};
        if (v->sums.entries == 0 || (v->aspect == HA_ASPECT_STATUSES && a->q->group >= 100) ||
            !has_risen(a, v, &one))
            continue;
        HA_ASSERT(count[v->aspect] < CANDIDATES);
        found[v->aspect][count[v->aspect]++] = one;
        all++;
    }
    return all;
}

static void drop(struct risen *list, size_t *count, size_t at)
{
    memmove(&list[at], &list[at + 1], (--*count - at) * sizeof *list);
}

/* Whether one client that rose is nearly all of a network. */
static bool is_one_client(const struct ha_value *values, uint32_t network,
                          const struct risen *clients, size_t count)
{
    double all = values[network].sums.weight[HA_SIDE_BURST];
    for (size_t i = 0; i < count; i++) {
        const struct ha_value *client = &values[clients[i].id];
        if (client->network == network && client->sums.weight[HA_SIDE_BURST] >= nearly_all * all)
            return true;
    }
    return false;
}

/* Of a network and its clients only one side is told. */
static void settle_networks(const struct ask *a, struct risen found[HA_ASPECT_N][CANDIDATES],
                            size_t count[HA_ASPECT_N])
{
    const struct ha_value *values = a->r->values;
    struct risen *networks = found[HA_ASPECT_NETWORKS], *clients = found[HA_ASPECT_CLIENTS];
    size_t *left = &count[HA_ASPECT_CLIENTS];
    for (size_t i = count[HA_ASPECT_NETWORKS]; i-- > 0;) {
        uint32_t network = networks[i].id;
        if (is_one_client(values, network, clients, *left)) {
            drop(networks, &count[HA_ASPECT_NETWORKS], i);
            continue;
        }
        for (size_t k = *left; k-- > 0;)
            if (values[clients[k].id].network == network)
                drop(clients, left, k);
    }
}

static void sort(const struct ha_evidence_reading *r, struct risen *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct risen one = list[i];
        size_t at = i;
        for (; at > 0; at--) {
            const struct risen *before = &list[at - 1];
            if (before->share > one.share ||
                (before->share == one.share &&
                 ha_view_cmp(ha_value_text(r, before->id), ha_value_text(r, one.id)) < 0))
                break;
            list[at] = *before;
        }
        list[at] = one;
    }
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Distinct targets of the burst's errors that have the value. */
static size_t count_targets(const struct ask *a, uint32_t id, uint32_t *room)
{
    size_t count = 0, distinct = 0;
    int aspect = a->r->values[id].aspect;
    for (size_t i = 0; i < a->r->count; i++) {
        const struct ha_testimony *t = &a->r->list[i];
        if (t->id[aspect] == id && t->is_error && is_of_group(t->status, a->q->group) &&
            is_in(&a->q->span, t->minute * 60) && t->id[HA_ASPECT_TARGETS] != 0)
            room[count++] = t->id[HA_ASPECT_TARGETS];
    }
    if (count > 0)
        qsort(room, count, sizeof *room, by_number);
    for (size_t i = 0; i < count; i++)
        distinct += i == 0 || room[i] != room[i - 1];
    return distinct;
}

static void tell(const struct ask *a, const struct risen *one, struct ha_risen_value *to)
{
    const struct ha_value *v = &a->r->values[one->id];
    double errors = a->q->errors > 0 ? (double)a->q->errors : a->side[HA_SIDE_BURST].w;
    *to = (struct ha_risen_value){.value = ha_value_text(a->r, one->id),
                                  .count = v->sums.count,
                                  .share = one->share,
                                  .usual_share = one->usual_share,
                                  .estimated = a->is_part,
                                  .targets = count_targets(a, one->id, a->r->room)};
    if (a->is_part)
        to->count = (uint64_t)llround(one->share * errors);
}

void ha_evidence_risen(struct ha_evidence_reading *r, const struct ha_risen_question *q,
                       struct ha_risen *out)
{
    struct ask a = {.r = r, .q = q};
    struct risen found[HA_ASPECT_N][CANDIDATES];
    size_t count[HA_ASPECT_N] = {0};
    *out = (struct ha_risen){0};
    sum_up(&a);
    if (a.side[HA_SIDE_BURST].w <= 0 || find_risen(&a, found, count) == 0)
        return;
    settle_networks(&a, found, count);
    for (int i = 0; i < HA_ASPECT_N; i++) {
        sort(r, found[i], count[i]);
        for (; out->count[i] < count[i] && out->count[i] < HA_RISEN_MOST; out->count[i]++)
            tell(&a, &found[i][out->count[i]], &out->value[i][out->count[i]]);
    }
}
