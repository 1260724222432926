/* codec.h - compressed input: known by its first bytes, decoded in a thread of its own.
 *
 * The decoder writes plain bytes into a pipe, so that whoever reads them waits for a descriptor as
 * for any other input. To add a codec: its first bytes and its function in the table of codec.c. */
#ifndef HTTPANNOTATE_INPUT_CODEC_H
#define HTTPANNOTATE_INPUT_CODEC_H

#include "httpannotate/base.h"

/* The compressed bytes, as a decoder reads them. */
struct ha_packed {
    int fd, stop_fd;      /* stop_fd can be read: give up */
    struct ha_view first; /* bytes that were read to know the codec; they come before those of fd */
    char *buf;            /* HA_PACKED_SIZE bytes to read into */
    int os_error;         /* of a read that failed, else 0 */
};
enum { HA_PACKED_SIZE = 128 * 1024 };
/* The next run of compressed bytes, valid until the next call; empty at the end, on an error and
 * when told to stop. */
struct ha_view ha_packed_next(struct ha_packed *in);
/* Moves *bytes, of *len, past zero bytes, as tapes pad the end, on into further runs. False when
 * nothing else is left. */
bool ha_packed_skip_zeros(struct ha_packed *in, const char **bytes, size_t *len);

/* Where a decoder puts plain bytes. False: give up, nobody reads them. */
struct ha_plain {
    int fd;
};
bool ha_plain_write(struct ha_plain *out, const char *bytes, size_t len);

/* Decodes all of in. NULL when all is well, else what is wrong: static or in error_text. */
enum { HA_CODEC_TEXT = 160 };
typedef const char *ha_decode_fn(struct ha_packed *in, struct ha_plain *out,
                                 char error_text[HA_CODEC_TEXT]);
ha_decode_fn ha_decode_gzip, ha_decode_zstd, ha_decode_xz, ha_decode_bzip2, ha_decode_lz4;

struct ha_codec {
    const char *name;
    struct ha_view magic;
    ha_decode_fn *decode; /* NULL: this program was built without it */
};
/* The codec whose magic begins the bytes, or NULL. *undecided is set when too few bytes are at hand
 * to tell: they are the start of a magic. */
const struct ha_codec *ha_codec_find(struct ha_view first, bool *undecided);

struct ha_decoder;
/* Starts decoding fd, whose first bytes were read already; copies them. *plain_fd is then to be
 * read instead of fd and belongs to the decoder. */
enum ha_err ha_decoder_start(const struct ha_codec *codec, int fd, struct ha_view first,
                             struct ha_decoder **out, int *plain_fd) HA_MUST_USE;
/* What is wrong with the input, once plain_fd has ended; NULL when all is well. Valid until freed.
 */
const char *ha_decoder_fault(struct ha_decoder *d, int *os_error);
/* Stops the thread and releases everything but fd. */
void ha_decoder_free(struct ha_decoder **d);

#endif
