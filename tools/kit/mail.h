#ifndef VALISE_KIT_MAIL_H
#define VALISE_KIT_MAIL_H
/*
 * kit/mail - received messages made up: the opened archive that a host gets, with its labels.
 *
 * Process:   valise(1) plugin, and the tests of hosts and plugins.
 * Ownership: a mail borrows all it points to.
 * Start at:  kit_mail_archive().
 */
#include <schemas/about.pb-c.h>

#include "base/bytes.h"
#include "label/label.h"

/** The labels of what is made up: of a whole, and of a part. */
#define KIT_LABEL      "un-sgb-2007-6/confidential"
#define KIT_PART_LABEL "un-sgb-2007-6/unclassified"

struct kit_part {
    const char *name;
    struct vls_slice bytes;
    uint64_t times;         /* so often one behind the other; 0 = once */
    const char *label;      /* NULL: none of its own */
    const char *media_type; /* NULL: text/plain */
};

struct kit_mail {
    const struct vls_scheme_set *schemes;
    const char *label;   /* of the whole */
    const char *subject; /* NULL: none */
    const struct kit_part *parts;
    size_t count;
    bool is_without_labels; /* no labels.xml */
    bool is_cut;            /* its last part ends too early */
    /* how the sender states that it is to be handled; NULL: not stated */
    bool has_personal_data;
    const char *distribution, *safeguards, *answer_state;
    uint64_t embargo_until_ms;
    Valise__About *const *abouts; /* what it is; NULL: not stated */
    size_t about_count;
};

/** A memory file with the archive; the caller owns it. Names are taken as they are, also those that
 * a host must refuse. @return as the label's reading, and SYSTEM_MEMORY */
VLS_STATUS kit_mail_archive(const struct kit_mail *mail, int *out_fd, struct vls_why *why);

/** The label of the whole in DER, appended: as a manifest has it. */
VLS_STATUS kit_mail_label(const struct kit_mail *mail, struct vls_buf *out, struct vls_why *why);

#endif
