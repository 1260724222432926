/* method_statuses.c - rows made, merged and released. */
#include "method_statuses.h"

#include "httpannotate/facts.h"

#include <string.h>

size_t ha_method_statuses_rows(void)
{
    return ha_facts_method_count() + 2;
}

bool ha_method_statuses_init(struct ha_method_statuses *m)
{
    m->rows = ha_calloc(ha_method_statuses_rows(), sizeof *m->rows);
    return m->rows != NULL;
}

void ha_method_statuses_done(struct ha_method_statuses *m)
{
    for (size_t i = 0; m->rows != NULL && i < ha_method_statuses_rows(); i++)
        ha_free(m->rows[i]);
    ha_free(m->rows);
    m->rows = NULL;
}

void ha_method_statuses_reset(struct ha_method_statuses *m)
{
    for (size_t i = 0; i < ha_method_statuses_rows(); i++)
        if (m->rows[i] != NULL)
            memset(m->rows[i], 0, HA_METHOD_STATUSES * sizeof *m->rows[i]);
}

uint64_t *ha_method_statuses_row(struct ha_method_statuses *m, size_t row)
{
    HA_ASSERT(row < ha_method_statuses_rows());
    if (m->rows[row] == NULL)
        m->rows[row] = ha_calloc(HA_METHOD_STATUSES, sizeof *m->rows[row]);
    return m->rows[row];
}

bool ha_method_statuses_merge(struct ha_method_statuses *into,
                              const struct ha_method_statuses *from)
{
    for (size_t i = 0; i < ha_method_statuses_rows(); i++) {
        if (from->rows[i] == NULL)
            continue;
        uint64_t *row = ha_method_statuses_row(into, i);
        if (row == NULL)
            return false;
        ha_sat_add_all(row, from->rows[i], HA_METHOD_STATUSES);
    }
    return true;
}
