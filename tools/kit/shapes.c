#include "kit/shapes.h"

#include <stdio.h>

#include "base/mem.h"
#include "kit/about.h"
#include "kit/proc_of.h"

#define GROWTH_KIB (16 * 1024)
#define WORDS      "some words"

const struct kit_part KIT_PLAIN = {.name = "a.txt",
                                   .bytes = {(const uint8_t *)WORDS, sizeof WORDS - 1}};

struct kit_mail kit_mail_of(const struct kit *kit, const struct kit_part *parts, size_t count)
{
    return (struct kit_mail){.schemes = kit->options.schemes,
                             .label = KIT_LABEL,
                             .subject = "A subject",
                             .parts = parts,
                             .count = count};
}

struct kit_part kit_large_part(const uint8_t *piece)
{
    return (struct kit_part){
        .name = "large.bin", .bytes = VLS_SLICE(piece, KIT_LARGE_PIECE), .times = KIT_LARGE_TIMES};
}

const struct kit_part *kit_small_parts(size_t count)
{
    static struct kit_part rows[VLS_MAX_PARTS];
    static char names[VLS_MAX_PARTS][16];
    for (size_t i = 0; i < count && i < VLS_MAX_PARTS; i++) {
        snprintf(names[i], sizeof names[i], "part-%zu.txt", i);
        rows[i] = (struct kit_part){.name = names[i], .bytes = KIT_PLAIN.bytes};
    }
    return rows;
}

uint8_t *kit_letters(size_t len)
{
    uint8_t *bytes = vls_mem_new(len + 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)('a' + i % 26);
    return bytes;
}

static const char *longest_subject(void)
{
    static char subject[VLS_MAX_SUBJECT + 1];
    snprintf(subject, sizeof subject, "%0*d", VLS_MAX_SUBJECT, 0);
    return subject;
}

void kit_shape_it(enum kit_shape shape, struct kit_mail *mail, struct kit_part *part)
{
    switch (shape) {
    case KIT_NO_SUBJECT:
        mail->subject = "";
        break;
    case KIT_LONG_SUBJECT:
        mail->subject = longest_subject();
        break;
    case KIT_FOREIGN_SUBJECT:
        mail->subject = "مذكرة شفوية 说明 «été» ";
        break;
    case KIT_HANDLING:
        mail->distribution = "limited";
        mail->has_personal_data = true;
        mail->safeguards = "agreement-7";
        break;
    case KIT_ABOUT:
        mail->abouts = kit_about_full(&mail->about_count);
        break;
    case KIT_EMBARGO:
        mail->embargo_until_ms = UINT64_C(4102444800000);
        break;
    case KIT_OWN_LABEL:
        part->label = KIT_PART_LABEL;
        break;
    case KIT_NO_MEDIA_TYPE:
        part->media_type = "";
        break;
    }
}

void kit_break_it(enum kit_breach breach, struct kit_mail *mail, struct kit_part *part)
{
    switch (breach) {
    case KIT_CUT:
        mail->is_cut = true;
        break;
    case KIT_UNLABELLED:
        mail->is_without_labels = true;
        break;
    case KIT_NAME_UP:
        part->name = "..";
        break;
    case KIT_NAME_PATH:
        part->name = "a/../../b";
        break;
    case KIT_NAME_HIDDEN:
        part->name = ".hidden";
        break;
    }
}

struct kit_footprint kit_footprint_of(const struct kit_session *session)
{
    return (struct kit_footprint){kit_proc_fds(session->pid, NULL, NULL),
                                  kit_proc_number(session->pid, "VmRSS")};
}

enum kit_verdict kit_footprint_held(const struct kit_session *session,
                                    const struct kit_footprint *before, struct vls_why *why)
{
    struct kit_footprint after = kit_footprint_of(session);
    int64_t grown = after.kib - before->kib;
    KIT_NEED(after.fds <= before->fds + 1, "descriptors: %d have become %d", before->fds,
             after.fds);
    KIT_NEED(grown <= GROWTH_KIB, "it has grown by %lld KiB", (long long)grown);
    return KIT_PASSED;
}

bool kit_session_is_at_work(struct kit_session *session)
{
    return session->is_over || session->working > 0 || session->is_delivered;
}
