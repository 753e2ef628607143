#include "policy/facts_text.h"

#include <string.h>

#include "base/text.h"

/** Names and values of one message: a decision record is smaller. */
#define ARENA_BYTES (1u << 20)

enum list { ORIGINATORS, AUDIENCE, TOPICS, MEDIA_TYPES, UNKNOWN };
_Static_assert(UNKNOWN + 1 == VLS_FACT_LISTS, "each list has its place");

typedef struct vls_status take_fn(struct vls_facts_text *text, const char *value,
                                  struct vls_why *why);

/* -- single facts ------------------------------------------------------------------------------ */

static struct vls_status keep(struct vls_facts_text *text, const char *value, const char **out,
                              struct vls_why *why)
{
    const char *copy = text->arena != NULL ? vls_arena_text(text->arena, value) : value;
    if (copy == NULL)
        return vls_fail(VLS_INPUT_LIMIT, why, "the facts are larger than %u bytes", ARENA_BYTES);
    *out = copy;
    return VLS_DONE;
}

static struct vls_status take_kind(struct vls_facts_text *text, const char *value,
                                   struct vls_why *why)
{
    return keep(text, value, &text->facts.kind, why);
}

static struct vls_status take_from(struct vls_facts_text *text, const char *value,
                                   struct vls_why *why)
{
    return keep(text, value, &text->facts.from, why);
}

static struct vls_status take_to(struct vls_facts_text *text, const char *value,
                                 struct vls_why *why)
{
    return keep(text, value, &text->facts.to, why);
}

static struct vls_status take_body(struct vls_facts_text *text, const char *value,
                                   struct vls_why *why)
{
    return keep(text, value, &text->facts.body, why);
}

static struct vls_status take_no_label(struct vls_facts_text *text, const char *value,
                                       struct vls_why *why)
{
    return keep(text, value, &text->facts.label_trouble, why);
}

static struct vls_status take_clearance(struct vls_facts_text *text, const char *value,
                                        struct vls_why *why)
{
    return keep(text, value, &text->facts.clearance, why);
}

static struct vls_status take_safeguards(struct vls_facts_text *text, const char *value,
                                         struct vls_why *why)
{
    return keep(text, value, &text->facts.safeguards, why);
}

static struct vls_status take_label(struct vls_facts_text *text, const char *value,
                                    struct vls_why *why)
{
    vls_label_fini(&text->facts.label);
    return vls_label_read_any(value, text->schemes, &text->facts.label, why);
}

static struct vls_status take_bool(const char *name, const char *value, bool *out,
                                   struct vls_why *why)
{
    *out = strcmp(value, "yes") == 0;
    if (!*out && strcmp(value, "no") != 0)
        return vls_fail(VLS_INPUT_MALFORMED, why, "%s: '%.40s' is neither yes nor no", name, value);
    return VLS_DONE;
}

static struct vls_status take_incoming(struct vls_facts_text *text, const char *value,
                                       struct vls_why *why)
{
    return take_bool("incoming", value, &text->facts.is_incoming, why);
}

static struct vls_status take_personal_data(struct vls_facts_text *text, const char *value,
                                            struct vls_why *why)
{
    return take_bool("personal-data", value, &text->facts.has_personal_data, why);
}

static struct vls_status take_duplicate(struct vls_facts_text *text, const char *value,
                                        struct vls_why *why)
{
    return take_bool("duplicate", value, &text->facts.is_duplicate, why);
}

static struct vls_status take_distribution(struct vls_facts_text *text, const char *value,
                                           struct vls_why *why)
{
    for (unsigned i = 0; vls_distribution_at(i) != NULL; i++)
        if (strcmp(vls_distribution_at(i), value) == 0) {
            text->facts.distribution = (enum vls_distribution)i;
            return VLS_DONE;
        }
    return vls_fail(VLS_INPUT_MALFORMED, why,
                    "distribution: '%.40s' is none of unstated, general, limited, restricted",
                    value);
}

static struct vls_status take_answers(struct vls_facts_text *text, const char *value,
                                      struct vls_why *why)
{
    for (unsigned i = 0; vls_answers_at(i) != NULL; i++)
        if (strcmp(vls_answers_at(i), value) == 0) {
            text->facts.answers = (enum vls_answers)i;
            return VLS_DONE;
        }
    return vls_fail(VLS_INPUT_MALFORMED, why, "answers: '%.40s' is none of nothing, known, unknown",
                    value);
}

static struct vls_status take_embargo(struct vls_facts_text *text, const char *value,
                                      struct vls_why *why)
{
    if (!vls_ok(vls_time_read(value, &text->facts.embargo_until_ms)))
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "embargo: '%.40s' is not a date such as 2026-12-01 or a time with its zone",
                        value);
    return VLS_DONE;
}

static struct vls_status take_bytes(struct vls_facts_text *text, const char *value,
                                    struct vls_why *why)
{
    if (!vls_ok(vls_number_read(value, 0, UINT64_MAX, &text->facts.bytes)))
        return vls_fail(VLS_INPUT_MALFORMED, why, "bytes: '%.40s' is not a number", value);
    return VLS_DONE;
}

/* -- lists ------------------------------------------------------------------------------------- */

static struct vls_status add(struct vls_facts_text *text, enum list list, const char *value,
                             struct vls_why *why)
{
    if (text->counts[list] == VLS_MAX_FACT_LIST)
        return vls_fail(VLS_INPUT_LIMIT, why, "more than %u values of one fact", VLS_MAX_FACT_LIST);
    VLS_TRY(keep(text, value, &text->lists[list][text->counts[list]], why));
    text->counts[list]++;
    return VLS_DONE;
}

static struct vls_status take_originator(struct vls_facts_text *text, const char *value,
                                         struct vls_why *why)
{
    return add(text, ORIGINATORS, value, why);
}

static struct vls_status take_audience(struct vls_facts_text *text, const char *value,
                                       struct vls_why *why)
{
    return add(text, AUDIENCE, value, why);
}

static struct vls_status take_topic(struct vls_facts_text *text, const char *value,
                                    struct vls_why *why)
{
    return add(text, TOPICS, value, why);
}

static struct vls_status take_media_type(struct vls_facts_text *text, const char *value,
                                         struct vls_why *why)
{
    return add(text, MEDIA_TYPES, value, why);
}

static struct vls_status take_unknown(struct vls_facts_text *text, const char *value,
                                      struct vls_why *why)
{
    return add(text, UNKNOWN, value, why);
}

/* -- the table --------------------------------------------------------------------------------- */

/* In the order of a record. */
static const struct name {
    const char *name;
    take_fn *take;
    bool is_list;
} NAMES[] = {
    {"kind", take_kind, false},
    {"incoming", take_incoming, false},
    {"from", take_from, false},
    {"to", take_to, false},
    {"body", take_body, false},
    {"label", take_label, false},
    {"no-label", take_no_label, false},
    {"unknown-category", take_unknown, true},
    {"not-cleared", take_clearance, false},
    {"originator", take_originator, true},
    {"distribution", take_distribution, false},
    {"personal-data", take_personal_data, false},
    {"safeguards", take_safeguards, false},
    {"embargo", take_embargo, false},
    {"audience", take_audience, true},
    {"topic", take_topic, true},
    {"media-type", take_media_type, true},
    {"bytes", take_bytes, false},
    {"answers", take_answers, false},
    {"duplicate", take_duplicate, false},
};
#define NAME_COUNT (sizeof NAMES / sizeof NAMES[0])

static size_t common_prefix(const char *a, const char *b)
{
    size_t len = 0;
    while (a[len] != '\0' && a[len] == b[len])
        len++;
    return len;
}

static struct vls_status refuse_name(const char *name, struct vls_why *why)
{
    const char *hint = NAMES[0].name;
    for (size_t i = 1; i < NAME_COUNT; i++)
        if (common_prefix(name, NAMES[i].name) > common_prefix(name, hint))
            hint = NAMES[i].name;
    return vls_fail(VLS_INPUT_MALFORMED, why, "'%.40s' is not a fact%s%s%s", name,
                    common_prefix(name, hint) != 0 ? "; did you mean '" : "",
                    common_prefix(name, hint) != 0 ? hint : "",
                    common_prefix(name, hint) != 0 ? "'?" : "");
}

/* -- the whole --------------------------------------------------------------------------------- */

void vls_facts_text_borrow(const struct vls_scheme_set *schemes, struct vls_facts_text *out)
{
    *out = (struct vls_facts_text){.schemes = schemes,
                                   .facts = {.kind = "", .from = "", .to = "", .body = ""}};
}

struct vls_status vls_facts_text_begin(const struct vls_scheme_set *schemes,
                                       struct vls_facts_text *out, struct vls_why *why)
{
    vls_facts_text_borrow(schemes, out);
    out->arena = vls_arena_new(ARENA_BYTES);
    return out->arena != NULL ? VLS_DONE
                              : vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the facts");
}

/** Printable ASCII, as nearly every value is: told at once. */
static bool is_plain(const char *text)
{
    while (*text >= ' ' && *text < 0x7f)
        text++;
    return *text == '\0';
}

struct vls_status vls_facts_text_set(struct vls_facts_text *text, const char *name,
                                     const char *value, struct vls_why *why)
{
    size_t i = text->last, tried = 0;
    for (; tried < NAME_COUNT && strcmp(NAMES[i].name, name) != 0; tried++)
        i = i + 1 < NAME_COUNT ? i + 1 : 0;
    if (tried == NAME_COUNT)
        return refuse_name(name, why);
    text->last = i;
    if (!is_plain(value) && !vls_text_is_clean(vls_slice_text(value), false))
        return vls_fail(VLS_INPUT_MALFORMED, why, "%s: control characters, or not UTF-8", name);
    if (!NAMES[i].is_list && (text->given & UINT32_C(1) << i) != 0)
        return vls_fail(VLS_INPUT_MALFORMED, why, "%s is given twice", name);
    VLS_TRY(NAMES[i].take(text, value, why));
    text->given |= UINT32_C(1) << i;
    return VLS_DONE;
}

/** Behind the label, whatever the order they came in. A category that was unknown has words alone,
 * and that it is there is all that a decision looks at. */
static struct vls_status complete_label(struct vls_facts_text *text, struct vls_why *why)
{
    struct vls_label *label = &text->facts.label;
    for (size_t i = 0; i < text->counts[ORIGINATORS]; i++) {
        struct vls_status s = vls_label_add_originator(label, text->lists[ORIGINATORS][i]);
        if (!vls_ok(s))
            return vls_fail(s.code, why, "originator: '%.60s' cannot be one, or there are too many",
                            text->lists[ORIGINATORS][i]);
    }
    for (size_t i = 0; i < text->counts[UNKNOWN]; i++) {
        const char *words = text->lists[UNKNOWN][i];
        struct vls_status s = vls_label_add_unknown(label, false, words, vls_slice_text(words));
        if (!vls_ok(s))
            return vls_fail(s.code, why, "unknown-category: there are too many");
    }
    return VLS_DONE;
}

struct vls_status vls_facts_text_end(struct vls_facts_text *text, struct vls_why *why)
{
    struct vls_facts *facts = &text->facts;
    facts->audience = (struct vls_texts){text->lists[AUDIENCE], text->counts[AUDIENCE]};
    facts->topics = (struct vls_texts){text->lists[TOPICS], text->counts[TOPICS]};
    facts->media_types = (struct vls_texts){text->lists[MEDIA_TYPES], text->counts[MEDIA_TYPES]};
    return complete_label(text, why);
}

void vls_facts_text_fini(struct vls_facts_text *text)
{
    vls_label_fini(&text->facts.label);
    vls_arena_free(&text->arena);
}
