/* facts_codes.c - --codes=FILE: rows that a user adds to the table of statuses.
 *
 * One row a line: code, phrase, meaning, hint, with a tab between; meaning and hint may be left
 * out. Blank lines and lines that start with # say nothing; a first line that starts with "code" is
 * a heading. */
#include "facts_codes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "httpannotate/out.h"

enum { COLUMNS = 4 };

static enum ha_err bad(struct ha_problem *p, const char *path, size_t line, size_t column,
                       const char *cause)
{
    enum ha_err err = ha_problem_set(p, HA_ERR_SYNTAX, path, "%s", cause);
    ha_problem_at(p, line, column);
    return err;
}

/* 1 to 3 digits as a number, or -1. */
static int code_of(const char *s, size_t len)
{
    uint64_t n = 0;
    if (len > 3 || !ha_view_u64((struct ha_view){s, len}, &n))
        return -1;
    return (int)n;
}

/* Cuts a line into its columns; the column (1-based byte) of what is wrong, with its cause. */
static size_t cut(char *line, size_t len, struct ha_code_row *row, const char **cause)
{
    char *column[COLUMNS] = {line};
    size_t lens[COLUMNS] = {0};
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c == '\t') {
            line[i] = '\0';
            if (++n == COLUMNS) {
                *cause = "a fifth column; a row has code, phrase, meaning and hint";
                return i + 2;
            }
            column[n] = line + i + 1;
            continue;
        }
        if (c < 0x20 || c == 0x7F) {
            *cause = "a control character; rows are plain text with tabs between the columns";
            return i + 1;
        }
        if (++lens[n] > HA_CODES_TEXT_MAX) {
            *cause = "a text longer than 1000 bytes; notes are meant to be one line";
            return i + 1;
        }
    }
    line[len] = '\0';
    row->code = code_of(column[0], lens[0]);
    if (row->code < 0) {
        *cause = "not a status code; a row starts with a number from 000 to 999, then a tab";
        return 1;
    }
    if (lens[1] == 0) {
        *cause = "no phrase; after the code come a tab and the phrase";
        return n == 0 ? len + 1 : lens[0] + 2;
    }
    row->phrase = column[1];
    row->meaning = lens[2] > 0 ? column[2] : NULL;
    row->hint = lens[3] > 0 ? column[3] : NULL;
    return 0;
}

static bool says_nothing(const char *line, size_t len, bool first)
{
    size_t i = 0;
    while (i < len && (line[i] == ' ' || line[i] == '\t'))
        i++;
    return i == len || line[i] == '#' || (first && len > 5 && memcmp(line, "code\t", 5) == 0);
}

static size_t count_lines(const char *text, size_t len)
{
    size_t lines = 1;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    return lines;
}

static enum ha_err add_row(struct ha_code_file *f, const struct ha_code_row *row, size_t seen[1000],
                           struct ha_problem *p)
{
    size_t *before = &seen[row->code];
    if (*before != 0) {
        enum ha_err err = ha_problem_set(
            p, HA_ERR_SYNTAX, f->name, "%03d stands twice, first on line %zu", row->code, *before);
        ha_problem_at(p, row->line, 1);
        return err;
    }
    *before = row->line;
    f->rows[f->count++] = *row;
    return HA_OK;
}

static enum ha_err parse(struct ha_code_file *f, size_t len, struct ha_problem *p)
{
    size_t seen[1000] = {0};
    f->rows = ha_calloc(count_lines(f->text, len), sizeof *f->rows);
    if (f->rows == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, f->name, "out of memory");
    char *at = f->text;
    char *end = f->text + len;
    if (len >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    for (size_t number = 1; at < end; number++) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        char *next = stop == NULL ? end : stop + 1;
        size_t n = (size_t)((stop == NULL ? end : stop) - at);
        if (n > 0 && at[n - 1] == '\r')
            n--;
        if (!says_nothing(at, n, number == 1)) {
            struct ha_code_row row = {.line = number};
            const char *cause = NULL;
            size_t column = cut(at, n, &row, &cause);
            enum ha_err err =
                column > 0 ? bad(p, f->name, number, column, cause) : add_row(f, &row, seen, p);
            if (err != HA_OK)
                return err;
        }
        at = next;
    }
    return HA_OK;
}

enum ha_err ha_codes_read(const char *path, struct ha_code_file *f, struct ha_problem *p)
{
    *f = (struct ha_code_file){.name = ha_strdup_view(ha_view_of(path))};
    if (f->name == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, path, "out of memory");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return ha_problem_os(p, path, errno);
    struct ha_buf text = {0};
    enum ha_err err = ha_buf_read(&text, fd, path, HA_CODES_FILE_MAX, p);
    close(fd);
    size_t len = text.len;
    ha_buf_char(&text, '\0');
    f->text = text.ptr;
    if (err == HA_OK && !ha_buf_ok(&text))
        err = ha_problem_set(p, HA_ERR_MEMORY, path, "out of memory");
    return err == HA_OK ? parse(f, len, p) : err;
}

void ha_codes_free(struct ha_code_file *f)
{
    ha_free(f->name);
    ha_free(f->text);
    ha_free(f->rows);
    *f = (struct ha_code_file){0};
}
