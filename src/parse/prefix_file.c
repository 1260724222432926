/* prefix_file.c - FILE:, FILE:NUMBER: and NUMBER:, as grep -H, grep -n and ripgrep put them before
 * a line, with hyphens for colons before lines of context, the numbers of cat -n and nl, and the
 * counts of uniq -c. A colon stands also in addresses, and between a host and its port, a hyphen in
 * names, so that only what leaves a client behind it, and could be no client as a whole, is taken
 * for one. */
#include "parse/prefix_file.h"

#include <string.h>

#include "httpannotate/address.h"
#include "parse/values.h"

enum { NAME_MOST = 512, NUMBER_MOST = 12 };

/* IANA's registry of IPv6 address space: the rest is reserved. */
static bool is_ipv6_in_use(struct ha_view v)
{
    uint8_t a[16];
    bool v4;
    if (v.len == 0 || memchr(v.ptr, ':', v.len) == NULL || !ha_address_read(v, a, &v4))
        return false;
    unsigned first = (unsigned)a[0] << 8 | a[1];
    return first == 0 || first == 0x64 || (first >= 0x2000 && first <= 0x3fff) || first >= 0xfc00;
}

static struct ha_view first_word(struct ha_view v)
{
    const char *blank = v.len > 0 ? memchr(v.ptr, ' ', v.len) : NULL;
    return (struct ha_view){v.ptr, blank == NULL ? v.len : (size_t)(blank - v.ptr)};
}

bool ha_is_address(struct ha_view v)
{
    v = first_word(v);
    v.len -= v.len > 0 && v.ptr[v.len - 1] == ',';
    return ha_is_ipv4_shape(ha_without_port(v)) || is_ipv6_in_use(v) ||
           (v.len > 2 && v.ptr[0] == '[' && is_ipv6_in_use(ha_without_port(v)));
}

/* gate.example.org, localhost: what a server that looks up names writes for the client. */
static bool is_host_name(struct ha_view v)
{
    bool dot = false, letter = false;
    for (size_t i = 0; i < v.len; i++) {
        dot |= v.ptr[i] == '.';
        letter |= ha_is_letter(v.ptr[i]);
        if (!ha_is_letter(v.ptr[i]) && !ha_is_digit(v.ptr[i]) && v.ptr[i] != '.' && v.ptr[i] != '-')
            return false;
    }
    return (dot && letter) || ha_view_is(v, "localhost");
}

/* Only these can stand in an address; two colons or more among them, and all of it may be one. */
static bool may_be_ipv6(struct ha_view v)
{
    size_t colons = 0;
    for (size_t i = 0; i < v.len; i++) {
        colons += v.ptr[i] == ':';
        if (!ha_is_digit(v.ptr[i]) && (unsigned char)((v.ptr[i] | 0x20) - 'a') >= 6 &&
            v.ptr[i] != ':' && v.ptr[i] != '.')
            return false;
    }
    return colons > 1;
}

static struct ha_view behind(struct ha_view v, size_t bytes)
{
    return (struct ha_view){v.ptr + bytes, v.len - bytes};
}

/* The bytes of "12:" at the beginning of v, or of "12-", as `mark` says. */
static size_t number_and(struct ha_view v, char mark)
{
    size_t n = 0;
    while (n < v.len && n < NUMBER_MOST && ha_is_digit(v.ptr[n]))
        n++;
    return n > 0 && n < v.len && v.ptr[n] == mark ? n + 1 : 0;
}

static size_t blanks(struct ha_view v)
{
    enum { WIDTH_MOST = 16 };
    size_t n = 0;
    while (n < v.len && n < WIDTH_MOST && v.ptr[n] == ' ')
        n++;
    return n;
}

/* The bytes of "     8" and a TAB. */
static size_t column_of_number(struct ha_view v)
{
    size_t n = blanks(v), number = number_and(behind(v, n), '\t');
    return number > 0 ? n + number : 0;
}

size_t ha_count_prefix(struct ha_view line)
{
    size_t n = blanks(line), number = n > 0 ? number_and(behind(line, n), ' ') : 0;
    bool ends_there = number > 0 && n + number < line.len && line.ptr[n + number] != ' ';
    return ends_there ? n + number : 0;
}

/* "8-", "access.log-", "access.log-8-" before an address: the last label of a name is no number,
 * and no address has a hyphen, so that the whole is neither. */
static size_t before_hyphen(struct ha_view line)
{
    struct ha_view word = first_word(line);
    const char *hyphen = word.len > 0 ? memrchr(word.ptr, '-', word.len) : NULL;
    size_t len = hyphen == NULL ? 0 : (size_t)(hyphen - word.ptr) + 1;
    if (len < 2 || len > NAME_MOST || !ha_is_address(behind(word, len)))
        return 0;
    for (size_t i = 0; i < len; i++)
        if (memchr("\"[{<=,:", word.ptr[i], 7) != NULL)
            return 0;
    return len;
}

/* The bytes of "access.log:" at the beginning of v. */
static size_t name_and_colon(struct ha_view v)
{
    size_t n = 0;
    while (n < v.len && n < NAME_MOST && (unsigned char)v.ptr[n] > ' ' && v.ptr[n] != ':' &&
           v.ptr[n] != '"' && v.ptr[n] != '[' && v.ptr[n] != '{' && v.ptr[n] != '<' &&
           v.ptr[n] != '=')
        n++;
    return n > 0 && n < v.len && v.ptr[n] == ':' ? n + 1 : 0;
}

static bool has_letter(struct ha_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (ha_is_letter(v.ptr[i]))
            return true;
    return false;
}

/* The prefix behind which begins() holds; a number behind a name is part of it where both leave
 * something that does. */
static size_t prefix(struct ha_view line, bool (*begins)(struct ha_view rest))
{
    size_t number = number_and(line, ':'), name = name_and_colon(line);
    if (number > 0)
        return begins(behind(line, number)) ? number : 0;
    if (name == 0 || !has_letter((struct ha_view){line.ptr, name}))
        return 0;
    if (begins(behind(line, name)))
        return name;
    number = number_and(behind(line, name), ':');
    return number > 0 && begins(behind(line, name + number)) ? name + number : 0;
}

static bool begins_with_client(struct ha_view rest)
{
    return ha_is_address(rest) || is_host_name(first_word(rest));
}

size_t ha_file_prefix(struct ha_view line)
{
    size_t column = column_of_number(line), context = before_hyphen(line);
    if (context > 0)
        return context;
    if (column > 0)
        return begins_with_client(behind(line, column)) ? column : 0;
    struct ha_view word = first_word(line);
    if (word.len == line.len || memchr(word.ptr, ':', word.len) == NULL || may_be_ipv6(word))
        return 0;
    return prefix(line, begins_with_client);
}

static bool shape(struct ha_view v, const char *want)
{
    size_t i = 0;
    for (; want[i] != '\0'; i++)
        if (i >= v.len || (want[i] == 'd' ? !ha_is_digit(v.ptr[i]) : v.ptr[i] != want[i]))
            return false;
    return true;
}

static bool begins_otherwise(struct ha_view rest)
{
    if (rest.len < 16)
        return false;
    if (memchr("{[<\"", rest.ptr[0], 4) != NULL)
        return true;
    if (shape(rest, "dddd-dd-dd") || shape(rest, "dddddddddd."))
        return true;
    if (rest.ptr[3] == ' ' && ha_month(rest.ptr) != 0)
        return true;
    struct ha_view word = first_word(rest);
    return word.len < rest.len && memchr(word.ptr, ':', word.len) != NULL &&
           ha_is_address(behind(rest, word.len + 1));
}

size_t ha_file_prefix_loose(struct ha_view line)
{
    size_t column = column_of_number(line), context = number_and(line, '-');
    if (column > 0 && begins_otherwise(behind(line, column)))
        return column;
    /* 8-{"status": but no date: 2026-11-24 */
    if (context > 0 && context < line.len && line.ptr[context] == '{')
        return context;
    return prefix(line, begins_otherwise);
}
