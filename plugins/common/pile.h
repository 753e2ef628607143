#ifndef VALISE_COMMON_PILE_H
#define VALISE_COMMON_PILE_H
/*
 * common/pile - documents that were fetched whole and are handed over together: no part is emitted
 * before all are there, so a document is never half delivered.
 *
 * Process:   host. Content lies in files in memory (memfd), outside of the plugin's heap.
 * Ownership: a pile owns its descriptors until they are emitted; plug_pile_fini() closes the rest.
 */
#include "ask.h"

#define PLUG_PILE   64u /* parts of one message */
#define PLUG_NAME   256u
#define PLUG_ISSUER 64u
#define PLUG_SYMBOL 128u /* as the interface has it */

struct plug_pile {
    struct plug_piled {
        char name[PLUG_NAME];
        char type[128];
        int fd;
        uint64_t bytes;
        char language[16]; /* of the part by itself, "" when that is not known */
        char *url;         /* where it comes from; NULL: not said */
    } parts[PLUG_PILE];
    unsigned count;
    uint64_t bytes;
    /* whose symbol each part has, said of it by itself, so that it stays with a part that goes its
     * own way; "" when that is not known */
    char issuer[PLUG_ISSUER + 1], symbol[PLUG_SYMBOL + 1];
};

void plug_pile_init(struct plug_pile *pile);
void plug_pile_fini(struct plug_pile *pile);

/** Add a part, its media type from its kind unless `type` is given. `fd` is taken, also on failure.
 * A name that is there already gets "-2" and so on. 0, or -1 when there is no room. */
int plug_pile_add(struct plug_pile *pile, const char *name, const char *type, enum plug_kind kind,
                  int fd, uint64_t bytes);
/** The same with bytes of the plugin's. */
int plug_pile_add_bytes(struct plug_pile *pile, const char *name, const char *type,
                        const void *bytes, size_t len);

/** What is said of the part that was added last ("valise.about/1"); either may be NULL. */
void plug_pile_says(struct plug_pile *pile, const char *language, const char *url);

/** Hand all over, each with `label` (NULL: none). The pile is empty afterwards. */
enum vls_emit plug_pile_resolve(struct plug_pile *pile, const struct plug *plug, const char *label);
/** The same into the document that was begun with emit_begin(). */
enum vls_emit plug_pile_emit(struct plug_pile *pile, const struct plug *plug, const char *label);

/** A file in memory; -1 without room. */
int plug_memory_file(void);
/** Write all. 0 or -1. */
int plug_write(int fd, const void *bytes, size_t len);

#endif
