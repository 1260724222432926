/* options_config.c - the configuration file: options, one a line. */
#include "options_table.h"

#include "httpannotate/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST_CONFIG (1u << 16)

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Whether the error of opening the path says that there is no such file. A home that may not be
 * entered, being that of another, holds none for this user; a place that was named is another
 * matter. */
static bool is_absent(const char *path, bool in_home, int error)
{
    struct stat status;
    return error == ENOENT || error == ENOTDIR ||
           (in_home && error == EACCES && stat(path, &status) != 0 && errno == EACCES);
}

/* Appends the path with its NUL; false when the environment names no place. */
static bool config_path(struct ha_buf *path, bool *in_home)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *below = "/httpannotate/config";
    *in_home = base == NULL || base[0] != '/';
    if (*in_home) {
        /* The XDG base directory specification: a relative path is to be taken for none. */
        base = getenv("HOME");
        below = "/.config/httpannotate/config";
    }
    if (base == NULL || base[0] != '/')
        return false;
    ha_buf_str(path, base);
    ha_buf_str(path, below);
    ha_buf_char(path, '\0');
    return true;
}

/* The option that a line names: "name", "--name" or "-n"; *rest is what follows the name. NULL with
 * *p filled when there is no such option. */
static const struct ha_option *named_option(char *line, char **rest, struct ha_problem *p)
{
    const struct ha_option *option;
    if (line[0] == '-' && line[1] != '-') {
        *rest = line + (line[1] != '\0' ? 2 : 1);
        option = ha_option_by_letter(line[1]);
        if (option == NULL)
            (void)ha_option_unknown_letter(line[1], p);
        return option;
    }
    char *start = line + (line[0] == '-' ? 2 : 0);
    *rest = start + strcspn(start, "= \t");
    struct ha_view name = {start, (size_t)(*rest - start)};
    option = ha_option_by_name(name);
    if (option == NULL)
        (void)ha_option_unknown_name(name, p);
    return option;
}

/* "=value", "= value" or " value"; NULL when nothing follows the name. */
static const char *value_after(const char *rest, bool may_have_equals)
{
    if (*rest == '\0')
        return NULL;
    while (is_blank(*rest))
        rest++;
    if (*rest == '=' && may_have_equals)
        rest++;
    while (is_blank(*rest))
        rest++;
    return rest;
}

/* Options that end the program, or say how the command line itself is read. */
static bool is_for_command_line(const struct ha_option *option)
{
    static const enum ha_option_id ids[] = {
        HA_OPT_HELP,          HA_OPT_VERSION,       HA_OPT_GENERATE,  HA_OPT_EXPLAIN,
        HA_OPT_LIST_PATTERNS, HA_OPT_CHECK_PATTERN, HA_OPT_NO_CONFIG, HA_OPT_LIST_FINDINGS};
    for (size_t i = 0; i < HA_COUNT(ids); i++)
        if (option->id == ids[i])
            return true;
    return false;
}

static enum ha_err read_option(struct ha_options *o, char *line, struct ha_problem *p)
{
    char *rest;
    const struct ha_option *option = named_option(line, &rest, p);
    if (option == NULL)
        return HA_ERR_SYNTAX;
    if (is_for_command_line(option))
        return ha_option_refuse(option, p, "it is for the command line only");
    bool is_letter = line[0] == '-' && line[1] != '-';
    const char *value = value_after(rest, !is_letter);
    if (ha_option_takes_value(option) && value == NULL)
        return ha_option_refuse(option, p, "it needs a value: %s=%s", option->name,
                                option->argument);
    if (!ha_option_takes_value(option) && value != NULL)
        return ha_option_refuse(option, p, "it takes no value, and has '%.60s'", value);
    return ha_option_apply(o, option, value, p);
}

/* The file and line, with what was told of the option behind. */
static enum ha_err at_line(const char *path, size_t line, enum ha_err err,
                           const struct ha_problem *inner, struct ha_problem *p)
{
    (void)ha_problem_set(p, err, path, "%s%s%s", inner->place, *inner->place ? ": " : "",
                         inner->cause);
    ha_problem_at(p, line, 0);
    return err;
}

static enum ha_err read_lines(struct ha_options *o, const char *path, char *text, size_t len,
                              struct ha_problem *p)
{
    char *end = text + len;
    size_t number = 0;
    for (char *line = text; line < end;) {
        number++;
        char *newline = memchr(line, '\n', (size_t)(end - line));
        char *stop = newline != NULL ? newline : end;
        if (memchr(line, '\0', (size_t)(stop - line)) != NULL)
            return at_line(path, number, HA_ERR_SYNTAX,
                           &(struct ha_problem){.cause = "a NUL byte; this is no text"}, p);
        char *next = stop + 1;
        while (stop > line && is_blank(stop[-1]))
            stop--;
        *stop = '\0'; /* there is room behind the last line */
        while (is_blank(*line))
            line++;
        struct ha_problem inner = {.err = HA_OK};
        enum ha_err err = *line == '\0' || *line == '#' ? HA_OK : read_option(o, line, &inner);
        if (err != HA_OK)
            return at_line(path, number, err, &inner, p);
        line = next;
    }
    return HA_OK;
}

static enum ha_err read_file(struct ha_options *o, const char *path, bool in_home,
                             struct ha_problem *p)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        int error = errno;
        return is_absent(path, in_home, error) ? HA_OK : ha_problem_os(p, path, error);
    }
    struct ha_buf text = {0};
    enum ha_err err = ha_buf_read(&text, fd, path, LARGEST_CONFIG, p);
    close(fd);
    size_t len = text.len;
    ha_buf_char(&text, '\0');
    if (err == HA_OK && !ha_buf_ok(&text))
        err = ha_problem_set(p, HA_ERR_MEMORY, path, "out of memory");
    if (err != HA_OK) {
        ha_buf_free(&text);
        return err;
    }
    o->owned = text.ptr; /* values point into it */
    return read_lines(o, path, text.ptr, len, p);
}

enum ha_err ha_options_config(struct ha_options *o, struct ha_problem *p)
{
    struct ha_buf path = {0};
    enum ha_err err = HA_OK;
    bool in_home = false;
    if (config_path(&path, &in_home))
        err = ha_buf_ok(&path) ? read_file(o, path.ptr, in_home, p)
                               : ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
    ha_buf_free(&path);
    return err;
}
