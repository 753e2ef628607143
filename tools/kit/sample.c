#include "kit/sample.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "kit/shapes.h"

#define AFTERWARDS 9000u /* number of the message behind one that was refused */

struct kit_sample {
    struct kit_part parts[KIT_SAMPLE_PARTS];
    struct vls_buf bytes[KIT_SAMPLE_PARTS];
    size_t count;
};

void kit_sample_free(struct kit_sample **sample)
{
    if (*sample == NULL)
        return;
    for (size_t i = 0; i < (*sample)->count; i++)
        vls_buf_fini(&(*sample)->bytes[i]);
    vls_mem_free(*sample);
    *sample = NULL;
}

bool kit_is_choosy(const struct kit *kit)
{
    return kit->options.message_count > 0;
}

static struct vls_status read_all(const struct kit_options *options, struct kit_sample *sample,
                                  struct vls_why *why)
{
    if (options->message_count > KIT_SAMPLE_PARTS)
        return vls_fail(VLS_INPUT_LIMIT, why, "a message of %zu files, and %d are the most",
                        options->message_count, KIT_SAMPLE_PARTS);
    for (size_t i = 0; i < options->message_count; i++) {
        vls_buf_init(&sample->bytes[i], KIT_SAMPLE_BYTES);
        sample->count++;
        VLS_TRY(vls_file_read(options->message[i], &sample->bytes[i], why));
        sample->parts[i] = (struct kit_part){.name = vls_path_name(options->message[i]),
                                             .bytes = vls_buf_slice(&sample->bytes[i])};
    }
    return VLS_DONE;
}

struct vls_status kit_sample_mail(struct kit *kit, struct kit_mail *out, struct vls_why *why)
{
    if (kit_is_choosy(kit) && kit->sample == NULL) {
        kit->sample = vls_mem_new(sizeof *kit->sample);
        struct vls_status status = read_all(&kit->options, kit->sample, why);
        if (!vls_ok(status)) {
            kit_sample_free(&kit->sample);
            return status;
        }
    }
    *out = kit_is_choosy(kit) ? kit_mail_of(kit, kit->sample->parts, kit->sample->count)
                              : kit_mail_of(kit, &KIT_PLAIN, 1);
    return VLS_DONE;
}

struct vls_status kit_sample_bears(struct kit *kit, struct kit_session *session,
                                   struct vls_status status, struct vls_why *why)
{
    struct kit_mail mail;
    struct vls_id id = kit_id(AFTERWARDS);
    bool is_refused = status.code == VLS_PLUGIN_REFUSED || status.code == VLS_PLUGIN_RETRY;
    if (!kit_is_choosy(kit) || !is_refused)
        return status;
    if (why->text[0] == '\0')
        return vls_fail(VLS_PLUGIN_INVALID, why, "it refuses without a word of why");
    VLS_TRY(kit_sample_mail(kit, &mail, why));
    return kit_session_deliver(session, &mail, &id, 1, why);
}
