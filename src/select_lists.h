/* select_lists.h - the lists that choose by status, method and client.
 *
 * Each is read once from "a,b,!c". A member is chosen when it is in an entry without "!" (or there
 * is no such entry) and in none with it; the order of entries means nothing. */
#ifndef HA_SELECT_LISTS_H
#define HA_SELECT_LISTS_H

#include "httpannotate/record.h"

/* One entry of a list on its way through ha_list_next. */
struct ha_list_entry {
    struct ha_view text; /* without "!" and without blanks around it */
    bool leave_out;      /* it had a "!" */
};
/* Takes the next entry off *rest; false at the end. An empty entry has an empty text. */
bool ha_list_next(struct ha_view *rest, struct ha_list_entry *entry);

/* Bit n is status n; bit HA_STATUS_SET_NONE is a record without one. */
#define HA_STATUS_SET_NONE 1000
struct ha_status_set {
    uint64_t bits[16];
};
enum ha_err ha_status_set_read(const char *list, struct ha_status_set *out,
                               struct ha_problem *p) HA_MUST_USE;
/* Leaves only statuses from 400 to 599. */
void ha_status_set_errors_only(struct ha_status_set *set);
void ha_status_set_all(struct ha_status_set *set);
static inline bool ha_status_set_has(const struct ha_status_set *set, int status)
{
    unsigned n = status < 0 ? HA_STATUS_SET_NONE : (unsigned)status;
    return (set->bits[n / 64] >> (n % 64) & 1u) != 0;
}

/* A member of a list by name; the text is the option's own. */
struct ha_named {
    struct ha_view name;
    bool leave_out;
};
#define HA_METHOD_SET_MAX 256
struct ha_method_set {
    bool listed[HA_METHOD_SET_MAX]; /* by index of the method table */
    bool none;                      /* records without a method */
    bool others;            /* methods that the table does not have and the list does not name */
    struct ha_named *named; /* those the list names */
    size_t named_count;
};
enum ha_err ha_method_set_read(const char *list, struct ha_method_set *out,
                               struct ha_problem *p) HA_MUST_USE;
void ha_method_set_free(struct ha_method_set *set);
bool ha_method_set_has(const struct ha_method_set *set, const struct ha_record *r);

/* A range of addresses; IPv4 is kept as IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2). */
struct ha_net {
    uint8_t address[16]; /* host bits cleared */
    unsigned bits;       /* 0 to 128, of the mapped form */
    bool v4;
    bool leave_out;
};
struct ha_client_set {
    struct ha_net *nets;
    size_t net_count;
    struct ha_named *names;
    size_t name_count;
    bool others; /* clients that no entry covers */
};
enum ha_err ha_client_set_read(const char *list, struct ha_client_set *out,
                               struct ha_problem *p) HA_MUST_USE;
void ha_client_set_free(struct ha_client_set *set);
/* client is as a log has it: an address, with brackets, port or zone, or a host name. */
bool ha_client_set_has(const struct ha_client_set *set, struct ha_view client);

#endif
