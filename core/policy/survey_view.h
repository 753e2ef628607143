#ifndef VALISE_POLICY_SURVEY_VIEW_H
#define VALISE_POLICY_SURVEY_VIEW_H
/*
 * policy/survey_view - what an arrangement or house rules hold, one after the other, to be shown to
 * people.
 *
 * Process:   command line.
 * Ownership: what is returned lives as long as the arrangement.
 */
#include "base/bytes.h"
#include "policy/arrangement.h"

struct vls_view_list {
    char *const *at;
    size_t count;
};

struct vls_view_rule {
    const char *id, *basis;
    const char *effect;               /* "release", "refer", "withhold" */
    uint32_t approvals, retain_years; /* 0: none, not said */
    struct vls_view_list duties;
    bool is_broad; /* releases without a bound of the label */
    uint32_t line; /* in the file */
};

struct vls_view_body {
    const char *id, *name, *through; /* through: empty when it is reached directly */
    struct vls_view_list members;
    uint64_t from_ms, until_ms; /* 0: no bound */
};

struct vls_view_equivalence {
    const char *from_scheme, *from, *to_scheme, *to; /* names and handles */
    struct vls_view_list adds;
};

/** The i-th in the order of the file. @return false beyond the last */
bool vls_view_rule(const struct vls_arrangement *a, size_t i, struct vls_view_rule *out);
bool vls_view_body(const struct vls_arrangement *a, size_t i, struct vls_view_body *out);
bool vls_view_equivalence(const struct vls_arrangement *a, size_t i,
                          struct vls_view_equivalence *out);

/** Version that it supersedes; 0: the first. */
uint32_t vls_view_supersedes(const struct vls_arrangement *a);

/** Append the conditions of the i-th rule in words, "kind publication; label at most ...", or
 * "always". @return SYSTEM_MEMORY, INPUT_LIMIT */
VLS_STATUS vls_view_conditions(const struct vls_arrangement *a, size_t i, struct vls_buf *out);

/** Room that conditions need at most, for vls_buf_init(). */
#define VLS_MAX_CONDITIONS_TEXT (256u << 10)

#endif
