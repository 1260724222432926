/* request.h - the request line as logged: method, target, protocol. */
#ifndef HTTPANNOTATE_PARSE_REQUEST_H
#define HTTPANNOTATE_PARSE_REQUEST_H

#include "httpannotate/record.h"

/* Splits a request line (RFC 9112 section 3) into METHOD, TARGET and PROTOCOL of *r and sets
 * r->method. What is no HTTP request keeps REQUEST alone, with HA_NO_METHOD. A target may hold
 * blanks when a protocol stands behind it; without a protocol (HTTP/0.9) it may not. */
void ha_split_request(struct ha_record *r, struct ha_view request);
/* Whether v has one of the four forms of a target (RFC 9112 section 3.2), judged by its first
 * bytes. */
bool ha_is_target(struct ha_view v, struct ha_view method);
/* Sets METHOD and r->method from a method token that a format logs alone; "-" and what is no token
 * (RFC 9110 section 5.6.2) give HA_NO_METHOD. */
void ha_set_method(struct ha_record *r, struct ha_view token);

#endif
