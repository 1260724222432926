/* markdown.c - tables for a ticket or a wiki (GitHub Flavored Markdown).
 *
 * What strangers wrote stands in code spans, where neither markup, HTML nor addresses act. */
#include "report/formats.h"

#include <inttypes.h>

#include "httpannotate/terminal.h"

static const char *escape_words(char c)
{
    switch (c) {
    case '|':
        return "\\|";
    case '<':
        return "&lt;";
    case '&':
        return "&amp;";
    case '*':
        return "\\*";
    case '_':
        return "\\_";
    case '`':
        return "\\`";
    case '[':
        return "\\[";
    case ']':
        return "\\]";
    case '\\':
        return "\\\\";
    default:
        return NULL;
    }
}

static const char *escape_bar(char c)
{
    return c == '|' ? "\\|" : NULL;
}

/* Words of the tables or of the user. */
static void words(struct ha_buf *to, const char *text)
{
    ha_put_escaped(to, ha_view_of(text), escape_words);
}

/* A code span: its fence is longer than any run of backticks in v (CommonMark 6.1). */
static void code(struct ha_buf *to, struct ha_view v)
{
    size_t longest = 0;
    for (size_t i = 0, run = 0; i < v.len; i++) {
        run = v.ptr[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    if (v.len == 0) {
        ha_buf_str(to, "(empty)");
        return;
    }
    bool pad = longest > 0 || v.ptr[0] == ' ' || v.ptr[v.len - 1] == ' ';
    ha_buf_fill(to, '`', longest + 1);
    ha_buf_str(to, pad ? " " : "");
    ha_put_escaped(to, v, escape_bar);
    ha_buf_str(to, pad ? " " : "");
    ha_buf_fill(to, '`', longest + 1);
}

static void count(struct ha_buf *to, uint64_t n)
{
    char text[HA_FIGURE];
    ha_buf_bytes(to, text, ha_figure_count(n, text));
}

/* " | 1,234 | 12.3%" */
static void count_cells(struct ha_buf *to, uint64_t n, uint64_t whole)
{
    char text[HA_FIGURE];
    ha_buf_str(to, " | ");
    count(to, n);
    ha_figure_percent(n, whole, text);
    ha_buf_printf(to, " | %s", text);
}

static void bytes_cell(struct ha_buf *to, uint64_t n)
{
    char text[HA_FIGURE];
    ha_figure_bytes(n, text);
    ha_buf_printf(to, " | %s", text);
}

static void summary(const struct ha_report *r, struct ha_buf *to)
{
    const struct ha_tally_sums *s = r->sums;
    char text[HA_TIME_TEXT + HA_FIGURE];
    ha_buf_str(to, r->interim ? "# HTTP requests, so far\n\n**" : "# HTTP requests\n\n**");
    count(to, s->selected);
    ha_buf_str(to, s->selected == 1 ? " request, " : " requests, ");
    count(to, r->errors);
    ha_figure_percent(r->errors, r->errors_of, text);
    ha_buf_printf(to, " error%s (%s)**%s%s", r->errors == 1 ? "" : "s", text,
                  r->without_noise && r->noise.all > 0 ? " without benign noise" : "",
                  s->selected > 0 && s->no_status == s->selected ? ", no status in any line" : "");
    if (s->has_time) {
        ha_time_text(s->first_us, 0, text);
        ha_buf_printf(to, ", %s to ", text);
        ha_time_text(s->last_us, 0, text);
        ha_buf_str(to, text);
    }
    ha_buf_str(to, ", ");
    count(to, r->clients);
    ha_buf_str(to, r->clients_estimated ? " clients (estimate).\n\n" : " clients.\n\n");
    count(to, s->lines);
    ha_buf_str(to, " lines = ");
    count(to, s->verdict[HA_BLANK]);
    ha_buf_str(to, " blank + ");
    count(to, s->verdict[HA_DIRECTIVE]);
    ha_buf_str(to, s->verdict[HA_DIRECTIVE] == 1 ? " directive + " : " directives + ");
    count(to, s->verdict[HA_MATCHED]);
    ha_buf_str(to, " matched + ");
    count(to, s->verdict[HA_SALVAGED]);
    ha_buf_str(to, " salvaged + ");
    count(to, s->verdict[HA_UNMATCHED]);
    ha_buf_str(to, " unmatched.\n");
    if (r->noise.all > 0) {
        ha_buf_char(to, '\n');
        ha_noise_sentence(r, to);
        ha_buf_str(to, ".\n");
    }
    if (r->written_so > 0) {
        ha_buf_char(to, '\n');
        ha_written_so_sentence(r, to);
        ha_buf_str(to, ".\n");
    }
    if (r->selection[0] != '\0') {
        ha_buf_str(to, "\nSelected: ");
        code(to, ha_view_of(r->selection));
        ha_buf_char(to, '\n');
    }
}

static void classes(const struct ha_report *r, struct ha_buf *to)
{
    ha_buf_str(to, "\n## Classes\n\n| class | | count | share | bytes |\n"
                   "| --- | --- | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < HA_COUNT(ha_class_names); i++) {
        const struct ha_class_name *c = &ha_class_names[i];
        struct ha_count sum = r->sums->classes[c->index];
        ha_buf_printf(to, "| %s | %s", c->name, c->title);
        count_cells(to, sum.count, r->sums->selected);
        bytes_cell(to, sum.body_bytes);
        ha_buf_str(to, " |\n");
    }
}

static void statuses(const struct ha_report *r, struct ha_buf *to)
{
    if (r->status_count == 0)
        return;
    ha_buf_str(to, "\n## Statuses\n\n| status | phrase | count | share | bytes | meaning |\n"
                   "| --- | --- | ---: | ---: | ---: | --- |\n");
    for (size_t i = 0; i < r->status_count; i++) {
        const struct ha_report_status *s = &r->statuses[i];
        ha_buf_printf(to, "| %03d | ", s->fact->code);
        words(to, s->fact->phrase);
        count_cells(to, s->sum.count, r->sums->selected);
        bytes_cell(to, s->sum.body_bytes);
        ha_buf_str(to, " | ");
        words(to, s->fact->meaning);
        ha_buf_str(to, " |\n");
    }
}

static void methods(const struct ha_report *r, struct ha_buf *to)
{
    static const char *const names[] = {"", "(no HTTP)", "(others)"};
    if (r->method_count == 0)
        return;
    ha_buf_str(to, "\n## Methods\n\n| method | count | share | safe | idempotent | meaning |\n"
                   "| --- | ---: | ---: | --- | --- | --- |\n");
    for (size_t i = 0; i < r->method_count; i++) {
        const struct ha_report_method *m = &r->methods[i];
        ha_buf_str(to, "| ");
        if (m->kind == HA_METHOD_NAMED)
            code(to, m->method);
        else
            ha_buf_str(to, names[m->kind]);
        count_cells(to, m->sum.count, r->sums->selected);
        ha_buf_printf(to, " | %s | %s | ",
                      m->fact == NULL ? "?"
                      : m->fact->safe ? "yes"
                                      : "no",
                      m->fact == NULL       ? "?"
                      : m->fact->idempotent ? "yes"
                                            : "no");
        words(to, ha_method_meaning(m));
        ha_buf_str(to, " |\n");
    }
}

static void tops(const struct ha_report *r, struct ha_buf *to)
{
    static const enum ha_top order[] = {
        HA_TOP_ERROR_TARGETS, HA_TOP_ERROR_PAIRS, HA_TOP_ERROR_CLIENTS, HA_TOP_TARGETS,
        HA_TOP_CLIENTS,       HA_TOP_REFERERS,    HA_TOP_AGENTS};
    for (size_t k = 0; k < HA_COUNT(order); k++) {
        enum ha_top which = order[k];
        uint64_t whole = ha_top_of_errors(which) ? r->sums->errors : r->sums->selected;
        if (r->top_count[which] == 0)
            continue;
        ha_buf_printf(to,
                      "\n## %s\n\n| value | count | share | at most over |\n"
                      "| --- | ---: | ---: | ---: |\n",
                      ha_top_title(which));
        for (size_t i = 0; i < r->top_count[which]; i++) {
            const struct ha_top_entry *e = &r->top[which][i];
            ha_buf_str(to, "| ");
            if (which == HA_TOP_ERROR_PAIRS)
                ha_buf_printf(to, "%03d ", e->status);
            code(to, e->value);
            count_cells(to, e->count, whole);
            ha_buf_str(to, " | ");
            count(to, e->at_most_over);
            ha_buf_str(to, " |\n");
        }
    }
}

static void durations(const struct ha_report *r, struct ha_buf *to)
{
    if (r->durations[HA_DURATIONS_ALL].count == 0)
        return;
    ha_buf_str(to, "\n## Durations\n\n| | count | mean | median | 90% | 95% | 99% | max |\n"
                   "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < HA_DURATIONS_N; i++) {
        const struct ha_spread *s = &r->durations[i];
        const uint64_t figures[] = {s->mean, s->p50, s->p90, s->p95, s->p99, s->max};
        if (s->count == 0)
            continue;
        ha_buf_printf(to, "| %s | ", ha_duration_group_name(i));
        count(to, s->count);
        for (size_t k = 0; k < HA_COUNT(figures); k++) {
            char text[HA_FIGURE];
            ha_figure_time(figures[k], text);
            ha_buf_printf(to, " | %s", text);
        }
        ha_buf_str(to, " |\n");
    }
}

static void findings(const struct ha_report *r, struct ha_buf *to)
{
    if (r->finding_count == 0)
        return;
    ha_buf_str(to, "\n## Findings\n\n| finding | severity | count | what | basis | first line |\n"
                   "| --- | --- | ---: | --- | --- | --- |\n");
    for (size_t i = 0; i < r->finding_count; i++) {
        const struct ha_finding *f = &r->findings[i];
        const struct ha_found first = ha_finding_first(f);
        ha_buf_printf(to, "| %s | %s | ", f->fact->id, ha_severity_name(f->severity));
        count(to, f->count);
        ha_buf_printf(to, " | %s (%s", f->fact->message, f->certainty);
        if (f->one_in > 1)
            ha_buf_printf(to, "; of one in %" PRIu64 " that were watched", f->one_in);
        ha_buf_printf(to, ") | %s | ", f->fact->basis);
        count(to, first.line_number);
        ha_buf_str(to, ": ");
        code(to, first.text);
        ha_buf_str(to, " |\n");
    }
}

/* "- 429, 2026-11-24T10:21:00Z: ". */
static void begin_item(const struct ha_report_spike *one, bool *begun, struct ha_buf *to)
{
    char start[HA_TIME_TEXT];
    ha_time_text(one->spike.start_s * HA_US_PER_S, 0, start);
    ha_buf_printf(to, "%s- %s, %s: ", *begun ? "" : "\n", one->name, start);
    *begun = true;
}

/* Who and what rose, and what it looks like: items of the spikes that have any. */
static void spike_items(const struct ha_report *r, struct ha_buf *to)
{
    struct ha_buf text = {0};
    bool begun = false;
    for (size_t i = 0; i < r->spike_count; i++) {
        const struct ha_report_spike *one = &r->spikes[i];
        struct ha_risen risen = ha_spike_news(r, i);
        ha_buf_clear(&text);
        ha_risen_text(&risen, &text);
        if (text.len > 0) {
            begin_item(one, &begun, to);
            code(to, (struct ha_view){text.ptr, text.len});
            ha_buf_char(to, '\n');
        }
        for (size_t k = 0; k < one->note_count; k++) {
            ha_buf_clear(&text);
            ha_spike_note_text(&one->notes[k], &text);
            begin_item(one, &begun, to);
            ha_put_escaped(to, (struct ha_view){text.ptr, text.len}, escape_words);
            ha_buf_char(to, '\n');
        }
    }
    to->failed |= !ha_buf_ok(&text);
    ha_buf_free(&text);
}

/* The heading, and what there is to say before the table. */
static void spike_remark(const struct ha_report *r, struct ha_buf *to)
{
    struct ha_buf text = {0};
    bool has_remark = ha_spikes_remark(r, &text);
    if (has_remark || r->spike_count > 0)
        ha_buf_str(to, "\n## Spikes\n");
    if (has_remark) {
        ha_buf_char(to, '\n');
        ha_put_escaped(to, (struct ha_view){text.ptr, text.len}, escape_words);
        ha_buf_char(to, '\n');
    }
    for (size_t i = 0, begun = 0; i < r->spike_group_count; i++) {
        ha_buf_clear(&text);
        if (!ha_spikes_fact(r, i, &text))
            continue;
        ha_buf_printf(to, "%s- %s: ", begun++ > 0 ? "" : "\n", r->spike_groups[i].name);
        ha_put_escaped(to, (struct ha_view){text.ptr, text.len}, escape_words);
        ha_buf_char(to, '\n');
    }
    to->failed |= !ha_buf_ok(&text);
    ha_buf_free(&text);
}

static void spikes(const struct ha_report *r, struct ha_buf *to)
{
    char start[HA_TIME_TEXT], end[HA_TIME_TEXT], usual[HA_FIGURE];
    spike_remark(r, to);
    if (r->spike_count == 0)
        return;
    ha_buf_str(to, "\n| errors | start | end | count | peak a minute | usual |\n"
                   "| --- | --- | --- | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < r->spike_count; i++) {
        const struct ha_spike *s = &r->spikes[i].spike;
        ha_time_text(s->start_s * HA_US_PER_S, 0, start);
        ha_time_text(s->end_s * HA_US_PER_S, 0, end);
        /* Two figure spaces: a status within its class. */
        ha_buf_printf(to, "| %s%s | %s | %s | ", r->spikes[i].within != 0 ? "\u2007\u2007" : "",
                      r->spikes[i].name, start, s->is_open ? "lasts" : end);
        count(to, s->count);
        ha_buf_str(to, " | ");
        count(to, (uint64_t)s->peak_per_minute);
        ha_figure_errors_rate(s->usual_per_minute, usual);
        ha_buf_printf(to, " | %s |\n", usual);
    }
    spike_items(r, to);
}

static void unmatched(const struct ha_report *r, struct ha_buf *to)
{
    if (r->sample_count == 0)
        return;
    ha_buf_str(to, "\n## Unmatched lines\n\n| source | line | reason | text |\n"
                   "| --- | ---: | --- | --- |\n");
    for (size_t i = 0; i < r->sample_count; i++) {
        const struct ha_sample *s = &r->samples[i];
        const char *source = s->source < r->source_count ? r->sources[s->source].name : "-";
        ha_buf_str(to, "| ");
        code(to, ha_view_of(source));
        ha_buf_str(to, " | ");
        count(to, s->line_number);
        ha_buf_printf(to, " | %s | ", ha_reason_name((enum ha_reason)s->reason));
        code(to, s->text);
        ha_buf_str(to, " |\n");
    }
    size_t which;
    const struct ha_odd_text *odd = ha_odd_text(r->samples, r->sample_count, &which);
    if (odd == NULL)
        return;
    ha_buf_printf(to, "\nLine %llu: %s. To read it:\n\n    %s\n",
                  (unsigned long long)r->samples[which].line_number, odd->what, odd->command);
}

void ha_report_markdown(const struct ha_report *r, const struct ha_report_style *style,
                        struct ha_buf *to)
{
    (void)style;
    summary(r, to);
    classes(r, to);
    statuses(r, to);
    spikes(r, to);
    durations(r, to);
    tops(r, to);
    methods(r, to);
    findings(r, to);
    unmatched(r, to);
}
