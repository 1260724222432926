/* facts_fixture.h - the built-in facts, loaded once for a group of tests: start and stop are its
 * set-up and tear-down. */
#ifndef HTTPANNOTATE_TESTS_FACTS_FIXTURE_H
#define HTTPANNOTATE_TESTS_FACTS_FIXTURE_H

#include "httpannotate/facts.h"

static struct ha_facts *facts;

static int start(void **state)
{
    (void)state;
    return ha_facts_load(NULL, &facts, NULL) == HA_OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    ha_facts_free(&facts);
    return 0;
}

#endif
