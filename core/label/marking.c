#include "label/marking.h"

#include <string.h>

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

/** How well a language fits the one asked for: 0 not at all. */
static int fit(const char *has, const char *wanted)
{
    size_t base = strcspn(wanted, "-");
    if (strcmp(has, wanted) == 0)
        return 4;
    if (strncmp(has, wanted, base) == 0 && (has[base] == '\0' || has[base] == '-'))
        return 3;
    if (*has == '\0')
        return 2;
    return strncmp(has, "en", 2) == 0 ? 1 : 0;
}

struct look {
    uint32_t where;
    const char *language;
    struct vls_buf *out;
};

/** The phrase that fits best at the place; NULL when there is none. */
static const struct vls_marking_phrase *find_phrase(const struct look *l,
                                                    const struct vls_markings *m, uint32_t codes)
{
    const struct vls_marking_phrase *best = NULL;
    int best_fit = 0;
    for (size_t i = 0; i < m->phrase_count; i++) {
        int f = (m->phrases[i].codes & codes) != 0 ? fit(m->phrases[i].language, l->language) : 0;
        if (f > best_fit) {
            best = &m->phrases[i];
            best_fit = f;
        }
    }
    return best;
}

static const struct vls_marking_qualifier *find_qualifier(const struct look *l,
                                                          const struct vls_markings *m)
{
    const struct vls_marking_qualifier *best = NULL;
    int best_fit = 0;
    for (size_t i = 0; i < m->qualifier_count; i++) {
        const struct vls_marking_qualifier *q = &m->qualifiers[i];
        int f = (q->codes & l->where) != 0 ? fit(q->language, l->language) : 0;
        f = f != 0 ? 2 * f + (q->codes != VLS_MARK_EVERYWHERE) : 0;
        if (f > best_fit) {
            best = q;
            best_fit = f;
        }
    }
    return best;
}

/** What stands for a thing of that name here; "" when it is not shown. */
static const char *words_of(const struct look *l, const struct vls_markings *m, const char *name)
{
    const struct vls_marking_phrase *p =
        find_phrase(l, m, l->where | VLS_MARK_NO_MARKING | VLS_MARK_NO_NAME);
    if (p == NULL)
        return name;
    if ((p->codes & VLS_MARK_NO_MARKING) != 0)
        return "";
    if (p->phrase != NULL)
        return p->phrase;
    return (p->codes & VLS_MARK_NO_NAME) != 0 ? "" : name;
}

static struct vls_status add_text(const struct look *l, const char *text)
{
    return text != NULL ? vls_buf_add_text(l->out, text) : VLS_DONE;
}

/** A word, with a blank before it unless it begins the marking. */
static struct vls_status add_word(const struct look *l, const char *text, size_t begin)
{
    if (*text == '\0')
        return VLS_DONE;
    if (l->out->len > begin)
        VLS_TRY(vls_buf_add_text(l->out, " "));
    return vls_buf_add_text(l->out, text);
}

static const char *policy_words(const struct look *l, const struct vls_scheme *s)
{
    const struct vls_marking_phrase *p = find_phrase(l, &s->markings, VLS_MARK_REPLACE_POLICY);
    if (p == NULL)
        p = find_phrase(l, &s->policy_markings, VLS_MARK_REPLACE_POLICY | l->where);
    if (p == NULL)
        return s->title;
    return p->phrase != NULL ? p->phrase : "";
}

static bool is_class_suppressed(const struct look *l, const struct vls_label *label)
{
    const struct vls_scheme *s = label->scheme;
    for (size_t i = 0; i < s->category_count; i++) {
        const struct vls_markings *m = &s->categories[i].markings;
        for (size_t j = 0; vls_bit_is_set(label->categories, i) && j < m->phrase_count; j++) {
            uint32_t codes = m->phrases[j].codes;
            if ((codes & VLS_MARK_SUPPRESS_CLASS) != 0 &&
                ((codes & VLS_MARK_EVERYWHERE) == 0 || (codes & l->where) != 0))
                return true;
        }
    }
    return false;
}

static const char *category_words(const struct look *l, const struct vls_category *c)
{
    const struct vls_marking_phrase *p = find_phrase(l, &c->markings, VLS_MARK_SUPPRESS_CLASS);
    if (p != NULL && p->phrase != NULL && (p->codes & VLS_MARK_EVERYWHERE) == 0)
        return p->phrase; /* it stands in the classification's place, wherever that is */
    return words_of(l, &c->markings, c->name);
}

static struct vls_status add_tag(const struct look *l, const struct vls_label *label,
                                 const struct vls_tag *tag, size_t begin)
{
    const struct vls_scheme *s = label->scheme;
    const struct vls_marking_qualifier *q = find_qualifier(l, &tag->markings);
    bool is_first = true;
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++) {
        const struct vls_category *c = &s->categories[i];
        const char *words = vls_bit_is_set(label->categories, i) ? category_words(l, c) : "";
        if (*words == '\0')
            continue;
        if (is_first && l->out->len > begin)
            VLS_TRY(vls_buf_add_text(l->out, " "));
        if (is_first && q != NULL)
            VLS_TRY(add_text(l, q->prefix));
        if (!is_first)
            VLS_TRY(add_text(l, q != NULL && q->separator != NULL ? q->separator : " "));
        const struct vls_marking_qualifier *own = find_qualifier(l, &c->markings);
        VLS_TRY(add_text(l, own != NULL ? own->prefix : NULL));
        VLS_TRY(vls_buf_add_text(l->out, words));
        VLS_TRY(add_text(l, own != NULL ? own->suffix : NULL));
        is_first = false;
    }
    if ((label->nobody >> tag->place & 1) != 0)
        return vls_buf_add_format(l->out, " [%s: NOBODY]", tag->name);
    return !is_first && q != NULL ? add_text(l, q->suffix) : VLS_DONE;
}

static struct vls_status add_privacy_mark(const struct look *l, const struct vls_label *label,
                                          size_t begin)
{
    const struct vls_scheme *s = label->scheme;
    const char *words = label->details != NULL ? label->details->privacy_mark : NULL;
    if (words == NULL)
        return VLS_DONE;
    for (size_t i = 0; i < s->privacy_mark_count; i++)
        if (strcmp(s->privacy_marks[i].name, label->details->privacy_mark) == 0)
            words = words_of(l, &s->privacy_marks[i].markings, words);
    const struct vls_marking_qualifier *q = find_qualifier(l, &s->privacy_markings);
    if (q == NULL)
        return add_word(l, words, begin);
    VLS_TRY(add_word(l, q->prefix != NULL ? q->prefix : "", begin));
    VLS_TRY(vls_buf_add_text(l->out, words));
    return add_text(l, q->suffix);
}

static struct vls_status add_class(const struct look *l, const struct vls_label *label,
                                   size_t begin)
{
    const struct vls_classification *c = label->classification;
    const char *words = is_class_suppressed(l, label) ? "" : words_of(l, &c->markings, c->name);
    const struct vls_marking_qualifier *q = find_qualifier(l, &c->markings);
    if (q == NULL)
        q = find_qualifier(l, &label->scheme->class_markings);
    if (*words == '\0' || q == NULL)
        return add_word(l, words, begin);
    VLS_TRY(add_word(l, q->prefix != NULL ? q->prefix : "", begin));
    VLS_TRY(vls_buf_add_text(l->out, words));
    return add_text(l, q->suffix);
}

struct vls_status vls_label_mark(const struct vls_label *label, enum vls_marking_code where,
                                 const char *language, struct vls_buf *out)
{
    const struct vls_scheme *s = label->scheme;
    struct look l = {where, language != NULL ? language : "en", out};
    const struct vls_marking_qualifier *q = find_qualifier(&l, &s->markings);
    VLS_TRY(add_text(&l, q != NULL ? q->prefix : NULL));
    size_t begin = out->len;
    VLS_TRY(add_word(&l, policy_words(&l, s), begin));
    VLS_TRY(add_class(&l, label, begin));
    for (size_t t = 0; t < s->tag_count; t++)
        VLS_TRY(add_tag(&l, label, &s->tags[t], begin));
    VLS_TRY(add_privacy_mark(&l, label, begin));
    for (size_t i = 0; i < vls_label_unknown_count(label); i++)
        VLS_TRY(vls_buf_add_format(out, " [UNKNOWN: %s]", label->details->unknown[i].words));
    return add_text(&l, q != NULL ? q->suffix : NULL);
}

bool vls_scheme_speaks(const struct vls_scheme *scheme, const char *language)
{
    for (size_t i = 0; i < scheme->count; i++) {
        bool is_spoken = false;
        for (size_t j = 0; j < scheme->classes[i].markings.phrase_count; j++)
            is_spoken =
                is_spoken || fit(scheme->classes[i].markings.phrases[j].language, language) > 2;
        if (!is_spoken && !scheme->classes[i].is_obsolete)
            return false;
    }
    return true;
}
