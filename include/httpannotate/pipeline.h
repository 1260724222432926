/* pipeline.h - the one order of the stages, and what a run is asked to do.
 *
 * Layer 5. options.c fills an ha_config; ha_run does the rest. */
#ifndef HTTPANNOTATE_PIPELINE_H
#define HTTPANNOTATE_PIPELINE_H

#include "httpannotate/annotate.h"
#include "httpannotate/pattern.h"
#include "httpannotate/render.h"
#include "httpannotate/report.h"
#include "httpannotate/select.h"
#include "httpannotate/thresholds.h"

struct ha_output {
    const struct ha_reporter *reporter;
    const char *path; /* NULL: standard output or error */
};

enum ha_colour { HA_COLOUR_AUTO, HA_COLOUR_ALWAYS, HA_COLOUR_NEVER };

/* What --pattern and --log-format ask for, in the order given. */
struct ha_pattern_choice {
    const char *text;
    bool is_log_format;
};

struct ha_config {
    const char **files; /* NULL-free array; empty: standard input */
    size_t file_count;
    bool follow;                        /* --follow */
    const char *resume_file;            /* --resume; NULL: all is read */
    struct ha_pattern_choice *patterns; /* empty: all built in */
    size_t pattern_count;
    struct ha_log_zone log_zone; /* of log times that name none */
    const struct ha_renderer *renderer;
    enum ha_note_style note;
    enum ha_colour colour;
    bool report;               /* false: --no-report */
    struct ha_output *outputs; /* empty: text */
    size_t output_count;
    size_t top;            /* --top */
    const char *diff_file; /* --diff: partial reports of an earlier run; NULL: none */
    int64_t every_us;      /* --every; 0: no interim reports */
    int64_t bucket_s;      /* --bucket; 0: as wide as the page wants */
    struct ha_threshold *thresholds;
    size_t threshold_count;
    struct ha_select_options select;
    const char *again; /* the options of the command line that change what is read or chosen, quoted
                        * for a shell: "-s 5xx --since=-2h"; NULL: unknown */
    bool keep_query;   /* --query: targets are counted with their query */
    bool no_findings;  /* --no-findings: nothing is looked for */
    uint64_t finding;  /* --finding: bits of the rule that chooses; 0: not given */
    uint64_t ignored;  /* --ignore: rules that are not told, one bit each */
    const char *on_spike;          /* --on-spike; NULL: none */
    struct ha_spike_choice spikes; /* --spike-group, --no-spikes */
    bool no_templates;             /* --no-templates: targets of errors are counted as they are */
    size_t threads;                /* --threads, 1 to 256; 0: as many as the machine has cores */
    const char *codes_file;        /* --codes */
    bool benign;                   /* --benign: noise is left out of the errors and their share */
    struct ha_limits limits;
};

/* Exit statuses (SPEC 10). */
enum { HA_EXIT_OK = 0, HA_EXIT_NONE_MATCHED = 1, HA_EXIT_TROUBLE = 2, HA_EXIT_THRESHOLD = 3 };

/* Runs to the end of input or a signal; messages go to standard error. Returns the exit status. */
int ha_run(const struct ha_config *config);

/* Reads partial reports from config->files (none: standard input), adds them up and reports. What
 * is no partial report, or cannot be added to those before it, is told and left out. */
int ha_merge(const struct ha_config *config);

/* Says a problem on standard error as "httpannotate: PLACE:LINE:COLUMN: cause". Control bytes of
 * the place and cause are made visible. */
void ha_say_problem(const struct ha_problem *p);

#endif
