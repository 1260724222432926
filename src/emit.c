/* emit.c - reports and messages leave the program. */
#include "emit.h"

#include "httpannotate/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool ha_colour_on(enum ha_colour asked, int fd)
{
    if (asked != HA_COLOUR_AUTO)
        return asked == HA_COLOUR_ALWAYS;
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(fd) && (no == NULL || no[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

struct ha_render_style ha_style_of_lines(const struct ha_config *config)
{
    return (struct ha_render_style){.colour = ha_colour_on(config->colour, STDOUT_FILENO),
                                    .visible = isatty(STDOUT_FILENO) != 0,
                                    .findings = !config->no_findings || config->finding != 0,
                                    .ignored = config->ignored};
}

/* Whether the character set of the locale is UTF-8, judged by its name as the C library would. */
static bool is_utf8(void)
{
    const char *names[] = {getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")};
    for (size_t i = 0; i < HA_COUNT(names); i++)
        if (names[i] != NULL && names[i][0] != '\0')
            return strcasestr(names[i], "utf-8") != NULL || strcasestr(names[i], "utf8") != NULL;
    return false;
}

static enum ha_err write_fd(int fd, const char *name, struct ha_view bytes, struct ha_problem *p)
{
    if (ha_write_all(fd, bytes.ptr, bytes.len) == 0)
        return HA_OK;
    if (errno == EPIPE && fd == STDOUT_FILENO)
        return ha_problem_set(p, HA_ERR_CLOSED, name, "closed by its reader");
    return ha_problem_os(p, name, errno);
}

enum ha_err ha_emit_stdout(struct ha_view bytes, struct ha_problem *p)
{
    return bytes.len == 0 ? HA_OK : write_fd(STDOUT_FILENO, "standard output", bytes, p);
}

static enum ha_err emit_one(const struct ha_config *config, const struct ha_report *report,
                            const struct ha_output *output, struct ha_problem *p)
{
    bool lines = config->renderer->line != NULL;
    int fd = lines ? STDERR_FILENO : STDOUT_FILENO;
    bool to_fd = output->path == NULL;
    struct ha_report_style style = {.colour = to_fd ? ha_colour_on(config->colour, fd)
                                                    : config->colour == HA_COLOUR_ALWAYS,
                                    .visible = to_fd && isatty(fd),
                                    .unicode = is_utf8(),
                                    .width = to_fd ? ha_terminal_width(fd) : 80,
                                    .top = config->top};
    if (report->interim && output->reporter->adds_up && to_fd)
        return HA_OK;
    struct ha_buf text = {0};
    output->reporter->write(report, &style, &text);
    enum ha_err err = HA_OK;
    struct ha_view bytes = {text.ptr, text.len};
    if (!ha_buf_ok(&text))
        err = ha_problem_set(p, HA_ERR_MEMORY, "the report", "out of memory");
    else if (to_fd)
        err = write_fd(fd, lines ? "standard error" : "standard output", bytes, p);
    else
        err = ha_file_replace(output->path, bytes, p);
    ha_buf_free(&text);
    return err;
}

static enum ha_err emit(const struct ha_config *config, const struct ha_report *report,
                        bool files_only, struct ha_problem *p)
{
    const struct ha_output text = {ha_reporter_find(HA_VIEW_LIT("text")), NULL};
    const struct ha_output *outputs = config->output_count > 0 ? config->outputs : &text;
    size_t count = config->output_count > 0 ? config->output_count : 1;
    enum ha_err first = HA_OK;
    for (size_t i = 0; i < count; i++) {
        struct ha_problem later;
        if (files_only && outputs[i].path == NULL)
            continue;
        enum ha_err err = emit_one(config, report, &outputs[i], first == HA_OK ? p : &later);
        if (first == HA_OK)
            first = err;
    }
    return first;
}

enum ha_err ha_emit_report(const struct ha_config *config, const struct ha_report *report,
                           struct ha_problem *p)
{
    return emit(config, report, false, p);
}

enum ha_err ha_emit_files(const struct ha_config *config, const struct ha_report *report,
                          struct ha_problem *p)
{
    return emit(config, report, true, p);
}

bool ha_emit_goes_on(const struct ha_config *config)
{
    bool files = false;
    for (size_t i = 0; i < config->output_count; i++)
        files |= config->outputs[i].path != NULL;
    return (config->report && files) || config->threshold_count > 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether the path, where it is a file that a report would replace, is what *other tells of. */
static bool is_file(const char *path, const struct stat *other)
{
    struct stat own;
    return strncmp(path, "/dev/", 5) != 0 && stat(path, &own) == 0 && is_same(&own, other);
}

/* Whether a file is read as a log. */
static bool is_read(const struct ha_config *config, const struct stat *file)
{
    struct stat input;
    if (config->file_count == 0)
        return fstat(STDIN_FILENO, &input) == 0 && is_same(file, &input);
    for (size_t i = 0; i < config->file_count; i++) {
        const char *name = config->files[i];
        int failed = strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &input) : stat(name, &input);
        if (failed == 0 && is_same(file, &input))
            return true;
    }
    return false;
}

static bool is_asked_for_before(const struct ha_config *config, size_t at)
{
    const char *path = config->outputs[at].path;
    struct stat other;
    for (size_t i = 0; i < at; i++) {
        const char *before = config->outputs[i].path;
        if (before != NULL && strncmp(path, "/dev/", 5) != 0 &&
            (strcmp(before, path) == 0 || (stat(before, &other) == 0 && is_file(path, &other))))
            return true;
    }
    return false;
}

/* The report comes when all is read, which may be in hours, or never: what will not take it is told
 * before. */
static enum ha_err check_place(const char *path, struct ha_problem *p)
{
    struct stat st;
    if (stat(path, &st) == 0)
        return S_ISDIR(st.st_mode) ? ha_problem_os(p, path, EISDIR) : HA_OK;
    struct ha_buf folder = {0};
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        ha_buf_char(&folder, '.');
    else
        ha_buf_bytes(&folder, path, (size_t)(slash - path) + 1);
    ha_buf_char(&folder, '\0');
    enum ha_err err = HA_OK;
    if (!ha_buf_ok(&folder))
        err = ha_problem_set(p, HA_ERR_MEMORY, path, "out of memory");
    else if (access(folder.ptr, W_OK | X_OK) != 0)
        err = ha_problem_os(p, path, errno);
    ha_buf_free(&folder);
    return err;
}

enum ha_err ha_emit_check_outputs(const struct ha_config *config, struct ha_problem *p)
{
    enum ha_err err = HA_OK;
    for (size_t i = 0; config->report && i < config->output_count && err == HA_OK; i++) {
        const char *path = config->outputs[i].path;
        if (path != NULL && is_asked_for_before(config, i))
            return ha_problem_set(p, HA_ERR_SYNTAX, "--output",
                                  "'%s' is the file of another report", path);
        if (path != NULL)
            err = check_place(path, p);
    }
    return err;
}

enum ha_err ha_emit_check(const struct ha_config *config, struct ha_problem *p)
{
    struct stat file;
    if (config->renderer->line != NULL && fstat(STDOUT_FILENO, &file) == 0 &&
        is_read(config, &file))
        return ha_problem_set(p, HA_ERR_SYNTAX, "standard output",
                              "is a file that is read as a log; its lines would be read again");
    for (size_t i = 0; config->report && i < config->output_count; i++) {
        const char *path = config->outputs[i].path;
        if (path != NULL && strncmp(path, "/dev/", 5) != 0 && stat(path, &file) == 0 &&
            is_read(config, &file))
            return ha_problem_set(p, HA_ERR_SYNTAX, "--output",
                                  "'%s' is read as a log; the report would replace it", path);
    }
    return ha_emit_check_outputs(config, p);
}

void ha_say_problem(const struct ha_problem *p)
{
    struct ha_buf text = {0};
    ha_buf_str(&text, "httpannotate: ");
    if (p->place[0] != '\0') {
        ha_buf_visible(&text, ha_view_of(p->place), false);
        if (p->line > 0)
            ha_buf_printf(&text, ":%zu", p->line);
        if (p->column > 0)
            ha_buf_printf(&text, ":%zu", p->column);
        ha_buf_str(&text, ": ");
    }
    ha_buf_visible(&text, ha_view_of(p->cause), false);
    ha_buf_char(&text, '\n');
    static const char plain[] = "httpannotate: out of memory\n";
    struct ha_view bytes =
        ha_buf_ok(&text) ? (struct ha_view){text.ptr, text.len} : HA_VIEW_LIT(plain);
    (void)ha_write_all(STDERR_FILENO, bytes.ptr, bytes.len); /* if it fails, nobody can be told */
    ha_buf_free(&text);
}
