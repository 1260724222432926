/* newlines.c - counting line endings. */
#include "httpannotate/scan.h"

/* Sums of bytes that cannot overflow: compilers make vector code of the inner loop. */
enum { RUN = 255 };

size_t ha_count_newlines(struct ha_view bytes)
{
    size_t count = 0;
    const char *at = bytes.ptr, *end = bytes.ptr + bytes.len;
    while ((size_t)(end - at) >= RUN * 16) {
        unsigned char sums[16] = {0};
        for (int i = 0; i < RUN; i++, at += 16)
            for (int lane = 0; lane < 16; lane++)
                sums[lane] = (unsigned char)(sums[lane] + (at[lane] == '\n'));
        for (int lane = 0; lane < 16; lane++)
            count += sums[lane];
    }
    for (; at < end; at++)
        count += *at == '\n';
    return count;
}
