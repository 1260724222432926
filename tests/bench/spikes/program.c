/* program.c - see program.h. */
#include "program.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "random.h"

static bool write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/* Each piece a packet of the pipe: a read gets one, whatever room it has. */
static bool write_pieces(int fd, const struct log *l, enum way way)
{
    enum { SHORTEST = 700, PIECES = 20000, PIECES_BEFORE_A_PAUSE = 4096 };
    struct random r = {l->len};
    size_t longest = l->len / PIECES > SHORTEST ? l->len / PIECES : SHORTEST;
    size_t pieces = 0;
    for (size_t at = 0; at < l->len; pieces++) {
        size_t n = way == IN_BYTES ? 1 : 1 + random_below(&r, longest);
        n = n < l->len - at ? n : l->len - at;
        if (!write_all(fd, l->text + at, n))
            return false;
        at += n;
        if (way == IN_PIECES && pieces % PIECES_BEFORE_A_PAUSE == 0)
            nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    return true;
}

/* Each telling of a spike is a line of JSON behind the others in the file `told`. */
static pid_t start(const char *bin, int in, int out, const char *told)
{
    char command[64];
    snprintf(command, sizeof command, "--on-spike=cat >>%s", told);
    pid_t child = fork();
    if (child != 0)
        return child;
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    execl(bin, bin, "--no-config", "-r", "-o", "json", "--spike-group=429,5xx", command,
          (char *)NULL);
    fprintf(stderr, "%s: cannot be run\n", bin);
    _exit(127);
}

/* in[0]: what the program reads. in[1]: where the log is to be written, or -1 when it is there. */
static bool open_input(const struct log *l, enum way way, int in[2])
{
    if (way != AS_FILE)
        return pipe2(in, O_DIRECT | O_CLOEXEC) == 0;
    in[0] = memfd_create("log", MFD_CLOEXEC);
    in[1] = -1;
    return in[0] >= 0 && write_all(in[0], l->text, l->len) && lseek(in[0], 0, SEEK_SET) == 0;
}

static bool read_back(int fd, struct report *to)
{
    off_t len = lseek(fd, 0, SEEK_END);
    char *text = len > 0 ? malloc((size_t)len) : NULL;
    if (text != NULL && pread(fd, text, (size_t)len, 0) == len)
        to->json = json_loadb(text, (size_t)len, 0, NULL);
    free(text);
    return to->json != NULL;
}

static bool run(const char *bin, const struct log *l, enum way way, const char *told,
                struct report *to)
{
    int in[2] = {-1, -1}, out = memfd_create("report", MFD_CLOEXEC), status = -1;
    bool ok = out >= 0 && open_input(l, way, in);
    pid_t child = ok ? start(bin, in[0], out, told) : -1;
    if (in[0] >= 0)
        close(in[0]);
    if (child > 0 && in[1] >= 0)
        ok &= write_pieces(in[1], l, way);
    if (in[1] >= 0)
        close(in[1]);
    ok &= child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
          WEXITSTATUS(status) == 0 && read_back(out, to);
    if (out >= 0)
        close(out);
    return ok;
}

/* Seconds since the epoch of 2026-11-24T10:21:00Z. */
static int64_t second_of(const char *text)
{
    long part[6] = {0};
    for (int i = 0; i < 6 && text != NULL; i++) {
        char *end = NULL;
        part[i] = strtol(text, &end, 10);
        text = *end == '\0' ? NULL : end + 1;
    }
    struct tm tm = {.tm_year = (int)part[0] - 1900,
                    .tm_mon = (int)part[1] - 1,
                    .tm_mday = (int)part[2],
                    .tm_hour = (int)part[3],
                    .tm_min = (int)part[4],
                    .tm_sec = (int)part[5]};
    return timegm(&tm);
}

/* 0: 429, 1: 5xx, as log_truth has them; -1: another. */
static int group_of(json_t *spike)
{
    const char *group = json_string_value(json_object_get(spike, "group"));
    return group == NULL ? -1 : strcmp(group, "429") == 0 ? 0 : strcmp(group, "5xx") == 0 ? 1 : -1;
}

static int64_t time_in(json_t *spike, const char *key)
{
    return second_of(json_string_value(json_object_get(spike, key)));
}

static bool read_spikes(struct report *r)
{
    json_t *spike = NULL, *spikes = json_object_get(r->json, "spikes");
    bool ok = json_is_array(spikes);
    size_t i = 0;
    json_array_foreach(spikes, i, spike)
    {
        int group = group_of(spike);
        ok &= group >= 0 && r->count < REPORTED;
        if (!ok)
            break;
        r->spikes[r->count++] =
            (struct reported){group, time_in(spike, "start"), time_in(spike, "end"),
                              json_is_true(json_object_get(spike, "open"))};
    }
    return ok;
}

static bool read_told(const char *path, struct report *r)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    bool ok = f != NULL;
    while (ok && getline(&line, &cap, f) > 0) {
        json_t *spike = json_loads(line, 0, NULL);
        const char *event = json_string_value(json_object_get(spike, "event"));
        bool withdrawn = json_is_true(json_object_get(spike, "withdrawn"));
        ok = event != NULL && group_of(spike) >= 0 && r->told_count < REPORTED;
        if (ok && (withdrawn || strcmp(event, "start") == 0 || strcmp(event, "worse") == 0))
            r->told[r->told_count++] =
                (struct told){group_of(spike), withdrawn, time_in(spike, "time")};
        json_decref(spike);
    }
    free(line);
    if (f != NULL)
        fclose(f);
    return ok;
}

bool program_report(const char *bin, const struct log *l, enum way way, struct report *to)
{
    *to = (struct report){0};
    char told[] = "/tmp/spikes-XXXXXX";
    int fd = mkstemp(told);
    bool ok = fd >= 0 && run(bin, l, way, told, to) && read_spikes(to) && read_told(told, to);
    if (fd >= 0) {
        close(fd);
        unlink(told);
    }
    if (ok)
        return true;
    fprintf(stderr, "%s -r -o json: no report with spikes came of it\n", bin);
    report_free(to);
    return false;
}

bool report_same(const struct report *a, const struct report *b)
{
    json_t *copies[] = {json_copy(a->json), json_copy(b->json)};
    for (int i = 0; i < 2; i++) {
        json_object_del(copies[i], "top");
        json_object_del(copies[i], "top_missing_at_most");
    }
    bool same = json_equal(copies[0], copies[1]) != 0;
    json_decref(copies[0]);
    json_decref(copies[1]);
    return same;
}

void report_free(struct report *r)
{
    json_decref(r->json);
    *r = (struct report){0};
}
