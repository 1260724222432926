/* annotate.c - notes, written once for each status and kind of request.
 *
 * A kind is the method, or what else the request is. The notes of all statuses and
 * kinds have a slot each: memory has a fixed bound whatever the input, and a record costs one
 * look-up. */
#include "httpannotate/annotate.h"

#include <string.h>

enum {
    CODES = 1001,               /* 0 to 999, and none, which comes first */
    ROWS = CODES + HA_READINGS, /* codes, and what the target makes of some */
    METHODS = 96,               /* at least ha_facts_method_count */
    /* Kinds beyond the listed methods, which come first. */
    KIND_UNLISTED = METHODS,
    KIND_NONE,         /* the format has no request */
    KIND_NO_HTTP,      /* there is a request, but it is no HTTP */
    KIND_TLS,          /* it is a TLS hello */
    KIND_GET_EMPTY,    /* GET, and the answer had no content */
    KIND_OPTIONS_STAR, /* OPTIONS for the server as a whole */
    KINDS,
    CHUNK = 16 << 10,
};

struct chunk {
    struct chunk *older;
    size_t used;
    _Alignas(max_align_t) char bytes[];
};

struct ha_annotator {
    const struct ha_facts *facts;
    enum ha_note_style style;
    ha_ready_fn *ready;
    const struct ha_render_style *with;
    int get, options; /* indexes */
    struct chunk *chunks;
    struct ha_buf scratch;
    const struct ha_note *notes[ROWS * KINDS];
};

enum ha_err ha_annotator_new(const struct ha_facts *facts, enum ha_note_style style,
                             ha_ready_fn *ready, const struct ha_render_style *with,
                             struct ha_annotator **out)
{
    HA_ASSERT(ha_facts_method_count() <= METHODS);
    *out = ha_calloc(1, sizeof **out);
    if (*out == NULL)
        return HA_ERR_MEMORY;
    (*out)->facts = facts;
    (*out)->style = style;
    (*out)->ready = ready;
    (*out)->with = with;
    (*out)->get = ha_facts_method_index(HA_VIEW_LIT("GET"));
    (*out)->options = ha_facts_method_index(HA_VIEW_LIT("OPTIONS"));
    return HA_OK;
}

void ha_annotator_free(struct ha_annotator **a)
{
    if (*a == NULL)
        return;
    for (struct chunk *c = (*a)->chunks; c != NULL;) {
        struct chunk *older = c->older;
        ha_free(c);
        c = older;
    }
    ha_buf_free(&(*a)->scratch);
    ha_free(*a);
    *a = NULL;
}

/* Bytes that live as long as the annotator, aligned for any type, or NULL. */
static void *keep(struct ha_annotator *a, size_t size)
{
    size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (a->chunks == NULL || CHUNK - a->chunks->used < size) {
        size_t room = size > CHUNK ? size : CHUNK;
        struct chunk *c = ha_alloc(sizeof *c + room);
        if (c == NULL)
            return NULL;
        c->older = a->chunks;
        c->used = 0;
        a->chunks = c;
    }
    void *at = a->chunks->bytes + a->chunks->used;
    a->chunks->used += size;
    return at;
}

/* A kind that the method's index alone does not give. */
static int odd_kind(const struct ha_record *r)
{
    if (r->method == HA_UNLISTED_METHOD)
        return KIND_UNLISTED;
    struct ha_view request = ha_get(r, HA_FIELD_REQUEST);
    if (request.ptr == NULL)
        return KIND_NONE;
    return ha_facts_is_tls(request) ? KIND_TLS : KIND_NO_HTTP;
}

static inline int kind_of(const struct ha_annotator *a, const struct ha_record *r)
{
    int method = r->method;
    if (__builtin_expect(method < 0, 0))
        return odd_kind(r);
    if (__builtin_expect(method == a->options, 0) && ha_view_is(ha_get(r, HA_FIELD_TARGET), "*"))
        return KIND_OPTIONS_STAR;
    /* Answers without content come at random among the others: no branch. */
    bool empty = (method == a->get) & r->has_bytes & (r->body_bytes == 0);
    return empty ? KIND_GET_EMPTY : method;
}

/* The index of the method behind a kind; HA_NO_METHOD or HA_UNLISTED_METHOD where there is none. */
static int method_of(const struct ha_annotator *a, int kind)
{
    switch (kind) {
    case KIND_UNLISTED:
        return HA_UNLISTED_METHOD;
    case KIND_NONE:
    case KIND_NO_HTTP:
    case KIND_TLS:
        return HA_NO_METHOD;
    case KIND_GET_EMPTY:
        return a->get;
    case KIND_OPTIONS_STAR:
        return a->options;
    default:
        return kind;
    }
}

static const struct ha_pair_fact *pair_of(const struct ha_annotator *a, int status, int kind)
{
    struct ha_pair_query q = {
        .method = method_of(a, kind),
        .status = status,
        .target = kind == KIND_OPTIONS_STAR ? HA_VIEW_LIT("*") : (struct ha_view){NULL, 0},
        .request = kind == KIND_TLS       ? HA_VIEW_LIT("\x16\x03")
                   : kind == KIND_NO_HTTP ? HA_VIEW_LIT("-")
                                          : (struct ha_view){NULL, 0},
        .zero_bytes = kind == KIND_GET_EMPTY,
    };
    return ha_facts_pair(&q);
}

/* A sentence of the tables without its full stop: in a note other words follow. */
static void add_sentence(struct ha_buf *b, const char *s)
{
    size_t len = strlen(s);
    ha_buf_bytes(b, s, len > 0 && s[len - 1] == '.' ? len - 1 : len);
}

static void add_method(struct ha_buf *b, int method, int kind)
{
    if (kind == KIND_NONE)
        return;
    ha_buf_str(b, " | ");
    if (kind == KIND_UNLISTED) {
        ha_buf_str(b, "a method that no registry or known vendor lists");
    } else if (kind == KIND_NO_HTTP) {
        ha_buf_str(b, "the request is no HTTP");
    } else if (kind == KIND_TLS) {
        ha_buf_str(b, "the request is a TLS hello, no HTTP");
    } else {
        ha_buf_str(b, ha_facts_method(method)->method);
        ha_buf_str(b, ": ");
        add_sentence(b, ha_facts_method(method)->meaning);
    }
}

static void write_note(const struct ha_annotator *a, const struct ha_note *note, int kind,
                       struct ha_buf *b)
{
    if (note->status == NULL)
        ha_buf_str(b, "- No Status");
    else
        ha_buf_printf(b, "%03d %s", note->status->code, note->status->phrase);
    if (a->style == HA_NOTE_PHRASE)
        return;
    ha_buf_str(b, ": ");
    if (a->style == HA_NOTE_FULL && note->pair != NULL) {
        ha_buf_str(b, note->pair->note);
        return;
    }
    add_sentence(b, note->status == NULL ? "the line gives none" : note->status->meaning);
    if (a->style == HA_NOTE_FULL)
        add_method(b, method_of(a, kind), kind);
}

/* The note's text, and what the line style writes of it; false when memory ran out. */
static bool write_all(struct ha_annotator *a, struct ha_note *note, int kind, size_t *text_len)
{
    struct ha_buf *b = &a->scratch;
    ha_buf_clear(b);
    write_note(a, note, kind, b);
    *text_len = b->len;
    if (a->ready != NULL && ha_buf_ok(b)) {
        struct ha_buf ready = {0};
        note->text = (struct ha_view){b->ptr, b->len};
        a->ready(a->with, note, &ready);
        b->failed |= !ha_buf_ok(&ready);
        ha_buf_bytes(b, ready.ptr, ready.len);
        ha_buf_free(&ready);
    }
    bool ok = ha_buf_ok(b);
    if (!ok)
        ha_buf_free(b); /* it starts afresh at the next note */
    return ok;
}

static const struct ha_note *make(struct ha_annotator *a, int row, int kind)
{
    struct ha_note note = {0};
    int method = method_of(a, kind);
    size_t text_len;
    if (row >= CODES)
        note.status = ha_facts_reading_row(a->facts, (size_t)(row - CODES));
    else if (row > 0)
        note.status = ha_facts_status(a->facts, row - 1);
    if (row < CODES)
        note.pair = pair_of(a, row - 1, kind);
    if (method >= 0)
        note.method = ha_facts_method(method);
    if (!write_all(a, &note, kind, &text_len))
        return NULL;
    size_t len = a->scratch.len;
    struct ha_note *kept = keep(a, sizeof *kept + len);
    if (kept == NULL)
        return NULL;
    char *text = (char *)(kept + 1);
    memcpy(text, a->scratch.ptr, len);
    *kept = note;
    kept->text = (struct ha_view){text, text_len};
    kept->ready = (struct ha_view){text + text_len, len - text_len};
    return kept;
}

static int row_by_target(const struct ha_record *r)
{
    size_t reading = ha_facts_reading(r->status, ha_get(r, HA_FIELD_TARGET));
    return reading < HA_READINGS ? CODES + (int)reading : r->status + 1;
}

static inline const struct ha_note *note_of(struct ha_annotator *a, const struct ha_record *r)
{
    HA_ASSERT(r->status >= HA_NO_STATUS && r->status < CODES - 1);
    int kind = kind_of(a, r), row = r->status + 1;
    if (__builtin_expect((r->status == 451) | (r->status == 499), 0))
        row = row_by_target(r);
    const struct ha_note **slot = &a->notes[row * KINDS + kind];
    if (__builtin_expect(*slot == NULL, 0))
        *slot = make(a, row, kind);
    return *slot;
}

const struct ha_note *ha_annotate(struct ha_annotator *a, const struct ha_record *r)
{
    return note_of(a, r);
}

bool ha_annotate_batch(struct ha_annotator *a, const struct ha_record *records,
                       const uint8_t *selected, size_t n, const struct ha_note **notes)
{
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        notes[i] = selected[i] ? note_of(a, &records[i]) : NULL;
        ok &= notes[i] != NULL || !selected[i];
    }
    return ok;
}
