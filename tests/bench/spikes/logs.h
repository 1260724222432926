/* logs.h - access logs with known incidents, made from one line of text and a seed.
 *
 * The line is words KEY=VALUE:
 *     minutes=120 start=1767225600      length, epoch of the first minute
 *     good=200                          good requests a minute
 *     err=429:4,5xx:0.5 phi=1.5         errors a minute by group; variance by mean of their counts
 *     amp=0                             daily season: rates times exp(amp sin(2 pi minute / 1440))
 *     jitter=2                          a line is written up to so many seconds late
 *     late=0.8:60                       that share of the 5xx is written so many seconds later
 * still gap=300-380                       minutes without a line spike=429:400:10:5 group, minute,
 * duration, factor;  several by commas add=5xx:400:5:60                  the same, errors a minute
 * on top surge=all:400:20:6                the same, factor of all traffic only=5xx writes that
 * class alone */
#ifndef HTTPANNOTATE_BENCH_LOGS_H
#define HTTPANNOTATE_BENCH_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_EVENTS = 16, LOG_GROUPS = 2 };

/* What is known to happen. */
struct log_truth {
    int group; /* 0: 429, 1: 5xx */
    int64_t start_s, end_s;
};
/* What the lines of one minute are. */
struct log_minute {
    uint32_t lines, good, errors[LOG_GROUPS]; /* good: status below 400 */
};
/* One line: where its text begins, when it was written, and what it says. */
struct log_line {
    size_t at;
    double written_s;
    int64_t time_s;
    int status;
};
struct log {
    char *text;
    size_t len, cap;
    int64_t start_s;
    struct log_line *lines;
    size_t line_count, line_cap;
    struct log_minute *minutes;
    size_t minute_count;
    struct log_truth truth[LOG_EVENTS];
    size_t truth_count;
};

/* Makes the log that the line describes. false: the line is wrong, or no memory; said on standard
 * error. */
bool log_make(const char *line, uint64_t seed, struct log *to);
void log_free(struct log *l);

/* The same lines, each up to so many seconds later than it was written. false: no memory. */
bool log_shuffle(const struct log *l, double within_s, uint64_t seed, struct log *to);

#endif
