/* partial_findings.c - the section of a partial report with what rules found: by their names, as
 * another build may have other rules. */
#include "partial_parts.h"

enum { RULE_NAME = 64 };

static const struct ha_view names[HA_RULE_N] = {
#define HA_RULE(id, name, severity, graver, scope, certainty, least, basis, message, condition,    \
                doubt)                                                                             \
    [HA_RULE_##id] = {(name), sizeof(name) - 1},
#define HA_RULE_FOLLOWS(id, name, severity, certainty, basis, message, condition, doubt)           \
    [HA_RULE_##id] = {(name), sizeof(name) - 1},
#define HA_RULE_PART(id, name, rule) [HA_RULE_##id] = {(name), sizeof(name) - 1},
#include "httpannotate/tbl/rules.def"
#undef HA_RULE
#undef HA_RULE_FOLLOWS
#undef HA_RULE_PART
};

void ha_put_findings(const struct ha_partial *p, struct ha_buf *to)
{
    for (int rule = 0; rule < HA_RULE_N; rule++) {
        for (int form = 0; form < HA_FORMS; form++) {
            const struct ha_found *f = &p->tally->findings.found[form][rule];
            if (f->count == 0)
                continue;
            ha_put_string(to, names[rule]);
            ha_put_u64(to, (uint64_t)form);
            ha_put_u64(to, f->count);
            ha_put_string(to, ha_partial_source(p, f->source));
            ha_put_u64(to, f->line_number);
            ha_put_u64(to, f->full_len);
            ha_put_string(to, f->text);
        }
    }
}

static int rule_of(struct ha_view name)
{
    int rule = 0;
    while (rule < HA_RULE_N && !ha_view_eq(name, names[rule]))
        rule++;
    return rule;
}

void ha_take_findings(struct ha_intake *in, struct ha_taker *from)
{
    for (int most = HA_RULE_N * HA_FORMS; ha_take_left(from) > 0; most--) {
        int rule = rule_of(ha_take_string(from, RULE_NAME));
        int form = (int)ha_take_upto(from, HA_FORMS - 1);
        struct ha_found f = {.count = ha_take_u64(from)};
        struct ha_view source = ha_take_string(from, HA_PARTIAL_NAME);
        f.line_number = ha_take_u64(from);
        f.full_len = (size_t)ha_take_u64(from);
        f.text = ha_take_string(from, HA_FINDING_EXAMPLE);
        if (most == 0 || rule == HA_RULE_N || f.count == 0 || f.count > in->sums.selected ||
            !ha_partial_has_source(in, source))
            ha_take_bad(from);
        size_t at;
        if (from->bad || !in->adding || in->into->no_findings ||
            !ha_partial_source_at(in, source, &at))
            continue;
        f.source = (uint32_t)at;
        if (!ha_findings_add_sum(&in->into->tally->findings, form, rule, &f))
            in->no_memory = true;
    }
}
