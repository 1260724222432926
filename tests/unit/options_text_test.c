/* The table of options, and the texts made from it: help, version, manual page, completions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options_table.h"

/* The text an option writes, NUL-terminated; the caller frees it with ha_free. */
static char *text_of(const char *argument)
{
    char program[] = "httpannotate", copy[64];
    snprintf(copy, sizeof copy, "%s", argument);
    char *argv[] = {program, copy, NULL};
    struct ha_options o;
    struct ha_problem p = {.cause = ""};
    if (ha_options_parse(2, argv, &o, &p) != HA_OK)
        fail_msg("%s: %s", p.place, p.cause);
    assert_int_equal(o.mode, HA_MODE_TEXT);
    char *text = ha_strdup_view((struct ha_view){o.text.ptr, o.text.len});
    assert_non_null(text);
    assert_int_equal(strlen(text), o.text.len);
    ha_options_free(&o);
    return text;
}

static void names_and_letters_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < HA_OPT_N; i++) {
        const struct ha_option *o = &ha_option_table[i];
        assert_int_equal(o->id, i);
        assert_ptr_equal(ha_option_by_name(ha_view_of(o->name)), o);
        if (o->letter != 0)
            assert_ptr_equal(ha_option_by_letter(o->letter), o);
        assert_true(strlen(o->help) <= 50);
        assert_int_equal(o->manual[strlen(o->manual) - 1], '.');
    }
    assert_null(ha_option_by_letter('\0'));
}

static void words_of(enum ha_option_id id, const char *want)
{
    struct ha_buf b = {0};
    ha_option_words_join(&ha_option_table[id], " ", &b);
    ha_buf_char(&b, '\0');
    assert_string_equal(b.ptr, want);
    ha_buf_free(&b);
}

/* Values come from the families they name, so that a new member is taken and told at once. */
static void values_are_those_of_lines_and_reports(void **state)
{
    (void)state;
    words_of(HA_OPT_COLOR, "auto always never");
    words_of(HA_OPT_LINES, "append below json raw none");
    words_of(HA_OPT_CODES, "");
    words_of(HA_OPT_STATUS, "");
    size_t count;
    const struct ha_reporter *reporters = ha_reporters(&count);
    struct ha_view words[HA_OPTION_WORDS];
    assert_int_equal(ha_option_words(&ha_option_table[HA_OPT_OUTPUT], words), count);
    for (size_t i = 0; i < count; i++)
        assert_true(ha_view_is(words[i], reporters[i].name));
    /* What the manual says of lines is written by hand. */
    const struct ha_renderer *renderers = ha_renderers(&count);
    for (size_t i = 0; i < count; i++)
        assert_non_null(strstr(ha_option_table[HA_OPT_LINES].manual, renderers[i].name));
}

static void help_is_one_screen(void **state)
{
    (void)state;
    char *text = text_of("--help");
    size_t lines = 0;
    for (const char *line = text; *line != '\0'; lines++) {
        size_t len = strcspn(line, "\n");
        if (len > 80)
            fail_msg("more than 80 columns: %.*s", (int)len, line);
        line += len + (line[len] == '\n');
    }
    assert_true(lines <= 50);
    /* Those that share a line are explained together. */
    assert_non_null(strstr(text, "-f, --follow, --resume=FILE"));
    assert_non_null(strstr(text, "--list-patterns, --check-pattern=FILE  list the built-in"));
    assert_non_null(strstr(text, "--query, --no-templates  list targets with their query, as"));
    assert_non_null(strstr(text, "--top=N, --bucket=DURATION  entries of lists; width of"));
    assert_non_null(strstr(text, "--no-findings, --no-spikes  do not look for findings"));
    assert_non_null(strstr(text, "--since, --until=TIME   from TIME on, before it"));
    assert_non_null(strstr(text, "-h, --help, -V, --version   write this, or the version"));
    for (size_t i = 0; i < HA_OPT_N; i++) {
        char name[64];
        snprintf(name, sizeof name, "--%s", ha_option_table[i].name);
        assert_non_null(strstr(text, name));
        bool shares = i == HA_OPT_NO_REPORT || i == HA_OPT_BENIGN || i == HA_OPT_NO_FINDINGS ||
                      i == HA_OPT_NO_SPIKES || i == HA_OPT_QUERY || i == HA_OPT_NO_TEMPLATES ||
                      i == HA_OPT_FOLLOW || i == HA_OPT_RESUME || i == HA_OPT_LIST_PATTERNS ||
                      i == HA_OPT_CHECK_PATTERN || i == HA_OPT_TOP || i == HA_OPT_BUCKET ||
                      i == HA_OPT_SINCE || i == HA_OPT_UNTIL || i == HA_OPT_HELP ||
                      i == HA_OPT_VERSION;
        assert_true(shares || strstr(text, ha_option_table[i].help) != NULL);
    }
    char *short_text = text_of("-h");
    assert_string_equal(text, short_text);
    ha_free(short_text);
    ha_free(text);
}

static void version_says_what_it_is_made_of(void **state)
{
    (void)state;
    char *text = text_of("-V");
    assert_int_equal(strncmp(text, "httpannotate " HA_VERSION "\n", strlen(HA_VERSION) + 14), 0);
    assert_non_null(strstr(text, "PCRE2 "));
    assert_non_null(strstr(text, "JIT"));
    assert_non_null(strstr(text, "scanner"));
    assert_non_null(strstr(text, HA_FACTS_DATE));
    ha_free(text);
}

/* Every option is in every generated text, as that text writes names. */
static void generated_texts_have_every_option(void **state)
{
    (void)state;
    static const struct {
        const char *argument, *prefix;
    } texts[] = {{"--generate=man", "\\fB\\-\\-"},
                 {"--generate=complete-bash", "--"},
                 {"--generate=complete-zsh", "--"},
                 {"--generate=complete-fish", " -l "}};
    for (size_t t = 0; t < HA_COUNT(texts); t++) {
        char *text = text_of(texts[t].argument);
        for (size_t i = 0; i < HA_OPT_N; i++) {
            char name[96];
            size_t n = (size_t)snprintf(name, sizeof name, "%s", texts[t].prefix);
            for (const char *c = ha_option_table[i].name; *c != '\0'; c++)
                n += (size_t)snprintf(name + n, sizeof name - n, "%s%c",
                                      *c == '-' && t == 0 ? "\\" : "", *c);
            if (strstr(text, name) == NULL)
                fail_msg("%s lacks %s", texts[t].argument, name);
        }
        ha_free(text);
    }
}

static void only_known_texts_are_generated(void **state)
{
    (void)state;
    char program[] = "httpannotate", argument[] = "--generate=poem";
    char *argv[] = {program, argument, NULL};
    struct ha_options o;
    struct ha_problem p = {.cause = ""};
    assert_int_equal(ha_options_parse(2, argv, &o, &p), HA_ERR_SYNTAX);
    assert_non_null(strstr(p.cause, "man, complete-bash, complete-zsh, complete-fish"));
    ha_options_free(&o);
}

/* Runs command with the text in a file that it names as $1; the exit status, 127 when there is no
 * such program. */
static int run_on(const char *argument, const char *command)
{
    char path[] = "/tmp/httpannotate-text-XXXXXX", line[2000];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    char *text = text_of(argument);
    assert_int_equal(ha_write_all(fd, text, strlen(text)), 0);
    ha_free(text);
    close(fd);
    snprintf(line, sizeof line, "%s %s", command, path);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    char out[4000];
    size_t n = fread(out, 1, sizeof out - 1, f);
    out[n] = '\0';
    int status = pclose(f) / 256;
    unlink(path);
    if (status != 0 && status != 127)
        print_error("%s", out);
    return status;
}

static void manual_page_lints_clean(void **state)
{
    (void)state;
    int status = run_on("--generate=man", "mandoc -T lint -W style");
    if (status == 127)
        skip(); /* mandoc is not installed */
    assert_int_equal(status, 0);
}

/* What bash offers for "httpannotate WORDS", the last of them being completed. */
static void completes(const char *words, const char *want)
{
    char command[1000];
    snprintf(
        command, sizeof command,
        "bash --norc --noprofile -c 'source \"$1\"; compopt() { :; }; COMP_WORDS=(httpannotate "
        "%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _httpannotate; "
        "[[ \"${COMPREPLY[*]}\" == \"%s\" ]] || { echo \"${COMPREPLY[*]}\"; exit 1; }' bash",
        words, want);
    int status = run_on("--generate=complete-bash", command);
    if (status == 127)
        skip(); /* bash is not installed */
    if (status != 0)
        fail_msg("completing %s does not give '%s'", words, want);
}

static void bash_completes(void **state)
{
    (void)state;
    completes("--stat", "--status=");
    completes("--no-", "--no-report --no-templates --no-findings --no-spikes --no-config");
    completes("--li", "--list-patterns --lines= --list-findings");
    completes("--lines = a", "append");
    completes("--lines = \"\"", "append below json raw none");
    completes("--lines =", "append below json raw none");
    completes("-l r", "raw");
    completes("--generate = complete-", "complete-bash complete-zsh complete-fish");
    completes("access", "");
    completes("--status = 4", "");
}

static int without_configuration(void **state)
{
    (void)state;
    return setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_letters_are_unique),
        cmocka_unit_test(values_are_those_of_lines_and_reports),
        cmocka_unit_test(help_is_one_screen),
        cmocka_unit_test(version_says_what_it_is_made_of),
        cmocka_unit_test(generated_texts_have_every_option),
        cmocka_unit_test(only_known_texts_are_generated),
        cmocka_unit_test(manual_page_lints_clean),
        cmocka_unit_test(bash_completes),
    };
    return cmocka_run_group_tests(tests, without_configuration, NULL);
}
