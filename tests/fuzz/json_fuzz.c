/* json_fuzz.c - any bytes as JSON: our reader and jansson agree on what is an object, on its end
 * and on every value of it. */
#include "fuzz.h"
#include "json_yardstick.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ha_json_text t;
    char *copy = fuzz_copy(data, size);
    ha_json_text_init(&t);
    for (int i = 0; i < 2; i++) {
        bool read = false;
        HA_ASSERT(json_differs(&t, (struct ha_view){copy, size}, (enum ha_integers)i, &read) ==
                  NULL);
    }
    ha_json_text_free(&t);
    ha_free(copy);
    return 0;
}
