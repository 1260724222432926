/* options.c - argv, and the configuration file before it, become a struct ha_options. */
#include "httpannotate/options.h"

#include "options_table.h"

#include "httpannotate/scan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Told of each option (value NULL when it takes none) and of each operand (option NULL). */
typedef enum ha_err visit_fn(void *context, const struct ha_option *option, const char *value,
                             struct ha_problem *p);

struct walk {
    int argc;
    char **argv;
    int at; /* the argument that is looked at */
    visit_fn *visit;
    void *context;
    struct ha_problem *p;
};

static enum ha_err value_missing(const struct walk *w, const struct ha_option *option)
{
    return ha_option_refuse(option, w->p, "it needs a value: --%s=%s", option->name,
                            option->argument);
}

/* "--name", "--name=value", "--name value". */
static enum ha_err walk_long(struct walk *w)
{
    const char *text = w->argv[w->at] + 2;
    const char *equals = strchr(text, '=');
    struct ha_view name = {text, equals != NULL ? (size_t)(equals - text) : strlen(text)};
    const struct ha_option *option = ha_option_by_name(name);
    if (option == NULL)
        return ha_option_unknown_name(name, w->p);
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (!ha_option_takes_value(option) && value != NULL)
        return ha_option_refuse(option, w->p, "it takes no value, and has '%.60s'", value);
    if (ha_option_takes_value(option) && value == NULL) {
        if (w->at + 1 >= w->argc)
            return value_missing(w, option);
        value = w->argv[++w->at];
    }
    return w->visit(w->context, option, value, w->p);
}

/* "-r", "-rM", "-s429", "-s 429": letters that take no value may stand together before one that
 * does. */
static enum ha_err walk_short(struct walk *w)
{
    for (const char *letter = w->argv[w->at] + 1; *letter != '\0'; letter++) {
        const struct ha_option *option = ha_option_by_letter(*letter);
        if (option == NULL)
            return ha_option_unknown_letter(*letter, w->p);
        const char *value = NULL;
        if (ha_option_takes_value(option)) {
            value = letter[1] != '\0' ? letter + 1 : NULL;
            if (value == NULL && w->at + 1 >= w->argc)
                return value_missing(w, option);
            if (value == NULL)
                value = w->argv[++w->at];
        }
        enum ha_err err = w->visit(w->context, option, value, w->p);
        if (err != HA_OK || value != NULL)
            return err;
    }
    return HA_OK;
}

static enum ha_err walk_all(struct walk *w)
{
    bool options_over = false;
    enum ha_err err = HA_OK;
    for (w->at = 1; w->at < w->argc && err == HA_OK; w->at++) {
        const char *text = w->argv[w->at];
        if (options_over || text[0] != '-' || text[1] == '\0')
            err = w->visit(w->context, NULL, text, w->p);
        else if (strcmp(text, "--") == 0)
            options_over = true;
        else
            err = text[1] == '-' ? walk_long(w) : walk_short(w);
    }
    return err;
}

/* What must be known before the configuration file is read. */
struct early {
    bool no_config;
    const struct ha_option *text; /* the first of --help, --version, --generate */
    const char *value;
};

static enum ha_err visit_early(void *context, const struct ha_option *option, const char *value,
                               struct ha_problem *p)
{
    (void)p;
    struct early *early = context;
    if (option == NULL)
        return HA_OK;
    if (option->id == HA_OPT_NO_CONFIG)
        early->no_config = true;
    bool writes_text =
        option->id == HA_OPT_HELP || option->id == HA_OPT_VERSION || option->id == HA_OPT_GENERATE;
    if (writes_text && early->text == NULL) {
        early->text = option;
        early->value = value;
    }
    return HA_OK;
}

static enum ha_err visit_apply(void *context, const struct ha_option *option, const char *value,
                               struct ha_problem *p)
{
    struct ha_options *o = context;
    if (option == NULL)
        return ha_operand_add(o, value, p);
    enum ha_err err = ha_option_apply(o, option, value, p);
    return err == HA_OK ? ha_option_remember(o, option, value, p) : err;
}

static enum ha_err write_text(struct ha_options *o, const struct early *early, struct ha_problem *p)
{
    typedef void text_fn(struct ha_buf *);
    static text_fn *const generators[] = {ha_options_man, ha_options_complete_bash,
                                          ha_options_complete_zsh, ha_options_complete_fish};
    o->mode = HA_MODE_TEXT;
    if (early->text->id == HA_OPT_HELP) {
        ha_options_help(&o->text);
    } else if (early->text->id == HA_OPT_VERSION) {
        ha_options_version(&o->text);
    } else {
        int which = ha_option_value(early->text, ha_view_of(early->value), p);
        if (which < 0)
            return HA_ERR_SYNTAX;
        generators[which](&o->text);
    }
    return ha_buf_ok(&o->text) ? HA_OK : ha_option_no_memory(early->text, p);
}

static int local_offset_at(int64_t time_us)
{
    time_t seconds = time_us / HA_US_PER_S;
    struct tm local;
    return localtime_r(&seconds, &local) != NULL ? (int)(local.tm_gmtoff / 60) : 0;
}

static void set_defaults(struct ha_options *o)
{
    *o = (struct ha_options){.mode = HA_MODE_RUN};
    o->config.renderer = ha_renderer_find("append");
    o->config.note = HA_NOTE_FULL;
    o->config.report = true;
    o->config.top = 10;
    o->config.spikes = HA_SPIKE_CHOICE_DEFAULT;
    o->config.limits = HA_LIMITS_DEFAULT;
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    tzset(); /* localtime_r need not */
    struct ha_select_options *select = &o->config.select;
    select->now_us = now.tv_sec * HA_US_PER_S + now.tv_nsec / 1000;
    select->local_offset_min = local_offset_at(select->now_us);
    select->local_offset_at = local_offset_at;
}

/* With --explain, -o says how the cards are written; no report is. */
static enum ha_err settle_explain(struct ha_options *o, size_t outputs_of_config,
                                  struct ha_problem *p)
{
    for (size_t i = outputs_of_config; i < o->config.output_count; i++) {
        if (o->config.outputs[i].path != NULL)
            return ha_option_refuse(&ha_option_table[HA_OPT_OUTPUT], p,
                                    "--explain writes to standard output only; leave ':%.60s' away",
                                    o->config.outputs[i].path);
        const char *format = o->config.outputs[i].reporter->name;
        o->explain_json = strcmp(format, "json") == 0;
        if (!o->explain_json && strcmp(format, "text") != 0)
            return ha_option_refuse(&ha_option_table[HA_OPT_OUTPUT], p,
                                    "--explain writes text or json, not %s", format);
    }
    return HA_OK;
}

/* HA_CPU names the kernel to scan with: for tests, and to measure what each is worth. */
static enum ha_err heed_environment(struct ha_problem *p)
{
    const char *kernel = getenv("HA_CPU");
    return kernel == NULL || *kernel == '\0' ? HA_OK : ha_scan_use(kernel, p);
}

/* With --merge there are no lines to write or to choose from. What the configuration file chooses
 * is meant for logs. */
static enum ha_err settle_merge(struct ha_options *o, const struct ha_config *of_config,
                                struct ha_problem *p)
{
    const struct ha_select_options *a = &o->config.select, *b = &of_config->select;
    o->config.renderer = ha_renderer_find("none");
    if (o->config.keep_query && !of_config->keep_query)
        return ha_option_refuse(&ha_option_table[HA_OPT_MERGE], p,
                                "partial reports hold what was counted; --query goes where they "
                                "are made: httpannotate -r -o partial --query");
    if (o->config.no_templates && !of_config->no_templates)
        return ha_option_refuse(&ha_option_table[HA_OPT_MERGE], p,
                                "partial reports hold what was counted; --no-templates goes where "
                                "they are made: httpannotate -r -o partial --no-templates");
    const struct ha_log_zone *zone = &o->config.log_zone, *was = &of_config->log_zone;
    if (zone->offset_min != was->offset_min || zone->offset_at != was->offset_at)
        return ha_option_refuse(&ha_option_table[HA_OPT_MERGE], p,
                                "partial reports hold times that are settled; --log-zone goes "
                                "where they are made");
    if (o->config.pattern_count > of_config->pattern_count)
        return ha_option_refuse(&ha_option_table[HA_OPT_MERGE], p,
                                "partial reports hold no lines for a pattern to read");
    if (a->status == b->status && a->method == b->method && a->target == b->target &&
        a->client == b->client && a->since == b->since && a->until == b->until &&
        a->errors == b->errors && a->finding == b->finding)
        return HA_OK;
    return ha_option_refuse(&ha_option_table[HA_OPT_MERGE], p,
                            "partial reports hold no lines to choose from; choose where they are "
                            "made: httpannotate -r -o partial --status=...");
}

/* A condition on what is not looked for would never hold, and never say so. */
static enum ha_err settle_conditions(const struct ha_options *o, struct ha_problem *p)
{
    const struct ha_config *c = &o->config;
    for (size_t i = 0; i < c->threshold_count; i++) {
        const struct ha_threshold *t = &c->thresholds[i];
        if (c->spikes.off && t->subject == HA_SUBJECT_SPIKES)
            return ha_option_refuse(&ha_option_table[HA_OPT_NO_SPIKES], p,
                                    "--fail-if=%.60s needs the spikes to be looked for", t->text);
        if (c->no_findings && t->subject == HA_SUBJECT_FINDINGS)
            return ha_option_refuse(&ha_option_table[HA_OPT_NO_FINDINGS], p,
                                    "--fail-if=%.60s needs the findings to be looked for", t->text);
    }
    return HA_OK;
}

/* Refuses an option that goes where a log is read, beside a mode that reads something else. */
static enum ha_err want_log(const struct ha_options *o, const struct ha_option *option,
                            struct ha_problem *p)
{
    if (o->mode != HA_MODE_MERGE && o->mode != HA_MODE_EXPLAIN)
        return HA_OK;
    return ha_option_refuse(option, p, "it goes where a log is read, not with --%s",
                            o->mode == HA_MODE_MERGE ? "merge" : "explain");
}

/* A command that would never be run. What the configuration file has is meant for logs. */
static enum ha_err settle_on_spike(const struct ha_options *o, const struct ha_config *of_config,
                                   struct ha_problem *p)
{
    const struct ha_option *option = &ha_option_table[HA_OPT_ON_SPIKE];
    if (o->config.on_spike == of_config->on_spike)
        return HA_OK;
    enum ha_err err = want_log(o, option, p);
    if (err == HA_OK && o->config.spikes.off)
        err = ha_option_refuse(option, p,
                               "it needs the spikes to be looked for; leave --no-spikes away");
    return err;
}

/* What has no place to go on from. What the configuration file has is meant for logs. */
static enum ha_err settle_resume(const struct ha_options *o, const struct ha_config *of_config,
                                 struct ha_problem *p)
{
    const struct ha_option *option = &ha_option_table[HA_OPT_RESUME];
    const struct ha_config *c = &o->config;
    bool is_of_config = c->resume_file == of_config->resume_file;
    if (c->resume_file == NULL || (is_of_config && o->mode != HA_MODE_RUN))
        return HA_OK;
    enum ha_err err = want_log(o, option, p);
    bool reads_stdin = o->mode == HA_MODE_RUN && c->file_count == 0;
    for (size_t i = 0; i < c->file_count; i++)
        reads_stdin |= strcmp(c->files[i], "-") == 0;
    if (err == HA_OK && reads_stdin)
        err = ha_option_refuse(option, p,
                               "standard input has no place to go on from; name the files to "
                               "be read");
    return err;
}

/* Only a log grows. What the configuration file has is meant for logs. */
static enum ha_err settle_follow(const struct ha_options *o, const struct ha_config *of_config,
                                 struct ha_problem *p)
{
    if (!o->config.follow || of_config->follow)
        return HA_OK;
    return want_log(o, &ha_option_table[HA_OPT_FOLLOW], p);
}

enum ha_err ha_options_parse(int argc, char **argv, struct ha_options *o, struct ha_problem *p)
{
    set_defaults(o);
    enum ha_err err = heed_environment(p);
    if (err != HA_OK)
        return err;
    struct early early = {0};
    struct walk first = {argc, argv, 1, visit_early, &early, NULL};
    /* Its errors come again, with a message, in the second walk. */
    (void)walk_all(&first);
    if (early.text != NULL)
        return write_text(o, &early, p);
    err = early.no_config ? HA_OK : ha_options_config(o, p);
    size_t outputs_of_config = o->config.output_count;
    const struct ha_config of_config = o->config;
    struct walk second = {argc, argv, 1, visit_apply, o, p};
    if (err == HA_OK)
        err = walk_all(&second);
    if (err == HA_OK)
        err = ha_options_close_again(o, p);
    if (err == HA_OK && o->mode == HA_MODE_EXPLAIN)
        err = settle_explain(o, outputs_of_config, p);
    if (err == HA_OK && o->mode == HA_MODE_MERGE)
        err = settle_merge(o, &of_config, p);
    if (err == HA_OK)
        err = settle_on_spike(o, &of_config, p);
    if (err == HA_OK)
        err = settle_resume(o, &of_config, p);
    if (err == HA_OK)
        err = settle_follow(o, &of_config, p);
    return err == HA_OK ? settle_conditions(o, p) : err;
}

void ha_options_free(struct ha_options *o)
{
    ha_free(o->config.files);
    ha_free(o->config.patterns);
    ha_free(o->config.outputs);
    ha_free(o->config.thresholds);
    ha_buf_free(&o->text);
    ha_buf_free(&o->again);
    ha_free(o->owned);
    *o = (struct ha_options){0};
}
