/* places.c - places in files, kept from run to run as text.
 *
 *     httpannotate.resume/1
 *     DEVICE INODE OFFSET LINES TIME FLAGS FINGERPRINT NAME     one line a file
 *     end COUNT CHECKSUM
 *
 * Numbers are decimal, the fingerprint and the checksum (of all bytes before the last line) have 16
 * hexadecimal digits. FLAGS is - or any of l (within a line) and c (compressed). In NAME control
 * bytes and the backslash are written \xHH. */
#include "httpannotate/place.h"

#include <string.h>

#include "base/hash.h"

static const char head[] = "httpannotate.resume/1\n";
static const char any_head[] = "httpannotate.resume/";
static const char hex[] = "0123456789abcdef";

enum { PRINT_DIGITS = 16, NAME_MOST = 4096 };

struct ha_place *ha_places_find(const struct ha_places *places, const char *name)
{
    for (size_t i = 0; i < places->count; i++)
        if (strcmp(places->items[i].name, name) == 0)
            return &places->items[i];
    return NULL;
}

/* The name becomes the places' own, unless it fails. */
static enum ha_err append(struct ha_places *places, const struct ha_place *place, char *name)
{
    if (places->count == HA_PLACES_MOST)
        return HA_ERR_LIMIT;
    struct ha_place *more = ha_one_more(places->items, places->count, sizeof *more);
    if (more == NULL)
        return HA_ERR_MEMORY;
    places->items = more;
    more[places->count] = *place;
    more[places->count++].name = name;
    return HA_OK;
}

enum ha_err ha_places_put(struct ha_places *places, const char *name, const struct ha_place *place)
{
    struct ha_place *found = ha_places_find(places, name);
    if (found != NULL) {
        char *own = found->name;
        *found = *place;
        found->name = own;
        return HA_OK;
    }
    char *own = ha_strdup_view(ha_view_of(name));
    enum ha_err err = own == NULL ? HA_ERR_MEMORY : append(places, place, own);
    if (err != HA_OK)
        ha_free(own);
    return err;
}

void ha_places_drop(struct ha_places *places, const char *name)
{
    struct ha_place *found = ha_places_find(places, name);
    if (found == NULL)
        return;
    ha_free(found->name);
    size_t at = (size_t)(found - places->items);
    memmove(found, found + 1, (--places->count - at) * sizeof *found);
}

void ha_places_done(struct ha_places *places)
{
    for (size_t i = 0; i < places->count; i++)
        ha_free(places->items[i].name);
    ha_free(places->items);
    *places = (struct ha_places){0};
}

static void write_name(struct ha_buf *to, const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte >= 0x20 && byte != 0x7f && byte != '\\')
            ha_buf_char(to, *c);
        else
            ha_buf_printf(to, "\\x%02x", byte);
    }
}

void ha_places_write(const struct ha_places *places, struct ha_buf *to)
{
    size_t start = to->len;
    ha_buf_str(to, head);
    for (size_t i = 0; i < places->count; i++) {
        const struct ha_place *place = &places->items[i];
        const uint64_t numbers[] = {place->device, place->inode, place->offset, place->lines,
                                    place->time_us};
        for (size_t k = 0; k < HA_COUNT(numbers); k++) {
            ha_buf_u64(to, numbers[k]);
            ha_buf_char(to, ' ');
        }
        ha_buf_str(to, place->in_line ? "l" : "");
        ha_buf_str(to, place->coded ? "c" : "");
        ha_buf_str(to, place->in_line || place->coded ? "" : "-");
        ha_buf_printf(to, " %016llx ", (unsigned long long)place->print);
        write_name(to, place->name);
        ha_buf_char(to, '\n');
    }
    if (!ha_buf_ok(to))
        return;
    uint64_t sum = ha_hash(to->ptr + start, to->len - start, 0);
    ha_buf_printf(to, "end %zu %016llx\n", places->count, (unsigned long long)sum);
}

/* The bytes up to the separator, which is taken off, too; false when there is none. */
static bool take(struct ha_view *rest, char separator, struct ha_view *taken)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, separator, rest->len) : NULL;
    if (end == NULL)
        return false;
    *taken = (struct ha_view){rest->ptr, (size_t)(end - rest->ptr)};
    *rest = (struct ha_view){end + 1, rest->len - taken->len - 1};
    return true;
}

static bool take_number(struct ha_view *rest, uint64_t *number)
{
    struct ha_view digits;
    return take(rest, ' ', &digits) && ha_view_u64(digits, number);
}

static int hex_digit(char c)
{
    const char *at = c == '\0' ? NULL : strchr(hex, c);
    return at == NULL ? -1 : (int)(at - hex);
}

static bool read_print(struct ha_view digits, uint64_t *print)
{
    *print = 0;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = hex_digit(digits.ptr[i]);
        if (digit < 0)
            return false;
        *print = *print << 4 | (uint64_t)digit;
    }
    return digits.len == PRINT_DIGITS;
}

static bool read_flags(struct ha_view flags, struct ha_place *place)
{
    place->in_line = ha_view_is(flags, "l") || ha_view_is(flags, "lc");
    place->coded = ha_view_is(flags, "c") || ha_view_is(flags, "lc");
    return place->in_line || place->coded || ha_view_is(flags, "-");
}

/* Into *name, which holds NAME_MOST + 1 bytes. Only what write_name writes is read. */
static bool read_name(struct ha_view text, char *name)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if (byte == '\\') {
            int high = i + 3 < text.len && text.ptr[i + 1] == 'x' ? hex_digit(text.ptr[i + 2]) : -1;
            int low = high >= 0 ? hex_digit(text.ptr[i + 3]) : -1;
            if (low < 0)
                return false;
            byte = (unsigned char)(high << 4 | low);
            i += 3;
            if (byte == 0 || (byte >= 0x20 && byte != 0x7f && byte != '\\'))
                return false;
        } else if (byte < 0x20 || byte == 0x7f) {
            return false;
        }
        if (len == NAME_MOST)
            return false;
        name[len++] = (char)byte;
    }
    name[len] = '\0';
    return name[0] == '/';
}

static enum ha_err read_place(struct ha_view line, struct ha_places *places)
{
    struct ha_place place = {0};
    struct ha_view flags, print;
    char name[NAME_MOST + 1];
    if (!take_number(&line, &place.device) || !take_number(&line, &place.inode) ||
        !take_number(&line, &place.offset) || !take_number(&line, &place.lines) ||
        !take_number(&line, &place.time_us) || !take(&line, ' ', &flags) ||
        !read_flags(flags, &place) || !take(&line, ' ', &print) ||
        !read_print(print, &place.print) || !read_name(line, name))
        return HA_ERR_SYNTAX;
    if (place.offset > INT64_MAX || place.time_us > INT64_MAX ||
        ha_places_find(places, name) != NULL)
        return HA_ERR_SYNTAX;
    return ha_places_put(places, name, &place);
}

/* The last line, which ends the text. */
static bool is_end(struct ha_view rest, const struct ha_places *places, struct ha_view before)
{
    struct ha_view word, sum;
    uint64_t count, print;
    return take(&rest, ' ', &word) && ha_view_is(word, "end") && take_number(&rest, &count) &&
           count == places->count && take(&rest, '\n', &sum) && rest.len == 0 &&
           read_print(sum, &print) && print == ha_hash(before.ptr, before.len, 0);
}

static bool begins(struct ha_view text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && memcmp(text.ptr, with, len) == 0;
}

static enum ha_err refuse(const char *file, size_t line, const char *why, struct ha_problem *p)
{
    (void)ha_problem_set(p, HA_ERR_SYNTAX, file, "%s", why);
    ha_problem_at(p, line, 0);
    return HA_ERR_SYNTAX;
}

static enum ha_err read_lines(struct ha_view text, const char *file, struct ha_places *places,
                              struct ha_problem *p)
{
    static const char damaged[] = "a file of --resume that is damaged; remove it to begin anew: "
                                  "all lines are then read again";
    struct ha_view rest = text, line;
    for (size_t number = 1; take(&rest, '\n', &line); number++) {
        if (number == 1)
            continue;
        struct ha_view before = {text.ptr, (size_t)(line.ptr - text.ptr)};
        struct ha_view from_here = {line.ptr, text.len - before.len};
        if (begins(line, "end "))
            return is_end(from_here, places, before) ? HA_OK : refuse(file, number, damaged, p);
        enum ha_err err = read_place(line, places);
        if (err == HA_ERR_MEMORY)
            return ha_problem_set(p, err, file, "out of memory");
        if (err != HA_OK)
            return refuse(file, number, damaged, p);
    }
    return refuse(file, 0, damaged, p);
}

enum ha_err ha_places_read(struct ha_view text, const char *file, struct ha_places *places,
                           struct ha_problem *p)
{
    if (text.len == 0)
        return HA_OK;
    if (!begins(text, any_head))
        return refuse(file, 0, "no file of --resume; it is left as it is", p);
    if (!begins(text, head))
        return refuse(file, 0, "a file of --resume of another version of this program", p);
    enum ha_err err = read_lines(text, file, places, p);
    if (err != HA_OK)
        ha_places_done(places);
    return err;
}
