/* json_spike_who.c - who and what rose in a spike, a list of each aspect. */
#include "report/json_page.h"

static void put_value(const struct ha_risen_value *v, struct ha_buf *to)
{
    ha_buf_str(to, "{\"value\": ");
    ha_buf_json_string(to, v->value);
    ha_buf_str(to, ", \"count\": ");
    ha_buf_u64(to, v->count);
    ha_buf_printf(to, ", \"share\": %.6g, \"usual_share\": %.6g, \"estimated\": %s}", v->share,
                  v->usual_share, v->estimated ? "true" : "false");
}

void json_spike_who(const struct ha_risen *risen, struct ha_buf *to)
{
    for (int aspect = 0; aspect < HA_ASPECT_N; aspect++) {
        json_field(to, ha_aspect_name((enum ha_aspect)aspect));
        ha_buf_str(to, risen == NULL ? "null" : "[");
        for (size_t i = 0; risen != NULL && i < risen->count[aspect]; i++) {
            ha_buf_str(to, i > 0 ? ", " : "");
            put_value(&risen->value[aspect][i], to);
        }
        ha_buf_str(to, risen == NULL ? "" : "]");
    }
}
