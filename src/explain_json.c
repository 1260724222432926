/* explain_json.c - entries of -x as JSON objects. */
#include <string.h>

#include "explain_parts.h"
#include "httpannotate/record.h"

static const char *const tones[] = {"ok", "look", "bad"};

/* The start of a member: `, "key": `. */
static void key(struct ha_buf *to, const char *name)
{
    ha_buf_printf(to, ", \"%s\": ", name);
}

static void text(struct ha_buf *to, const char *name, const char *value)
{
    key(to, name);
    ha_buf_json_string(to, ha_view_of(value));
}

static void truth(struct ha_buf *to, const char *name, bool value)
{
    key(to, name);
    ha_buf_str(to, value ? "true" : "false");
}

static void alternatives(const struct ha_facts *facts, int code, struct ha_buf *to)
{
    size_t count = 0;
    const struct ha_status_alt *alts = ha_facts_alts(facts, code, &count);
    key(to, "alternatives");
    ha_buf_char(to, '[');
    for (size_t i = 0; i < count; i++) {
        ha_buf_str(to, i == 0 ? "{\"vendor\": " : ", {\"vendor\": ");
        ha_buf_json_string(to, ha_view_of(alts[i].vendor));
        text(to, "phrase", alts[i].phrase);
        text(to, "meaning", alts[i].meaning);
        text(to, "recognise_by", alts[i].recognise_by);
        text(to, "source", alts[i].source);
        ha_buf_char(to, '}');
    }
    ha_buf_char(to, ']');
}

static void aliases(int code, struct ha_buf *to)
{
    size_t count = 0, written = 0;
    const struct ha_alias_fact *all = ha_facts_aliases(&count);
    key(to, "aliases");
    ha_buf_char(to, '[');
    for (size_t i = 0; i < count; i++) {
        if (all[i].code != code)
            continue;
        ha_buf_str(to, written++ == 0 ? "{\"phrase\": " : ", {\"phrase\": ");
        ha_buf_json_string(to, ha_view_of(all[i].phrase));
        text(to, "seen_in", all[i].seen_in);
        ha_buf_char(to, '}');
    }
    ha_buf_char(to, ']');
}

static void pair_members(const struct ha_pair_fact *pair, struct ha_buf *to)
{
    text(to, "note", pair->note);
    text(to, "tone", tones[pair->tone]);
    text(to, "basis", pair->basis);
}

/* The pair rows of a method (by_status), or of a status (by method). */
static void pairs(const char *name, const char *method, const char *status, struct ha_buf *to)
{
    size_t count = 0, written = 0;
    const struct ha_pair_fact *all = ha_facts_pairs(&count);
    key(to, name);
    ha_buf_char(to, '[');
    for (size_t i = 0; i < count; i++) {
        if (method != NULL ? strcmp(all[i].method, method) != 0
                           : strncmp(all[i].status, status, 3) != 0)
            continue;
        ha_buf_str(to, written++ == 0 ? "{\"method\": " : ", {\"method\": ");
        ha_buf_json_string(to, ha_view_of(all[i].method));
        text(to, "status", all[i].status);
        pair_members(&all[i], to);
        ha_buf_char(to, '}');
    }
    ha_buf_char(to, ']');
}

static void difference(const char *name, struct ha_buf *to)
{
    const char *words = ha_facts_reference(name);
    if (words != NULL)
        text(to, "reference_page", words);
}

static void status_object(const struct ha_facts *facts, const struct ha_status_fact *s,
                          struct ha_buf *to)
{
    char code[4];
    ha_code_text(s->code, code);
    ha_buf_printf(to, "{\"status\": %d", s->code);
    text(to, "code", code);
    text(to, "phrase", s->phrase);
    text(to, "class", ha_class_key(s->code));
    text(to, "class_name", s->class_name);
    truth(to, "listed", s->listed);
    truth(to, "registered", s->registered);
    text(to, "registry", s->registry);
    text(to, "vendors", s->vendors);
    text(to, "source", s->source);
    text(to, "meaning", s->meaning);
    text(to, "hint", s->hint);
    truth(to, "cacheable", strcmp(s->cacheable, "y") == 0);
    text(to, "retryable",
         strcmp(s->retryable, "y") == 0   ? "yes"
         : strcmp(s->retryable, "n") == 0 ? "no"
                                          : s->retryable);
    text(to, "fault", s->fault);
    alternatives(facts, s->code, to);
    aliases(s->code, to);
    pairs("by_method", NULL, code, to);
    difference(code, to);
    ha_buf_char(to, '}');
}

static void method_object(const struct ha_method_fact *m, struct ha_buf *to)
{
    ha_buf_str(to, "{\"method\": ");
    ha_buf_json_string(to, ha_view_of(m->method));
    truth(to, "registered", strcmp(m->registry, "iana") == 0);
    text(to, "registry", m->registry);
    text(to, "source", m->source);
    truth(to, "safe", m->safe);
    truth(to, "idempotent", m->idempotent);
    truth(to, "cacheable", m->cacheable_yes);
    if (!m->cacheable_yes && strcmp(m->cacheable, "n") != 0)
        text(to, "cacheable_when", m->cacheable + strlen("conditional: "));
    text(to, "request_body", m->request_body);
    text(to, "meaning", m->meaning);
    text(to, "hint", m->hint);
    pairs("by_status", m->method, NULL, to);
    difference(m->method, to);
    ha_buf_char(to, '}');
}

static void pair_object(const struct ha_entry *e, struct ha_buf *to)
{
    ha_buf_str(to, "{\"method\": ");
    ha_buf_json_string(to, ha_view_of(e->method != NULL ? e->method->method : e->pair->method));
    ha_buf_printf(to, ", \"status\": %d", e->status->code);
    if (e->pair != NULL) {
        text(to, "row", e->pair->method);
        text(to, "row_status", e->pair->status);
        pair_members(e->pair, to);
    } else {
        ha_buf_str(to, ", \"row\": null, \"row_status\": null, \"note\": null, \"tone\": null, "
                       "\"basis\": null");
    }
    text(to, "phrase", e->status->phrase);
    text(to, "meaning", e->status->meaning);
    ha_buf_char(to, '}');
}

static void rule_object(const struct ha_rule_fact *r, struct ha_buf *to)
{
    ha_buf_str(to, "{\"finding\": ");
    ha_buf_json_string(to, ha_view_of(r->id));
    text(to, "severity", ha_severity_name(r->severity[HA_MILD]));
    text(to, "graver_severity", ha_severity_name(r->severity[HA_GRAVE]));
    truth(to, "by_line", r->by_line);
    text(to, "certainty", r->certainty);
    text(to, "message", r->message);
    text(to, "condition", r->condition);
    text(to, "basis", r->basis);
    text(to, "may_be_wrong", r->doubt);
    ha_buf_char(to, '}');
}

void ha_explain_json(const struct ha_facts *facts, const struct ha_entry *e, struct ha_buf *to)
{
    switch (e->kind) {
    case HA_ENTRY_STATUS:
        status_object(facts, e->status, to);
        break;
    case HA_ENTRY_METHOD:
        method_object(e->method, to);
        break;
    case HA_ENTRY_PAIR:
        pair_object(e, to);
        break;
    case HA_ENTRY_SUBSTATUS:
        ha_buf_printf(to, "{\"status\": %d, \"substatus\": %d", e->substatus->status,
                      e->substatus->substatus);
        text(to, "meaning", e->substatus->meaning);
        ha_buf_char(to, '}');
        break;
    case HA_ENTRY_LOGTAG:
        ha_buf_str(to, "{\"system\": ");
        ha_buf_json_string(to, ha_view_of(e->logtag->system));
        text(to, "token", e->logtag->token);
        text(to, "meaning", e->logtag->meaning);
        text(to, "hint", e->logtag->hint);
        text(to, "source", e->logtag->source);
        ha_buf_char(to, '}');
        break;
    case HA_ENTRY_RULE:
        rule_object(e->rule, to);
        break;
    }
}
