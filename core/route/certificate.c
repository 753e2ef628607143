/* The one certificate of a written statement that has reached all members of a body. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "route/distribution_internal.h"

#define CERTIFICATE_VERSION 1
#define RECEIPT_ROOM        1024u /* of one member in the JSON: two names of VLS_MAX_NAME, escaped */
#define NAMED               5u    /* of the members that are missing, in a refusal */

static struct vls_status check_complete(const Valise__Distribution *d, uint32_t expected,
                                        struct vls_why *why)
{
    char names[NAMED * (VLS_MAX_NAME / 2) + 1] = "";
    size_t used = 0;
    for (size_t i = 0; i < d->n_missing && i < NAMED && used < sizeof names; i++) {
        int n = snprintf(names + used, sizeof names - used, "%s%.60s", i > 0 ? ", " : "",
                         d->missing[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    if (d->n_members == 0)
        return vls_fail(VLS_ROUTE_STATE, why, "the arrangement in force names no members of %.60s",
                        d->body);
    if (d->n_missing > 0)
        return vls_fail(VLS_ROUTE_STATE, why, "not every member has its receipt: %s%s is missing",
                        names, d->n_missing > NAMED ? " and more" : "");
    if (d->is_list && expected == 0)
        return vls_fail(VLS_CLI_USAGE, why,
                        "its members are a list, of which %llu have their receipt; say with "
                        "--expected how many there are",
                        (unsigned long long)d->recorded);
    if (expected != 0 && d->recorded != expected)
        return vls_fail(VLS_ROUTE_STATE, why, "%llu receipts are recorded, and %u are expected",
                        (unsigned long long)d->recorded, expected);
    return VLS_DONE;
}

/* vls_member_fn */
static struct vls_status list_member(void *ctx, const struct vls_member *member,
                                     struct vls_why *why)
{
    char time[VLS_TIME_TEXT];
    json_t *entry = json_object();
    vls_time_text(member->received_ms, time);
    if (json_object_set_new(entry, "member", json_string(member->member)) != 0 ||
        json_object_set_new(entry, "received", json_string(time)) != 0 ||
        json_object_set_new(entry, "reference", json_string(member->reference)) != 0) {
        json_decref(entry);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the certificate");
    }
    return json_array_append_new(ctx, entry) == 0
               ? VLS_DONE
               : vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the certificate");
}

/* json_dump_callback_t */
static int add_text(const char *text, size_t len, void *ctx)
{
    return vls_ok(vls_buf_add(ctx, text, len)) ? 0 : -1;
}

static json_t *describe_certificate(struct vls_route *route, const struct vls_statement_kept *of,
                                    json_t *members)
{
    char id[VLS_ID_TEXT], digest[2 * VLS_DIGEST_BYTES + 1], received[VLS_TIME_TEXT];
    vls_id_text(&of->row.id, id);
    vls_hex(vls_digest_slice(&of->row.manifest_digest), digest);
    vls_time_text(of->row.received_ms, received);
    return json_pack("{s:s, s:i, s:s, s:{s:s, s:s, s:s, s:s, s:s}, s:s, s:I, s:O}", "document",
                     VLS_CERTIFICATE_KIND, "version", CERTIFICATE_VERSION, "basis", "5(3)",
                     "statement", "id", id, "manifest-sha256", digest, "from", of->party, "body",
                     of->body, "received", received, "by", route->o.config->node.party, "count",
                     (json_int_t)json_array_size(members), "members", members);
}

/** By member, each with its receipt. */
static struct vls_status make_certificate(struct vls_route *route,
                                          const struct vls_statement_kept *of, struct vls_buf *out,
                                          struct vls_why *why)
{
    json_t *members = json_array();
    struct vls_status s = vls_store_members(route->o.store, &of->row.id, NULL, VLS_MAX_RECEIPTS,
                                            list_member, members, why);
    json_t *document = vls_ok(s) ? describe_certificate(route, of, members) : NULL;
    if (vls_ok(s) &&
        (document == NULL || json_dump_callback(document, add_text, out, JSON_INDENT(2)) != 0))
        s = vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the certificate");
    json_decref(document);
    json_decref(members);
    return s;
}

/** The normal way of a submission: labelled, decided, sealed, recorded; it is in reply to the
 * statement. */
static struct vls_status submit(struct vls_route *route, uint64_t handle,
                                const struct vls_statement_kept *of, const char *label,
                                struct vls_slice document, const char *actor, struct vls_why *why)
{
    char id[VLS_ID_TEXT], key[sizeof "distribution:" + VLS_ID_TEXT],
        subject[VLS_MAX_NAME + sizeof "Distribution to all members of "];
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    Valise__Part part = VALISE__PART__INIT, *parts[] = {&part};
    struct vls_message *statement = NULL;
    struct vls_fds fds = {.count = 1};
    VLS_TRY(vls_store_get(route->o.store, &of->row.id, &statement, why));
    struct vls_status s = vls_fd_memory_of("valise-certificate", document, &fds.fd[0], why);
    if (vls_ok(s)) {
        vls_id_text(&of->row.id, id);
        snprintf(key, sizeof key, "distribution:%s", id);
        snprintf(subject, sizeof subject, "Distribution to all members of %s", of->body);
        part.name = vls_field_text("distribution-certificate.json");
        part.media_type = vls_field_text("application/json");
        part.bytes = document.len;
        in.origin_key = key;
        in.kind = vls_field_text(VLS_CERTIFICATE_KIND);
        in.to = vls_field_text(of->party);
        in.label = vls_field_text(label);
        in.subject = subject;
        in.conversation = vls_field_text(statement->conversation);
        in.in_reply_to = vls_data(vls_id_slice(&of->row.id));
        in.n_parts = 1;
        in.parts = parts;
        vls_route_submit(route, handle, actor, &in, &fds);
        vls_fd_close(&fds.fd[0]);
    }
    vls_message_free(&statement);
    return s;
}

/** It is certified, or on its way to be: that message is the answer, whoever asked for it. */
static bool is_answered(struct vls_route *route, uint64_t handle,
                        const struct vls_statement_kept *of)
{
    const struct vls_written_statement *row = &of->row;
    Valise__SubmissionResult result = VALISE__SUBMISSION_RESULT__INIT;
    Valise__Outcome outcome;
    Valise__Frame frame = VALISE__FRAME__INIT;
    if (strcmp(row->certificate_kind, VLS_CERTIFICATE_KIND) != 0 || row->certificate.len == 0 ||
        row->certificate_at == VLS_STATE_WITHHELD || row->certificate_at == VLS_STATE_RETURNED ||
        row->certificate_at == VLS_STATE_QUARANTINED)
        return false;
    vls_outcome_init(&outcome, VLS_DONE, &(struct vls_why){""});
    result.outcome = &outcome;
    result.id = vls_data(row->certificate);
    result.state = vls_field_text(vls_state_name(row->certificate_at));
    result.reason = vls_field_text("it was certified before");
    frame.body_case = VALISE__FRAME__BODY_SUBMISSION_RESULT;
    frame.submission_result = &result;
    route->o.ports.answer(route->o.ports.ctx, handle, &frame, NULL, 0);
    return true;
}

static struct vls_status certify(struct vls_route *route, uint64_t handle,
                                 const Valise__OperatorDistribution *in, const char *actor,
                                 struct vls_report *report, struct vls_why *why)
{
    struct vls_statement_kept of;
    struct vls_buf document VLS_DEFER(vls_buf_fini);
    vls_buf_init(&document, (size_t)VLS_MAX_RECEIPTS * RECEIPT_ROOM);
    VLS_TRY(vls_statement_find(route, in->id, &of, why));
    if (is_answered(route, handle, &of))
        return VLS_DONE;
    VLS_TRY(vls_statement_describe(route, &of, 0, report, why));
    VLS_TRY(check_complete(report->reply.distributions[0], in->expected, why));
    VLS_TRY(make_certificate(route, &of, &document, why));
    return submit(route, handle, &of, in->label, vls_buf_slice(&document), actor, why);
}

void vls_statement_certify(struct vls_route *route, uint64_t handle,
                           const Valise__OperatorDistribution *in, const char *actor)
{
    struct vls_why why = {""};
    struct vls_report report;
    vls_report_init(&report);
    vls_route_flush(route); /* what is certified is on disk */
    struct vls_status s = certify(route, handle, in, actor, &report, &why);
    if (!vls_ok(s))
        vls_report_refuse(route, handle, s, &why);
    vls_report_fini(&report);
}
