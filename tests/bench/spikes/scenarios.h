/* scenarios.h - the rows of scenarios.tsv. */
#ifndef HTTPANNOTATE_BENCH_SCENARIOS_H
#define HTTPANNOTATE_BENCH_SCENARIOS_H

#include "logs.h"

enum { SCENARIOS = 32 };
struct scenario {
    char text[512]; /* the row, cut at its TABs */
    const char *name, *line;
    int wanted[LOG_GROUPS]; /* alerts */
    long limit_s;           /* from the start of the spike until it is told; 0: nothing to tell */
};
struct scenarios {
    struct scenario list[SCENARIOS];
    size_t count;
};

/* Reads scenarios.tsv in that folder. false: not there or not so; said on standard error. */
bool scenarios_read(const char *folder, struct scenarios *to);
const struct scenario *scenario_named(const struct scenarios *all, const char *name);

/* Cuts a row at its TABs and its newline into so many fields. false: it has fewer or more. */
bool split_row(char *row, char **field, size_t count);

#endif
