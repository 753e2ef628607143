#include "envelope/record.h"

#include <string.h>

#include "base/id.h"
#include "base/text.h"

/* Protobuf encoding: the key of a field is its number << 3 | wire type. */
#define WIRE_VARINT    0u
#define WIRE_BYTES     2u
#define WIRE_TYPE_BITS 3u
#define MAX_SEEN       64u /* field numbers, one bit each */
#define VARINT_MORE    0x80u
#define VARINT_BITS    7u

/* A number in its shortest form. */
static bool take_varint(struct vls_reader *r, uint64_t *out)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += VARINT_BITS) {
        uint8_t byte = vls_reader_u8(r);
        uint64_t bits = byte & (VARINT_MORE - 1u);
        if (r->failed || (shift == 63 && bits > 1) || (shift != 0 && byte == 0))
            return false;
        value |= bits << shift;
        if ((byte & VARINT_MORE) == 0) {
            *out = value;
            return true;
        }
    }
    return false;
}

static struct vls_status check_text(const char *field, struct vls_slice text, struct vls_why *why)
{
    if (!vls_text_is_clean(text, false))
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s is not one line of UTF-8", field);
    return VLS_DONE;
}

static struct vls_status check_value(struct vls_reader *r, const ProtobufCFieldDescriptor *field,
                                     unsigned wire, struct vls_why *why)
{
    bool is_number = field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_UINT64;
    uint64_t number;
    if (wire != (is_number ? WIRE_VARINT : WIRE_BYTES) || !take_varint(r, &number))
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s is not encoded as its type", field->name);
    if (is_number) {
        if (field->type == PROTOBUF_C_TYPE_UINT32 && number > UINT32_MAX)
            return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s is above 32 bits", field->name);
        return VLS_DONE;
    }
    struct vls_slice bytes =
        number <= r->rest.len ? vls_reader_bytes(r, (size_t)number) : (struct vls_slice){NULL, 0};
    if (bytes.len != number)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s is cut off", field->name);
    return field->type == PROTOBUF_C_TYPE_STRING ? check_text(field->name, bytes, why) : VLS_DONE;
}

struct vls_status vls_record_check(struct vls_slice bytes,
                                   const ProtobufCMessageDescriptor *descriptor,
                                   struct vls_why *why)
{
    struct vls_reader r = vls_reader_of(bytes);
    uint64_t seen = 0, key;
    while (!vls_reader_is_at_end(&r)) {
        if (!take_varint(&r, &key))
            return vls_fail(VLS_ENVELOPE_MALFORMED, why, "a field has no number");
        uint64_t number = key >> WIRE_TYPE_BITS;
        const ProtobufCFieldDescriptor *field =
            number < MAX_SEEN
                ? protobuf_c_message_descriptor_get_field(descriptor, (unsigned)number)
                : NULL;
        if (field == NULL)
            return vls_fail(VLS_ENVELOPE_MALFORMED, why, "field %llu is not known",
                            (unsigned long long)number);
        if ((seen >> number & 1) != 0)
            return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s occurs twice", field->name);
        seen |= UINT64_C(1) << number;
        VLS_TRY(check_value(&r, field, (unsigned)(key & ((1u << WIRE_TYPE_BITS) - 1)), why));
    }
    return VLS_DONE;
}

struct vls_status vls_field_id(const char *field, const ProtobufCBinaryData *value,
                               struct vls_why *why)
{
    struct vls_id id;
    struct vls_status s = vls_id_from(VLS_SLICE(value->data, value->len), &id);
    return vls_ok(s)
               ? s
               : vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s is not a UUID of version 7", field);
}

struct vls_status vls_field_length(const char *field, const ProtobufCBinaryData *value, size_t len,
                                   struct vls_why *why)
{
    if (value->len == len)
        return VLS_DONE;
    return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s has %zu bytes instead of %zu", field,
                    value->len, len);
}

struct vls_status vls_field_name(const char *field, const char *value, size_t max,
                                 struct vls_why *why)
{
    if (vls_text_is_name(value, max))
        return VLS_DONE;
    return vls_fail(VLS_ENVELOPE_MALFORMED, why,
                    "%s is not a name: a-z, 0-9, '.', '-', '_', at most %zu", field, max);
}

struct vls_status vls_field_line(const char *field, const char *value, size_t max,
                                 struct vls_why *why)
{
    if (strlen(value) > max)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s has %zu bytes, and the limit is %zu",
                        field, strlen(value), max);
    return check_text(field, vls_slice_text(value), why);
}

struct vls_status vls_field_time(const char *field, uint64_t value, struct vls_why *why)
{
    if (value != 0 && value <= VLS_MAX_TIME_MS)
        return VLS_DONE;
    return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s is not a time", field);
}
