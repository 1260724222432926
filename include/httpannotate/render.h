/* render.h - a record and its note become bytes on standard output.
 *
 * Layer 4. A family: one line style, one entry of the const table in src/render/render.c. */
#ifndef HTTPANNOTATE_RENDER_H
#define HTTPANNOTATE_RENDER_H

#include "httpannotate/annotate.h"
#include "httpannotate/out.h"
#include "httpannotate/record.h"

struct ha_render_style {
    bool colour;      /* ANSI colours by class */
    bool visible;     /* the reader is a terminal: control bytes of the log become \xHH */
    bool findings;    /* records say what rules found in them */
    uint64_t ignored; /* rules that are not told */
};

/* Appends one line. note is NULL for lines without one (blank, directive, unmatched), which every
 * style but json writes as they came. The line's own ending follows (the note stands before it). */
typedef void ha_render_fn(const struct ha_render_style *style, const struct ha_record *r,
                          const struct ha_note *note, struct ha_buf *to);
struct ha_renderer {
    const char *name;    /* as -l takes it */
    const char *summary; /* for --help */
    ha_render_fn *line;  /* NULL: lines are not written at all */
    ha_ready_fn *ready;  /* what notes are to have ready for it; NULL: nothing */
    bool is_of_records;  /* it writes what a line says, not the line: one object, however long */
};
/* append, below, json, raw, none; in that order. */
const struct ha_renderer *ha_renderers(size_t *count);
/* The one of that name, or NULL. */
const struct ha_renderer *ha_renderer_find(const char *name);

#endif
