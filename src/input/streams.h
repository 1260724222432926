/* streams.h - what the codecs have in common whose files are streams one after the other.
 *
 * To add one: a table of its functions and a line in codec.c. */
#ifndef HTTPANNOTATE_INPUT_STREAMS_H
#define HTTPANNOTATE_INPUT_STREAMS_H

#include "input/codec.h"

enum { HA_STREAM_OUT = 128 * 1024 };

/* What one step did: it wants more bytes or more room; the stream has ended; the bytes begin no
 * stream of this codec; they are damaged; they would take too much memory to decode. */
enum ha_step {
    HA_STEP_ON,
    HA_STEP_END,
    HA_STEP_NO_STREAM,
    HA_STEP_DAMAGED,
    HA_STEP_TOO_LARGE,
};
/* What is resident in all is to stay below 64 MiB, of which the rest of the program may take half.
 * A window that is larger is filled as bytes come out, so that short streams can be read. */
#define HA_STREAM_MEMORY      (UINT64_C(33) << 20)
#define HA_STREAM_MEMORY_TEXT "33 MiB"
struct ha_stream_io {
    const char *in; /* a step moves it past what it took */
    size_t in_len;
    char *out;         /* HA_STREAM_OUT bytes to write to */
    size_t out_len;    /* a step sets it: bytes it wrote, be the end what it may */
    const char *fault; /* a step may say what is damaged; static */
};
struct ha_stream_codec {
    const char *name;
    const char *command;        /* what decodes streams that take too much: "xz -dc" */
    void *(*open)(void);        /* NULL when memory ran out */
    bool (*begin)(void *state); /* before each stream; false when memory ran out */
    enum ha_step (*step)(void *state, struct ha_stream_io *io);
    void (*close)(void *state);
    uint64_t (*memory)(void *state); /* bytes it asked for, used or not; NULL: never much */
};
/* Decodes all streams of in, with zero bytes behind any as padding. Everything that a step wrote
 * goes out, also when it ends in damage. As ha_decode_fn. */
const char *ha_decode_streams(const struct ha_stream_codec *codec, struct ha_packed *in,
                              struct ha_plain *out, char error_text[HA_CODEC_TEXT]);

#endif
