/* request.c - rules on the form of the request line. */
#include "lint.h"

#include <string.h>

struct kind {
    const char *begins, *name;
};
/* As servers write them: \xHH as Apache and nginx escape bytes, #HH as HAProxy does. */
static const struct kind kinds[] = {
    {"\\x80", "SSLv2 handshake"},
    {"\\x03\\x00\\x00", "RDP"},
    {"\x03", "RDP"},
    {"#03#00#00", "RDP"},
    {"\\x05\\x01", "SOCKS5"},
    {"\\x05\\x02", "SOCKS5"},
    {"\x05", "SOCKS5"},
    {"\\x04\\x01", "SOCKS4"},
    {"\x04\x01", "SOCKS4"},
    {"SSH-", "SSH"},
    {"MGLNDD_", "stretchoid inventory scan"},
    {"HELO", "SMTP"},
    {"EHLO", "SMTP"},
    {"OPTIONS sip:", "SIP"},
    {"DESCRIBE rtsp://", "RTSP, a scan for cameras"},
    {"{\"", "JSON-RPC"},
    {"{\\\"", "JSON-RPC"},
    {"{\\x22", "JSON-RPC"},
    {"t3 ", "WebLogic T3"},
    {"CNXN", "Android debug bridge"},
    {"\\x00", "binary, a port scan"},
    {"\\0", "binary, a port scan"},
    {"PRI * HTTP/2.0", "HTTP/2 preface"},
    {"<BADREQ>", "what HAProxy could not read"},
};

const char *ha_lint_kind(struct ha_view request)
{
    if (ha_facts_is_tls(request))
        return "TLS handshake";
    if (request.len > 0 && request.ptr[0] == '\0')
        return "binary, a port scan";
    for (size_t i = 0; i < HA_COUNT(kinds); i++) {
        size_t len = strlen(kinds[i].begins);
        if (request.len >= len && memcmp(request.ptr, kinds[i].begins, len) == 0)
            return kinds[i].name;
    }
    return "unknown";
}

static bool is_silent(int status)
{
    static const int silent[] = {0, 400, 408, 444, 499};
    for (size_t i = 0; i < HA_COUNT(silent); i++)
        if (silent[i] == status)
            return true;
    return false;
}

static bool begins(struct ha_view v, const char *with)
{
    size_t len = strlen(with);
    return v.len >= len && memcmp(v.ptr, with, len) == 0;
}

/* A known method first, and HTTP with something last: only the version is wrong. */
static bool is_http_but_for_version(struct ha_view request)
{
    const char *first = memchr(request.ptr, ' ', request.len);
    const char *last = memrchr(request.ptr, ' ', request.len);
    if (first == NULL || first == last)
        return false;
    struct ha_view method = {request.ptr, (size_t)(first - request.ptr)};
    struct ha_view end = {last + 1, request.len - (size_t)(last + 1 - request.ptr)};
    return ha_facts_method_index(method) >= 0 && end.len >= 4 &&
           ha_view_eq_nocase((struct ha_view){end.ptr, 4}, HA_VIEW_LIT("HTTP"));
}

static void no_http(struct ha_lint_look *k, struct ha_view request)
{
    /* Load balancers write "- http://...- -", Envoy "- - HTTP/1.1". */
    if (request.len == 0 || ha_view_is(request, "-") || begins(request, "- ")) {
        if (is_silent(k->status))
            ha_found_rule(k, HA_RULE_IDLE, false);
    } else if (ha_facts_is_tls(request)) {
        ha_found_rule(k, HA_RULE_TLS_PLAIN, k->class >= 1 && k->class <= 3);
    } else if (is_http_but_for_version(request)) {
        ha_found_rule(k, HA_RULE_PROTOCOL, false);
    } else {
        ha_found_rule(k, HA_RULE_GARBAGE, k->class == 2);
    }
}

static void version(struct ha_lint_look *k)
{
    struct ha_view p = k->protocol;
    if (begins(p, "SIP/") || begins(p, "RTSP/")) {
        ha_found_rule(k, HA_RULE_GARBAGE, k->class == 2);
        return;
    }
    if (p.len == 0 || ha_view_is(p, "HTTP/0.9")) {
        ha_found_rule(k, HA_RULE_HTTP09, k->class == 2);
        return;
    }
    if (ha_is_digit(p.ptr[0])) /* a server's own spelling of it: 1.1, 2, 1.1.0.0 */
        return;
    bool exact = p.len == 8 && begins(p, "HTTP/") && ha_is_digit(p.ptr[5]) && p.ptr[6] == '.' &&
                 ha_is_digit(p.ptr[7]);
    if (!exact && !ha_view_is(p, "HTTP/2") && !ha_view_is(p, "HTTP/3"))
        ha_found_rule(k, HA_RULE_PROTOCOL, false);
}

/* "host:443", "[2001:db8::1]:443" */
static bool is_host_port(struct ha_view v)
{
    size_t digits = 0;
    while (digits < v.len && ha_is_digit(v.ptr[v.len - 1 - digits]))
        digits++;
    if (digits == 0 || digits > 5 || digits + 1 >= v.len || v.ptr[v.len - 1 - digits] != ':')
        return false;
    for (size_t i = 0; i < v.len - digits - 1; i++)
        if (v.ptr[i] == '/' || v.ptr[i] == '?' || v.ptr[i] == '#' || v.ptr[i] == '@')
            return false;
    return true;
}

static void form(struct ha_lint_look *k)
{
    struct ha_view t = k->target;
    bool wrong = false;
    if (ha_view_is(t, "*"))
        wrong = k->method != k->m->OPTIONS && k->method != k->m->PRI;
    else if (k->method == k->m->CONNECT)
        wrong = !is_host_port(t);
    else
        wrong = t.ptr[0] != '/' && is_host_port(t);
    if (wrong)
        ha_found_rule(k, HA_RULE_TARGET_FORM, false);
}

void ha_lint_request(struct ha_lint_look *k)
{
    struct ha_view request = ha_get(k->r, HA_FIELD_REQUEST);
    if (k->status == 9)
        ha_found_rule(k, HA_RULE_HTTP09, false);
    else if (k->method == HA_NO_METHOD && k->has_request)
        no_http(k, request);
    if (k->method == HA_NO_METHOD || k->target.len == 0)
        return;
    if (k->method == k->m->PRI && ha_view_is(k->target, "*") &&
        (!k->has_request || ha_view_is(k->protocol, "HTTP/2.0"))) {
        ha_found_rule(k, HA_RULE_H2_PREFACE, false);
        return;
    }
    /* Other formats put the version together themselves, or leave it out. */
    if (k->has_request)
        version(k);
    if (!k->format->is_proxy)
        form(k);
}
