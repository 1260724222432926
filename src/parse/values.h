/* values.h - how the text of a field becomes a value of the record, whatever format it came
 * from. */
#ifndef HTTPANNOTATE_PARSE_VALUES_H
#define HTTPANNOTATE_PARSE_VALUES_H

#include "httpannotate/record.h"
#include "parse/arena.h"

/* 0 to 999, or HA_NO_STATUS. */
int16_t ha_read_status(struct ha_view text);
/* 1.234 units of unit_ns nanoseconds as microseconds, rounded down; false when it is no number
 * or too big. */
bool ha_read_duration(struct ha_view text, uint64_t unit_ns, uint64_t *us);
/* The same, but the text may say its unit itself: "0.123s", "12 ms", "1m2.5s", as Go and protobuf
 * write durations. unit_ns 0: what has no unit of its own is not read. */
bool ha_read_span(struct ha_view text, uint64_t unit_ns, uint64_t *us);
/* A time in one of the spellings that logs use where a format does not say: RFC 3339 (also with
 * a blank for the T, without a zone, or with slashes), the common log format's with or without
 * brackets, an IMF date (RFC 9110 section 5.6.7), or a count since the epoch, whose size tells
 * its unit. Where it names no zone *offset_min is HA_NO_ZONE (timefmt.h). */
bool ha_read_any_time(struct ha_view text, int64_t *time_us, int *offset_min);
/* A count since the epoch in seconds, milliseconds, microseconds or nanoseconds: between 1973
 * and 5138 their ranges do not meet. */
bool ha_read_epoch(double count, int64_t *time_us);
/* 2026-11-24 (UTC) as the microsecond it begins with. */
bool ha_read_day(struct ha_view text, int64_t *time_us);
/* 10:00:00 or 10:00:00.123 as microseconds since midnight. */
bool ha_read_clock(struct ha_view text, int64_t *since_midnight_us);

/* Whether it is four numbers of up to three digits, apart by points: as IPv4 addresses are written,
 * though not every one is an address. */
bool ha_is_ipv4_shape(struct ha_view v);
/* 192.0.2.1:443 and [2001:db8::1]:443 without their port (and brackets); a bare IPv6 address has
 * none to take. A view of the same bytes. */
struct ha_view ha_without_port(struct ha_view v);
/* Puts CLIENT: of a chain (a, b, c) the first, the whole into clients. with_port: a port behind an
 * address is taken off, and the brackets of an IPv6 address with it. */
void ha_put_client(struct ha_record *r, struct ha_view text, bool with_port);
/* Puts a text field of any kind but REQUEST. */
void ha_put_text(struct ha_record *r, enum ha_field f, struct ha_view text);
/* Joins QUERY, where the record has one, to TARGET with a question mark; the joined text lives
 * in the arena. False when there was no room. */
bool ha_join_query(struct ha_record *r, struct ha_arena *to) HA_MUST_USE;

#endif
