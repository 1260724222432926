/* log_format_lines_test.c - what format strings of Apache and nginx read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format_lines.h"

#define COMMON      "%h %l %u %t \"%r\" %>s %b"
#define COMMON_LINE "192.0.2.1 - bob [24/Nov/2026:10:00:00 +0100] \"PUT /x HTTP/1.1\" 201 7"

static const struct reading apache_cases[] = {
    {"%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"",
     "www.example.org:443 2001:db8::1 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/2.0\" 200 "
     "512 "
     "\"-\" \"a \\\"b\\\" \\\\\"",
     "host=www.example.org\nport=443\nclient=2001:db8::1\nbytes=512\nreferer=-\n"
     "agent=a \\\"b\\\" \\\\"},
    {"%v:%p %>s", "[2001:db8::80]:8080 200", "host=[2001:db8::80]\nport=8080"},
    {COMMON " \"%{Referer}i\" \"%{User-agent}i\" %I %O %D %{ms}T %T",
     COMMON_LINE " \"-\" \"ua\" 100 350 1234567 1234 1", "bytes=7\nrequest_bytes=100\nus=1234567"},
    {"%h %>s %T", "192.0.2.1 200 3", "us=3000000"},
    {"%h %>s %{ms}T", "192.0.2.1 200 3", "us=3000"},
    {"%h %>s %T %{us}T", "192.0.2.1 200 0 250", "us=250"},
    {"%h %>s %{ns}T", "192.0.2.1 200 250000", "us=250"},
    {"%h %s %>s", "192.0.2.1 200 404", "status=404"},
    {"%h %>s %s", "192.0.2.1 404 200", "status=404"},
    {"%h %s", "192.0.2.1 -", "status=-"},
    {"%h %>s %B %O", "192.0.2.1 304 0 300", "bytes=0"},
    {"%h %>s %O %{Content-Length}o", "192.0.2.1 200 300 250", "bytes=300"},
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
     "192.0.2.1|[24/Nov/2026:10:00:00 +0000]|GET /a|b HTTP/1.1|200|x|y", "target=/a|b\nagent=x|y"},
    {"%h,%t,%m,%U,%q,%>s,%b", "192.0.2.1,[24/Nov/2026:10:00:00 +0000],GET,/x,y,?a=b,200,5",
     "method=GET\ntarget=/x,y?a=b\nstatus=200\nbytes=5"},
    {"%h\\t%r\\t%>s", "192.0.2.1\tGET /a b HTTP/1.1\t200", "target=/a b\nstatus=200"},
    /* Method, target and protocol apart. */
    {"%h %m %U%q %H %>s", "192.0.2.1 POST /a?b=c HTTP/1.1 200",
     "method=POST\ntarget=/a?b=c\nprotocol=HTTP/1.1"},
    {"%h \"%m %U%q %H\" %>s", "192.0.2.1 \"GET /a\\\"b?c d HTTP/1.1\" 200", "target=/a\\\"b?c d"},
    {"%m \"%U\" \"%q\" %>s", "GET \"/a\" \"?b=c\" 200", "target=/a?b=c"},
    {"%m \"%U\" \"%q\" %>s", "GET \"/a\" \"\" 200", "target=/a"},
    {"\"%r\" %m %U %>s", "\"GET /a?b HTTP/1.1\" GET /a 200", "target=/a?b"},
    {"http://%v%U%q %>s", "http://www.example.org/a?b 200", "host=www.example.org\ntarget=/a?b"},
    {"%a:%{remote}p <-> %A:%p %>s", "2001:db8::1:50000 <-> 192.0.2.80:443 200",
     "client=2001:db8::1\nport=443"},
    /* Conditions put a hyphen in the place of a value. */
    {"%h %400,501{User-agent}i %!200,304,302{Referer}i %>s", "192.0.2.1 - http://example.org/ 404",
     "agent=-\nreferer=http://example.org/"},
    {"%h %!404t %>s", "192.0.2.1 - 404", "time=-\nstatus=404"},
    {"%h %!404t %>s", "192.0.2.1 [24/Nov/2026:10:00:00 +0000] 200", "time=2026-11-24T10:00:00Z"},
    {"%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x \"%r\" %b %>s",
     "[24/Nov/2026:10:00:00 +0000] 192.0.2.1 TLSv1.3 TLS_AES_256_GCM_SHA384 \"GET / HTTP/1.1\" "
     "5 200",
     "tls=TLSv1.3\nbytes=5"},
    {"%k %X %{tid}P %{hextid}P %P %L %{UNIQUE_ID}e %R %f %{a}C %{b}n %{c}^ti %{d}^to %^FB %S "
     "%>s",
     "2 + 140 7f9 16 - ZZZ fcgi /x y - - - - 12 99 200", "request_id=ZZZ\nstatus=200"},
    {"100%% %>s", "100% 200", "status=200"},
    {"%t%s %b", "[24/Nov/2026:10:00:00 +0000]200 5", "status=200\nbytes=5"},
    {"%{Referer}i -> %U %>s", "http://example.org/ -> /x 200",
     "referer=http://example.org/\ntarget=/x"},
};

static void apache_strings(void **state)
{
    (void)state;
    check_readings(apache_cases, HA_COUNT(apache_cases));
}

static const struct reading time_cases[] = {
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
    {"%{end:}t %>s", "[24/Nov/2026:10:00:00 +0000] 200", "time=2026-11-24T10:00:00Z\nstatus=200"},
    {"%{begin:%F %T}t %{end:msec_frac}t %>s", "2026-11-24 10:00:00 250 200",
     "time=2026-11-24T10:00:00Z"},
    {"%{end:sec}t.%{end:msec_frac}t %>s", "1795514400.250 200", "time=2026-11-24T10:00:00.250000Z"},
    /* What is no whole time is read over. */
    {"%{%H:%M:%S}t %>s", "10:00:00 200", "time=-\nstatus=200"},
    {"%{msec_frac}t %>s", "250 200", "time=-"},
    {"%{%a %b %e %H:%M:%S %Y}t %>s", "Tue Nov 24 10:00:00 2026 200", "time=2026-11-24T10:00:00Z"},
    {"%{%A, %d-%h-%y %I:%M %p}t %>s", "Tuesday, 24-Nov-26 09:30 PM 200",
     "time=2026-11-24T21:30:00Z"},
    {"%{%c}t %>s", "Tue Nov  3 10:00:00 2026 200", "time=2026-11-03T10:00:00Z"},
    {"%{%D %X 100%%}t %>s", "11/24/26 10:00:00 100% 200", "time=2026-11-24T10:00:00Z"},
    {"%{%Y.%j %k:%M}t %>s", "2026.328  9:30 200", "time=2026-11-24T09:30:00Z"},
};

static void times_of_apache(void **state)
{
    (void)state;
    check_readings(time_cases, HA_COUNT(time_cases));
}

static const struct reading nginx_cases[] = {
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
    {"$request_uri $args $status", "/a b=c 200", "target=/a"},
    {"$request_method $uri \"$args\" $status", "GET /a \"b=c\" 200", "target=/a?b=c"},
    {"$request_method $uri \"$args\" $status", "GET /a \"-\" 200", "target=/a"},
    /* nginx writes a hyphen for arguments that are not there. */
    {"\"$request_method $uri$is_args$args $server_protocol\" $status", "\"GET /a-b- HTTP/1.1\" 200",
     "target=/a-b"},
    {"\"$request_method $uri$is_args$args $server_protocol\" $status", "\"GET /a?b- HTTP/1.1\" 200",
     "target=/a?b-"},
    {"$uri?$query_string $status", "/a-?- 200", "target=/a-"},
    {"$uri?$query_string $status", "/a?b=c 200", "target=/a?b=c"},
    {"escape=none $uri$is_args$args|$status", "/a-|200", "target=/a-"},
    {"$remote_addr [$sent_http_content_type] $upstream_cache_status $ssl_protocol/$ssl_cipher "
     "$pipe "
     "$cookie_a $arg_b $1 $request_id $status",
     "192.0.2.1 [text/html; charset=utf-8] HIT TLSv1.3/TLS_AES_256_GCM_SHA384 . - - - 0a 200",
     "cache=HIT\ntls=TLSv1.3\nrequest_id=0a"},
    {"$remote_addr, $http_x_forwarded_for - $status", "192.0.2.1, 198.51.100.1, 203.0.113.1 - 200",
     "client=192.0.2.1\nforwarded=198.51.100.1, 203.0.113.1"},
    {"$status|$upstream_addr|$upstream_status|$http_x", "200|192.0.2.9:80, [::1]:80|502, 200|a|b",
     "upstream=192.0.2.9:80, [::1]:80\nupstream_status=502, 200"},
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

static void nginx_strings(void **state)
{
    (void)state;
    check_readings(nginx_cases, HA_COUNT(nginx_cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apache_strings),
        cmocka_unit_test(times_of_apache),
        cmocka_unit_test(nginx_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
