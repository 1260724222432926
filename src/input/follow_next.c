/* follow_next.c - files of a name whose turn has not come: nothing of them is lost until then. */
#include "input/follow_name.h"

#include <string.h>
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
