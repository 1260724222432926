/* out.h - bytes on their way out: a growing buffer, and a writer over a file descriptor.
 *
 * Layer 0. Both keep their first error and report it once, so that code that formats need not look
 * after every call: check at the end with ha_buf_ok or ha_out_finish. */
#ifndef HTTPANNOTATE_OUT_H
#define HTTPANNOTATE_OUT_H

#include "httpannotate/base.h"

/* A growing run of bytes. Initialise with {0}; release with ha_buf_free. */
struct ha_buf {
    char *ptr;
    size_t len;
    size_t cap;
    bool failed; /* memory ran out; later additions do nothing */
};

/* As ha_buf_room, where there is too little of it. */
char *ha_buf_grow(struct ha_buf *b, size_t more);
/* Room for more bytes behind len; NULL when memory ran out. The bytes become part of the buffer
 * when the caller adds to len. */
static inline char *ha_buf_room(struct ha_buf *b, size_t more)
{
    bool fits = !b->failed && more <= b->cap - b->len;
    return __builtin_expect(fits, 1) ? b->ptr + b->len : ha_buf_grow(b, more);
}
void ha_buf_bytes(struct ha_buf *b, const void *bytes, size_t len);
void ha_buf_view(struct ha_buf *b, struct ha_view v);
void ha_buf_str(struct ha_buf *b, const char *s);
static inline void ha_buf_char(struct ha_buf *b, char c)
{
    char *to = ha_buf_room(b, 1);
    if (to == NULL)
        return;
    *to = c;
    b->len++;
}
void ha_buf_u64(struct ha_buf *b, uint64_t n);
void ha_buf_printf(struct ha_buf *b, const char *fmt, ...) HA_PRINTF(2, 3);
/* n copies of c. */
void ha_buf_fill(struct ha_buf *b, char c, size_t n);
/* The length of the valid UTF-8 sequence that v, which is not empty, begins with (RFC 3629: no
 * surrogates, no overlong forms, at most U+10FFFF) and its code point; 0: there is none. */
size_t ha_utf8_decode(struct ha_view v, uint32_t *code);
/* v as a JSON string with its quotes. Always valid UTF-8 (RFC 8259 section 8.1): each byte that is
 * not part of a valid UTF-8 sequence becomes U+FFFD, control characters are escaped. */
void ha_buf_json_string(struct ha_buf *b, struct ha_view v);
/* v for a person at a terminal: printable UTF-8 as it is; every control byte (C0, DEL, C1 also as
 * UTF-8, bidirectional overrides) and every invalid byte as \xHH. keep_tab leaves TAB alone. */
void ha_buf_visible(struct ha_buf *b, struct ha_view v, bool keep_tab);
/* v for a person, as one word of a sentence, so that nobody can write a part of the sentence: made
 * visible, and unless it is a plain run (printable ASCII without blanks, commas, parentheses, bars,
 * quotes and backslashes) in double quotes, with a backslash before each quote and backslash. */
void ha_buf_quoted(struct ha_buf *b, struct ha_view v);
/* v between single quotes of a shell, which takes it for one word as it stands. fish takes a
 * backslash before a quote or a backslash for an escape: for it v must have none. */
void ha_buf_shell_quoted(struct ha_buf *b, struct ha_view v);
/* Cells a terminal needs for v after ha_buf_visible, counting one per code point (two for wide East
 * Asian ones, none for combining marks). */
size_t ha_text_width(struct ha_view v);
bool ha_buf_ok(const struct ha_buf *b);
void ha_buf_clear(struct ha_buf *b);
void ha_buf_free(struct ha_buf *b);

/* Appends all that fd still gives, for small files that are read whole: with more than `most` bytes
 * it is HA_ERR_LIMIT, told as all else of path. HA_ERR_IO, HA_ERR_MEMORY. */
enum ha_err ha_buf_read(struct ha_buf *b, int fd, const char *path, size_t most,
                        struct ha_problem *p) HA_MUST_USE;

/* A file that appears whole or not at all: written to a temporary file beside path, then renamed
 * over it. The mode is that of the file it replaces, or 0666 less the umask. A path that is no
 * regular file (/dev/stderr, a FIFO) is written directly. On failure nothing is left behind and *p
 * says why. */
enum ha_err ha_file_replace(const char *path, struct ha_view content,
                            struct ha_problem *p) HA_MUST_USE;
/* The same for a file that is open as *fd and locked (flock), so that the lock goes over: the new
 * file is locked before it has its name, and *fd is then that one, the one before closed. */
enum ha_err ha_file_replace_locked(const char *path, struct ha_view content, int *fd,
                                   struct ha_problem *p) HA_MUST_USE;

#endif
