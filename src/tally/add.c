/* add.c - what a record adds to a tally. */
#include "count.h"
#include "hash.h"
#include "parts.h"
#include "values.h"

/* Records that are counted together. */
#define CHUNK HA_TIMELINE_BATCH
_Static_assert(CHUNK <= HA_VALUES_BATCH, "a chunk is a batch of values");

/* The timeline is told of all records of a chunk at once. */
static void add_time(struct ha_tally *t, const struct ha_record *r)
{
    struct ha_tally_sums *s = &t->sums;
    if (!s->has_time || r->time_us < s->first_us)
        s->first_us = r->time_us;
    if (!s->has_time || r->time_us > s->last_us)
        s->last_us = r->time_us;
    s->has_time = true;
}

/* What some records of one method and one status add. */
static void add_cell(struct ha_tally *t, const struct ha_cell *c)
{
    struct ha_tally_sums *s = &t->sums;
    int class = ha_class_of(c->status);
    s->selected = ha_sat_add(s->selected, c->sum.count);
    ha_count_merge(&s->classes[class], c->sum);
    if (c->status >= 0 && c->status < (int)HA_COUNT(s->status)) {
        ha_count_merge(&s->status[c->status], c->sum);
        if (!ha_method_statuses_add(&t->method_statuses, c->method, c->status, c->sum.count))
            t->failed = true;
    } else {
        s->no_status = ha_sat_add(s->no_status, c->sum.count);
    }
    if (class == 4 || class == 5)
        s->errors = ha_sat_add(s->errors, c->sum.count);
    if (c->method >= 0)
        ha_methods_add_listed(&t->methods, c->method, c->sum);
    else if (c->method == HA_NO_METHOD)
        ha_count_merge(&s->no_method, c->sum);
}

/* The cell of a record's method and status, which may have been another's. */
static inline struct ha_cell *cell_of(struct ha_tally *t, const struct ha_record *r)
{
    struct ha_cell *c = ha_cells_place(&t->cells, r->method, r->status);
    if (__builtin_expect(c->method == r->method && c->status == r->status, 1))
        return c;
    if (c->sum.count > 0)
        add_cell(t, c);
    *c = (struct ha_cell){.method = r->method, .status = r->status};
    for (int user = 0; user < 2 && t->options.findings; user++)
        c->may[user] = (uint8_t)ha_conduct_may(&t->conduct, r->method, r->status, user);
    return c;
}

/* What a selected record adds, but for the lists of who and what. */
static inline void add_selected(struct ha_tally *t, struct ha_cell *c, const struct ha_record *r)
{
    c->sum.count++;
    c->sum.body_bytes = ha_sat_add(c->sum.body_bytes, r->body_bytes);
    if (r->method == HA_UNLISTED_METHOD &&
        !ha_methods_add_token(&t->methods, ha_get(r, HA_FIELD_METHOD),
                              (struct ha_count){1, r->body_bytes}, &t->sums.other_methods))
        t->failed = true;
    if (r->has_bytes && !ha_quantiles_add(&t->sizes, r->body_bytes))
        t->failed = true;
    if (r->has_duration && !ha_quantiles_add(&t->durations[ha_class_of(r->status)], r->duration_us))
        t->failed = true;
    if (r->has_time) {
        add_time(t, r);
        if (r->status >= 400 && r->status <= 599 &&
            !ha_error_minutes_add(&t->error_minutes, r->time_us, r->status))
            t->failed = true;
    }
}

static void add_run(struct ha_tally *t, const struct ha_line_run *run)
{
    HA_ASSERT(run->verdict < HA_VERDICT_N);
    t->sums.verdict[run->verdict] = ha_sat_add(t->sums.verdict[run->verdict], run->count);
    if (run->verdict == HA_MATCHED || run->verdict == HA_SALVAGED) {
        HA_ASSERT(run->pattern < t->patterns);
        t->pattern[run->pattern] = ha_sat_add(t->pattern[run->pattern], run->count);
    }
}

/* What any line adds. Returns whether it was matched or salvaged. */
static inline bool add_line(struct ha_tally *t, const struct ha_record *r, uint32_t source)
{
    struct ha_line_run *run = &t->cells.run;
    if (__builtin_expect(r->verdict != run->verdict || r->pattern != run->pattern, 0)) {
        add_run(t, run);
        *run = (struct ha_line_run){0, r->pattern, r->verdict};
    }
    run->count++;
    if (r->verdict == HA_UNMATCHED) {
        HA_ASSERT(r->reason < HA_REASON_N);
        ha_sat_up(&t->sums.reason[r->reason]);
        struct ha_sample sample = {r->line_number, source, r->reason, r->line, r->line.len};
        if (!ha_samples_add(&t->samples, &sample))
            t->failed = true;
    }
    return r->verdict == HA_MATCHED || r->verdict == HA_SALVAGED;
}

/* What salvage read is too loose to hold against anybody. */
static inline bool add_findings(struct ha_tally *t, const struct ha_cell *c,
                                const struct ha_record *r, uint32_t source)
{
    if ((r->findings[HA_MILD] | r->findings[HA_GRAVE]) != 0 &&
        !ha_findings_add(&t->findings, r, source))
        return false;
    return r->verdict != HA_MATCHED ||
           ha_conduct_add(&t->conduct, r, source, c->may[ha_has(r, HA_FIELD_USER)]);
}

static void add_client(struct ha_tally *t, struct ha_view client)
{
    if (!ha_is_none(client))
        ha_distinct_add(&t->clients, ha_hash(client.ptr, client.len, HA_HASH_FIXED_SEED));
}

void ha_tally_settle(struct ha_tally *t)
{
    if (!t->cells.waiting)
        return;
    t->cells.waiting = false;
    add_run(t, &t->cells.run);
    t->cells.run.count = 0;
    for (size_t i = 0; i < HA_CELLS; i++) {
        struct ha_cell *c = &t->cells.cell[i];
        if (c->sum.count > 0)
            add_cell(t, c);
        c->sum = (struct ha_count){0, 0};
    }
}

void ha_tally_gather_batch(struct ha_tally *t, const struct ha_record *records,
                           const uint8_t *selected, size_t n, uint32_t source)
{
    t->sums.lines = ha_sat_add(t->sums.lines, n);
    t->cells.waiting = true;
    if (t->options.lines_only) {
        for (size_t i = 0; i < n; i++)
            (void)add_line(t, &records[i], source);
        return;
    }
    for (size_t done = 0; done < n;) {
        size_t begin = done, end = n - done < CHUNK ? n : done + CHUNK;
        uint8_t counted[CHUNK];
        for (; done < end; done++) {
            const struct ha_record *r = &records[done];
            counted[done - begin] = add_line(t, r, source) && (selected == NULL || selected[done]);
            if (!counted[done - begin])
                continue;
            struct ha_cell *cell = cell_of(t, r);
            add_selected(t, cell, r);
            int noise = ha_noise_of(r);
            if (__builtin_expect(noise >= 0, 0))
                ha_sat_up(&t->noise.count[noise]);
            if (t->options.findings && !add_findings(t, cell, r, source))
                t->failed = true;
            uint64_t hash;
            if (t->evidence != NULL && ha_evidence_wants(t->evidence, r, &hash) &&
                !ha_evidence_take(t->evidence, r, hash))
                t->failed = true;
            if (!t->tops)
                add_client(t, ha_get(r, HA_FIELD_CLIENT));
        }
        if (!ha_timeline_add_batch(&t->timeline, records + begin, counted, end - begin))
            t->failed = true;
        if (t->tops && !ha_values_add(t, records + begin, counted, end - begin))
            t->failed = true;
    }
}

void ha_tally_add_batch(struct ha_tally *t, const struct ha_record *records,
                        const uint8_t *selected, size_t n, uint32_t source)
{
    ha_tally_gather_batch(t, records, selected, n, source);
    ha_tally_settle(t);
}

void ha_tally_add(struct ha_tally *t, const struct ha_record *r, bool selected, uint32_t source)
{
    uint8_t chosen = selected;
    ha_tally_add_batch(t, r, &chosen, 1, source);
}

void ha_tally_add_bytes(struct ha_tally *t, uint64_t bytes)
{
    t->sums.bytes = ha_sat_add(t->sums.bytes, bytes);
}
