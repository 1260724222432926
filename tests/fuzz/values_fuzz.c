/* values_fuzz.c - any text as the value of an option. The first byte chooses which. */
#include "fuzz.h"
#include "httpannotate/select.h"
#include "httpannotate/thresholds.h"

#define NOW_US (INT64_C(1795514400) * HA_US_PER_S)

static void select_by(unsigned which, const char *text)
{
    struct ha_select_options o = {.now_us = NOW_US};
    switch (which) {
    case 0:
        o.status = text;
        break;
    case 1:
        o.method = text;
        break;
    case 2:
        o.client = text;
        break;
    case 3:
        o.since = text;
        break;
    default:
        o.until = text;
        break;
    }
    struct ha_selector *s = NULL;
    struct ha_problem p = {0};
    if (ha_selector_new(&o, &s, &p) != HA_OK) {
        HA_ASSERT(p.cause[0] != '\0');
        return;
    }
    struct ha_record r = {.verdict = HA_MATCHED,
                          .status = 404,
                          .method = HA_NO_METHOD,
                          .has_time = true,
                          .time_us = NOW_US};
    ha_put(&r, HA_FIELD_CLIENT, HA_VIEW_LIT("203.0.113.7"));
    (void)ha_selected(s, &r);
    HA_ASSERT(ha_selector_text(s) != NULL);
    ha_selector_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = fuzz_string(data + 1, size - 1);
    struct ha_problem p = {0};
    int64_t time_us = 0;
    uint64_t bytes = 0;
    struct ha_threshold t;
    switch (data[0] % 9) {
    case 0:
        if (ha_parse_time(text, NOW_US, 60, &time_us, &p) != HA_OK)
            HA_ASSERT(p.cause[0] != '\0');
        break;
    case 1:
        HA_ASSERT(ha_parse_duration(text, &time_us, &p) == HA_OK ? time_us > 0 : p.cause[0] != 0);
        break;
    case 2:
        HA_ASSERT(ha_parse_size(text, &bytes, &p) == HA_OK ? bytes > 0 : p.cause[0] != 0);
        break;
    case 3:
        (void)!ha_threshold_parse(text, &t, &p);
        break;
    default:
        select_by(data[0] % 9u - 4, text);
    }
    ha_free(text);
    return 0;
}
