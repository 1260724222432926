/* view.c - borrowed bytes compared and read. */
#include "httpannotate/base.h"

#include <string.h>

struct ha_view ha_view_of(const char *s)
{
    return (struct ha_view){s, strlen(s)};
}

bool ha_view_eq(struct ha_view a, struct ha_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool ha_view_is(struct ha_view a, const char *s)
{
    return ha_view_eq(a, ha_view_of(s));
}

int ha_view_cmp(struct ha_view a, struct ha_view b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int by_bytes = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);
    if (by_bytes != 0)
        return by_bytes;
    return (a.len > b.len) - (a.len < b.len);
}

bool ha_view_is_shell_word(struct ha_view a)
{
    for (size_t i = 0; i < a.len; i++) {
        char c = a.ptr[i], lower = (char)(c | 0x20);
        bool plain =
            (lower >= 'a' && lower <= 'z') || ha_is_digit(c) || memchr("./_-+:@%=,", c, 10) != NULL;
        if (!plain)
            return false;
    }
    return a.len > 0;
}

static unsigned char lower(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

bool ha_view_eq_nocase(struct ha_view a, struct ha_view b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

bool ha_view_u64(struct ha_view v, uint64_t *out)
{
    uint64_t n = 0;
    if (v.len == 0)
        return false;
    for (size_t i = 0; i < v.len; i++) {
        unsigned digit = (unsigned)(unsigned char)v.ptr[i] - '0';
        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}
