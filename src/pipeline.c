/* pipeline.c - THE order of the stages; owns the memory of a run. */
#include "httpannotate/pipeline.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "baseline.h"
#include "crew.h"
#include "emit.h"
#include "following.h"
#include "httpannotate/source.h"
#include "outcome.h"
#include "signals.h"
#include "watch.h"

struct run {
    const struct ha_config *config;
    struct ha_shared shared;
    struct ha_facts *facts;
    struct ha_selector *selector;
    struct ha_linter *linter;
    struct ha_patterns *patterns;
    struct ha_baseline baseline; /* --diff */
    const char **pattern_names;
    struct ha_report_source *sources;
    size_t source_count;
    struct ha_limits reading;       /* of each source */
    struct ha_source *source;       /* the one that is open, or NULL */
    size_t next_source;             /* index of the one to be opened next */
    bool in_line;                   /* pieces of a long line of it came, not yet its end */
    struct ha_following *following; /* NULL: each source is read once, to its end */
    struct ha_watch *watch;         /* NULL: nobody is told of spikes */
    struct ha_crew *crew;
    bool trouble; /* a problem was told */
    bool closed;  /* the reader of standard output went away */
    bool mute;    /* output failed or memory ran out: no report */
    bool unsent;  /* a report did not arrive */
    bool ended;   /* a signal asked for the end, or the run cannot go on: read no more */
};

static void tell(struct run *run, const struct ha_problem *p)
{
    run->trouble = true;
    ha_say_problem(p);
}

/* A failure of output or memory ends the run: what follows could not be seen, or would be wrong. */
static void give_up(struct run *run, const struct ha_problem *p)
{
    if (run->mute)
        return;
    run->ended = run->mute = true;
    if (p->err == HA_ERR_CLOSED)
        run->closed = true;
    else
        tell(run, p);
}

static void look_after_crew(struct run *run)
{
    struct ha_problem p;
    if (ha_crew_trouble(run->crew, &p) != HA_OK)
        give_up(run, &p);
}

static enum ha_err make_report(struct run *run, bool interim, struct ha_problem *p)
{
    struct ha_report_context c = {.facts = run->facts,
                                  .selection = ha_selector_text(run->selector),
                                  .again = run->config->again,
                                  .sources = run->sources,
                                  .source_count = run->source_count,
                                  .patterns = run->pattern_names,
                                  .pattern_count = ha_patterns_count(run->patterns),
                                  .top = run->config->top,
                                  .before = run->baseline.report.tally,
                                  .before_name = run->config->diff_file,
                                  .ignored = run->config->ignored,
                                  .spikes = &run->config->spikes,
                                  .benign = run->config->benign,
                                  .bucket_s = run->config->bucket_s,
                                  .interim = interim};
    struct ha_report report;
    if (run->following != NULL)
        ha_following_count(run->following, run->sources);
    enum ha_err err = ha_report_make(ha_crew_tally(run->crew), &c, &report);
    if (err != HA_OK) {
        ha_problem_set(p, err, "the report", "out of memory");
        return err;
    }
    report.unread = run->trouble;
    err = ha_crew_unheard(run->crew) ? ha_emit_files(run->config, &report, p)
                                     : ha_emit_report(run->config, &report, p);
    ha_report_free(&report);
    return err;
}

static void report(struct run *run, bool interim)
{
    struct ha_problem p;
    ha_crew_drain(run->crew);
    look_after_crew(run);
    if (run->mute || !run->config->report || make_report(run, interim, &p) == HA_OK)
        return;
    run->unsent = true;
    if (p.err != HA_ERR_CLOSED)
        tell(run, &p);
    else if (!ha_emit_goes_on(run->config))
        give_up(run, &p);
}

/* The next run goes on from here when all that was asked for is out; else it repeats. */
static void save_places(struct run *run)
{
    struct ha_problem p;
    if (run->following == NULL || run->mute || run->unsent || run->closed ||
        ha_crew_unheard(run->crew))
        return;
    if (ha_following_save(run->following, &p) != HA_OK)
        tell(run, &p);
}

/* While files are followed, so that a run that is killed is not repeated from its beginning. */
static void save_meanwhile(struct run *run)
{
    ha_crew_drain(run->crew);
    look_after_crew(run);
    save_places(run);
}

static void heed_signals(struct run *run)
{
    struct ha_asked asked = ha_signals_take();
    if (asked.end) {
        run->ended |= !ha_following_end(run->following);
    } else if (asked.report) {
        report(run, true);
        ha_signals_forget_ticks();
        if (run->config->follow)
            save_places(run);
    }
}

/* Opens the next source that can be. False when there is none left. */
static bool open_source(struct run *run)
{
    while (run->source == NULL && run->next_source < run->source_count && !run->ended) {
        struct ha_problem p;
        const char *name = run->sources[run->next_source++].name;
        if (ha_source_open(name, &run->reading, ha_signals_wake_fd(), &run->source, &p) == HA_OK)
            ha_crew_begin_source(run->crew);
        else
            tell(run, &p);
    }
    return run->source != NULL;
}

static void close_source(struct run *run)
{
    if (run->in_line) /* a signal came in the middle of it */
        run->sources[run->next_source - 1].lines++;
    run->in_line = false;
    ha_source_close(&run->source);
    ha_crew_flush(run->crew); /* opening the next one may wait */
}

/* What the source that is open gives, or tells. */
static enum ha_source_state read_source(struct run *run, struct ha_chunk *into,
                                        struct ha_block *block)
{
    struct ha_problem p;
    if (ha_source_lend(run->source, into) != HA_OK) {
        ha_problem_set(&p, HA_ERR_MEMORY, "", "out of memory");
        give_up(run, &p);
        return HA_SOURCE_ERROR;
    }
    if (ha_crew_holds_lines(run->crew) && ha_source_would_wait(run->source))
        ha_crew_flush(run->crew);
    enum ha_source_state state = ha_source_next(run->source, block, &p);
    if (state == HA_SOURCE_END)
        close_source(run);
    else if (state == HA_SOURCE_STOP)
        heed_signals(run);
    else if (state == HA_SOURCE_ERROR)
        tell(run, &p);
    return state;
}

/* A filter whose reader went away learns it when it writes; without a line to write it would wait
 * for ever. */
static void look_after_reader(struct run *run)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    if (run->config->renderer->line == NULL || ha_emit_goes_on(run->config) ||
        poll(&out, 1, 0) <= 0 || (out.revents & (POLLERR | POLLHUP)) == 0)
        return;
    struct ha_problem p;
    ha_problem_set(&p, HA_ERR_CLOSED, "standard output", "closed by its reader");
    give_up(run, &p);
}

/* The next block of files that are read through rotation. */
static bool next_followed(struct run *run, struct ha_chunk *into, struct ha_task *task)
{
    struct ha_problem p;
    while (!run->ended) {
        if (ha_following_is_due(run->following))
            save_meanwhile(run);
        switch (ha_following_next(run->following, run->crew, into, task, &p)) {
        case HA_FOLLOW_BLOCK:
            return true;
        case HA_FOLLOW_WAIT:
            ha_crew_flush(run->crew);
            ha_following_wait(run->following);
            heed_signals(run);
            look_after_reader(run);
            break;
        case HA_FOLLOW_STOP:
            heed_signals(run);
            break;
        case HA_FOLLOW_NOTE:
            ha_say_problem(&p);
            break;
        case HA_FOLLOW_ERROR:
            if (p.err == HA_ERR_MEMORY)
                give_up(run, &p);
            else
                tell(run, &p);
            break;
        case HA_FOLLOW_END:
            return false;
        }
        look_after_crew(run);
        if (ha_signals_pending())
            heed_signals(run);
    }
    return false;
}

/* The next block of all sources, until the run is ended; the crew calls it in turn. */
static bool next_block(void *arg, struct ha_chunk *into, struct ha_task *task)
{
    struct run *run = arg;
    look_after_crew(run);
    if (ha_signals_pending())
        heed_signals(run);
    if (run->following != NULL)
        return next_followed(run, into, task);
    while (!run->ended && open_source(run)) {
        struct ha_block *block = &task->block;
        if (read_source(run, into, block) != HA_SOURCE_BLOCK)
            continue;
        uint32_t index = (uint32_t)(run->next_source - 1);
        run->sources[index].bytes += block->bytes.len;
        run->in_line = block->kind == HA_BLOCK_LONG_FIRST ||
                       (run->in_line && block->kind == HA_BLOCK_LONG_MORE);
        task->source = index;
        task->lines = &run->sources[index].lines;
        return true;
    }
    close_source(run);
    return false;
}

/* Someone may have forgotten it. */
static void tell_of_missing_status(struct ha_patterns *set, const char *place)
{
    struct ha_problem p;
    size_t last = ha_patterns_count(set) - 1;
    if (ha_pattern_has_status(set, last))
        return;
    ha_problem_set(&p, HA_ERR_SYNTAX, place,
                   "the pattern has no status: its lines count as requests, and none as an error");
    ha_say_problem(&p);
}

static enum ha_err load_patterns(struct run *run, struct ha_problem *p)
{
    const struct ha_config *config = run->config;
    enum ha_err err = config->pattern_count == 0
                          ? ha_patterns_builtin(&config->limits, &run->patterns, p)
                          : ha_patterns_empty(&config->limits, &run->patterns);
    if (err != HA_OK)
        return config->pattern_count == 0 ? err : ha_problem_set(p, err, "", "out of memory");
    ha_patterns_set_zone(run->patterns, config->log_zone);
    for (size_t i = 0; i < config->pattern_count && err == HA_OK; i++) {
        const struct ha_pattern_choice *choice = &config->patterns[i];
        err = choice->is_log_format ? ha_patterns_add_log_format(run->patterns, choice->text, p)
                                    : ha_patterns_add(run->patterns, choice->text, p);
        if (err == HA_OK)
            tell_of_missing_status(run->patterns, choice->text);
    }
    return err;
}

static enum ha_err make_linter(struct run *run, struct ha_problem *p)
{
    size_t count = ha_patterns_count(run->patterns);
    if (run->config->no_findings && run->config->finding == 0)
        return HA_OK;
    struct ha_lint_format *formats = ha_calloc(count > 0 ? count : 1, sizeof *formats);
    enum ha_err err = formats != NULL ? HA_OK : HA_ERR_MEMORY;
    for (size_t i = 0; formats != NULL && i < count; i++)
        formats[i] = (struct ha_lint_format){
            .counts_content = ha_pattern_counts_content(run->patterns, i),
            .is_proxy = ha_lint_is_proxy(ha_pattern_name(run->patterns, i))};
    if (err == HA_OK)
        err = ha_linter_new(run->facts, formats, count, &run->linter);
    ha_free(formats);
    return err == HA_OK ? HA_OK : ha_problem_set(p, err, "", "out of memory");
}

static enum ha_err name_patterns_and_sources(struct run *run, struct ha_problem *p)
{
    const struct ha_config *config = run->config;
    static const char *const standard_input = "-";
    size_t patterns = ha_patterns_count(run->patterns);
    run->source_count = config->file_count > 0 ? config->file_count : 1;
    run->sources = ha_calloc(run->source_count, sizeof *run->sources);
    run->pattern_names = ha_calloc(patterns > 0 ? patterns : 1, sizeof *run->pattern_names);
    if (run->sources == NULL || run->pattern_names == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
    for (size_t i = 0; i < run->source_count; i++)
        run->sources[i].name = config->file_count > 0 ? config->files[i] : standard_input;
    for (size_t i = 0; i < patterns; i++)
        run->pattern_names[i] = ha_pattern_name(run->patterns, i);
    return HA_OK;
}

/* Many blocks at a time are to fit into memory, and what becomes of one into a cache: of a line its
 * object has several times the bytes. */
static size_t block_size(const struct ha_config *config, size_t threads)
{
    enum { MANY = 4 };
    size_t size = config->limits.block_size;
    return threads > MANY || config->renderer->is_of_records ? size / 4 : size;
}

/* Without the system's randomness the fixed seed serves: counts do not depend on it. */
static uint64_t random_seed(void)
{
    uint64_t seed = 0;
    return getrandom(&seed, sizeof seed, GRND_NONBLOCK) == sizeof seed ? seed : 0;
}

/* What does not compare is told before anything is read. */
static enum ha_err load_baseline(struct run *run, struct ha_problem *p)
{
    const struct ha_config *config = run->config;
    if (config->diff_file == NULL)
        return HA_OK;
    enum ha_err err = ha_baseline_load(config->diff_file, &config->limits, &run->baseline, p);
    return err != HA_OK
               ? err
               : ha_baseline_fits(&run->baseline, config->diff_file,
                                  ha_selector_text(run->selector), ha_crew_tally(run->crew), p);
}

/* Whether a line without an end is one whose end was cut off, with others behind it. */
static bool goes_on(const struct ha_config *config)
{
    return config->follow || config->resume_file != NULL;
}

static enum ha_err start(struct run *run, struct ha_problem *p)
{
    const struct ha_config *config = run->config;
    enum ha_err err = ha_emit_check(config, p);
    if (config->renderer->line != NULL)
        ha_pipe_widen(STDOUT_FILENO);
    if (err == HA_OK)
        err = ha_facts_load(config->codes_file, &run->facts, p);
    if (err == HA_OK)
        err = ha_selector_new(&config->select, &run->selector, p);
    if (err == HA_OK)
        err = load_patterns(run, p);
    if (err == HA_OK)
        err = name_patterns_and_sources(run, p);
    if (err == HA_OK)
        err = make_linter(run, p);
    if (err == HA_OK)
        err = ha_watch_new(config, &run->watch, p);
    if (err != HA_OK)
        return err;
    run->shared = (struct ha_shared){.config = config,
                                     .facts = run->facts,
                                     .patterns = run->patterns,
                                     .selector = run->selector,
                                     .linter = run->linter,
                                     .watch = run->watch,
                                     .style = ha_style_of_lines(config),
                                     .more_follow = goes_on(config),
                                     .source_count = run->source_count,
                                     .seed = random_seed()};
    size_t threads = ha_crew_threads(config);
    run->reading = config->limits;
    run->reading.block_size = block_size(config, threads);
    err = ha_crew_new(&run->shared, threads, &run->crew);
    if (err != HA_OK)
        return ha_problem_set(p, err, "", "out of memory");
    err = load_baseline(run, p);
    if (err != HA_OK)
        return err;
    if (!ha_signals_start(config->every_us))
        return ha_problem_os(p, "signals", errno);
    return ha_following_new(config, &run->reading, ha_signals_wake_fd(), &run->following, p);
}

static void finish(struct run *run)
{
    ha_signals_stop();
    ha_following_free(&run->following);
    ha_crew_free(&run->crew);
    ha_watch_free(&run->watch); /* waits for commands; everything else is out */
    ha_baseline_free(&run->baseline);
    ha_free(run->pattern_names);
    ha_free(run->sources);
    ha_patterns_free(&run->patterns);
    ha_selector_free(&run->selector);
    ha_linter_free(&run->linter);
    ha_facts_free(&run->facts);
}

/* What the last minutes say of spikes, before the report. */
static void end_watch(struct run *run)
{
    struct ha_problem p;
    ha_crew_end(run->crew);
    look_after_crew(run);
    if (run->watch == NULL || run->mute)
        return;
    ha_watch_end(run->watch);
    if (ha_watch_ok(run->watch))
        return;
    ha_problem_set(&p, HA_ERR_MEMORY, "spikes", "out of memory: not all could be told");
    tell(run, &p);
}

static int exit_status(const struct run *run)
{
    if (run->trouble)
        return HA_EXIT_TROUBLE;
    if (run->closed)
        return HA_EXIT_OK;
    return ha_outcome(run->config, ha_crew_tally(run->crew));
}

static void tell_given_up(struct run *run)
{
    uint64_t count = ha_selector_given_up(run->selector);
    if (count == 0)
        return;
    struct ha_problem p;
    ha_problem_set(&p, HA_ERR_LIMIT, "--target",
                   "the search was given up on %llu target%s left out; a simpler expression "
                   "backtracks less",
                   (unsigned long long)count, count == 1 ? ", which is" : "s, which are");
    tell(run, &p);
}

/* Lines about spikes that did not arrive. Counts are whole, so the report is made before. */
static void tell_unwritten(struct run *run)
{
    struct ha_problem p;
    if (run->watch != NULL && !ha_watch_was_written(run->watch, &p))
        tell(run, &p);
}

int ha_run(const struct ha_config *config)
{
    struct run run = {.config = config};
    struct ha_problem p;
    enum ha_err err = start(&run, &p);
    if (err == HA_OK && ha_crew_run(run.crew, next_block, &run) != HA_OK)
        err = ha_problem_set(&p, HA_ERR_LIMIT, "",
                             "the system starts no more threads; try --threads=1");
    if (err != HA_OK) {
        ha_say_problem(&p);
        finish(&run);
        return HA_EXIT_TROUBLE;
    }
    end_watch(&run);
    report(&run, false);
    tell_given_up(&run);
    ha_outcome_tell_odd_text(config, ha_crew_tally(run.crew));
    tell_unwritten(&run);
    save_places(&run);
    int status = exit_status(&run);
    finish(&run);
    return status;
}
