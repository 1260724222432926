/* nearest.c - distance between names. */
#include "httpannotate/nearest.h"

#define LONGEST 64

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t ha_edit_distance(struct ha_view a, struct ha_view b)
{
    size_t rows[3][LONGEST + 1]; /* of the matrix, the last three, in turn */
    a.len = least(a.len, LONGEST);
    b.len = least(b.len, LONGEST);
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            char ca = lower(a.ptr[i - 1]), cb = lower(b.ptr[j - 1]);
            size_t cost = least(above[j], row[j - 1]) + 1;
            cost = least(cost, above[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca == lower(b.ptr[j - 2]) && lower(a.ptr[i - 2]) == cb)
                cost = least(cost, two_above[j - 2] + 1);
            row[j] = cost;
        }
    }
    return rows[a.len % 3][b.len];
}

size_t ha_near_enough(size_t len)
{
    return len < 3 ? 1 : len / 3;
}
