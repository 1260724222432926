/* gzip.c - gzip (RFC 1952) through ISA-L: several members, each with its checksum verified. */
#include <isa-l/igzip_lib.h>
#include <string.h>

#include "input/codec.h"

enum { OUT_SIZE = 256 * 1024 };

struct gunzip {
    struct inflate_state state;
    char out[OUT_SIZE];
};

static const char *cause_of(int code)
{
    switch (code) {
    case ISAL_INCORRECT_CHECKSUM:
        return "damaged gzip data: the checksum is wrong";
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD:
        return "damaged gzip data: a header that is none";
    default:
        return "damaged gzip data";
    }
}

static void begin_member(struct inflate_state *s)
{
    isal_inflate_reset(s);
    s->crc_flag = ISAL_GZIP;
}

/* Bytes behind a member: another member begins, or only zero bytes follow, as tapes pad them. */
static const char *skip_padding(struct gunzip *g, struct ha_packed *in)
{
    const char *rest = (const char *)g->state.next_in;
    size_t len = g->state.avail_in;
    bool more = ha_packed_skip_zeros(in, &rest, &len);
    g->state.next_in = (uint8_t *)rest;
    g->state.avail_in = (uint32_t)len;
    return !more || *g->state.next_in == 0x1f
               ? NULL
               : "bytes that are no gzip follow the gzip data; ignored";
}

static const char *gunzip(struct gunzip *g, struct ha_packed *in, struct ha_plain *out)
{
    struct inflate_state *s = &g->state;
    isal_inflate_init(s);
    begin_member(s);
    for (;;) {
        if (s->avail_in == 0) {
            struct ha_view more = ha_packed_next(in);
            if (more.len == 0)
                return "gzip data is cut short; what was there is counted";
            s->next_in = (uint8_t *)more.ptr;
            s->avail_in = (uint32_t)more.len;
        }
        do {
            s->next_out = (uint8_t *)g->out;
            s->avail_out = OUT_SIZE;
            int code = isal_inflate(s);
            if (!ha_plain_write(out, g->out, OUT_SIZE - s->avail_out))
                return NULL;
            if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT)
                return cause_of(code);
        } while (s->avail_out == 0 && s->block_state != ISAL_BLOCK_FINISH);
        if (s->block_state == ISAL_BLOCK_FINISH) {
            const char *fault = skip_padding(g, in);
            if (fault != NULL || s->avail_in == 0)
                return fault;
            begin_member(s);
        }
    }
}

const char *ha_decode_gzip(struct ha_packed *in, struct ha_plain *out,
                           char error_text[HA_CODEC_TEXT])
{
    (void)error_text;
    struct gunzip *g = ha_alloc(sizeof *g);
    if (g == NULL)
        return "out of memory";
    const char *fault = gunzip(g, in, out);
    ha_free(g);
    return fault;
}
