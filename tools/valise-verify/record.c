/* Manifest and receipt: two protobuf messages of numbers, bytes and texts. Each field may stand
 * there once, in its shortest form, and none that is not known: then there is one meaning only. */
#include "verify.h"

#include <string.h>

enum wire { NUMBER = 0, BYTES = 2 };

#define MAX_FIELD 18u /* the highest number of any field here */
#define NONCE     32u

/* One field: what it must be like, and what it was. */
struct field {
    const char *name; /* NULL: there is none of this number */
    enum wire wire;
    bool is_found;
    uint64_t number;
    struct bytes bytes;
};

static bool take_number(struct bytes *rest, uint64_t *out)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && rest->len > 0; shift += 7) {
        uint8_t byte = *rest->at++;
        rest->len--;
        if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0))
            return false; /* above 64 bits, or longer than it need be */
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = value;
            return true;
        }
    }
    return false;
}

static bool take_value(struct bytes *rest, struct field *field, struct why *why)
{
    uint64_t number = 0;
    if (!take_number(rest, &number))
        return refuse(why, "%s is not well encoded", field->name);
    if (field->wire == NUMBER) {
        field->number = number;
        return true;
    }
    if (number > rest->len)
        return refuse(why, "%s is cut off", field->name);
    field->bytes = (struct bytes){rest->at, (size_t)number};
    rest->at += number;
    rest->len -= (size_t)number;
    return true;
}

static bool read_fields(struct bytes record, struct field fields[MAX_FIELD + 1], struct why *why)
{
    if (record.len > MAX_RECORD)
        return refuse(why, "it has %zu bytes; the limit is %u", record.len, MAX_RECORD);
    while (record.len > 0) {
        uint64_t key = 0;
        if (!take_number(&record, &key))
            return refuse(why, "a field has no number");
        struct field *field = key >> 3 <= MAX_FIELD ? &fields[key >> 3] : NULL;
        if (field == NULL || field->name == NULL)
            return refuse(why, "field %llu is not known", (unsigned long long)(key >> 3));
        if (field->is_found)
            return refuse(why, "%s occurs twice", field->name);
        if ((key & 7) != field->wire)
            return refuse(why, "%s is not encoded as its type", field->name);
        field->is_found = true;
        if (!take_value(&record, field, why))
            return false;
    }
    return fields[1].number == 1 || refuse(why, "version %llu is not understood, only 1",
                                           (unsigned long long)fields[1].number);
}

/* -- fields ------------------------------------------------------------------------------------ */

static bool get_id(const struct field *field, uint8_t out[ID_BYTES], struct why *why)
{
    const uint8_t *at = field->bytes.at;
    if (field->bytes.len != ID_BYTES || at[6] >> 4 != 7 || at[8] >> 6 != 2)
        return refuse(why, "%s is not a UUID of version 7", field->name);
    copy(out, at, ID_BYTES);
    return true;
}

static bool get_hash(const struct field *field, struct hash *out, struct why *why)
{
    if (field->bytes.len != HASH_BYTES)
        return refuse(why, "%s has not 32 bytes", field->name);
    copy(out->at, field->bytes.at, HASH_BYTES);
    return true;
}

static bool get_party(const struct field *field, char out[MAX_PARTY + 1], struct why *why)
{
    return (copy_text(out, MAX_PARTY + 1, field->bytes) && is_party(out, MAX_PARTY)) ||
           refuse(why, "%s is not the name of a party", field->name);
}

/* Names joined by '/'. */
static bool get_names(const struct field *field, char out[MAX_WORD + 1], struct why *why)
{
    char part[MAX_WORD + 1];
    bool is_good = copy_text(out, MAX_WORD + 1, field->bytes);
    for (const char *at = out; is_good;) {
        size_t len = strcspn(at, "/");
        is_good = copy_text(part, sizeof part, (struct bytes){(const uint8_t *)at, len}) &&
                  is_party(part, MAX_WORD);
        if (at[len] == '\0')
            break;
        at += len + 1;
    }
    return is_good || refuse(why, "%s is not a name", field->name);
}

static bool get_time(const struct field *field, uint64_t *out, struct why *why)
{
    *out = field->number;
    return (*out > 0 && *out <= MAX_TIME_MS) || refuse(why, "%s is not a time", field->name);
}

static bool check_optional(const struct field *deadline, const struct field *conversation,
                           const struct field *in_reply_to, struct why *why)
{
    uint8_t id[ID_BYTES];
    if (deadline->number > MAX_TIME_MS)
        return refuse(why, "deadline_ms is not a time");
    if (conversation->bytes.len > MAX_WORD || !is_line(conversation->bytes))
        return refuse(why, "conversation is not one line");
    return in_reply_to->bytes.len == 0 || get_id(in_reply_to, id, why);
}

/* -- records ----------------------------------------------------------------------------------- */

bool read_manifest(struct bytes record, struct manifest *out, struct why *why)
{
    struct hash ignored;
    struct field f[MAX_FIELD + 1] = {
        [1] = {.name = "version"},
        [2] = {.name = "id", .wire = BYTES},
        [3] = {.name = "nonce", .wire = BYTES},
        [4] = {.name = "kind", .wire = BYTES},
        [5] = {.name = "from", .wire = BYTES},
        [6] = {.name = "to", .wire = BYTES},
        [7] = {.name = "created_ms"},
        [8] = {.name = "deadline_ms"},
        [9] = {.name = "conversation", .wire = BYTES},
        [10] = {.name = "in_reply_to", .wire = BYTES},
        [11] = {.name = "arrangement", .wire = BYTES},
        [12] = {.name = "arrangement_version"},
        [13] = {.name = "arrangement_digest", .wire = BYTES},
        [14] = {.name = "label", .wire = BYTES},
        [15] = {.name = "sealed_digest", .wire = BYTES},
        [16] = {.name = "content_digest", .wire = BYTES},
        [17] = {.name = "content_bytes"},
        [18] = {.name = "body", .wire = BYTES},
    };
    *out = (struct manifest){.created_ms = 0};
    if (!read_fields(record, f, why) || !get_id(&f[2], out->id, why) ||
        !get_hash(&f[3], &ignored, why) || !get_party(&f[5], out->from, why) ||
        !get_party(&f[6], out->to, why) || !get_time(&f[7], &out->created_ms, why) ||
        !check_optional(&f[8], &f[9], &f[10], why) || !get_names(&f[11], out->arrangement, why) ||
        !get_hash(&f[13], &ignored, why) || !get_hash(&f[15], &out->sealed_digest, why) ||
        !get_hash(&f[16], &out->content_digest, why))
        return false;
    if (!copy_text(out->kind, sizeof out->kind, f[4].bytes) || !is_party(out->kind, MAX_WORD))
        return refuse(why, "kind is not a name");
    if (f[18].bytes.len > 0 && !get_names(&f[18], out->body, why))
        return false;
    if (strcmp(out->from, out->to) == 0)
        return refuse(why, "from and to are the same party");
    if (f[14].bytes.len == 0)
        return refuse(why, "there is no label");
    out->arrangement_version = f[12].number;
    out->content_bytes = f[17].number;
    if (out->arrangement_version == 0 || out->arrangement_version > UINT32_MAX)
        return refuse(why, "arrangement_version is not there");
    return (out->content_bytes > 0 && out->content_bytes <= MAX_CONTENT) ||
           refuse(why, "content_bytes is no length of a content");
}

bool read_receipt(struct bytes record, struct receipt *out, struct why *why)
{
    struct hash ignored;
    struct field f[MAX_FIELD + 1] = {
        [1] = {.name = "version"},
        [2] = {.name = "id", .wire = BYTES},
        [3] = {.name = "manifest_digest", .wire = BYTES},
        [4] = {.name = "from", .wire = BYTES},
        [5] = {.name = "to", .wire = BYTES},
        [6] = {.name = "received_ms"},
        [7] = {.name = "nonce", .wire = BYTES},
    };
    *out = (struct receipt){.received_ms = 0};
    return read_fields(record, f, why) && get_id(&f[2], out->id, why) &&
           get_hash(&f[3], &out->manifest_digest, why) && get_party(&f[4], out->from, why) &&
           get_party(&f[5], out->to, why) && get_time(&f[6], &out->received_ms, why) &&
           get_hash(&f[7], &ignored, why);
}

bool read_entry(struct bytes record, const uint8_t id[ID_BYTES], struct hash *out_decision,
                struct why *why)
{
    struct hash ignored;
    uint64_t at_ms;
    uint8_t of[ID_BYTES];
    struct field f[MAX_FIELD + 1] = {
        [1] = {.name = "version"},
        [2] = {.name = "kind", .wire = BYTES},
        [3] = {.name = "at_ms"},
        [4] = {.name = "nonce", .wire = BYTES},
        [5] = {.name = "id", .wire = BYTES},
        [6] = {.name = "actor", .wire = BYTES},
        [7] = {.name = "body", .wire = BYTES},
    };
    if (!read_fields(record, f, why) || !get_time(&f[3], &at_ms, why) ||
        !get_hash(&f[4], &ignored, why) || !get_id(&f[5], of, why) ||
        !get_hash(&f[7], out_decision, why))
        return false;
    return (is_text(f[2].bytes, "decision") && memcmp(of, id, ID_BYTES) == 0) ||
           refuse(why, "the entry of the internal log is about something else");
}

/* The first two fields of a decision are its version and its id; what follows stays unread. */
bool read_decision_id(struct bytes record, uint8_t out[ID_BYTES], struct why *why)
{
    static const uint8_t START[] = {1u << 3 | NUMBER, 1, 2u << 3 | BYTES, ID_BYTES};
    if (record.len < sizeof START + ID_BYTES || memcmp(record.at, START, sizeof START) != 0)
        return refuse(why, "it does not begin like a decision");
    copy(out, record.at + sizeof START, ID_BYTES);
    return true;
}
