/* io.c - read and write, with faults that tests can inject. */
#include "httpannotate/base.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

struct fault_state {
    atomic_uint_fast64_t calls, at;
    atomic_int os_error;
};
static struct fault_state read_state, write_state;

static void arm(struct fault_state *s, struct ha_fault f)
{
    atomic_store(&s->calls, 0);
    atomic_store(&s->os_error, f.os_error);
    atomic_store(&s->at, f.at);
}

static bool faulty(struct fault_state *s)
{
    if (atomic_load_explicit(&s->at, memory_order_relaxed) == 0)
        return false;
    if (atomic_fetch_add(&s->calls, 1) + 1 != atomic_load(&s->at))
        return false;
    errno = atomic_load(&s->os_error);
    return true;
}

void ha_read_fault(struct ha_fault f)
{
    arm(&read_state, f);
}

void ha_write_fault(struct ha_fault f)
{
    arm(&write_state, f);
}

int64_t ha_read(int fd, void *to, size_t size)
{
    if (faulty(&read_state))
        return -1;
    return read(fd, to, size);
}

int ha_write_all(int fd, const void *from, size_t len)
{
    const char *at = from;
    while (len > 0) {
        ssize_t n = faulty(&write_state) ? -1 : write(fd, at, len);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            (void)poll(&p, 1, -1);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

void ha_pipe_widen(int fd)
{
    enum { WIDE = 1 << 20 };
    int size = fcntl(fd, F_GETPIPE_SZ); /* -1: it is no pipe */
    if (size >= 0 && size < WIDE)
        (void)fcntl(fd, F_SETPIPE_SZ, WIDE);
}
