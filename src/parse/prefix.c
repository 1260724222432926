/* prefix.c - what syslog, journald and container runtimes put before a line.
 *
 * Syslog as RFC 3164 and RFC 5424 have it and as rsyslog and journalctl write it; docker logs -t
 * and docker compose; the Kubernetes container runtime interface and kubectl logs --prefix; Cloud
 * Foundry. What logging libraries put there is told by prefix_log.c, what grep does by
 * prefix_file.c. */
#include "parse/prefix.h"

#include <string.h>

#include "parse/cursor.h"
#include "parse/prefix_file.h"
#include "parse/prefix_log.h"
#include "parse/values.h"

enum { PREFIX_MOST = 512 }; /* bytes of a prefix that are looked at */

/* Nov 24 10:00:00, with or without a year and a fraction: RFC 3164 section 4.1.2 and its users. */
static bool bsd_time(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    if (next.end - next.at < 15 || ha_month(next.at) == 0)
        return false;
    next.at += 3;
    if (!ha_cursor_blanks(&next) || ha_cursor_digits(&next, 2) == 0 || !ha_cursor_blanks(&next))
        return false;
    struct ha_cursor year = next;
    if (ha_cursor_shape(&year, "dddd "))
        next = year;
    if (!ha_cursor_shape(&next, "dd:dd:dd"))
        return false;
    ha_cursor_fraction(&next);
    *c = next;
    return true;
}

/* "web1 nginx[12]: ", or the tag alone. The colon is what tells a tag from a message. */
static bool host_and_tag(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    struct ha_view one;
    for (int i = 0; i < 2; i++) {
        if (!ha_cursor_word(&next, &one))
            return false;
        bool tag = one.len > 1 && one.ptr[one.len - 1] == ':';
        if (!ha_cursor_blanks(&next))
            return false;
        if (tag) {
            *c = next;
            return true;
        }
    }
    return false;
}

/* HOSTNAME APP-NAME PROCID MSGID and structured data, RFC 5424 section 6, behind the time. */
static bool rfc5424_rest(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    struct ha_view one;
    for (int i = 0; i < 4; i++)
        if (!ha_cursor_blanks(&next) || !ha_cursor_word(&next, &one))
            return false;
    if (!ha_cursor_blanks(&next))
        return false;
    if (ha_cursor_text(&next, "-")) {
        *c = next;
        return ha_cursor_blanks(c);
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
    return ha_cursor_blanks(c);
}

/* stdout F , stderr P : the tags of a Kubernetes container runtime. */
static bool stream_and_tag(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    if (!ha_cursor_text(&next, "stdout ") && !ha_cursor_text(&next, "stderr "))
        return false;
    if (!ha_cursor_text(&next, "F ") && !ha_cursor_text(&next, "P "))
        return false;
    *c = next;
    return true;
}

/* web-1  | , as docker compose and process managers name whose line it is. */
static bool name_and_bar(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    if (ha_cursor_digits(&next, 4) > 0 && !ha_cursor_text(&next, "|")) /* 0|web  | */
        next = *c;
    const char *start = next.at;
    while (next.at < next.end && (ha_is_letter(*next.at) || ha_is_digit(*next.at) ||
                                  *next.at == '-' || *next.at == '_' || *next.at == '.'))
        next.at++;
    if (next.at == start || !ha_cursor_blanks(&next) || !ha_cursor_text(&next, "|"))
        return false;
    *c = next;
    return true;
}

/* The colours of compose and the mark of UTF-8 at a file's beginning stand for nothing. */
static void skip_marks(struct ha_cursor *c)
{
    for (;;) {
        struct ha_cursor next = *c;
        if (!ha_cursor_text(&next, "\x1B[")) {
            if (!ha_cursor_text(c, HA_BOM))
                return;
            continue;
        }
        while (next.at < next.end && (ha_is_digit(*next.at) || *next.at == ';'))
            next.at++;
        if (!ha_cursor_text(&next, "m"))
            return;
        *c = next;
    }
}

/* <PRI>, RFC 5424 section 6.2.1. */
static bool priority(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    if (!ha_cursor_text(&next, "<") || ha_cursor_digits(&next, 3) == 0 ||
        !ha_cursor_text(&next, ">"))
        return false;
    *c = next;
    return true;
}

/* "web1 nginx[12]: ", but for the tags of programs whose formats take syslog's head as their
 * own. */
static bool host_and_other_tag(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    struct ha_view host, tag;
    if (!ha_cursor_word(&next, &host) || !ha_cursor_blanks(&next))
        return false;
    struct ha_cursor at_tag = next;
    if (ha_cursor_text(&at_tag, "haproxy") || ha_cursor_text(&at_tag, "heroku") ||
        !ha_cursor_word(&next, &tag))
        return false;
    return host.ptr[host.len - 1] != ':' && tag.len > 1 && tag.ptr[tag.len - 1] == ':';
}

bool ha_prefix_certain(struct ha_view line)
{
    struct ha_cursor c = {line.ptr, line.ptr + line.len};
    if (line.len < 32)
        return false;
    if (*c.at == ' ')
        return ha_count_prefix(line) > 0 || ha_file_prefix(line) > 0;
    if (*c.at == '<')
        return priority(&c);
    if (*c.at == '\xEF')
        return ha_cursor_text(&c, HA_BOM);
    if (*c.at >= 'A' && c.at[3] == ' ' && bsd_time(&c))
        return ha_cursor_blanks(&c) && host_and_other_tag(&c);
    if (*c.at >= 'A' && (ha_level_with_name(&c) || ha_level_and_client(&c)))
        return true;
    if (ha_file_prefix(line) > 0)
        return true;
    if (*c.at >= 'A')
        return false;
    if (c.at[4] != '-' || !ha_cursor_shape(&c, "dddd-dd-ddTdd:dd:dd"))
        return false;
    ha_cursor_fraction(&c);
    return ha_cursor_zone(&c) && ha_cursor_blanks(&c) &&
           (stream_and_tag(&c) || host_and_other_tag(&c));
}

/* [RTR/0] OUT , [APP/PROC/WEB/0] ERR : what Cloud Foundry puts before a line of a program. */
static bool source_and_stream(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    struct ha_view source;
    if (!ha_cursor_text(&next, "[") || !ha_cursor_word(&next, &source) ||
        source.ptr[source.len - 1] != ']' || !ha_cursor_blanks(&next) ||
        (!ha_cursor_text(&next, "OUT ") && !ha_cursor_text(&next, "ERR ")))
        return false;
    *c = next;
    return true;
}

/* What may stand behind a full time and a blank. */
static void behind_time(struct ha_cursor *c)
{
    if (!stream_and_tag(c) && !source_and_stream(c) && !host_and_tag(c) && !ha_level_and_name(c) &&
        !ha_level_alone(c))
        (void)ha_cursor_text(c, "- ");
}

/* A prefix that begins with a time. */
static bool timed(struct ha_cursor *c, struct ha_prefix *p)
{
    bool whole = false;
    struct ha_cursor next = *c;
    if ((ha_cursor_shape(&next, "d ") || ha_cursor_shape(&next, "dd ")) &&
        ha_prefix_time(&next, p, &whole) && whole && rfc5424_rest(&next)) {
        *c = next;
        return true;
    }
    next = *c;
    if (ha_prefix_time(&next, p, &whole) || bsd_time(&next)) {
        *c = next;
        if (ha_cursor_text(c, ":")) /* 2026-11-24T10:00:00: , as process managers write it */
            return ha_cursor_blanks(c);
        if (ha_tabbed_columns(c))
            return true;
        if (!ha_cursor_blanks(c))
            return false;
        behind_time(c);
        return true;
    }
    next = *c;
    if (ha_cursor_shape(&next, "dd:dd:dd")) {
        ha_cursor_fraction(&next);
        if (!ha_cursor_blanks(&next) || (!name_and_bar(&next) && !ha_level_and_name(&next)))
            return false;
        *c = next;
        ha_cursor_blanks(c);
        return true;
    }
    return false;
}

/* journalctl's other forms: a weekday before the date, seconds since the epoch or the start. The
 * zone is a name there, of which one alone is known. */
static bool journal(struct ha_cursor *c, struct ha_prefix *p)
{
    struct ha_cursor next = *c;
    bool whole = false;
    if (next.end - next.at > 24 && next.at[3] == ' ' && ha_is_letter(*next.at)) {
        next.at += 4;
        struct ha_view name;
        if (!ha_prefix_time(&next, p, &whole) || !ha_cursor_blanks(&next) ||
            !ha_cursor_word(&next, &name) || !ha_cursor_blanks(&next) || !host_and_tag(&next))
            return p->has_time = false;
        p->has_time &= ha_view_is(name, "UTC");
        p->offset_min = 0;
    } else {
        bool bracket = ha_cursor_text(&next, "[");
        if (bracket)
            ha_cursor_blanks(&next);
        if (ha_cursor_digits(&next, 12) == 0 || !ha_cursor_text(&next, ".") ||
            ha_cursor_digits(&next, 9) < 3 || (bracket && !ha_cursor_text(&next, "]")) ||
            !ha_cursor_blanks(&next) || !host_and_tag(&next))
            return false;
    }
    *c = next;
    return true;
}

static bool named(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    struct ha_view one;
    if (ha_cursor_text(&next, "[pod/")) {
        if (!ha_cursor_word(&next, &one) || one.ptr[one.len - 1] != ']' || !ha_cursor_blanks(&next))
            return false;
        *c = next;
        return true;
    }
    if (name_and_bar(&next)) {
        skip_marks(&next);
        ha_cursor_blanks(&next);
        *c = next;
        return true;
    }
    if (ha_cursor_text(c, "info: ")) /* winston */
        return true;
    return ha_level_with_name(c) || ha_level_alone(c);
}

/* What grep puts before a line; the one that is not certain only where nothing else is there. */
static bool file_and_number(struct ha_cursor *c)
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
    struct ha_cursor c = {line.ptr, line.ptr + (line.len < PREFIX_MOST ? line.len : PREFIX_MOST)};
    *out = (struct ha_prefix){0};
    skip_marks(&c);
    c.at += ha_count_prefix((struct ha_view){c.at, (size_t)(c.end - c.at)});
    ha_cursor_blanks(&c);
    bool found = c.at > line.ptr;
    found |= priority(&c);
    if (timed(&c, out) || journal(&c, out) || ha_bracketed_time(&c, out) || named(&c) ||
        file_and_number(&c))
        found = true;
    skip_marks(&c);
    out->len = (size_t)(c.at - line.ptr);
    return found && out->len < line.len;
}
