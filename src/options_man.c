/* options_man.c - the manual page, in man(7), from the table of options. */
#include "options_table.h"

#include "httpannotate/facts.h"

#include <string.h>

/* Longest line of the page's source, where it can be broken. */
#define SOURCE_WIDTH 76

/* One character as roff takes it: backslashes, hyphens and quotes are meant as such. */
static void write_char(struct ha_buf *to, char c)
{
    static const struct {
        char c;
        const char *roff;
    } names[] = {{'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"},
                 {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};
    for (size_t i = 0; i < HA_COUNT(names); i++) {
        if (names[i].c == c) {
            ha_buf_str(to, names[i].roff);
            return;
        }
    }
    ha_buf_char(to, c);
}

/* Text on the current line of the source. */
static void write_inline(struct ha_buf *to, const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        write_char(to, *c);
}

/* A paragraph, broken between words into lines of the source; a point that begins one is no
 * request. */
static void write_text(struct ha_buf *to, const char *text)
{
    size_t start = to->len;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (to->len > start && to->len - start + len > SOURCE_WIDTH) {
            ha_buf_char(to, '\n');
            start = to->len;
        } else if (to->len > start) {
            ha_buf_char(to, ' ');
        }
        if (to->len == start && *text == '.')
            ha_buf_str(to, "\\&");
        for (size_t i = 0; i < len; i++)
            write_char(to, text[i]);
        text += len + strspn(text + len, " ");
    }
    ha_buf_char(to, '\n');
}

/* The formats of reports, each with what it is for. */
static void write_formats(struct ha_buf *to)
{
    size_t count;
    const struct ha_reporter *all = ha_reporters(&count);
    ha_buf_str(to, ".RS\n");
    for (size_t i = 0; i < count; i++) {
        ha_buf_printf(to, ".TP\n\\fB%s\\fR\n", all[i].name);
        write_text(to, all[i].summary);
    }
    ha_buf_str(to, ".RE\n");
}

static void write_option(struct ha_buf *to, const struct ha_option *o)
{
    ha_buf_str(to, ".TP\n");
    if (o->letter != 0)
        ha_buf_printf(to, "\\fB\\-%c\\fR, ", o->letter);
    ha_buf_str(to, "\\fB\\-\\-");
    write_inline(to, o->name);
    ha_buf_str(to, "\\fR");
    if (ha_option_takes_value(o)) {
        ha_buf_str(to, "=\\fI");
        write_inline(to, o->argument);
        ha_buf_str(to, "\\fR");
    }
    ha_buf_char(to, '\n');
    write_text(to, o->manual);
    if (o->id == HA_OPT_OUTPUT)
        write_formats(to);
}

static void write_options(struct ha_buf *to)
{
    ha_buf_str(to, ".SH OPTIONS\n");
    write_text(to,
               "Options may stand before and after operands; -- ends them. An option given again "
               "takes the place of the earlier one, but for those said to be repeatable.");
    for (int group = 0; group < HA_GROUP_N; group++) {
        ha_buf_str(to, ".SS ");
        write_inline(to, ha_option_group_title((enum ha_option_group)group));
        ha_buf_char(to, '\n');
        for (size_t i = 0; i < HA_OPT_N; i++)
            if (ha_option_table[i].group == (enum ha_option_group)group)
                write_option(to, &ha_option_table[i]);
    }
}

static void write_item(struct ha_buf *to, const char *term, const char *text)
{
    ha_buf_str(to, ".TP\n");
    ha_buf_str(to, "\\fB");
    write_inline(to, term);
    ha_buf_str(to, "\\fR\n");
    write_text(to, text);
}

static void write_head(struct ha_buf *to)
{
    ha_buf_str(to, ".TH HTTPANNOTATE 1 " HA_FACTS_DATE " \"httpannotate " HA_VERSION "\"\n"
                   ".SH NAME\n"
                   "httpannotate \\- annotate HTTP access logs and report on them\n"
                   ".SH SYNOPSIS\n"
                   ".B httpannotate\n"
                   "[\\fIOPTION\\fR]... [\\fIFILE\\fR]...\n"
                   ".br\n"
                   ".B httpannotate \\-r\n"
                   "[\\fIOPTION\\fR]... [\\fIFILE\\fR]...\n"
                   ".br\n"
                   ".B httpannotate \\-x\n"
                   "[\\fITERM\\fR]...\n"
                   ".br\n"
                   ".B httpannotate \\-m\n"
                   "[\\fIOPTION\\fR]... [\\fIFILE\\fR]...\n"
                   ".SH DESCRIPTION\n");
    write_text(
        to, "httpannotate reads access logs of HTTP servers and writes every line with what its "
            "status and method mean, the moment it arrives. At the end of the input, or when "
            "interrupted, it reports what was in it: counts by class, status and method, and the "
            "targets and clients that stand out.");
    ha_buf_str(to, ".PP\n");
    write_text(to,
               "Each FILE is read in the order given; without one, or where it is -, standard "
               "input is. Compressed data (gzip, zstd, xz, bzip2, lz4) is known by its first "
               "bytes and decoded; of zstd --long and xz -9 only as much as fits into the memory "
               "that the program takes, and the message then has the command that decodes all. A "
               "line that no pattern reads passes through unchanged and is counted, with the "
               "reason. Logs in UTF-16, or with CR alone at the end of lines, have none that is "
               "read: the report says so, with the command that converts them.");
    ha_buf_str(to, ".PP\n");
    write_text(to, "The report goes to standard error when lines go to standard output, else to "
                   "standard output.");
}

static void write_findings(struct ha_buf *to)
{
    ha_buf_str(to, ".SH FINDINGS\n");
    write_text(to,
               "What the protocol says cannot or should not be is told at the end of the report, "
               "gravest first: how often, on what grounds, how sure it is, and the first line. A "
               "line in which a rule finds at least a warning is marked behind its note with | ! "
               "and the ids of the rules; JSON lines have all ids. Rules on content are judged "
               "when all is read, by what the bytes column shows for 204 and 304. Lines that "
               "salvage read are not looked at. --list-findings has the rules, --explain ID the "
               "condition of one, its source, and when it is wrong.");
}

static void write_spikes(struct ha_buf *to)
{
    ha_buf_str(to, ".SH SPIKES\n");
    write_text(
        to,
        "Reports tell where errors came much thicker than was usual, in groups: 429, each status "
        "from 500 to 599, 4xx and 5xx, or those of --spike-group, each by itself. Usual is what "
        "the hour and the day before had, in minutes of the log's own time. A status whose class "
        "has a spike that began within two minutes of its own is shown under it: the two are one "
        "incident, but two spikes, to --fail-if='spikes>0' as well as in JSON, where within "
        "names the class. A spike that the log ends in has no end yet.");
    ha_buf_str(to, ".PP\n");
    write_text(
        to,
        "A log of less than ten minutes has no usual to compare with, which is said; where errors "
        "are at least ten and a fifth of all requests in its first five minutes, that is told as "
        "a plain fact, unless requests were chosen by an option. Minutes are kept apart for a log "
        "of some 45 days, and so are minutes with "
        "their statuses, as long as there are no more than 65536 of them: beyond that single "
        "statuses from 400 to 499 are not looked at, then no single ones, and 429, 4xx and 5xx "
        "go on. What was not looked for is said.");
    ha_buf_str(to, ".PP\n");
    write_text(
        to, "Under a spike stand the clients, networks (/24 of IPv4, /48 of IPv6), targets with "
            "their method, methods and agents, and of 4xx and 5xx the statuses, whose share of its "
            "errors is a tenth or more, at least twice the usual one, and more than chance "
            "explains. Usual is the share of the group's errors outside its spikes, or of all "
            "requests where these are too few; what has no more of the errors than of all "
            "requests is not told, however large. They are told from samples of a bounded size: "
            "about marks a share that is an estimate. Statuses are counted where every minute is "
            "kept.");
    ha_buf_str(to, ".PP\n");
    write_text(
        to,
        "What counts look like stands behind an arrow, in JSON in looks_like, where the log has "
        "the evidence: 499 and 504 that rose within five minutes of each other (a slow upstream); "
        "502 that came and went within two minutes, and was half or more of the errors 5xx (a "
        "restart); 404 of which half or more was for one client or network that asked for ten "
        "targets or more (a scan). They are readings, not proofs.");
}

static void write_live_spikes(struct ha_buf *to)
{
    ha_buf_str(to, ".SS While the log is read\n");
    write_text(
        to,
        "Where lines are written, a spike is told on standard error, too, as soon as its minute "
        "shows it, in one line that comes between lines of the log: SPIKE when one opens, with "
        "errors a minute, what is usual, since when, and what rose most; WORSE, once, when it is "
        "four times as bad as at first; where 429 is nearly all of a burst of 4xx the one says so "
        "of "
        "the other; END when it is over, which is known ten minutes later; "
        "AGAIN when one that had ended goes on within half an hour; LASTS when it has gone on for "
        "an hour, and its level is the usual from there on. A minute is looked at while it goes "
        "on, against what is usual for a whole one: the rate is that of its errors so far. Where "
        "other traffic then rises as much, END says that there was no spike. With --report-only "
        "they are told where somebody looks on: standard error is a terminal, and an input is no "
        "plain file. So a nightly run that makes a report says nothing but that, and one that "
        "writes lines has them beside its report, but where a report for programs, as of "
        "--output=json, "
        "goes to standard error. --no-spikes silences them, and --on-spike gives "
        "them to a command in every mode. A status from 500 to 599 is not told while 5xx is, nor "
        "what a group that bursts by habit (more than six a week) does as ever. All that is told "
        "of one incident carries the group and the start that were told first, even where later "
        "minutes show that it began at another: so the two name it.");
    ha_buf_str(to, ".PP\n");
    write_text(
        to,
        "Time is that of the log alone, shown by the offset from UTC that its first line has, "
        "which is named unless it is UTC (since 03:20 +02:00), with the date where it is not that "
        "of the time told before. A log that falls silent closes no minute. Lines may be up "
        "to 15 minutes late (a server may write the start of a request that took long): they "
        "count where they belong, and what is told ends up as what the report lists. Lines later "
        "than that are not used, and 64 of them in a row are another log, read from there on with "
        "what is known of the usual. A line more than 16 minutes ahead is believed when two more "
        "come that are not before it. Neither threads nor the pieces in which the input comes "
        "change what is told.");
}

/* What an own format is made of. */
static void write_pattern_keys(struct ha_buf *to)
{
    ha_buf_str(to, ".SH PATTERN FILES\n");
    write_text(to, "A file for --pattern and --check-pattern describes one format. A line is a "
                   "key, a blank and a value; # begins a comment. name must be there, and regex "
                   "or, for logs in JSON and those led by a #Fields line, key (see Keys below).");
    write_item(to, "name, summary", "What the format is called, and what it is.");
    write_item(to, "regex",
               "An expression of PCRE2 for the whole line. Named groups, (?<status>[0-9]{3}), are "
               "the fields; ${NAME} stands for a piece. Indented lines behind it go on with it. "
               "Without a status lines count as requests, and none as an error, which is said.");
    write_item(to, "time",
               "The format of the field time, as of strptime, with %f for a fraction; several "
               "are tried in order. common stands for that of the common log format.");
    write_item(to, "duration", "The unit of the field duration: ns, us, ms or s.");
    write_item(to, "bytes",
               "What the field bytes counts: body, wire (header too), length-field or unknown.");
    write_item(to, "tier",
               "When it is tried: first, line (unless told), or salvage, after all others.");
    write_item(to, "match, expect",
               "A line that must be read, and behind it lines of a field and the value it must "
               "have: expect status 429.");
    write_item(to, "reject", "A line that must not be read.");
}

/* Formats that are read by keys, as patterns/x.keys are. */
static void write_keys(struct ha_buf *to)
{
    ha_buf_str(to, ".SS Keys\n");
    write_text(to, "A format whose lines name their values has no regex, but these, each on a line "
                   "of its own, in place of it:");
    write_item(to, "reads json, reads columns",
               "What the lines are: each a JSON object (json, unless told); or columns, apart by "
               "blanks or TABs, under a #Fields line that names them.");
    write_item(to, "key FIELD PATH [UNIT]",
               "The value at PATH fills FIELD. Of several for one field the first that gives a "
               "value does. PATH is name, name.name or name[0], at most six deep, with a "
               "backslash before a point or bracket that belongs to a name; or the name of a "
               "column, in any case. A duration has its UNIT (ns, us, ms, s) behind it; without "
               "one it is read only where the value says it (1.5ms). Times are read in all usual "
               "spellings, and as a count of seconds, milliseconds, microseconds or nanoseconds "
               "since the epoch. A value that is null, empty or - is none; of a list the first is "
               "taken. query is joined to target, date to time.");
    write_item(to, "need PATH...",
               "One of these must be there, or the line is left to other formats; repeatable, and "
               "then all must hold. Of several files that fit, the one with most of them reads "
               "the line. In a file of columns also !NAME, a column that must not be there, and "
               "#Software:TEXT, which the #Software line must hold. A file for JSON without any "
               "takes only what is plainly a request that was served: a status from 100 to 599, "
               "a method that is known, a target, and a client, agent, Referer or a path.");
    write_item(to, "inner PATH",
               "The value at PATH is a log line (or an object) of its own, read by all other "
               "formats; a time of the object is its time where it has none.");
    ha_buf_str(to, ".PP\n");
    write_text(to, "A line is read when it gives a status, and a target or request. name, summary, "
                   "bytes, match, expect and reject are as above; for columns the #Fields line "
                   "comes as a match line of its own before the lines it leads. An example:");
    ha_buf_str(to, ".PP\n.nf\nname shop_json\nsummary the shop\\(aqs log in JSON\nreads json\n"
                   "need http.status\nkey client http.peer\nkey method http.verb\n"
                   "key target http.path\nkey status http.status\nkey duration took ms\n"
                   "match {\"http\":{\"peer\":\"192.0.2.1\",\"verb\":\"GET\",\"path\":\"/a\","
                   "\"status\":503},\"took\":2.5}\nexpect duration_us 2500\n"
                   "reject {\"message\":\"503\"}\n.fi\n");
}

static void write_pattern_files(struct ha_buf *to)
{
    static const char *const fields[][2] = {
#define HA_FIELD(id, name, kind, meaning) {name, meaning},
#include "httpannotate/tbl/fields.def"
#undef HA_FIELD
    };
    static const char *const pieces[][2] = {
#define HA_PIECE(name, expression, meaning) {"${" name "}", meaning},
#include "httpannotate/tbl/pieces.def"
#undef HA_PIECE
    };
    write_pattern_keys(to);
    write_keys(to);
    ha_buf_str(to, ".SS Fields\n");
    for (size_t i = 0; i < HA_COUNT(fields); i++)
        write_item(to, fields[i][0], fields[i][1]);
    ha_buf_str(to, ".SS Pieces\n");
    for (size_t i = 0; i < HA_COUNT(pieces); i++)
        write_item(to, pieces[i][0], pieces[i][1]);
}

static void write_exit_and_signals(struct ha_buf *to)
{
    ha_buf_str(to, ".SH EXIT STATUS\n");
    write_item(to, "0", "All was done.");
    write_item(to, "1",
               "There were lines and none matched; blank lines and directives (#) alone are none. "
               "With --explain, a term was not known.");
    write_item(to, "2", "Trouble: with the command line, with input or with output.");
    write_item(to, "3", "A condition of --fail-if held.");
    ha_buf_str(to, ".PP\n");
    write_text(to, "Of several, 2 comes before 3, and 3 before 1.");
    ha_buf_str(to, ".SH SIGNALS\n");
    write_item(to, "INT, TERM",
               "The report is written as at the end of input. A second one ends the "
               "program at once.");
    write_item(to, "USR1", "An interim report is written.");
}

/* Work that is split. */
static void write_merging(struct ha_buf *to)
{
    ha_buf_str(to, ".SH MERGING\n");
    write_text(to,
               "A partial report (--output=partial) is one line of text without a TAB that holds "
               "all that was counted; --merge adds up any number of such lines. So work can be "
               "split by whatever splits lines and passes lines on. Merged counts are those of one "
               "run over all the lines; what is an estimate keeps its stated bound. Line numbers "
               "of samples are those in the piece they came from. An interim partial report is "
               "written to a PATH alone, since on a stream it would be counted twice.");
    write_item(to,
               "parallel --pipepart --block 64M -a access.log httpannotate -r -o partial | "
               "httpannotate -m",
               "GNU parallel, on the cores of one machine or of several.");
    write_item(to,
               "hadoop jar hadoop-streaming.jar ... -mapper 'httpannotate -r -o partial' "
               "-combiner 'httpannotate -m -o partial' -reducer 'httpannotate -m'",
               "Hadoop Streaming, with one reducer.");
    write_item(to, "rdd.pipe(\"httpannotate -r -o partial\")",
               "Apache Spark; what it gives is collected and piped to httpannotate -m.");
}

static void write_tail(struct ha_buf *to)
{
    ha_buf_str(to, ".SH ENVIRONMENT\n");
    write_item(to, "HA_CPU",
               "The kernel to scan with, in place of the best that the processor has: scalar, "
               "sse2, avx2, avx512 or neon. --version names the one in use.");
    write_item(to, "NO_COLOR",
               "When set and not empty, nothing is coloured but with --color=always.");
    write_item(to, "XDG_CONFIG_HOME",
               "Where configuration files are; ~/.config when it is not set.");
    ha_buf_str(to, ".SH FILES\n");
    write_item(
        to, "$XDG_CONFIG_HOME/httpannotate/config",
        "Options, one a line, read before the command line: their long names with or without "
        "the two hyphens, a value behind = or a blank, as it stands (quotes are part of it). "
        "Empty lines and lines that begin with # are left out.");
    ha_buf_str(to, ".SH EXAMPLES\n");
    write_item(to, "tail -F access.log | httpannotate", "Watch a log, each line explained.");
    write_item(to, "httpannotate -r access.log", "Report on a log.");
    write_item(to, "httpannotate -e --since=-1h --top=5 access.log",
               "The errors of the last hour, line by line, and what they have in common.");
    write_item(
        to, "httpannotate -r -o json:summary.json --fail-if='5xx>1%' access.log.1",
        "For a nightly job: a report for programs, and an exit status of 3 when more than one "
        "request in a hundred ended in a server error.");
    write_item(to, "httpannotate -l raw --no-report -s 429 access.log | less",
               "The lines with status 429 as they are.");
    write_item(to, "httpannotate -x 429 \"too many\" DELETE", "What a status or method means.");
    ha_buf_str(to, ".SH SEE ALSO\n");
    write_text(to, "RFC 9110 (HTTP Semantics),");
    ha_buf_str(to, ".BR pcre2pattern (3),\n.BR tail (1)\n");
}

void ha_options_man(struct ha_buf *to)
{
    write_head(to);
    write_options(to);
    write_findings(to);
    write_spikes(to);
    write_live_spikes(to);
    write_pattern_files(to);
    write_exit_and_signals(to);
    write_merging(to);
    write_tail(to);
}
