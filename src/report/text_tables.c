/* text_tables.c - classes, statuses, methods: one row each, and what they mean. */
#include "report/text_page.h"

#include <string.h>

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
static void table_heading(struct text_page *p, const char *title, size_t names, size_t counts,
                          bool bytes)
{
    ha_buf_char(p->to, '\n');
    text_left(p, ha_view_of(title), names, HA_INK_STRONG);
    text_right(p, HA_VIEW_LIT("count"), counts, HA_INK_QUIET);
    text_right(p, HA_VIEW_LIT("share"), SHARE_CELLS + 2, HA_INK_QUIET);
    if (bytes)
        text_right(p, HA_VIEW_LIT("bytes"), BYTES_CELLS + 2, HA_INK_QUIET);
    ha_buf_char(p->to, '\n');
}

void text_classes(struct text_page *p)
{
    const struct ha_tally_sums *s = p->report->sums;
    const size_t names = 2 + 6 + 16;
    size_t counts = at_least(text_count_width(s->selected), 5);
    size_t used = names + counts + SHARE_CELLS + 2 + BYTES_CELLS + 2 + 2;
    size_t bar = p->width > used ? p->width - used : 0;
    table_heading(p, "CLASSES", names, counts, true);
    for (size_t i = 0; i < HA_COUNT(ha_class_names); i++) {
        const struct ha_class_name *c = &ha_class_names[i];
        struct ha_count sum = s->classes[c->index];
        enum ha_ink quiet = sum.count == 0 ? HA_INK_QUIET : HA_INK_PLAIN;
        enum ha_ink ink = sum.count == 0 ? HA_INK_QUIET : ha_ink_of_class(c->index);
        ha_buf_str(p->to, "  ");
        text_left(p, ha_view_of(c->name), 6, ink);
        text_left(p, ha_view_of(c->title), 16, quiet);
        put_count(p, sum.count, counts, quiet);
        put_share(p, sum.count, s->selected, quiet);
        put_bytes(p, sum.body_bytes, quiet);
        if (sum.count > 0) {
            ha_buf_str(p->to, "  ");
            text_bar(p, sum.count, s->selected, bar < BAR_MOST ? bar : BAR_MOST, ink);
        }
        ha_buf_char(p->to, '\n');
    }
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
    char code[16];
    enum ha_ink ink = ha_ink_of_class(ha_class_of(s->fact->code));
    HA_ASSERT(s->fact->code >= 0 && s->fact->code <= 999);
    for (int i = 0, rest = s->fact->code; i < 3; i++, rest /= 10)
        code[2 - i] = (char)('0' + rest % 10);
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
    if (phrase > NAME_MOST)
        phrase = NAME_MOST;
    if (p->width < 76 && phrase > 24)
        phrase = 24;
    struct table t = table_of(p, 6 + phrase, counts, SHARE_CELLS + 2 + BYTES_CELLS + 2);
    if (r->sums->errors > 0) {
        table_heading(p, "ERRORS", t.names, counts, true);
        status_rows(p, &t, 5, true);
        status_rows(p, &t, 4, true);
    }
    if (others > 0) {
        table_heading(p, "OTHER STATUSES", t.names, counts, true);
        status_rows(p, &t, 0, false);
        status_rows(p, &t, 1, false);
        status_rows(p, &t, 2, false);
        status_rows(p, &t, 3, false);
    }
    if (r->sums->no_status > 0) {
        ha_buf_str(p->to, "  ");
        text_left(p, HA_VIEW_LIT("-   no status in the line"), t.names - 2, HA_INK_PLAIN);
        put_count(p, r->sums->no_status, counts, HA_INK_PLAIN);
        put_share(p, r->sums->no_status, r->sums->selected, HA_INK_PLAIN);
        ha_buf_char(p->to, '\n');
    }
}

/* Conditions come to the same: the response itself must say that it may be kept. */
static const char *cacheable_word(const struct ha_method_fact *f)
{
    if (f->cacheable_yes)
        return "cacheable";
    return strcmp(f->cacheable, "n") == 0 ? "-" : "cacheable if marked";
}

static void method_row(struct text_page *p, const struct table *t, const struct ha_report_method *m)
{
    static const char *const names[] = {"", "(no HTTP)", "(others)"};
    static const char *const meanings[] = {
        "In no registry, and not known of any vendor.",
        "The request line was no HTTP: no method could be read.",
        "Unlisted methods beyond those counted by name.",
    };
    struct ha_view name =
        m->kind == HA_METHOD_NAMED ? text_safe(p, m->method) : ha_view_of(names[m->kind]);
    const struct ha_method_fact *f = m->fact;
    ha_buf_str(p->to, "  ");
    text_left(p, name, t->names - 2, HA_INK_PLAIN);
    put_count(p, m->sum.count, t->counts, HA_INK_PLAIN);
    put_share(p, m->sum.count, p->report->sums->selected, HA_INK_PLAIN);
    ha_buf_str(p->to, "  ");
    text_left(p, ha_view_of(f == NULL ? "?" : f->safe ? "safe" : "-"), 6, HA_INK_PLAIN);
    text_left(p,
              ha_view_of(f == NULL       ? "?"
                         : f->idempotent ? "idempotent"
                                         : "-"),
              12, HA_INK_PLAIN);
    const char *cacheable = f == NULL ? "?" : cacheable_word(f);
    if (t->below)
        ha_buf_str(p->to, cacheable);
    else
        text_left(p, ha_view_of(cacheable), 19, HA_INK_PLAIN);
    put_meaning(p, t, f == NULL ? meanings[m->kind] : f->meaning, HA_INK_QUIET);
}

void text_methods(struct text_page *p)
{
    const struct ha_report *r = p->report;
    size_t name = 9;
    size_t counts = at_least(text_count_width(r->sums->selected), 5);
    if (r->method_count == 0)
        return;
    for (size_t i = 0; i < r->method_count; i++)
        name = at_least(name, ha_text_width(text_safe(p, r->methods[i].method)));
    if (name > 20)
        name = 20;
    struct table t = table_of(p, 2 + name, counts, SHARE_CELLS + 2 + 2 + 6 + 12 + 19);
    table_heading(p, "METHODS", t.names, counts, false);
    for (size_t i = 0; i < r->method_count; i++)
        method_row(p, &t, &r->methods[i]);
}
