/* allocations.h - makes every allocation of some work fail in turn. To be included behind
 * cmocka.h. */
#ifndef HTTPANNOTATE_TESTS_ALLOCATIONS_H
#define HTTPANNOTATE_TESTS_ALLOCATIONS_H

#include "httpannotate/base.h"

/* work allocates the same each time, and says whether all went well: at first it must, and must
 * have taken more allocations than least; then, with any one of them failed, it must not. What it
 * leaks a sanitizer tells. */
static inline void fail_each_allocation(bool (*work)(const void *context), const void *context,
                                        uint64_t least)
{
    (void)ha_alloc_fail_at(0);
    assert_true(work(context));
    uint64_t calls = ha_alloc_fail_at(0);
    assert_true(calls > least);
    for (uint64_t n = 1; n <= calls; n++) {
        (void)ha_alloc_fail_at(n);
        assert_false(work(context));
    }
    (void)ha_alloc_fail_at(0);
}

#endif
