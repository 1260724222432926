/* format_fuzz.c - any bytes as a server's format string, or as its configuration file. The last
 * line of the input is a line of a log. */
#include <string.h>

#include "fuzz.h"
#include "httpannotate/pattern.h"
#include "parse/log_format.h"

static void as_configuration(const uint8_t *data, size_t size)
{
    char *copy = fuzz_copy(data, size);
    struct ha_log_format f = {.place = "fuzz", .source = {copy, size}, .is_file = true};
    struct ha_problem p = {0};
    enum ha_err err = ha_config_find_format(&f, HA_VIEW_LIT(""), &p);
    HA_ASSERT(err == HA_OK || (p.err == err && p.cause[0] != '\0'));
    HA_ASSERT(f.origins.len == f.string.len * sizeof(uint32_t));
    (void)ha_config_mentions(f.source, HA_VIEW_LIT("a"));
    ha_buf_free(&f.string);
    ha_buf_free(&f.origins);
    ha_free(copy);
}

static void match(struct ha_patterns *set, const char *line, size_t len)
{
    struct ha_matcher *m = NULL;
    HA_ASSERT(ha_matcher_new(set, &m) == HA_OK);
    char *copy = fuzz_copy((const uint8_t *)line, len);
    struct ha_record r = {.line = {copy, len}};
    ha_match(m, &r);
    ha_matcher_free(&m);
    ha_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_configuration(data, size);
    char *string = fuzz_string(data, size);
    char *end = strrchr(string, '\n');
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_patterns *set = NULL;
    struct ha_problem p = {0};
    if (end != NULL)
        *end = '\0';
    HA_ASSERT(ha_patterns_empty(&limits, &set) == HA_OK);
    if (string[0] != '@') { /* which files there are is not ours to know */
        enum ha_err err = ha_patterns_add_log_format(set, string, &p);
        HA_ASSERT(err == HA_OK || (p.err == err && p.cause[0] != '\0'));
        HA_ASSERT(err == HA_OK || p.column <= strlen(string) + 1);
        if (err == HA_OK && end != NULL)
            match(set, end + 1, strlen(end + 1));
    }
    ha_patterns_free(&set);
    ha_free(string);
    return 0;
}
