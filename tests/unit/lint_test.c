/* The linter: what its quick look lets pass has nothing to be found, wherever a byte stands; what
 * is counted merges. The rules themselves have their cases in tests/cli/findings.test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "httpannotate/lint.h"
#include "httpannotate/scan.h"
#include "random.h"

static struct ha_facts *facts;
static struct ha_linter *linter;

static const char *kernel;

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(ha_scan_use(kernel, NULL), HA_OK);
    static const struct ha_lint_format formats[] = {{true, false}, {false, true}};
    struct ha_problem p;
    assert_int_equal(ha_facts_load(NULL, &facts, &p), HA_OK);
    assert_int_equal(ha_linter_new(facts, formats, HA_COUNT(formats), &linter), HA_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ha_linter_free(&linter);
    ha_facts_free(&facts);
    return 0;
}

/* A record of a line that holds the target with some bytes around it. */
struct fixture {
    char line[256];
    struct ha_record r;
};

static void make(struct fixture *f, const char *method, const char *target, int status,
                 const char *behind)
{
    int len = snprintf(f->line, sizeof f->line, "%s%s", target, behind);
    f->r = (struct ha_record){.line = {f->line, (size_t)len},
                              .verdict = HA_MATCHED,
                              .line_number = 1,
                              .status = (int16_t)status,
                              .has_bytes = true,
                              .body_bytes = 9};
    ha_put(&f->r, HA_FIELD_REQUEST, f->r.line);
    ha_put(&f->r, HA_FIELD_METHOD, ha_view_of(method));
    ha_put(&f->r, HA_FIELD_TARGET, (struct ha_view){f->line, strlen(target)});
    ha_put(&f->r, HA_FIELD_PROTOCOL, HA_VIEW_LIT("HTTP/1.1"));
    f->r.method = (int16_t)ha_facts_method_index(ha_view_of(method));
}

static void lint(struct ha_record *r)
{
    const uint8_t chosen = 1;
    ha_lint_batch(linter, r, &chosen, 1);
}

static bool found(struct fixture *f, int rule)
{
    lint(&f->r);
    return ((f->r.findings[HA_MILD] | f->r.findings[HA_GRAVE]) >> rule & 1) != 0;
}

static void odd_bytes_are_seen_wherever_they_stand(void **state)
{
    (void)state;
    static const char odd[] = " #<>\"\x01\x7f\x80\xff";
    struct fixture f;
    char target[64];
    for (size_t len = 2; len < 60; len++) {
        for (size_t at = 1; at < len; at++) {
            memset(target, 'a', len);
            target[0] = '/';
            target[len] = '\0';
            for (int tail = 0; tail < 2; tail++) {
                make(&f, "GET", target, 200, tail == 0 ? "" : " HTTP/1.1 and more of the line");
                assert_false(found(&f, HA_RULE_TARGET_CHARS));
            }
            for (size_t i = 0; i < sizeof odd - 1; i++) {
                target[at] = odd[i];
                make(&f, "GET", target, 200, i % 2 == 0 ? "" : " HTTP/1.1 and more of the line");
                assert_true(found(&f, HA_RULE_TARGET_CHARS));
            }
        }
    }
}

static void what_stands_behind_a_target_is_not_seen(void **state)
{
    (void)state;
    struct fixture f;
    make(&f, "GET", "/a", 200, "#<> ?token=abc \x80 and so on");
    lint(&f.r);
    assert_int_equal(f.r.findings[HA_MILD] | f.r.findings[HA_GRAVE], 0);
}

static void secrets_are_seen_wherever_they_stand(void **state)
{
    (void)state;
    static const char *const names[] = {
#define HA_SECRET(name) name,
#include "httpannotate/tbl/secrets.def"
#undef HA_SECRET
    };
    struct fixture f;
    char target[128];
    for (size_t i = 0; i < HA_COUNT(names); i++) {
        for (int pad = 0; pad < 40; pad++) {
            snprintf(target, sizeof target, "/%.*s?%s=x&b=1", pad,
                     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", names[i]);
            make(&f, "GET", target, 404, pad % 2 == 0 ? "" : " HTTP/1.1 and more of the line");
            assert_true(found(&f, HA_RULE_SECRETS));
            snprintf(target, sizeof target, "/%.*s?z%s=x", pad,
                     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", names[i]);
            make(&f, "GET", target, 404, " HTTP/1.1 and more of the line");
            assert_false(found(&f, HA_RULE_SECRETS));
        }
    }
}

static void marks_in_a_referer_are_seen_wherever_they_stand(void **state)
{
    (void)state;
    struct fixture f;
    char referer[64];
    for (size_t len = 2; len < 60; len++) {
        for (size_t at = 0; at < len; at++) {
            memset(referer, 'a', len);
            make(&f, "GET", "/", 200, " HTTP/1.1");
            ha_put(&f.r, HA_FIELD_REFERER, (struct ha_view){referer, len});
            assert_false(found(&f, HA_RULE_REFERER));
            referer[at] = '#';
            assert_true(found(&f, HA_RULE_REFERER));
        }
    }
}

/* In a line that is full of what is odd, a value is judged by its own bytes, each of them. */
static void values_are_judged_by_their_own_bytes(void **state)
{
    (void)state;
    enum { AROUND = 80, LONGEST = 150 };
    static char line[AROUND + LONGEST + AROUND];
    for (size_t len = 2; len < LONGEST; len++) {
        struct fixture f;
        memset(line, '#', sizeof line);
        char *value = line + AROUND;
        memset(value, 'a', len);
        value[len] = len % 2 == 0 ? '=' : '#';
        make(&f, "GET", "/", 200, " HTTP/1.1");
        f.r.line = (struct ha_view){line, sizeof line};
        for (size_t at = 1; at < len; at++) {
            value[0] = '/';
            ha_put(&f.r, HA_FIELD_TARGET, (struct ha_view){value, len});
            ha_put(&f.r, HA_FIELD_REFERER, HA_VIEW_LIT("-"));
            value[len - 1] = 'd';
            assert_false(found(&f, HA_RULE_TARGET_CHARS));
            value[at] = '#';
            assert_true(found(&f, HA_RULE_TARGET_CHARS));
            ha_put(&f.r, HA_FIELD_TARGET, HA_VIEW_LIT("/"));
            ha_put(&f.r, HA_FIELD_REFERER, (struct ha_view){value, len});
            assert_true(found(&f, HA_RULE_REFERER));
            value[at] = 'a';
            assert_false(found(&f, HA_RULE_REFERER));
        }
    }
}

/* The table may only say that nothing is to be looked at where nothing would be found. */
static void the_table_hides_nothing(void **state)
{
    (void)state;
    struct fixture f, g;
    for (size_t m = 0; m < ha_facts_method_count(); m++) {
        const char *method = ha_facts_method((int)m)->method;
        for (int status = 0; status < 1000; status++) {
            for (int i = 0; i < 4; i++) {
                make(&f, method, "/robots.txt", status, " HTTP/1.1 and more of the line");
                f.r.body_bytes = i % 2 == 0 ? 9 : 0;
                f.r.pattern = (uint16_t)(i / 2);
                g = f;
                ha_put(&g.r, HA_FIELD_TARGET, HA_VIEW_LIT("/robots.txt"));
                lint(&f.r);
                ha_lint_whole(linter, &g.r);
                if (memcmp(f.r.findings, g.r.findings, sizeof f.r.findings) != 0)
                    fail_msg("%s %d: a rule was not asked", method, status);
            }
        }
    }
}

enum { BATCH = 150 };
/* How the records of a batch may differ. */
enum { ALIKE, UNCHOSEN, SALVAGED, TWO_PATTERNS, TWO_SIZES, WAYS };

static void make_one(struct fixture *f, struct random *rnd, int way)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH"};
    static const char *const targets[] = {"/plain", "/robots.txt", "/?token=abc", "/a#b", "*"};
    static const int statuses[] = {200, 204, 301, 304, 404, 418, 501, 503};
    static const char *const referers[] = {"-", "https://www.example.org/", "https://a.example/#b"};
    size_t target = random_below(rnd, HA_COUNT(targets));
    bool differs = random_below(rnd, 9) == 0;
    make(f, methods[random_below(rnd, HA_COUNT(methods))], targets[target],
         statuses[random_below(rnd, HA_COUNT(statuses))], " HTTP/1.1 and more of the line");
    ha_put(&f->r, HA_FIELD_TARGET, ha_view_of(targets[target]));
    f->r.plain_request = target == 0;
    f->r.body_bytes = random_below(rnd, 3);
    if (random_below(rnd, 3) > 0)
        ha_put(&f->r, HA_FIELD_REFERER, ha_view_of(referers[random_below(rnd, 3)]));
    if (way == SALVAGED && differs)
        f->r.verdict = HA_SALVAGED;
    f->r.pattern = way == TWO_PATTERNS && differs;
    f->r.has_bytes = way != TWO_SIZES || !differs;
    f->r.findings[HA_MILD] = f->r.findings[HA_GRAVE] = UINT64_MAX;
}

static void a_batch_is_what_its_records_are(void **state)
{
    (void)state;
    static struct fixture f[BATCH];
    static struct ha_record r[BATCH];
    struct random rnd = {3};
    for (size_t round = 0; round < 100; round++) {
        int way = (int)(round % WAYS);
        size_t n = 1 + random_below(&rnd, BATCH);
        uint8_t chosen[BATCH];
        for (size_t i = 0; i < n; i++) {
            make_one(&f[i], &rnd, way);
            chosen[i] = way != UNCHOSEN || random_below(&rnd, 9) > 0;
            r[i] = f[i].r;
        }
        ha_lint_batch(linter, r, chosen, n);
        for (size_t i = 0; i < n; i++) {
            uint64_t none[HA_FORMS] = {0};
            bool ours = chosen[i] != 0 && f[i].r.verdict == HA_MATCHED;
            if (ours)
                ha_lint_whole(linter, &f[i].r);
            assert_memory_equal(r[i].findings, ours ? f[i].r.findings : none, sizeof none);
        }
    }
}

static void first_lines_do_not_depend_on_the_order(void **state)
{
    (void)state;
    struct ha_tally_options o = {.limits = HA_LIMITS_DEFAULT, .patterns = 1, .findings = true};
    struct ha_finding rows[2][HA_FINDINGS_MOST];
    struct ha_tally *t[2];
    struct fixture f;
    for (int turn = 0; turn < 2; turn++) {
        struct ha_tally *half = NULL;
        assert_int_equal(ha_tally_new(&o, &t[turn]), HA_OK);
        assert_int_equal(ha_tally_new(&o, &half), HA_OK);
        for (uint64_t i = 0; i < 20; i++) {
            uint64_t n = turn == 0 ? i : 19 - i;
            make(&f, "GET", "/?token=abc", n == 7 ? 501 : 200, " HTTP/1.1");
            f.r.line_number = n + 1;
            lint(&f.r);
            ha_tally_add(i % 3 == 0 ? half : t[turn], &f.r, true, n < 10 ? 1 : 0);
        }
        assert_int_equal(ha_tally_merge(t[turn], half), HA_OK);
        ha_tally_free(&half);
        assert_int_equal(ha_lint_judge(t[turn], 0, rows[turn]), 2);
        assert_string_equal(rows[turn][0].fact->id, "get-head-501");
        assert_int_equal(rows[turn][0].first->line_number, 8);
        assert_int_equal(rows[turn][1].count, 20);
        assert_int_equal(rows[turn][1].first->line_number, 11);
        assert_int_equal(rows[turn][1].first->source, 0);
        assert_true(ha_view_is(rows[turn][1].first->text, "/?token=*** HTTP/1.1"));
        assert_int_equal(ha_lint_judge(t[turn], ha_rule_bits(HA_RULE_SECRETS), rows[turn]), 1);
        ha_tally_free(&t[turn]);
    }
}

static void long_lines_are_cut_and_still_redacted(void **state)
{
    (void)state;
    struct ha_tally_options o = {.limits = HA_LIMITS_DEFAULT, .patterns = 1, .findings = true};
    struct ha_tally *t = NULL;
    static char line[9000];
    for (size_t pad = 480; pad < 520; pad++) {
        size_t len =
            (size_t)snprintf(line, sizeof line, "/%0*d?token=geheim&x=%0*d", (int)pad, 0, 8000, 0);
        struct ha_record r = {.line = {line, len},
                              .verdict = HA_MATCHED,
                              .line_number = 1,
                              .status = 200,
                              .method = HA_NO_METHOD};
        r.findings[HA_MILD] = UINT64_C(1) << HA_RULE_SECRETS;
        assert_int_equal(ha_tally_new(&o, &t), HA_OK);
        ha_tally_add(t, &r, true, 0);
        const struct ha_found *found_one = ha_tally_found(t, HA_RULE_SECRETS, HA_MILD);
        assert_int_equal(found_one->full_len, len);
        assert_null(memmem(found_one->text.ptr, found_one->text.len, "gehe", 4));
        ha_tally_free(&t);
    }
}

static void requests_that_are_none_have_a_kind(void **state)
{
    (void)state;
    assert_string_equal(ha_lint_kind(HA_VIEW_LIT("\\x16\\x03\\x01")), "TLS handshake");
    assert_string_equal(ha_lint_kind(HA_VIEW_LIT("SSH-2.0-Go")), "SSH");
    assert_string_equal(ha_lint_kind(HA_VIEW_LIT("\\x05\\x01\\x00")), "SOCKS5");
    assert_string_equal(ha_lint_kind(HA_VIEW_LIT("CNXN\\x00")), "Android debug bridge");
    assert_string_equal(ha_lint_kind(HA_VIEW_LIT("\0\0")), "binary, a port scan");
    assert_string_equal(ha_lint_kind(HA_VIEW_LIT("GET")), "unknown");
    assert_string_equal(ha_lint_kind(HA_VIEW_LIT("")), "unknown");
}

static void rules_are_found_by_their_ids(void **state)
{
    (void)state;
    for (int i = 0; i < HA_RULES; i++) {
        const struct ha_rule_fact *f = ha_rule_fact(i);
        assert_int_equal(ha_rule_find(ha_view_of(f->id)), i);
        assert_true(f->severity[HA_GRAVE] >= f->severity[HA_MILD]);
        /* What is only possible is never an error. */
        assert_true(strcmp(f->certainty, "possible") != 0 ||
                    f->severity[HA_GRAVE] < HA_SEVERITY_ERROR);
    }
    assert_int_equal(ha_rule_find(HA_VIEW_LIT("probe-PUT")), -1);
    assert_string_equal(ha_rule_nearest(HA_VIEW_LIT("trace-enable")), "trace-enabled");
    assert_null(ha_rule_nearest(HA_VIEW_LIT("zzz")));
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    static const struct ha_lint_format format = {true, false};
    for (uint64_t n = 1; n <= 3; n++) {
        struct ha_linter *l = NULL;
        ha_alloc_fail_at(n);
        assert_int_equal(ha_linter_new(facts, &format, 1, &l), HA_ERR_MEMORY);
        assert_null(l);
    }
    ha_alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_bytes_are_seen_wherever_they_stand),
        cmocka_unit_test(what_stands_behind_a_target_is_not_seen),
        cmocka_unit_test(secrets_are_seen_wherever_they_stand),
        cmocka_unit_test(marks_in_a_referer_are_seen_wherever_they_stand),
        cmocka_unit_test(values_are_judged_by_their_own_bytes),
        cmocka_unit_test(a_batch_is_what_its_records_are),
        cmocka_unit_test(the_table_hides_nothing),
        cmocka_unit_test(first_lines_do_not_depend_on_the_order),
        cmocka_unit_test(long_lines_are_cut_and_still_redacted),
        cmocka_unit_test(requests_that_are_none_have_a_kind),
        cmocka_unit_test(rules_are_found_by_their_ids),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };
    /* The quick look goes by the scanner's kernel. */
    int failed = 0;
    for (size_t i = 0; (kernel = ha_scan_kernel_name(i)) != NULL; i++)
        failed += cmocka_run_group_tests_name(kernel, tests, set_up, tear_down);
    return failed;
}
