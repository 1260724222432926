/* cursor.c - a place in a line that is read from left to right. */
#include "parse/cursor.h"

#include <string.h>

bool ha_cursor_blanks(struct ha_cursor *c)
{
    const char *start = c->at;
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
        c->at++;
    return c->at > start;
}

bool ha_cursor_text(struct ha_cursor *c, const char *want)
{
    size_t len = strlen(want);
    if ((size_t)(c->end - c->at) < len || memcmp(c->at, want, len) != 0)
        return false;
    c->at += len;
    return true;
}

bool ha_cursor_shape(struct ha_cursor *c, const char *want)
{
    const char *at = c->at;
    for (; *want != '\0'; want++, at++)
        if (at >= c->end || (*want == 'd' ? !ha_is_digit(*at) : *at != *want))
            return false;
    c->at = at;
    return true;
}

size_t ha_cursor_digits(struct ha_cursor *c, size_t most)
{
    size_t n = 0;
    while (n < most && c->at < c->end && ha_is_digit(*c->at)) {
        c->at++;
        n++;
    }
    return n;
}

bool ha_cursor_word(struct ha_cursor *c, struct ha_view *out)
{
    const char *start = c->at;
    while (c->at < c->end && (unsigned char)*c->at > ' ' && *c->at != '"' && *c->at != '\x7F')
        c->at++;
    *out = (struct ha_view){start, (size_t)(c->at - start)};
    return out->len > 0;
}

void ha_cursor_fraction(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    if (next.at < next.end && (*next.at == '.' || *next.at == ',')) {
        next.at++;
        if (ha_cursor_digits(&next, 12) > 0)
            *c = next;
    }
}

bool ha_cursor_zone(struct ha_cursor *c)
{
    return ha_cursor_text(c, "Z") || ha_cursor_shape(c, "+dd:dd") || ha_cursor_shape(c, "-dd:dd") ||
           ha_cursor_shape(c, "+dddd") || ha_cursor_shape(c, "-dddd");
}
