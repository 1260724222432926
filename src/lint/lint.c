/* lint.c - which records are looked at: nearly none.
 *
 * A table over method and status says whether any rule could look; beside that only odd bytes in
 * the target, a query, a version that is not one of four, or a mark in the Referer lead to the
 * rules. Of most requests the reader has seen that they have none of that (plain_request). */
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
    l->look = ha_calloc(l->rows, HA_LINT_CODES * sizeof *l->look);
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
                                         "gcp",   "azure",   "akamai",  "cloudflare", "chi"};
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

/* Its halves as numbers. */
struct halves {
    uint64_t half[2];
};
static inline struct halves halves16(bytes16 v)
{
    struct halves h;
    memcpy(h.half, &v, sizeof h.half);
    return h;
}

static inline bool any16(bytes16 v)
{
    struct halves h = halves16(v);
    return (h.half[0] | h.half[1]) != 0;
}

/* Bytes out of place in a target: controls, space, ", #, <, >, DEL, what is beyond ASCII; the
 * backslash, by which loggers escape such; and !, which costs too much to tell apart. */
static inline bytes16 odd16(bytes16 v)
{
    return (bytes16)(v < 0x24) | (bytes16)((v | 2) == '>') | (bytes16)(v == '\\') |
           (bytes16)(v == 0x7f);
}

static inline bool is_odd(char c)
{
    return (signed char)c < 0x24 || (c | 2) == '>' || c == '\\' || c == 0x7f;
}

/* Whether the name of a secret or of an action may end so. */
static inline bool may_end_name(char c)
{
    const uint32_t letters = 1u << ('d' & 31) | 1u << ('n' & 31) | 1u << ('t' & 31) |
                             1u << ('y' & 31) | 1u << ('h' & 31) | 1u << ('g' & 31) |
                             1u << ('o' & 31) | 1u << ('p' & 31);
    return c >= '@' && (letters >> (c & 31) & 1) != 0;
}

/* Whether a byte before one of the = among the eight at `at` may end a name; equals has all bits of
 * their bytes set. A target begins with /, so that there is one before each. */
static inline bool names_end(const char *at, uint64_t equals)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    equals = __builtin_bswap64(equals);
#endif
    for (equals &= UINT64_C(0x0101010101010101); equals != 0; equals &= equals - 1)
        if (may_end_name(at[__builtin_ctzll(equals) / 8 - 1]))
            return true;
    return false;
}

static inline bool names_end16(const char *at, bytes16 v)
{
    struct halves h = halves16((bytes16)(v == '='));
    if (__builtin_expect((h.half[0] | h.half[1]) == 0, 1))
        return false;
    return names_end(at, h.half[0]) || names_end(at + 8, h.half[1]);
}

static bool short_target_is_odd(struct ha_view v)
{
    for (size_t i = 1; i < v.len; i++)
        if (is_odd(v.ptr[i]) || (v.ptr[i] == '=' && may_end_name(v.ptr[i - 1])))
            return true;
    return false;
}

/* Whether rules look at a target that begins with /. */
static __attribute__((noinline)) bool target_is_odd(struct ha_view v)
{
    if (v.len < 16)
        return short_target_is_odd(v);
    const char *last = v.ptr + v.len - 16;
    bytes16 b = load16(last), odd = odd16(b);
    bool names = names_end16(last, b);
    for (const char *at = v.ptr; at < last; at += 16) {
        b = load16(at);
        odd |= odd16(b);
        names = names || names_end16(at, b);
    }
    return names || any16(odd);
}

size_t ha_lint_odd_from(struct ha_view target)
{
    size_t at = 0;
    while (target.len - at >= 16 && !any16(odd16(load16(target.ptr + at))))
        at += 16;
    return at;
}

/* # or @ in it. */
static inline bool referer_is_odd(struct ha_view v)
{
    if (v.len < 16)
        return v.len > 1 &&
               (memchr(v.ptr, '#', v.len) != NULL || memchr(v.ptr, '@', v.len) != NULL);
    bytes16 last = load16(v.ptr + v.len - 16);
    bytes16 odd = (bytes16)(last == '#') | (bytes16)(last == '@');
    for (const char *at = v.ptr; at < v.ptr + v.len - 16; at += 16) {
        bytes16 b = load16(at);
        odd |= (bytes16)(b == '#') | (bytes16)(b == '@');
    }
    return any16(odd);
}

static inline bool protocol_is_odd(const struct ha_record *r)
{
    struct ha_view v = r->field[HA_FIELD_PROTOCOL];
    if (!ha_has(r, HA_FIELD_PROTOCOL))
        return ha_has(r, HA_FIELD_REQUEST);
    return v.len != 8 || (memcmp(v.ptr, "HTTP/1.1", 8) != 0 && memcmp(v.ptr, "HTTP/2.0", 8) != 0 &&
                          memcmp(v.ptr, "HTTP/1.0", 8) != 0 && memcmp(v.ptr, "HTTP/3.0", 8) != 0);
}

/* Which groups of rules the table sends a record to. */
static inline unsigned table_says(const struct ha_linter *l, const struct ha_record *r)
{
    unsigned look = l->look[(size_t)(r->method + 2) * HA_LINT_CODES + (size_t)(r->status + 1)];
    unsigned groups = look & HA_GROUPS;
    if (look & (r->body_bytes > 0 ? HA_IF_BYTES : HA_IF_NONE))
        groups |= r->body_bytes > 0 || r->has_bytes ? HA_LOOK_CONTENT : 0;
    if (__builtin_expect((look & HA_IF_CACHE) != 0, 0) && ha_has(r, HA_FIELD_CACHE))
        groups |= HA_LOOK_OTHERS;
    return groups;
}

static __attribute__((noinline)) void examine(const struct ha_linter *l, struct ha_record *r,
                                              unsigned groups)
{
    HA_ASSERT(r->pattern < l->format_count);
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
    if ((groups & HA_LOOK_STATUS) != 0)
        ha_lint_status(&k);
    if ((groups & HA_LOOK_CONTENT) != 0)
        ha_lint_content(&k);
    if ((groups & HA_LOOK_METHOD) != 0)
        ha_lint_method(&k);
    if ((groups & HA_LOOK_REQUEST) != 0)
        ha_lint_request(&k);
    if ((groups & HA_LOOK_TARGET) != 0)
        ha_lint_target(&k);
    if ((groups & HA_LOOK_REFERER) != 0)
        ha_lint_referer(&k);
    if ((groups & HA_LOOK_OTHERS) != 0)
        ha_lint_others(&k);
}

void ha_lint_whole(const struct ha_linter *l, struct ha_record *r)
{
    r->findings[HA_MILD] = r->findings[HA_GRAVE] = 0;
    examine(l, r, HA_GROUPS);
}

/* Which groups the form of its request, if it is not as nearly all are, sends a record to. */
static __attribute__((noinline)) unsigned request_says(const struct ha_record *r)
{
    unsigned groups = protocol_is_odd(r) ? HA_LOOK_REQUEST : 0;
    if (!ha_has(r, HA_FIELD_TARGET))
        return groups;
    struct ha_view target = r->field[HA_FIELD_TARGET];
    if (target.len == 0 || target.ptr[0] != '/')
        groups |= HA_LOOK_TARGET | HA_LOOK_REQUEST;
    else if (target_is_odd(target))
        groups |= HA_LOOK_TARGET;
    return groups;
}

static inline void look(const struct ha_linter *l, struct ha_record *r)
{
    unsigned groups = table_says(l, r);
    r->findings[HA_MILD] = r->findings[HA_GRAVE] = 0;
    if (!r->plain_request)
        groups |= request_says(r);
    if (ha_has(r, HA_FIELD_REFERER) && referer_is_odd(r->field[HA_FIELD_REFERER]))
        groups |= HA_LOOK_REFERER;
    if (groups != 0)
        examine(l, r, groups);
}

void ha_lint_batch(const struct ha_linter *l, struct ha_record *records, const uint8_t *chosen,
                   size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct ha_record *r = &records[i];
        if (chosen[i] != 0 && r->verdict == HA_MATCHED)
            look(l, r);
        else
            r->findings[HA_MILD] = r->findings[HA_GRAVE] = 0;
    }
}
