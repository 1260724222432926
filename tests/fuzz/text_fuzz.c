/* text_fuzz.c - any bytes made safe: JSON stays UTF-8, a terminal gets no control byte. */
#include <string.h>

#include "fuzz.h"
#include "httpannotate/out.h"

/* Length of the valid UTF-8 sequence (RFC 3629) at p, or 0; written apart from the code tried. */
static size_t sequence(const unsigned char *p, size_t left)
{
    static const struct {
        unsigned char low, high, second_low, second_high;
        size_t len;
    } rows[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < HA_COUNT(rows); i++) {
        if (p[0] < rows[i].low || p[0] > rows[i].high || rows[i].len > left)
            continue;
        if (rows[i].len > 1 && (p[1] < rows[i].second_low || p[1] > rows[i].second_high))
            return 0;
        for (size_t k = 2; k < rows[i].len; k++)
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        return rows[i].len;
    }
    return 0;
}

static void check_utf8(const struct ha_buf *b)
{
    for (size_t i = 0; i < b->len;) {
        size_t n = sequence((const unsigned char *)b->ptr + i, b->len - i);
        HA_ASSERT(n > 0);
        i += n;
    }
}

static void check_json(struct ha_view v)
{
    struct ha_buf b = {0};
    ha_buf_json_string(&b, v);
    HA_ASSERT(ha_buf_ok(&b) && b.len >= 2 && b.ptr[0] == '"' && b.ptr[b.len - 1] == '"');
    check_utf8(&b);
    for (size_t i = 1; i + 1 < b.len; i++) {
        HA_ASSERT((unsigned char)b.ptr[i] >= 0x20);
        if (b.ptr[i] == '\\') {
            HA_ASSERT(i + 2 < b.len && strchr("\"\\/bfnrtu", b.ptr[i + 1]) != NULL);
            i++;
        } else {
            HA_ASSERT(b.ptr[i] != '"');
        }
    }
    ha_buf_free(&b);
}

static void check_visible(struct ha_view v, bool keep_tab)
{
    struct ha_buf b = {0};
    ha_buf_visible(&b, v, keep_tab);
    HA_ASSERT(ha_buf_ok(&b) && b.len >= v.len);
    check_utf8(&b);
    for (size_t i = 0; i < b.len; i++) {
        unsigned char c = (unsigned char)b.ptr[i];
        HA_ASSERT((c >= 0x20 && c != 0x7f) || (keep_tab && c == '\t'));
        /* C1 as UTF-8, and the marks that turn the direction of text. */
        HA_ASSERT(!(c == 0xc2 && (unsigned char)b.ptr[i + 1] < 0xa0));
        HA_ASSERT(i + 2 >= b.len || memcmp(b.ptr + i, "\xe2\x80\xae", 3) != 0);
    }
    HA_ASSERT(ha_text_width((struct ha_view){b.ptr, b.len}) <= b.len);
    ha_buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = fuzz_copy(data, size);
    struct ha_view v = {copy, size};
    check_json(v);
    check_visible(v, false);
    check_visible(v, true);
    ha_free(copy);
    return 0;
}
