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
        uint32_t code;
        size_t len = ha_utf8_decode((struct ha_view){r->in.ptr + r->at, r->in.len - r->at}, &code);
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
