/* add.c - what a record adds to a tally. */
#include "count.h"
#include "hash.h"
#include "parts.h"
#include "values.h"

/* Records that are counted together. */
#define CHUNK HA_TIMELINE_BATCH
_Static_assert(CHUNK <= HA_VALUES_BATCH, "a chunk is a batch of values");
_Static_assert(CHUNK <= HA_WANTED, "a chunk's records may all be wanted");

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

/* Makes a cell that of a record's method and status; it may have been another's. */
static void begin_cell(struct ha_tally *t, struct ha_cell *c, const struct ha_record *r)
{
    if (c->sum.count > 0)
        add_cell(t, c);
    *c = (struct ha_cell){.key = ha_cell_key(r),
                          .method = r->method,
                          .status = r->status,
                          .series = ha_series_of(r->status),
                          .is_error = ha_evidence_is_error(r->status),
                          .may_be_noise = ha_noise_may_be(r->method, r->status)};
    for (int user = 0; user < 2 && t->options.findings; user++)
        c->may[user] = (uint8_t)ha_conduct_may(&t->conduct, r->method, r->status, user);
}

static inline void add_time(struct ha_tally_sums *s, int64_t time_us)
{
    if (__builtin_expect(!s->has_time, 0))
        s->first_us = s->last_us = time_us;
    s->has_time = true;
    if (__builtin_expect(time_us < s->first_us, 0))
        s->first_us = time_us;
    if (time_us > s->last_us)
        s->last_us = time_us;
}

/* What a selected record adds, but for the lists of who and what, and what is told by time. */
static inline void add_selected(struct ha_tally *t, struct ha_cell *c, const struct ha_record *r)
{
    c->sum.count++;
    ha_sat_put(&c->sum.body_bytes, r->body_bytes);
    if (__builtin_expect(r->method == HA_UNLISTED_METHOD, 0) &&
        !ha_methods_add_token(&t->methods, ha_get(r, HA_FIELD_METHOD),
                              (struct ha_count){1, r->body_bytes}, &t->sums.other_methods))
        t->failed = true;
    if (r->has_bytes && !ha_quantiles_add(&t->sizes, r->body_bytes))
        t->failed = true;
    if (__builtin_expect(r->has_duration, 0) &&
        !ha_quantiles_add(&t->durations[ha_class_of(r->status)], r->duration_us))
        t->failed = true;
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

static void begin_run(struct ha_tally *t, const struct ha_record *r)
{
    add_run(t, &t->cells.run);
    t->cells.run = (struct ha_line_run){0, r->pattern, r->verdict,
                                        r->verdict == HA_MATCHED || r->verdict == HA_SALVAGED};
}

static void add_unmatched(struct ha_tally *t, const struct ha_record *r, uint32_t source)
{
    HA_ASSERT(r->reason < HA_REASON_N);
    ha_sat_up(&t->sums.reason[r->reason]);
    struct ha_sample sample = {r->line_number, source, r->reason, r->line, r->line.len};
    if (!ha_samples_add(&t->samples, &sample))
        t->failed = true;
}

/* What any line adds. Returns whether it was matched or salvaged. */
static inline bool add_line(struct ha_tally *t, const struct ha_record *r, uint32_t source)
{
    struct ha_line_run *run = &t->cells.run;
    if (__builtin_expect(r->verdict != run->verdict || r->pattern != run->pattern, 0))
        begin_run(t, r);
    run->count++;
    if (r->verdict == HA_UNMATCHED)
        add_unmatched(t, r, source);
    return run->is_request;
}

/* Counts lines all of which go on with a run of requests, as they nearly always do. False, and
 * nothing is counted, when one does not. */
static bool add_to_run(struct ha_line_run *run, const struct ha_record *records, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (records[i].verdict != run->verdict || records[i].pattern != run->pattern)
            return false;
    run->count += run->is_request ? n : 0;
    return run->is_request;
}

/* Most clients are addresses of such lengths that their hash is a short run of instructions. */
__attribute__((flatten)) static inline void add_client(struct ha_tally *t,
                                                       const struct ha_record *r)
{
    struct ha_view client = r->field[HA_FIELD_CLIENT];
    if (!ha_has(r, HA_FIELD_CLIENT))
        return;
    if (__builtin_expect(client.len > 8 && client.len <= 16, 1))
        ha_distinct_add(&t->clients, ha_hash(client.ptr, client.len, HA_HASH_FIXED_SEED));
    else if (!ha_is_none(client))
        ha_distinct_add(&t->clients, ha_hash(client.ptr, client.len, HA_HASH_FIXED_SEED));
}

void ha_tally_settle(struct ha_tally *t)
{
    if (!t->cells.waiting)
        return;
    t->cells.waiting = false;
    add_run(t, &t->cells.run);
    t->cells.run.count = 0;
    ha_findings_settle(&t->findings);
    for (size_t i = 0; i < HA_CELLS; i++) {
        struct ha_cell *c = &t->cells.cell[i];
        if (c->sum.count > 0)
            add_cell(t, c);
        c->sum = (struct ha_count){0, 0};
    }
}

/* The places of some records of a chunk. What only they are asked is asked in a loop of its own: a
 * branch that goes by the status of a record is guessed wrong too often. */
struct places {
    size_t count;
    uint8_t at[CHUNK];
};

static inline void put_place(struct places *p, size_t i, bool belongs)
{
    p->at[p->count] = (uint8_t)i;
    p->count += belongs;
}

static bool add_errors(struct ha_tally *t, const struct ha_record *records, const struct places *p,
                       struct ha_wanted *wanted)
{
    bool ok = true;
    for (size_t i = 0; i < p->count; i++) {
        const struct ha_record *r = &records[p->at[i]];
        if (!r->has_time)
            continue;
        ok &= ha_error_minutes_add(&t->error_minutes, r->time_us, r->status);
        if (t->evidence != NULL)
            ha_evidence_want_error(t->evidence, r, p->at[i], wanted);
    }
    return ok;
}

static void add_noise(struct ha_tally *t, const struct ha_record *records, const struct places *p)
{
    for (size_t i = 0; i < p->count; i++) {
        int noise = ha_noise_of(&records[p->at[i]]);
        if (__builtin_expect(noise >= 0, 0))
            ha_sat_up(&t->noise.count[noise]);
    }
}

static bool add_findings(struct ha_tally *t, const struct ha_record *records,
                         const struct places *p, uint32_t source)
{
    bool ok = true;
    for (size_t i = 0; i < p->count; i++)
        ok &= ha_findings_gather(&t->findings, &records[p->at[i]], source);
    return ok;
}

/* What records of a chunk add to all but the timeline and the lists; series[i] becomes that of
 * record i for the timeline. */
static void add_chunk(struct ha_tally *t, const struct ha_record *records, const uint8_t *selected,
                      size_t n, uint32_t source, uint8_t *series)
{
    struct places errors, noise, found;
    uint8_t may[CHUNK]; /* what each may tell of conduct */
    struct ha_wanted wanted;
    errors.count = noise.count = found.count = wanted.count = 0;
    bool all_requests = add_to_run(&t->cells.run, records, n);
    int64_t time_us = INT64_MIN;
    for (size_t i = 0; i < n; i++) {
        const struct ha_record *r = &records[i];
        series[i] = HA_SERIES_N;
        may[i] = 0;
        if ((!all_requests && !add_line(t, r, source)) || (selected != NULL && !selected[i]))
            continue;
        struct ha_cell *cell = ha_cells_place(&t->cells, ha_cell_key(r));
        if (__builtin_expect(cell->key != ha_cell_key(r), 0))
            begin_cell(t, cell, r);
        series[i] = cell->series;
        put_place(&errors, i, cell->is_error);
        put_place(&noise, i, cell->may_be_noise);
        add_selected(t, cell, r);
        if (r->time_us != time_us && r->has_time) {
            time_us = r->time_us;
            add_time(&t->sums, time_us);
        }
        put_place(&found, i, (r->findings[HA_MILD] | r->findings[HA_GRAVE]) != 0);
        /* What salvage read is too loose to hold against anybody. */
        may[i] = r->verdict == HA_MATCHED ? cell->may[ha_has(r, HA_FIELD_USER)] : 0;
        if (t->evidence != NULL)
            ha_evidence_want_other(t->evidence, r, cell->is_error, i, &wanted);
        if (!t->tops)
            add_client(t, r);
    }
    add_noise(t, records, &noise);
    if (!add_errors(t, records, &errors, &wanted) ||
        (wanted.count > 0 && !ha_evidence_take(t->evidence, records, &wanted)) ||
        (t->options.findings && (!add_findings(t, records, &found, source) ||
                                 !ha_conduct_add_batch(&t->conduct, records, may, n, source))))
        t->failed = true;
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
    for (size_t done = 0; done < n; done += CHUNK) {
        const struct ha_record *chunk = records + done;
        size_t count = n - done < CHUNK ? n - done : CHUNK;
        uint8_t series[CHUNK];
        add_chunk(t, chunk, selected == NULL ? NULL : selected + done, count, source, series);
        if (!ha_timeline_add_batch(&t->timeline, chunk, series, count) ||
            (t->tops && !ha_values_add(t, chunk, series, count)))
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
