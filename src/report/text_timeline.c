/* text_timeline.c - when: a mark for each stretch of time, for all requests and for errors. */
#include "report/formats.h"
#include "report/text_page.h"

#include <string.h>

/* Cells of the indent and name before the marks; marks that a row has. */
enum { NAME_CELLS = 8, MARKS_LEAST = 16, MARKS_MOST = 120 };

struct marks {
    uint64_t n[MARKS_MOST];
    size_t count;
    int64_t start_s;
    int64_t width_s; /* seconds behind one mark */
};

/* How much of a time tells the buckets apart. */
static enum text_date date_of(const struct ha_report *r)
{
    return text_date_within(r->buckets[0].start_s * HA_US_PER_S,
                            r->buckets[r->bucket_count - 1].start_s * HA_US_PER_S);
}

/* Cells beside the marks: name, "  peak 1,234", " at 11-24 10:42:00", "2026-" where it is told. */
static size_t cells_beside(const struct text_page *p, bool with_time)
{
    size_t beside = NAME_CELLS + 7 + text_count_width(p->report->sums->selected);
    static const uint8_t cells[] = {[TEXT_DATE] = 16, [TEXT_MONTH_DAY] = 11, [TEXT_NO_DATE] = 5};
    size_t time = cells[date_of(p->report)];
    if (p->report->bucket_seconds % 60 != 0)
        time += 3;
    return beside + (with_time ? 4 + time : 0);
}

/* The time of a peak is told where it leaves the marks some room. */
static bool tells_time(const struct text_page *p)
{
    return cells_beside(p, true) + MARKS_LEAST <= p->width;
}

static size_t room_for_marks(const struct text_page *p)
{
    size_t room = p->width - cells_beside(p, tells_time(p));
    return room < MARKS_MOST ? room : MARKS_MOST;
}

/* Sums neighbouring buckets until the marks fit the page. */
static struct marks marks_of(const struct text_page *p, size_t series)
{
    const struct ha_report *r = p->report;
    size_t room = room_for_marks(p);
    size_t each = (r->bucket_span + room - 1) / room;
    struct marks m = {
        .count = (r->bucket_span + each - 1) / each,
        .start_s = r->buckets[0].start_s,
        .width_s = r->bucket_seconds * (int64_t)each,
    };
    for (size_t i = 0; i < r->bucket_count; i++) {
        size_t at = (size_t)((r->buckets[i].start_s - m.start_s) / m.width_s);
        HA_ASSERT(at < m.count);
        m.n[at] += r->buckets[i].n[series];
    }
    return m;
}

static size_t peak_of(const struct marks *m)
{
    size_t peak = 0;
    for (size_t i = 1; i < m->count; i++)
        if (m->n[i] > m->n[peak])
            peak = i;
    return peak;
}

/* Heights from least to most; a stretch without any is a space: a gap is seen as a gap. */
static const char *mark(bool unicode, uint64_t n, uint64_t peak)
{
    static const char *const blocks[8] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                          "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char *const plain[8] = {".", ":", "-", "=", "+", "*", "%", "#"};
    if (n == 0)
        return " ";
    size_t level = (size_t)(ha_share(n, peak) * 8);
    level = level > 7 ? 7 : level;
    return unicode ? blocks[level] : plain[level];
}

static void put_series(struct text_page *p, size_t series, const char *name, enum ha_ink ink)
{
    struct marks m = marks_of(p, series);
    size_t peak = peak_of(&m);
    char figure[HA_FIGURE];
    ha_buf_str(p->to, "  ");
    text_left(p, ha_view_of(name), NAME_CELLS - 2, ink);
    if (m.n[peak] == 0) {
        text_ink(p, HA_VIEW_LIT("none"), HA_INK_QUIET);
        ha_buf_char(p->to, '\n');
        return;
    }
    ha_ink_on(p->to, p->colour, ink);
    for (size_t i = 0; i < m.count; i++)
        ha_buf_str(p->to, mark(p->unicode, m.n[i], m.n[peak]));
    ha_ink_off(p->to, p->colour, ink);
    ha_figure_count(m.n[peak], figure);
    ha_buf_printf(p->to, "  peak %s", figure);
    if (tells_time(p)) {
        ha_buf_str(p->to, " at ");
        text_time(p->to, (m.start_s + (int64_t)peak * m.width_s) * HA_US_PER_S, date_of(p->report),
                  m.width_s % 60 != 0);
    }
    ha_buf_char(p->to, '\n');
}

/* Under the marks, where spikes are: the digit of their class, so that it needs no colour. Where
 * two overlap the server's errors are shown. */
static void put_spikes(struct text_page *p, const struct marks *m)
{
    const struct ha_report *r = p->report;
    char at[MARKS_MOST];
    if (r->spike_count == 0)
        return;
    memset(at, ' ', sizeof at);
    for (size_t i = 0; i < r->spike_count; i++) {
        const struct ha_spike *s = &r->spikes[i].spike;
        int64_t first = (s->start_s - m->start_s) / m->width_s;
        int64_t last = (s->end_s - 1 - m->start_s) / m->width_s;
        for (int64_t k = first < 0 ? 0 : first; k <= last && k < (int64_t)m->count; k++)
            at[k] = at[k] == '5' ? '5' : r->spikes[i].name[0];
    }
    ha_buf_str(p->to, "  ");
    text_left(p, HA_VIEW_LIT("spike"), NAME_CELLS - 2, HA_INK_PLAIN);
    size_t end = m->count;
    while (end > 0 && at[end - 1] == ' ')
        end--;
    for (size_t k = 0, next; k < end; k = next) {
        for (next = k + 1; next < end && at[next] == at[k];)
            next++;
        text_ink(p, (struct ha_view){at + k, next - k},
                 at[k] == ' ' ? HA_INK_PLAIN : ha_ink_of_class(at[k] - '0'));
    }
    ha_buf_char(p->to, '\n');
}

/* The first and last time under the ends of the marks, where they have room. */
static void put_axis(struct text_page *p, const struct marks *m)
{
    enum text_date date = date_of(p->report) == TEXT_NO_DATE ? TEXT_NO_DATE : TEXT_DATE;
    bool seconds = m->width_s % 60 != 0;
    struct ha_buf first = {0};
    struct ha_buf last = {0};
    text_time(&first, m->start_s * HA_US_PER_S, date, seconds);
    text_time(&last, (m->start_s + (int64_t)m->count * m->width_s) * HA_US_PER_S, date, seconds);
    ha_buf_fill(p->to, ' ', NAME_CELLS);
    ha_ink_on(p->to, p->colour, HA_INK_QUIET);
    ha_buf_bytes(p->to, first.ptr, first.len);
    if (first.len + last.len + 1 <= m->count) {
        ha_buf_fill(p->to, ' ', m->count - first.len - last.len);
        ha_buf_bytes(p->to, last.ptr, last.len);
    } else {
        ha_buf_str(p->to, " to ");
        ha_buf_bytes(p->to, last.ptr, last.len);
    }
    ha_ink_off(p->to, p->colour, HA_INK_QUIET);
    ha_buf_char(p->to, '\n');
    p->to->failed = p->to->failed || first.failed || last.failed;
    ha_buf_free(&first);
    ha_buf_free(&last);
}

void text_timeline(struct text_page *p)
{
    const struct ha_report *r = p->report;
    if (r->bucket_count == 0 || r->bucket_span < 2)
        return;
    struct marks total = marks_of(p, HA_SERIES_TOTAL);
    struct ha_buf note = {0};
    char width[HA_FIGURE];
    ha_figure_duration(total.width_s * HA_US_PER_S, width);
    ha_buf_printf(&note, "one mark is %s, UTC; ", width);
    ha_report_bucket_too_narrow(r, width);
    if (width[0] == '\0')
        ha_buf_str(&note, "rows scaled each");
    else
        ha_buf_printf(&note, "buckets of %s would be too many", width);
    ha_buf_char(&note, '\0');
    text_heading(p, "TIMELINE", note.failed ? "" : note.ptr);
    put_series(p, HA_SERIES_TOTAL, "total", HA_INK_PLAIN);
    put_series(p, HA_SERIES_4XX, "4xx", HA_INK_YELLOW);
    put_series(p, HA_SERIES_5XX, "5xx", HA_INK_RED);
    put_series(p, HA_SERIES_429, "429", HA_INK_YELLOW);
    put_spikes(p, &total);
    put_axis(p, &total);
    p->to->failed = p->to->failed || note.failed;
    ha_buf_free(&note);
}
