/* lz4.c - lz4's frames one after the other, those to be skipped among them. */
#include <lz4frame.h>
#include <string.h>

#include "input/streams.h"

struct unlz4 {
    LZ4F_dctx *stream;
    size_t want; /* bytes the next call can use at most */
};

static void *open_state(void)
{
    struct unlz4 *z = ha_calloc(1, sizeof *z);
    if (z != NULL && !LZ4F_isError(LZ4F_createDecompressionContext(&z->stream, LZ4F_VERSION)))
        return z;
    ha_free(z);
    return NULL;
}

static bool begin(void *state)
{
    struct unlz4 *z = state;
    LZ4F_resetDecompressionContext(z->stream);
    z->want = 1;
    return true;
}

/* As in zstd.c: what a call wrote that fails is not told, so no call may end one block and begin
 * the next; the hint counts the header after the block. */
static enum ha_step step(void *state, struct ha_stream_io *io)
{
    enum { NEXT_HEADER = 4 };
    struct unlz4 *z = state;
    size_t in_len = io->in_len < z->want ? io->in_len : z->want, out_len = HA_STREAM_OUT;
    size_t hint = LZ4F_decompress(z->stream, io->out, &out_len, io->in, &in_len, NULL);
    if (LZ4F_isError(hint)) {
        io->fault = LZ4F_getErrorName(hint);
        return strcmp(io->fault, "ERROR_frameType_unknown") == 0 ? HA_STEP_NO_STREAM
                                                                 : HA_STEP_DAMAGED;
    }
    io->in += in_len;
    io->in_len -= in_len;
    io->out_len = out_len;
    z->want = hint > NEXT_HEADER ? hint - NEXT_HEADER : hint;
    return hint == 0 ? HA_STEP_END : HA_STEP_ON;
}

static void close_state(void *state)
{
    struct unlz4 *z = state;
    LZ4F_freeDecompressionContext(z->stream);
    ha_free(z);
}

const char *ha_decode_lz4(struct ha_packed *in, struct ha_plain *out, char text[HA_CODEC_TEXT])
{
    static const struct ha_stream_codec lz4 = {"lz4", "lz4 -dc",   open_state, begin,
                                               step,  close_state, NULL};
    return ha_decode_streams(&lz4, in, out, text);
}
