/* builtin.h - the pattern files as they were when the program was built. */
#ifndef HTTPANNOTATE_PARSE_BUILTIN_H
#define HTTPANNOTATE_PARSE_BUILTIN_H

#include <stddef.h>

struct ha_builtin_pattern {
    const char *name; /* the file's name without its ending */
    const char *file; /* the file's name */
    const char *text;
    size_t len;
};
extern const struct ha_builtin_pattern ha_builtin_patterns[];
extern const size_t ha_builtin_pattern_count;

#endif
