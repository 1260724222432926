/* measure.c - runs a command; writes its wall and processor seconds, peak KiB and exit status.
 *
 *     measure FILE COMMAND [ARGUMENT]...
 *
 * Small on purpose: Linux lets a child's peak begin with what its parent held at exec. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static int tell(const char *path, double seconds, const struct rusage *use, int status)
{
    double busy = seconds_of(use->ru_utime) + seconds_of(use->ru_stime);
    FILE *f = fopen(path, "w");
    if (f == NULL || fprintf(f, "%.6f %.6f %ld %d\n", seconds, busy, use->ru_maxrss, status) < 0 ||
        fclose(f) != 0) {
        fprintf(stderr, "measure: %s: %s\n", path, strerror(errno));
        return 2;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: measure FILE COMMAND [ARGUMENT]...\n");
        return 2;
    }
    double start = now();
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        fprintf(stderr, "measure: %s: %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    int status = 0;
    struct rusage use = {0};
    while (child > 0 && wait4(child, &status, 0, &use) < 0 && errno == EINTR)
        ;
    if (child < 0) {
        fprintf(stderr, "measure: fork: %s\n", strerror(errno));
        return 2;
    }
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return tell(argv[1], now() - start, &use, code);
}
