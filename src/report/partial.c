/* partial.c - the report as one line that --merge adds up with others. */
#include "httpannotate/partial.h"

#include "report/formats.h"

void ha_report_partial(const struct ha_report *r, const struct ha_report_style *style,
                       struct ha_buf *to)
{
    (void)style;
    struct ha_partial partial = {.tally = r->tally,
                                 .selection = r->selection,
                                 .sources = r->sources,
                                 .source_count = r->source_count,
                                 .patterns = r->patterns,
                                 .pattern_count = r->pattern_count};
    ha_partial_write(&partial, to);
}
