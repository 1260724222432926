/* terminal.c - inks, cutting and folding of text by terminal cells. */
#include "httpannotate/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

size_t ha_terminal_width(int fd)
{
    struct winsize size;
    if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    uint64_t columns = 0;
    const char *text = getenv("COLUMNS");
    if (text != NULL && ha_view_u64(ha_view_of(text), &columns) && columns >= 20 && columns <= 1000)
        return (size_t)columns;
    return 80;
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

/* The longest end of v that needs at most `cells` cells. */
static struct ha_view tail(struct ha_view v, size_t cells)
{
    for (size_t width = ha_text_width(v); width > cells;) {
        struct ha_view c = first_code_point(v);
        width -= ha_text_width(c);
        v.ptr += c.len;
        v.len -= c.len;
    }
    return v;
}

size_t ha_text_fit_ends(struct ha_buf *to, struct ha_view v, size_t cells, bool unicode)
{
    enum { WORTH_IT = 24 };
    size_t mark = unicode ? 1 : 3;
    if (cells < WORTH_IT || ha_text_width(v) <= cells)
        return ha_text_fit(to, v, cells, unicode);
    struct ha_view head = ha_text_head(v, (cells - mark) / 2);
    struct ha_view end = tail(v, cells - mark - ha_text_width(head));
    ha_buf_view(to, head);
    ha_buf_str(to, unicode ? "\u2026" : "...");
    ha_buf_view(to, end);
    return ha_text_width(head) + mark + ha_text_width(end);
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

/* Where the last column of a line begins. */
static size_t last_column(struct ha_view line)
{
    for (size_t i = line.len; i > 2; i--)
        if (line.ptr[i - 2] == ' ' && line.ptr[i - 3] == ' ')
            return i - 1;
    return 0;
}

static void hang_line(struct ha_buf *to, struct ha_view line, size_t cells)
{
    size_t column = line.len > cells ? last_column(line) : 0, indent = column;
    struct ha_view head = {line.ptr, column}, rest = {line.ptr + column, line.len - column};
    if (line.len > cells && column + 20 > cells) {
        while (head.len > 0 && head.ptr[head.len - 1] == ' ')
            head.len--;
        indent = 4;
    }
    ha_buf_view(to, head);
    if (head.len == column)
        ha_buf_view(to, ha_text_fold(&rest, cells - column));
    ha_buf_char(to, '\n');
    while (rest.len > 0) {
        ha_buf_printf(to, "%*s", (int)indent, "");
        ha_buf_view(to, ha_text_fold(&rest, cells - indent));
        ha_buf_char(to, '\n');
    }
}

void ha_text_hang(struct ha_buf *to, struct ha_view lines, size_t cells)
{
    while (lines.len > 0) {
        const char *end = memchr(lines.ptr, '\n', lines.len);
        size_t len = end == NULL ? lines.len : (size_t)(end - lines.ptr);
        hang_line(to, (struct ha_view){lines.ptr, len}, cells < 24 ? 24 : cells);
        len += end != NULL;
        lines = (struct ha_view){lines.ptr + len, lines.len - len};
    }
}
