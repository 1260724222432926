/* fields.c - the fields by their names. */
#include "parse/pattern.h"

static const struct {
    struct ha_view name;
    enum ha_field_kind kind;
} fields[] = {
#define HA_FIELD(id, name, kind, meaning) {{name, sizeof(name) - 1}, HA_KIND_##kind},
#include "httpannotate/tbl/fields.def"
#undef HA_FIELD
};

bool ha_field_find(struct ha_view name, enum ha_field *field, enum ha_field_kind *kind)
{
    for (size_t f = 0; f < HA_COUNT(fields); f++) {
        if (!ha_view_eq(fields[f].name, name))
            continue;
        *field = (enum ha_field)f;
        *kind = fields[f].kind;
        return true;
    }
    return false;
}
