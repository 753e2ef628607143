/* A plugin that does nothing but hand over and take: what is left is the host. */
#include <valise/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE (1u << 20)

static const struct vls_setting SETTINGS[] = {
    {.name = "count",
     .type = VLS_SETTING_NUMBER,
     .max = 100000000,
     .fallback = "0",
     .help = "How many documents it emits."},
    {.name = "bytes",
     .type = VLS_SETTING_NUMBER,
     .max = 268435456,
     .fallback = "1024",
     .help = "How large each is."},
    {0},
};

static struct meter {
    const struct vls_host *host;
    const struct vls_source_service *source;
    int64_t count, bytes, emitted;
    unsigned char *piece;
} meter;

static int configure(const struct vls_host *host, void **out, char *why, size_t room)
{
    (void)why;
    (void)room;
    meter.host = host;
    meter.count = host->setting_number(host->ctx, "count");
    meter.bytes = host->setting_number(host->ctx, "bytes");
    *out = NULL;
    return 0;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    (void)state;
    meter.source = host->service(host->ctx, "valise.source/1");
    meter.piece = meter.count > 0 ? calloc(1, PIECE) : NULL;
    snprintf(why, room, "no memory");
    return meter.count > 0 && meter.piece == NULL ? -1 : 0;
}

static int emit(void)
{
    void *ctx = meter.host->ctx;
    char key[32];
    struct vls_document d = {.size = sizeof d,
                             .origin_key = key,
                             .kind = "publication",
                             .to = "iom",
                             .label = "un-sgb-2007-6/unclassified"};
    snprintf(key, sizeof key, "m-%lld", (long long)meter.emitted);
    enum vls_emit e = meter.source->emit_begin(ctx, &d);
    if (e == VLS_EMIT_OK)
        e = meter.source->emit_part(ctx, "m.bin", NULL);
    for (int64_t left = meter.bytes; e == VLS_EMIT_OK && left > 0; left -= PIECE)
        e = meter.source->emit_bytes(ctx, meter.piece, left < PIECE ? (size_t)left : PIECE);
    if (e == VLS_EMIT_OK)
        e = meter.source->emit_end(ctx, (uint64_t)meter.emitted);
    return e == VLS_EMIT_OK;
}

static uint32_t poll_next(void *state)
{
    (void)state;
    while (meter.emitted < meter.count && emit())
        meter.emitted++;
    return 60000;
}

static void committed(void *state, const struct vls_commit *c)
{
    (void)state;
    (void)c;
}

static void stop(void *state)
{
    (void)state;
    free(meter.piece);
}

static enum vls_answer begin(void *state, const struct vls_message *m, char *why, size_t room)
{
    (void)state;
    (void)m;
    (void)why;
    (void)room;
    return VLS_ANSWER_DONE;
}

static enum vls_answer part_begin(void *state, const struct vls_part *p, char *why, size_t room)
{
    (void)state;
    (void)p;
    (void)why;
    (void)room;
    return VLS_ANSWER_DONE;
}

static enum vls_answer part_bytes(void *state, const void *at, size_t len, char *why, size_t room)
{
    (void)state;
    (void)at;
    (void)len;
    (void)why;
    (void)room;
    return VLS_ANSWER_DONE;
}

static enum vls_answer end(void *state, char *why, size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    return VLS_ANSWER_DONE;
}

static void give_up(void *state)
{
    (void)state;
}

static const struct vls_plugin METER = {
    VLS_PLUGIN_HEAD,
    .caps_want = VLS_CAP_SEND | VLS_CAP_RECEIVE,
    .roles = VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK,
    .id = "meter",
    .version = "1",
    .summary = "Does nothing, quickly.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_next,
    .committed = committed,
    .deliver_begin = begin,
    .part_begin = part_begin,
    .part_bytes = part_bytes,
    .part_end = end,
    .deliver_end = end,
    .deliver_abort = give_up,
};

VLS_PLUGIN_EXPORT(METER)
