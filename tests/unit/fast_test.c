/* fast_test.c - the fast way against PCRE2 alone: every field, number, verdict and pattern of every
 * line.
 *
 * The lines are those of samples/, those of the patterns themselves, and mutations of them, seeded.
 * HA_FAST_LINES=N asks for N mutations, HA_FAST_SEED=N for other ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fast_pair.h"
#include "httpannotate/out.h"
#include "random.h"

enum { SEEDS_MOST = 8192, LINES_BY_DEFAULT = 200000, BLOCK = 1000 };

#define SALVAGE "salvage_prefixed", "salvage_quotes"
static struct pair pairs[] = {
    {{NULL}, NULL, NULL, NULL},
    {{"combined"}, NULL, NULL, NULL},
    {{"common", "combined", "combined_tail", SALVAGE}, NULL, NULL, NULL},
    {{"combined_tail", "common", "combined"}, NULL, NULL, NULL},
    {{"vhost_combined", "combined", "common", SALVAGE}, NULL, NULL, NULL},
    {{"salvage_quotes", "combined"}, NULL, NULL, NULL},
    {{"common_tail", "combined", "common"}, NULL, NULL, NULL},
    {{"json_any", "common", HA_SOURCE_DIR "/patterns/combined.pattern", SALVAGE}, NULL, NULL, NULL},
};

static struct ha_view seeds[SEEDS_MOST];
static size_t seed_count, kin_from; /* from here on they are of the common log format's kin */
static struct ha_buf texts[256];
static size_t text_count;

static struct ha_view read_text(const char *path)
{
    assert_true(text_count < HA_COUNT(texts));
    struct ha_buf *b = &texts[text_count++];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t got = 1;
    while (got > 0) {
        assert_non_null(ha_buf_room(b, 65536));
        got = fread(b->ptr + b->len, 1, 65536, f);
        b->len += got;
    }
    fclose(f);
    return (struct ha_view){b->ptr, b->len};
}

static void add_seed(struct ha_view line)
{
    if (seed_count < SEEDS_MOST && line.len < 4096)
        seeds[seed_count++] = line;
}

static void add_lines(struct ha_view text, bool of_pattern)
{
    while (text.len > 0) {
        const char *newline = memchr(text.ptr, '\n', text.len);
        struct ha_view line = {text.ptr, newline == NULL ? text.len : (size_t)(newline - text.ptr)};
        size_t taken = line.len + (newline != NULL);
        text = (struct ha_view){text.ptr + taken, text.len - taken};
        size_t word = !of_pattern                                           ? 0
                      : line.len > 6 && memcmp(line.ptr, "match ", 6) == 0  ? 6
                      : line.len > 7 && memcmp(line.ptr, "reject ", 7) == 0 ? 7
                                                                            : line.len;
        add_seed((struct ha_view){line.ptr + word, line.len - word});
    }
}

static void add_files(const char *wildcard, bool of_patterns)
{
    glob_t found;
    assert_int_equal(glob(wildcard, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        add_lines(read_text(found.gl_pathv[i]), of_patterns);
    globfree(&found);
}

/* Every shape of line that the fast way knows, so that mutations begin where it decides. */
static void add_shapes(void)
{
    static const char *const heads[] = {"203.0.113.7 - - ",
                                        "gate.example.org - alice ",
                                        "::ffff:192.0.2.1 - - ",
                                        "2001:db8:12:34:56::789 - - ",
                                        "2001:0db8:0000:0000:0000:0000:0000:00ff - - ",
                                        "a-host-with-quite-a-name.example - - ",
                                        "203.0.113.7 www.example.org - ",
                                        "203.0.113.7 ident user ",
                                        "192.0.2.1:5123 - - ",
                                        "- - - ",
                                        "INFO:werkzeug:203.0.113.7 - - ",
                                        "INFO - 203.0.113.7 ",
                                        "2026-11-24T10:00:00Z - - ",
                                        "2026-11-24T10:00:00Z stdout F ",
                                        "Nov 24 10:00:00 ",
                                        "<34>203.0.113.7 - - "};
    static const char *const times[] = {"[24/Nov/2026:10:00:00 +0000] ",
                                        "[28/Feb/2027:23:59:60 -0330] ", "[24/Nov/2026:10:00:00] "};
    static const char *const requests[] = {
        "\"GET / HTTP/1.1\"",
        "\"POST /login HTTP/2.0\"",
        "\"GET /a b HTTP/1.0\"",
        "\"GET /old\"",
        "\"GET  HTTP/1.1\"",
        "\"\"",
        "\"-\"",
        "\"GET /x HTTP/1. \"",
        "\"PROPFIND /d/ HTTP/1.1\"",
        "\"GET http\"",
        "\"GET / HTTP/1.10\"",
        "\"BREW /pot HTCPCP/1.0\"",
        "\"GET /\xC3\xA9 HTTP/1.1\"",
    };
    static const char *const numbers[] = {" 200 12", " 304 -", " 404 0",
                                          " 000 18446744073709551616", " - 5"};
    static const char *const tails[] = {
        "",
        " \"-\" \"curl/8.5.0\"",
        " \"https://example.org/\" \"\"",
        " \"-\" \"ua\" \"-\"",
        " \"-\" \"ua\" \"198.51.100.2\"",
        " \"-\" \"ua\" \"198.51.100.2, 192.0.2.4\"",
        " \"-\" \"ua\" 0.004",
        " \"-\" \"ua\" ",
        " \"-\" \"ua\" \"2001:db8::4\"",
    };
    static struct ha_buf all;
    for (size_t h = 0; h < HA_COUNT(heads); h++)
        for (size_t q = 0; q < HA_COUNT(requests); q++)
            for (size_t t = 0; t < HA_COUNT(tails); t++)
                ha_buf_printf(&all, "%s%s%s%s%s\n", heads[h], times[(h + q) % HA_COUNT(times)],
                              requests[q], numbers[(q + t) % HA_COUNT(numbers)], tails[t]);
    add_lines((struct ha_view){all.ptr, all.len}, false);
}

static int start(void **state)
{
    (void)state;
    struct ha_problem p;
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    for (size_t i = 0; i < HA_COUNT(pairs); i++) {
        struct pair *pair = &pairs[i];
        enum ha_err err = pair->patterns[0] == NULL ? ha_patterns_builtin(&limits, &pair->set, &p)
                                                    : ha_patterns_empty(&limits, &pair->set);
        for (size_t n = 0; n < PATTERNS_MOST && pair->patterns[n] != NULL && err == HA_OK; n++)
            err = ha_patterns_add(pair->set, pair->patterns[n], &p);
        if (err != HA_OK || ha_matcher_new(pair->set, &pair->fast) != HA_OK ||
            ha_matcher_new(pair->set, &pair->slow) != HA_OK)
            return -1;
        ha_matcher_see_plain(pair->fast);
    }
    add_files(HA_SOURCE_DIR "/patterns/*.pattern", true);
    add_files(HA_SOURCE_DIR "/patterns/*.keys", true);
    kin_from = seed_count;
    add_files(HA_SOURCE_DIR "/samples/*.log", false);
    add_shapes();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < HA_COUNT(pairs); i++) {
        ha_matcher_free(&pairs[i].fast);
        ha_matcher_free(&pairs[i].slow);
        ha_patterns_free(&pairs[i].set);
    }
    for (size_t i = 0; i < text_count; i++)
        ha_buf_free(&texts[i]);
    return 0;
}

static char odd_byte(struct random *r)
{
    static const char odd[] =
        "\"\"\"\\  []-::,.0123456789/\t\r\n\x1b{}#=?GETPOSThttp\0\x7f\x80\xff";
    return random_below(r, 8) == 0 ? (char)random_next(r) : odd[random_below(r, sizeof odd - 1)];
}

/* The bytes from `from` up to `to` of b become the n bytes at text. */
static void replace(struct ha_buf *b, size_t from, size_t to, const char *text, size_t n)
{
    static char rest[1 << 16];
    size_t behind = b->len - to;
    if (behind > sizeof rest)
        return;
    memcpy(rest, b->ptr + to, behind);
    b->len = from;
    ha_buf_bytes(b, text, n);
    ha_buf_bytes(b, rest, behind);
}

/* What log shippers put before a line, so that it may no longer be what it looks like. */
static const char *const prefixes[] = {
    "INFO:werkzeug:",
    "INFO - ",
    "WARNING ",
    "2026-11-24T10:00:00Z ",
    "2026-11-24T10:00:00.123456789Z stdout F ",
    "2026-11-24 10:00:00,123 INFO web - ",
    "Nov 24 10:00:00 ",
    "Nov 24 10:00:00 web1 nginx[12]: ",
    "<34>1 2026-11-24T10:00:00Z web1 nginx 12 - - ",
    "<34>",
    "web1 nginx: ",
    "web-1  | ",
    "0|web  | ",
    "stdout ",
    "{",
    "#",
    "[",
    "\xEF\xBB\xBF",
    "\x1b[36m",
    " ",
};

static void mutate(struct random *r, struct ha_buf *b, size_t start)
{
    char byte = odd_byte(r), piece[256];
    struct ha_view other = seeds[random_below(r, seed_count)];
    size_t len = b->len - start;
    size_t at = start + random_below(r, len + 1), to = at + random_skewed(r, b->len - at + 1);
    size_t n = to - at < sizeof piece ? to - at : sizeof piece;
    memcpy(piece, b->ptr + at, n);
    const char *prefix = prefixes[random_below(r, HA_COUNT(prefixes))];
    switch (random_below(r, 9)) {
    case 8:
        replace(b, start, start, prefix, strlen(prefix));
        break;
    case 0:
    case 1:
        replace(b, at, at < b->len ? at + 1 : at, &byte, 1);
        break;
    case 2:
        replace(b, at, at, &byte, 1);
        break;
    case 3:
        replace(b, at, at < b->len ? at + 1 : at, "", 0);
        break;
    case 4:
        replace(b, at, to, "", 0);
        break;
    case 5:
        replace(b, at, at, piece, n);
        break;
    case 6: /* as it goes on in another line */
        b->len = at;
        if (at - start < other.len)
            ha_buf_bytes(b, other.ptr + (at - start), other.len - (at - start));
        break;
    default: /* a piece of another line */
        if (other.len > 0) {
            size_t from = random_below(r, other.len);
            ha_buf_bytes(b, "", 0);
            replace(b, at, at, other.ptr + from, 1 + random_skewed(r, other.len - from));
        }
        break;
    }
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text == NULL || *text == '\0' ? otherwise : strtoull(text, NULL, 10);
}

/* Every seed line, with each kernel and each set. */
static void lines_of_samples_and_patterns_agree(void **state)
{
    (void)state;
    struct ha_buf block = {0};
    for (size_t i = 0; i < seed_count; i++) {
        ha_buf_view(&block, seeds[i]);
        ha_buf_str(&block, i % 5 == 0 ? "\r\n" : "\n");
    }
    assert_true(ha_buf_ok(&block) && seed_count > 500);
    const char *name;
    for (size_t k = 0; (name = ha_scan_kernel_name(k)) != NULL; k++) {
        assert_int_equal(ha_scan_use(name, NULL), HA_OK);
        for (size_t i = 0; i < HA_COUNT(pairs); i++)
            (void)compare_block(&pairs[i], (struct ha_view){block.ptr, block.len});
    }
    ha_buf_free(&block);
}

static void mutated_lines_agree(void **state)
{
    (void)state;
    struct random r = {number_from("HA_FAST_SEED", 1)};
    uint64_t want = number_from("HA_FAST_LINES", LINES_BY_DEFAULT), made = 0, answered = 0;
    size_t kernels = 0;
    while (ha_scan_kernel_name(kernels) != NULL)
        kernels++;
    struct ha_buf block = {0};
    for (uint64_t round = 0; made < want; round++) {
        block.len = 0;
        for (size_t i = 0; i < BLOCK; i++, made++) {
            /* Below a line of #Fields nothing is read the fast way; an empty one ends that. */
            if (random_below(&r, 16) == 0)
                ha_buf_str(&block, "#Fields:\n");
            size_t start = block.len;
            size_t from = random_below(&r, 4) == 0 ? 0 : kin_from;
            ha_buf_view(&block, seeds[from + random_below(&r, seed_count - from)]);
            for (uint64_t n = random_skewed(&r, 5); n > 0; n--)
                mutate(&r, &block, start);
            ha_buf_str(&block, random_below(&r, 32) == 0 ? "\r\n" : "\n");
        }
        assert_true(ha_buf_ok(&block));
        assert_int_equal(ha_scan_use(ha_scan_kernel_name(round % kernels), NULL), HA_OK);
        /* Half of the rounds with the set that is used without options. */
        struct pair *pair = &pairs[round % 2 == 0 ? 0 : round / 2 % HA_COUNT(pairs)];
        size_t most = random_below(&r, 3) == 0 ? 0 : 1 + random_below(&r, MOST_AHEAD);
        answered +=
            compare_by(pair, (struct ha_view){block.ptr, block.len - random_below(&r, 2)}, most);
    }
    ha_buf_free(&block);
    print_message("%llu lines, %llu of them read the fast way\n", (unsigned long long)made,
                  (unsigned long long)answered);
    assert_true(answered > made / 20);
}

/* Lines that stand at the edge of what is read the fast way, each with every byte replaced by
 * others; before it stands a line of the same day, so that its time is looked at in the shortest
 * way. */
static void edges_agree(void)
{
    static const char before[] =
        "192.0.2.1 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"ua\"\n";
    static const char *const edges[] = {
        "192.0.2.10 - - [24/Nov/2026:23:59:60 +0000] \"GET /a HTTP/1.1\" 304 - \"-\" \"ua\"\n",
        "198.51.100.200 - - [24/Nov/2026:19:09:09 +0000] \"GET /a HTTP/1.1\" 200 0\n",
        "1234.1234.1234.12 - - [24/Nov/2026:00:00:00 +0000] \"HEAD /a HTTP/2.0\" 999 12345678"
        " \"https://example.org/\" \"agent of a kind\"\n",
        "2001:db8::7 - - [24/Nov/2026:09:49:59 +0000] \"POST /a HTTP/1.0\" 200 123456789 "
        "\"-\" \"-\"\n",
        "192.0.2.1 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"\" \"\"\r\n",
    };
    static const char bytes[] = "\"\\\n\r\x01\x7f\x80\xff -/:.[]012345679afgGzZ";
    char text[512];
    for (size_t e = 0; e < HA_COUNT(edges); e++) {
        size_t len = strlen(edges[e]), from = sizeof before - 1;
        memcpy(text, before, from);
        for (size_t at = 0; at < len; at++)
            for (size_t b = 0; b < sizeof bytes; b++) { /* NUL as well */
                memcpy(text + from, edges[e], len);
                text[from + at] = bytes[b];
                (void)compare_by(&pairs[2], (struct ha_view){text, from + len}, MOST_AHEAD);
            }
        memcpy(text + from, edges[e], len);
        assert_int_equal(compare_block(&pairs[2], (struct ha_view){text, from + len}), 2);
    }
}

static void edges_agree_by_each_kernel(void **state)
{
    (void)state;
    const char *name;
    for (size_t k = 0; (name = ha_scan_kernel_name(k)) != NULL; k++) {
        assert_int_equal(ha_scan_use(name, NULL), HA_OK);
        edges_agree();
    }
}

/* A byte that is out of place anywhere in a target of any length. */
static void plain_targets_are_told(void **state)
{
    (void)state;
    static const char odd[] = "!\"#<=>? \x7f\x80\xff\xc3";
    char line[256];
    for (size_t len = 1; len < 70; len++) {
        for (size_t at = 0; at <= len; at++) {
            for (size_t i = 0; i < sizeof odd - 1; i++) {
                int n = snprintf(
                    line, sizeof line,
                    "192.0.2.1 - - [24/Nov/2026:10:00:00 +0000] "
                    "\"GET /%.*s HTTP/1.%d\" 200 12\n",
                    (int)len - 1,
                    "abcdefghijklmnopqrstuvwxyz@ABCDEFGHIJKLMNOPQRSTUVWXYZ;&,.~$%/0123456789",
                    (int)(len % 2));
                char *target = strstr(line, "GET ") + 4;
                if (at < len)
                    target[at] = odd[i];
                static struct ha_marks marks;
                struct ha_marked_line marked;
                struct ha_record r;
                ha_marks_begin(&marks, (struct ha_view){line, (size_t)n});
                assert_true(ha_marks_next(&marks, &marked));
                memset(&r, 0xA5, sizeof r);
                if (ha_match_marked(pairs[0].fast, &marked, &r))
                    assert_int_equal(r.plain_request, at == len);
            }
        }
    }
}

/* The fast way answers for what nearly every line is, and only where the set lets it. */
static void plain_lines_are_answered(void **state)
{
    (void)state;
    static const char head[] =
        "203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5";
    static const char *const tails[] = {"\n", " \"-\" \"ua\"\n",
                                        " \"-\" \"ua\" \"198.51.100.2\"\r\n"};
    static const bool expected[HA_COUNT(pairs)][HA_COUNT(tails)] = {
        {true, true, true},    {false, true, false},  {true, true, true},    {true, true, true},
        {false, false, false}, {false, false, false}, {false, false, false}, {true, false, false},
    };
    for (size_t i = 0; i < HA_COUNT(pairs); i++)
        for (size_t t = 0; t < HA_COUNT(tails); t++) {
            char text[256];
            int n = snprintf(text, sizeof text, "%s%s", head, tails[t]);
            assert_int_equal(compare_block(&pairs[i], (struct ha_view){text, (size_t)n}),
                             expected[i][t]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_lines_are_answered),
        cmocka_unit_test(plain_targets_are_told),
        cmocka_unit_test(edges_agree_by_each_kernel),
        cmocka_unit_test(lines_of_samples_and_patterns_agree),
        cmocka_unit_test(mutated_lines_agree),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
