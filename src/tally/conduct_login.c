/* conduct_login.c - which targets people or programs log in at. */
#include "conduct.h"

/* Whether nothing but a query follows: the path ends in the segment that text begins in. */
static bool is_last_segment(struct ha_view text)
{
    for (size_t at = 0; at + 1 < text.len && text.ptr[at] != '?'; at++)
        if (text.ptr[at] == '/' && text.ptr[at + 1] != '?')
            return false;
    return true;
}

static bool begins_with(struct ha_view text, struct ha_view with)
{
    return text.len >= with.len && ha_view_eq_nocase((struct ha_view){text.ptr, with.len}, with);
}

/* What is below a session or a token is used by those who are logged in. */
static bool begins_login(struct ha_view text)
{
#define WORD(word)                                                                                 \
    {                                                                                              \
        (word), sizeof(word) - 1                                                                   \
    }
    static const struct ha_view words[] = {WORD("login"),    WORD("logon"),   WORD("signin"),
                                           WORD("sign-in"),  WORD("sign_in"), WORD("/auth"),
                                           WORD("/session"), WORD("/token"),  WORD("password")};
#undef WORD
    for (size_t i = 0; i < HA_COUNT(words); i++) {
        if (!begins_with(text, words[i]))
            continue;
        struct ha_view rest = {text.ptr + words[i].len, text.len - words[i].len};
        bool ends = rest.len == 0 || !ha_is_letter(rest.ptr[0]) || rest.ptr[0] == 's';
        if (words[i].ptr[0] != '/' || (ends && is_last_segment(rest)))
            return true;
    }
    return false;
}

bool ha_conduct_is_login(struct ha_view target)
{
    bool found = false;
    for (size_t at = 0; at < target.len && target.ptr[at] != '?'; at++) {
        struct ha_view rest = {target.ptr + at, target.len - at};
        char c = target.ptr[at] | 0x20;
        /* A token that is renewed is no login. */
        if (c == 'r' && begins_with(rest, HA_VIEW_LIT("refresh")))
            return false;
        if (!found && (c == 'l' || c == 's' || c == 'p' || c == '/'))
            found = begins_login(rest);
    }
    return found;
}
