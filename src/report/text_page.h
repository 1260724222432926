/* text_page.h - what the parts of the text report share: the page and how cells are put on it. */
#ifndef HA_REPORT_TEXT_PAGE_H
#define HA_REPORT_TEXT_PAGE_H

#include "httpannotate/report.h"
#include "httpannotate/terminal.h"

struct text_page {
    const struct ha_report *report;
    bool colour;
    bool unicode;
    size_t width; /* no line is longer */
    struct ha_buf *to;
    struct ha_buf scratch; /* one value at a time on its way to the page */
};

/* The parts, in the order they stand. */
void text_summary(struct text_page *p);
void text_input(struct text_page *p);
void text_timeline(struct text_page *p);
void text_spikes(struct text_page *p);
/* Of text_spikes: who and what rose in the spike at i, from that column on. */
void text_spike_who(struct text_page *p, size_t i, size_t column);
void text_classes(struct text_page *p);
void text_statuses(struct text_page *p);
void text_error_shares(struct text_page *p); /* of text_statuses, under the errors */
void text_durations(struct text_page *p);
void text_diff(struct text_page *p);
void text_tops(struct text_page *p);
void text_methods(struct text_page *p);
void text_findings(struct text_page *p);
void text_unmatched(struct text_page *p);
/* Whether there were lines to be read, and none of them was. */
bool text_is_all_unread(const struct ha_report *r);
/* What makes lines of a log that no pattern reads as it is. False, and nothing is written, where
 * there is no such log. */
bool text_odd_text(struct text_page *p, size_t indent);

/* An empty line, and the heading; note (which may be "") stands dim behind it. */
void text_heading(struct text_page *p, const char *title, const char *note);
/* v in width cells: at the right, or at the left with spaces behind. */
void text_right(struct text_page *p, struct ha_view v, size_t width, enum ha_ink ink);
void text_left(struct text_page *p, struct ha_view v, size_t width, enum ha_ink ink);
/* v in its ink, as it is. */
void text_ink(struct text_page *p, struct ha_view v, enum ha_ink ink);
/* Folds v into the columns from `column` to the width of the page; every line but the first is
 * indented, the first too unless begun. Ends its last line. */
void text_fold(struct text_page *p, struct ha_view v, size_t column, bool begun, enum ha_ink ink);
/* Items that are never broken, a space between two; a line that is full goes on below, indented. An
 * item wider than a line is cut. */
struct text_flow {
    size_t indent; /* of the lines after the first */
    size_t column;
    bool begun; /* an item stands on this line */
};
struct text_flow text_flow_begin(struct text_page *p, size_t first_indent, size_t indent);
void text_flow_put(struct text_page *p, struct text_flow *f, struct ha_view item, enum ha_ink ink);
/* A number and a word: "1 request", "2 requests"; then `behind`, as a comma. */
void text_flow_count(struct text_page *p, struct text_flow *f, uint64_t n, const char *word,
                     const char *behind);
void text_flow_end(struct text_page *p);
/* A stranger's text made harmless; the view lives until the next call. */
struct ha_view text_safe(struct text_page *p, struct ha_view v);
/* A bar of part in whole, at most `cells` long; one mark at least where part is not 0. */
void text_bar(struct text_page *p, uint64_t part, uint64_t whole, size_t cells, enum ha_ink ink);
/* "2026-11-24 10:00:00", "11-24 10:00", "10:00": as much of a time as says something. */
enum text_date { TEXT_DATE, TEXT_MONTH_DAY, TEXT_NO_DATE };
/* How much of them tells times of this span apart. */
enum text_date text_date_within(int64_t first_us, int64_t last_us);
void text_time(struct ha_buf *to, int64_t time_us, enum text_date date, bool seconds);
/* Columns that a number printed with grouping takes. */
size_t text_count_width(uint64_t n);

#endif
