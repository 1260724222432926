/* top_look.c - the way that any processor can go, and the choice among all. */
#include "top_look.h"

#include "count.h"
#include "httpannotate/scan.h"
#include "top_glance.h"

#include <string.h>

/* Where the values of a chunk may be. */
struct ways {
    const struct ha_top_set *set[HA_TOP_CHUNK];
    int32_t tag[HA_TOP_CHUNK];
};

static void glance_at_all(const struct ha_top_index *x, const struct ha_top_chunk *c,
                          struct ways *to)
{
    for (size_t i = 0; i < c->n; i++) {
        uint64_t glance = ha_glance(c->values[i]);
        to->set[i] = ha_top_set_of(x, glance);
        to->tag[i] = ha_top_tag(x, glance);
        __builtin_prefetch(to->set[i]);
    }
}

static void approach(const struct ha_top_list *l, struct ha_top_chunk *c, const struct ways *to)
{
    for (size_t i = 0; i < c->n; i++) {
        c->places[i] = ha_top_set_find(to->set[i], to->tag[i], l->index.places);
        const char *r = (const char *)&l->words[c->places[i]];
        __builtin_prefetch(r);
        __builtin_prefetch(r + 24);
    }
}

/* Whether the record that was found at a glance is that of the value. */
static inline bool is_right(const struct ha_top_list *l, uint32_t place, struct ha_view value)
{
    if (place == 0)
        return false;
    struct ha_top_record *r = ha_top_record_at(l, place - 1);
    return r->len == value.len && ha_glance_equal(ha_top_value(r), value.ptr, value.len);
}

static void count(const struct ha_top_list *l, struct ha_top_chunk *c)
{
    struct ways ways;
    glance_at_all(&l->index, c, &ways);
    approach(l, c, &ways);
    c->left = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (__builtin_expect(is_right(l, c->places[i], c->values[i]), 1))
            ha_sat_up(&ha_top_record_at(l, c->places[i] - 1)->count);
        else
            c->which[c->left++] = (uint8_t)i;
    }
}

static uint64_t glance(struct ha_view value)
{
    return ha_glance(value);
}

const struct ha_top_look ha_top_look_plain = {"plain", glance, count};

const struct ha_top_look *ha_top_look_in_use(void)
{
#if defined(__x86_64__)
    if (strcmp(ha_scan_kernel(), "avx512") == 0 && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("bmi2"))
        return &ha_top_look_avx512;
#endif
    return &ha_top_look_plain;
}
