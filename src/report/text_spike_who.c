/* text_spike_who.c - who and what rose, under the spike. */
#include "report/formats.h"
#include "report/text_page.h"

/* The clause and a comma where another one follows. */
static bool next_clause(struct text_page *p, const struct ha_risen *risen, size_t n)
{
    ha_buf_clear(&p->scratch);
    if (!ha_risen_clause(risen, n, &p->scratch))
        return false;
    size_t len = p->scratch.len;
    bool more = ha_risen_clause(risen, n + 1, &p->scratch);
    p->scratch.len = len;
    ha_buf_str(&p->scratch, more ? "," : "");
    return true;
}

/* A clause stands on one line where it fits. */
void text_spike_who(struct text_page *p, size_t i, size_t column)
{
    struct ha_risen risen = ha_spike_news(p->report, i);
    struct text_flow flow = {0};
    for (size_t n = 0; next_clause(p, &risen, n); n++) {
        struct ha_view clause = {p->scratch.ptr, p->scratch.len};
        if (ha_text_width(clause) <= p->width - column) {
            if (!flow.begun)
                flow = text_flow_begin(p, column, column);
            text_flow_put(p, &flow, clause, HA_INK_PLAIN);
            continue;
        }
        if (flow.begun)
            text_flow_end(p);
        flow.begun = false;
        text_fold(p, clause, column, false, HA_INK_PLAIN);
    }
    if (flow.begun)
        text_flow_end(p);
}
