/* json_text.h - one JSON object (RFC 8259) as a list of its values, in the order of the text.
 *
 * Nothing is copied: a value is where it stands in the text, and a number or an escape is worked
 * out by who asks for it. Private to src/parse. */
#ifndef HTTPANNOTATE_PARSE_JSON_TEXT_H
#define HTTPANNOTATE_PARSE_JSON_TEXT_H

#include "parse/arena.h"

/* RFC 8259 leaves depth and size to the reader (section 9). No log line comes near these. */
enum { HA_VALUES_MOST = 1 << 17, HA_VALUES_DEEP = 2048 };

enum ha_value_kind {
    HA_VALUE_NULL,
    HA_VALUE_FALSE,
    HA_VALUE_TRUE,
    HA_VALUE_INTEGER, /* no fraction, no exponent, and it fits in 64 bits with its sign */
    HA_VALUE_REAL,    /* any other number; it fits in a double */
    HA_VALUE_STRING,
    HA_VALUE_ARRAY,
    HA_VALUE_OBJECT,
};

struct ha_value {
    const char *key;  /* of a member of an object, its escapes undone; else NULL */
    const char *text; /* of a string what is between its quotes, of any other the whole */
    uint32_t key_len, text_len;
    uint32_t next; /* index of the value behind this one and all that it holds */
    uint8_t kind;  /* enum ha_value_kind */
    bool escaped;  /* a string with escapes: ha_value_string undoes them */
};

/* The values of one text: the object itself is the first, and what it holds follows each in turn.
 * Initialise with ha_json_text_init; release with ha_json_text_free. */
struct ha_json_text {
    struct ha_value *value;
    size_t count, room;
    struct ha_arena keys; /* those that were written with escapes */
    bool failed;          /* memory ran out: a text may have been refused for that alone */
};
void ha_json_text_init(struct ha_json_text *t);
void ha_json_text_free(struct ha_json_text *t);

enum ha_integers { HA_INTEGERS_EXACT, HA_INTEGERS_AS_REALS };
/* Reads the object that text begins with, behind blanks, and drops what was read before. Returns
 * the length of the blanks and the object; 0: there is none, or it is refused: it breaks a rule of
 * RFC 8259, is no UTF-8 (RFC 3629), has a lone surrogate or a NUL in a key, a number that does not
 * fit, is deeper than HA_VALUES_DEEP or has more than HA_VALUES_MOST values. With
 * HA_INTEGERS_AS_REALS every number is a real, so that none is too big for its lack of a point.
 * The values point into text, which must stay. */
size_t ha_json_text_read(struct ha_json_text *t, struct ha_view text,
                         enum ha_integers integers) HA_MUST_USE;

/* Of a number. */
double ha_value_number(const struct ha_value *v);
/* Undoes the escapes of what stood between a string's quotes: writes at most text.len bytes to
 * *to, which may be where the text is, and returns how many. */
size_t ha_json_unescape(struct ha_view text, char *to);

static inline bool ha_value_is_number(const struct ha_value *v)
{
    return v->kind == HA_VALUE_INTEGER || v->kind == HA_VALUE_REAL;
}
static inline struct ha_view ha_value_text(const struct ha_value *v)
{
    return (struct ha_view){v->text, v->text_len};
}

#endif
