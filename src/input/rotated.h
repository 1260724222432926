/* rotated.h - where a log file went that has lost its name. */
#ifndef HTTPANNOTATE_INPUT_ROTATED_H
#define HTTPANNOTATE_INPUT_ROTATED_H

#include "httpannotate/place.h"

/* Looks in the folder of the name, and in that of the file it leads to where it is a link, for the
 * file that the place speaks of: the same file under another name; else, when copies count, another
 * one whose name begins as this one does (access.log.1) and whose bytes before the place are the
 * same. The file *not_this (by device and inode; NULL: none) is passed over. Returns it open for
 * reading, with *trail filled, or -1. */
struct ha_file_id {
    uint64_t device, inode;
};
int ha_rotated_find(const char *name, const struct ha_place *place, bool copies,
                    const struct ha_file_id *not_this, struct ha_trail *trail);

/* Whether `name` is one that a file of the other name may get: in the same folder, beginning with
 * that name (access.log.1 of access.log). */
bool ha_rotated_is_like(const char *name, const char *of);

/* Whether two names may be of files of one log: in the same folder, and the same but for numbers
 * and endings of compressed files behind them (access.log.1 and access.log.2.gz). */
bool ha_rotated_are_kin(const char *a, const char *b);

/* When an open file came to be, since the epoch as the same clock tells it; 0: that is not kept. */
int64_t ha_rotated_born_us(int fd);

/* Those files that had the name meanwhile: whose names are this one with numbers behind it
 * (access.log.1, access.log-20261124), or with the ending of compressed files (access.log.1.gz),
 * that came to be at since_us (since the epoch) or later, and are none of these. Opens the oldest
 * of them, at most `most`, in the order in which they came to be; *left_out tells whether there are
 * more. Returns how many. On file systems that do not keep that time there are none. */
enum ha_rotated_kind { HA_ROTATED_NUMBERED, HA_ROTATED_PACKED };
enum { HA_ROTATED_MOST = 16 }; /* of `most` */
size_t ha_rotated_since(const char *name, enum ha_rotated_kind kind, uint64_t since_us,
                        const struct ha_file_id *none_of, size_t none_count, int *fds, size_t most,
                        bool *left_out);

#endif
