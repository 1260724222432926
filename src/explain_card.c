/* explain_card.c - one entry of -x with all that is known of it. */
#include <stdio.h>
#include <string.h>

#include "explain_parts.h"

enum { INDENT = 2, LABEL = 13 };

/* A label and its text; nothing when the text is empty. */
static void field(const struct ha_page *p, const char *label, const char *s)
{
    if (s[0] == '\0')
        return;
    size_t len = strlen(label);
    ha_buf_fill(p->to, ' ', INDENT);
    ha_page_paint(p, "2");
    ha_buf_str(p->to, label);
    ha_page_paint(p, "0");
    if (len < LABEL)
        ha_buf_fill(p->to, ' ', LABEL - len);
    else
        ha_buf_char(p->to, ' ');
    ha_page_fold(p, INDENT + (len < LABEL ? LABEL : len + 1), INDENT + LABEL, s);
}

/* The same for a text of several parts. */
static void field_buf(const struct ha_page *p, const char *label, struct ha_buf *parts)
{
    ha_buf_char(parts, '\0');
    if (ha_buf_ok(parts))
        field(p, label, parts->ptr);
    else
        p->to->failed = true;
    ha_buf_clear(parts);
}

static void title(const struct ha_page *p, const char *colour, const char *s, const char *beside)
{
    ha_page_paint(p, colour);
    ha_buf_visible(p->to, ha_view_of(s), false);
    ha_page_paint(p, "0");
    if (beside[0] != '\0') {
        ha_buf_str(p->to, "  ");
        ha_page_paint(p, "2");
        ha_buf_str(p->to, beside);
        ha_page_paint(p, "0");
    }
    ha_buf_char(p->to, '\n');
}

static const char *registry_words(const char *registry)
{
    static const struct {
        const char *name, *words;
    } all[] = {
        {"iana", "in the IANA registry"},
        {"iana-temporary", "in the IANA registry, provisionally"},
        {"iana-reserved", "in the IANA registry, reserved so that nobody can assign it"},
        {"iana-deprecated", "in the IANA registry, deprecated: nothing current should send it"},
        {"vendor", "not registered: a number that vendors took"},
        {"codes file", "not registered: from your file of codes"},
        {"none", "not registered, and no vendor is known to use it"},
    };
    for (size_t i = 0; i < HA_COUNT(all); i++) {
        if (strcmp(all[i].name, registry) == 0)
            return all[i].words;
    }
    return registry;
}

static const char *retry_words(const char *retryable)
{
    if (strcmp(retryable, "y") == 0)
        return "yes";
    if (strcmp(retryable, "n") == 0)
        return "no";
    return "after a change or a pause, or when the method is idempotent";
}

static const char *const tone_words[] = {"", " (worth a look)", " (usually a fault)"};

/* What the status means with each method that has a row. */
static void pairs_of_status(const struct ha_page *p, const char *code, struct ha_buf *parts)
{
    bool first = true;
    size_t count = 0;
    const struct ha_pair_fact *pairs = ha_facts_pairs(&count);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(pairs[i].status, code, 3) != 0)
            continue;
        ha_buf_printf(parts, "%s: %s%s%s", pairs[i].method, pairs[i].note,
                      pairs[i].status[3] != '\0' ? ", with 0 bytes" : "",
                      tone_words[pairs[i].tone]);
        field_buf(p, first ? "by method" : " ", parts);
        first = false;
    }
}

static void alts_of_status(const struct ha_page *p, const struct ha_facts *facts, int code,
                           struct ha_buf *parts)
{
    size_t count = 0;
    const struct ha_status_alt *alts = ha_facts_alts(facts, code, &count);
    for (size_t i = 0; i < count; i++) {
        ha_buf_printf(parts, "%s: %s. %s Seen by: %s.", alts[i].vendor, alts[i].phrase,
                      alts[i].meaning, alts[i].recognise_by);
        field_buf(p, i == 0 ? "elsewhere" : " ", parts);
    }
}

static void aliases_of_status(const struct ha_page *p, int code, struct ha_buf *parts)
{
    size_t count = 0;
    const struct ha_alias_fact *aliases = ha_facts_aliases(&count);
    for (size_t i = 0; i < count; i++) {
        if (aliases[i].code == code)
            ha_buf_printf(parts, "%s\"%s\" (%s)", parts->len > 0 ? ", " : "", aliases[i].phrase,
                          aliases[i].seen_in);
    }
    field_buf(p, "also called", parts);
}

static void substatuses_of_status(const struct ha_page *p, int code, struct ha_buf *parts)
{
    size_t count = 0, here = 0;
    const struct ha_substatus_fact *rows = ha_facts_substatuses(&count);
    for (size_t i = 0; i < count; i++)
        here += rows[i].status == code;
    if (here > 0)
        ha_buf_printf(parts, "%zu sub-status%s, listed by -x %03d.x", here, here == 1 ? "" : "es",
                      code);
    field_buf(p, "IIS", parts);
}

static void status_card(const struct ha_page *p, const struct ha_facts *facts,
                        const struct ha_status_fact *s)
{
    struct ha_buf parts = {0};
    char code[4];
    ha_code_text(s->code, code);
    ha_buf_printf(&parts, "%s %s", code, s->phrase);
    ha_buf_char(&parts, '\0');
    if (ha_buf_ok(&parts))
        title(p, ha_page_class_colour(s->code), parts.ptr,
              strcmp(s->class_name, "none") == 0 ? "no HTTP status" : s->class_name);
    ha_buf_clear(&parts);
    field(p, "meaning", s->meaning);
    field(p, "hint", s->hint);
    field(p, "fault", strcmp(s->fault, "none") == 0 ? "nobody's" : s->fault);
    field(p, "retry", retry_words(s->retryable));
    field(p, "cacheable", strcmp(s->cacheable, "y") == 0 ? "yes, by default" : "not by default");
    field(p, "registered", registry_words(s->registry));
    field(p, "source", s->source);
    field(p, "vendors", s->vendors);
    aliases_of_status(p, s->code, &parts);
    alts_of_status(p, facts, s->code, &parts);
    substatuses_of_status(p, s->code, &parts);
    const char *difference = ha_facts_reference(code);
    if (difference != NULL) {
        ha_buf_printf(&parts, "reference page: %s", difference);
        field_buf(p, "differs", &parts);
    }
    pairs_of_status(p, code, &parts);
    ha_buf_free(&parts);
}

/* What the method means with each status that has a row. */
static void pairs_of_method(const struct ha_page *p, const char *method, struct ha_buf *parts)
{
    bool first = true;
    size_t count = 0;
    const struct ha_pair_fact *pairs = ha_facts_pairs(&count);
    for (size_t i = 0; i < count; i++) {
        struct ha_view head = {pairs[i].method, strcspn(pairs[i].method, " ")};
        if (!ha_view_is(head, method))
            continue;
        bool star = pairs[i].method[head.len] != '\0';
        ha_buf_printf(parts, "%s: %s%s%s", pairs[i].status, star ? "target *: " : "", pairs[i].note,
                      tone_words[pairs[i].tone]);
        field_buf(p, first ? "by status" : " ", parts);
        first = false;
    }
}

static void method_card(const struct ha_page *p, const struct ha_method_fact *m)
{
    struct ha_buf parts = {0};
    title(p, "1", m->method, strcmp(m->registry, "iana") == 0 ? "method" : m->registry);
    field(p, "meaning", m->meaning);
    field(p, "hint", m->hint);
    field(p, "safe", m->safe ? "yes" : "no");
    field(p, "idempotent", m->idempotent ? "yes" : "no");
    field(p, "cacheable",
          m->cacheable_yes                 ? "yes"
          : strcmp(m->cacheable, "n") == 0 ? "no"
                                           : m->cacheable);
    field(p, "content", m->request_body);
    field(p, "registered",
          strcmp(m->registry, "iana") == 0 ? "in the IANA registry" : "not registered");
    field(p, "source", m->source);
    const char *difference = ha_facts_reference(m->method);
    if (difference != NULL) {
        ha_buf_printf(&parts, "reference page: %s", difference);
        field_buf(p, "differs", &parts);
    }
    pairs_of_method(p, m->method, &parts);
    ha_buf_free(&parts);
}

static void pair_card(const struct ha_page *p, const struct ha_entry *e)
{
    static const char *const verdicts[] = {"as expected", "worth a look where it is frequent",
                                           "usually a fault"};
    struct ha_buf parts = {0};
    const char *method = e->method != NULL ? e->method->method : e->pair->method;
    const char *row = e->pair != NULL ? e->pair->method : method;
    bool own = strncmp(row, method, strlen(method)) == 0; /* "OPTIONS *" is one of OPTIONS */
    const char *beside = "";
    if (!own)
        beside = strcmp(row, "(any)") == 0 ? "as with every method" : "as with GET";
    else if (e->pair != NULL && e->pair->status[3] != '\0')
        beside = "and 0 bytes";
    ha_buf_printf(&parts, "%s %03d", own ? row : method, e->status->code);
    ha_buf_char(&parts, '\0');
    if (ha_buf_ok(&parts))
        title(p, ha_page_class_colour(e->status->code), parts.ptr, beside);
    ha_buf_clear(&parts);
    if (e->pair != NULL) {
        field(p, "together", e->pair->note);
        field(p, "verdict", verdicts[e->pair->tone]);
        field(p, "source", e->pair->basis);
    } else {
        field(p, "together", "nothing particular: each means what it means alone");
    }
    ha_buf_printf(&parts, "%s: %s", e->status->phrase, e->status->meaning);
    char code[4];
    ha_code_text(e->status->code, code);
    field_buf(p, code, &parts);
    if (e->method != NULL)
        field(p, method, e->method->meaning);
    ha_buf_free(&parts);
}

static void rule_card(const struct ha_page *p, const struct ha_rule_fact *r)
{
    struct ha_buf parts = {0};
    title(p, "1", r->id, "finding");
    field(p, "message", r->message);
    ha_buf_str(&parts, ha_severity_name(r->severity[HA_MILD]));
    if (r->severity[HA_GRAVE] != r->severity[HA_MILD])
        ha_buf_printf(&parts, ", or %s in its graver form",
                      ha_severity_name(r->severity[HA_GRAVE]));
    field_buf(p, "severity", &parts);
    field(p, "certainty", r->certainty);
    field(p, "judged by", r->by_line ? "each line" : "all lines together");
    field(p, "condition", r->condition);
    field(p, "basis", r->basis);
    field(p, "may be wrong", r->doubt);
    ha_buf_free(&parts);
}

void ha_explain_card(const struct ha_facts *facts, const struct ha_entry *e,
                     const struct ha_explain_style *style, struct ha_buf *to)
{
    struct ha_page p = {to, style->width, style->colour};
    char name[64];
    switch (e->kind) {
    case HA_ENTRY_STATUS:
        status_card(&p, facts, e->status);
        break;
    case HA_ENTRY_METHOD:
        method_card(&p, e->method);
        break;
    case HA_ENTRY_PAIR:
        pair_card(&p, e);
        break;
    case HA_ENTRY_SUBSTATUS:
        snprintf(name, sizeof name, "%d.%d", e->substatus->status, e->substatus->substatus);
        title(&p, ha_page_class_colour(e->substatus->status), name, "sub-status of IIS");
        field(&p, "meaning", e->substatus->meaning);
        field(&p, "of", ha_facts_status(facts, e->substatus->status)->phrase);
        field(&p, "source", "Microsoft Learn, \"HTTP status codes in IIS\" (KB 943891)");
        break;
    case HA_ENTRY_LOGTAG:
        title(&p, "1", e->logtag->token, e->logtag->system);
        field(&p, "meaning", e->logtag->meaning);
        field(&p, "hint", e->logtag->hint);
        field(&p, "source", e->logtag->source);
        break;
    case HA_ENTRY_RULE:
        rule_card(&p, e->rule);
        break;
    }
}
