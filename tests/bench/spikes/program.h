/* program.h - runs the program over a log and reads the spikes of its report, and what it tells of
 * them while it reads. */
#ifndef HTTPANNOTATE_BENCH_PROGRAM_H
#define HTTPANNOTATE_BENCH_PROGRAM_H

#include "logs.h"

/* How the log comes. */
enum way {
    AS_FILE,
    IN_PIECES, /* a pipe: uneven pieces, a read each, with pauses now and then */
    IN_BYTES,  /* a pipe: a read for each byte */
};

enum { REPORTED = 64 };
struct report {
    void *json; /* the whole report */
    struct reported {
        int group;
        int64_t start_s, end_s;
        bool is_open;
    } spikes[REPORTED]; /* of 429 and 5xx */
    size_t count;
    struct told {
        int group;
        bool withdrawn; /* else an alert */
        int64_t time_s; /* by the log's time */
    } told[REPORTED];
    size_t told_count;
};

/* Runs `bin -r -o json --spike-group=429,5xx --on-spike=...` over the log. false: it failed, or its
 * report has no spikes; said on standard error. */
bool program_report(const char *bin, const struct log *l, enum way way, struct report *to);
/* Whether all is the same but the lists of what is most frequent, which are estimates when there is
 * too much to remember. */
bool report_same(const struct report *a, const struct report *b);
void report_free(struct report *r);

#endif
