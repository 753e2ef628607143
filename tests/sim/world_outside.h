#ifndef VALISE_TESTS_SIM_WORLD_OUTSIDE_H
#define VALISE_TESTS_SIM_WORLD_OUTSIDE_H
/*
 * tests/sim/world_outside - witnesses and a time stamping authority, played: a witness holds each
 * log to what it cosigned last, by the proofs; a stamp is words.
 */
#include "world_internal.h"

#define OUTSIDE_WITNESSES 3
#define OUTSIDE_LOGS      16

struct world_outside {
    struct world_witness {
        EVP_PKEY *key;
        char name[64], vkey[256];
        bool is_away;     /* it does not answer: who asks learns that */
        uint64_t slow_ms; /* it takes this long */
        unsigned asked, cosigned;
        struct world_seen {
            char origin[VLS_MAX_ORIGIN];
            uint64_t size;
            struct vls_digest root;
        } seen[OUTSIDE_LOGS];
        uint64_t ahead_s; /* of its clock */
    } witnesses[OUTSIDE_WITNESSES];
    bool is_tsa_away;
    unsigned stamped;
    struct vls_config_witness config[OUTSIDE_WITNESSES];
};

/** Three witnesses of which `quorum` are needed, and an authority, in the configuration of the
 * gateway from its next start on; 0: no witnesses. */
void outside_open(struct world_outside *o, struct gateway *g, unsigned quorum, bool has_tsa);
void outside_close(struct world_outside *o);
/** What it has seen of a log last; NULL: nothing. */
struct world_seen *outside_seen(struct world_witness *witness, const char *origin);

void world_play_witness(struct gateway *g, const struct question *q,
                        const Valise__WitnessRequest *in);
void world_play_stamp(struct gateway *g, const struct question *q, const Valise__StampRequest *in);

#endif
