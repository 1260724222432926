/* regex.c - the one door to PCRE2. */
#include "parse/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "httpannotate/pattern.h"

_Static_assert(PCRE2_UNSET == HA_REGEX_UNSET, "offsets are PCRE2's");

/* Machine code takes longer to make than hundreds of lines to be turned down without it, and in
 * most logs a line that is odd is turned down by nearly all patterns: so it is made when one may
 * match, or when it has been asked for often. */
struct ha_regex {
    pcre2_code *code; /* without machine code */
    atomic_uint asked;
    _Atomic(pcre2_code *) quick; /* with machine code, where it can be had; NULL at first */
    pthread_mutex_t making;
};

struct ha_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context, *look; /* the second one is of a short look */
    pcre2_jit_stack *stack;
    unsigned count;
    bool looks; /* the limit of a match is far enough for a look */
};

enum { JIT_STACK_START = 32 * 1024, JIT_STACK_MOST = 1024 * 1024, HEAP_LIMIT_KIB = 4096 };
/* How often a pattern is asked before its machine code is made anyway, and how far each of these
 * looks may go. What comes to an end that soon comes nowhere near the limits of a match. */
enum { LOOKS = 64, LOOK_LIMIT = 200, LOOKS_FROM_LIMIT = 100 * LOOK_LIMIT };

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
    pthread_mutex_init(&re->making, NULL);
    *out = re;
    return HA_OK;
}

void ha_regex_free(struct ha_regex **re)
{
    if (*re == NULL)
        return;
    pcre2_code *quick = atomic_load(&(*re)->quick);
    if (quick != (*re)->code)
        pcre2_code_free(quick);
    pcre2_code_free((*re)->code);
    pthread_mutex_destroy(&(*re)->making);
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
    s->look = pcre2_match_context_create(NULL);
    if (s->data == NULL || s->context == NULL || s->look == NULL) {
        ha_scratch_free(&s);
        return HA_ERR_MEMORY;
    }
    pcre2_set_match_limit(s->context, match_limit);
    pcre2_set_heap_limit(s->context, HEAP_LIMIT_KIB);
    pcre2_set_match_limit(s->look, LOOK_LIMIT);
    pcre2_set_heap_limit(s->look, HEAP_LIMIT_KIB);
    s->looks = match_limit >= LOOKS_FROM_LIMIT;
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
    pcre2_match_context_free((*s)->look);
    pcre2_jit_stack_free((*s)->stack);
    ha_free(*s);
    *s = NULL;
}

/* The expression with its machine code. Without it (JIT is not built in, or memory may not be
 * executed) matching is only slower: then it is the one that there is. */
static pcre2_code *made_quick(struct ha_regex *re)
{
    pthread_mutex_lock(&re->making);
    pcre2_code *quick = atomic_load_explicit(&re->quick, memory_order_relaxed);
    if (quick == NULL) {
        /* Others may be looking by the first one, so that it must not change. */
        quick = pcre2_code_copy(re->code);
        if (quick == NULL || pcre2_jit_compile(quick, PCRE2_JIT_COMPLETE) != 0) {
            pcre2_code_free(quick);
            quick = re->code;
        }
        atomic_store_explicit(&re->quick, quick, memory_order_release);
    }
    pthread_mutex_unlock(&re->making);
    return quick;
}

/* Whether a short look is enough to see that the pattern does not match. */
static bool turns_down(struct ha_regex *re, struct ha_scratch *s, struct ha_view subject)
{
    if (!s->looks || atomic_fetch_add_explicit(&re->asked, 1, memory_order_relaxed) >= LOOKS)
        return false;
    return pcre2_match(re->code, (PCRE2_SPTR)subject.ptr, subject.len, 0, 0, s->data, s->look) ==
           PCRE2_ERROR_NOMATCH;
}

enum ha_regex_result ha_regex_match(struct ha_regex *re, struct ha_scratch *s,
                                    struct ha_view subject)
{
    if (subject.len == 0)
        subject.ptr = "";
    pcre2_code *code = atomic_load_explicit(&re->quick, memory_order_acquire);
    if (code == NULL && turns_down(re, s, subject))
        return HA_REGEX_NO_MATCH;
    if (code == NULL)
        code = made_quick(re);
    PCRE2_SPTR text = (PCRE2_SPTR)subject.ptr;
    int rc = code != re->code ? pcre2_jit_match(code, text, subject.len, 0, 0, s->data, s->context)
                              : pcre2_match(code, text, subject.len, 0, 0, s->data, s->context);
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
