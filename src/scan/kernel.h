/* kernel.h - what each instruction set must do. Private to src/scan. */
#ifndef HTTPANNOTATE_SCAN_KERNEL_H
#define HTTPANNOTATE_SCAN_KERNEL_H

#include "httpannotate/scan.h"

/* Bytes that a kernel looks at in one step. */
enum { HA_KERNEL_STEP = 64 };

struct ha_kernel {
    const char *name;
    bool (*supported)(void);
    size_t (*count_newlines)(const char *bytes, size_t len);
    /* Appends to at[*count...] the offsets of the marks of bytes, counted from `offset` for the
     * first byte, and ends behind the last byte or when fewer than a step's places are left below
     * `room`. Beyond what it counts it may write places up to the next HA_MARKS_SPARE. Returns how
     * many bytes it has looked at. */
    size_t (*mark)(const char *bytes, size_t len, uint32_t offset, uint32_t *at, uint32_t *count,
                   uint32_t room);
};

extern const struct ha_kernel ha_kernel_scalar;
#if defined(__x86_64__)
extern const struct ha_kernel ha_kernel_sse2, ha_kernel_avx2;
#elif defined(__aarch64__)
extern const struct ha_kernel ha_kernel_neon;
#endif

static inline bool ha_is_mark(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

/* The bytes behind the last whole step. */
static inline uint32_t ha_kernel_rest(const char *bytes, size_t len, uint32_t offset, uint32_t *at,
                                      uint32_t count)
{
    for (size_t i = 0; i < len; i++)
        if (ha_is_mark((unsigned char)bytes[i]))
            at[count++] = offset + (uint32_t)i;
    return count;
}

/* The bits of a mask as offsets. */
static inline uint32_t ha_kernel_put(uint64_t mask, uint32_t offset, uint32_t *at, uint32_t count)
{
    for (; mask != 0; mask &= mask - 1)
        at[count++] = offset + (uint32_t)__builtin_ctzll(mask);
    return count;
}

#endif
