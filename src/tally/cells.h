/* cells.h - what was counted but not yet told to the sums: records of one method and one status
 * together, so that a record touches one place instead of seven. */
#ifndef HTTPANNOTATE_TALLY_CELLS_H
#define HTTPANNOTATE_TALLY_CELLS_H

#include "count.h"

#define HA_CELLS 256

struct ha_cell {
    struct ha_count sum;
    int16_t method, status; /* as in a record */
    uint8_t may[2];         /* what its records may tell of conduct; with a user named */
};
/* Lines of one verdict and one pattern, one behind the other. */
struct ha_line_run {
    uint64_t count;
    uint16_t pattern;
    uint8_t verdict;
};
struct ha_cells { /* all zero: nothing waits; a GET with status 0 tells nothing of conduct */
    bool waiting;
    struct ha_line_run run;
    struct ha_cell cell[HA_CELLS]; /* each method and status has one place where it can be */
};

/* Of the factors the one by which frequent methods and statuses get in each other's way least. */
static inline struct ha_cell *ha_cells_place(struct ha_cells *cells, int method, int status)
{
    return &cells->cell[((unsigned)method * 221 + (unsigned)status) % HA_CELLS];
}

#endif
