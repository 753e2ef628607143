#include "policy/index.h"

#include <string.h>

#include "policy/index_internal.h"

/* Sets of one decision: kind, from, to, body, switches, marks, sizes, bounds, categories, audience,
 * topics, originators, media types. */
#define MAX_SETS 13

/** Room to join sets in. It is large and is not cleared. */
struct room {
    struct vls_index_group kind, from, to, body, audience, topic, originator, category;
    struct vls_index_group all_documents, some_document, document, size;
};

struct query {
    const struct vls_index *index;
    const struct vls_arrangement *arrangement;
    const struct vls_facts *facts;
    struct room *room;
    uint32_t kind, from, to, body; /* values */
    bool has_third_party;          /* an originator that is not the sending party */
    const struct vls_index_scheme *scheme;
    size_t position; /* of the label's rank */
    bool is_marked;  /* the label's categories are to be compared with those of the bounds */
    const uint64_t *sets[MAX_SETS];
    size_t count;
};

static bool is_given(const char *text)
{
    return text != NULL && *text != '\0';
}

static uint32_t value_of(const struct vls_index_names *names, const char *text)
{
    return is_given(text) ? vls_index_name(names, VLS_SLICE(text, strlen(text))) : 0;
}

/* -- before the rules -------------------------------------------------------------------------- */

static enum vls_cause check_label(const struct query *q)
{
    const struct vls_label *label = &q->facts->label;
    if (label->scheme == NULL || label->classification == NULL)
        return VLS_CAUSE_UNLABELLED;
    if (q->from != 0 && q->arrangement->parties[q->from - 1].scheme != label->scheme)
        return VLS_CAUSE_FOREIGN_LABEL;
    return vls_scheme_is_valid_at(label->scheme, q->facts->now_ms) ? VLS_CAUSE_RULE
                                                                   : VLS_CAUSE_OLD_SCHEME;
}

static bool is_address_good(const struct query *q, const struct vls_kind *kind)
{
    const struct vls_arrangement *a = q->arrangement;
    uint64_t now_ms = q->facts->now_ms;
    if (a->body_count == 0)
        return true;
    if (q->body == 0)
        return !is_given(q->facts->body) && !kind->needs_body;
    const struct vls_rule_body *body = &a->bodies[q->body - 1];
    bool is_there = body->from_ms <= now_ms && (body->until_ms == 0 || body->until_ms > now_ms);
    return is_there && (!kind->fans_out || body->member_count > 0);
}

/** How many originators the label names, and how many of them are the sending party. */
static size_t count_originators(const struct query *q, size_t *out_sender)
{
    const struct vls_label_details *details = q->facts->label.details;
    const struct vls_rule_party *from = &q->arrangement->parties[q->from - 1];
    *out_sender = 0;
    if (details == NULL)
        return 0;
    for (size_t i = 0; i < details->originator_count; i++) {
        const char *named = details->originators[i];
        *out_sender += strcmp(named, from->id) == 0 || strcmp(named, from->name) == 0;
    }
    return details->originator_count;
}

static enum vls_cause check(struct query *q)
{
    const struct vls_arrangement *a = q->arrangement;
    const struct vls_facts *facts = q->facts;
    enum vls_cause cause = check_label(q);
    if (cause != VLS_CAUSE_RULE)
        return cause;
    if (facts->now_ms < a->not_before_ms || facts->now_ms >= a->expires_ms)
        return VLS_CAUSE_NOT_IN_FORCE;
    if (q->from == 0 || q->to == 0 || q->from == q->to)
        return VLS_CAUSE_PARTY;
    const struct vls_kind *kind = q->kind != 0 ? vls_kind_at(q->kind - 1) : NULL;
    if (kind == NULL)
        return VLS_CAUSE_KIND;
    if (kind->is_answer && facts->answers == VLS_ANSWERS_NOTHING)
        return VLS_CAUSE_NO_REQUEST;
    if (!is_address_good(q, kind))
        return VLS_CAUSE_BODY;
    size_t sender = 0, originators = count_originators(q, &sender);
    q->has_third_party = originators > sender;
    if (kind->sender == VLS_SENDER_ORIGINATOR && originators != 0 && sender == 0)
        return VLS_CAUSE_SENDER;
    if (kind->needs_safeguards && !is_given(facts->safeguards))
        return VLS_CAUSE_SAFEGUARDS;
    return is_given(facts->clearance) ? VLS_CAUSE_CLEARANCE : VLS_CAUSE_RULE;
}

static struct vls_verdict stop(enum vls_cause cause)
{
    switch (cause) {
    case VLS_CAUSE_UNLABELLED:
    case VLS_CAUSE_FOREIGN_LABEL:
    case VLS_CAUSE_OLD_SCHEME:
        return (struct vls_verdict){.outcome = VLS_OUTCOME_QUARANTINE, .cause = cause};
    default:
        return (struct vls_verdict){.outcome = VLS_OUTCOME_WITHHOLD, .cause = cause};
    }
}

/* -- the sets that the facts name -------------------------------------------------------------- */

static void add(struct query *q, const uint64_t *set)
{
    q->sets[q->count++] = set;
}

static void add_value(struct query *q, const struct vls_index_axis *axis, uint32_t value,
                      struct vls_index_group *group)
{
    if (!axis->is_used)
        return;
    group->set = NULL;
    vls_index_join(q->index, axis, value, group);
    add(q, group->set);
}

/** Of a list, any of the names will do. */
static void add_texts(struct query *q, const struct vls_index_axis *axis,
                      const struct vls_index_names *names, const char *const *at, size_t count,
                      struct vls_index_group *group)
{
    if (!axis->is_used)
        return;
    group->set = axis->open;
    for (size_t i = 0; i < count; i++) {
        uint32_t value = vls_index_name(names, vls_slice_text(at[i]));
        if (value != 0)
            vls_index_join(q->index, axis, value, group);
    }
    add(q, group->set);
}

static void add_originators(struct query *q)
{
    const struct vls_index *x = q->index;
    const struct vls_label_details *details = q->facts->label.details;
    const char *const *at = details != NULL ? (const char *const *)details->originators : NULL;
    add_texts(q, &x->originator, &x->originators, at,
              details != NULL ? details->originator_count : 0, &q->room->originator);
}

/** A media type is listed by itself or by its group. */
struct media {
    uint32_t self, group;
};

static void join_media(const struct vls_index *x, struct media media, struct vls_index_group *group)
{
    vls_index_join(x, &x->media_type, media.self, group);
    vls_index_join(x, &x->media_type, media.group, group);
}

/** All documents must be listed; for what counts against the message, one of them. */
static void add_media_types(struct query *q)
{
    const struct vls_index *x = q->index;
    const struct vls_texts *types = &q->facts->media_types;
    struct vls_index_group *all = &q->room->all_documents, *some = &q->room->some_document;
    struct media last = {0, 0};
    bool are_mixed = false;
    if (!x->media_type.is_used)
        return;
    all->set = some->set = types->count == 0 ? x->media_type.open : NULL;
    for (size_t i = 0; i < types->count; i++) {
        struct media media = {
            .self = vls_index_name(&x->media_types, vls_slice_text(types->at[i])),
            .group = vls_index_name(&x->media_types, vls_index_media_group(types->at[i]))};
        if (i == 0)
            join_media(x, media, all);
        if (i != 0 && media.self == last.self && media.group == last.group)
            continue;
        join_media(x, media, some);
        if (i != 0) {
            q->room->document.set = NULL;
            join_media(x, media, &q->room->document);
            uint64_t *own = vls_index_own(x, all);
            for (size_t at = 0; at < x->words; at += VLS_INDEX_BLOCK)
                vls_index_keep(own + at, q->room->document.set + at);
            are_mixed = true;
        }
        last = media;
    }
    if (are_mixed) {
        uint64_t *own = vls_index_own(x, all);
        for (size_t i = 0; i < x->words; i++)
            own[i] |= x->strict[i] & some->set[i];
    }
    add(q, all->set);
}

static void add_categories(struct query *q)
{
    const struct vls_index *x = q->index;
    const struct vls_label *label = &q->facts->label;
    struct vls_index_group *group = &q->room->category;
    if (!x->has_categories)
        return;
    group->set = vls_label_unknown_count(label) != 0 ? x->uncategorized : q->scheme->open;
    for (size_t w = 0; w < q->scheme->words; w++) {
        uint64_t listed = label->categories[w] & q->scheme->listed[w];
        while (listed != 0)
            vls_index_join_set(x, q->scheme->listing[64 * w + vls_index_next(&listed)], group);
    }
    add(q, group->set);
}

static void add_bounds(struct query *q)
{
    const struct vls_label *label = &q->facts->label;
    if (!q->index->has_bounds)
        return;
    if (vls_label_unknown_count(label) != 0) {
        add(q, q->index->unjudged);
        return;
    }
    q->position = vls_index_position(q->scheme, label);
    q->is_marked = vls_index_is_marked(q->scheme, label);
    if (!q->is_marked)
        add(q, q->scheme->plain + q->position * q->index->words);
}

static void add_switches(struct query *q)
{
    const struct vls_facts *f = q->facts;
    const struct vls_index *x = q->index;
    if (x->switches != NULL) {
        unsigned value = (f->is_incoming ? VLS_INDEX_INCOMING : 0u) |
                         (f->has_personal_data ? VLS_INDEX_PERSONAL_DATA : 0u) |
                         (is_given(f->safeguards) ? VLS_INDEX_SAFEGUARDS : 0u) |
                         (f->embargo_until_ms > f->now_ms ? VLS_INDEX_EMBARGO : 0u) |
                         (q->has_third_party ? VLS_INDEX_THIRD_PARTY : 0u) |
                         (f->is_duplicate ? VLS_INDEX_DUPLICATE : 0u);
        add(q, x->switches + value * x->words);
    }
    if (x->marks != NULL)
        add(q, x->marks + (f->answers * VLS_INDEX_DISTRIBUTIONS + f->distribution) * x->words);
}

/** Those at or below a size. Without branches that nobody can predict. */
static size_t count_turns(const struct vls_index_sizes *sizes, uint64_t bytes)
{
    size_t low = 0;
    for (size_t left = sizes->turn_count; left > 0;) {
        size_t half = (left + 1) / 2;
        low += sizes->turns[low + half - 1].from_bytes <= bytes ? half : 0;
        left -= half;
    }
    return low;
}

static void add_size(struct query *q)
{
    const struct vls_index *x = q->index;
    const struct vls_index_sizes *sizes = &x->sizes;
    struct vls_index_group *group = &q->room->size;
    if (sizes->sets == NULL)
        return;
    size_t low = count_turns(sizes, q->facts->bytes);
    group->set = sizes->sets + low / sizes->stride * x->words;
    for (size_t i = low / sizes->stride * sizes->stride; i < low; i++) {
        uint32_t rule = sizes->turns[i].rule;
        vls_index_own(x, group)[rule / 64] ^= UINT64_C(1) << (rule % 64);
    }
    add(q, group->set);
}

/** Those that leave the fewest rules come first. The kind is always there. */
static void gather(struct query *q)
{
    const struct vls_index *x = q->index;
    const struct vls_facts *facts = q->facts;
    struct room *room = q->room;
    room->kind.set = NULL;
    vls_index_join(x, &x->kind, q->kind, &room->kind);
    add(q, room->kind.set);
    add_value(q, &x->body, q->body, &room->body);
    add_value(q, &x->from, q->from, &room->from);
    add_value(q, &x->to, q->to, &room->to);
    add_bounds(q);
    add_switches(q);
    add_texts(q, &x->audience, &x->audiences, facts->audience.at, facts->audience.count,
              &room->audience);
    add_texts(q, &x->topic, &x->topics, facts->topics.at, facts->topics.count, &room->topic);
    add_media_types(q);
    add_originators(q);
    add_categories(q);
    add_size(q);
}

/* -- what is in all of them -------------------------------------------------------------------- */

/** Until none is left. It works on its own copy, which the compiler can keep in registers. */
static void meet(const struct query *q, size_t at, uint64_t *out)
{
    uint64_t block[VLS_INDEX_BLOCK];
    for (size_t i = 0; i < VLS_INDEX_BLOCK; i++)
        block[i] = q->sets[0][at + i];
    for (size_t s = 1; s < q->count && !vls_index_is_empty(block); s++)
        vls_index_keep(block, q->sets[s] + at);
    for (size_t i = 0; i < VLS_INDEX_BLOCK; i++)
        out[i] = block[i];
}

/** @param count  taken before. @return taken in all */
static size_t take(const struct vls_index *x, size_t at, const uint64_t *block, size_t count,
                   const struct vls_rule **out_matched, uint32_t *approvals)
{
    uint32_t most = *approvals;
    for (size_t i = 0; i < VLS_INDEX_BLOCK; i++) {
        uint64_t left = block[i];
        while (left != 0) {
            size_t rule = 64 * (at + i) + vls_index_next(&left);
            if (out_matched != NULL)
                out_matched[count] = x->rules[rule];
            most = x->approvals[rule] > most ? x->approvals[rule] : most;
            count++;
        }
    }
    *approvals = most;
    return count;
}

static enum vls_outcome first_effect(const struct vls_index *x, size_t at, const uint64_t *block)
{
    size_t i = 0;
    while (block[i] == 0)
        i++;
    return x->rules[64 * (at + i) + (size_t)__builtin_ctzll(block[i])]->effect;
}

static struct vls_verdict ask(const struct query *q, const struct vls_rule **out_matched)
{
    struct vls_verdict v = {.cause = VLS_CAUSE_RULE};
    const struct vls_index *x = q->index;
    for (size_t at = 0; at < x->words; at += VLS_INDEX_BLOCK) {
        uint64_t block[VLS_INDEX_BLOCK];
        meet(q, at, block);
        if (q->is_marked && !vls_index_is_empty(block))
            vls_index_judge(x, q->scheme, &q->facts->label, q->position, at, block);
        if (vls_index_is_empty(block))
            continue;
        if (v.matched == 0)
            v.outcome = first_effect(x, at, block);
        v.matched = take(x, at, block, v.matched, out_matched, &v.approvals);
    }
    if (v.matched == 0) {
        v.cause = VLS_CAUSE_NO_RULE;
        v.outcome = q->arrangement->is_house ? VLS_OUTCOME_RELEASE : VLS_OUTCOME_WITHHOLD;
    }
    if (v.outcome != VLS_OUTCOME_REFER)
        v.approvals = 0;
    return v;
}

static const struct vls_index_scheme *scheme_of(const struct vls_index *x,
                                                const struct vls_scheme *scheme)
{
    const struct vls_index_scheme *s = x->schemes;
    while (s->scheme != scheme)
        s++;
    return s;
}

struct vls_verdict vls_index_evaluate(const struct vls_arrangement *arrangement,
                                      const struct vls_facts *facts,
                                      const struct vls_rule **out_matched)
{
    const struct vls_index *x = arrangement->index;
    struct room room;
    struct query q = {.index = x,
                      .arrangement = arrangement,
                      .facts = facts,
                      .room = &room,
                      .kind = value_of(&x->kinds, facts->kind),
                      .from = value_of(&x->parties, facts->from),
                      .to = value_of(&x->parties, facts->to),
                      .body = value_of(&x->bodies, facts->body)};
    enum vls_cause cause = check(&q);
    if (cause != VLS_CAUSE_RULE)
        return stop(cause);
    /* the label is of the sender's scheme, and the index has those of all parties */
    q.scheme = scheme_of(x, facts->label.scheme);
    gather(&q);
    return ask(&q, out_matched);
}
