#ifndef VALISE_LABEL_XML4774_LENIENT_H
#define VALISE_LABEL_XML4774_LENIENT_H
/*
 * label/xml4774_lenient - reads what other programs wrote wrong, and says what it forgave: a
 * diagnosis for people.
 *
 * Process: command line, `valise inspect --lenient` alone. No gateway ever decides on what comes
 *          from here; a role that includes this header is wrong.
 *
 * It does not read more than the strict reader knows: the tree is repaired where the repair is
 * known, and the strict reader reads the result.
 */
#include "label/xml4774.h"

struct vls_forgiven {
    struct {
        long line;
        char words[160];
    } at[VLS_MAX_FORGIVEN];
    size_t count;
    bool is_more; /* than fit */
};

/** Forgiven are: another spelling of a root (capital letters, the old ConfidentialityLabel), no
 * CreationDateTime of the label or a successor, times without zone (taken as UTC), "URL" for "URI",
 * elements and attributes of others (left out), processing instructions and comments within a
 * value. `out_forgiven` is written on success and on failure.
 *  @return as vls_xml4774_read(), for what remains wrong */
VLS_STATUS vls_xml4774_read_lenient(struct vls_slice xml, const char *file,
                                    struct vls_xml4774 **out, struct vls_forgiven *out_forgiven,
                                    struct vls_why *why);

#endif
