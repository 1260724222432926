/* follow_next.c - files of a name whose turn has not come: nothing of them is lost until then. */
#include "input/follow_name.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file at that place was truncated before it was read. */
static enum ha_err put_copy_before(struct ha_follow *f, struct ha_followed *n, size_t at,
                                   struct ha_problem *p)
{
    struct ha_held *h = n->next[at], *copy = NULL;
    const struct ha_place place = {.device = h->id.device,
                                   .inode = h->id.inode,
                                   .offset = h->peek.offset,
                                   .print = ha_trail_print(&h->peek)};
    struct ha_trail trail;
    int fd =
        n->next_count < HA_NEXT_MOST ? ha_rotated_find(n->name, &place, true, &h->id, &trail) : -1;
    h->peek = (struct ha_trail){0};
    if (fd < 0) {
        n->remark = HA_REMARK_LOST;
        return HA_OK;
    }
    enum ha_err err = ha_followed_hold(f, n, fd, (struct ha_held_start){0}, &copy, p);
    if (err != HA_OK)
        return err;
    copy->is_copy = true;
    memmove(&n->next[at + 1], &n->next[at], (n->next_count - at) * sizeof *n->next);
    n->next[at] = copy;
    n->next_count++;
    return HA_OK;
}

enum ha_err ha_followed_watch_next(struct ha_follow *f, struct ha_followed *n, struct ha_problem *p)
{
    for (size_t i = 0; i < n->next_count; i++) {
        if (ha_held_peek(n->next[i]))
            continue;
        size_t before = n->next_count;
        enum ha_err err = put_copy_before(f, n, i, p);
        if (err != HA_OK)
            return err;
        i += n->next_count - before;
    }
    return HA_OK;
}

/* The clock by which files come to be goes by ticks of the system, of 10 ms at most. */
#define TICK INT64_C(10000)

enum { HELD_MOST = 1 + HA_LATE_MOST + HA_NEXT_MOST };

static size_t all_of(const struct ha_followed *n, const struct ha_held *all[HELD_MOST])
{
    size_t count = 0;
    if (n->now != NULL)
        all[count++] = n->now;
    for (size_t i = 0; i < n->late_count; i++)
        all[count++] = n->late[i];
    for (size_t i = 0; i < n->next_count; i++)
        all[count++] = n->next[i];
    return count;
}

/* A copy of what is read anyway: of a file that is open, or of the one that has the name (fd). */
static bool is_copy_of_any(int former, const struct ha_held *const *all, size_t count, int fd)
{
    struct stat st;
    struct ha_trail whole;
    for (size_t i = 0; i < count; i++) {
        const struct ha_trail *of = all[i]->trail.offset > 0 ? &all[i]->trail : &all[i]->peek;
        if (of->offset > 0 && ha_trail_fits(of, former))
            return true;
    }
    return fstat(former, &st) != 0 || st.st_size <= 0 ||
           !ha_trail_load(&whole, former, (uint64_t)st.st_size) || ha_trail_fits(&whole, fd);
}

enum ha_err ha_followed_add_former(struct ha_follow *f, struct ha_followed *n, int fd,
                                   struct ha_problem *p)
{
    const struct ha_held *all[HELD_MOST];
    struct ha_file_id none_of[HELD_MOST + 1];
    struct stat st;
    int fds[HA_NEXT_MOST];
    bool left_out;
    enum ha_err err = HA_OK;
    if (f->options.once || n->now == NULL || n->now->is_stream || n->known_us == 0 ||
        fstat(fd, &st) != 0)
        return HA_OK;
    size_t count = all_of(n, all);
    for (size_t i = 0; i < count; i++)
        none_of[i] = all[i]->id;
    none_of[count] = (struct ha_file_id){st.st_dev, st.st_ino};
    /* Also none that is older than the newest one: it was read, and is closed by now. */
    const struct ha_held *newest = n->next_count > 0 ? n->next[n->next_count - 1] : n->now;
    int64_t born_us = ha_rotated_born_us(newest->fd), since_us = n->known_us - TICK;
    size_t found = ha_rotated_since(n->name, HA_ROTATED_NUMBERED,
                                    (uint64_t)(born_us > since_us ? born_us : since_us), none_of,
                                    count + 1, fds, HA_NEXT_MOST - 1 - n->next_count, &left_out);
    if (left_out)
        n->remark = HA_REMARK_MANY;
    for (size_t i = 0; i < found; i++) {
        if (err != HA_OK || is_copy_of_any(fds[i], all, count, fd)) {
            close(fds[i]);
            continue;
        }
        err = ha_followed_hold(f, n, fds[i], (struct ha_held_start){0}, &n->next[n->next_count], p);
        n->next_count += err == HA_OK;
    }
    return err;
}
