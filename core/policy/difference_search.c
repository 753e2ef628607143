/* One box, axis by axis. A state is the set of terms that are still alive at a depth; what can come
 * of it, each with the least cost, is worked out once. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "policy/difference_internal.h"

/** A class of values of one axis that leave the same terms alive, by its cheapest value. */
struct column {
    uint32_t value, cost;
    const uint64_t *alive; /* bits of local terms */
};

struct level {
    enum vls_axis axis;
    struct column *columns; /* the cheapest first */
    size_t count;
    size_t asking;            /* terms that some column stops */
    const uint64_t *definite; /* terms that nothing from here on stops */
    uint32_t rest;            /* cost of the cheapest columns from here on */
    uint64_t *key;            /* of the state that is looked at: the depth, then the terms */
};

/** What may come of a state, and by which column. */
struct entry {
    struct vls_change_key key;
    uint16_t outcome_before, outcome_after;
    uint32_t cost, column;
    const struct state *next; /* NULL: whatever follows, at its cheapest */
};

struct state {
    UT_hash_handle hh;
    const struct entry *entries;
    size_t count;
    uint64_t key[]; /* the depth, then the terms */
};

struct search {
    const struct vls_terms *terms;
    const struct vls_term *target;
    const struct vls_term **local; /* the terms that meet the box */
    size_t count, words, target_at;
    struct level levels[VLS_AXES + 1]; /* the last one: behind them */
    uint64_t **outweighed; /* for each local term those that it makes meaningless; lazily */
    uint64_t *killers;     /* terms that make the target meaningless when they are definite */
    uint64_t *duties[2];   /* of the sides of one leaf */
    struct state *states;
    uint64_t state_count, max_states;
    struct vls_arena *arena;
    bool is_partial, has_failed;
};

static const struct state NOTHING = {.count = 0};

#define BIT(set, i)     (((set)[(i) / 64] >> (i) % 64 & 1) != 0)
#define SET_BIT(set, i) ((set)[(i) / 64] |= UINT64_C(1) << (i) % 64)

static uint64_t *take_set(struct search *s)
{
    uint64_t *set = vls_arena_take(s->arena, (s->words + 1) * sizeof *set);
    s->has_failed |= set == NULL;
    return set;
}

/* -- what outweighs what ----------------------------------------------------------------------- */

static bool has_all_duties(const struct vls_terms *t, const struct vls_payload *a,
                           const struct vls_payload *b)
{
    for (size_t i = 0; i < t->duty_words; i++)
        if ((b->duties[i] & ~a->duties[i]) != 0)
            return false;
    return true;
}

/** Where `a` applies, whether `b` does too changes nothing. */
static bool outweighs(const struct vls_terms *t, const struct vls_payload *a,
                      const struct vls_payload *b)
{
    bool is_final = a->effect >= VLS_OUTCOME_WITHHOLD;
    if (a->book == VLS_TERM_DUTIES)
        return b->book == VLS_TERM_DUTIES && has_all_duties(t, a, b);
    if (b->book == VLS_TERM_DUTIES)
        return is_final || has_all_duties(t, a, b);
    /* across books only what is final, and only what says nothing of its own: a barrier may still
     * take away the rules of one book */
    if (a->book != b->book && (b->book == VLS_TERM_JOINT || !is_final || b->retain_years != 0))
        return false;
    if (b->is_barrier)
        return a->is_barrier && a->book == b->book && a->effect >= b->effect;
    if (a->is_barrier && a->book == b->book)
        return true;
    return a->effect >= b->effect && a->retain_years >= b->retain_years &&
           (is_final || (a->approvals >= b->approvals && has_all_duties(t, a, b)));
}

/** On the target's side what is strictly more; on the other side the same. */
static bool is_killer(const struct search *s, const struct vls_term *term)
{
    const struct vls_payload *mine = s->target->payload, *its = term->payload;
    if (term->side != s->target->side)
        return its == mine;
    return its != mine && outweighs(s->terms, its, mine) && !outweighs(s->terms, mine, its);
}

static const uint64_t *outweighed_by(struct search *s, size_t i)
{
    if (s->outweighed[i] != NULL)
        return s->outweighed[i];
    uint64_t *set = take_set(s);
    for (size_t k = 0; set != NULL && k < s->count; k++)
        if (k != i && k != s->target_at && !BIT(s->killers, k) &&
            s->local[k]->side == s->local[i]->side &&
            outweighs(s->terms, s->local[i]->payload, s->local[k]->payload))
            SET_BIT(set, k);
    s->outweighed[i] = set;
    return set;
}

/** Leave out what the definite terms outweigh. @return false when the target is */
static bool reduce(struct search *s, const struct level *level, uint64_t *alive)
{
    for (size_t w = 0; w < s->words; w++)
        if ((alive[w] & level->definite[w] & s->killers[w]) != 0)
            return false;
    for (size_t w = 0; w < s->words; w++)
        for (uint64_t left = alive[w] & level->definite[w]; left != 0; left &= left - 1) {
            size_t i = 64 * w + (size_t)__builtin_ctzll(left);
            if (!BIT(alive, i)) /* outweighed by one before it */
                continue;
            const uint64_t *lost = outweighed_by(s, i);
            for (size_t k = 0; lost != NULL && k < s->words; k++)
                alive[k] &= ~lost[k];
        }
    return !s->has_failed;
}

/* -- what a set of terms decides --------------------------------------------------------------- */

struct verdict {
    uint32_t barrier[2], outcome[2], approvals[2]; /* by book */
    size_t rules[2];
};

struct effect {
    struct verdict v;
    uint32_t outcome, approvals, retain_years;
};

static void count_term(const struct vls_payload *p, struct verdict *v)
{
    if (p->book == VLS_TERM_DUTIES)
        return;
    if (p->is_barrier) {
        if (p->effect > v->barrier[p->book])
            v->barrier[p->book] = p->effect;
        return;
    }
    v->rules[p->book]++;
    if (p->effect > v->outcome[p->book])
        v->outcome[p->book] = p->effect;
    if (p->approvals > v->approvals[p->book])
        v->approvals[p->book] = p->approvals;
}

static void conclude(struct effect *e)
{
    for (size_t book = 0; book < 2; book++) {
        struct verdict *v = &e->v;
        if (v->barrier[book] != 0)
            v->outcome[book] = v->barrier[book];
        else if (v->rules[book] == 0)
            v->outcome[book] = book == VLS_TERM_JOINT ? VLS_OUTCOME_WITHHOLD : VLS_OUTCOME_RELEASE;
        if (v->outcome[book] > e->outcome)
            e->outcome = v->outcome[book];
    }
    for (size_t book = 0; book < 2; book++)
        if (e->outcome == VLS_OUTCOME_REFER && e->v.outcome[book] == VLS_OUTCOME_REFER &&
            e->v.approvals[book] > e->approvals)
            e->approvals = e->v.approvals[book];
}

static bool counts(const struct vls_payload *p, const struct effect *e)
{
    return p->book == VLS_TERM_DUTIES || (!p->is_barrier && e->v.barrier[p->book] == 0);
}

static void decide(const struct search *s, const uint64_t *alive, struct effect out[2])
{
    uint64_t *const *duties = s->duties;
    for (unsigned side = 0; side < 2; side++) {
        out[side] = (struct effect){.outcome = 0};
        memset(duties[side], 0, s->terms->duty_words * sizeof(uint64_t));
    }
    for (size_t i = 0; i < s->count; i++)
        if (BIT(alive, i))
            count_term(s->local[i]->payload, &out[s->local[i]->side].v);
    conclude(&out[0]);
    conclude(&out[1]);
    for (size_t i = 0; i < s->count; i++) {
        const struct vls_payload *p = s->local[i]->payload;
        struct effect *e = &out[s->local[i]->side];
        if (!BIT(alive, i) || !counts(p, e))
            continue;
        if (p->retain_years > e->retain_years)
            e->retain_years = p->retain_years;
        for (size_t w = 0; e->outcome <= VLS_OUTCOME_REFER && w < s->terms->duty_words; w++)
            duties[s->local[i]->side][w] |= p->duties[w];
    }
}

/* -- what the target is responsible for -------------------------------------------------------- */

/** Changes of one state. */
struct gathered {
    struct entry *at;
    size_t count, room;
};

static bool is_same_key(const struct vls_change_key *a, const struct vls_change_key *b)
{
    return a->what == b->what && a->a == b->a && a->b == b->b;
}

/** Keep the cheaper one; of two alike the first. */
static void gather(struct search *s, struct gathered *g, const struct entry *entry)
{
    for (size_t i = 0; i < g->count; i++)
        if (is_same_key(&g->at[i].key, &entry->key)) {
            if (entry->cost < g->at[i].cost)
                g->at[i] = *entry;
            return;
        }
    if (g->count == g->room) {
        size_t room = g->room == 0 ? 16 : 2 * g->room;
        struct entry *more = vls_mem_resize(g->at, room * sizeof *more);
        s->has_failed |= more == NULL;
        if (more == NULL)
            return;
        g->at = more;
        g->room = room;
    }
    g->at[g->count++] = *entry;
}

/** What is milder is so because the other side's rule is gone: that one is responsible, or where
 * no rule was there at all, the rule that now is. */
static bool gives_outcome(const struct search *s, const struct effect e[2])
{
    const struct vls_payload *p = s->target->payload;
    const struct effect *mine = &e[s->target->side], *other = &e[!s->target->side];
    bool is_lone = p->book == VLS_TERM_JOINT && !p->is_barrier &&
                   other->v.barrier[VLS_TERM_JOINT] == 0 && other->v.rules[VLS_TERM_JOINT] == 0;
    if (is_lone)
        return true;
    if (mine->outcome != other->outcome)
        return mine->outcome > other->outcome && p->effect == mine->outcome;
    return mine->approvals > other->approvals && p->effect == mine->outcome &&
           p->approvals == mine->approvals;
}

/** By its own years, or by taking those of its book's rules away. */
static bool gives_retention(const struct search *s, const struct effect e[2])
{
    const struct vls_payload *p = s->target->payload;
    uint32_t mine = e[s->target->side].retain_years, other = e[!s->target->side].retain_years;
    if (p->is_barrier)
        return mine < other;
    return mine > other && counts(p, &e[s->target->side]) && p->retain_years == mine;
}

static void gather_duties(struct search *s, const struct entry *base, struct gathered *g)
{
    uint64_t *const *duties = s->duties;
    enum vls_side mine = s->target->side;
    for (size_t w = 0; w < s->terms->duty_words; w++) {
        uint64_t left = s->target->payload->duties[w] & duties[mine][w] & ~duties[!mine][w];
        for (; left != 0; left &= left - 1) {
            struct entry entry = *base;
            entry.key.what =
                mine == VLS_SIDE_AFTER ? VLS_CHANGE_DUTY_ADDED : VLS_CHANGE_DUTY_REMOVED;
            entry.key.a = (uint32_t)(64 * w + (size_t)__builtin_ctzll(left));
            entry.key.b = 0;
            gather(s, g, &entry);
        }
    }
}

static void gather_leaf(struct search *s, const struct level *level, const uint64_t *alive,
                        struct gathered *g)
{
    struct effect e[2];
    decide(s, alive, e);
    struct entry entry = {.outcome_before = (uint16_t)e[0].outcome,
                          .outcome_after = (uint16_t)e[1].outcome,
                          .cost = level->rest};
    if (e[0].outcome != e[1].outcome || e[0].approvals != e[1].approvals) {
        entry.key = (struct vls_change_key){VLS_CHANGE_OUTCOME, e[0].outcome << 16 | e[0].approvals,
                                            e[1].outcome << 16 | e[1].approvals};
        if (gives_outcome(s, e))
            gather(s, g, &entry);
        return;
    }
    gather_duties(s, &entry, g);
    if (gives_retention(s, e)) {
        entry.key =
            (struct vls_change_key){VLS_CHANGE_RETAIN, e[0].retain_years, e[1].retain_years};
        gather(s, g, &entry);
    }
}

/* -- states ------------------------------------------------------------------------------------ */

static const struct state *solve(struct search *s, size_t depth);

static void expand(struct search *s, size_t depth, const uint64_t *alive, struct gathered *g)
{
    const struct level *level = &s->levels[depth];
    for (size_t c = 0; c < level->count && !s->has_failed; c++) {
        uint64_t *next = &s->levels[depth + 1].key[1];
        for (size_t w = 0; w < s->words; w++)
            next[w] = alive[w] & level->columns[c].alive[w];
        const struct state *state = solve(s, depth + 1);
        for (size_t i = 0; i < state->count; i++) {
            struct entry entry = state->entries[i];
            entry.cost += level->columns[c].cost;
            entry.column = (uint32_t)c;
            entry.next = state;
            gather(s, g, &entry);
        }
    }
}

static bool are_all_definite(const struct search *s, const struct level *level,
                             const uint64_t *alive)
{
    for (size_t w = 0; w < s->words; w++)
        if ((alive[w] & ~level->definite[w]) != 0)
            return false;
    return true;
}

static struct state *new_state(struct search *s, const uint64_t *key)
{
    size_t bytes = (s->words + 1) * sizeof(uint64_t);
    struct state *made = vls_arena_take(s->arena, sizeof *made + bytes);
    if (s->state_count >= s->max_states || made == NULL) {
        s->is_partial = true;
        return NULL;
    }
    s->state_count++;
    vls_copy(made->key, key, bytes);
    return made;
}

/** Of what lies in levels[depth].key. */
static const struct state *solve(struct search *s, size_t depth)
{
    struct level *level = &s->levels[depth];
    struct state *state = NULL;
    struct gathered g = {.at = NULL};
    size_t bytes = (s->words + 1) * sizeof(uint64_t);
    if (s->is_partial || !reduce(s, level, &level->key[1]))
        return &NOTHING;
    level->key[0] = depth;
    HASH_FIND(hh, s->states, level->key, bytes, state);
    if (state != NULL)
        return state;
    struct state *made = new_state(s, level->key);
    if (made == NULL)
        return &NOTHING;
    if (are_all_definite(s, level, &made->key[1]))
        gather_leaf(s, level, &made->key[1], &g);
    else
        expand(s, depth, &made->key[1], &g);
    made->entries = vls_arena_copy(s->arena, g.at, g.count * sizeof *g.at);
    made->count = made->entries != NULL ? g.count : 0;
    s->is_partial |= made->entries == NULL && g.count != 0;
    vls_mem_free(g.at);
    HASH_ADD_KEYPTR(hh, s->states, made->key, bytes, made);
    return made;
}

/* -- a box ------------------------------------------------------------------------------------- */

static bool is_disjoint(const struct vls_terms *t, const struct vls_term *a,
                        const struct vls_term *b)
{
    for (size_t axis = 0; axis < VLS_AXES; axis++) {
        uint64_t both = 0;
        for (size_t w = t->first[axis] / 64; w < t->first[axis + 1] / 64; w++)
            both |= a->bits[w] & b->bits[w];
        if (both == 0)
            return true;
    }
    return false;
}

static void find_local(struct search *s)
{
    const struct vls_terms *t = s->terms;
    for (size_t i = 0; i < t->count; i++) {
        if (&t->at[i] == s->target)
            s->target_at = s->count;
        if (!is_disjoint(t, s->target, &t->at[i]))
            s->local[s->count++] = &t->at[i];
    }
    s->words = (s->count + 63) / 64;
}

static int by_cost(const void *a, const void *b)
{
    const struct column *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    return x->value < y->value ? -1 : 1;
}

struct seen {
    UT_hash_handle hh;
    uint64_t key[];
};

/** Of values that leave the same alive, the first: they come in the order of their cost. */
static void drop_doubles(struct search *s, struct level *level)
{
    struct seen *all = NULL, *found = NULL;
    size_t kept = 0, bytes = s->words * sizeof(uint64_t);
    for (size_t i = 0; i < level->count; i++) {
        struct seen *made = vls_arena_take(s->arena, sizeof *made + bytes);
        s->has_failed |= made == NULL;
        if (made == NULL)
            break;
        vls_copy(made->key, level->columns[i].alive, bytes);
        HASH_FIND(hh, all, made->key, bytes, found);
        if (found != NULL)
            continue;
        HASH_ADD_KEYPTR(hh, all, made->key, bytes, made);
        level->columns[kept++] = level->columns[i];
    }
    level->count = kept;
    HASH_CLEAR(hh, all);
}

static void make_level(struct search *s, enum vls_axis axis, struct level *level)
{
    const struct vls_space_axis *values = &s->terms->space->axes[axis];
    level->axis = axis;
    level->columns = vls_arena_take(s->arena, values->count * sizeof *level->columns);
    s->has_failed |= level->columns == NULL;
    uint64_t *all = take_set(s);
    for (size_t i = 0; i < values->count && !s->has_failed; i++) {
        uint64_t *alive = take_set(s);
        if (!vls_term_has(s->terms, s->target, axis, i) || alive == NULL)
            continue;
        for (size_t k = 0; k < s->count; k++)
            if (vls_term_has(s->terms, s->local[k], axis, i))
                SET_BIT(alive, k);
        level->columns[level->count++] =
            (struct column){(uint32_t)i, values->values[i].cost, alive};
    }
    if (s->has_failed)
        return;
    qsort(level->columns, level->count, sizeof level->columns[0], by_cost);
    drop_doubles(s, level);
    for (size_t k = 0; k < s->count; k++) {
        bool is_open = true;
        for (size_t i = 0; i < level->count; i++)
            is_open &= BIT(level->columns[i].alive, k);
        level->asking += !is_open;
        if (is_open)
            SET_BIT(all, k);
    }
    level->definite = all;
}

static int by_asking(const void *a, const void *b)
{
    const struct level *x = a, *y = b;
    if (x->asking != y->asking)
        return x->asking > y->asking ? -1 : 1;
    return x->axis < y->axis ? -1 : 1;
}

static void close_level(struct search *s, size_t depth)
{
    struct level *level = &s->levels[depth];
    const struct level *next = &s->levels[depth + 1];
    uint64_t *definite = take_set(s);
    level->key = take_set(s);
    level->rest = next->rest + level->columns[0].cost;
    for (size_t w = 0; definite != NULL && w < s->words; w++)
        definite[w] = level->definite[w] & next->definite[w];
    level->definite = definite;
}

/** What decides most comes first. From the end on, what is open everywhere is definite; behind the
 * last axis everything is. */
static void make_levels(struct search *s)
{
    uint64_t *all = take_set(s);
    for (unsigned axis = 0; axis < VLS_AXES && !s->has_failed; axis++)
        make_level(s, (enum vls_axis)axis, &s->levels[axis]);
    if (s->has_failed)
        return;
    memset(all, 0xff, s->words * sizeof *all);
    s->levels[VLS_AXES].definite = all;
    s->levels[VLS_AXES].key = take_set(s);
    qsort(s->levels, VLS_AXES, sizeof s->levels[0], by_asking);
    for (size_t d = VLS_AXES; d-- > 0 && !s->has_failed;)
        close_level(s, d);
}

static const struct state *solve_all(struct search *s)
{
    for (size_t i = 0; i < s->count; i++) {
        SET_BIT(&s->levels[0].key[1], i);
        if (is_killer(s, s->local[i]))
            SET_BIT(s->killers, i);
    }
    return solve(s, 0);
}

static void follow(const struct search *s, const struct state *state, const struct entry *entry,
                   struct vls_found *out)
{
    *out = (struct vls_found){.key = entry->key,
                              .outcome_before = (enum vls_outcome)entry->outcome_before,
                              .outcome_after = (enum vls_outcome)entry->outcome_after,
                              .cost = entry->cost};
    for (size_t d = 0; d < VLS_AXES; d++) {
        const struct level *level = &s->levels[d];
        bool is_leaf = state == NULL || entry->next == NULL;
        out->example.at[level->axis] = level->columns[is_leaf ? 0 : entry->column].value;
        if (is_leaf) {
            state = NULL;
            continue;
        }
        state = entry->next;
        const struct entry *next = state->entries;
        while (!is_same_key(&next->key, &out->key))
            next++;
        entry = next;
    }
}

static bool run(struct search *s, struct vls_found_list *out)
{
    size_t count = s->terms->count;
    s->local = vls_arena_take(s->arena, count * sizeof(struct vls_term *));
    s->outweighed = vls_arena_take(s->arena, count * sizeof(uint64_t *));
    for (unsigned side = 0; side < 2; side++)
        s->duties[side] = vls_arena_take(s->arena, (s->terms->duty_words + 1) * sizeof(uint64_t));
    if (s->local == NULL || s->outweighed == NULL || s->duties[1] == NULL)
        return false;
    find_local(s);
    s->killers = take_set(s);
    make_levels(s);
    if (s->has_failed)
        return false;
    const struct state *first = solve_all(s);
    out->at = s->has_failed ? NULL : vls_mem_try((first->count + 1) * sizeof *out->at);
    if (out->at == NULL)
        return false;
    for (size_t i = 0; i < first->count; i++)
        follow(s, first, &first->entries[i], &out->at[out->count++]);
    out->states = s->state_count;
    out->is_partial = s->is_partial;
    return true;
}

struct vls_status vls_terms_search(const struct vls_terms *terms, size_t target,
                                   uint64_t max_states, struct vls_found_list *out,
                                   struct vls_why *why)
{
    struct search s = {.terms = terms, .target = &terms->at[target], .max_states = max_states};
    *out = (struct vls_found_list){.count = 0};
    if (is_disjoint(terms, s.target, s.target))
        return VLS_DONE; /* no message meets it */
    s.arena = vls_arena_new(VLS_DIFFERENCE_MEMORY);
    bool is_done = run(&s, out);
    HASH_CLEAR(hh, s.states);
    vls_arena_free(&s.arena);
    return is_done ? VLS_DONE : vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to compare the rules");
}
