#include "ledger/witness.h"

#include <inttypes.h>

#include "base/text.h"
#include "ledger/decimal.h"

#define MOST_HASHES 63u /* of one call: tlog-witness */

struct vls_status vls_witness_ask(uint64_t old, const struct vls_proof *proof,
                                  struct vls_slice note, struct vls_buf *out, struct vls_why *why)
{
    if (proof->count > MOST_HASHES || (old == 0 && proof->count != 0))
        return vls_fail(VLS_LEDGER_PROOF, why,
                        "a proof of %zu hashes from size %" PRIu64 " is none that a witness takes",
                        proof->count, old);
    VLS_TRY(vls_buf_add_format(out, "old %" PRIu64 "\n", old));
    for (size_t i = 0; i < proof->count; i++) {
        VLS_TRY(vls_base64_add(vls_digest_slice(&proof->hashes[i]), out));
        VLS_TRY(vls_buf_add_text(out, "\n"));
    }
    VLS_TRY(vls_buf_add_text(out, "\n"));
    return vls_buf_add_slice(out, note);
}

struct vls_status vls_witness_take(struct vls_slice answer, const struct vls_checkpoint *checkpoint,
                                   const struct vls_note_key *key, struct vls_buf *out_line,
                                   uint64_t *out_time_s, struct vls_why *why)
{
    struct vls_reader lines = vls_reader_of(answer);
    while (!vls_reader_is_at_end(&lines)) {
        const uint8_t *start = lines.rest.at;
        struct vls_slice line = vls_reader_until(&lines, '\n');
        bool is_by = false;
        if (lines.failed)
            return vls_fail(VLS_LEDGER_NOTE, why,
                            "the witness's answer does not end with a line feed");
        line = VLS_SLICE(start, line.len + 1);
        VLS_TRY(vls_cosignature_is_by(line, key, &is_by, why));
        if (!is_by)
            continue;
        VLS_TRY(vls_cosignature_verify(line, checkpoint, key, out_time_s, why));
        return vls_buf_add_slice(out_line, line);
    }
    return vls_fail(VLS_LEDGER_SIGNATURE, why,
                    "the witness answered without a cosignature by the key of %s", key->name);
}

struct vls_status vls_witness_take_size(struct vls_slice answer, uint64_t *out, struct vls_why *why)
{
    struct vls_reader reader = vls_reader_of(answer);
    struct vls_slice size = vls_reader_until(&reader, '\n');
    if (reader.failed || reader.rest.len != 0 || !vls_decimal_read(size, out))
        return vls_fail(VLS_LEDGER_NOTE, why, "the witness names no size of a log");
    return VLS_DONE;
}
