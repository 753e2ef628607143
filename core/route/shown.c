#include "route/shown.h"

#include "route/labels.h"

void vls_shown_init(struct vls_shown *shown)
{
    *shown = (struct vls_shown){.label = {.scheme = NULL}};
    vls_buf_init(&shown->text, VLS_MAX_LABEL_TEXT);
    vls_buf_init(&shown->marking, VLS_MAX_MARKING);
    vls_buf_init(&shown->der, VLS_MAX_LABEL);
}

void vls_shown_fini(struct vls_shown *shown)
{
    vls_label_fini(&shown->label);
    vls_buf_fini(&shown->text);
    vls_buf_fini(&shown->marking);
    vls_buf_fini(&shown->der);
}

struct vls_status vls_shown_read(struct vls_route *route, const struct vls_message *m,
                                 struct vls_shown *out, struct vls_why *why)
{
    const struct vls_route_options *o = &route->o;
    const char *labeller = m->direction == VLS_OUT ? o->config->node.party : m->party;
    struct vls_manifest manifest;
    VLS_TRY(vls_manifest_read(m->manifest, &manifest, why));
    struct vls_slice der = vls_bytes(manifest.fields->label);
    struct vls_status s = vls_labels_received(der, o->schemes, o->arrangement, labeller,
                                              vls_route_wall(route), &out->label, why);
    if (vls_ok(s))
        s = vls_buf_add_slice(&out->der, der);
    vls_manifest_fini(&manifest);
    VLS_TRY(s);
    VLS_TRY(vls_label_text(&out->label, &out->text));
    return vls_label_marking(&out->label, &out->marking);
}

void vls_shown_fill(struct vls_route *route, const struct vls_message *m,
                    const struct vls_shown *shown, Valise__Deliver *out)
{
    char *own = route->o.config->node.party, *theirs = vls_field_text(m->party);
    valise__deliver__init(out);
    out->id = vls_data(vls_id_slice(&m->id));
    out->kind = vls_field_text(m->kind);
    out->from = m->direction == VLS_OUT ? own : theirs;
    out->to = m->direction == VLS_OUT ? theirs : own;
    out->body = vls_field_text(m->body);
    out->label = vls_field_text(vls_buf_text((struct vls_buf *)&shown->text));
    out->marking = vls_field_text(vls_buf_text((struct vls_buf *)&shown->marking));
    out->created_ms = m->created_ms;
    out->received_ms = m->direction == VLS_IN ? m->changed_ms : 0;
    out->conversation = vls_field_text(m->conversation);
    out->in_reply_to = vls_data(m->in_reply_to);
    out->attempt = m->attempts + 1;
    out->label_der = vls_data(vls_buf_slice(&shown->der));
}
