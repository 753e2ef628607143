/* An inspector: messages of every shape in both directions, each with a verdict that is one; broken
 * messages, the end of its process in between, and a document that it stops (--veto). */
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "kit/checks.h"
#include "kit/proc_of.h"
#include "kit/shapes.h"

#define MAX_VETO (64u << 20)

#define BEGIN(run)                                                                                 \
    (void)check;                                                                                   \
    if (!kit_is_inspector(kit))                                                                    \
        KIT_SKIP("it is no inspector");                                                            \
    VLS_DEFER(kit_run_fini) struct kit_run run;                                                    \
    KIT_TRY(kit_run_init(kit, &run, why));                                                         \
    KIT_TRY(kit_run_start(&run, why))

/* Any of the three verdicts is one; a number that is none, a veto or a delay without a word for the
 * operator, and the end of the process are not. */
static enum kit_verdict is_verdict(struct vls_status status, struct vls_why *why)
{
    if (vls_ok(status))
        return KIT_PASSED;
    if (status.code != VLS_PLUGIN_VETO && status.code != VLS_PLUGIN_RETRY)
        return KIT_FAILED;
    bool is_none = strstr(why->text, "which is no verdict") != NULL;
    bool is_silent = strstr(why->text, "it does not say why") != NULL;
    return is_none || is_silent ? KIT_FAILED : KIT_PASSED;
}

static struct vls_status inspect(struct kit_run *run, const struct kit_mail *mail, unsigned number,
                                 bool is_outgoing, struct vls_why *why)
{
    struct vls_id id = kit_id(number);
    return kit_session_inspect(&run->session, mail, &id, is_outgoing, why);
}

/* Out and in; the first that is no verdict. */
static enum kit_verdict both_ways(struct kit_run *run, const struct kit_mail *mail,
                                  struct vls_why *why)
{
    for (unsigned way = 0; way < 2; way++) {
        enum kit_verdict v = is_verdict(inspect(run, mail, way + 1, way == 0, why), why);
        if (v != KIT_PASSED)
            return v;
    }
    return KIT_PASSED;
}

/* -- one part of some shape -------------------------------------------------------------------- */

/* check->text: the part's name; check->number: its bytes */
static enum kit_verdict one_part(struct kit *kit, const struct kit_check *check,
                                 struct vls_why *why)
{
    BEGIN(run);
    size_t len = (size_t)check->number;
    uint8_t *bytes VLS_DEFER(vls_mem_freep) = kit_letters(len);
    const struct kit_part part = {.name = check->text, .bytes = VLS_SLICE(bytes, len)};
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    enum kit_verdict v = both_ways(&run, &mail, why);
    if (v != KIT_PASSED)
        return v;
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict large(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    uint8_t *piece VLS_DEFER(vls_mem_freep) = vls_mem_new(KIT_LARGE_PIECE);
    const struct kit_part part = kit_large_part(piece);
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    enum kit_verdict v = is_verdict(inspect(&run, &mail, 1, true, why), why);
    int64_t peak = kit_proc_number(run.session.pid, "VmHWM");
    if (v != KIT_PASSED)
        return v;
    KIT_NEED(peak < (int64_t)(KIT_LARGE_TIMES * (KIT_LARGE_PIECE >> 10)),
             "64 MiB took it to %lld KiB: it gathers what it should look at", (long long)peak);
    return KIT_PASSED;
}

/* check->number: how many parts */
static enum kit_verdict parts(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct kit_mail mail =
        kit_mail_of(kit, kit_small_parts((size_t)check->number), (size_t)check->number);
    return both_ways(&run, &mail, why);
}

/* -- one message of some shape ----------------------------------------------------------------- */

static enum kit_verdict shaped(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct kit_part part = KIT_PLAIN;
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    kit_shape_it((enum kit_shape)check->number, &mail, &part);
    if (check->number == KIT_HANDLING)
        kit_shape_it(KIT_EMBARGO, &mail, &part);
    return both_ways(&run, &mail, why);
}

/* -- again and again --------------------------------------------------------------------------- */

/* check->number: with a restart in between */
static enum kit_verdict twice(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct kit_mail mail = kit_mail_of(kit, &KIT_PLAIN, 1);
    struct vls_status first = inspect(&run, &mail, 1, true, why);
    if (is_verdict(first, why) != KIT_PASSED)
        return KIT_FAILED;
    if (check->number != 0)
        KIT_TRY(kit_run_again(&run, why));
    struct vls_status second = inspect(&run, &mail, 1, true, why);
    if (is_verdict(second, why) != KIT_PASSED)
        return KIT_FAILED;
    KIT_NEED(first.code == second.code || first.code == VLS_PLUGIN_RETRY, "first %s, then %s",
             vls_status_name(first), vls_status_name(second));
    return KIT_PASSED;
}

static enum kit_verdict many(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    struct kit_footprint before = {0};
    BEGIN(run);
    struct kit_mail mail = kit_mail_of(kit, &KIT_PLAIN, 1);
    for (unsigned i = 1; i <= KIT_MANY; i++) {
        if (is_verdict(inspect(&run, &mail, i, i % 2 == 0, why), why) != KIT_PASSED)
            return KIT_FAILED;
        if (i == 1)
            before = kit_footprint_of(&run.session);
    }
    return kit_footprint_held(&run.session, &before, why);
}

/* -- what goes wrong --------------------------------------------------------------------------- */

/* Stopped by the host, forgotten by the plugin; and the next message has the verdict that it would
 * have had. */
static enum kit_verdict broken(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct kit_part part = KIT_PLAIN;
    struct kit_mail plain = kit_mail_of(kit, &KIT_PLAIN, 1), mail = kit_mail_of(kit, &part, 1);
    struct vls_why words = {""};
    struct vls_status before = inspect(&run, &plain, 1, true, why);
    kit_break_it((enum kit_breach)check->number, &mail, &part);
    struct vls_status s = inspect(&run, &mail, 2, true, &words);
    KIT_NEED(!vls_ok(s), "it is passed");
    KIT_NEED(s.code != VLS_PLUGIN_DIED, "%s", words.text);
    struct vls_status after = inspect(&run, &plain, 3, true, why);
    KIT_NEED(before.code == after.code, "before it %s, behind it %s: %s", vls_status_name(before),
             vls_status_name(after), why->text);
    return KIT_PASSED;
}

enum ended { KILLED, ROUTER_GONE, DRAINED };

/* While it looks at a large one. */
static enum kit_verdict ended(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    struct vls_id id = kit_id(1);
    uint8_t *piece VLS_DEFER(vls_mem_freep) = vls_mem_new(KIT_LARGE_PIECE);
    const struct kit_part part = kit_large_part(piece);
    struct kit_mail mail = kit_mail_of(kit, &part, 1);
    KIT_TRY(kit_session_show(&run.session, &mail, &id, true, why));
    (void)kit_session_pump(&run.session, kit_session_is_at_work, (int)KIT_START_MS);
    switch ((enum ended)check->number) {
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
    return is_verdict(inspect(&run, &mail, 1, true, why), why);
}

/* -- what it stops ----------------------------------------------------------------------------- */

enum veto { ALONE, INCOMING, SECOND, BEHIND_LARGE, RESTARTED, THEN_PLAIN };

static enum kit_verdict stops(struct kit *kit, struct kit_run *run, enum veto where,
                              struct vls_slice bytes, struct vls_why *why)
{
    uint8_t *piece VLS_DEFER(vls_mem_freep) = vls_mem_new(KIT_LARGE_PIECE);
    const struct kit_part bad = {.name = "b.txt", .bytes = bytes};
    const struct kit_part large_part = kit_large_part(piece);
    const struct kit_part rows[] = {where == BEHIND_LARGE ? large_part : KIT_PLAIN, bad};
    bool is_second = where == SECOND || where == BEHIND_LARGE;
    struct kit_mail mail = kit_mail_of(kit, is_second ? rows : &bad, is_second ? 2 : 1);
    struct vls_status s = inspect(run, &mail, 1, where != INCOMING, why);
    KIT_NEED(s.code == VLS_PLUGIN_VETO, "it says %s %s", vls_status_name(s), why->text);
    return is_verdict(s, why);
}

/* check->number: enum veto */
static enum kit_verdict veto(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    enum veto where = (enum veto)check->number;
    BEGIN(run);
    if (kit->options.veto == NULL)
        KIT_SKIP("it is not known what it stops: give it a file with --veto");
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, MAX_VETO);
    KIT_TRY(vls_file_read(kit->options.veto, &bytes, why));
    enum kit_verdict v = stops(kit, &run, where, vls_buf_slice(&bytes), why);
    if (v != KIT_PASSED)
        return v;
    if (where == RESTARTED) {
        KIT_TRY(kit_run_again(&run, why));
        return stops(kit, &run, where, vls_buf_slice(&bytes), why);
    }
    if (where != THEN_PLAIN)
        return KIT_PASSED;
    struct kit_mail mail = kit_mail_of(kit, &KIT_PLAIN, 1);
    struct vls_status s = inspect(&run, &mail, 2, true, why);
    KIT_NEED(vls_ok(s), "%s", why->text);
    return KIT_PASSED;
}

const struct kit_check KIT_INSPECTOR_CHECKS[] = {
    {"inspector.empty-part", "a verdict on a part without bytes", one_part, 0, "empty.txt"},
    {"inspector.one-byte", "on a part of one byte", one_part, 1, "one.txt"},
    {"inspector.piece", "on a part as large as a piece", one_part, 65536, "piece.bin"},
    {"inspector.piece-more", "and on one a byte larger", one_part, 65537, "piece.bin"},
    {"inspector.large", "on 64 MiB in constant memory", large, 0, NULL},
    {"inspector.parts-none", "on a message without parts", parts, 0, NULL},
    {"inspector.parts-three", "on three parts", parts, 3, NULL},
    {"inspector.parts-most", "on as many parts as a message holds", parts, VLS_MAX_PARTS, NULL},
    {"inspector.name-blank", "on a name with blanks", one_part, 9, "a b  c.txt"},
    {"inspector.name-format", "on a name with what formats read", one_part, 9, "%s%n.txt"},
    {"inspector.name-foreign", "on a name in another script", one_part, 9, "مذكرة-说明-été.pdf"},
    {"inspector.subject-none", "on one without subject", shaped, KIT_NO_SUBJECT, NULL},
    {"inspector.subject-longest", "on the longest subject", shaped, KIT_LONG_SUBJECT, NULL},
    {"inspector.subject-foreign", "on a subject in other scripts", shaped, KIT_FOREIGN_SUBJECT,
     NULL},
    {"inspector.about", "on one that says what it is", shaped, KIT_ABOUT, NULL},
    {"inspector.handling", "on one whose handling is stated", shaped, KIT_HANDLING, NULL},
    {"inspector.part-label", "on a part with a label of its own", shaped, KIT_OWN_LABEL, NULL},
    {"inspector.media-type-none", "on a part without media type", shaped, KIT_NO_MEDIA_TYPE, NULL},
    {"inspector.twice", "the same verdict on the same message", twice, 0, NULL},
    {"inspector.twice-restarted", "and with a restart in between", twice, 1, NULL},
    {"inspector.many", "a hundred messages, and it has not grown", many, 0, NULL},
    {"inspector.cut", "forgets a message that ends too early", broken, KIT_CUT, NULL},
    {"inspector.unlabelled", "is not shown one without labels", broken, KIT_UNLABELLED, NULL},
    {"inspector.name-up", "is not shown the name ..", broken, KIT_NAME_UP, NULL},
    {"inspector.name-path", "is not shown a path", broken, KIT_NAME_PATH, NULL},
    {"inspector.name-hidden", "is not shown a hidden name", broken, KIT_NAME_HIDDEN, NULL},
    {"inspector.killed", "is shown again what it had when it was killed", ended, KILLED, NULL},
    {"inspector.router-gone", "and what a router that died had shown it", ended, ROUTER_GONE, NULL},
    {"inspector.drained", "stops while it looks at one", ended, DRAINED, NULL},
    {"inspector.veto", "stops what it is said to stop", veto, ALONE, NULL},
    {"inspector.veto-incoming", "also when it comes in", veto, INCOMING, NULL},
    {"inspector.veto-second", "and when it is the second part", veto, SECOND, NULL},
    {"inspector.veto-large", "and behind 64 MiB", veto, BEHIND_LARGE, NULL},
    {"inspector.veto-restarted", "and again after a restart", veto, RESTARTED, NULL},
    {"inspector.veto-then", "passes the kit's words behind it", veto, THEN_PLAIN, NULL},
};
const size_t KIT_INSPECTOR_COUNT = sizeof KIT_INSPECTOR_CHECKS / sizeof KIT_INSPECTOR_CHECKS[0];
