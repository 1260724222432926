/* options_apply.c - what each option sets. */
#include "options_table.h"

#include <string.h>

#define MOST_THREADS   256
#define LEAST_EVERY_US 10000
#define LONGEST_LINE   (UINT64_C(1) << 30)

typedef enum ha_err apply_fn(struct ha_options *o, const struct ha_option *option,
                             const char *value, struct ha_problem *p);

static enum ha_err push(const char ***array, size_t *count, const char *value,
                        const struct ha_option *option, struct ha_problem *p)
{
    const char **more = ha_one_more(*array, *count, sizeof *more);
    if (more == NULL)
        return option != NULL ? ha_option_no_memory(option, p)
                              : ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
    *array = more;
    more[(*count)++] = value;
    return HA_OK;
}

/* An error of a value's reader, told of the option. */
static enum ha_err of_option(const struct ha_option *option, enum ha_err err,
                             const struct ha_problem *inner, struct ha_problem *p)
{
    if (err == HA_ERR_MEMORY)
        return ha_option_no_memory(option, p);
    return ha_option_refuse(option, p, "%s", inner->cause);
}

static enum ha_err read_number(const struct ha_option *option, const char *value, uint64_t least,
                               uint64_t most, size_t *number, struct ha_problem *p)
{
    uint64_t n;
    if (!ha_view_u64(ha_view_of(value), &n) || n < least || n > most)
        return ha_option_refuse(option, p, "'%.60s' is no whole number from %llu to %llu", value,
                                (unsigned long long)least, (unsigned long long)most);
    *number = (size_t)n;
    return HA_OK;
}

/* What an option that takes no value sets to true; NULL where it does more than that. */
static bool *flag_of(struct ha_config *config, enum ha_option_id id)
{
    switch ((int)id) {
    case HA_OPT_FOLLOW:
        return &config->follow;
    case HA_OPT_QUERY:
        return &config->keep_query;
    case HA_OPT_NO_TEMPLATES:
        return &config->no_templates;
    case HA_OPT_BENIGN:
        return &config->benign;
    case HA_OPT_NO_FINDINGS:
        return &config->no_findings;
    case HA_OPT_NO_SPIKES:
        return &config->spikes.off;
    case HA_OPT_ERRORS:
        return &config->select.errors;
    default:
        return NULL;
    }
}

static enum ha_err set_flag(struct ha_options *o, const struct ha_option *option, const char *value,
                            struct ha_problem *p)
{
    (void)value, (void)p;
    bool *flag = flag_of(&o->config, option->id);
    HA_ASSERT(flag != NULL);
    *flag = true;
    return HA_OK;
}

/* Options that say what is done instead of reading a log. */
static enum ha_err set_mode(struct ha_options *o, const struct ha_option *option, const char *value,
                            struct ha_problem *p)
{
    (void)value, (void)p;
    o->mode = option->id == HA_OPT_MERGE           ? HA_MODE_MERGE
              : option->id == HA_OPT_EXPLAIN       ? HA_MODE_EXPLAIN
              : option->id == HA_OPT_LIST_PATTERNS ? HA_MODE_LIST_PATTERNS
                                                   : HA_MODE_LIST_FINDINGS;
    return HA_OK;
}

/* ---- input ---- */

static enum ha_err push_pattern(struct ha_options *o, const struct ha_option *option,
                                struct ha_pattern_choice choice, struct ha_problem *p)
{
    struct ha_config *config = &o->config;
    void *more = ha_one_more(config->patterns, config->pattern_count, sizeof *config->patterns);
    if (more == NULL)
        return ha_option_no_memory(option, p);
    config->patterns = more;
    config->patterns[config->pattern_count++] = choice;
    return HA_OK;
}

static enum ha_err add_pattern(struct ha_options *o, const struct ha_option *option,
                               const char *value, struct ha_problem *p)
{
    if (*value == '\0')
        return ha_option_refuse(option, p, "its value is empty; --list-patterns has the names");
    return push_pattern(o, option, (struct ha_pattern_choice){.text = value}, p);
}

static enum ha_err add_log_format(struct ha_options *o, const struct ha_option *option,
                                  const char *value, struct ha_problem *p)
{
    return push_pattern(o, option, (struct ha_pattern_choice){value, .is_log_format = true}, p);
}

static enum ha_err set_check_pattern(struct ha_options *o, const struct ha_option *option,
                                     const char *value, struct ha_problem *p)
{
    (void)option, (void)p;
    o->mode = HA_MODE_CHECK_PATTERN;
    o->check_pattern = value;
    return HA_OK;
}

static enum ha_err set_resume(struct ha_options *o, const struct ha_option *option,
                              const char *value, struct ha_problem *p)
{
    if (*value == '\0')
        return ha_option_refuse(option, p, "its value is empty; it takes a file");
    o->config.resume_file = value;
    return HA_OK;
}

static enum ha_err set_max_line(struct ha_options *o, const struct ha_option *option,
                                const char *value, struct ha_problem *p)
{
    uint64_t bytes;
    struct ha_problem inner;
    enum ha_err err = ha_parse_size(value, &bytes, &inner);
    if (err != HA_OK)
        return of_option(option, err, &inner, p);
    if (bytes > LONGEST_LINE)
        return ha_option_refuse(option, p, "'%.60s' is more than 1GiB", value);
    o->config.limits.max_line = (size_t)bytes;
    return HA_OK;
}

static enum ha_err set_log_zone(struct ha_options *o, const struct ha_option *option,
                                const char *value, struct ha_problem *p)
{
    if (!ha_log_zone_read(value, o->config.select.local_offset_at, &o->config.log_zone))
        return ha_option_refuse(option, p, "'%.60s' is none of UTC, local, +02:00, -0330", value);
    return HA_OK;
}

/* ---- lines ---- */

static enum ha_err set_lines(struct ha_options *o, const struct ha_option *option,
                             const char *value, struct ha_problem *p)
{
    if (ha_option_value(option, ha_view_of(value), p) < 0)
        return HA_ERR_SYNTAX;
    o->config.renderer = ha_renderer_find(value);
    HA_ASSERT(o->config.renderer != NULL);
    return HA_OK;
}

static enum ha_err set_report_only(struct ha_options *o, const struct ha_option *option,
                                   const char *value, struct ha_problem *p)
{
    (void)option, (void)value, (void)p;
    o->config.renderer = ha_renderer_find("none");
    return HA_OK;
}

static enum ha_err set_note(struct ha_options *o, const struct ha_option *option, const char *value,
                            struct ha_problem *p)
{
    static const enum ha_note_style styles[] = {HA_NOTE_FULL, HA_NOTE_MEANING, HA_NOTE_PHRASE};
    int which = ha_option_value(option, ha_view_of(value), p);
    if (which < 0)
        return HA_ERR_SYNTAX;
    o->config.note = styles[which];
    return HA_OK;
}

static enum ha_err set_color(struct ha_options *o, const struct ha_option *option,
                             const char *value, struct ha_problem *p)
{
    static const enum ha_colour colours[] = {HA_COLOUR_AUTO, HA_COLOUR_ALWAYS, HA_COLOUR_NEVER};
    int which = ha_option_value(option, ha_view_of(value), p);
    if (which < 0)
        return HA_ERR_SYNTAX;
    o->config.colour = colours[which];
    return HA_OK;
}

/* ---- report ---- */

static enum ha_err add_output(struct ha_options *o, const struct ha_option *option,
                              const char *value, struct ha_problem *p)
{
    const char *colon = strchr(value, ':');
    struct ha_view format = {value, colon != NULL ? (size_t)(colon - value) : strlen(value)};
    if (ha_option_value(option, format, p) < 0)
        return HA_ERR_SYNTAX;
    if (colon != NULL && (colon[1] == '\0' || strcmp(colon + 1, "-") == 0))
        return ha_option_refuse(option, p,
                                "'%.60s' names no file; without ':' the report goes to "
                                "standard error, or to standard output when no lines do",
                                value);
    struct ha_output *more = ha_one_more(o->config.outputs, o->config.output_count, sizeof *more);
    if (more == NULL)
        return ha_option_no_memory(option, p);
    o->config.outputs = more;
    more[o->config.output_count++] = (struct ha_output){.reporter = ha_reporter_find(format),
                                                        .path = colon != NULL ? colon + 1 : NULL};
    HA_ASSERT(more[o->config.output_count - 1].reporter != NULL);
    return HA_OK;
}

static enum ha_err set_no_report(struct ha_options *o, const struct ha_option *option,
                                 const char *value, struct ha_problem *p)
{
    (void)option, (void)value, (void)p;
    o->config.report = false;
    return HA_OK;
}

static enum ha_err set_top(struct ha_options *o, const struct ha_option *option, const char *value,
                           struct ha_problem *p)
{
    return read_number(option, value, 0, o->config.limits.top_entries, &o->config.top, p);
}

static enum ha_err set_bucket(struct ha_options *o, const struct ha_option *option,
                              const char *value, struct ha_problem *p)
{
    struct ha_problem inner;
    int64_t us = 0;
    enum ha_err err = ha_parse_duration(value, &us, &inner);
    if (err != HA_OK)
        return of_option(option, err, &inner, p);
    if (us % HA_US_PER_S != 0)
        return ha_option_refuse(option, p, "'%.60s' is no whole number of seconds", value);
    o->config.bucket_s = us / HA_US_PER_S;
    return HA_OK;
}

static enum ha_err set_diff(struct ha_options *o, const struct ha_option *option, const char *value,
                            struct ha_problem *p)
{
    (void)option, (void)p;
    o->config.diff_file = value;
    return HA_OK;
}

static enum ha_err set_every(struct ha_options *o, const struct ha_option *option,
                             const char *value, struct ha_problem *p)
{
    struct ha_problem inner;
    enum ha_err err = ha_parse_duration(value, &o->config.every_us, &inner);
    if (err == HA_OK && o->config.every_us < LEAST_EVERY_US)
        return ha_option_refuse(option, p, "'%.60s' is less than 10ms", value);
    return err == HA_OK ? HA_OK : of_option(option, err, &inner, p);
}

static enum ha_err add_threshold(struct ha_options *o, const struct ha_option *option,
                                 const char *value, struct ha_problem *p)
{
    struct ha_threshold threshold;
    enum ha_err err = ha_threshold_parse(value, &threshold, p);
    if (err != HA_OK)
        return err;
    struct ha_threshold *more =
        ha_one_more(o->config.thresholds, o->config.threshold_count, sizeof *more);
    if (more == NULL)
        return ha_option_no_memory(option, p);
    o->config.thresholds = more;
    more[o->config.threshold_count++] = threshold;
    return HA_OK;
}

/* ---- findings ---- */

static enum ha_err read_rule(const struct ha_option *option, const char *value, int *rule,
                             struct ha_problem *p)
{
    *rule = ha_rule_find(ha_view_of(value));
    if (*rule >= 0)
        return HA_OK;
    const char *nearest = ha_rule_nearest(ha_view_of(value));
    if (nearest != NULL)
        return ha_option_refuse(option, p, "no rule has the id '%.60s'; did you mean %s?", value,
                                nearest);
    return ha_option_refuse(option, p, "no rule has the id '%.60s'; --list-findings has them all",
                            value);
}

static enum ha_err add_ignored(struct ha_options *o, const struct ha_option *option,
                               const char *value, struct ha_problem *p)
{
    int rule;
    enum ha_err err = read_rule(option, value, &rule, p);
    if (err == HA_OK)
        o->config.ignored |= UINT64_C(1) << rule;
    return err;
}

static enum ha_err set_finding(struct ha_options *o, const struct ha_option *option,
                               const char *value, struct ha_problem *p)
{
    int rule;
    enum ha_err err = read_rule(option, value, &rule, p);
    if (err != HA_OK)
        return err;
    o->config.finding = ha_rule_bits(rule);
    o->config.select.finding = value;
    return HA_OK;
}

/* ---- spikes ---- */

static enum ha_err set_spike_group(struct ha_options *o, const struct ha_option *option,
                                   const char *value, struct ha_problem *p)
{
    struct ha_problem inner;
    enum ha_err err = ha_spike_choice_parse(ha_view_of(value), &o->config.spikes, &inner);
    return err == HA_OK ? HA_OK : of_option(option, err, &inner, p);
}

static enum ha_err set_on_spike(struct ha_options *o, const struct ha_option *option,
                                const char *value, struct ha_problem *p)
{
    if (*value == '\0')
        return ha_option_refuse(option, p, "its value is empty; it takes a command for sh -c");
    o->config.on_spike = value;
    return HA_OK;
}

/* ---- selecting: each value is tried alone, so that the message names where it stands ---- */

static const char **selection_of(struct ha_select_options *select, enum ha_option_id id)
{
    switch ((int)id) {
    case HA_OPT_STATUS:
        return &select->status;
    case HA_OPT_METHOD:
        return &select->method;
    case HA_OPT_TARGET:
        return &select->target;
    case HA_OPT_CLIENT:
        return &select->client;
    case HA_OPT_SINCE:
        return &select->since;
    case HA_OPT_UNTIL:
        return &select->until;
    default:
        return NULL;
    }
}

static enum ha_err set_selection(struct ha_options *o, const struct ha_option *option,
                                 const char *value, struct ha_problem *p)
{
    struct ha_select_options alone = {0};
    struct ha_selector *selector = NULL;
    const char **to = selection_of(&o->config.select, option->id);
    HA_ASSERT(to != NULL);
    *to = value;
    *selection_of(&alone, option->id) = value;
    enum ha_err err = ha_selector_new(&alone, &selector, p);
    ha_selector_free(&selector);
    return err;
}

/* ---- explaining, the program ---- */

static enum ha_err set_codes(struct ha_options *o, const struct ha_option *option,
                             const char *value, struct ha_problem *p)
{
    (void)option, (void)p;
    o->config.codes_file = value;
    return HA_OK;
}

static enum ha_err set_threads(struct ha_options *o, const struct ha_option *option,
                               const char *value, struct ha_problem *p)
{
    return read_number(option, value, 1, MOST_THREADS, &o->config.threads, p);
}

/* Seen before the configuration file is read; nothing is left to do. */
static enum ha_err set_nothing(struct ha_options *o, const struct ha_option *option,
                               const char *value, struct ha_problem *p)
{
    (void)o, (void)option, (void)value, (void)p;
    return HA_OK;
}

static apply_fn *const appliers[HA_OPT_N] = {
    [HA_OPT_PATTERN] = add_pattern,
    [HA_OPT_LOG_FORMAT] = add_log_format,
    [HA_OPT_LIST_PATTERNS] = set_mode,
    [HA_OPT_CHECK_PATTERN] = set_check_pattern,
    [HA_OPT_MERGE] = set_mode,
    [HA_OPT_FOLLOW] = set_flag,
    [HA_OPT_RESUME] = set_resume,
    [HA_OPT_MAX_LINE] = set_max_line,
    [HA_OPT_LOG_ZONE] = set_log_zone,
    [HA_OPT_LINES] = set_lines,
    [HA_OPT_REPORT_ONLY] = set_report_only,
    [HA_OPT_NOTE] = set_note,
    [HA_OPT_COLOR] = set_color,
    [HA_OPT_OUTPUT] = add_output,
    [HA_OPT_NO_REPORT] = set_no_report,
    [HA_OPT_TOP] = set_top,
    [HA_OPT_BUCKET] = set_bucket,
    [HA_OPT_QUERY] = set_flag,
    [HA_OPT_NO_TEMPLATES] = set_flag,
    [HA_OPT_BENIGN] = set_flag,
    [HA_OPT_DIFF] = set_diff,
    [HA_OPT_EVERY] = set_every,
    [HA_OPT_NO_FINDINGS] = set_flag,
    [HA_OPT_IGNORE] = add_ignored,
    [HA_OPT_FINDING] = set_finding,
    [HA_OPT_LIST_FINDINGS] = set_mode,
    [HA_OPT_SPIKE_GROUP] = set_spike_group,
    [HA_OPT_NO_SPIKES] = set_flag,
    [HA_OPT_ON_SPIKE] = set_on_spike,
    [HA_OPT_FAIL_IF] = add_threshold,
    [HA_OPT_STATUS] = set_selection,
    [HA_OPT_ERRORS] = set_flag,
    [HA_OPT_METHOD] = set_selection,
    [HA_OPT_TARGET] = set_selection,
    [HA_OPT_CLIENT] = set_selection,
    [HA_OPT_SINCE] = set_selection,
    [HA_OPT_UNTIL] = set_selection,
    [HA_OPT_EXPLAIN] = set_mode,
    [HA_OPT_CODES] = set_codes,
    [HA_OPT_THREADS] = set_threads,
    [HA_OPT_NO_CONFIG] = set_nothing,
    [HA_OPT_GENERATE] = set_nothing,
    [HA_OPT_HELP] = set_nothing,
    [HA_OPT_VERSION] = set_nothing,
};

enum ha_err ha_option_apply(struct ha_options *o, const struct ha_option *option, const char *value,
                            struct ha_problem *p)
{
    HA_ASSERT(appliers[option->id] != NULL && (value != NULL) == ha_option_takes_value(option));
    return appliers[option->id](o, option, value, p);
}

enum ha_err ha_operand_add(struct ha_options *o, const char *operand, struct ha_problem *p)
{
    return push(&o->config.files, &o->config.file_count, operand, NULL, p);
}
