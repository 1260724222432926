/* options.h - argv becomes what a run is asked to do.
 *
 * Layer 6. One table, tbl/options.def, gives parsing, --help, the manual page and completions. */
#ifndef HTTPANNOTATE_OPTIONS_H
#define HTTPANNOTATE_OPTIONS_H

#include "httpannotate/pipeline.h"

enum ha_mode {
    HA_MODE_RUN,     /* annotate and report */
    HA_MODE_MERGE,   /* -m; config.files are partial reports */
    HA_MODE_EXPLAIN, /* -x; config.files are the terms */
    HA_MODE_TEXT,    /* --help, --version, --generate: text is to be written, exit 0 */
    HA_MODE_LIST_PATTERNS,
    HA_MODE_LIST_FINDINGS,
    HA_MODE_CHECK_PATTERN, /* check_pattern names the file */
};

struct ha_options {
    enum ha_mode mode;
    struct ha_config config;
    bool explain_json;
    const char *check_pattern;
    struct ha_buf text;  /* HA_MODE_TEXT */
    struct ha_buf again; /* behind config.again */
    void *owned;         /* memory behind the strings and arrays of config */
};

/* Reads the configuration file (unless --no-config), then argv. argv's strings must outlive *o. On
 * HA_ERR_SYNTAX *p holds the message, with the nearest option for a mistyped one. Release with
 * ha_options_free in any case. */
enum ha_err ha_options_parse(int argc, char **argv, struct ha_options *o,
                             struct ha_problem *p) HA_MUST_USE;
void ha_options_free(struct ha_options *o);

#endif
