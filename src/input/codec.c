/* codec.c - compressed input: known by its first bytes, decoded in a thread of its own. */
#include "input/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#ifdef HA_WITH_ISAL
#define GZIP ha_decode_gzip
#else
#define GZIP NULL
#endif
#ifdef HA_WITH_ZSTD
#define ZSTD ha_decode_zstd
#else
#define ZSTD NULL
#endif
#ifdef HA_WITH_LZMA
#define XZ ha_decode_xz
#else
#define XZ NULL
#endif
#ifdef HA_WITH_BZIP2
#define BZIP2 ha_decode_bzip2
#else
#define BZIP2 NULL
#endif
#ifdef HA_WITH_LZ4
#define LZ4 ha_decode_lz4
#else
#define LZ4 NULL
#endif

/* bzip2's "BZh" could begin a line of text: its level and the mark of the first block, or of the
 * end when there is none, are looked at, too. */
static const struct ha_codec codecs[] = {
    {"gzip", {"\x1f\x8b\x08", 3}, GZIP},
    {"zstd", {"\x28\xb5\x2f\xfd", 4}, ZSTD},
    {"xz",
     {"\xfd"
      "7zXZ\0",
      6},
     XZ},
    {"bzip2", {"BZh?1AY&SY", 10}, BZIP2},
    {"bzip2", {"BZh?\x17rE8P\x90", 10}, BZIP2},
    {"lz4", {"\x04\x22\x4d\x18", 4}, LZ4},
};

const struct ha_codec *ha_codec_find(struct ha_view first, bool *undecided)
{
    *undecided = false;
    for (size_t i = 0; i < HA_COUNT(codecs); i++) {
        struct ha_view magic = codecs[i].magic;
        size_t at = 0;
        while (at < first.len && at < magic.len &&
               (first.ptr[at] == magic.ptr[at] ||
                (magic.ptr[at] == '?' && first.ptr[at] >= '1' && first.ptr[at] <= '9')))
            at++;
        if (at == magic.len)
            return &codecs[i];
        *undecided |= at == first.len;
    }
    return NULL;
}

struct ha_decoder {
    const struct ha_codec *codec;
    struct ha_packed in;
    struct ha_plain out;
    int plain_fd;
    pthread_t thread;
    bool running;
    const char *fault;
    char error_text[HA_CODEC_TEXT];
    char *first;
};

struct ha_view ha_packed_next(struct ha_packed *in)
{
    struct ha_view bytes = in->first;
    in->first = (struct ha_view){NULL, 0};
    while (bytes.len == 0) {
        struct pollfd p[2] = {{.fd = in->fd, .events = POLLIN},
                              {.fd = in->stop_fd, .events = POLLIN}};
        if (poll(p, 2, -1) < 0 && errno != EINTR) {
            in->os_error = errno;
            break;
        }
        if (p[1].revents != 0)
            break;
        int64_t got = ha_read(in->fd, in->buf, HA_PACKED_SIZE);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            in->os_error = errno;
        if (got <= 0)
            break;
        bytes = (struct ha_view){in->buf, (size_t)got};
    }
    return bytes;
}

bool ha_packed_skip_zeros(struct ha_packed *in, const char **bytes, size_t *len)
{
    for (;;) {
        while (*len > 0 && **bytes == 0) {
            (*bytes)++;
            (*len)--;
        }
        if (*len > 0)
            return true;
        struct ha_view more = ha_packed_next(in);
        if (more.len == 0)
            return false;
        *bytes = more.ptr;
        *len = more.len;
    }
}

bool ha_plain_write(struct ha_plain *out, const char *bytes, size_t len)
{
    return len == 0 || ha_write_all(out->fd, bytes, len) == 0;
}

static void *decode(void *arg)
{
    struct ha_decoder *d = arg;
    d->fault = d->codec->decode(&d->in, &d->out, d->error_text);
    close(d->out.fd);
    d->out.fd = -1;
    return NULL;
}

static enum ha_err start_thread(struct ha_decoder *d)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    d->running = pthread_create(&d->thread, NULL, decode, d) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return d->running ? HA_OK : HA_ERR_LIMIT;
}

enum ha_err ha_decoder_start(const struct ha_codec *codec, int fd, struct ha_view first,
                             struct ha_decoder **out, int *plain_fd)
{
    *out = NULL;
    struct ha_decoder *d = ha_calloc(1, sizeof *d);
    if (d == NULL)
        return HA_ERR_MEMORY;
    d->codec = codec;
    d->plain_fd = d->out.fd = d->in.stop_fd = -1;
    d->in.fd = fd;
    d->in.buf = ha_alloc(HA_PACKED_SIZE);
    d->first = ha_strdup_view(first);
    d->in.first = (struct ha_view){d->first, first.len};
    d->in.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int ends[2] = {-1, -1};
    enum ha_err err = HA_OK;
    if (d->in.buf == NULL || d->first == NULL)
        err = HA_ERR_MEMORY;
    else if (d->in.stop_fd < 0 || pipe2(ends, O_CLOEXEC) != 0)
        err = HA_ERR_LIMIT;
    if (err == HA_OK) {
        d->plain_fd = ends[0];
        d->out.fd = ends[1];
        ha_pipe_widen(ends[1]);
        err = start_thread(d);
    }
    if (err != HA_OK) {
        ha_decoder_free(&d);
        return err;
    }
    *plain_fd = d->plain_fd;
    *out = d;
    return HA_OK;
}

static void join(struct ha_decoder *d)
{
    if (d->running)
        pthread_join(d->thread, NULL);
    d->running = false;
}

const char *ha_decoder_fault(struct ha_decoder *d, int *os_error)
{
    join(d);
    *os_error = d->in.os_error;
    return d->fault;
}

void ha_decoder_free(struct ha_decoder **out)
{
    struct ha_decoder *d = *out;
    if (d == NULL)
        return;
    uint64_t one = 1;
    if (d->in.stop_fd >= 0 && write(d->in.stop_fd, &one, sizeof one) != sizeof one)
        HA_ASSERT(errno == EAGAIN);
    if (d->plain_fd >= 0)
        close(d->plain_fd); /* a decoder that writes learns that nobody reads */
    join(d);
    if (d->out.fd >= 0)
        close(d->out.fd);
    if (d->in.stop_fd >= 0)
        close(d->in.stop_fd);
    ha_free(d->in.buf);
    ha_free(d->first);
    ha_free(d);
    *out = NULL;
}
