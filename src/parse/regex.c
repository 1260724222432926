/* regex.c - the one door to PCRE2. */
#include "parse/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

#include "httpannotate/pattern.h"

_Static_assert(PCRE2_UNSET == HA_REGEX_UNSET, "offsets are PCRE2's");

struct ha_regex {
    pcre2_code *code;
    bool jit;
};

struct ha_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    unsigned count;
};

enum { JIT_STACK_START = 32 * 1024, JIT_STACK_MOST = 1024 * 1024, HEAP_LIMIT_KIB = 4096 };

enum ha_err ha_regex_compile(struct ha_view text, struct ha_regex **out, size_t *offset,
                             struct ha_problem *p)
{
    *out = NULL;
    struct ha_regex *re = ha_calloc(1, sizeof *re);
    if (re == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
    int number = 0;
    PCRE2_SIZE at = 0;
    re->code = pcre2_compile((PCRE2_SPTR)text.ptr, text.len,
                             PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL | PCRE2_DUPNAMES |
                                 PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C,
                             &number, &at, NULL);
    if (re->code == NULL) {
        unsigned char words[256];
        pcre2_get_error_message(number, words, sizeof words);
        *offset = at;
        ha_free(re);
        return ha_problem_set(p, HA_ERR_SYNTAX, "", "%s", (const char *)words);
    }
    uint32_t groups = 0;
    pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (groups >= HA_REGEX_GROUPS) {
        pcre2_code_free(re->code);
        ha_free(re);
        *offset = 0;
        return ha_problem_set(p, HA_ERR_SYNTAX, "", "%u capturing groups, at most %d are taken",
                              groups, HA_REGEX_GROUPS - 1);
    }
    /* Without JIT (not built in, or memory that may not be executed) matching is only slower. */
    re->jit = pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE) == 0;
    *out = re;
    return HA_OK;
}

void ha_regex_free(struct ha_regex **re)
{
    if (*re == NULL)
        return;
    pcre2_code_free((*re)->code);
    ha_free(*re);
    *re = NULL;
}

void ha_regex_groups(const struct ha_regex *re,
                     void (*each)(void *ctx, struct ha_view name, unsigned number), void *ctx)
{
    uint32_t count = 0, size = 0;
    PCRE2_SPTR table = NULL;
    pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count; i++) {
        const unsigned char *entry = table + (size_t)i * size;
        each(ctx, ha_view_of((const char *)entry + 2), (unsigned)entry[0] << 8 | entry[1]);
    }
}

enum ha_err ha_scratch_new(uint32_t match_limit, struct ha_scratch **out)
{
    *out = NULL;
    struct ha_scratch *s = ha_calloc(1, sizeof *s);
    if (s == NULL)
        return HA_ERR_MEMORY;
    s->data = pcre2_match_data_create(HA_REGEX_GROUPS, NULL);
    s->context = pcre2_match_context_create(NULL);
    s->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MOST, NULL);
    if (s->data == NULL || s->context == NULL) {
        ha_scratch_free(&s);
        return HA_ERR_MEMORY;
    }
    pcre2_set_match_limit(s->context, match_limit);
    pcre2_set_heap_limit(s->context, HEAP_LIMIT_KIB);
    if (s->stack != NULL)
        pcre2_jit_stack_assign(s->context, NULL, s->stack);
    *out = s;
    return HA_OK;
}

void ha_scratch_free(struct ha_scratch **s)
{
    if (*s == NULL)
        return;
    pcre2_match_data_free((*s)->data);
    pcre2_match_context_free((*s)->context);
    pcre2_jit_stack_free((*s)->stack);
    ha_free(*s);
    *s = NULL;
}

enum ha_regex_result ha_regex_match(const struct ha_regex *re, struct ha_scratch *s,
                                    struct ha_view subject)
{
    PCRE2_SPTR text = (PCRE2_SPTR)(subject.len > 0 ? subject.ptr : "");
    int rc = re->jit ? pcre2_jit_match(re->code, text, subject.len, 0, 0, s->data, s->context)
                     : pcre2_match(re->code, text, subject.len, 0, 0, s->data, s->context);
    if (rc > 0) {
        s->count = (unsigned)rc;
        return HA_REGEX_MATCH;
    }
    return rc == PCRE2_ERROR_NOMATCH ? HA_REGEX_NO_MATCH : HA_REGEX_LIMIT;
}

const size_t *ha_scratch_offsets(const struct ha_scratch *s, unsigned *count)
{
    *count = s->count;
    return pcre2_get_ovector_pointer(s->data);
}

const char *ha_pcre2_version(void)
{
    static char text[160];
    char version[64] = "", target[64] = "";
    uint32_t jit = 0;
    pcre2_config(PCRE2_CONFIG_VERSION, version);
    pcre2_config(PCRE2_CONFIG_JIT, &jit);
    if (jit)
        pcre2_config(PCRE2_CONFIG_JITTARGET, target);
    snprintf(text, sizeof text, "PCRE2 %s, %s%s", version, jit ? "JIT " : "no JIT", target);
    return text;
}
