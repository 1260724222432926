/* lint.h - what the files of the linter share. */
#ifndef HTTPANNOTATE_LINT_LINT_H
#define HTTPANNOTATE_LINT_LINT_H

#include "httpannotate/lint.h"

/* Codes of the table: none, then 0 to 999. Rows: one of rare methods, and those that are frequent.
 */
enum { HA_LINT_CODES = 1001, HA_LINT_ROWS = 7 };

/* Methods that rules name, by index. */
struct ha_lint_methods {
#define HA_LINT_METHODS(X)                                                                         \
    X(GET)                                                                                         \
    X(HEAD)                                                                                        \
    X(POST)                                                                                        \
    X(PUT)                                                                                         \
    X(DELETE)                                                                                      \
    X(CONNECT)                                                                                     \
    X(OPTIONS)                                                                                     \
    X(TRACE)                                                                                       \
    X(QUERY)                                                                                       \
    X(PRI)                                                                                         \
    X(PROPFIND) X(PROPPATCH) X(MKCOL) X(COPY) X(MOVE) X(SEARCH) X(TRACK) X(DEBUG) X(PURGE) X(BAN)
#define X(name) int name;
    HA_LINT_METHODS(X)
#undef X
};

/* Groups of rules that look at a record, and conditions under which some do. */
enum {
    HA_LOOK_STATUS = 1,
    HA_LOOK_CONTENT = 2,
    HA_LOOK_METHOD = 4,
    HA_LOOK_REQUEST = 8,
    HA_LOOK_TARGET = 16,
    HA_LOOK_OTHERS = 32,
    HA_LOOK_REFERER = 64,
    HA_GROUPS = 127,
    HA_IF_BYTES = 128,  /* at the content, when bytes were sent */
    HA_IF_CACHE = 256,  /* at the others, when there is a cache verdict */
    HA_IF_ROBOTS = 512, /* at the others, when the target is robots.txt */
};

/* What is known of records by their method and status. */
struct ha_lint_says {
    uint64_t found[HA_FORMS]; /* what they show in any case */
    uint64_t some, none;      /* what they show in their mild form when content was sent, or none,
                               * and the format's column counts it */
    uint16_t look;            /* who looks at them besides */
    uint8_t sends;            /* 1: somebody does, or may */
};

/* As ha_lint_batch. */
void ha_lint_glance(const struct ha_linter *l, struct ha_record *records, const uint8_t *chosen,
                    size_t n);
#if defined(__x86_64__)
void ha_lint_glance_avx2(const struct ha_linter *l, struct ha_record *records,
                         const uint8_t *chosen, size_t n);
void ha_lint_glance_avx512(const struct ha_linter *l, struct ha_record *records,
                           const uint8_t *chosen, size_t n);
#endif

struct ha_linter {
    const struct ha_facts *facts;
    struct ha_lint_methods m;
    struct ha_lint_format *formats;
    size_t format_count;
    uint32_t endings[32]; /* by the last letter of a name that rules look for in queries, a bit each
                             for the letter before it */
    /* The quickest of them that the processor has. */
    void (*glance)(const struct ha_linter *l, struct ha_record *records, const uint8_t *chosen,
                   size_t n);
    struct ha_lint_says *says;       /* of each row and each code (+ 1) */
    const struct ha_lint_says **row; /* of each method (index + 2) */
};

/* A record under examination. */
struct ha_lint_look {
    const struct ha_linter *l;
    const struct ha_lint_methods *m;
    const struct ha_lint_format *format;
    struct ha_record *r;
    int status, class, method; /* class 0: no legal status */
    bool has_request;          /* the format has the request line */
    struct ha_view target, protocol;
};

static inline void ha_found_rule(struct ha_lint_look *k, enum ha_rule rule, bool grave)
{
    k->r->findings[grave ? HA_GRAVE : HA_MILD] |= UINT64_C(1) << rule;
}

/* Has the rules of some groups look at a record. */
void ha_lint_examine(const struct ha_linter *l, struct ha_record *r, unsigned groups);
/* The rules, by what they look at. */
void ha_lint_status(struct ha_lint_look *k);  /* status alone, and with the method */
void ha_lint_content(struct ha_lint_look *k); /* bytes */
void ha_lint_method(struct ha_lint_look *k);  /* methods that are unknown, dangerous, tried */
void ha_lint_request(struct ha_lint_look *k); /* the form of the request line */
void ha_lint_target(struct ha_lint_look *k);  /* characters, secrets, addresses */
void ha_lint_referer(struct ha_lint_look *k);
void ha_lint_others(struct ha_lint_look *k); /* cache verdict, robots.txt */

/* Whether a name that rules look for may end before one of the =, by its last two letters. */
bool ha_lint_names_end(const struct ha_linter *l, struct ha_view target);
/* An offset before which there is no byte out of place in a target. */
size_t ha_lint_odd_from(struct ha_view target);

/* Names of parameters by whose values a read is none. */
extern const struct ha_view ha_lint_action_names[4];

/* Fills the table. */
void ha_lint_table(struct ha_linter *l);

#endif
