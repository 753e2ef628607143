#ifndef VALISE_PLUGIN_SHOW_INTERNAL_H
#define VALISE_PLUGIN_SHOW_INTERNAL_H
/*
 * plugin/show_internal - a message that is shown to the plugin piece by piece: to a sink
 * (deliver.c) or to an inspector (inspect.c), by the same steps (show.c).
 *
 * Process:   host.
 * Start at:  vls_show().
 */
#include "base/digest.h"
#include "base/id.h"
#include "envelope/archive.h"
#include "label/label.h"
#include "plugin/held.h"
#include "plugin/host_internal.h"

struct show;

/** What a plugin says for the operator during one call. */
struct words {
    char text[sizeof((struct vls_why *)NULL)->text];
};

/** The six calls of a role that is shown messages. Each gives the number that the plugin answered.
 */
struct vls_audience {
    int (*begin)(struct show *s, struct words *words);
    int (*part_begin)(struct show *s, const struct vls_part *part, struct words *words);
    int (*part_bytes)(struct show *s, struct vls_slice bytes, struct words *words);
    int (*part_end)(struct show *s, struct words *words);
    int (*end)(struct show *s, struct words *words);
    void (*abort)(struct show *s);
    /** What an answer means. `is_begin`: it is that of begin(). */
    struct vls_status (*meaning)(struct show *s, int answer, bool is_begin,
                                 const struct words *words, struct vls_why *why);
    const char *call; /* what the router is told that it is at */
    uint32_t role;    /* VLS_PLUGIN_... */
    const char *name;
};

/** What a document is, as the plugin sees it; its texts are the descriptor's. */
struct told_about {
    struct vls_about about;
    struct vls_relation relations[VLS_MAX_RELATIONS];
};

struct show {
    struct vls_plugin_host *host;
    const struct vls_audience *audience;
    struct vls_message message; /* as the plugin sees it */
    struct told_about of_message, of_part;
    const struct vls_descriptor *descriptor;
    struct vls_label label; /* of the manifest: the authoritative one */
    struct vls_label parts[VLS_MAX_PARTS];
    size_t part_count; /* of `parts`, once they are read */
    bool is_outgoing;
    bool is_begun, has_already;
    char id[VLS_ID_TEXT], reply[VLS_ID_TEXT];
    struct vls_hash *hash; /* of the part that is being shown; NULL: nobody asks */
    size_t shown;          /* its number */
    struct vls_digest digests[VLS_MAX_PARTS];
    struct vls_held held; /* of a sink's message: what the router is told of it */
};

/** Show what the router sent, with the one descriptor in `fds`, which is taken.
 *  @return PLUGIN_MISSING when the plugin has not this role, PLUGIN_RETRY while it starts or stops,
 *  LABEL_DISAGREES, ENVELOPE_..., or what an answer means. Release with vls_show_fini(). */
VLS_STATUS vls_show(struct show *s, const Valise__Deliver *from, struct vls_fds *fds,
                    struct vls_why *why);
void vls_show_fini(struct show *s);

#endif
