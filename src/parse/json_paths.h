/* json_paths.h - where the ways that families know lead in the object that was read. One walk over
 * the object answers for all families: the keys of a line are looked up once, not once a family.
 * Private to src/parse. */
#ifndef HTTPANNOTATE_PARSE_JSON_PATHS_H
#define HTTPANNOTATE_PARSE_JSON_PATHS_H

#include "parse/json_keys.h"
#include "parse/json_text.h"

/* A step into the object, taken after another one: of all ways that begin alike the beginning is
 * one. Number 0 stands for the object itself; a step has a greater number than the one before. */
struct ha_json_step {
    const char *name; /* of a member; NULL: an element of an array */
    /* What tells it, but for the middle of a name of more than 16 bytes. */
    struct ha_json_mark {
        uint64_t first, last; /* bytes of the name */
        uint32_t len;         /* of the name, or the index of the element */
        uint16_t before;      /* number of the step before */
        bool named;
    } mark;
};

/* Initialise with {0}; release with ha_json_paths_free. */
struct ha_json_paths {
    struct ha_json_step *step;
    size_t count;
    uint16_t *slot;     /* number of a step by its hash; 0: free */
    size_t slots;       /* a power of two, at least twice the count */
    size_t elements;    /* no index is greater than this less one */
    size_t words;       /* of the bits below */
    uint64_t *leads_on; /* bit n: steps follow step n */
    uint64_t *taken;    /* bit n: step n leads to a value of the object that was read */
    uint32_t *leads_to; /* that value's index */
};

enum { HA_JSON_PATHS_MOST = UINT16_MAX };
/* Adds a way and puts the number of its last step in *number: the same way has the same number.
 * path must live as long as the paths. HA_ERR_LIMIT: there are too many. */
enum ha_err ha_json_paths_add(struct ha_json_paths *p, const struct ha_path *path,
                              uint16_t *number) HA_MUST_USE;
/* To be called once all are added. */
enum ha_err ha_json_paths_ready(struct ha_json_paths *p) HA_MUST_USE;
void ha_json_paths_free(struct ha_json_paths *p);

/* Walks the object of text, which holds at least the object itself. Of members with one key the
 * last counts (RFC 8259 section 4 leaves it open; readers mostly do so). */
void ha_json_paths_follow(struct ha_json_paths *p, const struct ha_json_text *text);

static inline bool ha_json_path_taken(const struct ha_json_paths *p, uint16_t number)
{
    return (p->taken[number / 64] >> number % 64 & 1) != 0;
}
/* The value that the way leads to, or NULL. */
static inline const struct ha_value *
ha_json_path_value(const struct ha_json_paths *p, const struct ha_json_text *text, uint16_t number)
{
    return ha_json_path_taken(p, number) ? &text->value[p->leads_to[number]] : NULL;
}

#endif
