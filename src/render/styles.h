/* styles.h - the functions behind the table of line styles, one a file. */
#ifndef HA_RENDER_STYLES_H
#define HA_RENDER_STYLES_H

#include "httpannotate/render.h"

ha_render_fn ha_render_append;
ha_render_fn ha_render_below;
ha_render_fn ha_render_json;
ha_render_fn ha_render_raw;
ha_ready_fn ha_ready_append;
ha_ready_fn ha_ready_below;
ha_ready_fn ha_ready_json;

/* Shared by the styles. */
/* The line without its ending: byte for byte, or for a terminal with control bytes made visible and
 * the status tinted. */
void ha_render_line(const struct ha_render_style *style, const struct ha_record *r,
                    struct ha_buf *to);
/* "# " and the note; with colour the status and phrase in the ink of their class, the rest dim. */
void ha_render_note(const struct ha_render_style *style, const struct ha_note *note,
                    struct ha_buf *to);
/* What rules found in a line in which they found something, behind its note. */
void ha_render_findings(const struct ha_render_style *style, const struct ha_record *r,
                        struct ha_buf *to);
/* The same for any line. */
static inline void ha_render_mark(const struct ha_render_style *style, const struct ha_record *r,
                                  struct ha_buf *to)
{
    if (style->findings && (r->findings[HA_MILD] | r->findings[HA_GRAVE]) != 0)
        ha_render_findings(style, r, to);
}
/* The line's own ending: nothing, LF or CRLF. */
static inline void ha_render_ending(const struct ha_record *r, struct ha_buf *to)
{
    HA_ASSERT(r->ending <= 2);
    if (__builtin_expect(r->ending == 1, 1))
        ha_buf_char(to, '\n');
    else
        ha_buf_bytes(to, "\r\n", r->ending);
}

#endif
