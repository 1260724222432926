/* evidence_read.c - gives every value of a sample a number and every entry its weight. */
#include "evidence_read.h"

#include "evidence_parts.h"
#include "hash.h"
#include "httpannotate/address.h"
#include "httpannotate/facts.h"
#include "template.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>

enum { FIRST_VALUES = 256 };

struct ha_view ha_value_text(const struct ha_evidence_reading *r, uint32_t id)
{
    return (struct ha_view){r->text.ptr + r->values[id].at, r->values[id].len};
}

const char *ha_aspect_name(enum ha_aspect aspect)
{
    static const char *const names[HA_ASPECT_N] = {"clients", "networks", "targets",
                                                   "methods", "agents",   "statuses"};
    HA_ASSERT(aspect < HA_ASPECT_N);
    return names[aspect];
}

size_t ha_evidence_network(struct ha_view client, char to[HA_NETWORK_TEXT])
{
    uint8_t address[16];
    bool v4;
    if (!ha_address_read(ha_address_bare(client), address, &v4))
        return 0;
    if (v4)
        return (size_t)snprintf(to, HA_NETWORK_TEXT, "%u.%u.%u.0/24", address[12], address[13],
                                address[14]);
    memset(address + 6, 0, sizeof address - 6);
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(AF_INET6, address, text, sizeof text) == NULL)
        return 0;
    int len = snprintf(to, HA_NETWORK_TEXT, "%s/48", text);
    return len > 0 && len < HA_NETWORK_TEXT ? (size_t)len : 0;
}

static bool grow_values(struct ha_evidence_reading *r)
{
    size_t room = r->value_room == 0 ? FIRST_VALUES : 2 * r->value_room;
    struct ha_value *values = ha_realloc(r->values, room * sizeof *values);
    if (values == NULL)
        return false;
    r->values = values;
    uint32_t *index = ha_calloc(2 * room, sizeof *index);
    if (index == NULL)
        return false;
    ha_free(r->index);
    r->index = index;
    r->slots = 2 * room;
    r->value_room = room;
    for (uint32_t id = 1; id < r->value_count; id++) {
        size_t i = r->values[id].hash & (r->slots - 1);
        while (r->index[i] != 0)
            i = (i + 1) & (r->slots - 1);
        r->index[i] = id;
    }
    return true;
}

/* The number of a value, made when it is new; 0 for an empty one, and when memory ran out. */
static uint32_t number_of(struct ha_evidence_reading *r, enum ha_aspect aspect, struct ha_view v)
{
    if (v.len == 0 || r->failed)
        return 0;
    if (r->value_count == r->value_room && !grow_values(r)) {
        r->failed = true;
        return 0;
    }
    uint64_t hash = ha_hash(v.ptr, v.len, HA_HASH_FIXED_SEED + (uint64_t)aspect);
    size_t i = hash & (r->slots - 1);
    for (; r->index[i] != 0; i = (i + 1) & (r->slots - 1)) {
        const struct ha_value *at = &r->values[r->index[i]];
        if (at->hash == hash && at->aspect == aspect &&
            ha_view_eq(ha_value_text(r, r->index[i]), v))
            return r->index[i];
    }
    uint32_t id = (uint32_t)r->value_count++;
    r->values[id] =
        (struct ha_value){.at = r->text.len, .len = v.len, .hash = hash, .aspect = (uint8_t)aspect};
    ha_buf_view(&r->text, v);
    r->index[i] = id;
    r->failed |= !ha_buf_ok(&r->text);
    return id;
}

static uint32_t number_client(struct ha_evidence_reading *r, struct ha_view client,
                              uint32_t *network)
{
    size_t known = r->value_count;
    uint32_t id = number_of(r, HA_ASPECT_CLIENTS, client);
    if (id >= known) {
        char text[HA_NETWORK_TEXT];
        struct ha_view v = {text, ha_evidence_network(client, text)};
        uint32_t of = number_of(r, HA_ASPECT_NETWORKS, v);
        r->values[id].network = of;
    }
    *network = r->values[id].network;
    return id;
}

/* "POST /login": what tells one endpoint from another is both. */
static uint32_t number_target(struct ha_evidence_reading *r, bool templates, struct ha_view method,
                              struct ha_view target)
{
    char room[HA_TEMPLATE_ROOM], both[HA_SAMPLED_ROOM + HA_TEMPLATE_ROOM];
    if (target.len == 0)
        return 0;
    if (templates && *target.ptr == '/')
        target = ha_template(target, room);
    if (method.len == 0)
        return number_of(r, HA_ASPECT_TARGETS, target);
    HA_ASSERT(method.len < HA_SAMPLED_ROOM);
    memcpy(both, method.ptr, method.len);
    both[method.len] = ' ';
    memcpy(both + method.len + 1, target.ptr, target.len);
    return number_of(r, HA_ASPECT_TARGETS, (struct ha_view){both, method.len + 1 + target.len});
}

static struct ha_view method_of(const struct ha_sampled *e)
{
    if (e->method == HA_UNLISTED_METHOD)
        return ha_sampled_text(e, HA_SAMPLED_TOKEN);
    return e->method < 0 ? HA_VIEW_LIT("") : ha_view_of(ha_facts_method(e->method)->method);
}

/* Values are numbered as they come: the entries are in order, so are then the numbers. */
static void take_in(struct ha_evidence_reading *r, bool templates, const struct ha_sampled *e,
                    double chance)
{
    struct ha_testimony *t = &r->list[r->count++];
    *t = (struct ha_testimony){.minute = e->minute,
                               .count = e->count,
                               .weight = (double)e->count / chance,
                               .status = e->status,
                               .is_error = ha_evidence_is_error(e->status),
                               .is_part = chance < 1};
    struct ha_view method = method_of(e);
    t->id[HA_ASPECT_CLIENTS] =
        number_client(r, ha_sampled_text(e, HA_SAMPLED_CLIENT), &t->id[HA_ASPECT_NETWORKS]);
    t->id[HA_ASPECT_TARGETS] =
        number_target(r, templates, method, ha_sampled_text(e, HA_SAMPLED_TARGET));
    t->id[HA_ASPECT_METHODS] = number_of(r, HA_ASPECT_METHODS, method);
    t->id[HA_ASPECT_AGENTS] = number_of(r, HA_ASPECT_AGENTS, ha_sampled_text(e, HA_SAMPLED_AGENT));
    char status[16];
    int len = snprintf(status, sizeof status, "%d", e->status);
    t->id[HA_ASPECT_STATUSES] =
        t->is_error ? number_of(r, HA_ASPECT_STATUSES, (struct ha_view){status, (size_t)len}) : 0;
}

static bool read_others(struct ha_evidence_reading *r, const struct ha_evidence *e)
{
    const struct ha_sampled **order;
    if (!ha_sample_set_sorted(&e->others, &order))
        return false;
    for (size_t i = 0; i < e->others.count; i++)
        take_in(r, e->options.templates, order[i], ldexp(1, -(int)e->others.level));
    ha_free((void *)order);
    return true;
}

/* Of a minute and status that has more than are used, the last tells the chance that one of the
 * others had: each is kept when its hash is below that one's (Cohen and Kaplan 2007). */
static bool read_errors(struct ha_evidence_reading *r, const struct ha_evidence *e)
{
    const struct ha_sampled **order;
    if (!ha_sample_set_sorted(&e->errors, &order))
        return false;
    for (size_t i = 0, end; i < e->errors.count; i = end) {
        double chance = ldexp(1, -(int)e->errors.level);
        for (end = i; end < e->errors.count && order[end]->minute == order[i]->minute &&
                      order[end]->status == order[i]->status;)
            end++;
        size_t used = end - i;
        if (used > HA_EVIDENCE_MINUTE)
            chance = ldexp((double)order[i + --used]->hash + 1, -64);
        for (size_t k = i; k < i + used; k++)
            take_in(r, e->options.templates, order[k], chance);
    }
    ha_free((void *)order);
    return true;
}

enum ha_err ha_evidence_read(const struct ha_evidence *e, struct ha_evidence_reading **out)
{
    struct ha_evidence_reading *r = ha_calloc(1, sizeof *r);
    *out = r;
    if (r == NULL)
        return HA_ERR_MEMORY;
    size_t room = e->errors.count + e->others.count + 1;
    r->list = ha_calloc(room, sizeof *r->list);
    r->room = ha_calloc(room, sizeof *r->room);
    if (r->list == NULL || r->room == NULL || !grow_values(r)) {
        ha_evidence_reading_free(out);
        return HA_ERR_MEMORY;
    }
    r->values[0] = (struct ha_value){0};
    r->value_count = 1;
    if (!read_errors(r, e) || !read_others(r, e) || r->failed) {
        ha_evidence_reading_free(out);
        return HA_ERR_MEMORY;
    }
    return HA_OK;
}

void ha_evidence_reading_free(struct ha_evidence_reading **out)
{
    struct ha_evidence_reading *r = *out;
    if (r == NULL)
        return;
    ha_free(r->list);
    ha_free(r->room);
    ha_free(r->values);
    ha_free(r->index);
    ha_buf_free(&r->text);
    ha_free(r);
    *out = NULL;
}
