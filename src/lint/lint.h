/* lint.h - what the files of the linter share. */
#ifndef HTTPANNOTATE_LINT_LINT_H
#define HTTPANNOTATE_LINT_LINT_H

#include "httpannotate/lint.h"

/* Codes of the table: none, then 0 to 999. */
enum { HA_LINT_CODES = 1001 };

/* Methods that rules name, by index. */
struct ha_lint_methods {
#define HA_LINT_METHODS(X)                                                                         \
    X(GET) X(HEAD) X(POST) X(PUT) X(DELETE) X(CONNECT) X(OPTIONS) X(TRACE) X(QUERY) X(PRI)         \
    X(PROPFIND) X(PROPPATCH) X(MKCOL) X(COPY) X(MOVE) X(SEARCH) X(TRACK) X(DEBUG) X(PURGE) X(BAN)
#define X(name) int name;
    HA_LINT_METHODS(X)
#undef X
};

/* What the table says of a method with a status: groups of rules that look at the record, and
 * conditions under which some do. */
enum {
    HA_LOOK_STATUS = 1,
    HA_LOOK_CONTENT = 2,
    HA_LOOK_METHOD = 4,
    HA_LOOK_REQUEST = 8,
    HA_LOOK_TARGET = 16,
    HA_LOOK_OTHERS = 32,
    HA_LOOK_REFERER = 64,
    HA_GROUPS = 127,
    HA_IF_BYTES = 128, /* at the content, when bytes were sent */
    HA_IF_NONE = 256,  /* at the content, when none were */
    HA_IF_CACHE = 512, /* at the others, when there is a cache verdict */
    HA_IF = HA_IF_BYTES | HA_IF_NONE | HA_IF_CACHE,
};

struct ha_linter {
    const struct ha_facts *facts;
    struct ha_lint_methods m;
    struct ha_lint_format *formats;
    size_t format_count;
    size_t rows;
    uint16_t *look; /* of each method (index + 2) and each code (+ 1) */
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

/* The rules, by what they look at. */
void ha_lint_status(struct ha_lint_look *k);  /* status alone, and with the method */
void ha_lint_content(struct ha_lint_look *k); /* bytes */
void ha_lint_method(struct ha_lint_look *k);  /* methods that are unknown, dangerous, tried */
void ha_lint_request(struct ha_lint_look *k); /* the form of the request line */
void ha_lint_target(struct ha_lint_look *k);  /* characters, secrets, addresses */
void ha_lint_referer(struct ha_lint_look *k);
void ha_lint_others(struct ha_lint_look *k);  /* cache verdict, robots.txt */

/* An offset before which there is no byte out of place in a target. */
size_t ha_lint_odd_from(struct ha_view target);

/* Fills the table. */
void ha_lint_table(struct ha_linter *l);

#endif
