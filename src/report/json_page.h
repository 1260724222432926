/* json_page.h - what the parts of the JSON report share. */
#ifndef HA_REPORT_JSON_PAGE_H
#define HA_REPORT_JSON_PAGE_H

#include "httpannotate/report.h"

void json_string(struct ha_buf *to, const char *s);
/* "key": with its indent; a number of spaces tells the depth. */
void json_key(struct ha_buf *to, size_t indent, const char *name);
void json_number_line(struct ha_buf *to, size_t indent, const char *name, uint64_t n);
/* , "key": within a row. */
void json_field(struct ha_buf *to, const char *name);
/* Opens a list of rows; each row begins with json_row, which separates it from the one before. */
void json_open_rows(struct ha_buf *to, size_t indent, const char *name);
void json_row(struct ha_buf *to, size_t indent, bool first);
void json_close_rows(struct ha_buf *to, size_t indent, bool empty, const char *end);

/* Statuses by method, sides of fault, durations and sizes. */
void json_figures(const struct ha_report *r, struct ha_buf *to);
/* Where a line number counts: null where there is one source only, so that a log gives the same
 * report from a file and from a pipe. */
void json_source(const struct ha_report *r, uint32_t index, struct ha_buf *to);
/* What rules found; null where nothing was looked for. */
void json_findings(const struct ha_report *r, struct ha_buf *to);
/* Clients that came back at once after 429. */
void json_returns(const struct ha_report *r, struct ha_buf *to);

void json_spikes(const struct ha_report *r, struct ha_buf *to);
/* , "clients": [...], ... of one spike; null where no evidence was kept. */
void json_spike_who(const struct ha_risen *risen, struct ha_buf *to);

#endif
