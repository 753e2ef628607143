#include "label/label.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/der_internal.h"
#include "label/marking.h"

/* -- to build */

struct vls_label vls_label_of(const struct vls_scheme *scheme, const struct vls_classification *c)
{
    return (struct vls_label){.scheme = scheme, .classification = c};
}

void vls_label_fini(struct vls_label *label)
{
    struct vls_label_details *d = label->details;
    if (d != NULL) {
        if (d->successor != NULL)
            vls_label_fini(d->successor);
        vls_mem_free(d->successor);
        for (size_t i = 0; i < d->originator_count; i++)
            vls_mem_free(d->originators[i]);
        for (size_t i = 0; i < d->unknown_count; i++) {
            vls_mem_free(d->unknown[i].words);
            vls_mem_free(d->unknown[i].at);
        }
        vls_mem_free(d->originators);
        vls_mem_free(d->unknown);
        vls_mem_free(d->privacy_mark);
        vls_mem_free(d);
    }
    *label = (struct vls_label){.scheme = NULL};
}

struct vls_label_details *vls_label_details(struct vls_label *label)
{
    if (label->details == NULL)
        label->details = vls_mem_new(sizeof *label->details);
    return label->details;
}

static struct vls_status copy_details(const struct vls_label_details *from, struct vls_label *to)
{
    struct vls_label_details *d = vls_label_details(to);
    d->privacy_mark = vls_mem_dup(from->privacy_mark);
    d->is_printable_mark = from->is_printable_mark;
    d->created_ms = from->created_ms;
    d->review_ms = from->review_ms;
    d->succession_ms = from->succession_ms;
    for (size_t i = 0; i < from->originator_count; i++)
        VLS_TRY(vls_label_add_originator(to, from->originators[i]));
    for (size_t i = 0; i < from->unknown_count; i++)
        VLS_TRY(vls_label_add_unknown(to, from->unknown[i].is_der, from->unknown[i].words,
                                      VLS_SLICE(from->unknown[i].at, from->unknown[i].len)));
    if (from->successor != NULL) {
        d->successor = vls_mem_new(sizeof *d->successor);
        VLS_TRY(vls_label_copy(from->successor, d->successor));
    }
    return VLS_DONE;
}

struct vls_status vls_label_copy(const struct vls_label *label, struct vls_label *out)
{
    struct vls_label copy = *label;
    copy.details = NULL;
    struct vls_status s = label->details != NULL ? copy_details(label->details, &copy) : VLS_DONE;
    if (!vls_ok(s)) {
        vls_label_fini(&copy);
        return s;
    }
    *out = copy;
    return VLS_DONE;
}

bool vls_label_has(const struct vls_label *label, const struct vls_category *category)
{
    return vls_bit_is_set(label->categories, category->place);
}

void vls_label_add(struct vls_label *label, const struct vls_category *category)
{
    if ((label->nobody >> category->tag & 1) == 0)
        vls_bit_set(label->categories, category->place);
}

void vls_label_set_nobody(struct vls_label *label, const struct vls_tag *tag)
{
    const struct vls_scheme *s = label->scheme;
    const struct vls_tag_set *set = &s->tag_sets[tag->tag_set];
    for (size_t t = set->first; t < (size_t)set->first + set->count; t++) {
        if (s->tags[t].type != tag->type)
            continue;
        label->nobody |= UINT64_C(1) << t;
        for (size_t i = s->tags[t].first; i < (size_t)s->tags[t].first + s->tags[t].count; i++)
            vls_bit_clear(label->categories, i);
    }
}

enum vls_label_list vls_label_list(const struct vls_label *label, const struct vls_tag *tag)
{
    if ((label->nobody >> tag->place & 1) != 0)
        return VLS_LIST_EMPTY;
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++)
        if (vls_bit_is_set(label->categories, i))
            return VLS_LIST_SOME;
    return VLS_LIST_NONE;
}

size_t vls_label_unknown_count(const struct vls_label *label)
{
    return label->details != NULL ? label->details->unknown_count : 0;
}

struct vls_status vls_label_set_privacy_mark(struct vls_label *label, const char *mark)
{
    struct vls_slice text = vls_slice_text(mark);
    if (text.len > VLS_MAX_PRIVACY_TEXT)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "a privacy mark is too long");
    if (text.len == 0 || !vls_text_is_clean(text, false))
        return vls_fail(VLS_INPUT_MALFORMED, NULL, "a privacy mark is not clean");
    struct vls_label_details *d = vls_label_details(label);
    char *copy = vls_mem_dup(mark);
    vls_mem_free(d->privacy_mark);
    d->privacy_mark = copy;
    d->is_printable_mark = text.len <= VLS_MAX_PRIVACY_MARK && vls_der_printable(text) == text.len;
    return VLS_DONE;
}

struct vls_status vls_label_add_originator(struct vls_label *label, const char *originator)
{
    struct vls_label_details *d = vls_label_details(label);
    size_t at = 0;
    if (*originator == '\0' || !vls_text_is_clean(vls_slice_text(originator), false))
        return vls_fail(VLS_INPUT_MALFORMED, NULL, "an originator is not clean text");
    while (at < d->originator_count && strcmp(d->originators[at], originator) < 0)
        at++;
    if (at < d->originator_count && strcmp(d->originators[at], originator) == 0)
        return VLS_DONE;
    if (d->originator_count == VLS_MAX_ORIGINATORS || strlen(originator) > VLS_MAX_NAME)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "too many originators");
    if (d->originators == NULL)
        d->originators = vls_mem_new(VLS_MAX_ORIGINATORS * sizeof d->originators[0]);
    for (size_t i = d->originator_count; i > at; i--)
        d->originators[i] = d->originators[i - 1];
    d->originators[at] = vls_mem_dup(originator);
    d->originator_count++;
    return VLS_DONE;
}

struct vls_status vls_label_add_unknown(struct vls_label *label, bool is_der, const char *words,
                                        struct vls_slice bytes)
{
    struct vls_label_details *d = vls_label_details(label);
    if (d->unknown_count == VLS_MAX_UNKNOWN)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "too many unknown categories");
    uint8_t *at = vls_mem_try(bytes.len + 1);
    if (at == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, NULL, "no memory");
    if (d->unknown == NULL)
        d->unknown = vls_mem_new(VLS_MAX_UNKNOWN * sizeof d->unknown[0]);
    vls_copy(at, bytes.at, bytes.len);
    d->unknown[d->unknown_count++] = (struct vls_label_unknown){
        .is_der = is_der, .words = vls_mem_dup(words), .at = at, .len = bytes.len};
    return VLS_DONE;
}

static const char *mark_of(const struct vls_label *label)
{
    return label->details != NULL && label->details->privacy_mark != NULL
               ? label->details->privacy_mark
               : "";
}

bool vls_label_is_same(const struct vls_label *a, const struct vls_label *b)
{
    if (a->scheme != b->scheme || a->classification != b->classification ||
        a->nobody != b->nobody || strcmp(mark_of(a), mark_of(b)) != 0 ||
        vls_label_unknown_count(a) != vls_label_unknown_count(b) ||
        memcmp(a->categories, b->categories, sizeof a->categories) != 0)
        return false;
    for (size_t i = 0; i < vls_label_unknown_count(a); i++) {
        const struct vls_label_unknown *x = &a->details->unknown[i], *y = &b->details->unknown[i];
        if (x->is_der != y->is_der ||
            !vls_slice_is_equal(VLS_SLICE(x->at, x->len), VLS_SLICE(y->at, y->len)))
            return false;
    }
    return true;
}

/* -- text */

/** "a, b, c": the levels that may be used, for a message; cut when they do not fit. */
static void list_levels(const struct vls_scheme *scheme, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < scheme->count && used < room; i++) {
        const struct vls_classification *c = &scheme->classes[i];
        if (c->is_obsolete || c->requirement_count != 0)
            continue;
        int n = snprintf(out + used, room - used, "%s%s", used != 0 ? ", " : "", c->handle);
        used += n > 0 ? (size_t)n : 0;
    }
}

static const char *const TYPE_WORDS[] = {"restrictive", "permissive", "enum-restrictive",
                                         "enum-permissive"};

/** One "TAG-SET/CATEGORY" or "TAG-SET/TYPE=nobody". */
static bool add_word(struct vls_label *label, const char *set_handle, const char *word)
{
    const struct vls_scheme *s = label->scheme;
    char nobody[VLS_MAX_NAME];
    for (size_t t = 0; t < s->tag_count; t++) {
        const struct vls_tag *tag = &s->tags[t];
        if (strcmp(s->tag_sets[tag->tag_set].handle, set_handle) != 0)
            continue;
        if (vls_tag_type_is_permissive(tag->type)) {
            snprintf(nobody, sizeof nobody, "%s=nobody", TYPE_WORDS[tag->type]);
            if (strcmp(nobody, word) == 0) {
                vls_label_set_nobody(label, tag);
                return true;
            }
        }
        for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++)
            if (strcmp(s->categories[i].handle, word) == 0) {
                vls_label_add(label, &s->categories[i]);
                return true;
            }
    }
    return false;
}

/** The categories behind the first ';'. */
static struct vls_status read_words(const char *text, struct vls_label *label, struct vls_why *why)
{
    while (*text != '\0') {
        char set[VLS_MAX_NAME + 1], word[VLS_MAX_NAME + 1];
        const char *slash = strchr(text, '/');
        size_t len = strcspn(text, ";");
        if (slash == NULL || slash >= text + len || (size_t)(slash - text) > VLS_MAX_NAME ||
            len - (size_t)(slash - text) - 1 > VLS_MAX_NAME)
            return vls_fail(VLS_LABEL_VALUE, why,
                            "'%.80s' is not a category; write "
                            "TAG-SET/CATEGORY",
                            text);
        vls_text_copy(set, (size_t)(slash - text) + 1, text);
        vls_text_copy(word, len - (size_t)(slash - text), slash + 1);
        if (!add_word(label, set, word))
            return vls_fail(VLS_LABEL_VALUE, why, "scheme %.60s has no category '%.40s/%.60s'",
                            label->scheme->name, set, word);
        text += len;
        if (*text == ';' && text[1] != '\0')
            text++;
        else if (*text == ';')
            return vls_fail(VLS_LABEL_VALUE, why, "the label ends with ';'");
    }
    return VLS_DONE;
}

struct vls_status vls_label_read_any(const char *text, const struct vls_scheme_set *schemes,
                                     struct vls_label *out, struct vls_why *why)
{
    if (text == NULL || *text == '\0')
        return vls_fail(VLS_LABEL_MISSING, why, "no label; write SCHEME/CLASSIFICATION");
    const char *slash = strchr(text, '/');
    char name[VLS_MAX_NAME + 1], level[VLS_MAX_NAME + 1];
    size_t len = slash != NULL ? strcspn(slash + 1, ";") : 0;
    if (slash == NULL || (size_t)(slash - text) > VLS_MAX_NAME || len > VLS_MAX_NAME ||
        !vls_text_is_clean(vls_slice_text(text), false))
        return vls_fail(VLS_LABEL_VALUE, why, "'%.80s' is not a label; write SCHEME/CLASSIFICATION",
                        text);
    vls_text_copy(name, (size_t)(slash - text) + 1, text);
    vls_text_copy(level, len + 1, slash + 1);
    const struct vls_scheme *scheme = vls_scheme_set_by_name(schemes, name);
    if (scheme == NULL)
        return vls_fail(VLS_LABEL_SCHEME, why, "label '%.80s': no scheme '%.60s' is loaded", text,
                        name);
    const struct vls_classification *c = vls_scheme_by_handle(scheme, level);
    if (c == NULL) {
        char levels[120];
        list_levels(scheme, levels, sizeof levels);
        return vls_fail(VLS_LABEL_VALUE, why, "scheme %.40s has no '%.40s'; it has %s", name, level,
                        levels);
    }
    struct vls_label label = vls_label_of(scheme, c);
    const char *rest = slash + 1 + len;
    if (strcmp(rest, ";") == 0) /* a category may have been cut off */
        return vls_fail(VLS_LABEL_VALUE, why, "the label ends with ';'");
    if (*rest == ';')
        VLS_TRY(read_words(rest + 1, &label, why));
    *out = label;
    return VLS_DONE;
}

struct vls_status vls_label_read(const char *text, const struct vls_scheme_set *schemes,
                                 struct vls_label *out, struct vls_why *why)
{
    struct vls_label label;
    VLS_TRY(vls_label_read_any(text, schemes, &label, why));
    VLS_TRY(vls_label_check_new(&label, why));
    *out = label;
    return VLS_DONE;
}

struct vls_status vls_label_text(const struct vls_label *label, struct vls_buf *out)
{
    const struct vls_scheme *s = label->scheme;
    if (vls_label_unknown_count(label) != 0)
        return vls_fail(VLS_LABEL_VALUE, NULL, "an unknown category has no text");
    VLS_TRY(vls_buf_add_format(out, "%s/%s", s->name, label->classification->handle));
    for (size_t t = 0; t < s->tag_count; t++) {
        const struct vls_tag *tag = &s->tags[t];
        const char *set = s->tag_sets[tag->tag_set].handle;
        if ((label->nobody >> t & 1) != 0)
            VLS_TRY(vls_buf_add_format(out, ";%s/%s=nobody", set, TYPE_WORDS[tag->type]));
        for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++)
            if (vls_bit_is_set(label->categories, i))
                VLS_TRY(vls_buf_add_format(out, ";%s/%s", set, s->categories[i].handle));
    }
    return VLS_DONE;
}

struct vls_status vls_label_marking(const struct vls_label *label, struct vls_buf *out)
{
    return vls_label_mark(label, VLS_MARK_PAGE_TOP, NULL, out);
}
