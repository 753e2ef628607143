#include "policy_decide.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "policy/judge.h"
#include "policy/replay.h"

#define ENOUGH_S 0.5

/* of the generated messages the first so many are decided in full: each is searched for a change */
#define GENERATED 256

struct message {
    struct vls_facts facts;
    struct vls_label_details details;
    char *originator;
    struct vls_buf record;
    enum vls_outcome outcome;
};

struct deciding {
    struct vls_books books;
    const struct vls_scheme_set *schemes;
    struct message *messages;
    size_t count, room;
    struct vls_replay *replay;
};

double policy_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void release(struct deciding *d)
{
    for (size_t i = 0; i < d->count; i++)
        vls_buf_fini(&d->messages[i].record);
    vls_mem_free(d->messages);
    vls_replay_free(&d->replay);
}

/* -- what is measured -------------------------------------------------------------------------- */

typedef VLS_STATUS act_fn(struct deciding *d, struct message *m, struct vls_why *why);

static struct vls_status judge(struct deciding *d, struct message *m, struct vls_why *why)
{
    struct vls_judgement j VLS_DEFER(vls_judgement_fini) = {.matched = NULL};
    return vls_judge(&d->books, &m->facts, &j, why);
}

static struct vls_status decide(struct deciding *d, struct message *m, struct vls_why *why)
{
    struct vls_decision decision;
    VLS_TRY(vls_decide(d->books.joint, d->books.house, &m->facts, &decision, why));
    vls_decision_fini(&decision);
    return VLS_DONE;
}

static struct vls_status replay(struct deciding *d, struct message *m, struct vls_why *why)
{
    struct vls_replayed replayed;
    VLS_TRY(vls_replay_one(d->replay, vls_buf_slice(&m->record), 0, &replayed, why));
    if (replayed.now != m->outcome || replayed.before != m->outcome)
        return vls_fail(VLS_SYSTEM_BUG, why, "a record of outcome %d is decided as %d",
                        (int)m->outcome, (int)replayed.now);
    return VLS_DONE;
}

static VLS_STATUS measure(struct deciding *d, act_fn *act, double *out_per_s, struct vls_why *why)
{
    size_t count = 0;
    double began = policy_now(), took = 0;
    while (took < ENOUGH_S) {
        for (size_t i = 0; i < d->count; i++)
            VLS_TRY(act(d, &d->messages[i], why));
        count += d->count;
        took = policy_now() - began;
    }
    *out_per_s = (double)count / took;
    return VLS_DONE;
}

/** Once each, to have the records. */
static VLS_STATUS record_all(struct deciding *d, struct policy_costs *out, struct vls_why *why)
{
    size_t bytes = 0;
    for (size_t i = 0; i < d->count; i++) {
        struct message *m = &d->messages[i];
        struct vls_decision decision;
        VLS_TRY(vls_decide(d->books.joint, d->books.house, &m->facts, &decision, why));
        m->record = decision.record;
        m->outcome = decision.outcome;
        bytes += decision.record.len;
    }
    out->decisions = d->count;
    out->record_bytes = bytes / d->count;
    return VLS_DONE;
}

static VLS_STATUS measure_all(struct deciding *d, struct policy_costs *out, struct vls_why *why)
{
    double judged = 0, decided = 0;
    VLS_TRY(vls_replay_new(d->schemes, d->books.joint, d->books.house, &d->replay, why));
    VLS_TRY(record_all(d, out, why));
    VLS_TRY(measure(d, judge, &judged, why));
    VLS_TRY(measure(d, decide, &decided, why));
    VLS_TRY(measure(d, replay, &out->replay_per_s, why));
    out->judge_us = 1e6 / judged;
    out->decide_us = 1e6 / decided;
    return VLS_DONE;
}

struct vls_status policy_measure_case(const struct policy_case *c, struct policy_costs *out,
                                      struct vls_why *why)
{
    struct vls_scheme *list[GENERATE_SCHEMES];
    struct vls_scheme_set set = {.schemes = list, .count = GENERATE_SCHEMES};
    for (size_t i = 0; i < GENERATE_SCHEMES; i++)
        list[i] = c->generated->world->schemes[i];
    struct deciding d VLS_DEFER(release) = {.books = {.joint = &c->generated->arrangement},
                                            .schemes = &set};
    d.messages = vls_mem_try(GENERATED * sizeof *d.messages);
    if (d.messages == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for messages");
    for (; d.count < GENERATED; d.count++) {
        d.messages[d.count].facts = c->requests[d.count].facts;
        d.messages[d.count].facts.is_incoming = false; /* those are for house rules alone */
        vls_buf_init(&d.messages[d.count].record, VLS_MAX_DECISION);
    }
    return measure_all(&d, out, why);
}

/* -- messages under the arrangement of the example --------------------------------------------- */

#define MAX_MESSAGES 4096
#define DAY_MS       UINT64_C(86400000)

/* what rules ask for besides kind, body and label: none of it, or one */
enum extra { NOTHING, PERSONAL_DATA, EMBARGO, THIRD_PARTY, DUPLICATE, LARGE, EXTRAS };

static void add_extra(struct message *m, enum extra extra)
{
    static char third[] = "wb";
    struct vls_facts *facts = &m->facts;
    facts->has_personal_data |= extra == PERSONAL_DATA;
    facts->is_duplicate = extra == DUPLICATE;
    facts->bytes = extra == LARGE ? UINT64_C(1) << 32 : 40000;
    if (extra == EMBARGO)
        facts->embargo_until_ms = facts->now_ms + DAY_MS;
    if (extra == THIRD_PARTY) {
        m->originator = third;
        m->details.originators = &m->originator;
        m->details.originator_count = 1;
        facts->label.details = &m->details;
    }
}

static void add_message(struct deciding *d, const struct vls_kind *kind, bool is_back,
                        const struct vls_classification *level, const char *body, enum extra extra)
{
    static const char *const PDF[] = {"application/pdf"};
    if (d->count == d->room)
        return;
    struct message *m = &d->messages[d->count++];
    vls_buf_init(&m->record, VLS_MAX_DECISION);
    m->facts = (struct vls_facts){
        .kind = kind->name,
        .from = vls_arrangement_party_at(d->books.joint, is_back),
        .to = vls_arrangement_party_at(d->books.joint, !is_back),
        .body = body,
        .label = vls_label_of(d->schemes->schemes[0], level),
        .label_trouble = "",
        .safeguards = kind->needs_safeguards || extra == PERSONAL_DATA ? "named" : "",
        .media_types = {PDF, 1},
        .answers = kind->is_answer ? VLS_ANSWERS_KNOWN : VLS_ANSWERS_NOTHING,
        .now_ms = vls_arrangement_not_before(d->books.joint) + DAY_MS};
    add_extra(m, extra);
}

/** A body of the receiving party, when the kind needs one. */
static const char *body_for(const struct vls_arrangement *a, const struct vls_kind *kind,
                            const char *to)
{
    size_t len = strlen(to);
    for (size_t i = 0; i < a->body_count && kind->needs_body; i++) {
        const struct vls_rule_body *body = &a->bodies[i];
        if (strncmp(body->id, to, len) == 0 && body->id[len] == '/' &&
            (!kind->fans_out || body->member_count != 0))
            return body->id;
    }
    return "";
}

static void make_messages(struct deciding *d)
{
    const struct vls_scheme *scheme = d->schemes->schemes[0];
    const struct vls_kind *kind;
    for (size_t k = 0; (kind = vls_kind_at(k)) != NULL; k++)
        for (unsigned way = 0; way < 2; way++) {
            const char *to = vls_arrangement_party_at(d->books.joint, way == 0);
            const char *body = body_for(d->books.joint, kind, to);
            for (size_t level = 0; level < vls_scheme_count(scheme); level++)
                for (int extra = 0; extra < EXTRAS; extra++)
                    add_message(d, kind, way != 0, vls_scheme_at(scheme, level), body,
                                (enum extra)extra);
        }
}

static VLS_STATUS load(const char *root, struct vls_scheme_set *schemes,
                       struct vls_arrangement **out, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    if (snprintf(path, sizeof path, "%s/schemas/arrangements/un-iom.yaml", root) >=
        (int)sizeof path)
        return vls_fail(VLS_INPUT_LIMIT, why, "the path of the sources is too long");
    char scheme[VLS_MAX_PATH];
    if (snprintf(scheme, sizeof scheme, "%s/schemas/spif/un-sgb-2007-6.xml", root) >=
        (int)sizeof scheme)
        return vls_fail(VLS_INPUT_LIMIT, why, "the path of the sources is too long");
    VLS_TRY(vls_scheme_set_load(schemes, scheme, why));
    return vls_arrangement_load(path, schemes, out, why);
}

struct vls_status policy_measure_un_iom(const char *root, struct policy_costs *out,
                                        struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.schemes = NULL};
    struct vls_arrangement *a VLS_DEFER(vls_arrangement_free) = NULL;
    VLS_TRY(load(root, &schemes, &a, why));
    struct deciding d VLS_DEFER(release) = {.books = {.joint = a}, .schemes = &schemes};
    d.room = MAX_MESSAGES;
    d.messages = vls_mem_try(d.room * sizeof *d.messages);
    if (d.messages == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for messages");
    make_messages(&d);
    return measure_all(&d, out, why);
}
