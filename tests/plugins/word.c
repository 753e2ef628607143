/* An inspector that stops what holds a word. For the tests: it reads bytes, not formats. */
#include <valise/plugin.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define MAX_WORD 64

static const struct vls_setting SETTINGS[] = {
    {.name = "word",
     .type = VLS_SETTING_TEXT,
     .flags = VLS_SETTING_REQUIRED,
     .min = 3,
     .max = MAX_WORD,
     .help = "What no document may hold."},
    {0},
};

static struct word {
    const struct vls_host *host;
    const struct vls_metrics_service *metrics;
    const char *word;
    char tail[MAX_WORD]; /* of the piece before: a word may lie across two */
    size_t tail_len;
    char part[256];
} self;

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    self = (struct word){.host = host, .word = host->setting(host->ctx, "word")};
    self.metrics = host->service(host->ctx, "valise.metrics/1");
    return 0;
}

static void stop(void *state)
{
    (void)state;
}

static enum vls_verdict inspect_begin(void *state, const struct vls_message *m, char *why,
                                      size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    (void)self.metrics->count(self.host->ctx,
                              m->direction == VLS_OUTGOING ? "outgoing" : "incoming", 1);
    return VLS_VERDICT_PASS;
}

static enum vls_verdict inspect_part_begin(void *state, const struct vls_part *part, char *why,
                                           size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    self.tail_len = 0;
    snprintf(self.part, sizeof self.part, "%s", part->name);
    return VLS_VERDICT_PASS;
}

static int holds(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= len; i++)
        if (memcmp(text + i, word, n) == 0)
            return 1;
    return 0;
}

static enum vls_verdict inspect_part_bytes(void *state, const void *bytes, size_t len, char *why,
                                           size_t room)
{
    size_t n = strlen(self.word), head = len < n ? len : n;
    char seam[2 * MAX_WORD];
    (void)state;
    if (len >= 6 && memcmp(bytes, "crash!", 6) == 0)
        raise(SIGKILL);
    memcpy(seam, self.tail, self.tail_len);
    memcpy(seam + self.tail_len, bytes, head);
    if (holds(seam, self.tail_len + head, self.word) || holds(bytes, len, self.word)) {
        (void)self.metrics->count(self.host->ctx, "vetoes", 1);
        snprintf(why, room, "%.100s holds a word that is not to go on", self.part);
        return VLS_VERDICT_VETO;
    }
    size_t keep = len < n - 1 ? len : n - 1;
    memcpy(self.tail, (const char *)bytes + len - keep, keep);
    self.tail_len = keep;
    return VLS_VERDICT_PASS;
}

static enum vls_verdict pass(void *state, char *why, size_t room)
{
    (void)state;
    (void)why;
    (void)room;
    return VLS_VERDICT_PASS;
}

static void inspect_abort(void *state)
{
    (void)state;
    self.tail_len = 0;
}

static const struct vls_plugin WORD = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_INSPECT,
    .roles = VLS_PLUGIN_INSPECTOR,
    .id = "word",
    .version = "1",
    .summary = "Stops what holds a word.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .start = start,
    .stop = stop,
    .inspect_begin = inspect_begin,
    .inspect_part_begin = inspect_part_begin,
    .inspect_part_bytes = inspect_part_bytes,
    .inspect_part_end = pass,
    .inspect_end = pass,
    .inspect_abort = inspect_abort,
};

VLS_PLUGIN_EXPORT(WORD)
