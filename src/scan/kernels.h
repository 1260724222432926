/* kernels.h - the kernel that was chosen. Private to src/scan. */
#ifndef HTTPANNOTATE_SCAN_KERNELS_H
#define HTTPANNOTATE_SCAN_KERNELS_H

#include "kernel.h"

const struct ha_kernel *ha_kernel_in_use(void);

#endif
