#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "policy/record.h"

/* Facts that are one value each; lists come on top. */
#define SINGLE_FACTS 16

static void add(struct vls_fact_list *list, const char *name, const char *value)
{
    Valise__Fact *fact = &list->at[list->count];
    valise__fact__init(fact);
    fact->name = (char *)name; /* protobuf-c takes texts as writable and writes to none of them */
    fact->value = (char *)value;
    list->pointers[list->count++] = fact;
}

static void add_given(struct vls_fact_list *list, const char *name, const char *value)
{
    if (value != NULL && *value != '\0')
        add(list, name, value);
}

static void add_if(struct vls_fact_list *list, const char *name, bool is_so)
{
    if (is_so)
        add(list, name, "yes");
}

static void add_texts(struct vls_fact_list *list, const char *name, const struct vls_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        add(list, name, texts->at[i]);
}

/** With unknown categories a label has no text form: what is known of it has one, and then come
 * those. */
static struct vls_status add_label(struct vls_fact_list *list, const struct vls_facts *facts)
{
    const struct vls_label *label = &facts->label;
    size_t unknown = vls_label_unknown_count(label);
    if (label->scheme == NULL || label->classification == NULL) {
        add(list, "no-label", facts->label_trouble != NULL ? facts->label_trouble : "");
        return VLS_DONE;
    }
    struct vls_label known = *label;
    struct vls_label_details details = {.unknown_count = 0};
    if (unknown != 0)
        known.details = &details;
    VLS_TRY(vls_label_text(&known, &list->label));
    add(list, "label", vls_buf_text(&list->label));
    for (size_t i = 0; i < unknown; i++)
        add(list, "unknown-category", label->details->unknown[i].words);
    return VLS_DONE;
}

static struct vls_status add_all(struct vls_fact_list *list, const struct vls_facts *facts)
{
    const struct vls_label_details *details = facts->label.details;
    add(list, "kind", facts->kind);
    add_if(list, "incoming", facts->is_incoming);
    add(list, "from", facts->from);
    add(list, "to", facts->to);
    add_given(list, "body", facts->body);
    VLS_TRY(add_label(list, facts));
    add_given(list, "not-cleared", facts->clearance);
    for (size_t i = 0; details != NULL && i < details->originator_count; i++)
        add(list, "originator", details->originators[i]);
    if (facts->distribution != VLS_DISTRIBUTION_NONE)
        add(list, "distribution", vls_distribution_at(facts->distribution));
    add_if(list, "personal-data", facts->has_personal_data);
    add_given(list, "safeguards", facts->safeguards);
    if (facts->embargo_until_ms != 0) {
        vls_time_text(facts->embargo_until_ms, list->embargo);
        add(list, "embargo", list->embargo);
    }
    add_texts(list, "audience", &facts->audience);
    add_texts(list, "topic", &facts->topics);
    add_texts(list, "media-type", &facts->media_types);
    snprintf(list->bytes, sizeof list->bytes, "%" PRIu64, facts->bytes);
    add(list, "bytes", list->bytes);
    if (facts->answers != VLS_ANSWERS_NOTHING)
        add(list, "answers", vls_answers_at(facts->answers));
    add_if(list, "duplicate", facts->is_duplicate);
    return VLS_DONE;
}

static size_t count_most(const struct vls_facts *facts)
{
    const struct vls_label_details *details = facts->label.details;
    size_t lists = facts->audience.count + facts->topics.count + facts->media_types.count;
    if (details != NULL)
        lists += details->originator_count + details->unknown_count;
    return SINGLE_FACTS + lists;
}

struct vls_status vls_fact_list_make(const struct vls_facts *facts, struct vls_fact_list *out,
                                     struct vls_why *why)
{
    size_t most = count_most(facts);
    *out = (struct vls_fact_list){.at = vls_mem_try(most * sizeof *out->at),
                                  .pointers = vls_mem_try(most * sizeof(Valise__Fact *))};
    vls_buf_init(&out->label, VLS_MAX_DECISION);
    if (out->at == NULL || out->pointers == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the facts of a decision");
    struct vls_status s = add_all(out, facts);
    return vls_ok(s) ? s : vls_fail(s.code, why, "no room for the label in a decision record");
}

void vls_fact_list_fini(struct vls_fact_list *list)
{
    vls_mem_free(list->at);
    vls_mem_free(list->pointers);
    vls_buf_fini(&list->label);
}
