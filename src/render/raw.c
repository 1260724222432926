/* raw.c - the line alone: with a selection, the program is a filter. */
#include "render/styles.h"

void ha_render_raw(const struct ha_render_style *style, const struct ha_record *r,
                   const struct ha_note *note, struct ha_buf *to)
{
    (void)note;
    ha_render_line(style, r, to);
    ha_render_ending(r, to);
}
