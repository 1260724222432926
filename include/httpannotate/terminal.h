/* terminal.h - how text looks to a person: inks, widths, folding, figures.
 *
 * Layer 0. Lines and reports share it, so that a class has one colour and a size one spelling. All
 * functions append to a buffer, which keeps its first error. */
#ifndef HTTPANNOTATE_TERMINAL_H
#define HTTPANNOTATE_TERMINAL_H

#include "httpannotate/out.h"

/* The sixteen colours of the terminal's own theme, so that they stay legible on dark and on light.
 */
enum ha_ink {
    HA_INK_PLAIN,
    HA_INK_QUIET,  /* of second importance: dim */
    HA_INK_STRONG, /* headings: bold */
    HA_INK_BLUE,
    HA_INK_GREEN,
    HA_INK_CYAN,
    HA_INK_YELLOW,
    HA_INK_RED,
    HA_INK_PURPLE,
};
/* The ink of the codes that begin with this digit: 1 blue, 2 green, 3 cyan, 4 yellow, 5 red; any
 * other number is purple, so that what should not be is seen. */
enum ha_ink ha_ink_of_class(int first_digit);
/* Turns an ink on and back to plain. Nothing is written unless colour is true and ink is not plain.
 */
void ha_ink_on(struct ha_buf *to, bool colour, enum ha_ink ink);
void ha_ink_off(struct ha_buf *to, bool colour, enum ha_ink ink);

/* The columns of the terminal that fd is; else those that COLUMNS in the environment says (20 to
 * 1000); else 80. */
size_t ha_terminal_width(int fd);

/* The longest start of v that needs at most `cells` cells, never cutting a code point. v is text
 * that ha_buf_visible wrote or constant text: valid UTF-8. */
struct ha_view ha_text_head(struct ha_view v, size_t cells);
/* Appends v cut to at most `cells` cells, the cut marked by an ellipsis, three points when not
 * unicode. Returns the cells used. */
size_t ha_text_fit(struct ha_buf *to, struct ha_view v, size_t cells, bool unicode);
/* The same, but both ends of v stay, where there is room for them: agents, paths with identifiers
 * and addresses of one site differ at the end. */
size_t ha_text_fit_ends(struct ha_buf *to, struct ha_view v, size_t cells, bool unicode);
/* Takes the next line of at most `cells` cells off *rest, broken at a space where there is one.
 * Empty when *rest is. */
struct ha_view ha_text_fold(struct ha_view *rest, size_t cells);

/* Appends the lines of a listing, each folded to `cells` cells: what stands behind the last two
 * blanks in a row goes on under itself, or stands on lines of its own where that leaves it less
 * than 20. */
void ha_text_hang(struct ha_buf *to, struct ha_view lines, size_t cells);

/* Figures in at most HA_FIGURE bytes with their NUL; they return their length. */
#define HA_FIGURE 48
/* 1,234,567 */
size_t ha_figure_count(uint64_t n, char *to);
/* "12.3%"; "<0.1%" and ">99.9%" where rounding would say none or all. Half is rounded up. */
size_t ha_figure_percent(uint64_t part, uint64_t whole, char *to);
/* "999 B", "1.23 kB", "45.6 MB": powers of 1000, three digits. */
size_t ha_figure_bytes(uint64_t n, char *to);
/* "250 ms", "45 s", "1 h 2 min", "3 d 4 h": the two largest units, rounded down. */
size_t ha_figure_duration(int64_t us, char *to);
/* "250 us", "1.23 ms", "45.6 s", "12.3 min", "1.50 h", "3.21 d": three digits, half rounded up,
 * in at most 8 cells. */
size_t ha_figure_time(uint64_t us, char *to);
/* "3.3/s", "12/min", "5/h": n in us microseconds, in the unit that reads best; "" when us is not
 * above 0. */
size_t ha_figure_rate(uint64_t n, int64_t us, char *to);
/* Errors a minute as people read them: "312", "4.2", "4", "below 0.1": below ten one digit behind
 * the point, where it is not 0. */
size_t ha_figure_errors_rate(double per_minute, char *to);

#endif
