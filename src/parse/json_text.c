/* json_text.c - a reader of JSON in one pass, without recursion: a value that is open keeps the
 * index of the one around it where the index of its next one will stand. */
#include "parse/json_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "httpannotate/out.h"
#include "parse/vector.h"

/* The list grows to what the longest objects need, and is given back when one was out of the
 * ordinary. */
enum { ROOM_FIRST = 64, ROOM_KEPT = 4096, KEYS_MOST = 2 << 20 };

struct reader {
    struct ha_json_text *t;
    const char *at, *end;
    struct ha_view key; /* of the value that comes next */
    uint32_t open;      /* index of the innermost open array or object */
    uint32_t depth;     /* how many are open */
    bool as_reals;
};

void ha_json_text_init(struct ha_json_text *t)
{
    *t = (struct ha_json_text){.keys = {.most = KEYS_MOST}};
}

void ha_json_text_free(struct ha_json_text *t)
{
    ha_free(t->value);
    ha_arena_free(&t->keys);
    ha_json_text_init(t);
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r' || *r->at == '\n'))
        r->at++;
}

static bool skip(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static int hex_digit(char c)
{
    if (ha_is_digit(c))
        return c - '0';
    unsigned letter = (unsigned)((c | 0x20) - 'a');
    return letter < 6 ? (int)letter + 10 : -1;
}

/* The four digits of \uXXXX from s on; -1: there are no such four before end. */
static int32_t unit_at(const char *s, const char *end)
{
    int32_t unit = 0;
    if (end - s < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(s[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* The length of the escape at s, which is a backslash, or 0 when it is none. Surrogates come in
 * pairs (RFC 8259 section 7): the escape of a pair is both. */
static size_t escape_length(const char *s, const char *end)
{
    if (end - s < 2)
        return 0;
    if (s[1] != 'u')
        return memchr("\"\\/bfnrt", s[1], 8) != NULL ? 2 : 0;
    int32_t unit = unit_at(s + 2, end);
    if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
        return 0;
    if (unit < 0xD800 || unit > 0xDFFF)
        return 6;
    bool pair = end - s >= 12 && s[6] == '\\' && s[7] == 'u';
    int32_t low = pair ? unit_at(s + 8, end) : -1;
    return low >= 0xDC00 && low <= 0xDFFF ? 12 : 0;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xE0 | c >> 12);
        } else {
            *to++ = (char)(0xF0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        }
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (c & 0x3F));
    return to;
}

/* What the escape at s, of the given length, stands for. */
static char *put_escaped(char *to, const char *s, size_t len)
{
    if (len == 2) {
        static const char from[] = "bfnrt", into[] = "\b\f\n\r\t";
        const char *found = memchr(from, s[1], sizeof from - 1);
        *to = found == NULL ? s[1] : into[found - from];
        return to + 1;
    }
    uint32_t code = (uint32_t)unit_at(s + 2, s + len);
    if (len == 12)
        code = 0x10000 + ((code - 0xD800) << 10) + ((uint32_t)unit_at(s + 8, s + len) - 0xDC00);
    return put_utf8(to, code);
}

size_t ha_json_unescape(struct ha_view text, char *to)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    char *begin = to;
    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((backslash == NULL ? end : backslash) - at);
        memmove(to, at, plain);
        to += plain;
        at += plain;
        if (backslash == NULL)
            break;
        size_t len = escape_length(at, end);
        HA_ASSERT(len > 0); /* or the string had been refused */
        to = put_escaped(to, at, len);
        at += len;
    }
    return (size_t)(to - begin);
}

/* Passes over what a string holds as it is: anything but quotes, backslashes, control bytes and
 * bytes beyond ASCII. */
static void skip_plain(struct reader *r)
{
    while (r->end - r->at >= 16) {
        ha_bytes16 v = ha_load16(r->at);
        /* Beyond ASCII is negative. */
        ha_bytes16 special =
            (ha_bytes16)(v < 0x20) | (ha_bytes16)(v == '"') | (ha_bytes16)(v == '\\');
        if (ha_any16(special)) {
            r->at += __builtin_ctz(ha_tops16(special));
            return;
        }
        r->at += 16;
    }
    while (r->at < r->end && (signed char)*r->at >= 0x20 && *r->at != '"' && *r->at != '\\')
        r->at++;
}

/* A string from its opening quote to behind its closing one. */
static bool read_string(struct reader *r, struct ha_view *text, bool *escaped)
{
    const char *begin = ++r->at;
    *escaped = false;
    for (;;) {
        skip_plain(r);
        if (r->at == r->end)
            return false;
        unsigned char c = (unsigned char)*r->at;
        if (c == '"')
            break;
        uint32_t code;
        size_t len = 0;
        if (c == '\\')
            len = escape_length(r->at, r->end);
        else if (c >= 0x80)
            len = ha_utf8_decode((struct ha_view){r->at, (size_t)(r->end - r->at)}, &code);
        if (len == 0)
            return false;
        *escaped |= c == '\\';
        r->at += len;
    }
    *text = (struct ha_view){begin, (size_t)(r->at - begin)};
    r->at++;
    return true;
}

/* The key of a member and the colon behind it. */
static bool read_key(struct reader *r)
{
    bool escaped = false;
    if (r->at == r->end || *r->at != '"' || !read_string(r, &r->key, &escaped))
        return false;
    if (escaped) {
        char *plain = ha_arena_take(&r->t->keys, r->key.len);
        if (plain == NULL)
            return false;
        r->key = (struct ha_view){plain, ha_json_unescape(r->key, plain)};
        if (memchr(plain, '\0', r->key.len) != NULL)
            return false;
    }
    skip_blanks(r);
    if (!skip(r, ':'))
        return false;
    skip_blanks(r);
    return true;
}

static size_t skip_digits(struct reader *r)
{
    const char *begin = r->at;
    while (r->at < r->end && ha_is_digit(*r->at))
        r->at++;
    return (size_t)(r->at - begin);
}

static bool fits_integer(struct ha_view text)
{
    bool negative = text.ptr[0] == '-';
    size_t digits = text.len - negative;
    if (digits != 19)
        return digits < 19;
    return memcmp(text.ptr + negative, negative ? "9223372036854775808" : "9223372036854775807",
                  19) <= 0;
}

/* strtod stops at what ends the number: no text ends with one, and no byte that it would go on
 * with can stand behind a number in an object. */
static double slow_number(struct ha_view text)
{
    return strtod(text.ptr, NULL);
}

/* Up to 200 digits and two of an exponent are far from the largest double. */
static bool fits_real(struct ha_view text, size_t exponent_digits)
{
    if (text.len <= 200 && exponent_digits <= 2)
        return true;
    return isfinite(slow_number(text));
}

/* number = [ minus ] int [ frac ] [ exp ] (RFC 8259 section 6). */
static bool read_number(struct reader *r, struct ha_value *v)
{
    const char *begin = r->at;
    size_t exponent_digits = 0;
    (void)skip(r, '-');
    bool zero = r->at < r->end && *r->at == '0';
    size_t digits = skip_digits(r);
    if (digits == 0 || (zero && digits > 1))
        return false;
    v->kind = r->as_reals ? HA_VALUE_REAL : HA_VALUE_INTEGER;
    if (skip(r, '.')) {
        v->kind = HA_VALUE_REAL;
        if (skip_digits(r) == 0)
            return false;
    }
    if (skip(r, 'e') || skip(r, 'E')) {
        v->kind = HA_VALUE_REAL;
        if (!skip(r, '-'))
            (void)skip(r, '+');
        exponent_digits = skip_digits(r);
        if (exponent_digits == 0)
            return false;
    }
    struct ha_view text = {begin, (size_t)(r->at - begin)};
    v->text = begin;
    v->text_len = (uint32_t)text.len;
    if (r->at == r->end)
        return false;
    return v->kind == HA_VALUE_INTEGER ? fits_integer(text) : fits_real(text, exponent_digits);
}

static bool read_literal(struct reader *r, struct ha_value *v)
{
    static const struct {
        const char *word;
        enum ha_value_kind kind;
    } words[] = {{"null", HA_VALUE_NULL}, {"true", HA_VALUE_TRUE}, {"false", HA_VALUE_FALSE}};
    for (size_t i = 0; i < HA_COUNT(words); i++) {
        size_t len = strlen(words[i].word);
        if ((size_t)(r->end - r->at) < len || memcmp(r->at, words[i].word, len) != 0)
            continue;
        v->kind = (uint8_t)words[i].kind;
        v->text = r->at;
        v->text_len = (uint32_t)len;
        r->at += len;
        return true;
    }
    return false;
}

static bool make_room(struct ha_json_text *t)
{
    size_t room = t->room == 0 ? ROOM_FIRST : 2 * t->room;
    if (t->count == HA_VALUES_MOST)
        return false;
    struct ha_value *grown = ha_realloc(t->value, room * sizeof *grown);
    if (grown == NULL) {
        t->failed = true;
        return false;
    }
    t->value = grown;
    t->room = room;
    return true;
}

/* The value here; of an array or object its opening alone. */
static bool read_value(struct reader *r)
{
    struct ha_json_text *t = r->t;
    if (r->at == r->end || r->depth == HA_VALUES_DEEP || (t->count == t->room && !make_room(t)))
        return false;
    uint32_t index = (uint32_t)t->count++;
    struct ha_value *v = &t->value[index];
    *v = (struct ha_value){.key = r->key.ptr, .key_len = (uint32_t)r->key.len, .next = index + 1};
    r->key = (struct ha_view){NULL, 0};
    char c = *r->at;
    if (c == '"') {
        struct ha_view text;
        if (!read_string(r, &text, &v->escaped))
            return false;
        v->kind = HA_VALUE_STRING;
        v->text = text.ptr;
        v->text_len = (uint32_t)text.len;
        return true;
    }
    if (c == '-' || ha_is_digit(c))
        return read_number(r, v);
    if (c != '{' && c != '[')
        return read_literal(r, v);
    v->kind = c == '{' ? HA_VALUE_OBJECT : HA_VALUE_ARRAY;
    v->text = r->at++;
    v->next = r->open;
    r->open = index;
    r->depth++;
    return true;
}

static void close_value(struct reader *r)
{
    struct ha_value *v = &r->t->value[r->open];
    r->open = v->next;
    r->depth--;
    v->next = (uint32_t)r->t->count;
    v->text_len = (uint32_t)(r->at - v->text);
}

/* One step in the innermost open value: its end, or what it holds next. */
static bool read_on(struct reader *r)
{
    const struct ha_value *in = &r->t->value[r->open];
    bool is_object = in->kind == HA_VALUE_OBJECT;
    bool is_first = r->t->count == (size_t)r->open + 1;
    skip_blanks(r);
    if (skip(r, is_object ? '}' : ']')) {
        close_value(r);
        return true;
    }
    if (!is_first) {
        if (!skip(r, ','))
            return false;
        skip_blanks(r);
    }
    return (!is_object || read_key(r)) && read_value(r);
}

size_t ha_json_text_read(struct ha_json_text *t, struct ha_view text, enum ha_integers integers)
{
    struct reader r = {.t = t,
                       .at = text.ptr,
                       .end = text.ptr + text.len,
                       .as_reals = integers == HA_INTEGERS_AS_REALS};
    t->count = 0;
    ha_arena_reset(&t->keys);
    if (t->room > ROOM_KEPT) {
        ha_free(t->value);
        t->value = NULL;
        t->room = 0;
    }
    if (text.len > UINT32_MAX)
        return 0;
    skip_blanks(&r);
    bool sound = r.at < r.end && *r.at == '{' && read_value(&r);
    while (sound && r.depth > 0)
        sound = read_on(&r);
    if (!sound)
        t->count = 0;
    t->failed |= t->keys.failed;
    return sound ? (size_t)(r.at - text.ptr) : 0;
}

/* Fifteen digits and their power of ten are both exact as doubles, so that their quotient is
 * rounded once, as strtod's; sixteen have no point among them. */
double ha_value_number(const struct ha_value *v)
{
    static const double tens[] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                  1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
    bool negative = v->text[0] == '-', point = false;
    uint64_t digits = 0;
    size_t behind = 0;
    if (v->text_len > 16)
        return slow_number(ha_value_text(v));
    for (size_t i = negative; i < v->text_len; i++) {
        char c = v->text[i];
        if (ha_is_digit(c)) {
            digits = digits * 10 + (unsigned)(c - '0');
            behind += point;
        } else if (c == '.') {
            point = true;
        } else {
            return slow_number(ha_value_text(v));
        }
    }
    double number = (double)digits / tens[behind];
    return negative ? -number : number;
}
