#include "envelope/proof.h"

#include "base/mem.h"
#include "base/text.h"
#include "envelope/inclusion.h"

#define HEADER        "valise-proof/v1\n"
#define SENT          "\nsent\n"
#define RECEIVED      "\nreceived\n"
#define DECISION      "\ndecision\n"
#define INTERNAL      "\ninternal\n"
#define SENT_TIME     "\nsent-time\n"
#define RECEIVED_TIME "\nreceived-time\n"
#define INTERNAL_TIME "\ninternal-time\n"

/* A tlog-proof has two empty lines: behind its path, and behind the text of its checkpoint. */
#define TLOG_PROOF_BLOCKS 3u

bool vls_proof_is(struct vls_slice start)
{
    struct vls_reader reader = vls_reader_of(start);
    struct vls_slice head = vls_reader_bytes(&reader, sizeof HEADER - 1);
    return !reader.failed && vls_slice_is_equal(head, vls_slice_text(HEADER));
}

/* -- writing ----------------------------------------------------------------------------------- */

static struct vls_slice slice_of(ProtobufCBinaryData bytes)
{
    return VLS_SLICE(bytes.data, bytes.len);
}

/* One line of base64 below its heading. */
static struct vls_status add_bytes(const char *head, ProtobufCBinaryData bytes, struct vls_buf *out)
{
    VLS_TRY(vls_buf_add_text(out, head));
    VLS_TRY(vls_base64_add(slice_of(bytes), out));
    return vls_buf_add_text(out, "\n");
}

/* A log's section, and the time stamp on it when there is one. */
static struct vls_status add_section(const char *head, const char *time_head,
                                     const Valise__InclusionEvidence *inclusion,
                                     ProtobufCBinaryData record, struct vls_buf *out,
                                     struct vls_why *why)
{
    VLS_TRY(vls_buf_add_text(out, head));
    VLS_TRY(vls_inclusion_write(inclusion, slice_of(record), out, why));
    if (inclusion->stamp.len == 0)
        return VLS_DONE;
    if (inclusion->stamp.len > VLS_MAX_STAMP)
        return vls_fail(VLS_INPUT_LIMIT, why, "a time stamp of %zu bytes, and the limit is %d",
                        inclusion->stamp.len, VLS_MAX_STAMP);
    return add_bytes(time_head, inclusion->stamp, out);
}

static struct vls_status add_all(const Valise__Evidence *e, struct vls_buf *out,
                                 struct vls_why *why)
{
    VLS_TRY(vls_buf_add_text(out, HEADER));
    VLS_TRY(add_section(SENT, SENT_TIME, e->sent, e->manifest, out, why));
    if (e->receipt.len != 0 && e->received != NULL)
        VLS_TRY(add_section(RECEIVED, RECEIVED_TIME, e->received, e->receipt, out, why));
    if (e->decision.len == 0)
        return VLS_DONE;
    VLS_TRY(add_bytes(DECISION, e->decision, out));
    if (e->decided == NULL || e->decision_entry.len == 0)
        return VLS_DONE;
    return add_section(INTERNAL, INTERNAL_TIME, e->decided, e->decision_entry, out, why);
}

struct vls_status vls_proof_write(const Valise__Evidence *evidence, struct vls_buf *out,
                                  struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_PROVEN_FILE);
    if (evidence->sent == NULL || evidence->manifest.len == 0)
        return vls_fail(VLS_STORE_MISSING, why,
                        "nothing proves that this message was sent: no signed checkpoint holds it "
                        "yet");
    VLS_TRY(add_all(evidence, &text, why));
    return vls_buf_add_slice(out, vls_buf_slice(&text));
}

/* -- reading ----------------------------------------------------------------------------------- */

/* What is not read yet, and the line that it begins with. */
struct rest {
    struct vls_reader reader;
    unsigned line;
};

/* Take `text` from the front when it stands there. */
static bool take(struct rest *rest, const char *text)
{
    struct vls_slice expected = vls_slice_text(text);
    struct vls_reader ahead = rest->reader;
    struct vls_slice found = vls_reader_bytes(&ahead, expected.len);
    if (ahead.failed || !vls_slice_is_equal(found, expected))
        return false;
    rest->reader = ahead;
    for (size_t i = 0; i < expected.len; i++)
        rest->line += expected.at[i] == '\n';
    return true;
}

/* Everything up to the `count`-th empty line, or the end. The empty line stays. */
static struct vls_slice take_blocks(struct rest *rest, unsigned count)
{
    struct vls_slice all = rest->reader.rest;
    size_t len = 0;
    for (; len < all.len; len++) {
        bool is_end = all.at[len] == '\n';
        if (is_end && len > 0 && all.at[len - 1] == '\n' && --count == 0)
            break;
        rest->line += is_end;
    }
    return vls_reader_bytes(&rest->reader, len);
}

static struct vls_status read_section(struct rest *rest, const char *name,
                                      Valise__InclusionEvidence **out,
                                      ProtobufCBinaryData *out_record, struct vls_why *why)
{
    struct vls_why inner = {""};
    unsigned first = rest->line;
    struct vls_status s =
        vls_inclusion_read(take_blocks(rest, TLOG_PROOF_BLOCKS), out, out_record, &inner);
    if (vls_ok(s) && out_record->len == 0)
        s = vls_fail(VLS_ENVELOPE_MALFORMED, &inner, "has no line \"extra\" with the record");
    if (!vls_ok(s))
        return vls_fail(s.code, why, "section %s from line %u: %s", name, first, inner.text);
    return s;
}

/* The one line of base64 of a section; `what` says of what, with its article. */
static struct vls_status read_bytes(struct rest *rest, const char *what, size_t max,
                                    ProtobufCBinaryData *out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, max);
    struct vls_slice base64 = vls_reader_until(&rest->reader, '\n');
    if (rest->reader.failed || !vls_ok(vls_base64_read(base64, &bytes)) || bytes.len == 0)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why,
                        "line %u is not the base64 of %s of at most %zu bytes", rest->line, what,
                        max);
    rest->line++;
    return vls_evidence_copy(vls_buf_slice(&bytes), out, why);
}

/* The time stamp that may stand below a log's section. */
static struct vls_status read_stamp(struct rest *rest, const char *head,
                                    Valise__InclusionEvidence *out, struct vls_why *why)
{
    if (!take(rest, head))
        return VLS_DONE;
    return read_bytes(rest, "a time stamp", VLS_MAX_STAMP, &out->stamp, why);
}

static struct vls_status read_all(struct rest *rest, Valise__Evidence *e, struct vls_why *why)
{
    if (!take(rest, HEADER))
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "line 1 is not valise-proof/v1");
    if (!take(rest, SENT))
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "line 2 does not begin the section sent");
    VLS_TRY(read_section(rest, "sent", &e->sent, &e->manifest, why));
    VLS_TRY(read_stamp(rest, SENT_TIME, e->sent, why));
    if (take(rest, RECEIVED)) {
        VLS_TRY(read_section(rest, "received", &e->received, &e->receipt, why));
        VLS_TRY(read_stamp(rest, RECEIVED_TIME, e->received, why));
    }
    bool has_decision = take(rest, DECISION);
    if (has_decision)
        VLS_TRY(read_bytes(rest, "a decision record", VLS_MAX_DECISION, &e->decision, why));
    if (has_decision && take(rest, INTERNAL)) {
        VLS_TRY(read_section(rest, "internal", &e->decided, &e->decision_entry, why));
        VLS_TRY(read_stamp(rest, INTERNAL_TIME, e->decided, why));
    }
    if (!vls_reader_is_at_end(&rest->reader))
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "line %u has no place in a proof", rest->line);
    return VLS_DONE;
}

struct vls_status vls_proof_read(struct vls_slice text, Valise__Evidence **out, struct vls_why *why)
{
    struct rest rest = {vls_reader_of(text), 1};
    if (text.len > VLS_MAX_PROVEN_FILE)
        return vls_fail(VLS_INPUT_LIMIT, why, "a proof of %zu bytes, and the limit is %d", text.len,
                        VLS_MAX_PROVEN_FILE);
    Valise__Evidence *evidence = vls_mem_new(sizeof *evidence);
    valise__evidence__init(evidence);
    struct vls_status s = read_all(&rest, evidence, why);
    if (vls_ok(s))
        *out = evidence;
    else
        valise__evidence__free_unpacked(evidence, NULL);
    return s;
}
