/* options_table.h - the table of options as C sees it, and what its readers share. */
#ifndef HA_OPTIONS_TABLE_H
#define HA_OPTIONS_TABLE_H

#include "httpannotate/options.h"

enum ha_option_id {
#define HA_OPTION(id, letter, name, argument, values, group, help, manual) HA_OPT_##id,
#define HA_OPTION_ALIAS(name, id)
#include "httpannotate/tbl/options.def"
#undef HA_OPTION
#undef HA_OPTION_ALIAS
    HA_OPT_N
};

enum ha_option_group {
    HA_GROUP_INPUT,
    HA_GROUP_LINES,
    HA_GROUP_REPORT,
    HA_GROUP_SELECT,
    HA_GROUP_EXPLAIN,
    HA_GROUP_PROGRAM,
    HA_GROUP_N
};

struct ha_option {
    enum ha_option_id id;
    char letter; /* 0: none */
    const char *name, *argument, *values;
    enum ha_option_group group;
    const char *help, *manual;
};
/* By id, in the order of the table. */
extern const struct ha_option ha_option_table[HA_OPT_N];
const char *ha_option_group_title(enum ha_option_group group);

static inline bool ha_option_takes_value(const struct ha_option *o)
{
    return o->argument[0] != '\0';
}
/* True when the argument names a file. */
bool ha_option_is_file(const struct ha_option *o);
/* The option of that long name (without "--") or alias, or letter; NULL when there is none. */
const struct ha_option *ha_option_by_name(struct ha_view name);
const struct ha_option *ha_option_by_letter(char letter);
/* Fills *p for a name or letter that is no option: says when another version has it, or names the
 * nearest. name is without its hyphens. Returns HA_ERR_SYNTAX. */
enum ha_err ha_option_unknown_name(struct ha_view name, struct ha_problem *p);
enum ha_err ha_option_unknown_letter(char letter, struct ha_problem *p);
/* The words an argument may be: how many, 0 when it may be anything or a file. */
#define HA_OPTION_WORDS 16
size_t ha_option_words(const struct ha_option *o, struct ha_view words[HA_OPTION_WORDS]);
/* Appends these words with what is to stand between them. */
void ha_option_words_join(const struct ha_option *o, const char *between, struct ha_buf *to);
/* The place of value among the words, or -1 with *p filled. */
int ha_option_value(const struct ha_option *o, struct ha_view value, struct ha_problem *p);
/* HA_ERR_MEMORY, told of the option. */
enum ha_err ha_option_no_memory(const struct ha_option *o, struct ha_problem *p);
/* HA_ERR_SYNTAX with a printf-style cause, told of the option as "--name". */
enum ha_err ha_option_refuse(const struct ha_option *o, struct ha_problem *p, const char *cause,
                             ...) HA_PRINTF(3, 4);

/* Sets what an option asks for. value is NULL for one that takes none; it and config must live as
 * long as *o. */
enum ha_err ha_option_apply(struct ha_options *o, const struct ha_option *option, const char *value,
                            struct ha_problem *p) HA_MUST_USE;
/* Adds an option of the command line to o->again, when it changes what is read or chosen. */
enum ha_err ha_option_remember(struct ha_options *o, const struct ha_option *option,
                               const char *value, struct ha_problem *p) HA_MUST_USE;
/* Makes a string of them, config.again. */
enum ha_err ha_options_close_again(struct ha_options *o, struct ha_problem *p) HA_MUST_USE;
/* An operand: a file, or with --explain a term. */
enum ha_err ha_operand_add(struct ha_options *o, const char *operand,
                           struct ha_problem *p) HA_MUST_USE;

/* Reads the configuration file, if there is one, into *o; its text is kept in o->owned. */
enum ha_err ha_options_config(struct ha_options *o, struct ha_problem *p) HA_MUST_USE;

/* What --help, --version and --generate write. */
void ha_options_help(struct ha_buf *to);
void ha_options_version(struct ha_buf *to);
void ha_options_man(struct ha_buf *to);
void ha_options_complete_bash(struct ha_buf *to);
void ha_options_complete_zsh(struct ha_buf *to);
void ha_options_complete_fish(struct ha_buf *to);

#endif
