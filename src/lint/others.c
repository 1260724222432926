/* others.c - rules on the Referer, the cache verdict and robots.txt. */
#include "lint.h"

#include <string.h>

/* "user:password@" before the host. */
static bool has_credentials(struct ha_view referer)
{
    const char *slashes = memmem(referer.ptr, referer.len, "://", 3);
    if (slashes == NULL)
        return false;
    bool colon = false;
    const char *end = referer.ptr + referer.len;
    for (const char *c = slashes + 3; c < end && *c != '/' && *c != '?'; c++) {
        colon |= *c == ':';
        if (*c == '@')
            return colon;
    }
    return false;
}

void ha_lint_referer(struct ha_lint_look *k)
{
    struct ha_view v = ha_get(k->r, HA_FIELD_REFERER);
    if (v.len > 1 && (memchr(v.ptr, '#', v.len) != NULL || has_credentials(v)))
        ha_found_rule(k, HA_RULE_REFERER, false);
}

/* nginx's and CDNs' HIT in any case; Squid's tags, which may have more behind them. */
static bool is_hit(struct ha_view verdict)
{
    static const char *const hits[] = {"HIT", "TCP_HIT", "TCP_MEM_HIT", "TCP_NEGATIVE_HIT"};
    size_t len = 0;
    while (len < verdict.len && verdict.ptr[len] != '/' && verdict.ptr[len] != ':')
        len++;
    for (size_t i = 0; i < HA_COUNT(hits); i++)
        if (ha_view_eq_nocase((struct ha_view){verdict.ptr, len}, ha_view_of(hits[i])))
            return true;
    return false;
}

static void cache(struct ha_lint_look *k)
{
    static const struct {
        int status;
        bool grave;
    } errors[] = {{425, false}, {428, true},  {429, true},  {431, true}, {500, false},
                  {502, false}, {503, false}, {504, false}, {511, true}};
    struct ha_view verdict = ha_get(k->r, HA_FIELD_CACHE);
    if (verdict.len == 0 || !is_hit(verdict))
        return;
    for (size_t i = 0; i < HA_COUNT(errors); i++)
        if (errors[i].status == k->status)
            ha_found_rule(k, HA_RULE_CACHED_ERROR, errors[i].grave);
}

static void robots(struct ha_lint_look *k)
{
    static const char path[] = "/robots.txt";
    size_t len = sizeof path - 1;
    if (k->class != 5 || k->target.len < len || memcmp(k->target.ptr, path, len) != 0)
        return;
    if (k->target.len == len || k->target.ptr[len] == '?')
        ha_found_rule(k, HA_RULE_ROBOTS, false);
}

void ha_lint_others(struct ha_lint_look *k)
{
    cache(k);
    robots(k);
}
