/* text.c - bytes of strangers made fit for JSON and for terminals. */
#include "httpannotate/out.h"

#include <string.h>

size_t ha_utf8_decode(struct ha_view v, uint32_t *code)
{
    const unsigned char *s = (const unsigned char *)v.ptr;
    unsigned c = s[0];
    if (c < 0x80) {
        *code = c;
        return 1;
    }
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || n > v.len)
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

/* One code point, or one byte that is part of none, at s. Returns how many bytes it took. */
static size_t json_code_point(struct ha_buf *b, const unsigned char *s, size_t len)
{
    uint32_t code = 0;
    size_t n = ha_utf8_decode((struct ha_view){(const char *)s, len}, &code);
    if (n == 0)
        ha_buf_str(b, "\xEF\xBF\xBD");
    else if (json_escapes(code))
        json_escape(b, code);
    else
        ha_buf_bytes(b, s, n);
    return n == 0 ? 1 : n;
}

/* Sixteen bytes at a time, by whatever the processor has for that. */
enum { STEP = 16 };
typedef unsigned char bytes16 __attribute__((vector_size(STEP)));

/* How many of sixteen bytes, from the first on, stand in JSON as they are and are ASCII. */
static inline size_t plain_bytes(bytes16 v)
{
    bytes16 other = (bytes16)((v < 0x20) | (v > 0x7E) | (v == '"') | (v == '\\'));
    uint64_t half[2];
    memcpy(half, &other, sizeof half);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    half[0] = __builtin_bswap64(half[0]);
    half[1] = __builtin_bswap64(half[1]);
#endif
    if (half[0] != 0)
        return (size_t)__builtin_ctzll(half[0]) / 8;
    return half[1] != 0 ? 8 + (size_t)__builtin_ctzll(half[1]) / 8 : STEP;
}

/* The bytes of a text from a place on, fewer than sixteen, and zeros behind them. They are put
 * together in registers: what is written in parts and read as a whole must be waited for. */
static inline bytes16 last_bytes(struct ha_view text, size_t from)
{
    size_t len = text.len - from;
    const char *end = text.ptr + text.len;
    uint64_t low = 0, high = 0;
    if (text.len < 8) {
        for (size_t i = 0; i < len; i++)
            low |= (uint64_t)(unsigned char)text.ptr[from + i] << 8 * i;
    } else if (len <= 8) {
        low = ha_word_at(end - 8) >> 8 * (8 - len);
    } else {
        low = ha_word_at(end - len);
        high = ha_word_at(end - 8) >> 8 * (16 - len);
    }
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    low = __builtin_bswap64(low);
    high = __builtin_bswap64(high);
#endif
    typedef uint64_t words2 __attribute__((vector_size(STEP)));
    return (bytes16)(words2){low, high};
}

/* Copies what stands as it is, and what needs but a backslash, up to anything else; returns how
 * many bytes of the text that were. Sixteen are written at a time: behind those that count lies
 * what the next ones overwrite. */
static size_t json_plain(struct ha_buf *b, struct ha_view text)
{
    enum { BACKSLASHES = 32 };
    size_t done = 0;
    while (done < text.len) {
        char *to = ha_buf_room(b, text.len - done + BACKSLASHES + STEP), *begin = to;
        if (to == NULL)
            return text.len;
        for (const char *most = to + text.len - done + BACKSLASHES; done < text.len;) {
            bytes16 v;
            if (text.len - done >= STEP)
                memcpy(&v, text.ptr + done, STEP);
            else
                v = last_bytes(text, done);
            memcpy(to, &v, STEP);
            size_t n = plain_bytes(v);
            to += n;
            done += n;
            if (n == STEP || done >= text.len)
                continue;
            char c = text.ptr[done];
            if (c != '"' && c != '\\') {
                b->len += (size_t)(to - begin);
                return done;
            }
            if ((size_t)(most - to) <= text.len - done)
                break; /* no room for one more */
            *to++ = '\\';
            *to++ = c;
            done++;
        }
        b->len += (size_t)(to - begin);
    }
    return done;
}

void ha_buf_json_string(struct ha_buf *b, struct ha_view v)
{
    ha_buf_char(b, '"');
    while (v.len > 0) {
        size_t n = json_plain(b, v);
        if (n < v.len)
            n += json_code_point(b, (const unsigned char *)v.ptr + n, v.len - n);
        v = (struct ha_view){v.ptr + n, v.len - n};
    }
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
        size_t n = ha_utf8_decode((struct ha_view){v.ptr + i, v.len - i}, &code);
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

void ha_buf_shell_quoted(struct ha_buf *b, struct ha_view v)
{
    ha_buf_char(b, '\'');
    for (size_t i = 0; i < v.len; i++) {
        if (v.ptr[i] == '\'')
            ha_buf_str(b, "'\\'");
        ha_buf_char(b, v.ptr[i]);
    }
    ha_buf_char(b, '\'');
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
    size_t width = 0;
    for (size_t i = 0; i < v.len;) {
        uint32_t code = 0;
        size_t n = ha_utf8_decode((struct ha_view){v.ptr + i, v.len - i}, &code);
        width += n == 0 ? 1 : cells(code);
        i += n == 0 ? 1 : n;
    }
    return width;
}
