/* w3c.h - logs that describe themselves: W3C extended, IIS, CloudFront, led by their #Fields
 * line. */
#ifndef HTTPANNOTATE_PARSE_W3C_H
#define HTTPANNOTATE_PARSE_W3C_H

#include "httpannotate/pattern.h"
#include "parse/arena.h"
#include "parse/json_keys.h"

enum { HA_COLUMNS_MOST = 128, HA_COLUMN_FILLS = 64 };

/* What a #Fields line says, by the keys of a family. */
struct ha_columns {
    size_t count;   /* columns a line must have; 0: no family reads this #Fields */
    size_t pattern; /* index of the family */
    bool has_day;   /* of #Date */
    int64_t day_us;
    struct {
        uint8_t column;
        const struct ha_key *key;
    } fill[HA_COLUMN_FILLS]; /* in the order of the keys */
    size_t fill_count;
};

/* One line of directives; true when what leads the lines has changed. */
bool ha_directives_line(struct ha_directives *d, struct ha_view line);
/* The columns of *d by keys: false when the family needs what is not there, or there is no
 * status. */
bool ha_columns_read(struct ha_columns *c, const struct ha_directives *d,
                     const struct ha_keys *keys);
/* Reads a line: false when its columns are not as many as #Fields names, or its status or date
 * is none. *r must be clear and is to be cleared again after false. */
bool ha_columns_fill(const struct ha_columns *c, struct ha_arena *batch, struct ha_record *r);

#endif
