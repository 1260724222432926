/* pipeline.h - the one order of the stages, and what a run is asked to do.
 *
 * Layer 5. options.c fills an ha_config; ha_run does the rest. */
#ifndef HTTPANNOTATE_PIPELINE_H
#define HTTPANNOTATE_PIPELINE_H

#include "httpannotate/annotate.h"
#include "httpannotate/render.h"
#include "httpannotate/report.h"
#include "httpannotate/select.h"

/* One --fail-if: subject, comparison, number. */
enum ha_subject {
    HA_SUBJECT_STATUS, HA_SUBJECT_CLASS, HA_SUBJECT_ERRORS, HA_SUBJECT_UNMATCHED,
    HA_SUBJECT_SALVAGED, HA_SUBJECT_REQUESTS,
};
enum ha_unit { HA_UNIT_COUNT, HA_UNIT_PERCENT, HA_UNIT_PER_SECOND, HA_UNIT_PER_MINUTE, HA_UNIT_PER_HOUR };
struct ha_threshold {
    const char *text; /* as given */
    enum ha_subject subject;
    int number;       /* the status, or the class (0 for "other") */
    enum { HA_CMP_GT, HA_CMP_GE, HA_CMP_LT, HA_CMP_LE, HA_CMP_EQ, HA_CMP_NE } cmp;
    double value;
    enum ha_unit unit;
};

struct ha_output {
    const struct ha_reporter *reporter;
    const char *path; /* NULL: standard output or error */
};

enum ha_colour { HA_COLOUR_AUTO, HA_COLOUR_ALWAYS, HA_COLOUR_NEVER };

struct ha_config {
    const char **files;  /* NULL-free array; empty: standard input */
    size_t file_count;
    const char **patterns; /* --pattern; empty: all built in */
    size_t pattern_count;
    const struct ha_renderer *renderer;
    enum ha_note_style note;
    enum ha_colour colour;
    bool report;         /* false: --no-report */
    struct ha_output *outputs; /* empty: text */
    size_t output_count;
    size_t top;          /* --top */
    int64_t every_us;    /* --every; 0: no interim reports */
    struct ha_threshold *thresholds;
    size_t threshold_count;
    struct ha_select_options select;
    const char *codes_file; /* --codes */
    struct ha_limits limits;
};

/* Exit statuses (SPEC 10). */
enum { HA_EXIT_OK = 0, HA_EXIT_NONE_MATCHED = 1, HA_EXIT_TROUBLE = 2, HA_EXIT_THRESHOLD = 3 };

/* Runs to the end of input or a signal; messages go to standard error. Returns the exit status. */
int ha_run(const struct ha_config *config);

/* Says a problem on standard error as "httpannotate: PLACE:LINE:COLUMN: cause". Control bytes of the
 * place and cause are made visible. */
void ha_say_problem(const struct ha_problem *p);

#endif
