/* An arrangement as a partner proposes it. */
#include <stdlib.h>

#include "policy/decide.h"
#include "policy/kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_MS UINT64_C(1795392000000)

static const char SCHEME[] =
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
    "<securityPolicyId name='un-sgb-2007-6' id='2.999.1'/><securityClassifications>"
    "<securityClassification name='UNCLASSIFIED' lacv='10' hierarchy='1'/>"
    "<securityClassification name='CONFIDENTIAL' lacv='20' hierarchy='2'/>"
    "<securityClassification name='STRICTLY CONFIDENTIAL' lacv='30' hierarchy='3'/>"
    "</securityClassifications></SPIF>";

/* Whatever the rules are: every message gets a decision and a reason, or the record is too large.
 */
static void decide_some(const struct vls_arrangement *a, struct vls_scheme *scheme)
{
    const struct vls_kind *kind;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        struct vls_facts facts = {.kind = kind->name,
                                  .from = "un",
                                  .to = "iom",
                                  .body = "",
                                  .label = vls_label_of(scheme, vls_scheme_at(scheme, i % 3)),
                                  .is_answer = kind->is_answer,
                                  .now_ms = NOW_MS};
        struct vls_decision d;
        struct vls_why why;
        struct vls_status s = vls_decide(a, &facts, &d, &why);
        if (!vls_ok(s) && s.code != VLS_INPUT_LIMIT)
            abort();
        if (!vls_ok(s))
            continue;
        if (d.reason[0] == '\0' || d.record.len == 0 || d.outcome < VLS_OUTCOME_RELEASE)
            abort();
        vls_decision_fini(&d);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vls_scheme *scheme;
    struct vls_arrangement *a = NULL;
    struct vls_why why = {""};
    if (scheme == NULL && !vls_ok(vls_scheme_read(vls_slice_text(SCHEME), "fuzz", &scheme, &why)))
        abort();
    struct vls_scheme_set set = {&scheme, 1};
    struct vls_status s = vls_arrangement_read(VLS_SLICE(data, size), "fuzz", &set, &a, &why);
    if (!vls_ok(s)) {
        if (a != NULL || why.text[0] == '\0')
            abort();
        return 0;
    }
    decide_some(a, scheme);
    vls_arrangement_free(&a);
    return 0;
}
