/* report_fixture.h - a small report whose every number is known, for the tests of the formats. */
#ifndef REPORT_FIXTURE_H
#define REPORT_FIXTURE_H

#include "httpannotate/report.h"

#include <math.h>
#include <string.h>

#define FIXTURE_START_S INT64_C(1793491200) /* 2026-11-01T00:00:00Z */

static const struct ha_status_fact fixture_ok = {
    .code = 200, .phrase = "OK", .registered = true, .meaning = "It worked.", .hint = "Calm."};
static const struct ha_status_fact fixture_throttled = {.code = 429,
                                                        .phrase = "Too Many Requests",
                                                        .registered = true,
                                                        .meaning = "Too fast.",
                                                        .hint = "Look at the clients."};
static const struct ha_status_fact fixture_gone_away = {
    .code = 503,
    .phrase = "Service Unavailable",
    .registered = true,
    .meaning = "Not now: this meaning is longer than one line of eighty columns has room for.",
    .hint = ""};
static const struct ha_method_fact fixture_get = {.method = "GET",
                                                  .safe = true,
                                                  .idempotent = true,
                                                  .cacheable = "y",
                                                  .cacheable_yes = true,
                                                  .meaning = "Fetch."};
static const struct ha_method_fact fixture_post = {
    .method = "POST", .cacheable = "conditional (freshness)", .meaning = "Process."};

struct fixture {
    struct ha_tally_sums sums;
    struct ha_report report;
    struct ha_report_source sources[2];
    struct ha_report_pattern patterns[2];
    struct ha_report_status statuses[3];
    struct ha_report_method methods[4];
    struct ha_top_entry targets[2], clients[1], error_targets[1], error_pairs[2];
    struct ha_report_codes target_codes[1];
    uint64_t get_statuses[1000], post_statuses[1000], none_statuses[1000];
    struct ha_report_method_statuses method_statuses[3];
    struct ha_diff_row diff_statuses[4], diff_pairs[3];
    struct ha_bucket buckets[3];
    struct ha_report_spike spikes[3];
    struct ha_risen risen[2];
    struct ha_report_spike_group spike_groups[2];
    struct ha_sample samples[2];
};

static void fixture_sums(struct ha_tally_sums *s)
{
    *s = (struct ha_tally_sums){.lines = 1010,
                                .bytes = 99999,
                                .selected = 1000,
                                .errors = 30,
                                .has_time = true,
                                .no_status = 1,
                                .first_us = FIXTURE_START_S * HA_US_PER_S,
                                .last_us = (FIXTURE_START_S + 299) * HA_US_PER_S + 500000};
    s->verdict[HA_BLANK] = 2;
    s->verdict[HA_DIRECTIVE] = 1;
    s->verdict[HA_MATCHED] = 1003;
    s->verdict[HA_SALVAGED] = 1;
    s->verdict[HA_UNMATCHED] = 3;
    s->reason[HA_REASON_NO_STATUS] = 2;
    s->reason[HA_REASON_TOO_LONG] = 1;
    s->classes[2] = (struct ha_count){969, 1234567};
    s->classes[4] = (struct ha_count){10, 1500};
    s->classes[5] = (struct ha_count){20, 999};
    s->classes[0] = (struct ha_count){1, 0};
    s->status[200] = s->classes[2];
    s->status[429] = s->classes[4];
    s->status[503] = s->classes[5];
    s->no_method = (struct ha_count){5, 0};
}

static void fixture_lists(struct fixture *f)
{
    f->sources[0] = (struct ha_report_source){"a.log", 1000, 90000};
    f->sources[1] = (struct ha_report_source){"-", 10, 9999};
    f->patterns[0] = (struct ha_report_pattern){"combined", 1003};
    f->patterns[1] = (struct ha_report_pattern){"salvage", 1};
    f->statuses[0] = (struct ha_report_status){&fixture_ok, f->sums.status[200]};
    f->statuses[1] = (struct ha_report_status){&fixture_throttled, f->sums.status[429]};
    f->statuses[2] = (struct ha_report_status){&fixture_gone_away, f->sums.status[503]};
    f->methods[0] = (struct ha_report_method){
        .method = HA_VIEW_LIT("GET"), .fact = &fixture_get, .sum = {900, 1}};
    f->methods[1] = (struct ha_report_method){
        .method = HA_VIEW_LIT("POST"), .fact = &fixture_post, .sum = {94, 1}};
    f->methods[2] = (struct ha_report_method){.kind = HA_METHOD_NONE, .sum = {5, 0}};
    f->methods[3] = (struct ha_report_method){.method = HA_VIEW_LIT("FROB"), .sum = {1, 1}};
    f->targets[0] =
        (struct ha_top_entry){.value = HA_VIEW_LIT("/"), .count = 700, .at_most_over = 0};
    f->targets[1] =
        (struct ha_top_entry){.value = HA_VIEW_LIT("/\033[2J"), .count = 300, .at_most_over = 0};
    f->clients[0] =
        (struct ha_top_entry){.value = HA_VIEW_LIT("192.0.2.1"), .count = 990, .at_most_over = 7};
    f->error_targets[0] =
        (struct ha_top_entry){.value = HA_VIEW_LIT("/login"), .count = 15, .at_most_over = 0};
    f->error_pairs[0] =
        (struct ha_top_entry){.value = HA_VIEW_LIT("/login"), .count = 10, .status = 503};
    f->error_pairs[1] =
        (struct ha_top_entry){.value = HA_VIEW_LIT("/login"), .count = 5, .status = 429};
    f->target_codes[0] = (struct ha_report_codes){{503, 429}, 2};
    f->buckets[0] = (struct ha_bucket){FIXTURE_START_S, {100, 0, 90, 0, 2, 8, 2}};
    f->buckets[1] = (struct ha_bucket){FIXTURE_START_S + 60, {800, 0, 790, 0, 8, 2, 8}};
    f->buckets[2] = (struct ha_bucket){FIXTURE_START_S + 240, {100, 0, 90, 0, 0, 10, 0}};
    f->samples[0] = (struct ha_sample){4, 0, HA_REASON_NO_STATUS, HA_VIEW_LIT("what is\tthis"), 12};
    f->samples[1] = (struct ha_sample){9, 1, HA_REASON_TOO_LONG, HA_VIEW_LIT("AAAA"), 5000000};
}

/* The class and the status within it: what rose in both is told once where people read. */
static void fixture_risen(struct fixture *f)
{
    const struct ha_risen_value network = {HA_VIEW_LIT("203.0.113.0/24"), 9, 0.9, 0.03, true, 1};
    const struct ha_risen_value target = {
        HA_VIEW_LIT("GET /\033[2J|<b>`"), 8, 0.999, 0.001, false, 1};
    const struct ha_risen_value method = {HA_VIEW_LIT("GET"), 10, 1, 0.2, false, 2};
    const struct ha_risen_value status = {HA_VIEW_LIT("503"), 7, 0.7, 0, false, 1};
    const struct ha_risen_value agent = {
        HA_VIEW_LIT("an agent whose name is so long that it does not fit into..."),
        6,
        0.6,
        0.25,
        false,
        1};
    struct ha_risen *class = &f->risen[0], *within = &f->risen[1];
    class->value[HA_ASPECT_NETWORKS][class->count[HA_ASPECT_NETWORKS]++] = network;
    class->value[HA_ASPECT_TARGETS][class->count[HA_ASPECT_TARGETS]++] = target;
    class->value[HA_ASPECT_METHODS][class->count[HA_ASPECT_METHODS]++] = method;
    class->value[HA_ASPECT_STATUSES][class->count[HA_ASPECT_STATUSES]++] = status;
    *within = *class;
    within->count[HA_ASPECT_STATUSES] = 0;
    within->value[HA_ASPECT_AGENTS][within->count[HA_ASPECT_AGENTS]++] = agent;
    f->spikes[0].risen = class;
    f->spikes[1].risen = within;
}

static void fixture_spikes(struct fixture *f)
{
    const int64_t start_s = FIXTURE_START_S;
    f->spike_groups[0] = (struct ha_report_spike_group){5, "5xx", 20, 10, 0.01, false};
    f->spike_groups[1] = (struct ha_report_spike_group){503, "503", 12, 8, 0.008, false};
    f->spikes[0] =
        (struct ha_report_spike){.group = 5,
                                 .name = "5xx",
                                 .incident_s = start_s,
                                 .notes = {{.kind = HA_SPIKE_SLOW_UPSTREAM,
                                            .count = {1234, 56},
                                            .span = {start_s, start_s + 120}},
                                           {.kind = HA_SPIKE_SCAN,
                                            .count = {99, 88},
                                            .span = {start_s, start_s + 120},
                                            .who = HA_VIEW_LIT("<b>|\033"),
                                            .share = .91}},
                                 .note_count = 2,
                                 .spike = {start_s, start_s + 120, .count = 10,
                                           .peak_per_minute = 8, .usual_per_minute = 0.02}};
    f->spikes[1] = (struct ha_report_spike){
        .group = 503,
        .name = "503",
        .within = 5,
        .incident_s = start_s,
        .spike = {start_s + 60, start_s + 120, false, true, 1234, 1200, 10.4}};
    f->spikes[2] = (struct ha_report_spike){.group = 429,
                                            .name = "429",
                                            .incident_s = start_s + 240,
                                            .spike = {start_s + 240, start_s + 300, .is_open = true,
                                                      .count = 7, .peak_per_minute = 7,
                                                      .usual_per_minute = 0.25}};
}

static void fixture_diff(struct fixture *f)
{
    f->diff_statuses[0] =
        (struct ha_diff_row){.status = 200, .now = 969, .before = 1900, .low = 0.97, .high = 1.09};
    f->diff_statuses[1] = (struct ha_diff_row){
        .status = 404, .before = 20, .high = 0.27, .verdict = HA_DIFF_GONE, .excess = -10};
    f->diff_statuses[2] = (struct ha_diff_row){.status = 429,
                                               .now = 10,
                                               .low = 2.5,
                                               .high = INFINITY,
                                               .verdict = HA_DIFF_NEW,
                                               .excess = 10};
    f->diff_statuses[3] = (struct ha_diff_row){.status = 503,
                                               .now = 20,
                                               .before = 4,
                                               .low = 2.56,
                                               .high = 39.1,
                                               .verdict = HA_DIFF_UP,
                                               .excess = 18};
    f->diff_pairs[0] = f->diff_statuses[3];
    f->diff_pairs[0].target = HA_VIEW_LIT("/login");
    f->diff_pairs[1] = f->diff_statuses[2];
    f->diff_pairs[1].target =
        HA_VIEW_LIT("/\033[2J/a/long/target/that/goes/on/and/on/until/the/end");
    f->diff_pairs[2] = f->diff_statuses[1];
    f->diff_pairs[2].target = HA_VIEW_LIT("");
    f->report.has_diff = true;
    f->report.before_name = "yesterday.partial";
    f->report.diff = (struct ha_diff){.now = 1000,
                                      .before = 2000,
                                      .has_time = true,
                                      .first_us = (FIXTURE_START_S - 86400) * HA_US_PER_S,
                                      .last_us = FIXTURE_START_S * HA_US_PER_S,
                                      .statuses = f->diff_statuses,
                                      .status_count = 4,
                                      .pairs = f->diff_pairs,
                                      .pair_count = 3,
                                      .pairs_changed = 5,
                                      .pairs_same = 1234};
}

/* Durations in us, growing with the group, so that each figure is another one. */
static void fixture_figures(struct fixture *f)
{
    f->get_statuses[200] = 890;
    f->get_statuses[429] = 10;
    f->post_statuses[200] = 79;
    f->post_statuses[503] = 15;
    f->none_statuses[503] = 5;
    f->method_statuses[0] = (struct ha_report_method_statuses){
        .method = HA_VIEW_LIT("GET"), .statuses = f->get_statuses, .count = 900, .errors = 10};
    f->method_statuses[1] = (struct ha_report_method_statuses){
        .method = HA_VIEW_LIT("POST"), .statuses = f->post_statuses, .count = 94, .errors = 15};
    f->method_statuses[2] = (struct ha_report_method_statuses){
        .kind = HA_METHOD_NONE, .statuses = f->none_statuses, .count = 5, .errors = 5};
    static const uint64_t counts[HA_DURATIONS_N] = {900, 870, 30, 0, 870, 0, 10, 20, 0};
    for (uint64_t i = 0; i < HA_DURATIONS_N; i++)
        if (counts[i] > 0)
            f->report.durations[i] = (struct ha_spread){counts[i],
                                                        1234 + i * 100000,
                                                        999 + i * 7,
                                                        12345 + i * 100000,
                                                        65432 + i * 99999,
                                                        123456 + i * 1000000,
                                                        61000000 + i * 60000000};
    f->report.sizes = (struct ha_spread){998, 1239, 1100, 2222, 3333, 44444, 5555555};
    f->report.faults[HA_FAULT_CLIENT] = f->report.error_faults[HA_FAULT_CLIENT] = 10;
    f->report.faults[HA_FAULT_SERVER] = f->report.error_faults[HA_FAULT_SERVER] = 20;
    f->report.faults[HA_FAULT_NONE] = 970;
}

/* The report lives in *f. */
static inline struct ha_report *fixture_init(struct fixture *f)
{
    *f = (struct fixture){0};
    fixture_sums(&f->sums);
    fixture_lists(f);
    f->report = (struct ha_report){
        .sums = &f->sums,
        .errors = f->sums.errors,
        .errors_of = f->sums.selected,
        .noise = {.known = true},
        .selection = "status 200,429,503",
        .sources = f->sources,
        .source_count = 2,
        .patterns = f->patterns,
        .pattern_count = 2,
        .statuses = f->statuses,
        .status_count = 3,
        .methods = f->methods,
        .method_count = 4,
        .top[HA_TOP_TARGETS] = f->targets,
        .top_count[HA_TOP_TARGETS] = 2,
        .top[HA_TOP_CLIENTS] = f->clients,
        .top_count[HA_TOP_CLIENTS] = 1,
        .top[HA_TOP_ERROR_TARGETS] = f->error_targets,
        .top_count[HA_TOP_ERROR_TARGETS] = 1,
        .top[HA_TOP_ERROR_PAIRS] = f->error_pairs,
        .top_count[HA_TOP_ERROR_PAIRS] = 2,
        .target_codes = f->target_codes,
        .method_statuses = f->method_statuses,
        .method_statuses_count = 3,
        .top_bound[HA_TOP_CLIENTS] = 7,
        .clients = 12,
        .buckets = f->buckets,
        .bucket_count = 3,
        .bucket_seconds = 60,
        .bucket_span = 5,
        .spikes = f->spikes,
        .spike_count = 3,
        .spike_groups = f->spike_groups,
        .spike_group_count = 2,
        .spikes_early = 1000,
        .samples = f->samples,
        .sample_count = 2,
    };
    fixture_figures(f);
    fixture_diff(f);
    fixture_spikes(f);
    fixture_risen(f);
    return &f->report;
}

#endif
