/* append.c - the line, a TAB and its note: what a person reads while a log runs by. */
#include "render/styles.h"

#include <string.h>

/* The bytes as they are, copied into room asked for once: the way of every line that is not for a
 * terminal. */
static void append_bytes(const struct ha_record *r, struct ha_view note, struct ha_buf *to)
{
    static const char mark[] = "\t# ";
    size_t mark_len = sizeof mark - 1;
    char *at = ha_buf_room(to, r->line.len + mark_len + note.len + 2);
    if (at == NULL)
        return;
    if (r->line.len > 0)
        memcpy(at, r->line.ptr, r->line.len);
    at += r->line.len;
    memcpy(at, mark, mark_len);
    at += mark_len;
    if (note.len > 0)
        memcpy(at, note.ptr, note.len);
    to->len += r->line.len + mark_len + note.len;
    ha_render_ending(r, to);
}

void ha_render_append(const struct ha_render_style *style, const struct ha_record *r,
                      const struct ha_note *note, struct ha_buf *to)
{
    bool plain = (r->findings[HA_MILD] | r->findings[HA_GRAVE]) == 0 || !style->findings;
    if (note != NULL && plain && !style->colour && !style->visible) {
        append_bytes(r, note->text, to);
        return;
    }
    ha_render_line(style, r, to);
    if (note != NULL) {
        ha_buf_char(to, '\t');
        ha_render_note(style, r, note, to);
    }
    ha_render_ending(r, to);
}
