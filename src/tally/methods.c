/* methods.c - the sums per method. */
#include "methods.h"

#include "hash.h"
#include "httpannotate/facts.h"

#include <stdlib.h>
#include <string.h>

struct ha_method_token {
    struct ha_count sum;
    uint64_t hash; /* of the text, the same in every run */
    uint8_t len;
    char text[HA_METHOD_TOKEN];
};

static const char mark[] = "...";
#define MARK_BYTES (sizeof mark - 1)

bool ha_methods_init(struct ha_methods *m, size_t max)
{
    *m = (struct ha_methods){.max = max};
    m->listed = ha_calloc(ha_facts_method_count(), sizeof *m->listed);
    return m->listed != NULL;
}

void ha_methods_done(struct ha_methods *m)
{
    ha_free(m->listed);
    ha_free(m->tokens);
    ha_free(m->index);
    *m = (struct ha_methods){.max = m->max};
}

void ha_methods_reset(struct ha_methods *m)
{
    memset(m->listed, 0, ha_facts_method_count() * sizeof *m->listed);
    m->count = 0;
    if (m->index != NULL)
        memset(m->index, 0, (m->mask + 1) * sizeof *m->index);
}

/* Unlisted tokens are rare: their table comes into being, whole, with the first one. */
static bool make_table(struct ha_methods *m)
{
    size_t slots = 4;
    while (slots < 2 * m->max)
        slots *= 2;
    if (m->tokens == NULL)
        m->tokens = ha_alloc(m->max * sizeof *m->tokens);
    if (m->tokens != NULL)
        m->index = ha_calloc(slots, sizeof *m->index);
    m->mask = slots - 1;
    return m->index != NULL;
}

static struct ha_view text_of(const struct ha_method_token *t)
{
    return (struct ha_view){t->text, t->len};
}

/* An order of all tokens that nothing of the input's order is in. */
static bool comes_before(uint64_t hash, struct ha_view token, const struct ha_method_token *held)
{
    return hash != held->hash ? hash < held->hash : ha_view_cmp(token, text_of(held)) < 0;
}

static size_t last_held(const struct ha_methods *m)
{
    size_t last = 0;
    for (size_t i = 1; i < m->count; i++)
        if (comes_before(m->tokens[last].hash, text_of(&m->tokens[last]), &m->tokens[i]))
            last = i;
    return last;
}

/* The slot of the index that holds the token, or the free one where it would be put. */
static size_t slot_of(const struct ha_methods *m, uint64_t hash, struct ha_view token)
{
    size_t i = hash & m->mask;
    while (m->index[i] != 0 && !ha_view_eq(text_of(&m->tokens[m->index[i] - 1]), token))
        i = (i + 1) & m->mask;
    return i;
}

/* Room for a token when all places are taken: the last one in order makes it, if the new one comes
 * before it. Those held are then the first of all tokens seen, each with all its requests, in
 * whatever order they came and were merged. False when the new one comes last. */
static bool displace(struct ha_methods *m, uint64_t hash, struct ha_view token,
                     struct ha_count *other)
{
    size_t last = last_held(m);
    if (!comes_before(hash, token, &m->tokens[last]))
        return false;
    ha_count_merge(other, m->tokens[last].sum);
    m->tokens[last] = m->tokens[--m->count];
    memset(m->index, 0, (m->mask + 1) * sizeof *m->index);
    for (size_t i = 0; i < m->count; i++)
        m->index[slot_of(m, m->tokens[i].hash, text_of(&m->tokens[i]))] = (uint32_t)i + 1;
    return true;
}

bool ha_methods_add_token(struct ha_methods *m, struct ha_view token, struct ha_count sum,
                          struct ha_count *other)
{
    if (m->max == 0) {
        ha_count_merge(other, sum);
        return true;
    }
    if (m->index == NULL && !make_table(m))
        return false;
    char cut[HA_METHOD_TOKEN];
    if (token.len > sizeof cut) {
        memcpy(cut, token.ptr, sizeof cut - MARK_BYTES);
        memcpy(cut + sizeof cut - MARK_BYTES, mark, MARK_BYTES);
        token = (struct ha_view){cut, sizeof cut};
    }
    uint64_t hash = ha_hash(token.ptr, token.len, HA_HASH_FIXED_SEED);
    size_t slot = slot_of(m, hash, token);
    if (m->index[slot] != 0) {
        ha_count_merge(&m->tokens[m->index[slot] - 1].sum, sum);
        return true;
    }
    if (m->count >= m->max) {
        if (!displace(m, hash, token, other)) {
            ha_count_merge(other, sum);
            return true;
        }
        slot = slot_of(m, hash, token);
    }
    struct ha_method_token *fresh = &m->tokens[m->count++];
    m->index[slot] = (uint32_t)m->count;
    *fresh = (struct ha_method_token){.sum = sum, .hash = hash, .len = (uint8_t)token.len};
    if (token.len > 0)
        memcpy(fresh->text, token.ptr, token.len);
    return true;
}

bool ha_methods_merge(struct ha_methods *into, const struct ha_methods *from,
                      struct ha_count *other)
{
    for (size_t i = 0; i < ha_facts_method_count(); i++)
        ha_count_merge(&into->listed[i], from->listed[i]);
    for (size_t i = 0; i < from->count; i++) {
        const struct ha_method_token *t = &from->tokens[i];
        if (!ha_methods_add_token(into, text_of(t), t->sum, other))
            return false;
    }
    return true;
}

static int by_count(const void *a, const void *b)
{
    const struct ha_method_count *x = a, *y = b;
    if (x->sum.count != y->sum.count)
        return x->sum.count < y->sum.count ? 1 : -1;
    return ha_view_cmp(x->method, y->method);
}

enum ha_err ha_methods_read(const struct ha_methods *m, struct ha_method_count **out, size_t *count)
{
    size_t listed = ha_facts_method_count(), n = 0;
    *count = 0;
    *out = ha_alloc((listed + m->count) * sizeof **out);
    if (*out == NULL)
        return HA_ERR_MEMORY;
    for (size_t i = 0; i < listed; i++)
        if (m->listed[i].count > 0)
            (*out)[n++] =
                (struct ha_method_count){ha_view_of(ha_facts_method((int)i)->method), m->listed[i]};
    for (size_t i = 0; i < m->count; i++)
        (*out)[n++] =
            (struct ha_method_count){{m->tokens[i].text, m->tokens[i].len}, m->tokens[i].sum};
    qsort(*out, n, sizeof **out, by_count);
    *count = n;
    return HA_OK;
}
