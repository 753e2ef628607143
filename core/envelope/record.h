#ifndef VALISE_ENVELOPE_RECORD_H
#define VALISE_ENVELOPE_RECORD_H
/*
 * envelope/record - what holds for every signed record: its protobuf hides nothing.
 *
 * Process: all that read records. Pure. Only used inside core/envelope.
 *
 * Decoders forgive: of a field that comes twice the last wins, a NUL cuts a text, a number is cut
 * to 32 bits, an unknown field is carried along unseen. What is signed may hold none of this.
 */
#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"

/** Walk the bytes of a message that has only numbers, bytes and texts. @return ENVELOPE_MALFORMED
 * with the field */
VLS_STATUS vls_record_check(struct vls_slice bytes, const ProtobufCMessageDescriptor *descriptor,
                            struct vls_why *why);

/** Later than any time that Valise deals with: the end of the year 9999. */
#define VLS_MAX_TIME_MS UINT64_C(253402300799999)

/** Rules of single fields. @return ENVELOPE_MALFORMED with `field` and what is wrong with it */
VLS_STATUS vls_field_id(const char *field, const ProtobufCBinaryData *value, struct vls_why *why);
VLS_STATUS vls_field_length(const char *field, const ProtobufCBinaryData *value, size_t len,
                            struct vls_why *why);
VLS_STATUS vls_field_name(const char *field, const char *value, size_t max, struct vls_why *why);
VLS_STATUS vls_field_line(const char *field, const char *value, size_t max, struct vls_why *why);
VLS_STATUS vls_field_time(const char *field, uint64_t value, struct vls_why *why);

#endif
