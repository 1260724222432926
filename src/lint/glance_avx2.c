/* glance_avx2.c - the quick look, 32 bytes at a time. Compiled with the flags of its instruction
 * set, so that it may be entered only when the processor has it. */
#if defined(__x86_64__)
#define HA_GLANCE_BYTES 32
#include "glance_bytes.h"

void ha_lint_glance_avx2(const struct ha_linter *l, struct ha_record *records,
                         const uint8_t *chosen, size_t n)
{
    glance_at_all(l, records, chosen, n);
}
#endif
