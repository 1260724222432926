/* text_durations.c - how long answers took, errors apart from successes. */
#include "report/formats.h"
#include "report/text_page.h"

/* Cells of a duration ("59.9 min") with the space before it, and of the names. */
enum { FIGURE_CELLS = 10, NAME_CELLS = 11 };

static const struct {
    const char *title;
    size_t offset; /* of the figure in struct ha_spread */
} columns[] = {
    {"median", offsetof(struct ha_spread, p50)}, {"90%", offsetof(struct ha_spread, p90)},
    {"95%", offsetof(struct ha_spread, p95)},    {"99%", offsetof(struct ha_spread, p99)},
    {"max", offsetof(struct ha_spread, max)},    {"mean", offsetof(struct ha_spread, mean)},
};

static uint64_t figure_of(const struct ha_spread *s, size_t column)
{
    return *(const uint64_t *)(const void *)((const char *)s + columns[column].offset);
}

static void put_row(struct text_page *p, size_t group, size_t counts, size_t figures)
{
    const struct ha_spread *s = &p->report->durations[group];
    char text[HA_FIGURE];
    enum ha_ink ink = group < HA_DURATIONS_CLASSES
                          ? HA_INK_PLAIN
                          : ha_ink_of_class(ha_class_names[group - HA_DURATIONS_CLASSES].index);
    size_t len = ha_figure_count(s->count, text);
    ha_buf_str(p->to, "  ");
    text_left(p, ha_view_of(ha_duration_group_name(group)), NAME_CELLS, ink);
    text_right(p, (struct ha_view){text, len}, counts, HA_INK_PLAIN);
    for (size_t i = 0; i < figures; i++) {
        len = ha_figure_time(figure_of(s, i), text);
        text_right(p, (struct ha_view){text, len}, FIGURE_CELLS, HA_INK_PLAIN);
    }
    ha_buf_char(p->to, '\n');
}

/* A group says something of its own only where it is not all of the one that holds it. */
static bool is_shown(const struct ha_report *r, size_t group)
{
    size_t whole = HA_DURATIONS_ALL;
    if (group >= HA_DURATIONS_CLASSES) {
        int class = ha_class_names[group - HA_DURATIONS_CLASSES].index;
        if (class == 2 || class == 3)
            whole = HA_DURATIONS_SUCCESSES;
        else if (class == 4 || class == 5)
            whole = HA_DURATIONS_ERRORS;
    }
    uint64_t count = r->durations[group].count;
    return count > 0 && (group == HA_DURATIONS_ALL || count < r->durations[whole].count);
}

void text_durations(struct text_page *p)
{
    const struct ha_report *r = p->report;
    uint64_t count = r->durations[HA_DURATIONS_ALL].count;
    if (count == 0)
        return;
    size_t counts = text_count_width(count);
    counts = counts < 5 ? 5 : counts;
    size_t used = 2 + NAME_CELLS + counts;
    size_t figures = (p->width - used) / FIGURE_CELLS;
    figures = figures < HA_COUNT(columns) ? figures : HA_COUNT(columns);
    ha_buf_char(p->to, '\n');
    text_left(p, HA_VIEW_LIT("DURATIONS"), 2 + NAME_CELLS, HA_INK_STRONG);
    text_right(p, HA_VIEW_LIT("count"), counts, HA_INK_QUIET);
    for (size_t i = 0; i < figures; i++)
        text_right(p, ha_view_of(columns[i].title), FIGURE_CELLS, HA_INK_QUIET);
    ha_buf_char(p->to, '\n');
    for (size_t group = 0; group < HA_DURATIONS_N; group++)
        if (is_shown(r, group))
            put_row(p, group, counts, figures);
}
