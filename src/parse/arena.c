/* arena.c - chunks in a list; taking is moving a mark, giving back is dropping the list. */
#include "parse/arena.h"

#include <stdalign.h>
#include <string.h>

enum { CHUNK = 64 * 1024 };

struct ha_arena_chunk {
    struct ha_arena_chunk *next;
    size_t size, used;
    alignas(max_align_t) char bytes[];
};

static struct ha_arena_chunk *add_chunk(struct ha_arena *a, size_t need)
{
    size_t size = need > CHUNK ? need : CHUNK;
    if (size > a->most || a->held > a->most - size)
        return NULL;
    struct ha_arena_chunk *c = ha_alloc(sizeof *c + size);
    if (c == NULL) {
        a->failed = true;
        return NULL;
    }
    c->size = size;
    c->used = 0;
    a->held += size;
    if (size > CHUNK && a->chunks != NULL) { /* full at once: what is left in the first goes on */
        c->next = a->chunks->next;
        a->chunks->next = c;
    } else {
        c->next = a->chunks;
        a->chunks = c;
    }
    return c;
}

void *ha_arena_take(struct ha_arena *a, size_t size)
{
    if (size > a->most)
        return NULL;
    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct ha_arena_chunk *c = a->chunks;
    if (c == NULL || c->size - c->used < size)
        c = add_chunk(a, size);
    if (c == NULL)
        return NULL;
    void *p = c->bytes + c->used;
    c->used += size;
    return p;
}

struct ha_view ha_arena_copy(struct ha_arena *a, struct ha_view v)
{
    char *to = ha_arena_take(a, v.len + 1);
    if (to == NULL)
        return (struct ha_view){NULL, 0};
    if (v.len > 0)
        memcpy(to, v.ptr, v.len);
    to[v.len] = '\0';
    return (struct ha_view){to, v.len};
}

void ha_arena_reset(struct ha_arena *a)
{
    struct ha_arena_chunk *kept = NULL;
    while (a->chunks != NULL) {
        struct ha_arena_chunk *c = a->chunks;
        a->chunks = c->next;
        if (kept == NULL && c->size == CHUNK)
            kept = c;
        else
            ha_free(c);
    }
    a->held = kept == NULL ? 0 : kept->size;
    if (kept != NULL) {
        kept->next = NULL;
        kept->used = 0;
    }
    a->chunks = kept;
}

void ha_arena_free(struct ha_arena *a)
{
    while (a->chunks != NULL) {
        struct ha_arena_chunk *c = a->chunks;
        a->chunks = c->next;
        ha_free(c);
    }
    a->held = 0;
}
