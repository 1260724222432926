/* options_table.c - options.def, and finding options by name. */
#include "options_table.h"

#include "httpannotate/nearest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct ha_option ha_option_table[HA_OPT_N] = {
#define HA_OPTION(id, letter, name, argument, values, group, help, manual)                         \
    {HA_OPT_##id, letter, name, argument, values, HA_GROUP_##group, help, manual},
#define HA_OPTION_ALIAS(name, id)
#include "httpannotate/tbl/options.def"
#undef HA_OPTION
#undef HA_OPTION_ALIAS
};

struct alias {
    const char *name;
    enum ha_option_id id;
};
static const struct alias aliases[] = {
#define HA_OPTION(id, letter, name, argument, values, group, help, manual)
#define HA_OPTION_ALIAS(name, id) {name, HA_OPT_##id},
#include "httpannotate/tbl/options.def"
#undef HA_OPTION
#undef HA_OPTION_ALIAS
};

const char *ha_option_group_title(enum ha_option_group group)
{
    static const char *const titles[HA_GROUP_N] = {
        [HA_GROUP_INPUT] = "Input",
        [HA_GROUP_LINES] = "Lines (to standard output)",
        [HA_GROUP_REPORT] = "Report (to standard error, or to standard output with -r)",
        [HA_GROUP_SELECT] = "Selecting (all that are given must hold)",
        [HA_GROUP_EXPLAIN] = "Explaining",
        [HA_GROUP_PROGRAM] = "The program",
    };
    return titles[group];
}

bool ha_option_is_file(const struct ha_option *o)
{
    return strcmp(o->values, "<file>") == 0;
}

const struct ha_option *ha_option_by_name(struct ha_view name)
{
    for (size_t i = 0; i < HA_OPT_N; i++)
        if (ha_view_is(name, ha_option_table[i].name))
            return &ha_option_table[i];
    for (size_t i = 0; i < HA_COUNT(aliases); i++)
        if (ha_view_is(name, aliases[i].name))
            return &ha_option_table[aliases[i].id];
    return NULL;
}

const struct ha_option *ha_option_by_letter(char letter)
{
    for (size_t i = 0; i < HA_OPT_N; i++)
        if (letter != '\0' && ha_option_table[i].letter == letter)
            return &ha_option_table[i];
    return NULL;
}

/* "--name" for messages. */
struct place {
    char text[80];
};
static struct place place_of(struct ha_view name)
{
    struct place place;
    snprintf(place.text, sizeof place.text, "--%.*s", (int)(name.len < 70 ? name.len : 70),
             name.ptr);
    return place;
}

/* Options are not abbreviated, but who tries to is shown what was meant. */
static const struct ha_option *begins_with(struct ha_view name)
{
    for (size_t i = 0; name.len > 1 && i < HA_OPT_N; i++)
        if (strncmp(ha_option_table[i].name, name.ptr, name.len) == 0)
            return &ha_option_table[i];
    return NULL;
}

enum ha_err ha_option_unknown_name(struct ha_view name, struct ha_problem *p)
{
    struct place place = place_of(name);
    const struct ha_option *nearest = begins_with(name);
    size_t best = nearest != NULL ? 0 : ha_near_enough(name.len) + 1;
    for (size_t i = 0; i < HA_OPT_N; i++) {
        size_t distance = ha_edit_distance(name, ha_view_of(ha_option_table[i].name));
        if (distance < best) {
            best = distance;
            nearest = &ha_option_table[i];
        }
    }
    if (nearest == NULL)
        return ha_problem_set(p, HA_ERR_SYNTAX, place.text,
                              "no such option; httpannotate --help lists them");
    return ha_problem_set(p, HA_ERR_SYNTAX, place.text, "no such option; did you mean --%s?",
                          nearest->name);
}

enum ha_err ha_option_unknown_letter(char letter, struct ha_problem *p)
{
    char place[3] = {'-', letter, '\0'};
    return ha_problem_set(p, HA_ERR_SYNTAX, place,
                          "no such option; httpannotate --help lists them");
}

enum ha_err ha_option_no_memory(const struct ha_option *o, struct ha_problem *p)
{
    return ha_problem_set(p, HA_ERR_MEMORY, place_of(ha_view_of(o->name)).text, "out of memory");
}

enum ha_err ha_option_refuse(const struct ha_option *o, struct ha_problem *p, const char *cause,
                             ...)
{
    char text[sizeof p->cause];
    va_list args;
    va_start(args, cause);
    vsnprintf(text, sizeof text, cause, args);
    va_end(args);
    return ha_problem_set(p, HA_ERR_SYNTAX, place_of(ha_view_of(o->name)).text, "%s", text);
}

size_t ha_option_words(const struct ha_option *o, struct ha_view words[HA_OPTION_WORDS])
{
    size_t count = 0;
    if (strcmp(o->values, "<lines>") == 0) {
        const struct ha_renderer *all = ha_renderers(&count);
        HA_ASSERT(count <= HA_OPTION_WORDS);
        for (size_t i = 0; i < count; i++)
            words[i] = ha_view_of(all[i].name);
    } else if (strcmp(o->values, "<reports>") == 0) {
        const struct ha_reporter *all = ha_reporters(&count);
        HA_ASSERT(count <= HA_OPTION_WORDS);
        for (size_t i = 0; i < count; i++)
            words[i] = ha_view_of(all[i].name);
    } else if (!ha_option_is_file(o)) {
        for (const char *at = o->values; *at != '\0'; at += strspn(at, " ")) {
            HA_ASSERT(count < HA_OPTION_WORDS);
            words[count] = (struct ha_view){at, strcspn(at, " ")};
            at += words[count++].len;
        }
    }
    return count;
}

void ha_option_words_join(const struct ha_option *o, const char *between, struct ha_buf *to)
{
    struct ha_view words[HA_OPTION_WORDS];
    size_t count = ha_option_words(o, words);
    for (size_t i = 0; i < count; i++) {
        ha_buf_str(to, i > 0 ? between : "");
        ha_buf_view(to, words[i]);
    }
}

int ha_option_value(const struct ha_option *o, struct ha_view value, struct ha_problem *p)
{
    struct ha_view words[HA_OPTION_WORDS];
    size_t count = ha_option_words(o, words);
    for (size_t i = 0; i < count; i++)
        if (ha_view_eq(value, words[i]))
            return (int)i;
    struct ha_buf list = {0};
    ha_option_words_join(o, ", ", &list);
    if (ha_buf_ok(&list))
        (void)ha_option_refuse(o, p, "'%.*s' is none of its values: %.*s",
                               (int)(value.len < 60 ? value.len : 60), value.ptr, (int)list.len,
                               list.ptr);
    else
        (void)ha_option_no_memory(o, p);
    ha_buf_free(&list);
    return -1;
}
