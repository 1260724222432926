/* unpacked.h - a log file that was compressed when it lost its name. */
#ifndef HTTPANNOTATE_INPUT_UNPACKED_H
#define HTTPANNOTATE_INPUT_UNPACKED_H

#include "httpannotate/place.h"

/* Decodes what fd, which stays the caller's, holds. When the plain bytes before the place are those
 * that it speaks of, returns a temporary file without a name, open for reading, in which those
 * behind it lie where they lay; of those before it, it has what *trail is filled with, and all when
 * they begin with # (directives). Else, or when it cannot be decoded or stored, -1. */
int ha_unpacked(int fd, const struct ha_place *place, const struct ha_limits *limits,
                struct ha_trail *trail);

#endif
