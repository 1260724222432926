/* cells.h - what was counted but not yet told to the sums: records of one method and one status
 * together, so that a record touches one place instead of seven. */
#ifndef HTTPANNOTATE_TALLY_CELLS_H
#define HTTPANNOTATE_TALLY_CELLS_H

#include "count.h"

#include <string.h>

#define HA_CELLS 256

struct ha_cell {
    struct ha_count sum;
    uint32_t key;           /* ha_cell_key of */
    int16_t method, status; /* as in a record */
    uint8_t may[2];         /* what its records may tell of conduct; with a user named */
    uint8_t series;         /* enum ha_series of the timeline */
    uint8_t is_error;       /* 1: status 400 to 599 */
    uint8_t may_be_noise;   /* 1: method and status do not speak against it */
};
/* Lines of one verdict and one pattern, one behind the other. */
struct ha_line_run {
    uint64_t count;
    uint16_t pattern;
    uint8_t verdict;
    bool is_request; /* matched or salvaged */
};
struct ha_cells { /* all zero: nothing waits; a GET with status 0 tells nothing of conduct */
    bool waiting;
    struct ha_line_run run;
    struct ha_cell cell[HA_CELLS]; /* each method and status has one place where it can be */
};

/* Method and status of a record in one number, as they lie there side by side. */
_Static_assert(offsetof(struct ha_record, method) == offsetof(struct ha_record, status) + 2,
               "a cell's key is read at once");
static inline uint32_t ha_cell_key(const struct ha_record *r)
{
    uint32_t key;
    memcpy(&key, (const char *)r + offsetof(struct ha_record, status), sizeof key);
    return key;
}

/* Of the factors the one by which frequent methods and statuses get in each other's way least (on a
 * machine that has the higher byte first some other ones do). */
static inline struct ha_cell *ha_cells_place(struct ha_cells *cells, uint32_t key)
{
    return &cells->cell[((key >> 16) * 221 + key) % HA_CELLS];
}

#endif
