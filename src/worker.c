/* worker.c - one thread's share of the work. */
#include "worker.h"

#include <string.h>

enum {
    BATCH = 64, /* records at a time: few enough to stay in the nearest caches */
};

struct ha_worker {
    const struct ha_shared *shared;
    struct ha_matcher *matcher;
    struct ha_annotator *annotator; /* NULL when no line is written */
    struct ha_tally *tally;
    struct ha_digest *digest; /* NULL: none is written */
    struct ha_common *common; /* NULL: tally is the run's */
    size_t max_line;
    bool all;       /* every record is selected */
    unsigned kinds; /* of what clients and targets do that --finding chooses */
    bool failed;    /* memory ran out */
    struct ha_marks marks;
    size_t count;
    uint8_t selected[BATCH];
    struct ha_record records[BATCH];
};

/* The limit of one of so many workers: together they hold this part of what the run does, but each
 * what a batch needs and some more. */
static void share(size_t *limit, size_t one_of, size_t workers, size_t lower_bound)
{
    size_t part = *limit / one_of / workers;
    if (part < lower_bound)
        part = lower_bound;
    if (part < *limit)
        *limit = part;
}

/* The tally of the run, where workers is 0; else of one of so many workers. */
static enum ha_err tally_new(const struct ha_shared *shared, size_t workers, struct ha_tally **out)
{
    const struct ha_config *config = shared->config;
    struct ha_tally_options o = {.limits = config->limits,
                                 /* Lists that nobody will read are not kept. */
                                 .tops = config->top > 0 && config->report,
                                 .keep_query = config->keep_query,
                                 .seed = shared->seed,
                                 .templates = !config->no_templates,
                                 .findings = !config->no_findings,
                                 .lines_only = !config->report && config->threshold_count == 0,
                                 .evidence = !config->spikes.off && config->report,
                                 .patterns = ha_patterns_count(shared->patterns)};
    if (workers > 0) {
        struct ha_limits *l = &o.limits;
        /* Short values may be many: to pass them on costs more than all else that threads add. */
        share(&l->top_entries, workers > 4 ? 4 : workers > 2 ? 2 : 1, workers, 1024);
        share(&l->top_bytes, 4, workers, 3 << 15);
        share(&l->time_buckets, 2, workers, 1024);
        share(&l->evidence_errors, 4, workers, 256);
        share(&l->evidence_others, 4, workers, 256);
        share(&l->conduct_periods, 4, workers, 256);
    }
    return ha_tally_new(&o, out);
}

enum ha_err ha_common_tally_new(const struct ha_shared *shared, struct ha_tally **out)
{
    return tally_new(shared, 0, out);
}

enum ha_err ha_worker_new(const struct ha_shared *shared, struct ha_common *common,
                          struct ha_worker **out)
{
    const struct ha_config *config = shared->config;
    struct ha_worker *w = ha_calloc(1, sizeof *w);
    *out = w;
    if (w == NULL)
        return HA_ERR_MEMORY;
    w->common = common;
    w->shared = shared;
    w->max_line = config->limits.max_line;
    w->kinds = ha_lint_over_time_kinds(config->finding);
    w->all = ha_selector_is_all(shared->selector);
    enum ha_err err = tally_new(shared, common != NULL ? common->workers : 0, &w->tally);
    if (err == HA_OK)
        err = ha_matcher_new(shared->patterns, &w->matcher);
    if (err == HA_OK && (shared->linter != NULL || ha_tally_made_with(w->tally).tops))
        ha_matcher_see_plain(w->matcher);
    if (err == HA_OK && config->renderer->line != NULL)
        err = ha_annotator_new(shared->facts, config->note, config->renderer->ready, &shared->style,
                               &w->annotator);
    if (err != HA_OK)
        ha_worker_free(out);
    return err;
}

void ha_worker_free(struct ha_worker **out)
{
    struct ha_worker *w = *out;
    if (w == NULL)
        return;
    ha_annotator_free(&w->annotator);
    ha_matcher_free(&w->matcher);
    ha_tally_free(&w->tally);
    ha_free(w);
    *out = NULL;
}

const struct ha_tally *ha_worker_tally(const struct ha_worker *w)
{
    return w->tally;
}

void ha_worker_hand_in(struct ha_worker *w)
{
    if (w->common == NULL)
        return;
    ha_tally_settle(w->tally);
    pthread_mutex_lock(&w->common->lock);
    w->failed |= !ha_tally_ok(w->tally) || ha_tally_merge(w->common->tally, w->tally) != HA_OK;
    ha_tally_reset(w->tally);
    ha_tally_follow(w->tally, w->common->tally);
    pthread_mutex_unlock(&w->common->lock);
}

/* Passes on what is nearly full, before it would forget anything. */
static void relieve(struct ha_worker *w)
{
    pthread_mutex_lock(&w->common->lock);
    w->failed |= ha_tally_relieve(w->tally, w->common->tally, BATCH) != HA_OK;
    pthread_mutex_unlock(&w->common->lock);
}

bool ha_worker_ok(const struct ha_worker *w)
{
    return !w->failed && ha_tally_ok(w->tally) && ha_matcher_ok(w->matcher) &&
           !ha_selector_starved(w->shared->selector);
}

void ha_worker_lead(struct ha_worker *w, const struct ha_directives *d)
{
    ha_matcher_directives(w->matcher, d);
}

void ha_worker_digest(struct ha_worker *w, struct ha_digest *to)
{
    w->digest = to;
}

static bool is_request(const struct ha_record *r)
{
    return r->verdict == HA_MATCHED || r->verdict == HA_SALVAGED;
}

/* A source that ends without a line ending must not run into the next one. */
static void close_line(const struct ha_worker *w, uint32_t source, struct ha_buf *to)
{
    bool is_last = !w->shared->more_follow && source + 1 == w->shared->source_count;
    if (!is_last && to->len > 0 && to->ptr[to->len - 1] != '\n')
        ha_buf_char(to, '\n');
}

/* Without a selection every line is shown; with one, only the records it chose. */
static void write_lines(struct ha_worker *w, uint32_t source, struct ha_buf *to)
{
    ha_render_fn *render = w->shared->config->renderer->line;
    const struct ha_note *notes[BATCH];
    w->failed |= !ha_annotate_batch(w->annotator, w->records, w->selected, w->count, notes);
    for (size_t i = 0; i < w->count; i++) {
        const struct ha_record *r = &w->records[i];
        if (!w->selected[i] && (!w->all || is_request(r)))
            continue;
        render(&w->shared->style, r, notes[i], to);
        if (r->ending == 0)
            close_line(w, source, to);
    }
}

/* Without the records that do not show the finding that is asked for. */
static void choose_by_finding(struct ha_worker *w, uint64_t wanted)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct ha_record *r = &w->records[i];
        bool shows = ((r->findings[HA_MILD] | r->findings[HA_GRAVE]) & wanted) != 0;
        bool tells =
            w->kinds != 0 && r->verdict == HA_MATCHED && (ha_conduct_tells(r) & w->kinds) != 0;
        if (!shows && !tells)
            w->selected[i] = false;
    }
}

static void choose(struct ha_worker *w)
{
    for (size_t i = 0; i < w->count; i++)
        w->selected[i] = is_request(&w->records[i]);
    for (size_t i = 0; !w->all && i < w->count; i++)
        if (w->selected[i])
            w->selected[i] = ha_selected(w->shared->selector, &w->records[i]);
}

static void finish_batch(struct ha_worker *w, uint32_t source, struct ha_buf *to)
{
    const struct ha_config *config = w->shared->config;
    choose(w);
    if (w->shared->linter != NULL)
        ha_lint_batch(w->shared->linter, w->records, w->selected, w->count);
    if (config->finding != 0)
        choose_by_finding(w, config->finding);
    ha_tally_gather_batch(w->tally, w->records, w->selected, w->count, source);
    if (w->common != NULL && ha_tally_nearly_full(w->tally, BATCH))
        relieve(w);
    if (w->annotator != NULL)
        write_lines(w, source, to);
    if (w->digest != NULL)
        ha_digest_add(w->digest, w->shared->watch, w->records, w->selected, w->count);
    w->count = 0;
}

static void mark_too_long(struct ha_record *r, struct ha_view line)
{
    memset(r, 0, offsetof(struct ha_record, field));
    r->line = line;
    r->status = HA_NO_STATUS;
    r->method = HA_NO_METHOD;
    r->verdict = HA_UNMATCHED;
    r->reason = HA_REASON_TOO_LONG;
}

/* The next line of the run, of those that cannot be read together with others. False at its end. */
static bool read_line(struct ha_worker *w, uint64_t number, struct ha_record *r)
{
    struct ha_marked_line marked;
    if (!ha_marks_next(&w->marks, &marked))
        return false;
    if (marked.text.len > w->max_line) {
        mark_too_long(r, marked.text);
    } else if (!ha_match_marked(w->matcher, &marked, r)) {
        r->line = marked.text;
        ha_match(w->matcher, r);
    }
    r->line_number = number;
    r->ending = marked.ending;
    return true;
}

static uint64_t read_lines(struct ha_worker *w, struct ha_view bytes, uint64_t number,
                           uint32_t source, struct ha_buf *to)
{
    uint64_t first = number;
    ha_marks_begin(&w->marks, bytes);
    for (bool more = true; more;) {
        if (w->count == 0)
            ha_matcher_begin_batch(w->matcher);
        struct ha_record *records = w->records + w->count;
        size_t room = BATCH - w->count;
        size_t n = ha_match_ahead(w->matcher, &w->marks, room, number, records);
        if (n < room) {
            more = read_line(w, number + n, &records[n]);
            n += more;
        }
        w->count += n;
        number += n;
        if (w->count == BATCH || (!more && w->count > 0))
            finish_batch(w, source, to);
    }
    return number - first;
}

/* The first piece of a line that is too long counts it; all pieces pass through. Styles that write
 * records, not lines, get the first piece only. */
static uint64_t read_long_piece(struct ha_worker *w, const struct ha_block *block, uint64_t number,
                                uint32_t source, struct ha_buf *to)
{
    const struct ha_config *config = w->shared->config;
    struct ha_record *r = &w->records[0];
    mark_too_long(r, block->bytes);
    r->line_number = number;
    bool first = block->kind == HA_BLOCK_LONG_FIRST;
    if (block->kind == HA_BLOCK_LONG_LAST && r->line.len > 0 &&
        r->line.ptr[r->line.len - 1] == '\n') {
        r->ending = 1;
        r->line.len--;
    }
    uint8_t not_selected = 0;
    if (first)
        ha_tally_add_batch(w->tally, r, &not_selected, 1, source);
    if (w->annotator != NULL && w->all && (first || !config->renderer->is_of_records))
        config->renderer->line(&w->shared->style, r, NULL, to);
    if (block->kind == HA_BLOCK_LONG_LAST)
        close_line(w, source, to);
    return block->kind == HA_BLOCK_LONG_LAST;
}

uint64_t ha_worker_block(struct ha_worker *w, const struct ha_block *block, uint64_t first_line,
                         uint32_t source, struct ha_buf *to)
{
    if (w->digest != NULL)
        ha_digest_begin(w->digest, block->bytes);
    uint64_t lines = block->kind == HA_BLOCK_LINES
                         ? read_lines(w, block->bytes, first_line, source, to)
                         : read_long_piece(w, block, first_line, source, to);
    ha_tally_settle(w->tally);
    ha_tally_add_bytes(w->tally, block->bytes.len);
    w->failed |= !ha_buf_ok(to);
    return lines;
}
