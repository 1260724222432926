/* follow_held.c - one open file of a name that is followed. */
#include "input/follow_held.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "httpannotate/scan.h"

/* Behind each read: a file that was truncated and has grown since must not pass for the one before.
 * Bytes that fit now were there when those behind them were read. */
static bool is_still_that(void *arg)
{
    struct ha_held *h = arg;
    struct ha_view left = ha_source_at_hand(h->source);
    char there[HA_TRAIL_BYTES];
    size_t len = left.len < sizeof there ? left.len : sizeof there;
    bool fits = ha_trail_fits(h->trail.offset > 0 ? &h->trail : &h->peek, h->fd) &&
                (len == 0 || (pread(h->fd, there, len, (off_t)h->trail.offset) == (ssize_t)len &&
                              memcmp(there, left.ptr, len) == 0));
    h->is_doubtful = !fits;
    return fits;
}

enum ha_err ha_held_new(const char *name, int fd, const struct ha_held_start *start,
                        const struct ha_limits *limits, int wake_fd, struct ha_held **out,
                        struct ha_problem *p)
{
    struct stat st;
    enum ha_err err = HA_OK;
    struct ha_held *h = ha_calloc(1, sizeof *h);
    *out = h;
    if (h == NULL)
        err = ha_problem_set(p, HA_ERR_MEMORY, name, "out of memory");
    else if (fstat(fd, &st) != 0)
        err = ha_problem_os(p, name, errno);
    if (err == HA_OK) {
        *h = (struct ha_held){.fd = fd,
                              .id = {st.st_dev, st.st_ino},
                              .lines = start->lines,
                              .is_stream = !S_ISREG(st.st_mode),
                              .is_coded = start->is_coded,
                              .is_stirred = true,
                              .stop_at = UINT64_MAX,
                              .moved_us = start->now_us,
                              .notify_number = -1};
        if (start->trail != NULL)
            h->trail = *start->trail;
        const struct ha_growing growing = {.fd = fd,
                                           .is_stream = h->is_stream,
                                           .offset = h->trail.offset,
                                           .in_line = start->in_line,
                                           .is_plain = h->trail.offset > 0 && !h->is_coded,
                                           .is_live = start->is_live,
                                           .check = is_still_that,
                                           .arg = h};
        err = ha_source_adopt(name, &growing, limits, wake_fd, &h->source, p);
    }
    if (err == HA_OK)
        return HA_OK;
    if (fd > STDIN_FILENO)
        close(fd);
    ha_free(h);
    *out = NULL;
    return err;
}

void ha_held_free(struct ha_held **out)
{
    if (*out == NULL)
        return;
    ha_source_close(&(*out)->source);
    ha_free(*out);
    *out = NULL;
}

static void gave(struct ha_held *h, const struct ha_block *block, int64_t now_us)
{
    if (!ha_source_place(h->source).is_coded) {
        ha_trail_add(&h->trail, block->bytes);
        h->peek.offset = 0;
        h->is_coded = false;
    }
    h->was_in_line = h->was_in_line && block->bytes.len == 0;
    bool sharp;
    h->lines += ha_count_newlines(block->bytes, &sharp);
    h->moved_us = now_us;
}

/* Compressed data was read to its end: that is its place. */
static void settle_end(struct ha_held *h)
{
    struct ha_source_place place = ha_source_place(h->source);
    h->is_at_end = true;
    h->is_coded = place.is_coded;
    if (place.is_coded && !ha_trail_load(&h->trail, h->fd, place.offset))
        h->has_failed = true;
}

static enum ha_held_state read_on(struct ha_held *h, struct ha_block *block, struct ha_problem *p)
{
    enum ha_source_state state = HA_SOURCE_IDLE;
    if (ha_held_read_up_to(h) < h->stop_at || h->is_coded)
        state = ha_source_next(h->source, block, p);
    switch (state) {
    case HA_SOURCE_BLOCK:
        return HA_HELD_BLOCK;
    case HA_SOURCE_STOP:
        return HA_HELD_STOP;
    case HA_SOURCE_ERROR:
        h->is_stirred = false;
        h->has_failed = true;
        h->is_refused = p->err == HA_ERR_IO && p->os_error == 0;
        return HA_HELD_ERROR;
    case HA_SOURCE_END:
        settle_end(h);
        break;
    case HA_SOURCE_IDLE:
        break;
    }
    h->is_stirred = false;
    return HA_HELD_IDLE;
}

static enum ha_held_state begin_again(struct ha_held *h, struct ha_problem *p)
{
    h->restarts = h->is_doubtful = h->is_coded = h->is_sized = false;
    h->trail = h->peek = (struct ha_trail){0};
    h->size = 0;
    h->seen = (struct timespec){0};
    h->lines = 0;
    h->is_stirred = ha_source_restart(h->source);
    if (h->is_stirred)
        return HA_HELD_IDLE;
    h->has_failed = true;
    ha_problem_os(p, "", errno);
    return HA_HELD_ERROR;
}

enum ha_held_state ha_held_work(struct ha_held *h, struct ha_block *block, int64_t now_us,
                                struct ha_problem *p)
{
    enum ha_held_state state = HA_HELD_IDLE;
    while (state == HA_HELD_IDLE) {
        if (h->is_stirred && !h->restarts && !h->is_at_end && !h->has_failed) {
            state = read_on(h, block, p);
        } else if (h->is_cut) {
            h->is_cut = false;
            state = ha_source_cut(h->source, block) ? HA_HELD_BLOCK : HA_HELD_IDLE;
        } else if (h->restarts) {
            state = begin_again(h, p);
        } else {
            h->is_stirred = false;
            break;
        }
    }
    if (state == HA_HELD_BLOCK)
        gave(h, block, now_us);
    return state == HA_HELD_IDLE && h->leaves ? HA_HELD_GONE : state;
}

struct ha_place ha_held_place(const struct ha_held *h)
{
    return (struct ha_place){.device = h->id.device,
                             .inode = h->id.inode,
                             .offset = h->trail.offset,
                             .lines = h->lines,
                             .print = ha_trail_print(&h->trail),
                             .in_line = h->was_in_line || ha_source_place(h->source).in_line,
                             .coded = h->is_coded};
}

uint64_t ha_held_read_up_to(const struct ha_held *h)
{
    return h->trail.offset + ha_source_at_hand(h->source).len;
}

bool ha_held_has_more(const struct ha_held *h, const struct stat *st)
{
    uint64_t size = (uint64_t)st->st_size;
    return (size < h->stop_at ? size : h->stop_at) > ha_held_read_up_to(h);
}

bool ha_held_peek(struct ha_held *h)
{
    struct stat st;
    struct ha_trail now;
    if (h->is_stream || h->trail.offset > 0 || fstat(h->fd, &st) != 0)
        return true;
    uint64_t size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
    bool is_taken = size >= h->peek.offset && ha_trail_load(&now, h->fd, size);
    /* Behind that: bytes that fit now were there when the others were taken. */
    if (!ha_trail_fits(&h->peek, h->fd))
        return false;
    if (is_taken)
        h->peek = now;
    return true;
}

void ha_held_stop_here(struct ha_held *h)
{
    struct stat st;
    int waiting = 0;
    if (h->is_stream)
        h->stop_at = ha_held_read_up_to(h) +
                     (ioctl(h->fd, FIONREAD, &waiting) == 0 && waiting > 0 ? (size_t)waiting : 0);
    else if (fstat(h->fd, &st) == 0)
        h->stop_at = (uint64_t)st.st_size;
}

bool ha_held_is_as_read(struct ha_held *h, const struct stat *st)
{
    h->is_sized |= st->st_size > 0;
    char first;
    if (!h->is_sized) /* a file of the system, or one that was truncated before its first look */
        return (ha_held_read_up_to(h) == 0 && h->peek.offset == 0) ||
               pread(h->fd, &first, 1, 0) != 0;
    uint64_t least = h->trail.offset > 0 ? 0 : h->peek.offset;
    if (ha_held_read_up_to(h) > least)
        least = ha_held_read_up_to(h);
    if (st->st_size < 0 || (uint64_t)st->st_size < least)
        return false;
    bool changed = st->st_ctim.tv_sec != h->seen.tv_sec || st->st_ctim.tv_nsec != h->seen.tv_nsec;
    if (!changed && !h->is_doubtful)
        return true;
    h->seen = st->st_ctim;
    return is_still_that(h);
}
