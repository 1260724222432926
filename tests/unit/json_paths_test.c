/* json_paths_test.c - ways into objects: the walk of all ways at once, against one walk for each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "httpannotate/out.h"
#include "parse/json_families.h"
#include "random.h"

/* Names of every length that the table tells apart in its own way, some alike but in the middle. */
static const char *const names[] = {"a",
                                    "b",
                                    "ab",
                                    "abc",
                                    "acc",
                                    "abcd",
                                    "abcdefg",
                                    "abcdefgh",
                                    "abXdefgh",
                                    "0123456789abcdef",
                                    "a name of more than sixteen bytes",
                                    "a name of less than sixteen bytes"};
static const char *const keys[] = {
    "a",    "a.b",     "a[0]",    "a[1].c",           "a.b.ab[0][1].abc",
    "abcd", "abcd.a",  "abcdefg", "abcdefgh",         "abcdefgh.abXdefgh",
    "b[2]", "b.acc.a", "abc",     "ab.ab.ab.ab.ab.ab"};

static void add(struct ha_keys **to, const char *word, const char *value)
{
    size_t column;
    enum ha_err err;
    const char *cause = ha_keys_line(to, ha_view_of(word), ha_view_of(value), &column, &err);
    if (cause != NULL)
        fail_msg("%s %s: %s", word, value, cause);
}

/* A random value, of the names above, no deeper than `depth`. */
static void put_value(struct random *random, struct ha_buf *to, int depth)
{
    uint64_t kind = random_below(random, depth == 0 ? 1 : 3), n = random_below(random, 6);
    if (kind == 0) {
        ha_buf_u64(to, n);
        return;
    }
    ha_buf_char(to, kind == 1 ? '[' : '{');
    for (uint64_t i = 0; i < n; i++) {
        if (i > 0)
            ha_buf_char(to, ',');
        if (kind == 2)
            ha_buf_printf(to, "\"%s\":", names[random_below(random, HA_COUNT(names))]);
        put_value(random, to, depth - 1);
    }
    ha_buf_char(to, kind == 1 ? ']' : '}');
}

/* Where one way leads: 0 for nowhere. */
static uint32_t walk(const struct ha_json_text *t, const struct ha_path *path)
{
    uint32_t at = 0;
    for (size_t s = 0; s < path->count; s++) {
        bool named = path->step[s].name != NULL;
        uint32_t found = 0, n = 0;
        if (t->value[at].kind != (named ? HA_VALUE_OBJECT : HA_VALUE_ARRAY))
            return 0;
        for (uint32_t i = at + 1; i < t->value[at].next; i = t->value[i].next, n++)
            if (named ? ha_view_is((struct ha_view){t->value[i].key, t->value[i].key_len},
                                   path->step[s].name)
                      : n == path->step[s].index)
                found = i;
        if (found == 0)
            return 0;
        at = found;
    }
    return at;
}

static void compare(const struct ha_json_families *f, const struct ha_json_text *t,
                    const char *text)
{
    const struct ha_json_family *family = &f->family[0];
    for (size_t i = 0; i < family->keys->key_count; i++) {
        uint32_t want = walk(t, &family->keys->key[i].path);
        const struct ha_value *v = ha_json_path_value(&f->paths, t, family->key[i].number);
        if (v != (want == 0 ? NULL : &t->value[want]))
            fail_msg("%s of %s", keys[i], text);
    }
}

static void one_walk_finds_what_many_do(void **state)
{
    (void)state;
    struct ha_keys *list = NULL;
    struct ha_json_families f;
    struct ha_json_text t;
    struct ha_buf text = {0};
    struct random random = {6901};
    char line[64];
    for (size_t i = 0; i < HA_COUNT(keys); i++) {
        snprintf(line, sizeof line, "host %s", keys[i]);
        add(&list, "key", line);
    }
    ha_json_text_init(&t);
    assert_int_equal(ha_json_families_init(&f, (const struct ha_keys *const[]){list}, 1), HA_OK);
    size_t found = 0;
    for (int i = 0; i < 30000; i++) {
        ha_buf_clear(&text);
        do {
            ha_buf_clear(&text);
            put_value(&random, &text, 6);
        } while (text.ptr[0] != '{');
        ha_buf_char(&text, '\0');
        assert_true(ha_buf_ok(&text));
        assert_int_equal(ha_json_text_read(&t, ha_view_of(text.ptr), HA_INTEGERS_EXACT),
                         text.len - 1);
        ha_json_families_see(&f, &t);
        compare(&f, &t, text.ptr);
        for (size_t w = 0; w < f.paths.words; w++)
            found += (size_t)__builtin_popcountll(f.paths.taken[w]);
    }
    assert_true(found > 40000);
    ha_buf_free(&text);
    ha_json_text_free(&t);
    ha_json_families_free(&f);
    ha_keys_free(&list);
}

/* Of members with one key the last counts, and what the one before it held is not found. */
static void the_last_of_a_key_counts(void **state)
{
    static const char text[] = "{\"a\":{\"b\":1},\"b\":2,\"a\":{\"c\":3},\"b\":4}";
    (void)state;
    struct ha_keys *list = NULL;
    struct ha_json_families f;
    struct ha_json_text t;
    add(&list, "key", "host a.b");
    add(&list, "key", "host a.c");
    add(&list, "key", "host b");
    ha_json_text_init(&t);
    assert_int_equal(ha_json_families_init(&f, (const struct ha_keys *const[]){list}, 1), HA_OK);
    assert_int_equal(ha_json_text_read(&t, ha_view_of(text), HA_INTEGERS_EXACT), sizeof text - 1);
    ha_json_families_see(&f, &t);
    assert_null(ha_json_path_value(&f.paths, &t, f.family[0].key[0].number));
    assert_int_equal(ha_json_path_value(&f.paths, &t, f.family[0].key[1].number)->text[0], '3');
    assert_int_equal(ha_json_path_value(&f.paths, &t, f.family[0].key[2].number)->text[0], '4');
    ha_json_text_free(&t);
    ha_json_families_free(&f);
    ha_keys_free(&list);
}

/* Of a hundred families, one a word of bits and more, each is met by its own object alone; whatever
 * object was seen before. */
static void each_need_is_looked_at(void **state)
{
    enum { FAMILIES = 100 };
    (void)state;
    struct ha_keys *list[FAMILIES] = {NULL};
    struct ha_json_families f;
    struct ha_json_text t;
    struct random random = {7};
    char line[64];
    for (int i = 0; i < FAMILIES; i++) {
        snprintf(line, sizeof line, "k%d other%d", i, i);
        add(&list[i], "need", line);
        add(&list[i], "need", "x.y");
        add(&list[i], "key", "status x.s");
        add(&list[i], "key", "host x.h");
    }
    ha_json_text_init(&t);
    assert_int_equal(ha_json_families_init(&f, (const struct ha_keys *const *)list, FAMILIES),
                     HA_OK);
    for (int n = 0; n < 2000; n++) {
        size_t i = (size_t)random_below(&random, FAMILIES);
        bool all = random_below(&random, 4) != 0, status = random_below(&random, 2) != 0;
        int len =
            snprintf(line, sizeof line, "{\"%s%zu\":0,\"x\":{\"h\":1,\"%s\":null%s}}",
                     n % 2 == 0 ? "k" : "other", i, all ? "y" : "z", status ? ",\"s\":2" : "");
        assert_int_equal(
            ha_json_text_read(&t, (struct ha_view){line, (size_t)len}, HA_INTEGERS_EXACT), len);
        ha_json_families_see(&f, &t);
        assert_int_equal(ha_json_family_next(&f, 0), all ? i : FAMILIES);
        assert_int_equal(ha_json_family_next(&f, i + 1), FAMILIES);
        assert_int_equal(ha_json_family_meets(&f, i), all);
        ha_json_family_keys(&f, &f.family[i]);
        assert_int_equal(f.family[i].has_status, status);
        assert_int_equal(f.family[i].has_count, 1 + status);
    }
    ha_json_text_free(&t);
    ha_json_families_free(&f);
    for (int i = 0; i < FAMILIES; i++)
        ha_keys_free(&list[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_walk_finds_what_many_do),
        cmocka_unit_test(the_last_of_a_key_counts),
        cmocka_unit_test(each_need_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
