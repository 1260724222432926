/* twins_test.c - the generator writes, byte for byte, what the written reference of it does.
 *
 *     twins_test FOLDER [LONGEST]     FOLDER has scenarios.tsv and twins.tsv; logs of more than
 *                                     LONGEST bytes are left out */
#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CRC-32 as in ISO 3309 and RFC 1952 section 8. */
static uint32_t crc32_of(const char *text, size_t len)
{
    static uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = (c & 1) != 0 ? UINT32_C(0xedb88320) ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++)
        crc = table[(crc ^ (unsigned char)text[i]) & 255] ^ crc >> 8;
    return ~crc;
}

/* One row of twins.tsv: name, seed, bytes, CRC-32. */
static bool check(const struct scenarios *all, char *row, size_t longest, int *checked)
{
    char *field[4];
    if (!split_row(row, field, 4))
        return false;
    unsigned long long seed = strtoull(field[1], NULL, 10), len = strtoull(field[2], NULL, 10);
    uint32_t crc = (uint32_t)strtoul(field[3], NULL, 16);
    const struct scenario *s = scenario_named(all, field[0]);
    struct log l;
    if (s == NULL || len > longest)
        return s != NULL;
    if (!log_make(s->line, seed, &l))
        return false;
    bool same = l.len == len && crc32_of(l.text, l.len) == crc;
    if (!same)
        printf("%s, seed %llu: %zu bytes instead of %llu, or other bytes\n", s->name, seed, l.len,
               len);
    log_free(&l);
    ++*checked;
    return same;
}

int main(int argc, char **argv)
{
    static struct scenarios all;
    char path[4096], row[512];
    size_t longest = argc > 2 ? strtoull(argv[2], NULL, 10) : SIZE_MAX;
    int checked = 0;
    if (argc < 2 || !scenarios_read(argv[1], &all))
        return 2;
    snprintf(path, sizeof path, "%s/twins.tsv", argv[1]);
    FILE *f = fopen(path, "r");
    bool same = f != NULL;
    while (f != NULL && fgets(row, sizeof row, f) != NULL)
        same &= check(&all, row, longest, &checked);
    if (f != NULL)
        fclose(f);
    printf("%d logs compared\n", checked);
    return same && checked > 0 ? 0 : 1;
}
