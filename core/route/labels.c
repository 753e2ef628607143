/*
 * route/labels - read, in the order of their checks: the label given for the message, each
 * document's own, their join; and on the other side the label of what was received.
 */
#include "route/labels.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/archive_labels.h"
#include "label/join.h"

/* ADatP-4774 names originators by a kind of identifier and the identifier. */
#define PARTY_URI "uniformResourceIdentifier:urn:valise:party:"

/* -- one label, in full ------------------------------------------------------------------------ */

static struct vls_status add_originators(const Valise__LabelDetails *from, struct vls_label *label,
                                         struct vls_why *why)
{
    for (size_t i = 0; i < from->n_originators; i++)
        if (!vls_ok(vls_label_add_originator(label, from->originators[i])))
            return vls_fail(VLS_LABEL_VALUE, why,
                            "originator %zu of the label is not one line of at most %d bytes, or "
                            "they are more than %d",
                            i + 1, VLS_MAX_NAME, VLS_MAX_ORIGINATORS);
    return VLS_DONE;
}

/* labels.xml, which carries these, has a date of succession only with the label that succeeds, and
 * one of review only for the first. Nothing that was given is left out in silence. */
static struct vls_status check_dates(const Valise__LabelDetails *from, bool is_first, bool is_last,
                                     struct vls_why *why)
{
    if (from->succession_ms != 0 && is_last)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "the label is succeeded at a time and by no label; give the successor too");
    if (from->review_ms != 0 && !is_first)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "a successor has no review date of its own; give it with the first label");
    return VLS_DONE;
}

/* Without the successor. */
static struct vls_status read_step(const Valise__LabelDetails *from,
                                   const struct vls_scheme_set *schemes, struct vls_label *out,
                                   struct vls_why *why)
{
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    VLS_TRY(vls_label_decode(VLS_SLICE(from->der.data, from->der.len), schemes, &label, why));
    VLS_TRY(add_originators(from, &label, why));
    bool has_dates = from->created_ms != 0 || from->review_ms != 0 || from->succession_ms != 0;
    if (has_dates) {
        struct vls_label_details *details = vls_label_details(&label);
        details->created_ms = from->created_ms;
        details->review_ms = from->review_ms;
        details->succession_ms = from->succession_ms;
    }
    *out = label;
    label = (struct vls_label){.scheme = NULL};
    return VLS_DONE;
}

/* From the label to its last successor: each owns the one behind it. */
static struct vls_status read_full(const Valise__Submission *in,
                                   const struct vls_scheme_set *schemes, struct vls_label *out,
                                   struct vls_why *why)
{
    struct vls_label first VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    struct vls_label *at = &first;
    if (in->n_full_label > 1 + VLS_MAX_XML_SUCCESSORS)
        return vls_fail(VLS_LABEL_VALUE, why, "more than %d labels succeed each other",
                        VLS_MAX_XML_SUCCESSORS);
    for (size_t i = 0; i < in->n_full_label; i++) {
        bool is_last = i + 1 == in->n_full_label;
        VLS_TRY(check_dates(in->full_label[i], i == 0, is_last, why));
        VLS_TRY(read_step(in->full_label[i], schemes, at, why));
        if (!is_last) {
            struct vls_label_details *details = vls_label_details(at);
            details->successor = vls_mem_new(sizeof *details->successor);
            at = details->successor;
        }
    }
    VLS_TRY(vls_label_check_new(&first, why));
    *out = first;
    first = (struct vls_label){.scheme = NULL};
    return VLS_DONE;
}

/* -- of the submission ------------------------------------------------------------------------- */

static bool is_given(const Valise__Submission *in)
{
    return in->n_full_label != 0 || in->label[0] != '\0';
}

static struct vls_status read_given(const Valise__Submission *in,
                                    const struct vls_scheme_set *schemes, uint64_t now_ms,
                                    struct vls_label *out, struct vls_why *why)
{
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    if (in->n_full_label != 0 && in->label[0] != '\0')
        return vls_fail(VLS_LABEL_VALUE, why, "the message is labelled twice, as text and in full");
    if (in->n_full_label != 0)
        VLS_TRY(read_full(in, schemes, &label, why));
    else
        VLS_TRY(vls_label_read(in->label, schemes, &label, why));
    VLS_TRY(vls_label_check_at(&label, now_ms, why));
    *out = label;
    label = (struct vls_label){.scheme = NULL};
    return VLS_DONE;
}

static struct vls_status read_part(const Valise__Part *part, const struct vls_scheme_set *schemes,
                                   uint64_t now_ms, bool has_given, struct vls_label *out,
                                   struct vls_why *why)
{
    struct vls_why reason = {""};
    struct vls_status s = VLS_DONE;
    if (part->label[0] != '\0')
        s = vls_label_read(part->label, schemes, out, &reason);
    else if (!has_given)
        s = vls_fail(VLS_LABEL_MISSING, &reason, "it has no label, and neither has the message");
    if (vls_ok(s) && out->scheme != NULL)
        s = vls_label_check_at(out, now_ms, &reason);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "document '%.60s': %s", part->name, reason.text);
    return VLS_DONE;
}

/* `sum` gets one more; which document it was stands in `why`. */
static struct vls_status join(struct vls_label *sum, const struct vls_label *one, const char *name,
                              struct vls_why *why)
{
    struct vls_why reason = {""};
    struct vls_label next = {.scheme = NULL};
    struct vls_status s =
        sum->scheme == NULL ? vls_label_copy(one, &next) : vls_label_join(sum, one, &next, &reason);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "document '%.60s': %s", name, reason.text);
    vls_label_fini(sum);
    *sum = next;
    return VLS_DONE;
}

static struct vls_status check_join(const struct vls_label *whole, uint64_t now_ms,
                                    struct vls_why *why)
{
    struct vls_why reason = {""};
    struct vls_status s = vls_label_check_new(whole, &reason);
    if (vls_ok(s))
        s = vls_label_check_at(whole, now_ms, &reason);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "the join of the documents' labels: %s", reason.text);
    return VLS_DONE;
}

/* A document that the others' labels would raise keeps what was given for it. */
static struct vls_status keep_given(struct vls_labels *l, const struct vls_label *given)
{
    if (given->scheme == NULL || vls_label_is_same(given, &l->whole))
        return VLS_DONE;
    for (size_t i = 0; i < l->count; i++)
        if (l->parts[i].scheme == NULL)
            VLS_TRY(vls_label_copy(given, &l->parts[i]));
    return VLS_DONE;
}

static struct vls_status write_forms(struct vls_labels *l, struct vls_why *why)
{
    if (!vls_ok(vls_label_encode(&l->whole, &l->der)))
        return vls_fail(VLS_LABEL_VALUE, why, "the label does not fit into %d bytes of DER",
                        VLS_MAX_LABEL);
    if (!vls_ok(vls_label_text(&l->whole, &l->text)))
        return vls_fail(VLS_LABEL_VALUE, why, "the label does not fit into %d bytes of text",
                        VLS_MAX_LABEL_TEXT);
    return VLS_DONE;
}

static struct vls_status read_all(const Valise__Submission *in,
                                  const struct vls_scheme_set *schemes, uint64_t now_ms,
                                  struct vls_labels *l, struct vls_label *given,
                                  struct vls_why *why)
{
    if (is_given(in)) {
        VLS_TRY(read_given(in, schemes, now_ms, given, why));
        VLS_TRY(vls_label_copy(given, &l->whole));
    }
    for (size_t i = 0; i < in->n_parts; i++) {
        VLS_TRY(read_part(in->parts[i], schemes, now_ms, given->scheme != NULL, &l->parts[i], why));
        if (l->parts[i].scheme != NULL)
            VLS_TRY(join(&l->whole, &l->parts[i], in->parts[i]->name, why));
    }
    VLS_TRY(check_join(&l->whole, now_ms, why));
    VLS_TRY(keep_given(l, given));
    return write_forms(l, why);
}

struct vls_status vls_labels_read(const Valise__Submission *in,
                                  const struct vls_scheme_set *schemes, uint64_t now_ms,
                                  struct vls_labels *out, struct vls_why *why)
{
    struct vls_label given VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    struct vls_labels l = {.count = in->n_parts};
    l.parts = vls_mem_new(in->n_parts * sizeof *l.parts);
    vls_buf_init(&l.der, VLS_MAX_LABEL);
    vls_buf_init(&l.text, VLS_MAX_LABEL_TEXT);
    struct vls_status s = read_all(in, schemes, now_ms, &l, &given, why);
    if (!vls_ok(s)) {
        vls_labels_fini(&l);
        return s;
    }
    *out = l;
    return VLS_DONE;
}

void vls_labels_fini(struct vls_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        vls_label_fini(&labels->parts[i]);
    vls_label_fini(&labels->whole);
    vls_mem_free(labels->parts);
    vls_buf_fini(&labels->der);
    vls_buf_fini(&labels->text);
    *labels = (struct vls_labels){.count = 0};
}

struct vls_status vls_labels_xml(const struct vls_labels *labels,
                                 const struct vls_descriptor *descriptor, uint64_t created_ms,
                                 const char *party, struct vls_buf *out, struct vls_why *why)
{
    char originator[sizeof PARTY_URI + VLS_MAX_PARTY];
    if (labels->whole.scheme == NULL)
        return VLS_DONE;
    snprintf(originator, sizeof originator, "%s%s", PARTY_URI, party);
    return vls_archive_labels_write(&labels->whole, labels->parts, descriptor, created_ms,
                                    originator, out, why);
}

/* -- received ---------------------------------------------------------------------------------- */

struct vls_status vls_labels_received(struct vls_slice der, const struct vls_scheme_set *schemes,
                                      const struct vls_arrangement *arrangement, const char *party,
                                      uint64_t now_ms, struct vls_label *out, struct vls_why *why)
{
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    VLS_TRY(vls_label_decode(der, schemes, &label, why));
    if (label.scheme != vls_arrangement_scheme(arrangement, party))
        return vls_fail(VLS_LABEL_SCHEME, why,
                        "the label is of scheme %.60s, and %.60s does not label by it under %.60s",
                        vls_scheme_name(label.scheme), party, vls_arrangement_name(arrangement));
    VLS_TRY(vls_label_check_at(&label, now_ms, why));
    *out = label;
    label = (struct vls_label){.scheme = NULL};
    return VLS_DONE;
}
