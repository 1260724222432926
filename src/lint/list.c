/* list.c - all rules, a line each. */
#include "httpannotate/lint.h"

#include <string.h>

/* "info", or "info or warn" where there is a graver form. */
static void severities(const struct ha_rule_fact *f, struct ha_buf *to)
{
    ha_buf_str(to, ha_severity_name(f->severity[HA_MILD]));
    if (f->severity[HA_GRAVE] != f->severity[HA_MILD])
        ha_buf_printf(to, " or %s", ha_severity_name(f->severity[HA_GRAVE]));
}

void ha_rule_list(struct ha_buf *to)
{
    size_t widest = 0;
    for (int i = 0; i < HA_RULES; i++) {
        size_t len = strlen(ha_rule_fact(i)->id);
        widest = len > widest ? len : widest;
    }
    for (int i = 0; i < HA_RULES; i++) {
        const struct ha_rule_fact *f = ha_rule_fact(i);
        size_t start = to->len;
        ha_buf_printf(to, "%-*s  ", (int)widest, f->id);
        severities(f, to);
        ha_buf_fill(to, ' ', start + widest + 16 > to->len ? start + widest + 16 - to->len : 2);
        ha_buf_str(to, f->message);
        ha_buf_char(to, '\n');
    }
}
