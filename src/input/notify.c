/* notify.c - inotify(7). What it tells is that something is worth a look, never what is true:
 * events get lost, and file systems of other machines have none. */
#include "input/notify.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "httpannotate/base.h"

int ha_notify_open(void)
{
    return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

int ha_notify_file(int notify, int fd)
{
    char path[64];
    if (notify < 0)
        return -1;
    /* By the descriptor: the name may lead elsewhere already. */
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return inotify_add_watch(notify, path, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
}

void ha_notify_drop(int notify, int number)
{
    if (notify >= 0 && number >= 0)
        (void)inotify_rm_watch(notify, number);
}

bool ha_notify_folder(int notify, const char *name)
{
    char path[PATH_MAX];
    const char *slash = strrchr(name, '/');
    size_t len = slash == NULL ? 1 : slash == name ? 1 : (size_t)(slash - name);
    if (notify < 0 || len >= sizeof path)
        return false;
    memcpy(path, slash == NULL ? "." : name, len);
    path[len] = '\0';
    return inotify_add_watch(notify, path,
                             IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MOVE_SELF |
                                 IN_DELETE_SELF | IN_ONLYDIR) >= 0;
}

int ha_notify_take(int notify, int numbers[HA_NOTIFY_MOST])
{
    /* Room for one event with the longest name, or so many without: no more than `numbers` holds.
     */
    char many[HA_NOTIFY_MOST * sizeof(struct inotify_event)];
    _Static_assert(sizeof many >= sizeof(struct inotify_event) + NAME_MAX + 1, "one event fits");
    int count = 0;
    if (notify < 0)
        return 0;
    int64_t got = ha_read(notify, many, sizeof many);
    for (int64_t at = 0; got > 0 && at + (int64_t)sizeof(struct inotify_event) <= got;) {
        struct inotify_event event;
        memcpy(&event, many + at, sizeof event);
        numbers[count++] = event.wd;
        at += (int64_t)(sizeof event + event.len);
    }
    return count;
}
