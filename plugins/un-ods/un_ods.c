/* un-ods - a resolver for documents of the United Nations: by symbol, job number or old address, in
 * the six official languages and German, from the Official Document System. What the endpoint does,
 * and what this makes of it, is in valise-un-ods(7). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ods.h"

static const struct vls_setting SETTINGS[] = {
    {.name = "label",
     .type = VLS_SETTING_TEXT,
     .min = 1,
     .max = 4000,
     .help = "What is fetched is labelled so: these documents are public. Without it, it has no "
             "label, and is shown to nobody."},
    {.name = "languages",
     .type = VLS_SETTING_TEXT,
     .min = 2,
     .max = 64,
     .fallback = "en, fr, es, ru, ar, zh",
     .help = "Of a question that names none; de is German."},
    {.name = "type",
     .type = VLS_SETTING_CHOICE,
     .choices = "pdf|doc",
     .fallback = "pdf",
     .help = "What is asked for; what comes is named by its bytes."},
    {.name = "through",
     .type = VLS_SETTING_CHOICE,
     .choices = "documents|undocs",
     .fallback = "documents",
     .help = "documents.un.org; or undocs.org, and documents.un.org where that gives a page."},
    {.name = "official-records",
     .type = VLS_SETTING_BOOLEAN,
     .fallback = "true",
     .help = "Ask again with (OR) behind a symbol that is not there."},
    {.name = "max-mib",
     .type = VLS_SETTING_NUMBER,
     .min = 1,
     .max = 256,
     .fallback = "64",
     .help = "The largest file that is taken, in MiB; it is kept in memory until it is whole."},
    {0},
};

/* -- life -------------------------------------------------------------------------------------- */

static bool read_languages(struct ods *ods, const char *list, char *why, size_t room)
{
    char word[8];
    for (const char *at = list; *at != '\0';) {
        at += strspn(at, ", ");
        size_t len = strcspn(at, ", ");
        if (len == 0)
            break;
        snprintf(word, sizeof word, "%.*s", (int)(len < 7 ? len : 7), at);
        const struct ods_language *language = ods_language(word);
        if (language == NULL || ods->language_count == ODS_LANGUAGES) {
            plug_say(why, room, "setting languages: '%s' is none of en, fr, es, ru, ar, zh, de",
                     word);
            return false;
        }
        ods->languages[ods->language_count++] = language;
        at += len;
    }
    if (ods->language_count == 0)
        plug_say(why, room, "setting languages: name at least one");
    return ods->language_count > 0;
}

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    struct ods *ods = calloc(1, sizeof *ods);
    if (ods == NULL) {
        plug_say(why, room, "no memory");
        return -1;
    }
    ods->label = host->setting(host->ctx, "label");
    ods->type = host->setting(host->ctx, "type");
    ods->by_undocs = strcmp(host->setting(host->ctx, "through"), "undocs") == 0;
    ods->tries_official_record = host->setting_number(host->ctx, "official-records") != 0;
    ods->max_bytes = (uint64_t)host->setting_number(host->ctx, "max-mib") << 20;
    plug_pile_init(&ods->pile);
    if (!read_languages(ods, host->setting(host->ctx, "languages"), why, room)) {
        free(ods);
        return -1;
    }
    *out_state = ods;
    return 0;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct ods *ods = state;
    return plug_open(&ods->plug, host, PLUG_WEB | PLUG_RESOLVER, why, room);
}

static void stop(void *state)
{
    struct ods *ods = state;
    plug_pile_fini(&ods->pile);
    free(ods);
}

/* -- questions --------------------------------------------------------------------------------- */

/* What came of each language. */
struct tally {
    unsigned asked, got;
    struct plug_answer worst; /* of those that did not come */
    char missing[64];         /* their codes */
    char other[64];           /* of those that are of another type than was asked for */
};

/* Which answer tells most of why something is missing; the higher the more. */
static int weight(uint32_t result)
{
    static const uint32_t ORDER[] = {
        VLS_RESULT_NOT_FOUND, VLS_RESULT_NOT_PUBLISHED, VLS_RESULT_MALFORMED, VLS_RESULT_REFUSED,
        VLS_RESULT_NEEDS_KEY, VLS_RESULT_RETRY_AT,      VLS_RESULT_BLOCKED};
    for (int i = 0; i < (int)(sizeof ORDER / sizeof ORDER[0]); i++)
        if (ORDER[i] == result)
            return i + 1;
    return 0;
}

/* Asking for a further language would be asking against what they said. */
static bool ends_all(uint32_t result)
{
    return result == VLS_RESULT_BLOCKED || result == VLS_RESULT_RETRY_AT ||
           result == VLS_RESULT_NEEDS_KEY || result == VLS_RESULT_REFUSED;
}

static void note(char *list, size_t room, const char *code)
{
    if (list[0] != '\0')
        (void)plug_add(list, room, ", ");
    (void)plug_add(list, room, code);
}

static void ask_one(struct ods *ods, const struct ods_name *name,
                    const struct ods_language *language, struct tally *tally)
{
    struct plug_answer answer;
    enum plug_kind wanted = strcmp(ods->type, "pdf") == 0 ? PLUG_PDF : PLUG_OLE;
    if (ods_fetch(ods, name, language, &answer) == VLS_RESULT_DELIVERED) {
        tally->got++;
        if (answer.kind != wanted)
            note(tally->other, sizeof tally->other, plug_kind_ending(answer.kind));
        if (tally->got == 1 && weight(tally->worst.result) == 0)
            tally->worst = answer;
        return;
    }
    note(tally->missing, sizeof tally->missing, language->code);
    if (weight(answer.result) > weight(tally->worst.result))
        tally->worst = answer;
}

static void ask_all(struct ods *ods, const struct ods_name *name,
                    const struct ods_language *const *languages, unsigned count,
                    struct tally *tally)
{
    for (unsigned i = 0; i < count; i++) {
        tally->asked++;
        if (ends_all(tally->worst.result))
            note(tally->missing, sizeof tally->missing, languages[i]->code);
        else
            ask_one(ods, name, languages[i], tally);
    }
}

/* Hand over what came, and say what it is: what was asked for, or what a file states of itself. */
static enum vls_emit hand_over(struct ods *ods, const struct ods_name *name)
{
    const char *symbol = name->is_job ? ods->stated : name->text;
    const struct vls_about about = {.size = sizeof about,
                                    .issuer = "un",
                                    .symbols = &symbol,
                                    .symbol_count = 1,
                                    .record = name->is_job ? name->text : NULL};
    if (ods->plug.about != NULL && symbol[0] != '\0' && strlen(symbol) <= PLUG_SYMBOL) {
        (void)plug_copy(ods->pile.issuer, sizeof ods->pile.issuer, about.issuer);
        (void)plug_copy(ods->pile.symbol, sizeof ods->pile.symbol, symbol);
        enum vls_emit how = ods->plug.about->about(ods->plug.ctx, &about);
        if (how != VLS_EMIT_OK)
            return how;
    }
    return plug_pile_resolve(&ods->pile, &ods->plug, ods->label);
}

/* The words are of the finding, and live until the next question. */
static void conclude(struct ods *ods, const struct ods_name *name, struct tally *tally,
                     struct vls_finding *finding, char *why, size_t room)
{
    plug_finding(finding, &tally->worst);
    if (tally->got == 0) {
        plug_say(why, room, "%s", tally->worst.why);
        return;
    }
    if (hand_over(ods, name) != VLS_EMIT_OK) {
        finding->result = VLS_RESULT_RETRY_AT;
        finding->retry_at_ms = ods->plug.host->now_ms(ods->plug.ctx) + PLUG_WAIT_MS;
        finding->where = "this document"; /* it is not the endpoint that wants to be left alone */
        plug_say(why, room, "the gateway could not take the documents now");
        return;
    }
    finding->result = tally->got == tally->asked ? VLS_RESULT_DELIVERED : VLS_RESULT_PARTIAL;
    finding->got = tally->got;
    finding->total = tally->asked;
    finding->where = NULL;
    if (finding->result == VLS_RESULT_PARTIAL)
        plug_say(why, room, "without %s: %s", tally->missing, tally->worst.why);
    else if (tally->other[0] != '\0')
        plug_say(why, room, "asked for %s, and by their bytes they are %s", ods->type,
                 tally->other);
}

static void resolve(void *state, const struct vls_question *question, struct vls_finding *finding,
                    char *why, size_t room)
{
    static struct tally tally;
    struct ods *ods = state;
    struct ods_name name;
    const struct ods_language *one = NULL;
    tally = (struct tally){.asked = 0};
    plug_count(&ods->plug, "questions", 1);
    finding->result = VLS_RESULT_NOT_FOUND;
    if (!ods_name_read(question->symbol, question->url, &name, why, room))
        return;
    if (question->language[0] != '\0') {
        one = ods_language(question->language);
        if (one == NULL) {
            plug_say(why, room, "the UN does not publish in '%.16s'", question->language);
            return;
        }
    } else if (name.language != NULL) {
        one = name.language;
    } else if (name.is_job) {
        one = ods->languages[0]; /* one file, whatever its language is */
    }
    ask_all(ods, &name, one != NULL ? &one : ods->languages, one != NULL ? 1 : ods->language_count,
            &tally);
    conclude(ods, &name, &tally, finding, why, room);
    plug_pile_fini(&ods->pile);
    plug_count(&ods->plug, plug_result_name(finding->result), 1);
    plug_report(&ods->plug, finding, why);
}

static const struct vls_plugin UN_ODS = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_RESOLVE,
    .roles = VLS_PLUGIN_RESOLVER,
    .id = "un-ods",
    .version = "1",
    .summary = "Fetches documents of the United Nations by symbol, job number or address.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .resolve = resolve,
};

VLS_PLUGIN_EXPORT(UN_ODS)
