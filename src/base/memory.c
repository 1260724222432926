/* memory.c - the only caller of the C library's allocator, so that tests can make it fail. */
#include "httpannotate/base.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static atomic_uint_fast64_t calls;
static atomic_uint_fast64_t fail_at;

static bool fails_now(void)
{
    uint64_t n = atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed) + 1;
    return n == atomic_load_explicit(&fail_at, memory_order_relaxed);
}

uint64_t ha_alloc_fail_at(uint64_t n)
{
    uint64_t before = atomic_exchange(&calls, 0);
    atomic_store(&fail_at, n);
    return before;
}

void ha_alloc_sparingly(void)
{
#ifdef __GLIBC__
    enum { LARGE = 128 * 1024 };
    /* Set, the bound no longer rises when something large is freed: large blocks stay mappings of
     * their own, which grow without a copy and are given back at once. */
    (void)mallopt(M_MMAP_THRESHOLD, LARGE);
    /* Threads allocate seldom: they need no heaps of their own, each with its unused rest. */
    (void)mallopt(M_ARENA_MAX, 1);
#endif
}

void ha_alloc_give_back(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

void *ha_alloc(size_t size)
{
    HA_ASSERT(size > 0);
    return fails_now() ? NULL : malloc(size);
}

void *ha_calloc(size_t count, size_t size)
{
    HA_ASSERT(count > 0 && size > 0);
    return fails_now() ? NULL : calloc(count, size);
}

void *ha_realloc(void *old, size_t size)
{
    HA_ASSERT(size > 0);
    return fails_now() ? NULL : realloc(old, size);
}

void ha_free(void *p)
{
    free(p);
}

void *ha_one_more(void *array, size_t count, size_t size)
{
    enum { FIRST = 8 };
    /* Room is a power of two: only at one of these is it used up. */
    if (count > 0 && (count < FIRST || (count & (count - 1)) != 0))
        return array;
    return ha_realloc(array, (count == 0 ? FIRST : 2 * count) * size);
}

char *ha_strdup_view(struct ha_view v)
{
    char *copy = ha_alloc(v.len + 1);
    if (copy == NULL)
        return NULL;
    if (v.len > 0)
        memcpy(copy, v.ptr, v.len);
    copy[v.len] = '\0';
    return copy;
}
