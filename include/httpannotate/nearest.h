/* nearest.h - the name that a mistyped one was probably meant to be.
 *
 * Layer 0. */
#ifndef HTTPANNOTATE_NEAREST_H
#define HTTPANNOTATE_NEAREST_H

#include "httpannotate/base.h"

/* Characters to add, remove, change or swap with a neighbour (ASCII case aside) to make a of b: the
 * restricted Damerau-Levenshtein distance. What is longer than 64 bytes is cut there. */
size_t ha_edit_distance(struct ha_view a, struct ha_view b);
/* How far a name may be from one of that length to be offered for it: a third of the length, at
 * least 1. */
size_t ha_near_enough(size_t len);

#endif
