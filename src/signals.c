/* signals.c - signals become flags and a descriptor that ends a wait. */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

/* Any thread may look; without a lock, as a handler must. */
static atomic_bool end_asked, report_asked, tick_asked;
_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "a handler may only touch what needs no lock");
static int wake_fd = -1;

enum { HANDLED = 6 };
static const int numbers[HANDLED] = {SIGINT, SIGTERM, SIGUSR1, SIGALRM, SIGPIPE, SIGXFSZ};

/* Those of which a write tells. */
static bool is_told_by_write(int number)
{
    return number == SIGPIPE || number == SIGXFSZ;
}

static struct sigaction former[HANDLED];

static void on_signal(int number)
{
    int saved = errno;
    if (number == SIGINT || number == SIGTERM) {
        if (end_asked) {
            signal(number, SIG_DFL);
            raise(number);
        }
        end_asked = true;
    } else if (number == SIGALRM) {
        tick_asked = true;
    } else {
        report_asked = true;
    }
    uint64_t one = 1;
    ssize_t written = write(wake_fd, &one, sizeof one);
    (void)written; /* a full counter can be read already */
    errno = saved;
}

static void tick(int64_t every_us)
{
    struct timeval t = {.tv_sec = every_us / 1000000, .tv_usec = every_us % 1000000};
    struct itimerval timer = {.it_interval = t, .it_value = t};
    setitimer(ITIMER_REAL, &timer, NULL);
}

bool ha_signals_start(int64_t every_us)
{
    end_asked = report_asked = tick_asked = false;
    wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake_fd < 0)
        return false;
    for (int i = 0; i < HANDLED; i++) {
        struct sigaction a = {.sa_handler = is_told_by_write(numbers[i]) ? SIG_IGN : on_signal,
                              .sa_flags = SA_RESTART};
        sigemptyset(&a.sa_mask);
        sigaction(numbers[i], &a, &former[i]);
    }
    if (every_us > 0)
        tick(every_us);
    return true;
}

void ha_signals_stop(void)
{
    if (wake_fd < 0)
        return;
    tick(0);
    for (int i = 0; i < HANDLED; i++)
        sigaction(numbers[i], &former[i], NULL);
    close(wake_fd);
    wake_fd = -1;
}

int ha_signals_wake_fd(void)
{
    return wake_fd;
}

bool ha_signals_pending(void)
{
    return end_asked || report_asked || tick_asked;
}

struct ha_asked ha_signals_take(void)
{
    uint64_t count = 0;
    ssize_t got = read(wake_fd, &count, sizeof count);
    (void)got; /* empty is well: the flags tell */
    bool report = atomic_exchange(&report_asked, false), tick = atomic_exchange(&tick_asked, false);
    return (struct ha_asked){end_asked, report || tick};
}

void ha_signals_forget_ticks(void)
{
    tick_asked = false;
}
