/* problem.c - bugs stop the program; problems of the world are told. */
#include "httpannotate/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void ha_assert_failed(const char *cond, const char *file, int line)
{
    fprintf(stderr, "httpannotate: a bug in the program: %s does not hold (%s:%d)\n", cond, file,
            line);
    abort();
}

static void set_place(struct ha_problem *p, const char *place)
{
    snprintf(p->place, sizeof p->place, "%s", place ? place : "");
}

enum ha_err ha_problem_set(struct ha_problem *p, enum ha_err err, const char *place,
                           const char *cause_fmt, ...)
{
    if (p == NULL)
        return err;
    *p = (struct ha_problem){.err = err};
    set_place(p, place);
    va_list args;
    va_start(args, cause_fmt);
    vsnprintf(p->cause, sizeof p->cause, cause_fmt, args);
    va_end(args);
    return err;
}

void ha_problem_at(struct ha_problem *p, size_t line, size_t column)
{
    if (p == NULL)
        return;
    p->line = line;
    p->column = column;
}

enum ha_err ha_problem_os(struct ha_problem *p, const char *place, int os_error)
{
    if (p == NULL)
        return HA_ERR_IO;
    *p = (struct ha_problem){.err = HA_ERR_IO, .os_error = os_error};
    set_place(p, place);
    char words[128];
    /* The GNU strerror_r returns the text and need not use the buffer. */
    snprintf(p->cause, sizeof p->cause, "%s", strerror_r(os_error, words, sizeof words));
    return HA_ERR_IO;
}
