/* formats.h - the functions behind the table of reporters, one a file. */
#ifndef HA_REPORT_FORMATS_H
#define HA_REPORT_FORMATS_H

#include "httpannotate/report.h"

ha_report_fn ha_report_text;
ha_report_fn ha_report_json;

/* What every format says of a method: its meaning, also where the tables do not list it. Static. */
const char *ha_method_meaning(const struct ha_report_method *m);
/* "1xx" to "5xx", "other". Static. */
const char *ha_class_key(int status);

#endif
