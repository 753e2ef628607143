#include "policy/condition.h"

#include <string.h>

static bool has_kind(const struct vls_condition *when, const struct vls_kind *kind)
{
    if (when->kind_count == 0)
        return true;
    for (size_t i = 0; i < when->kind_count; i++)
        if (when->kinds[i] == kind)
            return true;
    return false;
}

static bool holds_but_for_label(const struct vls_condition *when, const struct vls_case *c)
{
    const struct vls_facts *facts = c->facts;
    if (!has_kind(when, c->kind))
        return false;
    if (when->from != NULL && when->from != c->from)
        return false;
    if (when->to != NULL && when->to != c->to)
        return false;
    if (when->body != NULL && strcmp(when->body, facts->body != NULL ? facts->body : "") != 0)
        return false;
    if (when->duplicate != VLS_WISH_ANY && (when->duplicate == VLS_WISH_YES) != facts->is_duplicate)
        return false;
    return !when->has_max_bytes || facts->bytes <= when->max_bytes;
}

/** @param outside  where a label lies that the bound shuts out */
static enum vls_match match_bound(const struct vls_label *bound, const struct vls_label *label,
                                  enum vls_label_order outside)
{
    if (bound->scheme == NULL)
        return VLS_MATCH_YES;
    enum vls_label_order order = vls_label_compare(label, bound);
    if (order == VLS_LABEL_INCOMPARABLE)
        return VLS_MATCH_UNKNOWN;
    return order == outside ? VLS_MATCH_NO : VLS_MATCH_YES;
}

enum vls_match vls_condition_match(const struct vls_condition *when, const struct vls_case *c)
{
    if (!holds_but_for_label(when, c))
        return VLS_MATCH_NO;
    enum vls_match most = match_bound(&when->at_most, &c->facts->label, VLS_LABEL_ABOVE);
    enum vls_match least = match_bound(&when->at_least, &c->facts->label, VLS_LABEL_BELOW);
    if (most == VLS_MATCH_NO || least == VLS_MATCH_NO)
        return VLS_MATCH_NO;
    return most == VLS_MATCH_UNKNOWN ? most : least;
}
