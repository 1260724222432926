/* unpacked.c - a log file that was compressed when it lost its name. */
#include "input/unpacked.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "httpannotate/source.h"

struct unpacking {
    int fd; /* of the plain bytes */
    const struct ha_place *place;
    struct ha_trail trail;
    bool is_proven; /* it has come to the place, and the bytes before are those */
    uint64_t at;
};

/* In the folder of temporary files: what was added to a log in a day may be more than memory. */
static int open_temporary(void)
{
    const char *folder = getenv("TMPDIR");
    char path[PATH_MAX];
    if (folder == NULL || folder[0] == '\0')
        folder = "/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    int len = snprintf(path, sizeof path, "%s/httpannotate.XXXXXX", folder);
    fd = len > 0 && (size_t)len < sizeof path ? mkostemp(path, O_CLOEXEC) : -1;
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

static bool put(int fd, const char *bytes, size_t len, uint64_t at)
{
    while (len > 0) {
        ssize_t done = pwrite(fd, bytes, len, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes += done;
        len -= (size_t)done;
        at += (uint64_t)done;
    }
    return true;
}

/* The bytes before the place are all there. */
static bool prove(struct unpacking *u)
{
    const struct ha_trail *t = &u->trail;
    size_t len = t->offset < HA_TRAIL_BYTES ? (size_t)t->offset : HA_TRAIL_BYTES;
    u->is_proven = ha_trail_print(t) == u->place->print;
    return u->is_proven && put(u->fd, t->first, len, 0) &&
           put(u->fd, t->last, len, t->offset - len);
}

static bool add(struct unpacking *u, struct ha_view bytes)
{
    uint64_t missing = u->place->offset - u->trail.offset;
    struct ha_view before = {bytes.ptr, bytes.len < missing ? bytes.len : (size_t)missing};
    if (before.len > 0) {
        ha_trail_add(&u->trail, before);
        if (ha_is_directive((struct ha_view){u->trail.first, HA_TRAIL_BYTES}) &&
            !put(u->fd, before.ptr, before.len, u->at))
            return false;
        u->at += before.len;
        if (u->at == u->place->offset && !prove(u))
            return false;
    }
    struct ha_view behind = {bytes.ptr + before.len, bytes.len - before.len};
    bool done = put(u->fd, behind.ptr, behind.len, u->at);
    u->at += behind.len;
    return done;
}

static bool unpack(struct unpacking *u, struct ha_source *from)
{
    struct ha_problem p;
    struct ha_block block;
    for (;;) {
        switch (ha_source_next(from, &block, &p)) {
        case HA_SOURCE_BLOCK:
            if (!add(u, block.bytes))
                return false;
            break;
        case HA_SOURCE_END:
        case HA_SOURCE_IDLE: /* it is plain */
            return u->is_proven;
        case HA_SOURCE_STOP:
        case HA_SOURCE_ERROR:
            return false;
        }
    }
}

int ha_unpacked(int fd, const struct ha_place *place, const struct ha_limits *limits,
                struct ha_trail *trail)
{
    struct ha_source *from = NULL;
    struct ha_problem p;
    if (place->offset == 0 || place->coded) /* nothing would prove it */
        return -1;
    const struct ha_growing start = {.fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
    if (start.fd < 0)
        return -1;
    if (ha_source_adopt("", &start, limits, -1, &from, &p) != HA_OK) {
        close(start.fd);
        return -1;
    }
    struct unpacking u = {.fd = open_temporary(), .place = place};
    bool done = u.fd >= 0 && unpack(&u, from);
    ha_source_close(&from);
    if (!done && u.fd >= 0)
        close(u.fd);
    *trail = u.trail;
    return done ? u.fd : -1;
}
