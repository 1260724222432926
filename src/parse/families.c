/* families.c - the patterns of a set that are read by keys. */
#include "parse/families.h"

/* Puts index into the list behind those that need as much or more. */
static void insert(const struct ha_patterns *set, uint16_t *list, size_t *count, size_t index)
{
    size_t needs = set->list[index].file.keys->need_count, at = *count;
    for (; at > 0 && set->list[list[at - 1]].file.keys->need_count < needs; at--)
        list[at] = list[at - 1];
    list[at] = (uint16_t)index;
    ++*count;
}

enum ha_err ha_families_find(const struct ha_patterns *set, struct ha_families *out)
{
    *out = (struct ha_families){0};
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        count += set->list[i].file.keys != NULL;
    if (count == 0)
        return HA_OK;
    out->json = ha_calloc(2 * count, sizeof *out->json);
    out->json_keys = ha_calloc(count, sizeof *out->json_keys);
    if (out->json == NULL || out->json_keys == NULL)
        return HA_ERR_MEMORY;
    out->columns = out->json + count;
    for (size_t i = 0; i < set->count; i++) {
        const struct ha_keys *keys = set->list[i].file.keys;
        if (keys != NULL && keys->columns)
            insert(set, out->columns, &out->columns_count, i);
        else if (keys != NULL)
            insert(set, out->json, &out->json_count, i);
    }
    for (size_t i = 0; i < out->json_count; i++)
        out->json_keys[i] = set->list[out->json[i]].file.keys;
    return HA_OK;
}

void ha_families_free(struct ha_families *f)
{
    ha_free(f->json);
    ha_free(f->json_keys);
    *f = (struct ha_families){0};
}
