#include "approval/statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define TITLE      "Valise review 1"
#define DIGEST_HEX (2 * VLS_DIGEST_BYTES + 1)
#define NAME_SHOWN 40

/* -- writing ----------------------------------------------------------------------------------- */

static VLS_STATUS add_text(struct vls_buf *out, const char *name, const char *text)
{
    if (!vls_text_is_clean(vls_slice_text(text), false))
        return vls_fail(VLS_INPUT_MALFORMED, NULL, "%s", name);
    return vls_buf_add_format(out, "%s: %s\n", name, text);
}

static VLS_STATUS add_digest(struct vls_buf *out, const char *name, const struct vls_digest *digest,
                             uint64_t bytes)
{
    char hex[DIGEST_HEX];
    vls_hex(vls_digest_slice(digest), hex);
    return vls_buf_add_format(out, "%s: sha256:%s, %" PRIu64 " bytes\n", name, hex, bytes);
}

static VLS_STATUS add_rules(struct vls_buf *out, const char *name, const char *rules,
                            uint32_t version, const struct vls_digest *digest)
{
    char hex[DIGEST_HEX];
    if (rules == NULL)
        return vls_buf_add_format(out, "%s: none\n", name);
    vls_hex(vls_digest_slice(digest), hex);
    return vls_buf_add_format(out, "%s: %s, version %" PRIu32 ", sha256:%s\n", name, rules, version,
                              hex);
}

static VLS_STATUS add_message(const struct vls_statement *s, struct vls_buf *out)
{
    char id[VLS_ID_TEXT], hex[DIGEST_HEX];
    vls_id_text(&s->id, id);
    VLS_TRY(add_text(out, "act", s->act));
    VLS_TRY(add_text(out, "message", id));
    VLS_TRY(add_text(out, "kind", s->kind));
    VLS_TRY(add_text(out, "from", s->from));
    VLS_TRY(add_text(out, "to", s->to));
    VLS_TRY(add_text(out, "body", s->body));
    VLS_TRY(add_text(out, "label before", s->label));
    VLS_TRY(add_text(out, "label after", s->label));
    vls_hex(vls_digest_slice(&s->manifest), hex);
    VLS_TRY(vls_buf_add_format(out, "manifest: sha256:%s\n", hex));
    VLS_TRY(add_digest(out, "sealed keys", &s->sealed, s->sealed_bytes));
    return add_digest(out, "sealed content", &s->content, s->content_bytes);
}

/** All but the note. */
static VLS_STATUS write_head(const struct vls_statement *s, struct vls_buf *out)
{
    char hex[DIGEST_HEX], expires[VLS_TIME_TEXT];
    VLS_TRY(vls_buf_add_text(out, TITLE "\n"));
    VLS_TRY(add_message(s, out));
    VLS_TRY(add_rules(out, "arrangement", s->arrangement, s->arrangement_version,
                      &s->arrangement_digest));
    VLS_TRY(add_rules(out, "house rules", s->house_rules, s->house_rules_version,
                      &s->house_rules_digest));
    vls_hex(vls_digest_slice(&s->decision), hex);
    VLS_TRY(vls_buf_add_format(out, "decision: sha256:%s\n", hex));
    VLS_TRY(add_text(out, "officer", s->officer));
    vls_time_text(s->expires_ms, expires);
    return add_text(out, "holds until", expires);
}

struct vls_status vls_statement_write(const struct vls_statement *statement, struct vls_buf *out)
{
    VLS_TRY(write_head(statement, out));
    return add_text(out, "note", statement->note);
}

/* -- comparing --------------------------------------------------------------------------------- */

/** The next line without its line feed; false at the end. */
static bool next_line(struct vls_slice *rest, struct vls_slice *out)
{
    if (rest->len == 0)
        return false;
    const uint8_t *end = memchr(rest->at, '\n', rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->at) : rest->len;
    *out = VLS_SLICE(rest->at, len);
    size_t taken = len + (end != NULL ? 1 : 0);
    *rest = VLS_SLICE(rest->at + taken, rest->len - taken);
    return true;
}

/** What stands before the colon, as text. */
static void name_of(struct vls_slice line, char out[NAME_SHOWN])
{
    const uint8_t *colon = line.len > 0 ? memchr(line.at, ':', line.len) : NULL;
    size_t len = colon != NULL ? (size_t)(colon - line.at) : line.len;
    snprintf(out, NAME_SHOWN, "%.*s", (int)(len < NAME_SHOWN ? len : NAME_SHOWN - 1),
             (const char *)line.at);
}

static VLS_STATUS differs(struct vls_slice expected, struct vls_slice given, struct vls_why *why)
{
    struct vls_slice ours, theirs;
    while (next_line(&expected, &ours)) {
        if (next_line(&given, &theirs) && vls_slice_is_equal(ours, theirs))
            continue;
        char name[NAME_SHOWN];
        name_of(ours, name);
        return vls_fail(VLS_APPROVAL_SIGNATURE, why,
                        "what was signed is not this message as it is now: its line '%s' differs",
                        name);
    }
    return vls_fail(VLS_APPROVAL_SIGNATURE, why, "what was signed goes on behind its note");
}

static bool is_only_a_note(struct vls_slice line)
{
    static const char NAME[] = "note: ";
    const size_t len = sizeof NAME - 1;
    return line.len > len && memcmp(line.at, NAME, len) == 0 && line.at[line.len - 1] == '\n' &&
           memchr(line.at, '\n', line.len - 1) == NULL;
}

struct vls_status vls_statement_compare(const struct vls_statement *statement,
                                        struct vls_slice signed_bytes, struct vls_why *why)
{
    struct vls_buf expected VLS_DEFER(vls_buf_fini);
    vls_buf_init(&expected, VLS_MAX_STATEMENT);
    VLS_TRY(write_head(statement, &expected));
    if (statement->note != NULL)
        VLS_TRY(add_text(&expected, "note", statement->note));
    struct vls_slice whole = vls_buf_slice(&expected);
    if (signed_bytes.len < whole.len ||
        !vls_slice_is_equal(VLS_SLICE(signed_bytes.at, whole.len), whole))
        return differs(whole, signed_bytes, why);
    struct vls_slice rest = VLS_SLICE(signed_bytes.at + whole.len, signed_bytes.len - whole.len);
    if (statement->note != NULL ? rest.len != 0 : !is_only_a_note(rest))
        return differs(whole, signed_bytes, why);
    return VLS_DONE;
}

struct vls_status vls_statement_is(struct vls_slice bytes, const char *act, const struct vls_id *id,
                                   const char *note, struct vls_why *why)
{
    char head[64 + VLS_ID_TEXT], tail[VLS_MAX_STATEMENT], id_text[VLS_ID_TEXT];
    vls_id_text(id, id_text);
    snprintf(head, sizeof head, TITLE "\nact: %.16s\nmessage: %s\n", act, id_text);
    snprintf(tail, sizeof tail, "\nnote: %s\n", note);
    struct vls_slice first = vls_slice_text(head), last = vls_slice_text(tail);
    if (bytes.len < first.len + last.len ||
        !vls_slice_is_equal(VLS_SLICE(bytes.at, first.len), first) ||
        !vls_slice_is_equal(VLS_SLICE(bytes.at + bytes.len - last.len, last.len), last) ||
        !vls_text_is_clean(bytes, true))
        return vls_fail(VLS_APPROVAL_FORM, why,
                        "the gateway asks for a signature under something else than was asked for");
    return VLS_DONE;
}
