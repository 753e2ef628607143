#ifndef VALISE_VERIFY_WITNESS_H
#define VALISE_VERIFY_WITNESS_H
/* valise-verify, witness - who outside of both parties cosigned a log (C2SP tlog-witness). */
#include "verify.h"

#define MAX_WITNESSES 32u
#define MAX_QUORUMS   16u

struct outside {
    struct witness {
        char name[MAX_NAME];
        uint8_t key[KEY_BYTES];
        size_t first; /* with this name: a witness has two keys while it changes them */
    } witnesses[MAX_WITNESSES];
    size_t count, names;
    struct quorum {
        char party[MAX_PARTY + 1]; /* whose logs; empty: all */
        uint64_t witnesses;
    } quorums[MAX_QUORUMS];
    size_t quorum_count;
};

/** NAME+ID+BASE64, as C2SP signed-note writes a verifier key. */
bool add_witness(const char *vkey, struct outside *out, struct why *why);
/** N or PARTY=N. */
bool add_quorum(const char *text, struct outside *out, struct why *why);
/** Are as many witnesses given as are asked for? */
bool check_quorums(const struct outside *outside, struct why *why);

/** Is each party that a quorum names one of the two of the message? */
bool check_quorum_parties(const struct outside *outside, const struct manifest *m, struct why *why);
/** How many are asked for of the logs of `owner`; `is_named`: of this one by name. */
uint64_t quorum_of(const struct outside *outside, const char *owner, bool is_named);

/** How many of them cosigned this state of a log of `owner`. Failed: too few for a quorum; when
 * none is asked for, one of their signatures is wrong or from the future. */
enum result count_witnesses(const struct outside *outside, const struct section *section,
                            const char *owner, uint64_t now_s, struct why *why);

#endif
