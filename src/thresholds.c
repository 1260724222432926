/* thresholds.c - conditions on the sums of a run, read and held against them. */
#include "httpannotate/thresholds.h"

#include <string.h>

/* Digits of a number in a condition; a count of more would not fit in 64 bits. */
#define MOST_DIGITS 18

static void skip_blanks(struct ha_view *v)
{
    while (v->len > 0 && (*v->ptr == ' ' || *v->ptr == '\t'))
        v->ptr++, v->len--;
}

/* The leading run of letters, digits and dots. */
static struct ha_view take_word(struct ha_view *v)
{
    size_t n = 0;
    while (n < v->len && (ha_is_digit(v->ptr[n]) || ha_is_letter(v->ptr[n]) || v->ptr[n] == '.'))
        n++;
    struct ha_view word = {v->ptr, n};
    v->ptr += n, v->len -= n;
    return word;
}

struct subject_name {
    const char *name;
    enum ha_subject subject;
    int number;
};
static const struct subject_name subject_names[] = {
    {"1xx", HA_SUBJECT_CLASS, 1},
    {"2xx", HA_SUBJECT_CLASS, 2},
    {"3xx", HA_SUBJECT_CLASS, 3},
    {"4xx", HA_SUBJECT_CLASS, 4},
    {"5xx", HA_SUBJECT_CLASS, 5},
    {"other", HA_SUBJECT_CLASS, 0},
    {"errors", HA_SUBJECT_ERRORS, 0},
    {"unmatched", HA_SUBJECT_UNMATCHED, 0},
    {"salvaged", HA_SUBJECT_SALVAGED, 0},
    {"requests", HA_SUBJECT_REQUESTS, 0},
    {"spikes", HA_SUBJECT_SPIKES, 0},
    {"findings", HA_SUBJECT_FINDINGS, HA_EVERY_SEVERITY},
    {"findings.info", HA_SUBJECT_FINDINGS, 0},
    {"findings.warn", HA_SUBJECT_FINDINGS, 1},
    {"findings.error", HA_SUBJECT_FINDINGS, 2},
};

static bool read_subject(struct ha_view word, struct ha_threshold *t)
{
    for (size_t i = 0; i < HA_COUNT(subject_names); i++) {
        if (ha_view_eq_nocase(word, ha_view_of(subject_names[i].name))) {
            t->subject = subject_names[i].subject;
            t->number = subject_names[i].number;
            return true;
        }
    }
    uint64_t status;
    if (word.len != 3 || !ha_view_u64(word, &status))
        return false;
    t->subject = HA_SUBJECT_STATUS;
    t->number = (int)status;
    return true;
}

struct comparison_sign {
    const char *sign;
    enum ha_comparison cmp;
};
/* Longer signs stand before those they begin with. */
static const struct comparison_sign comparison_signs[] = {
    {">=", HA_CMP_GE}, {"<=", HA_CMP_LE}, {"==", HA_CMP_EQ}, {"!=", HA_CMP_NE},
    {">", HA_CMP_GT},  {"<", HA_CMP_LT},  {"=", HA_CMP_EQ},
};

static bool take_comparison(struct ha_view *v, enum ha_comparison *cmp)
{
    for (size_t i = 0; i < HA_COUNT(comparison_signs); i++) {
        size_t len = strlen(comparison_signs[i].sign);
        if (v->len < len || memcmp(v->ptr, comparison_signs[i].sign, len) != 0)
            continue;
        *cmp = comparison_signs[i].cmp;
        v->ptr += len, v->len -= len;
        return true;
    }
    return false;
}

/* "10" or "0.5", by hand: strtod would follow the locale and take "inf". */
static bool take_number(struct ha_view *v, double *value)
{
    double sum = 0, scale = 1;
    size_t digits = 0, n = 0;
    bool fraction = false;
    for (; n < v->len && (ha_is_digit(v->ptr[n]) || (v->ptr[n] == '.' && !fraction)); n++) {
        if (v->ptr[n] == '.') {
            fraction = true;
            continue;
        }
        sum = sum * 10 + (v->ptr[n] - '0');
        scale *= fraction ? 10 : 1;
        digits++;
    }
    if (digits == 0 || digits > MOST_DIGITS || v->ptr[n - 1] == '.')
        return false;
    v->ptr += n, v->len -= n;
    *value = sum / scale;
    return true;
}

struct unit_name {
    const char *name;
    enum ha_unit unit;
};
static const struct unit_name unit_names[] = {
    {"", HA_UNIT_COUNT},          {"%", HA_UNIT_PERCENT},          {"/s", HA_UNIT_PER_SECOND},
    {"/sec", HA_UNIT_PER_SECOND}, {"/second", HA_UNIT_PER_SECOND}, {"/m", HA_UNIT_PER_MINUTE},
    {"/min", HA_UNIT_PER_MINUTE}, {"/minute", HA_UNIT_PER_MINUTE}, {"/h", HA_UNIT_PER_HOUR},
    {"/hour", HA_UNIT_PER_HOUR},
};

static bool read_unit(struct ha_view v, enum ha_unit *unit)
{
    while (v.len > 0 && (v.ptr[v.len - 1] == ' ' || v.ptr[v.len - 1] == '\t'))
        v.len--;
    for (size_t i = 0; i < HA_COUNT(unit_names); i++) {
        if (ha_view_is(v, unit_names[i].name)) {
            *unit = unit_names[i].unit;
            return true;
        }
    }
    return false;
}

static enum ha_err refuse(const char *text, const char *what, struct ha_problem *p)
{
    return ha_problem_set(
        p, HA_ERR_SYNTAX, "--fail-if",
        "'%.60s': %s; it takes what is counted (429, 5xx, other, errors, unmatched, "
        "salvaged, requests, spikes, findings, findings.error), one of > >= < <= == != and a "
        "number, alone or with %%, /s, /min or /h, as 5xx>1%% or 429>10/min",
        text, what);
}

enum ha_err ha_threshold_parse(const char *text, struct ha_threshold *out, struct ha_problem *p)
{
    struct ha_threshold t = {.text = text};
    struct ha_view v = ha_view_of(text);
    skip_blanks(&v);
    struct ha_view word = take_word(&v);
    if (!read_subject(word, &t))
        return refuse(text, "nothing of that name is counted", p);
    skip_blanks(&v);
    if (!take_comparison(&v, &t.cmp))
        return refuse(text, "a comparison is missing", p);
    skip_blanks(&v);
    if (!take_number(&v, &t.value))
        return refuse(text, "a number is missing", p);
    skip_blanks(&v);
    if (!read_unit(v, &t.unit))
        return refuse(text, "what follows the number is no unit", p);
    if (t.subject == HA_SUBJECT_SPIKES && t.unit != HA_UNIT_COUNT)
        return refuse(text, "spikes are counted alone: there is no share or rate of them", p);
    *out = t;
    return HA_OK;
}

static uint64_t findings_of(int severity, const uint64_t *findings)
{
    uint64_t sum = 0;
    for (int i = 0; i < HA_THRESHOLD_SEVERITIES; i++)
        if (severity == HA_EVERY_SEVERITY || severity == i)
            sum = sum + findings[i] < sum ? UINT64_MAX : sum + findings[i];
    return sum;
}

static uint64_t count_of(const struct ha_threshold *t, const struct ha_measured *of)
{
    const struct ha_tally_sums *sums = of->sums;
    switch (t->subject) {
    case HA_SUBJECT_STATUS:
        return sums->status[t->number].count;
    case HA_SUBJECT_CLASS:
        return sums->classes[t->number].count;
    case HA_SUBJECT_ERRORS:
        return sums->errors > of->noise_errors ? sums->errors - of->noise_errors : 0;
    case HA_SUBJECT_UNMATCHED:
        return sums->verdict[HA_UNMATCHED];
    case HA_SUBJECT_SALVAGED:
        return sums->verdict[HA_SALVAGED];
    case HA_SUBJECT_REQUESTS:
        return sums->selected;
    case HA_SUBJECT_SPIKES:
        return of->spikes;
    case HA_SUBJECT_FINDINGS:
        return findings_of(t->number, of->findings);
    }
    ha_assert_failed("a subject of the enumeration", __FILE__, __LINE__);
}

static double percent_of(const struct ha_threshold *t, uint64_t count, const struct ha_measured *of)
{
    const struct ha_tally_sums *sums = of->sums;
    bool of_lines = t->subject == HA_SUBJECT_UNMATCHED || t->subject == HA_SUBJECT_SALVAGED ||
                    t->subject == HA_SUBJECT_REQUESTS;
    uint64_t whole = of_lines ? sums->lines : sums->selected;
    if (t->subject == HA_SUBJECT_ERRORS)
        ha_noise_leave_out(&whole, of->noise);
    return whole == 0 ? 0 : (double)count * 100 / (double)whole;
}

static double rate_of(uint64_t count, int64_t unit_us, const struct ha_tally_sums *sums)
{
    double span = sums->has_time ? (double)sums->last_us - (double)sums->first_us : 0;
    double units = span / (double)unit_us;
    return (double)count / (units > 1 ? units : 1);
}

double ha_threshold_measure(const struct ha_threshold *t, const struct ha_measured *of)
{
    const struct ha_tally_sums *sums = of->sums;
    uint64_t count = count_of(t, of);
    switch (t->unit) {
    case HA_UNIT_COUNT:
        return (double)count;
    case HA_UNIT_PERCENT:
        return percent_of(t, count, of);
    case HA_UNIT_PER_SECOND:
        return rate_of(count, HA_US_PER_S, sums);
    case HA_UNIT_PER_MINUTE:
        return rate_of(count, 60 * HA_US_PER_S, sums);
    case HA_UNIT_PER_HOUR:
        return rate_of(count, 3600 * HA_US_PER_S, sums);
    }
    ha_assert_failed("a unit of the enumeration", __FILE__, __LINE__);
}

bool ha_threshold_holds(const struct ha_threshold *t, const struct ha_measured *of)
{
    double measure = ha_threshold_measure(t, of);
    switch (t->cmp) {
    case HA_CMP_GT:
        return measure > t->value;
    case HA_CMP_GE:
        return measure >= t->value;
    case HA_CMP_LT:
        return measure < t->value;
    case HA_CMP_LE:
        return measure <= t->value;
    case HA_CMP_EQ:
        return measure == t->value;
    case HA_CMP_NE:
        return measure != t->value;
    }
    ha_assert_failed("a comparison of the enumeration", __FILE__, __LINE__);
}
