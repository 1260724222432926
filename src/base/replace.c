/* replace.c - a file that appears whole or not at all. */
#include "httpannotate/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum ha_err write_through(const char *path, struct ha_view content, struct ha_problem *p)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
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

enum ha_err ha_file_replace(const char *path, struct ha_view content, struct ha_problem *p)
{
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (exists && !S_ISREG(old.st_mode))
        return write_through(path, content, p);
    struct ha_buf name = {0};
    ha_buf_str(&name, path);
    ha_buf_bytes(&name, ".XXXXXX", 8);
    if (!ha_buf_ok(&name)) {
        ha_buf_free(&name);
        return ha_problem_set(p, HA_ERR_MEMORY, path, "out of memory");
    }
    int failed = 0;
    int fd = mkostemp(name.ptr, O_CLOEXEC);
    if (fd < 0) {
        failed = errno;
    } else {
        if (fchmod(fd, exists ? old.st_mode & 07777 : default_mode()) != 0 ||
            ha_write_all(fd, content.ptr, content.len) != 0 || fsync(fd) != 0)
            failed = errno;
        if (close(fd) != 0 && failed == 0)
            failed = errno;
        if (failed == 0 && rename(name.ptr, path) != 0)
            failed = errno;
        if (failed != 0)
            unlink(name.ptr);
    }
    ha_buf_free(&name);
    return failed != 0 ? ha_problem_os(p, path, failed) : HA_OK;
}
