/* json_keys.c - the "key" lines of a pattern file. */
#include "parse/json_keys.h"

#include <string.h>

#include "parse/pattern.h"

struct reading {
    struct ha_view rest; /* what is still to be read */
    enum ha_err err;
};

/* The next word of the line; empty at its end. */
static struct ha_view next_word(struct reading *r)
{
    while (r->rest.len > 0 && r->rest.ptr[0] == ' ')
        r->rest = (struct ha_view){r->rest.ptr + 1, r->rest.len - 1};
    size_t len = 0;
    while (len < r->rest.len && r->rest.ptr[len] != ' ')
        len++;
    struct ha_view word = {r->rest.ptr, len};
    r->rest = (struct ha_view){r->rest.ptr + len, r->rest.len - len};
    return word;
}

static const char *no_memory(struct reading *r)
{
    r->err = HA_ERR_MEMORY;
    return "out of memory";
}

/* The index in "[12]" at text[*at], and *at behind it. */
static bool read_index(struct ha_view text, size_t *at, size_t *index)
{
    size_t start = *at + 1, end = start;
    while (end < text.len && text.ptr[end] != ']')
        end++;
    uint64_t n = 0;
    if (end == text.len || !ha_view_u64((struct ha_view){text.ptr + start, end - start}, &n) ||
        n > 1000)
        return false;
    *index = (size_t)n;
    *at = end + 1;
    return true;
}

static const char *read_path(struct reading *r, struct ha_view text, struct ha_path *path)
{
    static const char shape[] = "a key is written as name, name.name or name[0], at most six deep";
    if (text.len == 0)
        return "a key is missing";
    path->text = ha_strdup_view(text);
    if (path->text == NULL)
        return no_memory(r);
    char *to = path->text;
    size_t at = 0;
    while (at < text.len) {
        if (path->count == HA_KEY_STEPS)
            return shape;
        if (text.ptr[at] == '[') {
            if (path->count == 0 || !read_index(text, &at, &path->step[path->count].index))
                return shape;
        } else {
            at += path->count > 0 && text.ptr[at] == '.';
            path->step[path->count].name = to;
            while (at < text.len && text.ptr[at] != '.' && text.ptr[at] != '[') {
                at += text.ptr[at] == '\\' && at + 1 < text.len;
                *to++ = text.ptr[at++];
            }
            /* The separator or the end gives the room for the NUL. */
            *to++ = '\0';
        }
        path->count++;
    }
    return NULL;
}

/* The list with room for one more, which is zero; NULL when memory ran out. */
static void *with_room(void *list, size_t count, size_t size)
{
    char *grown = ha_one_more(list, count, size);
    if (grown != NULL)
        memset(grown + count * size, 0, size);
    return grown;
}

static const char *add_key(struct reading *r, struct ha_keys *keys)
{
    static const struct {
        const char *word;
        uint64_t ns;
    } units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    enum ha_field field;
    enum ha_field_kind kind;
    if (!ha_field_find(next_word(r), &field, &kind))
        return "\"key\" wants a field, the key that fills it, and the unit of a duration; --help "
               "and the manual list the fields";
    struct ha_key *list = with_room(keys->key, keys->key_count, sizeof *list);
    if (list == NULL)
        return no_memory(r);
    keys->key = list;
    struct ha_key *key = &list[keys->key_count++];
    key->field = (uint8_t)field;
    key->kind = (uint8_t)kind;
    const char *cause = read_path(r, next_word(r), &key->path);
    struct ha_view unit = next_word(r);
    if (cause != NULL || unit.len == 0)
        return cause;
    for (size_t i = 0; i < HA_COUNT(units); i++)
        if (key->kind == HA_KIND_DURATION && ha_view_is(unit, units[i].word))
            return key->unit_ns = units[i].ns, NULL;
    return "only a duration has a unit, one of ns, us, ms, s";
}

static const char *add_need(struct reading *r, struct ha_keys *keys)
{
    struct ha_need *list = with_room(keys->need, keys->need_count, sizeof *list);
    if (list == NULL)
        return no_memory(r);
    keys->need = list;
    struct ha_need *need = &list[keys->need_count++];
    const char *cause = NULL;
    do {
        if (need->count == HA_KEY_WAYS)
            return "at most six keys can stand for each other";
        cause = read_path(r, next_word(r), &need->way[need->count++]);
        while (r->rest.len > 0 && r->rest.ptr[0] == ' ')
            r->rest = (struct ha_view){r->rest.ptr + 1, r->rest.len - 1};
    } while (cause == NULL && r->rest.len > 0);
    return cause;
}

static const char *add_inner(struct reading *r, struct ha_keys *keys)
{
    struct ha_path *list = with_room(keys->inner, keys->inner_count, sizeof *list);
    if (list == NULL)
        return no_memory(r);
    keys->inner = list;
    return read_path(r, next_word(r), &list[keys->inner_count++]);
}

const char *ha_keys_line(struct ha_keys **keys, struct ha_view word, struct ha_view value,
                         size_t *column, enum ha_err *err)
{
    struct reading r = {.rest = value, .err = HA_ERR_SYNTAX};
    const char *cause = NULL;
    if (*keys == NULL)
        *keys = ha_calloc(1, sizeof **keys);
    if (*keys == NULL) {
        cause = no_memory(&r);
    } else if (ha_view_is(word, "key")) {
        cause = add_key(&r, *keys);
    } else if (ha_view_is(word, "need")) {
        cause = add_need(&r, *keys);
    } else if (ha_view_is(word, "inner")) {
        cause = add_inner(&r, *keys);
    } else {
        struct ha_view what = next_word(&r);
        (*keys)->columns = ha_view_is(what, "columns");
        if (!(*keys)->columns && !ha_view_is(what, "json"))
            cause = "a file of keys reads one of json, columns";
    }
    if (cause == NULL && next_word(&r).len > 0)
        cause = "too many words";
    *column = value.len - r.rest.len + 1;
    *err = r.err;
    return cause;
}

void ha_keys_free(struct ha_keys **keys)
{
    struct ha_keys *k = *keys;
    if (k == NULL)
        return;
    for (size_t i = 0; i < k->key_count; i++)
        ha_free(k->key[i].path.text);
    for (size_t i = 0; i < k->need_count; i++)
        for (size_t w = 0; w < k->need[i].count; w++)
            ha_free(k->need[i].way[w].text);
    for (size_t i = 0; i < k->inner_count; i++)
        ha_free(k->inner[i].text);
    ha_free(k->key);
    ha_free(k->need);
    ha_free(k->inner);
    ha_free(k);
    *keys = NULL;
}
