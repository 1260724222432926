/* address.c - IPv4 by hand, as it is read for many records; IPv6 by the C library. */
#include "httpannotate/address.h"

#include <arpa/inet.h>
#include <string.h>

/* Longest text of an address: 45 bytes of IPv6 with an IPv4 tail; more is no address. */
#define ADDRESS_TEXT 64

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* Four numbers to 255 apart by points, none with a needless 0 before it. */
static bool read_dotted(struct ha_view text, uint8_t to[4])
{
    size_t at = 0;
    for (size_t part = 0; part < 4; part++) {
        if (part > 0 && (at >= text.len || text.ptr[at++] != '.'))
            return false;
        size_t start = at;
        unsigned number = 0;
        for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' && at < start + 3; at++)
            number = number * 10 + (unsigned)(text.ptr[at] - '0');
        if (at == start || number > 255 || (text.ptr[start] == '0' && at > start + 1))
            return false;
        to[part] = (uint8_t)number;
    }
    return at == text.len;
}

bool ha_address_read(struct ha_view text, uint8_t to[16], bool *v4)
{
    if (text.len == 0)
        return false;
    if (memchr(text.ptr, ':', text.len) == NULL) {
        memcpy(to, mapped_prefix, sizeof mapped_prefix);
        *v4 = true;
        return read_dotted(text, to + 12);
    }
    char copy[ADDRESS_TEXT];
    if (text.len >= sizeof copy || memchr(text.ptr, '\0', text.len) != NULL)
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET6, copy, to) != 1)
        return false;
    *v4 = memcmp(to, mapped_prefix, sizeof mapped_prefix) == 0;
    return true;
}

struct ha_view ha_address_bare(struct ha_view v)
{
    if (v.len > 0 && *v.ptr == '[') {
        const char *close = memchr(v.ptr, ']', v.len);
        if (close != NULL)
            v = (struct ha_view){v.ptr + 1, (size_t)(close - v.ptr) - 1};
    } else if (v.len > 0) {
        const char *colon = memchr(v.ptr, ':', v.len);
        if (colon != NULL) {
            size_t before = (size_t)(colon - v.ptr), after = v.len - before - 1;
            if (after == 0 || memchr(colon + 1, ':', after) == NULL)
                v.len = before; /* a single colon: what follows is a port */
        }
    }
    const char *zone = v.len == 0 ? NULL : memchr(v.ptr, '%', v.len);
    if (zone != NULL)
        v.len = (size_t)(zone - v.ptr);
    return v;
}
