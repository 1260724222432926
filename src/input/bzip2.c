/* bzip2.c - bzip2 through libbz2: streams one after the other, each with its checksums verified. */
#include <bzlib.h>

#include "input/streams.h"

struct unbzip2 {
    bz_stream stream;
    bool begun;
};

static void *open_state(void)
{
    return ha_calloc(1, sizeof(struct unbzip2));
}

static void end(struct unbzip2 *z)
{
    if (z->begun)
        BZ2_bzDecompressEnd(&z->stream);
    z->begun = false;
}

static bool begin(void *state)
{
    struct unbzip2 *z = state;
    end(z);
    z->stream = (bz_stream){.next_in = NULL};
    z->begun = BZ2_bzDecompressInit(&z->stream, 0, 0) == BZ_OK;
    return z->begun;
}

static enum ha_step step(void *state, struct ha_stream_io *io)
{
    bz_stream *z = &((struct unbzip2 *)state)->stream;
    z->next_in = (char *)io->in; /* the library's type; it does not write there */
    z->avail_in = (unsigned)io->in_len;
    z->next_out = io->out;
    z->avail_out = HA_STREAM_OUT;
    int code = BZ2_bzDecompress(z);
    io->in = z->next_in;
    io->in_len = z->avail_in;
    io->out_len = HA_STREAM_OUT - z->avail_out;
    io->fault = code == BZ_MEM_ERROR ? "out of memory" : NULL;
    if (code == BZ_STREAM_END)
        return HA_STEP_END;
    if (code == BZ_DATA_ERROR_MAGIC)
        return HA_STEP_NO_STREAM;
    return code == BZ_OK ? HA_STEP_ON : HA_STEP_DAMAGED;
}

static void close_state(void *state)
{
    end(state);
    ha_free(state);
}

const char *ha_decode_bzip2(struct ha_packed *in, struct ha_plain *out, char text[HA_CODEC_TEXT])
{
    static const struct ha_stream_codec bzip2 = {"bzip2", "bzip2 -dc", open_state, begin,
                                                 step,    close_state, NULL};
    return ha_decode_streams(&bzip2, in, out, text);
}
