/* partial_fixture.h - a log of random records, counted whole or in pieces, written down, merged. */
#ifndef HTTPANNOTATE_TESTS_PARTIAL_FIXTURE_H
#define HTTPANNOTATE_TESTS_PARTIAL_FIXTURE_H

#include "httpannotate/partial.h"
#include "httpannotate/report.h"
#include "random.h"

#include <stdio.h>
#include <string.h>

#define FIXTURE_RECORDS  1500
#define FIXTURE_SOURCES  3
#define FIXTURE_PATTERNS 3

static const char *const fixture_source_names[FIXTURE_SOURCES] = {"a.log", "b.log", "c.log"};
static const char *const fixture_pattern_names[FIXTURE_PATTERNS] = {"combined", "zeta", "alpha"};

struct fixture_log {
    size_t count;
    uint32_t source[FIXTURE_RECORDS];
    uint8_t selected[FIXTURE_RECORDS];
    struct ha_record records[FIXTURE_RECORDS];
    char texts[FIXTURE_RECORDS][5][96];
};

/* A piece of the log, counted. */
struct fixture_piece {
    struct ha_tally *tally;
    struct ha_report_source sources[FIXTURE_SOURCES];
    size_t source_count;
};

static inline void fixture_text(struct fixture_log *l, size_t i, int slot, enum ha_field f,
                                const char *format, uint64_t n)
{
    char *text = l->texts[i][slot];
    int len = snprintf(text, sizeof l->texts[i][slot], format, (unsigned)n);
    ha_put(&l->records[i], f, (struct ha_view){text, (size_t)len});
}

static inline void fixture_matched(struct fixture_log *l, size_t i, struct random *rnd)
{
    static const int16_t statuses[] = {200, 200, 200, 304, 404, 429, 500, 0, 7, 999, HA_NO_STATUS};
    struct ha_record *r = &l->records[i];
    r->verdict = random_below(rnd, 20) == 0 ? HA_SALVAGED : HA_MATCHED;
    r->pattern = (uint16_t)random_below(rnd, FIXTURE_PATTERNS);
    r->status = statuses[random_below(rnd, HA_COUNT(statuses))];
    r->has_bytes = random_below(rnd, 9) > 0;
    r->body_bytes = r->has_bytes ? random_next(rnd) >> (20 + random_below(rnd, 44)) : 0;
    r->has_duration = random_below(rnd, 3) > 0;
    r->duration_us = r->has_duration ? random_next(rnd) >> (20 + random_below(rnd, 44)) : 0;
    r->has_time = random_below(rnd, 10) > 0;
    r->time_us = (int64_t)random_below(rnd, UINT64_C(1) << random_below(rnd, 50)) - 1000000;
    r->method = (int16_t)random_below(rnd, 5);
    if (random_below(rnd, 8) == 0) {
        r->method = HA_UNLISTED_METHOD;
        fixture_text(l, i, 0, HA_FIELD_METHOD, "ODD%u", random_below(rnd, 60));
    } else if (random_below(rnd, 8) == 0) {
        r->method = HA_NO_METHOD;
    }
    if (random_below(rnd, 10) > 0)
        fixture_text(l, i, 1, HA_FIELD_TARGET, "/a/%u/target?query", random_skewed(rnd, 1000));
    fixture_text(l, i, 2, HA_FIELD_CLIENT, "192.0.2.%u", random_skewed(rnd, 5000));
    if (random_below(rnd, 2) == 0)
        fixture_text(l, i, 3, HA_FIELD_REFERER, "https://example.com/%u", random_skewed(rnd, 50));
    fixture_text(l, i, 4, HA_FIELD_AGENT,
                 "agent/%u with a name that is longer than what a list keeps of it",
                 random_skewed(rnd, 9));
}

/* odd: lines that are no requests are among them. */
static inline void fixture_fill(struct fixture_log *l, size_t count, bool odd, struct random *rnd)
{
    memset(l, 0, sizeof *l);
    l->count = count;
    for (size_t i = 0; i < count; i++) {
        struct ha_record *r = &l->records[i];
        r->line_number = i + 1;
        r->line = ha_view_of("a line");
        l->source[i] = (uint32_t)random_below(rnd, FIXTURE_SOURCES);
        l->selected[i] = random_below(rnd, 10) > 0;
        uint64_t kind = odd ? random_below(rnd, 12) : 2;
        if (kind == 0) {
            r->verdict = random_below(rnd, 2) == 0 ? HA_BLANK : HA_DIRECTIVE;
        } else if (kind == 1) {
            r->verdict = HA_UNMATCHED;
            r->reason = (uint8_t)(1 + random_below(rnd, HA_REASON_N - 1));
            r->line_number = 1 + i / 50; /* pieces that were read apart: the same number again */
            snprintf(l->texts[i][0], sizeof l->texts[i][0], "line %u of a strange log",
                     (unsigned)i);
            r->line = ha_view_of(l->texts[i][0]);
        } else {
            fixture_matched(l, i, rnd);
        }
    }
}

static inline struct ha_tally_options fixture_options(bool tops)
{
    struct ha_tally_options o = {.limits = HA_LIMITS_DEFAULT,
                                 .tops = tops,
                                 .templates = true,
                                 .evidence = true,
                                 .patterns = FIXTURE_PATTERNS};
    o.limits.evidence_errors = 40;
    o.limits.evidence_others = 30;
    o.limits.time_buckets = 40;
    o.limits.unmatched_samples = 6;
    o.limits.sample_bytes = 20;
    o.limits.value_bytes = 40;
    return o;
}

static inline struct fixture_piece fixture_piece(const struct ha_tally_options *o)
{
    struct fixture_piece p = {.source_count = FIXTURE_SOURCES};
    HA_ASSERT(ha_tally_new(o, &p.tally) == HA_OK);
    for (size_t i = 0; i < FIXTURE_SOURCES; i++)
        p.sources[i].name = fixture_source_names[i];
    return p;
}

static inline void fixture_count(struct fixture_piece *p, const struct fixture_log *l, size_t i)
{
    struct ha_report_source *s = &p->sources[l->source[i]];
    ha_tally_add(p->tally, &l->records[i], l->selected[i], l->source[i]);
    ha_tally_add_bytes(p->tally, 10);
    s->lines++;
    s->bytes += 10;
}

/* What is told of a piece or of a merger. */
static inline struct ha_merged fixture_told(const struct fixture_piece *p)
{
    return (struct ha_merged){.tally = p->tally,
                              .selection = "status 5xx",
                              .sources = p->sources,
                              .source_count = p->source_count,
                              .patterns = fixture_pattern_names,
                              .pattern_count = FIXTURE_PATTERNS};
}

static inline struct ha_merged fixture_merged(struct ha_merger *m)
{
    struct ha_merged all;
    HA_ASSERT(ha_merger_read(m, &all) == HA_OK);
    return all;
}

/* A report in a format of the family, appended. */
static inline void fixture_report(const struct ha_merged *m, const char *format,
                                  const struct ha_facts *known, struct ha_buf *to)
{
    struct ha_report_context c = {.facts = known,
                                  .selection = m->selection,
                                  .sources = m->sources,
                                  .source_count = m->source_count,
                                  .patterns = m->patterns,
                                  .pattern_count = m->pattern_count,
                                  .top = 50};
    struct ha_report_style style = {.width = 80, .visible = true, .top = 50};
    struct ha_report report;
    HA_ASSERT(ha_report_make(m->tally, &c, &report) == HA_OK);
    ha_reporter_find(ha_view_of(format))->write(&report, &style, to);
    HA_ASSERT(ha_buf_ok(to));
    ha_report_free(&report);
}

/* Adds a line, which is left as it is. */
static inline enum ha_err fixture_add(struct ha_merger *m, struct ha_view line,
                                      struct ha_problem *p)
{
    char *copy = ha_alloc(line.len + 1);
    HA_ASSERT(copy != NULL);
    if (line.len > 0)
        memcpy(copy, line.ptr, line.len);
    enum ha_err err = ha_merger_line(m, copy, line.len, p);
    ha_free(copy);
    return err;
}

#endif
