/* text_diff.c - what changed since an earlier run, and, as plainly, what did not. */
#include "report/formats.h"
#include "report/text_page.h"

/* Cells of a verdict, a status, a share, and "x12.3 (11.0 to 14.1)". */
enum { VERDICT_CELLS = 5, STATUS_CELLS = 3, SHARE_CELLS = 8, RATIO_CELLS = 23, VALUE_LEAST = 20 };

static const char *const verdicts[] = {"", "NEW", "up", "down", "gone"};

static enum ha_ink ink_of(enum ha_diff_verdict v)
{
    return v == HA_DIFF_NEW || v == HA_DIFF_UP ? HA_INK_STRONG : HA_INK_PLAIN;
}

/* In at most 5 cells. */
static void put_factor(struct ha_buf *to, double f)
{
    if (f >= 999.5)
        ha_buf_str(to, ">999");
    else if (f < 0.01)
        ha_buf_str(to, f > 0 ? "<0.01" : "0");
    else
        ha_buf_printf(to, f < 9.995 ? "%.2f" : f < 99.95 ? "%.1f" : "%.0f", f);
}

static struct ha_view ratio_text(struct text_page *p, const struct ha_diff *d,
                                 const struct ha_diff_row *r)
{
    ha_buf_clear(&p->scratch);
    if (r->before > 0) {
        double then = ha_share(r->before, d->before);
        ha_buf_char(&p->scratch, 'x');
        put_factor(&p->scratch, ha_share(r->now, d->now) / then);
        ha_buf_str(&p->scratch, " (");
        put_factor(&p->scratch, r->low);
        ha_buf_str(&p->scratch, " to ");
        put_factor(&p->scratch, r->high);
        ha_buf_char(&p->scratch, ')');
    }
    return (struct ha_view){p->scratch.ptr, p->scratch.len};
}

static void put_share(struct text_page *p, uint64_t part, uint64_t whole)
{
    char text[HA_FIGURE];
    size_t len = ha_figure_percent(part, whole, text);
    text_right(p, (struct ha_view){text, len}, SHARE_CELLS, HA_INK_PLAIN);
}

/* A target stands behind the figures where there is room for one, else below them. */
static void put_target(struct text_page *p, struct ha_view target, size_t used)
{
    const size_t column = 2 + VERDICT_CELLS + STATUS_CELLS + 2 * SHARE_CELLS + 2 + RATIO_CELLS;
    bool beside = column + VALUE_LEAST <= p->width;
    struct ha_view v = text_safe(p, target);
    if (v.len == 0)
        v = HA_VIEW_LIT("(empty)");
    if (!beside)
        ha_buf_char(p->to, '\n');
    size_t indent = beside ? column : 2 + VERDICT_CELLS;
    ha_buf_fill(p->to, ' ', beside ? indent - used : indent);
    ha_text_fit_ends(p->to, v, p->width - indent, p->unicode);
}

static void put_row(struct text_page *p, const struct ha_diff_row *r)
{
    const struct ha_diff *d = &p->report->diff;
    char code[STATUS_CELLS + 1];
    ha_code_text(r->status, code);
    ha_buf_str(p->to, "  ");
    text_left(p, ha_view_of(verdicts[r->verdict]), VERDICT_CELLS, ink_of(r->verdict));
    text_ink(p, (struct ha_view){code, STATUS_CELLS}, ha_ink_of_class(ha_class_of(r->status)));
    put_share(p, r->before, d->before);
    put_share(p, r->now, d->now);
    size_t used = 2 + VERDICT_CELLS + STATUS_CELLS + 2 * SHARE_CELLS;
    struct ha_view ratio = ratio_text(p, d, r);
    if (ratio.len > 0) {
        ha_buf_str(p->to, "  ");
        ha_buf_view(p->to, ratio);
        used += 2 + ratio.len;
    }
    if (r->target.ptr != NULL)
        put_target(p, r->target, used);
    ha_buf_char(p->to, '\n');
}

static void put_heading(struct text_page *p)
{
    const struct ha_diff *d = &p->report->diff;
    char count[HA_FIGURE];
    ha_figure_count(d->before, count);
    text_heading(p, "CHANGES", "of shares of all requests: before, now, their ratio");
    ha_buf_clear(&p->scratch);
    ha_buf_str(&p->scratch, "before: ");
    ha_buf_visible(&p->scratch, ha_view_of(p->report->before_name), false);
    ha_buf_printf(&p->scratch, ", %s request%s", count, d->before == 1 ? "" : "s");
    if (d->has_time) {
        ha_buf_str(&p->scratch, ", ");
        text_time(&p->scratch, d->first_us, TEXT_DATE, true);
        ha_buf_str(&p->scratch, " to ");
        text_time(&p->scratch, d->last_us, TEXT_DATE, true);
        ha_buf_str(&p->scratch, " UTC");
    }
    text_fold(p, (struct ha_view){p->scratch.ptr, p->scratch.len}, 2, false, HA_INK_QUIET);
}

static void put_unchanged(struct text_page *p)
{
    const struct ha_diff *d = &p->report->diff;
    struct text_flow f = text_flow_begin(p, 2, 4);
    size_t left = d->pairs_same > 0;
    for (size_t i = 0; i < d->status_count; i++)
        left += d->statuses[i].verdict == HA_DIFF_NONE;
    text_flow_put(p, &f, ha_view_of(left > 0 ? "no clear change:" : "no clear change: none"),
                  HA_INK_PLAIN);
    for (size_t i = 0; i < d->status_count; i++) {
        char code[STATUS_CELLS + 1];
        if (d->statuses[i].verdict != HA_DIFF_NONE)
            continue;
        ha_code_text(d->statuses[i].status, code);
        code[STATUS_CELLS] = ',';
        text_flow_put(p, &f, (struct ha_view){code, STATUS_CELLS + (--left > 0)}, HA_INK_PLAIN);
    }
    if (d->pairs_same > 0)
        text_flow_count(p, &f, d->pairs_same, "target", " with a status");
    text_flow_end(p);
}

void text_diff(struct text_page *p)
{
    const struct ha_report *r = p->report;
    const struct ha_diff *d = &r->diff;
    if (!r->has_diff)
        return;
    put_heading(p);
    if (d->before == 0) {
        ha_buf_str(p->to, "  nothing to compare with: no request was counted before\n");
        return;
    }
    for (size_t i = 0; i < d->status_count; i++)
        if (d->statuses[i].verdict != HA_DIFF_NONE)
            put_row(p, &d->statuses[i]);
    if (d->pair_count > 0)
        text_fold(p, HA_VIEW_LIT("of errors, by target:"), 2, false, HA_INK_QUIET);
    for (size_t i = 0; i < d->pair_count; i++)
        put_row(p, &d->pairs[i]);
    if (d->pairs_changed > d->pair_count) {
        struct text_flow f = text_flow_begin(p, 2, 4);
        text_flow_count(p, &f, d->pairs_changed - d->pair_count, "more target", " changed");
        text_flow_end(p);
    }
    put_unchanged(p);
}
