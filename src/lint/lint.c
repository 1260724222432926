/* lint.c - which records are looked at: nearly none.
 *
 * A table over method and status says whether any rule could look; beside that only odd bytes in
 * the target, a query, a version that is not one of four, or a mark in the Referer lead to the
 * rules. */
#include "lint.h"

#include <string.h>

enum ha_err ha_linter_new(const struct ha_facts *facts, const struct ha_lint_format *formats,
                          size_t count, struct ha_linter **out)
{
    struct ha_linter *l = ha_calloc(1, sizeof *l);
    *out = l;
    if (l == NULL)
        return HA_ERR_MEMORY;
    l->facts = facts;
    l->rows = ha_facts_method_count() + 2;
    l->look = ha_calloc(l->rows, HA_LINT_CODES);
    l->formats = ha_calloc(count > 0 ? count : 1, sizeof *l->formats);
    if (l->look == NULL || l->formats == NULL) {
        ha_linter_free(out);
        return HA_ERR_MEMORY;
    }
    if (count > 0)
        memcpy(l->formats, formats, count * sizeof *formats);
    l->format_count = count;
#define X(name) l->m.name = ha_facts_method_index(HA_VIEW_LIT(#name));
    HA_LINT_METHODS(X)
#undef X
    ha_lint_table(l);
    return HA_OK;
}

void ha_linter_free(struct ha_linter **out)
{
    struct ha_linter *l = *out;
    if (l == NULL)
        return;
    ha_free(l->look);
    ha_free(l->formats);
    ha_free(l);
    *out = NULL;
}

bool ha_lint_is_proxy(const char *pattern)
{
    static const char *const begins[] = {"squid", "aws_alb", "aws_elb", "w3c_proxysg",
                                         "gcp",   "azure",   "akamai",  "cloudflare"};
    for (size_t i = 0; i < HA_COUNT(begins); i++)
        if (strncmp(pattern, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

/* ---- the quick look ---- */

typedef signed char bytes16 __attribute__((vector_size(16)));

static inline bytes16 load16(const char *from)
{
    bytes16 v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline bool any16(bytes16 v)
{
    uint64_t half[2];
    memcpy(half, &v, sizeof half);
    return (half[0] | half[1]) != 0;
}

/* Bytes to be looked at in a target: up to #, < = > ? and DEL, and all beyond ASCII. Letters,
 * digits and what else is common are none of them. */
static inline bytes16 odd16(bytes16 v)
{
    return (bytes16)(v < 0x24) | (bytes16)((v | 3) == 0x3f) | (bytes16)(v == 0x7f);
}

static inline bool is_odd(char c)
{
    return (signed char)c < 0x24 || (c | 3) == 0x3f || c == 0x7f;
}

static inline bool target_is_odd(struct ha_view v)
{
    if (v.len == 0 || v.ptr[0] != '/')
        return true;
    if (v.len < 16) {
        bool odd = false;
        for (size_t i = 1; i < v.len; i++)
            odd |= is_odd(v.ptr[i]);
        return odd || memchr(v.ptr, '\\', v.len) != NULL;
    }
    bytes16 odd = odd16(load16(v.ptr + v.len - 16)) | (bytes16)(load16(v.ptr + v.len - 16) == '\\');
    for (size_t i = 0; i + 16 < v.len; i += 16) {
        bytes16 b = load16(v.ptr + i);
        odd |= odd16(b) | (bytes16)(b == '\\');
    }
    return any16(odd);
}

/* # or @ in it. */
static inline bool referer_is_odd(struct ha_view v)
{
    if (v.len < 16)
        return v.len > 1 &&
               (memchr(v.ptr, '#', v.len) != NULL || memchr(v.ptr, '@', v.len) != NULL);
    bytes16 last = load16(v.ptr + v.len - 16);
    bytes16 odd = (bytes16)(last == '#') | (bytes16)(last == '@');
    for (size_t i = 0; i + 16 < v.len; i += 16) {
        bytes16 b = load16(v.ptr + i);
        odd |= (bytes16)(b == '#') | (bytes16)(b == '@');
    }
    return any16(odd);
}

/* Behind a ? only #, <, >, ", controls, bytes beyond ASCII, and what may be a secret or an
 * action. */
static inline bool query_is_odd(struct ha_view target)
{
    (void)target;
    return true;
}

static inline bool protocol_is_odd(const struct ha_record *r)
{
    struct ha_view v = r->field[HA_FIELD_PROTOCOL];
    if (!ha_has(r, HA_FIELD_PROTOCOL))
        return ha_has(r, HA_FIELD_REQUEST);
    return v.len != 8 || (memcmp(v.ptr, "HTTP/1.1", 8) != 0 && memcmp(v.ptr, "HTTP/2.0", 8) != 0 &&
                          memcmp(v.ptr, "HTTP/1.0", 8) != 0 && memcmp(v.ptr, "HTTP/3.0", 8) != 0);
}

static inline bool table_says(const struct ha_linter *l, const struct ha_record *r)
{
    unsigned look = l->look[(size_t)(r->method + 2) * HA_LINT_CODES + (size_t)(r->status + 1)];
    if (look == 0)
        return false;
    return (look & (HA_LOOK | HA_LOOK_ROBOTS)) != 0 ||
           ((look & HA_LOOK_IF_BYTES) != 0 && r->body_bytes > 0) ||
           ((look & HA_LOOK_IF_NONE) != 0 && r->has_bytes && r->body_bytes == 0) ||
           ((look & HA_LOOK_CACHE) != 0 && ha_has(r, HA_FIELD_CACHE));
}

static void examine(const struct ha_linter *l, struct ha_record *r)
{
    struct ha_lint_look k = {.l = l,
                             .m = &l->m,
                             .format = &l->formats[r->pattern],
                             .r = r,
                             .status = r->status,
                             .class = ha_class_of(r->status),
                             .method = r->method,
                             .has_request = ha_has(r, HA_FIELD_REQUEST),
                             .target = ha_get(r, HA_FIELD_TARGET),
                             .protocol = ha_get(r, HA_FIELD_PROTOCOL)};
    HA_ASSERT(r->pattern < l->format_count);
    ha_lint_status(&k);
    ha_lint_content(&k);
    ha_lint_method(&k);
    ha_lint_request(&k);
    ha_lint_target(&k);
    ha_lint_others(&k);
}

void ha_lint(const struct ha_linter *l, struct ha_record *r)
{
    r->findings[HA_MILD] = r->findings[HA_GRAVE] = 0;
    if (table_says(l, r) || protocol_is_odd(r) ||
        (ha_has(r, HA_FIELD_TARGET) && target_is_odd(r->field[HA_FIELD_TARGET]) &&
         query_is_odd(r->field[HA_FIELD_TARGET])) ||
        (ha_has(r, HA_FIELD_REFERER) && referer_is_odd(r->field[HA_FIELD_REFERER])))
        examine(l, r);
}
