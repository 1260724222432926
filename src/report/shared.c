/* shared.c - what several formats need: words, escapes, the timeline with its gaps. */
#include "report/formats.h"

const char *ha_method_meaning(const struct ha_report_method *m)
{
    static const char *const unlisted[] = {
        [HA_METHOD_NAMED] = "In no registry, and not known of any vendor.",
        [HA_METHOD_NONE] = "No method was read: the request was no HTTP, or the log has none.",
        [HA_METHOD_REST] = "Unlisted methods beyond those counted by name.",
    };
    return m->fact != NULL ? m->fact->meaning : unlisted[m->kind];
}

const char *ha_method_cacheable(const struct ha_method_fact *f)
{
    if (f == NULL)
        return "?";
    if (f->cacheable_yes)
        return "yes";
    return ha_view_is(ha_view_of(f->cacheable), "n") ? "no" : "conditional";
}

const char *ha_top_title(enum ha_top which)
{
    static const char *const titles[HA_TOP_N] = {
        [HA_TOP_TARGETS] = "Targets",
        [HA_TOP_CLIENTS] = "Clients",
        [HA_TOP_REFERERS] = "Referers",
        [HA_TOP_AGENTS] = "Agents",
        [HA_TOP_ERROR_TARGETS] = "Targets with errors",
        [HA_TOP_ERROR_CLIENTS] = "Clients with errors",
        [HA_TOP_ERROR_PAIRS] = "Targets and statuses of errors",
    };
    HA_ASSERT(which < HA_TOP_N);
    return titles[which];
}

bool ha_top_of_errors(enum ha_top which)
{
    return which == HA_TOP_ERROR_TARGETS || which == HA_TOP_ERROR_CLIENTS ||
           which == HA_TOP_ERROR_PAIRS;
}

const char *ha_series_name(size_t series)
{
    static const char *const names[HA_SERIES_N] = {"total", "1xx", "2xx", "3xx",
                                                   "4xx",   "5xx", "429"};
    HA_ASSERT(series < HA_SERIES_N);
    return names[series];
}

uint64_t ha_bucket_count(const struct ha_report *r, size_t bucket, size_t series)
{
    HA_ASSERT(bucket < r->bucket_span && series < HA_SERIES_N);
    int64_t start_s = r->buckets[0].start_s + (int64_t)bucket * r->bucket_seconds;
    size_t low = 0;
    size_t high = r->bucket_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->buckets[middle].start_s < start_s)
            low = middle + 1;
        else
            high = middle;
    }
    bool there = low < r->bucket_count && r->buckets[low].start_s == start_s;
    return there ? r->buckets[low].n[series] : 0;
}

void ha_put_escaped(struct ha_buf *to, struct ha_view v, const char *(*escape)(char c))
{
    struct ha_buf seen = {0};
    ha_buf_visible(&seen, v, false);
    for (size_t i = 0; i < seen.len; i++) {
        const char *instead = escape(seen.ptr[i]);
        if (instead == NULL)
            ha_buf_char(to, seen.ptr[i]);
        else
            ha_buf_str(to, instead);
    }
    to->failed = to->failed || seen.failed;
    ha_buf_free(&seen);
}

const char *ha_noise_words(enum ha_noise_kind kind)
{
    static const char *const words[HA_NOISE_N] = {
        "idle (408 without a request)", "not modified (304)", "challenged (401, no user named)",
        "for health checks", "preflight (OPTIONS)"};
    HA_ASSERT(kind < HA_NOISE_N);
    return words[kind];
}

void ha_noise_sentence(const struct ha_report *r, struct ha_buf *to)
{
    char figure[HA_FIGURE];
    const char *before = "Benign noise: ";
    for (int i = 0; i < HA_NOISE_N; i++) {
        if (r->noise.count[i] == 0)
            continue;
        ha_figure_count(r->noise.count[i], figure);
        ha_buf_printf(to, "%s%s %s", before, figure, ha_noise_words((enum ha_noise_kind)i));
        before = ", ";
    }
    if (r->noise.all > 0 && r->without_noise) {
        ha_figure_count(r->errors_of, figure);
        ha_buf_printf(to, "; left out, so that the share is of %s", figure);
    }
}

void ha_written_so_sentence(const struct ha_report *r, struct ha_buf *to)
{
    char count[HA_FIGURE], all[HA_FIGURE];
    if (r->written_so == 0)
        return;
    ha_figure_count(r->written_so, count);
    ha_figure_count(r->sums->selected, all);
    ha_buf_printf(to,
                  "%s of %s targets are whole addresses: the format writes them so, and "
                  "absolute-form-foreign is no finding, though lines bear it",
                  count, all);
}

uint64_t ha_report_body_bytes(const struct ha_report *r)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < HA_COUNT(r->sums->classes); i++)
        if (__builtin_add_overflow(sum, r->sums->classes[i].body_bytes, &sum))
            return UINT64_MAX;
    return sum;
}
