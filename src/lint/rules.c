/* rules.c - the table of rules, and looking them up. */
#include "httpannotate/lint.h"
#include "httpannotate/nearest.h"

enum { LINE = true, ALL = false };
#define SEVERITY(s) HA_SEVERITY_##s

static const struct ha_rule_fact rules[HA_RULES] = {
#define HA_RULE(id, name, severity, graver, scope, certainty, least, basis, message, condition,    \
                doubt)                                                                             \
    [HA_RULE_##id] = {name,    {SEVERITY(severity), SEVERITY(graver)},                             \
                      scope,   certainty,                                                          \
                      least,   basis,                                                              \
                      message, condition,                                                          \
                      doubt},
#define HA_RULE_FOLLOWS(id, name, severity, certainty, basis, message, condition, doubt)           \
    [HA_RULE_##id] = {name,    {SEVERITY(severity), SEVERITY(severity)},                           \
                      ALL,     certainty,                                                          \
                      1,       basis,                                                              \
                      message, condition,                                                          \
                      doubt},
#define HA_RULE_PART(id, name, rule)
#include "httpannotate/tbl/rules.def"
#undef HA_RULE
#undef HA_RULE_FOLLOWS
#undef HA_RULE_PART
};

static const struct {
    int part, rule;
} parts[] = {
#define HA_RULE(id, name, severity, graver, scope, certainty, least, basis, message, condition,    \
                doubt)
#define HA_RULE_FOLLOWS(id, name, severity, certainty, basis, message, condition, doubt)
#define HA_RULE_PART(id, name, rule) {HA_RULE_##id, HA_RULE_##rule},
#include "httpannotate/tbl/rules.def"
#undef HA_RULE
#undef HA_RULE_FOLLOWS
#undef HA_RULE_PART
};

const char *ha_severity_name(enum ha_severity s)
{
    static const char *const names[HA_SEVERITY_N] = {"info", "warn", "error"};
    HA_ASSERT(s < HA_SEVERITY_N);
    return names[s];
}

const struct ha_rule_fact *ha_rule_fact(int rule)
{
    HA_ASSERT(rule >= 0 && rule < HA_RULES);
    return &rules[rule];
}

int ha_rule_find(struct ha_view id)
{
    for (int i = 0; i < HA_RULES; i++)
        if (ha_view_is(id, rules[i].id))
            return i;
    return -1;
}

const char *ha_rule_nearest(struct ha_view id)
{
    const char *nearest = NULL;
    size_t best = ha_near_enough(id.len) + 1;
    for (int i = 0; i < HA_RULES; i++) {
        size_t distance = ha_edit_distance(id, ha_view_of(rules[i].id));
        if (distance < best) {
            best = distance;
            nearest = rules[i].id;
        }
    }
    return nearest;
}

uint64_t ha_rule_bits(int rule)
{
    uint64_t bits = UINT64_C(1) << rule;
    for (size_t i = 0; i < HA_COUNT(parts); i++)
        if (parts[i].rule == rule)
            bits |= UINT64_C(1) << parts[i].part;
    return bits;
}

/* ---- what a line says of itself ---- */

void ha_lint_json(const struct ha_record *r, uint64_t hidden, struct ha_buf *to)
{
    uint64_t bits = r->findings[HA_MILD] | r->findings[HA_GRAVE];
    bool any = false;
    ha_buf_char(to, '[');
    for (int i = 0; i < HA_RULES && bits != 0; i++) {
        if ((hidden >> i & 1) != 0 || (bits >> i & 1) == 0)
            continue;
        ha_buf_str(to, any ? ",\"" : "\"");
        ha_buf_str(to, rules[i].id);
        ha_buf_char(to, '"');
        any = true;
    }
    ha_buf_char(to, ']');
}

void ha_lint_mark(const struct ha_record *r, uint64_t hidden, struct ha_buf *to)
{
    const uint64_t all = (UINT64_C(1) << HA_RULES) - 1;
    uint64_t bits = (r->findings[HA_MILD] | r->findings[HA_GRAVE]) & all & ~hidden;
    for (bool any = false; bits != 0; bits &= bits - 1) {
        int i = __builtin_ctzll(bits);
        int form = (r->findings[HA_GRAVE] >> i & 1) != 0 ? HA_GRAVE : HA_MILD;
        if (!rules[i].by_line || rules[i].severity[form] < HA_SEVERITY_WARN)
            continue;
        ha_buf_str(to, any ? ", " : " | ! ");
        ha_buf_str(to, rules[i].id);
        any = true;
    }
}
