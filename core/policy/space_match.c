/* One value of one axis against one rule. The evaluators are asked for whole messages; the search
 * asks for one fact at a time, and what it finds is held against them. */
#include <string.h>

#include "policy/space.h"

enum match { NO, YES, UNKNOWN };

static enum match match_kind(const struct vls_condition *when, const struct vls_kind *kind)
{
    for (size_t i = 0; i < when->kind_count; i++)
        if (when->kinds[i] == kind)
            return YES;
    return NO;
}

static bool is_wished(enum vls_wish wish, bool fact)
{
    return wish == VLS_WISH_ANY || (wish == VLS_WISH_YES) == fact;
}

static enum match match_way(const struct vls_condition *when, const struct vls_space_value *way)
{
    bool is_met = (when->from == NULL || strcmp(when->from->id, way->from) == 0) &&
                  (when->to == NULL || strcmp(when->to->id, way->to) == 0) &&
                  is_wished(when->incoming, way->is_incoming);
    return is_met ? YES : NO;
}

static enum match match_body(const struct vls_condition *when, const char *body)
{
    for (size_t i = 0; i < when->body_count; i++)
        if (strcmp(when->bodies[i]->id, body) == 0)
            return YES;
    return NO;
}

/* -- labels ------------------------------------------------------------------------------------ */

static enum match match_bound(const struct vls_label *bound, const struct vls_space_value *value,
                              enum vls_label_order outside)
{
    if (bound->scheme == NULL)
        return YES;
    if (value->has_unknown)
        return UNKNOWN;
    enum vls_label_order order = vls_label_compare(&value->label, bound);
    if (order == VLS_LABEL_INCOMPARABLE)
        return UNKNOWN;
    return order == outside ? NO : YES;
}

static enum match match_category(const struct vls_condition *when,
                                 const struct vls_space_value *value)
{
    bool is_unknown = value->has_unknown;
    if (when->category_count == 0)
        return YES;
    for (size_t i = 0; i < when->category_count; i++) {
        if (when->categories[i].scheme != value->label.scheme)
            is_unknown = true;
        else if (vls_label_has(&value->label, when->categories[i].category))
            return YES;
    }
    return is_unknown ? UNKNOWN : NO;
}

static enum match match_label(const struct vls_condition *when, const struct vls_space_value *value)
{
    const enum match each[] = {match_bound(&when->at_most, value, VLS_LABEL_ABOVE),
                               match_bound(&when->at_least, value, VLS_LABEL_BELOW),
                               match_category(when, value)};
    enum match all = YES;
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        if (each[i] == NO)
            return NO;
        if (each[i] == UNKNOWN)
            all = UNKNOWN;
    }
    return all;
}

/* -- lists ------------------------------------------------------------------------------------- */

static enum match match_texts(char *const *list, size_t count, const struct vls_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        for (size_t k = 0; k < count; k++)
            if (strcmp(list[k], texts->at[i]) == 0)
                return YES;
    return NO;
}

static bool is_of_type(const struct vls_condition *when, const char *type)
{
    for (size_t i = 0; i < when->media_type_count; i++) {
        const char *pattern = when->media_types[i];
        size_t len = strlen(pattern);
        bool is_group = len >= 2 && strcmp(pattern + len - 2, "/*") == 0;
        if (is_group ? strncmp(type, pattern, len - 1) == 0 : strcmp(type, pattern) == 0)
            return true;
    }
    return false;
}

static enum match match_media_types(const struct vls_condition *when, const struct vls_texts *types)
{
    size_t listed = 0;
    for (size_t i = 0; i < types->count; i++)
        listed += is_of_type(when, types->at[i]);
    if (listed == 0)
        return NO;
    return listed == types->count ? YES : UNKNOWN;
}

bool vls_space_is_third_party(const struct vls_texts *originators,
                              const struct vls_rule_party *from)
{
    for (size_t i = 0; i < originators->count; i++)
        if (strcmp(originators->at[i], from->id) != 0 &&
            strcmp(originators->at[i], from->name) != 0)
            return true;
    return false;
}

/* -- the whole --------------------------------------------------------------------------------- */

static enum match match_bytes(const struct vls_condition *when, uint64_t bytes)
{
    bool is_met = (!when->has_min_bytes || bytes >= when->min_bytes) &&
                  (!when->has_max_bytes || bytes <= when->max_bytes);
    return is_met ? YES : NO;
}

static enum match match_wish(enum vls_wish wish, uint64_t number)
{
    return is_wished(wish, number != 0) ? YES : NO;
}

static enum match match(const struct vls_condition *when, enum vls_axis axis,
                        const struct vls_space_value *value)
{
    switch (axis) {
    case VLS_AXIS_KIND:
        return match_kind(when, value->kind);
    case VLS_AXIS_WAY:
        return match_way(when, value);
    case VLS_AXIS_BODY:
        return match_body(when, value->body);
    case VLS_AXIS_LABEL:
        return match_label(when, value);
    case VLS_AXIS_ORIGINATORS:
        return match_texts(when->originators, when->originator_count, &value->list);
    case VLS_AXIS_AUDIENCE:
        return match_texts(when->audiences, when->audience_count, &value->list);
    case VLS_AXIS_TOPICS:
        return match_texts(when->topics, when->topic_count, &value->list);
    case VLS_AXIS_MEDIA_TYPES:
        return match_media_types(when, &value->list);
    case VLS_AXIS_DISTRIBUTION:
        return (when->distributions >> value->number & 1) != 0 ? YES : NO;
    case VLS_AXIS_ANSWERS:
        return (when->answers >> value->number & 1) != 0 ? YES : NO;
    case VLS_AXIS_PERSONAL_DATA:
        return match_wish(when->personal_data, value->number);
    case VLS_AXIS_SAFEGUARDS:
        return match_wish(when->safeguards, value->number);
    case VLS_AXIS_EMBARGO:
        return match_wish(when->embargo, value->number);
    case VLS_AXIS_DUPLICATE:
        return match_wish(when->duplicate, value->number);
    case VLS_AXIS_BYTES:
        return match_bytes(when, value->number);
    case VLS_AXIS_TIME:
    case VLS_AXES:
        break;
    }
    return YES;
}

bool vls_space_asks(const struct vls_condition *when, enum vls_axis axis)
{
    const bool asks[VLS_AXES] = {
        [VLS_AXIS_KIND] = when->kind_count != 0,
        [VLS_AXIS_WAY] = when->from != NULL || when->to != NULL || when->incoming != VLS_WISH_ANY,
        [VLS_AXIS_BODY] = when->body_count != 0,
        [VLS_AXIS_LABEL] = when->at_most.scheme != NULL || when->at_least.scheme != NULL ||
                           when->category_count != 0,
        [VLS_AXIS_ORIGINATORS] = when->originator_count != 0,
        [VLS_AXIS_DISTRIBUTION] = when->distributions != 0,
        [VLS_AXIS_PERSONAL_DATA] = when->personal_data != VLS_WISH_ANY,
        [VLS_AXIS_SAFEGUARDS] = when->safeguards != VLS_WISH_ANY,
        [VLS_AXIS_EMBARGO] = when->embargo != VLS_WISH_ANY,
        [VLS_AXIS_AUDIENCE] = when->audience_count != 0,
        [VLS_AXIS_TOPICS] = when->topic_count != 0,
        [VLS_AXIS_MEDIA_TYPES] = when->media_type_count != 0,
        [VLS_AXIS_ANSWERS] = when->answers != 0,
        [VLS_AXIS_DUPLICATE] = when->duplicate != VLS_WISH_ANY,
        [VLS_AXIS_BYTES] = when->has_min_bytes || when->has_max_bytes,
    };
    return asks[axis];
}

bool vls_space_admits(const struct vls_rule *rule, enum vls_axis axis,
                      const struct vls_space_value *value)
{
    enum match m = vls_space_asks(&rule->when, axis) ? match(&rule->when, axis, value) : YES;
    return m == YES || (m == UNKNOWN && rule->effect != VLS_OUTCOME_RELEASE);
}
