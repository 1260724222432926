/* archive.c - zstd, xz, bzip2 and lz4 through the read filters of libarchive. */
#ifdef HA_WITH_LIBARCHIVE

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

#include "input/codec.h"

/* The compressed bytes, and what of them libarchive was given. */
struct handed {
    struct ha_packed *in;
    struct ha_view last; /* the latest run */
    uint64_t count;      /* bytes of all runs */
};

static la_ssize_t next_bytes(struct archive *a, void *ctx, const void **bytes)
{
    struct handed *handed = ctx;
    struct ha_packed *in = handed->in;
    struct ha_view more = ha_packed_next(in);
    *bytes = more.ptr;
    if (in->os_error != 0) {
        archive_set_error(a, in->os_error, "cannot be read");
        return ARCHIVE_FATAL;
    }
    if (more.len > 0)
        handed->last = more;
    handed->count += more.len;
    return (la_ssize_t)more.len;
}

/* libarchive takes bytes that begin no stream of bzip2 or lz4 for the end: it leaves them unread
 * and says nothing. Zero bytes may pad the end, as they may that of gzip. */
static const char *trailing(struct archive *a, struct handed *handed)
{
    la_int64_t used = archive_filter_bytes(a, -1);
    struct ha_view rest = handed->last;
    uint64_t left = used < 0 ? 0 : handed->count - (uint64_t)used;
    if (left < rest.len)
        rest = (struct ha_view){rest.ptr + (rest.len - (size_t)left), (size_t)left};
    while (rest.len > 0) {
        for (size_t i = 0; i < rest.len; i++)
            if (rest.ptr[i] != 0)
                return "bytes that are no compressed data follow the compressed data; ignored";
        rest = ha_packed_next(handed->in);
    }
    return NULL;
}

static const char *fault_of(struct archive *a, char text[HA_CODEC_TEXT])
{
    const char *words = archive_error_string(a);
    snprintf(text, HA_CODEC_TEXT, "damaged or cut short (%s); what was decoded before is counted",
             words != NULL ? words : "no cause given");
    return text;
}

static const char *decode(struct archive *a, struct handed *in, struct ha_plain *out,
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
        return trailing(a, in);
    while (code == ARCHIVE_OK || code == ARCHIVE_WARN) {
        const void *bytes = NULL;
        size_t len = 0;
        la_int64_t offset = 0;
        code = archive_read_data_block(a, &bytes, &len, &offset);
        if (code == ARCHIVE_EOF)
            return trailing(a, in);
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
    struct handed handed = {.in = in};
    const char *fault = decode(a, &handed, out, text);
    archive_read_free(a);
    return fault;
}

#else
/* Without libarchive there are no such codecs: ISO C wants something here. */
typedef int ha_archive_is_not_built;
#endif
