/* facts_codes.h - the rows of a user's --codes file, on their way into the tables. Private to
 * facts. */
#ifndef HA_FACTS_CODES_H
#define HA_FACTS_CODES_H

#include "httpannotate/base.h"

/* One row; the strings lie in the text of their file. NULL: the row does not have the column. */
struct ha_code_row {
    int code;
    size_t line;
    const char *phrase, *meaning, *hint;
};

struct ha_code_file {
    char *name; /* as given */
    char *text; /* the whole file, cut into strings in place */
    struct ha_code_row *rows;
    size_t count;
};

/* The longest file that is taken, and the longest text of a column: a note stays one line. */
#define HA_CODES_FILE_MAX (1u << 20)
#define HA_CODES_TEXT_MAX 1000u

/* Reads the file. HA_ERR_IO, HA_ERR_SYNTAX with line and column, HA_ERR_LIMIT or HA_ERR_MEMORY; *f
 * is to be released with ha_codes_free in any case. */
enum ha_err ha_codes_read(const char *path, struct ha_code_file *f,
                          struct ha_problem *p) HA_MUST_USE;
void ha_codes_free(struct ha_code_file *f);

#endif
