/* text_tops.c - who and what: the lists, two abreast where the page has room. */
#include "report/formats.h"
#include "report/text_page.h"

/* Cells between two lists, of the share column, and that a value needs to be worth reading. */
enum { GAP = 3, SHARE_CELLS = 6, VALUE_LEAST = 36 };

/* "1,234", or "~1,234 (-17)" where the list is an estimate. */
static size_t count_text(const struct ha_top_entry *e, char *to)
{
    if (e->at_most_over == 0)
        return ha_figure_count(e->count, to);
    size_t len = 0;
    to[len++] = '~';
    len += ha_figure_count(e->count, to + len);
    to[len++] = ' ';
    to[len++] = '(';
    to[len++] = '-';
    len += ha_figure_count(e->at_most_over, to + len);
    to[len++] = ')';
    return len;
}

/* "404 503", "404 503 500 +": the statuses behind a target with errors; "" where they are not
 * known. */
static struct ha_view codes_text(const struct ha_report *r, enum ha_top which, size_t row, char *to)
{
    size_t len = 0;
    if (which != HA_TOP_ERROR_TARGETS || r->target_codes == NULL)
        return (struct ha_view){to, 0};
    const struct ha_report_codes *codes = &r->target_codes[row];
    for (size_t i = 0; i < codes->count && i < HA_TARGET_STATUSES; i++) {
        if (i > 0)
            to[len++] = ' ';
        for (int k = 100; k > 0; k /= 10)
            to[len++] = (char)('0' + codes->code[i] / k % 10);
    }
    if (codes->count > HA_TARGET_STATUSES) {
        to[len++] = ' ';
        to[len++] = '+';
    }
    return (struct ha_view){to, len};
}

struct list {
    enum ha_top which;
    const char *title;
    size_t codes;  /* cells of the statuses behind the values; 0: none */
    size_t counts; /* cells of the count column */
    size_t values; /* cells that the longest value would take */
};

static struct list list_of(struct text_page *p, enum ha_top which, const char *title)
{
    struct list l = {.which = which, .title = title, .counts = 5};
    char text[2 * HA_FIGURE];
    for (size_t i = 0; i < p->report->top_count[which]; i++) {
        const struct ha_top_entry *e = &p->report->top[which][i];
        size_t cells = count_text(e, text);
        size_t value = ha_text_width(text_safe(p, e->value));
        size_t codes = codes_text(p->report, which, i, text).len;
        l.counts = cells > l.counts ? cells : l.counts;
        l.codes = codes > l.codes ? codes : l.codes;
        l.values = value > l.values ? value : l.values;
    }
    return l;
}

static size_t figures_width(const struct list *l)
{
    return 2 + l->counts + 2 + SHARE_CELLS + 2 + (l->codes > 0 ? l->codes + 2 : 0);
}

/* One row of a list in at most width cells; row 0 is the title. Returns the cells used. */
static size_t put_row(struct text_page *p, const struct list *l, size_t row, size_t width)
{
    const struct ha_report *r = p->report;
    char text[2 * HA_FIGURE];
    if (row == 0) {
        text_ink(p, ha_view_of(l->title), HA_INK_STRONG);
        return ha_text_width(ha_view_of(l->title));
    }
    const struct ha_top_entry *e = &r->top[l->which][row - 1];
    uint64_t whole = ha_top_of_errors(l->which) ? r->sums->errors : r->sums->selected;
    size_t len = count_text(e, text);
    ha_buf_str(p->to, "  ");
    text_right(p, (struct ha_view){text, len}, l->counts, HA_INK_PLAIN);
    len = ha_figure_percent(e->count, whole, text);
    text_right(p, (struct ha_view){text, len}, 2 + SHARE_CELLS, HA_INK_QUIET);
    ha_buf_str(p->to, "  ");
    if (l->codes > 0) {
        text_left(p, codes_text(r, l->which, row - 1, text), l->codes, HA_INK_PLAIN);
        ha_buf_str(p->to, "  ");
    }
    struct ha_view value = text_safe(p, e->value);
    if (value.len == 0)
        value = HA_VIEW_LIT("(empty)");
    size_t room = width > figures_width(l) ? width - figures_width(l) : 0;
    return figures_width(l) + ha_text_fit_ends(p->to, value, room, p->unicode);
}

static void put_list(struct text_page *p, const struct list *l)
{
    size_t rows = p->report->top_count[l->which];
    if (rows == 0)
        return;
    ha_buf_char(p->to, '\n');
    for (size_t row = 0; row <= rows; row++) {
        put_row(p, l, row, p->width);
        ha_buf_char(p->to, '\n');
    }
}

static void put_abreast(struct text_page *p, const struct list *a, const struct list *b,
                        size_t half)
{
    size_t rows_a = p->report->top_count[a->which];
    size_t rows_b = p->report->top_count[b->which];
    size_t rows = rows_a > rows_b ? rows_a : rows_b;
    ha_buf_char(p->to, '\n');
    for (size_t row = 0; row <= rows; row++) {
        size_t used = row <= rows_a ? put_row(p, a, row, half) : 0;
        if (row <= rows_b) {
            ha_buf_fill(p->to, ' ', half + GAP - used);
            put_row(p, b, row, half);
        }
        ha_buf_char(p->to, '\n');
    }
}

/* Two lists stand abreast where each has room for its longest value, or for enough of it. */
static bool fits(const struct list *l, size_t half)
{
    size_t room = half > figures_width(l) ? half - figures_width(l) : 0;
    return room >= l->values || room >= VALUE_LEAST;
}

/* What the marks of an estimate mean, where there is one. */
static void text_estimates(struct text_page *p)
{
    const struct ha_report *r = p->report;
    uint64_t bound = 0;
    char figure[HA_FIGURE];
    for (size_t i = 0; i < HA_TOP_N; i++)
        bound = r->top_count[i] > 0 && r->top_bound[i] > bound ? r->top_bound[i] : bound;
    if (bound == 0)
        return;
    ha_figure_count(bound, figure);
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch,
                  "~ marks an estimate: the true count is lower by at most the number in brackets. "
                  "A value that was not kept occurred %s times at most.",
                  figure);
    text_fold(p, (struct ha_view){p->scratch.ptr, p->scratch.len}, 2, false, HA_INK_QUIET);
}

void text_tops(struct text_page *p)
{
    const struct list lists[3][2] = {
        {list_of(p, HA_TOP_ERROR_TARGETS, "TARGETS WITH ERRORS"),
         list_of(p, HA_TOP_TARGETS, "TARGETS")},
        {list_of(p, HA_TOP_ERROR_CLIENTS, "CLIENTS WITH ERRORS"),
         list_of(p, HA_TOP_CLIENTS, "CLIENTS")},
        {list_of(p, HA_TOP_REFERERS, "REFERERS"), list_of(p, HA_TOP_AGENTS, "AGENTS")},
    };
    size_t half = (p->width - GAP) / 2;
    for (size_t i = 0; i < HA_COUNT(lists); i++) {
        const struct list *a = &lists[i][0];
        const struct list *b = &lists[i][1];
        if (p->report->top_count[a->which] > 0 && p->report->top_count[b->which] > 0 &&
            fits(a, half) && fits(b, half)) {
            put_abreast(p, a, b, half);
        } else {
            put_list(p, a);
            put_list(p, b);
        }
    }
    text_estimates(p);
}
