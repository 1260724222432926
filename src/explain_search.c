/* explain_search.c - entries that hold some words, and terms near to one that is unknown. */
#include <stdio.h>
#include <string.h>

#include "explain_parts.h"
#include "httpannotate/nearest.h"

enum { TEXTS = 16, NEAREST = 3 };

/* The texts of one entry, the telling ones (names) first. */
struct texts {
    const char *text[TEXTS];
    size_t names, count;
};

static void add_text(struct texts *t, const char *s)
{
    if (t->count < TEXTS)
        t->text[t->count++] = s;
}

static bool is_word_char(char c)
{
    return ha_is_digit(c) || ha_is_letter(c);
}

static bool has_lower(struct ha_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        if (v.ptr[i] >= 'a' && v.ptr[i] <= 'z')
            return true;
    }
    return false;
}

/* A term without a letter or digit is no word: punctuation stands in texts by chance, and anything
 * short is near to the method *. */
static bool has_word(struct ha_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        if (is_word_char(v.ptr[i]))
            return true;
    }
    return false;
}

/* Whether the words stand in the text, from the start of a word on. They may end inside one ("time"
 * finds "timeout"), but not when they are all capitals: those are meant as a name ("ALB"). */
static bool holds(const char *text, struct ha_view words)
{
    bool whole = !has_lower(words);
    size_t len = strlen(text);
    for (size_t i = 0; i + words.len <= len; i++) {
        if (i > 0 && is_word_char(text[i - 1]))
            continue;
        if (!ha_view_eq_nocase((struct ha_view){text + i, words.len}, words))
            continue;
        if (!whole || !is_word_char(text[i + words.len]))
            return true;
    }
    return false;
}

/* The first of the texts that holds the words, or NULL. */
static const char *holder(const struct texts *t, size_t from, size_t to, struct ha_view words)
{
    for (size_t i = from; i < to; i++) {
        if (holds(t->text[i], words))
            return t->text[i];
    }
    return NULL;
}

/* Whether each word of the term stands somewhere in the texts. */
static bool all_words(const struct texts *t, struct ha_view term)
{
    for (size_t at = 0; at < term.len;) {
        size_t end = at;
        while (end < term.len && term.ptr[end] != ' ')
            end++;
        if (end > at && !holder(t, 0, t->count, (struct ha_view){term.ptr + at, end - at}))
            return false;
        at = end + 1;
    }
    return true;
}

/* How well an entry fits: the words in a name, the words in any text, all words somewhere, not. */
enum fit { FIT_NAME, FIT_TEXT, FIT_WORDS, FIT_N };

static enum fit fit_of(const struct texts *t, struct ha_view term, const char **found_in)
{
    *found_in = NULL;
    if (holder(t, 0, t->names, term) != NULL)
        return FIT_NAME;
    *found_in = holder(t, t->names, t->count, term);
    if (*found_in != NULL)
        return FIT_TEXT;
    return memchr(term.ptr, ' ', term.len) != NULL && all_words(t, term) ? FIT_WORDS : FIT_N;
}

static struct texts texts_of_status(const struct ha_facts *facts, const struct ha_status_fact *s)
{
    struct texts t = {.text = {s->phrase}, .count = 1};
    size_t count = 0;
    const struct ha_alias_fact *aliases = ha_facts_aliases(&count);
    for (size_t i = 0; i < count; i++) {
        if (aliases[i].code == s->code)
            add_text(&t, aliases[i].phrase);
    }
    const struct ha_status_alt *alts = ha_facts_alts(facts, s->code, &count);
    for (size_t i = 0; i < count; i++)
        add_text(&t, alts[i].phrase);
    t.names = t.count;
    add_text(&t, s->meaning);
    add_text(&t, s->hint);
    add_text(&t, s->vendors);
    for (size_t i = 0; i < count; i++) {
        add_text(&t, alts[i].meaning);
        add_text(&t, alts[i].vendor);
    }
    return t;
}

/* The texts of an entry of any kind but a pair: pairs are found by their method and code. */
static struct texts texts_of(const struct ha_facts *facts, const struct ha_entry *e)
{
    switch (e->kind) {
    case HA_ENTRY_STATUS:
        return texts_of_status(facts, e->status);
    case HA_ENTRY_METHOD:
        return (struct texts){
            .text = {e->method->method, e->method->meaning, e->method->registry, e->method->hint},
            .names = 1,
            .count = 4};
    case HA_ENTRY_SUBSTATUS:
        return (struct texts){.text = {e->substatus->meaning}, .count = 1};
    case HA_ENTRY_LOGTAG:
        return (struct texts){.text = {e->logtag->token, e->logtag->meaning, e->logtag->hint},
                              .names = 1,
                              .count = 3};
    case HA_ENTRY_RULE:
        return (struct texts){.text = {e->rule->id, e->rule->message}, .names = 1, .count = 2};
    case HA_ENTRY_PAIR:
        break;
    }
    return (struct texts){0};
}

/* Every entry that can be found by its words, one after the other. False behind the last. */
static bool entry_at(const struct ha_facts *facts, size_t i, struct ha_entry *e)
{
    size_t count = 0;
    const struct ha_status_fact *const *statuses = ha_facts_statuses(facts, &count);
    if (i < count) {
        *e = (struct ha_entry){.kind = HA_ENTRY_STATUS, .status = statuses[i]};
        return true;
    }
    i -= count;
    if (i < ha_facts_method_count()) {
        *e = (struct ha_entry){.kind = HA_ENTRY_METHOD, .method = ha_facts_method((int)i)};
        return true;
    }
    i -= ha_facts_method_count();
    const struct ha_substatus_fact *substatuses = ha_facts_substatuses(&count);
    if (i < count) {
        *e = (struct ha_entry){.kind = HA_ENTRY_SUBSTATUS, .substatus = &substatuses[i]};
        return true;
    }
    i -= count;
    const struct ha_logtag_fact *logtags = ha_facts_logtags(&count);
    if (i < count) {
        *e = (struct ha_entry){.kind = HA_ENTRY_LOGTAG, .logtag = &logtags[i]};
        return true;
    }
    i -= count;
    if (i < HA_RULES) {
        *e = (struct ha_entry){.kind = HA_ENTRY_RULE, .rule = ha_rule_fact((int)i)};
        return true;
    }
    return false;
}

bool ha_answer_search(const struct ha_facts *facts, struct ha_view term, struct ha_answer *a)
{
    if (!has_word(term))
        return false;
    for (int fit = FIT_NAME; fit < FIT_N; fit++) {
        if (fit == FIT_WORDS && a->count > 0)
            break;
        struct ha_entry e;
        for (size_t i = 0; entry_at(facts, i, &e); i++) {
            struct texts t = texts_of(facts, &e);
            if (fit_of(&t, term, &e.found_in) == (enum fit)fit)
                ha_answer_add(a, e);
        }
    }
    a->list = a->count > 1;
    snprintf(a->heading, sizeof a->heading, "%zu entries speak of \"%.*s\"", a->count,
             (int)(term.len < 60 ? term.len : 60), term.ptr);
    return a->count > 0;
}

struct near {
    char name[64];
    size_t distance;
};

/* Keeps the name among the nearest, which are in order; of equals the first stays. */
static void offer(struct near near[NEAREST], struct ha_view term, const char *name)
{
    size_t distance = ha_edit_distance(term, ha_view_of(name));
    if (distance > ha_near_enough(term.len))
        return;
    size_t at = NEAREST;
    while (at > 0 && distance < near[at - 1].distance)
        at--;
    for (size_t i = 0; i < NEAREST; i++) {
        if (strcmp(near[i].name, name) == 0)
            return;
    }
    if (at == NEAREST)
        return;
    memmove(&near[at + 1], &near[at], (NEAREST - 1 - at) * sizeof *near);
    snprintf(near[at].name, sizeof near[at].name, "%s", name);
    near[at].distance = distance;
}

void ha_answer_unknown(const struct ha_facts *facts, const char *term, struct ha_buf *to)
{
    struct near near[NEAREST] = {
        {.distance = SIZE_MAX}, {.distance = SIZE_MAX}, {.distance = SIZE_MAX}};
    struct ha_view v = ha_view_of(term);
    struct ha_entry e;
    for (size_t i = 0; has_word(v) && entry_at(facts, i, &e); i++) {
        struct texts t = texts_of(facts, &e);
        for (size_t n = 0; n < t.names; n++)
            offer(near, v, t.text[n]);
        if (e.kind == HA_ENTRY_STATUS) {
            char code[4];
            ha_code_text(e.status->code, code);
            offer(near, v, code);
        }
    }
    if (v.len == 0)
        ha_buf_str(to, "an empty term");
    ha_buf_visible(to, v, false);
    ha_buf_str(to, ": unknown; ");
    for (size_t i = 0; i < NEAREST && near[i].distance != SIZE_MAX; i++) {
        ha_buf_str(to, i == 0 ? "nearest: " : ", ");
        ha_buf_visible(to, ha_view_of(near[i].name), false);
    }
    if (near[0].distance == SIZE_MAX)
        ha_buf_str(to, "-x alone lists all that can be explained");
    ha_buf_char(to, '\n');
}
