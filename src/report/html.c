/* html.c - the report as one page that can be mailed or put on a web server.
 *
 * Nothing is loaded from elsewhere and nothing runs: no script, one style sheet in the page,
 * drawings as SVG, and a policy that forbids all else should a browser ever read a value as markup.
 */
#include "report/formats.h"
#include "report/html_page.h"

#include "httpannotate/terminal.h"

static const char style_sheet[] =
    ":root{color-scheme:light dark;--bg:#fff;--ink:#1c2024;--dim:#60646c;--line:#e0e3e8;"
    "--c0:#8e4ec6;--c1:#3b7dd8;--c2:#2f9e5b;--c3:#0e8a96;--c4:#c98a00;--c5:#d13438;--t:#b9c0ca}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#15181c;--ink:#e6e8eb;--dim:#9aa1ab;"
    "--line:#2c3138;--c0:#b98be0;--c1:#6ea8f0;--c2:#55c285;--c3:#46b9c4;--c4:#e5b53c;--c5:#f0686c;"
    "--t:#4a525d}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1.5rem;max-width:76rem;background:var(--bg);color:var(--ink);"
    "font:15px/1.45 system-ui,sans-serif}\n"
    "h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.05rem;margin:1.8rem 0 .5rem}\n"
    "p{margin:.2rem 0}.d{color:var(--dim)}.bad{color:var(--c5)}.ok{color:var(--c2)}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{padding:.22rem .6rem .22rem 0;text-align:left;vertical-align:top;"
    "border-bottom:1px solid var(--line)}\n"
    "th{font-weight:500;color:var(--dim);font-size:.85rem}\n"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    "code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}\n"
    ".s,.w{white-space:nowrap}.s{font-weight:650}.in{padding-left:1.2rem}\n"
    ".c0{color:var(--c0)}.c1{color:var(--c1)}.c2{color:var(--c2)}.c3{color:var(--c3)}"
    ".c4{color:var(--c4)}.c5{color:var(--c5)}\n"
    ".bar{width:38%}.bar svg{display:block;width:100%;height:.85rem;margin-top:.25rem}\n"
    ".f0{fill:var(--c0)}.f1{fill:var(--c1)}.f2{fill:var(--c2)}.f3{fill:var(--c3)}"
    ".f4{fill:var(--c4)}.f5{fill:var(--c5)}.ft{fill:var(--t)}.fx{fill:var(--dim)}"
    ".band{opacity:.18}\n"
    ".g{display:grid;gap:0 2.5rem;"
    "grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr))}.g .n{width:1%}\n"
    ".row{display:grid;grid-template-columns:4rem 1fr 11rem;gap:.6rem;align-items:center;"
    "margin:.25rem 0}.row svg{display:block;width:100%;height:3rem;"
    "border-bottom:1px solid var(--line)}\n";

static const char *escape(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(struct ha_buf *to, struct ha_view v)
{
    ha_put_escaped(to, v, escape);
}

void html_words(struct ha_buf *to, const char *text)
{
    html_text(to, ha_view_of(text));
}

void html_count(struct ha_buf *to, uint64_t n)
{
    char text[HA_FIGURE];
    ha_buf_bytes(to, text, ha_figure_count(n, text));
}

void html_count_cells(struct ha_buf *to, uint64_t n, uint64_t whole)
{
    char text[HA_FIGURE];
    ha_buf_str(to, "<td class=\"n\">");
    html_count(to, n);
    ha_figure_percent(n, whole, text);
    ha_buf_str(to, "</td><td class=\"n\">");
    html_words(to, text);
    ha_buf_str(to, "</td>");
}

const char *html_class(int class_index)
{
    static const char *const names[6] = {"c0", "c1", "c2", "c3", "c4", "c5"};
    HA_ASSERT(class_index >= 0 && class_index < 6);
    return names[class_index];
}

static void verdict(const struct ha_report *r, struct ha_buf *to)
{
    const struct ha_tally_sums *s = r->sums;
    char text[HA_FIGURE];
    ha_buf_str(to, r->interim ? "<h1>So far " : "<h1>");
    html_count(to, s->selected);
    ha_buf_str(to, s->selected == 1 ? " request, " : " requests, ");
    bool statuses = s->selected == 0 || s->no_status < s->selected;
    ha_buf_str(to, r->errors > 0 ? "<span class=\"bad\">"
                   : statuses    ? "<span class=\"ok\">no errors"
                                 : "<span class=\"bad\">no status in any line");
    if (r->errors > 0) {
        html_count(to, r->errors);
        ha_figure_percent(r->errors, r->errors_of, text);
        ha_buf_str(to, r->errors == 1 ? " error (" : " errors (");
        html_words(to, text);
        ha_buf_char(to, ')');
    }
    if (r->without_noise && r->noise.all > 0)
        ha_buf_str(to, " without benign noise");
    ha_buf_str(to, "</span></h1>\n");
}

static void span(const struct ha_report *r, struct ha_buf *to)
{
    const struct ha_tally_sums *s = r->sums;
    char text[HA_TIME_TEXT + HA_FIGURE];
    uint64_t bytes = ha_report_body_bytes(r);
    ha_buf_str(to, "<p>");
    if (s->has_time) {
        ha_time_text(s->first_us, 0, text);
        ha_buf_printf(to, "%s to ", text);
        ha_time_text(s->last_us, 0, text);
        ha_buf_str(to, text);
        ha_figure_duration(s->last_us - s->first_us, text);
        ha_buf_printf(to, " (%s), ", text);
    }
    ha_figure_bytes(bytes, text);
    ha_buf_printf(to, "%s, %s", text, r->clients_estimated ? "about " : "");
    html_count(to, r->clients);
    ha_buf_str(to, r->clients == 1 ? " client</p>\n" : " clients</p>\n");
    if (r->noise.all > 0) {
        ha_buf_str(to, "<p>");
        ha_noise_sentence(r, to);
        ha_buf_str(to, "</p>\n");
    }
    if (r->written_so > 0) {
        ha_buf_str(to, "<p>");
        ha_written_so_sentence(r, to);
        ha_buf_str(to, "</p>\n");
    }
}

static void arithmetic(const struct ha_report *r, struct ha_buf *to)
{
    static const char *const words[HA_VERDICT_N] = {
        [HA_BLANK] = " blank + ",      [HA_DIRECTIVE] = " directives + ",
        [HA_MATCHED] = " matched + ",  [HA_SALVAGED] = " salvaged + ",
        [HA_UNMATCHED] = " unmatched",
    };
    const struct ha_tally_sums *s = r->sums;
    ha_buf_str(to, "<p class=\"d\">");
    html_count(to, s->lines);
    ha_buf_str(to, " lines = ");
    for (size_t i = 0; i < HA_VERDICT_N; i++) {
        html_count(to, s->verdict[i]);
        ha_buf_str(to, i == HA_DIRECTIVE && s->verdict[i] == 1 ? " directive + " : words[i]);
    }
    ha_buf_str(to, "</p>\n");
    if (r->selection[0] == '\0')
        return;
    ha_buf_str(to, "<p class=\"d\">Selected ");
    html_count(to, s->selected);
    ha_buf_str(to, " of ");
    html_count(to, s->verdict[HA_MATCHED] + s->verdict[HA_SALVAGED]);
    ha_buf_str(to, ": <code>");
    html_words(to, r->selection);
    ha_buf_str(to, "</code></p>\n");
}

void html_begin(const struct ha_report *r, struct ha_buf *to)
{
    ha_buf_str(to, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" "
                   "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                   "<title>HTTP requests</title>\n<style>\n");
    ha_buf_str(to, style_sheet);
    ha_buf_str(to, "</style>\n</head>\n<body>\n");
    verdict(r, to);
    span(r, to);
    arithmetic(r, to);
}

void ha_report_html(const struct ha_report *r, const struct ha_report_style *style,
                    struct ha_buf *to)
{
    (void)style;
    html_begin(r, to);
    html_timeline(r, to);
    html_spikes(r, to);
    html_classes(r, to);
    html_statuses(r, to);
    html_durations(r, to);
    html_tops(r, to);
    html_methods(r, to);
    html_findings(r, to);
    html_unmatched(r, to);
    ha_buf_str(to, "</body>\n</html>\n");
}
