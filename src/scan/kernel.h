/* kernel.h - what each instruction set must do. Private to src/scan. */
#ifndef HTTPANNOTATE_SCAN_KERNEL_H
#define HTTPANNOTATE_SCAN_KERNEL_H

#include "httpannotate/scan.h"

/* Bytes that a kernel looks at in one step. */
enum { HA_KERNEL_STEP = 64 };

struct ha_kernel {
    const char *name;
    bool (*supported)(void);
    /* Sets *sharp where a # stands behind a newline; else leaves it as it is. */
    size_t (*count_newlines)(const char *bytes, size_t len, bool *sharp);
    /* Appends the marks from m->scanned on to m->at; ends at `end` or when fewer than a step's
     * places are left below `room`, and has m->scanned say where. Beyond what it counts it may
     * write places up to the next HA_MARKS_SPARE. */
    void (*mark)(struct ha_marks *m, size_t end, uint32_t room);
};

extern const struct ha_kernel ha_kernel_scalar;
#if defined(__x86_64__)
extern const struct ha_kernel ha_kernel_sse2, ha_kernel_avx2, ha_kernel_avx512;
/* For AVX-512, too: longer steps count no faster, as the nearest cache but one gives no more. */
size_t ha_kernel_avx2_newlines(const char *bytes, size_t len, bool *sharp);
#elif defined(__aarch64__)
extern const struct ha_kernel ha_kernel_neon;
#endif

static inline bool ha_is_mark(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

/* As count_newlines, one byte at a time. */
static inline size_t ha_kernel_newlines(const char *bytes, size_t len, bool *sharp)
{
    size_t count = 0;
    bool behind = false;
    for (size_t i = 0; i < len; i++) {
        *sharp |= behind && bytes[i] == '#';
        behind = bytes[i] == '\n';
        count += behind;
    }
    return count;
}

/* Some bytes, one at a time. */
static inline void ha_kernel_bytes(struct ha_marks *m, size_t len)
{
    for (size_t end = m->scanned + len; m->scanned < end; m->scanned++)
        if (ha_is_mark((unsigned char)m->base[m->scanned]))
            m->at[m->count++] = (uint32_t)m->scanned;
}

/* The bits of a mask as offsets; returns where the next goes. */
static inline uint32_t *ha_kernel_put(uint64_t mask, uint32_t offset, uint32_t *at)
{
    for (; mask != 0; mask &= mask - 1)
        *at++ = offset + (uint32_t)__builtin_ctzll(mask);
    return at;
}

static inline bool ha_kernel_has_step(const struct ha_marks *m, size_t end, uint32_t room)
{
    return end - m->scanned >= HA_KERNEL_STEP && m->count + HA_KERNEL_STEP <= room;
}

/* Steps whose marks are the bits of a mask. */
static inline void ha_kernel_steps(struct ha_marks *m, size_t end, uint32_t room,
                                   uint64_t (*marks_of)(const char *bytes))
{
    for (; ha_kernel_has_step(m, end, room); m->scanned += HA_KERNEL_STEP) {
        uint64_t mask = marks_of(m->base + m->scanned);
        uint32_t *to = ha_kernel_put(mask, (uint32_t)m->scanned, m->at + m->count);
        m->count = (uint32_t)(to - m->at);
    }
}

/* The bytes behind the last whole step. */
static inline void ha_kernel_rest(struct ha_marks *m, size_t end, uint32_t room)
{
    if (end - m->scanned < HA_KERNEL_STEP && m->count + HA_KERNEL_STEP <= room)
        ha_kernel_bytes(m, end - m->scanned);
}

#endif
