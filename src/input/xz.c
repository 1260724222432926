/* xz.c - xz through liblzma: streams one after the other, each with its checksums verified. */
#include <lzma.h>

#include "input/streams.h"

static void *open_state(void)
{
    static const lzma_stream none = LZMA_STREAM_INIT;
    lzma_stream *z = ha_alloc(sizeof *z);
    if (z != NULL)
        *z = none;
    return z;
}

/* xz -9 wants 65 MiB to decode; a header can ask for 4 GiB. */
static bool begin(void *state)
{
    enum { MOST_MEMORY = 128 << 20 };
    return lzma_stream_decoder(state, MOST_MEMORY, 0) == LZMA_OK;
}

static const char *words_of(lzma_ret code)
{
    switch (code) {
    case LZMA_MEM_ERROR:
        return "out of memory";
    case LZMA_OPTIONS_ERROR:
        return "options that liblzma does not know";
    default:
        return NULL;
    }
}

static enum ha_step step(void *state, struct ha_stream_io *io)
{
    lzma_stream *z = state;
    z->next_in = (const uint8_t *)io->in;
    z->avail_in = io->in_len;
    z->next_out = (uint8_t *)io->out;
    z->avail_out = HA_STREAM_OUT;
    lzma_ret code = lzma_code(z, LZMA_RUN);
    io->in = (const char *)z->next_in;
    io->in_len = z->avail_in;
    io->out_len = HA_STREAM_OUT - z->avail_out;
    io->fault = words_of(code);
    if (code == LZMA_STREAM_END)
        return HA_STEP_END;
    if (code == LZMA_MEMLIMIT_ERROR)
        return HA_STEP_TOO_LARGE;
    if (code == LZMA_FORMAT_ERROR)
        return HA_STEP_NO_STREAM;
    return code == LZMA_OK || code == LZMA_BUF_ERROR ? HA_STEP_ON : HA_STEP_DAMAGED;
}

static void close_state(void *state)
{
    lzma_end(state);
    ha_free(state);
}

static uint64_t memory(void *state)
{
    return lzma_memusage(state);
}

const char *ha_decode_xz(struct ha_packed *in, struct ha_plain *out, char text[HA_CODEC_TEXT])
{
    static const struct ha_stream_codec xz = {"xz", "xz -dc",    open_state, begin,
                                              step, close_state, memory};
    return ha_decode_streams(&xz, in, out, text);
}
