/* marks.c - lines with their marks, some at a time, so that the marks stay in the nearest cache. */
#include <string.h>

#include "kernels.h"

/* Marks looked for at a time: of some tens of lines, so that these are still in the nearest cache
 * when they are read. */
#define AHEAD 320

/* Offsets have 32 bits: a line that needs more goes without. */
#define FARTHEST ((size_t)1 << 31)

void ha_marks_begin(struct ha_marks *m, struct ha_view run)
{
    m->base = run.ptr;
    m->len = run.len;
    m->start = m->scanned = 0;
    m->first = m->count = m->whole = 0;
}

/* Marks behind those that are known, which are moved to the front. False when there is no room:
 * they are all of one line. */
static bool scan_on(struct ha_marks *m)
{
    uint32_t held = m->count - m->first;
    for (uint32_t i = 0; i < held; i++)
        m->at[i] = m->at[m->first + i] - (uint32_t)m->start;
    m->base += m->start;
    m->len -= m->start;
    m->scanned -= m->start;
    m->start = 0;
    m->first = m->whole = 0;
    m->count = held;
    size_t len = m->len < FARTHEST ? m->len : FARTHEST, before = m->scanned;
    uint32_t room = held < HA_MARKS_ROOM - AHEAD ? held + AHEAD : HA_MARKS_ROOM;
    if (before == len)
        return false;
    ha_kernel_in_use()->mark(m, len, room);
    m->whole = m->count;
    while (m->whole > 0 && m->base[m->at[m->whole - 1]] != '\n')
        m->whole--;
    return m->scanned > before;
}

bool ha_marks_ahead(struct ha_marks *m)
{
    while (m->first >= m->whole)
        if (m->scanned == m->len || !scan_on(m))
            return false;
    return true;
}

static struct ha_marked_line give_whole(struct ha_marks *m)
{
    uint32_t first = m->first, last = first;
    while (m->base[m->at[last]] != '\n')
        last++;
    size_t start = m->start, end = m->at[last];
    bool cr = end > start && m->base[end - 1] == '\r'; /* then its mark is the last one */
    m->start = end + 1;
    m->first = last + 1;
    return (struct ha_marked_line){{m->base + start, end - start - cr},
                                   m->base,
                                   m->at + first,
                                   last - first - cr,
                                   (uint8_t)(1 + cr)};
}

static struct ha_marked_line give_crowded(struct ha_marks *m)
{
    const char *newline = memchr(m->base, '\n', m->len);
    size_t end = newline == NULL ? m->len : (size_t)(newline - m->base);
    bool cr = newline != NULL && end > 0 && newline[-1] == '\r';
    struct ha_marked_line line = {
        {m->base, end - cr}, m->base, m->at, HA_MARKS_UNKNOWN, (uint8_t)((newline != NULL) + cr)};
    end += newline != NULL;
    ha_marks_begin(m, (struct ha_view){m->base + end, m->len - end});
    return line;
}

/* What is left behind the last LF of the run. */
static struct ha_marked_line give_rest(struct ha_marks *m)
{
    struct ha_marked_line line = {
        {m->base + m->start, m->len - m->start}, m->base, m->at + m->first, m->count - m->first, 0};
    m->start = m->len;
    m->first = m->count;
    return line;
}

bool ha_marks_next(struct ha_marks *m, struct ha_marked_line *to)
{
    if (ha_marks_ahead(m))
        *to = give_whole(m);
    else if (m->start == m->len)
        return false;
    else if (m->scanned == m->len)
        *to = give_rest(m);
    else
        *to = give_crowded(m);
    return true;
}
