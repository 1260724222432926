/* pattern.c - the set of patterns: read at start, compiled when first needed. */
#include "parse/pattern.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "parse/builtin.h"

struct slots_in_making {
    struct ha_compiled *to;
    struct ha_view unknown;
};

static void add_slot(void *ctx, struct ha_view name, unsigned number)
{
    struct slots_in_making *s = ctx;
    enum ha_field field;
    enum ha_field_kind kind;
    if (ha_field_find(name, &field, &kind))
        s->to->slots[s->to->slot_count++] =
            (struct ha_slot){(uint8_t)number, (uint8_t)field, (uint8_t)kind};
    else
        s->unknown = name;
}

/* Groups in the order they stand in: the request before what may stand behind it. */
static void sort_slots(struct ha_compiled *c)
{
    for (size_t i = 1; i < c->slot_count; i++)
        for (size_t k = i; k > 0 && c->slots[k].group < c->slots[k - 1].group; k--) {
            struct ha_slot swap = c->slots[k];
            c->slots[k] = c->slots[k - 1];
            c->slots[k - 1] = swap;
        }
}

static enum ha_err at_origin(const struct ha_pattern *pattern, size_t offset, enum ha_err err,
                             struct ha_problem *p)
{
    size_t count = pattern->file.origins.len / sizeof(struct ha_origin);
    if (p == NULL)
        return err;
    snprintf(p->place, sizeof p->place, "%s", pattern->place);
    if (count == 0)
        return err;
    struct ha_origin at;
    size_t index = offset < count ? offset : count - 1;
    memcpy(&at, pattern->file.origins.ptr + index * sizeof at, sizeof at);
    p->line = at.line;
    p->column = at.column + (offset >= count);
    return err;
}

static enum ha_err unknown_group(const struct ha_pattern *pattern, struct ha_view name,
                                 struct ha_problem *p)
{
    const struct ha_buf *re = &pattern->file.regex;
    const char *at = memmem(re->ptr, re->len, name.ptr, name.len);
    enum ha_err err = ha_problem_set(
        p, HA_ERR_SYNTAX, "", "no field is called \"%.*s\"; --help and the manual list the fields",
        (int)(name.len < 40 ? name.len : 40), name.ptr);
    return at_origin(pattern, at == NULL ? 0 : (size_t)(at - re->ptr), err, p);
}

static enum ha_err compile(struct ha_pattern *pattern, struct ha_compiled **out,
                           struct ha_problem *p)
{
    struct ha_compiled *c = ha_calloc(1, sizeof *c);
    if (c == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, pattern->place, "out of memory");
    size_t offset = 0;
    if (pattern->file.keys != NULL) { /* nothing to compile: keys are looked up */
        *out = c;
        return HA_OK;
    }
    struct ha_view text = {pattern->file.regex.ptr, pattern->file.regex.len};
    enum ha_err err = ha_regex_compile(text, &c->regex, &offset, p);
    if (err != HA_OK) {
        ha_free(c);
        return at_origin(pattern, offset, err, p);
    }
    struct slots_in_making s = {.to = c};
    ha_regex_groups(c->regex, add_slot, &s);
    if (s.unknown.len > 0) {
        err = unknown_group(pattern, s.unknown, p);
        ha_regex_free(&c->regex);
        ha_free(c);
        return err;
    }
    sort_slots(c);
    *out = c;
    return HA_OK;
}

const struct ha_compiled *ha_pattern_compiled(struct ha_patterns *set, size_t index,
                                              struct ha_problem *p)
{
    struct ha_pattern *pattern = &set->list[index];
    struct ha_compiled *c = atomic_load_explicit(&pattern->compiled, memory_order_acquire);
    if (c != NULL)
        return c;
    pthread_mutex_lock(&set->lock);
    c = atomic_load_explicit(&pattern->compiled, memory_order_acquire);
    if (c == NULL && !pattern->broken) {
        if (compile(pattern, &c, p) == HA_OK)
            atomic_store_explicit(&pattern->compiled, c, memory_order_release);
        else
            pattern->broken = true;
    }
    pthread_mutex_unlock(&set->lock);
    return c;
}

bool ha_pattern_has_status(struct ha_patterns *set, size_t index)
{
    const struct ha_keys *keys = set->list[index].file.keys;
    const struct ha_compiled *c = ha_pattern_compiled(set, index, NULL);
    bool has = c == NULL || (keys != NULL && keys->inner_count > 0);
    for (size_t i = 0; keys != NULL && i < keys->key_count; i++)
        has |= keys->key[i].kind == HA_KIND_STATUS;
    for (size_t i = 0; c != NULL && i < c->slot_count; i++)
        has |= c->slots[i].kind == HA_KIND_STATUS;
    return has;
}

enum ha_err ha_patterns_empty(const struct ha_limits *limits, struct ha_patterns **out)
{
    struct ha_patterns *set = ha_calloc(1, sizeof *set);
    *out = set;
    if (set == NULL)
        return HA_ERR_MEMORY;
    set->limits = *limits;
    set->ordered = true;
    pthread_mutex_init(&set->lock, NULL);
    return HA_OK;
}

static void drop(struct ha_pattern *pattern)
{
    struct ha_compiled *c = atomic_load(&pattern->compiled);
    if (c != NULL)
        ha_regex_free(&c->regex);
    ha_free(c);
    ha_pattern_file_free(&pattern->file);
    ha_free(pattern->text);
    ha_free(pattern->place);
}

void ha_patterns_free(struct ha_patterns **out)
{
    struct ha_patterns *set = *out;
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->count; i++)
        drop(&set->list[i]);
    pthread_mutex_destroy(&set->lock);
    ha_free(set->list);
    ha_free(set);
    *out = NULL;
}

enum ha_err ha_patterns_add_text(struct ha_patterns *set, struct ha_view text, char *owned,
                                 const char *place, struct ha_problem *p)
{
    if (set->count == set->cap) {
        size_t cap = set->cap == 0 ? 64 : set->cap * 2;
        struct ha_pattern *list = ha_realloc(set->list, cap * sizeof *list);
        if (list == NULL) {
            ha_free(owned);
            return ha_problem_set(p, HA_ERR_MEMORY, place, "out of memory");
        }
        set->list = list;
        set->cap = cap;
    }
    struct ha_pattern *pattern = &set->list[set->count];
    memset(pattern, 0, sizeof *pattern);
    pattern->text = owned;
    pattern->place = ha_strdup_view(ha_view_of(place));
    enum ha_err err = pattern->place == NULL
                          ? ha_problem_set(p, HA_ERR_MEMORY, place, "out of memory")
                          : ha_pattern_file_read(text, place, &pattern->file, p);
    if (err != HA_OK) {
        drop(pattern);
        return err;
    }
    set->count++;
    return HA_OK;
}

enum ha_err ha_pattern_read(const char *name, size_t most, char **text, size_t *len,
                            struct ha_problem *p)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ha_problem_os(p, name, errno);
    struct ha_buf b = {0};
    enum ha_err err = ha_buf_read(&b, fd, name, most, p);
    close(fd);
    if (err != HA_OK) {
        ha_buf_free(&b);
        return err;
    }
    *text = b.ptr;
    *len = b.len;
    return HA_OK;
}

static enum ha_err add_builtin(struct ha_patterns *set, size_t i, struct ha_problem *p)
{
    const struct ha_builtin_pattern *b = &ha_builtin_patterns[i];
    char place[128];
    snprintf(place, sizeof place, "patterns/%s", b->file);
    return ha_patterns_add_text(set, (struct ha_view){b->text, b->len}, NULL, place, p);
}

enum ha_err ha_patterns_add(struct ha_patterns *set, const char *name, struct ha_problem *p)
{
    struct ha_problem unused;
    if (strchr(name, '/') == NULL && strchr(name, '.') == NULL) {
        for (size_t i = 0; i < ha_builtin_pattern_count; i++)
            if (strcmp(ha_builtin_patterns[i].name, name) == 0)
                return add_builtin(set, i, p);
        return ha_problem_set(
            p, HA_ERR_SYNTAX, name,
            "no such pattern; --list-patterns names them, and a file's name needs "
            "a slash or a dot in it");
    }
    char *text = NULL;
    size_t len = 0;
    enum ha_err err = ha_pattern_read(name, set->limits.pattern_file, &text, &len, p);
    if (err != HA_OK)
        return err;
    err = ha_patterns_add_text(set, (struct ha_view){text, len}, text, name, p);
    if (err == HA_OK && ha_pattern_compiled(set, set->count - 1, p != NULL ? p : &unused) == NULL)
        return p != NULL ? p->err : unused.err;
    return err;
}

/* By tier, and within a tier in the order they stand in, that of their file names. */
static enum ha_err sort_by_tier(struct ha_patterns *set, struct ha_problem *p)
{
    static const enum ha_tier order[HA_TIER_N] = {HA_TIER_FIRST, HA_TIER_LINE, HA_TIER_SALVAGE};
    struct ha_pattern *sorted = ha_calloc(set->cap, sizeof *sorted);
    size_t count = 0;
    if (sorted == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
    for (size_t t = 0; t < HA_TIER_N; t++)
        for (size_t i = 0; i < set->count; i++)
            if (set->list[i].file.tier == order[t])
                memcpy(&sorted[count++], &set->list[i], sizeof *sorted);
    HA_ASSERT(count == set->count);
    ha_free(set->list);
    set->list = sorted;
    return HA_OK;
}

enum ha_err ha_patterns_builtin(const struct ha_limits *limits, struct ha_patterns **out,
                                struct ha_problem *p)
{
    enum ha_err err = ha_patterns_empty(limits, out);
    if (err != HA_OK)
        return ha_problem_set(p, err, "", "out of memory");
    for (size_t i = 0; err == HA_OK && i < ha_builtin_pattern_count; i++)
        err = add_builtin(*out, i, p);
    if (err == HA_OK)
        err = sort_by_tier(*out, p);
    (*out)->ordered = false;
    if (err != HA_OK)
        ha_patterns_free(out);
    return err;
}

void ha_patterns_set_zone(struct ha_patterns *set, struct ha_log_zone zone)
{
    set->zone = zone;
}

size_t ha_patterns_count(const struct ha_patterns *set)
{
    return set->count;
}

const char *ha_pattern_name(const struct ha_patterns *set, size_t index)
{
    return set->list[index].file.name;
}

const char *ha_pattern_summary(const struct ha_patterns *set, size_t index)
{
    const char *summary = set->list[index].file.summary;
    return summary != NULL ? summary : "";
}

bool ha_pattern_is_salvage(const struct ha_patterns *set, size_t index)
{
    return set->list[index].file.tier == HA_TIER_SALVAGE;
}

bool ha_pattern_counts_content(const struct ha_patterns *set, size_t index)
{
    return set->list[index].file.bytes_kind == HA_BYTES_BODY;
}
