/* request.c - the request line as logged. */
#include "parse/request.h"

#include <string.h>

#include "httpannotate/facts.h"

/* tchar of RFC 9110 section 5.6.2. */
static bool is_token(struct ha_view v)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    if (v.len == 0 || v.len > 64)
        return false;
    for (size_t i = 0; i < v.len; i++) {
        char c = v.ptr[i];
        if (!ha_is_letter(c) && !ha_is_digit(c) && memchr(marks, c, sizeof marks - 1) == NULL)
            return false;
    }
    return true;
}

static bool has_letter(struct ha_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (ha_is_letter(v.ptr[i]))
            return true;
    return false;
}

/* What may be meant for one, also where it is wrong: 1.1, 2, 1.10, 1.x. */
static bool is_version(struct ha_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (!ha_is_digit(v.ptr[i]) && !ha_is_letter(v.ptr[i]) && v.ptr[i] != '.')
            return false;
    return v.len <= 8;
}

/* HTTP/1.1, HTTP/2.0, HTTP/2, RTSP/1.0, and the bare "http" that some proxies write. */
static bool is_protocol(struct ha_view v)
{
    if (v.len > 5 && memcmp(v.ptr, "HTTP/", 5) == 0)
        return is_version((struct ha_view){v.ptr + 5, v.len - 5});
    if (ha_view_eq_nocase(v, HA_VIEW_LIT("http")) || ha_view_eq_nocase(v, HA_VIEW_LIT("https")))
        return true;
    const char *slash = v.len > 0 ? memchr(v.ptr, '/', v.len) : NULL;
    if (slash == NULL || slash == v.ptr || slash - v.ptr > 5)
        return false;
    for (const char *c = v.ptr; c < slash; c++)
        if ((unsigned char)((*c | 0x20) - 'a') >= 26)
            return false;
    size_t rest = v.len - (size_t)(slash - v.ptr) - 1;
    for (size_t i = 0; i < rest; i++)
        if ((unsigned char)(slash[1 + i] - '0') > 9 && slash[1 + i] != '.')
            return false;
    return rest > 0 && rest <= 4;
}

/* "1.1", "2": what Hypercorn writes for the protocol. */
static bool is_bare_version(struct ha_view v)
{
    static const char *const versions[] = {"1.0", "1.1", "2", "3", "2.0", "3.0"};
    for (size_t i = 0; i < HA_COUNT(versions); i++)
        if (ha_view_is(v, versions[i]))
            return true;
    return false;
}

bool ha_is_target(struct ha_view v, struct ha_view method)
{
    if (v.len == 0)
        return false;
    if (v.ptr[0] == '/' || (v.ptr[0] == '*' && v.len == 1))
        return true;
    return memmem(v.ptr, v.len, "://", 3) != NULL || ha_view_is(method, "CONNECT");
}

void ha_set_method(struct ha_record *r, struct ha_view token)
{
    r->method = HA_NO_METHOD;
    if (!is_token(token) || !has_letter(token))
        return;
    ha_put(r, HA_FIELD_METHOD, token);
    r->method = (int16_t)ha_facts_method_index(token);
}

static bool upper_case(struct ha_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.ptr[i] >= 'a' && v.ptr[i] <= 'z')
            return false;
    return true;
}

/* The bytes of the colours (ESC [ 33 m) that v begins with. */
static size_t colours(struct ha_view v)
{
    size_t end = 0;
    while (v.len - end > 2 && v.ptr[end] == '\x1b' && v.ptr[end + 1] == '[') {
        size_t n = end + 2;
        while (n < v.len && (v.ptr[n] == ';' || ha_is_digit(v.ptr[n])))
            n++;
        if (n == v.len || v.ptr[n] != 'm')
            break;
        end = n + 1;
    }
    return end;
}

/* Development servers colour the request in their logs, on files too: that is none of its bytes. */
static struct ha_view without_colour(struct ha_view v)
{
    size_t n = colours(v);
    v = (struct ha_view){v.ptr + n, v.len - n};
    if (n > 0 && v.len >= 4 && memcmp(v.ptr + v.len - 4, "\x1b[0m", 4) == 0)
        v.len -= 4;
    return v;
}

void ha_split_request(struct ha_record *r, struct ha_view request)
{
    if (request.len > 0 && request.ptr[0] == '\x1b')
        request = without_colour(request);
    ha_put(r, HA_FIELD_REQUEST, request);
    r->method = HA_NO_METHOD;
    const char *blank = request.len > 0 ? memchr(request.ptr, ' ', request.len) : NULL;
    if (blank == NULL)
        return;
    struct ha_view method = {request.ptr, (size_t)(blank - request.ptr)};
    struct ha_view rest = {blank + 1, request.len - method.len - 1};
    int index = ha_facts_method_index(method);
    if (index < 0 && (!is_token(method) || !has_letter(method)))
        return;
    struct ha_view target = rest, protocol = {NULL, 0};
    /* "GET / ": Tomcat's and others' way to write that there was no protocol. */
    if (rest.len > 1 && rest.ptr[rest.len - 1] == ' ' &&
        memchr(rest.ptr, ' ', rest.len - 1) == NULL)
        target.len = --rest.len;
    const char *last = rest.len > 0 ? memrchr(rest.ptr, ' ', rest.len) : NULL;
    if (last != NULL) {
        target.len = (size_t)(last - rest.ptr);
        protocol = (struct ha_view){last + 1, rest.len - target.len - 1};
        bool bare = index >= 0 && ha_is_target(target, method) && is_bare_version(protocol) &&
                    memchr(target.ptr, ' ', target.len) == NULL;
        if (target.len == 0 || (!is_protocol(protocol) && !bare))
            return;
        ha_put(r, HA_FIELD_PROTOCOL, protocol);
    } else if (!ha_is_target(target, method) || (index < 0 && !upper_case(method))) {
        return;
    }
    ha_put(r, HA_FIELD_METHOD, method);
    ha_put(r, HA_FIELD_TARGET, target);
    r->method = (int16_t)index;
}
