/* gather.c - the figures of a report that are put together from more than one sum of the tally. */
#include "report/formats.h"

#include <stdlib.h>
#include <string.h>

const char *ha_duration_group_name(size_t group)
{
    static const char *const names[] = {"all", "successes", "errors"};
    HA_ASSERT(group < HA_DURATIONS_N);
    return group < HA_DURATIONS_CLASSES ? names[group]
                                        : ha_class_names[group - HA_DURATIONS_CLASSES].name;
}

static unsigned classes_of(size_t group)
{
    static const unsigned classes[] = {0x3f, 1u << 2 | 1u << 3, 1u << 4 | 1u << 5};
    return group < HA_DURATIONS_CLASSES ? classes[group]
                                        : 1u << ha_class_names[group - HA_DURATIONS_CLASSES].index;
}

const char *ha_fault_name(size_t side)
{
    static const char *const names[HA_FAULT_N] = {"client", "server", "upstream", "either", "none"};
    HA_ASSERT(side < HA_FAULT_N);
    return names[side];
}

/* Counts that stopped at their maximum have no larger sum. */
static uint64_t plus(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

static size_t side_of(const struct ha_status_fact *fact)
{
    size_t side = 0;
    while (side < HA_FAULT_NONE && strcmp(fact->fault, ha_fault_name(side)) != 0)
        side++;
    return side;
}

static void gather_faults(struct ha_report *r)
{
    r->faults[HA_FAULT_NONE] = r->sums->no_status;
    for (size_t i = 0; i < r->status_count; i++) {
        const struct ha_report_status *s = &r->statuses[i];
        int class = ha_class_of(s->fact->code);
        size_t side = side_of(s->fact);
        r->faults[side] = plus(r->faults[side], s->sum.count);
        if (class == 4 || class == 5)
            r->error_faults[side] = plus(r->error_faults[side], s->sum.count);
    }
}

static void add_row(struct ha_report *r, int method, const uint64_t *statuses)
{
    struct ha_report_method_statuses row = {
        .kind = method >= 0              ? HA_METHOD_NAMED
                : method == HA_NO_METHOD ? HA_METHOD_NONE
                                         : HA_METHOD_REST,
        .method = method >= 0 ? ha_view_of(ha_facts_method(method)->method) : HA_VIEW_LIT(""),
        .statuses = statuses,
    };
    for (int code = 0; code < 1000; code++) {
        int class = ha_class_of(code);
        row.count = plus(row.count, statuses[code]);
        if (class == 4 || class == 5)
            row.errors = plus(row.errors, statuses[code]);
    }
    if (row.count > 0)
        r->method_statuses[r->method_statuses_count++] = row;
}

static int by_falling_count(const void *a, const void *b)
{
    const struct ha_report_method_statuses *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return ha_view_cmp(x->method, y->method);
}

static enum ha_err gather_methods(struct ha_report *r, const struct ha_tally *t)
{
    int listed = (int)ha_facts_method_count();
    r->method_statuses = ha_calloc((size_t)listed + 2, sizeof *r->method_statuses);
    if (r->method_statuses == NULL)
        return HA_ERR_MEMORY;
    for (int method = HA_UNLISTED_METHOD; method < listed; method++) {
        const uint64_t *statuses = ha_tally_method_statuses(t, method);
        if (statuses != NULL)
            add_row(r, method, statuses);
    }
    qsort(r->method_statuses, r->method_statuses_count, sizeof *r->method_statuses,
          by_falling_count);
    return HA_OK;
}

/* Puts a status to those of a target, counts falling. */
static void insert_code(struct ha_report_codes *codes, uint64_t *counts, int code, uint64_t count)
{
    size_t held = codes->count < HA_TARGET_STATUSES ? codes->count : HA_TARGET_STATUSES;
    size_t at = held;
    while (at > 0 && counts[at - 1] < count)
        at--;
    codes->count++;
    if (at == HA_TARGET_STATUSES)
        return;
    size_t move = (held < HA_TARGET_STATUSES ? held : HA_TARGET_STATUSES - 1) - at;
    memmove(&counts[at + 1], &counts[at], move * sizeof *counts);
    memmove(&codes->code[at + 1], &codes->code[at], move * sizeof *codes->code);
    counts[at] = count;
    codes->code[at] = code;
}

static enum ha_err gather_codes(struct ha_report *r, const struct ha_tally *t)
{
    size_t targets = r->top_count[HA_TOP_ERROR_TARGETS];
    r->target_codes = ha_calloc(targets + 1, sizeof *r->target_codes);
    if (r->target_codes == NULL)
        return HA_ERR_MEMORY;
    for (size_t i = 0; i < targets; i++) {
        uint64_t counts[HA_TARGET_STATUSES];
        struct ha_top_entry pair;
        for (size_t k = 0; k < r->status_count; k++) {
            int code = r->statuses[k].fact->code, class = ha_class_of(code);
            if ((class == 4 || class == 5) &&
                ha_tally_pair(t, code, r->top[HA_TOP_ERROR_TARGETS][i].value, &pair))
                insert_code(&r->target_codes[i], counts, code, pair.count);
        }
    }
    return HA_OK;
}

enum ha_err ha_report_gather(struct ha_report *r, const struct ha_tally *t)
{
    gather_faults(r);
    r->sizes = ha_tally_sizes(t);
    for (size_t i = 0; i < HA_DURATIONS_N; i++) {
        enum ha_err err = ha_tally_durations(t, classes_of(i), &r->durations[i]);
        if (err != HA_OK)
            return err;
    }
    enum ha_err err = gather_methods(r, t);
    return err == HA_OK ? gather_codes(r, t) : err;
}
