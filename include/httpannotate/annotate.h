/* annotate.h - the note of a record: what its status and method mean, in one line.
 *
 * Layer 3. Notes depend on few things (status, method, "no bytes", the kind of request), so each is
 * written once and kept; a record costs one look-up. */
#ifndef HTTPANNOTATE_ANNOTATE_H
#define HTTPANNOTATE_ANNOTATE_H

#include "httpannotate/facts.h"
#include "httpannotate/out.h"
#include "httpannotate/record.h"

enum ha_note_style {
    HA_NOTE_FULL,    /* "429 Too Many Requests: <meaning> | POST: <meaning>", or the pair's note */
    HA_NOTE_MEANING, /* "429 Too Many Requests: <meaning>" */
    HA_NOTE_PHRASE,  /* "429 Too Many Requests" */
};

struct ha_note {
    struct ha_view text;                 /* the note without "# " */
    struct ha_view ready;                /* what the line style writes of it in each line */
    const struct ha_status_fact *status; /* NULL when the record has no status */
    const struct ha_method_fact *method; /* NULL when it has none, or one that is not listed */
    const struct ha_pair_fact *pair;     /* NULL when method and status mean nothing particular */
};

/* Appends what a line style writes of a note, whatever the line: it is kept with the note. */
struct ha_render_style;
typedef void ha_ready_fn(const struct ha_render_style *style, const struct ha_note *note,
                         struct ha_buf *to);

struct ha_annotator; /* not thread-safe: one per thread */
/* facts, and the style that ready is called with, must outlive it; with ready NULL nothing is kept
 * ready. HA_ERR_MEMORY only. Release with ha_annotator_free. */
enum ha_err ha_annotator_new(const struct ha_facts *facts, enum ha_note_style style,
                             ha_ready_fn *ready, const struct ha_render_style *with,
                             struct ha_annotator **out) HA_MUST_USE;
void ha_annotator_free(struct ha_annotator **a);
/* The note of a matched or salvaged record; it lives as long as the annotator. NULL when memory ran
 * out. Not to be called for other verdicts. */
const struct ha_note *ha_annotate(struct ha_annotator *a, const struct ha_record *r);
/* The notes of those of n records that are selected, NULL for the others. False when memory ran out
 * for one of them. */
bool ha_annotate_batch(struct ha_annotator *a, const struct ha_record *records,
                       const uint8_t *selected, size_t n, const struct ha_note **notes) HA_MUST_USE;

#endif
