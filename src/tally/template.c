/* template.c - one pass over the segments of a path. */
#include "template.h"

#include <string.h>

enum { HASH_DIGITS = 16, EXTENSION_MOST = 16 };

enum { DECIMAL = 1, HEX = 2, LETTER = 4 };

static unsigned kind_of(char c)
{
    if (c >= '0' && c <= '9')
        return DECIMAL | HEX;
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return HEX | LETTER;
    return (c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z') ? LETTER : 0;
}

static size_t run_of(struct ha_view v, unsigned kind)
{
    size_t n = 0;
    while (n < v.len && (kind_of(v.ptr[n]) & kind) != 0)
        n++;
    return n;
}

/* 8-4-4-4-12 hexadecimal digits (RFC 9562, section 4). */
static bool begins_uuid(struct ha_view v)
{
    if (v.len < 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? v.ptr[i] != '-' : (kind_of(v.ptr[i]) & HEX) == 0)
            return false;
    }
    return true;
}

static bool is_extension(struct ha_view v)
{
    if (v.len < 2 || v.len > EXTENSION_MOST || v.ptr[0] != '.' || (kind_of(v.ptr[1]) & LETTER) == 0)
        return false;
    for (size_t i = 2; i < v.len; i++)
        if (v.ptr[i] != '.' && kind_of(v.ptr[i]) == 0)
            return false;
    return true;
}

/* What stands for the segment, "" when it stays; *len: bytes of it that are replaced. */
static const char *replacement(struct ha_view segment, size_t *len)
{
    const char *name = "";
    size_t hex = run_of(segment, HEX), decimal = run_of(segment, DECIMAL);
    if (begins_uuid(segment)) {
        *len = 36;
        name = ":uuid";
    } else if (decimal > 0 && decimal == hex) {
        *len = decimal;
        name = ":n";
    } else if (hex >= HASH_DIGITS) {
        *len = hex;
        name = ":hash";
    } else {
        return "";
    }
    struct ha_view rest = {segment.ptr + *len, segment.len - *len};
    return rest.len == 0 || is_extension(rest) ? name : "";
}

struct ha_view ha_template(struct ha_view target, char *to)
{
    if (target.len > HA_TEMPLATE_TARGET || target.len == 0)
        return target;
    const char *query = memchr(target.ptr, '?', target.len);
    const char *end = query != NULL ? query : target.ptr + target.len;
    const char *kept = target.ptr; /* what is before it has been written */
    size_t used = 0;
    for (const char *at = target.ptr; at < end;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        if (slash == NULL)
            break;
        at = slash + 1;
        if (at == end || (kind_of(*at) & HEX) == 0)
            continue;
        const char *next = memchr(at, '/', (size_t)(end - at));
        struct ha_view segment = {at, (size_t)((next != NULL ? next : end) - at)};
        size_t replaced = 0;
        const char *name = replacement(segment, &replaced);
        size_t name_len = strlen(name);
        if (name_len > 0) {
            memcpy(to + used, kept, (size_t)(at - kept));
            used += (size_t)(at - kept);
            memcpy(to + used, name, name_len);
            used += name_len;
            kept = at + replaced;
        }
        at += segment.len;
    }
    if (used == 0)
        return target;
    size_t rest = target.len - (size_t)(kept - target.ptr);
    memcpy(to + used, kept, rest);
    return (struct ha_view){to, used + rest};
}
