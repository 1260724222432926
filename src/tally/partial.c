/* partial.c - the line of a partial report, its sections in order, and the merger. */
#include "httpannotate/partial.h"
#include "hash.h"

#include "partial_parts.h"

#include <inttypes.h>
#include <string.h>

#define NAME     "httpannotate.partial/"
#define HEAD     NAME "1 "
#define CHECKSUM 16 /* hexadecimal digits */

struct section {
    ha_section_put_fn *put;
    ha_section_take_fn *take;
    ha_section_lack_fn *lack; /* NULL: it must be there */
};

/* In the order in which they stand; each is named by its place, from 1. A reader may rely on those
 * before it. */
static const struct section sections[] = {
    {ha_put_options, ha_take_options, NULL},
    {ha_put_sums, ha_take_sums, NULL},
    {ha_put_methods, ha_take_methods, NULL},
    {ha_put_patterns, ha_take_patterns, NULL},
    {ha_put_sources, ha_take_sources, NULL},
    {ha_put_samples, ha_take_samples, NULL},
    {ha_put_timeline, ha_take_timeline, NULL},
    {ha_put_clients, ha_take_clients, NULL},
    {ha_put_tops, ha_take_tops, NULL},
    {ha_put_method_statuses, ha_take_method_statuses, NULL},
    {ha_put_quantiles, ha_take_quantiles, NULL},
    {ha_put_findings, ha_take_findings, NULL},
    {ha_put_error_minutes, ha_take_error_minutes, ha_lack_error_minutes},
    {ha_put_evidence, ha_take_evidence, ha_lack_evidence},
    {ha_put_conduct, ha_take_conduct, ha_lack_conduct},
    {ha_put_noise, ha_take_noise, ha_lack_noise},
};

/* ---- writing ---- */

/* The length stands before the section and is known after it: it has a fixed number of bytes. */
enum { LENGTH_BYTES = 4 };

static void put_section(const struct ha_partial *p, size_t i, struct ha_buf *to)
{
    ha_put_u64(to, i + 1);
    size_t at = to->len;
    ha_buf_fill(to, '\0', LENGTH_BYTES);
    sections[i].put(p, to);
    if (!ha_buf_ok(to))
        return;
    size_t len = to->len - at - LENGTH_BYTES;
    HA_ASSERT(len <= UINT32_MAX);
    for (unsigned k = 0; k < LENGTH_BYTES; k++)
        to->ptr[at + k] = (char)(len >> 8 * k & 0xff);
}

void ha_partial_write(const struct ha_partial *p, struct ha_buf *to)
{
    size_t start = to->len, head = sizeof HEAD - 1 + CHECKSUM + 1;
    ha_buf_fill(to, ' ', head);
    for (size_t i = 0; i < HA_COUNT(sections); i++)
        put_section(p, i, to);
    if (!ha_buf_ok(to))
        return;
    size_t len = to->len - start - head;
    char *payload = ha_buf_room(to, ha_base64_size(len) - len + 1);
    if (payload == NULL)
        return;
    payload = to->ptr + start + head;
    uint64_t checksum = ha_hash(payload, len, 0);
    char *at = to->ptr + start;
    memcpy(at, HEAD, sizeof HEAD - 1);
    for (unsigned k = 0; k < CHECKSUM; k++)
        at[sizeof HEAD - 1 + k] = "0123456789abcdef"[checksum >> (60 - 4 * k) & 15];
    ha_base64_spread(payload, len);
    to->len = start + head + ha_base64_size(len);
    ha_buf_char(to, '\n');
}

/* ---- reading ---- */

enum ha_err ha_merger_new(const struct ha_limits *limits, struct ha_merger **out)
{
    struct ha_merger *m = ha_calloc(1, sizeof *m);
    *out = NULL;
    if (m == NULL)
        return HA_ERR_MEMORY;
    m->limits = *limits;
    struct ha_tally_options o = {.limits = *limits};
    m->selection = ha_strdup_view(HA_VIEW_LIT(""));
    if (m->selection == NULL || ha_tally_new(&o, &m->tally) != HA_OK) {
        ha_merger_free(&m);
        return HA_ERR_MEMORY;
    }
    *out = m;
    return HA_OK;
}

void ha_merger_free(struct ha_merger **out)
{
    struct ha_merger *m = *out;
    if (m == NULL)
        return;
    ha_tally_free(&m->tally);
    ha_names_done(&m->sources);
    ha_names_done(&m->patterns);
    ha_free(m->selection);
    ha_free(m->shown_sources);
    ha_free(m->shown_patterns);
    ha_free(m);
    *out = NULL;
}

void ha_merger_leave_out_findings(struct ha_merger *m)
{
    HA_ASSERT(!m->settled);
    m->no_findings = true;
}

static enum ha_err refuse(struct ha_problem *p, const char *why)
{
    return ha_problem_set(p, HA_ERR_SYNTAX, "", "%s", why);
}

static enum ha_err no_memory(struct ha_problem *p)
{
    return ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
}

static const char later[] = "a partial report of a later version of this program";
static const char unsound[] =
    "damaged: its checksum is right, but its content does not hold together";

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The payload of a line, decoded over its text. */
static enum ha_err open_line(char *line, size_t len, struct ha_taker *out, struct ha_problem *p)
{
    const size_t name = sizeof NAME - 1, head = sizeof HEAD - 1;
    if (len <= name || memcmp(line, NAME, name) != 0 || line[name] < '0' || line[name] > '9')
        return refuse(p, "not a partial report of this program");
    if (len > head && memcmp(line, HEAD, head) != 0)
        return refuse(p, later);
    if (len < head + CHECKSUM + 1)
        return refuse(p, "damaged: it is cut short");
    uint64_t checksum = 0;
    bool good = line[head + CHECKSUM] == ' ';
    for (size_t i = 0; i < CHECKSUM; i++) {
        int digit = hex_value(line[head + i]);
        good = good && digit >= 0;
        checksum = checksum << 4 | (unsigned)(digit & 15);
    }
    char *payload = line + head + CHECKSUM + 1;
    size_t bytes = 0;
    if (!good || !ha_base64_gather(payload, len - head - CHECKSUM - 1, &bytes) ||
        ha_hash(payload, bytes, 0) != checksum)
        return refuse(p, "damaged: the checksum is wrong");
    *out = (struct ha_taker){.at = payload, .end = payload + bytes};
    return HA_OK;
}

/* Takes the head of the next section off *from. */
static bool next_section(struct ha_taker *from, uint64_t *number, struct ha_taker *section)
{
    *number = ha_take_u64(from);
    struct ha_view digits = ha_take_bytes(from, LENGTH_BYTES);
    uint64_t len = 0;
    for (size_t k = 0; k < digits.len; k++)
        len |= (uint64_t)(unsigned char)digits.ptr[k] << 8 * k;
    struct ha_view body = ha_take_bytes(from, len);
    *section = (struct ha_taker){.at = body.ptr, .end = body.ptr + body.len};
    return !from->bad;
}

static bool has_other_limits(const struct ha_intake *in)
{
    uint64_t ours[HA_COUNT(in->options.limits)];
    ha_partial_limits(&in->into->limits, ours);
    return memcmp(ours, in->options.limits, sizeof ours) != 0;
}

/* Numbers that can be got in two ways. */
static bool adds_up(const struct ha_intake *in)
{
    const struct ha_tally_sums *s = &in->sums;
    uint64_t methods = ha_sat_add(in->methods, s->no_method.count);
    return ha_sat_add(methods, s->other_methods.count) == s->selected &&
           in->matched == ha_sat_add(s->verdict[HA_MATCHED], s->verdict[HA_SALVAGED]);
}

/* Whether it has a section that this build does not know. */
static bool has_later_section(struct ha_taker from)
{
    uint64_t number;
    struct ha_taker section;
    while (next_section(&from, &number, &section))
        if (number > HA_COUNT(sections))
            return true;
    return false;
}

/* A report of an earlier version ends here. */
static bool is_lacking(const struct ha_taker *from, size_t section)
{
    return ha_take_left(from) == 0 && sections[section].lack != NULL;
}

/* Reads all sections without adding anything. */
static enum ha_err look(struct ha_intake *in, struct ha_taker from, struct ha_problem *p)
{
    uint64_t number;
    struct ha_taker section;
    if (has_later_section(from))
        return refuse(p, later);
    for (size_t i = 0; i < HA_COUNT(sections); i++) {
        if (is_lacking(&from, i))
            continue;
        if (!next_section(&from, &number, &section) || number != i + 1)
            return refuse(p, unsound);
        sections[i].take(in, &section);
        if (in->no_memory)
            return no_memory(p);
        if (in->later)
            return refuse(p, later);
        if (!section.bad && i == 0 && has_other_limits(in))
            return refuse(p, "counted within other limits, by another build of this program");
        if (section.bad || ha_take_left(&section) > 0)
            return refuse(p, unsound);
    }
    if (ha_take_left(&from) > 0)
        return refuse(p, unsound);
    if (in->full)
        return refuse(p, "it has more sources or patterns than can be told apart");
    return adds_up(in) ? HA_OK : refuse(p, unsound);
}

/* Whether what was counted with the options of this report adds up with what is there. */
static enum ha_err compare_options(const struct ha_intake *in, struct ha_problem *p)
{
    const struct ha_merger *m = in->into;
    const struct ha_tally_options *ours = &m->tally->options;
    const struct ha_partial_options *its = &in->options;
    static const char rest[] = "; only reports of the same options add up";
    if (!m->settled || in->sums.lines == 0)
        return HA_OK;
    if (!ha_view_is(its->selection, m->selection)) {
        struct ha_view its_own = its->selection.len > 0 ? its->selection : HA_VIEW_LIT("all");
        return ha_problem_set(p, HA_ERR_SYNTAX, "",
                              "counted with the selection '%.*s', those before it with '%.80s'%s",
                              (int)(its_own.len < 80 ? its_own.len : 80), its_own.ptr,
                              *m->selection != '\0' ? m->selection : "all", rest);
    }
    if (its->tops != ours->tops)
        return ha_problem_set(p, HA_ERR_SYNTAX, "",
                              "counted with%s --top=0, those before it with%s%s",
                              its->tops ? "out" : "", ours->tops ? "out" : "", rest);
    if (its->keep_query != ours->keep_query)
        return ha_problem_set(p, HA_ERR_SYNTAX, "",
                              "counted with%s --query, those before it with%s%s",
                              its->keep_query ? "" : "out", ours->keep_query ? "" : "out", rest);
    if (its->templates != ours->templates)
        return ha_problem_set(p, HA_ERR_SYNTAX, "",
                              "counted with%s --no-templates, those before it with%s%s",
                              its->templates ? "out" : "", ours->templates ? "out" : "", rest);
    if (its->findings != ours->findings)
        return ha_problem_set(p, HA_ERR_SYNTAX, "",
                              "counted with%s --no-findings, those before it with%s%s",
                              its->findings ? "out" : "", ours->findings ? "out" : "", rest);
    return HA_OK;
}

/* The first report that has lines says how all are counted. */
static enum ha_err settle(const struct ha_intake *in)
{
    struct ha_merger *m = in->into;
    struct ha_tally *t = NULL;
    struct ha_tally_options o = {.limits = m->limits,
                                 .tops = in->options.tops,
                                 .keep_query = in->options.keep_query,
                                 .templates = in->options.templates,
                                 .findings = in->options.findings,
                                 .evidence = true};
    char *selection = ha_strdup_view(in->options.selection);
    if (selection == NULL || ha_tally_new(&o, &t) != HA_OK) {
        ha_free(selection);
        return HA_ERR_MEMORY;
    }
    ha_free(m->selection);
    ha_tally_free(&m->tally);
    m->selection = selection;
    m->tally = t;
    m->settled = true;
    return HA_OK;
}

/* A report of no lines has only its sources to add: it is the zero of merging, whatever its
 * options. */
static bool add(struct ha_intake *in, struct ha_taker from)
{
    uint64_t number;
    struct ha_taker section;
    bool empty = in->sums.lines == 0;
    in->adding = true;
    if (!empty && !in->into->settled && settle(in) != HA_OK)
        return false;
    for (size_t i = 0; i < HA_COUNT(sections) && !in->no_memory; i++) {
        if (is_lacking(&from, i)) {
            if (!empty)
                sections[i].lack(in);
            continue;
        }
        HA_ASSERT(next_section(&from, &number, &section));
        if (empty && sections[i].take != ha_take_sources)
            continue;
        sections[i].take(in, &section);
        HA_ASSERT(!section.bad || in->no_memory);
    }
    return !in->no_memory;
}

enum ha_err ha_merger_line(struct ha_merger *m, char *line, size_t len, struct ha_problem *p)
{
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r' || line[len - 1] == ' ' ||
                       line[len - 1] == '\t'))
        len--;
    struct ha_taker payload;
    if (len == 0)
        return HA_OK;
    enum ha_err err = open_line(line, len, &payload, p);
    if (err != HA_OK)
        return err;
    struct ha_intake *in = ha_calloc(1, sizeof *in);
    if (in == NULL)
        return no_memory(p);
    in->into = m;
    err = look(in, payload, p);
    if (err == HA_OK)
        err = compare_options(in, p);
    if (err == HA_OK && !add(in, payload)) {
        m->tally->failed = true;
        err = no_memory(p);
    }
    ha_free(in);
    return err;
}

enum ha_err ha_merger_keep_compared(struct ha_merger *m)
{
    return ha_tally_keep_compared(m->tally);
}

const struct ha_tally *ha_merger_tally(const struct ha_merger *m)
{
    return m->tally;
}

/* Moves the sums of the patterns to where a tally has them. */
static bool show_patterns(struct ha_merger *m)
{
    struct ha_tally *t = m->tally;
    size_t count = m->patterns.count;
    uint64_t *sums = ha_realloc(t->pattern, (count + 1) * sizeof *sums);
    if (sums == NULL)
        return false;
    t->pattern = sums;
    t->patterns = count;
    const char **names = ha_realloc(m->shown_patterns, (count + 1) * sizeof *names);
    if (names == NULL)
        return false;
    m->shown_patterns = names;
    for (size_t i = 0; i < count; i++) {
        sums[i] = m->patterns.items[i].sum[0];
        names[i] = m->patterns.items[i].name;
    }
    return true;
}

enum ha_err ha_merger_read(struct ha_merger *m, struct ha_merged *out)
{
    size_t count = m->sources.count;
    struct ha_report_source *sources = ha_realloc(m->shown_sources, (count + 1) * sizeof *sources);
    if (sources == NULL)
        return HA_ERR_MEMORY;
    m->shown_sources = sources;
    if (!show_patterns(m) || !ha_tally_ok(m->tally))
        return HA_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct ha_name *n = &m->sources.items[i];
        sources[i] = (struct ha_report_source){n->name, n->sum[0], n->sum[1]};
    }
    *out = (struct ha_merged){.tally = m->tally,
                              .selection = m->selection,
                              .sources = sources,
                              .source_count = count,
                              .patterns = m->shown_patterns,
                              .pattern_count = m->patterns.count};
    return HA_OK;
}
