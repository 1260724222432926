/* scenarios.c - see scenarios.h. */
#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool split_row(char *row, char **field, size_t count)
{
    size_t n = 0;
    row[strcspn(row, "\n")] = '\0';
    for (char *at = row; at != NULL; n++) {
        if (n == count)
            return false;
        field[n] = at;
        at = strchr(at, '\t');
        if (at != NULL)
            *at++ = '\0';
    }
    return n == count;
}

static bool read_row(struct scenario *s)
{
    char *field[4];
    if (!split_row(s->text, field, 4))
        return false;
    s->name = field[0];
    s->line = field[1];
    char *end = NULL;
    s->wanted[0] = (int)strtol(field[2], &end, 10);
    if (*end != ',')
        return false;
    s->wanted[1] = (int)strtol(end + 1, &end, 10);
    s->limit_s = strcmp(field[3], "-") == 0 ? 0 : strtol(field[3], NULL, 10);
    return *end == '\0';
}

bool scenarios_read(const char *folder, struct scenarios *to)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/scenarios.tsv", folder);
    FILE *f = fopen(path, "r");
    bool ok = f != NULL;
    to->count = 0;
    while (ok && to->count < SCENARIOS) {
        struct scenario *s = &to->list[to->count];
        if (fgets(s->text, sizeof s->text, f) == NULL)
            break;
        if (s->text[0] == '#')
            continue;
        ok = read_row(s);
        to->count++;
    }
    if (f != NULL)
        fclose(f);
    if (!ok || to->count == 0)
        fprintf(stderr, "%s: cannot be read as scenarios\n", path);
    return ok && to->count > 0;
}

const struct scenario *scenario_named(const struct scenarios *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->list[i].name, name) == 0)
            return &all->list[i];
    return NULL;
}
