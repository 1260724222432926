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

static void mark(struct ha_marks *m, size_t end, uint32_t room)
{
    while (ha_kernel_has_step(m, end, room))
        ha_kernel_bytes(m, HA_KERNEL_STEP);
    ha_kernel_rest(m, end, room);
}

const struct ha_kernel ha_kernel_scalar = {"scalar", supported, count_newlines, mark, false};
