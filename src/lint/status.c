/* status.c - rules on the status, alone and with the method, and on the bytes that came with it;
 * and the table that says when any of them could look. */
#include "lint.h"

static bool is_one_of(int n, const int *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == n)
            return true;
    return false;
}
#define IS_ONE_OF(n, ...)                                                                          \
    is_one_of(n, (const int[]){__VA_ARGS__}, HA_COUNT(((const int[]){__VA_ARGS__})))

static bool is_marker(int status)
{
    return status == HA_NO_STATUS || status == 0 || status == 9;
}

static void lone_status(struct ha_lint_look *k)
{
    if (is_marker(k->status))
        return;
    if (k->class == 0) {
        ha_found_rule(k, HA_RULE_STATUS_RANGE, false);
        return;
    }
    const struct ha_status_fact *fact = ha_facts_status(k->l->facts, k->status);
    if (!fact->registered)
        ha_found_rule(k, HA_RULE_STATUS_UNREGISTERED, !fact->listed);
    if (IS_ONE_OF(k->status, 100, 102, 103, 104))
        ha_found_rule(k, HA_RULE_INTERIM_FINAL, false);
    if (IS_ONE_OF(k->status, 102, 305, 306, 418, 510))
        ha_found_rule(k, HA_RULE_STATUS_RETIRED, false);
    if (k->class == 1 && ha_view_is(k->protocol, "HTTP/1.0"))
        ha_found_rule(k, HA_RULE_INFORMATIONAL_HTTP10, false);
    if (k->status == 505 &&
        (ha_view_is(k->protocol, "HTTP/1.0") || ha_view_is(k->protocol, "HTTP/1.1")))
        ha_found_rule(k, HA_RULE_VERSION_505, false);
}

static void with_method(struct ha_lint_look *k)
{
    const struct ha_lint_methods *m = k->m;
    int method = k->method;
    bool read = method == m->GET || method == m->HEAD;
    if (method == HA_NO_METHOD)
        return;
    if (read && k->status == 501)
        ha_found_rule(k, HA_RULE_GET_501, false);
    if (read && k->status == 405)
        ha_found_rule(k, HA_RULE_GET_405, method == m->HEAD);
    if ((k->status == 206 || k->status == 416) && method != m->GET && method != m->QUERY)
        ha_found_rule(k, HA_RULE_RANGE_METHOD, method != m->HEAD);
    if (k->status == 304 && !read && method != m->QUERY)
        ha_found_rule(k, HA_RULE_NOT_MODIFIED_METHOD, false);
    if (k->status == 201 &&
        (read || IS_ONE_OF(method, m->OPTIONS, m->TRACE, m->PROPFIND, m->SEARCH, m->QUERY)))
        ha_found_rule(k, HA_RULE_CREATED_SAFE, false);
    if (method == m->POST && (k->status == 301 || k->status == 302))
        ha_found_rule(k, HA_RULE_REDIRECT_METHOD, k->status == 301);
    if ((k->status == 411 || k->status == 413) &&
        (read || method == m->OPTIONS || method == m->TRACE))
        ha_found_rule(k, HA_RULE_LENGTH_BODYLESS, false);
}

void ha_lint_status(struct ha_lint_look *k)
{
    lone_status(k);
    with_method(k);
}

/* nginx counts an interim "100 Continue" among the bytes of the content: 25 each. */
static bool is_interim(const struct ha_lint_look *k)
{
    bool reads = k->method == k->m->GET || k->method == k->m->HEAD || k->method < 0;
    return !reads && k->r->body_bytes % 25 == 0;
}

void ha_lint_content(struct ha_lint_look *k)
{
    if (!k->format->counts_content || !k->r->has_bytes)
        return;
    if (k->method == k->m->GET && k->status == 200 && k->r->body_bytes == 0)
        ha_found_rule(k, HA_RULE_EMPTY_200, false);
    if (k->r->body_bytes == 0 || is_interim(k))
        return;
    if (k->status == 204 || k->status == 304)
        ha_found_rule(k, HA_RULE_BYTES_SEEN, false);
    if (IS_ONE_OF(k->status, 100, 102, 103, 104, 204, 304))
        ha_found_rule(k, HA_RULE_BODY_BODYLESS, false);
    else if (k->status == 205)
        ha_found_rule(k, HA_RULE_BODY_205, false);
    else if (k->method == k->m->HEAD)
        ha_found_rule(k, HA_RULE_BODY_HEAD, false);
}

/* ---- the table ---- */

static unsigned look_at(const struct ha_linter *l, int method, int status)
{
    const struct ha_lint_methods *m = &l->m;
    unsigned look = 0;
    int class = ha_class_of(status);
    if (class == 1 || status == 505) /* the version counts, too */
        look |= HA_LOOK_STATUS;
    if (status <= 9)
        look |= HA_LOOK_REQUEST;
    if (status == 414)
        look |= HA_LOOK_TARGET;
    if ((method == m->OPTIONS && class != 2) || method == m->PUT ||
        (method == m->DELETE && class == 2))
        look |= HA_LOOK_METHOD;
    if (class == 5)
        look |= HA_IF_CACHE | HA_IF_ROBOTS;
    else if (IS_ONE_OF(status, 425, 428, 429, 431))
        look |= HA_IF_CACHE;
    return look;
}

static uint64_t content_says(struct ha_lint_look *k, uint64_t bytes)
{
    k->r->findings[HA_MILD] = 0;
    k->r->body_bytes = bytes;
    ha_lint_content(k);
    return k->r->findings[HA_MILD];
}

/* The rules are asked, of a record that says no more than that. */
static struct ha_lint_says says_of(const struct ha_linter *l, int method, int status,
                                   struct ha_record *blank)
{
    static const struct ha_lint_format format = {.counts_content = true};
    struct ha_lint_look k = {.l = l,
                             .m = &l->m,
                             .format = &format,
                             .r = blank,
                             .status = status,
                             .class = ha_class_of(status),
                             .method = method};
    struct ha_lint_says s = {.look = (uint16_t)look_at(l, method, status)};
    blank->has_bytes = true;
    blank->findings[HA_MILD] = blank->findings[HA_GRAVE] = 0;
    ha_lint_status(&k);
    s.found[HA_MILD] = blank->findings[HA_MILD];
    s.found[HA_GRAVE] = blank->findings[HA_GRAVE];
    s.none = content_says(&k, 0);
    s.some = content_says(&k, 1);
    if (method != l->m.GET && method != l->m.HEAD && s.some != 0) {
        /* Here it depends on their number. */
        s.some = 0;
        s.look |= HA_IF_BYTES;
    }
    s.sends = s.look != 0;
    return s;
}

void ha_lint_table(struct ha_linter *l)
{
    const struct ha_lint_methods *m = &l->m;
    const int frequent[HA_LINT_ROWS - 1] = {m->GET,    m->HEAD,    m->POST,
                                            m->DELETE, m->OPTIONS, m->PUT};
    static const struct ha_lint_says rare = {.look = HA_GROUPS, .sends = 1};
    struct ha_record blank = {.status = HA_NO_STATUS};
    for (int code = 0; code < HA_LINT_CODES; code++)
        l->says[code] = rare;
    for (size_t method = 0; method < ha_facts_method_count() + 2; method++)
        l->row[method] = l->says;
    for (int i = 1; i < HA_LINT_ROWS; i++) {
        struct ha_lint_says *row = l->says + (size_t)i * HA_LINT_CODES;
        l->row[frequent[i - 1] + 2] = row;
        for (int code = 0; code < HA_LINT_CODES; code++)
            row[code] = says_of(l, frequent[i - 1], code - 1, &blank);
    }
}
