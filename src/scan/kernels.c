/* kernels.c - the choice of a kernel. */
#include "kernel.h"

#include <stdatomic.h>
#include <string.h>

#include "kernels.h"

static const struct ha_kernel *const kernels[] = {
    &ha_kernel_scalar,
#if defined(__x86_64__)
    &ha_kernel_sse2,
    &ha_kernel_avx2,
    &ha_kernel_avx512,
#elif defined(__aarch64__)
    &ha_kernel_neon,
#endif
};

static _Atomic(const struct ha_kernel *) chosen;

const struct ha_kernel *ha_kernel_in_use(void)
{
    const struct ha_kernel *kernel = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (kernel != NULL)
        return kernel;
    /* Threads that come here together find the same. */
    for (size_t i = 0; i < HA_COUNT(kernels); i++)
        if (kernels[i]->supported())
            kernel = kernels[i];
    atomic_store_explicit(&chosen, kernel, memory_order_relaxed);
    return kernel;
}

const char *ha_scan_kernel(void)
{
    return ha_kernel_in_use()->name;
}

bool ha_scan_by_avx2(void)
{
    return strncmp(ha_kernel_in_use()->name, "avx", 3) == 0;
}

const char *ha_scan_kernel_name(size_t n)
{
    for (size_t i = 0; i < HA_COUNT(kernels); i++)
        if (kernels[i]->supported() && n-- == 0)
            return kernels[i]->name;
    return NULL;
}

enum ha_err ha_scan_use(const char *name, struct ha_problem *p)
{
    char names[64] = "";
    for (size_t i = 0, len = 0; i < HA_COUNT(kernels); i++) {
        const struct ha_kernel *kernel = kernels[i];
        if (!kernel->supported())
            continue;
        if (strcmp(kernel->name, name) == 0) {
            atomic_store_explicit(&chosen, kernel, memory_order_relaxed);
            return HA_OK;
        }
        size_t more = strlen(kernel->name);
        HA_ASSERT(len + 1 + more < sizeof names);
        names[len] = ' ';
        memcpy(names + len + 1, kernel->name, more + 1);
        len += 1 + more;
    }
    return ha_problem_set(p, HA_ERR_SYNTAX, "HA_CPU",
                          "'%.40s' is no kernel of this machine; it has%s", name, names);
}

size_t ha_count_newlines(struct ha_view bytes, bool *sharp)
{
    *sharp = ha_is_directive(bytes);
    return ha_kernel_in_use()->count_newlines(bytes.ptr, bytes.len, sharp);
}
