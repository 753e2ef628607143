#include "policy/replay.h"

#include "base/mem.h"
#include "policy/facts_text.h"
#include "policy/judge.h"

#define RECORD_VERSION 1
/** Room to unpack a record in: its fields, and a pointer and a structure for each. */
#define ROOM  (32u * VLS_MAX_DECISION)
#define ALIGN 16u

struct vls_replay {
    const struct vls_scheme_set *schemes;
    const struct vls_arrangement *arrangement, *house;
    ProtobufCAllocator allocator;
    size_t used;
    _Alignas(ALIGN) uint8_t room[ROOM];
};

static void *take_room(void *ctx, size_t bytes)
{
    struct vls_replay *replay = ctx;
    size_t rounded = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (rounded > ROOM - replay->used)
        return NULL;
    replay->used += rounded;
    return replay->room + replay->used - rounded;
}

/** All of it is released at once, with the next record. */
static void give_room(void *ctx, void *pointer)
{
    (void)ctx;
    (void)pointer;
}

struct vls_status vls_replay_new(const struct vls_scheme_set *schemes,
                                 const struct vls_arrangement *arrangement,
                                 const struct vls_arrangement *house, struct vls_replay **out,
                                 struct vls_why *why)
{
    struct vls_replay *replay = vls_mem_try(sizeof *replay);
    if (replay == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to decide again");
    replay->schemes = schemes;
    replay->arrangement = arrangement;
    replay->house = house;
    replay->allocator = (ProtobufCAllocator){take_room, give_room, replay};
    *out = replay;
    return VLS_DONE;
}

void vls_replay_free(struct vls_replay **replay)
{
    vls_mem_free(*replay);
    *replay = NULL;
}

/* -- the facts of a record --------------------------------------------------------------------- */

static struct vls_status unpack(struct vls_replay *replay, struct vls_slice bytes,
                                Valise__DecisionRecord **out, struct vls_why *why)
{
    if (bytes.len > VLS_MAX_DECISION)
        return vls_fail(VLS_INPUT_LIMIT, why, "a decision record of %zu bytes; %d is the most",
                        bytes.len, VLS_MAX_DECISION);
    replay->used = 0;
    *out = valise__decision_record__unpack(&replay->allocator, bytes.len, bytes.at);
    if (*out == NULL)
        return vls_fail(VLS_INPUT_MALFORMED, why, "not a decision record");
    if ((*out)->version != RECORD_VERSION)
        return vls_fail(VLS_INPUT_MALFORMED, why, "a decision record of version %u; %d is known",
                        (*out)->version, RECORD_VERSION);
    return VLS_DONE;
}

/** The facts point into the record. Release them in either case. */
static struct vls_status gather(struct vls_replay *replay, const Valise__DecisionRecord *record,
                                uint64_t at_ms, struct vls_facts_text *out, struct vls_why *why)
{
    vls_facts_text_borrow(replay->schemes, out);
    for (size_t i = 0; i < record->n_facts; i++)
        VLS_TRY(vls_facts_text_set(out, record->facts[i]->name, record->facts[i]->value, why));
    VLS_TRY(vls_facts_text_end(out, why));
    out->facts.now_ms = at_ms != 0 ? at_ms : record->decided_ms;
    if (record->id.len != sizeof out->facts.id.bytes)
        return vls_fail(VLS_INPUT_MALFORMED, why, "a decision record without the message's id");
    vls_copy(out->facts.id.bytes, record->id.data, record->id.len);
    return VLS_DONE;
}

/* -- to decide --------------------------------------------------------------------------------- */

static enum vls_outcome decide_quickly(const struct vls_replay *replay,
                                       const struct vls_facts *facts)
{
    const struct vls_books both = {replay->arrangement, replay->house}, own = {replay->house, NULL};
    if (!facts->is_incoming)
        return vls_judge_quickly(&both, facts);
    return replay->house != NULL ? vls_judge_quickly(&own, facts) : VLS_OUTCOME_RELEASE;
}

struct vls_status vls_replay_one(struct vls_replay *replay, struct vls_slice bytes, uint64_t at_ms,
                                 struct vls_replayed *out, struct vls_why *why)
{
    Valise__DecisionRecord *record = NULL;
    struct vls_facts_text text VLS_DEFER(vls_facts_text_fini) = {.arena = NULL};
    VLS_TRY(unpack(replay, bytes, &record, why));
    VLS_TRY(gather(replay, record, at_ms, &text, why));
    *out = (struct vls_replayed){.before = (enum vls_outcome)record->outcome,
                                 .now = decide_quickly(replay, &text.facts),
                                 .decided_ms = record->decided_ms};
    return VLS_DONE;
}

struct vls_status vls_redecide(struct vls_replay *replay, struct vls_slice bytes,
                               const char *clearance, uint64_t at_ms, struct vls_decision *out,
                               struct vls_why *why)
{
    Valise__DecisionRecord *record = NULL;
    struct vls_facts_text text VLS_DEFER(vls_facts_text_fini) = {.arena = NULL};
    VLS_TRY(unpack(replay, bytes, &record, why));
    VLS_TRY(gather(replay, record, at_ms, &text, why));
    if (clearance != NULL)
        text.facts.clearance = clearance;
    if (text.facts.is_incoming && replay->house != NULL)
        return vls_decide_incoming(replay->arrangement, replay->house, &text.facts, out, why);
    if (text.facts.is_incoming) {
        *out = (struct vls_decision){.outcome = VLS_OUTCOME_RELEASE};
        return VLS_DONE;
    }
    return vls_decide(replay->arrangement, replay->house, &text.facts, out, why);
}
