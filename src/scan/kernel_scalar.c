/* kernel_scalar.c - a byte at a time: for any processor, and what the others are held to. */
#include "kernel.h"

static bool supported(void)
{
    return true;
}

static size_t count_newlines(const char *bytes, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += bytes[i] == '\n';
    return count;
}

static size_t mark(const char *bytes, size_t len, uint32_t offset, uint32_t *at, uint32_t *count,
                   uint32_t room)
{
    size_t done = 0;
    uint32_t n = *count;
    for (; len - done >= HA_KERNEL_STEP && n + HA_KERNEL_STEP <= room; done += HA_KERNEL_STEP)
        n = ha_kernel_rest(bytes + done, HA_KERNEL_STEP, offset + (uint32_t)done, at, n);
    if (len - done < HA_KERNEL_STEP && n + HA_KERNEL_STEP <= room) {
        n = ha_kernel_rest(bytes + done, len - done, offset + (uint32_t)done, at, n);
        done = len;
    }
    *count = n;
    return done;
}

const struct ha_kernel ha_kernel_scalar = {"scalar", supported, count_newlines, mark};
