/* following.c - files that are read through rotation. */
#include "following.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "resume.h"

enum { SAVE_EACH = 5 * HA_US_PER_S };

/* How far the reading of a file has come. */
struct reading {
    uint64_t number; /* of the last line that ended; the crew counts on */
    uint64_t before; /* the same before the first one of this run */
    uint64_t bytes;
    struct ha_directives directives; /* in force behind the last block */
};

struct ha_following {
    const struct ha_config *config;
    struct ha_resume *resume; /* NULL: without --resume */
    struct ha_follow *follow;
    struct reading *readings;
    size_t count;
    size_t last;          /* whose block was given last; count: none was */
    int64_t saved_us;     /* when places were kept, */
    uint64_t saved_bytes; /* and how much had been read */
};

static uint64_t bytes_read(const struct ha_following *f)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < f->count; i++)
        sum += f->readings[i].bytes;
    return sum;
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * HA_US_PER_S + t.tv_nsec / 1000;
}

static const char *const *names_of(const struct ha_config *config, size_t *count)
{
    static const char *const standard_input[] = {"-"};
    *count = config->file_count > 0 ? config->file_count : 1;
    return config->file_count > 0 ? config->files : standard_input;
}

/* HA_FOLLOW=poll: as on file systems whose changes the system does not tell; for tests. */
static bool is_told_nothing(void)
{
    const char *how = getenv("HA_FOLLOW");
    return how != NULL && strcmp(how, "poll") == 0;
}

static void take_directives(void *arg, struct ha_view lines)
{
    struct ha_directives *d = arg;
    (void)ha_directives_scan(d, lines);
}

/* From where the last run ended, with the directives that hold there and the number of the line. */
static enum ha_err begin(struct ha_following *f, size_t i, const char *name)
{
    struct reading *r = &f->readings[i];
    if (f->resume == NULL)
        return HA_OK;
    ha_follow_know(f->follow, ha_resume_places(f->resume));
    enum ha_err err = ha_follow_begin_at(f->follow, i, ha_resume_place(f->resume, name));
    if (err == HA_OK)
        err = ha_follow_head(f->follow, i, take_directives, &r->directives);
    r->number = ha_follow_lines(f->follow, i);
    /* The rest of a line that was counted when it began. */
    r->before = r->number + ha_follow_in_line(f->follow, i);
    return err;
}

enum ha_err ha_following_new(const struct ha_config *config, const struct ha_limits *reading,
                             int wake_fd, struct ha_following **out, struct ha_problem *p)
{
    *out = NULL;
    if (!config->follow && config->resume_file == NULL)
        return HA_OK;
    struct ha_following *f = ha_calloc(1, sizeof *f);
    if (f == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
    const char *const *names = names_of(config, &f->count);
    const struct ha_follow_options options = {.limits = *reading,
                                              .wake_fd = wake_fd,
                                              .once = !config->follow,
                                              .is_gone_on_with = config->resume_file != NULL,
                                              .no_notify = is_told_nothing()};
    f->config = config;
    f->last = f->count;
    f->saved_us = now_us();
    f->readings = ha_calloc(f->count, sizeof *f->readings);
    enum ha_err err = config->resume_file != NULL ? ha_resume_open(config, &f->resume, p) : HA_OK;
    if (err == HA_OK) {
        err = f->readings != NULL ? ha_follow_new(names, f->count, &options, &f->follow)
                                  : HA_ERR_MEMORY;
        for (size_t i = 0; i < f->count && err == HA_OK; i++)
            err = begin(f, i, names[i]);
        if (err != HA_OK)
            ha_problem_set(p, err, "", "out of memory");
    }
    if (err != HA_OK)
        ha_following_free(&f);
    *out = f;
    return err;
}

void ha_following_free(struct ha_following **out)
{
    struct ha_following *f = *out;
    if (f == NULL)
        return;
    ha_follow_free(&f->follow);
    ha_resume_free(&f->resume);
    ha_free(f->readings);
    ha_free(f);
    *out = NULL;
}

enum ha_follow_state ha_following_next(struct ha_following *f, struct ha_crew *crew,
                                       struct ha_chunk *into, struct ha_task *task,
                                       struct ha_problem *p)
{
    size_t at = 0;
    enum ha_follow_state state = ha_follow_next(f->follow, into, &task->block, &at, p);
    if (state != HA_FOLLOW_BLOCK)
        return state;
    struct reading *r = &f->readings[at];
    if (at != f->last)
        ha_crew_lead(crew, &r->directives);
    if (task->block.kind == HA_BLOCK_LINES)
        (void)ha_directives_scan(&r->directives, task->block.bytes);
    r->bytes += task->block.bytes.len;
    f->last = at;
    task->source = (uint32_t)at;
    task->lines = &r->number;
    return state;
}

void ha_following_wait(struct ha_following *f)
{
    ha_follow_wait(f->follow);
}

bool ha_following_end(struct ha_following *f)
{
    if (f == NULL || !f->config->follow)
        return false;
    ha_follow_end(f->follow);
    return true;
}

void ha_following_count(const struct ha_following *f, struct ha_report_source *sources)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct reading *r = &f->readings[i];
        uint64_t number = r->number + ha_follow_in_line(f->follow, i);
        sources[i].lines = number > r->before ? number - r->before : 0;
        sources[i].bytes = r->bytes;
    }
}

bool ha_following_is_due(const struct ha_following *f)
{
    const struct ha_config *config = f->config;
    if (f->resume == NULL || !config->follow || config->report || config->threshold_count > 0)
        return false;
    return bytes_read(f) != f->saved_bytes && now_us() - f->saved_us >= SAVE_EACH;
}

enum ha_err ha_following_save(struct ha_following *f, struct ha_problem *p)
{
    if (f->resume == NULL)
        return HA_OK;
    size_t count;
    const char *const *names = names_of(f->config, &count);
    /* Lines that are in a file when the power fails, like the places that say so. It says EINVAL of
     * a pipe or a terminal, where there is nothing to be done. */
    if (f->config->renderer->line != NULL)
        (void)fdatasync(STDOUT_FILENO);
    f->saved_us = now_us();
    f->saved_bytes = bytes_read(f);
    for (size_t i = 0; i < count; i++) {
        struct ha_place place;
        if (!ha_follow_place(f->follow, i, &place))
            continue;
        enum ha_err err = ha_resume_put(f->resume, names[i], &place, p);
        if (err != HA_OK)
            return err;
    }
    return ha_resume_save(f->resume, p);
}
