/* partial_base64.c - base64 (RFC 4648, section 4) at the place where the bytes are. */
#include "partial_parts.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t ha_base64_size(size_t n)
{
    return (n / 3 + (n % 3 != 0)) * 4;
}

/* Four digits of up to three bytes; what is not there is written as '='. */
static void spread_group(char *to, const unsigned char *from, size_t n)
{
    uint32_t bits = (uint32_t)from[0] << 16;
    bits |= n > 1 ? (uint32_t)from[1] << 8 : 0;
    bits |= n > 2 ? (uint32_t)from[2] : 0;
    to[0] = digits[bits >> 18];
    to[1] = digits[bits >> 12 & 63];
    to[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
    to[3] = n > 2 ? digits[bits & 63] : '=';
}

/* From the last group to the first: what is written lies behind all that is still to be read. */
void ha_base64_spread(char *at, size_t n)
{
    for (size_t group = n / 3 + (n % 3 != 0); group-- > 0;) {
        size_t from = group * 3;
        unsigned char bytes[3] = {0};
        size_t count = n - from < 3 ? n - from : 3;
        for (size_t i = 0; i < count; i++)
            bytes[i] = (unsigned char)at[from + i];
        spread_group(at + group * 4, bytes, count);
    }
}

/* The value of each digit, + 1; 0: it is none. */
struct values {
    uint8_t of[256];
};

static struct values digit_values(void)
{
    struct values v = {{0}};
    for (uint8_t i = 0; i < 64; i++)
        v.of[(unsigned char)digits[i]] = (uint8_t)(i + 1);
    return v;
}

bool ha_base64_gather(char *at, size_t len, size_t *n)
{
    const struct values values = digit_values();
    size_t missing = 0, out = 0;
    if (len % 4 != 0)
        return false;
    while (missing < 2 && missing < len && at[len - 1 - missing] == '=')
        missing++;
    for (size_t i = 0; i < len; i += 4) {
        size_t here = i + 4 == len ? 4 - missing : 4;
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++) {
            uint32_t value = k < here ? values.of[(unsigned char)at[i + k]] : 1;
            if (value == 0)
                return false;
            bits = bits << 6 | (value - 1);
        }
        at[out++] = (char)(bits >> 16);
        if (here > 2)
            at[out++] = (char)(bits >> 8 & 0xff);
        if (here > 3)
            at[out++] = (char)(bits & 0xff);
        /* One text a run of bytes: the bits that stand for nothing are 0. */
        if ((here == 2 && (bits & 0xffff) != 0) || (here == 3 && (bits & 0xff) != 0))
            return false;
    }
    *n = out;
    return true;
}
