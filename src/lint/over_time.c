/* over_time.c - rules on what one client or one target did over time, judged from periods: from
 * when things happened, not from the order in which lines were read. */
#include "over_time.h"

enum {
    LIMITED_LEAST = 10, /* 429 in a minute that say something of a client's pace */
    GUESSES = 20,
    LOOP = 5,           /* redirects */
    LOOP_S = 10,        /* in so many seconds */
    STEADY_PERIODS = 3, /* who goes on for longer does not follow a redirect */
    REPLAY_S = 5,       /* between a failure and the same request again */
    QUIET_S = 60,       /* without such a request before it */
    REPLAYS_MOST = 6,   /* seconds with such requests; where there are more they are the rule */
    TWINS = 2,          /* of GET, and of HEAD */
};

static int first_second(uint64_t seconds)
{
    return __builtin_ctzll(seconds);
}

static int last_second(uint64_t seconds)
{
    return 63 - __builtin_clzll(seconds);
}

/* A minute of 429 and one with no fewer behind it, more than a minute after the first of them all:
 * a page that asks for many things at once has long had its answer then. */
static bool is_limit_ignored(const struct ha_actor *a, struct ha_ill *ill)
{
    for (size_t i = 0; i + 1 < a->count && !ha_actor_is_many(a); i++) {
        const struct ha_period *p = &a->periods[i], *next = p + 1;
        if (next->start_s != p->start_s + 60 || p->n[0] < LIMITED_LEAST || next->n[0] < p->n[0] ||
            p->seconds[0] == 0 || next->seconds[0] == 0 ||
            last_second(next->seconds[0]) < first_second(p->seconds[0]))
            continue;
        if (next->n[0] > ill->figure[1]) {
            ill->figure[0] = p->n[0];
            ill->figure[1] = next->n[0];
        }
    }
    return ill->figure[1] > 0;
}

static bool is_guessing(const struct ha_actor *a, struct ha_ill *ill)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->periods[i].n[0] > ill->figure[0])
            ill->figure[0] = a->periods[i].n[0];
    return ill->figure[0] >= GUESSES;
}

/* Redirects of one period, or of two that lie so that all of both are within LOOP_S. */
static uint32_t redirects_at(const struct ha_actor *a, size_t i)
{
    const struct ha_period *p = &a->periods[i], *next = p + 1;
    uint32_t n = p->n[0];
    if (i + 1 < a->count && next->start_s == p->start_s + LOOP_S && p->seconds[0] != 0 &&
        next->seconds[0] != 0 && last_second(next->seconds[0]) <= first_second(p->seconds[0]))
        n = n > UINT32_MAX - next->n[0] ? UINT32_MAX : n + next->n[0];
    return n;
}

static bool is_loop(const struct ha_actor *a, struct ha_ill *ill)
{
    for (size_t i = 0, end; i < a->count && !ha_actor_is_many(a); i = end) {
        end = i + 1;
        while (end < a->count && a->periods[end].start_s == a->periods[end - 1].start_s + LOOP_S)
            end++;
        for (size_t k = i; k < end && end - i <= STEADY_PERIODS; k++)
            if (redirects_at(a, k) > ill->figure[0])
                ill->figure[0] = redirects_at(a, k);
    }
    return ill->figure[0] >= LOOP;
}

/* ---- rules that go by the second ---- */

struct moments {
    int64_t s[HA_PERIODS * 60];
    bool marked[HA_PERIODS * 60]; /* in seconds[which] */
    size_t count;
};

/* The seconds of an actor in which there was anything, and whether it was (also) that. */
static void list_moments(const struct ha_actor *a, int which, struct moments *m)
{
    m->count = 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct ha_period *p = &a->periods[i];
        for (uint64_t left = p->seconds[0] | p->seconds[1]; left != 0; left &= left - 1) {
            int at = __builtin_ctzll(left);
            if (at >= 60)
                break;
            m->s[m->count] = p->start_s + at;
            m->marked[m->count++] = (p->seconds[which] >> at & 1) != 0;
        }
    }
}

/* A failure out of the quiet, the same again soon, and no more than a few. */
static bool is_replay(const struct ha_actor *a, struct ha_ill *ill)
{
    struct moments m;
    list_moments(a, HA_REPEAT_FAILED, &m);
    for (size_t i = 0, end; i < m.count; i = end) {
        end = i + 1;
        while (end < m.count && m.s[end] - m.s[end - 1] <= QUIET_S)
            end++;
        if (end - i >= 2 && end - i <= REPLAYS_MOST && m.marked[i] &&
            m.s[i + 1] - m.s[i] <= REPLAY_S) {
            if (ill->figure[0] == 0)
                ill->figure[1] = (uint64_t)(m.s[i + 1] - m.s[i]);
            ill->figure[0]++;
        }
    }
    return ill->figure[0] > 0;
}

/* Whether something was removed from one second to another, both with it, or may have been. */
static bool is_removed(const struct ha_actor *a, int64_t from, int64_t to)
{
    for (size_t i = 0; i < a->count; i++) {
        uint64_t removed = a->periods[i].seconds[HA_STORE_REMOVED];
        for (; removed != 0; removed &= removed - 1) {
            int64_t s = a->periods[i].start_s + __builtin_ctzll(removed);
            if (s >= from && s <= to)
                return true;
        }
    }
    return a->count == HA_PERIODS && to >= a->periods[HA_PERIODS - 1].start_s;
}

static bool is_created_again(const struct ha_actor *a, const struct ha_actor *all,
                             struct ha_ill *ill)
{
    struct moments m;
    uint64_t created = 0;
    bool again = false;
    int64_t before = 0;
    list_moments(a, HA_STORE_CREATED, &m);
    for (size_t i = 0; i < a->count; i++) {
        const struct ha_period *p = &a->periods[i];
        created += p->n[HA_STORE_CREATED];
        if (p->n[HA_STORE_REPLACED] > 0)
            return false;
        int64_t s = p->start_s;
        if (p->n[HA_STORE_CREATED] > (uint32_t)__builtin_popcountll(p->seconds[0]) &&
            !is_removed(a, s, s + 59) && !is_removed(all, s, s + 59))
            again = true;
    }
    for (size_t i = 0, seen = 0; i < m.count && !again; i++) {
        if (!m.marked[i])
            continue;
        if (seen++ > 0)
            again = !is_removed(a, before, m.s[i]) && !is_removed(all, before, m.s[i]);
        before = m.s[i];
    }
    ill->figure[0] = created;
    return again && created >= 2;
}

static bool is_mismatch(const struct ha_actor *a, struct ha_ill *ill)
{
    for (size_t i = 0; i < a->count; i++) {
        const uint32_t *n = a->periods[i].n;
        bool head = n[HA_TWIN_HEAD_FAILED] >= TWINS && n[HA_TWIN_HEAD] == 0 &&
                    n[HA_TWIN_GET] >= TWINS && n[HA_TWIN_GET_FAILED] == 0;
        bool get = n[HA_TWIN_GET_FAILED] >= TWINS && n[HA_TWIN_GET] == 0 &&
                   n[HA_TWIN_HEAD] >= TWINS && n[HA_TWIN_HEAD_FAILED] == 0;
        if (!head && !get)
            continue;
        uint64_t heads = head ? n[HA_TWIN_HEAD_FAILED] : n[HA_TWIN_HEAD];
        if (heads > ill->figure[0]) {
            ill->figure[0] = heads;
            ill->figure[1] = head ? n[HA_TWIN_GET] : n[HA_TWIN_GET_FAILED];
            ill->head_fails = head;
        }
    }
    return ill->figure[0] > 0;
}

/* ---- the worst of them ---- */

/* Greater figures first; of equal ones any, but always the same. */
static bool is_worse(const struct ha_ill *a, const struct ha_ill *b)
{
    if (a->figure[0] != b->figure[0])
        return a->figure[0] > b->figure[0];
    if (a->figure[1] != b->figure[1])
        return a->figure[1] > b->figure[1];
    if (a->actor.client != b->actor.client)
        return a->actor.client < b->actor.client;
    return a->actor.target < b->actor.target;
}

/* What was removed with all in it. */
static void find_all(const struct ha_conduct *c, struct ha_actor *all)
{
    size_t count = ha_conduct_actors(c, HA_CONDUCT_STORE);
    for (size_t i = 0; i < count; i++) {
        ha_conduct_actor(c, HA_CONDUCT_STORE, i, all);
        if (all->target == 0)
            return;
    }
    *all = (struct ha_actor){.client = 0};
}

static bool is_ill(const struct ha_conduct *c, enum ha_conduct_kind kind,
                   const struct ha_actor *all, struct ha_ill *ill)
{
    const struct ha_actor *a = &ill->actor;
    switch (kind) {
    case HA_CONDUCT_LIMITED:
        return is_limit_ignored(a, ill);
    case HA_CONDUCT_LOGIN:
        return is_guessing(a, ill) && !ha_conduct_welcome(c, a->client);
    case HA_CONDUCT_REDIRECT:
        return is_loop(a, ill);
    case HA_CONDUCT_REPEAT:
        return is_replay(a, ill);
    case HA_CONDUCT_STORE:
        return a->target != 0 && is_created_again(a, all, ill);
    case HA_CONDUCT_TWIN:
        return is_mismatch(a, ill);
    case HA_CONDUCT_N:
        break;
    }
    ha_assert_failed("a kind of the enumeration", __FILE__, __LINE__);
}

uint64_t ha_lint_ill(const struct ha_conduct *c, enum ha_conduct_kind kind, struct ha_ill *worst)
{
    struct ha_actor all = {.client = 0};
    uint64_t count = 0;
    if (kind == HA_CONDUCT_STORE)
        find_all(c, &all);
    for (size_t i = 0; i < ha_conduct_actors(c, kind); i++) {
        struct ha_ill ill;
        ill.figure[0] = ill.figure[1] = 0;
        ill.head_fails = false;
        ha_conduct_actor(c, kind, i, &ill.actor);
        if (!is_ill(c, kind, &all, &ill))
            continue;
        if (count++ == 0 || is_worse(&ill, worst))
            *worst = ill;
    }
    return count;
}
