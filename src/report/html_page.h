/* html_page.h - what the parts of the HTML report share. */
#ifndef HA_REPORT_HTML_PAGE_H
#define HA_REPORT_HTML_PAGE_H

#include "httpannotate/report.h"

/* v with control bytes visible and what HTML reads as markup escaped, fit for text and for
 * attributes in double quotes. */
void html_text(struct ha_buf *to, struct ha_view v);
void html_words(struct ha_buf *to, const char *text);
void html_count(struct ha_buf *to, uint64_t n);
/* <td class="n">1,234</td><td class="n">12.3%</td> */
void html_count_cells(struct ha_buf *to, uint64_t n, uint64_t whole);
/* The CSS class of a status or class: "c1" to "c5", "c0". Static. */
const char *html_class(int class_index);

void html_begin(const struct ha_report *r, struct ha_buf *to);
void html_timeline(const struct ha_report *r, struct ha_buf *to);
void html_spikes(const struct ha_report *r, struct ha_buf *to);
void html_classes(const struct ha_report *r, struct ha_buf *to);
void html_statuses(const struct ha_report *r, struct ha_buf *to);
void html_durations(const struct ha_report *r, struct ha_buf *to);
void html_tops(const struct ha_report *r, struct ha_buf *to);
void html_methods(const struct ha_report *r, struct ha_buf *to);
void html_findings(const struct ha_report *r, struct ha_buf *to);
void html_unmatched(const struct ha_report *r, struct ha_buf *to);

#endif
