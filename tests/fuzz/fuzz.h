/* fuzz.h - what the fuzz targets share. */
#ifndef FUZZ_H
#define FUZZ_H

#include "httpannotate/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of the input that ends where its allocation does, so that the sanitizer sees a read of one
 * byte too many. Never NULL; release with ha_free. */
static inline char *fuzz_copy(const uint8_t *data, size_t size)
{
    char *copy = ha_alloc(size > 0 ? size : 1);
    HA_ASSERT(copy != NULL);
    for (size_t i = 0; i < size; i++)
        copy[i] = (char)data[i];
    return copy;
}

/* The input as a NUL-terminated string, cut at its first NUL. */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
    struct ha_view all = {(const char *)data, size};
    char *s = ha_strdup_view(all);
    HA_ASSERT(s != NULL);
    return s;
}

#endif
