/* json_keys.h - the "key" lines of a pattern file: which key of an object, or which column,
 * fills which field. */
#ifndef HTTPANNOTATE_PARSE_JSON_KEYS_H
#define HTTPANNOTATE_PARSE_JSON_KEYS_H

#include "httpannotate/base.h"

enum { HA_KEY_STEPS = 6, HA_KEY_WAYS = 6 };

/* A way through nested values. "request.headers.User-Agent[0]" has four steps: three names and
 * an index. A point or a bracket that belongs to a name stands behind a backslash. */
struct ha_path {
    char *text; /* the names, each with a NUL; on the heap */
    size_t count;
    struct {
        const char *name; /* NULL: an index */
        size_t index;
    } step[HA_KEY_STEPS];
};

/* key FIELD PATH [UNIT] */
struct ha_key {
    struct ha_path path;
    uint8_t field, kind; /* enum ha_field, enum ha_field_kind */
    uint64_t
        unit_ns; /* of a duration written without a unit; 0: the key says none, it is not read */
};
/* need PATH...: one of these must be there, or the family leaves the line to others. */
struct ha_need {
    struct ha_path way[HA_KEY_WAYS];
    size_t count;
};

struct ha_keys {
    bool columns;       /* "reads columns": the paths are names of columns of a #Fields line */
    struct ha_key *key; /* in the file's order: of two for one field the first goes first */
    size_t key_count;
    struct ha_need *need;
    size_t need_count;
    struct ha_path *inner; /* keys whose text is a log line of its own */
    size_t inner_count;
};

/* Reads what stands behind "key", "need", "inner" or "reads" into *keys, which is made when it
 * is NULL. Returns NULL, or what is wrong with it; *column is then 1-based in value, and *err
 * tells a lack of memory from wrong text. Static text. */
const char *ha_keys_line(struct ha_keys **keys, struct ha_view word, struct ha_view value,
                         size_t *column, enum ha_err *err);
void ha_keys_free(struct ha_keys **keys);

#endif
