/* evidence_text.c - what rose, a clause a value. */
#include "httpannotate/evidence.h"

/* "3 %"; what rounding would make none or all is said as it is. */
static void put_percent(double share, struct ha_buf *to)
{
    if (share > 0 && share < 0.005)
        ha_buf_str(to, "<1 %");
    else if (share < 1 && share >= 0.995)
        ha_buf_str(to, ">99 %");
    else
        ha_buf_printf(to, "%.0f %%", share * 100);
}

static const char *const words[HA_ASPECT_N] = {
    [HA_ASPECT_CLIENTS] = "from ", [HA_ASPECT_NETWORKS] = "from ",   [HA_ASPECT_TARGETS] = "",
    [HA_ASPECT_METHODS] = "",      [HA_ASPECT_STATUSES] = "status ", [HA_ASPECT_AGENTS] = "agent ",
};

/* Methods of the registry are capital letters: words of a sentence are not. */
static size_t method_length(struct ha_view v)
{
    size_t n = 0;
    while (n < v.len && ((v.ptr[n] >= 'A' && v.ptr[n] <= 'Z') || v.ptr[n] == '-'))
        n++;
    return n > 0 && n + 1 < v.len && v.ptr[n] == ' ' ? n : 0;
}

/* A method stands before the quotes of its target: POST "/x y". */
static void put_text(struct ha_view v, enum ha_aspect aspect, struct ha_buf *to)
{
    size_t method = aspect == HA_ASPECT_TARGETS ? method_length(v) : 0;
    if (method > 0) {
        ha_buf_view(to, (struct ha_view){v.ptr, ++method});
        v = (struct ha_view){v.ptr + method, v.len - method};
    }
    ha_buf_quoted(to, v);
}

static void put_value(const struct ha_risen_value *v, enum ha_aspect aspect, struct ha_buf *to)
{
    ha_buf_str(to, v->estimated ? "about " : "");
    put_percent(v->share, to);
    ha_buf_printf(to, " %s", words[aspect]);
    put_text(v->value, aspect, to);
    ha_buf_str(to, " (usual ");
    put_percent(v->usual_share, to);
    ha_buf_char(to, ')');
}

/* Whether the targets that are told say as much of the method: "POST /login" of "POST". */
static bool is_said(const struct ha_risen *r, const struct ha_risen_value *method)
{
    enum { MOSTLY = 80 };
    double share = 0;
    for (size_t i = 0; i < r->count[HA_ASPECT_TARGETS]; i++) {
        const struct ha_risen_value *t = &r->value[HA_ASPECT_TARGETS][i];
        size_t len = method->value.len;
        if (t->value.len > len && t->value.ptr[len] == ' ' &&
            ha_view_eq((struct ha_view){t->value.ptr, len}, method->value))
            share += t->share;
    }
    return share * 100 >= method->share * MOSTLY;
}

bool ha_risen_clause(const struct ha_risen *r, size_t n, struct ha_buf *to)
{
    static const enum ha_aspect order[] = {HA_ASPECT_NETWORKS, HA_ASPECT_CLIENTS,
                                           HA_ASPECT_TARGETS,  HA_ASPECT_METHODS,
                                           HA_ASPECT_STATUSES, HA_ASPECT_AGENTS};
    for (size_t i = 0; i < HA_COUNT(order); i++) {
        for (size_t k = 0; k < r->count[order[i]]; k++) {
            const struct ha_risen_value *v = &r->value[order[i]][k];
            if (order[i] == HA_ASPECT_METHODS && is_said(r, v))
                continue;
            if (n-- == 0) {
                put_value(v, order[i], to);
                return true;
            }
        }
    }
    return false;
}

void ha_risen_text(const struct ha_risen *r, struct ha_buf *to)
{
    size_t before = to->len;
    for (size_t n = 0; ha_risen_clause(r, n, to); n++) {
        before = to->len;
        ha_buf_str(to, ", ");
    }
    to->len = before;
}
