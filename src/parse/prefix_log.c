/* prefix_log.c - what logging libraries set before a message: time, level, thread, name. */
#include "parse/prefix_log.h"

#include <string.h>

#include "parse/prefix_file.h"
#include "parse/values.h"

bool ha_prefix_time(struct ha_cursor *c, struct ha_prefix *p, bool *whole)
{
    const char *start = c->at;
    if (!ha_cursor_shape(c, "dddd-dd-ddTdd:dd:dd") && !ha_cursor_shape(c, "dddd-dd-dd dd:dd:dd") &&
        !ha_cursor_shape(c, "dddd/dd/dd dd:dd:dd"))
        return false;
    ha_cursor_fraction(c);
    struct ha_cursor apart = *c;
    *whole = ha_cursor_zone(c);
    if (!*whole && ha_cursor_text(&apart, " ") &&
        (ha_cursor_shape(&apart, "+dddd") || ha_cursor_shape(&apart, "-dddd"))) {
        *whole = true;
        *c = apart;
    }
    p->has_time = ha_read_any_time((struct ha_view){start, (size_t)(c->at - start)}, &p->time_us,
                                   &p->offset_min);
    return true;
}

static bool level(struct ha_cursor *c)
{
    static const char *const names[] = {"TRACE", "DEBUG",  "INFO",     "NOTICE", "WARNING",
                                        "WARN",  "ERROR",  "CRITICAL", "FATAL",  "info",
                                        "debug", "notice", "warning",  "warn",   "error"};
    struct ha_cursor next = *c;
    for (size_t i = 0; i < HA_COUNT(names); i++) {
        if (!ha_cursor_text(&next, names[i]))
            continue;
        if (next.at < next.end && ha_is_letter(*next.at))
            return false;
        *c = next;
        return true;
    }
    return false;
}

static bool begins_with_address(const struct ha_cursor *c)
{
    return ha_is_address((struct ha_view){c->at, (size_t)(c->end - c->at)});
}

/* A logger's name between a level and a client: uvicorn.access 192.0.2.1 */
static void name_before_client(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    struct ha_view name;
    if (!begins_with_address(c) && ha_cursor_word(&next, &name) && ha_cursor_blanks(&next) &&
        begins_with_address(&next))
        *c = next;
}

bool ha_level_alone(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    bool bracket = ha_cursor_text(&next, "[");
    if (!level(&next) || (bracket && !ha_cursor_text(&next, "]")) || !ha_cursor_blanks(&next))
        return false;
    name_before_client(&next);
    *c = next;
    return true;
}

/* The first level in the words before a quote, and behind it. */
static bool find_level(struct ha_cursor *c)
{
    for (struct ha_cursor next = *c; next.at < next.end && *next.at != '"'; next.at++) {
        bool starts = next.at == c->at || next.at[-1] == ' ' || next.at[-1] == '[';
        struct ha_cursor ahead = next;
        if (!starts || !level(&ahead))
            continue;
        *c = ahead;
        return true;
    }
    return false;
}

/* [thread], [req-0b4a - - -], (default task-1): all between brackets, which quotes nothing. */
static bool group(struct ha_cursor *c)
{
    if (c->at >= c->end || (*c->at != '[' && *c->at != '('))
        return false;
    const char close = *c->at == '[' ? ']' : ')', *at = c->at;
    while (at < c->end && *at != close && *at != '"')
        at++;
    if (at == c->end || *at == '"')
        return false;
    c->at = at + 1;
    return true;
}

bool ha_level_and_name(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    if (!find_level(&next))
        return false;
    for (; next.at < next.end && *next.at != '"'; next.at++) {
        struct ha_cursor ahead = next;
        if (group(&ahead)) {
            next.at = ahead.at - 1;
            if (!ha_cursor_blanks(&ahead) || ahead.at == ahead.end ||
                (*ahead.at != '{' && !begins_with_address(&ahead)))
                continue;
            *c = ahead; /* nothing but the brackets is there to mark the end */
            return true;
        }
        /* The mark would be the line's own: 192.0.2.1:4711 - "GET, /x 200 1 ms - 12 */
        if (next.at[-1] == ' ' && (*next.at == '/' || begins_with_address(&next)))
            return false;
        if (ha_cursor_text(&next, " - ") || ha_cursor_text(&next, " : ") ||
            ha_cursor_text(&next, ": ")) {
            ha_cursor_blanks(&next);
            *c = next;
            return true;
        }
    }
    return false;
}

/* Any number of [...], each with blanks behind it. */
static bool groups(struct ha_cursor *c)
{
    bool any = false;
    for (struct ha_cursor next = *c; group(&next) && ha_cursor_blanks(&next); any = true)
        *c = next;
    return any;
}

bool ha_bracketed_time(struct ha_cursor *c, struct ha_prefix *p)
{
    struct ha_prefix timed = *p;
    struct ha_cursor next = *c;
    struct ha_view name;
    bool whole = false;
    if (!ha_cursor_text(&next, "[") || !ha_prefix_time(&next, &timed, &whole) ||
        !ha_cursor_text(&next, "]") || !ha_cursor_blanks(&next))
        return false;
    if (groups(&next)) {
        struct ha_cursor ahead = next;
        if (ha_cursor_word(&ahead, &name) && ha_cursor_text(&ahead, " - ") &&
            begins_with_address(&ahead))
            next = ahead;
    } else if (!ha_level_and_name(&next)) {
        (void)ha_level_alone(&next);
    }
    *c = next;
    *p = timed;
    return true;
}

bool ha_tabbed_columns(struct ha_cursor *c)
{
    const char *last = NULL;
    if (c->at >= c->end || *c->at != '\t')
        return false;
    for (const char *at = c->at; at < c->end && *at != '{' && *at != '"'; at++)
        if (*at == '\t')
            last = at;
    c->at = last + 1;
    return true;
}

bool ha_level_with_name(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    if (!level(&next) || !ha_cursor_text(&next, ":"))
        return false;
    const char *start = next.at;
    while (next.at < next.end && (ha_is_letter(*next.at) || *next.at == '.' || *next.at == '_'))
        next.at++;
    if (next.at == start || !ha_cursor_text(&next, ":"))
        return false;
    *c = next;
    return true;
}

bool ha_level_and_client(struct ha_cursor *c)
{
    struct ha_cursor next = *c;
    struct ha_view one;
    if (!ha_level_alone(&next) || !begins_with_address(&next))
        return false;
    (void)ha_cursor_word(&next, &one);
    return ha_cursor_blanks(&next) && ha_cursor_word(&next, &one) && *one.ptr != '[' &&
           ha_cursor_blanks(&next) && next.at < next.end && *next.at != '[';
}
