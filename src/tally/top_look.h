/* top_look.h - how the values of a chunk are looked at: glanced at, found, compared and counted.
 *
 * There are several ways, each for what a processor has. What a glance tells of a value differs
 * from way to way, so that a list keeps to the one that it began with; what is counted does not. */
#ifndef HTTPANNOTATE_TALLY_TOP_LOOK_H
#define HTTPANNOTATE_TALLY_TOP_LOOK_H

#include "top_index.h"

/* Values that are counted together: as many as memory can be asked for at once, and few enough that
 * what was fetched is still near when it is used. */
#define HA_TOP_CHUNK 64

struct ha_top_chunk {
    const struct ha_view *values;
    uint32_t *places; /* where each was counted, + 1 */
    size_t n;         /* up to HA_TOP_CHUNK */
    size_t left;      /* those that were not found, or not at a glance: */
    uint8_t which[HA_TOP_CHUNK];
};

struct ha_top_look {
    const char *name;
    /* A mix of a value's length and of some of its bytes. Of two values that differ it mostly
     * differs, and when it does not, they only take longer. */
    uint64_t (*glance)(struct ha_view value);
    /* Counts those values of a chunk that are found at a glance, in a list that has records; tells
     * which others there are. Each step is taken for all of them before the next, so that what it
     * needs of memory has been asked for by the step before. */
    void (*count)(const struct ha_top_list *l, struct ha_top_chunk *c);
};

extern const struct ha_top_look ha_top_look_plain, ha_top_look_avx512;
/* The best for this processor and the kernel that scans (scan.h). Static. */
const struct ha_top_look *ha_top_look_in_use(void);

#endif
