/* A source over a directory: each file is a document, A_RES_79_1.fr.txt the one with the symbol
 * "A/RES/79/1" in French; in the order of their names, behind the last that was taken. For the
 * tests. */
#include <valise/plugin.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct vls_setting SETTINGS[] = {
    {.name = "directory",
     .type = VLS_SETTING_PATH,
     .flags = VLS_SETTING_REQUIRED,
     .help = "Where the documents are."},
    {.name = "to",
     .type = VLS_SETTING_TEXT,
     .min = 0,
     .max = 64,
     .fallback = "",
     .help = "The partner; without one they go to whoever subscribes."},
    {.name = "label",
     .type = VLS_SETTING_TEXT,
     .flags = VLS_SETTING_REQUIRED,
     .min = 1,
     .max = 200,
     .help = "What each of them is labelled."},
    {.name = "body",
     .type = VLS_SETTING_TEXT,
     .min = 0,
     .max = 100,
     .fallback = "",
     .help = "The body that they are of."},
    {.name = "topic",
     .type = VLS_SETTING_TEXT,
     .min = 0,
     .max = 100,
     .fallback = "",
     .help = "What they are about."},
    {.name = "published",
     .type = VLS_SETTING_TEXT,
     .min = 0,
     .max = 30,
     .fallback = "",
     .help = "When they were published."},
    {0},
};

#define CURSOR  "last"
#define POLL_MS 100

static struct stack {
    const struct vls_host *host;
    const struct vls_source_service *source;
    const struct vls_about_service *about;
    const struct vls_state_service *state;
    const struct vls_metrics_service *metrics;
    char last[256];   /* emitted */
    int is_under_way; /* one at a time: the next when it is committed */
} self;

static const char *setting(const char *name)
{
    const char *value = self.host->setting(self.host->ctx, name);
    return value != NULL ? value : "";
}

/* The cursor as it was committed. */
static void go_back_to_disk(void)
{
    size_t len = 0;
    const char *last = self.state->get(self.host->ctx, CURSOR, &len);
    snprintf(self.last, sizeof self.last, "%.*s", (int)len, last != NULL ? last : "");
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    (void)state;
    self = (struct stack){.host = host};
    self.source = host->service(host->ctx, "valise.source/1");
    self.about = host->service(host->ctx, "valise.about/1");
    self.state = host->service(host->ctx, "valise.state/1");
    self.metrics = host->service(host->ctx, "valise.metrics/1");
    snprintf(why, room, "this host is below 1.4");
    if (self.source == NULL || self.about == NULL || self.state == NULL || self.metrics == NULL)
        return -1;
    go_back_to_disk();
    return 0;
}

static void stop(void *state)
{
    (void)state;
}

/* The first name behind the cursor. */
static int next_name(char *name, size_t room)
{
    DIR *dir = opendir(setting("directory"));
    const struct dirent *entry;
    name[0] = '\0';
    if (dir == NULL)
        return 0;
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, self.last) > 0 &&
            (name[0] == '\0' || strcmp(entry->d_name, name) < 0))
            snprintf(name, room, "%s", entry->d_name);
    closedir(dir);
    return name[0] != '\0';
}

static int say_what_it_is(const char *name)
{
    char symbol[256], language[16] = "";
    const char *symbols[] = {symbol}, *bodies[] = {setting("body")}, *topics[] = {setting("topic")};
    snprintf(symbol, sizeof symbol, "%s", name);
    char *dot = strchr(symbol, '.');
    if (dot != NULL) {
        *dot = '\0';
        snprintf(language, sizeof language, "%.*s", (int)strcspn(dot + 1, "."), dot + 1);
    }
    for (char *at = symbol; *at != '\0'; at++)
        if (*at == '_')
            *at = '/';
    const struct vls_about about = {.size = sizeof about,
                                    .issuer = "un",
                                    .symbols = symbols,
                                    .symbol_count = 1,
                                    .language = language,
                                    .published = setting("published"),
                                    .bodies = bodies,
                                    .body_count = bodies[0][0] != '\0',
                                    .subjects = topics,
                                    .subject_count = topics[0][0] != '\0'};
    return self.about->about(self.host->ctx, &about) == VLS_EMIT_OK;
}

static int emit(const char *name)
{
    char path[4096];
    void *ctx = self.host->ctx;
    const struct vls_document document = {.size = sizeof document,
                                          .origin_key = name,
                                          .kind = "publication",
                                          .to = setting("to"),
                                          .label = setting("label")};
    snprintf(path, sizeof path, "%s/%s", setting("directory"), name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return 0;
    if (self.source->emit_begin(ctx, &document) != VLS_EMIT_OK) {
        close(fd);
        return 0;
    }
    return self.source->emit_file(ctx, name, "text/plain", fd) == VLS_EMIT_OK &&
           say_what_it_is(name) &&
           self.source->emit_state(ctx, CURSOR, name, strlen(name)) == VLS_EMIT_OK &&
           self.source->emit_end(ctx, 1) == VLS_EMIT_OK;
}

static uint32_t poll(void *state)
{
    char name[256];
    (void)state;
    if (self.is_under_way || !next_name(name, sizeof name))
        return POLL_MS;
    self.is_under_way = emit(name);
    if (self.is_under_way)
        snprintf(self.last, sizeof self.last, "%s", name);
    return POLL_MS;
}

static void committed(void *state, const struct vls_commit *commit)
{
    (void)state;
    self.is_under_way = 0;
    if (commit->outcome == VLS_OUTCOME_UNWANTED)
        (void)self.metrics->count(self.host->ctx, "unwanted", 1);
    else
        (void)self.metrics->count(self.host->ctx, "taken", 1);
    if (commit->outcome == VLS_OUTCOME_RETRY)
        go_back_to_disk();
}

static const struct vls_plugin STACK = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_FILES | VLS_CAP_STATE | VLS_CAP_SEND,
    .roles = VLS_PLUGIN_SOURCE,
    .id = "stack",
    .version = "1",
    .summary = "Brings the documents of a directory.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .start = start,
    .stop = stop,
    .poll = poll,
    .committed = committed,
};

VLS_PLUGIN_EXPORT(STACK)
