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

/* ---- digests ---- */

/* Room for one more in an array that doubles; NULL when memory ran out. */
static void *one_more(void *array, size_t count, size_t *cap, size_t size)
{
    enum { FIRST = 256 };
    if (count < *cap)
        return array;
    size_t more = *cap == 0 ? FIRST : 2 * *cap;
    void *grown = ha_realloc(array, more * size);
    if (grown != NULL)
        *cap = more;
    return grown;
}

enum { LONGEST = 128 }; /* bytes of a text of a witness; the samples cut shorter ones, too */

static void put_text(char **to, struct ha_view *text)
{
    if (text->len > LONGEST)
        text->len = LONGEST;
    if (text->len > 0)
        memcpy(*to, text->ptr, text->len);
    *to += text->len;
}

static void add_witness(struct ha_digest *d, const struct ha_witness *w)
{
    enum { TEXTS = 4 * LONGEST };
    void *grown = one_more(d->witnesses, d->witness_count, &d->witness_cap, sizeof *d->witnesses);
    char *text = ha_buf_room(&d->texts, TEXTS), *start = text;
    if (grown != NULL)
        d->witnesses = grown;
    if (grown == NULL || text == NULL) {
        d->failed = true;
        return;
    }
    struct ha_digest_witness *to = &d->witnesses[d->witness_count++];
    *to = (struct ha_digest_witness){d->count - 1, d->texts.len, *w};
    put_text(&text, &to->witness.client);
    put_text(&text, &to->witness.target);
    put_text(&text, &to->witness.agent);
    put_text(&text, &to->witness.token);
    d->texts.len += (size_t)(text - start);
}

static void take_text(const char **from, struct ha_view *text)
{
    text->ptr = *from;
    *from += text->len;
}

/* Its texts are where they lie now. */
static struct ha_witness witness_of(const struct ha_digest *d, const struct ha_digest_witness *from)
{
    struct ha_witness w = from->witness;
    const char *text = d->texts.ptr == NULL ? NULL : d->texts.ptr + from->text;
    take_text(&text, &w.client);
    take_text(&text, &w.target);
    take_text(&text, &w.agent);
    take_text(&text, &w.token);
    return w;
}

void ha_digest_free(struct ha_digest *d)
{
    ha_free(d->entries);
    ha_free(d->witnesses);
    ha_buf_free(&d->texts);
    *d = (struct ha_digest){0};
}

static void empty(struct ha_digest *d)
{
    enum { MUCH = 1 << 20 };
    d->count = d->witness_count = 0;
    if (d->texts.cap > MUCH)
        ha_buf_free(&d->texts);
    ha_buf_clear(&d->texts);
}

/* ---- the watch ---- */

struct ha_watch {
    struct ha_spike_clock *clock;
    struct ha_live_evidence *evidence;
    atomic_uint_least64_t bound; /* of evidence, for the workers; only falls */
    bool lines;                  /* told on standard error */
    struct ha_on_spike *command; /* NULL: none */
    struct ha_live_style style;
    struct ha_buf text; /* to be told */
    bool started, failed;
    int unwritten; /* errno of the first line that could not be written, or 0 */
};

static bool begin_second(struct ha_digest *d, const struct ha_record *r)
{
    int64_t second = ha_floor_div(r->time_us, HA_US_PER_S);
    void *grown = one_more(d->entries, d->count, &d->cap, sizeof *d->entries);
    if (grown == NULL) {
        d->failed = true;
        return false;
    }
    d->entries = grown;
    d->entries[d->count++] = (struct ha_digest_entry){second, 0, HA_NO_LINE, r->offset_min};
    d->second_us = second * HA_US_PER_S;
    return true;
}

/* Of the many that go well some serve to know what is usual: all of a short log, of a long one
 * every sixteenth line, whoever reads it. */
static bool is_sampled(const struct ha_record *r)
{
    enum { SHORT = 1024, EVERY = 16 };
    return r->line_number <= SHORT || r->line_number % EVERY == 0;
}

void ha_digest_add(struct ha_digest *d, const struct ha_watch *watch, const struct ha_record *r)
{
    struct ha_witness w;
    if (!r->has_time)
        return;
    struct ha_digest_entry *e = d->count > 0 ? &d->entries[d->count - 1] : NULL;
    bool goes_on = e != NULL && e->status == HA_NO_LINE && e->offset_min == r->offset_min &&
                   (uint64_t)(r->time_us - d->second_us) < (uint64_t)HA_US_PER_S;
    if (!goes_on && !begin_second(d, r))
        return;
    e = &d->entries[d->count - 1];
    bool good = r->status >= 100 && r->status < 400;
    if (good)
        e->good++;
    else
        e->status = ha_class_of(r->status) == 0 ? 0 : r->status;
    if (good && !is_sampled(r))
        return;
    if (ha_witness_of(r, &w) &&
        (!good || w.hash <= atomic_load_explicit(&watch->bound, memory_order_relaxed)))
        add_witness(d, &w);
}

static void hear(void *to, const struct ha_spike_told *told)
{
    struct ha_watch *w = to;
    struct ha_live_who who = {0};
    struct ha_buf json = {0};
    bool over = told->kind == HA_TOLD_END || told->kind == HA_TOLD_SETTLED;
    if (told->kind != HA_TOLD_NONE && (!over || w->command != NULL)) /* a line of an end has none */
        w->failed |= ha_live_evidence_ask(w->evidence, told, &who) != HA_OK;
    if (w->lines)
        ha_live_line(&w->style, told, &who, &w->text);
    if (w->command != NULL) {
        ha_live_json(told, &who, &json);
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
static void take_entry(struct ha_watch *w, const struct ha_digest *d, size_t i, size_t *next)
{
    const struct ha_digest_entry *e = &d->entries[i];
    if (!w->started)
        begin(w, e);
    if (e->good > 0)
        ha_spike_clock_lines(w->clock, e->second, e->good, HA_NO_LINE);
    for (; *next < d->witness_count && d->witnesses[*next].entry == i; ++*next) {
        struct ha_witness one = witness_of(d, &d->witnesses[*next]);
        w->failed |= !ha_live_evidence_add(w->evidence, &one, ha_spike_clock_now(w->clock));
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
    empty(d);
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
