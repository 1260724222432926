/* watch.c - spikes are told while the log is read. */
#include "watch.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit.h"
#include "on_spike.h"
#include "watch_parts.h"

/* ---- digests ---- */

static int64_t second_of(int64_t time_us)
{
    return time_us / HA_US_PER_S - (time_us % HA_US_PER_S < 0);
}

static struct ha_digest_entry *one_more(struct ha_digest *d)
{
    enum { FIRST = 256 };
    if (d->count == d->cap) {
        size_t cap = d->cap == 0 ? FIRST : 2 * d->cap;
        struct ha_digest_entry *grown = ha_realloc(d->entries, cap * sizeof *grown);
        if (grown == NULL) {
            d->failed = true;
            return NULL;
        }
        d->entries = grown;
        d->cap = cap;
    }
    return &d->entries[d->count++];
}

void ha_digest_add(struct ha_digest *d, const struct ha_record *r)
{
    if (!r->has_time)
        return;
    int64_t second = second_of(r->time_us);
    struct ha_digest_entry *e = d->count > 0 ? &d->entries[d->count - 1] : NULL;
    bool goes_on = e != NULL && e->second == second && e->status == HA_NO_LINE &&
                   e->offset_min == r->offset_min && e->good < UINT32_MAX;
    if (!goes_on) {
        e = one_more(d);
        if (e == NULL)
            return;
        *e = (struct ha_digest_entry){second, 0, HA_NO_LINE, r->offset_min};
    }
    int class = ha_class_of(r->status);
    if (class >= 1 && class <= 3)
        e->good++;
    else
        e->status = class == 0 ? 0 : r->status;
}

void ha_digest_free(struct ha_digest *d)
{
    ha_free(d->entries);
    *d = (struct ha_digest){0};
}

/* ---- the watch ---- */

struct ha_watch {
    struct ha_spike_clock *clock;
    bool lines;                  /* told on standard error */
    struct ha_on_spike *command; /* NULL: none */
    struct ha_live_style style;
    struct ha_buf text; /* to be told */
    bool started, failed;
};

static void hear(void *to, const struct ha_spike_told *told)
{
    struct ha_watch *w = to;
    if (w->lines)
        ha_live_line(&w->style, told, &w->text);
    if (w->command == NULL)
        return;
    struct ha_buf json = {0};
    ha_live_json(told, &json);
    if (ha_buf_ok(&json))
        w->failed |=
            !ha_on_spike_run(w->command, told->group, (struct ha_view){json.ptr, json.len});
    else
        w->failed = true;
    ha_buf_free(&json);
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

enum ha_err ha_watch_new(const struct ha_config *config, struct ha_watch **out,
                         struct ha_problem *p)
{
    *out = NULL;
    bool lines = config->renderer->line != NULL || somebody_looks_on(config);
    if (config->spikes.off || (!lines && config->on_spike == NULL))
        return HA_OK;
    struct ha_watch *w = ha_calloc(1, sizeof *w);
    enum ha_err err = HA_ERR_MEMORY;
    if (w != NULL) {
        w->lines = lines;
        w->style.colour = ha_colour_on(config->colour, STDERR_FILENO);
        err = ha_spike_clock_new(&config->spikes, hear, w, &w->clock);
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
    ha_buf_free(&w->text);
    ha_free(w);
    *out = NULL;
}

static void begin(struct ha_watch *w, const struct ha_digest_entry *e)
{
    w->started = true;
    w->style.offset_min = e->offset_min;
    ha_live_begin(&w->style, e->second);
}

bool ha_watch_take(struct ha_watch *w, struct ha_digest *d)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct ha_digest_entry *e = &d->entries[i];
        if (!w->started)
            begin(w, e);
        w->style.offset_min = e->offset_min;
        ha_spike_clock_lines(w->clock, e->second, e->good, e->status);
    }
    d->count = 0;
    w->failed |= d->failed;
    return w->text.len > 0;
}

void ha_watch_tell(struct ha_watch *w)
{
    if (!ha_buf_ok(&w->text))
        w->failed = true;
    else if (w->text.len > 0)
        (void)ha_write_all(STDERR_FILENO, w->text.ptr, w->text.len); /* nobody could be told */
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
