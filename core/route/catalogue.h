#ifndef VALISE_ROUTE_CATALOGUE_H
#define VALISE_ROUTE_CATALOGUE_H
/*
 * route/catalogue - what is held: documents are entered when their message is submitted or
 * delivered, and found again by operators who are cleared for them.
 *
 * Process:   router.
 * Ownership: all is borrowed for the call.
 * Start at:  vls_catalogue_enter(); catalogue_show.c answers operators.
 *
 * Of a sent message the submitter says what its documents are. A received one is sealed to the
 * router: what its sender says inside, the host of the sink that it is delivered to tells. Without
 * a sink it is opened for nobody, and is not in here but by what valise-list(1) shows.
 */
#include "route/report.h"
#include "store/catalogue.h"

/** The documents of one message. */
struct vls_catalogue_entry {
    const struct vls_id *id;
    enum vls_direction direction;
    const char *party, *kind;
    const char *label;   /* of the message: for documents without one of their own */
    bool label_says_all; /* there is no more to it, and to theirs, than the text */
    const char *title;   /* for documents that have none: the subject; "" = none */
    uint64_t held_ms;
    Valise__About *const *abouts;
    size_t about_count;
    size_t part_count;
    /** Of part `i`, from 0; "" and empty where not known. */
    const char *(*name_of)(const void *ctx, size_t i);
    const char *(*label_of)(const void *ctx, size_t i);
    struct vls_slice (*digest_of)(const void *ctx, size_t i);
    const void *ctx;
    Valise__Fingerprint *const *fingerprints;
    size_t fingerprint_count;
};

/** Enter those of which something is known; what is checked is checked. In the open transaction.
 * @return what the store says */
VLS_STATUS vls_catalogue_enter(struct vls_route *route, const struct vls_catalogue_entry *entry,
                               struct vls_why *why);

/** Of a delivered message, as the plugin's host tells it. What is wrong with it is logged and left
 * out: the message is delivered in any case. */
VLS_STATUS vls_catalogue_delivered(struct vls_route *route, const struct vls_message *message,
                                   const char *plugin, const Valise__DeliverResult *told,
                                   struct vls_why *why);

/** The fingerprint of a part (from 1) that we understand, or an empty slice. */
struct vls_slice vls_catalogue_fingerprint(Valise__Fingerprint *const *fingerprints, size_t count,
                                           size_t part);

/** The documents of one message, for a report on it: as many as there is room for. */
VLS_STATUS vls_catalogue_documents(struct vls_route *route, const struct vls_id *id,
                                   struct vls_report *out, struct vls_why *why);

/** What an operator asks. */
VLS_STATUS vls_catalogue_report(struct vls_route *route, const Valise__OperatorCatalogue *in,
                                struct vls_report *out, struct vls_why *why);

#endif
