/* json_paths.c - a tree of steps, found by the step before and the name. */
#include "parse/json_paths.h"

#include <string.h>

/* What a step is told by, where no longer than the two words of a name tell. */
struct want {
    const char *name;
    struct ha_json_mark mark;
};

/* First and last bytes tell the names apart: those of the table are ours or the user's, and
 * whoever writes the log cannot add to them. */
static struct want want_of(uint16_t before, const char *name, uint32_t len)
{
    struct want w = {.name = name, .mark = {.len = len, .before = before, .named = name != NULL}};
    if (name != NULL && len >= 8) {
        w.mark.first = ha_word_at(name);
        w.mark.last = ha_word_at(name + len - 8);
    } else if (name != NULL && len >= 4) {
        uint32_t half[2];
        memcpy(&half[0], name, 4);
        memcpy(&half[1], name + len - 4, 4);
        w.mark.first = (uint64_t)half[0] << 32 | half[1];
    } else if (name != NULL && len > 0) {
        w.mark.first = (uint64_t)(unsigned char)name[0] << 16 |
                       (uint64_t)(unsigned char)name[len / 2] << 8 | (unsigned char)name[len - 1];
    }
    return w;
}

static uint64_t hash_of(const struct ha_json_mark *m)
{
    uint64_t h = (m->first ^ ((uint64_t)m->before << 32 | m->len)) * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ h >> 29 ^ m->last) * UINT64_C(0xBF58476D1CE4E5B9);
    return h ^ h >> 32;
}

static bool is_step(const struct ha_json_step *s, const struct want *w)
{
    const struct ha_json_mark *m = &s->mark;
    if (m->first != w->mark.first || m->last != w->mark.last || m->len != w->mark.len ||
        m->before != w->mark.before || m->named != w->mark.named)
        return false;
    return m->len <= 16 || !m->named || memcmp(s->name, w->name, m->len) == 0;
}

/* The number of a step; 0: there is none. */
static inline uint16_t find(const struct ha_json_paths *p, const struct want *w)
{
    size_t i = hash_of(&w->mark) & (p->slots - 1);
    for (; p->slot[i] != 0; i = (i + 1) & (p->slots - 1))
        if (is_step(&p->step[p->slot[i]], w))
            return p->slot[i];
    return 0;
}

static void enter(struct ha_json_paths *p, uint16_t number)
{
    size_t i = hash_of(&p->step[number].mark) & (p->slots - 1);
    while (p->slot[i] != 0)
        i = (i + 1) & (p->slots - 1);
    p->slot[i] = number;
}

static enum ha_err grow_slots(struct ha_json_paths *p)
{
    size_t slots = p->slots == 0 ? 64 : 2 * p->slots;
    uint16_t *grown = ha_calloc(slots, sizeof *grown);
    if (grown == NULL)
        return HA_ERR_MEMORY;
    ha_free(p->slot);
    p->slot = grown;
    p->slots = slots;
    for (size_t i = 1; i < p->count; i++)
        enter(p, (uint16_t)i);
    return HA_OK;
}

static enum ha_err add_step(struct ha_json_paths *p, const struct ha_json_step *step)
{
    if (p->count > HA_JSON_PATHS_MOST)
        return HA_ERR_LIMIT;
    if (2 * (p->count + 1) > p->slots && grow_slots(p) != HA_OK)
        return HA_ERR_MEMORY;
    struct ha_json_step *list = ha_one_more(p->step, p->count, sizeof *list);
    if (list == NULL)
        return HA_ERR_MEMORY;
    p->step = list;
    list[p->count] = *step;
    if (p->count > 0) /* the object itself is never looked for */
        enter(p, (uint16_t)p->count);
    p->count++;
    return HA_OK;
}

enum ha_err ha_json_paths_add(struct ha_json_paths *p, const struct ha_path *path, uint16_t *number)
{
    static const struct ha_json_step object = {.name = NULL};
    enum ha_err err = p->count == 0 ? add_step(p, &object) : HA_OK;
    uint16_t at = 0;
    for (size_t i = 0; err == HA_OK && i < path->count; i++) {
        const char *name = path->step[i].name;
        uint32_t len = (uint32_t)(name != NULL ? strlen(name) : path->step[i].index);
        struct want want = want_of(at, name, len);
        struct ha_json_step step = {name, want.mark};
        at = find(p, &want);
        if (name == NULL && p->elements <= len)
            p->elements = len + 1;
        if (at != 0)
            continue;
        at = (uint16_t)p->count;
        err = add_step(p, &step);
    }
    *number = at;
    return err;
}

enum ha_err ha_json_paths_ready(struct ha_json_paths *p)
{
    p->words = p->count / 64 + 1;
    p->leads_on = ha_calloc(p->words, sizeof *p->leads_on);
    p->taken = ha_calloc(p->words, sizeof *p->taken);
    p->leads_to = ha_calloc(p->count + 1, sizeof *p->leads_to);
    if (p->leads_on == NULL || p->taken == NULL || p->leads_to == NULL)
        return HA_ERR_MEMORY;
    for (size_t i = 1; i < p->count; i++)
        p->leads_on[p->step[i].mark.before / 64] |= UINT64_C(1) << p->step[i].mark.before % 64;
    return HA_OK;
}

void ha_json_paths_free(struct ha_json_paths *p)
{
    ha_free(p->step);
    ha_free(p->slot);
    ha_free(p->leads_on);
    ha_free(p->taken);
    ha_free(p->leads_to);
    *p = (struct ha_json_paths){0};
}

/* The steps into a value that step `before` leads to. */
static void follow_into(struct ha_json_paths *p, const struct ha_json_text *text, uint16_t before)
{
    uint32_t at = p->leads_to[before], end = text->value[at].next;
    bool is_array = text->value[at].kind == HA_VALUE_ARRAY;
    uint32_t index = 0;
    for (uint32_t i = at + 1; i < end; i = text->value[i].next) {
        const struct ha_value *v = &text->value[i];
        if (is_array && index == p->elements)
            break;
        struct want want = want_of(before, v->key, is_array ? index : v->key_len);
        uint16_t n = find(p, &want);
        index++;
        if (n == 0)
            continue;
        p->taken[n / 64] |= UINT64_C(1) << n % 64;
        p->leads_to[n] = i;
    }
}

void ha_json_paths_follow(struct ha_json_paths *p, const struct ha_json_text *text)
{
    memset(p->taken, 0, p->words * sizeof *p->taken);
    p->taken[0] = 1;
    p->leads_to[0] = 0;
    /* A member is looked into when all of its object were seen: so the last of one key is. */
    for (size_t w = 0; w < p->words; w++) {
        uint64_t done = 0, left;
        while ((left = p->taken[w] & p->leads_on[w] & ~done) != 0) {
            done |= left & -left;
            follow_into(p, text, (uint16_t)(w * 64 + (size_t)__builtin_ctzll(left)));
        }
    }
}
