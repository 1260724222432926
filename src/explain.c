/* explain.c - -x: each term is found, then written as cards, as a list or as JSON. */
#include "httpannotate/explain.h"

#include <string.h>

#include "explain_parts.h"

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_LEAST = 40,
    TERM_MOST = 128, /* with its NUL: longer ones are no list */
};

void ha_answer_add(struct ha_answer *a, struct ha_entry e)
{
    if (a->failed)
        return;
    struct ha_entry *grown = ha_one_more(a->entries, a->count, sizeof *grown);
    if (grown == NULL) {
        a->failed = true;
        return;
    }
    a->entries = grown;
    a->entries[a->count++] = e;
}

void ha_answer_free(struct ha_answer *a)
{
    ha_free(a->entries);
    *a = (struct ha_answer){0};
}

static void write_json(const struct ha_facts *facts, const struct ha_answer *a, size_t *written,
                       struct ha_buf *to)
{
    for (size_t i = 0; i < a->count; i++) {
        ha_buf_str(to, (*written)++ == 0 ? "\n" : ",\n");
        ha_explain_json(facts, &a->entries[i], to);
    }
}

static void write_text(const struct ha_facts *facts, const struct ha_answer *a,
                       const struct ha_explain_style *style, size_t *written, struct ha_buf *to)
{
    if ((*written)++ > 0)
        ha_buf_char(to, '\n');
    if (a->remark != NULL) {
        ha_buf_str(to, a->remark);
        ha_buf_str(to, "\n\n");
    }
    if (a->list) {
        ha_explain_list(a, style, to);
        return;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (i > 0)
            ha_buf_char(to, '\n');
        ha_explain_card(facts, &a->entries[i], style, to);
    }
}

/* Everything, for JSON without terms. */
static void add_all(const struct ha_facts *facts, struct ha_answer *a)
{
    size_t count = 0;
    const struct ha_status_fact *const *statuses = ha_facts_statuses(facts, &count);
    for (size_t i = 0; i < count; i++)
        ha_answer_add(a, (struct ha_entry){.kind = HA_ENTRY_STATUS, .status = statuses[i]});
    for (size_t i = 0; i < ha_facts_method_count(); i++)
        ha_answer_add(
            a, (struct ha_entry){.kind = HA_ENTRY_METHOD, .method = ha_facts_method((int)i)});
}

static void explain_all(const struct ha_facts *facts, const struct ha_explain_style *style,
                        size_t *written, struct ha_buf *to)
{
    if (!style->json) {
        ha_explain_table(facts, style, to);
        return;
    }
    struct ha_answer all = {0};
    add_all(facts, &all);
    write_json(facts, &all, written, to);
    to->failed |= all.failed;
    ha_answer_free(&all);
}

/* What is written, and where it goes. */
struct work {
    const struct ha_facts *facts;
    const struct ha_explain_style *style;
    size_t written;
    struct ha_buf *to;
};

/* Writes what the term names; false when that is nothing. */
static bool explain_term(struct work *w, const char *term)
{
    struct ha_answer a = {0};
    bool found = ha_answer_find(w->facts, term, &a);
    if (found && w->style->json)
        write_json(w->facts, &a, &w->written, w->to);
    else if (found)
        write_text(w->facts, &a, w->style, &w->written, w->to);
    w->to->failed |= a.failed;
    ha_answer_free(&a);
    return found;
}

static bool is_known(struct work *w, const char *term)
{
    struct ha_answer a = {0};
    bool found = ha_answer_find(w->facts, term, &a);
    w->to->failed |= a.failed;
    ha_answer_free(&a);
    return found;
}

/* The next of some terms with commas between, as --status takes them, from *at, which moves behind
 * it; NULL behind the last, or where it is longer than any term. */
static const char *next_of(const char **at, char to[TERM_MOST])
{
    size_t len = *at == NULL ? TERM_MOST : strcspn(*at, ",");
    if (len >= TERM_MOST)
        return NULL;
    memcpy(to, *at, len);
    to[len] = '\0';
    *at = (*at)[len] == ',' ? *at + len + 1 : NULL;
    return to;
}

/* Whether a term is a list: one of its parts is known. */
static bool is_list(struct work *w, const char *terms)
{
    char part[TERM_MOST];
    bool known = false;
    if (strchr(terms, ',') == NULL)
        return false;
    for (const char *at = terms; !known && next_of(&at, part) != NULL;)
        known = is_known(w, part);
    return known;
}

/* Writes what the term names, or tells that nothing bears that name. Returns how many were
 * unknown. */
static size_t explain_or_tell(struct work *w, const char *term, struct ha_buf *unknown)
{
    if (explain_term(w, term))
        return 0;
    if (!w->to->failed)
        ha_answer_unknown(w->facts, term, unknown);
    return 1;
}

size_t ha_explain(const struct ha_facts *facts, const char *const *terms, size_t count,
                  const struct ha_explain_style *style, struct ha_buf *to, struct ha_buf *unknown)
{
    struct ha_explain_style used = *style;
    if (used.width == 0)
        used.width = WIDTH_DEFAULT;
    if (used.width < WIDTH_LEAST)
        used.width = WIDTH_LEAST;
    struct work w = {facts, &used, 0, to};
    size_t unknown_count = 0;
    if (used.json)
        ha_buf_char(to, '[');
    if (count == 0)
        explain_all(facts, &used, &w.written, to);
    for (size_t i = 0; i < count; i++) {
        char part[TERM_MOST];
        if (is_known(&w, terms[i]) || !is_list(&w, terms[i]))
            unknown_count += explain_or_tell(&w, terms[i], unknown);
        else
            for (const char *at = terms[i]; next_of(&at, part) != NULL;)
                unknown_count += explain_or_tell(&w, part, unknown);
    }
    if (used.json)
        ha_buf_str(to, w.written > 0 ? "\n]\n" : "]\n");
    return unknown_count;
}
