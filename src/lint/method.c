/* method.c - rules on methods: unknown ones, those that open a door, those that are tried. */
#include "lint.h"

#include "httpannotate/address.h"

#include <string.h>

static bool is_upper_case_known(struct ha_view token)
{
    char upper[64];
    bool lower = false;
    if (token.len == 0 || token.len > sizeof upper)
        return false;
    for (size_t i = 0; i < token.len; i++) {
        char c = token.ptr[i];
        bool is_lower = c >= 'a' && c <= 'z';
        lower |= is_lower;
        upper[i] = (char)(is_lower ? c - 'a' + 'A' : c);
    }
    return lower && ha_facts_method_index((struct ha_view){upper, token.len}) >= 0;
}

/* Whether the client is an address that is not of a private or local network (RFC 1918, 6598, 3927,
 * 4193, 4291; loopback). A name says nothing. */
static bool is_public(struct ha_view client)
{
    static const struct {
        bool v4;
        unsigned begin, mask; /* of the first two bytes */
    } within[] = {
        {true, 0x0a00, 0xff00},  {true, 0x7f00, 0xff00},  {true, 0xa9fe, 0xffff},
        {true, 0xac10, 0xfff0},  {true, 0xc0a8, 0xffff},  {true, 0x6440, 0xffc0},
        {false, 0xfe80, 0xffc0}, {false, 0xfc00, 0xfe00}, {false, 0x0000, 0xffff},
    };
    uint8_t address[16];
    bool v4;
    if (!ha_address_read(ha_address_bare(client), address, &v4))
        return false;
    const uint8_t *at = v4 ? address + 12 : address;
    unsigned two = (unsigned)at[0] << 8 | at[1];
    for (size_t i = 0; i < HA_COUNT(within); i++)
        if (v4 == within[i].v4 && (two & within[i].mask) == within[i].begin)
            return false;
    return true;
}

static bool ends_in_script(struct ha_view target)
{
    static const char *const endings[] = {".php", ".jsp", ".asp", ".aspx"};
    const char *query = target.len > 0 ? memchr(target.ptr, '?', target.len) : NULL;
    size_t len = query != NULL ? (size_t)(query - target.ptr) : target.len;
    for (size_t i = 0; i < HA_COUNT(endings); i++) {
        size_t n = strlen(endings[i]);
        if (len >= n &&
            ha_view_eq_nocase((struct ha_view){target.ptr + len - n, n}, ha_view_of(endings[i])))
            return true;
    }
    return false;
}

static void accepted(struct ha_lint_look *k)
{
    const struct ha_lint_methods *m = k->m;
    int method = k->method;
    if (method == m->TRACE || method == m->TRACK)
        ha_found_rule(k, HA_RULE_TRACE, false);
    if (method == m->CONNECT && !k->format->is_proxy && k->protocol.len >= 7 &&
        memcmp(k->protocol.ptr, "HTTP/1.", 7) == 0)
        ha_found_rule(k, HA_RULE_CONNECT, false);
    if ((method == m->PURGE || method == m->BAN) && is_public(ha_get(k->r, HA_FIELD_CLIENT)))
        ha_found_rule(k, HA_RULE_PURGE, false);
    bool writes = method == m->PUT || method == m->DELETE || method == m->MKCOL ||
                  method == m->COPY || method == m->MOVE || method == m->PROPPATCH;
    struct ha_view user = ha_get(k->r, HA_FIELD_USER);
    /* The fast way leaves a user of - out; a format that has no such column has no identity
     * either. */
    if (writes && k->has_request && (user.len == 0 || ha_view_is(user, "-")))
        ha_found_rule(k, HA_RULE_WRITE_ANONYMOUS, ends_in_script(k->target));
}

static void tried(struct ha_lint_look *k)
{
    const struct ha_lint_methods *m = k->m;
    const struct {
        int method;
        enum ha_rule part;
    } probes[] = {
        {m->CONNECT, HA_RULE_PROBE_CONNECT},   {m->TRACE, HA_RULE_PROBE_TRACE},
        {m->TRACK, HA_RULE_PROBE_TRACK},       {m->DEBUG, HA_RULE_PROBE_DEBUG},
        {m->PROPFIND, HA_RULE_PROBE_PROPFIND}, {m->SEARCH, HA_RULE_PROBE_SEARCH},
        {m->MKCOL, HA_RULE_PROBE_MKCOL},       {m->PUT, HA_RULE_PROBE_PUT},
    };
    for (size_t i = 0; i < HA_COUNT(probes); i++)
        if (probes[i].method == k->method)
            ha_found_rule(k, probes[i].part, false);
}

/* Fetch's preflight carries the page's Referer; tools that ask for OPTIONS have none. */
static bool is_preflight(const struct ha_lint_look *k)
{
    struct ha_view agent = ha_get(k->r, HA_FIELD_AGENT), referer = ha_get(k->r, HA_FIELD_REFERER);
    return agent.len > 8 && memcmp(agent.ptr, "Mozilla/", 8) == 0 && referer.len > 1 &&
           !ha_view_is(k->target, "*");
}

void ha_lint_method(struct ha_lint_look *k)
{
    if (k->method == HA_NO_METHOD)
        return;
    if (k->method == HA_UNLISTED_METHOD) {
        bool other_case = is_upper_case_known(ha_get(k->r, HA_FIELD_METHOD));
        ha_found_rule(k, other_case ? HA_RULE_METHOD_CASE : HA_RULE_METHOD_UNKNOWN, k->class == 2);
    }
    if (k->class == 2)
        accepted(k);
    if (k->class == 4 || k->class == 5)
        tried(k);
    if (k->method == k->m->OPTIONS && k->class > 2 && is_preflight(k))
        ha_found_rule(k, HA_RULE_PREFLIGHT, false);
}
