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

/* Methods that every group looks at whatever the status: rare ones, and those that are none. */
static bool is_rare(const struct ha_lint_methods *m, int method)
{
    return !IS_ONE_OF(method, m->GET, m->HEAD, m->POST, m->DELETE, m->OPTIONS, m->PUT);
}

/* Where a status alone, or with one of the frequent methods, is seen by rules on statuses. */
static bool is_odd_status(const struct ha_linter *l, int method, int status)
{
    const struct ha_lint_methods *m = &l->m;
    if (ha_class_of(status) < 2 || !ha_facts_status(l->facts, status)->registered ||
        IS_ONE_OF(status, 305, 306, 418, 501, 505, 510, 405, 416, 411, 413))
        return true;
    if (method != m->GET && (status == 206 || status == 304))
        return true;
    if (status == 201 && method != m->POST && method != m->PUT)
        return true;
    return method == m->POST && (status == 301 || status == 302);
}

static unsigned look_at(const struct ha_linter *l, int method, int status)
{
    const struct ha_lint_methods *m = &l->m;
    unsigned look = 0;
    int class = ha_class_of(status);
    if (is_odd_status(l, method, status))
        look |= HA_LOOK_STATUS;
    if (status <= 9)
        look |= HA_LOOK_REQUEST;
    if (status == 414)
        look |= HA_LOOK_TARGET;
    if ((method == m->OPTIONS && class != 2) || method == m->PUT ||
        (method == m->DELETE && class == 2))
        look |= HA_LOOK_METHOD;
    if (method == m->HEAD || class == 1 || status == 204 || status == 205 || status == 304)
        look |= HA_IF_BYTES;
    if (method == m->GET && status == 200)
        look |= HA_IF_NONE;
    if (class == 5)
        look |= HA_LOOK_OTHERS;
    else if (IS_ONE_OF(status, 425, 428, 429, 431))
        look |= HA_IF_CACHE;
    return look;
}

/* Rows of rare methods have all groups throughout; only the others are worked out. */
void ha_lint_table(struct ha_linter *l)
{
    for (size_t row = 0; row < l->rows; row++) {
        uint16_t *look = l->look + row * HA_LINT_CODES;
        int method = (int)row - 2;
        bool rare = is_rare(&l->m, method);
        for (int code = 0; code < HA_LINT_CODES; code++)
            look[code] = (uint16_t)(rare ? HA_GROUPS : look_at(l, method, code - 1));
    }
}
