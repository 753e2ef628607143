#include "daemon/policy_files.h"

#include <string.h>

#include "base/env.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

static struct vls_status load_rules(const struct vls_config *config, struct vls_policy_files *out,
                                    struct vls_why *why)
{
    VLS_TRY(vls_file_read(config->arrangement, &out->arrangement_bytes, why));
    VLS_TRY(vls_arrangement_read(vls_buf_slice(&out->arrangement_bytes), config->arrangement,
                                 &out->schemes, &out->arrangement, why));
    if (*config->house_rules == '\0')
        return VLS_DONE;
    VLS_TRY(vls_file_read(config->house_rules, &out->house_bytes, why));
    VLS_TRY(vls_house_rules_read(vls_buf_slice(&out->house_bytes), config->house_rules,
                                 &out->schemes, out->arrangement, &out->house, why));
    if (strcmp(vls_arrangement_house_of(out->house), config->node.party) != 0)
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "%.160s: these are the house rules of %.64s, and this is %.64s",
                        config->house_rules, vls_arrangement_house_of(out->house),
                        config->node.party);
    return VLS_DONE;
}

/* -- signatures -------------------------------------------------------------------------------- */

static const struct vls_config_approver *approver_of(const struct vls_config *config,
                                                     const char *party)
{
    for (unsigned i = 0; i < config->approvers_count; i++)
        if (strcmp(config->approvers[i].party, party) == 0)
            return &config->approvers[i];
    return NULL;
}

static struct vls_status read_signature(const char *path, const char *party, struct vls_buf *out,
                                        struct vls_why *why)
{
    struct vls_status s = vls_file_read(path, out, why);
    if (s.code == VLS_SYSTEM_MISSING)
        return vls_fail(s.code, why,
                        "%.140s: %.40s has not signed the arrangement; 'valise arrangement sign' "
                        "makes that file",
                        path, party);
    return s;
}

/** What is in force was signed once, by a certificate that was valid then; that it has expired
 * since must not keep a gateway from starting. Who hands in a version signs with a valid one. */
static struct vls_status verify_installed(struct vls_slice bytes, struct vls_slice der,
                                          const struct vls_anchor *anchor, uint64_t now_ms,
                                          struct vls_signature *out, struct vls_why *why)
{
    uint64_t signed_ms = 0;
    struct vls_status s = vls_signature_verify(bytes, der, anchor, now_ms, out, why);
    if (s.code != VLS_APPROVAL_SIGNER || !vls_ok(vls_signature_time(der, &signed_ms, NULL)) ||
        signed_ms > now_ms)
        return s;
    return vls_signature_verify(bytes, der, anchor, signed_ms, out, why);
}

static struct vls_status load_approval(const struct vls_config *config, const char *party,
                                       uint64_t now_ms, struct vls_policy_files *out,
                                       struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    struct vls_anchor *anchor VLS_DEFER(vls_anchor_free) = NULL;
    struct vls_signature signature;
    struct vls_why reason = {""};
    const struct vls_config_approver *approver = approver_of(config, party);
    struct vls_buf *der = &out->signatures[out->approval_count];
    if (approver == NULL)
        return vls_config_complain(config, "approvers", why, "names nobody for %s, a party of %s",
                                   party, vls_arrangement_name(out->arrangement));
    VLS_TRY(vls_signature_path(config->arrangement, party, path, sizeof path, why));
    VLS_TRY(vls_anchor_load(approver->certificate, &anchor, why));
    VLS_TRY(read_signature(path, party, der, why));
    struct vls_status s = verify_installed(vls_buf_slice(&out->arrangement_bytes),
                                           vls_buf_slice(der), anchor, now_ms, &signature, &reason);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "%.120s: %.130s", path, reason.text);
    out->approvals[out->approval_count++] = (struct vls_route_approval){
        .party = party, .signed_ms = signature.signed_ms, .signature = vls_buf_slice(der)};
    return VLS_DONE;
}

/* -- officers ---------------------------------------------------------------------------------- */

static struct vls_status load_officers(const struct vls_config *config,
                                       struct vls_policy_files *out, struct vls_why *why)
{
    out->officers = vls_mem_new((config->officers_count + 1) * sizeof *out->officers);
    for (; out->officer_count < config->officers_count; out->officer_count++)
        VLS_TRY(vls_anchor_load(config->officers[out->officer_count].certificate,
                                &out->officers[out->officer_count], why));
    return VLS_DONE;
}

struct vls_status vls_policy_files_officer(const struct vls_config *config,
                                           const struct vls_policy_files *files,
                                           const char *officer, struct vls_slice statement,
                                           struct vls_slice signature, uint64_t now_ms,
                                           struct vls_why *why)
{
    struct vls_signature who;
    for (size_t i = 0; i < files->officer_count; i++) {
        if (strcmp(config->officers[i].user, officer) != 0)
            continue;
        VLS_TRY(vls_signature_verify(statement, signature, files->officers[i], now_ms, &who, why));
        return who.is_anchor
                   ? VLS_DONE
                   : vls_fail(VLS_APPROVAL_SIGNER, why, "the officer has another certificate now");
    }
    return vls_fail(VLS_APPROVAL_SIGNER, why, "not an officer any more");
}

/* -- the whole --------------------------------------------------------------------------------- */

struct vls_status vls_policy_files_load(const struct vls_config *config, uint64_t now_ms,
                                        struct vls_policy_files *out, struct vls_why *why)
{
    const char *party = NULL;
    *out = (struct vls_policy_files){.arrangement = NULL};
    vls_buf_init(&out->arrangement_bytes, VLS_MAX_ARRANGEMENT_FILE);
    vls_buf_init(&out->house_bytes, VLS_MAX_ARRANGEMENT_FILE);
    for (size_t i = 0; i < VLS_MAX_PARTIES; i++)
        vls_buf_init(&out->signatures[i], VLS_MAX_SIGNATURE);
    for (unsigned i = 0; i < config->schemes_count; i++)
        VLS_TRY(vls_scheme_set_load(&out->schemes, config->schemes[i], why));
    VLS_TRY(load_rules(config, out, why));
    VLS_TRY(load_officers(config, out, why));
    if (config->approvers_count == 0)
        return VLS_DONE;
    for (size_t i = 0; (party = vls_arrangement_party_at(out->arrangement, i)) != NULL; i++)
        VLS_TRY(load_approval(config, party, now_ms, out, why));
    return VLS_DONE;
}

void vls_policy_files_free(struct vls_policy_files *files)
{
    vls_arrangement_free(&files->house);
    vls_arrangement_free(&files->arrangement);
    vls_scheme_set_free(&files->schemes);
    for (size_t i = 0; i < files->officer_count; i++)
        vls_anchor_free(&files->officers[i]);
    vls_mem_free(files->officers);
    vls_buf_fini(&files->arrangement_bytes);
    vls_buf_fini(&files->house_bytes);
    for (size_t i = 0; i < VLS_MAX_PARTIES; i++)
        vls_buf_fini(&files->signatures[i]);
}

struct vls_status vls_policy_files_check(const struct vls_config *config, struct vls_why *why)
{
    struct vls_policy_files files;
    struct vls_status s = vls_policy_files_load(config, vls_wall_ms(vls_env_system()), &files, why);
    vls_policy_files_free(&files);
    return s;
}
