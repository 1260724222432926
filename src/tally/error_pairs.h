/* error_pairs.h - targets of errors, as templates, and each with its status as one value.
 *
 * A pair is counted in a top list as "404 /target": what is cut off a long one is then never the
 * status. */
#ifndef HTTPANNOTATE_TALLY_ERROR_PAIRS_H
#define HTTPANNOTATE_TALLY_ERROR_PAIRS_H

#include "httpannotate/tally.h"
#include "template.h"

#define HA_PAIR_STATUS 4 /* three digits and a space */
#define HA_PAIR_ROOM   (HA_PAIR_STATUS + HA_TEMPLATE_ROOM)

struct ha_error_values {
    struct ha_view target, pair;
};
/* The values of an error; status is from 100 to 999. They are target itself or stand in `to`, which
 * holds HA_PAIR_ROOM bytes; *used is how many of them were taken. */
struct ha_error_values ha_error_values(struct ha_view target, bool as_template, int status,
                                       char *to, size_t *used);
/* Takes the status out of the value of a pair; what is none (in a partial report made by hand)
 * stays as it is. */
void ha_pair_split(struct ha_top_entry *e);

#endif
