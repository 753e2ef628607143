#include "policy/space.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/space_internal.h"

#define DAY_MS UINT64_C(86400000)

bool vls_space_add(struct vls_space *space, enum vls_axis axis, struct vls_space_value value)
{
    struct vls_space_axis *a = &space->axes[axis];
    if (a->count == a->room) {
        size_t room = a->room == 0 ? 8 : 2 * a->room;
        struct vls_space_value *more = vls_mem_resize(a->values, room * sizeof *more);
        if (more == NULL)
            return false;
        a->values = more;
        a->room = room;
    }
    a->values[a->count++] = value;
    return true;
}

/* -- kinds, ways, bodies ----------------------------------------------------------------------- */

static bool add_kinds(const struct vls_space_maker *m)
{
    const struct vls_kind *kind = NULL;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++)
        if (!vls_space_add(m->out, VLS_AXIS_KIND, (struct vls_space_value){.kind = kind}))
            return false;
    return true;
}

static bool has_way(const struct vls_space *space, const char *from, const char *to)
{
    const struct vls_space_axis *ways = &space->axes[VLS_AXIS_WAY];
    for (size_t i = 0; i < ways->count; i++)
        if (strcmp(ways->values[i].from, from) == 0 && strcmp(ways->values[i].to, to) == 0)
            return true;
    return false;
}

static bool add_way(const struct vls_space_maker *m, const char *from, const char *to)
{
    struct vls_space_value value = {.from = from, .to = to};
    if (strcmp(from, to) == 0 || has_way(m->out, from, to))
        return true;
    if (!vls_space_add(m->out, VLS_AXIS_WAY, value))
        return false;
    value.is_incoming = true;
    value.cost = 1;
    return vls_space_add(m->out, VLS_AXIS_WAY, value);
}

static bool add_ways(const struct vls_space_maker *m)
{
    bool is_done = true;
    for (size_t b = 0; b < m->book_count; b++) {
        const struct vls_arrangement *a = m->books[b];
        for (size_t i = 0; i < a->party_count; i++)
            for (size_t k = 0; k < a->party_count && is_done; k++)
                is_done = add_way(m, a->parties[i].id, a->parties[k].id);
    }
    return is_done;
}

static bool has_body(const struct vls_space *space, const char *id)
{
    const struct vls_space_axis *bodies = &space->axes[VLS_AXIS_BODY];
    for (size_t i = 0; i < bodies->count; i++)
        if (strcmp(bodies->values[i].body, id) == 0)
            return true;
    return false;
}

static bool add_bodies(const struct vls_space_maker *m)
{
    bool is_done = vls_space_add(m->out, VLS_AXIS_BODY, (struct vls_space_value){.body = ""});
    bool is_any_without = false;
    for (size_t b = 0; b < m->book_count; b++) {
        const struct vls_arrangement *a = m->books[b];
        is_any_without |= a->body_count == 0;
        for (size_t i = 0; i < a->body_count && is_done; i++)
            if (!has_body(m->out, a->bodies[i].id))
                is_done =
                    vls_space_add(m->out, VLS_AXIS_BODY,
                                  (struct vls_space_value){.cost = 1, .body = a->bodies[i].id});
    }
    if (is_done && is_any_without)
        is_done = vls_space_add(m->out, VLS_AXIS_BODY,
                                (struct vls_space_value){.cost = 1, .body = "another-body"});
    return is_done;
}

/* -- numbers ----------------------------------------------------------------------------------- */

struct numbers {
    uint64_t *at;
    size_t count, room;
    bool has_failed;
};

static void add_edge(struct numbers *n, uint64_t number)
{
    if (n->count == n->room) {
        size_t room = n->room == 0 ? 64 : 2 * n->room;
        uint64_t *more = vls_mem_resize(n->at, room * sizeof *more);
        n->has_failed |= more == NULL;
        if (more == NULL)
            return;
        n->at = more;
        n->room = room;
    }
    n->at[n->count++] = number;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void sort_edges(struct numbers *n)
{
    size_t kept = 0;
    if (n->count != 0)
        qsort(n->at, n->count, sizeof n->at[0], by_number);
    for (size_t i = 0; i < n->count; i++)
        if (kept == 0 || n->at[kept - 1] != n->at[i])
            n->at[kept++] = n->at[i];
    n->count = kept;
}

static void gather_scheme_dates(struct numbers *n, const struct vls_scheme *scheme)
{
    if (vls_scheme_not_before(scheme) != 0)
        add_edge(n, vls_scheme_not_before(scheme));
    if (vls_scheme_not_after(scheme) != 0)
        add_edge(n, vls_scheme_not_after(scheme) + 1);
}

static void gather_dates(const struct vls_space_maker *m, struct numbers *n)
{
    add_edge(n, 0);
    for (size_t b = 0; b < m->book_count; b++) {
        const struct vls_arrangement *a = m->books[b];
        add_edge(n, a->not_before_ms);
        if (a->expires_ms != UINT64_MAX)
            add_edge(n, a->expires_ms);
        for (size_t i = 0; i < a->body_count; i++) {
            add_edge(n, a->bodies[i].from_ms);
            add_edge(n, a->bodies[i].until_ms);
        }
        for (size_t i = 0; i < a->party_count; i++)
            gather_scheme_dates(n, a->parties[i].scheme);
    }
    sort_edges(n);
}

/** In each interval its first moment, and in the usual one the usual time, which comes first. */
static bool add_intervals(struct vls_space *space, enum vls_axis axis, const struct numbers *n,
                          uint64_t usual)
{
    size_t here = 0;
    while (here + 1 < n->count && n->at[here + 1] <= usual)
        here++;
    bool is_done = vls_space_add(space, axis, (struct vls_space_value){.number = usual});
    for (size_t i = 0; i < n->count && is_done; i++)
        if (i != here)
            is_done =
                vls_space_add(space, axis, (struct vls_space_value){.cost = 1, .number = n->at[i]});
    return is_done && !n->has_failed;
}

static bool add_times(const struct vls_space_maker *m)
{
    struct numbers n = {.at = NULL};
    gather_dates(m, &n);
    bool is_done = add_intervals(m->out, VLS_AXIS_TIME, &n, m->at_ms);
    vls_mem_free(n.at);
    return is_done;
}

static bool add_sizes(const struct vls_space_maker *m)
{
    struct numbers n = {.at = NULL};
    add_edge(&n, 0);
    for (size_t b = 0; b < m->book_count; b++)
        for (size_t i = 0; i < m->books[b]->rule_count; i++) {
            const struct vls_condition *when = &m->books[b]->rules[i].when;
            if (when->has_min_bytes)
                add_edge(&n, when->min_bytes);
            if (when->has_max_bytes && when->max_bytes != UINT64_MAX)
                add_edge(&n, when->max_bytes + 1);
        }
    sort_edges(&n);
    bool is_done = add_intervals(m->out, VLS_AXIS_BYTES, &n, 0);
    vls_mem_free(n.at);
    return is_done;
}

static bool add_states(const struct vls_space_maker *m)
{
    static const struct {
        enum vls_axis axis;
        uint64_t count;
    } STATES[] = {
        {VLS_AXIS_DISTRIBUTION, VLS_DISTRIBUTION_RESTRICTED + 1},
        {VLS_AXIS_PERSONAL_DATA, 2},
        {VLS_AXIS_SAFEGUARDS, 2},
        {VLS_AXIS_EMBARGO, 2},
        {VLS_AXIS_ANSWERS, VLS_ANSWERS_UNKNOWN + 1},
        {VLS_AXIS_DUPLICATE, 2},
    };
    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++)
        for (uint64_t k = 0; k < STATES[i].count; k++)
            if (!vls_space_add(m->out, STATES[i].axis,
                               (struct vls_space_value){.cost = k != 0, .number = k}))
                return false;
    return true;
}

/* -- the whole --------------------------------------------------------------------------------- */

struct vls_status vls_space_make(const struct vls_books *books, size_t count, uint64_t at_ms,
                                 struct vls_space **out, struct vls_why *why)
{
    struct vls_space *space = vls_mem_new(sizeof *space);
    const struct vls_arrangement **flat VLS_DEFER(vls_mem_freep) =
        vls_mem_try(2 * count * sizeof *flat);
    struct vls_space_maker m = {.books = flat, .at_ms = at_ms, .out = space};
    space->arena = vls_arena_new(VLS_SPACE_MEMORY);
    for (size_t i = 0; i < count && flat != NULL; i++) {
        flat[m.book_count++] = books[i].joint;
        if (books[i].house != NULL)
            flat[m.book_count++] = books[i].house;
    }
    if (flat != NULL && add_kinds(&m) && add_ways(&m) && add_times(&m) && add_bodies(&m) &&
        vls_space_add_labels(&m) && vls_space_add_lists(&m) && add_states(&m) && add_sizes(&m)) {
        *out = space;
        return VLS_DONE;
    }
    vls_space_free(&space);
    return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the space of facts");
}

void vls_space_free(struct vls_space **space)
{
    if (*space == NULL)
        return;
    for (size_t i = 0; i < VLS_AXES; i++)
        vls_mem_free((*space)->axes[i].values);
    vls_arena_free(&(*space)->arena);
    vls_mem_free(*space);
    *space = NULL;
}

const char *vls_axis_name(enum vls_axis axis)
{
    static const char *const NAMES[] = {
        "kind",         "way",           "time",       "body",    "label",    "originators",
        "distribution", "personal data", "safeguards", "embargo", "audience", "topics",
        "media types",  "answers",       "duplicate",  "bytes"};
    return NAMES[axis];
}

uint32_t vls_space_cost(const struct vls_space *space, const struct vls_point *point)
{
    uint32_t cost = 0;
    for (size_t i = 0; i < VLS_AXES; i++)
        cost += space->axes[i].values[point->at[i]].cost;
    return cost;
}

static void fill_label(const struct vls_space_value *label,
                       const struct vls_space_value *originators, struct vls_space_facts *out)
{
    static char words[] = "not of the scheme";
    static uint8_t bytes[] = {0x30, 0x00};
    struct vls_facts *facts = &out->facts;
    facts->label = label->label;
    out->details.originators = (char **)originators->list.at; /* read only, like all facts */
    out->details.originator_count = originators->list.count;
    if (label->has_unknown) {
        out->unknown = (struct vls_label_unknown){true, words, bytes, sizeof bytes};
        out->details.unknown = &out->unknown;
        out->details.unknown_count = 1;
    }
    if (label->has_unknown || originators->list.count != 0)
        facts->label.details = &out->details;
}

void vls_space_facts(const struct vls_space *space, const struct vls_point *point,
                     struct vls_space_facts *out)
{
    const struct vls_space_value *at[VLS_AXES];
    for (size_t i = 0; i < VLS_AXES; i++)
        at[i] = &space->axes[i].values[point->at[i]];
    *out = (struct vls_space_facts){.facts = {.label_trouble = "", .clearance = ""}};
    struct vls_facts *facts = &out->facts;
    facts->kind = at[VLS_AXIS_KIND]->kind->name;
    facts->from = at[VLS_AXIS_WAY]->from;
    facts->to = at[VLS_AXIS_WAY]->to;
    facts->is_incoming = at[VLS_AXIS_WAY]->is_incoming;
    facts->now_ms = at[VLS_AXIS_TIME]->number;
    facts->body = at[VLS_AXIS_BODY]->body;
    fill_label(at[VLS_AXIS_LABEL], at[VLS_AXIS_ORIGINATORS], out);
    facts->distribution = (enum vls_distribution)at[VLS_AXIS_DISTRIBUTION]->number;
    facts->has_personal_data = at[VLS_AXIS_PERSONAL_DATA]->number != 0;
    facts->safeguards = at[VLS_AXIS_SAFEGUARDS]->number != 0 ? "named" : "";
    facts->embargo_until_ms = at[VLS_AXIS_EMBARGO]->number != 0 ? facts->now_ms + DAY_MS : 0;
    facts->audience = at[VLS_AXIS_AUDIENCE]->list;
    facts->topics = at[VLS_AXIS_TOPICS]->list;
    facts->media_types = at[VLS_AXIS_MEDIA_TYPES]->list;
    facts->answers = (enum vls_answers)at[VLS_AXIS_ANSWERS]->number;
    facts->is_duplicate = at[VLS_AXIS_DUPLICATE]->number != 0;
    facts->bytes = at[VLS_AXIS_BYTES]->number;
}

/* -- one way ----------------------------------------------------------------------------------- */

static void keep_way(struct vls_space *space, bool is_incoming, const char *to)
{
    struct vls_space_axis *ways = &space->axes[VLS_AXIS_WAY];
    size_t kept = 0;
    for (size_t i = 0; i < ways->count; i++)
        if (ways->values[i].is_incoming == is_incoming &&
            (to == NULL || strcmp(ways->values[i].to, to) == 0))
            ways->values[kept++] = ways->values[i];
    ways->count = kept;
}

void vls_space_keep_outgoing(struct vls_space *space)
{
    keep_way(space, false, NULL);
}

void vls_space_keep_incoming(struct vls_space *space, const char *party)
{
    static const enum vls_axis SEALED[] = {
        VLS_AXIS_ORIGINATORS, VLS_AXIS_DISTRIBUTION, VLS_AXIS_EMBARGO,  VLS_AXIS_AUDIENCE,
        VLS_AXIS_TOPICS,      VLS_AXIS_MEDIA_TYPES,  VLS_AXIS_DUPLICATE};
    keep_way(space, true, party);
    for (size_t i = 0; i < sizeof SEALED / sizeof SEALED[0]; i++) {
        struct vls_space_axis *axis = &space->axes[SEALED[i]];
        size_t kept = 0;
        for (size_t k = 0; k < axis->count; k++)
            if (axis->values[k].cost == 0) /* nothing stated */
                axis->values[kept++] = axis->values[k];
        axis->count = kept;
        axis->elements = axis->most = 0;
    }
}
