/* archive.c - zstd, xz, bzip2 and lz4 through the read filters of libarchive. */
#ifdef HA_WITH_LIBARCHIVE

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

#include "input/codec.h"

static la_ssize_t next_bytes(struct archive *a, void *ctx, const void **bytes)
{
    struct ha_packed *in = ctx;
    struct ha_view more = ha_packed_next(in);
    *bytes = more.ptr;
    if (in->os_error != 0) {
        archive_set_error(a, in->os_error, "cannot be read");
        return ARCHIVE_FATAL;
    }
    return (la_ssize_t)more.len;
}

static const char *fault_of(struct archive *a, char text[HA_CODEC_TEXT])
{
    const char *words = archive_error_string(a);
    snprintf(text, HA_CODEC_TEXT, "damaged or cut short (%s); what was there is counted",
             words != NULL ? words : "no cause given");
    return text;
}

static const char *decode(struct archive *a, struct ha_packed *in, struct ha_plain *out,
                          char text[HA_CODEC_TEXT])
{
    /* These only: others would run programs of the system on a stranger's bytes. */
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_lz4(a);
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    struct archive_entry *entry = NULL;
    if (archive_read_open(a, in, NULL, next_bytes, NULL) != ARCHIVE_OK)
        return fault_of(a, text);
    int code = archive_read_next_header(a, &entry);
    if (code == ARCHIVE_EOF)
        return NULL;
    while (code == ARCHIVE_OK || code == ARCHIVE_WARN) {
        const void *bytes = NULL;
        size_t len = 0;
        la_int64_t offset = 0;
        code = archive_read_data_block(a, &bytes, &len, &offset);
        if (code == ARCHIVE_EOF)
            return NULL;
        if ((code == ARCHIVE_OK || code == ARCHIVE_WARN) && !ha_plain_write(out, bytes, len))
            return NULL;
    }
    return fault_of(a, text);
}

const char *ha_decode_archive(struct ha_packed *in, struct ha_plain *out, char text[HA_CODEC_TEXT])
{
    struct archive *a = archive_read_new();
    if (a == NULL)
        return "out of memory";
    const char *fault = decode(a, in, out, text);
    archive_read_free(a);
    return fault;
}

#else
/* Without libarchive there are no such codecs: ISO C wants something here. */
typedef int ha_archive_is_not_built;
#endif
