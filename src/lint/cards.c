/* cards.c - a rule explained, and the list of all. */
#include "httpannotate/lint.h"
#include "httpannotate/terminal.h"

#include <string.h>

enum { WIDTH = 80, COLUMN = 15 };

static void line(struct ha_buf *to, const char *label, const char *text)
{
    struct ha_view rest = ha_view_of(text);
    ha_buf_printf(to, "  %-*s", COLUMN - 2, label);
    for (bool first = true; rest.len > 0; first = false) {
        struct ha_view part = ha_text_fold(&rest, WIDTH - COLUMN);
        ha_buf_fill(to, ' ', first ? 0 : COLUMN);
        ha_buf_view(to, part);
        ha_buf_char(to, '\n');
    }
}

/* "info", or "info, or warn in its graver form". */
static void severities(const struct ha_rule_fact *f, struct ha_buf *to)
{
    ha_buf_str(to, ha_severity_name(f->severity[HA_MILD]));
    if (f->severity[HA_GRAVE] != f->severity[HA_MILD])
        ha_buf_printf(to, " or %s", ha_severity_name(f->severity[HA_GRAVE]));
}

void ha_rule_card(int rule, struct ha_buf *to)
{
    const struct ha_rule_fact *f = ha_rule_fact(rule);
    ha_buf_printf(to, "%s: %s\n  %-*s", f->id, f->message, COLUMN - 2, "severity");
    severities(f, to);
    ha_buf_char(to, '\n');
    line(to, "certainty", f->certainty);
    line(to, "judged by", f->by_line ? "each line" : "all lines together");
    line(to, "condition", f->condition);
    line(to, "basis", f->basis);
    line(to, "may be wrong", f->doubt);
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
