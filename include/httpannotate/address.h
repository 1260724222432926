/* address.h - addresses as logs write them.
 *
 * Layer 0. IPv4 is kept as IPv4-mapped IPv6 (RFC 4291, section 2.5.5.2), so that there is one form.
 */
#ifndef HTTPANNOTATE_ADDRESS_H
#define HTTPANNOTATE_ADDRESS_H

#include "httpannotate/base.h"

/* Reads an address alone, 192.0.2.1 or 2001:db8::1 (RFC 4291, section 2.2), into *to; *v4 for IPv4
 * in either form. False when it is none: both may then be overwritten. */
bool ha_address_read(struct ha_view text, uint8_t to[16], bool *v4);
/* What is left of a client column without brackets, port and zone: "[::1]:443", "192.0.2.1:80",
 * "fe80::1%eth0". */
struct ha_view ha_address_bare(struct ha_view client);

#endif
