#include "route/gather.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/record.h"
#include "policy/kinds.h"

#define UNKNOWN_TYPE "application/octet-stream" /* RFC 2046 section 4.5.1 */

/* -- checks ------------------------------------------------------------------------------------ */

static struct vls_status check_names(const char *what, size_t count, char *const *names, size_t max,
                                     struct vls_why *why)
{
    if (count > max)
        return vls_fail(VLS_INPUT_LIMIT, why, "%s: %zu names, and %zu is the most", what, count,
                        max);
    for (size_t i = 0; i < count; i++) {
        VLS_TRY(vls_text_check(what, names[i], VLS_MAX_NAME, why));
        if (names[i][0] == '\0')
            return vls_fail(VLS_INPUT_MALFORMED, why, "%s: name %zu is empty", what, i + 1);
    }
    return VLS_DONE;
}

static bool find_distribution(const char *word, enum vls_distribution *out)
{
    for (unsigned i = 0; vls_distribution_at(i) != NULL; i++)
        if (strcmp(vls_distribution_at(i), word) == 0) {
            *out = (enum vls_distribution)i;
            return true;
        }
    return false;
}

static struct vls_status check_state(const Valise__Submission *in, struct vls_why *why)
{
    const struct vls_kind *kind = vls_kind_by_name(in->kind);
    if (in->answer_state[0] == '\0')
        return VLS_DONE;
    if (kind == NULL || kind->states[0] == NULL)
        return vls_fail(
            VLS_INPUT_MALFORMED, why,
            "a message of kind %.80s says no state of itself, and this one says '%.40s'", in->kind,
            in->answer_state);
    char known[160] = "";
    for (size_t i = 0; kind->states[i] != NULL; i++) {
        if (strcmp(kind->states[i], in->answer_state) == 0)
            return VLS_DONE;
        size_t len = strlen(known);
        vls_text_copy(known + len, sizeof known - len, i == 0 ? "" : ", ");
        len = strlen(known);
        vls_text_copy(known + len, sizeof known - len, kind->states[i]);
    }
    return vls_fail(VLS_INPUT_MALFORMED, why, "'%.40s' is no state of kind %s: say one of %s",
                    in->answer_state, kind->name, known);
}

struct vls_status vls_gather_check(const Valise__Submission *in, struct vls_why *why)
{
    enum vls_distribution distribution;
    if (in->distribution[0] != '\0' && !find_distribution(in->distribution, &distribution))
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "distribution '%.40s' is not known: say general, limited or restricted",
                        in->distribution);
    VLS_TRY(vls_text_check("safeguards reference", in->safeguards, VLS_MAX_SAFEGUARDS, why));
    if (in->safeguards[0] != '\0' && !vls_gather_is_personal(in))
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "safeguards are named, and it is not said to hold personal data: say that "
                        "it does, or leave them out");
    if (in->embargo_until_ms > VLS_MAX_TIME_MS)
        return vls_fail(VLS_INPUT_LIMIT, why, "the embargo ends after the year 9999");
    VLS_TRY(check_names("audience", in->n_audience, in->audience, VLS_MAX_AUDIENCE, why));
    VLS_TRY(check_names("topics", in->n_topics, in->topics, VLS_MAX_TOPICS, why));
    return check_state(in, why);
}

/* -- gathering --------------------------------------------------------------------------------- */

static void add_type(struct vls_media_types *types, const char *text)
{
    char type[VLS_MAX_MEDIA_TYPE + 1];
    size_t len = strcspn(text, "; ");
    vls_text_copy(type, len < sizeof type ? len + 1 : sizeof type, text);
    for (char *at = type; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    const char *known = type[0] != '\0' ? type : UNKNOWN_TYPE;
    for (size_t i = 0; i < types->count; i++)
        if (strcmp(types->at[i], known) == 0)
            return;
    types->at[types->count++] = vls_mem_dup(known);
}

void vls_gather_media_types(const Valise__Submission *in, struct vls_media_types *out)
{
    out->count = 0;
    for (size_t i = 0; i < in->n_parts && i < VLS_MAX_PARTS; i++)
        add_type(out, in->parts[i]->media_type);
}

void vls_media_types_fini(struct vls_media_types *types)
{
    for (size_t i = 0; i < types->count; i++)
        vls_mem_free(types->at[i]);
    types->count = 0;
}

bool vls_gather_is_personal(const Valise__Submission *in)
{
    const struct vls_kind *kind = vls_kind_by_name(in->kind);
    return in->personal_data || (kind != NULL && kind->is_personal);
}

const char *vls_gather_distribution(const Valise__Submission *in)
{
    enum vls_distribution distribution = VLS_DISTRIBUTION_NONE;
    (void)find_distribution(in->distribution, &distribution);
    return distribution != VLS_DISTRIBUTION_NONE ? vls_distribution_at(distribution) : NULL;
}

void vls_gather_stated(const Valise__Submission *in, const struct vls_media_types *types,
                       struct vls_facts *out)
{
    out->distribution = VLS_DISTRIBUTION_NONE; /* which an empty text leaves */
    (void)find_distribution(in->distribution, &out->distribution);
    out->has_personal_data = vls_gather_is_personal(in);
    out->safeguards = in->safeguards;
    out->embargo_until_ms = in->embargo_until_ms;
    out->audience = (struct vls_texts){(const char *const *)in->audience, in->n_audience};
    out->topics = (struct vls_texts){(const char *const *)in->topics, in->n_topics};
    out->media_types = (struct vls_texts){(const char *const *)types->at, types->count};
}

enum vls_answers vls_gather_answers(struct vls_route *route, const char *kind, const char *party,
                                    enum vls_direction asked_direction,
                                    struct vls_slice in_reply_to)
{
    const struct vls_kind *answer = vls_kind_by_name(kind), *asked = NULL;
    struct vls_message *m = NULL;
    struct vls_why why;
    struct vls_id id;
    if (in_reply_to.len == 0)
        return VLS_ANSWERS_NOTHING;
    if (!vls_ok(vls_id_from(in_reply_to, &id)) ||
        !vls_ok(vls_store_get(route->o.store, &id, &m, &why)))
        return VLS_ANSWERS_UNKNOWN;
    if (m->direction == asked_direction && strcmp(m->party, party) == 0)
        asked = vls_kind_by_name(m->kind);
    bool is_known = answer != NULL && asked != NULL && vls_kind_is_answer_to(answer, asked);
    vls_message_free(&m);
    return is_known ? VLS_ANSWERS_KNOWN : VLS_ANSWERS_UNKNOWN;
}
