/* explain_terms.c - what a term of -x names: a code, a class, a range, a method, a method with a
 * code, an IIS sub-status, a mark of a proxy, a phrase; failing these, words. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "explain_parts.h"
#include "httpannotate/record.h"

/* One to three digits, or -1. */
static int code_of(struct ha_view v)
{
    uint64_t n = 0;
    return v.len <= 3 && ha_view_u64(v, &n) ? (int)n : -1;
}

static bool add_status(const struct ha_facts *facts, int code, struct ha_answer *a)
{
    if (code < 0)
        return false;
    ha_answer_add(
        a, (struct ha_entry){.kind = HA_ENTRY_STATUS, .status = ha_facts_status(facts, code)});
    return true;
}

static void add_method(int index, struct ha_answer *a)
{
    ha_answer_add(a, (struct ha_entry){.kind = HA_ENTRY_METHOD, .method = ha_facts_method(index)});
}

/* The listed statuses from first to last, a line each. */
static bool list_range(const struct ha_facts *facts, int first, int last, struct ha_answer *a)
{
    size_t count = 0;
    const struct ha_status_fact *const *all = ha_facts_statuses(facts, &count);
    for (size_t i = 0; i < count; i++) {
        if (all[i]->code >= first && all[i]->code <= last)
            add_status(facts, all[i]->code, a);
    }
    a->list = true;
    return true;
}

/* "5xx" */
static bool find_class(const struct ha_facts *facts, struct ha_view term, struct ha_answer *a)
{
    if (term.len != 3 || !ha_is_digit(term.ptr[0]) || tolower((unsigned char)term.ptr[1]) != 'x' ||
        tolower((unsigned char)term.ptr[2]) != 'x')
        return false;
    int first = (term.ptr[0] - '0') * 100;
    if (ha_class_of(first) == 0)
        snprintf(a->heading, sizeof a->heading, "%cxx no legal status (100 to 599 are legal)",
                 term.ptr[0]);
    else
        snprintf(a->heading, sizeof a->heading, "%s; clients treat a code not listed here like %d",
                 ha_facts_status(facts, first)->class_name, first);
    return list_range(facts, first, first + 99, a);
}

/* "400-404" */
static bool find_range(const struct ha_facts *facts, struct ha_view term, struct ha_answer *a)
{
    if (term.len != 7 || term.ptr[3] != '-')
        return false;
    int first = code_of((struct ha_view){term.ptr, 3});
    int last = code_of((struct ha_view){term.ptr + 4, 3});
    if (first < 0 || last < first)
        return false;
    snprintf(a->heading, sizeof a->heading, "%03d to %03d, the listed ones", first, last);
    return list_range(facts, first, last, a);
}

static int method_any_case(struct ha_view term)
{
    for (size_t i = 0; i < ha_facts_method_count(); i++) {
        if (ha_view_eq_nocase(term, ha_view_of(ha_facts_method((int)i)->method)))
            return (int)i;
    }
    return HA_UNLISTED_METHOD;
}

static bool find_method(struct ha_view term, struct ha_answer *a)
{
    int index = ha_facts_method_index(term);
    if (index < 0) {
        index = method_any_case(term);
        if (index < 0)
            return false;
        a->remark = "Method names are case-sensitive; the one in capitals is meant here.";
    }
    add_method(index, a);
    return true;
}

static struct ha_entry pair_entry(const struct ha_facts *facts, const struct ha_pair_fact *pair,
                                  int method, int code)
{
    return (struct ha_entry){.kind = HA_ENTRY_PAIR,
                             .pair = pair,
                             .method = method >= 0 ? ha_facts_method(method) : NULL,
                             .status = ha_facts_status(facts, code)};
}

/* "POST 303", "303 POST", and a row of the table as it is written there: "(none) 408". */
static bool find_pair(const struct ha_facts *facts, struct ha_view term, struct ha_answer *a)
{
    size_t count = 0;
    const struct ha_pair_fact *pairs = ha_facts_pairs(&count);
    for (size_t i = 0; i < count; i++) {
        struct ha_view method = ha_view_of(pairs[i].method), status = ha_view_of(pairs[i].status);
        if (term.len != method.len + 1 + status.len || term.ptr[method.len] != ' ')
            continue;
        struct ha_view head = {term.ptr, method.len};
        struct ha_view tail = {term.ptr + method.len + 1, status.len};
        if (!ha_view_eq_nocase(head, method) || !ha_view_eq(tail, status))
            continue;
        size_t name = strcspn(pairs[i].method, " ");
        int index = ha_facts_method_index((struct ha_view){pairs[i].method, name});
        ha_answer_add(
            a, pair_entry(facts, &pairs[i], index, code_of((struct ha_view){status.ptr, 3})));
        return true;
    }
    const char *space = memchr(term.ptr, ' ', term.len);
    if (space == NULL)
        return false;
    struct ha_view head = {term.ptr, (size_t)(space - term.ptr)};
    struct ha_view tail = {space + 1, term.len - head.len - 1};
    bool code_first = code_of(head) >= 0;
    int code = code_of(code_first ? head : tail);
    int index = method_any_case(code_first ? tail : head);
    if (code < 0 || index < 0)
        return false;
    struct ha_pair_query q = {.method = index, .status = code};
    ha_answer_add(a, pair_entry(facts, ha_facts_pair(&q), index, code));
    return true;
}

/* "404.13", and "404.x" for all of a status. */
static bool find_substatus(struct ha_view term, struct ha_answer *a)
{
    if (term.len < 5 || term.ptr[3] != '.')
        return false;
    int code = code_of((struct ha_view){term.ptr, 3});
    struct ha_view rest = {term.ptr + 4, term.len - 4};
    bool all = ha_view_eq_nocase(rest, HA_VIEW_LIT("x")) || ha_view_is(rest, "*");
    size_t count = 0;
    const struct ha_substatus_fact *rows = ha_facts_substatuses(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].status == code && (all || rows[i].substatus == code_of(rest)))
            ha_answer_add(a, (struct ha_entry){.kind = HA_ENTRY_SUBSTATUS, .substatus = &rows[i]});
    }
    a->list = all;
    snprintf(a->heading, sizeof a->heading, "%03d.x: sub-statuses of IIS", code);
    return a->count > 0;
}

static void add_logtag(const char *system, struct ha_view token, struct ha_answer *a)
{
    const struct ha_logtag_fact *fact = ha_facts_logtag(system, token);
    if (fact == NULL)
        return;
    ha_answer_add(a, (struct ha_entry){.kind = HA_ENTRY_LOGTAG, .logtag = fact});
    size_t len = strlen(fact->token);
    if (strcmp(system, "squid") == 0 && token.len > len)
        add_logtag(system, (struct ha_view){token.ptr + len, token.len - len}, a);
}

/* "sH--", "UF,URX", "TCP_MISS/200", "TCP_MISS_ABORTED" */
static bool find_logtag(struct ha_view term, struct ha_answer *a)
{
    static const char *const systems[] = {"haproxy", "envoy", "squid"};
    for (size_t start = 0; start < term.len;) {
        size_t end = start;
        while (end < term.len && term.ptr[end] != ',' && term.ptr[end] != '/')
            end++;
        for (size_t i = 0; i < HA_COUNT(systems); i++)
            add_logtag(systems[i], (struct ha_view){term.ptr + start, end - start}, a);
        start = end + 1;
    }
    return a->count > 0;
}

/* Statuses of exactly this phrase, or of this name elsewhere. */
static bool find_phrase(const struct ha_facts *facts, struct ha_view term, struct ha_answer *a)
{
    size_t count = 0;
    const struct ha_status_fact *const *all = ha_facts_statuses(facts, &count);
    for (size_t i = 0; i < count; i++) {
        if (ha_view_eq_nocase(term, ha_view_of(all[i]->phrase)))
            add_status(facts, all[i]->code, a);
    }
    const struct ha_alias_fact *aliases = ha_facts_aliases(&count);
    for (size_t i = 0; i < count; i++) {
        bool there = a->count > 0 && a->entries[a->count - 1].status->code == aliases[i].code;
        if (!there && ha_view_eq_nocase(term, ha_view_of(aliases[i].phrase)))
            add_status(facts, aliases[i].code, a);
    }
    return a->count > 0;
}

/* "get-head-501" */
static bool find_rule(struct ha_view term, struct ha_answer *a)
{
    int rule = ha_rule_find(term);
    if (rule >= 0)
        ha_answer_add(a, (struct ha_entry){.kind = HA_ENTRY_RULE, .rule = ha_rule_fact(rule)});
    return rule >= 0;
}

bool ha_answer_find(const struct ha_facts *facts, const char *term, struct ha_answer *a)
{
    struct ha_view v = ha_view_of(term);
    while (v.len > 0 && v.ptr[0] == ' ')
        v = (struct ha_view){v.ptr + 1, v.len - 1};
    while (v.len > 0 && v.ptr[v.len - 1] == ' ')
        v.len--;
    if (v.len == 0)
        return false;
    bool found = add_status(facts, code_of(v), a) || find_class(facts, v, a) ||
                 find_range(facts, v, a) || find_phrase(facts, v, a) || find_method(v, a) ||
                 find_pair(facts, v, a) || find_substatus(v, a) || find_logtag(v, a) ||
                 find_rule(v, a) || ha_answer_search(facts, v, a);
    return found && !a->failed;
}
