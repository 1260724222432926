/* streams.c - streams of a codec one after the other become plain bytes. */
#include "input/streams.h"

#include <stdio.h>

enum { DAMAGE_TEXT = 60 };

/* What is wrong with the streams, when the last step was this one. */
static const char *fault_of(enum ha_step step, const struct ha_stream_codec *codec,
                            const char *words, bool first, char text[HA_CODEC_TEXT])
{
    const char *name = codec->name;
    if (step == HA_STEP_NO_STREAM && !first)
        snprintf(text, HA_CODEC_TEXT, "bytes that are no %s follow the %s data; ignored", name,
                 name);
    else if (step == HA_STEP_TOO_LARGE)
        snprintf(text, HA_CODEC_TEXT,
                 "%s data with so large a window is decoded up to " HA_STREAM_MEMORY_TEXT
                 " only; that much is counted; %s FILE | httpannotate reads all",
                 name, codec->command);
    else if (step == HA_STEP_ON)
        snprintf(text, HA_CODEC_TEXT, "%s data is cut short; what was there is counted", name);
    else
        snprintf(text, HA_CODEC_TEXT, "damaged %s data%s%.*s; what was decoded before is counted",
                 name, words != NULL ? ": " : "", DAMAGE_TEXT, words != NULL ? words : "");
    return text;
}

/* More bytes in io when it has none; false at the end of the input. */
static bool refill(struct ha_packed *in, struct ha_stream_io *io)
{
    if (io->in_len == 0) {
        struct ha_view more = ha_packed_next(in);
        io->in = more.ptr;
        io->in_len = more.len;
    }
    return io->in_len > 0;
}

/* Whether a decoder that has given so many bytes of a stream has filled too much memory. */
static bool is_too_large(const struct ha_stream_codec *codec, void *state, uint64_t given)
{
    return codec->memory != NULL && given > HA_STREAM_MEMORY &&
           codec->memory(state) > HA_STREAM_MEMORY;
}

/* One stream up to its end, or whatever ends it. False: nobody reads what it gives. */
static bool one_stream(const struct ha_stream_codec *codec, void *state, struct ha_packed *in,
                       struct ha_stream_io *io, struct ha_plain *out, bool first,
                       enum ha_step *step)
{
    enum { SHORTEST = 12 }; /* bytes: no stream of any codec that holds something is shorter */
    bool more = true, readers = true;
    size_t taken = 0;
    uint64_t given = 0;
    *step = HA_STEP_ON;
    io->out_len = 0;
    while (*step == HA_STEP_ON && more && readers) {
        bool full = io->out_len == HA_STREAM_OUT; /* more may be held back, of bytes taken before */
        more = full || refill(in, io);
        size_t before = io->in_len;
        io->out_len = 0;
        if (more)
            *step = codec->step(state, io);
        if (*step == HA_STEP_ON && before > 0 && io->in_len == before && io->out_len == 0)
            *step = HA_STEP_DAMAGED; /* a decoder that stands still would do so for ever */
        taken += before - io->in_len;
        given += io->out_len;
        if (*step == HA_STEP_ON && is_too_large(codec, state, given))
            *step = HA_STEP_TOO_LARGE;
        readers = ha_plain_write(out, io->out, io->out_len);
    }
    if (*step == HA_STEP_ON && !first && taken < SHORTEST)
        *step = HA_STEP_NO_STREAM;
    return readers;
}

const char *ha_decode_streams(const struct ha_stream_codec *codec, struct ha_packed *in,
                              struct ha_plain *out, char text[HA_CODEC_TEXT])
{
    struct ha_stream_io io = {.out = ha_alloc(HA_STREAM_OUT)};
    void *state = io.out == NULL ? NULL : codec->open();
    const char *fault = state == NULL ? "out of memory" : NULL;
    for (bool first = true, more = state != NULL; more; first = false) {
        enum ha_step step = HA_STEP_ON;
        more = codec->begin(state);
        if (!more)
            fault = "out of memory";
        else if (!one_stream(codec, state, in, &io, out, first, &step))
            more = false;
        else if (step != HA_STEP_END)
            fault = fault_of(step, codec, io.fault, first, text);
        more = more && fault == NULL && ha_packed_skip_zeros(in, &io.in, &io.in_len);
    }
    if (state != NULL)
        codec->close(state);
    ha_free(io.out);
    return fault;
}
