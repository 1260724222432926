/* baseline.c - an earlier report is read before the log, so that a wrong one is told at once. */
#include "baseline.h"

#include <string.h>

#include "httpannotate/source.h"

static enum ha_err at_line(struct ha_problem *p, const char *path, uint64_t line)
{
    char cause[sizeof p->cause];
    enum ha_err err = p->err;
    memcpy(cause, p->cause, sizeof cause);
    ha_problem_set(p, err, path, "%s", cause);
    ha_problem_at(p, line, 0);
    return err;
}

/* The bytes are overwritten. */
static enum ha_err add_lines(struct ha_merger *m, const char *path, char *bytes, size_t len,
                             uint64_t *line, struct ha_problem *p)
{
    while (len > 0) {
        const char *end = memchr(bytes, '\n', len);
        size_t taken = end != NULL ? (size_t)(end - bytes) + 1 : len;
        if (ha_merger_line(m, bytes, taken, p) != HA_OK)
            return at_line(p, path, *line);
        (*line)++;
        bytes += taken;
        len -= taken;
    }
    return HA_OK;
}

/* Its blocks are read into *into, where they are ours to overwrite. */
static enum ha_err add_source(struct ha_merger *m, const char *path, struct ha_source *source,
                              struct ha_chunk *into, struct ha_problem *p)
{
    uint64_t line = 1;
    enum ha_err err = ha_source_lend(source, into);
    if (err != HA_OK)
        return ha_problem_set(p, err, path, "out of memory");
    while (err == HA_OK) {
        struct ha_block block;
        enum ha_source_state state = ha_source_next(source, &block, p);
        if (state == HA_SOURCE_END)
            break;
        if (state == HA_SOURCE_ERROR) {
            err = p->err;
        } else if (state == HA_SOURCE_BLOCK && block.kind == HA_BLOCK_LINES) {
            err = add_lines(m, path, into->ptr + (block.bytes.ptr - into->ptr), block.bytes.len,
                            &line, p);
        } else if (state == HA_SOURCE_BLOCK) {
            err = ha_problem_set(p, HA_ERR_SYNTAX, path,
                                 "longer than any partial report of this program");
            ha_problem_at(p, line, 0);
        }
    }
    return err;
}

static enum ha_err add_file(struct ha_merger *m, const char *path, const struct ha_limits *limits,
                            struct ha_problem *p)
{
    struct ha_limits reading = *limits;
    struct ha_source *source = NULL;
    struct ha_chunk chunk = {NULL, 0};
    reading.max_line = HA_PARTIAL_LINE;
    enum ha_err err = ha_source_open(path, &reading, -1, &source, p);
    if (err != HA_OK)
        return err;
    err = add_source(m, path, source, &chunk, p);
    ha_source_close(&source);
    ha_free(chunk.ptr);
    return err;
}

enum ha_err ha_baseline_load(const char *path, const struct ha_limits *limits,
                             struct ha_baseline *out, struct ha_problem *p)
{
    *out = (struct ha_baseline){0};
    if (strcmp(path, "-") == 0)
        return ha_problem_set(p, HA_ERR_SYNTAX, "--diff",
                              "name a file; standard input is for what is compared with it");
    enum ha_err err = ha_merger_new(limits, &out->merger);
    if (err != HA_OK)
        return ha_problem_set(p, err, path, "out of memory");
    err = add_file(out->merger, path, limits, p);
    if (err != HA_OK)
        return err;
    err = ha_merger_keep_compared(out->merger);
    if (err == HA_OK)
        err = ha_merger_read(out->merger, &out->report);
    ha_alloc_give_back();
    return err == HA_OK ? HA_OK : ha_problem_set(p, err, path, "out of memory");
}

void ha_baseline_free(struct ha_baseline *b)
{
    ha_merger_free(&b->merger);
    *b = (struct ha_baseline){0};
}

static enum ha_err differ(struct ha_problem *p, const char *path, const char *option, bool then)
{
    return ha_problem_set(p, HA_ERR_SYNTAX, path,
                          "counted with%s %s, this run with%s; only reports of the same options "
                          "compare",
                          then ? "" : "out", option, then ? "out" : "");
}

enum ha_err ha_baseline_fits(const struct ha_baseline *b, const char *path, const char *selection,
                             const struct ha_tally *now, struct ha_problem *p)
{
    struct ha_tally_options theirs = ha_tally_made_with(b->report.tally);
    struct ha_tally_options ours = ha_tally_made_with(now);
    if (ha_tally_sums(b->report.tally)->lines == 0)
        return HA_OK;
    if (strcmp(selection, b->report.selection) != 0)
        return ha_problem_set(p, HA_ERR_SYNTAX, path,
                              "counted with the selection '%.80s', this run with '%.80s'; only "
                              "reports of the same options compare",
                              b->report.selection[0] != '\0' ? b->report.selection : "all",
                              selection[0] != '\0' ? selection : "all");
    if (theirs.tops && ours.tops && theirs.keep_query != ours.keep_query)
        return differ(p, path, "--query", theirs.keep_query);
    if (theirs.tops && ours.tops && theirs.templates != ours.templates)
        return differ(p, path, "--no-templates", !theirs.templates);
    return HA_OK;
}
