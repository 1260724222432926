/* on_spike.c - a command is run for what is told of spikes.
 *
 * A thread of its own starts commands, waits for their ends and ends those that take too long, so
 * that neither the stream of lines nor the wait for input knows of them. The input of a command is
 * a file in memory: there is no pipe that could be full. */
#include "on_spike.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "httpannotate/pipeline.h"

enum { GROUPS = 202, MOST_WANTED = 256, POLL_MS = 20 };

/* A run of the command for one group. */
struct job {
    pid_t pid;  /* 0: none goes on */
    int pid_fd; /* can be read when it has ended; -1: the system has no such thing */
    int64_t started_ms, until_ms;
    int64_t allowed_ms; /* how long it might run, once it was asked to end */
    bool asked_to_end;
};

/* A run that is asked for. */
struct wanted {
    size_t job; /* index of its group's */
    char *input;
    size_t len;
};

struct ha_on_spike {
    const char *command;
    int64_t limit_ms;
    pthread_t thread;
    bool has_thread;
    int wake_fd;
    bool told; /* a failure was; the thread's */
    struct job jobs[GROUPS];
    struct sigaction child_before;

    pthread_mutex_t lock;              /* guards what follows */
    struct wanted wanted[MOST_WANTED]; /* the oldest first */
    size_t wanted_count;
    bool dropped;  /* more was wanted: the oldest was given up */
    uint64_t lost; /* runs that were asked for and never started, one still going on */
    bool closing;
    int64_t closed_ms; /* what runs is ended then */
};

static int64_t now_ms(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the thread ---- */

static void HA_PRINTF(3, 4)
    tell_failure(struct ha_on_spike *o, enum ha_err err, const char *format, ...)
{
    struct ha_problem p;
    char what[200];
    if (o->told)
        return;
    o->told = true;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    ha_problem_set(&p, err, "--on-spike", "the command %s; further failures are not told", what);
    ha_say_problem(&p);
}

/* A file in memory that holds the input, to be read from its start; -1 with errno set. */
static int open_input(const char *input, size_t len)
{
    int fd = memfd_create("spike", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    if (ha_write_all(fd, input, len) == 0 && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* 0 or an errno. Signals are as this program got them: none blocked, and not those ignored that it
 * ignores itself. */
static int spawn(const char *command, int input_fd, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, own;
    sigemptyset(&none);
    sigemptyset(&own);
    sigaddset(&own, SIGPIPE);
    sigaddset(&own, SIGXFSZ);
    static char sh[] = "sh", c[] = "-c", end[] = "--";
    char *argv[] = {sh, c, end, (char *)(uintptr_t)command, NULL};
    int err = posix_spawn_file_actions_init(&files);
    if (err != 0)
        return err;
    err = posix_spawnattr_init(&how);
    if (err == 0) {
        posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                           POSIX_SPAWN_SETSIGDEF);
        posix_spawnattr_setpgroup(&how, 0);
        posix_spawnattr_setsigmask(&how, &none);
        posix_spawnattr_setsigdefault(&how, &own);
        err = posix_spawn_file_actions_adddup2(&files, input_fd, STDIN_FILENO);
        if (err == 0)
            err = posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
        if (err == 0)
            err = posix_spawn(pid, "/bin/sh", &files, &how, argv, environ);
        posix_spawnattr_destroy(&how);
    }
    posix_spawn_file_actions_destroy(&files);
    return err;
}

static void start(struct ha_on_spike *o, struct job *job, const char *input, size_t len)
{
    int fd = open_input(input, len);
    int err = fd < 0 ? errno : spawn(o->command, fd, &job->pid);
    if (fd >= 0)
        close(fd);
    if (err != 0) {
        job->pid = 0;
        tell_failure(o, HA_ERR_IO, "could not be run: %s", strerror(err));
        return;
    }
    job->pid_fd = (int)syscall(SYS_pidfd_open, job->pid, 0);
    job->started_ms = now_ms();
    job->until_ms = job->started_ms + o->limit_ms;
    job->asked_to_end = false;
}

/* Takes the oldest run that can start: none goes on for its group. */
static bool take_wanted(struct ha_on_spike *o, struct wanted *to)
{
    for (size_t i = 0; i < o->wanted_count; i++) {
        if (o->jobs[o->wanted[i].job].pid != 0)
            continue;
        *to = o->wanted[i];
        o->wanted_count--;
        memmove(&o->wanted[i], &o->wanted[i + 1], (o->wanted_count - i) * sizeof *o->wanted);
        return true;
    }
    return false;
}

/* Starts what is wanted and can be. False when all is done and no more will come. At the end what
 * would have less than a tenth of its time is not started: it would count as given, and be ended
 * before it could read. */
static bool start_all(struct ha_on_spike *o)
{
    enum { PART = 10 };
    struct wanted w;
    pthread_mutex_lock(&o->lock);
    bool dropped = o->dropped;
    while (take_wanted(o, &w)) {
        bool too_late = o->closing && now_ms() + o->limit_ms / PART >= o->closed_ms;
        pthread_mutex_unlock(&o->lock);
        if (!too_late)
            start(o, &o->jobs[w.job], w.input, w.len);
        ha_free(w.input);
        pthread_mutex_lock(&o->lock);
        o->lost += too_late;
    }
    bool more = !o->closing || o->wanted_count > 0;
    pthread_mutex_unlock(&o->lock);
    if (dropped)
        tell_failure(o, HA_ERR_LIMIT, "is too slow to be run for all that was to be told");
    for (size_t i = 0; i < GROUPS; i++)
        more |= o->jobs[i].pid != 0;
    return more;
}

static void judge(struct ha_on_spike *o, const struct job *job, int status)
{
    enum { A_MOMENT_MS = 50 }; /* later than the end of input began, or woken late */
    if (job->asked_to_end)
        tell_failure(o, HA_ERR_LIMIT, "took longer than %lld s and was ended",
                     (long long)((job->allowed_ms + A_MOMENT_MS) / 1000));
    else if (WIFSIGNALED(status))
        tell_failure(o, HA_ERR_IO, "was ended by signal %d", WTERMSIG(status));
    else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        tell_failure(o, HA_ERR_IO, "ended with status %d", WEXITSTATUS(status));
}

/* Looks after one that runs: whether it has ended, or must. */
static void look_after(struct ha_on_spike *o, struct job *job, int64_t latest_ms)
{
    siginfo_t ended = {0};
    int64_t now = now_ms();
    int failed = waitid(P_PID, (id_t)job->pid, &ended, WEXITED | WNOHANG | WNOWAIT);
    if (failed != 0 || ended.si_pid == job->pid) {
        int status = 0;
        if (job->asked_to_end)
            kill(-job->pid, SIGKILL); /* what it left behind: its name is not yet another's */
        if (waitpid(job->pid, &status, 0) == job->pid)
            judge(o, job, status);
        if (job->pid_fd >= 0)
            close(job->pid_fd);
        job->pid = 0;
        return;
    }
    if (!job->asked_to_end && job->until_ms > latest_ms)
        job->until_ms = latest_ms;
    if (now < job->until_ms)
        return;
    if (!job->asked_to_end)
        job->allowed_ms = job->until_ms - job->started_ms;
    kill(-job->pid, job->asked_to_end ? SIGKILL : SIGTERM);
    job->until_ms = now + HA_ON_SPIKE_GRACE_MS;
    job->asked_to_end = true;
}

/* Waits until something ends, is asked for, or has taken too long. */
static void wait_for_news(struct ha_on_spike *o)
{
    struct pollfd fds[GROUPS + 1] = {{.fd = o->wake_fd, .events = POLLIN}};
    nfds_t count = 1;
    int64_t until = INT64_MAX, now = now_ms();
    for (size_t i = 0; i < GROUPS; i++) {
        const struct job *job = &o->jobs[i];
        if (job->pid == 0)
            continue;
        int64_t at = job->pid_fd >= 0 ? job->until_ms : now + POLL_MS;
        until = at < until ? at : until;
        if (job->pid_fd >= 0)
            fds[count++] = (struct pollfd){.fd = job->pid_fd, .events = POLLIN};
    }
    int timeout = until == INT64_MAX ? -1 : until <= now ? 0 : (int)(until - now);
    (void)poll(fds, count, timeout);
    uint64_t news;
    (void)ha_read(o->wake_fd, &news, sizeof news); /* nothing new is well */
}

/* However many failures were told: what was not given is. */
static void tell_lost(struct ha_on_spike *o)
{
    struct ha_problem p;
    pthread_mutex_lock(&o->lock);
    uint64_t lost = o->lost;
    pthread_mutex_unlock(&o->lock);
    if (lost == 0)
        return;
    ha_problem_set(&p, HA_ERR_LIMIT, "--on-spike",
                   "%llu event%s not given to the command, which was still running",
                   (unsigned long long)lost, lost == 1 ? " was" : "s were");
    ha_say_problem(&p);
}

static void *look_after_all(void *arg)
{
    struct ha_on_spike *o = arg;
    while (start_all(o)) {
        wait_for_news(o);
        pthread_mutex_lock(&o->lock);
        int64_t latest = o->closing ? o->closed_ms : INT64_MAX;
        pthread_mutex_unlock(&o->lock);
        for (size_t i = 0; i < GROUPS; i++)
            if (o->jobs[i].pid != 0)
                look_after(o, &o->jobs[i], latest);
    }
    tell_lost(o);
    return NULL;
}

/* ---- what others call ---- */

static void wake(const struct ha_on_spike *o)
{
    uint64_t one = 1;
    (void)ha_write_all(o->wake_fd, &one, sizeof one); /* it can be read from before, if not now */
}

static size_t index_of(int group)
{
    return group < 400 ? (size_t)(group - 4) : (size_t)(group - 400 + 2);
}

enum ha_err ha_on_spike_new(const char *command, int64_t limit_ms, struct ha_on_spike **out,
                            struct ha_problem *p)
{
    struct ha_on_spike *o = ha_calloc(1, sizeof *o);
    *out = NULL;
    if (o == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, "--on-spike", "out of memory");
    o->command = command;
    o->limit_ms = limit_ms;
    pthread_mutex_init(&o->lock, NULL);
    /* Were ends of children ignored, nobody could learn of them. */
    struct sigaction child = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &child, &o->child_before);
    o->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    o->has_thread = o->wake_fd >= 0 && pthread_create(&o->thread, NULL, look_after_all, o) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!o->has_thread) {
        ha_on_spike_free(&o);
        return ha_problem_set(p, HA_ERR_LIMIT, "--on-spike",
                              "the system starts no thread to look after the command");
    }
    *out = o;
    return HA_OK;
}

bool ha_on_spike_run(struct ha_on_spike *o, int group, struct ha_view input)
{
    char *copy = ha_alloc(input.len > 0 ? input.len : 1);
    if (copy == NULL)
        return false;
    memcpy(copy, input.ptr, input.len);
    char *oldest = NULL;
    pthread_mutex_lock(&o->lock);
    if (o->wanted_count == MOST_WANTED) {
        oldest = o->wanted[0].input;
        o->wanted_count--;
        memmove(&o->wanted[0], &o->wanted[1], o->wanted_count * sizeof *o->wanted);
        o->dropped = true;
        o->lost++;
    }
    o->wanted[o->wanted_count++] = (struct wanted){index_of(group), copy, input.len};
    pthread_mutex_unlock(&o->lock);
    ha_free(oldest);
    wake(o);
    return true;
}

void ha_on_spike_free(struct ha_on_spike **out)
{
    struct ha_on_spike *o = *out;
    if (o == NULL)
        return;
    if (o->has_thread) {
        pthread_mutex_lock(&o->lock);
        o->closing = true;
        o->closed_ms = now_ms() + o->limit_ms;
        pthread_mutex_unlock(&o->lock);
        wake(o);
        pthread_join(o->thread, NULL);
    }
    if (o->wake_fd >= 0)
        close(o->wake_fd);
    sigaction(SIGCHLD, &o->child_before, NULL);
    pthread_mutex_destroy(&o->lock);
    ha_free(o);
    *out = NULL;
}
