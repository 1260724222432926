/* modes.c - explaining, listing, checking: what is done without a log. */
#include "modes.h"

#include "emit.h"
#include "httpannotate/explain.h"
#include "httpannotate/lint.h"
#include "httpannotate/pattern.h"
#include "httpannotate/terminal.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Columns text is folded at: wider lines are hard to read. */
#define WIDEST 100

static int trouble(const struct ha_problem *p)
{
    ha_say_problem(p);
    return HA_EXIT_TROUBLE;
}

/* Writes text and returns status, or trouble. A reader that went away has seen what it wanted. */
static int write_out(const struct ha_buf *text, int status)
{
    struct ha_problem p;
    if (!ha_buf_ok(text)) {
        (void)ha_problem_set(&p, HA_ERR_MEMORY, "", "out of memory");
        return trouble(&p);
    }
    signal(SIGPIPE, SIG_IGN);
    enum ha_err err = ha_emit_stdout((struct ha_view){text->ptr, text->len}, &p);
    if (err == HA_OK || err == HA_ERR_CLOSED)
        return status;
    return trouble(&p);
}

int ha_mode_text(const struct ha_options *o)
{
    return write_out(&o->text, HA_EXIT_OK);
}

static size_t width_of_output(void)
{
    size_t width = ha_terminal_width(STDOUT_FILENO);
    return width < WIDEST ? width : WIDEST;
}

/* One message for each line of ha_explain's `unknown`. */
static void say_unknown(const struct ha_buf *unknown)
{
    struct ha_view rest = {unknown->ptr, unknown->len};
    while (rest.len > 0) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t len = end != NULL ? (size_t)(end - rest.ptr) : rest.len;
        struct ha_problem p;
        (void)ha_problem_set(&p, HA_ERR_SYNTAX, "", "%.*s", (int)len, rest.ptr);
        ha_say_problem(&p);
        size_t taken = end != NULL ? len + 1 : len;
        rest = (struct ha_view){rest.ptr + taken, rest.len - taken};
    }
}

int ha_mode_explain(const struct ha_options *o)
{
    struct ha_problem p;
    struct ha_facts *facts = NULL;
    if (ha_facts_load(o->config.codes_file, &facts, &p) != HA_OK)
        return trouble(&p);
    struct ha_explain_style style = {.json = o->explain_json,
                                     .colour = ha_style_of_lines(&o->config).colour,
                                     .width = width_of_output()};
    struct ha_buf text = {0}, unknown = {0};
    size_t missing =
        ha_explain(facts, o->config.files, o->config.file_count, &style, &text, &unknown);
    int status = write_out(&text, missing > 0 ? HA_EXIT_NONE_MATCHED : HA_EXIT_OK);
    say_unknown(&unknown);
    ha_buf_free(&text);
    ha_buf_free(&unknown);
    ha_facts_free(&facts);
    return status;
}

/* Folded for a person's eyes; whole lines for grep and awk. */
static int write_listing(const struct ha_buf *text)
{
    struct ha_buf folded = {0};
    if (isatty(STDOUT_FILENO) && ha_buf_ok(text))
        ha_text_hang(&folded, (struct ha_view){text->ptr, text->len},
                     ha_terminal_width(STDOUT_FILENO));
    int status = write_out(folded.len > 0 ? &folded : text, HA_EXIT_OK);
    ha_buf_free(&folded);
    return status;
}

int ha_mode_list_findings(void)
{
    struct ha_buf text = {0};
    ha_rule_list(&text);
    int status = write_listing(&text);
    ha_buf_free(&text);
    return status;
}

int ha_mode_list_patterns(const struct ha_options *o)
{
    struct ha_problem p;
    struct ha_patterns *patterns = NULL;
    if (ha_patterns_builtin(&o->config.limits, &patterns, &p) != HA_OK)
        return trouble(&p);
    size_t count = ha_patterns_count(patterns), widest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(ha_pattern_name(patterns, i));
        widest = len > widest ? len : widest;
    }
    struct ha_buf text = {0};
    for (size_t i = 0; i < count; i++)
        ha_buf_printf(&text, "%-*s  %s%s\n", (int)widest, ha_pattern_name(patterns, i),
                      ha_pattern_is_salvage(patterns, i) ? "(salvage) " : "",
                      ha_pattern_summary(patterns, i));
    int status = write_listing(&text);
    ha_buf_free(&text);
    ha_patterns_free(&patterns);
    return status;
}

int ha_mode_check_pattern(const struct ha_options *o)
{
    struct ha_problem p;
    struct ha_buf report = {0};
    enum ha_err err = ha_pattern_check(o->check_pattern, &o->config.limits, &report, &p);
    int status = write_out(&report, err == HA_OK ? HA_EXIT_OK : HA_EXIT_TROUBLE);
    if (err != HA_OK && report.len == 0)
        status = trouble(&p);
    ha_buf_free(&report);
    return status;
}
