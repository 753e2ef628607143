#include "policy/generate.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define MAX_SCHEME  32768
#define ARENA_BYTES ((size_t)1 << 30)

/* 2026-11-23, and around it */
#define NOW_MS        UINT64_C(1795392000000)
#define DAY_MS        UINT64_C(86400000)
#define NOT_BEFORE_MS (NOW_MS - 1000 * DAY_MS)
#define EXPIRES_MS    (NOW_MS + 1000 * DAY_MS)
#define SCHEME_END_MS UINT64_C(1861920000000) /* 2029-01-01 */

/* Categories of the first scheme: more than fit into one word, of each type. */
#define MANY_RESTRICTIVE 70
#define MANY_PERMISSIVE  5

uint64_t generate_number(struct generate_random *random, uint64_t below)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % below;
}

bool generate_chance(struct generate_random *random, unsigned percent)
{
    return generate_number(random, 100) < percent;
}

/* -- the world --------------------------------------------------------------------------------- */

static VLS_STATUS add_tag(struct vls_buf *out, const char *name, const char *type, unsigned count)
{
    VLS_TRY(vls_buf_add_format(out, "<securityCategoryTag name='%s' %s>", name, type));
    for (unsigned i = 0; i < count; i++)
        VLS_TRY(vls_buf_add_format(out, "<tagCategory name='%s%u' lacv='%u'/>", name, i, i));
    return vls_buf_add_text(out, "</securityCategoryTag>");
}

static VLS_STATUS add_head(struct vls_buf *out, const char *name, unsigned arc, unsigned classes,
                           const char *attributes)
{
    VLS_TRY(vls_buf_add_format(out,
                               "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.0'%s>"
                               "<securityPolicyId name='%s' id='2.999.%u'/>"
                               "<securityClassifications>",
                               attributes, name, arc));
    /* the wire's numbers run against the ranks, which have gaps */
    for (unsigned i = 0; i < classes; i++)
        VLS_TRY(vls_buf_add_format(out,
                                   "<securityClassification name='L%u' lacv='%u' hierarchy='%u'/>",
                                   i, 200 - i, 3 * i + 1));
    return vls_buf_add_text(out, "</securityClassifications>");
}

static VLS_STATUS write_scheme(size_t which, struct vls_buf *out)
{
    static const char SETS[] = "<securityCategoryTagSets><securityCategoryTagSet name='S' "
                               "id='2.999.9.1'>";
    static const char END[] = "</securityCategoryTagSet></securityCategoryTagSets></SPIF>";
    if (which == 2) {
        VLS_TRY(add_head(out, "Gamma", 3, 3, " notAfter='2029-01-01T00:00:00Z'"));
        return vls_buf_add_text(out, "</SPIF>");
    }
    VLS_TRY(
        add_head(out, which == 0 ? "Alpha" : "Beta", (unsigned)which + 1, which == 0 ? 6 : 3, ""));
    VLS_TRY(vls_buf_add_text(out, SETS));
    VLS_TRY(add_tag(out, "p", "tagType='permissive'", MANY_PERMISSIVE));
    VLS_TRY(add_tag(out, "r", "tagType='restrictive'", which == 0 ? MANY_RESTRICTIVE : 3));
    if (which == 0)
        VLS_TRY(vls_buf_add_text(out, "</securityCategoryTagSet><securityCategoryTagSet name='T' "
                                      "id='2.999.9.2'>"));
    if (which == 0)
        VLS_TRY(add_tag(out, "e", "tagType='enumerated' enumType='restrictive'", 4));
    if (which == 0)
        VLS_TRY(add_tag(out, "f", "tagType='enumerated' enumType='permissive'", MANY_PERMISSIVE));
    if (which == 0)
        VLS_TRY(add_tag(out, "i", "tagType='tagType7' tag7Encoding='bitSetAttributes'", 3));
    return vls_buf_add_text(out, END);
}

struct vls_status generate_world_make(struct generate_world *out, struct vls_why *why)
{
    struct generate_world world = {.schemes = {NULL}};
    struct vls_status s = VLS_DONE;
    for (size_t i = 0; i < GENERATE_SCHEMES && vls_ok(s); i++) {
        VLS_DEFER(vls_buf_fini) struct vls_buf xml;
        vls_buf_init(&xml, MAX_SCHEME);
        s = write_scheme(i, &xml);
        if (vls_ok(s))
            s = vls_scheme_read(vls_buf_slice(&xml), "generated.xml", &world.schemes[i], why);
    }
    if (vls_ok(s))
        *out = world;
    else
        generate_world_free(&world);
    return s;
}

void generate_world_free(struct generate_world *world)
{
    for (size_t i = 0; i < GENERATE_SCHEMES; i++)
        vls_scheme_free(&world->schemes[i]);
}

/* -- words ------------------------------------------------------------------------------------- */

static const char *const AUDIENCES[] = {"public",   "member-states", "secretariat", "donors",
                                        "partners", "press",         "field-staff"};
static const char *const TOPICS[] = {"migration", "shelter", "health",     "statistics",
                                     "transport", "finance", "protection", "x/*"};
static const char *const MEDIA_TYPES[] = {"text/plain",      "text/html",       "image/png",
                                          "application/pdf", "application/zip", "text"};
static const char *const MEDIA_PATTERNS[] = {"text/plain", "application/pdf", "text/*",
                                             "image/*",    "application/*",   "audio/*"};
static const char *const ORIGINATORS[] = {"un",  "United Nations", "iom",           "Organization",
                                          "who", "a-state",        "another-state", "third"};
static const char *const PARTIES[] = {"un", "iom", "third", "nobody", ""};

#define COUNT(list)             (sizeof(list) / sizeof(list)[0])
#define ONE_OF(random, list)    ((list)[generate_number((random), COUNT(list))])
#define SOME(random, most)      (1 + (size_t)generate_number((random), (most)))
#define BROAD_POOL              400
#define IS_ASKED(random, shape) generate_chance((random), (shape)->asks)
#define IS_ODD(random, shape)   generate_chance((random), (shape)->odd)
#define WISH(random, shape)                                                                        \
    (IS_ASKED(random, shape) ? (generate_chance(random, 50) ? VLS_WISH_YES : VLS_WISH_NO)          \
                             : VLS_WISH_ANY)

/** A word of the pool, or one of many. */
static const char *word(struct generate_random *random, const struct generate_shape *shape,
                        const char *const *pool, size_t count, char room[24])
{
    if (!shape->has_broad_pools)
        return pool[generate_number(random, count)];
    snprintf(room, 24, "word-%u", (unsigned)generate_number(random, BROAD_POOL));
    return room;
}

static uint64_t size(struct generate_random *random, const struct generate_shape *shape)
{
    static const uint64_t EDGES[] = {0, 1, 999, 1000, 1001, 65536, UINT64_MAX - 1, UINT64_MAX};
    return shape->has_broad_pools ? generate_number(random, 1000000) : ONE_OF(random, EDGES);
}

/* -- labels ------------------------------------------------------------------------------------ */

static void add_categories(struct generate_random *random, const struct generate_shape *shape,
                           struct vls_label *label)
{
    const struct vls_tag *tag;
    for (size_t t = 0; (tag = vls_scheme_tag(label->scheme, t)) != NULL; t++) {
        bool is_list = vls_tag_type_is_permissive(tag->type);
        if (is_list && IS_ODD(random, shape))
            vls_label_set_nobody(label, tag);
        if (generate_chance(random, 50) || (is_list && shape->has_no_lists))
            continue;
        /* few of the many, so that two labels meet */
        unsigned of = tag->count < 4 || is_list ? tag->count : 4;
        for (size_t n = SOME(random, 3); n > 0; n--) {
            size_t place = tag->first + generate_number(random, of) * (tag->count / of);
            vls_label_add(label, vls_scheme_category(label->scheme, place));
        }
    }
}

static struct vls_label label_of(struct generate_random *random, const struct generate_shape *shape,
                                 const struct vls_scheme *scheme)
{
    size_t which = generate_number(random, vls_scheme_count(scheme));
    struct vls_label label = vls_label_of(scheme, vls_scheme_at(scheme, which));
    if (generate_chance(random, shape->categories))
        add_categories(random, shape, &label);
    return label;
}

/* -- rules ------------------------------------------------------------------------------------- */

struct maker {
    struct generate_arrangement *out;
    const struct generate_shape *shape;
    struct generate_random *random;
    bool has_failed; /* no memory */
};

static char *keep(struct maker *m, const char *text)
{
    char *copy = vls_arena_text(m->out->arena, text);
    if (copy == NULL)
        m->has_failed = true;
    return copy;
}

static size_t ask_texts(struct maker *m, const char *const *pool, size_t pool_count, bool is_broad,
                        char **out)
{
    char room[24];
    if (!IS_ASKED(m->random, m->shape))
        return 0;
    size_t count = SOME(m->random, is_broad && IS_ODD(m->random, m->shape) ? VLS_MAX_RULE_LIST : 3);
    const struct generate_shape narrow = {.has_broad_pools = false};
    for (size_t i = 0; i < count; i++)
        out[i] = keep(m, word(m->random, is_broad ? m->shape : &narrow, pool, pool_count, room));
    return count;
}

static const struct vls_scheme *some_scheme(const struct maker *m)
{
    const struct vls_scheme *own = m->out->arrangement.parties[0].scheme;
    return IS_ODD(m->random, m->shape) ? ONE_OF(m->random, m->out->world->schemes) : own;
}

static size_t kind_count(void)
{
    size_t count = 0;
    while (vls_kind_at(count) != NULL)
        count++;
    return count;
}

static void ask_names(struct maker *m, struct vls_condition *when)
{
    const struct vls_arrangement *a = &m->out->arrangement;
    struct generate_random *r = m->random;
    if (IS_ASKED(r, m->shape) || IS_ASKED(r, m->shape))
        when->kind_count = SOME(r, 4);
    for (size_t i = 0; i < when->kind_count; i++)
        when->kinds[i] = vls_kind_at(generate_number(r, kind_count()));
    if (IS_ASKED(r, m->shape))
        when->from = &a->parties[generate_number(r, a->party_count)];
    if (IS_ASKED(r, m->shape))
        when->to = &a->parties[generate_number(r, a->party_count)];
    if (a->body_count != 0 && IS_ASKED(r, m->shape))
        when->body_count = SOME(r, 3);
    for (size_t i = 0; i < when->body_count; i++)
        when->bodies[i] = &a->bodies[generate_number(r, a->body_count)];
}

static struct vls_rule_category some_category(const struct maker *m)
{
    for (;;) {
        const struct vls_scheme *scheme = some_scheme(m);
        size_t count = vls_scheme_category_count(scheme);
        if (count == 0)
            scheme = m->out->world->schemes[0], count = vls_scheme_category_count(scheme);
        const struct vls_category *c =
            vls_scheme_category(scheme, generate_number(m->random, count));
        if (!m->shape->has_no_lists ||
            !vls_tag_type_is_permissive(vls_scheme_tag(scheme, c->tag)->type))
            return (struct vls_rule_category){scheme, c};
    }
}

static void ask_label(struct maker *m, struct vls_condition *when)
{
    struct generate_random *r = m->random;
    if (IS_ASKED(r, m->shape))
        when->at_most = label_of(r, m->shape, some_scheme(m));
    if (IS_ASKED(r, m->shape))
        when->at_least = label_of(r, m->shape, some_scheme(m));
    if (IS_ASKED(r, m->shape) && generate_chance(r, m->shape->categories))
        when->category_count = SOME(r, 3);
    for (size_t i = 0; i < when->category_count; i++)
        when->categories[i] = some_category(m);
}

static void ask_rest(struct maker *m, struct vls_condition *when)
{
    struct generate_random *r = m->random;
    const struct generate_shape *s = m->shape;
    when->incoming = WISH(r, s);
    when->personal_data = WISH(r, s);
    when->safeguards = WISH(r, s);
    when->embargo = WISH(r, s);
    when->third_party = WISH(r, s);
    when->duplicate = WISH(r, s);
    when->distributions = IS_ASKED(r, s) ? (uint32_t)SOME(r, 15) : 0;
    when->answers = IS_ASKED(r, s) ? (uint32_t)SOME(r, 7) : 0;
    when->audience_count = ask_texts(m, AUDIENCES, COUNT(AUDIENCES), true, when->audiences);
    when->topic_count = ask_texts(m, TOPICS, COUNT(TOPICS), true, when->topics);
    when->media_type_count =
        ask_texts(m, MEDIA_PATTERNS, COUNT(MEDIA_PATTERNS), false, when->media_types);
    when->originator_count =
        ask_texts(m, ORIGINATORS, COUNT(ORIGINATORS), false, when->originators);
    when->has_min_bytes = IS_ASKED(r, s);
    when->min_bytes = when->has_min_bytes ? size(r, s) : 0;
    when->has_max_bytes = IS_ASKED(r, s);
    when->max_bytes = when->has_max_bytes ? size(r, s) : 0;
}

static void make_rule(struct maker *m, size_t number, struct vls_rule *rule)
{
    static const enum vls_outcome EFFECTS[] = {VLS_OUTCOME_RELEASE, VLS_OUTCOME_REFER,
                                               VLS_OUTCOME_WITHHOLD};
    char id[48];
    snprintf(id, sizeof id, "%c%u-%zu", 'a' + (char)generate_number(m->random, 26),
             (unsigned)generate_number(m->random, 100), number);
    rule->id = keep(m, id);
    rule->basis = keep(m, "7(1)");
    rule->effect = ONE_OF(m->random, EFFECTS);
    rule->approvals = rule->effect == VLS_OUTCOME_REFER || IS_ODD(m->random, m->shape)
                          ? (uint32_t)SOME(m->random, VLS_MAX_APPROVALS)
                          : 0;
    rule->line = (uint32_t)number + 1;
    ask_names(m, &rule->when);
    ask_label(m, &rule->when);
    ask_rest(m, &rule->when);
}

/* -- arrangements ------------------------------------------------------------------------------ */

static void make_parties(struct maker *m)
{
    static const char *const NAMES[] = {"United Nations", "Organization", "un"};
    struct vls_arrangement *a = &m->out->arrangement;
    a->party_count = 2 + generate_chance(m->random, 30);
    for (size_t i = 0; i < a->party_count; i++) {
        size_t which =
            IS_ODD(m->random, m->shape) ? generate_number(m->random, GENERATE_SCHEMES) : 0;
        a->parties[i] = (struct vls_rule_party){.id = keep(m, PARTIES[i]),
                                                .name = keep(m, NAMES[i]),
                                                .domain = keep(m, ""),
                                                .approver = keep(m, ""),
                                                .scheme = m->out->world->schemes[which]};
    }
}

static void make_bodies(struct maker *m)
{
    static char *MEMBERS[] = {"iom", "un"};
    static const uint64_t TIMES[] = {0, NOW_MS - DAY_MS, NOW_MS, NOW_MS + 1, NOW_MS + DAY_MS};
    struct vls_arrangement *a = &m->out->arrangement;
    size_t count = generate_chance(m->random, 20) ? 0 : SOME(m->random, 8);
    a->bodies = vls_arena_take(m->out->arena, count * sizeof *a->bodies);
    m->has_failed |= a->bodies == NULL;
    for (size_t i = 0; i < count && !m->has_failed; i++) {
        char id[24];
        snprintf(id, sizeof id, "un/body-%zu", i);
        struct vls_rule_body *body = &a->bodies[a->body_count++];
        *body = (struct vls_rule_body){.id = keep(m, id), .name = keep(m, id), .through = ""};
        body->members = MEMBERS;
        body->member_count = generate_number(m->random, 3);
        if (IS_ODD(m->random, m->shape))
            body->from_ms = ONE_OF(m->random, TIMES);
        if (IS_ODD(m->random, m->shape))
            body->until_ms = ONE_OF(m->random, TIMES);
    }
}

struct generate_arrangement *generate_arrangement(const struct generate_world *world,
                                                  struct generate_random *random,
                                                  struct generate_shape shape)
{
    struct generate_arrangement *out = vls_mem_new(sizeof *out);
    out->arena = vls_arena_new(ARENA_BYTES);
    out->world = world;
    out->shape = shape;
    struct maker m = {.out = out, .shape = &out->shape, .random = random};
    struct vls_arrangement *a = &out->arrangement;
    a->name = keep(&m, "generated/one");
    a->basis = keep(&m, "14");
    a->version = 1;
    a->is_house = generate_chance(random, 20);
    a->not_before_ms = a->is_house ? 0 : NOT_BEFORE_MS;
    a->expires_ms = a->is_house ? UINT64_MAX : EXPIRES_MS;
    make_parties(&m);
    make_bodies(&m);
    a->rules = vls_arena_take(out->arena, shape.rules * sizeof *a->rules);
    m.has_failed |= a->rules == NULL;
    for (size_t i = 0; i < shape.rules && !m.has_failed; i++)
        make_rule(&m, i, &a->rules[a->rule_count++]);
    if (m.has_failed)
        generate_arrangement_free(&out);
    return out;
}

void generate_arrangement_free(struct generate_arrangement **arrangement)
{
    if (*arrangement == NULL)
        return;
    vls_index_free(&(*arrangement)->arrangement.index);
    vls_arena_free(&(*arrangement)->arena);
    vls_mem_free(*arrangement);
    *arrangement = NULL;
}

struct vls_status generate_index(struct generate_arrangement *arrangement, struct vls_why *why)
{
    struct vls_index *index = NULL;
    VLS_TRY(vls_index_make(&arrangement->arrangement, &index, why));
    vls_index_free(&arrangement->arrangement.index);
    arrangement->arrangement.index = index;
    return VLS_DONE;
}

/* -- facts ------------------------------------------------------------------------------------- */

static uint64_t some_time(struct generate_random *random, const struct generate_shape *shape)
{
    static const uint64_t EDGES[] = {NOT_BEFORE_MS - 1, NOT_BEFORE_MS,     EXPIRES_MS - 1,
                                     EXPIRES_MS,        SCHEME_END_MS - 1, SCHEME_END_MS,
                                     NOW_MS - DAY_MS,   NOW_MS + DAY_MS,   NOW_MS + 1};
    return IS_ODD(random, shape) ? ONE_OF(random, EDGES) : NOW_MS;
}

static void put_originators(struct generate_random *random, struct generate_facts *out)
{
    size_t count = generate_chance(random, 50) ? 0 : SOME(random, 3);
    for (size_t i = 0; i < count; i++)
        out->originators[i] = (char *)ONE_OF(random, ORIGINATORS);
    out->details.originators = out->originators;
    out->details.originator_count = count;
    out->facts.label.details = count != 0 ? &out->details : NULL;
}

static void put_unknown(struct generate_facts *out)
{
    static char words[] = "something else";
    static uint8_t bytes[] = {0x30, 0x00};
    out->unknown = (struct vls_label_unknown){true, words, bytes, sizeof bytes};
    out->details.unknown = &out->unknown;
    out->details.unknown_count = 1;
    out->facts.label.details = &out->details;
}

static void put_label(const struct generate_arrangement *a, struct generate_random *random,
                      struct generate_facts *out)
{
    const struct generate_shape *shape = &a->shape;
    const struct vls_scheme *scheme = a->arrangement.parties[0].scheme;
    for (size_t i = 0; i < a->arrangement.party_count; i++)
        if (strcmp(a->arrangement.parties[i].id, out->facts.from) == 0)
            scheme = a->arrangement.parties[i].scheme;
    if (generate_chance(random, shape->odd / 4))
        scheme = ONE_OF(random, a->world->schemes);
    out->facts.label = label_of(random, shape, scheme);
    if (generate_chance(random, shape->odd / 8))
        out->facts.label.scheme = NULL;
    if (generate_chance(random, shape->odd / 8))
        out->facts.label.classification = NULL;
    put_originators(random, out);
    if (generate_chance(random, shape->odd / 4))
        put_unknown(out);
}

static struct vls_texts put_texts(struct generate_random *random,
                                  const struct generate_shape *shape, const char *const *pool,
                                  size_t pool_count, const char **at, char (*rooms)[24])
{
    size_t count = generate_chance(random, 30) ? 0 : SOME(random, 3);
    for (size_t i = 0; i < count; i++)
        at[i] = word(random, shape, pool, pool_count, rooms[i]);
    return (struct vls_texts){at, count};
}

static void put_names(const struct generate_arrangement *a, struct generate_random *random,
                      struct vls_facts *facts)
{
    const struct generate_shape *shape = &a->shape;
    bool is_back = generate_chance(random, 50);
    facts->from = IS_ODD(random, shape) ? ONE_OF(random, PARTIES) : is_back ? "iom" : "un";
    facts->to = IS_ODD(random, shape) ? ONE_OF(random, PARTIES) : is_back ? "un" : "iom";
    facts->kind = generate_chance(random, shape->odd / 4)
                      ? "letter"
                      : vls_kind_at(generate_number(random, kind_count()))->name;
    facts->body = generate_chance(random, 50) ? "" : NULL;
    if (a->arrangement.body_count != 0 && generate_chance(random, 60))
        facts->body = a->arrangement.bodies[generate_number(random, a->arrangement.body_count)].id;
    if (generate_chance(random, shape->odd / 4))
        facts->body = "un/nowhere";
}

/* -- facts that come near to a rule ------------------------------------------------------------ */

static bool is_wished(struct generate_random *random, enum vls_wish wish, bool otherwise)
{
    if (wish == VLS_WISH_ANY || generate_chance(random, 5))
        return otherwise;
    return wish == VLS_WISH_YES;
}

static void meet_texts(struct generate_random *random, char *const *list, size_t count,
                       const char **at, struct vls_texts *texts)
{
    if (count == 0 || generate_chance(random, 5))
        return;
    size_t has = texts->count == 0 ? 1 : texts->count;
    at[generate_number(random, has)] = list[generate_number(random, count)];
    *texts = (struct vls_texts){at, has};
    for (size_t i = 0; i < has; i++)
        if (at[i] == NULL)
            at[i] = list[0];
}

static void meet_label(struct generate_random *random, const struct vls_condition *when,
                       struct vls_label *label)
{
    const struct vls_label *bound = generate_chance(random, 50) ? &when->at_most : &when->at_least;
    if (bound->scheme == label->scheme && label->scheme != NULL && generate_chance(random, 70)) {
        label->classification = bound->classification;
        if (generate_chance(random, 60)) {
            vls_copy(label->categories, bound->categories, sizeof label->categories);
            label->nobody = bound->nobody;
        }
    }
    if (when->category_count == 0 || generate_chance(random, 20))
        return;
    const struct vls_rule_category *c =
        &when->categories[generate_number(random, when->category_count)];
    if (c->scheme == label->scheme)
        vls_label_add(label, c->category);
}

static void meet_set(struct generate_random *random, uint32_t set, uint32_t *fact)
{
    if (set != 0 && !generate_chance(random, 10))
        *fact = (uint32_t)__builtin_ctz(set);
}

static void meet_bytes(struct generate_random *random, const struct vls_condition *when,
                       uint64_t *bytes)
{
    uint64_t change = generate_number(random, 3);
    if (when->has_min_bytes && generate_chance(random, 60))
        *bytes = when->min_bytes + change - 1;
    else if (when->has_max_bytes && generate_chance(random, 80))
        *bytes = when->max_bytes + change - 1;
}

static void meet_names(struct generate_random *random, const struct vls_condition *when,
                       struct vls_facts *facts)
{
    if (when->kind_count != 0)
        facts->kind = when->kinds[generate_number(random, when->kind_count)]->name;
    if (when->from != NULL && !generate_chance(random, 10))
        facts->from = when->from->id;
    if (when->to != NULL && !generate_chance(random, 10))
        facts->to = when->to->id;
    if (strcmp(facts->from, facts->to) == 0 && !generate_chance(random, 20))
        facts->to = strcmp(facts->from, "un") == 0 ? "iom" : "un";
    if (when->body_count != 0 && !generate_chance(random, 10))
        facts->body = when->bodies[generate_number(random, when->body_count)]->id;
}

static void meet_media_types(struct generate_random *random, const struct vls_condition *when,
                             struct generate_facts *out)
{
    static const char *const OF_GROUP[] = {"text/plain", "text/html", "image/png", "image/jpeg",
                                           "application/pdf"};
    meet_texts(random, when->media_types, when->media_type_count, out->media_types,
               &out->facts.media_types);
    for (size_t i = 0; i < out->facts.media_types.count; i++)
        if (strchr(out->media_types[i], '*') != NULL)
            out->media_types[i] = ONE_OF(random, OF_GROUP);
}

static void meet(struct generate_random *random, const struct vls_condition *when,
                 struct generate_facts *out)
{
    struct vls_facts *facts = &out->facts;
    uint32_t distribution = facts->distribution, answers = facts->answers;
    facts->is_incoming = is_wished(random, when->incoming, facts->is_incoming);
    facts->has_personal_data = is_wished(random, when->personal_data, facts->has_personal_data);
    facts->is_duplicate = is_wished(random, when->duplicate, facts->is_duplicate);
    bool is_safe = facts->safeguards != NULL && *facts->safeguards != '\0';
    facts->safeguards = is_wished(random, when->safeguards, is_safe) ? "agreement 4" : "";
    bool is_embargoed = facts->embargo_until_ms > facts->now_ms;
    facts->embargo_until_ms =
        is_wished(random, when->embargo, is_embargoed) ? facts->now_ms + 1 : facts->now_ms;
    meet_set(random, when->distributions, &distribution);
    meet_set(random, when->answers, &answers);
    facts->distribution = distribution;
    facts->answers = answers;
    meet_label(random, when, &facts->label);
    meet_texts(random, when->audiences, when->audience_count, out->audience, &facts->audience);
    meet_texts(random, when->topics, when->topic_count, out->topics, &facts->topics);
    meet_media_types(random, when, out);
    if (when->originator_count != 0 && facts->label.details != NULL &&
        out->details.originator_count != 0)
        out->originators[0] = when->originators[generate_number(random, when->originator_count)];
    meet_bytes(random, when, &facts->bytes);
}

void generate_facts(const struct generate_arrangement *arrangement, struct generate_random *random,
                    struct generate_facts *out)
{
    const struct vls_arrangement *a = &arrangement->arrangement;
    const struct generate_shape *shape = &arrangement->shape;
    const struct generate_shape narrow = {.has_broad_pools = false};
    const struct vls_condition *near = NULL;
    *out = (struct generate_facts){.facts = {.label_trouble = ""}};
    struct vls_facts *facts = &out->facts;
    put_names(arrangement, random, facts);
    if (a->rule_count != 0 && generate_chance(random, 75))
        near = &a->rules[generate_number(random, a->rule_count)].when;
    if (near != NULL)
        meet_names(random, near, facts);
    put_label(arrangement, random, out);
    facts->now_ms = some_time(random, shape);
    facts->embargo_until_ms = generate_chance(random, 60) ? 0 : some_time(random, shape);
    facts->is_incoming = generate_chance(random, 50);
    facts->has_personal_data = generate_chance(random, 30);
    facts->safeguards = generate_chance(random, 50) ? "agreement 4" : NULL;
    facts->clearance = generate_chance(random, 5) ? "above all that is cleared" : "";
    facts->is_duplicate = generate_chance(random, 20);
    facts->distribution = (enum vls_distribution)generate_number(random, 4);
    facts->answers = (enum vls_answers)generate_number(random, 3);
    facts->bytes = size(random, shape);
    facts->audience =
        put_texts(random, shape, AUDIENCES, COUNT(AUDIENCES), out->audience, &out->texts[0]);
    facts->topics = put_texts(random, shape, TOPICS, COUNT(TOPICS), out->topics,
                              &out->texts[GENERATE_MAX_TEXTS]);
    facts->media_types = put_texts(random, &narrow, MEDIA_TYPES, COUNT(MEDIA_TYPES),
                                   out->media_types, &out->texts[2 * GENERATE_MAX_TEXTS]);
    if (near != NULL)
        meet(random, near, out);
}
