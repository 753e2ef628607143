/* A resolver and an inspector with bad habits: the symbol, or a word in a document, chooses which.
 */
#include <valise/plugin.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LABEL "un-sgb-2007-6/unclassified"

static struct zoo {
    const struct vls_host *host;
    const struct vls_resolver_service *resolver;
    const struct vls_report_service *report;
    const struct vls_metrics_service *metrics;
    unsigned begun, aborted;
} zoo;

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    zoo = (struct zoo){.host = host};
    zoo.resolver = host->service(host->ctx, "valise.resolver/1");
    zoo.report = host->service(host->ctx, "valise.report/1");
    zoo.metrics = host->service(host->ctx, "valise.metrics/1");
    return 0;
}

static void stop(void *state)
{
    (void)state;
}

static void hang(void)
{
    for (volatile bool is_for_ever = true; is_for_ever;)
        ;
}

/* A source for the sake of its calls, which a resolver must not make. */
static uint32_t poll_nothing(void *state)
{
    (void)state;
    return 60000;
}

static void committed(void *state, const struct vls_commit *commit)
{
    (void)state;
    (void)commit;
}

/* -- resolver ---------------------------------------------------------------------------------- */

static bool emit(const char *name, const char *type, const char *text)
{
    void *ctx = zoo.host->ctx;
    return zoo.resolver->emit_part(ctx, name, type) == VLS_EMIT_OK &&
           zoo.resolver->emit_label(ctx, LABEL) == VLS_EMIT_OK &&
           zoo.resolver->emit_bytes(ctx, text, strlen(text)) == VLS_EMIT_OK;
}

static void deliver_two(const struct vls_question *q)
{
    char name[64];
    snprintf(name, sizeof name, "%s.pdf", q->language[0] != '\0' ? q->language : "any");
    (void)emit(name, "application/pdf", "%PDF-1.7 a page");
    (void)emit("note.txt", "text/plain", "as it was found");
}

/* Each as a whole: what it has to say is there. */
static const struct vls_finding FINDINGS[] = {
    {.result = VLS_RESULT_DELIVERED},
    {.result = VLS_RESULT_UNCHANGED},
    {.result = VLS_RESULT_PARTIAL, .got = 2, .total = 5},
    {.result = VLS_RESULT_NOT_PUBLISHED},
    {.result = VLS_RESULT_NOT_FOUND},
    {.result = VLS_RESULT_BLOCKED, .url = "https://library.example/a"},
    {.result = VLS_RESULT_NEEDS_KEY},
    {.result = VLS_RESULT_REFUSED},
    {.result = VLS_RESULT_RETRY_AT, .retry_at_ms = 1900000000000u},
    {.result = VLS_RESULT_MALFORMED, .where = "page 2"},
    {.result = VLS_RESULT_QUEUED, .receipt = "R-17"},
};

/* Lacking what they need, or being none. */
static const struct vls_finding UNFIT[] = {
    {.result = VLS_RESULT_NONE},
    {.result = 99},
    {.result = VLS_RESULT_PARTIAL, .got = 5, .total = 5},
    {.result = VLS_RESULT_RETRY_AT},
    {.result = VLS_RESULT_MALFORMED},
    {.result = VLS_RESULT_QUEUED},
    {.result = VLS_RESULT_NOT_FOUND, .url = "bad\n"},
};

/* "result-N", "unfit-N". */
static bool take_from(const char *symbol, const char *prefix, const struct vls_finding *from,
                      size_t count, struct vls_finding *out)
{
    size_t len = strlen(prefix);
    unsigned n = 0;
    if (strncmp(symbol, prefix, len) != 0 || sscanf(symbol + len, "%u", &n) != 1 || n >= count)
        return false;
    uint32_t size = out->size;
    *out = from[n];
    out->size = size;
    return true;
}

/* Bad in one way each, by number. */
static void bad_about(unsigned n, struct vls_about *a)
{
    static const char *const SYMBOLS[] = {"A/1", "", "A\n1", NULL};
    static const struct vls_relation RELATIONS[] = {{VLS_RELATES_ADDS, 0, NULL}};
    static char longest[4096];
    memset(longest, 'x', sizeof longest - 1);
    a->symbols = &SYMBOLS[n < 4 ? n : 0];
    a->symbol_count = 1;
    a->issuer = n == 0 ? NULL : "un";
    a->language = n == 4 ? "-fr" : n == 5 ? "french language" : NULL;
    a->published = n == 6 ? "2025-13" : n == 7 ? "yesterday" : NULL;
    a->url = n == 8 ? "ftp://a.example/" : n == 9 ? "https://user@a.example/" : NULL;
    a->title = n == 10 ? longest : NULL;
    a->symbol_count = n == 11 ? UINT64_MAX : 1;
    a->relations = n == 12 ? RELATIONS : NULL;
    a->relation_count = n == 12 || n == 13 ? 1 : 0;
    a->size = n == 14 ? 16 : a->size;
    a->reserved = n == 15;
}

static void say(const char *symbol)
{
    const struct vls_about_service *service = zoo.host->service(zoo.host->ctx, "valise.about/1");
    static const char *const SYMBOLS[] = {"A/RES/14(I)", "S/RES/2803 (2025)"};
    struct vls_about whole = {.size = sizeof whole,
                              .issuer = "un",
                              .symbols = SYMBOLS,
                              .symbol_count = 2,
                              .title = "العنوان",
                              .published = "1946-01"};
    struct vls_about part = {.size = sizeof part, .language = "zh-Hans"};
    unsigned n = 0;
    if (strcmp(symbol, "about-early") == 0)
        (void)service->about_part(zoo.host->ctx, &part);
    if (!emit("a.txt", "text/plain", "some words"))
        return;
    if (sscanf(symbol, "about-bad-%u", &n) == 1)
        bad_about(n, &whole);
    (void)service->about(zoo.host->ctx, &whole);
    if (strcmp(symbol, "about-twice") == 0)
        (void)service->about(zoo.host->ctx, &whole);
    else if (strcmp(symbol, "about") == 0)
        (void)service->about_part(zoo.host->ctx, &part);
}

static void misbehave(const char *symbol, struct vls_finding *finding)
{
    const struct vls_source_service *source = zoo.host->service(zoo.host->ctx, "valise.source/1");
    struct vls_document d = {
        .size = sizeof d, .origin_key = "k", .kind = "publication", .to = "un"};
    finding->result = VLS_RESULT_DELIVERED;
    if (strcmp(symbol, "crash") == 0)
        raise(SIGKILL);
    if (strcmp(symbol, "hang") == 0)
        hang();
    if (strcmp(symbol, "challenge") == 0) /* what a robot gets in place of a document */
        (void)emit("a.pdf", "application/pdf", "<!DOCTYPE html><title>Are you human?</title>");
    if (strncmp(symbol, "about", 5) == 0)
        say(symbol);
    if (strcmp(symbol, "bad-name") == 0)
        (void)emit("../a.pdf", "application/pdf", "%PDF-");
    if (strcmp(symbol, "begin") == 0 && source != NULL)
        (void)source->emit_begin(zoo.host->ctx, &d);
    if (strcmp(symbol, "end") == 0 && source != NULL && emit("a.txt", "text/plain", "a"))
        (void)source->emit_end(zoo.host->ctx, 1);
}

static void resolve(void *state, const struct vls_question *q, struct vls_finding *finding,
                    char *why, size_t room)
{
    (void)state;
    snprintf(why, room, "as the zoo has it");
    if (zoo.metrics != NULL)
        (void)zoo.metrics->count(zoo.host->ctx, "questions", 1);
    if (take_from(q->symbol, "unfit-", UNFIT, sizeof UNFIT / sizeof UNFIT[0], finding))
        return;
    if (!take_from(q->symbol, "result-", FINDINGS, sizeof FINDINGS / sizeof FINDINGS[0], finding)) {
        misbehave(q->symbol, finding);
        return;
    }
    deliver_two(q); /* goes only with a result that has documents */
    if (zoo.report != NULL)
        (void)zoo.report->report(zoo.host->ctx, finding, why);
}

/* -- inspector --------------------------------------------------------------------------------- */

static enum vls_verdict inspect_begin(void *state, const struct vls_message *m, char *why,
                                      size_t room)
{
    (void)state;
    zoo.begun++;
    snprintf(why, room, "it does not take what comes in");
    (void)zoo.metrics->gauge(zoo.host->ctx, "begun", (int64_t)zoo.begun);
    return m->direction == VLS_INCOMING && strcmp(m->subject, "A subject") != 0 ? VLS_VERDICT_VETO
                                                                                : VLS_VERDICT_PASS;
}

static enum vls_verdict inspect_part_begin(void *state, const struct vls_part *part, char *why,
                                           size_t room)
{
    (void)state;
    snprintf(why, room, "no such names");
    return strstr(part->name, "forbidden") != NULL ? VLS_VERDICT_VETO : VLS_VERDICT_PASS;
}

static bool begins(const void *bytes, size_t len, const char *word)
{
    return len >= strlen(word) && memcmp(bytes, word, strlen(word)) == 0;
}

static enum vls_verdict inspect_part_bytes(void *state, const void *bytes, size_t len, char *why,
                                           size_t room)
{
    (void)state;
    if (begins(bytes, len, "crash"))
        raise(SIGKILL);
    if (begins(bytes, len, "hang"))
        hang();
    if (begins(bytes, len, "strange"))
        return (enum vls_verdict)77;
    if (begins(bytes, len, "later")) {
        snprintf(why, room, "its list is being read");
        return VLS_VERDICT_RETRY;
    }
    snprintf(why, room, "it holds a word that must not leave");
    return begins(bytes, len, "veto") ? VLS_VERDICT_VETO : VLS_VERDICT_PASS;
}

static enum vls_verdict inspect_part_end(void *state, char *why, size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    return VLS_VERDICT_PASS;
}

static enum vls_verdict inspect_end(void *state, char *why, size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    return VLS_VERDICT_PASS;
}

static void inspect_abort(void *state)
{
    (void)state;
    zoo.aborted++;
    (void)zoo.metrics->count(zoo.host->ctx, "aborted", 1);
    /* names that are none, and one that changes its kind */
    if (zoo.metrics->count(zoo.host->ctx, "Not A Name", 1) == -1 &&
        zoo.metrics->count(zoo.host->ctx, NULL, 1) == -1 &&
        zoo.metrics->count(zoo.host->ctx, "begun", 1) == -1)
        (void)zoo.metrics->gauge(zoo.host->ctx, "refused", 3);
}

static const struct vls_plugin ZOO = {
    VLS_PLUGIN_HEAD,
    .caps_want = VLS_CAP_SEND | VLS_CAP_RESOLVE | VLS_CAP_INSPECT,
    .roles = VLS_PLUGIN_SOURCE | VLS_PLUGIN_RESOLVER | VLS_PLUGIN_INSPECTOR,
    .id = "zoo-roles",
    .version = "1",
    .summary = "Resolves and inspects as it is asked.",
    .start = start,
    .stop = stop,
    .poll = poll_nothing,
    .committed = committed,
    .resolve = resolve,
    .inspect_begin = inspect_begin,
    .inspect_part_begin = inspect_part_begin,
    .inspect_part_bytes = inspect_part_bytes,
    .inspect_part_end = inspect_part_end,
    .inspect_end = inspect_end,
    .inspect_abort = inspect_abort,
};

VLS_PLUGIN_EXPORT(ZOO)
