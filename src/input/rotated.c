/* rotated.c - a file is known again by its inode and the bytes that were read of it. */
#include "input/rotated.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A look into one folder. */
struct search {
    const struct ha_place *place;
    const struct ha_file_id *not_this;
    bool copies;
    const char *base; /* the last part of the name */
    size_t base_len;
    struct ha_trail *trail;
    const struct ha_file_id *none_of; /* ha_rotated_since */
    size_t none_count;
    enum ha_rotated_kind kind;
    int copy; /* open: the newest copy that was found, or -1 */
    struct timespec copied;
};

static bool is_newer(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* access.log.1 and access.log-20261124 of access.log; not access.log itself, nor access.logs. */
static bool is_like(const struct search *s, const char *name)
{
    return strncmp(name, s->base, s->base_len) == 0 && name[s->base_len] != '\0' &&
           strchr(".-_", name[s->base_len]) != NULL;
}

static bool is_that(const struct stat *st, const struct ha_file_id *id)
{
    return id != NULL && st->st_dev == id->device && st->st_ino == id->inode;
}

/* Opened without waiting for anybody at the other end of a pipe. */
static int open_regular(int folder, const char *name, struct stat *st)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, st) != 0 || !S_ISREG(st->st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool is_what_was_read(const struct search *s, int fd, const struct stat *st,
                             struct ha_trail *trail)
{
    return st->st_size >= 0 && (uint64_t)st->st_size >= s->place->offset &&
           ha_trail_load(trail, fd, s->place->offset) && ha_trail_print(trail) == s->place->print;
}

/* The file itself, open; or -1, with a copy noted in *s. */
static int look_at(struct search *s, int folder, const struct dirent *entry)
{
    /* Some file systems tell other numbers here than of the open file. */
    bool like = is_like(s, entry->d_name);
    bool may_be_copy = s->copies && s->place->offset > 0 && like;
    struct stat st;
    struct ha_trail trail;
    if (entry->d_ino != s->place->inode && !like)
        return -1;
    int fd = open_regular(folder, entry->d_name, &st);
    if (fd < 0)
        return -1;
    const struct ha_file_id wanted = {s->place->device, s->place->inode};
    bool same = is_that(&st, &wanted);
    if (is_that(&st, s->not_this) || (!same && !may_be_copy) ||
        !is_what_was_read(s, fd, &st, &trail)) {
        close(fd);
        return -1;
    }
    if (same) {
        *s->trail = trail;
        return fd;
    }
    if (s->copy >= 0 && !is_newer(st.st_mtim, s->copied)) {
        close(fd);
        return -1;
    }
    if (s->copy >= 0)
        close(s->copy);
    s->copy = fd;
    s->copied = st.st_mtim;
    *s->trail = trail;
    return -1;
}

static int look_through(struct search *s, const char *folder_name)
{
    DIR *folder = opendir(folder_name);
    if (folder == NULL)
        return -1;
    int found = -1;
    for (const struct dirent *entry; found < 0 && (entry = readdir(folder)) != NULL;)
        found = look_at(s, dirfd(folder), entry);
    closedir(folder);
    return found;
}

/* Splits the path in place; "." for the folder of a bare name. */
static const char *split(char *path, const char **base)
{
    char *slash = strrchr(path, '/');
    *base = slash != NULL ? slash + 1 : path;
    if (slash == NULL)
        return ".";
    if (slash == path)
        return "/";
    *slash = '\0';
    return path;
}

/* Two names of one folder. */
struct pair {
    char path[2][PATH_MAX];
    const char *base[2]; /* in path */
};

static bool are_of_one_folder(const char *a, const char *b, struct pair *to)
{
    struct stat st[2];
    const char *const names[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        if (strlen(names[i]) >= PATH_MAX)
            return false;
        memcpy(to->path[i], names[i], strlen(names[i]) + 1);
        if (stat(split(to->path[i], &to->base[i]), &st[i]) != 0)
            return false;
    }
    return st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino;
}

bool ha_rotated_is_like(const char *name, const char *of)
{
    struct pair two;
    if (!are_of_one_folder(name, of, &two))
        return false;
    return is_like(&(struct search){.base = two.base[1], .base_len = strlen(two.base[1])},
                   two.base[0]);
}

/* As programs that compress name what they make: the bytes of the name before that ending. */
static size_t without_packing(const char *name)
{
    static const char *const endings[] = {".gz", ".zst", ".xz", ".bz2", ".lz4"};
    const char *last = strrchr(name, '.');
    for (size_t i = 0; i < HA_COUNT(endings); i++)
        if (last != NULL && strcmp(last, endings[i]) == 0)
            return (size_t)(last - name);
    return strlen(name);
}

/* Numbers, and what stands between numbers of a date. */
static const char *const numbers = "0123456789.-_T:";

/* The bytes of access.log in access.log, access.log.1, access.log-20261124.gz. */
static size_t stem(const char *name)
{
    size_t len = without_packing(name);
    while (len > 1 && strchr(numbers, name[len - 1]) != NULL)
        len--;
    return len;
}

bool ha_rotated_are_kin(const char *a, const char *b)
{
    struct pair two;
    return are_of_one_folder(a, b, &two) && stem(two.base[0]) == stem(two.base[1]) &&
           memcmp(two.base[0], two.base[1], stem(two.base[0])) == 0;
}

int ha_rotated_find(const char *name, const struct ha_place *place, bool copies,
                    const struct ha_file_id *not_this, struct ha_trail *trail)
{
    struct search s = {
        .place = place, .not_this = not_this, .copies = copies, .trail = trail, .copy = -1};
    char path[PATH_MAX], real[PATH_MAX];
    size_t len = strlen(name);
    if (len >= sizeof path)
        return -1;
    memcpy(path, name, len + 1);
    const char *folder = split(path, &s.base);
    s.base_len = strlen(s.base);
    int found = look_through(&s, folder);
    struct stat link;
    if (found < 0 && s.copy < 0 && lstat(name, &link) == 0 && S_ISLNK(link.st_mode) &&
        realpath(name, real) != NULL) {
        folder = split(real, &s.base);
        s.base_len = strlen(s.base);
        found = look_through(&s, folder);
    }
    if (found >= 0 && s.copy >= 0)
        close(s.copy);
    return found >= 0 ? found : s.copy;
}

/* A file that had the name, and when it came to be. */
struct former {
    int fd;
    int64_t born_us;
};

static int64_t time_us(struct statx_timestamp t)
{
    return t.tv_sec * HA_US_PER_S + t.tv_nsec / 1000;
}

int64_t ha_rotated_born_us(int fd)
{
    struct statx st;
    bool is_kept = statx(fd, "", AT_EMPTY_PATH | AT_STATX_SYNC_AS_STAT, STATX_BTIME, &st) == 0 &&
                   (st.stx_mask & STATX_BTIME) != 0;
    return is_kept ? time_us(st.stx_btime) : 0;
}

/* Nothing but numbers follows the name. */
static bool is_numbered(const struct search *s, const char *name)
{
    if (!is_like(s, name))
        return false;
    const char *rest = name + s->base_len;
    return strspn(rest, numbers) == strlen(rest) && strpbrk(rest, "0123456789") != NULL;
}

static bool is_packed(const struct search *s, const char *name)
{
    return without_packing(name) < strlen(name) && is_like(s, name);
}

/* Opens it when it is one; -1 when not. */
static int open_former(const struct search *s, int folder, const char *name, uint64_t since_us,
                       int64_t *born_us)
{
    struct statx st;
    struct stat plain;
    if (!(s->kind == HA_ROTATED_PACKED ? is_packed : is_numbered)(s, name) ||
        statx(folder, name, AT_STATX_SYNC_AS_STAT, STATX_BTIME, &st) != 0 ||
        (st.stx_mask & STATX_BTIME) == 0 || time_us(st.stx_btime) < (int64_t)since_us)
        return -1;
    *born_us = time_us(st.stx_btime);
    int fd = open_regular(folder, name, &plain);
    for (size_t i = 0; fd >= 0 && i < s->none_count; i++) {
        if (is_that(&plain, &s->none_of[i])) {
            close(fd);
            fd = -1;
        }
    }
    return fd;
}

/* Keeps the oldest. */
static void keep(struct former *all, size_t *count, size_t most, struct former one, bool *left_out)
{
    size_t at = *count;
    while (at > 0 && one.born_us < all[at - 1].born_us)
        at--;
    if (*count == most) {
        *left_out = true;
        close(at == most ? one.fd : all[most - 1].fd);
        *count -= at < most;
    }
    if (at == most)
        return;
    memmove(&all[at + 1], &all[at], (*count - at) * sizeof *all);
    all[at] = one;
    (*count)++;
}

size_t ha_rotated_since(const char *name, enum ha_rotated_kind kind, uint64_t since_us,
                        const struct ha_file_id *none_of, size_t none_count, int *fds, size_t most,
                        bool *left_out)
{
    struct search s = {.none_of = none_of, .none_count = none_count, .kind = kind};
    struct former all[HA_ROTATED_MOST];
    char path[PATH_MAX];
    size_t len = strlen(name), count = 0;
    *left_out = false;
    HA_ASSERT(most <= HA_ROTATED_MOST);
    if (len >= sizeof path)
        return 0;
    memcpy(path, name, len + 1);
    const char *folder_name = split(path, &s.base);
    s.base_len = strlen(s.base);
    DIR *folder = opendir(folder_name);
    if (folder == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct former one;
        one.fd = open_former(&s, dirfd(folder), entry->d_name, since_us, &one.born_us);
        if (one.fd >= 0)
            keep(all, &count, most, one, left_out);
    }
    closedir(folder);
    for (size_t i = 0; i < count; i++)
        fds[i] = all[i].fd;
    return count;
}
