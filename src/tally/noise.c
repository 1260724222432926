/* noise.c - benign noise: idle connections, challenges, health checks; and, from the sums of
 * methods and statuses, cached copies that are still good and preflights. */
#include "noise.h"

#include "parts.h"

#include <string.h>

/* Agents of probes as their makers document them: Kubernetes (probes; its API's health endpoints
 * name the targets below), AWS (Elastic Load Balancing, Route 53), Google Cloud (health checks),
 * Azure (Front Door), Consul (checks), Envoy (health checking). */
static bool is_probe(struct ha_view agent)
{
    static const char *const begins[] = {
        "kube-probe/", "ELB-HealthChecker/", "Amazon-Route53-Health-Check-Service",
        "GoogleHC/",   "Edge Health Probe",  "Consul Health Check",
        "Envoy/HC"};
    for (size_t i = 0; i < HA_COUNT(begins); i++) {
        size_t len = strlen(begins[i]);
        if (agent.len >= len && memcmp(agent.ptr, begins[i], len) == 0)
            return true;
    }
    return false;
}

static bool is_health(struct ha_view target)
{
    static const char *const targets[] = {"/healthz", "/livez", "/readyz", "/health"};
    for (size_t i = 0; i < HA_COUNT(targets); i++)
        if (ha_view_is(target, targets[i]))
            return true;
    return false;
}

int ha_noise_look(const struct ha_record *r)
{
    bool reads = r->method == HA_GET || r->method == HA_HEAD;
    struct ha_view request = ha_get(r, HA_FIELD_REQUEST);
    if (r->status == 408)
        return r->method == HA_NO_METHOD && ha_has(r, HA_FIELD_REQUEST) && ha_is_none(request)
                   ? HA_NOISE_IDLE
                   : -1;
    /* With a user named, credentials were sent and refused. */
    if (r->status == 401)
        return reads && ha_is_none(ha_get(r, HA_FIELD_USER)) ? HA_NOISE_CHALLENGE : -1;
    bool healthy = is_probe(ha_get(r, HA_FIELD_AGENT)) || is_health(ha_get(r, HA_FIELD_TARGET));
    return reads && healthy && r->status >= 200 && r->status <= 299 ? HA_NOISE_HEALTH : -1;
}

const char *ha_noise_name(enum ha_noise_kind kind)
{
    static const char *const names[HA_NOISE_N] = {"idle_connections", "not_modified", "challenges",
                                                  "health_checks", "preflights"};
    HA_ASSERT(kind < HA_NOISE_N);
    return names[kind];
}

static uint64_t sum_of(const struct ha_tally *t, const char *method, int from, int to)
{
    const uint64_t *row = ha_tally_method_statuses(t, ha_facts_method_index(ha_view_of(method)));
    uint64_t sum = 0;
    for (int code = from; row != NULL && code <= to; code++)
        sum = ha_sat_add(sum, row[code]);
    return sum;
}

struct ha_noise ha_tally_noise(const struct ha_tally *t)
{
    struct ha_noise n = {.known = !t->noise.lacks};
    if (!n.known)
        return n;
    for (size_t i = 0; i < HA_NOISE_N; i++)
        n.count[i] = t->noise.count[i];
    n.count[HA_NOISE_NOT_MODIFIED] =
        ha_sat_add(sum_of(t, "GET", 304, 304), sum_of(t, "HEAD", 304, 304));
    n.count[HA_NOISE_PREFLIGHT] = sum_of(t, "OPTIONS", 200, 299);
    for (size_t i = 0; i < HA_NOISE_N; i++)
        n.all = ha_sat_add(n.all, n.count[i]);
    n.errors = ha_sat_add(n.count[HA_NOISE_IDLE], n.count[HA_NOISE_CHALLENGE]);
    return n;
}
