/* partial_fuzz.c - partial reports written by strangers.
 *
 * What begins with 'L' is read as lines; anything else, without its first byte, is a payload that
 * gets the right checksum, so that the checks behind it are reached. What is taken is reported in
 * every format, and written again: its sum with nothing must be the same bytes. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "httpannotate/partial.h"
#include "httpannotate/report.h"
#include "tally/hash.h"
#include "tally/partial_parts.h"

static const struct ha_facts *facts(void)
{
    static struct ha_facts *loaded;
    if (loaded == NULL)
        HA_ASSERT(ha_facts_load(NULL, &loaded, NULL) == HA_OK);
    return loaded;
}

static struct ha_merger *merger(void)
{
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_merger *m;
    HA_ASSERT(ha_merger_new(&limits, &m) == HA_OK);
    return m;
}

/* For a terminal: no byte of a stranger may drive it. */
static void check_text(const struct ha_buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->ptr[i];
        HA_ASSERT((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t');
    }
}

static void report(struct ha_merger *m, const char *format, struct ha_buf *to)
{
    struct ha_merged all;
    HA_ASSERT(ha_merger_read(m, &all) == HA_OK);
    struct ha_report_context c = {.facts = facts(),
                                  .selection = all.selection,
                                  .sources = all.sources,
                                  .source_count = all.source_count,
                                  .patterns = all.patterns,
                                  .pattern_count = all.pattern_count,
                                  .top = 10};
    struct ha_report_style style = {.width = 80, .visible = true, .unicode = true, .top = 10};
    struct ha_report r;
    HA_ASSERT(ha_report_make(all.tally, &c, &r) == HA_OK);
    ha_reporter_find(ha_view_of(format))->write(&r, &style, to);
    HA_ASSERT(ha_buf_ok(to));
    ha_report_free(&r);
}

static void check_taken(struct ha_merger *m)
{
    size_t count;
    struct ha_problem p;
    const struct ha_reporter *all = ha_reporters(&count);
    struct ha_buf text = {0}, once = {0}, twice = {0};
    for (size_t i = 0; i < count; i++) {
        ha_buf_clear(&text);
        report(m, all[i].name, &text);
        if (strcmp(all[i].name, "text") == 0)
            check_text(&text);
    }
    report(m, "partial", &once);
    ha_buf_clear(&text);
    ha_buf_view(&text, (struct ha_view){once.ptr, once.len});
    struct ha_merger *again = merger();
    HA_ASSERT(ha_merger_line(again, text.ptr, text.len, &p) == HA_OK);
    report(again, "partial", &twice);
    HA_ASSERT(
        ha_view_eq((struct ha_view){once.ptr, once.len}, (struct ha_view){twice.ptr, twice.len}));
    ha_merger_free(&again);
    ha_buf_free(&text);
    ha_buf_free(&once);
    ha_buf_free(&twice);
}

static bool add(struct ha_merger *m, char *line, size_t len)
{
    struct ha_problem p;
    enum ha_err err = ha_merger_line(m, line, len, &p);
    HA_ASSERT(err == HA_OK || err == HA_ERR_SYNTAX);
    return err == HA_OK;
}

static void read_payload(const uint8_t *data, size_t size)
{
    struct ha_buf line = {0};
    ha_buf_printf(&line, "httpannotate.partial/1 %016llx ",
                  (unsigned long long)ha_hash((const char *)data, size, 0));
    size_t head = line.len;
    HA_ASSERT(ha_buf_room(&line, ha_base64_size(size) + 1) != NULL);
    if (size > 0)
        memcpy(line.ptr + head, data, size);
    ha_base64_spread(line.ptr + head, size);
    line.len += ha_base64_size(size);
    /* Twice: what is taken once is taken again. */
    struct ha_buf copy = {0};
    ha_buf_view(&copy, (struct ha_view){line.ptr, line.len});
    struct ha_merger *m = merger();
    if (add(m, line.ptr, line.len)) {
        check_taken(m);
        HA_ASSERT(add(m, copy.ptr, copy.len));
        check_taken(m);
    }
    ha_merger_free(&m);
    ha_buf_free(&line);
    ha_buf_free(&copy);
}

static void read_lines(const uint8_t *data, size_t size)
{
    struct ha_merger *m = merger();
    for (size_t at = 0; at < size;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t len = end != NULL ? (size_t)(end - (data + at)) + 1 : size - at;
        char *line = fuzz_copy(data + at, len);
        (void)add(m, line, len);
        ha_free(line);
        at += len;
    }
    check_taken(m);
    ha_merger_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == 'L')
        read_lines(data + 1, size - 1);
    else if (size > 0)
        read_payload(data + 1, size - 1);
    return 0;
}
