/* facts_secrets.c - where a target holds what should not be read by those who read the log. */
#include "httpannotate/facts.h"

#include <string.h>

static const struct ha_view names[] = {
#define HA_SECRET(name) {(name), sizeof(name) - 1},
#include "httpannotate/tbl/secrets.def"
#undef HA_SECRET
};
enum { LONGEST_NAME = 16 };

static bool ends_value(char c)
{
    return c == '&' || c == ';' || c == '#' || c == ' ' || c == '"' || c == '\t';
}

/* Most parameters are told from secrets by the last letter of their name. */
static bool may_end_name(char c)
{
    static const char last[] = "dntyhgDNTYHG";
    return memchr(last, c, sizeof last - 1) != NULL;
}

/* The name that ends before `equals`, from the ?, & or ; before it; NULL when none leads it. */
static struct ha_view name_before(struct ha_view text, const char *equals)
{
    const char *at = equals;
    while (at > text.ptr && equals - at <= LONGEST_NAME) {
        char c = at[-1];
        if (c == '?' || c == '&' || c == ';')
            return (struct ha_view){at, (size_t)(equals - at)};
        at--;
    }
    return (struct ha_view){NULL, 0};
}

static bool is_secret(struct ha_view name)
{
    for (size_t i = 0; i < HA_COUNT(names); i++)
        if (ha_view_eq_nocase(name, names[i]))
            return true;
    return false;
}

static struct ha_view value_at(const char *at, const char *end)
{
    const char *stop = at;
    while (stop < end && !ends_value(*stop))
        stop++;
    return (struct ha_view){at, (size_t)(stop - at)};
}

static struct ha_view parameter(struct ha_view text, size_t from)
{
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr + from; at < end; at++) {
        at = memchr(at, '=', (size_t)(end - at));
        if (at == NULL)
            break;
        if (at == text.ptr || !may_end_name(at[-1]) || !is_secret(name_before(text, at)))
            continue;
        struct ha_view value = value_at(at + 1, end);
        if (value.len > 0)
            return value;
    }
    return (struct ha_view){NULL, 0};
}

/* "user:password" of "http://user:password@host". */
static struct ha_view userinfo(struct ha_view text, size_t from)
{
    const char *end = text.ptr + text.len, *at = text.ptr + from;
    if (memchr(at, '@', (size_t)(end - at)) == NULL)
        return (struct ha_view){NULL, 0};
    while ((at = memmem(at, (size_t)(end - at), "://", 3)) != NULL) {
        at += 3;
        bool colon = false;
        for (const char *c = at; c < end && *c != '/' && *c != '?' && !ends_value(*c); c++) {
            colon |= *c == ':';
            if (*c == '@' && colon)
                return (struct ha_view){at, (size_t)(c - at)};
        }
    }
    return (struct ha_view){NULL, 0};
}

struct ha_view ha_facts_secret(struct ha_view text, size_t from)
{
    if (from >= text.len)
        return (struct ha_view){NULL, 0};
    struct ha_view a = parameter(text, from);
    /* No userinfo reaches over the mark that a parameter begins with; and what is looked at once is
     * not looked at again with every secret of a long line. */
    if (a.ptr != NULL)
        text.len = (size_t)(a.ptr - text.ptr);
    struct ha_view b = userinfo(text, from);
    return b.ptr != NULL ? b : a;
}

/* Copies what stands before `upto`, as far as there is room. */
static size_t copy(char *to, size_t used, size_t room, const char *from, const char *upto)
{
    size_t len = (size_t)(upto - from);
    len = len < room - used ? len : room - used;
    if (len > 0)
        memcpy(to + used, from, len);
    return used + len;
}

struct ha_view ha_facts_masked(struct ha_view text, char *to, size_t room)
{
    static const char mask[] = "***";
    struct ha_view looked_at = {text.ptr, text.len < 4 * room ? text.len : 4 * room};
    struct ha_view secret = ha_facts_secret(looked_at, 0);
    if (secret.ptr == NULL)
        return text;
    const char *at = text.ptr;
    size_t used = 0;
    while (secret.ptr != NULL && used < room) {
        used = copy(to, used, room, at, secret.ptr);
        used = copy(to, used, room, mask, mask + sizeof mask - 1);
        at = secret.ptr + secret.len;
        secret = ha_facts_secret(looked_at, (size_t)(at - text.ptr));
    }
    return (struct ha_view){to, copy(to, used, room, at, looked_at.ptr + looked_at.len)};
}
