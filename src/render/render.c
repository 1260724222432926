/* render.c - the table of line styles, and the pieces that they share. */
#include "httpannotate/render.h"

#include "httpannotate/lint.h"
#include "httpannotate/terminal.h"
#include "render/styles.h"

#include <string.h>

static const struct ha_renderer renderers[] = {
    {"append", "the line, a TAB, \"# \" and its note (default)", ha_render_append, ha_ready_append,
     false},
    {"below", "the line, and its note indented on the next", ha_render_below, ha_ready_below,
     false},
    {"json", "one JSON object a line", ha_render_json, ha_ready_json, true},
    {"raw", "the line alone: a filter", ha_render_raw, NULL, false},
    {"none", "no lines, the report alone (as -r)", NULL, NULL, false},
};

const struct ha_renderer *ha_renderers(size_t *count)
{
    *count = HA_COUNT(renderers);
    return renderers;
}

const struct ha_renderer *ha_renderer_find(const char *name)
{
    for (size_t i = 0; i < HA_COUNT(renderers); i++)
        if (strcmp(name, renderers[i].name) == 0)
            return &renderers[i];
    return NULL;
}

static void put_text(const struct ha_render_style *style, struct ha_view v, struct ha_buf *to)
{
    if (style->visible)
        ha_buf_visible(to, v, true);
    else
        ha_buf_view(to, v);
}

static enum ha_ink ink_of(int status)
{
    return ha_ink_of_class(ha_class_of(status));
}

/* Where the status stands in the line; a length of 0 when it does not stand there as text. */
static struct ha_view status_in_line(const struct ha_record *r)
{
    struct ha_view s = ha_get(r, HA_FIELD_STATUS);
    uintptr_t line = (uintptr_t)r->line.ptr;
    uintptr_t at = (uintptr_t)s.ptr;
    bool inside =
        s.len > 0 && at >= line && at - line <= r->line.len && s.len <= r->line.len - (at - line);
    return inside ? s : (struct ha_view){NULL, 0};
}

void ha_render_line(const struct ha_render_style *style, const struct ha_record *r,
                    struct ha_buf *to)
{
    struct ha_view status = {NULL, 0};
    if (style->colour && r->status != HA_NO_STATUS)
        status = status_in_line(r);
    if (status.len == 0) {
        put_text(style, r->line, to);
        return;
    }
    const char *end = status.ptr + status.len;
    put_text(style, (struct ha_view){r->line.ptr, (size_t)(status.ptr - r->line.ptr)}, to);
    ha_ink_on(to, true, ink_of(r->status));
    put_text(style, status, to);
    ha_ink_off(to, true, ink_of(r->status));
    put_text(style, (struct ha_view){end, (size_t)(r->line.ptr + r->line.len - end)}, to);
}

void ha_render_findings(const struct ha_render_style *style, const struct ha_record *r,
                        struct ha_buf *to)
{
    size_t start = to->len;
    ha_ink_on(to, style->colour, HA_INK_PURPLE);
    size_t begun = to->len;
    ha_lint_mark(r, style->ignored, to);
    if (to->len == begun)
        to->len = start; /* nothing to be marked: no ink either */
    else
        ha_ink_off(to, style->colour, HA_INK_PURPLE);
}

void ha_render_note(const struct ha_render_style *style, const struct ha_note *note,
                    struct ha_buf *to)
{
    if (!style->colour) {
        ha_buf_str(to, "# ");
        put_text(style, note->text, to);
        return;
    }
    enum ha_ink ink = ink_of(note->status == NULL ? HA_NO_STATUS : note->status->code);
    const char *colon = note->text.len == 0 ? NULL : memchr(note->text.ptr, ':', note->text.len);
    size_t head = colon == NULL ? note->text.len : (size_t)(colon - note->text.ptr);
    ha_ink_on(to, true, HA_INK_QUIET);
    ha_buf_str(to, "# ");
    ha_ink_off(to, true, HA_INK_QUIET);
    ha_ink_on(to, true, ink);
    put_text(style, (struct ha_view){note->text.ptr, head}, to);
    ha_ink_off(to, true, ink);
    if (colon != NULL) {
        ha_ink_on(to, true, HA_INK_QUIET);
        put_text(style, (struct ha_view){colon, note->text.len - head}, to);
        ha_ink_off(to, true, HA_INK_QUIET);
    }
}
