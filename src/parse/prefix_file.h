/* prefix_file.h - what grep and its kin put before a line: the file's name, the line's number. */
#ifndef HTTPANNOTATE_PARSE_PREFIX_FILE_H
#define HTTPANNOTATE_PARSE_PREFIX_FILE_H

#include "httpannotate/base.h"

/* Whether the first word of v (up to a blank) is an address, with or without a port, alone or the
 * first of a chain: four numbers, or an IPv6 address of a range that is in use (2000::/3, fc00::/6
 * and above, ::, 64:ff9b::). */
bool ha_is_address(struct ha_view v);
/* The bytes of "FILE:", "FILE:NUMBER:" or "NUMBER:" before a client that begins a line; 0 where
 * there is none, or where the whole may as well be the client (12:2001:db8::1 is an address, if one
 * that nobody has). */
size_t ha_file_prefix(struct ha_view line);
/* The same before anything else that begins a log line: a brace or bracket, a date, a quote, a
 * host with its port before a client. What is behind it must be read to be sure. */
size_t ha_file_prefix_loose(struct ha_view line);
/* The bytes of "      2 ", a count with blanks before it and one behind, as uniq -c writes it: no
 * format begins so. 0: there is none. */
size_t ha_count_prefix(struct ha_view line);

#endif
