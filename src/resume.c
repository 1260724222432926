/* resume.c - the file of --resume. */
#include "resume.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct ha_resume {
    const char *file;
    int fd; /* locked */
    struct ha_places places;
};

/* Paths are kept from the root on: the next run may start in another folder. The folder is told
 * without links, the last part as it is: where a link leads to may change from day to day. */
struct path {
    char text[2 * PATH_MAX];
};

static bool absolute(const char *file, struct path *to)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(file, '/'), *base = slash != NULL ? slash + 1 : file;
    size_t len = slash == NULL ? 1 : slash == file ? 1 : (size_t)(slash - file);
    if (len >= sizeof folder || strlen(base) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(folder, slash == NULL ? "." : file, len);
    folder[len] = '\0';
    if (realpath(folder, to->text) == NULL)
        return false;
    size_t at = strlen(to->text);
    if (at > 1)
        to->text[at++] = '/';
    memcpy(to->text + at, base, strlen(base) + 1);
    return true;
}

static bool is_same(const struct stat *a, const char *path)
{
    struct stat b;
    return stat(path, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

/* It would be replaced by what it is not. */
static enum ha_err refuse_other_files(const struct ha_config *config, const struct stat *st,
                                      struct ha_problem *p)
{
    for (size_t i = 0; i < config->file_count; i++)
        if (is_same(st, config->files[i]))
            return ha_problem_set(p, HA_ERR_SYNTAX, "--resume", "'%s' is read as a log",
                                  config->resume_file);
    for (size_t i = 0; i < config->output_count; i++)
        if (config->outputs[i].path != NULL && is_same(st, config->outputs[i].path))
            return ha_problem_set(p, HA_ERR_SYNTAX, "--resume", "'%s' is the file of a report",
                                  config->resume_file);
    return HA_OK;
}

/* Opens and locks it. A run that ended meanwhile has put another file in the place of the one that
 * was opened: that one is taken. */
static enum ha_err open_locked(struct ha_resume *r, struct stat *st, struct ha_problem *p)
{
    for (;;) {
        r->fd = open(r->file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
        if (r->fd < 0)
            return ha_problem_os(p, r->file[0] != '\0' ? r->file : "''", errno);
        if (fstat(r->fd, st) != 0)
            return ha_problem_os(p, r->file, errno);
        if (!S_ISREG(st->st_mode))
            return ha_problem_set(p, HA_ERR_SYNTAX, r->file, "is no file that could be replaced");
        if (flock(r->fd, LOCK_EX | LOCK_NB) != 0)
            return errno == EWOULDBLOCK
                       ? ha_problem_set(p, HA_ERR_IO, r->file,
                                        "another run goes on from it and has not ended")
                       : ha_problem_os(p, r->file, errno);
        if (is_same(st, r->file))
            return HA_OK;
        close(r->fd);
    }
}

static enum ha_err read_places(struct ha_resume *r, struct ha_problem *p)
{
    struct ha_buf text = {0};
    enum ha_err err = ha_buf_read(&text, r->fd, r->file, HA_PLACES_TEXT, p);
    if (err == HA_ERR_LIMIT)
        err = ha_problem_set(p, HA_ERR_SYNTAX, r->file, "no file of --resume; it is left as it is");
    if (err == HA_OK)
        err = ha_places_read((struct ha_view){text.ptr, text.len}, r->file, &r->places, p);
    ha_buf_free(&text);
    return err;
}

enum ha_err ha_resume_open(const struct ha_config *config, struct ha_resume **out,
                           struct ha_problem *p)
{
    struct stat st;
    struct ha_resume *r = ha_calloc(1, sizeof *r);
    *out = r;
    if (r == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, config->resume_file, "out of memory");
    r->file = config->resume_file;
    enum ha_err err = open_locked(r, &st, p);
    if (err == HA_OK)
        err = refuse_other_files(config, &st, p);
    if (err == HA_OK)
        err = read_places(r, p);
    if (err != HA_OK)
        ha_resume_free(out);
    return err;
}

void ha_resume_free(struct ha_resume **out)
{
    struct ha_resume *r = *out;
    if (r == NULL)
        return;
    ha_places_done(&r->places);
    if (r->fd >= 0)
        close(r->fd);
    ha_free(r);
    *out = NULL;
}

const struct ha_place *ha_resume_place(struct ha_resume *r, const char *file)
{
    struct path path;
    struct ha_place *place = absolute(file, &path) ? ha_places_find(&r->places, path.text) : NULL;
    if (place != NULL)
        place->is_of_run = true;
    return place;
}

const struct ha_places *ha_resume_places(const struct ha_resume *r)
{
    return &r->places;
}

enum ha_err ha_resume_put(struct ha_resume *r, const char *file, const struct ha_place *place,
                          struct ha_problem *p)
{
    struct path path;
    struct ha_place own = *place;
    own.is_of_run = true;
    if (!absolute(file, &path))
        return ha_problem_os(p, file, errno);
    enum ha_err err = ha_places_put(&r->places, path.text, &own);
    if (err == HA_ERR_MEMORY)
        return ha_problem_set(p, err, r->file, "out of memory");
    if (err == HA_ERR_LIMIT)
        return ha_problem_set(p, err, r->file,
                              "holds the places of %d files, and no more; another file of "
                              "--resume takes others",
                              HA_PLACES_MOST);
    return HA_OK;
}

/* Files with the day in their names go one day, and their places must not stay for ever. */
static void forget_what_is_gone(struct ha_places *places)
{
    struct stat st;
    for (size_t i = 0; i < places->count;) {
        const struct ha_place *place = &places->items[i];
        if (!place->is_of_run && stat(place->name, &st) != 0 && errno == ENOENT)
            ha_places_drop(places, place->name);
        else
            i++;
    }
}

/* What is made after this run must show a later time than its places. The clock that files get
 * theirs from moves in steps of some milliseconds. */
static void let_clock_of_files_pass(const struct ha_places *places)
{
    enum { STEP_NS = 500000, MOST = 40 };
    uint64_t last_us = 0;
    for (size_t i = 0; i < places->count; i++)
        if (places->items[i].is_of_run && places->items[i].time_us > last_us)
            last_us = places->items[i].time_us;
    for (int i = 0; i < MOST; i++) {
        struct timespec now;
        if (clock_gettime(CLOCK_REALTIME_COARSE, &now) != 0 ||
            (uint64_t)(now.tv_sec * HA_US_PER_S + now.tv_nsec / 1000) > last_us)
            return;
        (void)nanosleep(&(struct timespec){.tv_nsec = STEP_NS}, NULL);
    }
}

enum ha_err ha_resume_save(struct ha_resume *r, struct ha_problem *p)
{
    struct ha_buf text = {0};
    forget_what_is_gone(&r->places);
    ha_places_write(&r->places, &text);
    enum ha_err err =
        ha_buf_ok(&text)
            ? ha_file_replace_locked(r->file, (struct ha_view){text.ptr, text.len}, &r->fd, p)
            : ha_problem_set(p, HA_ERR_MEMORY, r->file, "out of memory");
    ha_buf_free(&text);
    let_clock_of_files_pass(&r->places);
    return err;
}
