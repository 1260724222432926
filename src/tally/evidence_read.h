/* evidence_read.h - samples made ready for questions: every value a number, every entry a weight.
 */
#ifndef HTTPANNOTATE_TALLY_EVIDENCE_READ_H
#define HTTPANNOTATE_TALLY_EVIDENCE_READ_H

#include "httpannotate/evidence.h"

/* An entry of a sample. */
struct ha_testimony {
    int64_t minute;
    uint64_t count;
    double weight;            /* records that it stands for: count / chance of being kept */
    uint32_t id[HA_ASPECT_N]; /* of its values; 0: none */
    int16_t status;
    bool is_error;
    bool is_part; /* others of its minute and status were passed over, or may have been */
};

/* The entries that a question sets against each other. */
enum ha_side {
    HA_SIDE_BURST,   /* of the group in the span */
    HA_SIDE_USUAL,   /* of the group outside its incidents */
    HA_SIDE_TRAFFIC, /* all outside them */
    HA_SIDES
};
/* Sums of one question over the entries that have a value. */
struct ha_value_sums {
    double weight[HA_SIDES];
    uint64_t count;   /* records of the burst's entries */
    uint32_t entries; /* of the burst */
};

struct ha_value {
    size_t at, len; /* in text */
    uint64_t hash;
    uint32_t network; /* of a client: the number of its network, 0: none */
    uint8_t aspect;
    struct ha_value_sums sums; /* of the question in hand */
};

struct ha_evidence_reading {
    struct ha_testimony *list; /* errors, then others; in order each, so that sums round alike */
    size_t count;
    uint32_t *room;          /* for as many numbers */
    struct ha_value *values; /* by number; 0 is none */
    size_t value_count, value_room;
    uint32_t *index; /* of values by hash; a power of two */
    size_t slots;
    struct ha_buf text;
    bool failed;
};

struct ha_view ha_value_text(const struct ha_evidence_reading *r, uint32_t id);

#endif
