/* json_repair.h - JSON that a server wrote by hand, made good. */
#ifndef HTTPANNOTATE_PARSE_JSON_REPAIR_H
#define HTTPANNOTATE_PARSE_JSON_REPAIR_H

#include "httpannotate/out.h"

/* Appends line to *to with what servers' log formats break put right: each byte that is no UTF-8
 * becomes U+FFFD, a bare control byte its escape; a backslash before what JSON does not escape
 * (nginx's and Apache's \xHH) stands for itself; a value that is missing, or - alone, becomes
 * null; a number that begins with 0 becomes a string. Nothing that reads already changes. False
 * when memory ran out. */
bool ha_json_repair(struct ha_view line, struct ha_buf *to) HA_MUST_USE;

#endif
