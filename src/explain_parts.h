/* explain_parts.h - what a term of -x names, and how it is written. Private to explain. */
#ifndef HA_EXPLAIN_PARTS_H
#define HA_EXPLAIN_PARTS_H

#include "httpannotate/explain.h"
#include "httpannotate/lint.h"

enum ha_entry_kind {
    HA_ENTRY_STATUS,
    HA_ENTRY_METHOD,
    HA_ENTRY_PAIR, /* status, method, and pair where the tables have one */
    HA_ENTRY_SUBSTATUS,
    HA_ENTRY_LOGTAG,
    HA_ENTRY_RULE, /* of findings */
};

/* One thing to explain. Everything belongs to the facts. */
struct ha_entry {
    enum ha_entry_kind kind;
    const struct ha_status_fact *status;
    const struct ha_method_fact *method;
    const struct ha_pair_fact *pair;
    const struct ha_substatus_fact *substatus;
    const struct ha_logtag_fact *logtag;
    const struct ha_rule_fact *rule;
    const char
        *found_in; /* the text that held the words searched for; NULL: a name, or all texts */
};

/* What one term names. Initialise with {0}; release with ha_answer_free. */
struct ha_answer {
    struct ha_entry *entries;
    size_t count;
    bool list;          /* a line each, under the heading; else a card each */
    bool failed;        /* memory ran out */
    char heading[128];  /* of a list */
    const char *remark; /* to be said before cards, or NULL */
};

void ha_answer_add(struct ha_answer *a, struct ha_entry e);
void ha_answer_free(struct ha_answer *a);
/* Finds what the term names; false when nothing. */
bool ha_answer_find(const struct ha_facts *facts, const char *term, struct ha_answer *a);
/* Finds all entries that hold the words of the term. */
bool ha_answer_search(const struct ha_facts *facts, struct ha_view term, struct ha_answer *a);
/* One line that says that the term is unknown, with what it may have been meant to be. */
void ha_answer_unknown(const struct ha_facts *facts, const char *term, struct ha_buf *to);

/* Where text goes, and how wide it may be. */
struct ha_page {
    struct ha_buf *to;
    size_t width;
    bool colour;
};
/* Starts an SGR attribute ("1;31"; "0" ends it), where there is colour. */
void ha_page_paint(const struct ha_page *p, const char *sgr);
/* The attribute of a status: 1xx cyan, 2xx green, 3xx blue, 4xx yellow, 5xx red, others magenta. */
const char *ha_page_class_colour(int code);
/* Writes s from column `column` on (0-based), folded between words so that no line passes the
 * width; further lines start at `indent`. Ends with a newline. A word longer than a line stays
 * whole. */
void ha_page_fold(const struct ha_page *p, size_t column, size_t indent, const char *s);

/* Writers. */
void ha_explain_card(const struct ha_facts *facts, const struct ha_entry *e,
                     const struct ha_explain_style *style, struct ha_buf *to);
void ha_explain_list(const struct ha_answer *a, const struct ha_explain_style *style,
                     struct ha_buf *to);
void ha_explain_table(const struct ha_facts *facts, const struct ha_explain_style *style,
                      struct ha_buf *to);
void ha_explain_json(const struct ha_facts *facts, const struct ha_entry *e, struct ha_buf *to);

#endif
