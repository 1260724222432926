/* json_log.h - a line that is one JSON object, read by the keys of pattern files.
 *
 * Texts that become fields are views of the line where they stand in it as they are, and else
 * copies in the arena of the batch. */
#ifndef HTTPANNOTATE_PARSE_JSON_LOG_H
#define HTTPANNOTATE_PARSE_JSON_LOG_H

#include "httpannotate/record.h"
#include "parse/arena.h"
#include "parse/json_keys.h"

struct ha_json; /* one per matcher */
/* families: the keys of all families that may read an object; a family is called by its index
 * there. They must outlive the reader. */
enum ha_err ha_json_new(const struct ha_keys *const *families, size_t count,
                        struct ha_json **out) HA_MUST_USE;
void ha_json_free(struct ha_json **j);
/* False when memory ran out: an object may have been taken for none. */
bool ha_json_ok(const struct ha_json *j);

enum ha_json_state {
    HA_JSON_NONE,     /* no JSON object, also not with repairs */
    HA_JSON_OBJECT,   /* as RFC 8259 has it */
    HA_JSON_REPAIRED, /* an object once invalid UTF-8, bare control bytes, escapes that are not
                       * JSON's and values that are missing or no JSON had been made good */
};
/* Reads a line whose first byte that is no blank is an opening brace. Behind the object only
 * blanks and a comma may stand. */
enum ha_json_state ha_json_read(struct ha_json *j, struct ha_view line);
/* True when v begins, after blanks, with an opening brace. */
bool ha_json_begins(struct ha_view v);

/* Whether the object that was read last, of whichever state but HA_JSON_NONE, has the keys that a
 * family needs. */
bool ha_json_meets(const struct ha_json *j, size_t family);
/* The first family from `from` on whose needs it meets; the count of families: none does. */
size_t ha_json_next(const struct ha_json *j, size_t from);

/* What a family makes of the object that was read last. */
enum ha_json_fit {
    HA_JSON_NO_FIT, /* another family's, or no request */
    HA_JSON_STATUS, /* it has a status, but no request goes with it */
    HA_JSON_FIT,    /* *r is filled: fields and numbers, not verdict and pattern */
};
/* The object must meet the family's needs. Keys without a "need" line stand for names that any
 * program may use: then the status must be one of HTTP's (100 to 599), the method a listed one and
 * the target a target of RFC 9112 section 3.2. *r must be clear and is to be cleared again where
 * the result is not HA_JSON_FIT. Its texts live as long as the line and the batch's arena. */
enum ha_json_fit ha_json_fill(struct ha_json *j, size_t family, struct ha_arena *batch,
                              struct ha_record *r);

/* Texts of the object that are log lines themselves, by the "inner" lines of the family's keys,
 * without the newline at their end: at most `most`, which live as those of a record do. An object
 * under such a key is a line as it stands. A time that stands beside them is put into *when.
 * Returns how many. */
size_t ha_json_inner(struct ha_json *j, size_t family, struct ha_arena *batch, struct ha_view *to,
                     size_t most, struct ha_record *when);

#endif
