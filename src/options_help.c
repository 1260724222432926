/* options_help.c - --help on one screen, and --version. */
#include "options_table.h"

#include "httpannotate/facts.h"
#include "httpannotate/pattern.h"
#include "httpannotate/scan.h"

#include <string.h>

/* Where the column of explanations begins. */
#define HELP_COLUMN 30

/* Two options that share a line, so that all fit one screen. */
static const struct shared {
    enum ha_option_id first, second;
    const char *help;
} shared[] = {
    {HA_OPT_FOLLOW, HA_OPT_RESUME, "read on as tail -F; from the last run's end"},
    {HA_OPT_LIST_PATTERNS, HA_OPT_CHECK_PATTERN, "list the built-in ones; try a file"},
    {HA_OPT_NO_REPORT, HA_OPT_BENIGN, "no report at all; errors without benign noise"},
    {HA_OPT_TOP, HA_OPT_BUCKET, "entries of lists; width of timeline buckets"},
    {HA_OPT_QUERY, HA_OPT_NO_TEMPLATES, "list targets with their query, as they are"},
    {HA_OPT_SINCE, HA_OPT_UNTIL, "from TIME on, before it: -2h, '2026-11-24 10:00'"},
    {HA_OPT_NO_FINDINGS, HA_OPT_NO_SPIKES, "do not look for findings, for bursts of errors"},
    {HA_OPT_HELP, HA_OPT_VERSION, "write this, or the version, and end"},
};

static const struct shared *shared_of(enum ha_option_id id)
{
    for (size_t i = 0; i < HA_COUNT(shared); i++)
        if (shared[i].first == id || shared[i].second == id)
            return &shared[i];
    return NULL;
}

static void write_name(struct ha_buf *to, const struct ha_option *o)
{
    if (o->letter != 0)
        ha_buf_printf(to, "-%c, ", o->letter);
    ha_buf_printf(to, "--%s", o->name);
}

static void write_option(struct ha_buf *to, const struct ha_option *o)
{
    const struct shared *both = shared_of(o->id);
    size_t start = to->len;
    if (both != NULL && both->second == o->id)
        return;
    ha_buf_str(to, o->letter != 0 ? "  " : "      ");
    write_name(to, o);
    const struct ha_option *last = both != NULL ? &ha_option_table[both->second] : o;
    if (both != NULL) {
        if (ha_option_takes_value(o) && strcmp(o->argument, last->argument) != 0)
            ha_buf_printf(to, "=%s", o->argument);
        ha_buf_str(to, ", ");
        write_name(to, last);
    }
    if (ha_option_takes_value(last))
        ha_buf_printf(to, "=%s", last->argument);
    size_t used = to->len - start;
    ha_buf_fill(to, ' ', used + 1 < HELP_COLUMN ? HELP_COLUMN - used : 2);
    ha_buf_str(to, both != NULL ? both->help : o->help);
    ha_buf_char(to, '\n');
    if (o->id == HA_OPT_OUTPUT) {
        ha_buf_fill(to, ' ', HELP_COLUMN);
        ha_option_words_join(o, " ", to);
        ha_buf_char(to, '\n');
    }
}

void ha_options_help(struct ha_buf *to)
{
    ha_buf_str(to, "Usage: httpannotate [OPTION]... [FILE]...     annotate lines, then report\n"
                   "       httpannotate -r [OPTION]... [FILE]...  report only\n"
                   "       httpannotate -x [TERM]...              explain statuses and methods\n"
                   "       httpannotate -m [OPTION]... [FILE]...  add up partial reports\n"
                   "No FILE, or -: standard input, as in  tail -F access.log | httpannotate\n");
    for (int group = 0; group < HA_GROUP_N; group++) {
        ha_buf_printf(to, "%s:\n", ha_option_group_title((enum ha_option_group)group));
        for (size_t i = 0; i < HA_OPT_N; i++)
            if (ha_option_table[i].group == (enum ha_option_group)group)
                write_option(to, &ha_option_table[i]);
    }
    ha_buf_str(to, "Exit status: 0 done, 1 lines but none matched, 2 trouble, 3 a --fail-if held.\n"
                   "Full manual: httpannotate --generate=man | man -l -\n");
}

void ha_options_version(struct ha_buf *to)
{
    ha_buf_str(to, "httpannotate " HA_VERSION "\n");
    ha_buf_printf(to, "patterns: %s\n", ha_pcre2_version());
    ha_buf_printf(to, "scanner:  %s\n", ha_scan_kernel());
    ha_buf_str(to, "tables:   of " HA_FACTS_DATE "\n");
}
