/* One plugin with bad habits, chosen by its setting `habit`; and good ones to compare with. */
#include <valise/plugin.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum habit {
    GOOD,
    CRASH_IN_DELIVER,
    HANG_IN_POLL,
    BAD_NAMES,
    STREAM,
    FLOOD,
    NO_START,
    NO_CONFIGURE,
    STRANGE_ANSWER,
    UNENDED,
};

static const struct vls_setting SETTINGS[] = {
    {.name = "habit",
     .type = VLS_SETTING_CHOICE,
     .choices = "good|crash-in-deliver|hang-in-poll|bad-names|stream|flood|no-start|no-configure|"
                "strange-answer|unended",
     .fallback = "good",
     .help = "What it does wrong."},
    {.name = "count",
     .type = VLS_SETTING_NUMBER,
     .min = 0,
     .max = 1000000,
     .fallback = "0",
     .help = "How much of it: documents, or pieces of 64 KiB."},
    {0},
};

#define LABEL "un-sgb-2007-6/unclassified"

static struct zoo {
    const struct vls_host *host;
    const struct vls_source_service *source;
    const struct vls_state_service *state;
    enum habit habit;
    int64_t count, emitted;
    bool is_refused, is_drained;
} zoo;

static void put_number(const char *key, int64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%lld", (long long)number);
    if (zoo.state != NULL)
        (void)zoo.state->put(zoo.host->ctx, key, text, (size_t)len);
}

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    zoo = (struct zoo){.host = host};
    zoo.habit = (enum habit)host->setting_number(host->ctx, "habit");
    zoo.count = host->setting_number(host->ctx, "count");
    *out_state = &zoo;
    snprintf(why, room, "it does not like mornings");
    return zoo.habit == NO_CONFIGURE ? -1 : 0;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    (void)state;
    zoo.source = host->service(host->ctx, "valise.source/1");
    zoo.state = host->service(host->ctx, "valise.state/1");
    snprintf(why, room, "it does not like\nMondays");
    return zoo.habit == NO_START ? -1 : 0;
}

static struct vls_document document(const char *key)
{
    return (struct vls_document){.size = sizeof(struct vls_document),
                                 .origin_key = key,
                                 .kind = "publication",
                                 .to = "iom",
                                 .label = LABEL};
}

/* How many of its bad documents the host refused. */
static int64_t emit_bad(void)
{
    static const char *const NAMES[] = {"../up", "a/b",     "/etc/passwd", "..",
                                        "",      ".hidden", "a\nb",        "\xff"};
    int64_t refused = 0;
    void *ctx = zoo.host->ctx;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct vls_document d = document("bad");
        if (zoo.source->emit_begin(ctx, &d) == VLS_EMIT_OK)
            refused += zoo.source->emit_part(ctx, NAMES[i], NULL) == VLS_EMIT_INVALID;
    }
    struct vls_document d = document("");
    refused += zoo.source->emit_begin(ctx, &d) == VLS_EMIT_INVALID;
    d = document("k");
    d.kind = "Not A Name";
    refused += zoo.source->emit_begin(ctx, &d) == VLS_EMIT_INVALID;
    d = document("k");
    d.in_reply_to = "yesterday's";
    refused += zoo.source->emit_begin(ctx, &d) == VLS_EMIT_INVALID;
    d = document("k");
    d.size = 8;
    refused += zoo.source->emit_begin(ctx, &d) == VLS_EMIT_INVALID;
    refused += zoo.source->emit_label(ctx, LABEL) == VLS_EMIT_INVALID; /* of no document */
    refused += zoo.source->emit_end(ctx, 0) == VLS_EMIT_INVALID;
    refused += zoo.source->emit_bytes(ctx, "x", 1) == VLS_EMIT_INVALID;
    return refused;
}

/* Every wrong use of a part's label ends its document. */
static int64_t emit_bad_labels(void)
{
    static char too_long[4098];
    static const char *const LABELS[] = {"a\nb", "\xff", too_long};
    int64_t refused = 0;
    void *ctx = zoo.host->ctx;
    memset(too_long, 'x', sizeof too_long - 1);
    for (size_t i = 0; i < sizeof LABELS / sizeof LABELS[0]; i++) {
        struct vls_document d = document("bad");
        if (zoo.source->emit_begin(ctx, &d) == VLS_EMIT_OK &&
            zoo.source->emit_part(ctx, "a.txt", NULL) == VLS_EMIT_OK)
            refused += zoo.source->emit_label(ctx, LABELS[i]) == VLS_EMIT_INVALID;
    }
    struct vls_document d = document("bad");
    if (zoo.source->emit_begin(ctx, &d) == VLS_EMIT_OK)
        refused += zoo.source->emit_label(ctx, LABEL) == VLS_EMIT_INVALID; /* of no part */
    d = document("bad");
    if (zoo.source->emit_begin(ctx, &d) == VLS_EMIT_OK &&
        zoo.source->emit_part(ctx, "a.txt", NULL) == VLS_EMIT_OK &&
        zoo.source->emit_label(ctx, LABEL) == VLS_EMIT_OK)
        refused += zoo.source->emit_label(ctx, LABEL) == VLS_EMIT_INVALID; /* a second one */
    return refused;
}

static void stream(void)
{
    static unsigned char piece[65536];
    struct vls_document d = document("streamed");
    void *ctx = zoo.host->ctx;
    if (zoo.source->emit_begin(ctx, &d) != VLS_EMIT_OK ||
        zoo.source->emit_part(ctx, "big.bin", "application/octet-stream") != VLS_EMIT_OK ||
        zoo.source->emit_label(ctx, LABEL) != VLS_EMIT_OK)
        return;
    for (int64_t i = 0; i < zoo.count; i++) {
        memset(piece, (int)i, sizeof piece);
        if (zoo.source->emit_bytes(ctx, piece, sizeof piece) != VLS_EMIT_OK)
            return;
    }
    (void)zoo.source->emit_state(ctx, "streamed", "yes", 3);
    (void)zoo.source->emit_end(ctx, 7);
}

static void flood(void)
{
    void *ctx = zoo.host->ctx;
    while (zoo.emitted < zoo.count) {
        char key[32];
        snprintf(key, sizeof key, "flood-%lld", (long long)zoo.emitted);
        struct vls_document d = document(key);
        if (zoo.source->emit_begin(ctx, &d) != VLS_EMIT_OK ||
            zoo.source->emit_part(ctx, "small.txt", NULL) != VLS_EMIT_OK ||
            zoo.source->emit_bytes(ctx, key, strlen(key)) != VLS_EMIT_OK ||
            zoo.source->emit_end(ctx, (uint64_t)zoo.emitted) != VLS_EMIT_OK)
            return;
        zoo.emitted++;
    }
}

static uint32_t poll_habit(void *state)
{
    (void)state;
    if (zoo.habit == HANG_IN_POLL)
        for (volatile bool is_for_ever = true; is_for_ever;)
            ;
    if (zoo.habit == BAD_NAMES && !zoo.is_refused)
        put_number("refused", emit_bad() + emit_bad_labels());
    if (zoo.habit == STREAM && zoo.emitted++ == 0)
        stream();
    if (zoo.habit == FLOOD)
        flood();
    if (zoo.habit == UNENDED) {
        struct vls_document d = document("unended");
        put_number("begun", zoo.source->emit_begin(zoo.host->ctx, &d) == VLS_EMIT_OK);
    }
    zoo.is_refused = true;
    return 60000;
}

static void committed(void *state, const struct vls_commit *commit)
{
    size_t len = 0;
    (void)state;
    if (zoo.habit != STREAM)
        return;
    /* what was saved with the document is visible by now */
    bool is_visible = zoo.state->get(zoo.host->ctx, "streamed", &len) != NULL && len == 3;
    put_number("token", is_visible ? (int64_t)commit->token : -1);
}

static void drain(void *state)
{
    (void)state;
    zoo.is_drained = true;
}

static void stop(void *state)
{
    (void)state;
}

static enum vls_answer deliver_begin(void *state, const struct vls_message *m, char *why,
                                     size_t room)
{
    (void)state;
    (void)m;
    (void)why;
    (void)room;
    if (zoo.habit == CRASH_IN_DELIVER)
        raise(SIGKILL); /* what the host sees of a crash, without the sanitizers' words */
    return zoo.habit == STRANGE_ANSWER ? (enum vls_answer)77 : VLS_ANSWER_DONE;
}

static enum vls_answer part_begin(void *state, const struct vls_part *part, char *why, size_t room)
{
    (void)state;
    (void)part;
    (void)why;
    (void)room;
    return VLS_ANSWER_DONE;
}

static enum vls_answer part_bytes(void *state, const void *bytes, size_t len, char *why,
                                  size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    if (len >= 6 && memcmp(bytes, "refuse", 6) == 0) {
        snprintf(why, room, "it does not take such words");
        return VLS_ANSWER_REFUSE;
    }
    return VLS_ANSWER_DONE;
}

static enum vls_answer part_end(void *state, char *why, size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    return VLS_ANSWER_DONE;
}

static enum vls_answer deliver_end(void *state, char *why, size_t room)
{
    (void)state;
    snprintf(why, room, "the disk is full");
    put_number("ended", 1);
    return zoo.count > 0 ? VLS_ANSWER_RETRY : VLS_ANSWER_DONE;
}

static void deliver_abort(void *state)
{
    (void)state;
    put_number("aborted", 1);
}

static const struct vls_plugin ZOO = {
    VLS_PLUGIN_HEAD,
    .caps_want = VLS_CAP_STATE,
    .roles = VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK,
    .id = "zoo",
    .version = "1",
    .summary = "Behaves as its setting says.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .drain = drain,
    .stop = stop,
    .poll = poll_habit,
    .committed = committed,
    .deliver_begin = deliver_begin,
    .part_begin = part_begin,
    .part_bytes = part_bytes,
    .part_end = part_end,
    .deliver_end = deliver_end,
    .deliver_abort = deliver_abort,
};

VLS_PLUGIN_EXPORT(ZOO)
