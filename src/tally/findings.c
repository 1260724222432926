/* findings.c - sums of findings: the first line of each is the least by source, number, text, so
 * that the order of merging does not matter. */
#include "findings.h"

#include "httpannotate/facts.h"

#include <string.h>

void ha_findings_done(struct ha_findings *f)
{
    for (int form = 0; form < HA_FORMS; form++)
        for (int rule = 0; rule < HA_RULE_N; rule++)
            ha_free((char *)(uintptr_t)f->found[form][rule].text.ptr);
    *f = (struct ha_findings){0};
}

void ha_findings_reset(struct ha_findings *f)
{
    for (int form = 0; form < HA_FORMS; form++)
        for (int rule = 0; rule < HA_RULE_N; rule++)
            f->found[form][rule].count = 0;
    memset(f->alike, 0, sizeof f->alike);
}

/* A line without the secrets in it, cut. */
static struct ha_view example_of(struct ha_view line, char to[HA_FINDING_EXAMPLE])
{
    struct ha_view text = ha_facts_masked(line, to, HA_FINDING_EXAMPLE);
    text.len = text.len < HA_FINDING_EXAMPLE ? text.len : HA_FINDING_EXAMPLE;
    return text;
}

static int by_place(const struct ha_found *a, const struct ha_found *b)
{
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    if (a->line_number != b->line_number)
        return a->line_number < b->line_number ? -1 : 1;
    int order = ha_view_cmp(a->text, b->text);
    return order != 0 ? order : (a->full_len > b->full_len) - (a->full_len < b->full_len);
}

bool ha_findings_add_sum(struct ha_findings *f, int form, int rule, const struct ha_found *sum)
{
    struct ha_found *to = &f->found[form][rule];
    bool earlier = to->count == 0 || by_place(sum, to) < 0;
    to->count = ha_sat_add(to->count, sum->count);
    if (!earlier)
        return true;
    HA_ASSERT(sum->text.len <= HA_FINDING_EXAMPLE);
    char *text = (char *)(uintptr_t)to->text.ptr;
    if (text == NULL)
        text = ha_alloc(HA_FINDING_EXAMPLE);
    if (text == NULL)
        return false;
    if (sum->text.len > 0)
        memcpy(text, sum->text.ptr, sum->text.len);
    uint64_t count = to->count;
    *to = *sum;
    to->count = count;
    to->text.ptr = text;
    return true;
}

static bool add_bits(struct ha_findings *f, int form, const struct ha_record *r, uint32_t source)
{
    for (uint64_t bits = r->findings[form]; bits != 0; bits &= bits - 1) {
        int rule = __builtin_ctzll(bits);
        struct ha_found *to = &f->found[form][rule];
        /* Lines mostly come in order: what is not the first is only counted. */
        if (to->count > 0 &&
            (source > to->source || (source == to->source && r->line_number > to->line_number))) {
            ha_sat_up(&to->count);
            continue;
        }
        char text[HA_FINDING_EXAMPLE];
        struct ha_found one = {.count = 1,
                               .line_number = r->line_number,
                               .source = source,
                               .text = example_of(r->line, text),
                               .full_len = r->line.len};
        if (!ha_findings_add_sum(f, form, rule, &one))
            return false;
    }
    return true;
}

bool ha_findings_add(struct ha_findings *f, const struct ha_record *r, uint32_t source)
{
    _Static_assert(HA_RULE_N <= 64, "a record keeps one bit a rule");
    return add_bits(f, HA_MILD, r, source) && add_bits(f, HA_GRAVE, r, source);
}

static void settle(struct ha_findings *f, struct ha_findings_alike *alike)
{
    for (int form = 0; form < HA_FORMS; form++) {
        for (uint64_t bits = alike->bits[form]; bits != 0; bits &= bits - 1) {
            struct ha_found *to = &f->found[form][__builtin_ctzll(bits)];
            to->count = ha_sat_add(to->count, alike->waiting);
        }
    }
    alike->waiting = 0;
}

void ha_findings_settle(struct ha_findings *f)
{
    for (size_t i = 0; i < HA_FINDINGS_ALIKE; i++)
        settle(f, &f->alike[i]);
}

bool ha_findings_begin(struct ha_findings *f, struct ha_findings_alike *alike,
                       const struct ha_record *r, uint32_t source)
{
    _Static_assert(HA_FINDINGS_ALIKE == 16, "four bits of a hash find a place");
    settle(f, alike);
    *alike = (struct ha_findings_alike){.bits = {r->findings[HA_MILD], r->findings[HA_GRAVE]},
                                        .line_number = r->line_number,
                                        .source = source};
    return ha_findings_add(f, r, source);
}

bool ha_findings_merge(struct ha_findings *into, const struct ha_findings *from)
{
    for (int form = 0; form < HA_FORMS; form++)
        for (int rule = 0; rule < HA_RULE_N; rule++)
            if (from->found[form][rule].count > 0 &&
                !ha_findings_add_sum(into, form, rule, &from->found[form][rule]))
                return false;
    return true;
}
