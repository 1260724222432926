/* partial_damage_test.c - what is no partial report, or a damaged one, or one that does not fit:
 * told, left out, and nothing else changed; no failed allocation goes unnoticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "facts_fixture.h"
#include "partial_fixture.h"
#include "tally/hash.h"
#include "tally/partial_parts.h"

static struct fixture_log log_lines;

/* Bytes before the payload. */
#define HEAD 40

static struct ha_view view(const struct ha_buf *b)
{
    return (struct ha_view){b->ptr, b->len};
}

static struct ha_merger *merger(void)
{
    struct ha_tally_options o = fixture_options(true);
    struct ha_merger *m;
    assert_int_equal(ha_merger_new(&o.limits, &m), HA_OK);
    return m;
}

static void write_line(size_t records, const struct ha_tally_options *o, const char *selection,
                       struct ha_buf *to)
{
    struct random rnd = {records};
    struct fixture_piece p = fixture_piece(o);
    fixture_fill(&log_lines, records, true, &rnd);
    for (size_t i = 0; i < log_lines.count; i++)
        fixture_count(&p, &log_lines, i);
    struct ha_merged told = fixture_told(&p);
    told.selection = selection;
    fixture_report(&told, "partial", facts, to);
    ha_tally_free(&p.tally);
}

static void write_usual(size_t records, struct ha_buf *to)
{
    struct ha_tally_options o = fixture_options(true);
    write_line(records, &o, "status 5xx", to);
}

/* Adding the line is refused with these words, and leaves the merger as it was. */
static void refused(struct ha_merger *m, struct ha_view line, const char *words)
{
    struct ha_problem p = {0};
    struct ha_buf before = {0}, after = {0};
    struct ha_merged told = fixture_merged(m);
    fixture_report(&told, "json", facts, &before);
    assert_int_equal(fixture_add(m, line, &p), HA_ERR_SYNTAX);
    if (strstr(p.cause, words) == NULL)
        fail_msg("'%s' does not say '%s'", p.cause, words);
    told = fixture_merged(m);
    fixture_report(&told, "json", facts, &after);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.ptr, after.ptr, after.len);
    ha_buf_free(&before);
    ha_buf_free(&after);
}

static void foreign_and_later_lines_are_told_apart(void **state)
{
    (void)state;
    struct ha_merger *m = merger();
    struct ha_buf line = {0}, later = {0};
    write_usual(30, &line);
    struct ha_problem p;
    assert_int_equal(fixture_add(m, view(&line), &p), HA_OK);
    refused(m, ha_view_of("{\"schema\": 1}"), "not a partial report");
    refused(m, ha_view_of("httpannotate.partial/"), "not a partial report");
    refused(m, ha_view_of("httpannotate.partial/x"), "not a partial report");
    refused(m, ha_view_of("httpannotate.partial/1"), "damaged: it is cut short");
    refused(m, ha_view_of("httpannotate.partial/1 0123"), "damaged: it is cut short");
    refused(m, ha_view_of("httpannotate.partial/1 0123456789abcdef AAAA"), "checksum is wrong");
    refused(m, ha_view_of("httpannotate.partial/2 0123456789abcdef AAAA"), "later version");
    refused(m, ha_view_of("httpannotate.partial/10 123456789abcdef AAAA"), "later version");
    ha_buf_view(&later, view(&line));
    later.ptr[sizeof "httpannotate.partial/" - 1] = '2';
    refused(m, view(&later), "later version");
    ha_merger_free(&m);
    ha_buf_free(&line);
    ha_buf_free(&later);
}

/* Engines put a TAB behind what has no value; editors leave CRs and blank lines. */
static void what_engines_add_is_no_damage(void **state)
{
    (void)state;
    struct ha_merger *m = merger();
    struct ha_buf line = {0};
    struct ha_problem p;
    write_usual(30, &line);
    line.len--;
    ha_buf_str(&line, "\t \r\n");
    assert_int_equal(fixture_add(m, view(&line), &p), HA_OK);
    line.len -= 3; /* the TAB alone, without an ending */
    assert_int_equal(fixture_add(m, view(&line), &p), HA_OK);
    assert_int_equal(fixture_add(m, ha_view_of(" \t\r\n"), &p), HA_OK);
    assert_int_equal(fixture_add(m, ha_view_of(""), &p), HA_OK);
    assert_int_equal(ha_tally_sums(fixture_merged(m).tally)->lines, 60);
    ha_merger_free(&m);
    ha_buf_free(&line);
}

static void every_damaged_byte_and_every_cut_is_found(void **state)
{
    (void)state;
    struct ha_merger *m = merger();
    struct ha_buf line = {0};
    struct ha_problem p;
    write_usual(25, &line);
    line.len--;
    for (size_t i = 0; i < line.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            char was = line.ptr[i];
            line.ptr[i] = (char)(was ^ 1 << bit);
            assert_int_equal(fixture_add(m, view(&line), &p), HA_ERR_SYNTAX);
            line.ptr[i] = was;
        }
        assert_int_equal(fixture_add(m, (struct ha_view){line.ptr, i}, &p),
                         i == 0 ? HA_OK : HA_ERR_SYNTAX);
    }
    assert_int_equal(ha_tally_sums(fixture_merged(m).tally)->lines, 0);
    assert_int_equal(fixture_add(m, view(&line), &p), HA_OK);
    assert_int_equal(ha_tally_sums(fixture_merged(m).tally)->lines, 25);
    ha_merger_free(&m);
    ha_buf_free(&line);
}

/* A line around a payload, with the right checksum: what only a stranger would write. */
static void seal(const char *payload, size_t len, struct ha_buf *to)
{
    ha_buf_clear(to);
    ha_buf_printf(to, "httpannotate.partial/1 %016llx ",
                  (unsigned long long)ha_hash(payload, len, 0));
    assert_int_equal(to->len, HEAD);
    assert_non_null(ha_buf_room(to, ha_base64_size(len)));
    memcpy(to->ptr + to->len, payload, len);
    ha_base64_spread(to->ptr + to->len, len);
    to->len += ha_base64_size(len);
}

/* Adds a payload to an empty merger; what is taken must be fit for a report. */
static enum ha_err try_payload(const char *payload, size_t len, struct ha_buf *line,
                               struct ha_problem *p)
{
    struct ha_merger *m = merger();
    seal(payload, len, line);
    enum ha_err err = fixture_add(m, view(line), p);
    assert_true(err == HA_OK || err == HA_ERR_SYNTAX);
    if (err == HA_OK) {
        struct ha_merged told = fixture_merged(m);
        ha_buf_clear(line);
        fixture_report(&told, "json", facts, line);
    }
    ha_merger_free(&m);
    return err;
}

/* Where the section of that number begins in a payload. */
static size_t section_at(const char *payload, size_t len, int number)
{
    size_t at = 0;
    while (at < len && payload[at] != number) {
        const unsigned char *size = (const unsigned char *)payload + at + 1;
        at += 5 + (size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24);
    }
    assert_true(at < len);
    return at;
}
enum { FIRST_OPTIONAL = 13, LAST_OPTIONAL = 16 }; /* sections that reports of earlier builds lack */

/* Whether a report of some build could end there. */
static bool is_an_end(const char *bytes, size_t len, size_t at)
{
    for (int section = FIRST_OPTIONAL; section <= LAST_OPTIONAL; section++)
        if (at == section_at(bytes, len, section))
            return true;
    return false;
}

static void sound_checksums_around_unsound_bytes_do_no_harm(void **state)
{
    (void)state;
    struct ha_buf line = {0}, payload = {0};
    struct ha_problem p;
    size_t len, taken = 0;
    /* With all sections filled. */
    struct ha_tally_options o = fixture_options(true);
    o.findings = true;
    write_line(12, &o, "status 5xx", &payload);
    assert_true(ha_base64_gather(payload.ptr + HEAD, payload.len - HEAD - 1, &len));
    char *bytes = payload.ptr + HEAD;
    assert_int_equal(try_payload(bytes, len, &line, &p), HA_OK);
    for (size_t i = 0; i < len; i++) {
        static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
        char was = bytes[i];
        for (size_t k = 0; k < HA_COUNT(values); k++) {
            bytes[i] = (char)values[k];
            taken += try_payload(bytes, len, &line, &p) == HA_OK && bytes[i] != was;
        }
        bytes[i] = was;
        if (i > 0 && !is_an_end(bytes, len, i))
            assert_int_equal(try_payload(bytes, i, &line, &p), HA_ERR_SYNTAX);
    }
    assert_true(taken > 0); /* other counts are sound too: more was tried than the first check */
    ha_buf_free(&line);
    ha_buf_free(&payload);
}

static void sections_of_later_versions_are_not_left_out(void **state)
{
    (void)state;
    struct ha_buf line = {0}, payload = {0}, more = {0};
    struct ha_problem p;
    size_t len;
    write_usual(12, &payload);
    assert_true(ha_base64_gather(payload.ptr + HEAD, payload.len - HEAD - 1, &len));
    ha_buf_bytes(&more, payload.ptr + HEAD, len);
    ha_buf_bytes(&more, "\x50\x02\0\0\0ab", 7);
    assert_int_equal(try_payload(more.ptr, more.len, &line, &p), HA_ERR_SYNTAX);
    assert_non_null(strstr(p.cause, "later version"));
    /* Also where one before it has what this build does not know: the options' flags. */
    size_t flags = 5;
    for (int varints = 0; varints < 7; flags++)
        varints += ((unsigned char)more.ptr[flags] & 0x80) == 0;
    more.ptr[flags] = 0x7f;
    assert_int_equal(try_payload(more.ptr, more.len, &line, &p), HA_ERR_SYNTAX);
    assert_non_null(strstr(p.cause, "later version"));
    assert_int_equal(try_payload(more.ptr, len, &line, &p), HA_ERR_SYNTAX);
    assert_non_null(strstr(p.cause, "later version"));
    ha_buf_clear(&more);
    ha_buf_bytes(&more, payload.ptr + HEAD, len);
    ha_buf_bytes(&more, "x", 1);
    assert_int_equal(try_payload(more.ptr, len + 1, &line, &p), HA_ERR_SYNTAX);
    assert_non_null(strstr(p.cause, "does not hold together"));
    ha_buf_free(&line);
    ha_buf_free(&payload);
    ha_buf_free(&more);
}

/* They add up; what they did not count is not known of the sum either, and nothing else is less
 * known. */
static void reports_of_earlier_versions_are_taken(void **state)
{
    (void)state;
    struct ha_buf line = {0}, payload = {0};
    struct ha_problem p;
    size_t len;
    write_usual(60, &line);
    ha_buf_view(&payload, view(&line));
    assert_true(ha_base64_gather(payload.ptr + HEAD, payload.len - HEAD - 1, &len));
    char *bytes = payload.ptr + HEAD;
    for (int old_first = 0; old_first < 2; old_first++) {
        struct ha_merger *m = merger();
        struct ha_buf old = {0};
        seal(bytes, section_at(bytes, len, FIRST_OPTIONAL), &old);
        assert_int_equal(fixture_add(m, view(old_first ? &old : &line), &p), HA_OK);
        assert_int_equal(ha_tally_minutes_kept(fixture_merged(m).tally),
                         old_first ? HA_MINUTES_NONE : HA_MINUTES_ERRORS);
        assert_int_equal(fixture_add(m, view(old_first ? &line : &old), &p), HA_OK);
        struct ha_merged told = fixture_merged(m);
        assert_int_equal(ha_tally_minutes_kept(told.tally), HA_MINUTES_NONE);
        assert_int_equal(ha_tally_sums(told.tally)->lines, 120);
        struct ha_error_minute *none;
        size_t count;
        assert_int_equal(ha_tally_error_minutes(told.tally, &none, &count), HA_OK);
        assert_int_equal(count, 0);
        ha_free(none);
        ha_merger_free(&m);
        ha_buf_free(&old);
    }
    /* One without errors has none to be lacking. */
    struct ha_merger *m = merger();
    ha_buf_clear(&payload);
    write_usual(0, &payload);
    assert_true(ha_base64_gather(payload.ptr + HEAD, payload.len - HEAD - 1, &len));
    bytes = payload.ptr + HEAD;
    assert_int_equal(fixture_add(m, view(&line), &p), HA_OK);
    seal(bytes, section_at(bytes, len, FIRST_OPTIONAL), &line);
    assert_int_equal(fixture_add(m, view(&line), &p), HA_OK);
    assert_int_equal(ha_tally_minutes_kept(fixture_merged(m).tally), HA_MINUTES_ERRORS);
    ha_merger_free(&m);
    ha_buf_free(&line);
    ha_buf_free(&payload);
}

static void other_options_do_not_add_up(void **state)
{
    (void)state;
    struct ha_merger *m = merger();
    struct ha_tally_options usual = fixture_options(true), o;
    struct ha_buf line = {0};
    struct ha_problem p;
    write_usual(40, &line);
    assert_int_equal(fixture_add(m, view(&line), &p), HA_OK);
    struct {
        struct ha_tally_options o;
        const char *selection, *words;
    } others[6];
    for (size_t i = 0; i < HA_COUNT(others); i++) {
        others[i].o = usual;
        others[i].selection = "status 5xx";
    }
    others[0].selection = "";
    others[0].words = "selection 'all', those before it with 'status 5xx'";
    others[1].o.tops = false;
    others[1].words = "counted with --top=0";
    others[2].o.keep_query = true;
    others[2].words = "counted with --query";
    others[3].o.templates = false;
    others[3].words = "counted with --no-templates";
    others[4].o.limits.top_entries = 64;
    others[4].words = "other limits";
    others[5].o.limits.time_buckets = 41;
    others[5].words = "other limits";
    for (size_t i = 0; i < HA_COUNT(others); i++) {
        ha_buf_clear(&line);
        write_line(20, &others[i].o, others[i].selection, &line);
        refused(m, view(&line), others[i].words);
    }
    /* What counted nothing is the zero of merging, whatever its options. */
    o = usual;
    o.tops = false;
    ha_buf_clear(&line);
    write_line(0, &o, "other", &line);
    assert_int_equal(fixture_add(m, view(&line), &p), HA_OK);
    assert_int_equal(ha_tally_sums(fixture_merged(m).tally)->lines, 40);
    ha_merger_free(&m);
    ha_buf_free(&line);
}

/* A line whose source is not told cannot be found: its sample is left out, the rest is not. */
static void samples_without_a_source_are_left_out(void **state)
{
    (void)state;
    struct random rnd = {4};
    struct ha_tally_options o = fixture_options(true);
    struct ha_merger *m = merger();
    struct fixture_piece p = fixture_piece(&o);
    struct ha_buf line = {0};
    struct ha_problem problem;
    const struct ha_sample *samples;
    fixture_fill(&log_lines, 80, true, &rnd);
    for (size_t i = 0; i < log_lines.count; i++)
        fixture_count(&p, &log_lines, i);
    p.source_count = 0;
    struct ha_merged told = fixture_told(&p);
    fixture_report(&told, "partial", facts, &line);
    assert_int_equal(fixture_add(m, view(&line), &problem), HA_OK);
    told = fixture_merged(m);
    assert_int_equal(ha_tally_sums(told.tally)->lines, 80);
    assert_int_equal(ha_tally_samples(told.tally, &samples), 0);
    ha_merger_free(&m);
    ha_tally_free(&p.tally);
    ha_buf_free(&line);
}

/* Writing, adding and reading, once; false when any part of it said that memory ran out. */
struct work {
    const struct fixture_piece *piece;
    struct ha_view line;
};

static bool run_once(const void *context)
{
    const struct work *work = context;
    struct ha_view line = work->line;
    struct ha_tally_options o = fixture_options(true);
    struct ha_merged told = fixture_told(work->piece);
    struct ha_merger *m = NULL;
    struct ha_buf out = {0};
    struct ha_problem p;
    struct ha_partial partial = {.tally = told.tally,
                                 .selection = told.selection,
                                 .sources = told.sources,
                                 .source_count = told.source_count};
    ha_partial_write(&partial, &out);
    bool ok = ha_buf_ok(&out) && ha_merger_new(&o.limits, &m) == HA_OK;
    for (int i = 0; i < 2 && ok; i++) {
        static char copy[1 << 20];
        assert_true(line.len <= sizeof copy);
        memcpy(copy, line.ptr, line.len);
        enum ha_err err = ha_merger_line(m, copy, line.len, &p);
        assert_true(err == HA_OK || err == HA_ERR_MEMORY);
        ok = err == HA_OK;
    }
    ok = ok && ha_merger_read(m, &told) == HA_OK;
    ha_merger_free(&m);
    ha_buf_free(&out);
    return ok;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct random rnd = {3};
    struct ha_tally_options o = fixture_options(true);
    struct ha_buf line = {0};
    struct fixture_piece p = fixture_piece(&o);
    write_usual(60, &line);
    fixture_fill(&log_lines, 60, true, &rnd);
    for (size_t i = 0; i < log_lines.count; i++)
        fixture_count(&p, &log_lines, i);
    struct work work = {&p, view(&line)};
    fail_each_allocation(run_once, &work, 40);
    ha_tally_free(&p.tally);
    ha_buf_free(&line);
}

/* As many names as a tally can tell apart, and one more. */
static void names_have_a_stated_maximum(void **state)
{
    (void)state;
    static char names[HA_PARTIAL_NAMES + 1][8];
    static struct ha_report_source sources[HA_PARTIAL_NAMES + 1];
    struct ha_tally_options o = fixture_options(true);
    struct fixture_piece piece = fixture_piece(&o);
    struct ha_merger *m = merger();
    struct ha_buf line = {0};
    struct ha_problem p;
    for (size_t i = 0; i <= HA_PARTIAL_NAMES; i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        sources[i] = (struct ha_report_source){names[i], 1, 1};
    }
    struct ha_partial partial = {piece.tally, "", sources, HA_PARTIAL_NAMES, NULL, 0};
    ha_partial_write(&partial, &line);
    assert_int_equal(fixture_add(m, view(&line), &p), HA_OK);
    assert_int_equal(fixture_add(m, view(&line), &p), HA_OK);
    ha_buf_clear(&line);
    partial.source_count++;
    ha_partial_write(&partial, &line);
    assert_int_equal(fixture_add(m, view(&line), &p), HA_ERR_SYNTAX);
    assert_non_null(strstr(p.cause, "more sources"));
    struct ha_merged all = fixture_merged(m);
    assert_int_equal(all.source_count, HA_PARTIAL_NAMES);
    assert_int_equal(all.sources[0].lines, 2);
    ha_merger_free(&m);
    ha_tally_free(&piece.tally);
    ha_buf_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_and_later_lines_are_told_apart),
        cmocka_unit_test(what_engines_add_is_no_damage),
        cmocka_unit_test(every_damaged_byte_and_every_cut_is_found),
        cmocka_unit_test(sound_checksums_around_unsound_bytes_do_no_harm),
        cmocka_unit_test(sections_of_later_versions_are_not_left_out),
        cmocka_unit_test(reports_of_earlier_versions_are_taken),
        cmocka_unit_test(other_options_do_not_add_up),
        cmocka_unit_test(samples_without_a_source_are_left_out),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(names_have_a_stated_maximum),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
