/* watch_text.c - how a spike is told: a line for a person, an object for a command. */
#include "watch_parts.h"

#include "httpannotate/terminal.h"

enum { DAY_S = 86400 };

static int64_t day_of(const struct ha_live_style *style, int64_t second)
{
    return ha_floor_div(second + (int64_t)style->offset_min * 60, DAY_S);
}

void ha_live_begin(struct ha_live_style *style, int64_t second)
{
    style->day = day_of(style, second);
}

/* "10:42", with the date where it is not the day of the time told before. */
static void put_time(struct ha_live_style *style, int64_t second, struct ha_buf *to)
{
    struct ha_civil c = ha_time_civil(second * HA_US_PER_S, style->offset_min);
    int64_t day = day_of(style, second);
    if (day != style->day)
        ha_buf_printf(to, "%04d-%02d-%02d ", c.year, c.month, c.day);
    style->day = day;
    ha_buf_printf(to, "%02d:%02d", c.hour, c.minute);
}

/* " +02:00" behind the times of a line; nothing for UTC. */
static void put_offset(const struct ha_live_style *style, struct ha_buf *to)
{
    int minutes = style->offset_min < 0 ? -style->offset_min : style->offset_min;
    if (minutes != 0)
        ha_buf_printf(to, " %c%02d:%02d", style->offset_min < 0 ? '-' : '+', minutes / 60,
                      minutes % 60);
}

/* ", usual 4.2/min". */
static void put_rate(const char *name, double rate, struct ha_buf *to)
{
    char text[HA_FIGURE];
    ha_figure_errors_rate(rate, text);
    ha_buf_printf(to, "%s%s/min", name, text);
}

static void put_count(const struct ha_spike *s, struct ha_buf *to)
{
    char text[HA_FIGURE];
    ha_figure_count(s->count, text);
    ha_buf_printf(to, ", %s error%s", text, s->count == 1 ? "" : "s");
}

/* One word of five letters each, so that they stand under each other, and a colour besides. */
static void put_head(const struct ha_live_style *style, const struct ha_spike_told *told,
                     struct ha_buf *to)
{
    static const char *const words[] = {
        [HA_TOLD_START] = "SPIKE",   [HA_TOLD_AGAIN] = "AGAIN", [HA_TOLD_WORSE] = "WORSE",
        [HA_TOLD_SETTLED] = "LASTS", [HA_TOLD_END] = "END  ",   [HA_TOLD_NONE] = "END  ",
    };
    bool over = told->kind == HA_TOLD_END || told->kind == HA_TOLD_NONE;
    char group[HA_SPIKE_GROUP_TEXT];
    ha_spike_group_text(told->group, group);
    enum ha_ink ink = over ? HA_INK_GREEN : ha_ink_of_class(group[0] - '0');
    ha_ink_on(to, style->colour, ink);
    ha_buf_printf(to, "%s %s", words[told->kind], group);
    ha_ink_off(to, style->colour, ink);
    ha_buf_str(to, "  ");
}

static void put_since(struct ha_live_style *style, const struct ha_spike_told *told,
                      struct ha_buf *to)
{
    put_rate(", usual ", told->spike.usual_per_minute, to);
    ha_buf_str(to, ", since ");
    put_time(style, told->first_s, to);
    put_offset(style, to);
}

/* Who and what: the clauses that say most. */
static void put_who(struct ha_live_style *style, const struct ha_live_who *who, struct ha_buf *to)
{
    enum { CLAUSES = 2 };
    size_t before = to->len;
    ha_buf_str(to, "  |  ");
    if (who->since_s != 0) {
        ha_buf_str(to, "since ");
        put_time(style, who->since_s, to);
        ha_buf_str(to, ": ");
    }
    size_t start = to->len;
    for (size_t n = 0; who->reading != NULL && n < CLAUSES; n++) {
        size_t clause = to->len;
        ha_buf_str(to, n > 0 ? ", " : "");
        if (!ha_risen_clause(&who->risen, n, to)) {
            to->len = clause;
            break;
        }
    }
    if (to->len == start)
        to->len = before;
}

/* "nearly all of the 4xx above", "nearly all 429, told above". */
static void put_twin(int group, int twin, struct ha_buf *to)
{
    char name[HA_SPIKE_GROUP_TEXT];
    ha_spike_group_text(twin, name);
    ha_buf_printf(
        to, twin < group ? "  |  nearly all of the %s above" : "  |  nearly all %s, told above",
        name);
}

void ha_live_line(struct ha_live_style *style, const struct ha_spike_told *told,
                  struct ha_live_twin twin, const struct ha_live_who *who, struct ha_buf *to)
{
    const struct ha_spike *s = &told->spike;
    put_head(style, told, to);
    switch (told->kind) {
    case HA_TOLD_START:
    case HA_TOLD_AGAIN:
    case HA_TOLD_WORSE:
        put_rate("", told->rate, to);
        if (told->kind == HA_TOLD_WORSE)
            put_rate(", at first ", told->rate_before, to);
        put_since(style, told, to);
        if (told->kind == HA_TOLD_START && twin.nearly_all)
            put_twin(told->group, twin.group, to);
        else
            put_who(style, who, to);
        break;
    case HA_TOLD_SETTLED:
        put_rate("", told->rate, to);
        put_rate(" is the usual from here on, before ", s->usual_per_minute, to);
        ha_buf_str(to, ", since ");
        put_time(style, told->first_s, to);
        put_offset(style, to);
        put_count(s, to);
        break;
    case HA_TOLD_END:
        put_time(style, told->first_s, to);
        ha_buf_str(to, " to ");
        put_time(style, s->end_s, to);
        put_offset(style, to);
        put_rate(", peak ", s->peak_per_minute, to);
        put_count(s, to);
        break;
    case HA_TOLD_NONE:
        put_time(style, told->first_s, to);
        put_offset(style, to);
        ha_buf_str(to, told->early ? " was no spike: other traffic rose as much"
                                   : " was no spike: lines that came late say so");
        break;
    }
    ha_buf_char(to, '\n');
}

static void put_json_time(const char *name, int64_t second, struct ha_buf *to)
{
    char text[HA_TIME_TEXT];
    ha_time_text(second * HA_US_PER_S, 0, text);
    ha_buf_printf(to, ",\"%s\":\"%s\"", name, text);
}

static void put_json_who(const struct ha_live_who *who, struct ha_buf *to)
{
    if (who->since_s != 0)
        put_json_time("who_since", who->since_s, to);
    else
        ha_buf_str(to, ",\"who_since\":null");
    for (int aspect = 0; aspect < HA_ASPECT_N; aspect++) {
        ha_buf_printf(to, ",\"%s\":", ha_aspect_name((enum ha_aspect)aspect));
        ha_buf_str(to, who->reading == NULL ? "null" : "[");
        for (size_t i = 0; who->reading != NULL && i < who->risen.count[aspect]; i++) {
            const struct ha_risen_value *v = &who->risen.value[aspect][i];
            ha_buf_str(to, i > 0 ? ",{\"value\":" : "{\"value\":");
            ha_buf_json_string(to, v->value);
            ha_buf_printf(to,
                          ",\"count\":%llu,\"share\":%.6g,\"usual_share\":%.6g,\"estimated\":%s}",
                          (unsigned long long)v->count, v->share, v->usual_share,
                          v->estimated ? "true" : "false");
        }
        ha_buf_str(to, who->reading == NULL ? "" : "]");
    }
}

void ha_live_json(const struct ha_spike_told *told, struct ha_live_twin twin,
                  const struct ha_live_who *who, struct ha_buf *to)
{
    static const char *const events[] = {
        [HA_TOLD_START] = "start",     [HA_TOLD_AGAIN] = "again", [HA_TOLD_WORSE] = "worse",
        [HA_TOLD_SETTLED] = "settled", [HA_TOLD_END] = "end",     [HA_TOLD_NONE] = "end",
    };
    const struct ha_spike *s = &told->spike;
    char group[HA_SPIKE_GROUP_TEXT];
    ha_spike_group_text(told->group, group);
    ha_buf_printf(to, "{\"event\":\"%s\",\"group\":\"%s\"", events[told->kind], group);
    put_json_time("time", told->told_s, to);
    put_json_time("start", told->first_s, to);
    if (s->end_s != 0)
        put_json_time("end", s->end_s, to);
    else
        ha_buf_str(to, ",\"end\":null");
    ha_buf_printf(to, ",\"open\":%s,\"settled\":%s,\"withdrawn\":%s", s->is_open ? "true" : "false",
                  s->settled ? "true" : "false", told->kind == HA_TOLD_NONE ? "true" : "false");
    ha_buf_printf(to, ",\"per_minute\":%.4g,\"count\":%llu,\"peak_per_minute\":%.4g", told->rate,
                  (unsigned long long)s->count, s->peak_per_minute);
    double usual = s->usual_per_minute;
    ha_buf_printf(to, ",\"usual_per_minute\":%.4g,\"ratio\":", usual);
    if (usual > 0)
        ha_buf_printf(to, "%.4g", s->peak_per_minute / usual);
    else
        ha_buf_str(to, "null");
    if (twin.group != 0 && twin.group < told->group) {
        ha_spike_group_text(twin.group, group);
        ha_buf_printf(to, ",\"within\":\"%s\"", group);
    } else {
        ha_buf_str(to, ",\"within\":null");
    }
    put_json_who(who, to);
    ha_buf_str(to, "}\n");
}

static size_t open_index(int group)
{
    enum { CLASS = 100 };
    return group == 4 ? CLASS : group >= 400 && group < 500 ? (size_t)group - 400 : SIZE_MAX;
}

struct ha_live_twin ha_live_twin_of(const struct ha_live_open *o, const struct ha_spike_told *told)
{
    enum { TOGETHER_S = 120 };
    bool is_class = told->group == 4;
    uint64_t count = told->spike.count;
    if (open_index(told->group) == SIZE_MAX)
        return (struct ha_live_twin){0, false};
    for (int group = is_class ? 400 : 4; group < 500; group++) {
        size_t i = open_index(group);
        int64_t apart = o->first_s[i] - told->first_s;
        uint64_t class = is_class ? count : o->count[i], status = is_class ? o->count[i] : count;
        if (o->is_open[i] && apart <= TOGETHER_S && apart >= -TOGETHER_S)
            return (struct ha_live_twin){group, status >= class - class / 5};
        if (!is_class)
            break;
    }
    return (struct ha_live_twin){0, false};
}

void ha_live_open_take(struct ha_live_open *o, const struct ha_spike_told *told)
{
    size_t i = open_index(told->group);
    if (i == SIZE_MAX)
        return;
    o->is_open[i] =
        told->kind == HA_TOLD_START || told->kind == HA_TOLD_AGAIN || told->kind == HA_TOLD_WORSE;
    o->first_s[i] = told->first_s;
    o->count[i] = told->spike.count;
}
