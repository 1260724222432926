/* report.c - a tally read into plain arrays, and the table of the formats that write them. */
#include "httpannotate/report.h"

#include "report/formats.h"

#include <stdlib.h>
#include <string.h>

/* Buckets of the timeline: a mark each on a wide terminal, two or three to a mark on a narrow one.
 */
enum { TIMELINE_BUCKETS = 120 };
/* Buckets at most where their width was asked for: a week of minutes. */
enum { BUCKETS_ASKED_MOST = 7 * 24 * 60 };
/* Entries of a top list that are read at most, whatever --top says: no tally holds as many. */
enum { TOP_MOST = 1 << 20 };

static const struct ha_reporter reporters[] = {
    {"text", "for people: tables, bars and a timeline (default)", ha_report_text, false},
    {"json", "everything, one object; schema httpannotate.report/1", ha_report_json, false},
    {"csv", "one table of all counts, for spreadsheets and databases", ha_report_csv, false},
    {"markdown", "tables for a ticket or a wiki", ha_report_markdown, false},
    {"html", "one page with drawings, nothing loaded from elsewhere", ha_report_html, false},
    {"openmetrics", "for Prometheus, as a file that its node exporter reads", ha_report_openmetrics,
     false},
    {"partial", "one line that --merge adds up with others", ha_report_partial, true},
};

const struct ha_reporter *ha_reporters(size_t *count)
{
    *count = HA_COUNT(reporters);
    return reporters;
}

const struct ha_reporter *ha_reporter_find(struct ha_view name)
{
    for (size_t i = 0; i < HA_COUNT(reporters); i++)
        if (ha_view_is(name, reporters[i].name))
            return &reporters[i];
    return NULL;
}

const struct ha_class_name ha_class_names[6] = {
    {1, "1xx", "informational"}, {2, "2xx", "successful"},   {3, "3xx", "redirection"},
    {4, "4xx", "client error"},  {5, "5xx", "server error"}, {0, "other", "not 100 to 599"},
};

const char *ha_top_key(enum ha_top which)
{
    static const char *const keys[HA_TOP_N] = {
        [HA_TOP_TARGETS] = "targets",
        [HA_TOP_CLIENTS] = "clients",
        [HA_TOP_REFERERS] = "referers",
        [HA_TOP_AGENTS] = "agents",
        [HA_TOP_ERROR_TARGETS] = "error_targets",
        [HA_TOP_ERROR_CLIENTS] = "error_clients",
        [HA_TOP_ERROR_PAIRS] = "error_target_statuses",
    };
    HA_ASSERT(which < HA_TOP_N);
    return keys[which];
}

double ha_share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : (double)part / (double)whole;
}

static enum ha_err read_statuses(struct ha_report *r)
{
    const struct ha_count *sums = r->sums->status;
    size_t count = 0;
    for (int code = 0; code < 1000; code++)
        count += sums[code].count > 0;
    r->statuses = ha_calloc(count + 1, sizeof *r->statuses);
    if (r->statuses == NULL)
        return HA_ERR_MEMORY;
    for (int code = 0; code < 1000; code++)
        if (sums[code].count > 0)
            r->statuses[r->status_count++] =
                (struct ha_report_status){ha_facts_status(r->facts, code), sums[code]};
    return HA_OK;
}

/* Requests without a method stand where their count puts them, behind names of the same count. */
static void insert_method(struct ha_report *r, enum ha_report_method_kind kind, struct ha_count sum)
{
    size_t at = r->method_count;
    if (sum.count == 0)
        return;
    while (at > 0 && r->methods[at - 1].sum.count < sum.count)
        at--;
    memmove(&r->methods[at + 1], &r->methods[at], (r->method_count - at) * sizeof *r->methods);
    r->methods[at] = (struct ha_report_method){.kind = kind, .sum = sum};
    r->method_count++;
}

static enum ha_err read_methods(struct ha_report *r, const struct ha_tally *t)
{
    struct ha_method_count *seen = NULL;
    size_t count = 0;
    enum ha_err err = ha_tally_methods(t, &seen, &count);
    if (err != HA_OK)
        return err;
    r->methods = ha_calloc(count + 2, sizeof *r->methods);
    if (r->methods != NULL) {
        for (size_t i = 0; i < count; i++) {
            int index = ha_facts_method_index(seen[i].method);
            r->methods[r->method_count++] = (struct ha_report_method){
                .kind = HA_METHOD_NAMED,
                .method = seen[i].method,
                .fact = index >= 0 ? ha_facts_method(index) : NULL,
                .sum = seen[i].sum,
            };
        }
        insert_method(r, HA_METHOD_NONE, r->sums->no_method);
        insert_method(r, HA_METHOD_REST, r->sums->other_methods);
    }
    ha_free(seen);
    return r->methods == NULL ? HA_ERR_MEMORY : HA_OK;
}

static int by_falling_count(const void *a, const void *b)
{
    const struct ha_report_pattern *x = a;
    const struct ha_report_pattern *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->name, y->name);
}

static enum ha_err read_patterns(struct ha_report *r, const struct ha_tally *t,
                                 const struct ha_report_context *c)
{
    r->patterns = ha_calloc(c->pattern_count + 1, sizeof *r->patterns);
    if (r->patterns == NULL)
        return HA_ERR_MEMORY;
    for (size_t i = 0; i < c->pattern_count; i++) {
        uint64_t count = ha_tally_pattern(t, i);
        if (count > 0)
            r->patterns[r->pattern_count++] = (struct ha_report_pattern){c->patterns[i], count};
    }
    qsort(r->patterns, r->pattern_count, sizeof *r->patterns, by_falling_count);
    return HA_OK;
}

static enum ha_err read_tops(struct ha_report *r, const struct ha_tally *t, size_t top)
{
    top = top < TOP_MOST ? top : TOP_MOST;
    for (size_t i = 0; i < HA_TOP_N; i++) {
        r->top[i] = ha_calloc(top + 1, sizeof *r->top[i]);
        if (r->top[i] == NULL)
            return HA_ERR_MEMORY;
        if (top > 0)
            r->top_count[i] = ha_tally_top(t, (enum ha_top)i, top, r->top[i]);
        r->top_bound[i] = ha_tally_top_bound(t, (enum ha_top)i);
    }
    r->clients = ha_tally_distinct_clients(t, &r->clients_estimated);
    return HA_OK;
}

static enum ha_err read_timeline(struct ha_report *r, const struct ha_tally *t)
{
    if (!r->sums->has_time)
        return HA_OK;
    bool asked = r->bucket_asked_s > 0;
    enum ha_err err = ha_tally_timeline(t, asked ? r->bucket_asked_s : 1,
                                        asked ? BUCKETS_ASKED_MOST : TIMELINE_BUCKETS, &r->buckets,
                                        &r->bucket_count, &r->bucket_seconds);
    if (err != HA_OK || r->bucket_count == 0)
        return err;
    int64_t first = r->buckets[0].start_s;
    int64_t last = r->buckets[r->bucket_count - 1].start_s;
    HA_ASSERT(r->bucket_seconds > 0 && last >= first);
    r->bucket_span = (size_t)((last - first) / r->bucket_seconds) + 1;
    return HA_OK;
}

void ha_report_bucket_too_narrow(const struct ha_report *r, char width[HA_FIGURE])
{
    width[0] = '\0';
    if (r->bucket_asked_s > 0 && r->bucket_seconds > r->bucket_asked_s)
        ha_figure_duration(r->bucket_asked_s * HA_US_PER_S, width);
}

static enum ha_err read_findings(struct ha_report *r, const struct ha_tally *t, uint64_t ignored)
{
    if (!ha_tally_counts_findings(t))
        return HA_OK;
    r->findings = ha_calloc(HA_FINDINGS_MOST, sizeof *r->findings);
    if (r->findings == NULL)
        return HA_ERR_MEMORY;
    r->finding_count = ha_lint_judge(t, ignored, r->findings);
    int absolute = ha_rule_find(HA_VIEW_LIT("absolute-form-foreign"));
    if ((ignored >> absolute & 1) == 0)
        r->written_so = ha_lint_written_so(t);
    r->has_returns = ha_lint_returns(t, &r->returns);
    return HA_OK;
}

enum ha_err ha_report_make(const struct ha_tally *t, const struct ha_report_context *c,
                           struct ha_report *out)
{
    *out = (struct ha_report){
        .facts = c->facts,
        .tally = t,
        .sums = ha_tally_sums(t),
        .interim = c->interim,
        .selection = c->selection == NULL ? "" : c->selection,
        .again = c->again,
        .sources = c->sources,
        .source_count = c->source_count,
        .bucket_asked_s = c->bucket_s,
    };
    out->noise = ha_tally_noise(t);
    out->benign = c->benign;
    out->without_noise = c->benign && out->noise.known;
    out->errors = out->sums->errors;
    out->errors_of = out->sums->selected;
    if (out->without_noise) {
        ha_noise_leave_out(&out->errors, out->noise.errors);
        ha_noise_leave_out(&out->errors_of, out->noise.all);
    }
    out->sample_count = ha_tally_samples(t, &out->samples);
    enum ha_err err = read_statuses(out);
    if (err == HA_OK)
        err = read_methods(out, t);
    if (err == HA_OK)
        err = read_patterns(out, t, c);
    if (err == HA_OK)
        err = read_tops(out, t, c->top);
    if (err == HA_OK)
        err = read_timeline(out, t);
    if (err == HA_OK)
        err = ha_report_read_spikes(out, t, c->spikes);
    if (err == HA_OK)
        err = ha_report_read_who(out, t);
    if (err == HA_OK)
        err = ha_report_settle_notes(out);
    if (err == HA_OK)
        err = ha_report_gather(out, t);
    out->has_diff = c->before != NULL;
    out->before_name = c->before_name;
    if (err == HA_OK && out->has_diff)
        err = ha_diff_make(t, c->before, c->top, &out->diff);
    if (err == HA_OK)
        err = read_findings(out, t, c->ignored);
    if (err != HA_OK)
        ha_report_free(out);
    return err;
}

void ha_report_free(struct ha_report *r)
{
    ha_free(r->statuses);
    ha_free(r->methods);
    ha_free(r->patterns);
    for (size_t i = 0; i < HA_TOP_N; i++)
        ha_free(r->top[i]);
    ha_free(r->buckets);
    ha_free(r->spikes);
    ha_free(r->spike_groups);
    ha_free(r->risen);
    ha_evidence_reading_free(&r->evidence);
    ha_free(r->method_statuses);
    ha_free(r->target_codes);
    ha_diff_free(&r->diff);
    ha_free(r->findings);
    *r = (struct ha_report){0};
}
