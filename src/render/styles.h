/* styles.h - the functions behind the table of line styles, one a file. */
#ifndef HA_RENDER_STYLES_H
#define HA_RENDER_STYLES_H

#include "httpannotate/render.h"

ha_render_fn ha_render_append;
ha_render_fn ha_render_below;
ha_render_fn ha_render_json;
ha_render_fn ha_render_raw;

/* Shared by the styles. */
/* The line without its ending: byte for byte, or for a terminal with control bytes made visible and
 * the status tinted. */
void ha_render_line(const struct ha_render_style *style, const struct ha_record *r,
                    struct ha_buf *to);
/* "# " and the note; with colour the status and phrase in the ink of their class, the rest dim. */
void ha_render_note(const struct ha_render_style *style, const struct ha_record *r,
                    const struct ha_note *note, struct ha_buf *to);
/* What rules found in the line, behind its note. */
void ha_render_mark(const struct ha_render_style *style, const struct ha_record *r,
                    struct ha_buf *to);
/* The line's own ending: nothing, LF or CRLF. */
void ha_render_ending(const struct ha_record *r, struct ha_buf *to);

#endif
