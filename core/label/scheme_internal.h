#ifndef VALISE_LABEL_SCHEME_INTERNAL_H
#define VALISE_LABEL_SCHEME_INTERNAL_H
/*
 * label/scheme_internal - the inside of a scheme, for the files of core/label only.
 *
 * Start at: spif.c, which fills it.
 */
#include "base/arena.h"
#include "label/label.h"

struct vls_scheme {
    struct vls_arena *arena; /* owns all below */
    char *name;              /* handle */
    char *title;             /* as the file prints it */
    char *oid;
    uint8_t oid_der[VLS_MAX_OID];
    size_t oid_der_len;
    struct vls_digest digest;
    char *notice;
    char *schema_version;
    uint64_t version;
    bool is_missi;
    uint64_t not_before_ms, not_after_ms; /* 0: no bound */
    struct vls_markings markings, policy_markings, class_markings, privacy_markings;
    struct vls_classification *classes;
    size_t count;
    struct vls_tag_set *tag_sets;
    size_t tag_set_count;
    struct vls_tag *tags;
    size_t tag_count;
    struct vls_category *categories;
    size_t category_count;
    char *default_policy, *default_policy_oid; /* of data without a label; NULL: none given */
    uint32_t min_privacy_marks, max_privacy_marks;
    struct vls_privacy_mark *privacy_marks;
    size_t privacy_mark_count;
    struct vls_equivalence *equivalents;
    size_t equivalent_count;
    /* what comparing needs, by kind of category */
    uint64_t restrictive[VLS_LABEL_WORDS], permissive[VLS_LABEL_WORDS];
};

static inline bool vls_bit_is_set(const uint64_t *set, size_t i)
{
    return (set[i / 64] >> (i % 64) & 1) != 0;
}

static inline void vls_bit_set(uint64_t *set, size_t i)
{
    set[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline void vls_bit_clear(uint64_t *set, size_t i)
{
    set[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

/** Parse into an empty scheme; what was filled when it fails is released with the scheme. */
VLS_STATUS vls_spif_parse(struct vls_slice spif, const char *file, struct vls_scheme *scheme,
                          struct vls_why *why);

#endif
