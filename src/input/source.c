/* source.c - bytes of files and standard input become blocks of whole lines. */
#include "httpannotate/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/codec.h"

struct ha_source {
    const char *name;
    int fd, wake_fd;            /* fd: what is read, perhaps a decoder's */
    int file_fd;                /* what was opened */
    struct ha_decoder *decoder; /* NULL: the input is plain */
    bool known;                 /* whether it is plain has been found out */
    size_t max_line, block_size;
    struct ha_chunk own;   /* what blocks are read into where nothing is lent */
    struct ha_chunk *into; /* own, or what was lent */
    size_t start, end;     /* bytes in it that are not yet given out: [start, end) */
    size_t searched;       /* bytes of those known to hold no line ending */
    uint64_t given;
    struct ha_growing growing; /* ha_source_adopt: what is read as far as it has grown */
    bool is_growing;
    uint64_t place; /* in the file, behind what was given out */
    bool at_end;
    bool in_long; /* pieces of a line that is too long are being given out */
};

static bool is_stdin(const char *name)
{
    return strcmp(name, "-") == 0;
}

static enum ha_err open_fd(const char *name, int *fd, struct ha_problem *p)
{
    *fd = is_stdin(name) ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0)
        return ha_problem_os(p, name[0] != '\0' ? name : "''", errno);
    struct stat st;
    if (fstat(*fd, &st) != 0)
        return ha_problem_os(p, is_stdin(name) ? "standard input" : name, errno);
    if (S_ISDIR(st.st_mode))
        return ha_problem_os(p, is_stdin(name) ? "standard input" : name, EISDIR);
    if (S_ISFIFO(st.st_mode))
        ha_pipe_widen(*fd);
    else if (S_ISREG(st.st_mode))
        (void)posix_fadvise(*fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return HA_OK;
}

static struct ha_source *new_source(const char *name, const struct ha_limits *limits, int wake_fd)
{
    struct ha_source *s = ha_calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    *s = (struct ha_source){.name = is_stdin(name) ? "standard input" : name,
                            .fd = -1,
                            .file_fd = -1,
                            .wake_fd = wake_fd,
                            .max_line = limits->max_line,
                            .block_size = limits->block_size};
    s->into = &s->own;
    return s;
}

enum ha_err ha_source_open(const char *name, const struct ha_limits *limits, int wake_fd,
                           struct ha_source **out, struct ha_problem *p)
{
    *out = NULL;
    struct ha_source *s = new_source(name, limits, wake_fd);
    if (s == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, name, "out of memory");
    enum ha_err err = open_fd(name, &s->file_fd, p);
    s->fd = s->file_fd;
    if (err != HA_OK) {
        ha_source_close(&s);
        return err;
    }
    *out = s;
    return HA_OK;
}

enum ha_err ha_source_adopt(const char *name, const struct ha_growing *from,
                            const struct ha_limits *limits, int wake_fd, struct ha_source **out,
                            struct ha_problem *p)
{
    *out = NULL;
    struct ha_source *s = new_source(name, limits, wake_fd);
    if (s == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, name, "out of memory");
    if (!from->is_stream && lseek(from->fd, (off_t)from->offset, SEEK_SET) < 0) {
        int failed = errno;
        ha_source_close(&s);
        return ha_problem_os(p, name, failed);
    }
    s->fd = s->file_fd = from->fd;
    s->growing = *from;
    s->is_growing = true;
    s->place = from->offset;
    s->in_long = from->in_line;
    s->known = from->is_plain;
    *out = s;
    return HA_OK;
}

void ha_source_close(struct ha_source **out)
{
    struct ha_source *s = *out;
    if (s == NULL)
        return;
    ha_decoder_free(&s->decoder);
    if (s->file_fd > STDIN_FILENO)
        close(s->file_fd);
    ha_free(s->own.ptr);
    ha_free(s);
    *out = NULL;
}

uint64_t ha_source_bytes(const struct ha_source *s)
{
    return s->given;
}

bool ha_source_would_wait(struct ha_source *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    return !s->at_end && poll(&p, 1, 0) == 0;
}

/* Room for at least `need` bytes. False when memory ran out; the chunk is then as it was. */
static bool grow(struct ha_chunk *c, size_t need)
{
    if (c->cap >= need)
        return true;
    char *grown = ha_realloc(c->ptr, need);
    if (grown == NULL)
        return false;
    *c = (struct ha_chunk){grown, need};
    return true;
}

enum ha_err ha_source_lend(struct ha_source *s, struct ha_chunk *into)
{
    size_t rest = s->end - s->start;
    if (into == s->into)
        return HA_OK;
    if (!grow(into, rest < s->block_size ? s->block_size : rest))
        return HA_ERR_MEMORY;
    if (rest > 0)
        memcpy(into->ptr, s->into->ptr + s->start, rest);
    if (s->into == &s->own) { /* of many files that wait each would keep a block */
        ha_free(s->own.ptr);
        s->own = (struct ha_chunk){NULL, 0};
    }
    s->into = into;
    s->start = 0;
    s->end = rest;
    return HA_OK;
}

enum ha_err ha_source_keep(struct ha_source *s)
{
    size_t rest = s->end - s->start;
    if (s->into == &s->own)
        return HA_OK;
    if (rest > 0) {
        if (!grow(&s->own, rest))
            return HA_ERR_MEMORY;
        memcpy(s->own.ptr, s->into->ptr + s->start, rest);
    }
    s->into = &s->own;
    s->start = 0;
    s->end = rest;
    return HA_OK;
}

bool ha_source_half_line(const struct ha_source *s)
{
    return s->in_long || s->end > s->start;
}

struct ha_view ha_source_at_hand(const struct ha_source *s)
{
    size_t len = s->end - s->start;
    return (struct ha_view){len > 0 ? s->into->ptr + s->start : NULL, len};
}

bool ha_source_restart(struct ha_source *s)
{
    s->start = s->end = s->searched = 0;
    s->in_long = s->known = s->at_end = false;
    s->place = 0;
    return lseek(s->file_fd, 0, SEEK_SET) == 0;
}

struct ha_source_place ha_source_place(const struct ha_source *s)
{
    return (struct ha_source_place){s->place, s->in_long, s->decoder != NULL};
}

/* Whether there is something to read of what grows, without a wait. */
static enum ha_source_state look_for_input(const struct ha_source *s)
{
    struct pollfd p[2] = {{.fd = s->fd, .events = POLLIN}, {.fd = s->wake_fd, .events = POLLIN}};
    if (poll(p, 2, 0) < 0)
        return HA_SOURCE_BLOCK; /* read tells what is wrong */
    if (p[1].revents != 0)
        return HA_SOURCE_STOP;
    return p[0].revents != 0 ? HA_SOURCE_BLOCK : HA_SOURCE_IDLE;
}

/* Waits until the input or the wake-up can be read. */
static enum ha_source_state wait_for_input(struct ha_source *s)
{
    struct pollfd p[2] = {{.fd = s->fd, .events = POLLIN}, {.fd = s->wake_fd, .events = POLLIN}};
    while (poll(p, 2, -1) < 0)
        if (errno != EINTR)
            break; /* read tells what is wrong */
    return p[1].revents != 0 ? HA_SOURCE_STOP : HA_SOURCE_BLOCK;
}

/* Moves what is left to the front and makes room to read. False when memory ran out. */
static bool make_room(struct ha_source *s)
{
    struct ha_chunk *c = s->into;
    if (s->start > 0) {
        memmove(c->ptr, c->ptr + s->start, s->end - s->start);
        s->end -= s->start;
        s->start = 0;
    }
    if (s->end < c->cap)
        return true;
    /* Two bytes more than the longest line: its ending, or what shows that it is longer. */
    size_t most = s->max_line + 2, cap = c->cap * 2;
    if (cap > most)
        cap = most;
    if (cap <= c->cap)
        cap = c->cap + s->block_size;
    return grow(c, cap);
}

/* Looks at the first bytes. False when the input is compressed and cannot be decoded. */
static bool find_codec(struct ha_source *s, struct ha_problem *p)
{
    bool undecided = false;
    struct ha_view first = {s->into->ptr + s->start, s->end - s->start};
    const struct ha_codec *codec = ha_codec_find(first, &undecided);
    s->known = !undecided || s->at_end;
    if (codec == NULL)
        return true;
    if (s->growing.is_live) {
        ha_problem_set(p, HA_ERR_IO, s->name,
                       "%s data cannot be followed as it grows; it is read without --follow",
                       codec->name);
        return false;
    }
    if (codec->decode == NULL) {
        ha_problem_set(p, HA_ERR_IO, s->name, "%s data: this program was built without it",
                       codec->name);
        return false;
    }
    enum ha_err err = ha_decoder_start(codec, s->file_fd, first, &s->decoder, &s->fd);
    if (err != HA_OK) {
        ha_problem_set(p, err, s->name,
                       err == HA_ERR_MEMORY ? "out of memory"
                                            : "no thread or pipe left to decode it with");
        return false;
    }
    s->start = s->end = 0;
    s->at_end = false;
    return true;
}

/* At the end of what a decoder gave: whether all was well. */
static bool decoded_well(struct ha_source *s, struct ha_problem *p)
{
    int os_error = 0;
    const char *fault = s->decoder == NULL ? NULL : ha_decoder_fault(s->decoder, &os_error);
    if (os_error != 0)
        ha_problem_os(p, s->name, os_error);
    else if (fault != NULL)
        ha_problem_set(p, HA_ERR_IO, s->name, "%s", fault);
    return os_error == 0 && fault == NULL;
}

static enum ha_source_state read_more(struct ha_source *s, struct ha_problem *p)
{
    bool is_growing = s->is_growing && s->decoder == NULL;
    enum ha_source_state state = is_growing ? look_for_input(s) : wait_for_input(s);
    if (state != HA_SOURCE_BLOCK)
        return state;
    if (!make_room(s)) {
        ha_problem_set(p, HA_ERR_MEMORY, s->name, "out of memory");
        s->at_end = true;
        return HA_SOURCE_ERROR;
    }
    size_t room = s->into->cap - s->end;
    if (s->in_long && room > s->block_size)
        room = s->block_size;
    int64_t got = ha_read(s->fd, s->into->ptr + s->end, room);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return HA_SOURCE_BLOCK;
    if (got < 0) {
        ha_problem_os(p, s->name, errno);
        s->at_end = true;
        return HA_SOURCE_ERROR;
    }
    if (is_growing && !s->growing.is_stream &&
        (got == 0 || (s->growing.check != NULL && !s->growing.check(s->growing.arg))))
        return HA_SOURCE_IDLE;
    s->at_end = got == 0;
    s->end += (size_t)got;
    if (!s->known && !find_codec(s, p)) {
        s->start = s->end;
        s->at_end = true;
        return HA_SOURCE_ERROR;
    }
    if (s->at_end && !decoded_well(s, p))
        return HA_SOURCE_ERROR;
    if (s->at_end && s->decoder != NULL && s->is_growing)
        s->place = (uint64_t)lseek(s->file_fd, 0, SEEK_CUR);
    return HA_SOURCE_BLOCK;
}

static enum ha_source_state give(struct ha_source *s, size_t len, enum ha_block_kind kind,
                                 struct ha_block *block)
{
    *block = (struct ha_block){.bytes = {s->into->ptr + s->start, len}, .kind = kind};
    s->start += len;
    s->given += len;
    s->place += s->decoder == NULL ? len : 0;
    s->searched = 0;
    return HA_SOURCE_BLOCK;
}

/* A block out of the bytes at hand, if they hold one. */
static bool take(struct ha_source *s, struct ha_block *block)
{
    size_t len = s->end - s->start;
    if (len == 0 || !s->known)
        return false;
    char *from = s->into->ptr + s->start;
    if (s->in_long) {
        const char *end = memchr(from, '\n', len);
        s->in_long = end == NULL && !s->at_end;
        size_t piece = end == NULL ? len : (size_t)(end - from) + 1;
        give(s, piece, s->in_long ? HA_BLOCK_LONG_MORE : HA_BLOCK_LONG_LAST, block);
        return true;
    }
    const char *last = memrchr(from + s->searched, '\n', len - s->searched);
    if (last != NULL) {
        give(s, (size_t)(last - from) + 1, HA_BLOCK_LINES, block);
        return true;
    }
    s->searched = len;
    if (s->at_end) {
        give(s, len, HA_BLOCK_LINES, block);
        return true;
    }
    /* One byte more than the limit may be the CR of a line that just fits. */
    if (len > s->max_line + 1 && len >= s->into->cap) {
        s->in_long = true;
        give(s, len, HA_BLOCK_LONG_FIRST, block);
        return true;
    }
    return false;
}

bool ha_source_cut(struct ha_source *s, struct ha_block *block)
{
    size_t len = s->end - s->start;
    if (!ha_source_half_line(s))
        return false;
    (void)give(s, len, s->in_long ? HA_BLOCK_LONG_LAST : HA_BLOCK_LINES, block);
    s->in_long = false;
    s->known = true;
    return true;
}

enum ha_source_state ha_source_next(struct ha_source *s, struct ha_block *block,
                                    struct ha_problem *p)
{
    while (!take(s, block)) {
        if (s->at_end) {
            bool broken_off = s->in_long; /* the long line ended with the input */
            s->in_long = false;
            if (!broken_off)
                return HA_SOURCE_END;
            return give(s, 0, HA_BLOCK_LONG_LAST, block);
        }
        enum ha_source_state state = read_more(s, p);
        if (state != HA_SOURCE_BLOCK)
            return state;
    }
    return HA_SOURCE_BLOCK;
}
