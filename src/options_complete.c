/* options_complete.c - completions for bash, zsh and fish, from the table of options. */
#include "options_table.h"

#include <string.h>

/* ---- bash ---- */

/* One branch of the case over the option before the word: what its value may be. */
static void write_bash_values(struct ha_buf *to, const struct ha_option *o)
{
    if (!ha_option_takes_value(o) || ha_option_is_file(o))
        return; /* files are what bash completes by itself */
    ha_buf_printf(to, "    --%s", o->name);
    if (o->letter != 0)
        ha_buf_printf(to, "|-%c", o->letter);
    if (o->values[0] == '\0') {
        ha_buf_str(to, ") compopt +o default; return ;;\n");
        return;
    }
    ha_buf_str(to, ") COMPREPLY=($(compgen -W '");
    ha_option_words_join(o, " ", to);
    ha_buf_str(to, "' -- \"$word\")); return ;;\n");
}

void ha_options_complete_bash(struct ha_buf *to)
{
    ha_buf_str(to, "# bash completion of httpannotate; written by httpannotate "
                   "--generate=complete-bash\n"
                   "_httpannotate() {\n"
                   "  local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]}\n"
                   "  # bash takes the = of --option=value for a word of its own\n"
                   "  if [[ $word == '=' ]]; then\n"
                   "    word=\n"
                   "  elif [[ $option == '=' ]]; then\n"
                   "    option=${COMP_WORDS[COMP_CWORD-2]}\n"
                   "  fi\n"
                   "  COMPREPLY=()\n"
                   "  case $option in\n");
    for (size_t i = 0; i < HA_OPT_N; i++)
        write_bash_values(to, &ha_option_table[i]);
    ha_buf_str(to, "  esac\n"
                   "  if [[ $word == -* ]]; then\n"
                   "    COMPREPLY=($(compgen -W '");
    for (size_t i = 0; i < HA_OPT_N; i++)
        ha_buf_printf(to, "%s--%s%s", i > 0 ? " " : "", ha_option_table[i].name,
                      ha_option_takes_value(&ha_option_table[i]) ? "=" : "");
    ha_buf_str(to, "' -- \"$word\"))\n"
                   "    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
                   "  fi\n"
                   "  return 0\n"
                   "}\n"
                   "complete -o default -F _httpannotate httpannotate\n");
}

/* ---- zsh ---- */

/* A description within the brackets of a spec of _arguments. */
static void write_zsh_text(struct ha_buf *to, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '[' || *c == ']' || *c == ':' || *c == '\\')
            ha_buf_char(to, '\\');
        if (*c == '\'')
            ha_buf_str(to, "'\\''");
        else
            ha_buf_char(to, *c);
    }
}

static void write_zsh_spec(struct ha_buf *to, const struct ha_option *o, bool letter)
{
    bool value = ha_option_takes_value(o);
    /* zsh offers an option once, unless it is marked; its help says when it may be given again. */
    bool again = strstr(o->help, "repeatable") != NULL;
    ha_buf_str(to, again ? "  '*" : "  '");
    if (letter)
        ha_buf_printf(to, "-%c%s", o->letter, value ? "+" : "");
    else
        ha_buf_printf(to, "--%s%s", o->name, value ? "=" : "");
    ha_buf_char(to, '[');
    write_zsh_text(to, o->help);
    ha_buf_char(to, ']');
    if (value) {
        ha_buf_char(to, ':');
        write_zsh_text(to, o->argument);
        ha_buf_char(to, ':');
        if (ha_option_is_file(o))
            ha_buf_str(to, "_files");
        else if (o->values[0] != '\0') {
            ha_buf_char(to, '(');
            ha_option_words_join(o, " ", to);
            ha_buf_char(to, ')');
        }
    }
    ha_buf_str(to, "' \\\n");
}

void ha_options_complete_zsh(struct ha_buf *to)
{
    ha_buf_str(to, "#compdef httpannotate\n"
                   "# zsh completion; written by httpannotate --generate=complete-zsh\n"
                   "_arguments -s -S \\\n");
    for (size_t i = 0; i < HA_OPT_N; i++) {
        if (ha_option_table[i].letter != 0)
            write_zsh_spec(to, &ha_option_table[i], true);
        write_zsh_spec(to, &ha_option_table[i], false);
    }
    ha_buf_str(to, "  '*:FILE:_files'\n");
}

/* ---- fish ---- */

static void write_fish_option(struct ha_buf *to, const struct ha_option *o)
{
    ha_buf_str(to, "complete -c httpannotate");
    if (o->letter != 0)
        ha_buf_printf(to, " -s %c", o->letter);
    ha_buf_printf(to, " -l %s", o->name);
    if (ha_option_is_file(o))
        ha_buf_str(to, " -r -F");
    else if (ha_option_takes_value(o))
        ha_buf_str(to, " -x");
    if (o->values[0] != '\0' && !ha_option_is_file(o)) {
        ha_buf_str(to, " -a '");
        ha_option_words_join(o, " ", to);
        ha_buf_char(to, '\'');
    }
    ha_buf_str(to, " -d ");
    ha_buf_shell_quoted(to, ha_view_of(o->help));
    ha_buf_char(to, '\n');
}

void ha_options_complete_fish(struct ha_buf *to)
{
    ha_buf_str(to, "# fish completion; written by httpannotate --generate=complete-fish\n");
    for (size_t i = 0; i < HA_OPT_N; i++)
        write_fish_option(to, &ha_option_table[i]);
}
