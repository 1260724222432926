/* families.h - the patterns of a set that are read by keys, the most particular first. */
#ifndef HTTPANNOTATE_PARSE_FAMILIES_H
#define HTTPANNOTATE_PARSE_FAMILIES_H

#include "parse/pattern.h"

/* Indexes of patterns. Of two families that could read one line the one that needs more keys
 * does; with as many needs the one that stands before in the set. So no line depends on the ones
 * before it. */
struct ha_families {
    uint16_t *json, *columns; /* one allocation, owned through json */
    size_t json_count, columns_count;
    const struct ha_keys **json_keys; /* of each of json */
};
/* Release with ha_families_free in any case. */
enum ha_err ha_families_find(const struct ha_patterns *set, struct ha_families *out) HA_MUST_USE;
void ha_families_free(struct ha_families *f);

#endif
