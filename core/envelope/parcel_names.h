#ifndef VALISE_ENVELOPE_PARCEL_NAMES_H
#define VALISE_ENVELOPE_PARCEL_NAMES_H
/*
 * envelope/parcel_names - the entries of a NAME.valise file, in their order. Only used inside
 * core/envelope.
 *
 * Process: command line.
 */
#define VLS_PARCEL_MANIFEST "manifest.pb"
#define VLS_PARCEL_SEALED   "sealed.der"
#define VLS_PARCEL_CONTENT  "content.bin"
#define VLS_PARCEL_SENT     "sent.proof"
#define VLS_PARCEL_RECEIPT  "receipt.pb"
#define VLS_PARCEL_RECEIVED "received.proof"
#define VLS_PARCEL_DECISION "decision.pb"

#endif
