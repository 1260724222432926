/* odd_text.c - what keeps every pattern from reading a log, told from the first of its lines. */
#include "httpannotate/report.h"

/* Whether text in the encoding of Windows begins there, most of whose characters are of Latin: of
 * each two bytes the one at `zero` (0 or 1) is NUL, the other is not. */
static bool is_wide(struct ha_view text, size_t zero)
{
    enum { LEAST = 8, MOST = 512 };
    size_t pairs = (text.len < MOST ? text.len : MOST) / 2, wide = 0, others = 0;
    for (size_t i = 0; i < pairs; i++) {
        wide += text.ptr[2 * i + zero] == '\0';
        others += text.ptr[2 * i + !zero] == '\0';
    }
    return pairs >= LEAST && wide >= pairs - pairs / 4 && others == 0;
}

static bool begins_with(struct ha_view text, const char *mark)
{
    return text.len >= 2 && text.ptr[0] == mark[0] && text.ptr[1] == mark[1];
}

/* A stranger can send one CR; that lines end in it shows in several. */
static bool has_inner_cr(struct ha_view text)
{
    size_t count = 0;
    for (size_t i = 0; i + 1 < text.len; i++)
        count += text.ptr[i] == '\r' && text.ptr[i + 1] != '\r';
    return count > 1 || (count == 1 && text.ptr[text.len - 1] == '\r');
}

static const struct ha_odd_text *oddity(const struct ha_sample *s)
{
    static const struct ha_odd_text marked = {"it looks like UTF-16",
                                              "iconv -f UTF-16 -t UTF-8 FILE | httpannotate"},
                                    little = {"it looks like UTF-16",
                                              "iconv -f UTF-16LE -t UTF-8 FILE | httpannotate"},
                                    big = {"it looks like UTF-16",
                                           "iconv -f UTF-16BE -t UTF-8 FILE | httpannotate"},
                                    returns = {"its lines seem to end in CR alone",
                                               "tr '\\r' '\\n' < FILE | httpannotate"};
    bool first = s->line_number <= 1;
    if (begins_with(s->text, "\xff\xfe") || begins_with(s->text, "\xfe\xff"))
        return &marked;
    /* In either order a line behind the first begins with a NUL: that of its own first character,
     * or that of the end of line before. Windows writes the latter. */
    if (is_wide(s->text, 1) || (!first && is_wide(s->text, 0)))
        return &little;
    if (is_wide(s->text, 0))
        return &big;
    return has_inner_cr(s->text) ? &returns : NULL;
}

const struct ha_odd_text *ha_odd_text(const struct ha_sample *samples, size_t count, size_t *which)
{
    enum { BEGINNING = 10 };
    for (size_t i = 0; i < count; i++) {
        const struct ha_odd_text *odd =
            samples[i].line_number <= BEGINNING ? oddity(&samples[i]) : NULL;
        *which = i;
        if (odd != NULL)
            return odd;
    }
    return NULL;
}
