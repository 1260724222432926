/* main.c - argv, a run, an exit status. */
#include "httpannotate/options.h"

#include "modes.h"

static int dispatch(const struct ha_options *o)
{
    switch (o->mode) {
    case HA_MODE_RUN:
        return ha_run(&o->config);
    case HA_MODE_EXPLAIN:
        return ha_mode_explain(o);
    case HA_MODE_TEXT:
        return ha_mode_text(o);
    case HA_MODE_LIST_PATTERNS:
        return ha_mode_list_patterns(o);
    case HA_MODE_CHECK_PATTERN:
        return ha_mode_check_pattern(o);
    }
    return HA_EXIT_TROUBLE;
}

int main(int argc, char **argv)
{
    struct ha_options options;
    struct ha_problem problem;
    int status = HA_EXIT_TROUBLE;
    if (ha_options_parse(argc, argv, &options, &problem) == HA_OK)
        status = dispatch(&options);
    else
        ha_say_problem(&problem);
    ha_options_free(&options);
    return status;
}
