/* record.h - one line of a log as the program understands it.
 *
 * Layer 1. A record owns nothing: its views point into its block and die with it. */
#ifndef HTTPANNOTATE_RECORD_H
#define HTTPANNOTATE_RECORD_H

#include "httpannotate/base.h"

enum ha_field {
#define HA_FIELD(id, name, kind, meaning) HA_FIELD_##id,
#include "httpannotate/tbl/fields.def"
#undef HA_FIELD
    HA_FIELD_N
};

/* What became of a line. lines = blank + directives + matched + salvaged + unmatched. */
enum ha_verdict { HA_BLANK, HA_DIRECTIVE, HA_MATCHED, HA_SALVAGED, HA_UNMATCHED, HA_VERDICT_N };

/* Why a line was not matched. */
enum ha_reason {
    HA_REASON_NONE,
    HA_REASON_TOO_LONG,    /* longer than --max-line */
    HA_REASON_NO_STATUS,   /* nothing in it reads as a status */
    HA_REASON_NO_PATTERN,  /* a status may be there, but no pattern reads the line */
    HA_REASON_MATCH_LIMIT, /* a pattern backtracked to its match limit */
    HA_REASON_N
};
/* The name of a reason as reports print it: "too long", "no status", ... Static. */
const char *ha_reason_name(enum ha_reason reason);

/* What the protocol says should not be (lint.h). Parts are counted for a rule that is judged at the
 * end. */
enum ha_rule {
#define HA_RULE(id, name, severity, graver, scope, certainty, least, basis, message, condition,    \
                doubt)                                                                             \
    HA_RULE_##id,
#define HA_RULE_FOLLOWS(id, name, severity, certainty, basis, message, condition, doubt)           \
    HA_RULE_##id,
#define HA_RULE_PART(id, name, rule)
#include "httpannotate/tbl/rules.def"
#undef HA_RULE
#undef HA_RULE_FOLLOWS
#undef HA_RULE_PART
    HA_RULES, /* those that have a card */
    HA_RULE_BEFORE_PARTS = HA_RULES - 1,
#define HA_RULE(id, name, severity, graver, scope, certainty, least, basis, message, condition,    \
                doubt)
#define HA_RULE_FOLLOWS(id, name, severity, certainty, basis, message, condition, doubt)
#define HA_RULE_PART(id, name, rule) HA_RULE_##id,
#include "httpannotate/tbl/rules.def"
#undef HA_RULE
#undef HA_RULE_FOLLOWS
#undef HA_RULE_PART
    HA_RULE_N
};
/* One bit a rule; the second word is of rules in their graver form. */
enum { HA_MILD, HA_GRAVE, HA_FORMS };

#define HA_NO_STATUS       (-1)
#define HA_NO_METHOD       (-1) /* no method: the request is no HTTP, or the format has none */
#define HA_UNLISTED_METHOD (-2) /* a method token that the tables do not list */

struct ha_record {
    struct ha_view line;                    /* the line without its ending */
    uint64_t line_number;                   /* 1-based within its source */
    uint32_t has;                           /* bit f set: field[f] holds text */
    uint16_t pattern;                       /* index of the pattern that matched */
    uint8_t verdict;                        /* enum ha_verdict */
    uint8_t reason;                         /* enum ha_reason */
    uint8_t ending;                         /* bytes of the line's ending: 0, 1 (LF) or 2 (CRLF) */
    bool has_time, has_bytes, has_duration; /* has_bytes also where the size is "-": none */
    /* Set: the protocol is HTTP/1.0, 1.1, 2.0 or 3.0, and the target begins with / and has no byte
     * of ! " # < = > ? \ or space, control, DEL or beyond ASCII. Not set: that is not known. */
    bool plain_request;
    int16_t status;      /* 0 to 999, or HA_NO_STATUS */
    int16_t method;      /* index into the method table, HA_NO_METHOD or HA_UNLISTED_METHOD */
    int16_t offset_min;  /* offset of the time as written, minutes east of UTC */
    int64_t time_us;     /* microseconds since the epoch */
    uint64_t body_bytes; /* 0 when "-" */
    uint64_t duration_us;
    uint64_t findings[HA_FORMS];      /* set by ha_lint: bit i for rule i */
    struct ha_view clients;           /* the client column whole, where it lists several */
    struct ha_view field[HA_FIELD_N]; /* valid where the bit in has is set */
};

static inline bool ha_has(const struct ha_record *r, enum ha_field f)
{
    return (r->has >> f & 1u) != 0;
}
/* The text of a field, or an empty view with a NULL pointer when the line does not have it. */
static inline struct ha_view ha_get(const struct ha_record *r, enum ha_field f)
{
    return ha_has(r, f) ? r->field[f] : (struct ha_view){NULL, 0};
}
static inline void ha_put(struct ha_record *r, enum ha_field f, struct ha_view v)
{
    r->field[f] = v;
    r->has |= UINT32_C(1) << f;
}

/* Whether a value says nothing: it is empty, or the - that logs write for none. */
static inline bool ha_is_none(struct ha_view v)
{
    return v.len == 0 || (v.len == 1 && v.ptr[0] == '-');
}

/* The class of a status: 1 to 5 for 100 to 599, 0 ("other") for all else. */
static inline int ha_class_of(int status)
{
    return status >= 100 && status <= 599 ? status / 100 : 0;
}
/* A status from 0 to 999 in three digits, with a NUL behind. */
static inline void ha_code_text(int status, char to[4])
{
    to[0] = (char)('0' + status / 100);
    to[1] = (char)('0' + status / 10 % 10);
    to[2] = (char)('0' + status % 10);
    to[3] = '\0';
}

#endif
