/* explain_list.c - entries of -x a line each, and the whole table. */
#include <stdio.h>
#include <string.h>

#include "explain_parts.h"

enum { INDENT = 2, TITLE_MOST = 30, NAME = 96 };

/* "429 Too Many Requests", "POST", "404.13", "sH": at most NAME bytes with its NUL. Returns the
 * code to be coloured by, or -1. */
static int name_of(const struct ha_entry *e, char *to)
{
    switch (e->kind) {
    case HA_ENTRY_STATUS:
        snprintf(to, NAME, "%03d %s", e->status->code, e->status->phrase);
        return e->status->code;
    case HA_ENTRY_METHOD:
        snprintf(to, NAME, "%s", e->method->method);
        return -1;
    case HA_ENTRY_SUBSTATUS:
        snprintf(to, NAME, "%d.%d", e->substatus->status, e->substatus->substatus);
        return e->substatus->status;
    case HA_ENTRY_LOGTAG:
        snprintf(to, NAME, "%s (%s)", e->logtag->token, e->logtag->system);
        return -1;
    case HA_ENTRY_RULE:
        snprintf(to, NAME, "%s", e->rule->id);
        return -1;
    case HA_ENTRY_PAIR:
        break;
    }
    to[0] = '\0';
    return -1;
}

/* What a list says of an entry: its meaning, or the text that the words were found in. */
static const char *meaning_of(const struct ha_entry *e)
{
    if (e->found_in != NULL)
        return e->found_in;
    switch (e->kind) {
    case HA_ENTRY_STATUS:
        return e->status->meaning;
    case HA_ENTRY_METHOD:
        return e->method->meaning;
    case HA_ENTRY_SUBSTATUS:
        return e->substatus->meaning;
    case HA_ENTRY_LOGTAG:
        return e->logtag->meaning;
    case HA_ENTRY_RULE:
        return e->rule->message;
    case HA_ENTRY_PAIR:
        break;
    }
    return "";
}

/* Writes a painted name and goes on to `column`: on a line of its own where the name reaches so
 * far. */
static void put_name(const struct ha_page *p, const char *name, const char *sgr, size_t column)
{
    size_t cells = INDENT + ha_text_width(ha_view_of(name));
    ha_buf_fill(p->to, ' ', INDENT);
    ha_page_paint(p, sgr);
    ha_buf_visible(p->to, ha_view_of(name), false);
    ha_page_paint(p, "0");
    if (cells + 2 > column) {
        ha_buf_char(p->to, '\n');
        cells = 0;
    }
    ha_buf_fill(p->to, ' ', column - cells);
}

static void heading(const struct ha_page *p, const char *s)
{
    ha_page_paint(p, "1");
    ha_page_fold(p, 0, 0, s);
    ha_page_paint(p, "0");
}

void ha_explain_list(const struct ha_answer *a, const struct ha_explain_style *style,
                     struct ha_buf *to)
{
    struct ha_page p = {to, style->width, style->colour};
    char name[NAME];
    size_t widest = 0;
    for (size_t i = 0; i < a->count; i++) {
        (void)name_of(&a->entries[i], name);
        size_t cells = ha_text_width(ha_view_of(name));
        if (cells <= TITLE_MOST && cells > widest)
            widest = cells;
    }
    heading(&p, a->heading);
    for (size_t i = 0; i < a->count; i++) {
        int code = name_of(&a->entries[i], name);
        size_t indent = INDENT + widest + 2;
        put_name(&p, name, code >= 0 ? ha_page_class_colour(code) : "1", indent);
        ha_page_fold(&p, indent, indent, meaning_of(&a->entries[i]));
    }
}

/* The RFC of a source, else the first of the vendors: short enough for a column of `room` cells. */
static void origin(const struct ha_status_fact *s, size_t room, char *to)
{
    const char *from = s->vendors;
    size_t len = strcspn(from, ";,(/");
    if (strncmp(s->source, "RFC ", 4) == 0) {
        from = s->source;
        len = 4 + strspn(from + 4, "0123456789");
    } else if (s->registered) {
        from = "draft";
        len = 5;
    } else if (len == 0) {
        from = s->registry;
        len = strlen(from);
    }
    while (len > 0 && from[len - 1] == ' ')
        len--;
    for (size_t n = len; n > room; n = len) {
        while (len > 0 && from[len - 1] != ' ')
            len--;
        while (len > 0 && from[len - 1] == ' ')
            len--;
        if (len == 0) {
            len = room;
            break;
        }
    }
    snprintf(to, NAME, "%.*s", (int)len, from);
}

static const char *yes_or_dash(bool yes)
{
    return yes ? "yes" : "-";
}

enum { STATUS_COLUMN = 44, METHOD_COLUMN = 21, FLAGS = 19 };

static void table_of_statuses(const struct ha_page *p, const struct ha_facts *facts)
{
    size_t count = 0;
    const struct ha_status_fact *const *all = ha_facts_statuses(facts, &count);
    const char *class_name = NULL;
    char name[NAME], from[NAME];
    size_t room = p->width > STATUS_COLUMN + 35 ? p->width - STATUS_COLUMN - 23 : 12;
    for (size_t i = 0; i < count; i++) {
        const struct ha_status_fact *s = all[i];
        if (class_name == NULL || strcmp(class_name, s->class_name) != 0) {
            if (class_name != NULL)
                ha_buf_char(p->to, '\n');
            class_name = s->class_name;
            ha_page_paint(p, "1");
            ha_buf_printf(p->to, "%-*s", STATUS_COLUMN,
                          strcmp(class_name, "none") == 0 ? "marks of logs, no HTTP status"
                                                          : class_name);
            ha_buf_str(p->to, "cache  retry  fault    from\n");
            ha_page_paint(p, "0");
        }
        snprintf(name, sizeof name, "%03d %s", s->code, s->phrase);
        put_name(p, name, ha_page_class_colour(s->code), STATUS_COLUMN);
        origin(s, room, from);
        bool known = strcmp(s->retryable, "y") == 0 || strcmp(s->retryable, "n") == 0;
        ha_buf_printf(p->to, "%-5s  %-5s  %-8s ", yes_or_dash(strcmp(s->cacheable, "y") == 0),
                      known ? yes_or_dash(strcmp(s->retryable, "y") == 0) : "maybe",
                      strcmp(s->fault, "none") == 0 ? "-" : s->fault);
        ha_buf_visible(p->to, ha_view_of(from), false);
        ha_buf_char(p->to, '\n');
    }
}

static void table_of_methods(const struct ha_page *p)
{
    ha_page_paint(p, "1");
    ha_buf_printf(p->to, "\n%-*s", METHOD_COLUMN, "methods");
    ha_buf_str(p->to, "safe  idem  cache  meaning\n");
    ha_page_paint(p, "0");
    for (size_t i = 0; i < ha_facts_method_count(); i++) {
        const struct ha_method_fact *m = ha_facts_method((int)i);
        put_name(p, m->method, "1", METHOD_COLUMN);
        bool known = m->cacheable_yes || strcmp(m->cacheable, "n") == 0;
        ha_buf_printf(p->to, "%-4s  %-4s  %-5s  ", yes_or_dash(m->safe), yes_or_dash(m->idempotent),
                      known ? yes_or_dash(m->cacheable_yes) : "maybe");
        ha_page_fold(p, METHOD_COLUMN + FLAGS, METHOD_COLUMN + FLAGS, m->meaning);
    }
}

void ha_explain_table(const struct ha_facts *facts, const struct ha_explain_style *style,
                      struct ha_buf *to)
{
    struct ha_page p = {to, style->width, style->colour};
    table_of_statuses(&p, facts);
    table_of_methods(&p);
    ha_buf_char(to, '\n');
    ha_page_fold(
        &p, 0, 0,
        "One in full: -x 429; also a class (5xx), a range (400-404), a method with a code "
        "(\"POST 303\"), a sub-status of IIS (404.13), a mark of HAProxy, Envoy or Squid "
        "(sH--, UF, TCP_MISS), a finding (get-head-405; --list-findings has them), a phrase or "
        "words (\"too many\").");
}
