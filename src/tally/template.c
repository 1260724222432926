/* template.c - one pass over the segments of a path. */
#include "template.h"

#include <string.h>

enum { HASH_DIGITS = 16, UUID_BYTES = 36, EXTENSION_MOST = 16 };

/* What a byte can be part of; STOP: it ends a segment. */
enum { DECIMAL = 1, HEX = 2, LETTER = 4, STOP = 8 };

#define LOW_HEX(at)   [at] = HEX | LETTER, [(at) + 1] = HEX | LETTER, [(at) + 2] = HEX | LETTER
#define LETTERS(at)   [at] = LETTER, [(at) + 1] = LETTER, [(at) + 2] = LETTER, [(at) + 3] = LETTER
#define DIGITS_AT(at) [at] = DECIMAL | HEX, [(at) + 1] = DECIMAL | HEX
#define ALPHABET(a)                                                                                \
    LOW_HEX(a), LOW_HEX((a) + 3), LETTERS((a) + 6), LETTERS((a) + 10), LETTERS((a) + 14),          \
        LETTERS((a) + 18), LETTERS((a) + 22)
static const unsigned char kinds[256] = {
    DIGITS_AT('0'), DIGITS_AT('2'), DIGITS_AT('4'), DIGITS_AT('6'), DIGITS_AT('8'),
    ALPHABET('a'),  ALPHABET('A'),  ['/'] = STOP,   ['?'] = STOP,
};

static inline unsigned kind_of(char c)
{
    return kinds[(unsigned char)c];
}

/* 8-4-4-4-12 hexadecimal digits (RFC 9562, section 4); the first 8 have been seen. */
static bool begins_uuid(const char *at, size_t len)
{
    if (len < UUID_BYTES)
        return false;
    for (size_t i = 8; i < UUID_BYTES; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? at[i] != '-' : (kind_of(at[i]) & HEX) == 0)
            return false;
    }
    return true;
}

/* A point and a letter, then letters, digits and points, to the end of the segment. */
static bool is_extension(const char *at, size_t len)
{
    if (len < 2 || len > EXTENSION_MOST || at[0] != '.' || (kind_of(at[1]) & LETTER) == 0)
        return false;
    for (size_t i = 2; i < len; i++)
        if (at[i] != '.' && kind_of(at[i]) == 0)
            return false;
    return true;
}

struct name {
    const char *text;
    size_t len;      /* 0: the segment stays */
    size_t replaced; /* bytes of the segment that it stands for */
};

static struct name name_of(const char *at, size_t len)
{
    unsigned all = DECIMAL;
    size_t hex = 0;
    struct name name = {"", 0, 0};
    for (unsigned kind; hex < len && ((kind = kind_of(at[hex])) & HEX) != 0; hex++)
        all &= kind;
    if (hex > 0 && all != 0)
        name = (struct name){":n", 2, hex};
    else if (hex >= HASH_DIGITS)
        name = (struct name){":hash", 5, hex};
    if (hex == 8 && begins_uuid(at, len))
        name = (struct name){":uuid", 5, UUID_BYTES};
    if (name.replaced < len && !is_extension(at + name.replaced, len - name.replaced))
        name.len = 0;
    return name;
}

struct ha_view ha_template(struct ha_view target, char *to)
{
    if (target.len > HA_TEMPLATE_TARGET || target.len == 0)
        return target;
    const char *at = target.ptr, *end = at + target.len;
    const char *kept = at; /* what is before it has been written */
    char *next = to;
    while (at < end && *at != '?') {
        const char *slash = at++;
        const char *segment = at;
        while (at < end && (kind_of(*at) & STOP) == 0)
            at++;
        if (*slash != '/' || segment == at || (kind_of(*segment) & HEX) == 0)
            continue;
        struct name name = name_of(segment, (size_t)(at - segment));
        if (name.len == 0)
            continue;
        memcpy(next, kept, (size_t)(segment - kept));
        next += segment - kept;
        memcpy(next, name.text, name.len);
        next += name.len;
        kept = segment + name.replaced;
    }
    if (next == to)
        return target;
    memcpy(next, kept, (size_t)(end - kept));
    return (struct ha_view){to, (size_t)(next - to) + (size_t)(end - kept)};
}
