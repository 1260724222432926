/* places_fuzz.c - files of --resume written by strangers.
 *
 * What begins with 'S' is the text behind it as it stands; anything else is lines that get the
 * right head, count and checksum, so that the checks behind these are reached. What is taken is
 * written again: read once more it must be the same. */
#include <string.h>

#include "base/hash.h"
#include "fuzz.h"
#include "httpannotate/place.h"

static void read_text(struct ha_view text)
{
    struct ha_places places = {0}, again = {0};
    struct ha_problem p;
    enum ha_err err = ha_places_read(text, "st", &places, &p);
    HA_ASSERT(err == HA_OK || err == HA_ERR_SYNTAX);
    HA_ASSERT(err == HA_OK || places.count == 0);
    struct ha_buf once = {0}, twice = {0};
    ha_places_write(&places, &once);
    HA_ASSERT(ha_buf_ok(&once));
    struct ha_view written = {once.ptr, once.len};
    HA_ASSERT(ha_places_read(written, "st", &again, &p) == HA_OK);
    ha_places_write(&again, &twice);
    HA_ASSERT(ha_view_eq(written, (struct ha_view){twice.ptr, twice.len}));
    for (size_t i = 0; i < places.count; i++) {
        HA_ASSERT(places.items[i].name[0] == '/');
        HA_ASSERT(ha_places_find(&places, places.items[i].name) == &places.items[i]);
    }
    ha_buf_free(&once);
    ha_buf_free(&twice);
    ha_places_done(&places);
    ha_places_done(&again);
}

static void read_lines(const char *lines, size_t len)
{
    struct ha_buf text = {0};
    size_t count = 0;
    ha_buf_str(&text, "httpannotate.resume/1\n");
    ha_buf_bytes(&text, lines, len);
    for (size_t i = 0; i < len; i++)
        count += lines[i] == '\n';
    if (len > 0 && lines[len - 1] != '\n') {
        ha_buf_char(&text, '\n');
        count++;
    }
    HA_ASSERT(ha_buf_ok(&text));
    uint64_t sum = ha_hash(text.ptr, text.len, 0);
    ha_buf_printf(&text, "end %zu %016llx\n", count, (unsigned long long)sum);
    read_text((struct ha_view){text.ptr, text.len});
    ha_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = fuzz_copy(data, size);
    if (size > 0 && copy[0] == 'S')
        read_text((struct ha_view){copy + 1, size - 1});
    else
        read_lines(copy, size);
    ha_free(copy);
    return 0;
}
