/* scan.h - looking at bytes as fast as the machine reads them.
 *
 * Layer 1. */
#ifndef HTTPANNOTATE_SCAN_H
#define HTTPANNOTATE_SCAN_H

#include "httpannotate/base.h"

/* How many LF the bytes hold. */
size_t ha_count_newlines(struct ha_view bytes);

#endif
