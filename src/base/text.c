/* text.c - bytes of strangers made fit for JSON and for terminals. */
#include "httpannotate/out.h"

#include <string.h>

/* The length of the valid UTF-8 sequence at s (RFC 3629: no surrogates, no overlong forms, at most
 * U+10FFFF) and its code point, or 0 when there is none. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *code)
{
    unsigned c = s[0];
    if (c < 0x80) {
        *code = c;
        return 1;
    }
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || n > len)
        return 0;
    uint32_t value = c & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3Fu);
    }
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[n] || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF)
        return 0;
    *code = value;
    return n;
}

/* Code points that change what is seen around them: controls, bidirectional formatting, line and
 * paragraph separators, zero-width space and byte order mark, language tags. */
static bool deceives(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200B ||
           (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

/* Besides what JSON forbids: what a terminal that shows the JSON would obey, and the joiners that
 * nobody sees. A reader of JSON gets the same text. */
static bool json_escapes(uint32_t c)
{
    return c == '"' || c == '\\' || c == 0x200C || c == 0x200D || deceives(c);
}

static void json_escape(struct ha_buf *b, uint32_t c)
{
    static const char names[] = "btn_fr"; /* 0x08 to 0x0D; 0x0B has none */
    if (c == '"' || c == '\\') {
        ha_buf_char(b, '\\');
        ha_buf_char(b, (char)c);
    } else if (c >= 0x08 && c <= 0x0D && c != 0x0B) {
        ha_buf_char(b, '\\');
        ha_buf_char(b, names[c - 0x08]);
    } else if (c > 0xFFFF) {
        c -= 0x10000;
        ha_buf_printf(b, "\\u%04x\\u%04x", (unsigned)(0xD800 + (c >> 10)),
                      (unsigned)(0xDC00 + (c & 0x3FF)));
    } else {
        ha_buf_printf(b, "\\u%04x", (unsigned)c);
    }
}

void ha_buf_json_string(struct ha_buf *b, struct ha_view v)
{
    const unsigned char *s = (const unsigned char *)v.ptr;
    size_t plain = 0; /* start of the run not yet written */
    if (v.len == 0) {
        ha_buf_str(b, "\"\"");
        return;
    }
    ha_buf_char(b, '"');
    for (size_t i = 0; i < v.len;) {
        uint32_t code = 0;
        size_t n = decode(s + i, v.len - i, &code);
        if (n > 0 && !json_escapes(code)) {
            i += n;
            continue;
        }
        ha_buf_bytes(b, s + plain, i - plain);
        if (n == 0)
            ha_buf_str(b, "\xEF\xBF\xBD");
        else
            json_escape(b, code);
        i += n == 0 ? 1 : n;
        plain = i;
    }
    ha_buf_bytes(b, s + plain, v.len - plain);
    ha_buf_char(b, '"');
}

void ha_buf_visible(struct ha_buf *b, struct ha_view v, bool keep_tab)
{
    const unsigned char *s = (const unsigned char *)v.ptr;
    size_t plain = 0;
    if (v.len == 0)
        return;
    for (size_t i = 0; i < v.len;) {
        uint32_t code = 0;
        size_t n = decode(s + i, v.len - i, &code);
        if (n > 0 && (!deceives(code) || (code == '\t' && keep_tab))) {
            i += n;
            continue;
        }
        ha_buf_bytes(b, s + plain, i - plain);
        for (size_t k = 0; k < (n == 0 ? 1 : n); k++)
            ha_buf_printf(b, "\\x%02X", s[i + k]);
        i += n == 0 ? 1 : n;
        plain = i;
    }
    ha_buf_bytes(b, s + plain, v.len - plain);
}

/* Other scripts have blanks, commas and quotes of their own: only ASCII is plain. */
static bool is_plain(struct ha_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.ptr[i] <= ' ' || v.ptr[i] > '~' || strchr(",()|\"'\\", v.ptr[i]) != NULL)
            return false;
    return v.len > 0;
}

void ha_buf_quoted(struct ha_buf *b, struct ha_view v)
{
    if (is_plain(v)) {
        ha_buf_view(b, v);
        return;
    }
    size_t done = 0;
    ha_buf_char(b, '"');
    for (size_t i = 0; i < v.len; i++) {
        if (v.ptr[i] != '"' && v.ptr[i] != '\\')
            continue;
        ha_buf_visible(b, (struct ha_view){v.ptr + done, i - done}, false);
        ha_buf_char(b, '\\');
        ha_buf_char(b, v.ptr[i]);
        done = i + 1;
    }
    if (done < v.len)
        ha_buf_visible(b, (struct ha_view){v.ptr + done, v.len - done}, false);
    ha_buf_char(b, '"');
}

static size_t cells(uint32_t c)
{
    if ((c >= 0x0300 && c <= 0x036F) || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F))
        return 0;
    bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
                (c >= 0x20000 && c <= 0x3FFFD);
    return wide ? 2 : 1;
}

size_t ha_text_width(struct ha_view v)
{
    const unsigned char *s = (const unsigned char *)v.ptr;
    size_t width = 0;
    for (size_t i = 0; i < v.len;) {
        uint32_t code = 0;
        size_t n = decode(s + i, v.len - i, &code);
        width += n == 0 ? 1 : cells(code);
        i += n == 0 ? 1 : n;
    }
    return width;
}
