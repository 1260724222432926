/* error_pairs.c - one copy of a target serves both its own list and that of the pairs. */
#include "error_pairs.h"

#include "hash.h"

#include <string.h>

enum { HASH_BYTES = 16 };

static void put_status(char *to, int status)
{
    HA_ASSERT(status >= 100 && status <= 999);
    ha_code_text(status, to);
    to[3] = ' ';
}

/* A target too long to be copied whole: its beginning, and the hash of all of it, which tells it
 * from others that begin alike. */
static size_t put_long(struct ha_view target, char *to)
{
    const size_t begins = HA_TEMPLATE_TARGET - HASH_BYTES;
    uint64_t hash = ha_hash(target.ptr, target.len, HA_HASH_FIXED_SEED);
    memcpy(to, target.ptr, begins);
    for (size_t i = 0; i < HASH_BYTES; i++)
        to[begins + i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
    return HA_TEMPLATE_TARGET;
}

struct ha_error_values ha_error_values(struct ha_view target, bool as_template, int status,
                                       char *to, size_t *used)
{
    char *copy = to + HA_PAIR_STATUS;
    struct ha_error_values v = {target, {to, 0}};
    put_status(to, status);
    if (target.len > HA_TEMPLATE_TARGET) {
        v.pair.len = HA_PAIR_STATUS + put_long(target, copy);
    } else {
        if (as_template)
            v.target = ha_template(target, copy);
        if (v.target.ptr != copy && target.len > 0)
            memcpy(copy, target.ptr, target.len);
        v.pair.len = HA_PAIR_STATUS + v.target.len;
    }
    *used = v.pair.len;
    return v;
}

void ha_pair_split(struct ha_top_entry *e)
{
    const char *p = e->value.ptr;
    if (e->value.len < HA_PAIR_STATUS || !ha_is_digit(p[0]) || !ha_is_digit(p[1]) ||
        !ha_is_digit(p[2]))
        return;
    e->status = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
    e->value = (struct ha_view){p + HA_PAIR_STATUS, e->value.len - HA_PAIR_STATUS};
    e->full_len -= HA_PAIR_STATUS;
}
