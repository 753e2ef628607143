/* A resolver over a directory. "A/RES/79/1" in French is A_RES_79_1.fr.pdf or A_RES_79_1.fr.txt; an
 * empty file A_RES_79_1.fr.blocked (or another outcome) says that outcome, and as long as there is
 * A_RES_79_1.fr.wait it says nothing. For the tests. */
#include <valise/plugin.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct vls_setting SETTINGS[] = {
    {.name = "directory",
     .type = VLS_SETTING_PATH,
     .flags = VLS_SETTING_REQUIRED,
     .help = "Where the documents are."},
    {.name = "label",
     .type = VLS_SETTING_TEXT,
     .min = 1,
     .max = 200,
     .help = "What each of them is labelled; without one they are shown to nobody."},
    {0},
};

static struct shelf {
    const struct vls_host *host;
    const struct vls_resolver_service *resolver;
    const struct vls_report_service *report;
    const struct vls_metrics_service *metrics;
    const char *directory, *label;
} self;

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    (void)state;
    self = (struct shelf){.host = host,
                          .directory = host->setting(host->ctx, "directory"),
                          .label = host->setting(host->ctx, "label")};
    self.resolver = host->service(host->ctx, "valise.resolver/1");
    self.report = host->service(host->ctx, "valise.report/1");
    self.metrics = host->service(host->ctx, "valise.metrics/1");
    snprintf(why, room, "this host is below 1.3");
    return self.resolver != NULL ? 0 : -1;
}

static void stop(void *state)
{
    (void)state;
}

static int open_one(const struct vls_question *q, const char *end, char *name, size_t room)
{
    char path[4096];
    snprintf(name, room, "%.100s%s%.20s.%s", q->symbol, q->language[0] != '\0' ? "." : "",
             q->language, end);
    for (char *at = name; *at != '\0'; at++)
        if (*at == '/')
            *at = '_';
    snprintf(path, sizeof path, "%s/%s", self.directory, name);
    return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

static int deliver(const struct vls_question *q, const char *end, const char *type)
{
    char name[256];
    void *ctx = self.host->ctx;
    int fd = open_one(q, end, name, sizeof name);
    if (fd < 0)
        return 0;
    return self.resolver->emit_file(ctx, name, type, fd) == VLS_EMIT_OK &&
           (self.label == NULL || self.resolver->emit_label(ctx, self.label) == VLS_EMIT_OK);
}

/* As long as there is such a file the endpoint does not answer. */
static void wait_for(const struct vls_question *q)
{
    char name[256];
    int fd;
    while ((fd = open_one(q, "wait", name, sizeof name)) >= 0) {
        close(fd);
        (void)poll(NULL, 0, 20);
    }
}

static uint32_t look_for(const struct vls_question *q)
{
    static const struct {
        const char *end;
        uint32_t result;
    } MARKS[] = {{"not-published", VLS_RESULT_NOT_PUBLISHED},
                 {"blocked", VLS_RESULT_BLOCKED},
                 {"needs-key", VLS_RESULT_NEEDS_KEY},
                 {"retry-at", VLS_RESULT_RETRY_AT}};
    char name[256];
    wait_for(q);
    if (deliver(q, "pdf", "application/pdf") || deliver(q, "txt", "text/plain"))
        return VLS_RESULT_DELIVERED;
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
        int fd = open_one(q, MARKS[i].end, name, sizeof name);
        if (fd < 0)
            continue;
        close(fd);
        return MARKS[i].result;
    }
    return VLS_RESULT_NOT_FOUND;
}

static void resolve(void *state, const struct vls_question *q, struct vls_finding *finding,
                    char *why, size_t room)
{
    (void)state;
    (void)self.metrics->count(self.host->ctx, "questions", 1);
    finding->result = look_for(q);
    finding->retry_at_ms =
        finding->result == VLS_RESULT_RETRY_AT ? self.host->now_ms(self.host->ctx) + 3600000 : 0;
    if (finding->result == VLS_RESULT_BLOCKED)
        snprintf(why, room, "ask the library: it shuts programs out");
    (void)self.report->report(self.host->ctx, finding, why);
}

static const struct vls_plugin SHELF = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_FILES | VLS_CAP_RESOLVE,
    .roles = VLS_PLUGIN_RESOLVER,
    .id = "shelf",
    .version = "1",
    .summary = "Finds documents in a directory.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .start = start,
    .stop = stop,
    .resolve = resolve,
};

VLS_PLUGIN_EXPORT(SHELF)
