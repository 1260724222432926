/* json_repair.c - JSON that a server wrote by hand, made good. */
#include "parse/json_repair.h"

#include <string.h>

struct repair {
    struct ha_view in;
    size_t at;
    struct ha_buf *out;
};

static bool is_hex(char c)
{
    return ha_is_digit(c) || (unsigned char)((c | 0x20) - 'a') < 6;
}

static char peek(const struct repair *r, size_t ahead)
{
    return r->at + ahead < r->in.len ? r->in.ptr[r->at + ahead] : '\0';
}

/* The length of the valid UTF-8 sequence (RFC 3629) that begins here with a byte above 0x7F; 0:
 * none. */
static size_t sequence(const struct repair *r)
{
    unsigned char first = (unsigned char)peek(r, 0), second = (unsigned char)peek(r, 1);
    size_t len = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || (first == 0xE0 && second < 0xA0) ||
        (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
        (first == 0xF4 && second > 0x8F))
        return 0;
    for (size_t i = 1; i < len; i++)
        if (((unsigned char)peek(r, i) & 0xC0) != 0x80)
            return 0;
    return len;
}

/* The backslash here and what it escapes. */
static void repair_escape(struct repair *r)
{
    char next = peek(r, 1);
    bool valid = next != '\0' && memchr("\"\\/bfnrt", next, 8) != NULL;
    if (next == 'u')
        valid =
            is_hex(peek(r, 2)) && is_hex(peek(r, 3)) && is_hex(peek(r, 4)) && is_hex(peek(r, 5));
    if (!valid) {
        ha_buf_str(r->out, "\\\\");
        r->at++;
        return;
    }
    ha_buf_bytes(r->out, r->in.ptr + r->at, 2);
    r->at += 2;
}

/* The text behind an opening quote, up to and with the closing one. */
static void repair_string(struct repair *r)
{
    while (r->at < r->in.len) {
        unsigned char c = (unsigned char)r->in.ptr[r->at];
        if (c == '\\') {
            repair_escape(r);
            continue;
        }
        size_t len = c < 0x80 ? 1 : sequence(r);
        if (c < 0x20)
            ha_buf_printf(r->out, "\\u%04x", c);
        else if (len == 0)
            ha_buf_str(r->out, "\xEF\xBF\xBD");
        else
            ha_buf_bytes(r->out, r->in.ptr + r->at, len);
        r->at += len == 0 ? 1 : len;
        if (c == '"')
            return;
    }
}

/* The value behind a colon, where it is one that JSON does not have; the rest is left as it is. */
static void repair_value(struct repair *r)
{
    while (peek(r, 0) == ' ' || peek(r, 0) == '\t')
        ha_buf_char(r->out, r->in.ptr[r->at++]);
    char c = peek(r, 0), next = peek(r, 1);
    if (c == ',' || c == '}') {
        ha_buf_str(r->out, "null");
    } else if (c == '-' && !ha_is_digit(next)) {
        ha_buf_str(r->out, "null");
        r->at++;
    } else if (c == '0' && ha_is_digit(next)) {
        ha_buf_char(r->out, '"');
        while (ha_is_digit(peek(r, 0)) || peek(r, 0) == '.')
            ha_buf_char(r->out, r->in.ptr[r->at++]);
        ha_buf_char(r->out, '"');
    }
}

bool ha_json_repair(struct ha_view line, struct ha_buf *to)
{
    struct repair r = {.in = line, .out = to};
    while (r.at < line.len) {
        char c = line.ptr[r.at++];
        ha_buf_char(to, c);
        if (c == '"')
            repair_string(&r);
        else if (c == ':')
            repair_value(&r);
    }
    return ha_buf_ok(to);
}
