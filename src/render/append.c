/* append.c - the line, a TAB and its note: what a person reads while a log runs by. */
#include "render/styles.h"

void ha_render_append(const struct ha_render_style *style, const struct ha_record *r,
                      const struct ha_note *note, struct ha_buf *to)
{
    ha_render_line(style, r, to);
    if (note != NULL) {
        ha_buf_char(to, '\t');
        ha_render_note(style, r, note, to);
    }
    ha_render_ending(r, to);
}
