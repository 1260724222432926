/* log_format_test.c - format strings of Apache and nginx as patterns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpannotate/pattern.h"

static const char *const field_names[] = {
#define HA_FIELD(id, name, kind, meaning) name,
#include "httpannotate/tbl/fields.def"
#undef HA_FIELD
};

static struct ha_patterns *set_of(const char *string, struct ha_problem *p)
{
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_patterns *set = NULL;
    assert_int_equal(ha_patterns_empty(&limits, &set), HA_OK);
    enum ha_err err = ha_patterns_add_log_format(set, string, p);
    if (err != HA_OK)
        ha_patterns_free(&set);
    assert_true((err == HA_OK) == (set != NULL));
    return set;
}

/* A field of a record as the tests write it; "-" where it is absent. */
static void put_field(const struct ha_record *r, const char *name, size_t len, char *to,
                      size_t size)
{
    struct ha_view field = {name, len};
    snprintf(to, size, "-");
    if (ha_view_is(field, "status") && r->status >= 0) {
        snprintf(to, size, "%d", r->status);
    } else if (ha_view_is(field, "bytes") && r->has_bytes) {
        snprintf(to, size, "%llu", (unsigned long long)r->body_bytes);
    } else if (ha_view_is(field, "us") && r->has_duration) {
        snprintf(to, size, "%llu", (unsigned long long)r->duration_us);
    } else if (ha_view_is(field, "time") && r->has_time) {
        ha_time_text(r->time_us, r->offset_min, to);
    } else if (ha_view_is(field, "clients")) {
        snprintf(to, size, "%.*s", (int)r->clients.len, r->clients.len > 0 ? r->clients.ptr : "");
    }
    for (size_t i = 0; i < HA_COUNT(field_names); i++)
        if (ha_view_is(field, field_names[i]) && ha_has(r, (enum ha_field)i))
            snprintf(to, size, "%.*s", (int)r->field[i].len,
                     r->field[i].len > 0 ? r->field[i].ptr : "");
}

/* want: "name=value" one a line; NULL when the line must not match. */
static void check_line(struct ha_patterns *set, const char *string, const char *line,
                       const char *want)
{
    struct ha_matcher *m = NULL;
    assert_int_equal(ha_matcher_new(set, &m), HA_OK);
    struct ha_record r = {.line = ha_view_of(line)};
    ha_match(m, &r);
    if ((r.verdict == HA_MATCHED) != (want != NULL))
        fail_msg("%s\n%s: %s", string, line, want != NULL ? "does not match" : "matches");
    while (want != NULL && *want != '\0') {
        size_t len = strcspn(want, "\n"), name = strcspn(want, "=");
        char got[300];
        put_field(&r, want, name, got, sizeof got);
        if (strlen(got) != len - name - 1 || memcmp(got, want + name + 1, len - name - 1) != 0)
            fail_msg("%s\n%s: wanted %.*s, got %s", string, line, (int)len, want, got);
        want += len + (want[len] == '\n');
    }
    ha_matcher_free(&m);
}

struct reading {
    const char *string, *line, *want;
};

static void check_readings(const struct reading *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ha_problem p;
        struct ha_patterns *set = set_of(cases[i].string, &p);
        if (set == NULL)
            fail_msg("%s: column %zu: %s", cases[i].string, p.column, p.cause);
        check_line(set, cases[i].string, cases[i].line, cases[i].want);
        ha_patterns_free(&set);
    }
}

#define COMMON      "%h %l %u %t \"%r\" %>s %b"
#define COMMON_LINE "192.0.2.1 - bob [24/Nov/2026:10:00:00 +0100] \"PUT /x HTTP/1.1\" 201 7"
#define COMMON_WANT                                                                                \
    "client=192.0.2.1\nident=-\nuser=bob\ntime=2026-11-24T10:00:00+01:00\nmethod=PUT\ntarget=/x\n" \
    "protocol=HTTP/1.1\nstatus=201\nbytes=7"

static void a_string_is_taken_as_the_configuration_has_it(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {COMMON, COMMON_LINE, COMMON_WANT},
        {"%h %l %u %t \\\"%r\\\" %>s %b", COMMON_LINE, COMMON_WANT},
        {"\"%h %l %u %t \\\"%r\\\" %>s %b\"", COMMON_LINE, COMMON_WANT},
        {"\"%h %l %u %t \\\"%r\\\" %>s %b\" common", COMMON_LINE, COMMON_WANT},
        {"'%h %l %u %t \"%r\" %>s %b' common", COMMON_LINE, COMMON_WANT},
        {"LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b\" common", COMMON_LINE, COMMON_WANT},
        {"  logformat \"%h %l %u %t \\\"%r\\\" \\\n%>s %b\" common\n", COMMON_LINE, COMMON_WANT},
        {"CustomLog logs/access_log \"%h %l %u %t \\\"%r\\\" %>s %b\"", COMMON_LINE, COMMON_WANT},
        {COMMON "\n", COMMON_LINE, COMMON_WANT},
        {COMMON "\\n", COMMON_LINE, COMMON_WANT},
        {COMMON, COMMON_LINE " ", NULL},
        {COMMON, "192.0.2.1 - bob [24/Nov/2026:10:00:00 +0100] \"PUT /x", NULL},
        /* A string whose own first byte is a quote. */
        {"\"%r\" %>s", "\"GET / HTTP/1.1\" 200", "target=/\nstatus=200"},
        {"\"%r\" \"%>s\"", "\"GET / HTTP/1.1\" \"200\"", "target=/\nstatus=200"},
        {"log_format a '$remote_addr [$time_local] '\n  '\"$request\" $status';",
         "192.0.2.1 [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200",
         "client=192.0.2.1\nstatus=200"},
        {"'$remote_addr '\n\"\\\"$request\\\"\" ' $status'", "192.0.2.1 \"GET / HTTP/1.1\" 200",
         "target=/\nstatus=200"},
        {"$remote_addr \\\"$request\\\" ${status}ms", "192.0.2.1 \"GET / HTTP/1.1\" 200ms",
         "target=/\nstatus=200"},
        {"escape=json {\"s\":$status,\"r\":\"$http_referer\"}", "{\"s\":404,\"r\":\"\"}",
         "status=404\nreferer="},
    };
    check_readings(cases, HA_COUNT(cases));
}

static void apache_strings(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"",
         "www.example.org:443 2001:db8::1 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/2.0\" 200 "
         "512 "
         "\"-\" \"a \\\"b\\\" \\\\\"",
         "host=www.example.org\nport=443\nclient=2001:db8::1\nbytes=512\nreferer=-\n"
         "agent=a \\\"b\\\" \\\\"},
        {"%v:%p %>s", "[2001:db8::80]:8080 200", "host=[2001:db8::80]\nport=8080"},
        {COMMON " \"%{Referer}i\" \"%{User-agent}i\" %I %O %D %{ms}T %T",
         COMMON_LINE " \"-\" \"ua\" 100 350 1234567 1234 1",
         "bytes=7\nrequest_bytes=100\nus=1234567"},
        {"%h %>s %T", "192.0.2.1 200 3", "us=3000000"},
        {"%h %>s %{ms}T", "192.0.2.1 200 3", "us=3000"},
        {"%h %>s %T %{us}T", "192.0.2.1 200 0 250", "us=250"},
        {"%h %>s %{ns}T", "192.0.2.1 200 250000", "us=250"},
        {"%h %s %>s", "192.0.2.1 200 404", "status=404"},
        {"%h %>s %s", "192.0.2.1 404 200", "status=404"},
        {"%h %s", "192.0.2.1 -", "status=-"},
        {"%h %B %O", "192.0.2.1 0 300", "bytes=0"},
        {"%h %O %{Content-Length}o", "192.0.2.1 300 250", "bytes=300"},
        {"%{c}a %a %>s", "203.0.113.1 192.0.2.1 200", "client=192.0.2.1"},
        {"%{X-Forwarded-For}i %l %u %t \"%r\" %>s %b",
         "198.51.100.1, 203.0.113.9 - Mary Ann [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 "
         "5",
         "client=198.51.100.1\nclients=198.51.100.1, 203.0.113.9\nforwarded=198.51.100.1, "
         "203.0.113.9\nident=-\nuser=Mary Ann"},
        {"%h \"%{X-Forwarded-For}i\" %>s", "192.0.2.1 \"198.51.100.1, 203.0.113.9\" 200",
         "client=192.0.2.1\nforwarded=198.51.100.1, 203.0.113.9"},
        {"%h %>s \"%{x-forwarded-host}i\" %{host}i %v",
         "192.0.2.1 200 \"a\" b.example.org c.example.org", "host=b.example.org"},
        /* Apache writes an empty user so. */
        {COMMON, "192.0.2.1 - \"\" [24/Nov/2026:10:00:00 +0100] \"PUT /x HTTP/1.1\" 201 7",
         "user=\"\""},
        {COMMON, "192.0.2.1 - a b c [24/Nov/2026:10:00:00 +0100] \"PUT /x HTTP/1.1\" 201 -",
         "user=a b c\nbytes=0"},
        /* Requests that are no HTTP keep their line. */
        {COMMON, "192.0.2.1 - - [24/Nov/2026:10:00:00 +0100] \"\\x16\\x03\\x01\" 400 226",
         "method=-\nrequest=\\x16\\x03\\x01\nstatus=400"},
        {COMMON, "192.0.2.1 - - [24/Nov/2026:10:00:00 +0100] \"-\" 408 -", "method=-\nstatus=408"},
        /* A request line without quotes. */
        {"%t %r %s %b", "[24/Nov/2026:10:00:00 +0000] GET /a b HTTP/1.1 404 12",
         "method=GET\ntarget=/a b\nstatus=404\nbytes=12"},
        {"%h|%t|%r|%>s|%{User-agent}i",
         "192.0.2.1|[24/Nov/2026:10:00:00 +0000]|GET /a|b HTTP/1.1|200|x|y",
         "target=/a|b\nagent=x|y"},
        {"%h\\t%r\\t%>s", "192.0.2.1\tGET /a b HTTP/1.1\t200", "target=/a b\nstatus=200"},
        /* Method, target and protocol apart. */
        {"%h %m %U%q %H %>s", "192.0.2.1 POST /a?b=c HTTP/1.1 200",
         "method=POST\ntarget=/a?b=c\nprotocol=HTTP/1.1"},
        {"%h \"%m %U%q %H\" %>s", "192.0.2.1 \"GET /a\\\"b?c d HTTP/1.1\" 200",
         "target=/a\\\"b?c d"},
        {"%m \"%U\" \"%q\" %>s", "GET \"/a\" \"?b=c\" 200", "target=/a?b=c"},
        {"%m \"%U\" \"%q\" %>s", "GET \"/a\" \"\" 200", "target=/a"},
        {"\"%r\" %m %U %>s", "\"GET /a?b HTTP/1.1\" GET /a 200", "target=/a?b"},
        {"http://%v%U%q %>s", "http://www.example.org/a?b 200",
         "host=www.example.org\ntarget=/a?b"},
        {"%a:%{remote}p <-> %A:%p %>s", "2001:db8::1:50000 <-> 192.0.2.80:443 200",
         "client=2001:db8::1\nport=443"},
        /* Conditions put a hyphen in the place of a value. */
        {"%h %400,501{User-agent}i %!200,304,302{Referer}i %>s",
         "192.0.2.1 - http://example.org/ 404", "agent=-\nreferer=http://example.org/"},
        {"%h %!404t %>s", "192.0.2.1 - 404", "time=-\nstatus=404"},
        {"%h %!404t %>s", "192.0.2.1 [24/Nov/2026:10:00:00 +0000] 200",
         "time=2026-11-24T10:00:00Z"},
        {"%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x \"%r\" %b %>s",
         "[24/Nov/2026:10:00:00 +0000] 192.0.2.1 TLSv1.3 TLS_AES_256_GCM_SHA384 \"GET / HTTP/1.1\" "
         "5 200",
         "tls=TLSv1.3\nbytes=5"},
        {"%k %X %{tid}P %{hextid}P %P %L %{UNIQUE_ID}e %R %f %{a}C %{b}n %{c}^ti %{d}^to %^FB %S "
         "%>s",
         "2 + 140 7f9 16 - ZZZ fcgi /x y - - - - 12 99 200", "request_id=ZZZ\nstatus=200"},
        {"100%% %>s", "100% 200", "status=200"},
        {"%t%s %b", "[24/Nov/2026:10:00:00 +0000]200 5", "status=200\nbytes=5"},
        {"%{Referer}i -> %U", "http://example.org/ -> /x",
         "referer=http://example.org/\ntarget=/x"},
    };
    check_readings(cases, HA_COUNT(cases));
}

static void times_of_apache(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"%{%Y-%m-%d %H:%M:%S %z}t [%{msec_frac}t] %s", "2026-11-24 10:00:00 +0000 [690] 403",
         "time=2026-11-24T10:00:00.690000Z\nstatus=403"},
        {"[%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t] %>s", "[24/Nov/2026 10:00:00.123 +0100] 200",
         "time=2026-11-24T10:00:00.123000+01:00"},
        {"%{%F %T}t.%{usec_frac}t %>s", "2026-11-24 10:00:00.000007 200",
         "time=2026-11-24T10:00:00.000007Z"},
        {"%t %{msec_frac}t %>s", "[24/Nov/2026:10:00:00 +0000] 250 200",
         "time=2026-11-24T10:00:00.250000Z"},
        {"%{sec}t %>s", "1795514400 200", "time=2026-11-24T10:00:00Z"},
        {"%{msec}t %>s", "1795514400250 200", "time=2026-11-24T10:00:00.250000Z"},
        {"%{usec}t %>s", "1795514400250001 200", "time=2026-11-24T10:00:00.250001Z"},
        {"%{sec}t.%{usec_frac}t %>s", "1795514400.250001 200", "time=2026-11-24T10:00:00.250001Z"},
        {"%{sec}t%{msec_frac}t %>s", "1795514400250 200", "time=2026-11-24T10:00:00.250000Z"},
        {"%{%s}t%{usec_frac}t %>s", "1795514400250001 200", "time=2026-11-24T10:00:00.250001Z"},
        {"%{sec}t/%{msec_frac}t %>s", "1795514400/250 200", "time=2026-11-24T10:00:00.250000Z"},
        /* Of two times the one that says more; the begin of a request before its end. */
        {"%t %{sec}t.%{usec_frac}t %>s", "[24/Nov/2026:10:00:00 +0000] 1795514400.250001 200",
         "time=2026-11-24T10:00:00.250001Z"},
        {"%{end:%F %T %z}t %{begin:%F %T %z}t %>s",
         "2026-11-24 10:00:09 +0000 2026-11-24 10:00:00 +0000 200", "time=2026-11-24T10:00:00Z"},
        {"%{end:sec}t.%{end:msec_frac}t %>s", "1795514400.250 200",
         "time=2026-11-24T10:00:00.250000Z"},
        /* What is no whole time is read over. */
        {"%{%H:%M:%S}t %>s", "10:00:00 200", "time=-\nstatus=200"},
        {"%{msec_frac}t %>s", "250 200", "time=-"},
        {"%{%a %b %e %H:%M:%S %Y}t %>s", "Tue Nov 24 10:00:00 2026 200",
         "time=2026-11-24T10:00:00Z"},
        {"%{%A, %d-%h-%y %I:%M %p}t %>s", "Tuesday, 24-Nov-26 09:30 PM 200",
         "time=2026-11-24T21:30:00Z"},
        {"%{%c}t %>s", "Tue Nov  3 10:00:00 2026 200", "time=2026-11-03T10:00:00Z"},
        {"%{%D %X 100%%}t %>s", "11/24/26 10:00:00 100% 200", "time=2026-11-24T10:00:00Z"},
        {"%{%Y.%j %k:%M}t %>s", "2026.328  9:30 200", "time=2026-11-24T09:30:00Z"},
    };
    check_readings(cases, HA_COUNT(cases));
}

static void nginx_strings(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
         "\"$http_referer\" \"$http_user_agent\" \"$http_x_forwarded_for\"",
         "192.0.2.1 - Mary Ann [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 499 0 \"-\" \"ua\" "
         "\"-\"",
         "client=192.0.2.1\nuser=Mary "
         "Ann\ntime=2026-11-24T10:00:00Z\nstatus=499\nbytes=0\nagent=ua\n"
         "forwarded=-"},
        {"$remote_addr $bytes_sent $status rt=$request_time uct=\"$upstream_connect_time\" "
         "urt=\"$upstream_response_time\"",
         "192.0.2.1 800 504 rt=60.002 uct=\"0.001\" urt=\"60.000, 0.001\"",
         "bytes=800\nus=60002000\nupstream_duration=60.000, 0.001"},
        {"$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
         "\"$http_referer\" \"$http_user_agent\" $request_length $request_time "
         "[$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr "
         "$upstream_response_length $upstream_response_time $upstream_status $req_id",
         "192.0.2.1 - - [24/Nov/2026:10:00:00 +0000] \"GET /x HTTP/2.0\" 200 612 \"-\" \"ua\" 33 "
         "0.002 "
         "[default-web-80] [] 192.0.2.20:8080, [2001:db8::2]:80 : unix:/run/x.sock 0, 0 : 612 "
         "0.000, "
         "0.001 : 0.001 502, 502 : 200 0a1b2c",
         "us=2000\nupstream=192.0.2.20:8080, [2001:db8::2]:80 : unix:/run/x.sock\n"
         "upstream_status=502, 502 : 200\nupstream_duration=0.000, 0.001 : "
         "0.001\nrequest_id=0a1b2c\n"
         "request_bytes=33"},
        {"$msec $remote_addr $status", "1795514400.250 192.0.2.1 200",
         "time=2026-11-24T10:00:00.250000Z"},
        {"$time_iso8601 [$time_local] $status",
         "2026-11-24T10:00:00+01:00 [24/Nov/2026:10:00:00 +0100] 200",
         "time=2026-11-24T10:00:00+01:00"},
        {"time:$time_local\\thost:$remote_addr\\tua:$http_user_agent\\tstatus:$status",
         "time:24/Nov/2026:10:00:00 +0000\thost:192.0.2.1\tua:x y\tstatus:200",
         "time=2026-11-24T10:00:00Z\nagent=x y\nstatus=200"},
        {"$request_method $scheme://$host:$server_port$request_uri $server_protocol $status",
         "GET https://www.example.org:8443/a?b HTTP/2.0 200",
         "method=GET\nhost=www.example.org\nport=8443\ntarget=/a?b\nprotocol=HTTP/2.0"},
        {"$http_host $host $server_name $status", "a.example.org b.example.org c.example.org 200",
         "host=a.example.org"},
        {"$uri $request_uri $args $status", "/index.php /a?b b 200", "target=/a?b"},
        {"$request_method $uri \"$args\" $status", "GET /a \"b=c\" 200", "target=/a?b=c"},
        {"$request_method $uri \"$args\" $status", "GET /a \"-\" 200", "target=/a"},
        /* nginx writes a hyphen for arguments that are not there. */
        {"\"$request_method $uri$is_args$args $server_protocol\" $status",
         "\"GET /a-b- HTTP/1.1\" 200", "target=/a-b"},
        {"\"$request_method $uri$is_args$args $server_protocol\" $status",
         "\"GET /a?b- HTTP/1.1\" 200", "target=/a?b-"},
        {"$uri?$query_string $status", "/a-?- 200", "target=/a-"},
        {"$uri?$query_string $status", "/a?b=c 200", "target=/a?b=c"},
        {"escape=none $uri$is_args$args|$status", "/a-|200", "target=/a-"},
        {"$remote_addr [$sent_http_content_type] $upstream_cache_status $ssl_protocol/$ssl_cipher "
         "$pipe "
         "$cookie_a $arg_b $1 $request_id $status",
         "192.0.2.1 [text/html; charset=utf-8] HIT TLSv1.3/TLS_AES_256_GCM_SHA384 . - - - 0a 200",
         "cache=HIT\ntls=TLSv1.3\nrequest_id=0a"},
        {"$remote_addr, $http_x_forwarded_for - $status",
         "192.0.2.1, 198.51.100.1, 203.0.113.1 - 200",
         "client=192.0.2.1\nforwarded=198.51.100.1, 203.0.113.1"},
        {"$http_x_real_ip $status", "192.0.2.1 200", "client=192.0.2.1"},
        {"100% $remote_addr $status", "100% 192.0.2.1 200", "status=200"},
        {"log_format j escape=json '{\"t\":\"$time_iso8601\",\"m\":$msec,\"s\":$status,"
         "\"d\":$request_time,\"u\":$upstream_response_time,\"r\":\"$request\",\"x\":\"$http_x_a\"}"
         "';",
         "{\"t\":\"2026-11-24T10:00:00+00:00\",\"m\":1795514400.250,\"s\":200,\"d\":0.004,\"u\":,"
         "\"r\":\"GET /\\\"a\\\" HTTP/1.1\",\"x\":\"\\u0001\"}",
         "time=2026-11-24T10:00:00.250000Z\nstatus=200\nus=4000\ntarget=/\\\"a\\\""},
        {"log_format n escape=none '$remote_addr \"$http_user_agent\" $status \"$http_referer\"';",
         "192.0.2.1 \"a \"b\" \\\" 200 \"\"", "agent=a \"b\" \\\nreferer=\nstatus=200"},
    };
    check_readings(cases, HA_COUNT(cases));
}

static void mistakes_point_at_their_column(void **state)
{
    (void)state;
    static const struct {
        const char *string;
        size_t column;
        const char *words;
    } cases[] = {
        {"%h %Q", 4, "%Q is no directive of Apache's LogFormat (there is %q)"},
        {"%h %{Foo}Q %s", 4, "%{Foo}Q"},
        {"\"%h \\\"%r\\\" %Z\"", 12, "%Z"},
        {"LogFormat \"%h %Z\" x", 15, "%Z"},
        {"LogFormat \"%h \\\n %Z\" x", 18, "%Z"},
        {"%h %\xC3\xA9", 4, "%\xC3\xA9 is no directive"},
        {"%h %^xx", 4, "%^xx is no directive"},
        {"%h %{Referer i", 5, "is not closed"},
        {"%h %>", 4, "no letter"},
        {"%h %i", 4, "{NAME}"},
        {"%h %{foo}p", 4, "{canonical} {local} {remote}"},
        {"%h %{%F %V}t", 9, "%V is no directive of strftime"},
        {"%h %{%N}t", 6, "%N is no directive of strftime"},
        {"%h %{%F %}t", 9, "ends within"},
        {"%h%b", 3, "nothing stands between %h and %b"},
        {"%>s %{a}i%{b}i", 10, "nothing stands between %{a}i and %{b}i"},
        {"$remote_addr$request", 13, "nothing stands between $remote_addr and $request"},
        {"%h\\n%s", 3, "several lines"},
        {"$remote_addr $stattus", 14, "did you mean $status?"},
        {"$remote_addr $my_place", 14, "--log-format=@nginx.conf"},
        {"$remote_addr ${status", 14, "not closed"},
        {"$remote_addr $ $status", 14, "no name of a variable"},
        {"log_format x '$remote_addr '\n '$stat';", 32, "$stat is no variable"},
        {"log_format x escape=xml '$status';", 21, "default, json or none"},
        {"log_format x '$status", 14, "not closed"},
        {"log_format", 1, "no % directive and no $variable"},
        {"log_format ;", 12, "a name and a string"},
        {"hello", 1, "single quotes"},
        {"'%h' %s", 6, "behind the quote"},
        {"", 0, "empty"},
        {" \n", 0, "empty"},
        {"@", 0, "the name of a file is missing"},
        {"log_format a '$status'; log_format b '$host $status';", 0, "(a, b)"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_problem p = {.err = HA_OK};
        assert_null(set_of(cases[i].string, &p));
        if (p.err != HA_ERR_SYNTAX || p.line != 0 || p.column != cases[i].column ||
            strcmp(p.place, "--log-format") != 0 || strstr(p.cause, cases[i].words) == NULL)
            fail_msg("%s: %s:%zu:%zu: %s", cases[i].string, p.place, p.line, p.column, p.cause);
    }
}

/* ---- files ---- */

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static const char apache_conf[] =
    "# LogFormat \"%h commented\" combined\n"
    "<IfModule log_config_module>\n"
    "  LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b \\\"%{Referer}i\\\" \\\n"
    "\\\"%{User-Agent}i\\\"\" combined\n"
    "  LogFormat \"%h %>s\" \"two words\"\n"
    "  logformat '%a %>s' short\n"
    "  CustomLog logs/access_log combined\n"
    "  CustomLog logs/x_log \"%t %h %{SSL_PROTOCOL}x %>s\"\n"
    "  LogFormat \"%h %Q\" wrong\n"
    "</IfModule>\n";

static const char nginx_conf[] =
    "http {\n"
    "  # log_format old '$nothing';\n"
    "  map $uri $my_kind { default \"a;b\"; ~^/x x; }\n"
    "  content_by_lua_block { local s = \"{\" .. \"}\" -- don't\n }\n"
    "  log_format main '$remote_addr [$time_local] ' # a comment; with '\n"
    "                  \"\\\"$request\\\" \" '$status ${my_kind}';\n"
    "  log_format js escape=json '{\"s\":$status}';\n"
    "  log_format wrong '$status $nowhere';\n"
    "  server { access_log logs/a.log main; location ~ (?<part>.) { set $b '}'; } }\n"
    "  log_format captured '$part $b $status';\n"
    "}\n";

struct in_file {
    const char *name; /* "" for none */
    const char *line; /* NULL: an error with these words at this line and column */
    const char *want;
    size_t at_line, at_column;
};

static void check_file(const char *path, const struct in_file *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char string[200];
        struct ha_problem p = {.err = HA_OK};
        snprintf(string, sizeof string, "@%s%s%s", path, cases[i].name[0] != '\0' ? ":" : "",
                 cases[i].name);
        struct ha_patterns *set = set_of(string, &p);
        if ((set == NULL) != (cases[i].line == NULL))
            fail_msg("%s: %s:%zu:%zu: %s", cases[i].name, p.place, p.line, p.column, p.cause);
        if (set != NULL) {
            check_line(set, string, cases[i].line, cases[i].want);
        } else if (strcmp(p.place, path) != 0 || strstr(p.cause, cases[i].want) == NULL ||
                   p.line != cases[i].at_line || p.column != cases[i].at_column) {
            fail_msg("%s: %s:%zu:%zu: %s", cases[i].name, p.place, p.line, p.column, p.cause);
        }
        ha_patterns_free(&set);
    }
}

static void formats_are_found_in_configuration_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/httpannotate-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a:b.conf", folder);
    write_file(path, apache_conf);
    static const struct in_file apache[] = {
        {"combined",
         "192.0.2.1 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"ua\"",
         "agent=ua\nstatus=200", 0, 0},
        {"two words", "192.0.2.1 404", "status=404", 0, 0},
        {"short", "192.0.2.1 405", "status=405", 0, 0},
        {"logs/x_log", "[24/Nov/2026:10:00:00 +0000] 192.0.2.1 TLSv1.3 200", "tls=TLSv1.3", 0, 0},
        {"", NULL, "combined, two words, short, logs/x_log, wrong", 0, 0},
        {"none", NULL, "no format is called none; there is combined, two words", 0, 0},
        {"wrong", NULL, "%Q is no directive", 9, 17},
    };
    check_file(path, apache, HA_COUNT(apache));
    write_file(path, nginx_conf);
    static const struct in_file nginx[] = {
        {"main", "192.0.2.1 [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 any text",
         "status=200", 0, 0},
        {"js", "{\"s\":204}", "status=204", 0, 0},
        {"captured", "a b 200", "status=200", 0, 0},
        {"wrong", NULL, "$nowhere is no variable of nginx and nothing else in this file names it",
         9, 29},
        {"", NULL, "main, js, wrong, captured", 0, 0},
        {"old", NULL, "no format is called old", 0, 0},
    };
    check_file(path, nginx, HA_COUNT(nginx));
    write_file(path, "log_format one '$status';\ninclude more.conf;\n");
    static const struct in_file one[] = {{"", "200", "status=200", 0, 0}};
    check_file(path, one, HA_COUNT(one));
    /* What the file includes may set it. */
    write_file(path, "log_format one '$status $of_others'; include more.conf;\n");
    static const struct in_file included[] = {{"one", "200 x", "status=200", 0, 0}};
    check_file(path, included, HA_COUNT(included));
    write_file(path, "log_format one '$status'\n");
    static const struct in_file open[] = {{"", NULL, "the ; that ends log_format", 2, 1}};
    check_file(path, open, HA_COUNT(open));
    write_file(path, "LogFormat \"%h %s\n");
    static const struct in_file quote[] = {{"", NULL, "this quote is not closed", 1, 11}};
    check_file(path, quote, HA_COUNT(quote));
    write_file(path, "Include conf.d/*.conf\n");
    static const struct in_file nothing[] = {
        {"", NULL, "files that it includes are not read", 0, 0}};
    check_file(path, nothing, HA_COUNT(nothing));
    assert_int_equal(unlink(path), 0);
    static const struct in_file missing[] = {{"", NULL, "No such file", 0, 0}};
    snprintf(path, sizeof path, "%s/none", folder);
    check_file(path, missing, HA_COUNT(missing));
    assert_int_equal(rmdir(folder), 0);
}

static void several_strings_have_several_names(void **state)
{
    (void)state;
    struct ha_problem p;
    struct ha_patterns *set = set_of("%h %>s", &p);
    assert_int_equal(ha_patterns_add(set, "combined", &p), HA_OK);
    assert_int_equal(ha_patterns_add_log_format(set, "$remote_addr|$status", &p), HA_OK);
    assert_int_equal(ha_patterns_count(set), 3);
    assert_string_equal(ha_pattern_name(set, 0), "log_format");
    assert_string_equal(ha_pattern_summary(set, 0), "%h %>s");
    assert_string_equal(ha_pattern_name(set, 1), "combined");
    assert_string_equal(ha_pattern_name(set, 2), "log_format_2");
    check_line(set, "three patterns", "192.0.2.1|404", "client=192.0.2.1\nstatus=404");
    ha_patterns_free(&set);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char *const strings[] = {
        COMMON " %{%F %T}t.%{msec_frac}t",
        "log_format x '$remote_addr [$time_local] \"$request\" ' '$status';"};
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    for (size_t i = 0; i < HA_COUNT(strings); i++) {
        bool through = false;
        for (uint64_t n = 1; !through && n < 1000; n++) {
            struct ha_patterns *set = NULL;
            struct ha_problem p = {.err = HA_OK};
            assert_int_equal(ha_patterns_empty(&limits, &set), HA_OK);
            ha_alloc_fail_at(n);
            enum ha_err err = ha_patterns_add_log_format(set, strings[i], &p);
            through = ha_alloc_fail_at(0) < n;
            assert_int_equal(err, through ? HA_OK : HA_ERR_MEMORY);
            assert_int_equal(p.err, err);
            ha_patterns_free(&set);
        }
        assert_true(through);
    }
}

/* ---- strings made at random ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void add_text(char *to, size_t size, const char *more)
{
    size_t len = strlen(to);
    snprintf(to + len, size - len, "%s", more);
}

/* Any directives with any separators between them read the lines that a server would write. */
static void what_a_server_writes_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *apache, *nginx, *values[3];
    } items[] = {
        {"%h", "$remote_addr", {"192.0.2.1", "2001:db8::1", "gate.example.org"}},
        {"%u", "$remote_user", {"-", "bob", "Mary Ann"}},
        {"%t",
         "[$time_local]",
         {"[24/Nov/2026:10:00:00 +0000]", "[01/Jan/2027:00:00:00 -1130]",
          "[28/Feb/2028:23:59:60 +0545]"}},
        {"\"%r\"", "\"$request\"", {"\"GET /a?b=c HTTP/1.1\"", "\"-\"", "\"\\x16\\x03 \\\\ 200\""}},
        {"%b", "$body_bytes_sent", {"0", "7", "5368709120"}},
        {"\"%{User-agent}i\"", "\"$http_user_agent\"", {"\"-\"", "\"a (b; c) [d] 404 5\"", "\"\""}},
        {"%{Referer}i", "$http_referer", {"-", "https://example.org/?a=b", "x y"}},
        {"%D", "$request_time", {"0", "17", "250"}},
        {"%v:%p", "$host:$server_port", {"www.example.org:80", "[2001:db8::80]:443", "a:1"}},
        {"%m %U%q %H",
         "$request_method $request_uri $server_protocol",
         {"GET /a?b HTTP/1.1", "M-SEARCH * HTTP/1.1", "- /a b HTTP/2.0"}},
        {"%A %P %k",
         "$upstream_addr $upstream_status $upstream_response_time",
         {"192.0.2.9 12 0", "192.0.2.9:80 200 0", "[::1]:80 502 1"}},
    };
    static const char *const separators[] = {" ", "|", "\t", " - ", ";", " <> "};
    uint32_t seed = 17;
    for (size_t round = 0; round < 600; round++) {
        char string[800] = "", line[800] = "";
        bool nginx = round % 2 == 1;
        const char *between = separators[next_random(&seed) % HA_COUNT(separators)];
        size_t count = 1 + next_random(&seed) % 6, status_at = next_random(&seed) % (count + 1);
        for (size_t i = 0; i <= count; i++) {
            size_t pick = next_random(&seed) % HA_COUNT(items);
            if (i > 0) {
                add_text(string, sizeof string, between);
                add_text(line, sizeof line, between);
            }
            add_text(string, sizeof string,
                     i == status_at ? nginx ? "$status" : "%>s"
                     : nginx        ? items[pick].nginx
                                    : items[pick].apache);
            add_text(line, sizeof line,
                     i == status_at ? "418" : items[pick].values[next_random(&seed) % 3]);
        }
        struct ha_problem p;
        struct ha_patterns *set = set_of(string, &p);
        if (set == NULL)
            fail_msg("%s: %zu: %s", string, p.column, p.cause);
        check_line(set, string, line, "status=418");
        ha_patterns_free(&set);
    }
}

/* Whatever the string, it is read or refused, and every refusal says why. */
static void no_string_does_harm(void **state)
{
    (void)state;
    static const char *const parts[] = {"%",
                                        "$",
                                        "{",
                                        "}",
                                        "\"",
                                        "'",
                                        "\\",
                                        " ",
                                        "%h",
                                        "%>s",
                                        "%{",
                                        "}t",
                                        "}i",
                                        "%t",
                                        "%U",
                                        "%q",
                                        "$uri",
                                        "$is_args",
                                        "$args",
                                        "$status",
                                        "${",
                                        "%F",
                                        "%T",
                                        "%{sec}t",
                                        "%{msec_frac}t",
                                        "%{end:",
                                        "@",
                                        ":",
                                        "log_format ",
                                        "LogFormat ",
                                        "escape=json ",
                                        "escape=",
                                        ";",
                                        "#",
                                        "\n",
                                        "\t",
                                        "\x01",
                                        "\xFF",
                                        "a",
                                        "-",
                                        "[",
                                        "]",
                                        "?",
                                        "$upstream_addr",
                                        "$http_",
                                        "%400,!",
                                        "^",
                                        "^ti",
                                        "%%",
                                        "$1",
                                        "'$status'",
                                        "\"%h\""};
    uint32_t seed = 42;
    size_t good = 0;
    for (size_t round = 0; round < 20000; round++) {
        char string[600] = "";
        for (size_t n = next_random(&seed) % 12 + 1; n > 0; n--)
            add_text(string, sizeof string, parts[next_random(&seed) % HA_COUNT(parts)]);
        if (string[0] == '@')
            continue; /* what files are there is not ours to know */
        struct ha_problem p = {.err = HA_OK};
        struct ha_patterns *set = set_of(string, &p);
        if (set == NULL) {
            if (p.err != HA_ERR_SYNTAX || p.cause[0] == '\0' || p.column > strlen(string) + 1)
                fail_msg("%s: %d, column %zu: %s", string, (int)p.err, p.column, p.cause);
            continue;
        }
        good++;
        struct ha_matcher *m = NULL;
        assert_int_equal(ha_matcher_new(set, &m), HA_OK);
        struct ha_record r = {.line = HA_VIEW_LIT(COMMON_LINE)};
        ha_match(m, &r);
        ha_matcher_free(&m);
        ha_patterns_free(&set);
    }
    assert_true(good > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_string_is_taken_as_the_configuration_has_it),
        cmocka_unit_test(apache_strings),
        cmocka_unit_test(times_of_apache),
        cmocka_unit_test(nginx_strings),
        cmocka_unit_test(mistakes_point_at_their_column),
        cmocka_unit_test(formats_are_found_in_configuration_files),
        cmocka_unit_test(several_strings_have_several_names),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(what_a_server_writes_is_read),
        cmocka_unit_test(no_string_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
