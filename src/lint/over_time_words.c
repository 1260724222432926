/* over_time_words.c - what a report says of the worst client or target. */
#include "over_time.h"

#include <inttypes.h>
#include <stdio.h>

/* Bytes of a client and of a target that are shown. */
enum { CLIENT = 64, TARGET = 100 };

/* The kind that a rule is about, or HA_CONDUCT_N. needs_all: what a selection left out could say
 * the contrary. */
static enum ha_conduct_kind kind_of(int rule, bool *needs_all)
{
    static const struct {
        int rule;
        enum ha_conduct_kind kind;
        bool needs_all;
    } kinds[] = {
        {HA_RULE_RATE_LIMIT, HA_CONDUCT_LIMITED, false}, {HA_RULE_GUESSING, HA_CONDUCT_LOGIN, true},
        {HA_RULE_LOOP, HA_CONDUCT_REDIRECT, false},      {HA_RULE_REPLAY, HA_CONDUCT_REPEAT, true},
        {HA_RULE_ALWAYS_201, HA_CONDUCT_STORE, true},    {HA_RULE_HEAD_GET, HA_CONDUCT_TWIN, true},
    };
    for (size_t i = 0; i < HA_COUNT(kinds); i++) {
        if (kinds[i].rule == rule) {
            *needs_all = kinds[i].needs_all;
            return kinds[i].kind;
        }
    }
    return HA_CONDUCT_N;
}

unsigned ha_lint_over_time_kinds(uint64_t rules)
{
    unsigned kinds = 0;
    bool needs_all;
    for (int rule = 0; rule < HA_RULES; rule++)
        if ((rules >> rule & 1) != 0 && kind_of(rule, &needs_all) != HA_CONDUCT_N)
            kinds |= 1u << kind_of(rule, &needs_all);
    return kinds;
}

static int shown(struct ha_view v, size_t most)
{
    return (int)(v.len < most ? v.len : most);
}

/* Both fall back to a word where the lists do not have the name: they are of bounded length. */
static void name_client(const struct ha_tally *t, const struct ha_actor *a, char to[CLIENT + 1])
{
    struct ha_view v;
    if (!ha_tally_name(t, HA_TOP_CLIENTS, a->client, &v))
        v = HA_VIEW_LIT("one client");
    (void)snprintf(to, CLIENT + 1, "%.*s", shown(v, CLIENT), v.ptr);
}

static void name_target(const struct ha_tally *t, const struct ha_actor *a, char to[TARGET + 8])
{
    struct ha_view v;
    bool cut = a->path != 0;
    if (!ha_tally_name(t, HA_TOP_TARGETS, cut ? a->path : a->target, &v)) {
        v = HA_VIEW_LIT("one target");
        cut = false;
    }
    (void)snprintf(to, TARGET + 8, "%.*s%s", shown(v, TARGET), v.ptr, cut ? "?..." : "");
}

static void tell(const struct ha_tally *t, enum ha_conduct_kind kind, const struct ha_ill *ill,
                 char to[HA_FINDING_WORDS])
{
    char client[CLIENT + 1], target[TARGET + 8];
    uint64_t a = ill->figure[0], b = ill->figure[1];
    name_client(t, &ill->actor, client);
    name_target(t, &ill->actor, target);
    switch (kind) {
    case HA_CONDUCT_LIMITED:
        (void)snprintf(to, HA_FINDING_WORDS,
                       "%s: %" PRIu64 " times 429 in a minute, %" PRIu64 " in the next", client, a,
                       b);
        break;
    case HA_CONDUCT_LOGIN:
        (void)snprintf(to, HA_FINDING_WORDS,
                       "%s: %" PRIu64 " logins refused in ten minutes, none accepted", client, a);
        break;
    case HA_CONDUCT_REDIRECT:
        (void)snprintf(to, HA_FINDING_WORDS,
                       "%s was redirected from %s %" PRIu64 " times in ten seconds", client, target,
                       a);
        break;
    case HA_CONDUCT_REPEAT:
        (void)snprintf(to, HA_FINDING_WORDS,
                       "%s sent another one to %s %" PRIu64 " s after one that failed", client,
                       target, b);
        break;
    case HA_CONDUCT_STORE:
        (void)snprintf(to, HA_FINDING_WORDS, "%s: 201 to each of %" PRIu64 " PUT", target, a);
        break;
    case HA_CONDUCT_TWIN:
        (void)snprintf(to, HA_FINDING_WORDS,
                       "%s: in ten minutes %" PRIu64 " HEAD %s and %" PRIu64 " GET %s", target, a,
                       ill->head_fails ? "failed" : "succeeded", b,
                       ill->head_fails ? "succeeded" : "failed");
        break;
    case HA_CONDUCT_N:
        break;
    }
}

bool ha_lint_over_time(const struct ha_tally *t, bool is_part, struct ha_finding *f)
{
    const struct ha_conduct *c = ha_tally_conduct(t);
    struct ha_ill worst;
    bool needs_all = false;
    enum ha_conduct_kind kind = kind_of(f->rule, &needs_all);
    if (kind == HA_CONDUCT_N)
        return false;
    f->count = 0;
    f->one_in = ha_conduct_one_in(c, kind);
    if (f->one_in == 0 || (is_part && needs_all))
        return true;
    f->count = ha_lint_ill(c, kind, &worst);
    if (f->count == 0)
        return true;
    f->first = NULL;
    f->own = (struct ha_found){
        .count = f->count, .line_number = worst.actor.line_number, .source = worst.actor.source};
    tell(t, kind, &worst, f->words);
    return true;
}
