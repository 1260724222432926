/* follow_name.h - the files of one name that is followed: the one that it is read from now, and
 * late ones: those that had the name before, which a server may still write to, and the copy of one
 * that was truncated. */
#ifndef HTTPANNOTATE_INPUT_FOLLOW_NAME_H
#define HTTPANNOTATE_INPUT_FOLLOW_NAME_H

#include <poll.h>

#include "input/follow_held.h"

/* What is to be said of a name where reading goes on. */
enum ha_remark { HA_REMARK_NONE, HA_REMARK_GONE, HA_REMARK_MANY, HA_REMARK_EMPTY, HA_REMARK_LOST };

enum {
    HA_LATE_MOST = 4, /* late files of a name at a time; the oldest gives way */
    HA_NEXT_MOST = 8, /* files that had the name later than the one that is read */
};

struct ha_followed {
    const char *name;
    struct ha_held *now;                /* NULL: no file is open */
    struct ha_held *late[HA_LATE_MOST]; /* in the order in which they are read */
    struct ha_held *next[HA_NEXT_MOST]; /* the same; read when it is their turn to be `now` */
    size_t late_count, next_count;
    int64_t seen_us;  /* when it led to `now` last, since the epoch */
    int64_t known_us; /* the same of the newest that is open; 0: that is not known */
    bool due;         /* there may be something to do: */
    bool look;        /* also before there is nothing more to read */
    bool soon;        /* to be looked at again before long */
    bool ended;       /* there will be nothing more */
    bool was_open;
    size_t files; /* that were opened under the name */
    int told;     /* the errno that was told last */
    enum ha_remark remark;
    int64_t away_since_us, filled_since_us; /* 0: it is not so */
};

struct ha_follow {
    struct ha_follow_options options;
    struct ha_followed *names;
    size_t count, at;       /* whose turn it is */
    size_t turn;            /* blocks of it in a row */
    bool ending;            /* ha_follow_end */
    bool caught_up;         /* all names were read to their end once */
    struct ha_source *lent; /* what the memory that was lent last is in use by; NULL: by none */
    int notify;             /* notify.h */
    int64_t looked_us;      /* when all names were looked at */
    struct pollfd *polled;

    const struct ha_places *places; /* ha_follow_know, or NULL */
    struct ha_file_id *ids; /* what the names led to at the start, and room for two; or NULL */
};

int64_t ha_follow_clock_us(void);
/* Now, since the epoch. */
int64_t ha_follow_epoch_us(void);
/* Closes *h, which may be NULL. */
void ha_follow_close(struct ha_follow *f, struct ha_held **h);
/* Opens what the name leads to. -1 with errno set. */
int ha_followed_open(const struct ha_followed *n, struct stat *st);
/* As ha_held_new, for a file of the name. */
enum ha_err ha_followed_hold(struct ha_follow *f, const struct ha_followed *n, int fd,
                             struct ha_held_start start, struct ha_held **out,
                             struct ha_problem *p) HA_MUST_USE;
/* Where there is no room for one more the oldest leaves, though more of it might come. */
void ha_followed_push_late(struct ha_followed *n, struct ha_held *h);
/* Looks at a name whose files have nothing more to do, and takes the next step. HA_FOLLOW_WAIT:
 * nothing is to be told; the name stays due as long as there is more to do. */
enum ha_follow_state ha_followed_step(struct ha_follow *f, struct ha_followed *n,
                                      struct ha_problem *p);
enum ha_follow_state ha_followed_tell_remark(struct ha_followed *n, struct ha_problem *p);
/* follow_next.c: looks at the files whose turn has not come. One that was truncated is preceded by
 * the copy that was made of it. */
enum ha_err ha_followed_watch_next(struct ha_follow *f, struct ha_followed *n,
                                   struct ha_problem *p) HA_MUST_USE;
/* follow_next.c: the name leads to another file (fd) than when it was looked at last. Those that
 * had it in between line up, before that one. */
enum ha_err ha_followed_add_former(struct ha_follow *f, struct ha_followed *n, int fd,
                                   struct ha_problem *p) HA_MUST_USE;
/* What will be read first of it, or NULL. */
struct ha_held *ha_followed_first(const struct ha_followed *n);
bool ha_followed_is_stdin(const struct ha_followed *n);

#endif
