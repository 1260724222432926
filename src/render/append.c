/* append.c - the line, a TAB and its note: what a person reads while a log runs by. */
#include "render/styles.h"

#include <string.h>

void ha_ready_append(const struct ha_render_style *style, const struct ha_note *note,
                     struct ha_buf *to)
{
    ha_buf_char(to, '\t');
    ha_render_note(style, note, to);
}

/* The bytes as they are, copied into room asked for once: the way of every line that is not for a
 * terminal. */
static inline void append_bytes(const struct ha_render_style *style, const struct ha_record *r,
                                struct ha_view note, struct ha_buf *to)
{
    char *at = ha_buf_room(to, r->line.len + note.len + 2);
    if (at == NULL)
        return;
    if (r->line.len > 0)
        memcpy(at, r->line.ptr, r->line.len);
    memcpy(at + r->line.len, note.ptr, note.len);
    to->len += r->line.len + note.len;
    ha_render_mark(style, r, to);
    ha_render_ending(r, to);
}

void ha_render_append(const struct ha_render_style *style, const struct ha_record *r,
                      const struct ha_note *note, struct ha_buf *to)
{
    if (note != NULL && !style->colour && !style->visible) {
        append_bytes(style, r, note->ready, to);
        return;
    }
    ha_render_line(style, r, to);
    if (note != NULL) {
        ha_buf_view(to, note->ready);
        ha_render_mark(style, r, to);
    }
    ha_render_ending(r, to);
}
