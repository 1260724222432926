/* target.c - rules on what is in the target. */
#include "lint.h"

#include <string.h>

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* A byte that may not stand in a target as it is, or an escape that a logger wrote for one. */
static bool is_illegal_at(struct ha_view t, size_t i)
{
    unsigned char c = (unsigned char)t.ptr[i];
    if (c == '\\')
        return i + 1 < t.len &&
               (t.ptr[i + 1] == '"' || (t.ptr[i + 1] == 'x' && i + 3 < t.len &&
                                        is_hex(t.ptr[i + 2]) && is_hex(t.ptr[i + 3])));
    return c <= ' ' || c >= 0x7f || c == '#' || c == '<' || c == '>' || c == '"';
}

static void characters(struct ha_lint_look *k)
{
    for (size_t i = 0; i < k->target.len; i++) {
        if (is_illegal_at(k->target, i)) {
            ha_found_rule(k, HA_RULE_TARGET_CHARS, k->class == 2);
            return;
        }
    }
}

/* The host of "http://host:port/", without its port. */
static bool absolute(struct ha_view t, struct ha_view *host)
{
    static const char scheme[] = "http://";
    size_t len = sizeof scheme - 1, end = len;
    if (t.len <= len || !ha_view_eq_nocase((struct ha_view){t.ptr, len}, HA_VIEW_LIT("http://")))
        return false;
    while (end < t.len && t.ptr[end] != '/' && t.ptr[end] != '?' && t.ptr[end] != ':')
        end++;
    *host = (struct ha_view){t.ptr + len, end - len};
    return true;
}

static void address(struct ha_lint_look *k)
{
    struct ha_view host, own = ha_get(k->r, HA_FIELD_HOST);
    if (k->format->is_proxy || !k->has_request || !absolute(k->target, &host))
        return;
    const char *colon = own.len > 0 ? memchr(own.ptr, ':', own.len) : NULL;
    if (colon != NULL)
        own.len = (size_t)(colon - own.ptr);
    bool known = own.len > 1;
    if (!known || !ha_view_eq_nocase(host, own))
        ha_found_rule(k, HA_RULE_ABSOLUTE_FORM, known && k->class == 2);
}

/* Values of action=, do=, op=, cmd= by which a read is none. */
static bool is_action(struct ha_view value)
{
    static const char *const verbs[] = {"delete",  "remove", "drop",    "logout",  "approve",
                                        "destroy", "purge",  "disable", "publish", "trash"};
    for (size_t i = 0; i < HA_COUNT(verbs); i++) {
        size_t len = strlen(verbs[i]);
        if (value.len >= len &&
            ha_view_eq_nocase((struct ha_view){value.ptr, len}, ha_view_of(verbs[i])) &&
            (value.len == len || value.ptr[len] == '&' || value.ptr[len] == ';'))
            return true;
    }
    return false;
}

static bool has_action(struct ha_view query)
{
    static const char *const names[] = {"action=", "do=", "op=", "cmd="};
    for (size_t at = 0; at < query.len; at++) {
        bool begins = at == 0 || query.ptr[at - 1] == '&' || query.ptr[at - 1] == ';';
        for (size_t i = 0; begins && i < HA_COUNT(names); i++) {
            size_t len = strlen(names[i]);
            if (query.len - at > len && memcmp(query.ptr + at, names[i], len) == 0 &&
                is_action((struct ha_view){query.ptr + at + len, query.len - at - len}))
                return true;
        }
    }
    return false;
}

static void query(struct ha_lint_look *k)
{
    const char *mark = memchr(k->target.ptr, '?', k->target.len);
    if (mark == NULL || k->method != k->m->GET || (k->class != 2 && k->class != 3))
        return;
    struct ha_view q = {mark + 1, k->target.len - (size_t)(mark + 1 - k->target.ptr)};
    if (has_action(q))
        ha_found_rule(k, HA_RULE_UNSAFE_GET, false);
}

void ha_lint_target(struct ha_lint_look *k)
{
    enum { RECOMMENDED = 8000 };
    if (k->target.len == 0)
        return;
    characters(k);
    address(k);
    query(k);
    if (ha_facts_secret(k->target, 0).ptr != NULL)
        ha_found_rule(k, HA_RULE_SECRETS, false);
    if (k->status == 414 && k->target.len < RECOMMENDED)
        ha_found_rule(k, HA_RULE_URI_LIMIT, false);
}
