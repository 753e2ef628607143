/* A sink: messages of every shape, twice, broken, and in between the end of its process. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "kit/checks.h"
#include "kit/proc_of.h"
#include "kit/sample.h"
#include "kit/shapes.h"

#define FULL_DISK 4096u

#define BEGIN(run)                                                                                 \
    (void)check;                                                                                   \
    if (!kit_is_sink(kit))                                                                         \
        KIT_SKIP("it is no sink");                                                                 \
    VLS_DEFER(kit_run_fini) struct kit_run run;                                                    \
    KIT_TRY(kit_run_init(kit, &run, why));                                                         \
    KIT_TRY(kit_run_start(&run, why))

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static struct vls_status deliver_plain(struct kit *kit, struct kit_run *run, unsigned number,
                                       struct vls_why *why)
{
    struct kit_mail mail;
    struct vls_id id = kit_id(number);
    VLS_TRY(kit_sample_mail(kit, &mail, why));
    return kit_session_deliver(&run->session, &mail, &id, 1, why);
}

/* -- one part of some shape -------------------------------------------------------------------- */

/* check->text: the part's name; check->number: its bytes */
static enum kit_verdict one_part(struct kit *kit, const struct kit_check *check,
                                 struct vls_why *why)
{
    BEGIN(run);
    size_t len = (size_t)check->number;
    struct vls_id id = kit_id(1);
    uint8_t *bytes = kit_letters(len);
    const struct kit_part part = {.name = check->text, .bytes = VLS_SLICE(bytes, len)};
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    struct vls_status s = kit_session_deliver(&run.session, &mail, &id, 1, why);
    vls_mem_free(bytes);
    KIT_TRY(kit_sample_bears(kit, &run.session, s, why));
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict name_at_limit(struct kit *kit, const struct kit_check *check,
                                      struct vls_why *why)
{
    BEGIN(run);
    char name[VLS_MAX_FILE_NAME + 1];
    struct vls_id id = kit_id(1);
    snprintf(name, sizeof name, "%0*d", (int)check->number, 0);
    const struct kit_part part = {.name = name, .bytes = TEXT("x")};
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    struct vls_status s = kit_session_deliver(&run.session, &mail, &id, 1, why);
    /* a file system may hold less than it is called: then it says so, and goes on */
    KIT_NEED(vls_ok(s) || s.code == VLS_PLUGIN_REFUSED || s.code == VLS_PLUGIN_RETRY, "%s",
             why->text);
    KIT_TRY(deliver_plain(kit, &run, 2, why));
    return KIT_PASSED;
}

static enum kit_verdict large(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct vls_id id = kit_id(1);
    uint8_t *piece = vls_mem_new(KIT_LARGE_PIECE);
    const struct kit_part part = kit_large_part(piece);
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    struct vls_status s = kit_session_deliver(&run.session, &mail, &id, 1, why);
    int64_t peak = kit_proc_number(run.session.pid, "VmHWM");
    vls_mem_free(piece);
    KIT_TRY(kit_sample_bears(kit, &run.session, s, why));
    KIT_NEED(peak < (int64_t)(KIT_LARGE_TIMES * (KIT_LARGE_PIECE >> 10)),
             "64 MiB took it to %lld KiB: it gathers what it should pass on", (long long)peak);
    return KIT_PASSED;
}

/* check->number: how many parts */
static enum kit_verdict parts(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct vls_id id = kit_id(1);
    struct kit_mail mail =
        kit_mail_of(kit, kit_small_parts((size_t)check->number), (size_t)check->number);
    struct vls_status s = kit_session_deliver(&run.session, &mail, &id, 1, why);
    KIT_TRY(kit_sample_bears(kit, &run.session, s, why));
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

/* -- one message of some shape ----------------------------------------------------------------- */

static enum kit_verdict shaped(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct vls_id id = kit_id(1);
    struct kit_part part = KIT_PLAIN;
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    kit_shape_it((enum kit_shape)check->number, &mail, &part);
    struct vls_status s = kit_session_deliver(&run.session, &mail, &id, 1, why);
    KIT_TRY(kit_sample_bears(kit, &run.session, s, why));
    return KIT_PASSED;
}

/* -- again and again --------------------------------------------------------------------------- */

static enum kit_verdict twice(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct vls_id id = kit_id(1);
    struct kit_mail mail;
    KIT_TRY(kit_sample_mail(kit, &mail, why));
    KIT_TRY(kit_session_deliver(&run.session, &mail, &id, 1, why));
    if (check->number != 0)
        KIT_TRY(kit_run_again(&run, why));
    KIT_TRY(kit_session_deliver(&run.session, &mail, &id, 2, why));
    return KIT_PASSED;
}

static enum kit_verdict same_name(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(deliver_plain(kit, &run, 1, why));
    KIT_TRY(deliver_plain(kit, &run, 2, why));
    KIT_TRY(deliver_plain(kit, &run, 3, why));
    return KIT_PASSED;
}

static enum kit_verdict many(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(deliver_plain(kit, &run, 1, why));
    struct kit_footprint before = kit_footprint_of(&run.session);
    for (unsigned i = 2; i <= KIT_MANY; i++)
        KIT_TRY(deliver_plain(kit, &run, i, why));
    return kit_footprint_held(&run.session, &before, why);
}

/* -- what goes wrong --------------------------------------------------------------------------- */

/* Refused by the host, given up by the plugin; and the next message is delivered. */
static enum kit_verdict broken(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct vls_id id = kit_id(1);
    struct kit_part part = KIT_PLAIN;
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    struct vls_why words = {""};
    kit_break_it((enum kit_breach)check->number, &mail, &part);
    struct vls_status s = kit_session_deliver(&run.session, &mail, &id, 1, &words);
    KIT_NEED(!vls_ok(s), "it is delivered");
    KIT_NEED(s.code != VLS_PLUGIN_DIED, "%s", words.text);
    KIT_TRY(deliver_plain(kit, &run, 2, why));
    return KIT_PASSED;
}

static enum kit_verdict killed(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct vls_id id = kit_id(1);
    struct kit_mail mail;
    KIT_TRY(kit_sample_mail(kit, &mail, why));
    KIT_TRY(kit_session_send(&run.session, &mail, &id, 1, why));
    kit_session_kill(&run.session);
    KIT_TRY(kit_run_again(&run, why));
    KIT_TRY(kit_session_deliver(&run.session, &mail, &id, 2, why));
    return KIT_PASSED;
}

static enum kit_verdict killed_within(struct kit *kit, const struct kit_check *check,
                                      struct vls_why *why)
{
    BEGIN(run);
    struct vls_id id = kit_id(1);
    uint8_t *piece = vls_mem_new(KIT_LARGE_PIECE);
    const struct kit_part part = kit_large_part(piece);
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    struct vls_status s = kit_session_send(&run.session, &mail, &id, 1, why);
    (void)kit_session_pump(&run.session, kit_session_is_at_work, (int)KIT_START_MS);
    kit_session_kill(&run.session);
    if (vls_ok(s))
        s = kit_run_again(&run, why);
    if (vls_ok(s))
        s = kit_session_deliver(&run.session, &mail, &id, 2, why);
    vls_mem_free(piece);
    KIT_TRY(kit_sample_bears(kit, &run.session, s, why));
    return KIT_PASSED;
}

static enum kit_verdict router_gone(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    BEGIN(run);
    struct vls_id id = kit_id(1);
    struct kit_mail mail;
    KIT_TRY(kit_sample_mail(kit, &mail, why));
    KIT_TRY(kit_session_send(&run.session, &mail, &id, 1, why));
    kit_session_disconnect(&run.session);
    KIT_TRY(kit_session_connect(&run.session, why));
    KIT_TRY(kit_session_deliver(&run.session, &mail, &id, 2, why));
    return KIT_PASSED;
}

/* It may say "later" or "never", and it may end; it may not say DONE for what is not there. */
static enum kit_verdict full_disk(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    (void)check;
    if (!kit_is_sink(kit))
        KIT_SKIP("it is no sink");
    if (((kit->described.plugin.caps_need | kit->described.plugin.caps_want) & VLS_CAP_FILES) == 0)
        KIT_SKIP("it writes no files");
    VLS_DEFER(kit_run_fini) struct kit_run run;
    struct vls_why words = {""};
    struct vls_id id = kit_id(1);
    KIT_TRY(kit_run_init(kit, &run, why));
    run.plan.file_bytes = FULL_DISK;
    KIT_TRY(kit_run_start(&run, why));
    uint8_t *piece = vls_mem_new(KIT_LARGE_PIECE);
    const struct kit_part part = {.name = "large.bin", .bytes = VLS_SLICE(piece, KIT_LARGE_PIECE)};
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    struct vls_status s = kit_session_deliver(&run.session, &mail, &id, 1, &words);
    vls_mem_free(piece);
    KIT_NEED(!vls_ok(s), "a disk that holds 4 KiB took 1 MiB");
    KIT_NEED(s.code != VLS_PLUGIN_DIED, "it ends over a full disk: %s", words.text);
    KIT_TRY(deliver_plain(kit, &run, 2, why));
    return KIT_PASSED;
}

const struct kit_check KIT_SINK_CHECKS[] = {
    {"sink.empty-part", "a part without bytes", one_part, 0, "empty.txt"},
    {"sink.one-byte", "a part of one byte", one_part, 1, "one.txt"},
    {"sink.piece", "a part as large as a piece", one_part, 65536, "piece.bin"},
    {"sink.piece-more", "and one byte larger", one_part, 65537, "piece.bin"},
    {"sink.large", "64 MiB in constant memory", large, 0, NULL},
    {"sink.parts-none", "a message without parts", parts, 0, NULL},
    {"sink.parts-three", "three parts", parts, 3, NULL},
    {"sink.parts-most", "as many parts as a message holds", parts, VLS_MAX_PARTS, NULL},
    {"sink.name-blank", "a name with blanks", one_part, 9, "a b  c.txt"},
    {"sink.name-dash", "a name that begins with a dash", one_part, 9, "-rf"},
    {"sink.name-dollar", "a name with what shells read", one_part, 9, "$HOME;'`x`&|*?.txt"},
    {"sink.name-foreign", "a name in another script", one_part, 9, "مذكرة-说明-été.pdf"},
    {"sink.name-200", "a name of 200 bytes", name_at_limit, 200, NULL},
    {"sink.name-longest", "the longest name that there is", name_at_limit, VLS_MAX_FILE_NAME, NULL},
    {"sink.subject-none", "no subject", shaped, KIT_NO_SUBJECT, NULL},
    {"sink.subject-longest", "the longest subject", shaped, KIT_LONG_SUBJECT, NULL},
    {"sink.subject-foreign", "a subject in other scripts", shaped, KIT_FOREIGN_SUBJECT, NULL},
    {"sink.handling", "distribution and personal data are stated", shaped, KIT_HANDLING, NULL},
    {"sink.about", "what it is is stated, in three scripts", shaped, KIT_ABOUT, NULL},
    {"sink.embargo", "an embargo is stated", shaped, KIT_EMBARGO, NULL},
    {"sink.part-label", "a part with a label of its own", shaped, KIT_OWN_LABEL, NULL},
    {"sink.media-type-none", "a part without media type", shaped, KIT_NO_MEDIA_TYPE, NULL},
    {"sink.twice", "the same message twice", twice, 0, NULL},
    {"sink.twice-restarted", "and with a restart in between", twice, 1, NULL},
    {"sink.same-name", "three messages with the same name inside", same_name, 0, NULL},
    {"sink.many", "a hundred messages, and it has not grown", many, 0, NULL},
    {"sink.cut", "gives up a message that ends too early", broken, KIT_CUT, NULL},
    {"sink.unlabelled", "is not shown one without labels", broken, KIT_UNLABELLED, NULL},
    {"sink.name-up", "is not shown the name ..", broken, KIT_NAME_UP, NULL},
    {"sink.name-path", "is not shown a path", broken, KIT_NAME_PATH, NULL},
    {"sink.name-hidden", "is not shown a hidden name", broken, KIT_NAME_HIDDEN, NULL},
    {"sink.killed", "takes again what it had when it was killed", killed, 0, NULL},
    {"sink.killed-within", "and when it was killed within a large one", killed_within, 0, NULL},
    {"sink.router-gone", "takes again what a router that died asked of it", router_gone, 0, NULL},
    {"sink.full-disk", "says so when the disk is full, and goes on", full_disk, 0, NULL},
};
const size_t KIT_SINK_COUNT = sizeof KIT_SINK_CHECKS / sizeof KIT_SINK_CHECKS[0];
