/* prefix_log.h - what logging libraries (Python's logging, logback, log4js, winston, zap, spdlog)
 * set before a message. Each function moves on behind what it reads and says true, or stays and
 * says false. */
#ifndef HTTPANNOTATE_PARSE_PREFIX_LOG_H
#define HTTPANNOTATE_PARSE_PREFIX_LOG_H

#include "parse/cursor.h"
#include "parse/prefix.h"

/* 2026-11-24T10:00:00.123Z and its kin, with a blank or slashes, with a zone or none (HA_NO_ZONE);
 * *whole: it has one. p gets the time. */
bool ha_prefix_time(struct ha_cursor *c, struct ha_prefix *p, bool *whole);
/* INFO , [INFO] , and the name of the logger where a client follows it. */
bool ha_level_alone(struct ha_cursor *c);
/* INFO [thread] name - , [thread] INFO name: , name - INFO - , 12 INFO name [id] : up to the mark
 * before the message, or to the client or object behind brackets. */
bool ha_level_and_name(struct ha_cursor *c);
/* INFO:werkzeug: , as Python's logging begins a line when nobody configures it. */
bool ha_level_with_name(struct ha_cursor *c);
/* INFO 192.0.2.1 and more than one column before a bracket: "INFO 192.0.2.1 - [" may be a line
 * whose client is called INFO. */
bool ha_level_and_client(struct ha_cursor *c);
/* [2026-11-24 10:00:00,123] INFO in name: , [...] [INFO] name - , [...] [12] [INFO] . */
bool ha_bracketed_time(struct ha_cursor *c, struct ha_prefix *p);
/* Columns with tabs behind a time, up to the last tab before a brace or quote, as zap's console
 * encoder writes them. */
bool ha_tabbed_columns(struct ha_cursor *c);

#endif
