/* select_clients.c - the list of addresses, networks and host names that --client takes. */
#include "select_lists.h"

#include "httpannotate/address.h"

#include <string.h>

/* Keeps the first bits of an address. */
static void keep_prefix(uint8_t address[16], unsigned bits)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned left = bits > i * 8 ? bits - i * 8 : 0;
        if (left < 8)
            address[i] &= (uint8_t)(0xff00u >> left);
    }
}

/* "ADDR" or "ADDR/BITS". */
static bool read_net(struct ha_view text, struct ha_net *net)
{
    struct ha_view address = text;
    const char *slash = text.len == 0 ? NULL : memchr(text.ptr, '/', text.len);
    if (slash != NULL)
        address.len = (size_t)(slash - text.ptr);
    if (!ha_address_read(address, net->address, &net->v4))
        return false;
    bool dotted = memchr(address.ptr, ':', address.len) == NULL;
    uint64_t bits = dotted ? 32 : 128;
    if (slash != NULL) {
        uint64_t given;
        struct ha_view digits = {slash + 1, text.len - address.len - 1};
        if (digits.len > 3 || !ha_view_u64(digits, &given) || given > bits)
            return false;
        bits = given;
    }
    net->bits = (unsigned)bits + (dotted ? 96 : 0);
    net->v4 = net->v4 && net->bits >= 96;
    keep_prefix(net->address, net->bits);
    return true;
}

/* A host name: letters, digits, dots, hyphens, underscores, with a letter in it, so that a mistyped
 * address is not taken for one. */
static bool is_host_name(struct ha_view v)
{
    bool has_letter = false;
    for (size_t i = 0; i < v.len; i++) {
        char c = v.ptr[i];
        bool letter = ha_is_letter(c);
        has_letter |= letter;
        if (!letter && !ha_is_digit(c) && c != '.' && c != '-' && c != '_')
            return false;
    }
    return has_letter;
}

static enum ha_err add_client(struct ha_client_set *set, const struct ha_list_entry *entry,
                              struct ha_problem *p)
{
    struct ha_net net = {.leave_out = entry->leave_out};
    if (read_net(entry->text, &net)) {
        struct ha_net *more = ha_one_more(set->nets, set->net_count, sizeof *more);
        if (more == NULL)
            return ha_problem_set(p, HA_ERR_MEMORY, "--client", "out of memory");
        set->nets = more;
        set->nets[set->net_count++] = net;
        return HA_OK;
    }
    if (!is_host_name(entry->text))
        return ha_problem_set(p, HA_ERR_SYNTAX, "--client",
                              "'%.*s' is no address; it takes a list of addresses (203.0.113.7, "
                              "2001:db8::1), networks (203.0.113.0/24) and host names, each with ! "
                              "before it to leave it out",
                              (int)(entry->text.len < 60 ? entry->text.len : 60), entry->text.ptr);
    struct ha_named *more = ha_one_more(set->names, set->name_count, sizeof *more);
    if (more == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, "--client", "out of memory");
    set->names = more;
    set->names[set->name_count++] = (struct ha_named){entry->text, entry->leave_out};
    return HA_OK;
}

enum ha_err ha_client_set_read(const char *list, struct ha_client_set *out, struct ha_problem *p)
{
    *out = (struct ha_client_set){.others = true};
    struct ha_view rest = ha_view_of(list);
    struct ha_list_entry entry;
    enum ha_err err = HA_OK;
    while (err == HA_OK && ha_list_next(&rest, &entry)) {
        err = add_client(out, &entry, p);
        if (!entry.leave_out)
            out->others = false;
    }
    if (err != HA_OK)
        ha_client_set_free(out);
    return err;
}

void ha_client_set_free(struct ha_client_set *set)
{
    ha_free(set->nets);
    ha_free(set->names);
    *set = (struct ha_client_set){0};
}

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    unsigned whole = bits / 8, left = bits % 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    return left == 0 || ((a[whole] ^ b[whole]) & (uint8_t)(0xff00u >> left)) == 0;
}

bool ha_client_set_has(const struct ha_client_set *set, struct ha_view client)
{
    bool chosen = set->others;
    client = ha_address_bare(client);
    uint8_t address[16];
    bool v4;
    if (ha_address_read(client, address, &v4)) {
        for (size_t i = 0; i < set->net_count; i++) {
            const struct ha_net *net = &set->nets[i];
            if (net->v4 != v4 || !same_prefix(address, net->address, net->bits))
                continue;
            if (net->leave_out)
                return false;
            chosen = true;
        }
        return chosen;
    }
    for (size_t i = 0; i < set->name_count; i++) {
        if (!ha_view_eq_nocase(set->names[i].name, client))
            continue;
        if (set->names[i].leave_out)
            return false;
        chosen = true;
    }
    return chosen;
}
