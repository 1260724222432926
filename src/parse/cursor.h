/* cursor.h - a place in a line that is read from left to right. Functions that read a part move on
 * and say true, or stay and say false. */
#ifndef HTTPANNOTATE_PARSE_CURSOR_H
#define HTTPANNOTATE_PARSE_CURSOR_H

#include "httpannotate/base.h"

struct ha_cursor {
    const char *at, *end;
};

/* Blanks and tabs, at least one. */
bool ha_cursor_blanks(struct ha_cursor *c);
/* These bytes, up to the NUL of want. */
bool ha_cursor_text(struct ha_cursor *c, const char *want);
/* A shape: d a digit, everything else itself. */
bool ha_cursor_shape(struct ha_cursor *c, const char *want);
/* Up to `most` digits; how many there were. */
size_t ha_cursor_digits(struct ha_cursor *c, size_t most);
/* A word: no blank, and nothing that quotes. */
bool ha_cursor_word(struct ha_cursor *c, struct ha_view *out);
/* .123 or ,123 where there is one. */
void ha_cursor_fraction(struct ha_cursor *c);
/* Z, +01:00 or +0100. */
bool ha_cursor_zone(struct ha_cursor *c);

#endif
