/* json_text_test.c - the reader of JSON, against its rules and against jansson. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "httpannotate/out.h"
#include "json_yardstick.h"
#include "parse/builtin.h"
#include "parse/json_text.h"
#include "random.h"

static struct ha_json_text values;
static size_t texts, objects;

/* The text is put where it ends with its allocation: a byte too far is seen. Returns whether it is
 * an object. */
static bool try_text(struct ha_view text)
{
    bool read[2];
    for (int i = 0; i < 2; i++) {
        char *copy = malloc(text.len + (text.len == 0));
        assert_non_null(copy);
        memcpy(copy, text.ptr, text.len);
        const char *how =
            json_differs(&values, (struct ha_view){copy, text.len}, (enum ha_integers)i, &read[i]);
        free(copy);
        if (how != NULL)
            fail_msg("%s: %.*s", how, (int)text.len, text.ptr);
    }
    texts++;
    objects += read[0];
    return read[0];
}

static void what_is_read(void **state)
{
    static const char *const cases[] = {
        "{}",
        " \t\r\n{ \"a\" : [ 1 , -2.50 , 1E+2 , 0.5e-3 ] , \"b\" : { } } rest",
        "{\"\":null,\"a\":true,\"b\":false,\"c\":[[],[{}]]}",
        "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\u20AC\\ud83d\\ude00\x7F\"}",
        "{\"a\":1,\"a\":{\"b\":2},\"\\u0061\":3}",
        "{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":-0,\"d\":-0.0}",
        "{\"a\":1e308,\"b\":1e-999,\"c\":0e99999,\"d\":123456789012345678901234567890.5}",
        "{\"a\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\",\"\xC3\xA9\":0}",
        "{\"exactly sixteen!\":\"fifteen of them\",\"seventeen of them\":\"0123456789abcde\\n\"}",
    };
    (void)state;
    for (size_t i = 0; i < HA_COUNT(cases); i++)
        if (!try_text(ha_view_of(cases[i])))
            fail_msg("refused: %s", cases[i]);
    assert_true(try_text((struct ha_view){"{}\0", 3}));
}

static const char *const refused[] = {
    "",
    " ",
    "[]",
    "[{}]",
    "1",
    "\"a\"",
    "{",
    "{,}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{\"a\":[1,]}",
    "{\"a\":[,1]}",
    "{\"a\":[1}",
    "{\"a\":{]}",
    "{\"a\":[1 2]}",
    "{\"a\"::1}",
    "{\"a\":nul}",
    "{\"a\":nulll}",
    "{\"a\":True}",
    "{\"a\":01}",
    "{\"a\":+1}",
    "{\"a\":.5}",
    "{\"a\":1.}",
    "{\"a\":1.e1}",
    "{\"a\":1e}",
    "{\"a\":1e+}",
    "{\"a\":-}",
    "{\"a\":--1}",
    "{\"a\":0x10}",
    "{\"a\":1a}",
    "{\"a\":NaN}",
    "{\"a\":Infinity}",
    "{\"a\":1e309}",
    "{\"a\":-1e999}",
    "{\"a\":9223372036854775808}",
    "{\"a\":-9223372036854775809}",
    "{\"a\":\"\\x41\"}",
    "{\"a\":\"\\'\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\u12g4\"}",
    "{\"a\":\"\\ud83d\"}",
    "{\"a\":\"\\ud83d\\u0041\"}",
    "{\"a\":\"\\ude00\"}",
    "{\"a\":\"\\ud83d\\udbff\"}",
    "{\"a\":\"\\ud83d\\ue000\"}",
    "{\"a\":\"\\ud83dx\"}",
    "{\"a\\u0000b\":1}",
    "{\"a\":\"\t\"}",
    "{\"a\":\"\n\"}",
    "{\"a\":\"\x01\"}",
    "{\"a\":\"",
    "{\"a\":\"\\",
    "{\"a\":\"\\\"",
    "{\"a\":\"\x80\"}",
    "{\"a\":\"\xC0\x80\"}",
    "{\"a\":\"\xC3\"}",
    "{\"a\":\"\xED\xA0\x80\"}",
    "{\"a\":\"\xF4\x90\x80\x80\"}",
    "{\"a\":\"\xE2\x82\"}",
    "{\"\xFF\":1}",
    "\xEF\xBB\xBF{}",
    "{\f\"a\":1}",
    "{/**/\"a\":1}",
};

static void what_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < HA_COUNT(refused); i++)
        if (try_text(ha_view_of(refused[i])))
            fail_msg("read: %s", refused[i]);
}

/* n pieces of text between a beginning and an end. */
static struct ha_view repeated(struct ha_buf *to, const char *head, size_t n, const char *piece,
                               const char *tail)
{
    ha_buf_clear(to);
    ha_buf_str(to, head);
    for (size_t i = 0; i < n; i++)
        ha_buf_str(to, piece);
    ha_buf_str(to, tail);
    assert_true(ha_buf_ok(to));
    return (struct ha_view){to->ptr, to->len};
}

static void depth_and_size_have_bounds(void **state)
{
    (void)state;
    struct ha_buf text = {0}, end = {0};
    for (size_t depth = HA_VALUES_DEEP - 2; depth <= HA_VALUES_DEEP + 1; depth++) {
        (void)repeated(&end, "", depth - 1, "]", "}");
        ha_buf_char(&end, '\0');
        (void)repeated(&text, "{\"a\":", depth - 1, "[", end.ptr);
        assert_int_equal(try_text((struct ha_view){text.ptr, text.len}), depth <= HA_VALUES_DEEP);
        (void)repeated(&text, "{\"a\":", depth - 1, "[", "1");
        ha_buf_str(&text, end.ptr);
        assert_int_equal(try_text((struct ha_view){text.ptr, text.len}), depth < HA_VALUES_DEEP);
    }
    struct ha_view all = repeated(&text, "{\"a\":[1", HA_VALUES_MOST - 3, ",1", "]}");
    assert_int_equal(ha_json_text_read(&values, all, HA_INTEGERS_EXACT), all.len);
    assert_int_equal(values.count, HA_VALUES_MOST);
    all = repeated(&text, "{\"a\":[1", HA_VALUES_MOST - 2, ",1", "]}");
    assert_int_equal(ha_json_text_read(&values, all, HA_INTEGERS_EXACT), 0);
    assert_true(try_text(HA_VIEW_LIT("{\"a\":1}")));
    assert_in_range(values.room, 1, 4096); /* the room of the long one was given back */
    assert_true(try_text(repeated(&text, "{\"", 100000, "\\u00e9", "\":1}")));
    ha_buf_free(&text);
    ha_buf_free(&end);
}

static const char *const pieces[] = {
    "\"",      "{",     "}",    "[",     "]",      ",",       ":",   "\\",   "\\u00e9",
    "\\ud83d", "\\n",   "-",    "0",     "1e5",    ".5",      "e",   "null", "true",
    "\x01",    "\x80",  "\xFF", "\xC3",  "\xA9",   " ",       "\t",  "\r",   "99999999999999999999",
    "-0",      "1e999", "\"a",  "\\u00", "\\ude0", "{\"a\":", "[1,", "],",   "9223372036854775807"};

/* Bytes left out, doubled and put in: a few, or none. */
static struct ha_view mutated(struct random *random, struct ha_view line, struct ha_buf *to)
{
    ha_buf_clear(to);
    ha_buf_bytes(to, line.ptr, line.len);
    for (uint64_t n = random_below(random, 5); n > 0; n--) {
        struct ha_buf next = {0};
        size_t at = (size_t)random_below(random, to->len + 1);
        size_t behind = at + (size_t)random_below(random, 3);
        ha_buf_bytes(&next, to->ptr, at);
        if (random_below(random, 4) != 0)
            ha_buf_str(&next, pieces[random_below(random, HA_COUNT(pieces))]);
        if (behind < to->len)
            ha_buf_bytes(&next, to->ptr + behind, to->len - behind);
        assert_true(ha_buf_ok(&next));
        ha_buf_free(to);
        *to = next;
    }
    return (struct ha_view){to->ptr, to->len};
}

/* The lines that the pattern files show, whole, cut and mutated. */
static void both_readers_agree(void **state)
{
    (void)state;
    struct random random = {8259};
    struct ha_buf space = {0};
    for (size_t i = 0; i < ha_builtin_pattern_count; i++) {
        const char *at = ha_builtin_patterns[i].text, *end = at + ha_builtin_patterns[i].len;
        while (at < end) {
            const char *line_end = memchr(at, '\n', (size_t)(end - at));
            line_end = line_end == NULL ? end : line_end;
            const char *brace = memchr(at, '{', (size_t)(line_end - at));
            if (brace != NULL && memcmp(at, "match ", 6) == 0) {
                struct ha_view line = {brace, (size_t)(line_end - brace)};
                (void)try_text(line);
                for (int n = 0; n < 150; n++)
                    (void)try_text(mutated(&random, line, &space));
                (void)try_text((struct ha_view){brace, random_below(&random, line.len)});
            }
            at = line_end + (line_end < end);
        }
    }
    ha_buf_free(&space);
    print_message("%zu texts, %zu of them objects\n", texts, objects);
    assert_true(objects > 2000 && texts - objects > 5000);
}

static void numbers_are_those_of_strtod(void **state)
{
    (void)state;
    struct random random = {754};
    for (int i = 0; i < 50000; i++) {
        char text[80];
        uint64_t digits = random_next(&random) >> random_below(&random, 64);
        int n = snprintf(text, sizeof text, "{\"a\":%s%llu", i % 3 == 0 ? "-" : "",
                         (unsigned long long)digits >> 1);
        if (i % 2 == 0)
            n += snprintf(text + n, sizeof text - (size_t)n, ".%0*llu",
                          (int)random_below(&random, 18) + 1,
                          (unsigned long long)(random_next(&random) >> random_below(&random, 64)));
        if (i % 5 == 0)
            n += snprintf(text + n, sizeof text - (size_t)n, "e%d",
                          (int)random_below(&random, 640) - 320);
        text[n] = '}';
        (void)try_text((struct ha_view){text, (size_t)n + 1});
    }
}

static void a_lack_of_memory_is_told(void **state)
{
    static const char text[] = "{\"\\u0061\":[1,2,3]}";
    (void)state;
    for (uint64_t n = 1; n <= 2; n++) {
        struct ha_json_text t;
        ha_json_text_init(&t);
        ha_alloc_fail_at(n);
        assert_int_equal(ha_json_text_read(&t, ha_view_of(text), HA_INTEGERS_EXACT), 0);
        ha_alloc_fail_at(0);
        assert_true(t.failed);
        assert_int_equal(ha_json_text_read(&t, ha_view_of(text), HA_INTEGERS_EXACT),
                         sizeof text - 1);
        ha_json_text_free(&t);
    }
}

static int begin(void **state)
{
    (void)state;
    ha_json_text_init(&values);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    ha_json_text_free(&values);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(depth_and_size_have_bounds),
        cmocka_unit_test(both_readers_agree),
        cmocka_unit_test(numbers_are_those_of_strtod),
        cmocka_unit_test(a_lack_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, begin, finish);
}
