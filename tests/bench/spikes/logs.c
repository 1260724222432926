/* logs.c - see logs.h. Draws in a fixed order, line by line and minute by minute. */
#include "logs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "noise.h"

enum { WORD = 512, GAPS = 8, DAY_MINUTES = 1440, LINE_BYTES = 160 };

enum happening_kind { SPIKE, ADD, SURGE };
struct happening {
    enum happening_kind kind;
    int group;
    long minute, duration;
    double factor;
};
struct plan {
    long minutes;
    int64_t start_s;
    double good, phi, amp, jitter, late_share, late_s;
    int only; /* 0, or the class that is written */
    struct {
        int group;
        double rate;
    } errors[LOG_GROUPS];
    size_t error_count;
    struct {
        long from, to;
    } gaps[GAPS];
    size_t gap_count;
    struct happening happenings[LOG_EVENTS];
    size_t happening_count;
};

/* A line that waits to be written. */
struct pending {
    double written_s;
    uint64_t seq;
    int64_t time_s;
    int status;
};
struct queue {
    struct pending *list;
    size_t count, cap;
    uint64_t seq;
};

static int group_of(const char *text)
{
    return strncmp(text, "429:", 4) == 0 ? 0 : strncmp(text, "5xx:", 4) == 0 ? 1 : -1;
}

static bool read_errors(struct plan *p, const char *text)
{
    p->error_count = 0;
    while (*text != '\0') {
        int group = group_of(text);
        char *end = NULL;
        if (group < 0 || p->error_count == LOG_GROUPS)
            return false;
        p->errors[p->error_count].group = group;
        p->errors[p->error_count++].rate = strtod(text + 4, &end);
        text = *end == ',' ? end + 1 : end;
        if (end[0] != '\0' && end[0] != ',')
            return false;
    }
    return true;
}

static bool read_gaps(struct plan *p, const char *text)
{
    while (*text != '\0') {
        char *end = NULL;
        if (p->gap_count == GAPS)
            return false;
        p->gaps[p->gap_count].from = strtol(text, &end, 10);
        if (*end != '-')
            return false;
        p->gaps[p->gap_count++].to = strtol(end + 1, &end, 10);
        text = *end == ',' ? end + 1 : end;
    }
    return true;
}

static bool read_happenings(struct plan *p, enum happening_kind kind, const char *text)
{
    while (*text != '\0') {
        if (p->happening_count == LOG_EVENTS)
            return false;
        struct happening *h = &p->happenings[p->happening_count++];
        char *end = NULL;
        *h = (struct happening){.kind = kind, .group = group_of(text)};
        text += 4; /* "429:", "5xx:", "all:" */
        h->minute = strtol(text, &end, 10);
        if (*end != ':' || (kind != SURGE && h->group < 0))
            return false;
        h->duration = strtol(end + 1, &end, 10);
        if (*end != ':')
            return false;
        h->factor = strtod(end + 1, &end);
        text = *end == ',' ? end + 1 : end;
    }
    return true;
}

static bool read_word(struct plan *p, const char *key, const char *value)
{
    const struct {
        const char *name;
        double *to;
    } numbers[] = {{"good", &p->good}, {"phi", &p->phi}, {"amp", &p->amp}, {"jitter", &p->jitter}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i].name) == 0) {
            *numbers[i].to = strtod(value, NULL);
            return true;
        }
    if (strcmp(key, "minutes") == 0) {
        p->minutes = strtol(value, NULL, 10);
    } else if (strcmp(key, "start") == 0) {
        p->start_s = strtoll(value, NULL, 10);
    } else if (strcmp(key, "late") == 0) {
        char *end = NULL;
        p->late_share = strtod(value, &end);
        p->late_s = *end == ':' ? strtod(end + 1, NULL) : 0;
    } else if (strcmp(key, "only") == 0) {
        p->only = value[0] - '0';
    } else if (strcmp(key, "err") == 0) {
        return read_errors(p, value);
    } else if (strcmp(key, "gap") == 0) {
        return read_gaps(p, value);
    } else {
        return false;
    }
    return true;
}

/* The happenings of one kind stand in one word; they apply in the order spike, add, surge. */
static bool read_plan(const char *line, struct plan *p)
{
    static const char *const kinds[] = {"spike", "add", "surge"};
    char words[3][WORD] = {"", "", ""};
    *p = (struct plan){.minutes = 120, .start_s = 1767225600, .good = 200, .phi = 1.5, .jitter = 2};
    if (!read_errors(p, "429:4,5xx:0.5"))
        return false;
    while (*line != '\0') {
        size_t len = strcspn(line, " ");
        char word[WORD];
        if (len >= sizeof word)
            return false;
        memcpy(word, line, len);
        word[len] = '\0';
        line += len + strspn(line + len, " ");
        char *value = strchr(word, '=');
        if (value == NULL)
            return false;
        *value++ = '\0';
        int kind = 0;
        while (kind < 3 && strcmp(word, kinds[kind]) != 0)
            kind++;
        if (kind < 3)
            memcpy(words[kind], value, strlen(value) + 1);
        else if (!read_word(p, word, value))
            return false;
    }
    for (int kind = 0; kind < 3; kind++)
        if (!read_happenings(p, (enum happening_kind)kind, words[kind]))
            return false;
    return true;
}

static bool happens(const struct happening *h, long minute)
{
    return minute >= h->minute && minute < h->minute + h->duration;
}

static bool is_gap(const struct plan *p, long minute)
{
    for (size_t i = 0; i < p->gap_count; i++)
        if (minute >= p->gaps[i].from && minute < p->gaps[i].to)
            return true;
    return false;
}

static bool push(struct queue *q, int64_t time_s, int status)
{
    if (q->count == q->cap) {
        size_t cap = q->cap == 0 ? 4096 : q->cap * 2;
        struct pending *grown = realloc(q->list, cap * sizeof *grown);
        if (grown == NULL)
            return false;
        q->list = grown;
        q->cap = cap;
    }
    q->list[q->count++] = (struct pending){0, 0, time_s, status};
    return true;
}

/* The lines of one minute, in the order of drawing; then when each is written. */
static bool draw_minute(const struct plan *p, long minute, struct random *r, struct queue *q)
{
    static const int codes[LOG_GROUPS][4] = {{429}, {500, 502, 503, 504}};
    static const uint64_t code_count[LOG_GROUPS] = {1, 4};
    int64_t at = p->start_s + 60 * minute;
    double season = exp(p->amp * sin(2 * 3.14159265358979323846 * (double)minute / DAY_MINUTES));
    double surge = 1;
    for (size_t i = 0; i < p->happening_count; i++)
        if (p->happenings[i].kind == SURGE && happens(&p->happenings[i], minute))
            surge = p->happenings[i].factor;
    size_t first = q->count;
    for (uint64_t n = noise_poisson(r, p->good * season * surge); n > 0; n--) {
        int64_t t = at + (int64_t)random_below(r, 60);
        if (!push(q, t, noise_uniform(r) < .93 ? 200 : 304))
            return false;
    }
    for (size_t e = 0; e < p->error_count; e++) {
        int group = p->errors[e].group;
        double x = p->errors[e].rate * season * surge;
        for (size_t i = 0; i < p->happening_count; i++) {
            const struct happening *h = &p->happenings[i];
            if (h->kind != SURGE && h->group == group && happens(h, minute))
                x = h->kind == SPIKE ? x * h->factor : x + h->factor;
        }
        for (uint64_t n = noise_bursty(r, x, p->phi); n > 0; n--) {
            int64_t t = at + (int64_t)random_below(r, 60);
            if (!push(q, t, codes[group][random_below(r, code_count[group])]))
                return false;
        }
    }
    for (size_t i = first; i < q->count; i++) {
        struct pending *l = &q->list[i];
        l->written_s = (double)l->time_s + noise_uniform(r) * p->jitter;
        if (l->status >= 500 && noise_uniform(r) < p->late_share)
            l->written_s += p->late_s; /* failed slowly, written with the time of its start */
        l->seq = q->seq++;
    }
    return true;
}

static int by_writing(const void *a, const void *b)
{
    const struct pending *x = a, *y = b;
    if (x->written_s < y->written_s || x->written_s > y->written_s)
        return x->written_s < y->written_s ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void count(struct log_minute *m, int status)
{
    m->lines++;
    if (status < 400)
        m->good++;
    else
        m->errors[status == 429 ? 0 : 1]++;
}

/* Room for one line more. */
static bool make_room(struct log *l)
{
    if (l->cap - l->len < LINE_BYTES) {
        size_t cap = l->cap == 0 ? 1 << 20 : l->cap * 2;
        char *grown = realloc(l->text, cap);
        if (grown == NULL)
            return false;
        l->text = grown;
        l->cap = cap;
    }
    if (l->line_count == l->line_cap) {
        size_t cap = l->line_cap == 0 ? 1 << 13 : l->line_cap * 2;
        struct log_line *grown = realloc(l->lines, cap * sizeof *grown);
        if (grown == NULL)
            return false;
        l->lines = grown;
        l->line_cap = cap;
    }
    return true;
}

static bool write_line(const struct pending *l, struct log *to)
{
    if (!make_room(to))
        return false;
    to->lines[to->line_count++] = (struct log_line){to->len, l->written_s, l->time_s, l->status};
    count(&to->minutes[(l->time_s - to->start_s) / 60], l->status);
    time_t t = (time_t)l->time_s;
    struct tm tm;
    char stamp[40];
    gmtime_r(&t, &tm);
    strftime(stamp, sizeof stamp, "%d/%b/%Y:%H:%M:%S +0000", &tm);
    unsigned long long q = l->seq;
    to->len += (size_t)snprintf(
        to->text + to->len, LINE_BYTES,
        "10.%llu.%llu.%llu - - [%s] \"GET /p/%llu HTTP/1.1\" %d %d \"-\" \"x/1\"\n", q % 7,
        q * 13 % 251, q * 7 % 249, stamp, q % 97, l->status, l->status * 3);
    return true;
}

/* Writes the lines that are due before that time, from the front of the sorted queue. */
static bool write_due(const struct plan *p, struct queue *q, double before_s, struct log *to)
{
    size_t i = 0;
    for (; i < q->count && q->list[i].written_s < before_s; i++) {
        bool wanted = p->only == 0 || q->list[i].status / 100 == p->only;
        if (wanted && !write_line(&q->list[i], to))
            return false;
    }
    q->count -= i;
    if (q->count > 0)
        memmove(q->list, q->list + i, q->count * sizeof *q->list);
    return true;
}

static bool make(const struct plan *p, uint64_t seed, struct queue *q, struct log *to)
{
    struct random r = {seed};
    for (long m = 0; m < p->minutes; m++) {
        if (is_gap(p, m))
            continue;
        if (!draw_minute(p, m, &r, q))
            return false;
        if (q->count > 0)
            qsort(q->list, q->count, sizeof *q->list, by_writing);
        if (!write_due(p, q, (double)(p->start_s + 60 * (m + 1)), to))
            return false;
    }
    return write_due(p, q, INFINITY, to);
}

bool log_make(const char *line, uint64_t seed, struct log *to)
{
    struct plan p;
    *to = (struct log){0};
    if (!read_plan(line, &p)) {
        fprintf(stderr, "a generator line that cannot be read: %s\n", line);
        return false;
    }
    to->start_s = p.start_s;
    for (size_t i = 0; i < p.happening_count; i++) {
        const struct happening *h = &p.happenings[i];
        if (h->kind != SURGE)
            to->truth[to->truth_count++] = (struct log_truth){
                h->group, p.start_s + 60 * h->minute, p.start_s + 60 * (h->minute + h->duration)};
    }
    struct queue q = {0};
    to->minute_count = p.minutes > 0 ? (size_t)p.minutes : 0;
    to->minutes = calloc(to->minute_count + 1, sizeof *to->minutes);
    bool made = to->minutes != NULL && make(&p, seed, &q, to);
    free(q.list);
    if (!made) {
        fputs("no memory for the log\n", stderr);
        log_free(to);
    }
    return made;
}

void log_free(struct log *l)
{
    free(l->text);
    free(l->lines);
    free(l->minutes);
    *l = (struct log){0};
}

static int by_line_writing(const void *a, const void *b)
{
    const struct log_line *x = a, *y = b;
    if (x->written_s < y->written_s || x->written_s > y->written_s)
        return x->written_s < y->written_s ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

bool log_shuffle(const struct log *l, double within_s, uint64_t seed, struct log *to)
{
    struct random r = {seed};
    *to = (struct log){.len = l->len,
                       .cap = l->len,
                       .start_s = l->start_s,
                       .line_count = l->line_count,
                       .line_cap = l->line_count,
                       .minute_count = l->minute_count,
                       .truth_count = l->truth_count};
    memcpy(to->truth, l->truth, sizeof to->truth);
    to->text = malloc(l->len + 1);
    to->lines = calloc(l->line_count + 1, sizeof *to->lines);
    to->minutes = calloc(l->minute_count + 1, sizeof *to->minutes);
    if (to->text == NULL || to->lines == NULL || to->minutes == NULL) {
        log_free(to);
        return false;
    }
    memcpy(to->minutes, l->minutes, l->minute_count * sizeof *l->minutes);
    memcpy(to->lines, l->lines, l->line_count * sizeof *l->lines);
    for (size_t i = 0; i < l->line_count; i++)
        to->lines[i].written_s += noise_uniform(&r) * within_s;
    qsort(to->lines, to->line_count, sizeof *to->lines, by_line_writing);
    size_t at = 0;
    for (size_t i = 0; i < to->line_count; i++) {
        const char *from = l->text + to->lines[i].at;
        size_t len = (size_t)((const char *)memchr(from, '\n', LINE_BYTES) - from) + 1;
        memcpy(to->text + at, from, len);
        to->lines[i].at = at;
        at += len;
    }
    return true;
}
