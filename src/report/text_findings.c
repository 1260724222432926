/* text_findings.c - what rules found: how often, what, on what grounds, and where first. */
#include "report/formats.h"
#include "report/text_page.h"

#include <inttypes.h>
#include <string.h>

enum { INDENT = 2, BESIDE = 4, WHERE_LINES = 3 };

/* Whether all of it is what any terminal shows as it is. */
static bool is_ascii(struct ha_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.ptr[i] < ' ' || v.ptr[i] > '~')
            return false;
    return true;
}

/* "list their lines: httpannotate --finding=ID access.log", with the options that read and chose
 * the lines, where they are known and leave room. A name that would be cut, or that a shell would
 * not take as it is, is left to the reader. */
static void heading(struct text_page *p)
{
    static const char title[] = "FINDINGS",
                      note[] = "list their lines: ", command[] = "httpannotate --finding=ID ";
    const struct ha_report *r = p->report;
    struct ha_view name = ha_view_of(r->source_count == 1 ? r->sources[0].name : "-");
    struct ha_view again = ha_view_of(r->again != NULL ? r->again : "");
    size_t used = (sizeof title - 1) + 2 + (sizeof note - 1) + (sizeof command - 1);
    size_t room = used < p->width ? p->width - used : 0;
    size_t options = again.len > 0 ? again.len + 1 : 0;
    if (name.len + options > room || name.ptr[0] == '-' || !ha_view_is_shell_word(name))
        name = HA_VIEW_LIT("FILE");
    struct ha_buf text = {0};
    ha_buf_str(&text, note);
    if ((r->again == NULL && r->selection[0] != '\0') || !is_ascii(again) ||
        (options > 0 && name.len + options > room)) {
        ha_buf_str(&text, "the same options with --finding=ID, without -r");
    } else {
        ha_buf_str(&text, command);
        ha_buf_view(&text, again);
        ha_buf_str(&text, again.len > 0 ? " " : "");
        ha_buf_view(&text, name);
    }
    ha_buf_char(&text, '\0');
    text_heading(p, title, ha_buf_ok(&text) ? text.ptr : "");
    p->to->failed |= text.failed;
    ha_buf_free(&text);
}

static enum ha_ink ink_of(enum ha_severity s)
{
    static const enum ha_ink inks[HA_SEVERITY_N] = {HA_INK_QUIET, HA_INK_YELLOW, HA_INK_RED};
    return inks[s];
}

/* What the first request of this kind seems to be, where that can be told from its line. */
static const char *kind_of(const struct ha_finding *f)
{
    struct ha_view rest = ha_finding_first(f).text;
    const char *quote = rest.len > 0 ? memchr(rest.ptr, '"', rest.len) : NULL;
    if (f->rule != HA_RULE_GARBAGE || quote == NULL)
        return "unknown";
    size_t from = (size_t)(quote + 1 - rest.ptr);
    return ha_lint_kind((struct ha_view){quote + 1, rest.len - from});
}

/* From the request of a line on, "GET /a: what stands before it, as of HAProxy, may be longer than
 * there is room for. All of it where there is no request. */
static struct ha_view from_request(struct ha_view line)
{
    for (size_t i = 0; i + 1 < line.len; i++) {
        size_t n = i + 1;
        while (n < line.len && line.ptr[n] >= 'A' && line.ptr[n] <= 'Z')
            n++;
        if (line.ptr[i] == '"' && n > i + 1 && n < line.len && line.ptr[n] == ' ')
            return (struct ha_view){line.ptr + i, line.len - i};
    }
    return line;
}

/* The line, on three lines of the page at most. */
static void where(struct text_page *p, const struct ha_finding *f, size_t column)
{
    const struct ha_report *r = p->report;
    const struct ha_found at = ha_finding_first(f);
    char number[HA_FIGURE];
    ha_figure_count(at.line_number, number);
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "line %s", number);
    if (r->source_count > 1 && at.source < r->source_count) {
        ha_buf_str(&p->scratch, " of ");
        ha_buf_visible(&p->scratch, ha_view_of(r->sources[at.source].name), false);
    }
    ha_buf_str(&p->scratch, ": ");
    ha_buf_visible(&p->scratch, at.text, false);
    struct ha_view rest = {p->scratch.ptr, p->scratch.len};
    struct ha_view first = ha_text_fold(&rest, p->width - column);
    text_fold(p, first, column, false, HA_INK_QUIET);
    struct ha_view request = from_request(rest);
    bool skips = request.len < rest.len && ha_text_width(rest) > 2 * (p->width - column);
    const char *mark = !skips ? "" : p->unicode ? "\u2026 " : "... ";
    if (skips)
        rest = request;
    for (int line = 1; line < WHERE_LINES && rest.len > 0; line++) {
        size_t room = p->width - column - ha_text_width(ha_view_of(mark));
        struct ha_view part = rest;
        if (line + 1 < WHERE_LINES)
            part = ha_text_fold(&rest, room);
        ha_buf_fill(p->to, ' ', column);
        ha_ink_on(p->to, p->colour, HA_INK_QUIET);
        ha_buf_str(p->to, mark);
        ha_text_fit(p->to, part, room, p->unicode);
        ha_ink_off(p->to, p->colour, HA_INK_QUIET);
        ha_buf_char(p->to, '\n');
        mark = "";
    }
}

/* Whether a graver finding of the rule stands above. */
static bool is_told_above(const struct ha_report *r, const struct ha_finding *f)
{
    for (const struct ha_finding *above = r->findings; above < f; above++)
        if (above->rule == f->rule)
            return true;
    return false;
}

static void put(struct text_page *p, const struct ha_finding *f, size_t counts)
{
    char count[HA_FIGURE];
    size_t column = INDENT + counts + 2;
    struct ha_view figure = {count, ha_figure_count(f->count, count)};
    ha_buf_fill(p->to, ' ', INDENT);
    text_right(p, figure, counts, HA_INK_PLAIN);
    ha_buf_str(p->to, "  ");
    text_ink(p, ha_view_of(f->fact->id), ink_of(f->severity));
    ha_buf_char(p->to, '\n');
    const char *kind = kind_of(f);
    ha_buf_clear(&p->scratch);
    if (is_told_above(p->report, f))
        ha_buf_str(&p->scratch, "milder cases of what is told above");
    else
        ha_buf_str(&p->scratch, f->fact->message);
    if (!ha_view_is(ha_view_of(kind), "unknown"))
        ha_buf_printf(&p->scratch, "; the first is %s", kind);
    if (f->one_in > 1)
        ha_buf_printf(&p->scratch, "; of one in %" PRIu64 " that were watched", f->one_in);
    if (is_told_above(p->report, f))
        ha_buf_printf(&p->scratch, " (%s)", f->certainty);
    else
        ha_buf_printf(&p->scratch, " (%s; %s)", f->fact->basis, f->certainty);
    struct ha_view v = {p->scratch.ptr, p->scratch.len};
    text_fold(p, v, column, false, HA_INK_PLAIN);
    where(p, f, column);
}

void text_findings(struct text_page *p)
{
    static const char *const titles[HA_SEVERITY_N] = {"information", "warnings", "errors"};
    const struct ha_report *r = p->report;
    size_t counts = BESIDE;
    if (r->finding_count == 0)
        return;
    heading(p);
    for (size_t i = 0; i < r->finding_count; i++) {
        size_t width = text_count_width(r->findings[i].count);
        counts = width > counts ? width : counts;
    }
    for (size_t i = 0; i < r->finding_count; i++) {
        const struct ha_finding *f = &r->findings[i];
        if (i == 0 || f->severity != r->findings[i - 1].severity) {
            ha_buf_fill(p->to, ' ', INDENT);
            text_ink(p, ha_view_of(titles[f->severity]), HA_INK_STRONG);
            ha_buf_char(p->to, '\n');
        }
        put(p, f, counts);
    }
}
