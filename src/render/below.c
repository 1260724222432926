/* below.c - the line as it came, and its note indented on the next.
 *
 * A last line without its ending stays last without one: the LF that the note needs stands between.
 */
#include "render/styles.h"

void ha_ready_below(const struct ha_render_style *style, const struct ha_note *note,
                    struct ha_buf *to)
{
    ha_buf_str(to, "    ");
    ha_render_note(style, note, to);
}

void ha_render_below(const struct ha_render_style *style, const struct ha_record *r,
                     const struct ha_note *note, struct ha_buf *to)
{
    ha_render_line(style, r, to);
    if (note != NULL) {
        if (r->ending == 0)
            ha_buf_char(to, '\n');
        else
            ha_render_ending(r, to);
        ha_buf_view(to, note->ready);
        ha_render_mark(style, r, to);
    }
    ha_render_ending(r, to);
}
