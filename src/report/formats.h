/* formats.h - the functions behind the table of reporters, one a file. */
#ifndef HA_REPORT_FORMATS_H
#define HA_REPORT_FORMATS_H

#include "httpannotate/report.h"

ha_report_fn ha_report_text;
ha_report_fn ha_report_json;

#endif
