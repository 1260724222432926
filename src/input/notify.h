/* notify.h - the system tells of changes to files and folders, where it can. */
#ifndef HTTPANNOTATE_INPUT_NOTIFY_H
#define HTTPANNOTATE_INPUT_NOTIFY_H

#include <stdbool.h>

/* A descriptor that can be read when something changed, or -1: nothing is told. */
int ha_notify_open(void);
/* Tells of what happens to an open file, under the number returned, until it is closed for good or
 * ha_notify_drop; -1: it will not be told. */
int ha_notify_file(int notify, int fd);
void ha_notify_drop(int notify, int number);
/* Tells of names that come and go in the folder of a name. The same folder again changes nothing;
 * another one of that name is watched from then on. False when it cannot be. */
bool ha_notify_folder(int notify, const char *name);
/* The numbers of the next events, without waiting, at most `most`; 0: no more now. */
enum { HA_NOTIFY_MOST = 64 };
int ha_notify_take(int notify, int numbers[HA_NOTIFY_MOST]);

#endif
