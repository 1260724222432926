/* log_format_time.c - strftime's formats in the letters of timefmt.h, and the expressions they
 * match. */
#include <string.h>

#include "parse/log_format.h"

/* What each letter of timefmt.h gives, and the expression of its text. Letters without one stand
 * for several others. */
static const struct letter {
    char letter;
    uint32_t parts;
    const char *regex;
} letters[] = {
    {'Y', HA_PART_YEAR, "[0-9]{4}"},
    {'y', HA_PART_YEAR, "[0-9]{2}"},
    {'m', HA_PART_MONTH, "[0-9]{1,2}"},
    {'b', HA_PART_MONTH, "[A-Za-z.\\x80-\\xff]{3,}"},
    {'B', HA_PART_MONTH, "[A-Za-z.\\x80-\\xff]{3,}"},
    {'d', HA_PART_DAY, "[0-9]{1,2}"},
    {'e', HA_PART_DAY, " ?[0-9]{1,2}"},
    {'j', HA_PART_MONTH | HA_PART_DAY, "[0-9]{1,3}"},
    {'H', HA_PART_HOUR, "[0-9]{1,2}"},
    {'k', HA_PART_HOUR, " ?[0-9]{1,2}"},
    {'I', HA_PART_HOUR12, "[0-9]{1,2}"},
    {'l', HA_PART_HOUR12, " ?[0-9]{1,2}"},
    {'p', HA_PART_HALF, "[AaPp][Mm]"},
    {'M', HA_PART_MINUTE, "[0-9]{2}"},
    {'S', HA_PART_SECOND, "[0-9]{2}"},
    {'N', HA_PART_FRACTION, "[0-9]{1,9}"},
    {'z', HA_PART_ZONE, "(?:Z|[-+][0-9]{2}(?::?[0-9]{2})?)"},
    {'Z', 0, "[A-Za-z]+"},
    {'A', 0, "[A-Za-z]+"},
    {'s', HA_PART_EPOCH, "[0-9]+(?:\\.[0-9]+)?"},
    {'Q', HA_PART_EPOCH | HA_PART_FRACTION, "[0-9]+"},
    {'q', HA_PART_EPOCH | HA_PART_FRACTION, "[0-9]+"},
    {'T', HA_PART_HOUR | HA_PART_MINUTE | HA_PART_SECOND, NULL},
    {'R', HA_PART_HOUR | HA_PART_MINUTE, NULL},
    {'F', HA_PART_YEAR | HA_PART_MONTH | HA_PART_DAY, NULL},
    {'D', HA_PART_YEAR | HA_PART_MONTH | HA_PART_DAY, NULL},
};

/* Letters of strftime that timefmt.h spells otherwise. */
static const struct {
    char letter;
    const char *means;
} others[] = {
    {'a', "%A"}, {'h', "%b"}, {'P', "%p"},          {'t', "\t"}, /* days are words */
    {'x', "%D"}, {'X', "%T"}, {'r', "%I:%M:%S %p"}, {'c', "%A %b %e %T %Y"},
};

static const struct letter *find(char letter)
{
    for (size_t i = 0; i < HA_COUNT(letters); i++)
        if (letters[i].letter == letter)
            return &letters[i];
    return NULL;
}

enum ha_err ha_format_time_own(struct ha_log_format *f, struct ha_view format,
                               struct ha_format_item *item, struct ha_problem *p)
{
    item->text = (uint32_t)f->words.len;
    item->text_len = (uint32_t)format.len;
    ha_buf_view(&f->words, format);
    for (size_t i = 0; i + 1 < format.len; i++)
        if (format.ptr[i] == '%') {
            const struct letter *l = find(format.ptr[++i]);
            item->parts |= l == NULL ? 0 : l->parts;
        }
    return ha_buf_ok(&f->words) ? HA_OK
                                : ha_problem_set(p, HA_ERR_MEMORY, f->place, "out of memory");
}

/* One letter behind %, as timefmt.h has it; false when it has none. */
static bool translate(char letter, struct ha_buf *to)
{
    for (size_t i = 0; i < HA_COUNT(others); i++)
        if (others[i].letter == letter)
            return ha_buf_str(to, others[i].means), true;
    /* %N, %Q and %q are ours, no letters of strftime. */
    if (letter != '%' && (find(letter) == NULL || letter == 'N' || letter == 'Q' || letter == 'q'))
        return false;
    ha_buf_char(to, '%');
    ha_buf_char(to, letter);
    return true;
}

enum ha_err ha_format_time(struct ha_log_format *f, struct ha_view given, size_t at,
                           struct ha_format_item *item, struct ha_problem *p)
{
    struct ha_buf own = {0};
    enum ha_err err = HA_OK;
    for (size_t i = 0; i < given.len && err == HA_OK; i++) {
        if (given.ptr[i] == '\n' || given.ptr[i] == '\r') {
            err = ha_format_wrong(f, at + i, p, "a time cannot hold the end of a line");
        } else if (given.ptr[i] != '%') {
            ha_buf_char(&own, given.ptr[i]);
        } else if (i + 1 == given.len) {
            err = ha_format_wrong(f, at + i, p, "the time format ends within this directive");
        } else {
            size_t start = i++;
            /* %Ey and %Om only choose other digits, which the C locale does not have. */
            if ((given.ptr[i] == 'E' || given.ptr[i] == 'O' || given.ptr[i] == '-') &&
                i + 1 < given.len)
                i++;
            if (!translate(given.ptr[i], &own))
                err = ha_format_wrong(f, at + start, p,
                                      "%.*s is no directive of strftime that can be read back as a "
                                      "time; write a pattern file for such a log (--pattern)",
                                      (int)(i + 1 - start), given.ptr + start);
        }
    }
    if (err == HA_OK)
        err = ha_format_time_own(f, (struct ha_view){own.ptr, own.len}, item, p);
    if (err == HA_OK && !ha_buf_ok(&own))
        err = ha_problem_set(p, HA_ERR_MEMORY, f->place, "out of memory");
    ha_buf_free(&own);
    return err;
}

void ha_format_time_regex(struct ha_view format, struct ha_buf *to)
{
    for (size_t i = 0; i < format.len; i++) {
        if (format.ptr[i] != '%' || i + 1 == format.len) {
            ha_format_regex_byte(to, format.ptr[i]);
            continue;
        }
        const struct letter *l = find(format.ptr[++i]);
        switch (format.ptr[i]) {
        case 'T':
            ha_format_time_regex(HA_VIEW_LIT("%H:%M:%S"), to);
            break;
        case 'R':
            ha_format_time_regex(HA_VIEW_LIT("%H:%M"), to);
            break;
        case 'F':
            ha_format_time_regex(HA_VIEW_LIT("%Y-%m-%d"), to);
            break;
        case 'D':
            ha_format_time_regex(HA_VIEW_LIT("%m/%d/%y"), to);
            break;
        default:
            if (l != NULL)
                ha_buf_str(to, l->regex);
            else
                ha_format_regex_byte(to, format.ptr[i]);
        }
    }
}
