#include <string.h>

#include "label/spif_internal.h"

static const char *const CODES[] = {"pageTop",
                                    "pageBottom",
                                    "documentStart",
                                    "documentEnd",
                                    "portionMarking",
                                    "firstLineOfText",
                                    "lastLineOfText",
                                    "subject",
                                    "xHeader",
                                    "inputTitle",
                                    "waterMark",
                                    "noNameDisplay",
                                    "noMarkingDisplay",
                                    "suppressClassName",
                                    "replacePolicy",
                                    "pageTopBottom",
                                    NULL};
#define CODE_PAGE_TOP_BOTTOM 15

static uint32_t code_bit(size_t i)
{
    return i == CODE_PAGE_TOP_BOTTOM ? VLS_MARK_PAGE_TOP | VLS_MARK_PAGE_BOTTOM : 1u << i;
}

/** What the marking being read belongs to. */
static struct vls_markings *owner(struct spif_reader *r)
{
    struct vls_scheme *s = r->scheme;
    switch (vls_spif_parent(r)) {
    case SPIF_ROOT:
        return &s->markings;
    case SPIF_POLICY:
        return &s->policy_markings;
    case SPIF_CLASSES:
        return &s->class_markings;
    case SPIF_CLASS:
        return &s->classes[s->count - 1].markings;
    case SPIF_TAG:
        return &s->tags[s->tag_count - 1].markings;
    case SPIF_TAG_CATEGORY:
        return &s->categories[s->category_count - 1].markings;
    case SPIF_PRIVACY_MARKS:
        return &s->privacy_markings;
    case SPIF_PRIVACY_MARK:
        return &s->privacy_marks[s->privacy_mark_count - 1].markings;
    default: /* of the policy of data without a label, which gets no marking here */
        return &r->unused;
    }
}

void vls_spif_take_marking(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_markings *m = owner(r);
    struct vls_marking_phrase *grown =
        vls_spif_grow(r, m->phrases, m->phrase_count, sizeof *m->phrases);
    if (grown == NULL)
        return;
    m->phrases = grown;
    struct vls_marking_phrase *p = &m->phrases[m->phrase_count++];
    *p = (struct vls_marking_phrase){.language = r->language[r->depth - 1],
                                     .phrase = vls_spif_get_phrase(r, a, "phrase")};
    r->marking = m;
}

void vls_spif_end_code(struct spif_reader *r, const char *text)
{
    struct vls_marking_phrase *p = &r->marking->phrases[r->marking->phrase_count - 1];
    for (size_t i = 0; CODES[i] != NULL; i++) {
        if (strcmp(CODES[i], text) != 0)
            continue;
        p->codes |= code_bit(i);
        return;
    }
    vls_spif_fail(r, "'%.40s' is not a marking code of the format; correct it", text);
}

void vls_spif_take_marking_qualifier(struct spif_reader *r, struct spif_attributes a)
{
    int code = vls_spif_get_word(r, a, "markingCode", CODES);
    r->marking = owner(r);
    r->first_qualifier = r->marking->qualifier_count;
    r->qualifier_codes = code < 0 ? VLS_MARK_EVERYWHERE : code_bit((size_t)code);
    if ((r->qualifier_codes & VLS_MARK_EVERYWHERE) == 0)
        vls_spif_fail(r, "markingCode='%s' is not a place; name one", CODES[code]);
}

/** The one of the <markingQualifier> being read that is of this language. */
static struct vls_marking_qualifier *qualifier_of(struct spif_reader *r, const char *language)
{
    struct vls_markings *m = r->marking;
    for (size_t i = r->first_qualifier; i < m->qualifier_count; i++)
        if (strcmp(m->qualifiers[i].language, language) == 0)
            return &m->qualifiers[i];
    if (m->qualifier_count - r->first_qualifier == VLS_MAX_LANGUAGES) {
        vls_spif_fail(r, "in more than %d languages", VLS_MAX_LANGUAGES);
        return NULL;
    }
    struct vls_marking_qualifier *grown =
        vls_spif_grow(r, m->qualifiers, m->qualifier_count, sizeof *m->qualifiers);
    if (grown == NULL)
        return NULL;
    m->qualifiers = grown;
    grown[m->qualifier_count] =
        (struct vls_marking_qualifier){.language = language, .codes = r->qualifier_codes};
    return &grown[m->qualifier_count++];
}

void vls_spif_take_qualifier(struct spif_reader *r, struct spif_attributes a)
{
    static const char *const KINDS[] = {"prefix", "suffix", "separator", NULL};
    int kind = vls_spif_get_word(r, a, "qualifierCode", KINDS);
    const char *text = vls_spif_get_phrase(r, a, "markingQualifier");
    if (kind < 0 || text == NULL)
        vls_spif_fail(r, "'markingQualifier' or 'qualifierCode' is missing; give both");
    if (!vls_ok(r->status))
        return;
    struct vls_marking_qualifier *q = qualifier_of(r, r->language[r->depth - 1]);
    if (q == NULL)
        return;
    const char **fields[] = {&q->prefix, &q->suffix, &q->separator};
    if (*fields[kind] != NULL)
        vls_spif_fail(r, "a second %s in one language; keep one", KINDS[kind]);
    *fields[kind] = text;
}
