/* text.c - the report for people: the verdict first, then where it comes from.
 *
 * Made to be read by an engineer who was woken up: what is wrong stands above what is well, every
 * number has its share, nothing needs colour to be understood, and no line is wider than the page.
 */
#include "report/formats.h"
#include "report/text_page.h"

#include <string.h>

enum { WIDTH_LEAST = 60, WIDTH_MOST = 160, WIDTH_UNKNOWN = 80 };

static size_t page_width(const struct ha_report_style *style)
{
    if (style->width == 0)
        return WIDTH_UNKNOWN;
    if (style->width < WIDTH_LEAST)
        return WIDTH_LEAST;
    return style->width > WIDTH_MOST ? WIDTH_MOST : style->width;
}

bool text_is_all_unread(const struct ha_report *r)
{
    const uint64_t *verdict = r->sums->verdict;
    return verdict[HA_UNMATCHED] > 0 && verdict[HA_MATCHED] + verdict[HA_SALVAGED] == 0;
}

static const char *nothing_told(const struct ha_report *r)
{
    if (r->sums->lines == 0 && r->unread)
        return "Nothing could be read: what went wrong was told on standard error.";
    if (r->sums->lines == 0 && r->source_count > 0 && strcmp(r->sources[0].name, "-") != 0)
        return "The input was empty.";
    if (r->sums->lines == 0)
        return "The input was empty: give a FILE, or pipe a log into standard input.";
    if (r->sums->lines == r->sums->verdict[HA_BLANK] + r->sums->verdict[HA_DIRECTIVE])
        return "There were only blank lines and directives: no requests in that time.";
    if (text_is_all_unread(r))
        return "No line reads as a request. --list-patterns names the formats that are known; "
               "--pattern=FILE adds one; --check-pattern=FILE tries it on lines of its own.";
    return "None of the requests is among those that were asked for.";
}

void ha_report_text(const struct ha_report *r, const struct ha_report_style *style,
                    struct ha_buf *to)
{
    struct text_page page = {
        .report = r,
        .colour = style->colour,
        .unicode = style->unicode,
        .width = page_width(style),
        .to = to,
    };
    text_summary(&page);
    if (r->sums->selected == 0) {
        if (!text_is_all_unread(r) || !text_odd_text(&page, 0))
            text_fold(&page, ha_view_of(nothing_told(r)), 0, false, HA_INK_PLAIN);
        text_input(&page);
    } else {
        text_input(&page);
        text_timeline(&page);
        text_spikes(&page);
        text_classes(&page);
        text_statuses(&page);
        text_diff(&page);
        text_durations(&page);
        text_tops(&page);
        text_methods(&page);
        text_findings(&page);
    }
    text_unmatched(&page);
    to->failed = to->failed || page.scratch.failed;
    ha_buf_free(&page.scratch);
}
