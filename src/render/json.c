/* json.c - one JSON object a line (SPEC of the keys: the manual, "JSON lines").
 *
 * The named keys are always there, null where the line says nothing; behind them stands every other
 * field that the line's format has. */
#include "httpannotate/lint.h"
#include "render/styles.h"

#include <inttypes.h>

/* Logs write a hyphen for a field that was not there. */
static bool absent(struct ha_view v)
{
    return v.ptr == NULL || (v.len == 1 && v.ptr[0] == '-');
}

static void key(struct ha_buf *to, const char *name)
{
    ha_buf_str(to, ",\"");
    ha_buf_str(to, name);
    ha_buf_str(to, "\":");
}

static void put_view(struct ha_buf *to, const char *name, struct ha_view v)
{
    key(to, name);
    if (absent(v))
        ha_buf_str(to, "null");
    else
        ha_buf_json_string(to, v);
}

static void put_constant(struct ha_buf *to, const char *name, const char *value)
{
    put_view(to, name, value == NULL ? (struct ha_view){NULL, 0} : ha_view_of(value));
}

static void put_number(struct ha_buf *to, const char *name, bool has, uint64_t n)
{
    key(to, name);
    if (has)
        ha_buf_u64(to, n);
    else
        ha_buf_str(to, "null");
}

static void put_time(struct ha_buf *to, const struct ha_record *r)
{
    char text[HA_TIME_TEXT];
    if (!r->has_time) {
        ha_buf_str(to, ",\"time\":null");
        return;
    }
    size_t len = ha_time_text(r->time_us, r->offset_min, text);
    ha_buf_str(to, ",\"time\":\"");
    ha_buf_bytes(to, text, len);
    ha_buf_char(to, '"');
}

static void put_status(struct ha_buf *to, const struct ha_record *r, const struct ha_note *note)
{
    static const char *const classes[6] = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
    const struct ha_status_fact *fact = note == NULL ? NULL : note->status;
    bool has = note != NULL && r->status != HA_NO_STATUS;
    put_number(to, "status", has, has ? (uint64_t)r->status : 0);
    put_constant(to, "class", has ? classes[ha_class_of(r->status)] : NULL);
    put_constant(to, "phrase", fact == NULL ? NULL : fact->phrase);
    put_constant(to, "meaning", fact == NULL ? NULL : fact->meaning);
}

/* Fields that the named keys do not already tell. */
static void put_others(struct ha_buf *to, const struct ha_record *r)
{
    static const char *const names[HA_FIELD_N] = {
#define HA_FIELD(id, name, kind, meaning) [HA_FIELD_##id] = (name),
#include "httpannotate/tbl/fields.def"
#undef HA_FIELD
    };
    const uint32_t told = UINT32_C(1) << HA_FIELD_CLIENT | UINT32_C(1) << HA_FIELD_USER |
                          UINT32_C(1) << HA_FIELD_HOST | UINT32_C(1) << HA_FIELD_DATE |
                          UINT32_C(1) << HA_FIELD_TIME | UINT32_C(1) << HA_FIELD_REQUEST |
                          UINT32_C(1) << HA_FIELD_METHOD | UINT32_C(1) << HA_FIELD_TARGET |
                          UINT32_C(1) << HA_FIELD_QUERY | UINT32_C(1) << HA_FIELD_PROTOCOL |
                          UINT32_C(1) << HA_FIELD_STATUS | UINT32_C(1) << HA_FIELD_BYTES |
                          UINT32_C(1) << HA_FIELD_DURATION | UINT32_C(1) << HA_FIELD_REFERER |
                          UINT32_C(1) << HA_FIELD_AGENT;
    _Static_assert(HA_FIELD_N <= 32, "struct ha_record keeps one bit a field");
    uint32_t rest = r->has & ~told;
    for (unsigned f = 0; rest != 0; f++, rest >>= 1)
        if ((rest & 1u) != 0 && !absent(r->field[f]))
            put_view(to, names[f], r->field[f]);
}

static void put_request(struct ha_buf *to, const struct ha_record *r, const struct ha_note *note)
{
    const struct ha_method_fact *fact =
        note != NULL && r->method >= 0 ? ha_facts_method(r->method) : NULL;
    put_view(to, "method",
             r->method == HA_NO_METHOD ? (struct ha_view){NULL, 0} : ha_get(r, HA_FIELD_METHOD));
    put_view(to, "target", ha_get(r, HA_FIELD_TARGET));
    put_view(to, "protocol", ha_get(r, HA_FIELD_PROTOCOL));
    put_status(to, r, note);
    put_constant(to, "method_meaning", fact == NULL ? NULL : fact->meaning);
    put_view(to, "note", note == NULL ? (struct ha_view){NULL, 0} : note->text);
}

/* What stood in place of a request, a hyphen too, is kept whole. */
static void put_request_line(struct ha_buf *to, struct ha_view request)
{
    key(to, "request");
    if (request.ptr == NULL)
        ha_buf_str(to, "null");
    else
        ha_buf_json_string(to, request);
}

void ha_render_json(const struct ha_render_style *style, const struct ha_record *r,
                    const struct ha_note *note, struct ha_buf *to)
{
    if (r->verdict == HA_BLANK || r->verdict == HA_DIRECTIVE)
        return; /* no request: no object */
    ha_buf_str(to, "{\"line\":");
    ha_buf_json_string(to, r->line);
    put_time(to, r);
    put_view(to, "client", ha_get(r, HA_FIELD_CLIENT));
    put_view(to, "user", ha_get(r, HA_FIELD_USER));
    put_view(to, "host", ha_get(r, HA_FIELD_HOST));
    put_request(to, r, note);
    put_number(to, "bytes", r->has_bytes, r->body_bytes);
    put_number(to, "duration_us", r->has_duration, r->duration_us);
    put_view(to, "referer", ha_get(r, HA_FIELD_REFERER));
    put_view(to, "agent", ha_get(r, HA_FIELD_AGENT));
    ha_buf_str(to, ",\"findings\":");
    if (note != NULL && style->findings)
        ha_lint_json(r, style->ignored, to);
    else
        ha_buf_str(to, "null");
    if (r->clients.len > 0)
        put_view(to, "clients", r->clients);
    if (note == NULL)
        put_constant(to, "reason", ha_reason_name((enum ha_reason)r->reason));
    else if (r->method == HA_NO_METHOD)
        put_request_line(to, ha_get(r, HA_FIELD_REQUEST));
    if (note != NULL)
        put_others(to, r);
    ha_buf_str(to, "}\n");
}
