/* server_config_test.c - format strings found in configuration files. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "format_lines.h"

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static const char apache_conf[] =
    "# LogFormat \"%h commented\" combined\n"
    "<IfModule log_config_module>\n"
    "  LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b \\\"%{Referer}i\\\" \\\n"
    "\\\"%{User-Agent}i\\\"\" combined\n"
    "  LogFormat \"%h %>s\" \"two words\"\n"
    "  logformat '%a %>s' short\n"
    "  CustomLog logs/access_log combined\n"
    "  CustomLog logs/x_log \"%t %h %{SSL_PROTOCOL}x %>s\"\n"
    "  LogFormat \"%h %Q\" wrong\n"
    "</IfModule>\n";

static const char nginx_conf[] =
    "http {\n"
    "  # log_format old '$nothing';\n"
    "  map $uri $my_kind { default \"a;b\"; ~^/x x; }\n"
    "  content_by_lua_block { local s = \"{\" .. \"}\" -- 'tis\n }\n"
    "  log_format main '$remote_addr [$time_local] ' # a comment; with '\n"
    "                  \"\\\"$request\\\" \" '$status ${my_kind}';\n"
    "  log_format js escape=json '{\"s\":$status}';\n"
    "  log_format wrong '$status $nowhere';\n"
    "  server { access_log logs/a.log main; location ~ (?<part>.) { set $b '}'; } }\n"
    "  log_format captured '$part $b $status';\n"
    "}\n";

struct in_file {
    const char *name; /* "" for none */
    const char *line; /* NULL: an error with these words at this line and column */
    const char *want;
    size_t at_line, at_column;
};

static void check_file(const char *path, const struct in_file *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char string[200];
        struct ha_problem p = {.err = HA_OK};
        snprintf(string, sizeof string, "@%s%s%s", path, cases[i].name[0] != '\0' ? ":" : "",
                 cases[i].name);
        struct ha_patterns *set = set_of(string, &p);
        if ((set == NULL) != (cases[i].line == NULL))
            fail_msg("%s: %s:%zu:%zu: %s", cases[i].name, p.place, p.line, p.column, p.cause);
        if (set != NULL) {
            check_line(set, string, cases[i].line, cases[i].want);
        } else if (strcmp(p.place, path) != 0 || strstr(p.cause, cases[i].want) == NULL ||
                   p.line != cases[i].at_line || p.column != cases[i].at_column) {
            fail_msg("%s: %s:%zu:%zu: %s", cases[i].name, p.place, p.line, p.column, p.cause);
        }
        ha_patterns_free(&set);
    }
}

/* A message has no room for all of them. */
static void check_many_names(const char *path)
{
    enum { MANY = 20, LINE = 64 };
    char all[MANY * LINE];
    size_t len = 0;
    for (size_t i = 0; i < MANY; i++)
        len += (size_t)snprintf(all + len, sizeof all - len,
                                "log_format a_rather_long_name_%zu '$status';\n", i);
    write_file(path, all);
    static const struct in_file names[] = {
        {"", NULL, "a_rather_long_name_1, a_rather_long_name_2, ", 0, 0},
        {"", NULL, ", ...", 0, 0}};
    check_file(path, names, HA_COUNT(names));
}

static void formats_are_found_in_configuration_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/httpannotate-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a:b.conf", folder);
    write_file(path, apache_conf);
    static const struct in_file apache[] = {
        {"combined",
         "192.0.2.1 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"ua\"",
         "agent=ua\nstatus=200", 0, 0},
        {"two words", "192.0.2.1 404", "status=404", 0, 0},
        {"short", "192.0.2.1 405", "status=405", 0, 0},
        {"logs/x_log", "[24/Nov/2026:10:00:00 +0000] 192.0.2.1 TLSv1.3 200", "tls=TLSv1.3", 0, 0},
        {"", NULL, "combined, two words, short, logs/x_log, wrong", 0, 0},
        {"none", NULL, "no format is called none; there is combined, two words", 0, 0},
        {"wrong", NULL, "%Q is no directive", 9, 17},
    };
    check_file(path, apache, HA_COUNT(apache));
    write_file(path, nginx_conf);
    static const struct in_file nginx[] = {
        {"main", "192.0.2.1 [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 any text",
         "status=200", 0, 0},
        {"js", "{\"s\":204}", "status=204", 0, 0},
        {"captured", "a b 200", "status=200", 0, 0},
        {"wrong", NULL, "$nowhere is no variable of nginx and nothing else in this file names it",
         9, 29},
        {"", NULL, "main, js, wrong, captured", 0, 0},
        {"old", NULL, "no format is called old", 0, 0},
    };
    check_file(path, nginx, HA_COUNT(nginx));
    write_file(path, "log_format one '$status';\ninclude more.conf;\n");
    static const struct in_file one[] = {{"", "200", "status=200", 0, 0}};
    check_file(path, one, HA_COUNT(one));
    /* What the file includes may set it. */
    write_file(path, "log_format one '$status $of_others'; include more.conf;\n");
    static const struct in_file included[] = {{"one", "200 x", "status=200", 0, 0}};
    check_file(path, included, HA_COUNT(included));
    write_file(path, "log_format one '$status'\n");
    static const struct in_file open[] = {{"", NULL, "the ; that ends log_format", 2, 1}};
    check_file(path, open, HA_COUNT(open));
    check_many_names(path);
    write_file(path, "LogFormat \"%h %s\" a\nLogFormat \"%h|%s\" a\n");
    static const struct in_file twice[] = {{"", "192.0.2.1|200", "status=200", 0, 0}};
    check_file(path, twice, HA_COUNT(twice));
    write_file(path, "LogFormat \"%h ${SITE} %s\" a\n");
    static const struct in_file defined[] = {{"", NULL, "${SITE}", 1, 15}};
    check_file(path, defined, HA_COUNT(defined));
    write_file(path, "LogFormat \"%h %s\n");
    static const struct in_file quote[] = {{"", NULL, "this quote is not closed", 1, 11}};
    check_file(path, quote, HA_COUNT(quote));
    write_file(path, "Include conf.d/*.conf\n");
    static const struct in_file nothing[] = {
        {"", NULL, "files that it includes are not read", 0, 0}};
    check_file(path, nothing, HA_COUNT(nothing));
    assert_int_equal(unlink(path), 0);
    static const struct in_file missing[] = {{"", NULL, "No such file", 0, 0}};
    snprintf(path, sizeof path, "%s/none", folder);
    check_file(path, missing, HA_COUNT(missing));
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_found_in_configuration_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
