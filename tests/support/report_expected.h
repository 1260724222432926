/* report_expected.h - a format's bytes against those kept in tests/unit/expected. Include cmocka.h
 * first. */
#ifndef REPORT_EXPECTED_H
#define REPORT_EXPECTED_H

#include "httpannotate/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void write_with(const char *format, const struct ha_report *r,
                              const struct ha_report_style *style, struct ha_buf *to)
{
    const struct ha_reporter *reporter = ha_reporter_find(ha_view_of(format));
    assert_non_null(reporter);
    reporter->write(r, style, to);
}

/* Compares with tests/unit/expected/NAME and says where the first difference is. With HA_REWRITE in
 * the environment the file is written instead: then read what changed before it is kept. */
static inline void assert_expected(const char *name, const struct ha_buf *got)
{
    static char want[1 << 16];
    char path[512];
    snprintf(path, sizeof path, "%s/tests/unit/expected/%s", HA_SOURCE_DIR, name);
    bool rewrite = getenv("HA_REWRITE") != NULL;
    FILE *f = fopen(path, rewrite ? "wb" : "rb");
    assert_non_null(f);
    if (rewrite) {
        assert_int_equal(fwrite(got->ptr, 1, got->len, f), got->len);
        assert_int_equal(fclose(f), 0);
        return;
    }
    size_t len = fread(want, 1, sizeof want, f);
    fclose(f);
    size_t same = 0;
    while (same < len && same < got->len && want[same] == got->ptr[same])
        same++;
    if (same != len || same != got->len)
        fail_msg("%s differs at byte %zu:\n%.*s", name, same, (int)got->len, got->ptr);
}

static inline bool holds(const struct ha_buf *b, const char *text)
{
    return memmem(b->ptr, b->len, text, strlen(text)) != NULL;
}

#endif
