/* json_yardstick.h - the reader of JSON held against jansson, value by value. */
#ifndef HTTPANNOTATE_TESTS_JSON_YARDSTICK_H
#define HTTPANNOTATE_TESTS_JSON_YARDSTICK_H

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "parse/json_text.h"

static inline const char *unlike(const json_t *want, const struct ha_json_text *t, uint32_t at);

static inline const char *unlike_string(const json_t *want, const struct ha_value *v)
{
    size_t len = json_string_length(want);
    char *plain = malloc(v->text_len + (size_t)1);
    HA_ASSERT(plain != NULL);
    bool same = ha_json_unescape(ha_value_text(v), plain) == len &&
                memcmp(plain, json_string_value(want), len) == 0 &&
                v->escaped == (memchr(v->text, '\\', v->text_len) != NULL);
    free(plain);
    return same ? NULL : "a string differs";
}

static inline const char *unlike_array(const json_t *want, const struct ha_json_text *t,
                                       uint32_t at)
{
    size_t n = 0;
    const char *how = NULL;
    for (uint32_t i = at + 1; i < t->value[at].next && how == NULL; i = t->value[i].next) {
        how = n == json_array_size(want) ? "an element too many"
                                         : unlike(json_array_get(want, n), t, i);
        n++;
    }
    return how == NULL && n < json_array_size(want) ? "an element is missing" : how;
}

/* Of members with one key jansson has the last alone. */
static inline const char *unlike_object(json_t *want, const struct ha_json_text *t, uint32_t at)
{
    const char *key, *how = NULL;
    json_t *member;
    for (uint32_t i = at + 1; i < t->value[at].next; i = t->value[i].next)
        if (json_object_getn(want, t->value[i].key, t->value[i].key_len) == NULL)
            return "a member too many";
    json_object_foreach(want, key, member)
    {
        uint32_t last = 0;
        for (uint32_t i = at + 1; i < t->value[at].next; i = t->value[i].next)
            if (t->value[i].key_len == strlen(key) &&
                memcmp(t->value[i].key, key, strlen(key)) == 0)
                last = i;
        if (how == NULL)
            how = last == 0 ? "a member is missing" : unlike(member, t, last);
    }
    return how;
}

/* How the value at index `at` is not what jansson read; NULL: it is the same. */
static inline const char *unlike(const json_t *want, const struct ha_json_text *t, uint32_t at)
{
    static const enum ha_value_kind kinds[] = {
        [JSON_NULL] = HA_VALUE_NULL,   [JSON_FALSE] = HA_VALUE_FALSE,
        [JSON_TRUE] = HA_VALUE_TRUE,   [JSON_INTEGER] = HA_VALUE_INTEGER,
        [JSON_REAL] = HA_VALUE_REAL,   [JSON_STRING] = HA_VALUE_STRING,
        [JSON_ARRAY] = HA_VALUE_ARRAY, [JSON_OBJECT] = HA_VALUE_OBJECT};
    const struct ha_value *v = &t->value[at];
    if (v->kind != kinds[json_typeof(want)])
        return "a value is of another kind";
    if (json_is_string(want))
        return unlike_string(want, v);
    if (json_is_array(want))
        return unlike_array(want, t, at);
    if (json_is_object(want))
        return unlike_object((json_t *)want, t, at);
    double number = json_number_value(want), got = ha_value_is_number(v) ? ha_value_number(v) : 0;
    if (json_is_integer(want)) /* -0 is a 0 as any other */
        return json_integer_value(want) == strtoll(v->text, NULL, 10) && !(number < got) &&
                       !(number > got)
                   ? NULL
                   : "an integer differs";
    return memcmp(&number, &got, sizeof got) == 0 ? NULL : "a number differs";
}

/* Reads a text by both: how they differ in what they take for an object, in its end or in a value
 * of it; NULL: not at all. *read tells whether they read one. */
static inline const char *json_differs(struct ha_json_text *t, struct ha_view text,
                                       enum ha_integers integers, bool *read)
{
    json_error_t error;
    size_t flags = JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK |
                   (integers == HA_INTEGERS_AS_REALS ? JSON_DECODE_INT_AS_REAL : 0);
    json_t *want = json_loadb(text.ptr, text.len, flags, &error);
    size_t len = ha_json_text_read(t, text, integers);
    const char *how = NULL;
    *read = json_is_object(want);
    if (*read != (len > 0))
        how = *read ? "an object is refused" : "what is no object is read";
    else if (*read && len != (size_t)error.position)
        how = "it ends elsewhere";
    else if (*read)
        how = unlike(want, t, 0);
    json_decref(want);
    return how;
}

#endif
