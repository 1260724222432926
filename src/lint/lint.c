/* lint.c - making a linter, and what it does with a record that rules look at. */
#include "lint.h"

#include "httpannotate/scan.h"

#include <string.h>

/* Names are letters throughout, of two at least. */
static void add_ending(struct ha_linter *l, struct ha_view name)
{
    const char *end = name.ptr + name.len;
    l->endings[end[-1] & 31] |= UINT32_C(1) << (end[-2] & 31);
}

static void find_endings(struct ha_linter *l)
{
#define HA_SECRET(name) add_ending(l, HA_VIEW_LIT(name));
#include "httpannotate/tbl/secrets.def"
#undef HA_SECRET
    for (size_t i = 0; i < HA_COUNT(ha_lint_action_names); i++)
        add_ending(l, ha_lint_action_names[i]);
}

enum ha_err ha_linter_new(const struct ha_facts *facts, const struct ha_lint_format *formats,
                          size_t count, struct ha_linter **out)
{
    struct ha_linter *l = ha_calloc(1, sizeof *l);
    *out = l;
    if (l == NULL)
        return HA_ERR_MEMORY;
    l->facts = facts;
    l->row = ha_calloc(ha_facts_method_count() + 2, sizeof(void *));
    l->says = ha_alloc(HA_LINT_ROWS * HA_LINT_CODES * sizeof *l->says);
    l->formats = ha_calloc(count > 0 ? count : 1, sizeof *l->formats);
    if (l->row == NULL || l->says == NULL || l->formats == NULL) {
        ha_linter_free(out);
        return HA_ERR_MEMORY;
    }
    l->glance = ha_lint_glance;
#if defined(__x86_64__)
    bool wide = strcmp(ha_scan_kernel(), "avx512") == 0;
    if (wide && __builtin_cpu_supports("avx512vbmi"))
        l->glance = ha_lint_glance_avx512;
    else if (wide || strcmp(ha_scan_kernel(), "avx2") == 0)
        l->glance = ha_lint_glance_avx2;
#endif
    if (count > 0)
        memcpy(l->formats, formats, count * sizeof *formats);
    l->format_count = count;
#define X(name) l->m.name = ha_facts_method_index(HA_VIEW_LIT(#name));
    HA_LINT_METHODS(X)
#undef X
    find_endings(l);
    ha_lint_table(l);
    return HA_OK;
}

void ha_linter_free(struct ha_linter **out)
{
    struct ha_linter *l = *out;
    if (l == NULL)
        return;
    ha_free((void *)l->row);
    ha_free(l->says);
    ha_free(l->formats);
    ha_free(l);
    *out = NULL;
}

bool ha_lint_names_end(const struct ha_linter *l, struct ha_view v)
{
    const char *end = v.ptr + v.len;
    for (const char *at = v.ptr + 2; at < end; at++) {
        at = memchr(at, '=', (size_t)(end - at));
        if (at == NULL)
            return false;
        if ((l->endings[at[-1] & 31] >> (at[-2] & 31) & 1) != 0)
            return true;
    }
    return false;
}

bool ha_lint_is_proxy(const char *pattern)
{
    static const char *const begins[] = {"squid", "aws_alb", "aws_elb",    "w3c_proxysg", "gcp",
                                         "azure", "akamai",  "cloudflare", "chi"};
    for (size_t i = 0; i < HA_COUNT(begins); i++)
        if (strncmp(pattern, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

void ha_lint_examine(const struct ha_linter *l, struct ha_record *r, unsigned groups)
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
    HA_ASSERT(r->pattern < l->format_count);
    r->findings[HA_MILD] = r->findings[HA_GRAVE] = 0;
    ha_lint_examine(l, r, HA_GROUPS);
}

void ha_lint_batch(const struct ha_linter *l, struct ha_record *records, const uint8_t *chosen,
                   size_t n)
{
    l->glance(l, records, chosen, n);
}
