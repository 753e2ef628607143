#ifndef VALISE_DAEMON_POLICY_FILES_H
#define VALISE_DAEMON_POLICY_FILES_H
/*
 * daemon/policy_files - the policy files that the configuration names: read by the router, and by
 * valised --check.
 *
 * Process:   router, command line. No process with keys.
 * Ownership: a struct vls_policy_files owns all that it holds.
 * Start at:  vls_policy_files_load().
 */
#include "approval/signature.h"
#include "config/config.h"
#include "route/route.h"

struct vls_policy_files {
    struct vls_scheme_set schemes;
    struct vls_arrangement *arrangement, *house; /* house NULL: no house rules */
    struct vls_buf arrangement_bytes, house_bytes;
    /* of each party of the arrangement, over its exact bytes; none without approvers */
    struct vls_route_approval approvals[VLS_MAX_PARTIES];
    struct vls_buf signatures[VLS_MAX_PARTIES];
    size_t approval_count;
    struct vls_anchor **officers; /* certificates, in the order of the configuration */
    size_t officer_count;
};

/** Schemes, arrangement, house rules, officers' certificates; and, where approvers are configured,
 * each party's signature, which stands beside the arrangement as NAME.PARTY.p7s and is verified,
 * with its certificate as it was when it signed. Release in either case.
 *  @return CONFIG_INVALID a party without approver, house rules of another party; SYSTEM_MISSING a
 *  signature that is not there; APPROVAL_*; otherwise as what reads them */
VLS_STATUS vls_policy_files_load(const struct vls_config *config, uint64_t now_ms,
                                 struct vls_policy_files *out, struct vls_why *why);
void vls_policy_files_free(struct vls_policy_files *files);

/** Is it the officer's signature of that text, by his certificate in the configuration, which was
 * valid then and is now? @return APPROVAL_* */
VLS_STATUS vls_policy_files_officer(const struct vls_config *config,
                                    const struct vls_policy_files *files, const char *officer,
                                    struct vls_slice statement, struct vls_slice signature,
                                    uint64_t now_ms, struct vls_why *why);

/** Read all of them as the router would, and let them go. */
VLS_STATUS vls_policy_files_check(const struct vls_config *config, struct vls_why *why);

#endif
