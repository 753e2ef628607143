/* One plugin with bad habits, chosen by its setting `habit`; and good ones to compare with. */
#include <valise/plugin.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Built several times: as it is; with an older or a newer descriptor; with a loading that goes
 * wrong.
 */
#ifndef ZOO_ABI
#define ZOO_ABI VLS_ABI
#endif
#ifndef ZOO_EXTRA
#define ZOO_EXTRA 0
#endif

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
    HANG, /* in the call that `where` names, as the next three */
    CRASH,
    ABORT,
    OVERFLOW_STACK,
    POISON,      /* dies over what holds the word */
    POISON_EMIT, /* dies between emit_begin() and emit_end() of one document */
    LEAK,        /* memory, until there is none */
    LEAK_FDS,
    FORK,
    THREAD,
    EXEC,
    PTRACE,
    SOCKET,
    CONNECT,
    OPEN_READ, /* what was not granted */
    OPEN_WRITE,
    OPEN_PROC,
    KILL_PARENT,
    SCRIBBLE,   /* writes to every descriptor that it finds */
    LIE_LENGTH, /* hands over lengths that are not there */
    TEN_GIB,
    BAD_UTF8,
    SPIN,    /* wants to be called at once, always */
    CHATTER, /* logs without end */
    NULL_TEXTS,
};

static const struct vls_setting SETTINGS[] = {
    {.name = "habit",
     .type = VLS_SETTING_CHOICE,
     .choices = "good|crash-in-deliver|hang-in-poll|bad-names|stream|flood|no-start|no-configure|"
                "strange-answer|unended|hang|crash|abort|overflow-stack|poison|poison-emit|leak|"
                "leak-fds|fork|thread|exec|ptrace|socket|connect|open-read|open-write|open-proc|"
                "kill-parent|scribble|lie-length|ten-gib|bad-utf8|spin|chatter|null-texts",
     .fallback = "good",
     .help = "What it does wrong."},
    {.name = "count",
     .type = VLS_SETTING_NUMBER,
     .min = 0,
     .max = 1000000,
     .fallback = "0",
     .help = "How much of it: documents, or pieces of 64 KiB."},
    {.name = "where",
     .type = VLS_SETTING_TEXT,
     .max = 32,
     .fallback = "poll",
     .help = "In which call it hangs or crashes."},
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
    const char *where;
} zoo;

/* -- what it does in a call -------------------------------------------------------------------- */

static int overflow(volatile char *before)
{
    volatile char here[4096];
    here[0] = before != NULL ? before[0] : 1;
    return before == NULL || before[0] != 0 ? overflow(here) + here[0] : 0;
}

static void at(const char *call)
{
    if (zoo.where == NULL || strcmp(zoo.where, call) != 0)
        return;
    if (zoo.habit == HANG)
        for (volatile bool is_for_ever = true; is_for_ever;)
            ;
    if (zoo.habit == CRASH)
        raise(SIGKILL); /* what the host sees of a crash, without the sanitizers' words */
    if (zoo.habit == ABORT)
        abort();
    if (zoo.habit == OVERFLOW_STACK)
        (void)overflow(NULL);
}

static void say(const char *what, bool has_worked)
{
    char text[160];
    snprintf(text, sizeof text, "zoo: %s: %s", what, has_worked ? "WORKED" : strerror(errno));
    zoo.host->log(zoo.host->ctx, VLS_LEVEL_WARN, text);
}

static void *thread_main(void *ctx)
{
    return ctx;
}

static void leak(void)
{
    size_t mib = 0;
    for (char *piece; mib < 16384 && (piece = malloc(1u << 20)) != NULL; mib++)
        piece[0] = 1; /* taken is what counts, not touched: other tests run on this machine */
    say("10 GiB of memory", mib >= 10240);
}

static void leak_fds(void)
{
    int fd = 0, count = 0;
    while (count < 100000 && (fd = dup(1)) >= 0)
        count++;
    say("100000 descriptors", fd >= 0);
}

static void scribble(void)
{
    for (int fd = 0; fd < 64; fd++)
        if (write(fd, "not a frame", 11) < 0)
            continue;
}

static void go_out(void)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(443)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, "192.0.2.1", &there.sin_addr);
    say("connect to 192.0.2.1:443",
        connect(fd, (const struct sockaddr *)&there, sizeof there) == 0);
}

static void reach_out(void)
{
    pthread_t thread;
    switch (zoo.habit) {
    case LEAK:
        leak();
        break;
    case LEAK_FDS:
        leak_fds();
        break;
    case FORK:
        say("fork", fork() >= 0);
        break;
    case THREAD:
        errno = pthread_create(&thread, NULL, thread_main, NULL);
        say("a thread", errno == 0);
        break;
    case EXEC:
        say("exec", execl("/bin/true", "true", (char *)NULL) == 0);
        break;
    case PTRACE:
        say("ptrace", ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0);
        break;
    case SOCKET:
        say("socket", socket(AF_INET, SOCK_STREAM, 0) >= 0);
        break;
    case CONNECT:
        go_out();
        break;
    case OPEN_READ:
        say("open /etc/passwd", open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0);
        break;
    case OPEN_WRITE:
        say("make /tmp/valise-zoo",
            open("/tmp/valise-zoo", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0);
        break;
    case OPEN_PROC:
        say("open /proc/1/environ", open("/proc/1/environ", O_RDONLY | O_CLOEXEC) >= 0);
        break;
    case KILL_PARENT:
        say("kill the supervisor", kill(getppid(), SIGTERM) == 0);
        break;
    case SCRIBBLE:
        scribble();
        break;
    case CHATTER:
        for (int i = 0; i < 100000; i++)
            say("chatter", true);
        break;
    default:
        break;
    }
}

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
    zoo.where = host->setting(host->ctx, "where");
    at("configure");
    *out_state = &zoo;
    snprintf(why, room, "it does not like mornings");
    return zoo.habit == NO_CONFIGURE ? -1 : 0;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    (void)state;
    at("start");
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

/* Lengths that are not there, a part above what is allowed, and texts that are none. */
static void emit_too_much(void)
{
    static unsigned char piece[1u << 20];
    void *ctx = zoo.host->ctx;
    struct vls_document d = document("too-much");
    if (zoo.source->emit_begin(ctx, &d) != VLS_EMIT_OK ||
        zoo.source->emit_part(ctx, "big.bin", NULL) != VLS_EMIT_OK)
        return;
    enum vls_emit answer = VLS_EMIT_OK;
    if (zoo.habit == LIE_LENGTH)
        answer = zoo.source->emit_bytes(ctx, piece, (size_t)1 << 40);
    for (int i = 0; zoo.habit == TEN_GIB && i < 10240 && answer == VLS_EMIT_OK; i++)
        answer = zoo.source->emit_bytes(ctx, piece, sizeof piece);
    put_number("refused", answer == VLS_EMIT_INVALID);
    if (zoo.habit == LIE_LENGTH && zoo.state != NULL)
        put_number("state-refused", zoo.state->put(ctx, "k", piece, (size_t)1 << 40) != 0);
}

static void emit_bad_texts(void)
{
    static const char *const BAD[] = {"\xff", "\xc3", "\xed\xa0\x80", "a\x01"};
    int64_t refused = 0;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct vls_document d = document("bad-text");
        d.subject = BAD[i];
        refused += zoo.source->emit_begin(zoo.host->ctx, &d) == VLS_EMIT_INVALID;
    }
    put_number("refused", refused);
}

static void emit_null_texts(void)
{
    struct vls_document d = {.size = sizeof d};
    int64_t refused = zoo.source->emit_begin(zoo.host->ctx, &d) == VLS_EMIT_INVALID;
    d = document("null");
    if (zoo.source->emit_begin(zoo.host->ctx, &d) == VLS_EMIT_OK)
        refused += zoo.source->emit_part(zoo.host->ctx, NULL, NULL) == VLS_EMIT_INVALID;
    put_number("refused", refused);
}

/* Two documents, and it dies over the second as long as it may emit it. */
static void emit_poison(void)
{
    static const char *const KEYS[] = {"good-1", "poison", "good-2"};
    void *ctx = zoo.host->ctx;
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        struct vls_document d = document(KEYS[i]);
        if (zoo.source->emit_begin(ctx, &d) != VLS_EMIT_OK ||
            zoo.source->emit_part(ctx, "a.txt", NULL) != VLS_EMIT_OK)
            continue;
        if (strcmp(KEYS[i], "poison") == 0)
            raise(SIGKILL);
        (void)zoo.source->emit_bytes(ctx, KEYS[i], strlen(KEYS[i]));
        (void)zoo.source->emit_end(ctx, i);
    }
}

static void poll_once(void)
{
    reach_out();
    if (strcmp(zoo.where, "committed") == 0) {
        zoo.count = 1;
        flood();
    }
    if (zoo.habit == LIE_LENGTH || zoo.habit == TEN_GIB)
        emit_too_much();
    if (zoo.habit == BAD_UTF8)
        emit_bad_texts();
    if (zoo.habit == NULL_TEXTS)
        emit_null_texts();
    if (zoo.habit == POISON_EMIT)
        emit_poison();
    put_number("polled", 1);
}

static uint32_t poll_habit(void *state)
{
    (void)state;
    at("poll");
    if (!zoo.is_refused)
        poll_once();
    if (zoo.habit == SPIN) {
        put_number("spun", ++zoo.emitted);
        return 0;
    }
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
    at("committed");
    if (zoo.habit != STREAM)
        return;
    /* what was saved with the document is visible by now */
    bool is_visible = zoo.state->get(zoo.host->ctx, "streamed", &len) != NULL && len == 3;
    put_number("token", is_visible ? (int64_t)commit->token : -1);
}

static void drain(void *state)
{
    (void)state;
    at("drain");
    zoo.is_drained = true;
}

static void stop(void *state)
{
    (void)state;
    at("stop");
}

static enum vls_answer deliver_begin(void *state, const struct vls_message *m, char *why,
                                     size_t room)
{
    (void)state;
    (void)m;
    (void)why;
    (void)room;
    at("deliver-begin");
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
    at("part-begin");
    return VLS_ANSWER_DONE;
}

static enum vls_answer part_bytes(void *state, const void *bytes, size_t len, char *why,
                                  size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    at("part-bytes");
    if (zoo.habit == POISON && memmem(bytes, len, "poison", 6) != NULL)
        raise(SIGKILL);
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
    at("part-end");
    return VLS_ANSWER_DONE;
}

static enum vls_answer deliver_end(void *state, char *why, size_t room)
{
    (void)state;
    at("deliver-end");
    snprintf(why, room, "the disk is full");
    put_number("ended", 1);
    return zoo.count > 0 ? VLS_ANSWER_RETRY : VLS_ANSWER_DONE;
}

static void deliver_abort(void *state)
{
    (void)state;
    at("deliver-abort");
    put_number("aborted", 1);
}

/* With room behind it, as a later release would have it. */
static const struct {
    struct vls_plugin plugin;
    uint64_t tail[8];
} ZOO = {{
#ifdef ZOO_SIZE
             ZOO_SIZE,
             ZOO_ABI,
#else
             (uint32_t)sizeof(struct vls_plugin) + ZOO_EXTRA,
             ZOO_ABI,
#endif
             .caps_want = VLS_CAP_STATE | VLS_CAP_SEND | VLS_CAP_RECEIVE,
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
         },
         {UINT64_MAX, UINT64_MAX}};

#ifdef ZOO_LOADING
/* Loading alone runs this: 1 crashes, 2 starts another program, 3 does not come back. */
__attribute__((constructor)) static void load(void)
{
    if (ZOO_LOADING == 1)
        raise(SIGKILL);
    if (ZOO_LOADING == 2)
        (void)execl("/bin/true", "true", (char *)NULL);
    for (volatile int i = ZOO_LOADING; i == 3;)
        ;
}
#endif
#ifdef ZOO_NOTHING
const struct vls_plugin *vls_plugin_entry(void)
{
    return ZOO.plugin.size == 0 ? &ZOO.plugin : NULL;
}
#else
VLS_PLUGIN_EXPORT(ZOO.plugin)
#endif
