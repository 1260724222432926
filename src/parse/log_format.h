/* log_format.h - a server's format string, taken apart. Private to src/parse.
 *
 * The string goes through four hands: server_config.c or log_format.c takes off the quotes of the
 * configuration file; log_format_apache.c or log_format_nginx.c makes items of it, each a literal
 * or a field with the shape of its text; log_format_plan.c joins what belongs together and chooses
 * which item fills which field; log_format_build.c writes the text of a pattern file. */
#ifndef HTTPANNOTATE_PARSE_LOG_FORMAT_H
#define HTTPANNOTATE_PARSE_LOG_FORMAT_H

#include "httpannotate/out.h"
#include "httpannotate/record.h"

/* What the text of an item may be, and so where it ends. */
enum ha_shape {
    HA_SHAPE_LITERAL,  /* exactly these bytes */
    HA_SHAPE_NUMBER,   /* digits, or - */
    HA_SHAPE_SECONDS,  /* digits with a fraction, or - */
    HA_SHAPE_STATUS,   /* three digits, or - */
    HA_SHAPE_SIGN,     /* one of X + - */
    HA_SHAPE_WORD,     /* no blank, TAB or quote */
    HA_SHAPE_HOST,     /* a word; directly before a target it ends at the slash */
    HA_SHAPE_ADDRESS,  /* a word, or several with commas */
    HA_SHAPE_CHAIN,    /* addresses with commas, but a client writes what it likes: else as text */
    HA_SHAPE_TEXT,     /* anything: it ends where the literal behind it begins */
    HA_SHAPE_TARGET,   /* as text; begins with a slash where nothing stands before it */
    HA_SHAPE_QUERY,    /* as text; directly behind a target it belongs to it */
    HA_SHAPE_QUESTION, /* ? or nothing */
    HA_SHAPE_LIST,     /* words joined by ", " and " : ", as nginx writes about several servers */
    HA_SHAPE_TIME,     /* by a format */
};

enum { HA_FIELD_NONE = HA_FIELD_N }; /* the field of an item that is read over */

/* What a time format gives, as bits. */
enum {
    HA_PART_YEAR = 1,
    HA_PART_MONTH = 2,
    HA_PART_DAY = 4,
    HA_PART_HOUR = 8,
    HA_PART_MINUTE = 16,
    HA_PART_SECOND = 32,
    HA_PART_FRACTION = 64,
    HA_PART_ZONE = 128,
    HA_PART_EPOCH = 256,
    HA_PART_HALF = 512,
    HA_PART_HOUR12 = 1024,
};

struct ha_format_item {
    enum ha_shape shape;
    uint8_t field, rank;     /* enum ha_field or HA_FIELD_NONE; the highest rank fills the field */
    bool chosen;             /* this one does */
    bool or_dash;            /* a condition may put - in its place */
    bool at_end;             /* a time at the end of the request, not at its begin */
    const char *unit;        /* of a duration or a fraction; what bytes count; see ha_format_plan */
    uint32_t at, len;        /* in the string, for messages */
    uint32_t text, text_len; /* in words: the literal, or the time format (timefmt.h) */
    uint32_t parts;          /* of a time */
};

/* How nginx protects what is special in a value (log_format's parameter escape). */
enum ha_format_escape { HA_ESCAPE_DEFAULT, HA_ESCAPE_JSON, HA_ESCAPE_NONE };

struct ha_log_format {
    /* Where messages point: an option's value, or a file. */
    const char *place;
    struct ha_view source;
    bool is_file;
    /* The string without the quotes around it; where each byte stood in source (uint32_t). */
    struct ha_buf string, origins;
    bool is_nginx;
    enum ha_format_escape escape;
    struct ha_format_item *items;
    size_t count;
    struct ha_buf words;
};

enum { HA_FORMAT_STRING_MOST = 16384, HA_FORMAT_ITEMS_MOST = 400 };

/* A failure at byte `at` of the string; of the source. */
enum ha_err ha_format_wrong(const struct ha_log_format *f, size_t at, struct ha_problem *p,
                            const char *cause, ...) HA_PRINTF(4, 5);
enum ha_err ha_format_wrong_source(const struct ha_log_format *f, size_t at, struct ha_problem *p,
                                   const char *cause, ...) HA_PRINTF(4, 5);
/* Adds a byte that stands at `origin` in the source to the string. */
void ha_format_put(struct ha_log_format *f, char c, size_t origin);
/* Adds an item; literal bytes directly behind a literal go on with it. HA_ERR_LIMIT, HA_ERR_MEMORY.
 */
enum ha_err ha_format_add(struct ha_log_format *f, const struct ha_format_item *item,
                          struct ha_problem *p) HA_MUST_USE;
enum ha_err ha_format_add_literal(struct ha_log_format *f, char c, size_t at,
                                  struct ha_problem *p) HA_MUST_USE;
/* The words of an item: its literal or its time format. */
struct ha_view ha_format_words(const struct ha_log_format *f, const struct ha_format_item *item);

/* Makes items of the string. HA_ERR_SYNTAX points at the directive or variable that is not known.
 */
enum ha_err ha_format_read_apache(struct ha_log_format *f, struct ha_problem *p) HA_MUST_USE;
enum ha_err ha_format_read_nginx(struct ha_log_format *f, struct ha_problem *p) HA_MUST_USE;
/* Whether nginx documents a variable of this name. */
bool ha_format_nginx_knows(struct ha_view name);
/* Writes a strftime format into words as one of timefmt.h, and sets text, text_len and parts of
 * *item. `at` is where the format stands in the string. */
enum ha_err ha_format_time(struct ha_log_format *f, struct ha_view strftime_format, size_t at,
                           struct ha_format_item *item, struct ha_problem *p) HA_MUST_USE;
/* The same for a format that is one of timefmt.h already. */
enum ha_err ha_format_time_own(struct ha_log_format *f, struct ha_view format,
                               struct ha_format_item *item, struct ha_problem *p) HA_MUST_USE;
/* Appends the expression of a time format of timefmt.h. */
void ha_format_time_regex(struct ha_view format, struct ha_buf *to);
/* Appends a byte as an expression that matches it. */
void ha_format_regex_byte(struct ha_buf *to, char c);

/* Joins times and targets of several items, chooses what fills each field, and refuses neighbours
 * that cannot be told apart, and a string without a status. The unit of a joined target is what
 * stands behind a path without a query: "-" or "?-" where nginx writes a hyphen for the query that
 * is not there, else "". */
enum ha_err ha_format_plan(struct ha_log_format *f, struct ha_problem *p) HA_MUST_USE;
/* Appends the text of a pattern file. */
void ha_format_build(const struct ha_log_format *f, const char *name, struct ha_buf *to);

/* server_config.c: finds a format in the text of a configuration (f->source) and puts its string
 * into f. name: which one; empty: the only one. */
enum ha_err ha_config_find_format(struct ha_log_format *f, struct ha_view name,
                                  struct ha_problem *p) HA_MUST_USE;
/* True when a directive other than log_format mentions $name, or when the text includes other
 * files. */
bool ha_config_mentions(struct ha_view text, struct ha_view name);
/* Takes the quotes off an argument at *at of f->source, by Apache's or nginx's rules, and moves *at
 * behind it. sink false: nothing is added to the string. */
enum ha_err ha_config_apache_word(struct ha_log_format *f, size_t *at, bool sink,
                                  struct ha_problem *p) HA_MUST_USE;
enum ha_err ha_config_nginx_word(struct ha_log_format *f, size_t *at, bool sink,
                                 struct ha_problem *p) HA_MUST_USE;
/* Reads "escape=json" at *at of f->source where it stands there, and moves *at behind it. */
enum ha_err ha_config_escape(struct ha_log_format *f, size_t *at, struct ha_problem *p) HA_MUST_USE;

#endif
