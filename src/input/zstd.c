/* zstd.c - zstd (RFC 8878): frames one after the other, those to be skipped among them. */
#include <zstd.h>
#include <zstd_errors.h>

#include "input/streams.h"

struct unzstd {
    ZSTD_DCtx *stream;
    size_t want; /* bytes the next call can use at most */
};

static void *open_state(void)
{
    struct unzstd *z = ha_calloc(1, sizeof *z);
    if (z != NULL && (z->stream = ZSTD_createDCtx()) != NULL)
        return z;
    ha_free(z);
    return NULL;
}

static bool begin(void *state)
{
    struct unzstd *z = state;
    z->want = 1;
    return !ZSTD_isError(ZSTD_DCtx_reset(z->stream, ZSTD_reset_session_only));
}

/* The library forgets to tell what it wrote in a call that fails, so no call may end one block and
 * begin the next: the hint for a block is its bytes and the header after it, of which less is taken
 * (ZSTD_decompressStream wants no more than it says, and takes less). */
static enum ha_step step(void *state, struct ha_stream_io *io)
{
    enum { NEXT_HEADER = 3 };
    struct unzstd *z = state;
    ZSTD_inBuffer in = {io->in, io->in_len < z->want ? io->in_len : z->want, 0};
    ZSTD_outBuffer out = {io->out, HA_STREAM_OUT, 0};
    size_t hint = ZSTD_decompressStream(z->stream, &out, &in);
    if (ZSTD_isError(hint)) {
        if (ZSTD_getErrorCode(hint) == ZSTD_error_prefix_unknown)
            return HA_STEP_NO_STREAM;
        if (ZSTD_getErrorCode(hint) == ZSTD_error_frameParameter_windowTooLarge)
            return HA_STEP_TOO_LARGE;
        io->fault = ZSTD_getErrorName(hint);
        return HA_STEP_DAMAGED;
    }
    io->in += in.pos;
    io->in_len -= in.pos;
    io->out_len = out.pos;
    z->want = hint > NEXT_HEADER ? hint - NEXT_HEADER : hint;
    return hint == 0 ? HA_STEP_END : HA_STEP_ON;
}

static void close_state(void *state)
{
    struct unzstd *z = state;
    ZSTD_freeDCtx(z->stream);
    ha_free(z);
}

static uint64_t memory(void *state)
{
    struct unzstd *z = state;
    return ZSTD_sizeof_DCtx(z->stream);
}

const char *ha_decode_zstd(struct ha_packed *in, struct ha_plain *out, char text[HA_CODEC_TEXT])
{
    static const struct ha_stream_codec zstd = {"zstd", "zstd --long=31 -dc", open_state, begin,
                                                step,   close_state,          memory};
    return ha_decode_streams(&zstd, in, out, text);
}
