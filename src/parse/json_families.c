/* json_families.c - the needs of families, looked at once a shape. */
#include "parse/json_families.h"

#include <string.h>

#include "parse/pattern.h"

enum { SHAPE_BITS = 4, SHAPES = 1 << SHAPE_BITS };

/* How many keys all families have, and how many other ways. */
static void count_ways(const struct ha_keys *const *list, size_t count, size_t *keys, size_t *ways)
{
    *keys = *ways = 0;
    for (size_t i = 0; i < count; i++) {
        *keys += list[i]->key_count;
        *ways += list[i]->inner_count;
        for (size_t n = 0; n < list[i]->need_count; n++)
            *ways += list[i]->need[n].count;
    }
}

static enum ha_err add_needs(struct ha_json_paths *paths, struct ha_json_family *f, uint16_t **to)
{
    enum ha_err err = HA_OK;
    f->need = *to;
    for (size_t n = 0; n < f->keys->need_count; n++)
        for (size_t w = 0; w < f->keys->need[n].count && err == HA_OK; w++)
            err = ha_json_paths_add(paths, &f->keys->need[n].way[w], (*to)++);
    return err;
}

/* The keys of the status, or all others. */
static enum ha_err add_keys(struct ha_json_paths *paths, struct ha_json_family *f, bool status,
                            struct ha_json_key **to)
{
    enum ha_err err = HA_OK;
    for (size_t i = 0; i < f->keys->key_count && err == HA_OK; i++) {
        const struct ha_key *key = &f->keys->key[i];
        if ((key->kind == HA_KIND_STATUS) != status)
            continue;
        f->status_keys += status;
        f->names_a_request |= key->field == HA_FIELD_TARGET || key->field == HA_FIELD_REQUEST;
        **to =
            (struct ha_json_key){.unit_ns = key->unit_ns, .field = key->field, .kind = key->kind};
        err = ha_json_paths_add(paths, &key->path, &(*to)->number);
        ++*to;
    }
    return err;
}

static enum ha_err add_inner(struct ha_json_paths *paths, struct ha_json_family *f, uint16_t **to)
{
    enum ha_err err = HA_OK;
    f->inner = *to;
    for (size_t i = 0; i < f->keys->inner_count && err == HA_OK; i++)
        err = ha_json_paths_add(paths, &f->keys->inner[i], (*to)++);
    return err;
}

static enum ha_err add_families(struct ha_json_families *f)
{
    static const struct ha_path object = {.count = 0};
    uint16_t *to = f->numbers, number;
    /* Without any need, too, a shape has one bit: it tells a place that none has used. */
    enum ha_err err = ha_json_paths_add(&f->paths, &object, &number);
    for (size_t i = 0; i < f->count && err == HA_OK; i++)
        err = add_needs(&f->paths, &f->family[i], &to);
    f->need_words = f->paths.count / 64 + 1;
    f->last_needs = (UINT64_C(1) << f->paths.count % 64) - 1;
    struct ha_json_key *key = f->keys;
    for (size_t i = 0; i < f->count && err == HA_OK; i++) {
        struct ha_json_family *family = &f->family[i];
        family->key = key;
        err = add_keys(&f->paths, family, true, &key);
        if (err == HA_OK)
            err = add_keys(&f->paths, family, false, &key);
        if (err == HA_OK)
            err = add_inner(&f->paths, family, &to);
    }
    return err == HA_OK ? ha_json_paths_ready(&f->paths) : err;
}

enum ha_err ha_json_families_init(struct ha_json_families *f, const struct ha_keys *const *keys,
                                  size_t count)
{
    *f = (struct ha_json_families){.count = count, .family_words = count / 64 + 1};
    f->family = ha_calloc(count + 1, sizeof *f->family);
    size_t key_count, ways;
    count_ways(keys, count, &key_count, &ways);
    f->keys = ha_calloc(key_count + 1, sizeof *f->keys);
    f->numbers = ha_calloc(ways + 1, sizeof *f->numbers);
    if (f->family == NULL || f->keys == NULL || f->numbers == NULL)
        return HA_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        f->family[i].keys = keys[i];
    enum ha_err err = add_families(f);
    if (err != HA_OK)
        return err;
    f->seen = ha_calloc((count + 1) * f->paths.words, sizeof *f->seen);
    f->has = ha_calloc(key_count + 1, sizeof *f->has);
    f->shapes = ha_calloc(SHAPES * (f->need_words + f->family_words), sizeof *f->shapes);
    f->meets = f->shapes;
    if (f->shapes == NULL || f->seen == NULL || f->has == NULL)
        return HA_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        f->family[i].seen = f->seen + i * f->paths.words;
        f->family[i].has = f->has + (f->family[i].key - f->keys);
    }
    return HA_OK;
}

void ha_json_families_free(struct ha_json_families *f)
{
    ha_json_paths_free(&f->paths);
    ha_free(f->family);
    ha_free(f->keys);
    ha_free(f->numbers);
    ha_free(f->seen);
    ha_free(f->has);
    ha_free(f->shapes);
    *f = (struct ha_json_families){0};
}

static bool has_needs(const struct ha_json_paths *paths, const struct ha_json_family *f)
{
    const uint16_t *way = f->need;
    for (size_t i = 0; i < f->keys->need_count; i++) {
        bool any = false;
        for (size_t w = 0; w < f->keys->need[i].count; w++)
            any |= ha_json_path_taken(paths, *way++);
        if (!any)
            return false;
    }
    return true;
}

static uint64_t needs_taken(const struct ha_json_families *f, size_t word)
{
    return f->paths.taken[word] & (word + 1 < f->need_words ? UINT64_MAX : f->last_needs);
}

void ha_json_families_see(struct ha_json_families *f, const struct ha_json_text *text)
{
    ha_json_paths_follow(&f->paths, text);
    uint64_t hash = 0, differs = 0;
    for (size_t w = 0; w < f->need_words; w++)
        hash = (hash ^ needs_taken(f, w)) * UINT64_C(0x9E3779B97F4A7C15);
    uint64_t *shape = f->shapes + (hash >> (64 - SHAPE_BITS)) * (f->need_words + f->family_words);
    uint64_t *meets = shape + f->need_words;
    for (size_t w = 0; w < f->need_words; w++) {
        differs |= shape[w] ^ needs_taken(f, w);
        shape[w] = needs_taken(f, w);
    }
    f->meets = meets;
    if (differs == 0)
        return;
    memset(meets, 0, f->family_words * sizeof *meets);
    for (size_t i = 0; i < f->count; i++)
        if (has_needs(&f->paths, &f->family[i]))
            meets[i / 64] |= UINT64_C(1) << i % 64;
}

void ha_json_family_keys(const struct ha_json_families *f, struct ha_json_family *family)
{
    size_t size = f->paths.words * sizeof *family->seen, count = 0;
    if (memcmp(family->seen, f->paths.taken, size) == 0)
        return;
    memcpy(family->seen, f->paths.taken, size);
    for (size_t i = 0; i < family->keys->key_count; i++) {
        if (i == family->status_keys)
            family->has_status = count;
        if (ha_json_path_taken(&f->paths, family->key[i].number))
            family->has[count++] = (uint16_t)i;
    }
    if (family->status_keys == family->keys->key_count)
        family->has_status = count;
    family->has_count = count;
}

size_t ha_json_family_next(const struct ha_json_families *f, size_t from)
{
    while (from < f->count) {
        uint64_t left = f->meets[from / 64] >> from % 64;
        if (left != 0)
            return from + (size_t)__builtin_ctzll(left);
        from = (from / 64 + 1) * 64;
    }
    return f->count;
}
