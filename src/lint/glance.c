/* glance.c - the quick look for every processor. */
#define HA_GLANCE_BYTES 16
#include "glance_bytes.h"

void ha_lint_glance(const struct ha_linter *l, struct ha_record *records, const uint8_t *chosen,
                    size_t n)
{
    glance_at_all(l, records, chosen, n);
}

size_t ha_lint_odd_from(struct ha_view target)
{
    size_t at = 0;
    while (target.len - at >= HA_GLANCE_BYTES && !any(odd_bytes(load(target.ptr + at))))
        at += HA_GLANCE_BYTES;
    return at;
}
