/* An arrangement as a partner proposes it, and the same bytes as house rules. */
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
    "</securityClassifications><securityCategoryTagSets>"
    "<securityCategoryTagSet name='Handling' id='2.999.1.1'>"
    "<securityCategoryTag name='r' tagType='restrictive'><tagCategory name='Privilege' lacv='0'/>"
    "<tagCategory name='Inquiry' lacv='1'/></securityCategoryTag></securityCategoryTagSet>"
    "</securityCategoryTagSets></SPIF>";

static const char JOINT[] = "arrangement: a\nversion: 1\nbasis: b\n"
                            "in-force: { not-before: 2020-01-01, expires: 2030-01-01 }\nparties:\n"
                            "  - { id: un, name: N, scheme: un-sgb-2007-6 }\n"
                            "  - { id: iom, name: M, scheme: un-sgb-2007-6 }\n"
                            "bodies:\n  - { id: un/ga, name: N, members: [m] }\n"
                            "rules:\n  - { id: r, effect: release, basis: b, "
                            "when: { label: { at-most: un-sgb-2007-6/confidential } } }\n";

static const char *const WORDS[] = {"member-states", "application/pdf", "text/plain"};

/* One of everything, by turns, so that most conditions are met by some message. */
static struct vls_facts make_facts(const struct vls_scheme *scheme, const char *kind, size_t i)
{
    struct vls_facts facts = {.kind = kind,
                              .is_incoming = i % 4 == 0,
                              .from = i % 2 == 0 ? "un" : "iom",
                              .to = i % 2 == 0 ? "iom" : "un",
                              .body = i % 3 == 0 ? "un/ga" : "",
                              .label = vls_label_of(scheme, vls_scheme_at(scheme, i % 3)),
                              .distribution = (enum vls_distribution)(i % 4),
                              .has_personal_data = i % 5 == 0,
                              .safeguards = i % 3 == 0 ? "DPA/1" : "",
                              .embargo_until_ms = i % 7 == 0 ? NOW_MS + 1 : 0,
                              .audience = {WORDS, i % 4},
                              .topics = {WORDS, i % 2},
                              .media_types = {WORDS + 1, i % 3},
                              .bytes = i * 100,
                              .answers = (enum vls_answers)(i % 3),
                              .is_duplicate = i % 2 == 1,
                              .now_ms = NOW_MS};
    if (i % 5 == 1)
        vls_label_add(&facts.label, vls_scheme_category(scheme, 0));
    return facts;
}

/* Whatever the rules are: both evaluators agree, and every message gets a decision and a reason, or
 * the record is too large. */
static void decide_some(const struct vls_arrangement *a, const struct vls_arrangement *house,
                        const struct vls_scheme *scheme)
{
    const struct vls_kind *kind;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        struct vls_facts facts = make_facts(scheme, kind->name, i);
        struct vls_decision d;
        struct vls_why why;
        struct vls_status s = vls_decide(a, house, &facts, &d, &why);
        if (!vls_ok(s) && s.code != VLS_INPUT_LIMIT)
            abort();
        if (!vls_ok(s))
            continue;
        if (d.reason[0] == '\0' || d.record.len == 0 || d.outcome < VLS_OUTCOME_RELEASE ||
            d.is_alarm)
            abort();
        vls_decision_fini(&d);
    }
}

static void check_refused(struct vls_status s, const struct vls_arrangement *a,
                          const struct vls_why *why)
{
    if (!vls_ok(s) && (a != NULL || why->text[0] == '\0'))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vls_scheme *scheme;
    static struct vls_arrangement *joint;
    struct vls_arrangement *a = NULL, *house = NULL;
    struct vls_why why = {""};
    if (scheme == NULL && !vls_ok(vls_scheme_read(vls_slice_text(SCHEME), "fuzz", &scheme, &why)))
        abort();
    struct vls_scheme_set set = {&scheme, 1};
    if (joint == NULL &&
        !vls_ok(vls_arrangement_read(vls_slice_text(JOINT), "fuzz", &set, &joint, &why)))
        abort();
    struct vls_status s = vls_arrangement_read(VLS_SLICE(data, size), "fuzz", &set, &a, &why);
    check_refused(s, a, &why);
    if (vls_ok(s))
        decide_some(a, NULL, scheme);
    vls_arrangement_free(&a);
    s = vls_house_rules_read(VLS_SLICE(data, size), "fuzz", &set, joint, &house, &why);
    check_refused(s, house, &why);
    if (vls_ok(s))
        decide_some(joint, house, scheme);
    vls_arrangement_free(&house);
    return 0;
}
