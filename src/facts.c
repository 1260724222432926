/* facts.c - the tables of tbl/, and the rows that --codes=FILE lays over them. */
#include "httpannotate/facts.h"

#include <stdio.h>
#include <string.h>

#include "facts_codes.h"
#include "httpannotate/record.h"

#define HA_REGISTRY_IANA            true, "iana"
#define HA_REGISTRY_IANA_TEMPORARY  true, "iana-temporary"
#define HA_REGISTRY_IANA_RESERVED   true, "iana-reserved"
#define HA_REGISTRY_IANA_DEPRECATED true, "iana-deprecated"
#define HA_REGISTRY_VENDOR          false, "vendor"

static const struct ha_status_fact listed[] = {
#define HA_STATUS(code, phrase, class, registry, vendors, source, meaning, hint, cache, retry,     \
                  fault)                                                                           \
    {code, phrase, class, true, HA_REGISTRY_##registry, vendors, source, meaning,                  \
     hint, cache,  retry, fault},
#include "httpannotate/tbl/status.def"
#undef HA_STATUS
};

static const struct ha_status_alt alts[] = {
#define HA_ALT(code, vendor, phrase, meaning, recognise_by, source)                                \
    {code, vendor, phrase, meaning, recognise_by, source},
#include "httpannotate/tbl/alts.def"
#undef HA_ALT
};

static const struct ha_alias_fact aliases[] = {
#define HA_ALIAS(code, phrase, seen_in) {code, phrase, seen_in},
#include "httpannotate/tbl/aliases.def"
#undef HA_ALIAS
};

static const struct {
    const char *key, *difference;
} differences[] = {
#define HA_REFERENCE(key, difference) {key, difference},
#include "httpannotate/tbl/reference.def"
#undef HA_REFERENCE
};

static const struct ha_substatus_fact substatuses[] = {
#define HA_SUBSTATUS(status, substatus, meaning) {status, substatus, meaning},
#include "httpannotate/tbl/substatus.def"
#undef HA_SUBSTATUS
};

#define HA_SYSTEM_HAPROXY(token, meaning, hint)                                                    \
    {                                                                                              \
        "haproxy", token, meaning, hint, "HAProxy configuration manual, section 8.5"               \
    }
#define HA_SYSTEM_ENVOY(token, meaning, hint)                                                      \
    {                                                                                              \
        "envoy", token, meaning, hint, "Envoy access log documentation"                            \
    }
#define HA_SYSTEM_SQUID(token, meaning, hint)                                                      \
    {                                                                                              \
        "squid", token, meaning, hint, "Squid src/LogTags.h"                                       \
    }

static const struct ha_logtag_fact logtags[] = {
#define HA_LOGTAG(system, token, meaning, hint) HA_SYSTEM_##system(token, meaning, hint),
#include "httpannotate/tbl/logtags.def"
#undef HA_LOGTAG
};

enum { CODES = 1000 };

struct ha_facts {
    const struct ha_status_fact *by_code[CODES];
    const struct ha_status_fact *in_order[CODES]; /* the listed ones */
    size_t listed_count;
    struct ha_status_fact made[CODES]; /* rows of unlisted codes, and those of the user's file */
    struct ha_status_fact readings[HA_READINGS];
    struct ha_code_file file;
};

/* The rows of alts.def that a target gives away. */
static const struct {
    int code;
    const char *vendor, *part; /* the latter: of the target */
    bool begins;
} readings[HA_READINGS] = {
    {451, "Exchange ActiveSync", "/Microsoft-Server-ActiveSync", true},
    {499, "Esri ArcGIS", "/arcgis/rest/", false},
};

/* What is known of a code that no table has: how a client must treat it (RFC 9110 section 15). */
static const struct ha_status_fact class_rows[] = {
    {0, "Not a Legal Status", "invalid (outside 100-599)", false, false, "none", "",
     "RFC 9110 section 15",
     "Outside 100-599: no legal status; clients treat it like a server error.",
     "A shifted column, a hand-written status, or a mark that some program uses inside itself.",
     "n", "conditional", "either"},
    {100, "Unlisted 1xx", "1xx informational", false, false, "none", "", "RFC 9110 section 15",
     "Not listed; clients treat it like 100: an interim word, the answer itself is still to come.",
     "Should not be the final logged code; a row in --codes=FILE gives it a name.", "n", "n",
     "none"},
    {200, "Unlisted 2xx", "2xx success", false, false, "none", "", "RFC 9110 section 15",
     "Not listed; clients treat it like 200: the request worked.",
     "Find the application that sends it; a row in --codes=FILE gives it a name.", "n", "n",
     "none"},
    {300, "Unlisted 3xx", "3xx redirection", false, false, "none", "", "RFC 9110 section 15",
     "Not listed; clients treat it like 300: a choice of other addresses.",
     "Find the application that sends it; a row in --codes=FILE gives it a name.", "n", "n",
     "none"},
    {400, "Unlisted 4xx", "4xx client error", false, false, "none", "", "RFC 9110 section 15",
     "Not listed; clients treat it like 400: the server finds fault with the request.",
     "Find the application or proxy that sends it; a row in --codes=FILE gives it a name.", "n",
     "conditional", "client"},
    {500, "Unlisted 5xx", "5xx server error", false, false, "none", "", "RFC 9110 section 15",
     "Not listed; clients treat it like 500: the server failed on the request.",
     "Find the application or proxy that sends it; a row in --codes=FILE gives it a name.", "n",
     "conditional", "server"},
};

static void lay_built_in(struct ha_facts *f)
{
    for (int code = 0; code < CODES; code++) {
        f->made[code] = class_rows[ha_class_of(code)];
        f->made[code].code = code;
        f->by_code[code] = &f->made[code];
    }
    for (size_t i = 0; i < HA_COUNT(listed); i++)
        f->by_code[listed[i].code] = &listed[i];
}

/* A user's row replaces the texts it has; the rest stays that of the built-in row, or of the class.
 */
static void lay_file(struct ha_facts *f)
{
    for (size_t i = 0; i < f->file.count; i++) {
        const struct ha_code_row *row = &f->file.rows[i];
        struct ha_status_fact *fact = &f->made[row->code];
        bool was_listed = f->by_code[row->code]->listed;
        *fact = *f->by_code[row->code];
        fact->phrase = row->phrase;
        if (row->meaning != NULL)
            fact->meaning = row->meaning;
        if (row->hint != NULL || !was_listed)
            fact->hint = row->hint != NULL ? row->hint : "";
        if (!was_listed) {
            fact->listed = true;
            fact->registry = "codes file";
            fact->source = f->file.name;
        }
        f->by_code[row->code] = fact;
    }
}

static const struct ha_status_alt *alt_of(int code, const char *vendor)
{
    size_t i = 0;
    while (alts[i].code != code || strcmp(alts[i].vendor, vendor) != 0)
        i++;
    return &alts[i];
}

/* The user's word on a code holds for all its readings. */
static void lay_readings(struct ha_facts *f)
{
    for (size_t i = 0; i < HA_READINGS; i++) {
        const struct ha_status_fact *usual = f->by_code[readings[i].code];
        f->readings[i] = *usual;
        if (usual == &f->made[usual->code])
            continue;
        const struct ha_status_alt *alt = alt_of(readings[i].code, readings[i].vendor);
        f->readings[i].phrase = alt->phrase;
        f->readings[i].meaning = alt->meaning;
        f->readings[i].vendors = alt->vendor;
        f->readings[i].source = alt->source;
        f->readings[i].registered = false;
        f->readings[i].registry = "vendor";
        f->readings[i].hint = "";
    }
}

enum ha_err ha_facts_load(const char *codes_file, struct ha_facts **out, struct ha_problem *p)
{
    *out = NULL;
    struct ha_facts *f = ha_calloc(1, sizeof *f);
    if (f == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
    lay_built_in(f);
    if (codes_file != NULL) {
        enum ha_err err = ha_codes_read(codes_file, &f->file, p);
        if (err != HA_OK) {
            ha_facts_free(&f);
            return err;
        }
        lay_file(f);
    }
    lay_readings(f);
    for (int code = 0; code < CODES; code++) {
        if (f->by_code[code]->listed)
            f->in_order[f->listed_count++] = f->by_code[code];
    }
    *out = f;
    return HA_OK;
}

void ha_facts_free(struct ha_facts **facts)
{
    if (*facts == NULL)
        return;
    ha_codes_free(&(*facts)->file);
    ha_free(*facts);
    *facts = NULL;
}

const char *ha_class_key(int status)
{
    static const char *const keys[] = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
    return keys[ha_class_of(status)];
}

const struct ha_status_fact *ha_facts_status(const struct ha_facts *facts, int status)
{
    HA_ASSERT(status >= 0 && status < CODES);
    return facts->by_code[status];
}

const struct ha_status_fact *const *ha_facts_statuses(const struct ha_facts *facts, size_t *count)
{
    *count = facts->listed_count;
    return facts->in_order;
}

const struct ha_status_alt *ha_facts_alts(const struct ha_facts *facts, int status, size_t *count)
{
    (void)facts; /* a user's file adds no other readings */
    const struct ha_status_alt *first = NULL;
    *count = 0;
    for (size_t i = 0; i < HA_COUNT(alts); i++) {
        if (alts[i].code != status)
            continue;
        if (first == NULL)
            first = &alts[i];
        ++*count;
    }
    return first;
}

size_t ha_facts_reading(int status, struct ha_view target)
{
    size_t i = 0;
    while (i < HA_READINGS && readings[i].code != status)
        i++;
    if (i == HA_READINGS)
        return i;
    size_t len = strlen(readings[i].part);
    bool told = readings[i].begins
                    ? target.len >= len && memcmp(target.ptr, readings[i].part, len) == 0
                    : target.len >= len && memmem(target.ptr, target.len, readings[i].part, len);
    return told ? i : HA_READINGS;
}

const struct ha_status_fact *ha_facts_reading_row(const struct ha_facts *facts, size_t reading)
{
    HA_ASSERT(reading < HA_READINGS);
    return &facts->readings[reading];
}

const struct ha_alias_fact *ha_facts_aliases(size_t *count)
{
    *count = HA_COUNT(aliases);
    return aliases;
}

const char *ha_facts_reference(const char *key)
{
    for (size_t i = 0; i < HA_COUNT(differences); i++) {
        if (strcmp(differences[i].key, key) == 0)
            return differences[i].difference;
    }
    return NULL;
}

const struct ha_substatus_fact *ha_facts_substatuses(size_t *count)
{
    *count = HA_COUNT(substatuses);
    return substatuses;
}

const struct ha_substatus_fact *ha_facts_substatus(int status, int substatus)
{
    for (size_t i = 0; i < HA_COUNT(substatuses); i++) {
        if (substatuses[i].status == status && substatuses[i].substatus == substatus)
            return &substatuses[i];
    }
    return NULL;
}

const struct ha_logtag_fact *ha_facts_logtags(size_t *count)
{
    *count = HA_COUNT(logtags);
    return logtags;
}

static const struct ha_logtag_fact *logtag_exact(const char *system, struct ha_view token)
{
    for (size_t i = 0; i < HA_COUNT(logtags); i++) {
        if (strcmp(logtags[i].system, system) == 0 && ha_view_is(token, logtags[i].token))
            return &logtags[i];
    }
    return NULL;
}

/* HAProxy writes two more characters for its cookies behind the two that tell how a session ended.
 */
static bool is_cookie_state(struct ha_view token)
{
    return token.len == 4 && memchr("NIDVEOU-", token.ptr[2], 8) != NULL &&
           memchr("NIUPRD-", token.ptr[3], 7) != NULL;
}

const struct ha_logtag_fact *ha_facts_logtag(const char *system, struct ha_view token)
{
    const struct ha_logtag_fact *fact = logtag_exact(system, token);
    if (fact != NULL)
        return fact;
    if (strcmp(system, "haproxy") == 0 && is_cookie_state(token))
        return logtag_exact(system, (struct ha_view){token.ptr, 2});
    if (strcmp(system, "squid") != 0)
        return NULL;
    for (size_t end = token.len; end > 0; end--) {
        if (token.ptr[end - 1] != '_')
            continue;
        struct ha_view suffix = {token.ptr + end - 1, token.len - end + 1};
        if (logtag_exact(system, suffix) != NULL)
            return logtag_exact(system, (struct ha_view){token.ptr, end - 1});
    }
    return NULL;
}
