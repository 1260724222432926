/* kernel_neon.c - 16 bytes at a time on 64-bit ARM. */
#include "kernel.h"

#if defined(__aarch64__)
#include <arm_neon.h>

static bool supported(void)
{
    return true; /* a part of the architecture */
}

static uint8x16_t load(const char *bytes)
{
    return vld1q_u8((const uint8_t *)bytes);
}

static size_t count_newlines(const char *bytes, size_t len, bool *sharp)
{
    const uint8x16_t newline = vdupq_n_u8('\n'), hash = vdupq_n_u8('#');
    uint8x16_t sharps = vdupq_n_u8(0);
    size_t done = 0, count = 0;
    for (; len - done > 16; done += 16) { /* the byte behind a newline is looked at, too */
        uint8x16_t at = vceqq_u8(load(bytes + done), newline);
        count += vaddvq_u8(vandq_u8(at, vdupq_n_u8(1)));
        sharps = vorrq_u8(sharps, vandq_u8(at, vceqq_u8(load(bytes + done + 1), hash)));
    }
    *sharp |= vmaxvq_u8(sharps) != 0;
    return count + ha_kernel_newlines(bytes + done, len - done, sharp);
}

/* Bytes of all ones where a mark is, each with its own bit kept. */
static uint8x16_t bits_of_16(const char *bytes)
{
    static const uint8_t own[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t v = load(bytes);
    uint8x16_t named = vorrq_u8(vceqq_u8(v, vdupq_n_u8('"')), vceqq_u8(v, vdupq_n_u8('\\')));
    return vandq_u8(vorrq_u8(named, vcltq_u8(v, vdupq_n_u8(0x20))), vld1q_u8(own));
}

/* Sums of neighbours put the bits of each eight bytes into one. */
static uint64_t marks_of(const char *bytes)
{
    uint8x16_t a = vpaddq_u8(bits_of_16(bytes), bits_of_16(bytes + 16));
    uint8x16_t b = vpaddq_u8(bits_of_16(bytes + 32), bits_of_16(bytes + 48));
    a = vpaddq_u8(a, b);
    a = vpaddq_u8(a, a);
    return vgetq_lane_u64(vreinterpretq_u64_u8(a), 0);
}

static void mark(struct ha_marks *m, size_t end, uint32_t room)
{
    ha_kernel_steps(m, end, room, marks_of);
    ha_kernel_rest(m, end, room);
}

const struct ha_kernel ha_kernel_neon = {"neon", supported, count_newlines, mark};
#endif
