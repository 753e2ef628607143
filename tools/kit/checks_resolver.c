/* A resolver: questions of every shape, what it answers to those that it was said to know, and the
 * end of its process in between. What it finds comes from --resolve and the seed: without, only
 * what nobody has is asked for. */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "kit/about.h"
#include "kit/checks.h"
#include "kit/shapes.h"
#include "wire/result.h"

#define NOBODY_HAS "KIT/NO-SUCH/DOCUMENT/0"
#define SHORT_MS   1000u

#define BEGIN(run)                                                                                 \
    (void)check;                                                                                   \
    if (!kit_is_resolver(kit))                                                                     \
        KIT_SKIP("it is no resolver");                                                             \
    VLS_DEFER(kit_run_fini) struct kit_run run;                                                    \
    KIT_TRY(kit_run_init(kit, &run, why));                                                         \
    KIT_TRY(kit_run_start(&run, why))

#define NEEDS_SYMBOL                                                                               \
    if (kit->options.symbols_count == 0)                                                           \
    KIT_SKIP("it is not known what it finds: give it something with --resolve and --seed")

static struct kit_question known(const struct kit *kit, size_t i)
{
    const char *given = kit->options.symbols[i];
    bool is_url = strstr(given, "://") != NULL;
    return (struct kit_question){.symbol = is_url ? NULL : given,
                                 .url = is_url ? given : NULL,
                                 .language = kit->options.language};
}

static struct vls_status ask(struct kit_run *run, const struct kit_question *question,
                             unsigned number, struct vls_why *why)
{
    struct vls_id id = kit_id(number);
    return kit_session_resolve(&run->session, question, &id, why);
}

static uint32_t found(const struct kit_run *run)
{
    const Valise__ResolveResult *result = kit_session_found(&run->session);
    return result != NULL ? result->finding->result : VLS_RESULT_NONE;
}

static const char *name_of(uint32_t result)
{
    const char *name = vls_found_name(result);
    return name != NULL ? name : "no answer";
}

/* -- questions of some shape ------------------------------------------------------------------- */

enum shape { SYMBOL, URL, FRENCH, NO_LANGUAGE, LONGEST };

/* Nobody has it: any answer that is one will do, but not a document. check->text: the symbol or the
 * address. */
static enum kit_verdict nobody_has(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    char longest[VLS_MAX_URL];
    struct kit_question question = {.symbol = check->text};
    BEGIN(run);
    snprintf(longest, sizeof longest, "%0*d", (int)sizeof longest - 1, 0);
    switch ((enum shape)check->number) {
    case URL:
        question = (struct kit_question){.url = check->text};
        break;
    case FRENCH:
        question.language = "fr";
        break;
    case NO_LANGUAGE:
        question.language = "qaa";
        break;
    case LONGEST:
        question.symbol = longest;
        break;
    case SYMBOL:
        break;
    }
    KIT_TRY(ask(&run, &question, 1, why));
    KIT_NEED(!vls_found_has_documents(found(&run)) && found(&run) != VLS_RESULT_UNCHANGED,
             "it says '%s' of what nobody has", name_of(found(&run)));
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict in_time(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    const struct kit_question question = {.symbol = NOBODY_HAS};
    (void)check;
    if (!kit_is_resolver(kit))
        KIT_SKIP("it is no resolver");
    VLS_DEFER(kit_run_fini) struct kit_run run;
    KIT_TRY(kit_run_init(kit, &run, why));
    run.plan.call_ms = SHORT_MS;
    KIT_TRY(kit_run_start(&run, why));
    KIT_TRY(ask(&run, &question, 1, why));
    for (size_t i = 0; i < kit->options.symbols_count; i++) {
        struct kit_question each = known(kit, i);
        KIT_TRY(ask(&run, &each, (unsigned)i + 2, why));
    }
    return KIT_PASSED;
}

/* -- how it answers ---------------------------------------------------------------------------- */

static void count_answer(struct kit *kit, const struct kit_run *run, struct vls_status status,
                         const struct vls_why *words)
{
    uint32_t result = found(run);
    if (vls_ok(status) && result < sizeof kit->found / sizeof kit->found[0])
        kit->found[result]++;
    else if (kit->unfit.text[0] == '\0')
        kit->unfit = *words;
}

/* Everything is asked for once, for all checks of how it answers. */
static enum kit_verdict gauge(struct kit *kit, struct vls_why *why)
{
    const struct kit_check *check = NULL;
    if (kit->is_asked)
        return KIT_PASSED;
    BEGIN(run);
    for (size_t i = 0; i <= kit->options.symbols_count; i++) {
        struct kit_question question = {.symbol = NOBODY_HAS};
        struct vls_why words = {""};
        if (i < kit->options.symbols_count)
            question = known(kit, i);
        struct vls_status status = ask(&run, &question, (unsigned)i + 1, &words);
        if (status.code == VLS_PLUGIN_DIED)
            return kit_say(KIT_FAILED, why, "%s", words.text);
        count_answer(kit, &run, status, &words);
    }
    kit->is_asked = true;
    return KIT_PASSED;
}

/* check->number: a result, which the host has taken with all that belongs to it. */
static enum kit_verdict outcome(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    if (!kit_is_resolver(kit))
        KIT_SKIP("it is no resolver");
    enum kit_verdict gauged = gauge(kit, why);
    if (gauged != KIT_PASSED)
        return gauged;
    if (kit->found[check->number] == 0)
        KIT_SKIP("nothing that was asked for is answered so");
    return KIT_PASSED;
}

static enum kit_verdict no_unknown(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    (void)check;
    if (!kit_is_resolver(kit))
        KIT_SKIP("it is no resolver");
    enum kit_verdict gauged = gauge(kit, why);
    if (gauged != KIT_PASSED)
        return gauged;
    KIT_NEED(kit->unfit.text[0] == '\0', "%s", kit->unfit.text);
    return KIT_PASSED;
}

/* -- what it brings ---------------------------------------------------------------------------- */

enum like { FOUND, PARTS, NAMES, LABELS, TYPES, BYTES, ABOUT };

static struct vls_status digest_of(int fd, uint64_t bytes, struct vls_digest *out,
                                   struct vls_why *why)
{
    uint8_t *piece VLS_DEFER(vls_mem_freep) = vls_mem_new(VLS_IO_CHUNK);
    struct vls_hash *hash = vls_hash_new();
    struct vls_status s = VLS_DONE;
    for (uint64_t at = 0; at < bytes && vls_ok(s);) {
        size_t len = bytes - at < VLS_IO_CHUNK ? (size_t)(bytes - at) : VLS_IO_CHUNK;
        s = vls_fd_read_at(fd, piece, len, at, why);
        vls_hash_add(hash, VLS_SLICE(piece, len));
        at += len;
    }
    *out = vls_hash_finish(hash);
    vls_hash_free(&hash);
    return s;
}

static const char *wrong_part(const struct kit_run *run, const Valise__ResolvedPart *part, int fd,
                              enum like what)
{
    struct vls_digest digest;
    struct vls_why words;
    (void)run;
    if (what == NAMES && !vls_text_is_file_name(part->part->name))
        return "a part whose name is no file name";
    if (what == LABELS && part->part->label[0] == '\0')
        return "a part without a label: it is shown to nobody";
    if (what != BYTES)
        return NULL;
    if (!vls_ok(digest_of(fd, part->part->bytes, &digest, &words)) ||
        part->digest.len != VLS_DIGEST_BYTES ||
        memcmp(part->digest.data, digest.bytes, VLS_DIGEST_BYTES) != 0)
        return "a part whose file changes while it is handed over";
    return NULL;
}

static const char *wrong(const struct kit_run *run, enum like what)
{
    const Valise__ResolveResult *r = kit_session_found(&run->session);
    bool has_documents = r != NULL && vls_found_has_documents(r->finding->result);
    if (what == TYPES && r != NULL && r->finding->result == VLS_RESULT_MALFORMED &&
        strstr(r->finding->why, "its bytes are") != NULL)
        return "a part whose bytes are not what its media type says";
    if (what == FOUND && !has_documents && (r == NULL || r->finding->result != VLS_RESULT_QUEUED))
        return "no document";
    if (what == PARTS && has_documents && (r->n_parts == 0 || r->n_parts > VLS_MAX_PARTS))
        return "no parts, or too many";
    if (what == ABOUT && has_documents)
        return kit_about_wrong(r->about, r->n_about);
    for (size_t i = 0; has_documents && i < r->n_parts; i++) {
        int fd = i < run->session.answer_fds.count ? run->session.answer_fds.fd[i] : -1;
        const char *words = wrong_part(run, r->parts[i], fd, what);
        if (words != NULL)
            return words;
    }
    return NULL;
}

/* check->number: enum like. Of all that it is said to find, or some of it. */
static enum kit_verdict like(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    bool has_some = false;
    BEGIN(run);
    NEEDS_SYMBOL;
    for (size_t i = 0; i < kit->options.symbols_count; i++) {
        struct kit_question question = known(kit, i);
        KIT_TRY(ask(&run, &question, (unsigned)i + 1, why));
        const char *words = wrong(&run, (enum like)check->number);
        if (words == NULL || check->number != FOUND)
            KIT_NEED(words == NULL, "%.80s: %s", kit->options.symbols[i],
                     words != NULL ? words : "");
        has_some = has_some || words == NULL;
    }
    KIT_NEED(has_some, "none of what it is said to find is found: the last was '%s'",
             name_of(found(&run)));
    return KIT_PASSED;
}

/* -- again and again --------------------------------------------------------------------------- */

static bool is_same(uint32_t first, uint32_t second)
{
    return first == second || (vls_found_has_documents(first) && second == VLS_RESULT_UNCHANGED);
}

/* check->number: with a restart in between */
static enum kit_verdict twice(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    NEEDS_SYMBOL;
    struct kit_question question = known(kit, 0);
    KIT_TRY(ask(&run, &question, 1, why));
    uint32_t first = found(&run);
    if (check->number != 0)
        KIT_TRY(kit_run_again(&run, why));
    KIT_TRY(ask(&run, &question, 1, why));
    KIT_NEED(is_same(first, found(&run)), "first '%s', then '%s'", name_of(first),
             name_of(found(&run)));
    return KIT_PASSED;
}

static enum kit_verdict many(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    struct kit_question question = {.symbol = NOBODY_HAS};
    BEGIN(run);
    if (kit->options.symbols_count > 0)
        question = known(kit, 0);
    KIT_TRY(ask(&run, &question, 1, why));
    struct kit_footprint before = kit_footprint_of(&run.session);
    for (unsigned i = 2; i <= KIT_MANY; i++)
        KIT_TRY(ask(&run, &question, i, why));
    return kit_footprint_held(&run.session, &before, why);
}

/* -- what goes wrong in between ---------------------------------------------------------------- */

enum broken { KILLED, ROUTER_GONE, DRAINED };

static enum kit_verdict broken(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    struct kit_question question = {.symbol = NOBODY_HAS};
    struct vls_id id = kit_id(1);
    BEGIN(run);
    if (kit->options.symbols_count > 0)
        question = known(kit, 0);
    KIT_TRY(kit_session_question(&run.session, &question, &id, why));
    switch ((enum broken)check->number) {
    case KILLED:
        kit_session_kill(&run.session);
        KIT_TRY(kit_run_again(&run, why));
        break;
    case ROUTER_GONE:
        kit_session_disconnect(&run.session);
        KIT_TRY(kit_session_connect(&run.session, why));
        break;
    case DRAINED:
        KIT_TRY(kit_session_stop(&run.session, why));
        return KIT_PASSED;
    }
    KIT_TRY(ask(&run, &question, 2, why));
    return KIT_PASSED;
}

#define OUTCOME(name, result)                                                                      \
    {                                                                                              \
        "resolver.outcome." name, "answers '" name "' with what belongs to it", outcome, result,   \
            NULL                                                                                   \
    }

const struct kit_check KIT_RESOLVER_CHECKS[] = {
    {"resolver.nobody-has", "says so of what nobody has", nobody_has, SYMBOL, NOBODY_HAS},
    {"resolver.url", "answers a question by address", nobody_has, URL,
     "https://kit.invalid/no-such-document"},
    {"resolver.language", "answers a question for a language", nobody_has, FRENCH, NOBODY_HAS},
    {"resolver.language-none", "and for one that nobody speaks", nobody_has, NO_LANGUAGE,
     NOBODY_HAS},
    {"resolver.symbol-blank", "a symbol with blanks", nobody_has, SYMBOL, "KIT  NO SUCH 0"},
    {"resolver.symbol-path", "a symbol that is a path upwards", nobody_has, SYMBOL,
     "../../../../etc/passwd"},
    {"resolver.symbol-root", "a symbol that is a path from the root", nobody_has, SYMBOL,
     "/etc/passwd"},
    {"resolver.symbol-format", "a symbol with what formats read", nobody_has, SYMBOL,
     "%s%n%99999d/KIT"},
    {"resolver.symbol-dollar", "a symbol with what shells read", nobody_has, SYMBOL,
     "$HOME;'`x`&|*?"},
    {"resolver.symbol-foreign", "a symbol in another script", nobody_has, SYMBOL, "وثيقة/说明/0"},
    {"resolver.symbol-longest", "the longest symbol", nobody_has, LONGEST, NULL},
    {"resolver.deadline", "answers within the time of a call", in_time, 0, NULL},
    {"resolver.outcome.unknown", "gives no answer that is none", no_unknown, 0, NULL},
    OUTCOME("delivered", VLS_RESULT_DELIVERED),
    OUTCOME("unchanged", VLS_RESULT_UNCHANGED),
    OUTCOME("partial", VLS_RESULT_PARTIAL),
    OUTCOME("not-published", VLS_RESULT_NOT_PUBLISHED),
    OUTCOME("not-found", VLS_RESULT_NOT_FOUND),
    OUTCOME("blocked", VLS_RESULT_BLOCKED),
    OUTCOME("needs-key", VLS_RESULT_NEEDS_KEY),
    OUTCOME("refused", VLS_RESULT_REFUSED),
    OUTCOME("retry-at", VLS_RESULT_RETRY_AT),
    OUTCOME("malformed", VLS_RESULT_MALFORMED),
    OUTCOME("queued", VLS_RESULT_QUEUED),
    {"resolver.finds", "finds some of what it is said to find", like, FOUND, NULL},
    {"resolver.parts", "what it finds has parts", like, PARTS, NULL},
    {"resolver.part-names", "parts have file names", like, NAMES, NULL},
    {"resolver.labels", "parts have labels", like, LABELS, NULL},
    {"resolver.types", "their bytes are what their media types say", like, TYPES, NULL},
    {"resolver.whole", "their bytes stay as they were handed over", like, BYTES, NULL},
    {"resolver.about", "what it says that they are holds together", like, ABOUT, NULL},
    {"resolver.twice", "answers the same question the same way", twice, 0, NULL},
    {"resolver.twice-restarted", "and with a restart in between", twice, 1, NULL},
    {"resolver.many", "a hundred questions, and it has not grown", many, 0, NULL},
    {"resolver.killed", "answers again what it was asked when it was killed", broken, KILLED, NULL},
    {"resolver.router-gone", "answers a new router after one that died", broken, ROUTER_GONE, NULL},
    {"resolver.drained", "stops when it was asked just now", broken, DRAINED, NULL},
};
const size_t KIT_RESOLVER_COUNT = sizeof KIT_RESOLVER_CHECKS / sizeof KIT_RESOLVER_CHECKS[0];
