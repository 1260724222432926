/* facts.h - the reference: every status, method and pair, with its source.
 *
 * Layer 1. The rows come from the .def files in tbl/; --codes=FILE adds or overrides some at start.
 * A loaded ha_facts never changes and is shared by threads. */
#ifndef HTTPANNOTATE_FACTS_H
#define HTTPANNOTATE_FACTS_H

#include "httpannotate/base.h"

/* The day the tables were last held against the registries; --version prints it. */
#define HA_FACTS_DATE "2026-11-24"

struct ha_status_fact {
    int code;               /* 0 to 999 */
    const char *phrase;     /* "Too Many Requests" */
    const char *class_name; /* "4xx client error"; "none" for log-only markers */
    bool listed;            /* false: the row was made for an unlisted code from its class */
    bool registered;        /* in the IANA registry */
    const char *registry; /* "iana", "iana-temporary", "iana-reserved", "iana-deprecated", "vendor",
                              "codes file", or "none" for an unlisted code */
    const char *vendors;  /* "" or who uses it */
    const char *source;   /* RFC and section, or the vendor's document */
    const char *meaning;
    const char *hint;      /* for operators; "" when there is none */
    const char *cacheable; /* "y", "n", or words */
    const char *retryable; /* "y", "n", "conditional", ... */
    const char *fault;     /* client, server, upstream, either, none */
};
/* Another vendor's reading of the same number. */
struct ha_status_alt {
    int code;
    const char *vendor, *phrase, *meaning, *recognise_by, *source;
};
struct ha_method_fact {
    const char *method;
    const char *registry, *source;
    bool safe, idempotent;
    const char *cacheable;    /* "y", "n", or "conditional: ..." */
    bool cacheable_yes;       /* true only when cacheable is "y" */
    const char *request_body; /* what a body in the request means */
    const char *meaning, *hint;
};
enum ha_tone { HA_TONE_OK, HA_TONE_LOOK, HA_TONE_BAD };
struct ha_pair_fact {
    const char *method; /* "GET", "OPTIONS *", "(none)", "(TLS bytes)", "(any)" */
    const char *status; /* "206", "200 & 0 bytes" */
    const char *note;
    enum ha_tone tone;
    const char *basis;
};

struct ha_facts;

/* The built-in tables, and over them the rows of codes_file (NULL: none; TSV with the columns code,
 * phrase, and optionally meaning and hint; # starts a comment). On success *out is the caller's, to
 * be released with ha_facts_free. HA_ERR_IO, HA_ERR_SYNTAX (with line and column) or HA_ERR_MEMORY.
 */
enum ha_err ha_facts_load(const char *codes_file, struct ha_facts **out,
                          struct ha_problem *p) HA_MUST_USE;
void ha_facts_free(struct ha_facts **facts);

/* What the class of a status is called: "1xx" to "5xx", "other". Static. */
const char *ha_class_key(int status);
/* The row of a status from 0 to 999. Never NULL: an unlisted code has a row made from its class
 * (RFC 9110 section 15: x00 of the class; outside 100 to 599 a server error). */
const struct ha_status_fact *ha_facts_status(const struct ha_facts *facts, int status);
/* The listed rows in order of their code. */
const struct ha_status_fact *const *ha_facts_statuses(const struct ha_facts *facts, size_t *count);
/* The other readings of a code, *count of them (0: none). */
const struct ha_status_alt *ha_facts_alts(const struct ha_facts *facts, int status, size_t *count);
/* Readings that the target gives away: 451 to Exchange ActiveSync, 499 to ArcGIS. Which of them a
 * status and target have, or HA_READINGS; and its row, which is the code's own where the user's
 * file says what the code means. */
enum { HA_READINGS = 2 };
size_t ha_facts_reading(int status, struct ha_view target);
const struct ha_status_fact *ha_facts_reading_row(const struct ha_facts *facts, size_t reading);

/* The index of a method (case-sensitive, RFC 9110 section 9.1), HA_UNLISTED_METHOD (-2) when the
 * tables do not have it. */
int ha_facts_method_index(struct ha_view token);
/* The indexes of the methods that the table begins with, which are asked for most. */
enum { HA_GET, HA_HEAD, HA_POST, HA_PUT };
/* The row of an index; the number of rows. */
const struct ha_method_fact *ha_facts_method(int index);
size_t ha_facts_method_count(void);

/* What method and status mean together, or NULL when nothing particular. method is an index or
 * HA_NO_METHOD (-1) or HA_UNLISTED_METHOD; target and request (the whole request line, where it is
 * no HTTP) tell "OPTIONS *" and TLS bytes apart; zero_bytes: the size is known to be none. HEAD
 * takes the row of GET where it has none of its own; "(any)" rows come last. Without a method and
 * with request.ptr NULL (the format has no such column) only "(any)" rows can be meant. */
struct ha_pair_query {
    int method;
    int status;
    struct ha_view target;
    struct ha_view request;
    bool zero_bytes;
};
const struct ha_pair_fact *ha_facts_pair(const struct ha_pair_query *q);
/* True when a request line is the start of a TLS handshake (RFC 8446 section 5.1: 0x16 0x03), as
 * bytes or as servers escape them. */
bool ha_facts_is_tls(struct ha_view request);
/* Every pair row, for listings. */
const struct ha_pair_fact *ha_facts_pairs(size_t *count);

/* Another name of a status, as older documents and other servers print it; in order of the code. */
struct ha_alias_fact {
    int code;
    const char *phrase, *seen_in;
};
const struct ha_alias_fact *ha_facts_aliases(size_t *count);

/* How the reference page differs from the standards of today on a status ("405") or a method
 * ("PUT"), or NULL when it does not differ or does not have it. */
const char *ha_facts_reference(const char *key);

/* An IIS sub-status: 404 and 13 for 404.13; all of them in order. */
struct ha_substatus_fact {
    int status, substatus;
    const char *meaning;
};
const struct ha_substatus_fact *ha_facts_substatuses(size_t *count);
/* The row of one, or NULL. */
const struct ha_substatus_fact *ha_facts_substatus(int status, int substatus);

/* A mark that a proxy puts beside the status. system: "haproxy" (first two characters of the
 * termination state), "envoy" (one response flag), "squid" (the result tag; a leading _ marks a
 * suffix). */
struct ha_logtag_fact {
    const char *system, *token, *meaning, *hint, *source;
};
const struct ha_logtag_fact *ha_facts_logtags(size_t *count);
/* The row of a mark as a log has it ("sH--", "UF", "TCP_MISS_ABORTED": the tag without its suffix),
 * or NULL. */
const struct ha_logtag_fact *ha_facts_logtag(const char *system, struct ha_view token);

/* The next value in a target or a whole line, from offset `from` on, that is a secret: of a query
 * parameter whose name says so (tbl/secrets.def; in any case, also ;jsessionid=), or the part
 * between // and @ of an address. An empty view with a NULL pointer when there is none. */
struct ha_view ha_facts_secret(struct ha_view text, size_t from);
/* The text as reports may show it, *** in place of each secret. What holds none within its first
 * 4 * room bytes is text itself; else it is written to `to`, as much of it as there is room for,
 * and what lies behind those bytes is left out. Masking again changes nothing. */
struct ha_view ha_facts_masked(struct ha_view text, char *to, size_t room);

#endif
