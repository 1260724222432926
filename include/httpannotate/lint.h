/* lint.h - findings: what the protocol says cannot or should not be (SPEC 7).
 *
 * Layer 3. The rules are the rows of tbl/rules.def. A linter looks at records and sets the bits of
 * the rules that they break; a tally counts them; ha_lint_judge says, when all is counted, what of
 * it is a
 * finding: some rules need to know what the bytes column counts, or all lines. */
#ifndef HTTPANNOTATE_LINT_H
#define HTTPANNOTATE_LINT_H

#include "httpannotate/facts.h"
#include "httpannotate/out.h"
#include "httpannotate/tally.h"

enum ha_severity { HA_SEVERITY_INFO, HA_SEVERITY_WARN, HA_SEVERITY_ERROR, HA_SEVERITY_N };
/* "info", "warn", "error". Static. */
const char *ha_severity_name(enum ha_severity s);

struct ha_rule_fact {
    const char *id;
    enum ha_severity severity[HA_FORMS]; /* equal when the rule has one form only */
    bool by_line;                        /* false: judged when all lines are read */
    const char *certainty;               /* "certain", "likely", "possible" */
    uint64_t least;                      /* findings it takes to be told */
    const char *basis, *message, *condition, *doubt;
};
/* The rule of an index from 0 to HA_RULES - 1. */
const struct ha_rule_fact *ha_rule_fact(int rule);
/* The index of an id, or -1. */
int ha_rule_find(struct ha_view id);
/* The id most like that one, or NULL when none is near. */
const char *ha_rule_nearest(struct ha_view id);
/* The ids of a rule and of its parts as bits of ha_record.findings. */
uint64_t ha_rule_bits(int rule);

/* What a linter knows of the format that read a record. */
struct ha_lint_format {
    bool counts_content; /* its bytes column counts content alone */
    bool is_proxy;       /* its server is a proxy or balancer: targets are absolute by nature */
};
struct ha_linter; /* never changes; shared by threads */
/* formats is copied: one for each pattern that records may name. HA_ERR_MEMORY only. */
enum ha_err ha_linter_new(const struct ha_facts *facts, const struct ha_lint_format *formats,
                          size_t count, struct ha_linter **out) HA_MUST_USE;
void ha_linter_free(struct ha_linter **l);
/* True for patterns of proxies and load balancers, by name. */
bool ha_lint_is_proxy(const char *pattern);
/* Sets the findings of each record: of one that matched and is chosen (chosen[i] != 0) what rules
 * find, of others none: what salvage read is too loose to hold against anybody. */
void ha_lint_batch(const struct ha_linter *l, struct ha_record *records, const uint8_t *chosen,
                   size_t n);
/* The same of one record that matched, without the quick look that lets most pass: for tests. */
void ha_lint_whole(const struct ha_linter *l, struct ha_record *r);

/* What a request that is no HTTP seems to be: "TLS handshake", "RDP", "SSH", ...; "unknown".
 * Static. */
const char *ha_lint_kind(struct ha_view request);

/* Bytes of what is said of a client or target, with its end. */
enum { HA_FINDING_WORDS = 320 };
/* A row of the report. */
struct ha_finding {
    int rule;
    const struct ha_rule_fact *fact;
    enum ha_severity severity;
    const char *certainty;
    uint64_t count;
    uint64_t one_in; /* 1: of all clients and targets; n: only one in n of them was watched */
    const struct ha_found *first; /* the tally's; NULL: it is own, and words stand for its text */
    struct ha_found own;
    char words[HA_FINDING_WORDS];
};
/* The first line, and with it the line's text, or words on the worst client or target. */
static inline struct ha_found ha_finding_first(const struct ha_finding *f)
{
    struct ha_found first = f->first != NULL ? *f->first : f->own;
    if (f->first == NULL)
        first.text = ha_view_of(f->words);
    return first;
}
enum { HA_FINDINGS_MOST = HA_FORMS * HA_RULES };
/* Writes what was found to `to`, which holds HA_FINDINGS_MOST, gravest first, then by falling
 * count, then by id. hidden: rules that are not to be told, as bits. Returns how many. */
size_t ha_lint_judge(const struct ha_tally *t, uint64_t hidden, struct ha_finding *to);

/* How many requests absolute-form-foreign was found in, when these are more than half: then it is
 * the format that writes targets so, which says nothing about those who asked, and ha_lint_judge
 * leaves the rule out, while lines were marked as they came. Else 0. */
uint64_t ha_lint_written_so(const struct ha_tally *t);

/* Clients that got 429 and were refused again within HA_RETURNS_S seconds, three times or more over
 * ten seconds or more: no back-off. Addresses with three agents or more are left out. */
enum { HA_RETURNS_S = 10 };
struct ha_returns {
    uint64_t clients, limited; /* those, and all that got 429, of the clients watched */
    uint64_t one_in;           /* 1: all clients were watched; n: one in n */
    uint64_t median_gap_s;     /* of the clients' median gaps between 429 and the next one */
    struct ha_view worst;      /* who did it most often; ptr NULL: the lists do not have the name */
    uint64_t worst_times, worst_gap_s, worst_line;
    uint32_t worst_source;
};
/* False when there are none. worst belongs to the tally. */
bool ha_lint_returns(const struct ha_tally *t, struct ha_returns *out);

/* The kinds of conduct.h that rules, given as bits, are about, as bits. */
unsigned ha_lint_over_time_kinds(uint64_t rules);

/* Ids of the rules that a record breaks, as a JSON array. Rules of which a line has only a part
 * (method-probe) are not among them. */
void ha_lint_json(const struct ha_record *r, uint64_t hidden, struct ha_buf *to);
/* " | ! get-head-501", with those rules of a line that are at least a warning; else nothing. */
void ha_lint_mark(const struct ha_record *r, uint64_t hidden, struct ha_buf *to);

/* All rules, a line each. */
void ha_rule_list(struct ha_buf *to);

#endif
