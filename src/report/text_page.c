/* text_page.c - cells, bars, folding: how the text report is put on its page. */
#include "report/text_page.h"

void text_heading(struct text_page *p, const char *title, const char *note)
{
    ha_buf_char(p->to, '\n');
    text_ink(p, ha_view_of(title), HA_INK_STRONG);
    if (note[0] != '\0') {
        size_t used = ha_text_width(ha_view_of(title)) + 2;
        ha_buf_str(p->to, "  ");
        ha_ink_on(p->to, p->colour, HA_INK_QUIET);
        ha_text_fit(p->to, ha_view_of(note), p->width - used, p->unicode);
        ha_ink_off(p->to, p->colour, HA_INK_QUIET);
    }
    ha_buf_char(p->to, '\n');
}

void text_ink(struct text_page *p, struct ha_view v, enum ha_ink ink)
{
    ha_ink_on(p->to, p->colour, ink);
    ha_buf_view(p->to, v);
    ha_ink_off(p->to, p->colour, ink);
}

void text_right(struct text_page *p, struct ha_view v, size_t width, enum ha_ink ink)
{
    size_t used = ha_text_width(v);
    ha_buf_fill(p->to, ' ', used < width ? width - used : 0);
    text_ink(p, v, ink);
}

void text_left(struct text_page *p, struct ha_view v, size_t width, enum ha_ink ink)
{
    ha_ink_on(p->to, p->colour, ink);
    size_t used = ha_text_fit(p->to, v, width, p->unicode);
    ha_ink_off(p->to, p->colour, ink);
    ha_buf_fill(p->to, ' ', width - used);
}

void text_fold(struct text_page *p, struct ha_view v, size_t column, bool begun, enum ha_ink ink)
{
    HA_ASSERT(column < p->width);
    while (v.len > 0) {
        struct ha_view line = ha_text_fold(&v, p->width - column);
        ha_buf_fill(p->to, ' ', begun ? 0 : column);
        text_ink(p, line, ink);
        ha_buf_char(p->to, '\n');
        begun = false;
    }
}

struct text_flow text_flow_begin(struct text_page *p, size_t first_indent, size_t indent)
{
    ha_buf_fill(p->to, ' ', first_indent);
    return (struct text_flow){.indent = indent, .column = first_indent};
}

void text_flow_put(struct text_page *p, struct text_flow *f, struct ha_view item, enum ha_ink ink)
{
    size_t cells = ha_text_width(item);
    if (f->begun && f->column + 1 + cells > p->width) {
        ha_buf_char(p->to, '\n');
        ha_buf_fill(p->to, ' ', f->indent);
        f->column = f->indent;
        f->begun = false;
    }
    if (f->begun) {
        ha_buf_char(p->to, ' ');
        f->column++;
    }
    ha_ink_on(p->to, p->colour, ink);
    f->column += ha_text_fit(p->to, item, p->width - f->column, p->unicode);
    ha_ink_off(p->to, p->colour, ink);
    f->begun = true;
}

void text_flow_count(struct text_page *p, struct text_flow *f, uint64_t n, const char *word,
                     const char *behind)
{
    char figure[HA_FIGURE];
    ha_figure_count(n, figure);
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "%s %s%s%s", figure, word, n == 1 ? "" : "s", behind);
    text_flow_put(p, f, (struct ha_view){p->scratch.ptr, p->scratch.len}, HA_INK_PLAIN);
}

void text_flow_end(struct text_page *p)
{
    ha_buf_char(p->to, '\n');
}

struct ha_view text_safe(struct text_page *p, struct ha_view v)
{
    ha_buf_clear(&p->scratch);
    ha_buf_visible(&p->scratch, v, false);
    return (struct ha_view){p->scratch.ptr, p->scratch.len};
}

void text_bar(struct text_page *p, uint64_t part, uint64_t whole, size_t cells, enum ha_ink ink)
{
    static const char *const eighths[8] = {"",       "\u258F", "\u258E", "\u258D",
                                           "\u258C", "\u258B", "\u258A", "\u2589"};
    size_t steps = p->unicode ? 8 : 1;
    size_t marks = (size_t)(ha_share(part, whole) * (double)(cells * steps) + 0.5);
    if (part > 0 && marks == 0)
        marks = 1;
    ha_ink_on(p->to, p->colour, ink);
    for (size_t i = 0; i < marks / steps; i++)
        ha_buf_str(p->to, p->unicode ? "\u2588" : "#");
    ha_buf_str(p->to, eighths[marks % steps]);
    ha_ink_off(p->to, p->colour, ink);
}

enum text_date text_date_within(int64_t first_us, int64_t last_us)
{
    struct ha_civil a = ha_time_civil(first_us, 0), b = ha_time_civil(last_us, 0);
    if (a.year != b.year)
        return TEXT_DATE;
    return a.month == b.month && a.day == b.day ? TEXT_NO_DATE : TEXT_MONTH_DAY;
}

void text_time(struct ha_buf *to, int64_t time_us, enum text_date date, bool seconds)
{
    struct ha_civil c = ha_time_civil(time_us, 0);
    if (date == TEXT_DATE)
        ha_buf_printf(to, "%04d-", c.year);
    if (date != TEXT_NO_DATE)
        ha_buf_printf(to, "%02d-%02d ", c.month, c.day);
    ha_buf_printf(to, "%02d:%02d", c.hour, c.minute);
    if (seconds)
        ha_buf_printf(to, ":%02d", c.second);
}

size_t text_count_width(uint64_t n)
{
    char figure[HA_FIGURE];
    return ha_figure_count(n, figure);
}
