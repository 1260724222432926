/* text_spikes.c - bursts of errors: when, how high, against what. */
#include "report/formats.h"
#include "report/text_page.h"

enum { NAME = 4, UNDER = 6, MORE = 11 }; /* columns: of a name; of what stands under it */

static void put_item(struct text_page *p, struct text_flow *f, const char *before,
                     const char *figure, const char *behind)
{
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "%s%s%s", before, figure, behind);
    text_flow_put(p, f, (struct ha_view){p->scratch.ptr, p->scratch.len}, HA_INK_PLAIN);
}

static void put_time(struct text_page *p, struct text_flow *f, const char *before, int64_t time_s,
                     enum text_date date, const char *behind)
{
    ha_buf_clear(&p->scratch);
    ha_buf_str(&p->scratch, before);
    text_time(&p->scratch, time_s * HA_US_PER_S, date, false);
    ha_buf_str(&p->scratch, behind);
    text_flow_put(p, f, (struct ha_view){p->scratch.ptr, p->scratch.len}, HA_INK_PLAIN);
}

/* "10:22 to 10:24 (3 min)", "since 10:22 (9 min)" for one that the log ends in. */
static void put_when(struct text_page *p, struct text_flow *f, const struct ha_spike *s,
                     enum text_date date, const char *behind)
{
    char length[HA_FIGURE];
    put_time(p, f, s->is_open ? "since " : "", s->start_s, date, "");
    if (!s->is_open)
        put_time(p, f, "to ", s->end_s, date, "");
    ha_figure_duration((s->end_s - s->start_s) * HA_US_PER_S, length);
    put_item(p, f, "(", length, behind);
}

/* How many, how fast at most, against what. */
static void put_height(struct text_page *p, struct text_flow *f, const struct ha_spike *s)
{
    char figure[HA_FIGURE];
    text_flow_count(p, f, s->count, "error", ",");
    ha_figure_count((uint64_t)s->peak_per_minute, figure);
    put_item(p, f, "peak ", figure, "/min,");
    ha_figure_errors_rate(s->usual_per_minute, figure);
    put_item(p, f, "usual ", figure, s->settled ? "/min;" : "/min");
    if (s->settled)
        put_item(p, f, "lasted over an hour: now taken as the usual level", "", "");
    text_flow_end(p);
}

/* A status under its class: what differs is told. */
static void put_within(struct text_page *p, const struct ha_report_spike *one,
                       const struct ha_spike *class, enum text_date date)
{
    const struct ha_spike *s = &one->spike;
    ha_buf_fill(p->to, ' ', UNDER);
    text_left(p, ha_view_of(one->name), NAME, ha_ink_of_class(one->group / 100));
    ha_buf_char(p->to, ' ');
    struct text_flow f = text_flow_begin(p, 0, MORE);
    f.column = MORE;
    bool together = s->start_s == class->start_s && s->end_s == class->end_s;
    if (together && s->count == class->count) {
        put_item(p, &f, "all of them", "", "");
        text_flow_end(p);
        return;
    }
    if (!together)
        put_when(p, &f, s, date, "):");
    put_height(p, &f, s);
}

static void put_spike(struct text_page *p, const struct ha_report_spike *one, enum text_date date)
{
    ha_buf_str(p->to, "  ! ");
    text_left(p, ha_view_of(one->name), NAME, ha_ink_of_class(one->name[0] - '0'));
    ha_buf_char(p->to, ' ');
    struct text_flow f = text_flow_begin(p, 0, UNDER);
    f.column = 4 + NAME + 1;
    put_when(p, &f, &one->spike, date, ")");
    text_flow_end(p);
    f = text_flow_begin(p, UNDER, UNDER);
    put_height(p, &f, &one->spike);
}

/* What has no usual to compare with is told as it is. */
static void put_facts(struct text_page *p)
{
    const struct ha_report *r = p->report;
    for (size_t i = 0; i < r->spike_group_count; i++) {
        const struct ha_report_spike_group *g = &r->spike_groups[i];
        ha_buf_clear(&p->scratch);
        if (!ha_spikes_fact(r, i, &p->scratch))
            continue;
        ha_buf_str(p->to, "  ! ");
        text_left(p, ha_view_of(g->name), NAME, ha_ink_of_class(g->name[0] - '0'));
        ha_buf_char(p->to, ' ');
        text_fold(p, (struct ha_view){p->scratch.ptr, p->scratch.len}, 4 + NAME + 1, true,
                  HA_INK_PLAIN);
    }
}

/* What the counts look like, behind an arrow. */
static void put_notes(struct text_page *p, const struct ha_report_spike *one, size_t column)
{
    for (size_t i = 0; i < one->note_count; i++) {
        ha_buf_fill(p->to, ' ', column);
        ha_buf_str(p->to, p->unicode ? "\u2192 " : "> ");
        ha_buf_clear(&p->scratch);
        ha_spike_note_text(&one->notes[i], &p->scratch);
        text_fold(p, (struct ha_view){p->scratch.ptr, p->scratch.len}, column + 2, true,
                  HA_INK_PLAIN);
    }
}

void text_spikes(struct text_page *p)
{
    const struct ha_report *r = p->report;
    struct ha_buf remark = {0};
    bool has_remark = ha_spikes_remark(r, &remark);
    if (r->spike_count > 0)
        text_heading(p, "SPIKES", "errors a minute against what was usual, UTC");
    else if (has_remark)
        text_heading(p, "SPIKES", "");
    else if (r->spikes_state == HA_SPIKES_LOOKED_FOR && r->sums->errors > 0)
        text_heading(p, "SPIKES", "none: no errors rose far above what is usual for them");
    put_facts(p);
    enum text_date date = text_date_within(r->sums->first_us, r->sums->last_us);
    for (size_t i = 0, class = 0; i < r->spike_count; i++) {
        const struct ha_report_spike *one = &r->spikes[i];
        if (one->within != 0) {
            put_within(p, one, &r->spikes[class].spike, date);
        } else {
            class = i;
            put_spike(p, one, date);
        }
        size_t column = one->within != 0 ? MORE : UNDER;
        text_spike_who(p, i, column);
        put_notes(p, one, column);
    }
    if (has_remark)
        text_fold(p, (struct ha_view){remark.ptr, remark.len}, 2, false, HA_INK_PLAIN);
    p->to->failed |= !ha_buf_ok(&remark);
    ha_buf_free(&remark);
}
