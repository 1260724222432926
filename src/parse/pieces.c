/* pieces.c - ${NAME} in an expression becomes the piece of that name. */
#include <string.h>

#include "parse/pattern_file.h"

struct piece {
    struct ha_view name, text;
};
#define HA_PIECE(name, expression, meaning)                                                        \
    {{name, sizeof(name) - 1}, {expression, sizeof(expression) - 1}},
static const struct piece pieces[] = {
#include "httpannotate/tbl/pieces.def"
};
#undef HA_PIECE

static void add(struct ha_view text, struct ha_origin where, bool moves, struct ha_buf *regex,
                struct ha_buf *origins)
{
    ha_buf_view(regex, text);
    if (origins == NULL || text.len == 0)
        return;
    char *to = ha_buf_room(origins, text.len * sizeof where);
    if (to == NULL)
        return;
    for (size_t i = 0; i < text.len; i++, where.column += moves)
        memcpy(to + i * sizeof where, &where, sizeof where);
    origins->len += text.len * sizeof where;
}

static const struct piece *find(struct ha_view name)
{
    for (size_t i = 0; i < HA_COUNT(pieces); i++)
        if (ha_view_eq(pieces[i].name, name))
            return &pieces[i];
    return NULL;
}

/* Pieces hold pieces, a few deep; a piece never holds itself. moves: the text stands in a file, so
 * that columns go on with it; what comes from a piece stays at the piece's place. */
static enum ha_err expand(struct ha_view text, struct ha_origin where, bool moves,
                          const char *place, struct ha_buf *regex, struct ha_buf *origins,
                          struct ha_problem *p)
{
    while (text.len > 0) {
        const char *open = memmem(text.ptr, text.len, "${", 2);
        size_t before = open == NULL ? text.len : (size_t)(open - text.ptr);
        add((struct ha_view){text.ptr, before}, where, moves, regex, origins);
        where.column += moves ? (uint32_t)before : 0;
        text = (struct ha_view){text.ptr + before, text.len - before};
        if (open == NULL)
            break;
        const char *close = memchr(open, '}', text.len);
        size_t len = close == NULL ? text.len : (size_t)(close - open) + 1;
        struct ha_view name = {open + 2, close == NULL ? len - 2 : len - 3};
        const struct piece *piece = close == NULL ? NULL : find(name);
        if (piece == NULL) {
            enum ha_err err = ha_problem_set(p, HA_ERR_SYNTAX, place, "there is no piece ${%.*s}",
                                             (int)(name.len < 40 ? name.len : 40), name.ptr);
            ha_problem_at(p, where.line, where.column);
            return err;
        }
        enum ha_err err = expand(piece->text, where, false, place, regex, origins, p);
        if (err != HA_OK)
            return err;
        where.column += moves ? (uint32_t)len : 0;
        text = (struct ha_view){text.ptr + len, text.len - len};
    }
    return HA_OK;
}

enum ha_err ha_expand_pieces(struct ha_view text, struct ha_origin where, const char *place,
                             struct ha_buf *regex, struct ha_buf *origins, struct ha_problem *p)
{
    enum ha_err err = expand(text, where, true, place, regex, origins, p);
    if (err == HA_OK && (!ha_buf_ok(regex) || (origins != NULL && !ha_buf_ok(origins))))
        return ha_problem_set(p, HA_ERR_MEMORY, place, "out of memory");
    return err;
}
