/* main.c - argv, a run, an exit status. */
#include "httpannotate/options.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "modes.h"

/* A standard descriptor that is closed would be the number of the next file opened, and lines would
 * go there. In its place stands one on which the wanted direction fails. */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int dispatch(const struct ha_options *o)
{
    switch (o->mode) {
    case HA_MODE_RUN:
        return ha_run(&o->config);
    case HA_MODE_MERGE:
        return ha_merge(&o->config);
    case HA_MODE_EXPLAIN:
        return ha_mode_explain(o);
    case HA_MODE_TEXT:
        return ha_mode_text(o);
    case HA_MODE_LIST_FINDINGS:
        return ha_mode_list_findings();
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
    hold_standard_descriptors();
    ha_alloc_sparingly();
    int status = HA_EXIT_TROUBLE;
    if (ha_options_parse(argc, argv, &options, &problem) == HA_OK)
        status = dispatch(&options);
    else
        ha_say_problem(&problem);
    ha_options_free(&options);
    /* Some file systems tell only now that what was written did not arrive. */
    if (close(STDOUT_FILENO) != 0) {
        (void)ha_problem_os(&problem, "standard output", errno);
        ha_say_problem(&problem);
        status = HA_EXIT_TROUBLE;
    }
    return status;
}
