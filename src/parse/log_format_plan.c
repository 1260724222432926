/* log_format_plan.c - which items belong together, and which fills a field. */
#include <string.h>

#include "parse/log_format.h"

static void remove_items(struct ha_log_format *f, size_t from, size_t count)
{
    struct ha_format_item *at = f->items + from;
    memmove(at, at + count, (f->count - from - count) * sizeof *at);
    f->count -= count;
}

static bool is_literal(const struct ha_log_format *f, size_t i)
{
    return i < f->count && f->items[i].shape == HA_SHAPE_LITERAL;
}

static bool is_shape(const struct ha_log_format *f, size_t i, enum ha_shape shape)
{
    return i < f->count && f->items[i].shape == shape;
}

/* Ends of lines: servers put one behind each record, some strings one more; within a record none
 * can be read. */
static enum ha_err check_lines(struct ha_log_format *f, struct ha_problem *p)
{
    while (f->count > 0 && is_literal(f, f->count - 1)) {
        struct ha_format_item *last = &f->items[f->count - 1];
        struct ha_view v = ha_format_words(f, last);
        size_t len = v.len;
        while (len > 0 && (v.ptr[len - 1] == '\n' || v.ptr[len - 1] == '\r'))
            len--;
        last->text_len = (uint32_t)len;
        if (len > 0)
            break;
        f->count--;
    }
    for (size_t i = 0; i < f->count; i++) {
        struct ha_view v = ha_format_words(f, &f->items[i]);
        if (is_literal(f, i) && memchr(v.ptr, '\n', v.len) != NULL)
            return ha_format_wrong(f, f->items[i].at, p,
                                   "the end of a line is within the string: a request would be "
                                   "several lines, which cannot be read");
    }
    return HA_OK;
}

/* ---- times ---- */

enum {
    PARTS_CIVIL = HA_PART_YEAR | HA_PART_MONTH | HA_PART_DAY | HA_PART_HOUR | HA_PART_HOUR12 |
                  HA_PART_MINUTE | HA_PART_SECOND
};

static bool says_twice(uint32_t a, uint32_t b)
{
    bool epoch_and_civil = ((a & HA_PART_EPOCH) != 0 && (b & PARTS_CIVIL) != 0) ||
                           ((b & HA_PART_EPOCH) != 0 && (a & PARTS_CIVIL) != 0);
    return (a & b) != 0 || epoch_and_civil;
}

static bool ends_in(struct ha_view v, const char *end)
{
    size_t len = strlen(end);
    return v.len >= len && memcmp(v.ptr + v.len - len, end, len) == 0;
}

/* Adds a literal's bytes to a time format. */
static void put_literal(struct ha_buf *to, struct ha_view literal)
{
    for (size_t i = 0; i < literal.len; i++) {
        ha_buf_char(to, literal.ptr[i]);
        if (literal.ptr[i] == '%')
            ha_buf_char(to, '%');
    }
}

/* a, the literal between (or NULL) and b become one time, a. */
static void join_two_times(struct ha_log_format *f, struct ha_format_item *a,
                           const struct ha_format_item *between, const struct ha_format_item *b)
{
    size_t most = a->text_len + b->text_len + (between != NULL ? 2 * between->text_len : 0) + 2;
    if (ha_buf_room(&f->words, most) == NULL)
        return; /* and the buffer has failed, which is looked at in the end */
    size_t start = f->words.len;
    struct ha_view first = ha_format_words(f, a), second = ha_format_words(f, b);
    struct ha_view literal = between != NULL ? ha_format_words(f, between) : HA_VIEW_LIT("");
    bool fraction = ha_view_is(second, "%N");
    if (fraction && literal.len == 0 && ends_in(first, "%s")) {
        /* Seconds since the epoch, and digits of the fraction at once: a number of smaller units.
         */
        ha_buf_view(&f->words, (struct ha_view){first.ptr, first.len - 1});
        ha_buf_char(&f->words, strcmp(b->unit, "ms") == 0 ? 'Q' : 'q');
    } else if (fraction && ha_view_is(literal, ".") && ends_in(first, "%s")) {
        ha_buf_view(&f->words, first); /* %s reads a fraction itself */
    } else {
        ha_buf_view(&f->words, first);
        put_literal(&f->words, literal);
        ha_buf_view(&f->words, second);
    }
    a->text = (uint32_t)start;
    a->text_len = (uint32_t)(f->words.len - start);
    a->parts |= b->parts;
    a->len = b->at + b->len - a->at;
}

/* "%{%F %T}t.%{msec_frac}t %{%z}t" is one time in three directives. */
static void join_times(struct ha_log_format *f)
{
    for (size_t i = 0; i < f->count; i++) {
        size_t k;
        while (is_shape(f, i, HA_SHAPE_TIME)) {
            k = i + 1 + is_literal(f, i + 1);
            struct ha_format_item *a = &f->items[i], *b = &f->items[k];
            if (!is_shape(f, k, HA_SHAPE_TIME) || a->or_dash || b->or_dash ||
                a->at_end != b->at_end || says_twice(a->parts, b->parts))
                break;
            join_two_times(f, a, k > i + 1 ? &f->items[i + 1] : NULL, b);
            remove_items(f, i + 1, k - i);
        }
    }
}

/* A date and a clock, or a count from the epoch. */
static bool is_whole(uint32_t parts)
{
    uint32_t date = HA_PART_YEAR | HA_PART_MONTH | HA_PART_DAY;
    bool hour = (parts & HA_PART_HOUR) != 0 ||
                (parts & (HA_PART_HOUR12 | HA_PART_HALF)) == (HA_PART_HOUR12 | HA_PART_HALF);
    return (parts & HA_PART_EPOCH) != 0 ||
           ((parts & date) == date && hour && (parts & HA_PART_MINUTE) != 0);
}

/* The begin of a request before its end, a known zone before none, then the finer. */
static unsigned time_rank(const struct ha_format_item *item)
{
    if (!is_whole(item->parts))
        return 0;
    return 1u + (item->at_end ? 0 : 8) +
           ((item->parts & (HA_PART_ZONE | HA_PART_EPOCH)) != 0 ? 4 : 0) +
           ((item->parts & HA_PART_FRACTION) != 0 ? 2 : 0);
}

/* ---- targets ---- */

/* %U%q, $uri$is_args$args and $uri?$args are one target. */
static void join_targets(struct ha_log_format *f)
{
    for (size_t i = 0; i < f->count; i++) {
        if (!is_shape(f, i, HA_SHAPE_TARGET))
            continue;
        bool mark = is_shape(f, i + 1, HA_SHAPE_QUESTION);
        bool literal =
            is_literal(f, i + 1) && ha_view_is(ha_format_words(f, &f->items[i + 1]), "?");
        size_t query = i + 1 + (mark || literal);
        if (!is_shape(f, query, HA_SHAPE_QUERY) || f->items[query].field != HA_FIELD_QUERY ||
            f->items[query].or_dash)
            continue;
        f->items[i].len = f->items[query].at + f->items[query].len - f->items[i].at;
        if (f->is_nginx && f->escape == HA_ESCAPE_DEFAULT)
            f->items[i].unit = literal ? "?-" : "-";
        remove_items(f, i + 1, query - i);
    }
}

/* ---- which fills a field ---- */

static struct ha_format_item *chosen(struct ha_log_format *f, enum ha_field field)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->items[i].field == field && f->items[i].chosen)
            return &f->items[i];
    return NULL;
}

static void drop(struct ha_log_format *f, enum ha_field field)
{
    struct ha_format_item *item = chosen(f, field);
    if (item != NULL)
        item->chosen = false;
}

static void choose(struct ha_log_format *f)
{
    for (size_t field = 0; field < HA_FIELD_N; field++) {
        struct ha_format_item *best = NULL;
        unsigned most = 0;
        for (size_t i = 0; i < f->count; i++) {
            struct ha_format_item *item = &f->items[i];
            unsigned rank = item->shape == HA_SHAPE_TIME ? time_rank(item) : item->rank;
            if (item->shape != HA_SHAPE_LITERAL && item->field == field && rank > most) {
                best = item;
                most = rank;
            }
        }
        if (best != NULL)
            best->chosen = true;
    }
    /* The request line as it came says more than what the server made of it. */
    if (chosen(f, HA_FIELD_REQUEST) != NULL) {
        drop(f, HA_FIELD_METHOD);
        drop(f, HA_FIELD_TARGET);
        drop(f, HA_FIELD_QUERY);
        drop(f, HA_FIELD_PROTOCOL);
    }
    const struct ha_format_item *target = chosen(f, HA_FIELD_TARGET);
    if (target != NULL && f->is_nginx && target->rank == 9)
        drop(f, HA_FIELD_QUERY); /* $request_uri holds it */
}

/* ---- neighbours ---- */

static bool time_ends_itself(const struct ha_log_format *f, const struct ha_format_item *item)
{
    struct ha_view v = ha_format_words(f, item);
    return v.len >= 2 &&
           (v.ptr[v.len - 2] != '%' || memchr("sQqNBZb", v.ptr[v.len - 1], 7) == NULL);
}

/* Whether the end of a is seen where b begins at once. */
static bool can_be_told_apart(const struct ha_log_format *f, const struct ha_format_item *a,
                              const struct ha_format_item *b)
{
    bool digits = a->shape == HA_SHAPE_NUMBER || a->shape == HA_SHAPE_SECONDS;
    struct ha_view format = ha_format_words(f, b);
    if (a->or_dash || b->or_dash)
        return false;
    if (a->shape == HA_SHAPE_STATUS || a->shape == HA_SHAPE_SIGN)
        return true;
    if (a->shape == HA_SHAPE_TIME)
        return time_ends_itself(f, a);
    if (b->shape == HA_SHAPE_TARGET)
        return digits || a->shape == HA_SHAPE_HOST || a->shape == HA_SHAPE_ADDRESS;
    return digits && b->shape == HA_SHAPE_TIME && format.len > 0 && format.ptr[0] == '[';
}

static enum ha_err check_neighbours(const struct ha_log_format *f, struct ha_problem *p)
{
    size_t fields = 0;
    for (size_t i = 0; i < f->count; i++) {
        const struct ha_format_item *a = &f->items[i];
        if (a->shape == HA_SHAPE_LITERAL)
            continue;
        fields++;
        const struct ha_format_item *b = a + 1;
        if (i + 1 == f->count || b->shape == HA_SHAPE_LITERAL || can_be_told_apart(f, a, b))
            continue;
        return ha_format_wrong(f, b->at, p,
                               "nothing stands between %.*s and %.*s, so where one ends cannot be "
                               "told; put a blank between them, in the server's configuration too",
                               (int)(a->len < 60 ? a->len : 60), f->string.ptr + a->at,
                               (int)(b->len < 60 ? b->len : 60), f->string.ptr + b->at);
    }
    if (fields == 0)
        return ha_format_wrong(
            f, 0, p,
            "the string has no %% directive and no $variable; put it into single "
            "quotes, within which a shell leaves both alone");
    return HA_OK;
}

/* Everything counted is counted by status: without one any line would be a request, and none an
 * error. */
static enum ha_err check_status(struct ha_log_format *f, struct ha_problem *p)
{
    if (chosen(f, HA_FIELD_STATUS) != NULL)
        return HA_OK;
    return ha_format_wrong(f, 0, p,
                           "the string has no status, and what has none cannot be counted; add %s, "
                           "in the server's configuration too",
                           f->is_nginx ? "$status" : "%>s");
}

enum ha_err ha_format_plan(struct ha_log_format *f, struct ha_problem *p)
{
    enum ha_err err = check_lines(f, p);
    if (err != HA_OK)
        return err;
    join_times(f);
    join_targets(f);
    choose(f);
    err = check_neighbours(f, p);
    return err == HA_OK ? check_status(f, p) : err;
}
