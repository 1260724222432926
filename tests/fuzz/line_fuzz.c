/* line_fuzz.c - any bytes as one line, through every stage that sees a line. */
#include <string.h>

#include "fuzz.h"
#include "httpannotate/annotate.h"
#include "httpannotate/pattern.h"
#include "httpannotate/render.h"
#include "httpannotate/report.h"
#include "httpannotate/tally.h"

static struct ha_patterns *patterns;
static struct ha_matcher *matcher;
static struct ha_facts *facts;
static struct ha_annotator *annotator;

static void set_up(void)
{
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_problem p;
    HA_ASSERT(ha_patterns_builtin(&limits, &patterns, &p) == HA_OK);
    HA_ASSERT(ha_matcher_new(patterns, &matcher) == HA_OK);
    HA_ASSERT(ha_facts_load(NULL, &facts, &p) == HA_OK);
    HA_ASSERT(ha_annotator_new(facts, HA_NOTE_FULL, NULL, NULL, &annotator) == HA_OK);
}

/* A text lies within its line or, decoded from JSON or joined of two columns, in the matcher: it
 * is read whole, so that the sanitizer sees one that is neither. */
static void touch(struct ha_view text)
{
    static volatile unsigned char seen;
    for (size_t i = 0; i < text.len; i++)
        seen = (unsigned char)(seen ^ text.ptr[i]);
}

static void check_record(const struct ha_record *r)
{
    HA_ASSERT(r->verdict < HA_VERDICT_N && r->reason < HA_REASON_N);
    HA_ASSERT((r->verdict == HA_UNMATCHED) == (r->reason != HA_REASON_NONE));
    if (r->verdict != HA_MATCHED && r->verdict != HA_SALVAGED)
        return;
    HA_ASSERT(r->pattern < ha_patterns_count(patterns));
    /* A line behind a prefix is salvaged by a pattern of the first tier. */
    HA_ASSERT(!ha_pattern_is_salvage(patterns, r->pattern) || r->verdict == HA_SALVAGED);
    HA_ASSERT(r->status >= HA_NO_STATUS && r->status <= 999);
    HA_ASSERT(r->method >= HA_UNLISTED_METHOD && r->method < (int)ha_facts_method_count());
    for (unsigned f = 0; f < HA_FIELD_N; f++)
        if (ha_has(r, (enum ha_field)f))
            touch(r->field[f]);
    touch(r->clients);
}

/* The note with what the style wants of it, as the annotator keeps it. */
static void render_as(const struct ha_renderer *renderer, const struct ha_render_style *style,
                      const struct ha_record *r, const struct ha_note *note, struct ha_buf *to)
{
    struct ha_buf ready = {0};
    struct ha_note with_ready = {.text = {NULL, 0}};
    if (note != NULL) {
        with_ready = *note;
        if (renderer->ready != NULL)
            renderer->ready(style, note, &ready);
        with_ready.ready = (struct ha_view){ready.ptr, ready.len};
    }
    renderer->line(style, r, note == NULL ? NULL : &with_ready, to);
    ha_buf_free(&ready);
}

static void render(const struct ha_record *r, const struct ha_note *note)
{
    size_t count;
    const struct ha_renderer *styles = ha_renderers(&count);
    for (size_t i = 0; i < count; i++) {
        struct ha_buf to = {0};
        const struct ha_render_style plain = {.findings = true};
        const struct ha_render_style terminal = {.colour = true, .visible = true, .findings = true};
        if (styles[i].line == NULL)
            continue;
        render_as(&styles[i], &plain, r, note, &to);
        HA_ASSERT(ha_buf_ok(&to));
        if (strcmp(styles[i].name, "raw") == 0) {
            HA_ASSERT(to.len == r->line.len);
            HA_ASSERT(to.len == 0 || memcmp(to.ptr, r->line.ptr, to.len) == 0);
        }
        render_as(&styles[i], &terminal, r, note, &to);
        ha_buf_free(&to);
    }
}

static void count(const struct ha_record *r)
{
    const struct ha_tally_options o = {
        .limits = HA_LIMITS_DEFAULT, .tops = true, .patterns = ha_patterns_count(patterns)};
    struct ha_tally *t;
    HA_ASSERT(ha_tally_new(&o, &t) == HA_OK);
    ha_tally_add(t, r, true, 0);
    const struct ha_tally_sums *s = ha_tally_sums(t);
    uint64_t lines = 0, classes = 0;
    for (size_t i = 0; i < HA_VERDICT_N; i++)
        lines += s->verdict[i];
    for (size_t i = 0; i < HA_COUNT(s->classes); i++)
        classes += s->classes[i].count;
    HA_ASSERT(lines == 1 && s->lines == 1 && classes == s->selected);
    ha_tally_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (patterns == NULL)
        set_up();
    char *copy = fuzz_copy(data, size);
    struct ha_record r = {.line = {copy, size}, .line_number = 1};
    ha_match(matcher, &r);
    check_record(&r);
    const struct ha_note *note = NULL;
    if (r.verdict == HA_MATCHED || r.verdict == HA_SALVAGED) {
        note = ha_annotate(annotator, &r);
        HA_ASSERT(note != NULL && note->text.len > 0);
    }
    render(&r, note);
    count(&r);
    ha_free(copy);
    return 0;
}
