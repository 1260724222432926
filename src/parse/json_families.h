/* json_families.h - which families could read an object: those all of whose needs it meets.
 * Private to src/parse. */
#ifndef HTTPANNOTATE_PARSE_JSON_FAMILIES_H
#define HTTPANNOTATE_PARSE_JSON_FAMILIES_H

#include "httpannotate/record.h"
#include "parse/json_paths.h"

/* A "key" line: its field and the number of its way in the paths. */
struct ha_json_key {
    uint64_t unit_ns; /* as of struct ha_key */
    uint16_t number;
    uint8_t field, kind;
};

/* The keys of a family, and the numbers of its other ways in the paths. */
struct ha_json_family {
    const struct ha_keys *keys;
    const struct ha_json_key *key; /* as many as keys has; those of the status first */
    size_t status_keys;
    /* The keys that the object filled last had, in their order: the next one mostly has the same.
     * seen: the ways it took. */
    uint64_t *seen;
    uint16_t *has;
    size_t has_status, has_count; /* of the status; all of them */
    const uint16_t *need, *inner; /* need: all ways of the first need, of the next, ... */
    bool names_a_request; /* false for a format whose lines tell of responses alone (Fastify's) */
};

/* Release with ha_json_families_free. */
struct ha_json_families {
    struct ha_json_paths paths;
    struct ha_json_family *family;
    size_t count;
    struct ha_json_key *keys; /* these own those of the families */
    uint16_t *numbers, *has;
    uint64_t *seen;
    /* Lines of one log have few shapes: which families' needs are met is worked out once for all
     * lines that have the same of the keys that are needed. These have the lowest numbers, so
     * that they are the first bits of the ways taken. A shape is need_words words of those bits
     * and family_words words with a bit for each family. */
    size_t need_words, family_words;
    uint64_t last_needs; /* the bits of the last of need_words that are of needs */
    uint64_t *shapes;
    const uint64_t *meets; /* the families' words of the object's shape */
};
/* keys must outlive *f. *f is to be released also on failure. */
enum ha_err ha_json_families_init(struct ha_json_families *f, const struct ha_keys *const *keys,
                                  size_t count) HA_MUST_USE;
void ha_json_families_free(struct ha_json_families *f);

/* Looks into the object of text, for the ways of all families and for what follows. */
void ha_json_families_see(struct ha_json_families *f, const struct ha_json_text *text);
/* Whether the object seen last meets a family's needs. */
static inline bool ha_json_family_meets(const struct ha_json_families *f, size_t family)
{
    return (f->meets[family / 64] >> family % 64 & 1) != 0;
}
/* Works out .has for the object seen last. */
void ha_json_family_keys(const struct ha_json_families *f, struct ha_json_family *family);
/* The first family from `from` on whose needs it meets, or count. */
size_t ha_json_family_next(const struct ha_json_families *f, size_t from);

#endif
