/* terminal.c - inks, cutting and folding of text by terminal cells. */
#include "httpannotate/terminal.h"

#include <string.h>

enum ha_ink ha_ink_of_class(int first_digit)
{
    static const enum ha_ink inks[6] = {HA_INK_PURPLE, HA_INK_BLUE,   HA_INK_GREEN,
                                        HA_INK_CYAN,   HA_INK_YELLOW, HA_INK_RED};
    return first_digit >= 1 && first_digit <= 5 ? inks[first_digit] : HA_INK_PURPLE;
}

void ha_ink_on(struct ha_buf *to, bool colour, enum ha_ink ink)
{
    static const char *const codes[] = {
        [HA_INK_PLAIN] = "",          [HA_INK_QUIET] = "\033[2m",  [HA_INK_STRONG] = "\033[1m",
        [HA_INK_BLUE] = "\033[34m",   [HA_INK_GREEN] = "\033[32m", [HA_INK_CYAN] = "\033[36m",
        [HA_INK_YELLOW] = "\033[33m", [HA_INK_RED] = "\033[1;31m", [HA_INK_PURPLE] = "\033[35m",
    };
    if (colour)
        ha_buf_str(to, codes[ink]);
}

void ha_ink_off(struct ha_buf *to, bool colour, enum ha_ink ink)
{
    if (colour && ink != HA_INK_PLAIN)
        ha_buf_str(to, "\033[0m");
}

/* The code point at the start of v, which is not empty, as bytes. */
static struct ha_view first_code_point(struct ha_view v)
{
    size_t n = 1;
    while (n < v.len && ((unsigned char)v.ptr[n] & 0xC0) == 0x80)
        n++;
    return (struct ha_view){v.ptr, n};
}

struct ha_view ha_text_head(struct ha_view v, size_t cells)
{
    size_t used = 0;
    size_t bytes = 0;
    while (bytes < v.len) {
        struct ha_view c = first_code_point((struct ha_view){v.ptr + bytes, v.len - bytes});
        used += ha_text_width(c);
        if (used > cells)
            break;
        bytes += c.len;
    }
    return (struct ha_view){v.ptr, bytes};
}

size_t ha_text_fit(struct ha_buf *to, struct ha_view v, size_t cells, bool unicode)
{
    size_t width = ha_text_width(v);
    if (width <= cells) {
        ha_buf_view(to, v);
        return width;
    }
    size_t mark = unicode ? 1 : 3;
    if (cells < mark)
        mark = cells;
    struct ha_view head = ha_text_head(v, cells - mark);
    ha_buf_view(to, head);
    if (unicode && mark == 1)
        ha_buf_str(to, "\u2026");
    else
        ha_buf_fill(to, '.', mark);
    return ha_text_width(head) + mark;
}

struct ha_view ha_text_fold(struct ha_view *rest, size_t cells)
{
    if (rest->len == 0)
        return *rest; /* its pointer may be NULL, to which not even nothing may be added */
    struct ha_view line = ha_text_head(*rest, cells);
    if (line.len == 0)
        line = first_code_point(*rest); /* wider than the line: better too wide than never ending */
    if (line.len < rest->len && rest->ptr[line.len] != ' ') {
        size_t cut = line.len;
        while (cut > 0 && line.ptr[cut - 1] != ' ')
            cut--;
        if (cut > 0)
            line.len = cut;
    }
    rest->ptr += line.len;
    rest->len -= line.len;
    while (line.len > 0 && line.ptr[line.len - 1] == ' ')
        line.len--;
    while (rest->len > 0 && rest->ptr[0] == ' ') {
        rest->ptr++;
        rest->len--;
    }
    return line;
}
