/* Notes: what they say, and that each is written once. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "facts_fixture.h"
#include "httpannotate/annotate.h"

/* A style's part of a note: its text, between signs. */
static void ready(const struct ha_render_style *style, const struct ha_note *note,
                  struct ha_buf *to)
{
    assert_null(style);
    ha_buf_char(to, '<');
    ha_buf_view(to, note->text);
    ha_buf_char(to, '>');
}

static struct ha_annotator *annotator(enum ha_note_style style)
{
    struct ha_annotator *a = NULL;
    assert_int_equal(ha_annotator_new(facts, style, ready, NULL, &a), HA_OK);
    return a;
}

/* A record of a request with a method. */
static struct ha_record request(const char *method, int status)
{
    struct ha_record r = {.verdict = HA_MATCHED, .status = (int16_t)status};
    r.method = (int16_t)ha_facts_method_index(ha_view_of(method));
    ha_put(&r, HA_FIELD_METHOD, ha_view_of(method));
    ha_put(&r, HA_FIELD_TARGET, HA_VIEW_LIT("/"));
    r.has_bytes = true;
    r.body_bytes = 12;
    return r;
}

/* A record whose request is no HTTP; NULL: its format has no request. */
static struct ha_record no_request(const char *text, int status)
{
    struct ha_record r = {.verdict = HA_MATCHED, .status = (int16_t)status, .method = HA_NO_METHOD};
    if (text != NULL)
        ha_put(&r, HA_FIELD_REQUEST, ha_view_of(text));
    return r;
}

static void says(struct ha_annotator *a, const struct ha_record *r, const char *text)
{
    const struct ha_note *note = ha_annotate(a, r);
    assert_non_null(note);
    char got[512];
    assert_true(note->text.len < sizeof got);
    assert_int_equal(note->ready.len, note->text.len + 2);
    assert_memory_equal(note->ready.ptr, "<", 1);
    assert_memory_equal(note->ready.ptr + 1, note->text.ptr, note->text.len);
    assert_memory_equal(note->ready.ptr + 1 + note->text.len, ">", 1);
    memcpy(got, note->text.ptr, note->text.len);
    got[note->text.len] = '\0';
    assert_string_equal(got, text);
}

static void full_notes(void **state)
{
    (void)state;
    struct ha_annotator *a = annotator(HA_NOTE_FULL);
    struct ha_record r = request("PUT", 429);
    says(
        a, &r,
        "429 Too Many Requests: The client exceeded its request quota for the period | PUT: Create "
        "or replace the target with the body sent");
    assert_null(ha_annotate(a, &r)->pair);
    r = request("HEAD", 405);
    says(a, &r, "405 Method Not Allowed: HEAD refused; link checkers will call the page dead");
    assert_int_equal(ha_annotate(a, &r)->pair->tone, HA_TONE_BAD);
    assert_int_equal(ha_annotate(a, &r)->status->code, 405);
    assert_string_equal(ha_annotate(a, &r)->method->method, "HEAD");
    r = request("POST", 303);
    says(a, &r, "303 See Other: Post/Redirect/Get done by the book");
    r = request("GET", 0);
    says(a, &r, "000 No Response Logged: no answer was ever sent");
    r = request("GET", 9);
    says(a, &r,
         "009 HTTP/0.9 Exchange: Log-only marker: nginx served an HTTP/0.9 exchange, which has no "
         "status line | GET: Fetch the current form of the target");
    r = request("FROB", 299);
    says(a, &r,
         "299 Unlisted 2xx: Not listed; clients treat it like 200: the request worked | a method "
         "that no registry or known vendor lists");
    assert_null(ha_annotate(a, &r)->method);
    r = request("GET", HA_NO_STATUS);
    says(a, &r, "- No Status: the line gives none | GET: Fetch the current form of the target");
    assert_null(ha_annotate(a, &r)->status);
    ha_annotator_free(&a);
    assert_null(a);
}

static void a_target_may_tell_another_reading(void **state)
{
    (void)state;
    struct ha_annotator *a = annotator(HA_NOTE_FULL);
    struct ha_record r = request("GET", 451);
    says(a, &r, "451 Unavailable For Legal Reasons: blocked for legal reasons");
    ha_put(&r, HA_FIELD_TARGET, HA_VIEW_LIT("/Microsoft-Server-ActiveSync?Cmd=Sync"));
    says(a, &r,
         "451 Redirect: Mailbox lives on another server; X-MS-Location names it | GET: Fetch the "
         "current form of the target");
    ha_put(&r, HA_FIELD_TARGET, HA_VIEW_LIT("/a/Microsoft-Server-ActiveSync"));
    says(a, &r, "451 Unavailable For Legal Reasons: blocked for legal reasons");
    r = request("GET", 499);
    says(a, &r,
         "499 Client Closed Request: reader gave up; long wait = slow page, short = navigation");
    ha_put(&r, HA_FIELD_TARGET, HA_VIEW_LIT("/server/arcgis/rest/services?f=json"));
    says(a, &r,
         "499 Token Required: A token is needed but was not sent (often only in the JSON of a 200) "
         "| GET: Fetch the current form of the target");
    assert_string_equal(ha_annotate(a, &r)->status->vendors, "Esri ArcGIS");
    r.status = 404;
    says(a, &r, "404 Not Found: nothing there; referer tells broken link from scan");
    ha_annotator_free(&a);
}

static void kinds_of_request(void **state)
{
    (void)state;
    struct ha_annotator *a = annotator(HA_NOTE_FULL);
    struct ha_record r = request("GET", 200);
    says(a, &r, "200 OK: normal fetch");
    r.body_bytes = 0;
    says(a, &r, "200 OK: success with nothing sent: aborted, empty, or should be 204");
    r.has_bytes = false; /* a size that is not known says nothing */
    says(a, &r, "200 OK: normal fetch");
    r = request("OPTIONS", 200);
    says(a, &r, "200 OK: capability answer or CORS preflight");
    ha_put(&r, HA_FIELD_TARGET, HA_VIEW_LIT("*"));
    says(a, &r, "200 OK: server ping; Apache talks to itself this way");
    r = no_request("-", 408);
    says(a, &r, "408 Request Timeout: idle or pre-opened connection timed out");
    r = no_request("", 400);
    says(a, &r, "400 Bad Request: nothing or rubbish was sent");
    r = no_request("\\x16\\x03\\x01", 400);
    says(a, &r, "400 Bad Request: TLS spoken to a plain port");
    r = no_request("\\x16\\x03\\x01", 404);
    says(a, &r,
         "404 Not Found: Nothing is here, or the server will not admit that it is | the request is "
         "a TLS hello, no HTTP");
    r = no_request("-", 404);
    says(a, &r,
         "404 Not Found: Nothing is here, or the server will not admit that it is | the request is "
         "no HTTP");
    r = no_request(NULL, 408);
    says(a, &r, "408 Request Timeout: The full request did not arrive within the time allowed");
    ha_annotator_free(&a);
}

static void shorter_notes(void **state)
{
    (void)state;
    struct ha_annotator *a = annotator(HA_NOTE_PHRASE);
    struct ha_record r = request("HEAD", 405);
    says(a, &r, "405 Method Not Allowed");
    assert_non_null(ha_annotate(a, &r)->pair);
    r = request("HEAD", HA_NO_STATUS);
    says(a, &r, "- No Status");
    ha_annotator_free(&a);
    a = annotator(HA_NOTE_MEANING);
    r = request("HEAD", 405);
    says(a, &r,
         "405 Method Not Allowed: A known method that this particular resource does not take");
    ha_annotator_free(&a);
}

/* Every status with each kind of request, in one annotator: no note takes another's place. */
static void every_status_is_named(void **state)
{
    (void)state;
    struct ha_annotator *a = annotator(HA_NOTE_FULL);
    for (int status = 0; status < 1000; status++) {
        struct ha_record kinds[] = {
            request("PATCH", status), request("FLUSH", status),       request("FROB", status),
            request("GET", status),   request("OPTIONS", status),     request("GET", status),
            no_request("-", status),  no_request("\x16\x03", status), no_request(NULL, status),
        };
        ha_put(&kinds[4], HA_FIELD_TARGET, HA_VIEW_LIT("*"));
        kinds[5].body_bytes = 0;
        for (size_t i = 0; i < HA_COUNT(kinds); i++) {
            const struct ha_note *note = ha_annotate(a, &kinds[i]);
            assert_non_null(note);
            assert_ptr_equal(note->status, ha_facts_status(facts, status));
            char head[128];
            int len = snprintf(head, sizeof head, "%03d %s: ", status, note->status->phrase);
            assert_true((size_t)len < note->text.len);
            assert_memory_equal(note->text.ptr, head, (size_t)len);
        }
    }
    ha_annotator_free(&a);
}

/* Each note is made once: the second round over all of them makes no allocation. */
static void notes_are_kept(void **state)
{
    (void)state;
    enum { METHODS = 80 };
    static const struct ha_note *notes[1001][METHODS];
    struct ha_annotator *a = annotator(HA_NOTE_FULL);
    for (int round = 0; round < 2; round++) {
        (void)ha_alloc_fail_at(0);
        for (int status = HA_NO_STATUS; status < 1000; status++) {
            struct ha_record r = request("GET", status);
            for (int16_t m = 0; m < METHODS; m++) {
                r.method = m;
                const struct ha_note *note = ha_annotate(a, &r);
                if (round == 0)
                    notes[status + 1][m] = note;
                else
                    assert_ptr_equal(note, notes[status + 1][m]);
            }
        }
        uint64_t made = ha_alloc_fail_at(0);
        assert_true(round == 0 ? made > 0 : made == 0);
    }
    ha_annotator_free(&a);
}

/* A batch has the notes that its records have, and none for those that are not selected. */
static void a_batch_has_the_notes_of_its_records(void **state)
{
    (void)state;
    struct ha_annotator *a = annotator(HA_NOTE_FULL);
    const struct ha_record records[] = {request("GET", 200), request("PUT", 429),
                                        no_request("-", 408), request("GET", 200)};
    const uint8_t selected[] = {1, 0, 1, 1};
    const struct ha_note *notes[HA_COUNT(records)];
    assert_true(ha_annotate_batch(a, records, selected, HA_COUNT(records), notes));
    for (size_t i = 0; i < HA_COUNT(records); i++)
        assert_ptr_equal(notes[i], selected[i] ? ha_annotate(a, &records[i]) : NULL);
    ha_annotator_free(&a);
    a = annotator(HA_NOTE_FULL);
    (void)ha_alloc_fail_at(1);
    assert_false(ha_annotate_batch(a, records, selected, HA_COUNT(records), notes));
    (void)ha_alloc_fail_at(0);
    ha_annotator_free(&a);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct ha_annotator *a = NULL;
    (void)ha_alloc_fail_at(1);
    assert_int_equal(ha_annotator_new(facts, HA_NOTE_FULL, ready, NULL, &a), HA_ERR_MEMORY);
    assert_null(a);
    ha_annotator_free(&a);
    struct ha_record r = request("PUT", 429);
    for (uint64_t n = 1;; n++) {
        a = annotator(HA_NOTE_FULL);
        (void)ha_alloc_fail_at(n);
        const struct ha_note *note = ha_annotate(a, &r);
        uint64_t made = ha_alloc_fail_at(0);
        assert_true((note == NULL) == (made >= n));
        /* What failed once may work later. */
        assert_non_null(ha_annotate(a, &r));
        ha_annotator_free(&a);
        if (note != NULL) {
            assert_true(n > 2);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_notes),
        cmocka_unit_test(a_target_may_tell_another_reading),
        cmocka_unit_test(kinds_of_request),
        cmocka_unit_test(shorter_notes),
        cmocka_unit_test(every_status_is_named),
        cmocka_unit_test(notes_are_kept),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_batch_has_the_notes_of_its_records),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
