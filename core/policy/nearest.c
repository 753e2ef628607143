#include "policy/nearest.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "policy/nearest_reach.h"
#include "policy/vocabulary.h"

/* Pairs grow with the square of what can be changed; so many are tried. */
#define MAX_PAIRS 4096

struct change {
    enum vls_what what;
    uint64_t number;  /* of VLS_WHAT_ANSWERS, VLS_WHAT_SIZE, VLS_WHAT_DISTRIBUTION */
    const char *text; /* of VLS_WHAT_AUDIENCE to VLS_WHAT_BODY, and of VLS_WHAT_KIND;
                         VLS_WHAT_ORIGINATOR and VLS_WHAT_BODY: NULL for none */
    const struct vls_category *category;
    const struct vls_classification *level;
};

struct search {
    const struct vls_books *books;
    const struct vls_facts *facts;
    enum vls_outcome outcome; /* to be better than */
    struct vls_reach reach;
    struct change *changes;
    size_t count, room;
};

static bool is_given(const char *text)
{
    return text != NULL && *text != '\0';
}

/* -- what can be changed ----------------------------------------------------------------------- */

/** Without memory for more the search goes on with what there is: it only explains. */
static void add(struct search *s, struct change change)
{
    if (s->count == s->room) {
        size_t room = s->room == 0 ? 64 : 2 * s->room;
        struct change *more = vls_mem_resize(s->changes, room * sizeof *more);
        if (more == NULL)
            return;
        s->changes = more;
        s->room = room;
    }
    s->changes[s->count++] = change;
}

static void add_number(struct search *s, enum vls_what what, uint64_t number)
{
    add(s, (struct change){.what = what, .number = number});
}

static void add_text(struct search *s, enum vls_what what, const char *text)
{
    add(s, (struct change){.what = what, .text = text});
}

static void add_words(struct search *s, enum vls_what what, const struct vls_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        add_text(s, what, words->at[i]);
}

static void add_plain_facts(struct search *s, const struct vls_vocabulary *v)
{
    const struct vls_facts *facts = s->facts;
    if (v->has_duplicate)
        add_number(s, VLS_WHAT_DUPLICATE, 0);
    if (!is_given(facts->safeguards))
        add_number(s, VLS_WHAT_SAFEGUARDS, 0);
    if (v->has_embargo && facts->embargo_until_ms > facts->now_ms)
        add_number(s, VLS_WHAT_EMBARGO, 0);
    for (unsigned i = 0; vls_answers_at(i) != NULL; i++)
        if (i != facts->answers)
            add_number(s, VLS_WHAT_ANSWERS, i);
    for (size_t i = 0; i < v->size_count; i++)
        if (v->sizes[i] != facts->bytes)
            add_number(s, VLS_WHAT_SIZE, v->sizes[i]);
    for (unsigned i = 0; v->has_distribution && vls_distribution_at(i) != NULL; i++)
        if (i != facts->distribution)
            add_number(s, VLS_WHAT_DISTRIBUTION, i);
}

static void add_text_facts(struct search *s, const struct vls_vocabulary *v)
{
    const struct vls_arrangement *a = s->books->joint;
    const struct vls_label_details *details = s->facts->label.details;
    add_words(s, VLS_WHAT_AUDIENCE, &v->audiences);
    add_words(s, VLS_WHAT_TOPIC, &v->topics);
    add_words(s, VLS_WHAT_MEDIA_TYPE, &v->media_types);
    if (details != NULL && details->originator_count != 0)
        add_text(s, VLS_WHAT_ORIGINATOR, NULL);
    add_words(s, VLS_WHAT_ORIGINATOR, &v->originators);
    if (is_given(s->facts->body))
        add_text(s, VLS_WHAT_BODY, NULL);
    for (size_t i = 0; i < a->body_count; i++)
        add_text(s, VLS_WHAT_BODY, a->bodies[i].id);
    if (v->has_personal_data)
        add_number(s, VLS_WHAT_PERSONAL_DATA, 0);
}

static uint32_t distance(const struct vls_classification *a, const struct vls_classification *b)
{
    return a->hierarchy > b->hierarchy ? a->hierarchy - b->hierarchy : b->hierarchy - a->hierarchy;
}

/** Of two equally near, the more sensitive one. */
static bool is_nearer(const struct vls_classification *a, const struct vls_classification *b,
                      const struct vls_classification *here)
{
    if (distance(a, here) != distance(b, here))
        return distance(a, here) < distance(b, here);
    return a->hierarchy > b->hierarchy;
}

static void add_levels(struct search *s)
{
    const struct vls_label *label = &s->facts->label;
    size_t first = s->count;
    for (size_t i = 0; i < vls_scheme_count(label->scheme); i++) {
        struct vls_label changed = *label;
        changed.classification = vls_scheme_at(label->scheme, i);
        if (changed.classification == label->classification ||
            !vls_ok(vls_label_check_new(&changed, NULL)))
            continue;
        add(s, (struct change){.what = VLS_WHAT_LEVEL, .level = changed.classification});
        for (size_t k = s->count - 1; k > first; k--) {
            struct change *a = &s->changes[k - 1], *b = &s->changes[k], swap = *a;
            if (!is_nearer(b->level, a->level, label->classification))
                break;
            *a = *b;
            *b = swap;
        }
    }
}

static struct vls_label with_category_turned(const struct vls_label *label,
                                             const struct vls_category *category)
{
    struct vls_label changed = *label;
    changed.categories[category->place / 64] ^= UINT64_C(1) << category->place % 64;
    return changed;
}

static void add_categories(struct search *s, const struct vls_vocabulary *v)
{
    const struct vls_label *label = &s->facts->label;
    for (size_t i = 0; i < v->category_count; i++) {
        const struct vls_rule_category *c = &v->categories[i];
        if (c->scheme != label->scheme)
            continue;
        struct vls_label changed = with_category_turned(label, c->category);
        if (vls_ok(vls_label_check_new(&changed, NULL)))
            add(s, (struct change){.what = VLS_WHAT_CATEGORY, .category = c->category});
    }
}

static void add_all(struct search *s, const struct vls_arrangement *a)
{
    const struct vls_vocabulary *v = a->vocabulary;
    add_plain_facts(s, v);
    add_text_facts(s, v);
    add_categories(s, v);
    if (v->has_parties)
        add_number(s, VLS_WHAT_DIRECTION, 0);
}

static bool is_before(const struct change *a, const struct change *b)
{
    return a->what < b->what;
}

/** Into the order of what is changed; those of one kind stay as they are. */
static void sort(struct search *s)
{
    for (size_t i = 1; i < s->count; i++)
        for (size_t k = i; k > 0 && is_before(&s->changes[k], &s->changes[k - 1]); k--) {
            struct change swap = s->changes[k];
            s->changes[k] = s->changes[k - 1];
            s->changes[k - 1] = swap;
        }
}

static void gather(struct search *s)
{
    const struct vls_kind *kind;
    add_all(s, s->books->joint);
    if (s->books->house != NULL)
        add_all(s, s->books->house);
    add_levels(s);
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++)
        if (strcmp(kind->name, s->facts->kind) != 0)
            add_text(s, VLS_WHAT_KIND, kind->name);
    sort(s);
}

/* -- to change it ------------------------------------------------------------------------------ */

/** What changed facts point to. */
struct scratch {
    const char *text;
    char *originator;
    char media_type[VLS_MAX_MEDIA_TYPE + 2];
    struct vls_label_details details;
};

static void change_originator(const struct change *change, struct vls_facts *facts,
                              struct scratch *scratch)
{
    if (facts->label.details != NULL)
        scratch->details = *facts->label.details;
    scratch->originator = (char *)change->text; /* read only, like all facts */
    scratch->details.originators = &scratch->originator;
    scratch->details.originator_count = change->text != NULL ? 1 : 0;
    facts->label.details = &scratch->details;
}

/** A pattern becomes a type that it alone allows. */
static void change_media_type(const struct change *change, struct vls_facts *facts,
                              struct scratch *scratch)
{
    size_t len = strlen(change->text);
    snprintf(scratch->media_type, sizeof scratch->media_type, "%s", change->text);
    if (len != 0 && scratch->media_type[len - 1] == '*')
        scratch->media_type[len - 1] = 'x';
    scratch->text = scratch->media_type;
    facts->media_types = (struct vls_texts){&scratch->text, 1};
}

static void change_direction(struct vls_facts *facts)
{
    const char *from = facts->from;
    facts->from = facts->to;
    facts->to = from;
    facts->is_incoming = !facts->is_incoming;
}

static void apply(const struct change *change, struct vls_facts *facts, struct scratch *scratch)
{
    scratch->text = change->text;
    switch (change->what) {
    case VLS_WHAT_DUPLICATE:
        facts->is_duplicate = !facts->is_duplicate;
        break;
    case VLS_WHAT_SAFEGUARDS:
        facts->safeguards = "named";
        break;
    case VLS_WHAT_EMBARGO:
        facts->embargo_until_ms = 0;
        break;
    case VLS_WHAT_ANSWERS:
        facts->answers = (enum vls_answers)change->number;
        break;
    case VLS_WHAT_SIZE:
        facts->bytes = change->number;
        break;
    case VLS_WHAT_DISTRIBUTION:
        facts->distribution = (enum vls_distribution)change->number;
        break;
    case VLS_WHAT_AUDIENCE:
        facts->audience = (struct vls_texts){&scratch->text, 1};
        break;
    case VLS_WHAT_TOPIC:
        facts->topics = (struct vls_texts){&scratch->text, 1};
        break;
    case VLS_WHAT_MEDIA_TYPE:
        change_media_type(change, facts, scratch);
        break;
    case VLS_WHAT_ORIGINATOR:
        change_originator(change, facts, scratch);
        break;
    case VLS_WHAT_BODY:
        facts->body = change->text != NULL ? change->text : "";
        break;
    case VLS_WHAT_PERSONAL_DATA:
        facts->has_personal_data = !facts->has_personal_data;
        break;
    case VLS_WHAT_CATEGORY:
        facts->label = with_category_turned(&facts->label, change->category);
        break;
    case VLS_WHAT_LEVEL:
        facts->label.classification = change->level;
        break;
    case VLS_WHAT_DIRECTION:
        change_direction(facts);
        break;
    case VLS_WHAT_KIND:
        facts->kind = change->text;
        break;
    }
}

/* -- to say it --------------------------------------------------------------------------------- */

static const char *const ANSWERED[] = {"nothing", "a message of theirs that asks for it",
                                       "a message that is not here"};

static void say(char *out, size_t room, const char *fmt, ...) VLS_PRINTF(3, 4);
static void say(char *out, size_t room, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(out, room, fmt, args);
    va_end(args);
}

static void say_label(const struct search *s, const struct change *change, char *out, size_t room)
{
    const struct vls_scheme *scheme = s->facts->label.scheme;
    if (change->what == VLS_WHAT_LEVEL) {
        say(out, room, "its label were %s/%s", vls_scheme_name(scheme), change->level->handle);
        return;
    }
    const struct vls_tag *tag = vls_scheme_tag(scheme, change->category->tag);
    say(out, room, "its label had %scategory %s/%s",
        vls_label_has(&s->facts->label, change->category) ? "no " : "",
        vls_scheme_tag_set(scheme, tag->tag_set)->handle, change->category->handle);
}

static void say_change(const struct search *s, const struct change *change, char *out, size_t room)
{
    const struct vls_facts *facts = s->facts;
    switch (change->what) {
    case VLS_WHAT_DUPLICATE:
        say(out, room, "it were %s", facts->is_duplicate ? "no duplicate" : "a duplicate");
        break;
    case VLS_WHAT_SAFEGUARDS:
        say(out, room, "it named its safeguards");
        break;
    case VLS_WHAT_EMBARGO:
        say(out, room, "its embargo were over");
        break;
    case VLS_WHAT_ANSWERS:
        say(out, room, "it answered %s", ANSWERED[change->number]);
        break;
    case VLS_WHAT_SIZE:
        say(out, room, "it had %" PRIu64 " bytes", change->number);
        break;
    case VLS_WHAT_DISTRIBUTION:
        say(out, room, "its distribution were %s", vls_distribution_at((unsigned)change->number));
        break;
    case VLS_WHAT_AUDIENCE:
        say(out, room, "its audience were %s", change->text);
        break;
    case VLS_WHAT_TOPIC:
        say(out, room, "its topic were %s", change->text);
        break;
    case VLS_WHAT_MEDIA_TYPE:
        say(out, room, "all its documents were %s", change->text);
        break;
    case VLS_WHAT_ORIGINATOR:
        say(out, room, "it named %s%.60s", change->text != NULL ? "the one originator " : "no ",
            change->text != NULL ? change->text : "originator");
        break;
    case VLS_WHAT_BODY:
        say(out, room, "it were addressed to %s", change->text != NULL ? change->text : "no body");
        break;
    case VLS_WHAT_PERSONAL_DATA:
        say(out, room, "it held %spersonal data", facts->has_personal_data ? "no " : "");
        break;
    case VLS_WHAT_CATEGORY:
    case VLS_WHAT_LEVEL:
        say_label(s, change, out, room);
        break;
    case VLS_WHAT_DIRECTION:
        say(out, room, "it went from %s to %s", facts->to, facts->from);
        break;
    case VLS_WHAT_KIND:
        say(out, room, "it were of kind %s", change->text);
        break;
    }
}

/* -- the search -------------------------------------------------------------------------------- */

/** What was found of one size, for each milder outcome. */
struct found {
    const struct change *first[VLS_OUTCOME_QUARANTINE + 1], *second[VLS_OUTCOME_QUARANTINE + 1];
};

static enum vls_outcome outcome_with(const struct search *s, const struct change *a,
                                     const struct change *b)
{
    struct scratch of_a = {.text = NULL}, of_b = {.text = NULL};
    struct vls_facts changed = *s->facts;
    apply(a, &changed, &of_a);
    if (b != NULL)
        apply(b, &changed, &of_b);
    return vls_judge_quickly(s->books, &changed);
}

static void try(const struct search *s, const struct change *a, const struct change *b,
                struct found *out)
{
    enum vls_outcome outcome = outcome_with(s, a, b);
    if (out->first[outcome] != NULL)
        return;
    out->first[outcome] = a;
    out->second[outcome] = b;
}

/** The next milder outcome first. */
static bool tell(const struct search *s, const struct found *found, char out[VLS_NEAREST_TEXT])
{
    static const enum vls_outcome MILDER[] = {VLS_OUTCOME_REFER, VLS_OUTCOME_RELEASE};
    for (size_t i = 0; i < sizeof MILDER / sizeof MILDER[0]; i++) {
        const struct change *a = found->first[MILDER[i]], *b = found->second[MILDER[i]];
        char of_a[VLS_NEAREST_TEXT / 2] = "", of_b[VLS_NEAREST_TEXT / 2] = "";
        if (MILDER[i] >= s->outcome || a == NULL)
            continue;
        say_change(s, a, of_a, sizeof of_a);
        if (b != NULL)
            say_change(s, b, of_b, sizeof of_b);
        say(out, VLS_NEAREST_TEXT, "%s, if %.140s%s%.140s", vls_outcome_name(MILDER[i]), of_a,
            b != NULL ? " and " : "", of_b);
        return true;
    }
    return false;
}

/** Whether the next milder outcome is among it: then nothing that comes later is told. */
static bool is_enough(const struct search *s, const struct found *found)
{
    return found->first[s->outcome > VLS_OUTCOME_REFER ? VLS_OUTCOME_REFER : VLS_OUTCOME_RELEASE] !=
           NULL;
}

static void search_single(const struct search *s, bool is_large, struct found *out)
{
    for (size_t i = 0; i < s->count && !is_enough(s, out); i++) {
        enum vls_what what = s->changes[i].what;
        if ((what >= VLS_WHAT_LARGE) == is_large && vls_reach_may_help(&s->reach, what, what))
            try(s, &s->changes[i], NULL, out);
    }
}

static void search_pairs(const struct search *s, struct found *out)
{
    size_t tried = 0;
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = i + 1; k < s->count && tried < MAX_PAIRS && !is_enough(s, out); k++) {
            enum vls_what a = s->changes[i].what, b = s->changes[k].what;
            if (a == b || !vls_reach_may_help(&s->reach, a, b))
                continue;
            try(s, &s->changes[i], &s->changes[k], out);
            tried++;
        }
}

void vls_nearest_change(const struct vls_books *books, const struct vls_facts *facts,
                        enum vls_outcome outcome, char out[VLS_NEAREST_TEXT])
{
    struct search s = {.books = books, .facts = facts, .outcome = outcome};
    struct found small = {.first = {NULL}}, large = {.first = {NULL}}, pairs = {.first = {NULL}};
    out[0] = '\0';
    if (outcome == VLS_OUTCOME_RELEASE || facts->label.scheme == NULL ||
        facts->label.classification == NULL || !vls_reach_find(books, facts, outcome, &s.reach))
        return;
    gather(&s);
    search_single(&s, false, &small);
    if (!tell(&s, &small, out)) {
        search_single(&s, true, &large);
        if (!tell(&s, &large, out)) {
            search_pairs(&s, &pairs);
            (void)tell(&s, &pairs, out);
        }
    }
    vls_mem_free(s.changes);
}
