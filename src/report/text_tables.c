/* text_tables.c - classes, statuses, methods: one row each, and what they mean. */
#include "report/formats.h"
#include "report/text_page.h"

/* Cells of the columns "share" (">99.9%") and "bytes" ("1.23 kB"). */
enum { SHARE_CELLS = 6, BYTES_CELLS = 7, BAR_MOST = 40, MEANING_LEAST = 44, NAME_MOST = 36 };

static size_t at_least(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void put_count(struct text_page *p, uint64_t n, size_t cells, enum ha_ink ink)
{
    char text[HA_FIGURE];
    size_t len = ha_figure_count(n, text);
    text_right(p, (struct ha_view){text, len}, cells, ink);
}

static void put_share(struct text_page *p, uint64_t part, uint64_t whole, enum ha_ink ink)
{
    char text[HA_FIGURE];
    size_t len = ha_figure_percent(part, whole, text);
    text_right(p, (struct ha_view){text, len}, SHARE_CELLS + 2, ink);
}

static void put_bytes(struct text_page *p, uint64_t n, enum ha_ink ink)
{
    char text[HA_FIGURE];
    size_t len = ha_figure_bytes(n, text);
    text_right(p, (struct ha_view){text, len}, BYTES_CELLS + 2, ink);
}

/* Heading of a table: its title over the names, then what the columns are. */
static void table_heading(struct text_page *p, const char *title, size_t names, size_t counts)
{
    ha_buf_char(p->to, '\n');
    text_left(p, ha_view_of(title), names, HA_INK_STRONG);
    text_right(p, HA_VIEW_LIT("count"), counts, HA_INK_QUIET);
    text_right(p, HA_VIEW_LIT("share"), SHARE_CELLS + 2, HA_INK_QUIET);
    text_right(p, HA_VIEW_LIT("bytes"), BYTES_CELLS + 2, HA_INK_QUIET);
    ha_buf_char(p->to, '\n');
}

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void put_size(struct text_page *p, struct text_flow *f, const char *words, uint64_t bytes,
                     const char *behind)
{
    char text[HA_FIGURE];
    ha_figure_bytes(bytes, text);
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "%s %s%s", words, text, behind);
    text_flow_put(p, f, (struct ha_view){p->scratch.ptr, p->scratch.len}, HA_INK_QUIET);
}

static void put_sizes(struct text_page *p)
{
    const struct ha_spread *s = &p->report->sizes;
    if (s->count == 0 || s->max == 0)
        return;
    struct text_flow f = text_flow_begin(p, 2, 4);
    put_size(p, &f, "bytes of a response: median", s->p50, ",");
    put_size(p, &f, "90% up to", s->p90, ",");
    put_size(p, &f, "99% up to", s->p99, ",");
    put_size(p, &f, "largest", s->max, "");
    text_flow_end(p);
}

void text_classes(struct text_page *p)
{
    const struct ha_tally_sums *s = p->report->sums;
    const size_t figures = SHARE_CELLS + 2 + BYTES_CELLS + 2;
    size_t counts = at_least(text_count_width(s->selected), 5);
    size_t title = at_most(16, p->width - 8 - counts - figures);
    size_t used = 8 + title + counts + figures + 2;
    size_t bar = p->width > used ? at_most(p->width - used, BAR_MOST) : 0;
    table_heading(p, "CLASSES", 8 + title, counts);
    for (size_t i = 0; i < HA_COUNT(ha_class_names); i++) {
        const struct ha_class_name *c = &ha_class_names[i];
        struct ha_count sum = s->classes[c->index];
        enum ha_ink quiet = sum.count == 0 ? HA_INK_QUIET : HA_INK_PLAIN;
        enum ha_ink ink = sum.count == 0 ? HA_INK_QUIET : ha_ink_of_class(c->index);
        ha_buf_str(p->to, "  ");
        text_left(p, ha_view_of(c->name), 6, ink);
        text_left(p, ha_view_of(c->title), title, quiet);
        put_count(p, sum.count, counts, quiet);
        put_share(p, sum.count, s->selected, quiet);
        put_bytes(p, sum.body_bytes, quiet);
        if (sum.count > 0 && bar > 0) {
            ha_buf_str(p->to, "  ");
            text_bar(p, sum.count, s->selected, bar, ink);
        }
        ha_buf_char(p->to, '\n');
    }
    put_sizes(p);
}

/* Where the meaning stands: behind the figures on a wide page, on lines of its own on a narrow one.
 */
struct table {
    size_t names; /* cells of the first column with its indent */
    size_t counts;
    size_t column; /* where the meaning begins */
    bool below;
};

static struct table table_of(const struct text_page *p, size_t names, size_t counts, size_t figures)
{
    struct table t = {.names = names, .counts = counts};
    t.column = names + counts + figures + 2;
    t.below = t.column + MEANING_LEAST > p->width;
    if (t.below)
        t.column = 6;
    return t;
}

static void put_meaning(struct text_page *p, const struct table *t, const char *meaning,
                        enum ha_ink ink)
{
    struct ha_view v = text_safe(p, ha_view_of(meaning));
    if (v.len == 0) {
        ha_buf_char(p->to, '\n');
        return;
    }
    ha_buf_str(p->to, t->below ? "\n" : "  ");
    text_fold(p, v, t->column, !t->below, ink);
}

static void status_row(struct text_page *p, const struct table *t, const struct ha_report_status *s,
                       bool error)
{
    char code[4];
    enum ha_ink ink = ha_ink_of_class(ha_class_of(s->fact->code));
    HA_ASSERT(s->fact->code >= 0 && s->fact->code <= 999);
    ha_code_text(s->fact->code, code);
    ha_buf_str(p->to, "  ");
    text_ink(p, (struct ha_view){code, 3}, ink);
    ha_buf_char(p->to, ' ');
    text_left(p, text_safe(p, ha_view_of(s->fact->phrase)), t->names - 6, HA_INK_PLAIN);
    put_count(p, s->sum.count, t->counts, HA_INK_PLAIN);
    put_share(p, s->sum.count, p->report->sums->selected, HA_INK_PLAIN);
    put_bytes(p, s->sum.body_bytes, HA_INK_PLAIN);
    put_meaning(p, t, s->fact->meaning, error ? HA_INK_PLAIN : HA_INK_QUIET);
    if (error && s->fact->hint[0] != '\0') {
        ha_buf_fill(p->to, ' ', t->column);
        ha_buf_str(p->to, p->unicode ? "\u2192 " : "> ");
        text_fold(p, text_safe(p, ha_view_of(s->fact->hint)), t->column + 2, true, HA_INK_QUIET);
    }
}

/* The statuses of one class, the most frequent first. */
static void status_rows(struct text_page *p, const struct table *t, int class, bool error)
{
    const struct ha_report *r = p->report;
    uint64_t below_count = UINT64_MAX; /* rows with this count are printed up to index `last` */
    size_t last = 0;
    for (;;) {
        const struct ha_report_status *next = NULL;
        for (size_t i = 0; i < r->status_count; i++) {
            const struct ha_report_status *s = &r->statuses[i];
            if (ha_class_of(s->fact->code) != class || s->sum.count > below_count ||
                (s->sum.count == below_count && i <= last))
                continue;
            if (next == NULL || s->sum.count > next->sum.count)
                next = s;
        }
        if (next == NULL)
            return;
        below_count = next->sum.count;
        last = (size_t)(next - r->statuses);
        status_row(p, t, next, error);
    }
}

void text_statuses(struct text_page *p)
{
    const struct ha_report *r = p->report;
    size_t phrase = 20;
    size_t counts = at_least(text_count_width(r->sums->selected), 5);
    uint64_t others = r->sums->selected - r->sums->errors - r->sums->no_status;
    for (size_t i = 0; i < r->status_count; i++)
        phrase =
            at_least(phrase, ha_text_width(text_safe(p, ha_view_of(r->statuses[i].fact->phrase))));
    const size_t figures = SHARE_CELLS + 2 + BYTES_CELLS + 2;
    phrase = at_most(at_most(phrase, NAME_MOST), p->width - 6 - counts - figures);
    struct table t = table_of(p, 6 + phrase, counts, figures);
    if (r->sums->errors > 0) {
        table_heading(p, "ERRORS", t.names, counts);
        status_rows(p, &t, 5, true);
        status_rows(p, &t, 4, true);
        text_error_shares(p);
    }
    if (others > 0 || r->sums->no_status > 0) {
        table_heading(p, r->sums->errors > 0 ? "OTHER STATUSES" : "STATUSES", t.names, counts);
        status_rows(p, &t, 0, false);
        status_rows(p, &t, 1, false);
        status_rows(p, &t, 2, false);
        status_rows(p, &t, 3, false);
    }
    if (r->sums->no_status > 0) {
        ha_buf_str(p->to, "  ");
        text_left(p, HA_VIEW_LIT("-   none in the line"), t.names - 2, HA_INK_PLAIN);
        put_count(p, r->sums->no_status, counts, HA_INK_PLAIN);
        put_share(p, r->sums->no_status, r->sums->selected, HA_INK_PLAIN);
        ha_buf_char(p->to, '\n');
    }
}

static const char *yes_or_no(bool yes)
{
    return yes ? "yes" : "no";
}

/* Cells of the properties: "safe", "idempotent", "cacheable", each with the space before it. */
enum { SAFE_CELLS = 6, IDEMPOTENT_CELLS = 12, CACHEABLE_CELLS = 13 };

static void method_properties(struct text_page *p, const struct table *t,
                              const struct ha_method_fact *f)
{
    const char *cacheable = ha_method_cacheable(f);
    ha_buf_str(p->to, "  ");
    text_left(p, ha_view_of(f == NULL ? "?" : yes_or_no(f->safe)), SAFE_CELLS, HA_INK_PLAIN);
    text_left(p, ha_view_of(f == NULL ? "?" : yes_or_no(f->idempotent)), IDEMPOTENT_CELLS,
              HA_INK_PLAIN);
    if (t->below)
        ha_buf_str(p->to, cacheable);
    else
        text_left(p, ha_view_of(cacheable), CACHEABLE_CELLS - 2, HA_INK_PLAIN);
}

static void method_row(struct text_page *p, const struct table *t, const struct ha_report_method *m,
                       bool properties)
{
    static const char *const names[] = {"", "(no HTTP)", "(others)"};
    struct ha_view name =
        m->kind == HA_METHOD_NAMED ? text_safe(p, m->method) : ha_view_of(names[m->kind]);
    ha_buf_str(p->to, "  ");
    text_left(p, name, t->names - 2, HA_INK_PLAIN);
    put_count(p, m->sum.count, t->counts, HA_INK_PLAIN);
    put_share(p, m->sum.count, p->report->sums->selected, HA_INK_PLAIN);
    if (properties)
        method_properties(p, t, m->fact);
    put_meaning(p, t, ha_method_meaning(m), HA_INK_QUIET);
}

void text_methods(struct text_page *p)
{
    const struct ha_report *r = p->report;
    const size_t words = SAFE_CELLS + IDEMPOTENT_CELLS + CACHEABLE_CELLS;
    size_t name = 9;
    size_t counts = at_least(text_count_width(r->sums->selected), 5);
    if (r->method_count == 0)
        return;
    for (size_t i = 0; i < r->method_count; i++)
        name = at_least(name, ha_text_width(text_safe(p, r->methods[i].method)));
    size_t room = p->width - 2 - counts - SHARE_CELLS - 2;
    bool properties = room >= words + 9;
    name = at_most(at_most(name, 20), properties ? room - words : room);
    struct table t = table_of(p, 2 + name, counts, SHARE_CELLS + 2 + (properties ? words : 0));
    ha_buf_char(p->to, '\n');
    text_left(p, HA_VIEW_LIT("METHODS"), t.names, HA_INK_STRONG);
    text_right(p, HA_VIEW_LIT("count"), counts, HA_INK_QUIET);
    text_right(p, HA_VIEW_LIT("share"), SHARE_CELLS + 2, HA_INK_QUIET);
    if (properties)
        text_ink(p, HA_VIEW_LIT("  safe  idempotent  cacheable"), HA_INK_QUIET);
    ha_buf_char(p->to, '\n');
    for (size_t i = 0; i < r->method_count; i++)
        method_row(p, &t, &r->methods[i], properties);
}
