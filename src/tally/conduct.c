/* conduct.c - which records say something of a client or a target over time, and what. */
#include "conduct.h"

#include "count.h"

#include <string.h>

int64_t ha_conduct_period(enum ha_conduct_kind kind)
{
    HA_ASSERT(kind < HA_CONDUCT_N);
    return ha_conduct_length(kind);
}

void ha_conduct_init(struct ha_conduct *c, size_t max)
{
    memset(c, 0, sizeof *c);
    c->patch = ha_facts_method_index(HA_VIEW_LIT("PATCH"));
    c->delete = ha_facts_method_index(HA_VIEW_LIT("DELETE"));
    c->move = ha_facts_method_index(HA_VIEW_LIT("MOVE"));
    for (int i = 0; i < HA_CONDUCT_N; i++)
        c->table[i].max = max < UINT32_MAX / 4 ? max : UINT32_MAX / 4;
}

void ha_conduct_done(struct ha_conduct *c)
{
    for (int i = 0; i < HA_CONDUCT_N; i++) {
        ha_free(c->table[i].actors);
        ha_free(c->table[i].periods);
        ha_free(c->table[i].index);
        c->table[i] = (struct ha_conduct_table){0};
    }
}

void ha_conduct_reset(struct ha_conduct *c)
{
    for (int i = 0; i < HA_CONDUCT_N; i++) {
        struct ha_conduct_table *t = &c->table[i];
        t->count = t->used = t->touched = 0;
        t->free = 0;
        t->seen = t->level = 0;
        if (t->index != NULL)
            memset(t->index, 0, (t->mask + 1) * sizeof *t->index);
    }
    if (c->any_welcome)
        memset(c->welcome, 0, sizeof c->welcome);
    c->any_welcome = false;
}

void ha_conduct_follow(struct ha_conduct *c, const struct ha_conduct *of)
{
    for (int i = 0; i < HA_CONDUCT_N; i++)
        c->table[i].level = of->table[i].level;
}

bool ha_conduct_has_room(const struct ha_conduct *c, size_t n)
{
    for (int i = 0; i < HA_CONDUCT_N; i++)
        if (n > c->table[i].max || c->table[i].used > c->table[i].max - n)
            return false;
    return true;
}

/* ---- what a record tells of ---- */

static bool is_method(const struct ha_record *r, const char *name)
{
    return r->method > HA_PUT && ha_view_is(ha_get(r, HA_FIELD_METHOD), name);
}

static bool is_client_known(const struct ha_record *r)
{
    return !ha_is_none(ha_get(r, HA_FIELD_CLIENT));
}

/* A redirect that names another place; 304 and 300 do not. */
static bool is_redirect(int status)
{
    return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

bool ha_conduct_is_refused_login(const struct ha_record *r)
{
    if (r->status == 401 && !ha_is_none(ha_get(r, HA_FIELD_USER)))
        return true;
    return (r->status == 401 || r->status == 403) && r->method == HA_POST &&
           ha_conduct_is_login(ha_get(r, HA_FIELD_TARGET));
}

static bool is_repeatable(const struct ha_record *r)
{
    return r->method == HA_POST || is_method(r, "PATCH");
}

unsigned ha_conduct_tells(const struct ha_record *r)
{
    bool known = r->has_time && is_client_known(r), aimed = ha_get(r, HA_FIELD_TARGET).len > 0;
    unsigned kinds = 0;
    if (known && r->status == 429)
        kinds |= 1u << HA_CONDUCT_LIMITED;
    if (known && ha_conduct_is_refused_login(r))
        kinds |= 1u << HA_CONDUCT_LOGIN;
    if (known && aimed && is_redirect(r->status))
        kinds |= 1u << HA_CONDUCT_REDIRECT;
    if (known && aimed && is_repeatable(r) && ha_conduct_is_unclear(r->status))
        kinds |= 1u << HA_CONDUCT_REPEAT;
    if (r->has_time && aimed && ha_conduct_is_created(r))
        kinds |= 1u << HA_CONDUCT_STORE;
    if (r->has_time && aimed && r->method == HA_HEAD)
        kinds |= 1u << HA_CONDUCT_TWIN;
    return kinds;
}

/* ---- what a method and a status may tell ---- */

static bool is_read(int method, int status)
{
    int class = ha_class_of(status);
    return (method == HA_GET || method == HA_HEAD) &&
           (class == 2 || class == 3 || ha_conduct_is_failed_twin(status));
}

static bool stores(const struct ha_conduct *c, int method, int status)
{
    if (method == HA_PUT)
        return status == 200 || status == 201 || status == 204;
    return ha_class_of(status) == 2 && (method == c->delete || method == c->move);
}

unsigned ha_conduct_may(const struct ha_conduct *c, int method, int status, bool user)
{
    bool well = ha_class_of(status) == 2 || ha_class_of(status) == 3, posts = method == HA_POST;
    return (unsigned)(status == 429) << HA_CONDUCT_LIMITED |
           (unsigned)((status == 401 && (user || posts)) || (status == 403 && posts))
               << HA_CONDUCT_LOGIN |
           (unsigned)is_redirect(status) << HA_CONDUCT_REDIRECT |
           (unsigned)(posts || method == c->patch) << HA_CONDUCT_REPEAT |
           (unsigned)stores(c, method, status) << HA_CONDUCT_STORE |
           (unsigned)is_read(method, status) << HA_CONDUCT_TWIN |
           (well && (user || ha_conduct_submits(method)) ? HA_CONDUCT_WELCOMES : 0);
}

/* ---- adding up ---- */

bool ha_conduct_merge(struct ha_conduct *into, const struct ha_conduct *from)
{
    for (int kind = 0; kind < HA_CONDUCT_N; kind++) {
        const struct ha_conduct_table *f = &from->table[kind];
        struct ha_conduct_table *t = &into->table[kind];
        ha_conduct_thin(t, (enum ha_conduct_kind)kind, f->level, f->seen);
        for (size_t i = 0; i < f->count; i++) {
            struct ha_deed d = {.actor = f->actors[i]};
            for (uint32_t at = d.actor.first; at != 0; at = f->periods[at - 1].next) {
                d.period = f->periods[at - 1].p;
                if (!ha_conduct_put(t, &d))
                    return false;
            }
        }
    }
    for (size_t i = 0; from->any_welcome && i < HA_WELCOME_WORDS; i++)
        into->welcome[i] |= from->welcome[i];
    into->any_welcome |= from->any_welcome;
    return true;
}
