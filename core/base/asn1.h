#ifndef VALISE_BASE_ASN1_H
#define VALISE_BASE_ASN1_H
/*
 * base/asn1 - times as certificates, lists and signatures state them.
 *
 * Process: all. Pure.
 */
#include <openssl/types.h>
#include <stdbool.h>
#include <stdint.h>

/** Milliseconds since 1970 of a UTCTime or GeneralizedTime; fractions of a second are left out.
 * @return false: there is none, it cannot be read, or it is before 1970 */
bool vls_asn1_time_ms(const ASN1_TIME *time, uint64_t *out_ms);

#endif
