/* A message as an officer has to see it before he signs. */
#include "review.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define HEX_TEXT     (2 * 32 + 1)
#define ESCAPED_MOST 12 /* "<U+10FFFF>" */

/* -- text that hides nothing ------------------------------------------------------------------- */

/** Length of the UTF-8 sequence at `at` and its code point; 0 when it is none. */
static size_t decode(const unsigned char *at, uint32_t *out)
{
    static const uint8_t LENGTHS[] = {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 3, 4};
    size_t len = LENGTHS[at[0] >> 4];
    char copy[5] = "";
    for (size_t i = 0; i < len; i++) {
        if (at[i] == '\0')
            return 0;
        copy[i] = (char)at[i];
    }
    *out = len == 1 ? at[0] : at[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++)
        *out = *out << 6 | (at[i] & 0x3fu);
    if (len > 1 && !vls_text_is_clean(VLS_SLICE(copy, len), false) && (*out < 0x80 || *out > 0x9f))
        return 0;
    return len;
}

static bool is_hidden(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } HIDDEN[] = {
        {0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad},   {0x061c, 0x061c},
        {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < sizeof HIDDEN / sizeof HIDDEN[0]; i++)
        if (c >= HIDDEN[i].first && c <= HIDDEN[i].last)
            return true;
    return false;
}

char *vls_review_visible(const char *text)
{
    size_t room = strlen(text) * ESCAPED_MOST + 1, used = 0;
    char *out = vls_mem_new(room);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        uint32_t c = 0;
        size_t len = decode(at, &c);
        int n;
        if (len == 0)
            n = snprintf(out + used, room - used, "<0x%02X>", *at);
        else if (is_hidden(c))
            n = snprintf(out + used, room - used, "<U+%04" PRIX32 ">", c);
        else
            n = snprintf(out + used, room - used, "%.*s", (int)len, (const char *)at);
        used += n > 0 ? (size_t)n : 0;
        at += len > 0 ? len : 1;
    }
    return out;
}

/* -- approvals --------------------------------------------------------------------------------- */

size_t vls_review_had(const Valise__Review *review)
{
    size_t had = 0;
    for (size_t i = 0; i < review->n_approvals; i++)
        had += *review->approvals[i]->lapsed == '\0';
    return had;
}

uint64_t vls_review_expires(const Valise__Review *review)
{
    uint64_t first = 0;
    for (size_t i = 0; i < review->n_approvals; i++) {
        const Valise__ReviewApproval *one = review->approvals[i];
        if (*one->lapsed == '\0' && (first == 0 || one->expires_ms < first))
            first = one->expires_ms;
    }
    return first;
}

/* -- JSON -------------------------------------------------------------------------------------- */

static json_t *approvals_json(const Valise__Review *review)
{
    json_t *list = json_array();
    for (size_t i = 0; i < review->n_approvals; i++) {
        const Valise__ReviewApproval *one = review->approvals[i];
        json_t *object = json_object();
        json_object_set_new(object, "officer", vls_json_text(one->officer));
        json_object_set_new(object, "signed", vls_json_time(one->signed_ms));
        json_object_set_new(object, "expires", vls_json_time(one->expires_ms));
        json_object_set_new(object, "lapsed", vls_json_text(one->lapsed));
        json_array_append_new(list, object);
    }
    return list;
}

json_t *vls_review_json(const Valise__Review *review)
{
    json_t *object = vls_message_json(review->row), *rules = json_array(), *parts = json_array();
    for (size_t i = 0; i < review->n_rules; i++)
        json_array_append_new(rules, vls_json_text(review->rules[i]));
    for (size_t i = 0; i < review->n_part_digests; i++)
        json_array_append_new(parts, vls_json_hex(review->part_digests[i]));
    json_object_set_new(object, "rules", rules);
    json_object_set_new(object, "needed", json_integer(review->needed));
    json_object_set_new(object, "had", json_integer((json_int_t)vls_review_had(review)));
    json_object_set_new(object, "approvals", approvals_json(review));
    json_object_set_new(object, "obstacle", vls_json_text(review->obstacle));
    json_object_set_new(object, "manifest_digest", vls_json_hex(review->manifest_digest));
    json_object_set_new(object, "sealed_digest", vls_json_hex(review->sealed_digest));
    json_object_set_new(object, "sealed_bytes", vls_json_number(review->sealed_bytes));
    json_object_set_new(object, "content_digest", vls_json_hex(review->content_digest));
    json_object_set_new(object, "document_digests", parts);
    json_object_set_new(object, "arrangement", vls_json_text(review->arrangement));
    json_object_set_new(object, "arrangement_version", json_integer(review->arrangement_version));
    return object;
}

/* -- for people -------------------------------------------------------------------------------- */

static void print_text(struct cli *cli, const char *name, const char *text)
{
    char *visible = vls_review_visible(text);
    vls_print_field(cli, name, visible);
    vls_mem_free(visible);
}

static void print_digest(struct cli *cli, const char *name, ProtobufCBinaryData digest,
                         const uint64_t *bytes)
{
    char hex[HEX_TEXT] = "", line[HEX_TEXT + 48];
    if (2 * digest.len < sizeof hex)
        vls_hex(VLS_SLICE(digest.data, digest.len), hex);
    snprintf(line, sizeof line, bytes != NULL ? "%s, %" PRIu64 " bytes" : "%s", hex,
             bytes != NULL ? *bytes : 0);
    vls_print_field(cli, name, line);
}

static void print_approvals(struct cli *cli, const Valise__Review *review)
{
    char line[512], signed_at[VLS_TIME_TEXT], until[VLS_TIME_TEXT];
    snprintf(line, sizeof line, "%zu of %" PRIu32, vls_review_had(review), review->needed);
    vls_print_field(cli, "officers", line);
    for (size_t i = 0; i < review->n_approvals; i++) {
        const Valise__ReviewApproval *one = review->approvals[i];
        vls_time_for_people(one->signed_ms, signed_at);
        vls_time_for_people(one->expires_ms, until);
        snprintf(line, sizeof line, "%s, signed %s, until %s%s%s", one->officer, signed_at, until,
                 *one->lapsed != '\0' ? "; lapsed: " : "", one->lapsed);
        print_text(cli, "signed by", line);
    }
    if (*review->obstacle != '\0')
        print_text(cli, "you", review->obstacle);
}

void vls_review_print(struct cli *cli, const Valise__Review *review)
{
    const Valise__MessageRow *row = review->row;
    char id[VLS_ID_TEXT], time[VLS_TIME_TEXT], line[256];
    vls_show_id(row->id, id);
    vls_print_field(cli, "id", id);
    print_text(cli, "state", row->state);
    print_text(cli, "reason", row->reason);
    snprintf(line, sizeof line, "%s%s%s", row->party, *row->body != '\0' ? ", " : "", row->body);
    print_text(cli, "to", line);
    print_text(cli, "kind", row->kind);
    print_text(cli, "label", row->label);
    if (*row->subject != '\0')
        print_text(cli, "subject", row->subject);
    print_text(cli, "submitted by", row->origin);
    vls_time_for_people(row->created_ms, time);
    vls_print_field(cli, "since", time);
    for (size_t i = 0; i < review->n_rules; i++)
        print_text(cli, "referred by", review->rules[i]);
    snprintf(line, sizeof line, "%s, version %" PRIu32, review->arrangement,
             review->arrangement_version);
    print_text(cli, "arrangement", line);
    print_approvals(cli, review);
    print_digest(cli, "manifest", review->manifest_digest, NULL);
    print_digest(cli, "sealed keys", review->sealed_digest, &review->sealed_bytes);
    print_digest(cli, "content", review->content_digest, &row->content_bytes);
    for (size_t i = 0; i < review->n_part_digests; i++)
        print_digest(cli, "document", review->part_digests[i], NULL);
    fprintf(cli->err, "valise review: the documents: valise open %s --to DIRECTORY\n", id);
}
