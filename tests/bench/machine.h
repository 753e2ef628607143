#ifndef VALISE_BENCH_MACHINE_H
#define VALISE_BENCH_MACHINE_H
/*
 * bench/machine - what this machine can do at most, measured beside the load: no software on it
 * gets above that.
 *
 * Rates are per second of one core, by processor time; only the disk is measured by the clock.
 */
#include "bench.h"

struct limits {
    double fdatasync, append; /* syncs of 4 KiB appends; bytes a second without syncing each */
    double ecdh, aes_4k, sha_4k;
    double ed25519_sign, ed25519_verify;
    double seal, open; /* vls_seal() for partner and archive, vls_open(), at the size asked for */
};

/** @param directory  where the files of the disk's test lie for a moment: that of the stores
 *  @param pki        of certs/make-test-pki, with parties un and iom */
VLS_STATUS limits_measure(const char *directory, const char *pki, uint64_t bytes,
                          struct limits *out, struct vls_why *why);

#endif
