/* text_errors.c - whose fault the errors are, and which methods have them. */
#include "report/formats.h"
#include "report/text_page.h"

#include <inttypes.h>

/* Methods and, of each, statuses that are named; the rest are in the JSON report. */
enum { METHODS_SHOWN = 5, STATUSES_SHOWN = 3 };

static void put_scratch(struct text_page *p, struct text_flow *f)
{
    text_flow_put(p, f, (struct ha_view){p->scratch.ptr, p->scratch.len}, HA_INK_PLAIN);
}

static void put_faults(struct text_page *p)
{
    static const char *const words[HA_FAULT_N] = {"client", "server", "upstream", "either side",
                                                  "nobody"};
    const struct ha_report *r = p->report;
    char share[HA_FIGURE];
    uint64_t left = 0;
    for (size_t i = 0; i < HA_FAULT_N; i++)
        left += r->error_faults[i] > 0;
    if (left == 0)
        return;
    struct text_flow f = text_flow_begin(p, 2, 4);
    text_flow_put(p, &f, HA_VIEW_LIT("errors by whose fault:"), HA_INK_PLAIN);
    for (size_t i = 0; i < HA_FAULT_N; i++) {
        if (r->error_faults[i] == 0)
            continue;
        ha_figure_percent(r->error_faults[i], r->sums->errors, share);
        ha_buf_clear(&p->scratch);
        ha_buf_printf(&p->scratch, "%s %s%s", words[i], share, --left > 0 ? "," : "");
        put_scratch(p, &f);
    }
    text_flow_end(p);
}

/* The statuses of a method's errors, the most frequent first: "404, 403, ...". */
static void add_statuses(const struct ha_report_method_statuses *m, struct ha_buf *to)
{
    int before = -1;
    for (size_t shown = 0;; shown++) {
        int next = -1;
        for (int code = 400; code < 600; code++) {
            uint64_t n = m->statuses[code];
            bool later = before < 0 || n < m->statuses[before] ||
                         (n == m->statuses[before] && code > before);
            if (n > 0 && later && (next < 0 || n > m->statuses[next]))
                next = code;
        }
        if (next < 0)
            return;
        if (shown == STATUSES_SHOWN) {
            ha_buf_str(to, ", ...");
            return;
        }
        ha_buf_printf(to, "%s%d", shown == 0 ? "" : ", ", next);
        before = next;
    }
}

static void put_method(struct text_page *p, struct text_flow *f,
                       const struct ha_report_method_statuses *m, const char *behind)
{
    static const char *const names[] = {"", "(no HTTP)", "(unlisted)"};
    char share[HA_FIGURE];
    ha_figure_percent(m->errors, m->count, share);
    ha_buf_clear(&p->scratch);
    if (m->kind == HA_METHOD_NAMED)
        ha_buf_visible(&p->scratch, m->method, false);
    else
        ha_buf_str(&p->scratch, names[m->kind]);
    ha_buf_printf(&p->scratch, " %s", share);
    if (m->errors > 0) {
        ha_buf_str(&p->scratch, " (");
        add_statuses(m, &p->scratch);
        ha_buf_char(&p->scratch, ')');
    }
    ha_buf_str(&p->scratch, behind);
    put_scratch(p, f);
}

/* Each method's share of errors says something where there are two to compare. */
static void put_methods(struct text_page *p)
{
    const struct ha_report *r = p->report;
    size_t count = r->method_statuses_count;
    size_t shown = count < METHODS_SHOWN ? count : METHODS_SHOWN;
    if (count < 2)
        return;
    struct text_flow f = text_flow_begin(p, 2, 4);
    text_flow_put(p, &f, HA_VIEW_LIT("errors of each method:"), HA_INK_PLAIN);
    for (size_t i = 0; i < shown; i++)
        put_method(p, &f, &r->method_statuses[i], i + 1 < count ? "," : "");
    if (shown < count)
        text_flow_count(p, &f, count - shown, "more method", "");
    text_flow_end(p);
}

static void put_worst(struct text_page *p, struct text_flow *f)
{
    const struct ha_returns *n = &p->report->returns;
    char times[HA_FIGURE];
    ha_figure_count(n->worst_times, times);
    ha_buf_clear(&p->scratch);
    ha_buf_str(&p->scratch, "the worst");
    if (n->worst.ptr != NULL) {
        ha_buf_str(&p->scratch, ", ");
        ha_buf_visible(&p->scratch, n->worst, false);
        ha_buf_char(&p->scratch, ',');
    }
    put_scratch(p, f);
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "%s times, mostly after %" PRIu64 " s", times, n->worst_gap_s);
    put_scratch(p, f);
}

/* Who came back at once after 429. */
static void put_returns(struct text_page *p)
{
    const struct ha_returns *n = &p->report->returns;
    char clients[HA_FIGURE], limited[HA_FIGURE];
    if (!p->report->has_returns)
        return;
    ha_figure_count(n->clients, clients);
    ha_figure_count(n->limited, limited);
    struct text_flow f = text_flow_begin(p, 2, 4);
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "no back-off: %s of %s client%s with 429", clients, limited,
                  n->limited == 1 ? "" : "s");
    put_scratch(p, &f);
    if (n->one_in > 1) {
        ha_buf_clear(&p->scratch);
        ha_buf_printf(&p->scratch, "(one in %" PRIu64 " was watched)", n->one_in);
        put_scratch(p, &f);
    }
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "got it again within %d s,", HA_RETURNS_S);
    put_scratch(p, &f);
    text_flow_put(p, &f, HA_VIEW_LIT("three times or more;"), HA_INK_PLAIN);
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "the median gap is %" PRIu64 " s;", n->median_gap_s);
    put_scratch(p, &f);
    put_worst(p, &f);
    text_flow_end(p);
}

void text_error_shares(struct text_page *p)
{
    put_faults(p);
    put_methods(p);
    put_returns(p);
}
