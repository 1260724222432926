/* trail.c - the bytes before a place in a file. */
#include "httpannotate/place.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"

static size_t kept(uint64_t offset)
{
    return offset < HA_TRAIL_BYTES ? (size_t)offset : HA_TRAIL_BYTES;
}

void ha_trail_add(struct ha_trail *t, struct ha_view bytes)
{
    if (bytes.len == 0)
        return;
    size_t before = kept(t->offset), room = HA_TRAIL_BYTES - before;
    if (room > 0)
        memcpy(t->first + before, bytes.ptr, bytes.len < room ? bytes.len : room);
    if (bytes.len >= HA_TRAIL_BYTES) {
        memcpy(t->last, bytes.ptr + bytes.len - HA_TRAIL_BYTES, HA_TRAIL_BYTES);
    } else {
        size_t stay = HA_TRAIL_BYTES - bytes.len < before ? HA_TRAIL_BYTES - bytes.len : before;
        memmove(t->last, t->last + before - stay, stay);
        memcpy(t->last + stay, bytes.ptr, bytes.len);
    }
    t->offset += bytes.len;
}

static bool read_at(int fd, char *to, size_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t got = pread(fd, to, len, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        len -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

bool ha_trail_load(struct ha_trail *t, int fd, uint64_t offset)
{
    size_t len = kept(offset);
    t->offset = offset;
    return read_at(fd, t->first, len, 0) && read_at(fd, t->last, len, offset - len);
}

bool ha_trail_fits(const struct ha_trail *t, int fd)
{
    struct ha_trail now;
    size_t len = kept(t->offset);
    return ha_trail_load(&now, fd, t->offset) && memcmp(now.first, t->first, len) == 0 &&
           memcmp(now.last, t->last, len) == 0;
}

uint64_t ha_trail_print(const struct ha_trail *t)
{
    size_t len = kept(t->offset);
    return ha_hash(t->last, len, ha_hash(t->first, len, t->offset));
}
