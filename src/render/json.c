/* json.c - one JSON object a line (SPEC of the keys: the manual, "JSON lines").
 *
 * The named keys are always there, null where the line says nothing; behind them stands every other
 * field that the line's format has. */
#include "httpannotate/lint.h"
#include "render/styles.h"

#include <string.h>

/* Logs write a hyphen for a field that was not there. */
static bool absent(struct ha_view v)
{
    return v.ptr == NULL || (v.len == 1 && v.ptr[0] == '-');
}

/* A name as it stands before its value. */
#define KEY(name)     HA_VIEW_LIT(",\"" name "\":")
#define NULL_OF(name) ",\"" name "\":null"

/* Few bytes: a call to copy them would cost more than the copying. */
static inline void put(struct ha_buf *to, struct ha_view few)
{
    char *at = ha_buf_room(to, few.len);
    if (at == NULL)
        return;
    memcpy(at, few.ptr, few.len);
    to->len += few.len;
}

static inline void put_view(struct ha_buf *to, struct ha_view key, struct ha_view v)
{
    put(to, key);
    if (absent(v))
        put(to, HA_VIEW_LIT("null"));
    else
        ha_buf_json_string(to, v);
}

static void put_constant(struct ha_buf *to, struct ha_view key, const char *value)
{
    put_view(to, key, value == NULL ? (struct ha_view){NULL, 0} : ha_view_of(value));
}

static inline void put_number(struct ha_buf *to, struct ha_view key, bool has, uint64_t n)
{
    put(to, key);
    if (has)
        ha_buf_u64(to, n);
    else
        put(to, HA_VIEW_LIT("null"));
}

static void put_time(struct ha_buf *to, const struct ha_record *r)
{
    char text[HA_TIME_TEXT];
    if (!r->has_time) {
        put(to, HA_VIEW_LIT(NULL_OF("time")));
        return;
    }
    size_t len = ha_time_text(r->time_us, r->offset_min, text);
    put(to, HA_VIEW_LIT(",\"time\":\""));
    ha_buf_bytes(to, text, len);
    ha_buf_char(to, '"');
}

void ha_ready_json(const struct ha_render_style *style, const struct ha_note *note,
                   struct ha_buf *to)
{
    const struct ha_status_fact *status = note->status;
    (void)style;
    put_number(to, KEY("status"), status != NULL, status == NULL ? 0 : (uint64_t)status->code);
    put_constant(to, KEY("class"), status == NULL ? NULL : ha_class_key(status->code));
    put_constant(to, KEY("phrase"), status == NULL ? NULL : status->phrase);
    put_constant(to, KEY("meaning"), status == NULL ? NULL : status->meaning);
    put_constant(to, KEY("method_meaning"), note->method == NULL ? NULL : note->method->meaning);
    put_view(to, KEY("note"), note->text);
}

/* Fields that the named keys do not already tell. */
static void put_others(struct ha_buf *to, const struct ha_record *r)
{
    static const struct ha_view keys[HA_FIELD_N] = {
#define HA_FIELD(id, name, kind, meaning)                                                          \
    [HA_FIELD_##id] = {",\"" name "\":", sizeof(",\"" name "\":") - 1},
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
            put_view(to, keys[f], r->field[f]);
}

static void put_request(struct ha_buf *to, const struct ha_record *r, const struct ha_note *note)
{
    static const char nothing[] = NULL_OF("status") NULL_OF("class") NULL_OF("phrase")
        NULL_OF("meaning") NULL_OF("method_meaning") NULL_OF("note");
    put_view(to, KEY("method"),
             r->method == HA_NO_METHOD ? (struct ha_view){NULL, 0} : ha_get(r, HA_FIELD_METHOD));
    put_view(to, KEY("target"), ha_get(r, HA_FIELD_TARGET));
    put_view(to, KEY("protocol"), ha_get(r, HA_FIELD_PROTOCOL));
    ha_buf_view(to, note == NULL ? HA_VIEW_LIT(nothing) : note->ready);
}

/* What stood in place of a request, a hyphen too, is kept whole. */
static void put_request_line(struct ha_buf *to, struct ha_view request)
{
    put(to, KEY("request"));
    if (request.ptr == NULL)
        put(to, HA_VIEW_LIT("null"));
    else
        ha_buf_json_string(to, request);
}

static void put_findings(struct ha_buf *to, const struct ha_render_style *style,
                         const struct ha_record *r)
{
    put(to, KEY("findings"));
    if ((r->findings[HA_MILD] | r->findings[HA_GRAVE]) != 0)
        ha_lint_json(r, style->ignored, to);
    else
        put(to, HA_VIEW_LIT("[]"));
}

void ha_render_json(const struct ha_render_style *style, const struct ha_record *r,
                    const struct ha_note *note, struct ha_buf *to)
{
    if (r->verdict == HA_BLANK || r->verdict == HA_DIRECTIVE)
        return; /* no request: no object */
    put(to, HA_VIEW_LIT("{\"line\":"));
    ha_buf_json_string(to, r->line);
    put_time(to, r);
    put_view(to, KEY("client"), ha_get(r, HA_FIELD_CLIENT));
    put_view(to, KEY("user"), ha_get(r, HA_FIELD_USER));
    put_view(to, KEY("host"), ha_get(r, HA_FIELD_HOST));
    put_request(to, r, note);
    put_number(to, KEY("bytes"), r->has_bytes, r->body_bytes);
    put_number(to, KEY("duration_us"), r->has_duration, r->duration_us);
    put_view(to, KEY("referer"), ha_get(r, HA_FIELD_REFERER));
    put_view(to, KEY("agent"), ha_get(r, HA_FIELD_AGENT));
    if (note != NULL && style->findings)
        put_findings(to, style, r);
    else
        put(to, HA_VIEW_LIT(NULL_OF("findings")));
    if (r->clients.len > 0)
        put_view(to, KEY("clients"), r->clients);
    if (note == NULL)
        put_constant(to, KEY("reason"), ha_reason_name((enum ha_reason)r->reason));
    else if (r->method == HA_NO_METHOD)
        put_request_line(to, ha_get(r, HA_FIELD_REQUEST));
    if (note != NULL)
        put_others(to, r);
    put(to, HA_VIEW_LIT("}\n"));
}
