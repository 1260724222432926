/* judge.c - from what was counted to what is told: what the bytes column counts, methods that never
 * succeed, and how many it takes. */
#include "over_time.h"

#include <stdlib.h>
#include <string.h>

/* Answers of 204 and 304 that tell what the column counts; GETs of which a share says something. */
enum { ENOUGH = 20 };

enum column { COLUMN_UNKNOWN, COLUMN_CONTENT, COLUMN_CONTENT_BUT_HEAD, COLUMN_MORE };

static uint64_t count_of(const struct ha_tally *t, int rule)
{
    uint64_t a = ha_tally_found(t, rule, HA_MILD)->count;
    uint64_t b = ha_tally_found(t, rule, HA_GRAVE)->count;
    return a + b < a ? UINT64_MAX : a + b;
}

static enum column column_of(const struct ha_tally *t)
{
    const struct ha_tally_sums *s = ha_tally_sums(t);
    uint64_t whole = s->status[204].count + s->status[304].count;
    uint64_t seen = count_of(t, HA_RULE_BYTES_SEEN);
    if (whole < ENOUGH)
        return COLUMN_UNKNOWN;
    if (seen > whole / 2)
        return COLUMN_MORE;
    return seen == 0 ? COLUMN_CONTENT_BUT_HEAD : COLUMN_CONTENT;
}

/* Whether a selection left requests out: what never happens cannot be told from the rest. */
static bool is_part(const struct ha_tally *t)
{
    const struct ha_tally_sums *s = ha_tally_sums(t);
    return s->selected < s->verdict[HA_MATCHED] + s->verdict[HA_SALVAGED];
}

/* Responses to a method with 2xx or 3xx. */
static bool succeeds(const struct ha_tally *t, const char *method)
{
    const uint64_t *row = ha_tally_method_statuses(t, ha_facts_method_index(ha_view_of(method)));
    for (int code = 200; row != NULL && code < 400; code++)
        if (row[code] > 0)
            return true;
    return false;
}

static bool is_earlier(const struct ha_found *a, const struct ha_found *b)
{
    return a->source != b->source ? a->source < b->source : a->line_number < b->line_number;
}

static void judge_probes(const struct ha_tally *t, struct ha_finding *f)
{
    static const struct {
        int part;
        const char *method;
    } probes[] = {
        {HA_RULE_PROBE_CONNECT, "CONNECT"},   {HA_RULE_PROBE_TRACE, "TRACE"},
        {HA_RULE_PROBE_TRACK, "TRACK"},       {HA_RULE_PROBE_DEBUG, "DEBUG"},
        {HA_RULE_PROBE_PROPFIND, "PROPFIND"}, {HA_RULE_PROBE_SEARCH, "SEARCH"},
        {HA_RULE_PROBE_MKCOL, "MKCOL"},       {HA_RULE_PROBE_PUT, "PUT"},
    };
    for (size_t i = 0; i < HA_COUNT(probes); i++) {
        const struct ha_found *found = ha_tally_found(t, probes[i].part, HA_MILD);
        if (found->count == 0 || succeeds(t, probes[i].method))
            continue;
        if (f->count == 0 || is_earlier(found, f->first))
            f->first = found;
        f->count = f->count + found->count < f->count ? UINT64_MAX : f->count + found->count;
    }
}

static bool is_of_content(int rule)
{
    return rule == HA_RULE_BODY_BODYLESS || rule == HA_RULE_BODY_205 || rule == HA_RULE_BODY_HEAD;
}

static void judge_content(enum column column, struct ha_finding *f)
{
    if (column == COLUMN_MORE) {
        f->count = 0;
    } else if (column == COLUMN_UNKNOWN ||
               (f->rule == HA_RULE_BODY_HEAD && column == COLUMN_CONTENT_BUT_HEAD)) {
        f->severity = HA_SEVERITY_INFO;
        f->certainty = "possible";
    }
}

/* Whether most GETs are refused: then it is no matter of single resources. */
static bool get_is_off(const struct ha_tally *t)
{
    const uint64_t *row = ha_tally_method_statuses(t, ha_facts_method_index(HA_VIEW_LIT("GET")));
    uint64_t all = 0;
    for (int code = 0; row != NULL && code < 1000; code++)
        all += row[code];
    return all >= ENOUGH && row[405] > all / 2;
}

uint64_t ha_lint_written_so(const struct ha_tally *t)
{
    uint64_t count = count_of(t, HA_RULE_ABSOLUTE_FORM), selected = ha_tally_sums(t)->selected;
    return selected > 1 && count > selected / 2 ? count : 0;
}

static void judge(const struct ha_tally *t, enum column column, int form, struct ha_finding *f)
{
    if (form == HA_MILD && ha_lint_over_time(t, is_part(t), f))
        return;
    if (f->rule == HA_RULE_METHOD_PROBE && form == HA_MILD && !is_part(t))
        judge_probes(t, f);
    if (is_of_content(f->rule))
        judge_content(column, f);
    if (f->rule == HA_RULE_BYTES_COLUMN && form == HA_MILD && column == COLUMN_MORE) {
        f->first = ha_tally_found(t, HA_RULE_BYTES_SEEN, HA_MILD);
        f->count = f->first->count;
    }
    if (f->rule == HA_RULE_GET_405 && form == HA_MILD && !is_part(t) && get_is_off(t))
        f->severity = HA_SEVERITY_ERROR;
    if (f->rule == HA_RULE_ABSOLUTE_FORM && ha_lint_written_so(t) > 0)
        f->count = 0;
    if (f->count < f->fact->least)
        f->count = 0;
}

static int by_weight(const void *a, const void *b)
{
    const struct ha_finding *x = a, *y = b;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->fact->id, y->fact->id);
}

size_t ha_lint_judge(const struct ha_tally *t, uint64_t hidden, struct ha_finding *to)
{
    size_t n = 0;
    enum column column = column_of(t);
    for (int rule = 0; rule < HA_RULES; rule++) {
        for (int form = 0; form < HA_FORMS && (hidden >> rule & 1) == 0; form++) {
            const struct ha_rule_fact *fact = ha_rule_fact(rule);
            const struct ha_found *found = ha_tally_found(t, rule, form);
            struct ha_finding f = {.rule = rule,
                                   .fact = fact,
                                   .severity = fact->severity[form],
                                   .certainty = fact->certainty,
                                   .count = found->count,
                                   .one_in = 1,
                                   .first = found};
            judge(t, column, form, &f);
            if (f.count > 0)
                to[n++] = f;
        }
    }
    if (n > 0)
        qsort(to, n, sizeof *to, by_weight);
    return n;
}
