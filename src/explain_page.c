/* explain_page.c - text of -x folded at the width, and its colours. */
#include <string.h>

#include "explain_parts.h"
#include "httpannotate/record.h"

void ha_page_paint(const struct ha_page *p, const char *sgr)
{
    if (p->colour)
        ha_buf_printf(p->to, "\x1b[%sm", sgr);
}

const char *ha_page_class_colour(int code)
{
    static const char *const colours[] = {"1;35", "1;36", "1;32", "1;34", "1;33", "1;31"};
    return colours[ha_class_of(code)];
}

void ha_page_fold(const struct ha_page *p, size_t column, size_t indent, const char *s)
{
    bool first = true;
    while (*s != '\0') {
        size_t len = strcspn(s, " ");
        struct ha_view word = {s, len};
        size_t cells = ha_text_width(word);
        if (!first && column + 1 + cells > p->width) {
            ha_buf_char(p->to, '\n');
            ha_buf_fill(p->to, ' ', indent);
            column = indent;
        } else if (!first) {
            ha_buf_char(p->to, ' ');
            column++;
        }
        ha_buf_visible(p->to, word, false);
        column += cells;
        first = false;
        s += len;
        s += strspn(s, " ");
    }
    ha_buf_char(p->to, '\n');
}
