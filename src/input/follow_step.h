/* follow_step.h - what to do next about a name that is followed. Its part that needs no files. */
#ifndef HTTPANNOTATE_INPUT_FOLLOW_STEP_H
#define HTTPANNOTATE_INPUT_FOLLOW_STEP_H

#include <stdbool.h>
#include <stdint.h>

/* What a look at a name shows. */
struct ha_sight {
    bool once;        /* as ha_follow_options */
    bool open;        /* a file of it is open: */
    bool changed;     /* it is smaller than what was read of it, or other bytes stand there */
    bool more;        /* it has bytes that were not read */
    bool half_line;   /* a line of it has no end yet */
    bool unlinked;    /* no name leads to it any more */
    int64_t quiet_us; /* since it last gave something */
    bool there;       /* the name leads to a file: */
    bool known;       /* the newest that is open */
    bool next;        /* other files that had the name later are open: */
    bool filled;      /* they are not all empty */
    bool many;        /* as many as there may be */
    /* Since the name no longer leads to the open file; since `filled`. */
    int64_t away_us, filled_us;
};

enum ha_step {
    HA_STEP_WAIT,    /* nothing is to be done */
    HA_STEP_READ,    /* read on */
    HA_STEP_OPEN,    /* open what the name leads to, before it has another name in its turn */
    HA_STEP_RESTART, /* the open file was truncated: from its beginning */
    HA_STEP_SWITCH,  /* the open file is read to its end: go over to the next one */
    HA_STEP_DROP,    /* the open file was deleted, and nobody writes it any more */
};
enum ha_step ha_follow_step(const struct ha_sight *s);

/* Whether the step may soon be another one without anything being told. */
bool ha_follow_soon(const struct ha_sight *s);

#endif
