/* crew.c - several workers, one order.
 *
 * A worker that is free takes the turn to read, reads a block into memory of its own, passes the
 * turn on and works on the block, whose bytes are now in its processor's cache. What comes out of
 * it lies on a desk until all blocks before have been passed on; whoever finishes the first one
 * that is due passes on all that are ready, so that nobody waits for a slower neighbour as long as
 * he has a desk free. */
#include "crew.h"

#include <sched.h>
#include <signal.h>
#include <string.h>

#include "emit.h"
#include "httpannotate/scan.h"

enum {
    FLUSH_AT = 256 * 1024,
    DESKS = 2,      /* of a worker: one to work at, one that waits for its turn */
    MUCH = 1 << 20, /* memory above this is not kept for the next block */
};

/* A block, and what came out of it. */
struct desk {
    struct ha_chunk chunk; /* what it was read into */
    struct ha_buf lines;
    struct ha_digest digest; /* of spikes; stays empty where nobody is told of them */
    bool taken;              /* from before its block is worked on until it has been passed on */
};

struct station {
    struct ha_crew *crew;
    struct ha_worker *worker;
    pthread_t thread; /* of all but the first */
    struct desk desk[DESKS];
    struct ha_directives lead; /* what the source's directives say before the station's block */
    uint64_t led;              /* crew->led as it was then */
};

struct ha_crew {
    struct ha_common common;
    struct station *stations;
    bool ended;             /* no block will come any more */
    size_t count, started;  /* stations; threads besides the caller's */
    struct ha_watch *watch; /* NULL: nobody is told of spikes */
    bool goes_on;           /* when nobody reads lines any more */

    /* For whoever has the turn to read. */
    ha_next_fn *next;
    void *arg;
    struct ha_chunk *read_last;      /* what the last block was read into */
    struct ha_directives directives; /* of the source up to now */
    uint64_t led;                    /* how often they changed */

    pthread_mutex_t lock; /* guards what follows, and desk.taken */
    pthread_cond_t turn_free, passed_more;
    bool reading;           /* somebody has the turn */
    bool at_end;            /* there is nothing more to read */
    uint64_t given, passed; /* blocks read, and passed on */
    struct desk **ready;    /* by number of the block: done, not yet passed on */
    bool passing;           /* somebody is passing on */
    bool unheard;           /* nobody reads lines; what else was asked for is still done */
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

static void note_worker(struct ha_crew *crew, const struct station *at)
{
    if (!ha_worker_ok(at->worker))
        note_trouble(crew, HA_ERR_MEMORY, NULL);
}

/* What the lines up to here say of spikes; they are out, as are all before them. */
static void tell_spikes(struct ha_crew *crew, struct desk *desk)
{
    if (crew->watch == NULL)
        return;
    if (ha_watch_take(crew->watch, &desk->digest))
        ha_watch_tell(crew->watch);
}

/* Writes what lies on the desk, which is then clear. The lock is held before and after. */
static void write_lines(struct ha_crew *crew, struct desk *desk)
{
    bool silent = crew->trouble != HA_OK || crew->unheard;
    pthread_mutex_unlock(&crew->lock);
    struct ha_problem p;
    struct ha_view lines = {desk->lines.ptr, silent ? 0 : desk->lines.len};
    enum ha_err err = ha_emit_stdout(lines, &p);
    if (desk->lines.cap > MUCH)
        ha_buf_free(&desk->lines);
    ha_buf_clear(&desk->lines);
    tell_spikes(crew, desk);
    pthread_mutex_lock(&crew->lock);
    if (crew->watch != NULL && !ha_watch_ok(crew->watch))
        note_trouble(crew, HA_ERR_MEMORY, NULL);
    if (err != HA_OK)
        note_trouble(crew, err, &p);
}

/* The same for the one worker that needs no turns. */
static void write_alone(struct ha_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    write_lines(crew, &crew->stations[0].desk[0]);
    pthread_mutex_unlock(&crew->lock);
}

static struct desk **place_of(struct ha_crew *crew, uint64_t number)
{
    return &crew->ready[number % (crew->count * DESKS)];
}

/* The block is done. What is ready leaves here, block by block in the order of the input. */
static void pass_on_in_turn(struct station *at, struct desk *desk, uint64_t number)
{
    struct ha_crew *crew = at->crew;
    pthread_mutex_lock(&crew->lock);
    note_worker(crew, at);
    *place_of(crew, number) = desk;
    while (!crew->passing && (desk = *place_of(crew, crew->passed)) != NULL) {
        crew->passing = true;
        write_lines(crew, desk);
        *place_of(crew, crew->passed) = NULL;
        desk->taken = false;
        crew->passed++;
        crew->passing = false;
        pthread_cond_broadcast(&crew->passed_more);
    }
    pthread_mutex_unlock(&crew->lock);
}

static struct desk *free_desk(struct station *at)
{
    for (size_t i = 0; i < DESKS; i++)
        if (!at->desk[i].taken)
            return &at->desk[i];
    return NULL;
}

/* Waits for a free desk, then for the turn, which is the caller's until give_turn. NULL, and no
 * turn, when there is nothing more to read. A wait on a condition, not on a mutex: signals must
 * find the thread that they interrupt. */
static struct desk *take_turn(struct station *at)
{
    struct ha_crew *crew = at->crew;
    struct desk *desk;
    pthread_mutex_lock(&crew->lock);
    while ((desk = free_desk(at)) == NULL)
        pthread_cond_wait(&crew->passed_more, &crew->lock);
    while (crew->reading)
        pthread_cond_wait(&crew->turn_free, &crew->lock);
    bool is_mine = crew->reading = !crew->at_end;
    pthread_mutex_unlock(&crew->lock);
    return is_mine ? desk : NULL;
}

/* After a block was read, or nothing was. Returns the number of the block. */
static uint64_t give_turn(struct ha_crew *crew, struct desk *desk, bool is_block)
{
    pthread_mutex_lock(&crew->lock);
    uint64_t number = crew->given;
    desk->taken = is_block;
    crew->given += is_block;
    crew->at_end |= !is_block;
    crew->reading = false;
    if (crew->at_end)
        pthread_cond_broadcast(&crew->turn_free);
    else
        pthread_cond_signal(&crew->turn_free);
    pthread_mutex_unlock(&crew->lock);
    return number;
}

/* *directives: whether some of them may be directives. */
static uint64_t lines_ending_in(const struct ha_block *block, bool *directives)
{
    *directives = false;
    if (block->kind != HA_BLOCK_LINES)
        return block->kind == HA_BLOCK_LONG_LAST;
    uint64_t lines = ha_count_newlines(block->bytes, directives);
    bool open_end = block->bytes.len > 0 && block->bytes.ptr[block->bytes.len - 1] != '\n';
    return lines + open_end;
}

/* Memory that grew for one line need not be followed by such a line. */
static void let_go_of_much(struct ha_crew *crew, struct ha_chunk *chunk)
{
    if (chunk->cap <= MUCH / 2 || chunk == crew->read_last)
        return;
    ha_free(chunk->ptr);
    *chunk = (struct ha_chunk){NULL, 0};
}

/* Reads a block; the turn is the caller's. What the blocks to come must know of it, its lines and
 * directives, is found here. False when no block is left. */
static bool read_block(struct station *at, struct desk *desk, struct ha_task *task,
                       uint64_t *first_line)
{
    struct ha_crew *crew = at->crew;
    let_go_of_much(crew, &desk->chunk);
    if (!crew->next(crew->arg, &desk->chunk, task))
        return false;
    crew->read_last = &desk->chunk;
    *first_line = *task->lines + 1;
    bool directives;
    *task->lines += lines_ending_in(&task->block, &directives);
    if (at->led != crew->led) {
        at->led = crew->led;
        at->lead = crew->directives;
    }
    if (directives && ha_directives_scan(&crew->directives, task->block.bytes))
        crew->led++;
    return true;
}

static void work(struct station *at)
{
    struct ha_crew *crew = at->crew;
    struct desk *desk;
    while ((desk = take_turn(at)) != NULL) {
        struct ha_task task;
        uint64_t first_line = 0;
        bool is_block = read_block(at, desk, &task, &first_line);
        uint64_t number = give_turn(crew, desk, is_block);
        if (!is_block)
            break;
        ha_worker_lead(at->worker, &at->lead);
        ha_worker_digest(at->worker, crew->watch != NULL ? &desk->digest : NULL);
        ha_worker_block(at->worker, &task.block, first_line, task.source, &desk->lines);
        pass_on_in_turn(at, desk, number);
    }
}

static void *start_work(void *arg)
{
    work(arg);
    return NULL;
}

/* One worker needs no turns; it holds lines back until there are many. */
static void work_alone(struct station *at)
{
    struct ha_crew *crew = at->crew;
    struct ha_task task;
    struct desk *desk = &at->desk[0];
    ha_worker_digest(at->worker, crew->watch != NULL ? &desk->digest : NULL);
    while (crew->next(crew->arg, &desk->chunk, &task)) {
        if (at->led != crew->led)
            ha_worker_lead(at->worker, &crew->directives);
        at->led = crew->led;
        *task.lines +=
            ha_worker_block(at->worker, &task.block, *task.lines + 1, task.source, &desk->lines);
        note_worker(crew, at);
        if (desk->lines.len >= FLUSH_AT ||
            (crew->watch != NULL && ha_watch_take(crew->watch, &desk->digest)))
            write_alone(crew);
    }
}

/* Signals are the caller's thread's: no other may be the one they interrupt. */
static bool start_thread(struct station *at)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&at->thread, NULL, start_work, at);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0;
}

enum ha_err ha_crew_run(struct ha_crew *crew, ha_next_fn *next, void *arg)
{
    crew->next = next;
    crew->arg = arg;
    if (crew->count == 1) {
        work_alone(crew->stations);
        return HA_OK;
    }
    enum ha_err err = HA_OK;
    crew->reading = true; /* nobody may read before all are here */
    while (crew->started + 1 < crew->count && err == HA_OK) {
        if (start_thread(&crew->stations[crew->started + 1]))
            crew->started++;
        else
            err = HA_ERR_LIMIT;
    }
    pthread_mutex_lock(&crew->lock);
    crew->reading = false;
    crew->at_end = err != HA_OK;
    pthread_cond_broadcast(&crew->turn_free);
    pthread_mutex_unlock(&crew->lock);
    work(crew->stations);
    for (size_t i = 1; i <= crew->started; i++)
        pthread_join(crew->stations[i].thread, NULL);
    return err;
}

static void clear_desk(struct desk *desk)
{
    ha_free(desk->chunk.ptr);
    desk->chunk = (struct ha_chunk){NULL, 0};
    ha_buf_free(&desk->lines);
    ha_digest_free(&desk->digest);
}

static enum ha_err make_stations(struct ha_crew *crew, const struct ha_shared *shared)
{
    crew->stations = ha_calloc(crew->count, sizeof *crew->stations);
    crew->ready = ha_calloc(crew->count * DESKS, sizeof(struct desk *));
    if (crew->stations == NULL || crew->ready == NULL)
        return HA_ERR_MEMORY;
    struct ha_common *common = crew->count > 1 ? &crew->common : NULL;
    crew->common.workers = crew->count;
    enum ha_err err = common != NULL ? ha_common_tally_new(shared, &common->tally) : HA_OK;
    for (size_t i = 0; i < crew->count && err == HA_OK; i++) {
        crew->stations[i].crew = crew;
        err = ha_worker_new(shared, common, &crew->stations[i].worker);
    }
    return err;
}

size_t ha_crew_threads(const struct ha_config *config)
{
    enum { MOST_BY_DEFAULT = 8 };
    if (config->threads > 0)
        return config->threads;
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    return count < 1 ? 1 : count > MOST_BY_DEFAULT ? MOST_BY_DEFAULT : (size_t)count;
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
    crew->watch = shared->watch;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_mutex_init(&crew->common.lock, NULL);
    pthread_cond_init(&crew->turn_free, NULL);
    pthread_cond_init(&crew->passed_more, NULL);
    enum ha_err err = make_stations(crew, shared);
    if (err != HA_OK)
        ha_crew_free(&crew);
    *out = crew;
    return err;
}

void ha_crew_free(struct ha_crew **out)
{
    struct ha_crew *crew = *out;
    if (crew == NULL)
        return;
    for (size_t i = 0; crew->stations != NULL && i < crew->count; i++) {
        struct station *at = &crew->stations[i];
        ha_worker_free(&at->worker);
        for (size_t k = 0; k < DESKS; k++)
            clear_desk(&at->desk[k]);
    }
    ha_tally_free(&crew->common.tally);
    pthread_cond_destroy(&crew->turn_free);
    pthread_cond_destroy(&crew->passed_more);
    pthread_mutex_destroy(&crew->common.lock);
    pthread_mutex_destroy(&crew->lock);
    ha_free(crew->stations);
    ha_free(crew->ready);
    ha_free(crew);
    *out = NULL;
}

void ha_crew_begin_source(struct ha_crew *crew)
{
    ha_crew_lead(crew, &(const struct ha_directives){0});
}

void ha_crew_lead(struct ha_crew *crew, const struct ha_directives *d)
{
    crew->directives = *d;
    crew->led++;
}

bool ha_crew_holds_lines(const struct ha_crew *crew)
{
    return crew->count == 1 && crew->stations[0].desk[0].lines.len > 0;
}

void ha_crew_flush(struct ha_crew *crew)
{
    if (!ha_crew_holds_lines(crew))
        return;
    write_alone(crew);
}

/* What only reading needs. A worker alone keeps what it counted, which is the run's. */
static void clear_station(struct station *at)
{
    if (at->crew->count > 1)
        ha_worker_free(&at->worker);
    for (size_t i = 0; i < DESKS; i++)
        clear_desk(&at->desk[i]);
}

static void drain(struct ha_crew *crew, bool for_good)
{
    ha_crew_flush(crew);
    pthread_mutex_lock(&crew->lock);
    while (crew->passed != crew->given)
        pthread_cond_wait(&crew->passed_more, &crew->lock);
    /* The workers are idle now, and stay so until the next block. */
    for (size_t i = 0; i < crew->count; i++) {
        ha_worker_hand_in(crew->stations[i].worker);
        note_worker(crew, &crew->stations[i]);
        if (for_good)
            clear_station(&crew->stations[i]);
    }
    crew->ended = for_good;
    pthread_mutex_unlock(&crew->lock);
}

void ha_crew_drain(struct ha_crew *crew)
{
    if (!crew->ended)
        drain(crew, false);
}

void ha_crew_end(struct ha_crew *crew)
{
    drain(crew, true);
    ha_alloc_give_back();
}

const struct ha_tally *ha_crew_tally(const struct ha_crew *crew)
{
    return crew->count > 1 ? crew->common.tally : ha_worker_tally(crew->stations[0].worker);
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
