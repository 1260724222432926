/* search.c - PCRE2 behind the few calls that choosing lines needs. */
#include "httpannotate/search.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdatomic.h>
#include <string.h>

/* Match data kept for the next search: one place a thread, shared only beyond so many threads. */
#define SPARES 64
/* KiB the interpreter may take for one search, where there is no JIT. */
#define HEAP_LIMIT_KIB 8192

struct ha_search {
    pcre2_general_context *memory;
    pcre2_match_context *limits;
    pcre2_code *code;
    atomic_uint_fast64_t given_up;
    atomic_bool starved; /* memory ran out in a search */
    _Atomic(pcre2_match_data *) spare[SPARES];
};

static atomic_uint threads_seen;
static _Thread_local unsigned own_spare; /* 1-based; 0: this thread has not searched yet */

static void *take_memory(size_t size, void *unused)
{
    (void)unused;
    return ha_alloc(size);
}

static void give_memory(void *p, void *unused)
{
    (void)unused;
    ha_free(p);
}

static enum ha_err compile(struct ha_search *s, const char *expression, const char *place,
                           struct ha_problem *p)
{
    int code = 0;
    size_t offset = 0;
    pcre2_compile_context *context = pcre2_compile_context_create(s->memory);
    if (context == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, place, "out of memory");
    s->code = pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED,
                            PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_DOLLAR_ENDONLY |
                                PCRE2_NEVER_BACKSLASH_C,
                            &code, &offset, context);
    pcre2_compile_context_free(context);
    if (s->code != NULL) {
        /* Without JIT the interpreter gives the same answers. */
        (void)pcre2_jit_compile(s->code, PCRE2_JIT_COMPLETE);
        return HA_OK;
    }
    if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAP_FAILED)
        return ha_problem_set(p, HA_ERR_MEMORY, place, "out of memory");
    PCRE2_UCHAR words[256];
    if (pcre2_get_error_message(code, words, sizeof words) < 0)
        words[0] = '\0';
    return ha_problem_set(p, HA_ERR_SYNTAX, place, "'%s' is no regular expression: column %zu: %s",
                          expression, offset + 1, (const char *)words);
}

enum ha_err ha_search_new(const char *expression, const char *place, uint32_t match_limit,
                          struct ha_search **out, struct ha_problem *p)
{
    struct ha_search *s = ha_calloc(1, sizeof *s);
    if (s == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, place, "out of memory");
    enum ha_err err = HA_OK;
    s->memory = pcre2_general_context_create(take_memory, give_memory, NULL);
    s->limits = s->memory == NULL ? NULL : pcre2_match_context_create(s->memory);
    if (s->limits == NULL) {
        err = ha_problem_set(p, HA_ERR_MEMORY, place, "out of memory");
    } else {
        pcre2_set_match_limit(s->limits, match_limit);
        pcre2_set_heap_limit(s->limits, HEAP_LIMIT_KIB);
        err = compile(s, expression, place, p);
    }
    if (err != HA_OK) {
        ha_search_free(&s);
        return err;
    }
    *out = s;
    return HA_OK;
}

void ha_search_free(struct ha_search **search)
{
    struct ha_search *s = *search;
    if (s == NULL)
        return;
    for (size_t i = 0; i < SPARES; i++)
        pcre2_match_data_free(atomic_load(&s->spare[i]));
    pcre2_code_free(s->code);
    pcre2_match_context_free(s->limits);
    pcre2_general_context_free(s->memory);
    ha_free(s);
    *search = NULL;
}

/* The place where this thread keeps its match data between searches. */
static _Atomic(pcre2_match_data *) *spare_of(struct ha_search *s)
{
    if (own_spare == 0)
        own_spare = atomic_fetch_add(&threads_seen, 1) % SPARES + 1;
    return &s->spare[own_spare - 1];
}

bool ha_search_find(struct ha_search *s, struct ha_view text)
{
    _Atomic(pcre2_match_data *) *place = spare_of(s);
    pcre2_match_data *data = atomic_exchange(place, NULL);
    if (data == NULL)
        data = pcre2_match_data_create(1, s->memory);
    int found = PCRE2_ERROR_NOMEMORY;
    if (data != NULL) {
        PCRE2_SPTR at = (PCRE2_SPTR)(text.ptr != NULL ? text.ptr : "");
        found = pcre2_match(s->code, at, text.len, 0, 0, data, s->limits);
        if (found == PCRE2_ERROR_JIT_STACKLIMIT)
            found = pcre2_match(s->code, at, text.len, 0, PCRE2_NO_JIT, data, s->limits);
        pcre2_match_data *none = NULL;
        if (!atomic_compare_exchange_strong(place, &none, data))
            pcre2_match_data_free(data);
    }
    if (found == PCRE2_ERROR_NOMEMORY)
        atomic_store_explicit(&s->starved, true, memory_order_relaxed);
    else if (found < 0 && found != PCRE2_ERROR_NOMATCH)
        atomic_fetch_add_explicit(&s->given_up, 1, memory_order_relaxed);
    return found >= 0;
}

bool ha_search_starved(const struct ha_search *s)
{
    return atomic_load_explicit(&s->starved, memory_order_relaxed);
}

uint64_t ha_search_given_up(const struct ha_search *s)
{
    return atomic_load_explicit(&s->given_up, memory_order_relaxed);
}
