/* select_lists.c - lists of statuses and methods. */
#include "select_lists.h"

#include "httpannotate/facts.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool ha_list_next(struct ha_view *rest, struct ha_list_entry *entry)
{
    if (rest->ptr == NULL)
        return false;
    const char *comma = rest->len == 0 ? NULL : memchr(rest->ptr, ',', rest->len);
    struct ha_view v = *rest;
    if (comma == NULL) {
        *rest = (struct ha_view){NULL, 0};
    } else {
        v.len = (size_t)(comma - rest->ptr);
        rest->ptr += v.len + 1;
        rest->len -= v.len + 1;
    }
    while (v.len > 0 && is_blank(v.ptr[v.len - 1]))
        v.len--;
    while (v.len > 0 && is_blank(*v.ptr))
        v.ptr++, v.len--;
    entry->leave_out = v.len > 0 && *v.ptr == '!';
    if (entry->leave_out)
        v.ptr++, v.len--;
    entry->text = v;
    return true;
}

/* True when some entry has no "!". */
static bool names_members(const char *list)
{
    struct ha_view rest = ha_view_of(list);
    struct ha_list_entry entry;
    while (ha_list_next(&rest, &entry))
        if (!entry.leave_out)
            return true;
    return false;
}

/* ---- statuses ---- */

static void set_range(struct ha_status_set *set, unsigned low, unsigned high)
{
    for (unsigned n = low; n <= high; n++)
        set->bits[n / 64] |= UINT64_C(1) << (n % 64);
}

void ha_status_set_all(struct ha_status_set *set)
{
    memset(set->bits, 0xff, sizeof set->bits);
}

void ha_status_set_errors_only(struct ha_status_set *set)
{
    struct ha_status_set errors = {{0}};
    set_range(&errors, 400, 599);
    for (size_t i = 0; i < HA_COUNT(set->bits); i++)
        set->bits[i] &= errors.bits[i];
}

/* "429" or "4xx" at p: the statuses it covers. */
static bool read_term(const char *p, unsigned *low, unsigned *high)
{
    if (p[0] < '0' || p[0] > '9')
        return false;
    unsigned first = (unsigned)(p[0] - '0') * 100;
    if ((p[1] == 'x' || p[1] == 'X') && (p[2] == 'x' || p[2] == 'X')) {
        *low = first;
        *high = first + 99;
        return true;
    }
    if (p[1] < '0' || p[1] > '9' || p[2] < '0' || p[2] > '9')
        return false;
    *low = *high = first + (unsigned)(p[1] - '0') * 10 + (unsigned)(p[2] - '0');
    return true;
}

static bool add_statuses(struct ha_status_set *set, struct ha_view text)
{
    if (ha_view_eq_nocase(text, HA_VIEW_LIT("other"))) {
        set_range(set, 0, 99);
        set_range(set, 600, HA_STATUS_SET_NONE);
        return true;
    }
    unsigned low, high, unused;
    if (text.len == 3 && read_term(text.ptr, &low, &high)) {
        set_range(set, low, high);
        return true;
    }
    if (text.len == 7 && text.ptr[3] == '-' && read_term(text.ptr, &low, &unused) &&
        read_term(text.ptr + 4, &unused, &high) && low <= high) {
        set_range(set, low, high);
        return true;
    }
    return false;
}

enum ha_err ha_status_set_read(const char *list, struct ha_status_set *out, struct ha_problem *p)
{
    struct ha_status_set in = {{0}}, leave_out = {{0}};
    if (!names_members(list))
        ha_status_set_all(&in);
    struct ha_view rest = ha_view_of(list);
    struct ha_list_entry entry;
    while (ha_list_next(&rest, &entry))
        if (!add_statuses(entry.leave_out ? &leave_out : &in, entry.text))
            return ha_problem_set(p, HA_ERR_SYNTAX, "--status",
                                  "'%.*s' is no status; it takes a list of statuses (429), "
                                  "classes (5xx), ranges (400-404) and other, each with ! before "
                                  "it to leave it out",
                                  (int)(entry.text.len < 60 ? entry.text.len : 60), entry.text.ptr);
    for (size_t i = 0; i < HA_COUNT(out->bits); i++)
        out->bits[i] = in.bits[i] & ~leave_out.bits[i];
    return HA_OK;
}

/* ---- methods ---- */

/* RFC 9110 section 5.6.2: the characters of a token. */
static bool is_token(struct ha_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        char c = v.ptr[i];
        bool letter = ha_is_letter(c) || ha_is_digit(c);
        if (!letter && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return v.len > 0;
}

static enum ha_err add_method(struct ha_method_set *set, const struct ha_list_entry *entry,
                              struct ha_problem *p)
{
    if (!is_token(entry->text))
        return ha_problem_set(
            p, HA_ERR_SYNTAX, "--method",
            "'%.*s' is no method; it takes a list of methods (GET,POST), and - for "
            "requests without one, each with ! before it to leave it out",
            (int)(entry->text.len < 60 ? entry->text.len : 60), entry->text.ptr);
    if (ha_view_is(entry->text, "-")) {
        set->none = !entry->leave_out;
        return HA_OK;
    }
    int index = ha_facts_method_index(entry->text);
    if (index >= 0) {
        HA_ASSERT(index < HA_METHOD_SET_MAX);
        set->listed[index] = !entry->leave_out;
        return HA_OK;
    }
    struct ha_named *more = ha_one_more(set->named, set->named_count, sizeof *more);
    if (more == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, "--method", "out of memory");
    set->named = more;
    set->named[set->named_count++] = (struct ha_named){entry->text, entry->leave_out};
    return HA_OK;
}

enum ha_err ha_method_set_read(const char *list, struct ha_method_set *out, struct ha_problem *p)
{
    *out = (struct ha_method_set){0};
    bool rest_chosen = !names_members(list);
    out->none = out->others = rest_chosen;
    for (size_t i = 0; i < HA_METHOD_SET_MAX; i++)
        out->listed[i] = rest_chosen;
    enum ha_err err = HA_OK;
    /* What is to be left out comes second, so that order means nothing. */
    for (int leaving_out = 0; leaving_out < 2 && err == HA_OK; leaving_out++) {
        struct ha_view rest = ha_view_of(list);
        struct ha_list_entry entry;
        while (err == HA_OK && ha_list_next(&rest, &entry))
            if (entry.leave_out == (leaving_out == 1))
                err = add_method(out, &entry, p);
    }
    if (err != HA_OK)
        ha_method_set_free(out);
    return err;
}

void ha_method_set_free(struct ha_method_set *set)
{
    ha_free(set->named);
    *set = (struct ha_method_set){0};
}

bool ha_method_set_has(const struct ha_method_set *set, const struct ha_record *r)
{
    if (r->method >= 0)
        return r->method < HA_METHOD_SET_MAX && set->listed[r->method];
    if (r->method == HA_NO_METHOD)
        return set->none;
    struct ha_view method = ha_get(r, HA_FIELD_METHOD);
    bool chosen = set->others;
    for (size_t i = 0; i < set->named_count; i++)
        if (ha_view_eq(set->named[i].name, method))
            chosen = !set->named[i].leave_out; /* those left out stand last */
    return chosen;
}
