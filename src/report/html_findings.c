/* html_findings.c - what rules found, as a table of the HTML report. */
#include "report/html_page.h"

#include <inttypes.h>

void html_findings(const struct ha_report *r, struct ha_buf *to)
{
    if (r->finding_count == 0)
        return;
    ha_buf_str(to, "<h2>Findings</h2>\n<table>\n<tr><th>finding<th>severity<th class=\"n\">count"
                   "<th>what<th>first line</tr>\n");
    for (size_t i = 0; i < r->finding_count; i++) {
        const struct ha_finding *f = &r->findings[i];
        const struct ha_found first = ha_finding_first(f);
        ha_buf_printf(to, "<tr><td>%s</td><td>%s</td><td class=\"n\">", f->fact->id,
                      ha_severity_name(f->severity));
        html_count(to, f->count);
        ha_buf_str(to, "</td><td>");
        html_words(to, f->fact->message);
        if (f->one_in > 1)
            ha_buf_printf(to, "; of one in %" PRIu64 " that were watched", f->one_in);
        ha_buf_str(to, "<br><span class=\"d\">");
        html_words(to, f->fact->basis);
        ha_buf_printf(to, "; %s</span></td><td>", f->certainty);
        html_count(to, first.line_number);
        ha_buf_str(to, ": <code>");
        html_text(to, first.text);
        ha_buf_str(to, "</code></td></tr>\n");
    }
    ha_buf_str(to, "</table>\n");
}
