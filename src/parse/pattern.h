/* pattern.h - a pattern as the matcher uses it. Private to src/parse. */
#ifndef HTTPANNOTATE_PARSE_PATTERN_H
#define HTTPANNOTATE_PARSE_PATTERN_H

#include <pthread.h>
#include <stdatomic.h>

#include "httpannotate/pattern.h"
#include "parse/pattern_file.h"
#include "parse/regex.h"

/* How the text of a group is read. */
enum ha_field_kind {
    HA_KIND_TEXT,
    HA_KIND_REQUEST,
    HA_KIND_STATUS,
    HA_KIND_BYTES,
    HA_KIND_TIME,
    HA_KIND_DURATION
};
/* The field of a name, and how its text is read; false when none is called so. */
bool ha_field_find(struct ha_view name, enum ha_field *field, enum ha_field_kind *kind);

struct ha_slot {
    uint8_t group, field, kind;
};

/* An expression made ready: which group fills which field. Never changes once made. */
struct ha_compiled {
    struct ha_regex *regex;
    struct ha_slot slots[HA_REGEX_GROUPS];
    size_t slot_count;
};

struct ha_pattern {
    struct ha_pattern_file file;
    char *text;                             /* of a user's file; NULL for built-in ones */
    char *place;                            /* what messages call it */
    _Atomic(struct ha_compiled *) compiled; /* NULL until first needed */
    bool broken;                            /* cannot be compiled (memory): never matches */
};

struct ha_patterns {
    struct ha_limits limits;
    struct ha_log_zone zone; /* of times that name none */
    struct ha_pattern *list;
    size_t count, cap;
    bool ordered;         /* the user gave the order: always try from the first */
    pthread_mutex_t lock; /* held while one compiles */
};

/* Compiles a pattern when it is first needed; thread-safe. NULL when that failed, with *p set. */
const struct ha_compiled *ha_pattern_compiled(struct ha_patterns *set, size_t index,
                                              struct ha_problem *p);
/* Adds the pattern of a pattern file's text. owned: the text on the heap, the set's from here on
 * in any case; NULL for a text that is always there. */
enum ha_err ha_patterns_add_text(struct ha_patterns *set, struct ha_view text, char *owned,
                                 const char *place, struct ha_problem *p) HA_MUST_USE;
/* The bytes of a file; *text is the caller's, to be released with ha_free. */
enum ha_err ha_pattern_read(const char *name, size_t most, char **text, size_t *len,
                            struct ha_problem *p) HA_MUST_USE;

#endif
