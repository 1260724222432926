/* follow.h - files by name, through rotation: to their end, or as they grow.
 *
 * Layer 2. A name is read as the lines that stand under it one after the other: when it leads to
 * another file, the one before is read to its end first; when its file was truncated, from the
 * beginning. Several names are read side by side, block by block. */
#ifndef HTTPANNOTATE_FOLLOW_H
#define HTTPANNOTATE_FOLLOW_H

#include "httpannotate/place.h"
#include "httpannotate/source.h"

struct ha_follow_options {
    struct ha_limits limits;
    int wake_fd; /* can be read: HA_FOLLOW_STOP, and ha_follow_wait returns */
    bool once;   /* read up to where the files end now; half a line at the end is left for later */
    /* With ha_follow_end, half a line at the end of a file is left for the run that goes on
     * from there; without that it is given as it is. */
    bool is_gone_on_with;
    bool no_notify; /* look at the files at intervals, as where the system tells nothing of them */
};

struct ha_follow;
/* names ("-" for standard input) must outlive it. HA_ERR_MEMORY only. */
enum ha_err ha_follow_new(const char *const *names, size_t count,
                          const struct ha_follow_options *options,
                          struct ha_follow **out) HA_MUST_USE;
void ha_follow_free(struct ha_follow **f);
/* Before the first ha_follow_begin_at: how far all files were read, under whatever names. places
 * must not change before the last one. */
void ha_follow_know(struct ha_follow *f, const struct ha_places *places);
/* Before anything is read: the name was read up to the place (NULL: never). Its file is looked for,
 * under other names in its folder, too, and what was not read of it comes first, unless it is read
 * under another one of the names. When the file that has the name now is one of ha_follow_know, it
 * goes on from there, and so does the copy of one that was truncated. HA_ERR_MEMORY only. */
enum ha_err ha_follow_begin_at(struct ha_follow *f, size_t name,
                               const struct ha_place *place) HA_MUST_USE;
/* Lines of the name's file that end before what will be read first. */
uint64_t ha_follow_lines(const struct ha_follow *f, size_t name);
/* Whether what will be read first is the rest of a line that was too long. */
bool ha_follow_in_line(const struct ha_follow *f, size_t name);
/* Shows what stands before that, where the file begins with #, in runs of whole lines. */
typedef void ha_follow_visit_fn(void *arg, struct ha_view lines);
enum ha_err ha_follow_head(struct ha_follow *f, size_t name, ha_follow_visit_fn *visit,
                           void *arg) HA_MUST_USE;

enum ha_follow_state {
    HA_FOLLOW_BLOCK, /* *block of the name */
    HA_FOLLOW_WAIT,  /* there is no more now: ha_follow_wait, then call again */
    HA_FOLLOW_STOP,  /* wake_fd can be read; call again to go on */
    HA_FOLLOW_NOTE,  /* *p is worth to be said; nothing is wrong */
    HA_FOLLOW_ERROR, /* *p says what is wrong (HA_ERR_MEMORY: all is); call again for the rest */
    HA_FOLLOW_END,   /* there will be no more */
};
/* The next block, read into *into as ha_source_lend has it, and the index of its name. */
enum ha_follow_state ha_follow_next(struct ha_follow *f, struct ha_chunk *into,
                                    struct ha_block *block, size_t *name, struct ha_problem *p);
/* Waits until something may have changed. */
void ha_follow_wait(struct ha_follow *f);
/* Nothing more is waited for: what the files hold by now is read, of each name in the order in
 * which they had it, and HA_FOLLOW_END comes. Again: nothing changes. */
void ha_follow_end(struct ha_follow *f);
/* How far a name was read, in *place (but for its name). False: nothing is known that would be
 * better than what was known before. */
bool ha_follow_place(const struct ha_follow *f, size_t name, struct ha_place *place);

#endif
