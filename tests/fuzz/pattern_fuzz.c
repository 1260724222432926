/* pattern_fuzz.c - any bytes as a pattern file. */
#include "fuzz.h"
#include "parse/pattern_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = fuzz_copy(data, size);
    struct ha_pattern_file file = {0};
    struct ha_problem p = {0};
    enum ha_err err = ha_pattern_file_read((struct ha_view){copy, size}, "fuzz", &file, &p);
    if (err == HA_OK)
        HA_ASSERT(file.name != NULL);
    else
        HA_ASSERT(p.err == err && p.cause[0] != '\0');
    ha_pattern_file_free(&file);
    ha_free(copy);
    return 0;
}
