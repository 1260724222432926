/* follow_begin.c - where the reading of a name begins: where the last run ended, whatever became of
 * the file since. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "input/codec.h"
#include "input/follow_name.h"
#include "input/unpacked.h"

void ha_follow_know(struct ha_follow *f, const struct ha_places *places)
{
    f->places = places;
}

/* The bytes before the place are those that were read. */
static bool has_print(int fd, const struct stat *st, const struct ha_place *place,
                      struct ha_trail *trail)
{
    return (uint64_t)st->st_size >= place->offset && ha_trail_load(trail, fd, place->offset) &&
           ha_trail_print(trail) == place->print;
}

/* The file is the one of the place, and holds what was read. */
static bool is_of_place(int fd, const struct stat *st, const struct ha_place *place,
                        struct ha_trail *trail)
{
    /* The number of a device may be another one after a restart; the bytes decide. */
    return st->st_ino == place->inode && (st->st_dev == place->device || place->offset > 0) &&
           has_print(fd, st, place, trail);
}

/* The name leads to the file of the place, and that holds what was read. */
static bool leads_to(const char *name, const struct ha_place *place)
{
    struct stat st;
    struct ha_trail trail;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool same = fd >= 0 && fstat(fd, &st) == 0 && is_of_place(fd, &st, place, &trail);
    if (fd >= 0)
        close(fd);
    return same;
}

/* The furthest place that is known of the file that has the name now, whatever its name was; else
 * of one that it is the copy of, and that was truncated or is gone. NULL: none. */
static const struct ha_place *known_place(const struct ha_follow *f, const struct ha_followed *n,
                                          int fd, const struct stat *st, struct ha_trail *trail)
{
    const struct ha_place *known = NULL;
    struct ha_trail found;
    size_t count = f->places != NULL ? f->places->count : 0;
    for (int copies = 0; copies < 2 && known == NULL; copies++) {
        for (size_t i = 0; i < count; i++) {
            const struct ha_place *one = &f->places->items[i];
            if (one->offset <= (known != NULL ? known->offset : 0))
                continue; /* of a file that was empty there is nothing to be known */
            bool is_it = copies ? ha_rotated_is_like(n->name, one->name) &&
                                      has_print(fd, st, one, &found) && !leads_to(one->name, one)
                                : is_of_place(fd, st, one, &found);
            if (!is_it)
                continue;
            known = one;
            *trail = found;
        }
    }
    return known;
}

/* Files that names lead to are read under those, and are looked for under no other. */
static enum ha_err look_at_names(struct ha_follow *f)
{
    struct stat st;
    if (f->ids != NULL)
        return HA_OK;
    f->ids = ha_calloc(f->count + 2, sizeof *f->ids);
    if (f->ids == NULL)
        return HA_ERR_MEMORY;
    for (size_t i = 0; i < f->count; i++)
        if (stat(f->names[i].name, &st) == 0)
            f->ids[i] = (struct ha_file_id){st.st_dev, st.st_ino};
    return HA_OK;
}

static bool has_other_name(const struct ha_follow *f, const struct ha_followed *n, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return false;
    for (size_t i = 0; i < f->count; i++)
        if (&f->names[i] != n && f->ids[i].device == st.st_dev && f->ids[i].inode == st.st_ino)
            return true;
    return false;
}

/* Whether the file of the place is read under one of the names; another one may have its inode. */
static bool has_a_name(const struct ha_follow *f, const struct ha_place *place)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->ids[i].inode == place->inode && leads_to(f->names[i].name, place))
            return true;
    return false;
}

/* It is read behind those that are open already. */
static void line_up(struct ha_followed *n, struct ha_held *h)
{
    if (n->now == NULL)
        n->now = h;
    else
        n->next[n->next_count++] = h;
}

/* The file begins with all that the other one holds, which is a copy of what still stands there. */
static bool begins_with(int fd, int other)
{
    struct stat st;
    struct ha_trail all;
    return fd >= 0 && fstat(other, &st) == 0 && ha_trail_load(&all, other, (uint64_t)st.st_size) &&
           ha_trail_fits(&all, fd);
}

/* The files that had the name between the one of the place (opened as `old`, or not) and the one
 * that has it now (fd; -1: none), and copies of what that held until it was truncated. */
static enum ha_err add_those_between(struct ha_follow *f, struct ha_followed *n,
                                     const struct ha_place *place, const struct ha_held *old,
                                     int fd, struct ha_problem *p)
{
    int fds[HA_NEXT_MOST - 1];
    bool left_out;
    enum ha_err err = HA_OK;
    f->ids[f->count] = (struct ha_file_id){place->device, place->inode};
    f->ids[f->count + 1] = old != NULL ? old->id : f->ids[f->count];
    size_t count = ha_rotated_since(n->name, HA_ROTATED_NUMBERED, place->time_us, f->ids,
                                    f->count + 2, fds, HA_COUNT(fds), &left_out);
    if (left_out)
        n->remark = HA_REMARK_MANY;
    for (size_t i = 0; i < count; i++) {
        struct ha_held *h = NULL;
        if (err != HA_OK || begins_with(fd, fds[i])) {
            close(fds[i]);
            continue;
        }
        err = ha_followed_hold(f, n, fds[i], (struct ha_held_start){0}, &h, p);
        if (err == HA_OK)
            line_up(n, h);
    }
    return err;
}

static enum ha_err hold_from(struct ha_follow *f, struct ha_followed *n, int fd,
                             const struct ha_place *place, const struct ha_trail *trail,
                             struct ha_held **out, struct ha_problem *p)
{
    const struct ha_held_start start = {
        .trail = trail, .lines = place->lines, .in_line = place->in_line, .is_coded = place->coded};
    enum ha_err err = ha_followed_hold(f, n, fd, start, out, p);
    n->was_open |= err == HA_OK;
    return err;
}

/* Any copy of it may be what the last run found empty: there is nothing that would prove it. */
static enum ha_err begin_at_nothing(struct ha_follow *f, struct ha_followed *n,
                                    const struct ha_place *place, int fd, const struct stat *st,
                                    struct ha_problem *p)
{
    const struct ha_file_id own = {st->st_dev, st->st_ino};
    int64_t changed_us = st->st_mtim.tv_sec * HA_US_PER_S + st->st_mtim.tv_nsec / 1000;
    int copy;
    bool left_out;
    if (st->st_size == 0 && changed_us > (int64_t)place->time_us) {
        if (ha_rotated_since(n->name, HA_ROTATED_NUMBERED, place->time_us, &own, 1, &copy, 1,
                             &left_out) > 0)
            close(copy);
        else
            n->remark = HA_REMARK_EMPTY;
    }
    return add_those_between(f, n, place, NULL, fd, p);
}

static bool is_packed(int fd)
{
    char first[16];
    bool undecided;
    ssize_t got = pread(fd, first, sizeof first, 0);
    return got > 0 && ha_codec_find((struct ha_view){first, (size_t)got}, &undecided) != NULL;
}

/* What the name leads to (fd) is unknown, but may be what became of a file that was read under
 * whatever name, and is under none now. The furthest place in its plain bytes, which *plain then
 * has, as ha_unpacked gives them; or NULL. */
static const struct ha_place *place_in_packed(const struct ha_follow *f,
                                              const struct ha_followed *n, int fd, int *plain,
                                              struct ha_trail *trail)
{
    const struct ha_place *known = NULL;
    struct ha_trail found;
    size_t count = f->places != NULL && is_packed(fd) ? f->places->count : 0;
    for (size_t i = 0; i < count; i++) {
        const struct ha_place *one = &f->places->items[i];
        if (one->offset <= (known != NULL ? known->offset : 0) || has_a_name(f, one) ||
            !ha_rotated_are_kin(n->name, one->name))
            continue;
        int unpacked = ha_unpacked(fd, one, &f->options.limits, &found);
        if (unpacked < 0)
            continue;
        if (known != NULL)
            close(*plain);
        known = one;
        *plain = unpacked;
        *trail = found;
    }
    return known;
}

/* The rest of what was compressed comes first; then what will be added to the file. */
static enum ha_err begin_in_packed(struct ha_follow *f, struct ha_followed *n, int fd,
                                   const struct ha_place *place, int plain,
                                   const struct ha_trail *trail, struct ha_problem *p)
{
    struct stat st;
    struct ha_trail all;
    struct ha_held *rest, *h;
    enum ha_err err = HA_ERR_IO;
    if (fstat(fd, &st) == 0 && ha_trail_load(&all, fd, (uint64_t)st.st_size))
        err = hold_from(f, n, plain, place, trail, &rest, p);
    else
        close(plain);
    if (err != HA_OK) {
        close(fd);
        return err;
    }
    rest->id =
        (struct ha_file_id){place->device, place->inode}; /* its plain bytes lie in no file */
    rest->leaves = rest->is_cut = true;
    ha_followed_push_late(n, rest);
    err =
        ha_followed_hold(f, n, fd, (struct ha_held_start){.trail = &all, .is_coded = true}, &h, p);
    if (err == HA_OK)
        line_up(n, h);
    return err;
}

/* The file of the place was compressed. Others of its kind may have had the name after it, or
 * before it: that cannot be told. */
static int find_unpacked(struct ha_follow *f, struct ha_followed *n, const struct ha_place *place,
                         struct ha_trail *trail, bool *has_name)
{
    int fds[HA_NEXT_MOST], found = -1;
    size_t others = 0; /* that are not read */
    bool left_out;
    size_t count = ha_rotated_since(n->name, HA_ROTATED_PACKED, place->time_us, NULL, 0, fds,
                                    HA_COUNT(fds), &left_out);
    for (size_t i = 0; i < count; i++) {
        bool is_named = has_other_name(f, n, fds[i]);
        int plain = found < 0 ? ha_unpacked(fds[i], place, &f->options.limits, trail) : -1;
        if (found < 0)
            *has_name = is_named;
        others += plain < 0 && !is_named;
        found = found < 0 ? plain : found;
        close(fds[i]);
    }
    if (found >= 0 && others > 0)
        n->remark = HA_REMARK_MANY;
    return found;
}

/* Another file than the place speaks of has the name (fd, *now), or none (-1, NULL), or the same
 * one with other bytes. `known`: of the one that has the name now a place is known, too. */
static enum ha_err begin_elsewhere(struct ha_follow *f, struct ha_followed *n,
                                   const struct ha_place *place, int fd,
                                   const struct ha_file_id *now, bool known, struct ha_problem *p)
{
    struct ha_trail trail;
    struct ha_held *old = NULL;
    int found = ha_rotated_find(n->name, place, true, now, &trail);
    bool has_name = found >= 0 && has_other_name(f, n, found), was_packed = false;
    if (found < 0 && !known) {
        found = find_unpacked(f, n, place, &trail, &has_name);
        was_packed = found >= 0;
    }
    if (found >= 0 && has_name) {
        close(found);
        n->was_open = true;
        return add_those_between(f, n, place, NULL, fd, p);
    }
    if (found < 0) {
        enum ha_err err = add_those_between(f, n, place, NULL, fd, p);
        /* Where nothing is read that is said, and the place stays. */
        if (!known && n->remark == HA_REMARK_NONE && (fd >= 0 || n->now != NULL))
            n->remark = HA_REMARK_GONE;
        return err;
    }
    if (hold_from(f, n, found, place, &trail, &old, p) != HA_OK)
        return p->err;
    if (was_packed) /* its plain bytes lie in no file that the next run could know */
        old->id = (struct ha_file_id){place->device, place->inode};
    if (now != NULL && now->inode == place->inode && now->device == place->device) {
        old->leaves = old->is_cut = true; /* the copy of a file that was truncated */
        ha_followed_push_late(n, old);
    } else {
        n->now = old;
    }
    return add_those_between(f, n, place, old, fd, p);
}

/* Opens what the name leads to when it is a plain file: a pipe would be emptied by others. */
static int open_plain(const struct ha_followed *n, struct stat *st)
{
    if (stat(n->name, st) != 0 || !S_ISREG(st->st_mode))
        return -1;
    return ha_followed_open(n, st);
}

enum ha_err ha_follow_begin_at(struct ha_follow *f, size_t name, const struct ha_place *place)
{
    struct ha_followed *n = &f->names[name];
    struct ha_problem p;
    struct stat st;
    struct ha_trail trail;
    struct ha_held *h = NULL;
    const struct ha_place *from = NULL;
    enum ha_err err = look_at_names(f);
    if (err != HA_OK || ha_followed_is_stdin(n))
        return err;
    int fd = open_plain(n, &st);
    if (fd >= 0)
        from = place != NULL && is_of_place(fd, &st, place, &trail)
                   ? place
                   : known_place(f, n, fd, &st, &trail);
    int plain = -1;
    const struct ha_place *packed =
        fd >= 0 && from == NULL ? place_in_packed(f, n, fd, &plain, &trail) : NULL;
    if (place != NULL) {
        const struct ha_file_id id = {fd >= 0 ? st.st_dev : 0, fd >= 0 ? st.st_ino : 0};
        n->seen_us = (int64_t)place->time_us;
        if (from != place)
            err = begin_elsewhere(f, n, place, fd, fd >= 0 ? &id : NULL,
                                  from != NULL || packed != NULL, &p);
        else if (place->offset == 0)
            err = begin_at_nothing(f, n, place, fd, &st, &p);
    }
    if (err == HA_OK && from != NULL) {
        err = hold_from(f, n, fd, from, &trail, &h, &p);
        if (err == HA_OK)
            line_up(n, h);
    } else if (err == HA_OK && packed != NULL) {
        err = begin_in_packed(f, n, fd, packed, plain, &trail, &p);
    } else {
        if (fd >= 0)
            close(fd);
        if (plain >= 0)
            close(plain);
    }
    return err == HA_ERR_MEMORY ? err : HA_OK; /* what else is wrong is found again, and told */
}
