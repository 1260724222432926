/* crew.c - several workers, one order.
 *
 * The reader (the caller's thread) puts blocks into a ring; each worker takes the next one. Lines
 * are written by the worker itself, when all blocks before its own have written theirs. */
#include "crew.h"

#include <signal.h>
#include <string.h>

#include "emit.h"
#include "httpannotate/scan.h"

enum {
    FLUSH_AT = 256 * 1024,
    RING_PER_THREAD = 2,
    MUCH = 2 << 20, /* a buffer above this is not kept for the next block */
};

struct job {
    struct ha_chunk chunk; /* the bytes of the block */
    struct ha_block block;
    struct ha_directives lead; /* what the source's directives said before the block */
    uint64_t first_line;
    uint32_t source;
    struct ha_buf out;
};

struct ha_crew {
    struct ha_common common;
    struct ha_worker **workers;
    bool goes_on;      /* when nobody reads lines any more */
    size_t count;      /* workers; with one there are no threads and no ring */
    struct ha_buf out; /* with one worker: lines held back */

    pthread_t *threads;
    size_t started;
    struct job *ring;
    size_t ring_size;
    struct ha_directives directives; /* of the source up to now; the reader's */
    pthread_mutex_t lock;            /* guards what follows */
    pthread_cond_t given_more, written_more;
    uint64_t given, taken, written; /* blocks so far; the ring holds given - written */
    bool closing;
    bool unheard; /* nobody reads lines; what else was asked for is still done */
    enum ha_err trouble;
    struct ha_problem problem;
};

static void note_trouble(struct ha_crew *crew, enum ha_err err, const struct ha_problem *p)
{
    if (err == HA_ERR_CLOSED && crew->goes_on)
        crew->unheard = true;
    if (crew->trouble != HA_OK || (err == HA_ERR_CLOSED && crew->goes_on))
        return;
    crew->trouble = err;
    if (p != NULL)
        crew->problem = *p;
    else
        ha_problem_set(&crew->problem, err, "",
                       "out of memory: the counts would be short, so none are given");
}

struct station {
    struct ha_crew *crew;
    struct ha_worker *worker;
};

/* Waits for the block's turn, writes its lines, and passes the turn on. */
static void write_in_turn(struct ha_crew *crew, struct job *job, uint64_t number, bool memory_ok)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->written != number)
        pthread_cond_wait(&crew->written_more, &crew->lock);
    if (!memory_ok)
        note_trouble(crew, HA_ERR_MEMORY, NULL);
    bool silent = crew->trouble != HA_OK || crew->unheard;
    pthread_mutex_unlock(&crew->lock);

    struct ha_problem p;
    struct ha_view lines = {job->out.ptr, silent ? 0 : job->out.len};
    enum ha_err err = ha_emit_stdout(lines, &p);
    if (job->out.cap > MUCH)
        ha_buf_free(&job->out);
    ha_buf_clear(&job->out);

    pthread_mutex_lock(&crew->lock);
    if (err != HA_OK)
        note_trouble(crew, err, &p);
    crew->written++;
    pthread_cond_broadcast(&crew->written_more);
    pthread_mutex_unlock(&crew->lock);
}

static void *work(void *arg)
{
    struct station at = *(struct station *)arg;
    struct ha_crew *crew = at.crew;
    ha_free(arg);
    pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (crew->taken == crew->given && !crew->closing)
            pthread_cond_wait(&crew->given_more, &crew->lock);
        if (crew->closing)
            break;
        uint64_t number = crew->taken++;
        struct job *job = &crew->ring[number % crew->ring_size];
        bool useless = crew->trouble != HA_OK;
        pthread_mutex_unlock(&crew->lock);
        ha_worker_lead(at.worker, &job->lead);
        if (!useless)
            ha_worker_block(at.worker, &job->block, job->first_line, job->source, &job->out);
        write_in_turn(crew, job, number, ha_worker_ok(at.worker));
        pthread_mutex_lock(&crew->lock);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* Signals are the reader's: no worker may be the one they interrupt. */
static enum ha_err start_thread(struct ha_crew *crew, struct ha_worker *worker)
{
    struct station *at = ha_alloc(sizeof *at);
    if (at == NULL)
        return HA_ERR_MEMORY;
    *at = (struct station){crew, worker};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&crew->threads[crew->started], NULL, work, at);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        ha_free(at);
        return HA_ERR_LIMIT;
    }
    crew->started++;
    return HA_OK;
}

static enum ha_err start_threads(struct ha_crew *crew, const struct ha_shared *shared)
{
    crew->ring_size = crew->count * RING_PER_THREAD;
    crew->ring = ha_calloc(crew->ring_size, sizeof *crew->ring);
    crew->threads = ha_calloc(crew->count, sizeof *crew->threads);
    if (crew->ring == NULL || crew->threads == NULL)
        return HA_ERR_MEMORY;
    enum ha_err err = ha_common_tally_new(shared, &crew->common.tally);
    for (size_t i = 0; i < crew->count && err == HA_OK; i++) {
        err = ha_worker_new(shared, &crew->common, &crew->workers[i]);
        if (err == HA_OK)
            err = start_thread(crew, crew->workers[i]);
    }
    return err;
}

enum ha_err ha_crew_new(const struct ha_shared *shared, size_t threads, struct ha_crew **out)
{
    HA_ASSERT(threads > 0);
    *out = NULL;
    struct ha_crew *crew = ha_calloc(1, sizeof *crew);
    if (crew == NULL)
        return HA_ERR_MEMORY;
    crew->count = threads;
    crew->goes_on = ha_emit_goes_on(shared->config);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_mutex_init(&crew->common.lock, NULL);
    pthread_cond_init(&crew->given_more, NULL);
    pthread_cond_init(&crew->written_more, NULL);
    enum ha_err err = HA_ERR_MEMORY;
    crew->workers = ha_calloc(threads, sizeof *crew->workers);
    if (crew->workers != NULL)
        err = threads == 1 ? ha_worker_new(shared, NULL, &crew->workers[0])
                           : start_threads(crew, shared);
    if (err != HA_OK) {
        ha_crew_free(&crew);
        return err;
    }
    *out = crew;
    return HA_OK;
}

static void join_threads(struct ha_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->closing = true;
    pthread_cond_broadcast(&crew->given_more);
    pthread_mutex_unlock(&crew->lock);
    for (size_t i = 0; i < crew->started; i++)
        pthread_join(crew->threads[i], NULL);
}

void ha_crew_free(struct ha_crew **out)
{
    struct ha_crew *crew = *out;
    if (crew == NULL)
        return;
    join_threads(crew);
    for (size_t i = 0; crew->workers != NULL && i < crew->count; i++)
        ha_worker_free(&crew->workers[i]);
    for (size_t i = 0; crew->ring != NULL && i < crew->ring_size; i++) {
        ha_free(crew->ring[i].chunk.ptr);
        ha_buf_free(&crew->ring[i].out);
    }
    ha_tally_free(&crew->common.tally);
    ha_buf_free(&crew->out);
    pthread_cond_destroy(&crew->given_more);
    pthread_cond_destroy(&crew->written_more);
    pthread_mutex_destroy(&crew->common.lock);
    pthread_mutex_destroy(&crew->lock);
    ha_free(crew->workers);
    ha_free(crew->threads);
    ha_free(crew->ring);
    ha_free(crew);
    *out = NULL;
}

static uint64_t lines_ending_in(const struct ha_block *block)
{
    if (block->kind != HA_BLOCK_LINES)
        return block->kind == HA_BLOCK_LONG_LAST;
    uint64_t lines = ha_count_newlines(block->bytes);
    bool open_end = block->bytes.len > 0 && block->bytes.ptr[block->bytes.len - 1] != '\n';
    return lines + open_end;
}

void ha_crew_begin_source(struct ha_crew *crew)
{
    memset(&crew->directives, 0, sizeof crew->directives);
    if (crew->count == 1)
        ha_worker_lead(crew->workers[0], &crew->directives);
}

static void hand_over(struct ha_crew *crew, struct ha_source *source, const struct ha_block *block,
                      uint64_t first_line, uint32_t index)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->given - crew->written == crew->ring_size)
        pthread_cond_wait(&crew->written_more, &crew->lock);
    struct job *job = &crew->ring[crew->given % crew->ring_size];
    pthread_mutex_unlock(&crew->lock);

    if (job->chunk.cap > MUCH / 2) {
        ha_free(job->chunk.ptr);
        job->chunk = (struct ha_chunk){NULL, 0};
    }
    job->block = *block;
    job->first_line = first_line;
    job->source = index;
    job->lead = crew->directives;
    if (block->kind == HA_BLOCK_LINES)
        ha_directives_scan(&crew->directives, block->bytes);
    enum ha_err err = ha_source_exchange(source, &job->chunk);

    pthread_mutex_lock(&crew->lock);
    if (err != HA_OK) {
        note_trouble(crew, err, NULL);
    } else {
        crew->given++;
        pthread_cond_signal(&crew->given_more);
    }
    pthread_mutex_unlock(&crew->lock);
}

uint64_t ha_crew_block(struct ha_crew *crew, struct ha_source *source, const struct ha_block *block,
                       uint64_t first_line, uint32_t index)
{
    if (crew->count > 1) {
        uint64_t lines = lines_ending_in(block);
        hand_over(crew, source, block, first_line, index);
        return lines;
    }
    uint64_t lines = ha_worker_block(crew->workers[0], block, first_line, index, &crew->out);
    if (!ha_worker_ok(crew->workers[0]))
        note_trouble(crew, HA_ERR_MEMORY, NULL);
    if (crew->out.len >= FLUSH_AT)
        ha_crew_flush(crew);
    return lines;
}

void ha_crew_flush(struct ha_crew *crew)
{
    if (crew->count > 1)
        return;
    struct ha_problem p;
    bool silent = crew->trouble != HA_OK || crew->unheard;
    struct ha_view lines = {crew->out.ptr, silent ? 0 : crew->out.len};
    enum ha_err err = ha_emit_stdout(lines, &p);
    if (err != HA_OK)
        note_trouble(crew, err, &p);
    if (crew->out.cap > MUCH)
        ha_buf_free(&crew->out);
    ha_buf_clear(&crew->out);
}

void ha_crew_drain(struct ha_crew *crew)
{
    ha_crew_flush(crew);
    if (crew->count == 1)
        return;
    pthread_mutex_lock(&crew->lock);
    while (crew->written != crew->given)
        pthread_cond_wait(&crew->written_more, &crew->lock);
    /* The workers are idle now, and stay so until the next block. */
    for (size_t i = 0; i < crew->count; i++) {
        ha_worker_hand_in(crew->workers[i]);
        if (!ha_worker_ok(crew->workers[i]))
            note_trouble(crew, HA_ERR_MEMORY, NULL);
    }
    pthread_mutex_unlock(&crew->lock);
}

const struct ha_tally *ha_crew_tally(const struct ha_crew *crew)
{
    return crew->count > 1 ? crew->common.tally : ha_worker_tally(crew->workers[0]);
}

enum ha_err ha_crew_trouble(struct ha_crew *crew, struct ha_problem *p)
{
    pthread_mutex_lock(&crew->lock);
    enum ha_err err = crew->trouble;
    if (err != HA_OK)
        *p = crew->problem;
    pthread_mutex_unlock(&crew->lock);
    return err;
}

bool ha_crew_unheard(struct ha_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    bool unheard = crew->unheard;
    pthread_mutex_unlock(&crew->lock);
    return unheard;
}
