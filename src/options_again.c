/* options_again.c - the options that change what is read and chosen, as a shell would take them
 * again: for the commands that a report proposes. */
#include "options_table.h"

static bool is_of_lines(enum ha_option_id id)
{
    switch ((int)id) {
    case HA_OPT_PATTERN:
    case HA_OPT_LOG_FORMAT:
    case HA_OPT_LOG_ZONE:
    case HA_OPT_MAX_LINE:
    case HA_OPT_STATUS:
    case HA_OPT_ERRORS:
    case HA_OPT_METHOD:
    case HA_OPT_TARGET:
    case HA_OPT_CLIENT:
    case HA_OPT_SINCE:
    case HA_OPT_UNTIL:
    case HA_OPT_NO_CONFIG:
        return true;
    default:
        return false;
    }
}

enum ha_err ha_option_remember(struct ha_options *o, const struct ha_option *option,
                               const char *value, struct ha_problem *p)
{
    struct ha_buf *to = &o->again;
    if (!is_of_lines(option->id))
        return HA_OK;
    ha_buf_str(to, to->len > 0 ? " " : "");
    if (option->letter != '\0')
        ha_buf_printf(to, "-%c%s", option->letter, value != NULL ? " " : "");
    else
        ha_buf_printf(to, "--%s%s", option->name, value != NULL ? "=" : "");
    if (value != NULL && ha_view_is_shell_word(ha_view_of(value)))
        ha_buf_str(to, value);
    else if (value != NULL)
        ha_buf_shell_quoted(to, ha_view_of(value));
    return ha_buf_ok(to) ? HA_OK : ha_option_no_memory(option, p);
}

enum ha_err ha_options_close_again(struct ha_options *o, struct ha_problem *p)
{
    ha_buf_char(&o->again, '\0');
    if (!ha_buf_ok(&o->again))
        return ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
    o->config.again = o->again.ptr;
    return HA_OK;
}
