/* An archive of valise archive, checked: its fixity, then what proves each of its messages. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "bag.h"
#include "base/file.h"
#include "envelope/manifest.h"
#include "outside.h"
#include "show.h"

struct verifying {
    struct cli *cli;
    const char *path;
    const struct evidence_basis *basis;
    uint32_t strangers; /* quorums of parties that no message so far is from or to */
    struct table table;
    struct vls_status first; /* failure */
    struct vls_why first_why;
};

static VLS_STATUS tell(struct verifying *v, const char *what, const char *result,
                       const char *detail, enum table_colour colour, struct vls_why *why)
{
    if (v->cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "check", vls_json_text(what));
        json_object_set_new(object, "result", vls_json_text(result));
        json_object_set_new(object, "detail", vls_json_text(detail));
        return vls_json_line(v->cli, object, why);
    }
    vls_table_add(&v->table, what);
    vls_table_add_coloured(&v->table, result, colour);
    vls_table_add(&v->table, detail);
    return VLS_DONE;
}

/** Told, and kept as the verdict when it is the first failure. */
static VLS_STATUS judge(struct verifying *v, const char *what, struct vls_status status,
                        const struct vls_why *reason, const char *good, struct vls_why *why)
{
    if (vls_ok(status))
        return tell(v, what, "ok", good, TABLE_GOOD, why);
    if (vls_ok(v->first))
        v->first = vls_fail(VLS_CLI_EVIDENCE, &v->first_why, "%.60s: %.120s", what, reason->text);
    return tell(v, what, "failed", reason->text, TABLE_BAD, why);
}

/* -- one message ------------------------------------------------------------------------------- */

/** A proof holds of any message: this one has to be of the message whose name it bears. */
static struct vls_status check_id(const Valise__Evidence *evidence, const char *id,
                                  struct vls_why *why)
{
    struct vls_manifest manifest VLS_DEFER(vls_manifest_fini) = {.fields = NULL};
    char of[VLS_ID_TEXT];
    VLS_TRY(vls_manifest_read(VLS_SLICE(evidence->manifest.data, evidence->manifest.len), &manifest,
                              why));
    vls_id_text(&manifest.id, of);
    return strcmp(of, id) == 0
               ? VLS_DONE
               : vls_fail(VLS_CLI_EVIDENCE, why, "it is of another message: %s", of);
}

static struct vls_status check_file(struct verifying *v, const char *file, const char *id,
                                    struct vls_why *why)
{
    struct evidence_report report;
    struct vls_digest content;
    bool has_content = false;
    Valise__Evidence *evidence = NULL;
    VLS_DEFER(vls_fd_close) int fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_MISSING, why, errno, "%.120s", file);
    VLS_TRY(vls_evidence_read(fd, &evidence, &has_content, &content, why));
    struct evidence_basis basis = *v->basis;
    basis.content_digest = has_content ? &content : NULL;
    struct vls_status status = vls_evidence_check(evidence, &basis, &report, why);
    v->strangers &= vls_outside_strangers(basis.outside, &report);
    if (vls_ok(status))
        status = check_id(evidence, id, why);
    valise__evidence__free_unpacked(evidence, NULL);
    return status;
}

/** The parcel says more than the proof, as it has the content; what was withheld has no proof. */
static VLS_STATUS check_message(struct verifying *v, const char *id, struct vls_why *why)
{
    char proof[VLS_MAX_PATH], parcel[VLS_MAX_PATH];
    struct vls_why reason = {""};
    snprintf(proof, sizeof proof, "%s/" ARCHIVE_MESSAGES "/%s/" ARCHIVE_PROOF, v->path, id);
    snprintf(parcel, sizeof parcel, "%s/" ARCHIVE_MESSAGES "/%s/" ARCHIVE_PARCEL, v->path, id);
    if (access(proof, F_OK) != 0)
        return tell(v, id, "absent", "it was never recorded as sent: nothing proves it", TABLE_WARN,
                    why);
    struct vls_status status = check_file(v, proof, id, &reason);
    bool has_content = access(parcel, F_OK) == 0;
    if (vls_ok(status) && has_content)
        status = check_file(v, parcel, id, &reason);
    return judge(v, id, status, &reason,
                 has_content ? "proof and sealed content" : "proof; its content was erased", why);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void close_walk(FTS **walk)
{
    if (*walk != NULL)
        fts_close(*walk);
}

static VLS_STATUS check_messages(struct verifying *v, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    char *const roots[] = {path, NULL};
    FTSENT *entry;
    snprintf(path, sizeof path, "%s/" ARCHIVE_MESSAGES, v->path);
    VLS_DEFER(close_walk) FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (walk == NULL)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s", path);
    while ((entry = fts_read(walk)) != NULL) {
        if (entry->fts_level != 1 || entry->fts_info != FTS_D)
            continue;
        VLS_TRY(check_message(v, entry->fts_name, why));
        fts_set(walk, entry, FTS_SKIP);
    }
    return VLS_DONE;
}

/* -- the whole --------------------------------------------------------------------------------- */

static VLS_STATUS check_all(struct verifying *v, struct vls_why *why)
{
    struct vls_why reason = {""};
    char good[64];
    uint64_t files = 0;
    struct vls_status fixity = vls_bag_check(v->path, &files, &reason);
    snprintf(good, sizeof good, "%" PRIu64 " files", files);
    VLS_TRY(judge(v, "fixity", fixity, &reason, good, why));
    return vls_ok(fixity) ? check_messages(v, why) : VLS_DONE;
}

struct vls_status vls_archive_verify(struct cli *cli, const char *path,
                                     const struct evidence_basis *basis, struct vls_why *why)
{
    static const char *const TITLES[] = {"CHECK", "RESULT", "", NULL};
    struct verifying v = {.cli = cli, .path = path, .basis = basis, .strangers = UINT32_MAX};
    vls_table_init(&v.table, TITLES);
    struct vls_status status = check_all(&v, why);
    if (!cli->is_json)
        vls_table_print(cli, &v.table);
    vls_table_fini(&v.table);
    VLS_TRY(status);
    if (!vls_ok(v.first) && why != NULL)
        *why = v.first_why;
    VLS_TRY(v.first);
    return vls_outside_refuse_strangers(basis->outside, v.strangers, why);
}
