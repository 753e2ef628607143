/* Rules, and what comes before and besides them, as boxes of facts. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "policy/difference_internal.h"

/** What a term asks for. */
enum test {
    TEST_RULE,
    TEST_FOREIGN_LABEL, /* party, scheme */
    TEST_OLD_SCHEME,    /* scheme */
    TEST_NOT_IN_FORCE,
    TEST_PARTY,
    TEST_NO_REQUEST,
    TEST_NO_BODY,
    TEST_UNKNOWN_BODY,
    TEST_BODY_TIME,    /* body */
    TEST_BODY_MEMBERS, /* body */
    TEST_SENDER,       /* party */
    TEST_SAFEGUARDS,
    TEST_KIND_DUTIES, /* kind */
    TEST_EQUIVALENCE, /* equivalence */
};

/* -- duties ------------------------------------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_duty(struct vls_terms *t, const char *duty)
{
    if (t->duty_count == t->duty_room) {
        size_t room = t->duty_room == 0 ? 64 : 2 * t->duty_room;
        const char **more = vls_mem_resize(t->duties, room * sizeof *more);
        t->has_failed |= more == NULL;
        if (more == NULL)
            return;
        t->duties = more;
        t->duty_room = room;
    }
    t->duties[t->duty_count++] = duty;
}

static void gather_duties(struct vls_terms *t, const struct vls_arrangement *a)
{
    for (size_t i = 0; i < a->rule_count; i++)
        for (size_t k = 0; k < a->rules[i].duty_count; k++)
            add_duty(t, a->rules[i].duties[k]);
    for (size_t i = 0; i < a->equivalence_count; i++)
        for (size_t k = 0; k < a->equivalences[i].add_count; k++)
            add_duty(t, a->equivalences[i].adds[k]);
}

static void gather_all_duties(struct vls_terms *t, const struct vls_books *books)
{
    const struct vls_kind *kind = NULL;
    for (size_t side = 0; side < 2; side++) {
        gather_duties(t, books[side].joint);
        if (books[side].house != NULL)
            gather_duties(t, books[side].house);
    }
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++)
        for (size_t k = 0; kind->duties[k] != NULL; k++)
            add_duty(t, kind->duties[k]);
    size_t kept = 0;
    qsort(t->duties, t->duty_count, sizeof t->duties[0], by_text);
    for (size_t i = 0; i < t->duty_count; i++)
        if (kept == 0 || strcmp(t->duties[kept - 1], t->duties[i]) != 0)
            t->duties[kept++] = t->duties[i];
    t->duty_count = kept;
    t->duty_words = (kept + 63) / 64;
}

/** As bits by number. */
static const uint64_t *duty_set(struct vls_terms *t, char *const *duties, size_t count)
{
    uint64_t *set = vls_arena_take(t->arena, (t->duty_words + 1) * sizeof *set);
    t->has_failed |= set == NULL;
    for (size_t i = 0; set != NULL && i < count; i++) {
        const char *const *at =
            bsearch(&duties[i], t->duties, t->duty_count, sizeof t->duties[0], by_text);
        size_t number = at != NULL ? (size_t)(at - t->duties) : 0;
        set[number / 64] |= UINT64_C(1) << number % 64;
    }
    return set;
}

/* -- payloads: each only once ------------------------------------------------------------------ */

struct kept_payload {
    UT_hash_handle hh;
    struct vls_payload payload;
    uint64_t key[];
};

struct maker {
    struct vls_terms *t;
    struct kept_payload *payloads;
    enum vls_side side;
    enum vls_term_book term_book;
    const struct vls_arrangement *book;
};

static const struct vls_payload *keep_payload(struct maker *m, struct vls_payload payload)
{
    size_t words = 3 + m->t->duty_words, bytes = words * sizeof(uint64_t);
    struct kept_payload *made = vls_arena_take(m->t->arena, sizeof *made + bytes), *found = NULL;
    m->t->has_failed |= made == NULL || payload.duties == NULL;
    if (m->t->has_failed)
        return NULL;
    if (payload.effect >= VLS_OUTCOME_WITHHOLD)
        payload.approvals = 0;
    made->key[0] = (uint64_t)payload.effect << 32 | payload.approvals;
    made->key[1] = (uint64_t)payload.book << 32 | payload.is_barrier;
    made->key[2] = payload.retain_years;
    if (payload.effect < VLS_OUTCOME_WITHHOLD)
        vls_copy(&made->key[3], payload.duties, m->t->duty_words * sizeof(uint64_t));
    HASH_FIND(hh, m->payloads, made->key, bytes, found);
    if (found != NULL)
        return &found->payload;
    made->payload = payload;
    made->payload.number = (uint32_t)m->t->payload_count++;
    made->payload.duties = &made->key[3];
    HASH_ADD_KEYPTR(hh, m->payloads, made->key, bytes, made);
    return &made->payload;
}

/* -- terms ------------------------------------------------------------------------------------- */

static void add_term(struct maker *m, struct vls_term term)
{
    struct vls_terms *t = m->t;
    if (t->count == t->room) {
        size_t room = t->room == 0 ? 256 : 2 * t->room;
        struct vls_term *more = vls_mem_resize(t->at, room * sizeof *more);
        t->has_failed |= more == NULL;
        if (more == NULL)
            return;
        t->at = more;
        t->room = room;
    }
    term.side = m->side;
    term.book = m->book;
    if (term.payload != NULL)
        t->at[t->count++] = term;
}

static void add_barrier(struct maker *m, enum vls_cause cause, enum test test, struct vls_term term)
{
    bool is_label = cause == VLS_CAUSE_FOREIGN_LABEL || cause == VLS_CAUSE_OLD_SCHEME;
    term.payload = keep_payload(
        m, (struct vls_payload){.effect = is_label ? VLS_OUTCOME_QUARANTINE : VLS_OUTCOME_WITHHOLD,
                                .book = m->term_book,
                                .is_barrier = true,
                                .duties = duty_set(m->t, NULL, 0)});
    term.cause = cause;
    term.test = test;
    add_term(m, term);
}

/** Of all schemes that labels may be of, whether or not a party of this book has them. */
static void add_old_schemes(struct maker *m)
{
    const struct vls_space_axis *labels = &m->t->space->axes[VLS_AXIS_LABEL];
    for (size_t i = 0; i < labels->count; i++) {
        const struct vls_term term = {.scheme = labels->values[i].label.scheme};
        bool is_new = true;
        for (size_t k = 0; k < i; k++)
            is_new &= labels->values[k].label.scheme != term.scheme;
        if (is_new)
            add_barrier(m, VLS_CAUSE_OLD_SCHEME, TEST_OLD_SCHEME, term);
    }
}

static void add_barriers(struct maker *m)
{
    const struct vls_arrangement *a = m->book;
    const struct vls_term none = {.rule = NULL};
    for (size_t i = 0; i < a->party_count; i++) {
        const struct vls_term of_party = {.party = &a->parties[i], .scheme = a->parties[i].scheme};
        add_barrier(m, VLS_CAUSE_FOREIGN_LABEL, TEST_FOREIGN_LABEL, of_party);
        add_barrier(m, VLS_CAUSE_SENDER, TEST_SENDER, of_party);
    }
    add_old_schemes(m);
    add_barrier(m, VLS_CAUSE_NOT_IN_FORCE, TEST_NOT_IN_FORCE, none);
    add_barrier(m, VLS_CAUSE_PARTY, TEST_PARTY, none);
    add_barrier(m, VLS_CAUSE_NO_REQUEST, TEST_NO_REQUEST, none);
    add_barrier(m, VLS_CAUSE_SAFEGUARDS, TEST_SAFEGUARDS, none);
    if (a->body_count == 0)
        return;
    add_barrier(m, VLS_CAUSE_BODY, TEST_NO_BODY, none);
    add_barrier(m, VLS_CAUSE_BODY, TEST_UNKNOWN_BODY, none);
    for (size_t i = 0; i < a->body_count; i++) {
        const struct vls_term of_body = {.body = &a->bodies[i]};
        if (a->bodies[i].from_ms != 0 || a->bodies[i].until_ms != 0)
            add_barrier(m, VLS_CAUSE_BODY, TEST_BODY_TIME, of_body);
        if (a->bodies[i].member_count == 0)
            add_barrier(m, VLS_CAUSE_BODY, TEST_BODY_MEMBERS, of_body);
    }
}

/** Whether an originator is a third party depends on who sends: such a rule is one box for each
 * party. */
static void add_rule(struct maker *m, const struct vls_rule *rule)
{
    struct vls_term term = {.rule = rule, .test = TEST_RULE};
    term.payload = keep_payload(
        m, (struct vls_payload){.effect = rule->effect,
                                .approvals = rule->approvals,
                                .retain_years = rule->retain_years,
                                .book = m->term_book,
                                .duties = duty_set(m->t, rule->duties, rule->duty_count)});
    if (rule->when.third_party == VLS_WISH_ANY) {
        add_term(m, term);
        return;
    }
    for (size_t i = 0; i < m->book->party_count; i++) {
        term.party = &m->book->parties[i];
        add_term(m, term);
    }
}

static void add_book(struct maker *m, const struct vls_arrangement *book,
                     enum vls_term_book term_book)
{
    m->book = book;
    m->term_book = term_book;
    add_barriers(m);
    for (size_t i = 0; i < book->rule_count; i++)
        add_rule(m, &book->rules[i]);
}

static void add_bound_duties(struct maker *m, const struct vls_arrangement *joint)
{
    const struct vls_kind *kind = NULL;
    struct vls_payload payload = {.book = VLS_TERM_DUTIES};
    m->book = joint;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        size_t count = 0;
        while (kind->duties[count] != NULL)
            count++;
        payload.duties = duty_set(m->t, (char *const *)kind->duties, count);
        if (count != 0)
            add_term(m, (struct vls_term){.payload = keep_payload(m, payload),
                                          .kind = kind,
                                          .test = TEST_KIND_DUTIES});
    }
    for (size_t i = 0; i < joint->equivalence_count; i++) {
        const struct vls_rule_equivalence *e = &joint->equivalences[i];
        payload.duties = duty_set(m->t, e->adds, e->add_count);
        add_term(m, (struct vls_term){.payload = keep_payload(m, payload),
                                      .equivalence = e,
                                      .test = TEST_EQUIVALENCE});
    }
}

/* -- bits -------------------------------------------------------------------------------------- */

static const struct vls_rule_party *party_of(const struct vls_term *term, const char *id)
{
    return vls_rule_party(term->book, id);
}

static bool is_named(const struct vls_texts *originators, const struct vls_rule_party *party)
{
    for (size_t i = 0; i < originators->count; i++)
        if (strcmp(originators->at[i], party->id) == 0 ||
            strcmp(originators->at[i], party->name) == 0)
            return true;
    return false;
}

static bool is_outside(uint64_t at, uint64_t from, uint64_t until)
{
    return at < from || (until != 0 && at >= until);
}

static bool has_way(const struct vls_term *term, const struct vls_space_value *v)
{
    const struct vls_rule_party *to = NULL;
    switch (term->test) {
    case TEST_FOREIGN_LABEL:
    case TEST_SENDER:
        return strcmp(v->from, term->party->id) == 0;
    case TEST_PARTY:
        return party_of(term, v->from) == NULL || party_of(term, v->to) == NULL;
    case TEST_EQUIVALENCE:
        to = party_of(term, v->to);
        return to != NULL && to->scheme == term->equivalence->to_scheme;
    default:
        return true;
    }
}

static bool has_kind(const struct vls_term *term, const struct vls_kind *kind)
{
    switch (term->test) {
    case TEST_NO_REQUEST:
        return kind->is_answer;
    case TEST_NO_BODY:
        return kind->needs_body;
    case TEST_BODY_MEMBERS:
        return kind->fans_out;
    case TEST_SENDER:
        return kind->sender == VLS_SENDER_ORIGINATOR;
    case TEST_SAFEGUARDS:
        return kind->needs_safeguards;
    case TEST_KIND_DUTIES:
        return kind == term->kind;
    default:
        return true;
    }
}

static bool has_time(const struct vls_term *term, uint64_t at)
{
    switch (term->test) {
    case TEST_OLD_SCHEME:
        return !vls_scheme_is_valid_at(term->scheme, at);
    case TEST_NOT_IN_FORCE:
        return at < term->book->not_before_ms || at >= term->book->expires_ms;
    case TEST_BODY_TIME:
        return is_outside(at, term->body->from_ms, term->body->until_ms);
    default:
        return true;
    }
}

static bool has_body(const struct vls_term *term, const char *body)
{
    switch (term->test) {
    case TEST_NO_BODY:
        return *body == '\0';
    case TEST_UNKNOWN_BODY:
        return *body != '\0' && vls_rule_body(term->book, body) == NULL;
    case TEST_BODY_TIME:
    case TEST_BODY_MEMBERS:
        return strcmp(body, term->body->id) == 0;
    default:
        return true;
    }
}

static bool has_label(const struct vls_term *term, const struct vls_label *label)
{
    switch (term->test) {
    case TEST_FOREIGN_LABEL:
        return label->scheme != term->scheme;
    case TEST_OLD_SCHEME:
        return label->scheme == term->scheme;
    case TEST_EQUIVALENCE:
        return label->scheme == term->equivalence->from_scheme &&
               label->classification == term->equivalence->from;
    default:
        return true;
    }
}

static bool has_value(const struct vls_term *term, enum vls_axis axis,
                      const struct vls_space_value *v)
{
    switch (axis) {
    case VLS_AXIS_KIND:
        return has_kind(term, v->kind);
    case VLS_AXIS_WAY:
        return has_way(term, v);
    case VLS_AXIS_TIME:
        return has_time(term, v->number);
    case VLS_AXIS_BODY:
        return has_body(term, v->body);
    case VLS_AXIS_LABEL:
        return has_label(term, &v->label);
    case VLS_AXIS_ORIGINATORS:
        return term->test != TEST_SENDER ||
               (v->list.count != 0 && !is_named(&v->list, term->party));
    case VLS_AXIS_ANSWERS:
        return term->test != TEST_NO_REQUEST || v->number == VLS_ANSWERS_NOTHING;
    case VLS_AXIS_SAFEGUARDS:
        return term->test != TEST_SAFEGUARDS || v->number == 0;
    default:
        return true;
    }
}

static bool has_rule_value(const struct vls_term *term, enum vls_axis axis,
                           const struct vls_space_value *v)
{
    if (term->party != NULL && axis == VLS_AXIS_WAY && strcmp(v->from, term->party->id) != 0)
        return false;
    if (term->party != NULL && axis == VLS_AXIS_ORIGINATORS &&
        vls_space_is_third_party(&v->list, term->party) !=
            (term->rule->when.third_party == VLS_WISH_YES))
        return false;
    return vls_space_admits(term->rule, axis, v);
}

static void fill_bits(struct vls_terms *t, struct vls_term *term)
{
    size_t words = t->first[VLS_AXES] / 64;
    uint64_t *bits = vls_arena_take(t->arena, words * sizeof *bits);
    t->has_failed |= bits == NULL;
    for (size_t axis = 0; axis < VLS_AXES && bits != NULL; axis++)
        for (size_t i = 0; i < t->space->axes[axis].count; i++) {
            const struct vls_space_value *v = &t->space->axes[axis].values[i];
            size_t bit = t->first[axis] + i;
            bool has = term->test == TEST_RULE ? has_rule_value(term, (enum vls_axis)axis, v)
                                               : has_value(term, (enum vls_axis)axis, v);
            if (has)
                bits[bit / 64] |= UINT64_C(1) << bit % 64;
        }
    term->bits = bits;
}

/* -- pairs ------------------------------------------------------------------------------------- */

struct pair_key {
    UT_hash_handle hh;
    uint64_t key[];
};

static struct pair_key *pair_key_of(const struct vls_terms *t, const struct vls_term *term,
                                    size_t words)
{
    struct pair_key *made = vls_arena_take(t->arena, sizeof *made + (words + 1) * sizeof(uint64_t));
    if (made == NULL)
        return NULL;
    made->key[0] = term->payload->number;
    vls_copy(&made->key[1], term->bits, words * sizeof(uint64_t));
    return made;
}

static void pair_side(struct vls_terms *t, enum vls_side with, enum vls_side side)
{
    struct pair_key *all = NULL, *found = NULL;
    size_t words = t->first[VLS_AXES] / 64, bytes = (words + 1) * sizeof(uint64_t);
    for (size_t i = 0; i < 2 * t->count && !t->has_failed; i++) {
        struct vls_term *term = &t->at[i % t->count];
        bool is_first_round = i < t->count;
        if (term->side != (is_first_round ? with : side))
            continue;
        struct pair_key *key = pair_key_of(t, term, words);
        t->has_failed |= key == NULL;
        if (key == NULL)
            break;
        HASH_FIND(hh, all, key->key, bytes, found);
        if (!is_first_round)
            term->is_paired = found != NULL;
        else if (found == NULL)
            HASH_ADD_KEYPTR(hh, all, key->key, bytes, key);
    }
    HASH_CLEAR(hh, all);
}

/* -- the whole --------------------------------------------------------------------------------- */

static void make_all(struct vls_terms *t, const struct vls_books *books)
{
    struct maker m = {.t = t};
    for (size_t axis = 0; axis < VLS_AXES; axis++)
        t->first[axis + 1] = t->first[axis] + (t->space->axes[axis].count + 63) / 64 * 64;
    gather_all_duties(t, books);
    for (unsigned side = 0; side < 2 && !t->has_failed; side++) {
        m.side = (enum vls_side)side;
        add_book(&m, books[side].joint, VLS_TERM_JOINT);
        if (books[side].house != NULL)
            add_book(&m, books[side].house, VLS_TERM_HOUSE);
        add_bound_duties(&m, books[side].joint);
    }
    HASH_CLEAR(hh, m.payloads);
    for (size_t i = 0; i < t->count && !t->has_failed; i++)
        fill_bits(t, &t->at[i]);
    pair_side(t, VLS_SIDE_AFTER, VLS_SIDE_BEFORE);
    pair_side(t, VLS_SIDE_BEFORE, VLS_SIDE_AFTER);
}

struct vls_status vls_terms_make(const struct vls_space *space, const struct vls_books *before,
                                 const struct vls_books *after, struct vls_terms **out,
                                 struct vls_why *why)
{
    const struct vls_books books[2] = {*before, *after};
    struct vls_terms *t = vls_mem_new(sizeof *t);
    t->space = space;
    t->arena = vls_arena_new(VLS_DIFFERENCE_MEMORY);
    make_all(t, books);
    if (!t->has_failed) {
        *out = t;
        return VLS_DONE;
    }
    vls_terms_free(&t);
    return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to compare the rules");
}

void vls_terms_free(struct vls_terms **terms)
{
    if (*terms == NULL)
        return;
    vls_arena_free(&(*terms)->arena);
    vls_mem_free((*terms)->at);
    vls_mem_free((*terms)->duties);
    vls_mem_free(*terms);
    *terms = NULL;
}
