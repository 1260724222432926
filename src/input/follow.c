/* follow.c - files by name, through rotation: whose turn it is, and waiting. */
#include "httpannotate/follow.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "input/follow_name.h"
#include "input/notify.h"

enum {
    TURN = 64,          /* blocks of a name before others have their turn */
    HEAD_RUN = 1 << 16, /* bytes shown at a time of what was read before */
};
#define MS        INT64_C(1000)
#define TICK      (1000 * MS)       /* all names are looked at as often as this */
#define QUICK     (200 * MS)        /* the same where the system tells nothing, or is not heard */
#define SOON      (50 * MS)         /* while a name changes hands */
#define LATE_TIME (600 * 1000 * MS) /* silence of a late file until it is closed */

/* Each name may need several descriptors: as many as the system grants are taken. */
static void ask_for_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void watch_folders(struct ha_follow *f)
{
    for (size_t i = 0; i < f->count && f->notify >= 0; i++)
        if (!ha_followed_is_stdin(&f->names[i]))
            (void)ha_notify_folder(f->notify, f->names[i].name);
}

enum ha_err ha_follow_new(const char *const *names, size_t count,
                          const struct ha_follow_options *options, struct ha_follow **out)
{
    HA_ASSERT(count > 0);
    struct ha_follow *f = ha_calloc(1, sizeof *f);
    *out = f;
    if (f == NULL)
        return HA_ERR_MEMORY;
    f->options = *options;
    f->notify = -1;
    f->names = ha_calloc(count, sizeof *f->names);
    f->polled = ha_calloc(count + 2, sizeof *f->polled);
    if (f->names == NULL || f->polled == NULL) {
        ha_follow_free(out);
        return HA_ERR_MEMORY;
    }
    f->count = count;
    for (size_t i = 0; i < count; i++)
        f->names[i] =
            (struct ha_followed){.name = names[i], .due = true, .seen_us = ha_follow_epoch_us()};
    ask_for_descriptors();
    if (!options->once && !options->no_notify)
        f->notify = ha_notify_open();
    watch_folders(f);
    f->looked_us = ha_follow_clock_us();
    return HA_OK;
}

void ha_follow_free(struct ha_follow **out)
{
    struct ha_follow *f = *out;
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->count; i++) {
        struct ha_followed *n = &f->names[i];
        while (n->late_count > 0)
            ha_follow_close(f, &n->late[--n->late_count]);
        while (n->next_count > 0)
            ha_follow_close(f, &n->next[--n->next_count]);
        ha_follow_close(f, &n->now);
    }
    if (f->notify >= 0)
        close(f->notify);
    ha_free(f->polled);
    ha_free(f->ids);
    ha_free(f->names);
    ha_free(f);
    *out = NULL;
}

/* Lends the memory to that file alone: what is left in it of another one is copied first. */
static bool lend(struct ha_follow *f, struct ha_held *h, struct ha_chunk *into)
{
    if (f->lent != NULL && f->lent != h->source && ha_source_keep(f->lent) != HA_OK)
        return false;
    f->lent = h->source;
    return ha_source_lend(h->source, into) == HA_OK;
}

/* After a file has nothing more to do at this time. */
static bool put_away(struct ha_follow *f, struct ha_held *h)
{
    if (f->lent == h->source)
        f->lent = NULL;
    return ha_source_keep(h->source) == HA_OK;
}

static bool has_work(const struct ha_held *h)
{
    return h->is_stirred || h->is_cut || h->restarts || h->leaves;
}

/* Lines of others may come next: a line that is given in pieces must not run into them. */
static void part_from_others(const struct ha_follow *f, const struct ha_followed *n,
                             struct ha_held *h)
{
    if ((f->count > 1 || n->late_count > 0 || f->options.once) &&
        ha_source_place(h->source).in_line) {
        h->is_cut = true;
        h->was_in_line = f->options.once;
    }
}

/* HA_FOLLOW_WAIT: the file has nothing to do, or left. */
static enum ha_follow_state work_on(struct ha_follow *f, const struct ha_followed *n,
                                    struct ha_held **h, struct ha_chunk *into,
                                    struct ha_block *block, struct ha_problem *p)
{
    enum ha_held_state state = HA_HELD_IDLE;
    bool enough = lend(f, *h, into);
    while (enough && has_work(*h) && state == HA_HELD_IDLE) {
        state = ha_held_work(*h, block, ha_follow_clock_us(), p);
        if (state == HA_HELD_IDLE)
            part_from_others(f, n, *h);
    }
    if (state == HA_HELD_BLOCK)
        return HA_FOLLOW_BLOCK;
    if (state == HA_HELD_STOP)
        return HA_FOLLOW_STOP;
    enough = enough && put_away(f, *h);
    if (state == HA_HELD_GONE)
        ha_follow_close(f, h);
    if (!enough)
        ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
    return !enough || state == HA_HELD_ERROR ? HA_FOLLOW_ERROR : HA_FOLLOW_WAIT;
}

static enum ha_follow_state advance(struct ha_follow *f, struct ha_followed *n,
                                    struct ha_chunk *into, struct ha_block *block,
                                    struct ha_problem *p)
{
    enum ha_follow_state state = HA_FOLLOW_WAIT;
    if (n->remark != HA_REMARK_NONE)
        return ha_followed_tell_remark(n, p);
    if (n->look && n->late_count < HA_LATE_MOST) { /* a file may have the name for a moment only */
        n->look = false;
        state = ha_followed_step(f, n, p);
    }
    for (size_t i = 0; i < n->late_count && state == HA_FOLLOW_WAIT;) {
        if (has_work(n->late[i]))
            state = work_on(f, n, &n->late[i], into, block, p);
        if (n->late[i] != NULL) {
            i++;
        } else {
            n->late_count--;
            memmove(&n->late[i], &n->late[i + 1], (n->late_count - i) * sizeof *n->late);
        }
    }
    if (state == HA_FOLLOW_WAIT && n->now != NULL && has_work(n->now))
        state = work_on(f, n, &n->now, into, block, p);
    return state == HA_FOLLOW_WAIT ? ha_followed_step(f, n, p) : state;
}

/* A late file that is long silent is closed. */
static void look_at_late(struct ha_held *h, int64_t now_us)
{
    struct stat st;
    h->is_stirred |= fstat(h->fd, &st) == 0 && ha_held_has_more(h, &st);
    if (!h->is_stirred && now_us - h->moved_us > LATE_TIME)
        h->leaves = h->is_cut = true;
}

static void look_at_all(struct ha_follow *f, int64_t now_us)
{
    f->looked_us = now_us;
    watch_folders(f); /* there may be new ones */
    for (size_t i = 0; i < f->count; i++) {
        struct ha_followed *n = &f->names[i];
        n->due = n->look = !n->ended;
        for (size_t k = 0; k < n->late_count; k++)
            look_at_late(n->late[k], now_us);
    }
}

static int64_t tick(const struct ha_follow *f)
{
    return f->notify >= 0 ? TICK : QUICK;
}

/* Whose turn it is: the same name goes on for a while, at first to its end. */
static struct ha_followed *next_due(struct ha_follow *f)
{
    int64_t now_us = ha_follow_clock_us();
    if (!f->options.once && now_us - f->looked_us >= QUICK)
        look_at_all(f, now_us);
    if (f->turn >= TURN) {
        f->turn = 0;
        f->at = f->caught_up ? (f->at + 1) % f->count : f->at;
    }
    for (size_t i = 0; i < f->count; i++) {
        size_t at = (f->at + i) % f->count;
        if (!f->names[at].due)
            continue;
        f->turn = at == f->at ? f->turn : 0;
        f->at = at;
        return &f->names[at];
    }
    return NULL;
}

static bool all_ended(const struct ha_follow *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (!f->names[i].ended)
            return false;
    return true;
}

enum ha_follow_state ha_follow_next(struct ha_follow *f, struct ha_chunk *into,
                                    struct ha_block *block, size_t *name, struct ha_problem *p)
{
    struct ha_followed *n;
    while ((n = next_due(f)) != NULL) {
        enum ha_follow_state state = advance(f, n, into, block, p);
        *name = (size_t)(n - f->names);
        f->turn += state == HA_FOLLOW_BLOCK;
        if (state != HA_FOLLOW_WAIT)
            return state;
    }
    f->caught_up = true;
    return all_ended(f) ? HA_FOLLOW_END : HA_FOLLOW_WAIT;
}

/* Something happened to a file. What happened to none of them happened to a folder. */
static void stir(struct ha_follow *f, int number)
{
    bool found = false;
    for (size_t i = 0; i < f->count; i++) {
        struct ha_followed *n = &f->names[i];
        for (size_t k = 0; k <= n->late_count; k++) {
            struct ha_held *h = k < n->late_count ? n->late[k] : n->now;
            if (h != NULL && h->notify_number == number)
                found = n->due = h->is_stirred = true;
        }
    }
    for (size_t i = 0; i < f->count && !found; i++)
        f->names[i].due = f->names[i].look = !f->names[i].ended;
}

static void take_news(struct ha_follow *f)
{
    int numbers[HA_NOTIFY_MOST], count;
    while ((count = ha_notify_take(f->notify, numbers)) > 0)
        for (int i = 0; i < count; i++)
            stir(f, numbers[i]);
}

void ha_follow_wait(struct ha_follow *f)
{
    int64_t wait_us = f->looked_us + tick(f) - ha_follow_clock_us();
    nfds_t count = 0;
    f->polled[count++] = (struct pollfd){.fd = f->options.wake_fd, .events = POLLIN};
    f->polled[count++] = (struct pollfd){.fd = f->notify, .events = POLLIN};
    for (size_t i = 0; i < f->count; i++) {
        const struct ha_followed *n = &f->names[i];
        bool is_waited_for = n->now != NULL && n->now->is_stream && !n->ended;
        wait_us = n->soon && wait_us > SOON ? SOON : wait_us;
        f->polled[count++] =
            (struct pollfd){.fd = is_waited_for ? n->now->fd : -1, .events = POLLIN};
    }
    if (poll(f->polled, count, wait_us > 0 ? (int)((wait_us + MS - 1) / MS) : 0) < 0)
        return;
    if (f->polled[1].revents != 0)
        take_news(f);
    for (size_t i = 0; i < f->count; i++) {
        struct ha_followed *n = &f->names[i];
        if (f->polled[i + 2].revents != 0)
            n->due = n->now->is_stirred = true;
        n->due |= n->soon;
    }
}

void ha_follow_end(struct ha_follow *f)
{
    for (size_t i = 0; i < f->count && !f->ending; i++) {
        struct ha_followed *n = &f->names[i];
        n->due = !n->ended;
        for (size_t k = 0; k < n->late_count; k++)
            n->late[k]->is_cut = true;
        for (size_t k = 0; k < n->late_count + 1 + n->next_count; k++) {
            struct ha_held *h = k < n->late_count    ? n->late[k]
                                : k == n->late_count ? n->now
                                                     : n->next[k - n->late_count - 1];
            if (h == NULL)
                continue;
            h->is_stirred = true;
            ha_held_stop_here(h);
        }
    }
    f->ending = true;
}

uint64_t ha_follow_lines(const struct ha_follow *f, size_t name)
{
    const struct ha_held *h = ha_followed_first(&f->names[name]);
    return h != NULL ? h->lines : 0;
}

bool ha_follow_in_line(const struct ha_follow *f, size_t name)
{
    const struct ha_held *h = ha_followed_first(&f->names[name]);
    return h != NULL && ha_source_place(h->source).in_line;
}

/* The bytes before `end` from *at on, up to the end of a line; *at moves behind them. */
static bool show_run(int fd, char *run, uint64_t end, uint64_t *at, ha_follow_visit_fn *visit,
                     void *arg)
{
    size_t want = end - *at < HEAD_RUN ? (size_t)(end - *at) : HEAD_RUN;
    ssize_t got = pread(fd, run, want, (off_t)*at);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    const char *last = memrchr(run, '\n', (size_t)got);
    size_t len = last != NULL ? (size_t)(last - run) + 1 : (size_t)got;
    visit(arg, (struct ha_view){run, len});
    *at += len;
    return true;
}

enum ha_err ha_follow_head(struct ha_follow *f, size_t name, ha_follow_visit_fn *visit, void *arg)
{
    const struct ha_held *h = ha_followed_first(&f->names[name]);
    if (h == NULL || h->is_coded || h->trail.offset == 0 ||
        !ha_is_directive((struct ha_view){h->trail.first, HA_TRAIL_BYTES}))
        return HA_OK;
    char *run = ha_alloc(HEAD_RUN);
    if (run == NULL)
        return HA_ERR_MEMORY;
    for (uint64_t at = 0; at < h->trail.offset;)
        if (!show_run(h->fd, run, h->trail.offset, &at, visit, arg))
            break;
    ha_free(run);
    return HA_OK;
}

bool ha_follow_place(const struct ha_follow *f, size_t name, struct ha_place *place)
{
    const struct ha_followed *n = &f->names[name];
    const struct ha_held *h = n->now;
    if (h == NULL || h->is_stream)
        return false;
    for (size_t i = 0; i < n->late_count; i++)
        if (has_work(n->late[i])) /* the rest of it comes first */
            return false;
    *place = ha_held_place(h);
    place->time_us = (uint64_t)n->seen_us;
    return true;
}
