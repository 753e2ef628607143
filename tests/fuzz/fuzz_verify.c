/*
 * NAME.proof for two readers that share no code: valise verify and valise-verify. What one refuses
 * the other refuses, and each check comes to the same result.
 */
#include "verify.h"

#include <string.h>

#include "base/text.h"
#include "envelope/proof.h"
#include "evidence.h"
#include "verifier/corpus_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FAR_FUTURE_S UINT64_C(4000000000)

static struct given given;
static struct evidence_keys keys;

static void add_key(const char *party, const char *base64, bool is_witness)
{
    struct key *key = &given.keys[given.key_count++];
    struct evidence_key *same = &keys.at[keys.count++];
    size_t len = 0;
    vls_text_copy(key->party, sizeof key->party, party);
    key->type = is_witness ? KEY_WITNESS : KEY_LOG;
    if (!read_base64((struct bytes){(const uint8_t *)base64, strlen(base64)}, key->key,
                     sizeof key->key, &len))
        __builtin_trap();
    vls_text_copy(same->party, sizeof same->party, party);
    same->is_witness = is_witness;
    vls_copy(same->key, key->key, sizeof same->key);
}

static void make_keys(void)
{
    if (keys.count > 0)
        return;
    given.now_s = FAR_FUTURE_S; /* valise verify has no clock */
    for (size_t i = 0; i < sizeof CORPUS_PARTIES / sizeof CORPUS_PARTIES[0]; i++) {
        add_key(CORPUS_PARTIES[i].party, CORPUS_PARTIES[i].log, false);
        add_key(CORPUS_PARTIES[i].party, CORPUS_PARTIES[i].witness, true);
    }
}

static bool is_same_result(enum result a, enum evidence_result b)
{
    return (a == OK) == (b == EVIDENCE_OK) && (a == FAILED) == (b == EVIDENCE_FAILED);
}

static void compare(const struct proof *proof, const Valise__Evidence *evidence)
{
    static struct report report;
    struct evidence_report other;
    struct vls_why why;
    check_proof(proof, &given, &report);
    bool is_good =
        vls_ok(vls_evidence_check(evidence, &(struct evidence_basis){.keys = &keys}, &other, &why));
    /* the gateway looks into the label and into the decision as well; whom it lets in we let in */
    bool is_manifest = other.lines[EVIDENCE_MANIFEST].result == EVIDENCE_OK;
    if (is_manifest && report.lines[MANIFEST].result != OK)
        __builtin_trap();
    if (!is_manifest || report.manifest.created_ms / 1000 > FAR_FUTURE_S)
        return;
    for (int i = SENT_LOG; i <= RECEIVED_WITNESS; i++)
        if (strstr(report.lines[i].why.words, "future") == NULL &&
            !is_same_result(report.lines[i].result, other.lines[i].result))
            __builtin_trap();
    if (report.verdict != REFUSED && !is_good &&
        other.lines[EVIDENCE_DECISION].result == EVIDENCE_ABSENT)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct proof proof;
    struct why words;
    struct vls_why why;
    Valise__Evidence *evidence = NULL;
    make_keys();
    bool is_read = read_proof((struct bytes){data, size}, &proof, &words);
    bool is_read_too = vls_ok(vls_proof_read(VLS_SLICE(data, size), &evidence, &why));
    if (is_read != is_read_too)
        __builtin_trap();
    if (!is_read)
        return 0;
    compare(&proof, evidence);
    valise__evidence__free_unpacked(evidence, NULL);
    return 0;
}
