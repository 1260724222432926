/* log_format_nginx.c - nginx's log_format as items. */
#include <string.h>

#include "httpannotate/nearest.h"
#include "parse/log_format.h"

struct variable {
    struct ha_view name; /* a * at its end stands for further characters */
    uint8_t field, rank;
    const char *unit; /* of a time: its format */
    enum ha_shape shape;
};
static const struct variable variables[] = {
#define HA_NGINX(name, field, rank, unit, shape, meaning)                                          \
    {{name, sizeof(name) - 1}, HA_FIELD_##field, rank, unit, HA_SHAPE_##shape},
#include "httpannotate/tbl/nginx_variables.def"
#undef HA_NGINX
};

static bool is_prefix(const struct variable *v)
{
    return v->name.ptr[v->name.len - 1] == '*';
}

static const struct variable *find(struct ha_view name)
{
    for (size_t i = 0; i < HA_COUNT(variables); i++) {
        const struct variable *v = &variables[i];
        size_t len = v->name.len - 1;
        if (is_prefix(v) ? name.len > len && memcmp(name.ptr, v->name.ptr, len) == 0
                         : ha_view_eq(name, v->name))
            return v;
    }
    return NULL;
}

bool ha_format_nginx_knows(struct ha_view name)
{
    return find(name) != NULL;
}

static enum ha_err unknown(const struct ha_log_format *f, size_t at, struct ha_view name,
                           struct ha_problem *p)
{
    const struct variable *nearest = NULL;
    size_t best = ha_near_enough(name.len) + 1;
    for (size_t i = 0; i < HA_COUNT(variables); i++) {
        size_t distance = ha_edit_distance(name, variables[i].name);
        if (!is_prefix(&variables[i]) && distance < best) {
            best = distance;
            nearest = &variables[i];
        }
    }
    char near[100] = "";
    if (nearest != NULL) {
        static const char words[] = " (did you mean $", end[] = "?)";
        size_t len = nearest->name.len < 64 ? nearest->name.len : 64;
        memcpy(near, words, sizeof words - 1);
        memcpy(near + sizeof words - 1, nearest->name.ptr, len);
        memcpy(near + sizeof words - 1 + len, end, sizeof end);
    }
    int len = (int)(name.len < 60 ? name.len : 60);
    if (f->is_file)
        return ha_format_wrong(
            f, at, p,
            "$%.*s is no variable of nginx%s and nothing else in this file names "
            "it; nginx would not start with it",
            len, name.ptr, near);
    return ha_format_wrong(f, at, p,
                           "$%.*s is no variable of nginx%s; for one that your configuration sets, "
                           "give that file (--log-format=@nginx.conf) or write $arg_%.*s, which "
                           "stands for any text",
                           len, name.ptr, near, len, name.ptr);
}

static bool is_name(char c)
{
    return ha_is_letter(c) || ha_is_digit(c) || c == '_';
}

/* What a regular expression of the configuration captured ($1), and what the configuration sets
 * itself. */
static bool set_by_configuration(const struct ha_log_format *f, struct ha_view name)
{
    uint64_t number = 0;
    if (ha_view_u64(name, &number) && name.len == 1)
        return true;
    return f->is_file && ha_config_mentions(f->source, name);
}

static enum ha_err add_variable(struct ha_log_format *f, size_t at, size_t end, struct ha_view name,
                                struct ha_problem *p)
{
    struct ha_format_item item = {.shape = HA_SHAPE_TEXT,
                                  .field = HA_FIELD_NONE,
                                  .unit = "",
                                  .at = (uint32_t)at,
                                  .len = (uint32_t)(end - at)};
    const struct variable *v = find(name);
    if (v == NULL)
        return set_by_configuration(f, name) ? ha_format_add(f, &item, p) : unknown(f, at, name, p);
    item.shape = v->shape;
    item.field = v->field;
    item.rank = v->rank;
    item.unit = v->unit;
    if (v->shape == HA_SHAPE_TIME) {
        enum ha_err err = ha_format_time_own(f, ha_view_of(v->unit), &item, p);
        if ((item.parts & HA_PART_EPOCH) != 0)
            item.parts |= HA_PART_FRACTION; /* $msec always has one */
        if (err != HA_OK)
            return err;
    }
    return ha_format_add(f, &item, p);
}

/* $name or ${name} at *i. */
static enum ha_err read_variable(struct ha_log_format *f, size_t *i, struct ha_problem *p)
{
    struct ha_view s = {f->string.ptr, f->string.len};
    size_t at = *i, from = at + 1, end;
    bool braces = from < s.len && s.ptr[from] == '{';
    from += braces;
    for (end = from; end < s.len && is_name(s.ptr[end]); end++) {
    }
    struct ha_view name = {s.ptr + from, end - from};
    if (braces && (end >= s.len || s.ptr[end] != '}'))
        return ha_format_wrong(f, at, p, "this ${ is not closed; write ${name}");
    if (name.len == 0)
        return ha_format_wrong(f, at, p,
                               "no name of a variable follows this $, and nginx has no "
                               "other use for one");
    *i = end + braces;
    return add_variable(f, at, *i, name, p);
}

enum ha_err ha_format_read_nginx(struct ha_log_format *f, struct ha_problem *p)
{
    enum ha_err err = HA_OK;
    for (size_t i = 0; i < f->string.len && err == HA_OK;) {
        if (f->string.ptr[i] == '$') {
            err = read_variable(f, &i, p);
        } else {
            err = ha_format_add_literal(f, f->string.ptr[i], i, p);
            i++;
        }
    }
    return err;
}
