#include "label/xml4774_label.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/validity.h"

#define OID_URI "urn:oid:"

static bool is_oid_uri(const char *uri, const char *oid)
{
    return strncmp(uri, OID_URI, strlen(OID_URI)) == 0 && strcmp(uri + strlen(OID_URI), oid) == 0;
}

/* -- from the form ----------------------------------------------------------------------------- */

static VLS_STATUS find_scheme(const struct vls_xml4774_step *step,
                              const struct vls_scheme_set *schemes, const struct vls_scheme **out,
                              struct vls_why *why)
{
    const struct vls_scheme *found = NULL;
    for (size_t i = 0; i < schemes->count; i++) {
        const struct vls_scheme *s = schemes->schemes[i];
        bool is_it = step->policy_uri != NULL ? is_oid_uri(step->policy_uri, vls_scheme_oid(s))
                                              : strcmp(vls_scheme_title(s), step->policy) == 0;
        if (is_it && found != NULL)
            return vls_fail(VLS_LABEL_SCHEME, why,
                            "two schemes are named '%.60s'; the label must give the URI",
                            step->policy);
        if (is_it)
            found = s;
    }
    if (found == NULL)
        return vls_fail(VLS_LABEL_SCHEME, why, "no scheme '%.60s' (%.80s) is loaded", step->policy,
                        step->policy_uri != NULL ? step->policy_uri : "without URI");
    if (strcmp(vls_scheme_title(found), step->policy) != 0)
        return vls_fail(VLS_LABEL_SCHEME, why, "%.80s is named '%.40s', the label calls it '%.40s'",
                        step->policy_uri, vls_scheme_title(found), step->policy);
    *out = found;
    return VLS_DONE;
}

static bool is_of_type(enum vls_tag_type tag, enum vls_xml4774_type type)
{
    if (type == VLS_XML4774_RESTRICTIVE)
        return vls_tag_type_is_restrictive(tag);
    return type == VLS_XML4774_PERMISSIVE ? vls_tag_type_is_permissive(tag)
                                          : tag == VLS_TAG_INFORMATIVE;
}

/** Does the form's category mean this tag? */
static bool is_tag(const struct vls_scheme *scheme, const struct vls_tag *tag,
                   const struct vls_xml4774_category *category)
{
    const struct vls_tag_set *set = vls_scheme_tag_set(scheme, tag->tag_set);
    if (set == NULL || !is_of_type(tag->type, category->type))
        return false;
    if (category->uri != NULL && !is_oid_uri(category->uri, set->oid))
        return false;
    return strcmp(set->name, category->tag_name) == 0 ||
           (tag->name != NULL && strcmp(tag->name, category->tag_name) == 0);
}

/** Does the scheme give the category this number? One without a number has the text alone. */
static bool has_number(const struct vls_category *c, uint64_t lacv)
{
    uint64_t number = 0;
    return c->lacv == lacv &&
           (lacv != 0 || c->text == NULL || vls_ok(vls_number_read(c->text, 0, 0, &number)));
}

/** The only category that is meant by a name, or by a number when `name` is NULL; NULL when there
 * is none or more than one. */
static const struct vls_category *find_category(const struct vls_scheme *scheme,
                                                const struct vls_xml4774_category *in,
                                                const char *name, uint64_t lacv)
{
    const struct vls_category *found = NULL;
    for (size_t i = 0; i < vls_scheme_category_count(scheme); i++) {
        const struct vls_category *c = vls_scheme_category(scheme, i);
        if (!is_tag(scheme, vls_scheme_tag(scheme, c->tag), in))
            continue;
        if (name != NULL ? strcmp(c->name, name) != 0 : !has_number(c, lacv))
            continue;
        if (found != NULL)
            return NULL;
        found = c;
    }
    return found;
}

static VLS_STATUS add_unknown(struct vls_label *label, const struct vls_xml4774_category *in,
                              const char *value)
{
    char words[2 * VLS_MAX_NAME];
    snprintf(words, sizeof words, "%.120s: %.100s", in->tag_name, value);
    return vls_label_add_unknown(label, false, words, vls_slice_text(words));
}

/** Each bit that is set names a category; the first that names none makes the value unknown. */
static VLS_STATUS take_bits(struct vls_label *label, const struct vls_xml4774_category *in,
                            const char *bits)
{
    for (size_t i = 0; bits[i] != '\0'; i++) {
        if (bits[i] == '0')
            continue;
        const struct vls_category *found = find_category(label->scheme, in, NULL, i);
        if (found == NULL)
            return add_unknown(label, in, bits);
        vls_label_add(label, found);
    }
    return VLS_DONE;
}

static VLS_STATUS take_value(struct vls_label *label, const struct vls_xml4774_category *in,
                             const struct vls_xml4774_value *value)
{
    uint64_t number = 0;
    const struct vls_category *found = NULL;
    if (value->form == VLS_XML4774_BITS)
        return take_bits(label, in, value->text);
    if (value->form == VLS_XML4774_GENERIC)
        found = find_category(label->scheme, in, value->text, 0);
    else if (vls_ok(vls_number_read(value->text, 0, UINT64_MAX, &number)))
        found = find_category(label->scheme, in, NULL, number);
    if (found == NULL)
        return add_unknown(label, in, value->text);
    vls_label_add(label, found);
    return VLS_DONE;
}

/** A permissive list without anyone on it, in every tag that it can mean. */
static VLS_STATUS take_nobody(struct vls_label *label, const struct vls_xml4774_category *in)
{
    bool is_known = false;
    for (size_t i = 0; i < vls_scheme_tag_count(label->scheme); i++) {
        const struct vls_tag *tag = vls_scheme_tag(label->scheme, i);
        if (!is_tag(label->scheme, tag, in))
            continue;
        vls_label_set_nobody(label, tag);
        is_known = true;
    }
    return is_known ? VLS_DONE : add_unknown(label, in, "nobody");
}

/** No values, or bits of which none is set. */
static bool is_nobody(const struct vls_xml4774_category *in)
{
    for (size_t v = 0; v < in->count; v++)
        if (in->values[v].form != VLS_XML4774_BITS || strchr(in->values[v].text, '1') != NULL)
            return false;
    return true;
}

static VLS_STATUS take_categories(const struct vls_xml4774_step *step, struct vls_label *label)
{
    for (size_t c = 0; c < step->count; c++) {
        const struct vls_xml4774_category *in = &step->categories[c];
        for (size_t v = 0; v < in->count; v++)
            VLS_TRY(take_value(label, in, &in->values[v]));
        if (in->type == VLS_XML4774_PERMISSIVE && is_nobody(in))
            VLS_TRY(take_nobody(label, in));
    }
    return VLS_DONE;
}

static VLS_STATUS take_step(const struct vls_xml4774_step *step,
                            const struct vls_scheme_set *schemes, struct vls_label *label,
                            struct vls_why *why)
{
    const struct vls_scheme *scheme = NULL;
    VLS_TRY(find_scheme(step, schemes, &scheme, why));
    const struct vls_classification *c = vls_scheme_by_name(scheme, step->classification);
    if (c == NULL)
        return vls_fail(VLS_LABEL_VALUE, why, "scheme %.60s has no classification '%.80s'",
                        vls_scheme_name(scheme), step->classification);
    if (step->classification_uri != NULL)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "the classification's URI '%.80s' cannot be held against scheme %.60s",
                        step->classification_uri, vls_scheme_name(scheme));
    *label = vls_label_of(scheme, c);
    struct vls_status s = take_categories(step, label);
    if (vls_ok(s) && step->privacy_mark != NULL)
        s = vls_label_set_privacy_mark(label, step->privacy_mark);
    if (vls_ok(s) && step->originator != NULL) {
        char originator[VLS_MAX_XML_TEXT + 32];
        snprintf(originator, sizeof originator, "%s:%s", step->originator_type, step->originator);
        s = vls_label_add_originator(label, originator);
    }
    if (!vls_ok(s))
        return vls_fail(s.code, why,
                        "a privacy mark, an originator or the unknown categories of "
                        "the label are above a limit");
    vls_label_details(label)->created_ms = step->created_ms;
    return VLS_DONE;
}

struct vls_status vls_xml4774_label_any(const struct vls_xml4774 *form,
                                        const struct vls_scheme_set *schemes, struct vls_label *out,
                                        struct vls_why *why)
{
    struct vls_label label = {.scheme = NULL};
    struct vls_status s = VLS_DONE;
    /* from the last successor to the label: each owns the one behind it */
    for (size_t i = form->step_count; i > 0 && vls_ok(s); i--) {
        struct vls_label before = {.scheme = NULL};
        s = take_step(&form->steps[i - 1], schemes, &before, why);
        if (label.scheme != NULL && vls_ok(s)) {
            struct vls_label_details *details = vls_label_details(&before);
            details->succession_ms = form->steps[i].from_ms;
            details->successor = vls_mem_new(sizeof *details->successor);
            *details->successor = label;
            label = before;
        } else if (vls_ok(s)) {
            label = before;
        } else {
            vls_label_fini(&before);
        }
    }
    if (!vls_ok(s)) {
        vls_label_fini(&label);
        return s;
    }
    vls_label_details(&label)->review_ms = form->review_ms;
    *out = label;
    return VLS_DONE;
}

struct vls_status vls_xml4774_label(const struct vls_xml4774 *form,
                                    const struct vls_scheme_set *schemes, struct vls_label *out,
                                    struct vls_why *why)
{
    struct vls_label label = {.scheme = NULL};
    VLS_TRY(vls_xml4774_label_any(form, schemes, &label, why));
    struct vls_status s = vls_label_check(&label, why);
    if (vls_ok(s))
        *out = label;
    else
        vls_label_fini(&label);
    return s;
}

/* -- to the form ------------------------------------------------------------------------------- */

static enum vls_xml4774_type type_of(enum vls_tag_type type)
{
    if (vls_tag_type_is_restrictive(type))
        return VLS_XML4774_RESTRICTIVE;
    return vls_tag_type_is_permissive(type) ? VLS_XML4774_PERMISSIVE : VLS_XML4774_INFORMATIVE;
}

/** The form's category for a tag, made when there is none; two tags of a set may share one. */
static VLS_STATUS category_of(struct vls_xml4774 *form, struct vls_xml4774_step *step,
                              const struct vls_scheme *scheme, const struct vls_tag *tag,
                              struct vls_xml4774_category **out)
{
    const struct vls_tag_set *set = vls_scheme_tag_set(scheme, tag->tag_set);
    const char *name = tag->name != NULL && *tag->name != '\0' ? tag->name : set->name;
    char uri[VLS_MAX_OID_TEXT + sizeof OID_URI];
    snprintf(uri, sizeof uri, "%s%s", OID_URI, set->oid);
    for (size_t i = 0; i < step->count; i++) {
        struct vls_xml4774_category *c = &step->categories[i];
        if (c->type == type_of(tag->type) && strcmp(c->tag_name, name) == 0 &&
            strcmp(c->uri, uri) == 0) {
            *out = c;
            return VLS_DONE;
        }
    }
    VLS_TRY(vls_xml4774_add_category(form, step, type_of(tag->type), name, out));
    return vls_xml4774_text(form, uri, &(*out)->uri);
}

static VLS_STATUS put_categories(struct vls_xml4774 *form, struct vls_xml4774_step *step,
                                 const struct vls_label *label)
{
    const struct vls_scheme *scheme = label->scheme;
    struct vls_xml4774_category *category = NULL;
    for (size_t i = 0; i < vls_scheme_category_count(scheme); i++) {
        const struct vls_category *c = vls_scheme_category(scheme, i);
        if (!vls_label_has(label, c))
            continue;
        VLS_TRY(category_of(form, step, scheme, vls_scheme_tag(scheme, c->tag), &category));
        VLS_TRY(vls_xml4774_add_value(form, category, VLS_XML4774_GENERIC, c->name));
    }
    for (size_t i = 0; i < vls_scheme_tag_count(scheme); i++) {
        const struct vls_tag *tag = vls_scheme_tag(scheme, i);
        if (vls_tag_type_is_permissive(tag->type) && vls_label_list(label, tag) == VLS_LIST_EMPTY)
            VLS_TRY(category_of(form, step, scheme, tag, &category));
    }
    return VLS_DONE;
}

static VLS_STATUS put_originator(struct vls_xml4774 *form, struct vls_xml4774_step *step,
                                 const struct vls_label_details *details)
{
    const char *colon = strchr(details->originators[0], ':');
    char type[VLS_MAX_NAME];
    size_t len = colon != NULL ? (size_t)(colon - details->originators[0]) : 0;
    if (len == 0 || len >= sizeof type)
        return vls_fail(VLS_INPUT_MALFORMED, NULL, "not an originator of the format");
    vls_text_copy(type, len + 1, details->originators[0]);
    VLS_TRY(vls_xml4774_text(form, type, &step->originator_type));
    return vls_xml4774_text(form, colon + 1, &step->originator);
}

static VLS_STATUS put_step(struct vls_xml4774 *form, struct vls_xml4774_step *step,
                           const struct vls_label *label)
{
    char uri[VLS_MAX_OID_TEXT + sizeof OID_URI];
    snprintf(uri, sizeof uri, "%s%s", OID_URI, vls_scheme_oid(label->scheme));
    VLS_TRY(vls_xml4774_text(form, uri, &step->policy_uri));
    VLS_TRY(vls_xml4774_text(form, vls_scheme_title(label->scheme), &step->policy));
    VLS_TRY(vls_xml4774_text(form, label->classification->name, &step->classification));
    VLS_TRY(vls_xml4774_text(form, label->details->privacy_mark, &step->privacy_mark));
    if (label->details->originator_count != 0)
        VLS_TRY(put_originator(form, step, label->details));
    step->created_ms = label->details->created_ms;
    return put_categories(form, step, label);
}

static VLS_STATUS check_form_holds(const struct vls_label *label, struct vls_why *why)
{
    const struct vls_label_details *d = label->details;
    if (d == NULL || d->created_ms == 0)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "ADatP-4774 wants the time of creation, and the label has none");
    if (d->unknown_count != 0)
        return vls_fail(VLS_LABEL_VALUE, why, "the category '%.80s' is unknown to scheme %.60s",
                        d->unknown[0].words, vls_scheme_name(label->scheme));
    if (d->originator_count > 1)
        return vls_fail(VLS_LABEL_VALUE, why, "ADatP-4774 holds one originator, the label has %zu",
                        d->originator_count);
    return VLS_DONE;
}

static VLS_STATUS put_label(struct vls_xml4774 *form, const struct vls_label *label,
                            struct vls_why *why)
{
    form->review_ms = label->details != NULL ? label->details->review_ms : 0;
    for (form->step_count = 0; label != NULL;) {
        if (form->step_count > VLS_MAX_XML_SUCCESSORS)
            return vls_fail(VLS_LABEL_VALUE, why, "more than %d labels succeed each other",
                            VLS_MAX_XML_SUCCESSORS);
        VLS_TRY(check_form_holds(label, why));
        struct vls_status s = put_step(form, &form->steps[form->step_count++], label);
        if (!vls_ok(s))
            return vls_fail(s.code == VLS_SYSTEM_MEMORY ? s.code : VLS_LABEL_VALUE, why,
                            "the label has an originator without type, or too many categories, for "
                            "ADatP-4774");
        const struct vls_label *next = label->details->successor;
        if (next != NULL && form->step_count <= VLS_MAX_XML_SUCCESSORS)
            form->steps[form->step_count].from_ms = label->details->succession_ms;
        label = next;
    }
    return VLS_DONE;
}

struct vls_status vls_xml4774_of(const struct vls_label *label, struct vls_xml4774 **out,
                                 struct vls_why *why)
{
    struct vls_xml4774 *form = vls_xml4774_new();
    struct vls_status s = put_label(form, label, why);
    if (vls_ok(s))
        *out = form;
    else
        vls_xml4774_free(&form);
    return s;
}
