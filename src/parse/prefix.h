/* prefix.h - what syslog, journald and container runtimes put before a line. */
#ifndef HTTPANNOTATE_PARSE_PREFIX_H
#define HTTPANNOTATE_PARSE_PREFIX_H

#include "httpannotate/base.h"

struct ha_prefix {
    size_t len;    /* bytes of the prefix, with the blanks behind it */
    bool has_time; /* it says a day and a clock: of the write, a moment after the request */
    int64_t time_us;
    int offset_min; /* HA_NO_ZONE: in the zone of the log's times */
};
/* Recognises one prefix at the beginning of a line; they may stand in a row. False when there is
 * none or nothing stands behind it. A prefix alone says nothing: what is behind it must be a log
 * line. */
bool ha_prefix_find(struct ha_view line, struct ha_prefix *out);
/* True for a beginning that no log format has: syslog's <PRI> or its time, host and tag, a byte
 * order mark, a level, with or without the name of a logger, a container runtime's time, stream and
 * tag, the name of a file and the number of a line as grep puts them before a client, the count of
 * uniq -c. What is behind it is then read before the line as a whole. */
bool ha_prefix_certain(struct ha_view line);

#endif
