/* replace.c - a file that appears whole or not at all. */
#include "httpannotate/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum ha_err write_through(const char *path, struct ha_view content, struct ha_problem *p)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return ha_problem_os(p, path, errno);
    int failed = ha_write_all(fd, content.ptr, content.len) != 0 ? errno : 0;
    if (close(fd) != 0 && failed == 0)
        failed = errno;
    return failed != 0 ? ha_problem_os(p, path, failed) : HA_OK;
}

static mode_t default_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Writes a new file by the template (which ends in XXXXXX) and renames it. 0 or an errno. */
static int write_and_rename(char *template, const char *path, mode_t mode, struct ha_view content,
                            int *locked)
{
    int failed = 0;
    int fd = mkostemp(template, O_CLOEXEC);
    if (fd < 0)
        return errno;
    if (fchmod(fd, mode) != 0 || ha_write_all(fd, content.ptr, content.len) != 0 || fsync(fd) != 0)
        failed = errno;
    /* Nobody may find it under its name and lock it before. */
    if (locked != NULL && failed == 0 && flock(fd, LOCK_EX | LOCK_NB) != 0)
        failed = errno;
    if (locked == NULL && close(fd) != 0 && failed == 0)
        failed = errno;
    if (failed == 0 && rename(template, path) != 0)
        failed = errno;
    if (failed != 0)
        unlink(template);
    if (locked == NULL)
        return failed;
    close(failed == 0 ? *locked : fd);
    *locked = failed == 0 ? fd : *locked;
    return failed;
}

/* path with its links followed: they stay, what they lead to is replaced. */
static enum ha_err replace_regular(const char *path, mode_t mode, struct ha_view content,
                                   int *locked, struct ha_problem *p)
{
    struct ha_buf template = {0};
    ha_buf_str(&template, path);
    ha_buf_bytes(&template, ".XXXXXX", 8);
    enum ha_err err = HA_OK;
    if (!ha_buf_ok(&template)) {
        err = ha_problem_set(p, HA_ERR_MEMORY, path, "out of memory");
    } else {
        int failed = write_and_rename(template.ptr, path, mode, content, locked);
        if (failed != 0)
            err = ha_problem_os(p, path, failed);
    }
    ha_buf_free(&template);
    return err;
}

static enum ha_err replace(const char *path, struct ha_view content, int *locked,
                           struct ha_problem *p)
{
    struct stat old;
    if (stat(path, &old) != 0)
        return replace_regular(path, default_mode(), content, locked, p);
    /* /dev/stdout and its like lead to what is open already, be it a regular file. */
    if (!S_ISREG(old.st_mode) || strncmp(path, "/dev/", 5) == 0)
        return write_through(path, content, p);
    char real[PATH_MAX];
    if (realpath(path, real) == NULL)
        return ha_problem_os(p, path, errno);
    return replace_regular(real, old.st_mode & 07777, content, locked, p);
}

enum ha_err ha_file_replace(const char *path, struct ha_view content, struct ha_problem *p)
{
    return replace(path, content, NULL, p);
}

enum ha_err ha_file_replace_locked(const char *path, struct ha_view content, int *fd,
                                   struct ha_problem *p)
{
    return replace(path, content, fd, p);
}
