/* base.h - what every module may use: borrowed bytes, errors, problems, memory, civil time.
 *
 * Layer 0. Nothing here knows of HTTP, logs or the terminal. */
#ifndef HTTPANNOTATE_BASE_H
#define HTTPANNOTATE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HA_MUST_USE           __attribute__((warn_unused_result))
#define HA_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define HA_COUNT(array)       (sizeof(array) / sizeof((array)[0]))

/* A bug in the program stops it, in release builds too: a wrong count is worse than no count. */
#define HA_ASSERT(cond) ((cond) ? (void)0 : ha_assert_failed(#cond, __FILE__, __LINE__))
_Noreturn void ha_assert_failed(const char *cond, const char *file, int line);

/* Borrowed bytes. Not NUL-terminated; a NUL inside is data. ptr may be NULL when len is 0. */
struct ha_view {
    const char *ptr;
    size_t len;
};

#define HA_VIEW_LIT(s) ((struct ha_view){(s), sizeof(s) - 1})

/* The view of a NUL-terminated string; the string stays the caller's. */
struct ha_view ha_view_of(const char *s);
/* True when both hold the same bytes. */
bool ha_view_eq(struct ha_view a, struct ha_view b);
/* True when the view holds exactly the bytes of the NUL-terminated string s. */
bool ha_view_is(struct ha_view a, const char *s);
/* True when a shell takes it for one word, as it stands. */
bool ha_view_is_shell_word(struct ha_view a);
/* Like memcmp over the shorter, then by length: less than, equal to or greater than 0. */
int ha_view_cmp(struct ha_view a, struct ha_view b);
/* True when a and b are equal but for the case of ASCII letters. */
bool ha_view_eq_nocase(struct ha_view a, struct ha_view b);
/* Reads an unsigned decimal number that fills the whole view. False, and *out untouched, when the
 * view is empty, holds anything but digits, or the number does not fit in 64 bits. */
bool ha_view_u64(struct ha_view v, uint64_t *out);
/* What programs put before text in UTF-8 to say so (RFC 3629 section 6). */
#define HA_BOM "\xEF\xBB\xBF"
enum { HA_BOM_LEN = 3 };
/* Whether a # begins the line, as it does directives and comments, or does behind a byte order
 * mark. */
static inline bool ha_is_directive(struct ha_view line)
{
    return line.len > 0 && (line.ptr[0] == '#' || (line.len > HA_BOM_LEN && line.ptr[3] == '#' &&
                                                   memcmp(line.ptr, HA_BOM, HA_BOM_LEN) == 0));
}
/* ASCII alone, whatever the locale. */
static inline bool ha_is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}
static inline bool ha_is_letter(char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26;
}
/* Eight bytes as a number whose lowest byte is the first of them. */
static inline uint64_t ha_word_at(const char *s)
{
    uint64_t w;
    memcpy(&w, s, sizeof w);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    w = __builtin_bswap64(w);
#endif
    return w;
}

/* What can go wrong in the world. The place and cause travel in struct ha_problem. */
enum ha_err {
    HA_OK = 0,
    HA_ERR_MEMORY, /* an allocation failed */
    HA_ERR_IO,     /* read, write, open, rename: os_error holds errno */
    HA_ERR_SYNTAX, /* text that cannot be read: a pattern, an option's value, a partial report */
    HA_ERR_LIMIT,  /* a stated maximum was reached; the message names the option that raises it */
    HA_ERR_CLOSED, /* the reader of our output went away: no trouble, end quietly */
};

/* A problem as a person is told it. All text is owned by the struct. */
struct ha_problem {
    enum ha_err err;
    int os_error;    /* errno, or 0 */
    size_t line;     /* 1-based line in place, or 0 when it has none */
    size_t column;   /* 1-based column (bytes), or 0 */
    char place[256]; /* the file or option concerned; "" when there is none */
    char cause[512]; /* one sentence without a full stop: what happened and what to do */
};

/* Fills *p (which may be NULL) and returns err, so that a failure is one statement. */
enum ha_err ha_problem_set(struct ha_problem *p, enum ha_err err, const char *place,
                           const char *cause_fmt, ...) HA_PRINTF(4, 5);
/* Where in its place the problem is; 0: not known. p may be NULL. */
void ha_problem_at(struct ha_problem *p, size_t line, size_t column);
/* As ha_problem_set, for a failed system call: the cause is the words of os_error (an errno). */
enum ha_err ha_problem_os(struct ha_problem *p, const char *place, int os_error);

/* Memory. As malloc, calloc, realloc and free, but tests can make the n-th allocation fail; no
 * other code of the program calls the C library's allocator. NULL on failure. size 0 is a bug. */
void *ha_alloc(size_t size) HA_MUST_USE;
void *ha_calloc(size_t count, size_t size) HA_MUST_USE;
void *ha_realloc(void *old, size_t size) HA_MUST_USE;
void ha_free(void *p);
/* The array, perhaps moved, with room for one more element behind its count; NULL when memory ran
 * out: the old one is then as it was. For arrays that begin as NULL and get their room here alone,
 * one by one; their last elements may be dropped. */
void *ha_one_more(void *array, size_t count, size_t size) HA_MUST_USE;
/* Has the C library hold no more memory than is in use, as far as it can be told to. To be called
 * before the first thread starts. */
void ha_alloc_sparingly(void);
/* Gives back to the system what was freed, where the C library still holds it. */
void ha_alloc_give_back(void);
/* A NUL-terminated copy of v on the heap (release with ha_free), or NULL when memory ran out. */
char *ha_strdup_view(struct ha_view v) HA_MUST_USE;

/* For tests: the n-th (1-based) allocation from now on fails, and only that one; 0 turns it off.
 * Returns how many allocations were made since the last call. Not thread-safe. */
uint64_t ha_alloc_fail_at(uint64_t n);

/* Files. As read(2), write(2) whole, open(2) for reading; restarted after EINTR unless a stop or a
 * report was asked for; tests can make the n-th call fail with an errno of their choice. */
struct ha_fault {
    uint64_t at;  /* the call (1-based, counted from now) that fails; 0: none */
    int os_error; /* with this errno */
};
void ha_read_fault(struct ha_fault f);
void ha_write_fault(struct ha_fault f);
/* Bytes read, 0 at end of file, -1 with errno set (EINTR is returned to the caller). */
int64_t ha_read(int fd, void *to, size_t size);
/* 0 when all len bytes were written, -1 with errno set. Waits on a full non-blocking pipe. */
int ha_write_all(int fd, const void *from, size_t len);
/* Has a pipe hold a mebibyte, where the system lets it, so that those at its ends wait less often
 * for each other; what is no pipe stays as it is. */
void ha_pipe_widen(int fd);

/* Civil time (proleptic Gregorian, UTC). Microseconds since 1970-01-01T00:00:00Z throughout. */
#define HA_US_PER_S  INT64_C(1000000)
#define HA_MINUTE_US (60 * HA_US_PER_S)
/* a / b towards minus infinity, for the times before 1970; b is more than 0. */
static inline int64_t ha_floor_div(int64_t a, int64_t b)
{
    /* Nearly every time is after 1970, and without a sign it costs less to divide. */
    if (__builtin_expect(a >= 0, 1))
        return (int64_t)((uint64_t)a / (uint64_t)b);
    return a / b - (a % b < 0);
}
struct ha_civil {
    int year;                 /* 0 to 9999 */
    int month;                /* 1 to 12 */
    int day;                  /* 1 to 31 */
    int hour, minute, second; /* second may be 60 when read, never when written */
    int microsecond;
    int offset_min; /* minutes east of UTC */
};
/* Microseconds since the epoch of a civil time, its offset taken off. No range check. */
int64_t ha_time_us(const struct ha_civil *c);
/* The reverse; offset_min is kept and the fields are those of a clock with that offset. */
struct ha_civil ha_time_civil(int64_t time_us, int offset_min);
/* The offset, in minutes east of UTC, of a clock that shows clock_us, in a zone whose offset at a
 * time offset_at tells. An hour that comes twice is taken for the first, one that never comes
 * counts on from what was before. */
int ha_time_offset_of_clock(int (*offset_at)(int64_t time_us), int64_t clock_us);
/* Writes RFC 3339 (2026-11-24T10:00:00Z, with .ffffff only where it is not zero, and +01:00 for an
 * offset) and a NUL into to, which holds at least HA_TIME_TEXT bytes. Returns the length. Years
 * beyond 0 to 9999 have a sign and six digits, as in ECMAScript's dates. */
#define HA_TIME_TEXT 40
size_t ha_time_text(int64_t time_us, int offset_min, char *to);
/* 1 to 12 for an English month name of three letters in any case, 0 for anything else. */
int ha_month(const char *three);

/* Every maximum of the program. 0 never means unlimited. */
struct ha_limits {
    size_t max_line;          /* bytes of a line without its ending; --max-line */
    size_t block_size;        /* bytes read at a time; more are held only for a longer line */
    uint32_t match_limit;     /* PCRE2's match limit for one try of a pattern; above max_line / 2,
                               * so that a pattern that goes through a line once never meets it */
    size_t unmatched_samples; /* unmatched lines kept as samples in the report */
    size_t sample_bytes;      /* bytes kept of each */
    size_t distinct_methods;  /* unlisted method tokens counted apart; the rest in one sum */
    size_t top_entries;       /* entries a top list holds before it becomes an estimate */
    size_t top_bytes;         /* bytes of the values of one top list */
    size_t value_bytes;       /* longest value that a top list keeps; longer ones are cut, told */
    size_t time_buckets;      /* buckets the timeline holds before it widens them; of a minute
                               * twice as many, and so many pairs of minute and error status */
    size_t evidence_errors;   /* entries of the sample of errors (evidence.h) */
    size_t evidence_others;   /* entries of that of other requests */
    size_t conduct_periods;   /* periods of clients and of targets that are kept, of each kind */
    size_t pattern_file;      /* bytes of a pattern file */
};
#define HA_LIMITS_DEFAULT                                                                          \
    ((struct ha_limits){.max_line = 1u << 20,                                                      \
                        .block_size = 256u << 10,                                                  \
                        .match_limit = 1u << 20,                                                   \
                        .unmatched_samples = 10,                                                   \
                        .sample_bytes = 1024,                                                      \
                        .distinct_methods = 1024,                                                  \
                        .top_entries = 1u << 15,                                                   \
                        .top_bytes = 2u << 20,                                                     \
                        .value_bytes = 1024,                                                       \
                        .time_buckets = 1u << 15,                                                  \
                        .evidence_errors = 8192,                                                   \
                        .evidence_others = 1024,                                                   \
                        .conduct_periods = 1u << 13,                                               \
                        .pattern_file = 1u << 20})

#endif
