/* kernel_scalar.c - a byte at a time: for any processor, and what the others are held to. */
#include "kernel.h"

static bool supported(void)
{
    return true;
}

static void mark(struct ha_marks *m, size_t end, uint32_t room)
{
    while (ha_kernel_has_step(m, end, room))
        ha_kernel_bytes(m, HA_KERNEL_STEP);
    ha_kernel_rest(m, end, room);
}

const struct ha_kernel ha_kernel_scalar = {"scalar", supported, ha_kernel_newlines, mark};
