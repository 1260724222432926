/* prefix.c - what syslog, journald and container runtimes put before a line.
 *
 * Syslog as RFC 3164 and RFC 5424 have it and as rsyslog and journalctl write it; docker logs -t
 * and docker compose; the Kubernetes container runtime interface and kubectl logs --prefix; the
 * time, level and name that logging libraries (logback, Python's logging) set before a message. */
#include "parse/prefix.h"

#include <string.h>

#include "parse/prefix_file.h"
#include "parse/values.h"

enum { PREFIX_MOST = 512 }; /* bytes of a prefix that are looked at */

/* Where we are in the line. Functions that read a part move on and say true, or stay and say
 * false. */
struct cursor {
    const char *at, *end;
};

static bool blanks(struct cursor *c)
{
    const char *start = c->at;
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
        c->at++;
    return c->at > start;
}

static bool text(struct cursor *c, const char *want)
{
    size_t len = strlen(want);
    if ((size_t)(c->end - c->at) < len || memcmp(c->at, want, len) != 0)
        return false;
    c->at += len;
    return true;
}

/* A shape: d a digit, everything else itself. */
static bool shape(struct cursor *c, const char *want)
{
    const char *at = c->at;
    for (; *want != '\0'; want++, at++)
        if (at >= c->end || (*want == 'd' ? !ha_is_digit(*at) : *at != *want))
            return false;
    c->at = at;
    return true;
}

static size_t digits(struct cursor *c, size_t most)
{
    size_t n = 0;
    while (n < most && c->at < c->end && ha_is_digit(*c->at)) {
        c->at++;
        n++;
    }
    return n;
}

/* A word: no blank, and nothing that quotes. */
static bool word(struct cursor *c, struct ha_view *out)
{
    const char *start = c->at;
    while (c->at < c->end && (unsigned char)*c->at > ' ' && *c->at != '"' && *c->at != '\x7F')
        c->at++;
    *out = (struct ha_view){start, (size_t)(c->at - start)};
    return out->len > 0;
}

static void fraction(struct cursor *c)
{
    struct cursor next = *c;
    if (next.at < next.end && (*next.at == '.' || *next.at == ',')) {
        next.at++;
        if (digits(&next, 12) > 0)
            *c = next;
    }
}

static bool zone(struct cursor *c)
{
    return text(c, "Z") || shape(c, "+dd:dd") || shape(c, "-dd:dd") || shape(c, "+dddd") ||
           shape(c, "-dddd");
}

/* 2026-11-24T10:00:00.123Z and its kin; whole: it has a zone, so that it names a moment. */
static bool iso_time(struct cursor *c, struct ha_prefix *p, bool *whole)
{
    const char *start = c->at;
    if (!shape(c, "dddd-dd-ddTdd:dd:dd") && !shape(c, "dddd-dd-dd dd:dd:dd") &&
        !shape(c, "dddd/dd/dd dd:dd:dd"))
        return false;
    fraction(c);
    *whole = zone(c);
    p->has_time = *whole && ha_read_any_time((struct ha_view){start, (size_t)(c->at - start)},
                                             &p->time_us, &p->offset_min);
    return true;
}

/* Nov 24 10:00:00, with or without a year and a fraction: RFC 3164 section 4.1.2 and its users. */
static bool bsd_time(struct cursor *c)
{
    struct cursor next = *c;
    if (next.end - next.at < 15 || ha_month(next.at) == 0)
        return false;
    next.at += 3;
    if (!blanks(&next) || digits(&next, 2) == 0 || !blanks(&next))
        return false;
    struct cursor year = next;
    if (shape(&year, "dddd "))
        next = year;
    if (!shape(&next, "dd:dd:dd"))
        return false;
    fraction(&next);
    *c = next;
    return true;
}

/* "web1 nginx[12]: ", or the tag alone. The colon is what tells a tag from a message. */
static bool host_and_tag(struct cursor *c)
{
    struct cursor next = *c;
    struct ha_view one;
    for (int i = 0; i < 2; i++) {
        if (!word(&next, &one))
            return false;
        bool tag = one.len > 1 && one.ptr[one.len - 1] == ':';
        if (!blanks(&next))
            return false;
        if (tag) {
            *c = next;
            return true;
        }
    }
    return false;
}

/* HOSTNAME APP-NAME PROCID MSGID and structured data, RFC 5424 section 6, behind the time. */
static bool rfc5424_rest(struct cursor *c)
{
    struct cursor next = *c;
    struct ha_view one;
    for (int i = 0; i < 4; i++)
        if (!blanks(&next) || !word(&next, &one))
            return false;
    if (!blanks(&next))
        return false;
    if (text(&next, "-")) {
        *c = next;
        return blanks(c);
    }
    bool quoted = false;
    if (next.at >= next.end || *next.at != '[')
        return false;
    for (; next.at < next.end; next.at++) {
        if (*next.at == '\\' && quoted && next.at + 1 < next.end)
            next.at++;
        else if (*next.at == '"')
            quoted = !quoted;
        else if (*next.at == ']' && !quoted && (next.at + 1 == next.end || next.at[1] != '['))
            break;
    }
    next.at += next.at < next.end;
    *c = next;
    return blanks(c);
}

static bool level(struct cursor *c)
{
    static const char *const names[] = {"TRACE", "DEBUG",    "INFO",  "NOTICE", "WARNING", "WARN",
                                        "ERROR", "CRITICAL", "FATAL", "info",   "debug",   "warn"};
    struct cursor next = *c;
    for (size_t i = 0; i < HA_COUNT(names); i++) {
        if (!text(&next, names[i]))
            continue;
        if (next.at < next.end && ha_is_letter(*next.at))
            return false;
        *c = next;
        return true;
    }
    return false;
}

static bool begins_with_address(const struct cursor *c)
{
    return ha_is_address((struct ha_view){c->at, (size_t)(c->end - c->at)});
}

/* A logger's name in front of a client: uvicorn.access 192.0.2.1 */
static void name_before_client(struct cursor *c)
{
    struct cursor next = *c;
    struct ha_view name;
    if (word(&next, &name) && memchr(name.ptr, '.', name.len) != NULL && blanks(&next) &&
        !begins_with_address(c) && begins_with_address(&next))
        *c = next;
}

/* INFO , [INFO] , and the name of the logger where a client follows it. */
static bool level_alone(struct cursor *c)
{
    struct cursor next = *c;
    bool bracket = text(&next, "[");
    if (!level(&next) || (bracket && !text(&next, "]")) || !blanks(&next))
        return false;
    name_before_client(&next);
    *c = next;
    return true;
}

/* INFO [thread] name - , [thread] INFO name: , name - INFO - : up to the mark before the
 * message. */
static bool level_and_name(struct cursor *c)
{
    struct cursor next = *c;
    bool seen = false;
    for (; next.at < next.end && !seen; next.at++) {
        bool starts = next.at == c->at || next.at[-1] == ' ' || next.at[-1] == '[';
        struct cursor ahead = next;
        if (starts && level(&ahead)) {
            next = ahead;
            seen = true;
            break;
        }
        if (*next.at == '"')
            return false;
    }
    if (!seen)
        return false;
    for (; next.at < next.end && *next.at != '"'; next.at++) {
        if (next.at[-1] == ' ' && begins_with_address(&next))
            return false; /* the mark would be the line's own: 192.0.2.1:4711 - "GET */
        if (text(&next, " - ") || text(&next, " : ") || text(&next, ": ")) {
            blanks(&next);
            *c = next;
            return true;
        }
    }
    return false;
}

/* INFO:werkzeug: , as Python's logging begins a line when nobody configures it. */
static bool level_with_name(struct cursor *c)
{
    struct cursor next = *c;
    if (!level(&next) || !text(&next, ":"))
        return false;
    const char *start = next.at;
    while (next.at < next.end && (ha_is_letter(*next.at) || *next.at == '.' || *next.at == '_'))
        next.at++;
    if (next.at == start || !text(&next, ":"))
        return false;
    *c = next;
    return true;
}

/* stdout F , stderr P : the tags of a Kubernetes container runtime. */
static bool stream_and_tag(struct cursor *c)
{
    struct cursor next = *c;
    if (!text(&next, "stdout ") && !text(&next, "stderr "))
        return false;
    if (!text(&next, "F ") && !text(&next, "P "))
        return false;
    *c = next;
    return true;
}

/* web-1  | , as docker compose and process managers name whose line it is. */
static bool name_and_bar(struct cursor *c)
{
    struct cursor next = *c;
    if (digits(&next, 4) > 0 && !text(&next, "|")) /* 0|web  | */
        next = *c;
    const char *start = next.at;
    while (next.at < next.end && (ha_is_letter(*next.at) || ha_is_digit(*next.at) ||
                                  *next.at == '-' || *next.at == '_' || *next.at == '.'))
        next.at++;
    if (next.at == start || !blanks(&next) || !text(&next, "|"))
        return false;
    *c = next;
    return true;
}

/* The colours of compose and the mark of UTF-8 at a file's beginning stand for nothing. */
static void skip_marks(struct cursor *c)
{
    for (;;) {
        struct cursor next = *c;
        if (!text(&next, "\x1B[")) {
            if (!text(c, HA_BOM))
                return;
            continue;
        }
        while (next.at < next.end && (ha_is_digit(*next.at) || *next.at == ';'))
            next.at++;
        if (!text(&next, "m"))
            return;
        *c = next;
    }
}

/* <PRI>, RFC 5424 section 6.2.1. */
static bool priority(struct cursor *c)
{
    struct cursor next = *c;
    if (!text(&next, "<") || digits(&next, 3) == 0 || !text(&next, ">"))
        return false;
    *c = next;
    return true;
}

/* "web1 nginx[12]: ", but for the tags of programs whose formats take syslog's head as their
 * own. */
static bool host_and_other_tag(struct cursor *c)
{
    struct cursor next = *c;
    struct ha_view host, tag;
    if (!word(&next, &host) || !blanks(&next))
        return false;
    struct cursor at_tag = next;
    if (text(&at_tag, "haproxy") || text(&at_tag, "heroku") || !word(&next, &tag))
        return false;
    return host.ptr[host.len - 1] != ':' && tag.len > 1 && tag.ptr[tag.len - 1] == ':';
}

/* INFO 192.0.2.1 and more than one column before a bracket: "INFO 192.0.2.1 - [" may be a line
 * whose client is called INFO. */
static bool level_and_client(struct cursor *c)
{
    struct cursor next = *c;
    struct ha_view one;
    if (!level_alone(&next) || !begins_with_address(&next))
        return false;
    (void)word(&next, &one);
    return blanks(&next) && word(&next, &one) && blanks(&next) && next.at < next.end &&
           *next.at != '[';
}

bool ha_prefix_certain(struct ha_view line)
{
    struct cursor c = {line.ptr, line.ptr + line.len};
    if (line.len < 32)
        return false;
    if (*c.at == ' ')
        return ha_count_prefix(line) > 0 || ha_file_prefix(line) > 0;
    if (*c.at == '<')
        return priority(&c);
    if (*c.at == '\xEF')
        return text(&c, HA_BOM);
    if (*c.at >= 'A' && c.at[3] == ' ' && bsd_time(&c))
        return blanks(&c) && host_and_other_tag(&c);
    if (*c.at >= 'A' && (level_with_name(&c) || level_and_client(&c)))
        return true;
    if (ha_file_prefix(line) > 0)
        return true;
    if (*c.at >= 'A')
        return false;
    if (c.at[4] != '-' || !shape(&c, "dddd-dd-ddTdd:dd:dd"))
        return false;
    fraction(&c);
    return zone(&c) && blanks(&c) && (stream_and_tag(&c) || host_and_other_tag(&c));
}

/* What may stand behind a full time and a blank. */
static void behind_time(struct cursor *c)
{
    if (!stream_and_tag(c) && !host_and_tag(c) && !level_and_name(c))
        (void)text(c, "- ");
}

/* A prefix that begins with a time. */
static bool timed(struct cursor *c, struct ha_prefix *p)
{
    bool whole = false;
    struct cursor next = *c;
    if ((shape(&next, "d ") || shape(&next, "dd ")) && iso_time(&next, p, &whole) && whole &&
        rfc5424_rest(&next)) {
        *c = next;
        return true;
    }
    next = *c;
    if (iso_time(&next, p, &whole) || bsd_time(&next)) {
        *c = next;
        if (text(c, ":")) /* 2026-11-24T10:00:00: , as process managers write it */
            return blanks(c);
        if (!blanks(c))
            return false;
        behind_time(c);
        return true;
    }
    next = *c;
    if (shape(&next, "dd:dd:dd")) {
        fraction(&next);
        if (!blanks(&next) || (!name_and_bar(&next) && !level_and_name(&next)))
            return false;
        *c = next;
        blanks(c);
        return true;
    }
    return false;
}

/* journalctl's other forms: a weekday before the date, seconds since the epoch or the start. */
static bool journal(struct cursor *c, struct ha_prefix *p)
{
    struct cursor next = *c;
    bool whole = false;
    if (next.end - next.at > 24 && next.at[3] == ' ' && ha_is_letter(*next.at)) {
        next.at += 4;
        struct ha_view name;
        if (!iso_time(&next, p, &whole) || !blanks(&next) || !word(&next, &name) ||
            !blanks(&next) || !host_and_tag(&next))
            return false;
    } else {
        bool bracket = text(&next, "[");
        if (bracket)
            blanks(&next);
        if (digits(&next, 12) == 0 || !text(&next, ".") || digits(&next, 9) < 3 ||
            (bracket && !text(&next, "]")) || !blanks(&next) || !host_and_tag(&next))
            return false;
    }
    *c = next;
    return true;
}

static bool named(struct cursor *c)
{
    struct cursor next = *c;
    struct ha_view one;
    if (text(&next, "[pod/")) {
        if (!word(&next, &one) || one.ptr[one.len - 1] != ']' || !blanks(&next))
            return false;
        *c = next;
        return true;
    }
    if (name_and_bar(&next)) {
        skip_marks(&next);
        blanks(&next);
        *c = next;
        return true;
    }
    return level_with_name(c) || level_alone(c);
}

/* What grep puts before a line; the one that is not certain only where nothing else is there. */
static bool file_and_number(struct cursor *c)
{
    struct ha_view rest = {c->at, (size_t)(c->end - c->at)};
    size_t len = ha_file_prefix(rest);
    if (len == 0)
        len = ha_file_prefix_loose(rest);
    c->at += len;
    return len > 0;
}

bool ha_prefix_find(struct ha_view line, struct ha_prefix *out)
{
    if (line.len == 0)
        return false;
    struct cursor c = {line.ptr, line.ptr + (line.len < PREFIX_MOST ? line.len : PREFIX_MOST)};
    *out = (struct ha_prefix){0};
    skip_marks(&c);
    c.at += ha_count_prefix((struct ha_view){c.at, (size_t)(c.end - c.at)});
    blanks(&c);
    bool found = c.at > line.ptr;
    found |= priority(&c);
    if (timed(&c, out) || journal(&c, out) || named(&c) || file_and_number(&c))
        found = true;
    skip_marks(&c);
    out->len = (size_t)(c.at - line.ptr);
    return found && out->len < line.len;
}
