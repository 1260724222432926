/* follow_name.c - the files of one name that is followed. */
#include "input/follow_name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "input/follow_step.h"
#include "input/notify.h"

static int64_t clock_us(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return now.tv_sec * HA_US_PER_S + now.tv_nsec / 1000;
}

int64_t ha_follow_clock_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

int64_t ha_follow_epoch_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

void ha_follow_close(struct ha_follow *f, struct ha_held **h)
{
    if (*h == NULL)
        return;
    ha_notify_drop(f->notify, (*h)->notify_number);
    if (f->lent == (*h)->source)
        f->lent = NULL;
    ha_held_free(h);
}

bool ha_followed_is_stdin(const struct ha_followed *n)
{
    return strcmp(n->name, "-") == 0;
}

struct ha_held *ha_followed_first(const struct ha_followed *n)
{
    return n->late_count > 0 ? n->late[0] : n->now;
}

/* A pipe of a name is held open for writing, too, so that it does not end when its writers go; not
 * what is open already under a name of the system's. */
static int access_of(const char *name)
{
    struct stat st;
    bool is_of_system = strncmp(name, "/dev/", 5) == 0 || strncmp(name, "/proc/", 6) == 0;
    return !is_of_system && stat(name, &st) == 0 && S_ISFIFO(st.st_mode) ? O_RDWR : O_RDONLY;
}

int ha_followed_open(const struct ha_followed *n, struct stat *st)
{
    int fd = STDIN_FILENO;
    if (!ha_followed_is_stdin(n))
        fd = open(n->name, access_of(n->name) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -1;
    int failed = fstat(fd, st) != 0 ? errno : S_ISDIR(st->st_mode) ? EISDIR : 0;
    if (failed == 0)
        return fd;
    if (fd > STDIN_FILENO)
        close(fd);
    errno = failed;
    return -1;
}

enum ha_err ha_followed_hold(struct ha_follow *f, const struct ha_followed *n, int fd,
                             struct ha_held_start start, struct ha_held **out, struct ha_problem *p)
{
    start.is_live = !f->options.once;
    start.now_us = ha_follow_clock_us();
    const char *name = ha_followed_is_stdin(n) ? "standard input" : n->name;
    enum ha_err err = ha_held_new(name, fd, &start, &f->options.limits, f->options.wake_fd, out, p);
    if (err == HA_OK)
        (void)ha_held_peek(*out); /* there is nothing to compare with yet */
    if (err == HA_OK && f->ending)
        ha_held_stop_here(*out);
    if (err == HA_OK && !(*out)->is_stream)
        (*out)->notify_number = ha_notify_file(f->notify, fd);
    return err;
}

void ha_followed_push_late(struct ha_followed *n, struct ha_held *h)
{
    HA_ASSERT(n->late_count < HA_LATE_MOST);
    n->late[n->late_count++] = h;
    if (n->late_count == HA_LATE_MOST)
        n->late[0]->leaves = n->late[0]->is_cut = true;
}

/* The name no longer leads to its file: the next one has its turn, if there is one. */
static void retire(struct ha_follow *f, struct ha_followed *n, bool for_good)
{
    struct ha_held *h = n->now;
    h->is_cut = true;
    h->leaves = for_good || f->options.once || h->has_failed || h->is_copy;
    ha_followed_push_late(n, h);
    n->now = n->next_count > 0 ? n->next[0] : NULL;
    n->next_count -= n->next_count > 0;
    memmove(n->next, n->next + 1, n->next_count * sizeof *n->next);
    n->away_since_us = n->filled_since_us = 0;
    if (n->now != NULL)
        n->now->moved_us = ha_follow_clock_us();
}

static bool is_missing(int error)
{
    return error == ENOENT || error == ENOTDIR;
}

/* It could not be opened: told once, until it can be or fails in another way. */
static enum ha_follow_state tell_unopened(const struct ha_follow *f, struct ha_followed *n,
                                          int error, struct ha_problem *p)
{
    const char *name = ha_followed_is_stdin(n) ? "standard input"
                       : n->name[0] != '\0'    ? n->name
                                               : "''";
    /* What is no log from the start is a mistake, and nobody waits for it to become one. */
    bool for_good = f->options.once || ha_followed_is_stdin(n) || (error == EISDIR && !n->was_open);
    if (n->now == NULL) {
        n->due = false;
        n->ended = for_good || f->ending;
    }
    if (n->told == error || (is_missing(error) && n->was_open))
        return HA_FOLLOW_WAIT;
    n->told = error;
    ha_problem_os(p, name, error);
    if (for_good || !is_missing(error))
        return HA_FOLLOW_ERROR;
    ha_problem_set(p, HA_OK, name, "is not there yet; waiting for it");
    return HA_FOLLOW_NOTE;
}

/* Standard input that is a file goes on from where it stands. */
static const struct ha_trail *trail_of_stdin(const struct ha_followed *n, const struct stat *st,
                                             struct ha_trail *trail)
{
    off_t at =
        ha_followed_is_stdin(n) && S_ISREG(st->st_mode) ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
    return at > 0 && ha_trail_load(trail, STDIN_FILENO, (uint64_t)at) ? trail : NULL;
}

/* A file that had the name before may have it again: it is read on. False when it is none. */
static bool take_back(struct ha_followed *n, const struct stat *st)
{
    for (size_t i = 0; i < n->late_count; i++) {
        struct ha_held *h = n->late[i];
        if (h->leaves || h->id.device != st->st_dev || h->id.inode != st->st_ino)
            continue;
        n->late_count--;
        memmove(&n->late[i], &n->late[i + 1], (n->late_count - i) * sizeof *n->late);
        if (n->now == NULL)
            n->now = h;
        else
            n->next[n->next_count++] = h;
        return true;
    }
    return false;
}

/* As the file to be read now where there is none, else as the next one. */
static enum ha_follow_state open_one(struct ha_follow *f, struct ha_followed *n,
                                     struct ha_problem *p)
{
    struct stat st;
    struct ha_trail trail;
    int64_t looked_us = ha_follow_epoch_us();
    int fd = ha_followed_open(n, &st);
    if (fd < 0)
        return tell_unopened(f, n, errno, p);
    if (f->options.once && !S_ISREG(st.st_mode)) {
        close(fd);
        n->due = false;
        n->ended = true;
        ha_problem_set(p, HA_ERR_IO, n->name, "is no file: it has no place to go on from");
        return HA_FOLLOW_ERROR;
    }
    if (f->ending && !S_ISREG(st.st_mode)) { /* nobody was heard there yet */
        if (fd > STDIN_FILENO)
            close(fd);
        n->ended = n->now == NULL;
        n->due = !n->ended;
        return HA_FOLLOW_WAIT;
    }
    if (take_back(n, &st)) {
        close(fd);
        return HA_FOLLOW_WAIT;
    }
    if (ha_followed_add_former(f, n, fd, p) != HA_OK) {
        close(fd);
        return HA_FOLLOW_ERROR;
    }
    struct ha_held_start start = {.trail = trail_of_stdin(n, &st, &trail)};
    struct ha_held **to = n->now == NULL ? &n->now : &n->next[n->next_count];
    if (ha_followed_hold(f, n, fd, start, to, p) != HA_OK) {
        n->due = false;
        n->ended = true;
        return HA_FOLLOW_ERROR;
    }
    n->next_count += to != &n->now;
    n->files++;
    n->known_us = looked_us;
    n->was_open = true;
    n->told = 0;
    return HA_FOLLOW_WAIT;
}

/* The file was truncated. What came between is in the copy that was made of it, if there is one. */
static enum ha_follow_state restart(struct ha_follow *f, struct ha_followed *n,
                                    struct ha_problem *p)
{
    struct ha_held *h = n->now, *copy = NULL;
    struct ha_place place = ha_held_place(h);
    struct ha_trail trail;
    bool is_unread = h->trail.offset == 0;
    if (is_unread) {
        place.offset = h->peek.offset;
        place.print = ha_trail_print(&h->peek);
    }
    int fd = ha_followed_is_stdin(n) ? -1 : ha_rotated_find(n->name, &place, true, &h->id, &trail);
    h->restarts = true;
    h->is_stirred = false;
    h->is_cut = fd < 0;
    if (fd < 0 && (h->size > ha_held_read_up_to(h) || place.offset > ha_held_read_up_to(h)))
        n->remark = HA_REMARK_LOST;
    if (fd < 0)
        return HA_FOLLOW_WAIT;
    const struct ha_held_start start = {
        .trail = is_unread ? NULL : &trail, .lines = h->lines, .in_line = place.in_line};
    if (ha_followed_hold(f, n, fd, start, &copy, p) != HA_OK) {
        h->is_cut = true;
        return HA_FOLLOW_ERROR;
    }
    copy->leaves = copy->is_cut = true;
    ha_followed_push_late(n, copy);
    return HA_FOLLOW_WAIT;
}

/* Notes since when it has been so; how long that is. */
static int64_t time_usince(bool is_so, int64_t *since_us, int64_t now_us)
{
    if (!is_so)
        *since_us = 0;
    else if (*since_us == 0)
        *since_us = now_us;
    return is_so ? now_us - *since_us : 0;
}

/* Whether the name leads to a file, and whether to the newest that is open. Where that cannot be
 * told it is taken for that one; with none, opening it says what is wrong. */
static void see_name(const struct ha_followed *n, struct ha_sight *s)
{
    struct stat st;
    const struct ha_held *newest = n->next_count > 0 ? n->next[n->next_count - 1] : n->now;
    s->there = s->known = true;
    if (ha_followed_is_stdin(n) || (n->now != NULL && n->now->is_stream))
        return;
    if (stat(n->name, &st) != 0)
        s->there = s->known = !is_missing(errno);
    else
        s->known =
            newest != NULL && st.st_dev == newest->id.device && st.st_ino == newest->id.inode;
}

static struct ha_sight see(const struct ha_follow *f, struct ha_followed *n)
{
    struct ha_held *h = n->now;
    struct stat own;
    struct ha_sight s = {.once = f->options.once || f->ending,
                         .open = h != NULL,
                         .next = n->next_count > 0,
                         .many = n->next_count == HA_NEXT_MOST};
    int64_t now_us = ha_follow_clock_us();
    int64_t looked_us = ha_follow_epoch_us();
    see_name(n, &s);
    if (s.there && s.known && h != NULL)
        n->known_us = looked_us;
    if (s.there && s.known && !s.next)
        n->seen_us = looked_us;
    if (h == NULL)
        return s;
    s.filled = n->next_count > 1 || (s.next && fstat(n->next[0]->fd, &own) == 0 && own.st_size > 0);
    s.away_us = time_usince(s.next || !s.known, &n->away_since_us, now_us);
    s.filled_us = time_usince(s.filled, &n->filled_since_us, now_us);
    s.half_line = ha_source_half_line(h->source);
    s.quiet_us = now_us - h->moved_us;
    if (h->is_stream || h->is_at_end || h->has_failed || fstat(h->fd, &own) != 0)
        return s;
    s.unlinked = own.st_nlink == 0;
    s.changed = !ha_held_is_as_read(h, &own);
    if (s.changed && h->is_copy) { /* overwritten by another copy */
        h->has_failed = true;
        n->remark = HA_REMARK_LOST;
        s.changed = false;
        return s;
    }
    h->size = s.changed ? h->size : (uint64_t)own.st_size;
    s.more = ha_held_has_more(h, &own);
    return s;
}

/* There is nothing to do but to wait. */
static enum ha_follow_state settle(struct ha_follow *f, struct ha_followed *n,
                                   const struct ha_sight *s, struct ha_problem *p)
{
    struct ha_held *h = n->now;
    if (h == NULL)
        return tell_unopened(f, n, ENOENT, p);
    /* A last line may lack its end; of a file that is gone no run will see it. */
    h->is_cut = f->ending && s->half_line && (!f->options.is_gone_on_with || s->unlinked);
    if (h->is_cut)
        return HA_FOLLOW_WAIT;
    bool has_no_other = h->is_stream || ha_followed_is_stdin(n) || (h->is_refused && n->files == 1);
    n->due = n->remark != HA_REMARK_NONE;
    n->soon = ha_follow_soon(s);
    n->ended = s->once || h->is_at_end || (h->has_failed && has_no_other);
    return HA_FOLLOW_WAIT;
}

enum ha_follow_state ha_followed_step(struct ha_follow *f, struct ha_followed *n,
                                      struct ha_problem *p)
{
    if (ha_followed_watch_next(f, n, p) != HA_OK)
        return HA_FOLLOW_ERROR;
    struct ha_sight s = see(f, n);
    size_t before = n->next_count;
    enum ha_step step = ha_follow_step(&s);
    if (step == HA_STEP_OPEN) {
        enum ha_follow_state state = open_one(f, n, p);
        if (!s.open || n->next_count > before || state != HA_FOLLOW_WAIT)
            return state;
        s.known = true; /* it cannot be opened, as was told: the one that is open is read on */
        step = ha_follow_step(&s);
    }
    switch (step) {
    case HA_STEP_OPEN:
    case HA_STEP_WAIT:
        break;
    case HA_STEP_READ:
        n->now->is_stirred = true;
        return HA_FOLLOW_WAIT;
    case HA_STEP_RESTART:
        return restart(f, n, p);
    case HA_STEP_SWITCH:
        retire(f, n, false);
        return HA_FOLLOW_WAIT;
    case HA_STEP_DROP:
        retire(f, n, true);
        return HA_FOLLOW_WAIT;
    }
    return settle(f, n, &s, p);
}

enum ha_follow_state ha_followed_tell_remark(struct ha_followed *n, struct ha_problem *p)
{
    static const char *const texts[] = {
        [HA_REMARK_GONE] =
            "the file that the last run read is gone, or was truncated: what has the name now is "
            "read from its beginning, and lines that the other one got meanwhile are not seen",
        [HA_REMARK_MANY] = "was rotated more often since it was read last than is looked back: "
                           "lines in between are not seen",
        [HA_REMARK_EMPTY] =
            "was empty at the last run, was changed since, and is empty: lines that "
            "it got meanwhile, if any, are not seen",
        [HA_REMARK_LOST] = "was truncated before all of it was read, and no copy of it is there: "
                           "lines are missing",
    };
    ha_problem_set(p, HA_OK, n->name, "%s", texts[n->remark]);
    n->remark = HA_REMARK_NONE;
    return HA_FOLLOW_NOTE;
}
