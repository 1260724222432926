/* merge.c - partial reports, from files or standard input, become one report. */
#include "httpannotate/partial.h"
#include "httpannotate/pipeline.h"

#include <errno.h>
#include <string.h>

#include "baseline.h"
#include "emit.h"
#include "httpannotate/source.h"
#include "outcome.h"
#include "signals.h"

/* Lines of one file that are refused with a message each; of the others their number is told. */
enum { REFUSALS_TOLD = 5 };

struct merge {
    const struct ha_config *config;
    struct ha_limits reading; /* lines are longer than those of logs */
    struct ha_facts *facts;
    struct ha_merger *merger;
    struct ha_baseline baseline; /* --diff */
    bool trouble;                /* a problem was told */
    bool closed;                 /* the reader of standard output went away */
    bool mute;                   /* output failed or memory ran out: no report */
    bool ended;                  /* a signal asked for the end, or nothing can be done any more */
};

/* Where in the input it is. */
struct place {
    const char *name;
    uint64_t line; /* 1-based number of the line that comes next */
    uint64_t refused;
};

static void tell(struct merge *m, const struct ha_problem *p)
{
    m->trouble = true;
    ha_say_problem(p);
}

static void give_up(struct merge *m, const struct ha_problem *p)
{
    m->ended = m->mute = true;
    if (p->err == HA_ERR_CLOSED)
        m->closed = true;
    else
        tell(m, p);
}

/* The earlier report, where there is one that compares with all that was added. */
static const struct ha_tally *before(struct merge *m, const struct ha_merged *all)
{
    struct ha_problem p;
    const char *file = m->config->diff_file;
    if (file == NULL)
        return NULL;
    if (ha_baseline_fits(&m->baseline, file, all->selection, all->tally, &p) == HA_OK)
        return m->baseline.report.tally;
    tell(m, &p);
    return NULL;
}

static enum ha_err make_report(struct merge *m, bool interim, struct ha_problem *p)
{
    struct ha_merged all;
    struct ha_report report = {0};
    enum ha_err err = ha_merger_read(m->merger, &all);
    if (err == HA_OK) {
        struct ha_report_context c = {.facts = m->facts,
                                      .selection = all.selection,
                                      .sources = all.sources,
                                      .source_count = all.source_count,
                                      .patterns = all.patterns,
                                      .pattern_count = all.pattern_count,
                                      .top = m->config->top,
                                      .before = before(m, &all),
                                      .before_name = m->config->diff_file,
                                      .ignored = m->config->ignored,
                                      .spikes = &m->config->spikes,
                                      .benign = m->config->benign,
                                      .bucket_s = m->config->bucket_s,
                                      .interim = interim};
        err = ha_report_make(all.tally, &c, &report);
    }
    if (err != HA_OK)
        return ha_problem_set(p, err, "the report", "out of memory");
    report.unread = m->trouble;
    err = ha_emit_report(m->config, &report, p);
    ha_report_free(&report);
    return err;
}

static void report(struct merge *m, bool interim)
{
    struct ha_problem p;
    if (m->mute || !m->config->report || make_report(m, interim, &p) == HA_OK)
        return;
    if (p.err == HA_ERR_CLOSED)
        give_up(m, &p);
    else
        tell(m, &p);
}

static void heed_signals(struct merge *m)
{
    struct ha_asked asked = ha_signals_take();
    if (asked.end) {
        m->ended = true;
    } else if (asked.report) {
        report(m, true);
        ha_signals_forget_ticks();
    }
}

static void refuse(struct merge *m, struct place *at, const char *cause)
{
    struct ha_problem p;
    m->trouble = true;
    if (at->refused++ >= REFUSALS_TOLD)
        return;
    ha_problem_set(&p, HA_ERR_SYNTAX, at->name, "%s", cause);
    ha_problem_at(&p, at->line, 0);
    tell(m, &p);
}

/* The block's bytes are the caller's to change. */
static void merge_lines(struct merge *m, struct place *at, char *bytes, size_t len)
{
    while (len > 0 && !m->ended) {
        const char *end = memchr(bytes, '\n', len);
        size_t taken = end != NULL ? (size_t)(end - bytes) + 1 : len;
        struct ha_problem p;
        enum ha_err err = ha_merger_line(m->merger, bytes, taken, &p);
        if (err == HA_ERR_MEMORY)
            give_up(m, &p);
        else if (err != HA_OK)
            refuse(m, at, p.cause);
        at->line++;
        bytes += taken;
        len -= taken;
    }
}

static void merge_block(struct merge *m, struct place *at, const struct ha_chunk *chunk,
                        const struct ha_block *block)
{
    if (block->kind == HA_BLOCK_LONG_FIRST)
        refuse(m, at, "longer than any partial report of this program");
    if (block->kind != HA_BLOCK_LINES) {
        at->line += block->kind == HA_BLOCK_LONG_LAST;
        return;
    }
    char *bytes = chunk->ptr + (block->bytes.ptr - chunk->ptr);
    merge_lines(m, at, bytes, block->bytes.len);
}

static void merge_source(struct merge *m, const char *name)
{
    struct place at = {.name = strcmp(name, "-") == 0 ? "standard input" : name, .line = 1};
    struct ha_source *source = NULL;
    struct ha_problem p;
    if (ha_source_open(name, &m->reading, ha_signals_wake_fd(), &source, &p) != HA_OK) {
        tell(m, &p);
        return;
    }
    struct ha_chunk chunk = {NULL, 0};
    if (ha_source_lend(source, &chunk) != HA_OK) {
        ha_problem_set(&p, HA_ERR_MEMORY, "", "out of memory");
        give_up(m, &p);
    }
    while (!m->ended) {
        struct ha_block block;
        enum ha_source_state state = ha_source_next(source, &block, &p);
        if (state == HA_SOURCE_END)
            break;
        if (state == HA_SOURCE_BLOCK)
            merge_block(m, &at, &chunk, &block);
        else if (state == HA_SOURCE_ERROR)
            tell(m, &p);
        if (state == HA_SOURCE_STOP || ha_signals_pending())
            heed_signals(m);
    }
    ha_source_close(&source);
    ha_free(chunk.ptr);
    if (at.refused > REFUSALS_TOLD) {
        ha_problem_set(&p, HA_ERR_SYNTAX, at.name, "%llu more lines were refused",
                       (unsigned long long)(at.refused - REFUSALS_TOLD));
        tell(m, &p);
    }
}

static enum ha_err start(struct merge *m, struct ha_problem *p)
{
    m->reading = m->config->limits;
    m->reading.max_line = HA_PARTIAL_LINE;
    enum ha_err err = ha_emit_check_outputs(m->config, p);
    if (err == HA_OK)
        err = ha_facts_load(m->config->codes_file, &m->facts, p);
    if (err != HA_OK)
        return err;
    err = ha_merger_new(&m->config->limits, &m->merger);
    if (err != HA_OK)
        return ha_problem_set(p, err, "", "out of memory");
    if (m->config->no_findings)
        ha_merger_leave_out_findings(m->merger);
    const char *file = m->config->diff_file;
    if (file != NULL)
        err = ha_baseline_load(file, &m->config->limits, &m->baseline, p);
    if (err != HA_OK)
        return err;
    return ha_signals_start(m->config->every_us) ? HA_OK : ha_problem_os(p, "signals", errno);
}

static int exit_status(struct merge *m)
{
    if (m->trouble)
        return HA_EXIT_TROUBLE;
    if (m->closed)
        return HA_EXIT_OK;
    return ha_outcome(m->config, ha_merger_tally(m->merger));
}

int ha_merge(const struct ha_config *config)
{
    struct merge m = {.config = config};
    struct ha_problem p;
    int status = HA_EXIT_TROUBLE;
    if (start(&m, &p) == HA_OK) {
        for (size_t i = 0; i < config->file_count && !m.ended; i++)
            merge_source(&m, config->files[i]);
        if (config->file_count == 0)
            merge_source(&m, "-");
        report(&m, false);
        status = exit_status(&m);
    } else {
        ha_say_problem(&p);
    }
    ha_signals_stop();
    ha_merger_free(&m.merger);
    ha_baseline_free(&m.baseline);
    ha_facts_free(&m.facts);
    return status;
}
