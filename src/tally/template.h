/* template.h - targets that differ in numbers and identifiers alone, written alike. */
#ifndef HTTPANNOTATE_TALLY_TEMPLATE_H
#define HTTPANNOTATE_TALLY_TEMPLATE_H

#include "httpannotate/base.h"

/* Longest target that is looked at; and what the template of one takes at most ("/1" becomes
 * "/:n"). */
#define HA_TEMPLATE_TARGET 2048
#define HA_TEMPLATE_ROOM   (HA_TEMPLATE_TARGET + HA_TEMPLATE_TARGET / 2 + 8)

/* The path of target with each segment that is a number as ":n", a UUID (RFC 9562) as ":uuid", 16
 * or more hexadecimal digits as ":hash"; an extension that begins with a letter stays behind them:
 * "/img/42.jpg" becomes "/img/:n.jpg". A segment is changed as a whole or not at all, and what
 * follows a question mark never. Where nothing is to change the result is target itself; else it is
 * written to `to`, which holds HA_TEMPLATE_ROOM bytes. A target longer than HA_TEMPLATE_TARGET
 * stays as it is. */
struct ha_view ha_template(struct ha_view target, char *to);

#endif
