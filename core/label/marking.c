#include "label/marking.h"

#include <string.h>
#include <strings.h>

#include "label/scheme_internal.h"

static const char *const PLACES[] = {"page-top", "page-bottom", "document-start", "document-end",
                                     "portion",  "first-line",  "last-line",      "subject",
                                     "x-header", "input-title", "watermark"};
#define PLACE_COUNT (sizeof PLACES / sizeof PLACES[0])

uint32_t vls_marking_place(const char *name)
{
    for (size_t i = 0; i < PLACE_COUNT; i++)
        if (strcmp(PLACES[i], name) == 0)
            return 1u << i;
    return 0;
}

const char *vls_marking_place_name(size_t i)
{
    return i < PLACE_COUNT ? PLACES[i] : NULL;
}

/* How well a language fits the one asked for. */
enum { FIT_NONE, FIT_ENGLISH, FIT_ANY, FIT_BASE, FIT_EXACT };

static int fit(const char *has, const char *wanted)
{
    size_t base = strcspn(wanted, "-");
    if (strcasecmp(has, wanted) == 0)
        return FIT_EXACT;
    if (strncasecmp(has, wanted, base) == 0 && (has[base] == '\0' || has[base] == '-'))
        return FIT_BASE;
    if (*has == '\0')
        return FIT_ANY;
    return strncasecmp(has, "en", 2) == 0 && (has[2] == '\0' || has[2] == '-') ? FIT_ENGLISH
                                                                               : FIT_NONE;
}

struct look {
    uint32_t where;
    const char *language;
    const char *separator; /* between the parts of the marking */
    struct vls_buf *out;
};

/** Codes that stand together say one thing: what they do counts where they say, or everywhere when
 * they name no place. */
static bool is_here(const struct look *l, uint32_t codes)
{
    return (codes & VLS_MARK_EVERYWHERE) == 0 || (codes & l->where) != 0;
}

/** A phrase of the place comes before one of no place, unless it is there for want of a better
 * language only. */
static int score(const struct look *l, const struct vls_marking_phrase *p)
{
    int f = is_here(l, p->codes) ? fit(p->language, l->language) : FIT_NONE;
    bool is_of_place = (p->codes & l->where) != 0;
    return f != FIT_NONE ? 2 * f + is_of_place + (is_of_place && f >= FIT_ANY ? 2 * FIT_EXACT : 0)
                         : 0;
}

/** The phrase that fits best here among those that replace the policy's name, or among the others;
 * NULL when there is none. */
static const struct vls_marking_phrase *find_phrase(const struct look *l,
                                                    const struct vls_markings *m, bool is_policy)
{
    const struct vls_marking_phrase *best = NULL;
    int best_score = 0;
    for (size_t i = 0; i < m->phrase_count; i++) {
        const struct vls_marking_phrase *p = &m->phrases[i];
        bool says_text = p->phrase != NULL || is_policy || (p->codes & VLS_MARK_EVERYWHERE) != 0;
        if (((p->codes & VLS_MARK_REPLACE_POLICY) != 0) != is_policy || !says_text)
            continue;
        int found = score(l, p);
        if (found > best_score) {
            best = p;
            best_score = found;
        }
    }
    return best;
}

static bool has_code(const struct look *l, const struct vls_markings *m, uint32_t code)
{
    for (size_t i = 0; i < m->phrase_count; i++)
        if ((m->phrases[i].codes & code) != 0 && is_here(l, m->phrases[i].codes))
            return true;
    return false;
}

enum qualifier { PREFIX, SUFFIX, SEPARATOR };

/** Each kind is looked for by itself: a language may have its own prefix and share the separator.
 * "" when there is none. */
static const char *find_qualifier(const struct look *l, const struct vls_markings *m,
                                  enum qualifier kind)
{
    const char *best = NULL;
    int best_score = 0;
    for (size_t i = 0; i < m->qualifier_count; i++) {
        const struct vls_marking_qualifier *q = &m->qualifiers[i];
        const char *const texts[] = {q->prefix, q->suffix, q->separator};
        int f = (q->codes & l->where) != 0 ? fit(q->language, l->language) : FIT_NONE;
        f = f != FIT_NONE ? 2 * f + (q->codes != VLS_MARK_EVERYWHERE) : 0;
        if (texts[kind] != NULL && f > best_score) {
            best = texts[kind];
            best_score = f;
        }
    }
    return best != NULL ? best : "";
}

/** What stands for a thing of that name here; "" when it is not shown. */
static const char *words_of(const struct look *l, const struct vls_markings *m, const char *name)
{
    if (l->where != VLS_MARK_INPUT_TITLE && has_code(l, m, VLS_MARK_NO_MARKING))
        return "";
    const struct vls_marking_phrase *p = find_phrase(l, m, false);
    if (p != NULL && p->phrase != NULL)
        return p->phrase;
    return has_code(l, m, VLS_MARK_NO_NAME) ? "" : name;
}

/** A part of the marking, parted from what stands before it. */
static struct vls_status add_part(const struct look *l, const char *prefix, const char *text,
                                  const char *suffix, size_t begin)
{
    if (*text == '\0')
        return VLS_DONE;
    if (l->out->len > begin)
        VLS_TRY(vls_buf_add_text(l->out, l->separator));
    VLS_TRY(vls_buf_add_text(l->out, prefix));
    VLS_TRY(vls_buf_add_text(l->out, text));
    return vls_buf_add_text(l->out, suffix);
}

/** Into *words when one of `m` replaces the policy's name; without a phrase, the thing's own name
 * does. */
static bool replaces_policy(const struct look *l, const struct vls_markings *m, const char *name,
                            const char **words)
{
    const struct vls_marking_phrase *p = find_phrase(l, m, true);
    if (p != NULL)
        *words = p->phrase != NULL ? p->phrase : name;
    return p != NULL;
}

/** The policy's name, or what the most particular of all that may replace it says. */
static const char *policy_words(const struct look *l, const struct vls_label *label)
{
    const struct vls_scheme *s = label->scheme;
    const struct vls_classification *c = label->classification;
    const char *words = NULL;
    for (size_t i = 0; i < s->category_count; i++)
        if (vls_bit_is_set(label->categories, i) &&
            replaces_policy(l, &s->categories[i].markings, s->categories[i].name, &words))
            return words;
    if (replaces_policy(l, &c->markings, c->name, &words) ||
        replaces_policy(l, &s->class_markings, c->name, &words) ||
        replaces_policy(l, &s->markings, s->title, &words) ||
        replaces_policy(l, &s->policy_markings, s->title, &words))
        return words;
    return words_of(l, &s->policy_markings, words_of(l, &s->markings, s->title));
}

static bool is_class_suppressed(const struct look *l, const struct vls_label *label)
{
    const struct vls_scheme *s = label->scheme;
    for (size_t i = 0; i < s->category_count; i++)
        if (vls_bit_is_set(label->categories, i) &&
            has_code(l, &s->categories[i].markings, VLS_MARK_SUPPRESS_CLASS))
            return true;
    return has_code(l, &label->classification->markings, VLS_MARK_SUPPRESS_CLASS) ||
           has_code(l, &s->class_markings, VLS_MARK_SUPPRESS_CLASS);
}

static struct vls_status add_tag(const struct look *l, const struct vls_label *label,
                                 const struct vls_tag *tag, size_t begin)
{
    const struct vls_scheme *s = label->scheme;
    const char *separator = find_qualifier(l, &tag->markings, SEPARATOR);
    bool is_first = true;
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++) {
        const struct vls_category *c = &s->categories[i];
        bool is_there = vls_bit_is_set(label->categories, i);
        const char *words = is_there ? words_of(l, &c->markings, c->name) : "";
        if (*words == '\0')
            continue;
        if (is_first && l->out->len > begin)
            VLS_TRY(vls_buf_add_text(l->out, l->separator));
        if (is_first)
            VLS_TRY(vls_buf_add_text(l->out, find_qualifier(l, &tag->markings, PREFIX)));
        else
            VLS_TRY(vls_buf_add_text(l->out, *separator != '\0' ? separator : " "));
        VLS_TRY(vls_buf_add_text(l->out, find_qualifier(l, &c->markings, PREFIX)));
        VLS_TRY(vls_buf_add_text(l->out, words));
        VLS_TRY(vls_buf_add_text(l->out, find_qualifier(l, &c->markings, SUFFIX)));
        is_first = false;
    }
    if ((label->nobody >> tag->place & 1) != 0)
        return vls_buf_add_format(l->out, " [%s: NOBODY]", tag->name);
    if (is_first)
        return VLS_DONE;
    return vls_buf_add_text(l->out, find_qualifier(l, &tag->markings, SUFFIX));
}

static struct vls_status add_privacy_mark(const struct look *l, const struct vls_label *label,
                                          size_t begin)
{
    const struct vls_scheme *s = label->scheme;
    const char *words = label->details != NULL ? label->details->privacy_mark : NULL;
    if (words == NULL)
        return VLS_DONE;
    const struct vls_markings *m = &s->privacy_markings;
    for (size_t i = 0; i < s->privacy_mark_count; i++)
        if (strcmp(s->privacy_marks[i].name, label->details->privacy_mark) == 0) {
            words = words_of(l, &s->privacy_marks[i].markings, words);
            if (s->privacy_marks[i].markings.qualifier_count != 0)
                m = &s->privacy_marks[i].markings;
        }
    return add_part(l, find_qualifier(l, m, PREFIX), words, find_qualifier(l, m, SUFFIX), begin);
}

static struct vls_status add_class(const struct look *l, const struct vls_label *label,
                                   size_t begin)
{
    const struct vls_classification *c = label->classification;
    const struct vls_scheme *s = label->scheme;
    if (is_class_suppressed(l, label))
        return VLS_DONE;
    const char *words = c->markings.phrase_count != 0 ? words_of(l, &c->markings, c->name)
                                                      : words_of(l, &s->class_markings, c->name);
    const struct vls_markings *m =
        c->markings.qualifier_count != 0 ? &c->markings : &s->class_markings;
    return add_part(l, find_qualifier(l, m, PREFIX), words, find_qualifier(l, m, SUFFIX), begin);
}

struct vls_status vls_label_mark(const struct vls_label *label, enum vls_marking_code where,
                                 const char *language, struct vls_buf *out)
{
    const struct vls_scheme *s = label->scheme;
    struct look l = {where, language != NULL ? language : "en", " ", out};
    const char *separator = find_qualifier(&l, &s->markings, SEPARATOR);
    if (*separator != '\0')
        l.separator = separator;
    VLS_TRY(vls_buf_add_text(out, find_qualifier(&l, &s->markings, PREFIX)));
    size_t begin = out->len;
    const struct vls_markings *policy = &s->policy_markings;
    VLS_TRY(add_part(&l, find_qualifier(&l, policy, PREFIX), policy_words(&l, label),
                     find_qualifier(&l, policy, SUFFIX), begin));
    VLS_TRY(add_class(&l, label, begin));
    for (size_t t = 0; t < s->tag_count; t++)
        VLS_TRY(add_tag(&l, label, &s->tags[t], begin));
    VLS_TRY(add_privacy_mark(&l, label, begin));
    for (size_t i = 0; i < vls_label_unknown_count(label); i++)
        VLS_TRY(vls_buf_add_format(out, " [UNKNOWN: %s]", label->details->unknown[i].words));
    return vls_buf_add_text(out, find_qualifier(&l, &s->markings, SUFFIX));
}

bool vls_scheme_speaks(const struct vls_scheme *scheme, const char *language)
{
    for (size_t i = 0; i < scheme->count; i++) {
        bool is_spoken = false;
        for (size_t j = 0; j < scheme->classes[i].markings.phrase_count; j++)
            is_spoken = is_spoken ||
                        fit(scheme->classes[i].markings.phrases[j].language, language) >= FIT_BASE;
        if (!is_spoken && !scheme->classes[i].is_obsolete)
            return false;
    }
    return true;
}
