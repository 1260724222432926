/* watch.c - spikes are told while the log is read. */
#include "watch.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit.h"
#include "on_spike.h"
#include "watch_parts.h"

struct ha_watch {
    struct ha_spike_clock *clock;
    struct ha_live_evidence *evidence;
    atomic_uint_least64_t bound; /* of evidence, for the workers; only falls */
    bool lines;                  /* told on standard error */
    struct ha_on_spike *command; /* NULL: none */
    struct ha_live_style style;
    struct ha_live_open open;
    struct ha_buf text; /* to be told */
    bool started, failed;
    int unwritten; /* errno of the first line that could not be written, or 0 */
};

uint64_t ha_watch_bound(const struct ha_watch *w)
{
    return atomic_load_explicit(&w->bound, memory_order_relaxed);
}

static void hear(void *to, const struct ha_spike_told *told)
{
    struct ha_watch *w = to;
    struct ha_live_who who = {0};
    struct ha_buf json = {0};
    struct ha_live_twin twin = ha_live_twin_of(&w->open, told);
    ha_live_open_take(&w->open, told);
    bool over = told->kind == HA_TOLD_END || told->kind == HA_TOLD_SETTLED;
    if (told->kind != HA_TOLD_NONE && (!over || w->command != NULL)) /* a line of an end has none */
        w->failed |= ha_live_evidence_ask(w->evidence, told, &who) != HA_OK;
    if (w->lines)
        ha_live_line(&w->style, told, twin, &who, &w->text);
    if (w->command != NULL) {
        ha_live_json(told, twin, &who, &json);
        w->failed |= !ha_buf_ok(&json) || !ha_on_spike_run(w->command, told->group,
                                                           (struct ha_view){json.ptr, json.len});
    }
    if (over)
        ha_live_evidence_over(w->evidence, told);
    ha_buf_free(&json);
    ha_live_who_free(&who);
}

static bool is_plain_file(const char *name)
{
    struct stat st;
    int failed = strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(name, &st);
    return failed != 0 || S_ISREG(st.st_mode);
}

/* Whether somebody watches a log that grows: a report alone over files needs no telling before. */
static bool somebody_looks_on(const struct ha_config *config)
{
    if (!isatty(STDERR_FILENO))
        return false;
    if (config->file_count == 0)
        return !is_plain_file("-");
    for (size_t i = 0; i < config->file_count; i++)
        if (!is_plain_file(config->files[i]))
            return true;
    return false;
}

/* Whether a report that programs read goes to standard error, where a line of ours would break it.
 */
static bool errors_are_data(const struct ha_config *config)
{
    for (size_t i = 0; config->report && i < config->output_count; i++)
        if (config->outputs[i].path == NULL &&
            strcmp(config->outputs[i].reporter->name, "text") != 0)
            return config->renderer->line != NULL;
    return false;
}

enum ha_err ha_watch_new(const struct ha_config *config, struct ha_watch **out,
                         struct ha_problem *p)
{
    *out = NULL;
    bool lines =
        (config->renderer->line != NULL || somebody_looks_on(config)) && !errors_are_data(config);
    if (config->spikes.off || (!lines && config->on_spike == NULL))
        return HA_OK;
    struct ha_watch *w = ha_calloc(1, sizeof *w);
    enum ha_err err = HA_ERR_MEMORY;
    if (w != NULL) {
        w->lines = lines;
        w->style.colour = ha_colour_on(config->colour, STDERR_FILENO);
        atomic_init(&w->bound, UINT64_MAX);
        err = ha_spike_clock_new(&config->spikes, hear, w, &w->clock);
        if (err == HA_OK)
            err = ha_live_evidence_new(config->keep_query, !config->no_templates, &w->evidence);
    }
    if (err == HA_OK && config->on_spike != NULL)
        err = ha_on_spike_new(config->on_spike, HA_ON_SPIKE_LIMIT_MS, &w->command, p);
    else if (err != HA_OK)
        ha_problem_set(p, err, "", "out of memory");
    if (err != HA_OK)
        ha_watch_free(&w);
    *out = w;
    return err;
}

void ha_watch_free(struct ha_watch **out)
{
    struct ha_watch *w = *out;
    if (w == NULL)
        return;
    ha_on_spike_free(&w->command);
    ha_spike_clock_free(&w->clock);
    ha_live_evidence_free(&w->evidence);
    ha_buf_free(&w->text);
    ha_free(w);
    *out = NULL;
}

/* All times are told by one offset, so that they can be compared. */
static void begin(struct ha_watch *w, const struct ha_digest_entry *e)
{
    w->started = true;
    w->style.offset_min = e->offset_min;
    ha_live_begin(&w->style, e->second);
}

/* Lines of one second. What they close is told of the lines before them; what the last of them
 * gives, of all up to it. */
static void take_entry(struct ha_watch *w, struct ha_digest *d, size_t i, size_t *next)
{
    const struct ha_digest_entry *e = &d->entries[i];
    if (!w->started)
        begin(w, e);
    if (e->good > 0)
        ha_spike_clock_lines(w->clock, e->second, e->good, HA_NO_LINE);
    for (; *next < d->witness_count && d->witnesses[*next].entry == i; ++*next) {
        const struct ha_witness *one = ha_digest_witness_at(d, *next);
        w->failed |= !ha_live_evidence_add(w->evidence, one, ha_spike_clock_now(w->clock));
    }
    if (e->status != HA_NO_LINE)
        ha_spike_clock_lines(w->clock, e->second, 0, e->status);
}

bool ha_watch_take(struct ha_watch *w, struct ha_digest *d)
{
    size_t next = 0;
    w->failed |= d->failed || !ha_buf_ok(&d->texts);
    for (size_t i = 0; i < d->count && !w->failed; i++)
        take_entry(w, d, i, &next);
    atomic_store_explicit(&w->bound, ha_live_evidence_bound(w->evidence), memory_order_relaxed);
    ha_digest_empty(d);
    return w->text.len > 0;
}

void ha_watch_tell(struct ha_watch *w)
{
    if (!ha_buf_ok(&w->text))
        w->failed = true;
    else if (w->text.len > 0 && ha_write_all(STDERR_FILENO, w->text.ptr, w->text.len) != 0 &&
             w->unwritten == 0)
        w->unwritten = errno; /* nobody could be told now; the lines of the log go on */
    ha_buf_clear(&w->text);
}

void ha_watch_end(struct ha_watch *w)
{
    ha_spike_clock_end(w->clock);
    ha_watch_tell(w);
}

bool ha_watch_ok(const struct ha_watch *w)
{
    return !w->failed && ha_buf_ok(&w->text) && ha_spike_clock_ok(w->clock);
}

bool ha_watch_was_written(const struct ha_watch *w, struct ha_problem *p)
{
    if (w->unwritten != 0)
        (void)ha_problem_os(p, "standard error", w->unwritten);
    return w->unwritten == 0;
}
