/* explain.h - the reference as a dictionary (-x): cards, classes, words, nearest terms.
 *
 * Layer 4. */
#ifndef HTTPANNOTATE_EXPLAIN_H
#define HTTPANNOTATE_EXPLAIN_H

#include "httpannotate/facts.h"
#include "httpannotate/out.h"

struct ha_explain_style {
    bool json; /* -o json */
    bool colour;
    size_t width; /* columns to fold text at */
};
/* Appends the card of each term to `to`; without terms the whole table. A term that is not known is
 * told in `unknown`, one line each with the nearest terms, without the program's name. Returns how
 * many terms were unknown. */
size_t ha_explain(const struct ha_facts *facts, const char *const *terms, size_t count,
                  const struct ha_explain_style *style, struct ha_buf *to, struct ha_buf *unknown);

#endif
