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

static const char *language_of(struct spif_reader *r, struct spif_attributes a)
{
    char language[VLS_MAX_NAME] = "";
    (void)vls_spif_get(r, a, "xml", "lang", language, sizeof language);
    return vls_spif_copy(r, language);
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
    *p = (struct vls_marking_phrase){.language = language_of(r, a),
                                     .phrase = vls_spif_get_text(r, a, "phrase")};
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
    vls_spif_fail(r, "'%.40s' is not a marking code of the format", text);
}

void vls_spif_take_marking_qualifier(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_markings *m = owner(r);
    int code = vls_spif_get_word(r, a, "markingCode", CODES);
    const char *language = language_of(r, a);
    struct vls_marking_qualifier *grown =
        vls_spif_grow(r, m->qualifiers, m->qualifier_count, sizeof *m->qualifiers);
    if (grown == NULL || !vls_ok(r->status))
        return;
    m->qualifiers = grown;
    m->qualifiers[m->qualifier_count++] = (struct vls_marking_qualifier){
        .language = language, .codes = code < 0 ? VLS_MARK_EVERYWHERE : code_bit((size_t)code)};
    r->marking = m;
}

void vls_spif_take_qualifier(struct spif_reader *r, struct spif_attributes a)
{
    static const char *const KINDS[] = {"prefix", "suffix", "separator", NULL};
    struct vls_marking_qualifier *q = &r->marking->qualifiers[r->marking->qualifier_count - 1];
    const char **fields[] = {&q->prefix, &q->suffix, &q->separator};
    int kind = vls_spif_get_word(r, a, "qualifierCode", KINDS);
    const char *text = vls_spif_get_text(r, a, "markingQualifier");
    if (kind < 0 || text == NULL)
        vls_spif_fail(r, "'markingQualifier' or 'qualifierCode' is missing");
    else if (*fields[kind] != NULL)
        vls_spif_fail(r, "a second %s", KINDS[kind]);
    else
        *fields[kind] = text;
}
