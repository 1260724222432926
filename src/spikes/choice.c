/* choice.c - which groups of errors are watched, and what they are called. */
#include "httpannotate/spikes.h"

#include <string.h>

enum { LEAST = 400, MOST = 599, SERVER = 500 };

static bool is_single(const struct ha_spike_choice *c, int status)
{
    unsigned i = (unsigned)(status - LEAST);
    return (c->status[i / 64] >> i % 64 & 1) != 0;
}

bool ha_spike_watches(const struct ha_spike_choice *c, int group)
{
    if (c->off)
        return false;
    if (group == 4 || group == 5)
        return group == 4 ? c->class_4xx : c->class_5xx;
    if (group < LEAST || group > MOST)
        return false;
    return (c->every_5xx && group >= SERVER) || is_single(c, group);
}

bool ha_spike_group_has(int group, int status)
{
    return group == status ||
           (group < LEAST && status >= LEAST && status <= MOST && group == status / 100);
}

size_t ha_spike_group_text(int group, char to[HA_SPIKE_GROUP_TEXT])
{
    bool is_class = group < LEAST;
    HA_ASSERT(group == 4 || group == 5 || (group >= LEAST && group <= MOST));
    to[0] = (char)('0' + (is_class ? group : group / 100));
    to[1] = (char)(is_class ? 'x' : '0' + group / 10 % 10);
    to[2] = (char)(is_class ? 'x' : '0' + group % 10);
    to[3] = '\0';
    return 3;
}

/* ---- reading a list ---- */

static struct ha_view next_entry(struct ha_view *rest)
{
    struct ha_view v = *rest;
    const char *comma = v.len == 0 ? NULL : memchr(v.ptr, ',', v.len);
    if (comma != NULL)
        v.len = (size_t)(comma - v.ptr);
    rest->ptr = comma != NULL ? comma + 1 : NULL;
    rest->len = comma != NULL ? rest->len - v.len - 1 : 0;
    while (v.len > 0 && v.ptr[v.len - 1] == ' ')
        v.len--;
    while (v.len > 0 && v.ptr[0] == ' ')
        v.ptr++, v.len--;
    return v;
}

static bool read_status(struct ha_view v, int *status)
{
    uint64_t n;
    if (v.len != 3 || !ha_view_u64(v, &n) || n < LEAST || n > MOST)
        return false;
    *status = (int)n;
    return true;
}

static bool add_entry(struct ha_spike_choice *c, struct ha_view v)
{
    int low, high;
    if (ha_view_eq_nocase(v, HA_VIEW_LIT("4xx")))
        return c->class_4xx = true;
    if (ha_view_eq_nocase(v, HA_VIEW_LIT("5xx")))
        return c->class_5xx = true;
    bool range = v.len == 7 && v.ptr[3] == '-';
    if (!read_status((struct ha_view){v.ptr, range ? 3 : v.len}, &low))
        return false;
    high = low;
    if (range && (!read_status((struct ha_view){v.ptr + 4, 3}, &high) || high < low))
        return false;
    for (unsigned i = (unsigned)(low - LEAST); i <= (unsigned)(high - LEAST); i++)
        c->status[i / 64] |= UINT64_C(1) << i % 64;
    return true;
}

enum ha_err ha_spike_choice_parse(struct ha_view list, struct ha_spike_choice *out,
                                  struct ha_problem *p)
{
    struct ha_spike_choice c = {0};
    do {
        struct ha_view entry = next_entry(&list);
        if (!add_entry(&c, entry))
            return ha_problem_set(p, HA_ERR_SYNTAX, "",
                                  "'%.*s' is no group of errors; it takes a list of statuses from "
                                  "400 to 599 (429), ranges of them (500-504), 4xx and 5xx",
                                  (int)(entry.len < 60 ? entry.len : 60), entry.ptr);
    } while (list.ptr != NULL);
    *out = c;
    return HA_OK;
}
