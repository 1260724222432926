/* marks.c - lines with their marks, some at a time, so that the marks stay in the nearest cache. */
#include <string.h>

#include "kernels.h"

/* Offsets have 32 bits: a line that needs more goes without. */
#define FARTHEST ((size_t)1 << 31)

void ha_marks_begin(struct ha_marks *m, struct ha_view run)
{
    m->base = run.ptr;
    m->len = run.len;
    m->start = m->scanned = 0;
    m->first = m->count = 0;
}

/* Gives out the bytes up to `end`, whose marks are those before at[mark]. */
static struct ha_marked_line give(struct ha_marks *m, size_t end, uint32_t mark)
{
    struct ha_marked_line line = {
        {m->base + m->start, end - m->start}, m->base, m->at + m->first, mark - m->first};
    m->start = end;
    return line;
}

/* Lines whose ends are known. */
static size_t give_whole(struct ha_marks *m, struct ha_marked_line *to, size_t most)
{
    size_t n = 0;
    uint32_t mark = m->first;
    while (n < most) {
        while (mark < m->count && m->base[m->at[mark]] != '\n')
            mark++;
        if (mark == m->count)
            break;
        to[n++] = give(m, (size_t)m->at[mark] + 1, mark);
        m->first = ++mark;
    }
    return n;
}

/* Marks behind those that are known, which are moved to the front. False when there is no room: they are
 * all of one line. */
static bool scan_on(struct ha_marks *m)
{
    uint32_t held = m->count - m->first;
    for (uint32_t i = 0; i < held; i++)
        m->at[i] = m->at[m->first + i] - (uint32_t)m->start;
    m->base += m->start;
    m->len -= m->start;
    m->scanned -= m->start;
    m->start = 0;
    m->first = 0;
    m->count = held;
    size_t len = m->len < FARTHEST ? m->len : FARTHEST;
    if (m->scanned == len)
        return false;
    size_t before = m->scanned;
    m->scanned += ha_kernel_in_use()->mark(m->base + before, len - before, (uint32_t)before, m->at,
                                           &m->count, HA_MARKS_ROOM);
    return m->scanned > before;
}

static struct ha_marked_line give_crowded(struct ha_marks *m)
{
    const char *newline = memchr(m->base, '\n', m->len);
    size_t end = newline == NULL ? m->len : (size_t)(newline - m->base) + 1;
    struct ha_marked_line line = {{m->base, end}, m->base, m->at, HA_MARKS_UNKNOWN};
    ha_marks_begin(m, (struct ha_view){m->base + end, m->len - end});
    return line;
}

size_t ha_marks_lines(struct ha_marks *m, struct ha_marked_line *to, size_t most)
{
    HA_ASSERT(most > 0);
    size_t n = give_whole(m, to, most);
    while (n == 0 && m->start < m->len) {
        if (m->scanned == m->len) {
            *to = give(m, m->len, m->count);
            m->first = m->count;
            return 1;
        }
        if (!scan_on(m)) {
            *to = give_crowded(m);
            return 1;
        }
        n = give_whole(m, to, most);
    }
    return n;
}
