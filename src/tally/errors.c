/* errors.c - errors by the short way where it is known, else by their text. */
#include "count.h"
#include "error_pairs.h"
#include "parts.h"
#include "top_record.h"

#include <string.h>

/* Errors that take the long way together; and room for their values that are not as in the line:
 * mostly enough for as many. */
enum { AT_ONCE = 32, TEXT = 4 * HA_PAIR_ROOM };

static void forget(struct ha_top_list *l)
{
    struct ha_top_record *r;
    for (size_t at = 0; (r = ha_top_next(l, &at)) != NULL;)
        r->in_errors = 0;
}

/* Forgets what has moved. */
static void renew(struct ha_tally *t)
{
    struct ha_error_places *known = &t->error_places;
    uint64_t target_moves = t->top[HA_TOP_ERROR_TARGETS].moves,
             client_moves = t->top[HA_TOP_ERROR_CLIENTS].moves,
             pair_moves = t->top[HA_TOP_ERROR_PAIRS].moves;
    if (known->client_moves != client_moves)
        forget(&t->top[HA_TOP_CLIENTS]);
    if (known->target_moves != target_moves)
        forget(&t->top[HA_TOP_TARGETS]);
    if (known->target_moves != target_moves || known->pair_moves != pair_moves)
        memset(known->pair, 0, sizeof known->pair);
    known->target_moves = target_moves;
    known->client_moves = client_moves;
    known->pair_moves = pair_moves;
}

static struct ha_pair_place *pair_place(struct ha_tally *t, uint32_t target, int32_t status)
{
    uint64_t mixed =
        target * UINT64_C(0x9e3779b97f4a7c15) + (uint32_t)status * UINT64_C(0xc2b2ae3d27d4eb4f);
    return &t->error_places.pair[mixed >> (64 - HA_PAIR_BITS)];
}

/* The record that counted the target or client of an error among all requests; NULL: not known. */
static struct ha_top_record *owner(const struct ha_tally *t, enum ha_top list, uint32_t place)
{
    return place != 0 ? ha_top_record_at(&t->top[list], place - 1) : NULL;
}

/* Only templates depend on more than the bytes that a list keeps of a target: on what it is, and on
 * its length, of which a mask takes away. */
static bool by_bytes(const struct ha_tally *t, const struct ha_error *e)
{
    return e->target.len <= HA_TEMPLATE_TARGET && (e->is_path || !t->options.templates);
}

/* Where a value leads to in a list of errors; 0: not known. */
static uint32_t leads_to(const struct ha_tally *t, enum ha_top list, uint32_t place)
{
    const struct ha_top_record *r = owner(t, list, place);
    return r != NULL ? r->in_errors : 0;
}

static void up(struct ha_top_list *l, uint32_t place)
{
    ha_sat_up(&ha_top_record_at(l, place - 1)->count);
}

/* Counts those clients whose place is known. Returns how many of the others there are, in rest. */
static size_t clients_by_place(struct ha_tally *t, const struct ha_error *errors, size_t n,
                               bool has_room, uint8_t *rest)
{
    struct ha_top_list *l = &t->top[HA_TOP_ERROR_CLIENTS];
    size_t left = 0;
    uint32_t places[AT_ONCE];
    bool may_be_known = has_room && l->entries > 0; /* records of an empty list lie nowhere yet */
    for (size_t i = 0; i < n; i++) {
        places[i] = may_be_known ? leads_to(t, HA_TOP_CLIENTS, errors[i].client_place) : 0;
        if (may_be_known)
            __builtin_prefetch(&l->words[places[i]]);
    }
    for (size_t i = 0; i < n; i++) {
        if (places[i] != 0)
            up(l, places[i]);
        else if (errors[i].client.len > 0)
            rest[left++] = (uint8_t)i;
    }
    return left;
}

/* n is not 0. */
static bool clients_by_text(struct ha_tally *t, const struct ha_error *errors, const uint8_t *which,
                            size_t n)
{
    struct ha_view clients[AT_ONCE];
    uint32_t places[AT_ONCE];
    size_t some = 0;
    do
        clients[some] = errors[which[some]].client;
    while (++some < n);
    bool ok = ha_top_add_at(&t->top[HA_TOP_ERROR_CLIENTS], clients, n, places);
    for (size_t i = 0; i < n; i++) {
        struct ha_top_record *r = owner(t, HA_TOP_CLIENTS, errors[which[i]].client_place);
        if (r != NULL)
            r->in_errors = places[i];
    }
    return ok;
}

/* As clients_by_place. */
static size_t targets_by_place(struct ha_tally *t, const struct ha_error *errors, size_t n,
                               bool has_room, uint8_t *rest)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        const struct ha_error *e = &errors[i];
        if (e->target.len == 0)
            continue;
        uint32_t target =
            has_room && by_bytes(t, e) ? leads_to(t, HA_TOP_TARGETS, e->target_place) : 0;
        const struct ha_pair_place *p = pair_place(t, target, e->status);
        if (target != 0 && p->target == target && p->status == e->status) {
            up(&t->top[HA_TOP_ERROR_TARGETS], target);
            up(&t->top[HA_TOP_ERROR_PAIRS], p->pair);
        } else {
            rest[left++] = (uint8_t)i;
        }
    }
    return left;
}

/* Keeps where an error led to, where its bytes alone tell: of what was cut only a hash is known,
 * and what is too long for a template makes a pair of another kind. */
static void learn(struct ha_tally *t, const struct ha_error *e, uint32_t target, uint32_t pair)
{
    struct ha_top_record *asked = owner(t, HA_TOP_TARGETS, e->target_place),
                         *led_to = owner(t, HA_TOP_ERROR_TARGETS, target);
    if (asked == NULL || led_to == NULL || pair == 0 || ha_top_is_cut(asked) ||
        ha_top_is_cut(led_to) || !by_bytes(t, e))
        return;
    asked->in_errors = target;
    *pair_place(t, target, e->status) = (struct ha_pair_place){target, pair, e->status};
}

/* Takes as many of them as there is room for text; returns how many. */
static size_t targets_by_text(struct ha_tally *t, const struct ha_error *errors,
                              const uint8_t *which, size_t n, bool *ok)
{
    struct ha_view targets[AT_ONCE], pairs[AT_ONCE];
    uint32_t target_places[AT_ONCE], pair_places[AT_ONCE];
    char text[TEXT];
    size_t used = 0, done = 0;
    for (; done < n && used <= TEXT - HA_PAIR_ROOM; done++) {
        const struct ha_error *e = &errors[which[done]];
        size_t some;
        struct ha_error_values v = ha_error_values(e->target, t->options.templates && e->is_path,
                                                   e->status, text + used, &some);
        used += some;
        targets[done] = v.target;
        pairs[done] = v.pair;
    }
    *ok &= ha_top_add_at(&t->top[HA_TOP_ERROR_TARGETS], targets, done, target_places);
    *ok &= ha_top_add_at(&t->top[HA_TOP_ERROR_PAIRS], pairs, done, pair_places);
    for (size_t i = 0; i < done && *ok; i++)
        learn(t, &errors[which[i]], target_places[i], pair_places[i]);
    return done;
}

static bool add_some(struct ha_tally *t, const struct ha_error *errors, size_t n)
{
    uint8_t rest[AT_ONCE];
    bool ok = true;
    /* Near a cut it tells in which order values are counted. */
    bool has_room = true;
    for (int i = HA_TOP_ERROR_TARGETS; i <= HA_TOP_ERROR_PAIRS; i++)
        has_room = has_room && ha_top_has_room(&t->top[i], n);
    renew(t);
    size_t left = clients_by_place(t, errors, n, has_room, rest);
    if (left > 0)
        ok = clients_by_text(t, errors, rest, left);
    left = targets_by_place(t, errors, n, has_room, rest);
    for (size_t done = 0; done < left && ok;)
        done += targets_by_text(t, errors, rest + done, left - done, &ok);
    return ok;
}

bool ha_errors_add(struct ha_tally *t, const struct ha_error *errors, size_t n)
{
    bool ok = true;
    for (size_t done = 0, some; done < n && ok; done += some) {
        some = n - done < AT_ONCE ? n - done : AT_ONCE;
        ok = add_some(t, errors + done, some);
    }
    return ok;
}
