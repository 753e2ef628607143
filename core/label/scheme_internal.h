#ifndef VALISE_LABEL_SCHEME_INTERNAL_H
#define VALISE_LABEL_SCHEME_INTERNAL_H
/*
 * label/scheme_internal - the inside of a scheme, for the files of core/label only.
 *
 * Start at: spif.c, which fills it.
 */
#include "base/limits.h"
#include "label/scheme.h"

struct vls_scheme {
    char *name;  /* handle */
    char *title; /* as the file prints it */
    char *oid;
    uint8_t oid_der[VLS_MAX_OID];
    size_t oid_der_len;
    struct vls_digest digest;
    char *notice;
    /* the policy's part of a marking: prefix, phrase, the classification's phrase, suffix */
    char *phrase; /* NULL: the title */
    char *prefix;
    char *suffix;
    uint64_t not_before_ms, not_after_ms; /* 0: no bound */
    struct vls_classification *classes;   /* owns its strings */
    size_t count;
};

/** Parse into an empty scheme; what was filled when it fails is released with the scheme. */
VLS_STATUS vls_spif_parse(struct vls_slice spif, const char *file, struct vls_scheme *scheme,
                          struct vls_why *why);

#endif
