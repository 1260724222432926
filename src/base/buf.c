/* buf.c - a growing buffer of bytes. */
#include "httpannotate/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

char *ha_buf_grow(struct ha_buf *b, size_t more)
{
    if (b->failed)
        return NULL;
    size_t cap = b->cap < 256 ? 256 : b->cap;
    while (cap - b->len < more) {
        if (cap > SIZE_MAX / 2) {
            b->failed = true;
            return NULL;
        }
        cap *= 2;
    }
    char *grown = ha_realloc(b->ptr, cap);
    if (grown == NULL) {
        b->failed = true;
        return NULL;
    }
    b->ptr = grown;
    b->cap = cap;
    return b->ptr + b->len;
}

void ha_buf_bytes(struct ha_buf *b, const void *bytes, size_t len)
{
    char *to = len == 0 ? NULL : ha_buf_room(b, len);
    if (to == NULL)
        return;
    memcpy(to, bytes, len);
    b->len += len;
}

void ha_buf_view(struct ha_buf *b, struct ha_view v)
{
    ha_buf_bytes(b, v.ptr, v.len);
}

void ha_buf_str(struct ha_buf *b, const char *s)
{
    ha_buf_bytes(b, s, strlen(s));
}

void ha_buf_u64(struct ha_buf *b, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    ha_buf_bytes(b, digits + at, sizeof digits - at);
}

void ha_buf_printf(struct ha_buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *to = need < 0 ? NULL : ha_buf_room(b, (size_t)need + 1);
    if (to != NULL) {
        vsnprintf(to, (size_t)need + 1, fmt, again);
        b->len += (size_t)need;
    }
    va_end(again);
}

void ha_buf_fill(struct ha_buf *b, char c, size_t n)
{
    char *to = n == 0 ? NULL : ha_buf_room(b, n);
    if (to == NULL)
        return;
    memset(to, c, n);
    b->len += n;
}

enum ha_err ha_buf_read(struct ha_buf *b, int fd, const char *path, size_t most,
                        struct ha_problem *p)
{
    enum { RUN = 1 << 14 };
    size_t start = b->len;
    for (;;) {
        char *room = ha_buf_room(b, RUN);
        if (room == NULL)
            return ha_problem_set(p, HA_ERR_MEMORY, path, "out of memory");
        int64_t got = ha_read(fd, room, RUN);
        if (got == 0)
            return HA_OK;
        if (got < 0 && errno != EINTR)
            return ha_problem_os(p, path, errno);
        b->len += got > 0 ? (size_t)got : 0;
        if (b->len - start > most)
            return ha_problem_set(p, HA_ERR_LIMIT, path,
                                  "longer than %zu bytes, the most that such a file may have",
                                  most);
    }
}

bool ha_buf_ok(const struct ha_buf *b)
{
    return !b->failed;
}

void ha_buf_clear(struct ha_buf *b)
{
    b->len = 0;
}

void ha_buf_free(struct ha_buf *b)
{
    ha_free(b->ptr);
    *b = (struct ha_buf){0};
}
