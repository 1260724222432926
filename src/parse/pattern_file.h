/* pattern_file.h - the text of a pattern file, read into its parts. */
#ifndef HTTPANNOTATE_PARSE_PATTERN_FILE_H
#define HTTPANNOTATE_PARSE_PATTERN_FILE_H

#include "httpannotate/out.h"
#include "parse/json_keys.h"

/* Where a byte of the expanded expression stands in the file. */
struct ha_origin {
    uint32_t line, column;
};

/* A line the pattern must match or refuse, and the fields it must give. */
struct ha_pattern_case {
    struct ha_view text;
    size_t line; /* in the file */
    bool reject;
    size_t expect; /* index of its first expectation */
    size_t expect_count;
};
struct ha_pattern_expect {
    struct ha_view field, value; /* value "" when the field must be absent */
    size_t line;
};

enum { HA_PATTERN_TIMES = 24, HA_PATTERN_CASES = 64, HA_PATTERN_EXPECTS = 512 };

/* Formats that most servers write are tried first, so that a log of theirs compiles no other;
 * lines that no pattern read, by the salvage tier. */
enum ha_tier { HA_TIER_LINE, HA_TIER_FIRST, HA_TIER_SALVAGE, HA_TIER_N };
/* What the bytes column counts (reference/lint.md, section 0). */
enum ha_bytes_kind { HA_BYTES_UNKNOWN, HA_BYTES_BODY, HA_BYTES_WIRE, HA_BYTES_LENGTH_FIELD };

struct ha_pattern_file {
    char *name, *summary; /* on the heap */
    enum ha_tier tier;
    enum ha_bytes_kind bytes_kind;
    uint64_t duration_ns;                   /* nanoseconds in one unit of the duration */
    struct ha_view times[HA_PATTERN_TIMES]; /* formats, tried in this order; views of the text */
    size_t time_count;
    bool clf_time;         /* the first one is the common log format's */
    struct ha_keys *keys;  /* of a format read by keys; NULL: by its regex */
    struct ha_buf regex;   /* expanded */
    struct ha_buf origins; /* struct ha_origin, one a byte of regex */
    struct ha_pattern_case *cases;
    size_t case_count;
    struct ha_pattern_expect *expects;
    size_t expect_count;
};

/* Reads the text of a pattern file; place names it in messages. text must outlive *out, which is
 * to be released with ha_pattern_file_free in any case. */
enum ha_err ha_pattern_file_read(struct ha_view text, const char *place,
                                 struct ha_pattern_file *out, struct ha_problem *p) HA_MUST_USE;
void ha_pattern_file_free(struct ha_pattern_file *f);
/* Appends expression text with its ${PIECES} expanded. origins may be NULL. HA_ERR_SYNTAX for an
 * unknown piece, with its column (counted from where.column) in *p. */
enum ha_err ha_expand_pieces(struct ha_view text, struct ha_origin where, const char *place,
                             struct ha_buf *regex, struct ha_buf *origins,
                             struct ha_problem *p) HA_MUST_USE;

#endif
