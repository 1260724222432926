/* gen_log.c - writes a combined log of a given shape and size, the same for the same seed.
 *
 *     gen_log SHAPE BYTES [SEED]      BYTES takes K, M or G; whole lines, at least BYTES in all
 *
 * Shapes: plain     what a busy site logs: few clients and targets take most requests (Zipf)
 *         agents    as plain, agents of 300 to 1200 bytes
 *         distinct  every line a target and a client of its own
 *         errors    4xx and 5xx only
 *         odd       escapes, requests that are no HTTP, missing columns: what needs the patterns */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { OUT_SIZE = 1 << 20, LINE_MAX_BYTES = 4096 };

enum shape { PLAIN, AGENTS, DISTINCT, ERRORS, ODD, SHAPES };
static const char *const shape_names[SHAPES] = {"plain", "agents", "distinct", "errors", "odd"};

static uint64_t state;

/* SplitMix64 (Steele, Lea, Flood 2014): fast, seeded by any number. */
static uint64_t next(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint32_t under(uint32_t n)
{
    return (uint32_t)((next() >> 32) * n >> 32);
}

/* 0 to n - 1, low numbers far oftener: each doubling as likely, near enough to Zipf's law. */
static uint32_t skewed(uint32_t n)
{
    uint64_t top = UINT64_C(2) << under(15);
    return under(top < n ? (uint32_t)top : n);
}

static const char *const agents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example.net/about)",
    "curl/8.5.0",
    "-",
};
static const char *const referers[] = {
    "-",
    "-",
    "https://shop.example.org/",
    "https://shop.example.org/items/1042",
    "https://search.example.com/?q=standing+lamp",
};
static const char *const odd_requests[] = {
    "\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xFC\\x03\\x03",
    "-",
    "",
    "GET /a b c HTTP/1.1",
    "QUIT",
    "GET /q?s=\\\"quoted\\\" HTTP/1.1",
    "GET /legacy",
};
static const int statuses[] = {200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 206, 301,
                               302, 304, 304, 304, 404, 404, 403, 429, 499, 500, 502, 503};
static const int errors[] = {400, 401, 403, 404, 404, 404, 405, 429, 429, 499, 500, 502, 503, 504};
static const char *const methods[] = {"GET", "GET", "GET", "GET", "GET", "GET", "POST", "HEAD"};

#define PICK(array) ((array)[under((uint32_t)(sizeof(array) / sizeof((array)[0])))])

/* The address of client number n, of the networks for benchmarks (RFC 2544) and documentation. */
static int put_client(char *to, size_t size, uint32_t n)
{
    if (n % 8 == 7 || n > 0x1ffff)
        return snprintf(to, size, "2001:db8:%x:%x::%x", n >> 20, n >> 8 & 0xfff, n & 0xff);
    return snprintf(to, size, "198.%u.%u.%u", 18 + (n >> 16), n >> 8 & 255, n & 255);
}

static int put_time(char *to, size_t size, time_t t)
{
    /* Formatting a time is the dearest part of a line, and seconds repeat. */
    static time_t last = -1;
    static char text[40];
    if (t != last) {
        struct tm tm;
        gmtime_r(&t, &tm);
        strftime(text, sizeof text, "%d/Nov/2026:%H:%M:%S +0000", &tm);
        last = t;
    }
    return snprintf(to, size, " - - [%s] \"", text);
}

static int put_request(char *to, size_t size, enum shape shape, uint64_t number)
{
    if (shape == ODD && under(2) == 0)
        return snprintf(to, size, "%s", PICK(odd_requests));
    const char *method = PICK(methods);
    if (shape == DISTINCT)
        return snprintf(to, size, "%s /d/%" PRIx64 " HTTP/1.1", method, number * 2654435761u);
    uint32_t target = skewed(20000);
    if (target % 5 == 0)
        return snprintf(to, size, "%s /search?q=lamp&page=%u HTTP/2.0", method, target / 5);
    return snprintf(to, size, "%s /%s/%u HTTP/1.1", method, target % 3 ? "items" : "api/v2/orders",
                    target);
}

static int put_agent(char *to, size_t size, enum shape shape)
{
    if (shape == ODD && under(4) == 0)
        return snprintf(to, size, "\"odd \\\"agent\\\" \\\\ %u\"", under(100));
    if (shape != AGENTS)
        return snprintf(to, size, "\"%s\"", PICK(agents));
    int len = (int)(300 + under(900));
    int n = snprintf(to, size, "\"%s ", agents[0]);
    for (; n < len; n++)
        to[n] = "abcdefghij klmnop/0123.456789;()"[n * 7 % 32];
    return n + snprintf(to + n, size - (size_t)n, "\"");
}

static size_t put_line(char *to, enum shape shape, uint64_t number, time_t t)
{
    size_t n = 0;
    uint32_t client = shape == DISTINCT ? (uint32_t)number : skewed(30000);
    n += (size_t)put_client(to, LINE_MAX_BYTES, client);
    n += (size_t)put_time(to + n, LINE_MAX_BYTES - n, t);
    n += (size_t)put_request(to + n, LINE_MAX_BYTES - n, shape, number);
    int status = shape == ERRORS ? PICK(errors) : PICK(statuses);
    if (shape == ODD && under(3) == 0) /* common: no referer, no agent */
        return n + (size_t)snprintf(to + n, LINE_MAX_BYTES - n, "\" %d -\n", status);
    n += (size_t)snprintf(to + n, LINE_MAX_BYTES - n, "\" %d %u \"%s\" ", status,
                          status == 304 ? 0 : 100 + under(90000), PICK(referers));
    n += (size_t)put_agent(to + n, LINE_MAX_BYTES - n, shape);
    to[n++] = '\n';
    return n;
}

static int flush(const char *from, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, from, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        from += n;
        len -= (size_t)n;
    }
    return 0;
}

static int generate(enum shape shape, uint64_t want)
{
    static char out[OUT_SIZE + LINE_MAX_BYTES];
    const time_t start = 1793491200; /* 2026-11-01T00:00:00Z */
    uint64_t made = 0;
    size_t len = 0;
    for (uint64_t i = 0; made < want; i++) {
        /* 200 lines a second, within the month. */
        size_t n = put_line(out + len, shape, i, start + (time_t)(i / 200 % 2592000));
        made += n;
        len += n;
        if (len >= OUT_SIZE) {
            if (flush(out, len) != 0)
                return -1;
            len = 0;
        }
    }
    return flush(out, len);
}

static bool read_size(const char *text, uint64_t *size)
{
    char *end;
    *size = strtoull(text, &end, 10);
    const char *units = "KMG";
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (end == text || (*end && (!unit || end[1])))
        return false;
    if (unit)
        *size <<= 10 * (unit - units + 1);
    return true;
}

int main(int argc, char **argv)
{
    uint64_t size;
    int shape = 0;
    while (argc >= 3 && shape < SHAPES && strcmp(argv[1], shape_names[shape]) != 0)
        shape++;
    if (argc < 3 || argc > 4 || shape == SHAPES || !read_size(argv[2], &size)) {
        fprintf(stderr, "usage: gen_log plain|agents|distinct|errors|odd BYTES[K|M|G] [SEED]\n");
        return 2;
    }
    state = argc == 4 ? strtoull(argv[3], NULL, 10) : 1;
    if (generate((enum shape)shape, size) != 0) {
        fprintf(stderr, "gen_log: standard output: %s\n", strerror(errno));
        return 2;
    }
    return 0;
}
