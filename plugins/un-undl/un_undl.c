/* un-undl - the UN Digital Library: a source of records that match a query, and a resolver of
 * symbols. What an operator sets and is told is in valise-un-undl(7).
 *
 *     source.c      the query, page by page          answer.c     what it says besides records
 *     resolve.c     a document by its symbol         plugins/marc records, pauses, handing over
 */
#include <stdlib.h>
#include <string.h>

#include "common/words.h"
#include "marc/stamp.h"
#include "undl.h"

#define LICENCE "© United Nations, https://digitallibrary.un.org; free for non-commercial use"

static const struct vls_setting SETTINGS[] = {
    {.name = "url",
     .type = VLS_SETTING_TEXT,
     .min = 1,
     .max = 512,
     .fallback = "https://digitallibrary.un.org",
     .help = "The Library, or another installation of its product."},
    {.name = "interface",
     .type = VLS_SETTING_CHOICE,
     .choices = "api|search",
     .fallback = "api",
     .help = "API v1, with a key; or the anonymous search, which needs the Library's approval."},
    {.name = "query",
     .type = VLS_SETTING_TEXT,
     .max = 800,
     .fallback = "",
     .help = "What the source brings; {since} becomes the day up to which all is here."},
    {.name = "from",
     .type = VLS_SETTING_TEXT,
     .max = 10,
     .fallback = "1945-06-26",
     .help = "The first day of {since}."},
    {.name = "licence",
     .type = VLS_SETTING_TEXT,
     .max = 256,
     .fallback = LICENCE,
     .help = "Licence of what comes, as it is told with it."},
    DELIVER_SETTINGS("un"),
    HARVEST_SETTINGS,
    {0},
};

static int refuse(char *why, size_t room, const char *words)
{
    plug_say(why, room, "%s", words);
    return -1;
}

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    char name[PLUG_FIELD];
    int64_t day;
    const char *url = host->setting(host->ctx, "url");
    const char *query = host->setting(host->ctx, "query");
    if (!plug_url_host(name, sizeof name, url) || url[strlen(url) - 1] == '/')
        return refuse(why, room, "setting url must be https://HOST[:PORT], without a slash behind");
    if ((host->caps & VLS_CAP_SEND) != 0 && query[0] == '\0')
        return refuse(why, room,
                      "setting query is empty: say what to bring, or take send out of grants");
    if (!stamp_read(host->setting(host->ctx, "from"), &day))
        return refuse(why, room, "setting from must be a day, such as 2026-01-31");
    struct undl *u = calloc(1, sizeof *u);
    if (u == NULL)
        return refuse(why, room, "no memory");
    u->plug.host = host;
    u->url = url;
    u->interface = host->setting_number(host->ctx, "interface") == 1 ? UNDL_SEARCH : UNDL_API;
    *out_state = u;
    return 0;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct undl *u = state;
    if (plug_open(&u->plug, host, PLUG_WEB, why, room) != 0)
        return -1;
    u->is_source = u->plug.source != NULL;
    const char *licence = host->setting(host->ctx, "licence");
    deliver_init(&u->deliver, &u->plug, u->url, licence[0] != '\0' ? licence : NULL);
    if (u->is_source)
        undl_source_init(u);
    u->is_started = true;
    return 0;
}

static uint32_t poll_library(void *state)
{
    struct undl *u = state;
    return harvest_poll(&u->harvest);
}

static void committed(void *state, const struct vls_commit *commit)
{
    struct undl *u = state;
    harvest_committed(&u->harvest, commit);
}

static void stop(void *state)
{
    struct undl *u = state;
    if (u->is_started)
        deliver_fini(&u->deliver);
    if (u->is_started && u->is_source)
        harvest_fini(&u->harvest);
    free(u);
}

static const struct vls_plugin PLUGIN = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_STATE,
    .caps_want = VLS_CAP_SEND | VLS_CAP_RESOLVE,
    .roles = VLS_PLUGIN_SOURCE | VLS_PLUGIN_RESOLVER,
    .id = "un-undl",
    .version = "1.0",
    .summary = "Brings records of the UN Digital Library, and documents by symbol.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_library,
    .committed = committed,
    .resolve = undl_resolve,
};

VLS_PLUGIN_EXPORT(PLUGIN)
