/* conduct_read.c - what is known of clients and targets, and what they are called. */
#include "hash.h"
#include "parts.h"
#include "top_record.h"

size_t ha_conduct_actors(const struct ha_conduct *c, enum ha_conduct_kind kind)
{
    return c->table[kind].count;
}

void ha_conduct_actor(const struct ha_conduct *c, enum ha_conduct_kind kind, size_t index,
                      struct ha_actor *to)
{
    const struct ha_conduct_table *t = &c->table[kind];
    HA_ASSERT(index < t->count);
    const struct ha_watched *s = &t->actors[index];
    /* Periods that are not there are left as they are. */
    to->client = s->client;
    to->target = s->target;
    to->path = s->path;
    to->line_number = s->line_number;
    to->source = s->source;
    to->agents = s->agents;
    to->count = s->count;
    size_t n = 0;
    for (uint32_t at = s->first; at != 0; at = t->periods[at - 1].next)
        to->periods[n++] = t->periods[at - 1].p;
    HA_ASSERT(n == s->count);
}

uint64_t ha_conduct_one_in(const struct ha_conduct *c, enum ha_conduct_kind kind)
{
    unsigned level = c->table[kind].level;
    return level < HA_CONDUCT_LEVELS ? UINT64_C(1) << level : 0;
}

bool ha_conduct_welcome(const struct ha_conduct *c, uint64_t client)
{
    uint64_t place = client >> (64 - HA_WELCOME_BITS);
    return (c->welcome[place / 64] >> place % 64 & 1) != 0;
}

const struct ha_conduct *ha_tally_conduct(const struct ha_tally *t)
{
    return &t->conduct;
}

bool ha_tally_name(const struct ha_tally *t, enum ha_top which, uint64_t hash, struct ha_view *out)
{
    struct ha_top_record *r;
    for (size_t at = 0; t->tops && (r = ha_top_next(&t->top[which], &at)) != NULL;) {
        *out = ha_top_kept(r);
        if (!ha_top_is_cut(r) && ha_hash(out->ptr, out->len, HA_HASH_FIXED_SEED) == hash)
            return true;
    }
    return false;
}
