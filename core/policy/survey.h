#ifndef VALISE_POLICY_SURVEY_H
#define VALISE_POLICY_SURVEY_H
/*
 * policy/survey - what is wrong with an arrangement, or with house rules, that can be read: rules
 * that never match or never decide, contradictions, labels that do not get across, dates.
 *
 * Process:   command line.
 * Ownership: a survey owns its findings: vls_survey_fini().
 * Start at:  vls_survey_make().
 *
 * A rule is looked at by searching for a message: one that it matches (else it is unreachable) and
 * whose outcome is its effect (else it is shadowed). A message that was found has been held against
 * both evaluators. That none was found is exact for all facts of policy/space.h as far as its sets
 * are whole; sets of words need no more than one word of each rule that is asked about, so that
 * they are exact even where they are not whole. Bounded are labels with several categories and
 * sets of originators (VLS_SPACE_MAX_VALUES), and what one question, or all of them, may take
 * (VLS_SURVEY_STEPS, VLS_SURVEY_ALL_STEPS). Where a bound was met, a finding says so.
 */
#include "base/bytes.h"
#include "policy/arrangement.h"

/* Comparisons of one rule with the message sought, for one question: some tenths of a second. */
#define VLS_SURVEY_STEPS UINT64_C(4000000)
/* For all questions together: some tens of seconds. */
#define VLS_SURVEY_ALL_STEPS UINT64_C(150000000)
/* An arrangement that expires within that time is said to. */
#define VLS_SURVEY_EXPIRY_NEAR_MS (UINT64_C(90) * 86400000)
/* More are counted, but not kept. */
#define VLS_SURVEY_FINDINGS 4096u

#define VLS_FINDING_TEXT 384

enum vls_severity { VLS_SEVERITY_NOTICE, VLS_SEVERITY_WARNING, VLS_SEVERITY_ERROR };

struct vls_finding {
    enum vls_severity severity;
    const char *code;              /* "unreachable", "shadowed": what it is, for programs */
    const char *file;              /* borrowed from the question */
    bool is_house;                 /* it is about the house rules */
    unsigned line, column;         /* 0: the file as a whole */
    char rule[VLS_MAX_NAME + 1];   /* id; empty: not about a rule */
    char words[VLS_FINDING_TEXT];  /* what is wrong */
    char remedy[VLS_FINDING_TEXT]; /* what to do; empty: nothing need be done */
};

struct vls_survey {
    struct vls_finding *at; /* as the files have them: arrangement, then house rules; by place */
    size_t count, room;
    size_t left_out;  /* beyond VLS_SURVEY_FINDINGS */
    size_t counts[3]; /* of each severity, those left out too */
    uint64_t steps;   /* of the search */
};

/** What is looked at. */
struct vls_survey_question {
    const struct vls_arrangement *joint, *house; /* house NULL: only the arrangement */
    const char *file, *house_file;
    struct vls_slice yaml, house_yaml; /* what they were read from, for places */
    uint64_t at_ms;                    /* the time that dates are held against */
};

/** @return SYSTEM_MEMORY; SYSTEM_BUG when search and evaluators differ */
VLS_STATUS vls_survey_make(const struct vls_survey_question *question, struct vls_survey *out,
                           struct vls_why *why);
void vls_survey_fini(struct vls_survey *survey);

/** "error", "warning", "notice". */
const char *vls_severity_name(enum vls_severity severity);

#endif
