/* select.c - which records are shown and counted: all that was asked for must hold. */
#include "httpannotate/select.h"

#include "httpannotate/out.h"
#include "httpannotate/search.h"
#include "select_lists.h"

/* One end of the span of time. */
struct bound {
    bool given;
    int64_t time_us;
    int offset_min; /* of the local clock then */
};

struct ha_selector {
    bool by_status, by_method, by_client;
    struct ha_status_set status;
    struct ha_method_set method;
    struct ha_client_set client;
    struct ha_search *target; /* NULL: not asked for */
    struct bound since, until;
    char *methods, *clients; /* copies of the lists, which the sets point into */
    char *text;
};

/* Backtracking allowed to --target on one record; far beyond what any sensible expression needs. */
#define TARGET_MATCH_LIMIT 100000

/* A time read by today's clock, where it names no zone, becomes that of the clock of its day. */
static enum ha_err mean_that_day(const struct ha_select_options *o, const char *text,
                                 struct bound *to, struct ha_problem *p)
{
    int64_t by_another; /* the same where the text does not depend on the clock */
    enum ha_err err = ha_parse_time(text, o->now_us, to->offset_min + 1, &by_another, p);
    bool by_clock = err == HA_OK && by_another != to->time_us;
    int64_t clock_us = to->time_us + to->offset_min * HA_MINUTE_US;
    to->offset_min = by_clock ? ha_time_offset_of_clock(o->local_offset_at, clock_us)
                              : o->local_offset_at(to->time_us);
    if (by_clock)
        to->time_us = clock_us - to->offset_min * HA_MINUTE_US;
    return err;
}

static enum ha_err read_bound(const struct ha_select_options *o, const char *option,
                              const char *text, struct bound *to, struct ha_problem *p)
{
    if (text == NULL)
        return HA_OK;
    struct ha_problem inner;
    to->offset_min = o->local_offset_min;
    enum ha_err err = ha_parse_time(text, o->now_us, to->offset_min, &to->time_us, &inner);
    if (err == HA_OK && o->local_offset_at != NULL)
        err = mean_that_day(o, text, to, &inner);
    to->given = err == HA_OK;
    return err == HA_OK ? HA_OK : ha_problem_set(p, err, option, "%s", inner.cause);
}

/* A copy of a list that outlives the options. */
static enum ha_err keep(const char *list, char **copy, struct ha_problem *p)
{
    *copy = ha_strdup_view(ha_view_of(list));
    return *copy != NULL ? HA_OK : ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
}

static enum ha_err read_lists(struct ha_selector *s, const struct ha_select_options *o,
                              struct ha_problem *p)
{
    enum ha_err err = HA_OK;
    s->by_status = o->status != NULL || o->errors;
    ha_status_set_all(&s->status);
    if (o->status != NULL)
        err = ha_status_set_read(o->status, &s->status, p);
    if (o->errors)
        ha_status_set_errors_only(&s->status);
    s->by_method = o->method != NULL;
    if (err == HA_OK && s->by_method)
        err = keep(o->method, &s->methods, p);
    if (err == HA_OK && s->by_method)
        err = ha_method_set_read(s->methods, &s->method, p);
    s->by_client = o->client != NULL;
    if (err == HA_OK && s->by_client)
        err = keep(o->client, &s->clients, p);
    if (err == HA_OK && s->by_client)
        err = ha_client_set_read(s->clients, &s->client, p);
    if (err == HA_OK && o->target != NULL)
        err = ha_search_new(o->target, "--target", TARGET_MATCH_LIMIT, &s->target, p);
    return err;
}

static enum ha_err read_times(struct ha_selector *s, const struct ha_select_options *o,
                              struct ha_problem *p)
{
    enum ha_err err = read_bound(o, "--since", o->since, &s->since, p);
    if (err == HA_OK)
        err = read_bound(o, "--until", o->until, &s->until, p);
    if (err == HA_OK && s->since.given && s->until.given && s->since.time_us >= s->until.time_us)
        err = ha_problem_set(p, HA_ERR_SYNTAX, "--until",
                             "'%s' is not after --since=%s, so nothing could be chosen", o->until,
                             o->since);
    return err;
}

static void say(struct ha_buf *b, const char *what, const char *value)
{
    if (value == NULL)
        return;
    ha_buf_str(b, b->len > 0 ? "; " : "");
    ha_buf_str(b, what);
    ha_buf_str(b, value);
}

static enum ha_err write_text(struct ha_selector *s, const struct ha_select_options *o,
                              struct ha_problem *p)
{
    struct ha_buf b = {0};
    char time[HA_TIME_TEXT];
    say(&b, "status ", o->status);
    say(&b, "errors (4xx and 5xx)", o->errors ? "" : NULL);
    say(&b, "method ", o->method);
    say(&b, "target ~ ", o->target);
    say(&b, "client ", o->client);
    say(&b, "finding ", o->finding);
    if (s->since.given) {
        (void)ha_time_text(s->since.time_us, s->since.offset_min, time);
        say(&b, "since ", time);
    }
    if (s->until.given) {
        (void)ha_time_text(s->until.time_us, s->until.offset_min, time);
        say(&b, "until ", time);
    }
    if (ha_buf_ok(&b))
        s->text = ha_strdup_view((struct ha_view){b.ptr, b.len});
    ha_buf_free(&b);
    return s->text != NULL ? HA_OK : ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
}

enum ha_err ha_selector_new(const struct ha_select_options *o, struct ha_selector **out,
                            struct ha_problem *p)
{
    struct ha_selector *s = ha_calloc(1, sizeof *s);
    if (s == NULL)
        return ha_problem_set(p, HA_ERR_MEMORY, "", "out of memory");
    enum ha_err err = read_lists(s, o, p);
    if (err == HA_OK)
        err = read_times(s, o, p);
    if (err == HA_OK)
        err = write_text(s, o, p);
    if (err != HA_OK) {
        ha_selector_free(&s);
        return err;
    }
    *out = s;
    return HA_OK;
}

void ha_selector_free(struct ha_selector **selector)
{
    struct ha_selector *s = *selector;
    if (s == NULL)
        return;
    ha_method_set_free(&s->method);
    ha_client_set_free(&s->client);
    ha_search_free(&s->target);
    ha_free(s->methods);
    ha_free(s->clients);
    ha_free(s->text);
    ha_free(s);
    *selector = NULL;
}

bool ha_selector_is_all(const struct ha_selector *s)
{
    return s->text[0] == '\0';
}

static bool time_is_chosen(const struct ha_selector *s, const struct ha_record *r)
{
    if (!s->since.given && !s->until.given)
        return true;
    return r->has_time && (!s->since.given || r->time_us >= s->since.time_us) &&
           (!s->until.given || r->time_us < s->until.time_us);
}

bool ha_selected(const struct ha_selector *s, const struct ha_record *r)
{
    if (s->by_status && !ha_status_set_has(&s->status, r->status))
        return false;
    if (!time_is_chosen(s, r))
        return false;
    if (s->by_method && !ha_method_set_has(&s->method, r))
        return false;
    if (s->by_client &&
        !(ha_has(r, HA_FIELD_CLIENT) && ha_client_set_has(&s->client, ha_get(r, HA_FIELD_CLIENT))))
        return false;
    if (s->target != NULL &&
        !(ha_has(r, HA_FIELD_TARGET) && ha_search_find(s->target, ha_get(r, HA_FIELD_TARGET))))
        return false;
    return true;
}

const char *ha_selector_text(const struct ha_selector *s)
{
    return s->text;
}

uint64_t ha_selector_given_up(const struct ha_selector *s)
{
    return s->target == NULL ? 0 : ha_search_given_up(s->target);
}

bool ha_selector_starved(const struct ha_selector *s)
{
    return s->target != NULL && ha_search_starved(s->target);
}
