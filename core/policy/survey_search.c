/* The search for a message: kind, way, body and time are tried one after the other; for the rest,
 * each axis keeps the set of values that the rule lets by, and every stricter rule takes some away
 * from one axis. Which axis that is, is tried in turn. */
#include <string.h>

#include "base/mem.h"
#include "policy/survey_internal.h"

#define WORD 64u

/* So many rules are passed over in the time of one comparison. */
#define STEPS_PER_LOOK 8
/* A rule that matched is in the lists of both evaluators, which are sorted and compared. */
#define STEPS_PER_MATCH 16

static bool has_bit(const uint64_t *bits, size_t i)
{
    return (bits[i / WORD] >> i % WORD & 1) != 0;
}

static void set_bit(uint64_t *bits, size_t i)
{
    bits[i / WORD] |= UINT64_C(1) << i % WORD;
}

static bool is_empty(const uint64_t *bits, size_t words)
{
    for (size_t i = 0; i < words; i++)
        if (bits[i] != 0)
            return false;
    return true;
}

static size_t words_of(const struct vls_survey_search *s, enum vls_axis axis)
{
    return s->first[axis + 1] - s->first[axis];
}

static const struct vls_space_axis *axis_of(const struct vls_survey_search *s, enum vls_axis axis)
{
    return &s->space->axes[axis];
}

/* -- to make it -------------------------------------------------------------------------------- */

static bool make_rows(const struct vls_survey_search *s, const struct vls_arrangement *a,
                      struct vls_survey_rows *out)
{
    size_t row = s->first[VLS_AXES];
    out->bits = vls_mem_try((a->rule_count * row + 1) * sizeof out->bits[0]);
    if (out->bits == NULL)
        return false;
    out->rule_count = a->rule_count;
    for (size_t r = 0; r < a->rule_count; r++)
        for (enum vls_axis axis = 0; axis < VLS_AXES; axis++) {
            const struct vls_space_axis *values = axis_of(s, axis);
            uint64_t *bits = out->bits + r * row + s->first[axis];
            for (size_t i = 0; i < values->count; i++)
                if (vls_space_admits(&a->rules[r], axis, &values->values[i]))
                    set_bit(bits, i);
        }
    return true;
}

static bool is_own(const struct vls_texts *originators, const struct vls_rule_party *from)
{
    for (size_t i = 0; i < originators->count; i++)
        if (strcmp(originators->at[i], from->id) == 0 ||
            strcmp(originators->at[i], from->name) == 0)
            return true;
    return originators->count == 0;
}

/** Per way: those with a third party, then those whose kinds the sender may send. */
static uint64_t *originators_of(const struct vls_survey_search *s, size_t way)
{
    return s->third + 2 * way * words_of(s, VLS_AXIS_ORIGINATORS);
}

static bool make_originators(struct vls_survey_search *s)
{
    const struct vls_space_axis *ways = axis_of(s, VLS_AXIS_WAY);
    const struct vls_space_axis *lists = axis_of(s, VLS_AXIS_ORIGINATORS);
    size_t words = words_of(s, VLS_AXIS_ORIGINATORS);
    s->third = vls_mem_try(2 * ways->count * words * sizeof s->third[0]);
    if (s->third == NULL)
        return false;
    for (size_t w = 0; w < ways->count; w++) {
        const struct vls_rule_party *from = vls_rule_party(s->books.joint, ways->values[w].from);
        for (size_t i = 0; i < lists->count; i++) {
            if (vls_space_is_third_party(&lists->values[i].list, from))
                set_bit(originators_of(s, w), i);
            if (is_own(&lists->values[i].list, from))
                set_bit(originators_of(s, w) + words, i);
        }
    }
    return true;
}

static uint64_t *valid_labels(const struct vls_survey_search *s, size_t way, size_t time)
{
    size_t times = axis_of(s, VLS_AXIS_TIME)->count;
    return s->valid + (way * times + time) * words_of(s, VLS_AXIS_LABEL);
}

static bool make_labels(struct vls_survey_search *s)
{
    const struct vls_space_axis *ways = axis_of(s, VLS_AXIS_WAY);
    const struct vls_space_axis *times = axis_of(s, VLS_AXIS_TIME);
    const struct vls_space_axis *labels = axis_of(s, VLS_AXIS_LABEL);
    s->valid =
        vls_mem_try(ways->count * times->count * words_of(s, VLS_AXIS_LABEL) * sizeof s->valid[0]);
    if (s->valid == NULL)
        return false;
    for (size_t w = 0; w < ways->count; w++) {
        const struct vls_rule_party *from = vls_rule_party(s->books.joint, ways->values[w].from);
        for (size_t t = 0; t < times->count; t++)
            for (size_t i = 0; i < labels->count; i++)
                if (labels->values[i].label.scheme == from->scheme &&
                    vls_scheme_is_valid_at(from->scheme, times->values[t].number))
                    set_bit(valid_labels(s, w, t), i);
    }
    return true;
}

struct vls_status vls_survey_search_make(const struct vls_books *books, uint64_t at_ms,
                                         struct vls_survey_search *out, struct vls_why *why)
{
    struct vls_survey_search s = {.books = *books};
    VLS_TRY(vls_space_make(books, 1, at_ms, &s.space, why));
    for (size_t i = 0; i < VLS_AXES; i++)
        s.first[i + 1] = s.first[i] + (s.space->axes[i].count + WORD - 1) / WORD;
    if (make_rows(&s, books->joint, &s.joint) &&
        (books->house == NULL || make_rows(&s, books->house, &s.house)) && make_originators(&s) &&
        make_labels(&s)) {
        *out = s;
        return VLS_DONE;
    }
    vls_survey_search_fini(&s);
    return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to survey %zu rules",
                    books->joint->rule_count);
}

void vls_survey_search_fini(struct vls_survey_search *search)
{
    vls_space_free(&search->space);
    vls_mem_free(search->joint.bits);
    vls_mem_free(search->house.bits);
    vls_mem_free(search->third);
    vls_mem_free(search->valid);
}

/* -- one hunt ---------------------------------------------------------------------------------- */

/** A stricter rule, to be kept from matching. */
struct blocker {
    const uint64_t *row;
    enum vls_wish third_party;
};

struct state {
    struct vls_survey_search *search;
    const struct vls_survey_hunt *hunt;
    uint64_t *domain; /* a row: what is left of each axis */
    struct blocker *blockers;
    size_t blocker_count;
    size_t way;
    bool has_failed; /* for lack of memory */
    struct vls_survey_catch *out;
};

static const uint64_t *row_of(const struct vls_survey_search *s, const struct vls_rule *rule,
                              bool is_house)
{
    const struct vls_arrangement *a = is_house ? s->books.house : s->books.joint;
    const struct vls_survey_rows *rows = is_house ? &s->house : &s->joint;
    return rows->bits + (size_t)(rule - a->rules) * s->first[VLS_AXES];
}

/** The values of an axis that a rule lets by: word `i`. Third parties depend on the way. */
static uint64_t word_of(const struct state *st, const struct blocker *b, enum vls_axis axis,
                        size_t i)
{
    uint64_t word = b->row[st->search->first[axis] + i];
    if (axis != VLS_AXIS_ORIGINATORS || b->third_party == VLS_WISH_ANY)
        return word;
    uint64_t third = originators_of(st->search, st->way)[i];
    return word & (b->third_party == VLS_WISH_YES ? third : ~third);
}

bool vls_survey_may_meet(const struct vls_survey_search *search, const struct vls_rule *a,
                         const struct vls_rule *b)
{
    const uint64_t *of_a = row_of(search, a, false), *of_b = row_of(search, b, false);
    for (enum vls_axis axis = 0; axis < VLS_AXES; axis++) {
        bool is_met = false;
        for (size_t i = search->first[axis]; i < search->first[axis + 1] && !is_met; i++)
            is_met = (of_a[i] & of_b[i]) != 0;
        if (!is_met)
            return false;
    }
    return true;
}

enum grip { FREE, SOME, ALL }; /* how much of what is left of an axis a rule lets by */

static enum grip grip_of(const struct state *st, const struct blocker *b, enum vls_axis axis)
{
    bool is_touched = false, is_all = true;
    size_t words = words_of(st->search, axis);
    const uint64_t *domain = st->domain + st->search->first[axis];
    for (size_t i = 0; i < words; i++) {
        uint64_t word = word_of(st, b, axis, i);
        is_touched |= (domain[i] & word) != 0;
        is_all &= (domain[i] & ~word) == 0;
    }
    return !is_touched ? FREE : is_all ? ALL : SOME;
}

/** Axes that are decided by sets; the others are fixed when they are looked at. */
static bool is_searched(enum vls_axis axis)
{
    return axis != VLS_AXIS_KIND && axis != VLS_AXIS_WAY && axis != VLS_AXIS_TIME &&
           axis != VLS_AXIS_BODY;
}

/** In how many ways can the rule be kept from matching? SIZE_MAX: it does not match anyway. */
static size_t ways_out(const struct state *st, const struct blocker *b)
{
    size_t count = 0;
    for (enum vls_axis axis = 0; axis < VLS_AXES; axis++) {
        if (!is_searched(axis))
            continue;
        enum grip grip = grip_of(st, b, axis);
        if (grip == FREE)
            return SIZE_MAX;
        count += grip == SOME;
    }
    return count;
}

static void spend(struct state *st, size_t steps)
{
    struct vls_survey_search *s = st->search;
    s->steps += steps;
    s->steps_left -= s->steps_left < steps ? s->steps_left : steps;
}

/** The one with the fewest ways out; NULL when none matches any more. */
static const struct blocker *next_blocker(struct state *st)
{
    const struct blocker *best = NULL;
    size_t fewest = SIZE_MAX;
    for (size_t i = 0; i < st->blocker_count && fewest != 0; i++) {
        size_t count = ways_out(st, &st->blockers[i]);
        if (count < fewest) {
            fewest = count;
            best = &st->blockers[i];
        }
    }
    spend(st, st->blocker_count);
    return best;
}

static bool is_let_by(struct state *st);

static bool try_axis(struct state *st, const struct blocker *b, enum vls_axis axis)
{
    size_t words = words_of(st->search, axis);
    uint64_t *domain = st->domain + st->search->first[axis];
    uint64_t *saved VLS_DEFER(vls_mem_freep) = vls_mem_try(words * sizeof *saved);
    if (saved == NULL) {
        st->has_failed = true;
        return false;
    }
    vls_copy(saved, domain, words * sizeof *saved);
    for (size_t i = 0; i < words; i++)
        domain[i] &= ~word_of(st, b, axis, i);
    if (is_let_by(st))
        return true;
    vls_copy(domain, saved, words * sizeof *saved);
    return false;
}

/** Can all blockers be kept from matching? What is left of the domain then does it. The depth is
 * bounded by the values of all axes: each step takes one away at least. */
static bool is_let_by(struct state *st)
{
    const struct blocker *b = next_blocker(st);
    if (b == NULL)
        return true;
    if (st->search->steps_left == 0) {
        st->out->is_bounded = true;
        return false;
    }
    for (enum vls_axis axis = 0; axis < VLS_AXES; axis++)
        if (is_searched(axis) && grip_of(st, b, axis) == SOME) {
            if (try_axis(st, b, axis))
                return true;
            if (st->has_failed || st->out->is_bounded)
                return false;
        }
    return false;
}

/* -- kind, way, body, time --------------------------------------------------------------------- */

static void note(struct state *st, enum vls_obstacle obstacle, enum vls_axis axis,
                 const struct vls_point *point)
{
    const struct vls_space *space = st->search->space;
    if (obstacle < st->out->obstacle)
        return;
    st->out->obstacle = obstacle;
    st->out->axis = axis;
    st->out->kind = space->axes[VLS_AXIS_KIND].values[point->at[VLS_AXIS_KIND]].kind;
    st->out->from = space->axes[VLS_AXIS_WAY].values[point->at[VLS_AXIS_WAY]].from;
    st->out->body = space->axes[VLS_AXIS_BODY].values[point->at[VLS_AXIS_BODY]].body;
}

static bool is_there(const struct vls_rule_body *body, uint64_t at_ms)
{
    return at_ms >= body->from_ms && (body->until_ms == 0 || at_ms < body->until_ms);
}

static bool is_in_force(const struct state *st, uint64_t at_ms)
{
    const struct vls_books *books = &st->search->books;
    return vls_arrangement_is_in_force(books->joint, at_ms) &&
           (!st->hunt->is_house || vls_arrangement_is_in_force(books->house, at_ms));
}

/** The first time that all of it holds at; times are alike otherwise. */
static bool find_time(struct state *st, const struct vls_rule_body *body, struct vls_point *point)
{
    const struct vls_space_axis *times = axis_of(st->search, VLS_AXIS_TIME);
    bool is_any = false;
    for (size_t t = 0; t < times->count; t++) {
        uint64_t at_ms = times->values[t].number;
        if (!is_in_force(st, at_ms) ||
            is_empty(valid_labels(st->search, st->way, t), words_of(st->search, VLS_AXIS_LABEL)))
            continue;
        is_any = true;
        if (body != NULL && !is_there(body, at_ms))
            continue;
        point->at[VLS_AXIS_TIME] = (uint32_t)t;
        return true;
    }
    note(st, is_any ? VLS_OBSTACLE_BODY : VLS_OBSTACLE_TIME, 0, point);
    return false;
}

/** As verdict.h has it, before any rule is asked. */
static bool is_body_right(const struct vls_arrangement *a, const struct vls_kind *kind,
                          const char *id, const struct vls_rule_body **out)
{
    if (a->body_count == 0)
        return true;
    if (*id == '\0')
        return !kind->needs_body;
    *out = vls_rule_body(a, id);
    return *out != NULL && (!kind->fans_out || (*out)->member_count != 0);
}

static void take_away(struct state *st, enum vls_axis axis, size_t value)
{
    st->domain[st->search->first[axis] + value / WORD] &= ~(UINT64_C(1) << value % WORD);
}

static void take_number_away(struct state *st, enum vls_axis axis, uint64_t number)
{
    const struct vls_space_axis *values = axis_of(st->search, axis);
    for (size_t i = 0; i < values->count; i++)
        if (values->values[i].number == number)
            take_away(st, axis, i);
}

static struct blocker blocker_of(const struct vls_survey_search *s, const struct vls_rule *rule,
                                 bool is_house)
{
    return (struct blocker){.row = row_of(s, rule, is_house),
                            .third_party = rule->when.third_party};
}

static void narrow(struct state *st, const struct blocker *to)
{
    for (enum vls_axis axis = 0; axis < VLS_AXES; axis++)
        for (size_t i = 0; i < words_of(st->search, axis); i++)
            st->domain[st->search->first[axis] + i] &= word_of(st, to, axis, i);
}

/** All values that rule and kind let by. @return false when an axis has none */
static bool fill_domain(struct state *st, const struct vls_kind *kind,
                        const struct vls_point *point)
{
    const struct vls_survey_search *s = st->search;
    const struct blocker first = blocker_of(s, st->hunt->rule, st->hunt->is_house);
    memset(st->domain, 0xff, s->first[VLS_AXES] * sizeof st->domain[0]);
    narrow(st, &first);
    if (st->hunt->other != NULL) {
        const struct blocker second = blocker_of(s, st->hunt->other, false);
        narrow(st, &second);
    }
    const uint64_t *labels = valid_labels(s, st->way, point->at[VLS_AXIS_TIME]);
    for (size_t i = 0; i < words_of(s, VLS_AXIS_LABEL); i++)
        st->domain[s->first[VLS_AXIS_LABEL] + i] &= labels[i];
    const size_t words = words_of(s, VLS_AXIS_ORIGINATORS);
    for (size_t i = 0; i < words && kind->sender == VLS_SENDER_ORIGINATOR; i++)
        st->domain[s->first[VLS_AXIS_ORIGINATORS] + i] &= originators_of(s, st->way)[words + i];
    if (kind->is_answer)
        take_number_away(st, VLS_AXIS_ANSWERS, VLS_ANSWERS_NOTHING);
    if (kind->needs_safeguards)
        take_number_away(st, VLS_AXIS_SAFEGUARDS, 0);
    for (enum vls_axis axis = 0; axis < VLS_AXES; axis++)
        if (is_searched(axis) && is_empty(st->domain + s->first[axis], words_of(s, axis))) {
            note(st, VLS_OBSTACLE_AXIS, axis, point);
            return false;
        }
    return true;
}

/* -- what must not match ----------------------------------------------------------------------- */

static bool fits(const struct vls_survey_search *s, const uint64_t *row,
                 const struct vls_point *point)
{
    static const enum vls_axis FIXED[] = {VLS_AXIS_KIND, VLS_AXIS_WAY, VLS_AXIS_BODY};
    for (size_t i = 0; i < sizeof FIXED / sizeof FIXED[0]; i++)
        if (!has_bit(row + s->first[FIXED[i]], point->at[FIXED[i]]))
            return false;
    return true;
}

static void add_blockers(struct state *st, bool is_house, enum vls_outcome least,
                         const struct vls_point *point)
{
    const struct vls_survey_search *s = st->search;
    const struct vls_arrangement *a = is_house ? s->books.house : s->books.joint;
    spend(st, a->rule_count / STEPS_PER_LOOK + 1);
    for (size_t i = 0; i < a->rule_count; i++) {
        const struct vls_rule *rule = &a->rules[i];
        const struct blocker b = blocker_of(s, rule, is_house);
        if (rule->effect >= least && (st->hunt->among == NULL || st->hunt->among[i]) &&
            fits(s, b.row, point))
            st->blockers[st->blocker_count++] = b;
    }
}

/** House rules are held against what the arrangement says to a message that goes out; one that
 * comes in is theirs alone. */
static void gather_blockers(struct state *st, const struct vls_point *point)
{
    const struct vls_survey_hunt *hunt = st->hunt;
    st->blocker_count = 0;
    if (!hunt->decides)
        return;
    add_blockers(st, hunt->is_house, hunt->rule->effect + 1, point);
    if (hunt->other != NULL)
        add_blockers(st, false, hunt->rule->effect, point);
}

static bool is_way_right(const struct state *st, const struct vls_space_value *way)
{
    const struct vls_survey_hunt *hunt = st->hunt;
    if (!hunt->is_house) /* what comes in, its sender has held against the arrangement */
        return !way->is_incoming;
    const char *own = st->search->books.house->house_of;
    if (strcmp(way->is_incoming ? way->to : way->from, own) != 0)
        return false;
    if (hunt->other != NULL)
        return !way->is_incoming;
    return !hunt->decides || way->is_incoming;
}

static void take_what_is_left(struct state *st, struct vls_point *point)
{
    const struct vls_survey_search *s = st->search;
    for (enum vls_axis axis = 0; axis < VLS_AXES; axis++)
        for (uint32_t i = 0; is_searched(axis) && i < s->space->axes[axis].count; i++)
            if (has_bit(st->domain + s->first[axis], i)) {
                point->at[axis] = i;
                break;
            }
    st->out->point = *point;
    st->out->is_found = true;
}

static void hunt_at(struct state *st, struct vls_point *point)
{
    const struct vls_space *space = st->search->space;
    const struct vls_kind *kind = space->axes[VLS_AXIS_KIND].values[point->at[VLS_AXIS_KIND]].kind;
    const char *id = space->axes[VLS_AXIS_BODY].values[point->at[VLS_AXIS_BODY]].body;
    const struct vls_rule_body *body = NULL;
    if (!is_body_right(st->search->books.joint, kind, id, &body)) {
        note(st, *id != '\0' ? VLS_OBSTACLE_BODY : VLS_OBSTACLE_WHO, 0, point);
        return;
    }
    if (!find_time(st, body, point) || !fill_domain(st, kind, point))
        return;
    gather_blockers(st, point);
    if (is_let_by(st))
        take_what_is_left(st, point);
}

static bool is_wanted(const struct state *st, enum vls_axis axis, size_t i)
{
    const struct vls_survey_search *s = st->search;
    const struct vls_survey_hunt *hunt = st->hunt;
    const struct vls_space_value *value = &s->space->axes[axis].values[i];
    if (!has_bit(row_of(s, hunt->rule, hunt->is_house) + s->first[axis], i) ||
        (hunt->other != NULL && !has_bit(row_of(s, hunt->other, false) + s->first[axis], i)))
        return false;
    if (axis == VLS_AXIS_KIND)
        return hunt->kind == NULL || hunt->kind == value->kind;
    if (axis == VLS_AXIS_BODY)
        return hunt->body == NULL || strcmp(hunt->body->id, value->body) == 0;
    return is_way_right(st, value);
}

static bool is_over(const struct state *st)
{
    return st->out->is_found || st->out->is_bounded || st->has_failed;
}

static void hunt_everywhere(struct state *st)
{
    const struct vls_space *space = st->search->space;
    struct vls_point point = {{0}};
    for (uint32_t k = 0; k < space->axes[VLS_AXIS_KIND].count; k++)
        for (uint32_t w = 0; w < space->axes[VLS_AXIS_WAY].count; w++)
            for (uint32_t b = 0; b < space->axes[VLS_AXIS_BODY].count; b++) {
                point.at[VLS_AXIS_KIND] = k;
                point.at[VLS_AXIS_WAY] = w;
                point.at[VLS_AXIS_BODY] = b;
                st->way = w;
                if (is_wanted(st, VLS_AXIS_KIND, k) && is_wanted(st, VLS_AXIS_WAY, w) &&
                    is_wanted(st, VLS_AXIS_BODY, b))
                    hunt_at(st, &point);
                st->out->is_bounded |= !st->out->is_found && st->search->steps_left == 0;
                if (is_over(st))
                    return;
            }
}

/* -- the proof --------------------------------------------------------------------------------- */

static bool is_among(const struct vls_judgement *j, const struct vls_rule *rule)
{
    for (size_t i = 0; i < j->matched_count; i++)
        if (j->matched[i].rule == rule)
            return true;
    return false;
}

/** Both evaluators say of the message what the search does. */
static VLS_STATUS prove(struct vls_survey_search *s, const struct vls_survey_hunt *hunt,
                        const struct vls_point *point, struct vls_why *why)
{
    struct vls_space_facts facts;
    struct vls_judgement j VLS_DEFER(vls_judgement_fini) = {.matched = NULL};
    const struct vls_books joint = {.joint = s->books.joint}, house = {.joint = s->books.house};
    vls_space_facts(s->space, point, &facts);
    const struct vls_books *books = !hunt->is_house       ? &joint
                                    : hunt->other == NULL ? &house
                                                          : &s->books;
    VLS_TRY(vls_judge(books, &facts.facts, &j, why));
    s->steps += j.matched_count * STEPS_PER_MATCH;
    bool is_as_said = is_among(&j, hunt->rule) &&
                      (!hunt->decides || hunt->among != NULL || j.outcome == hunt->rule->effect);
    return is_as_said ? VLS_DONE
                      : vls_fail(VLS_SYSTEM_BUG, why,
                                 "the search for a message of rule %.60s and the evaluators differ",
                                 hunt->rule->id);
}

/** Of very many words some are not in the space: one that the rule asks for may be among those. */
static bool is_cut(const struct vls_space *space, const struct vls_condition *when)
{
    const struct {
        enum vls_axis axis;
        size_t count;
    } LISTS[] = {{VLS_AXIS_ORIGINATORS, when->originator_count},
                 {VLS_AXIS_AUDIENCE, when->audience_count},
                 {VLS_AXIS_TOPICS, when->topic_count},
                 {VLS_AXIS_MEDIA_TYPES, when->media_type_count}};
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++)
        if (LISTS[i].count != 0 && space->axes[LISTS[i].axis].elements > VLS_SPACE_MAX_VALUES)
            return true;
    return false;
}

struct vls_status vls_survey_hunt(struct vls_survey_search *search,
                                  const struct vls_survey_hunt *hunt, struct vls_survey_catch *out,
                                  struct vls_why *why)
{
    size_t rules = search->joint.rule_count + search->house.rule_count;
    uint64_t *domain VLS_DEFER(vls_mem_freep) =
        vls_mem_try(search->first[VLS_AXES] * sizeof *domain);
    struct blocker *blockers VLS_DEFER(vls_mem_freep) = vls_mem_try(rules * sizeof *blockers);
    struct state st = {.search = search,
                       .hunt = hunt,
                       .domain = domain,
                       .blockers = blockers,
                       .has_failed = domain == NULL || blockers == NULL,
                       .out = out};
    *out = (struct vls_survey_catch){.obstacle = VLS_OBSTACLE_NONE};
    search->steps_left = VLS_SURVEY_STEPS;
    spend(&st, rules / STEPS_PER_LOOK + 1);
    if (!st.has_failed)
        hunt_everywhere(&st);
    if (st.has_failed)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to look at rule %.60s", hunt->rule->id);
    if (!out->is_found && is_cut(search->space, &hunt->rule->when))
        out->is_bounded = true;
    return out->is_found ? prove(search, hunt, &out->point, why) : VLS_DONE;
}
