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
    for (size_t i = ha_lint_odd_from(k->target); i < k->target.len; i++) {
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

#define NAME(name)                                                                                 \
    {                                                                                              \
        (name), sizeof(name) - 1                                                                   \
    }
const struct ha_view ha_lint_action_names[4] = {NAME("action"), NAME("do"), NAME("op"),
                                                NAME("cmd")};
#undef NAME

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

/* Whether one of the names leads a parameter and ends at `equals`. */
static bool is_action_name(struct ha_view query, const char *equals)
{
    const struct ha_view *names = ha_lint_action_names;
    size_t before = (size_t)(equals - query.ptr);
    for (size_t i = 0; i < HA_COUNT(ha_lint_action_names); i++) {
        if (before < names[i].len)
            continue;
        const char *at = equals - names[i].len;
        if (memcmp(at, names[i].ptr, names[i].len) == 0 &&
            (at == query.ptr || at[-1] == '&' || at[-1] == ';'))
            return true;
    }
    return false;
}

static bool has_action(struct ha_view query)
{
    const char *end = query.ptr + query.len, *at = query.ptr;
    while (at < end && (at = memchr(at, '=', (size_t)(end - at))) != NULL) {
        const char *value = at + 1;
        if (is_action_name(query, at) && is_action((struct ha_view){value, (size_t)(end - value)}))
            return true;
        at = value;
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
