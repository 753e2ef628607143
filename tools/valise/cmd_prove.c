/* valise prove: what proves that one message was sent and received, as one text file without its
 * content. */
#include <string.h>

#include "base/file.h"
#include "config/config.h"
#include "envelope/manifest.h"
#include "envelope/proof.h"
#include "evidence_out.h"
#include "ledger/note.h"
#include "show.h"

#define SUFFIX ".proof"

/* file_write_fn */
static struct vls_status write_proof(int fd, const void *ctx, struct vls_why *why)
{
    const struct evidence_asked *asked = ctx;
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_PROVEN_FILE);
    VLS_TRY(vls_proof_write(&asked->evidence, &text, why));
    return vls_fd_write(fd, vls_buf_slice(&text), why);
}

/** Without --output: the whole id, in the working directory. */
static VLS_STATUS choose_name(const struct cli_args *args, const Valise__Evidence *evidence,
                              char out[VLS_MAX_PATH], struct vls_why *why)
{
    const char *given = vls_cli_value(args, "output");
    struct vls_manifest manifest VLS_DEFER(vls_manifest_fini) = {.fields = NULL};
    char id[VLS_ID_TEXT];
    if (given != NULL) {
        int n = snprintf(out, VLS_MAX_PATH, "%s", given);
        return n < VLS_MAX_PATH ? VLS_DONE : vls_cli_usage(why, "--output", "the path is too long");
    }
    VLS_TRY(vls_manifest_read(VLS_SLICE(evidence->manifest.data, evidence->manifest.len), &manifest,
                              why));
    vls_id_text(&manifest.id, id);
    snprintf(out, VLS_MAX_PATH, "%s" SUFFIX, id);
    return VLS_DONE;
}

static bool is_cosigned(const Valise__InclusionEvidence *inclusion)
{
    return inclusion != NULL && strstr(inclusion->checkpoint, "/valise/witness ") != NULL;
}

/* -- what the configuration asks of parties outside -- */

/* Of the two logs the own one: its name begins with the party. */
static const Valise__InclusionEvidence *own_log(const Valise__Evidence *e, const char *party)
{
    const Valise__InclusionEvidence *both[] = {e->sent, e->received};
    size_t len = strlen(party);
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++)
        if (both[i] != NULL && strncmp(both[i]->checkpoint, party, len) == 0 &&
            both[i]->checkpoint[len] == '/')
            return both[i];
    return NULL;
}

static unsigned count_witnesses(const struct vls_config_attestation *config, const char *note)
{
    unsigned count = 0;
    for (unsigned i = 0; i < config->witnesses_count; i++) {
        struct vls_note_key key;
        if (vls_ok(vls_note_key_read(config->witnesses[i].key, &key, NULL)) &&
            vls_note_bears(vls_slice_text(note), &key))
            count++;
    }
    return count;
}

/** What is in the proof, and what of it is asked for. */
struct content {
    bool has_receipt, is_cosigned;     /* by the partner, both logs */
    bool has_own;                      /* the configuration could be read: the rest is known */
    unsigned witnesses, quorum;        /* under the own log; 0: none is asked for */
    bool is_stamped, is_to_be_stamped; /* the own log */
};

/* Who may not read the configuration is told what the gateway says, and nothing of the rest. */
static struct content look_at(struct cli *cli, const Valise__Evidence *e)
{
    struct content c = {.has_receipt = e->receipt.len != 0 && e->received != NULL,
                        .is_cosigned = is_cosigned(e->sent) && is_cosigned(e->received)};
    struct vls_config *config = NULL;
    struct vls_why unread = {""};
    if (!vls_ok(vls_config_load(cli->config, &config, &unread)))
        return c;
    const struct vls_config_attestation *outside = &config->attestation;
    const Valise__InclusionEvidence *own = own_log(e, config->node.party);
    c.has_own = own != NULL;
    if (own != NULL) {
        c.witnesses = count_witnesses(outside, own->checkpoint);
        c.quorum = outside->quorum;
        c.is_stamped = own->stamp.len != 0;
        c.is_to_be_stamped = *outside->tsa_url != '\0';
    }
    vls_config_free(&config);
    return c;
}

/** A proof is taken when it is asked for; some of it may come only later. */
static void say_what_is_missing(struct cli *cli, const Valise__Evidence *e, const struct content *c)
{
    if (e->decision.len != 0 && e->decided == NULL)
        fprintf(cli->err,
                "valise prove: nothing proves the decision: its entry in the internal log "
                "is not signed yet, or house rules are left out (--with-house-rules)\n");
    if (!c->has_receipt)
        fprintf(cli->err, "valise prove: there is no proven receipt yet; once there is one, prove "
                          "it again\n");
    else if (!c->is_cosigned)
        fprintf(cli->err, "valise prove: a log is not cosigned by the other party yet; the next "
                          "exchange brings that, then prove it again\n");
    if (c->has_own && c->witnesses < c->quorum)
        fprintf(cli->err,
                "valise prove: %u of the witnesses have cosigned the own log so far, and %u make a "
                "quorum; 'valise log state' says why, prove it again later\n",
                c->witnesses, c->quorum);
    if (c->has_own && c->is_to_be_stamped && !c->is_stamped)
        fprintf(cli->err, "valise prove: there is no time stamp on the own log yet; 'valise log "
                          "state' says why, prove it again later\n");
}

static VLS_STATUS tell(struct cli *cli, const char *path, const struct content *c,
                       struct vls_why *why)
{
    if (!cli->is_json) {
        fprintf(cli->out, "%s\n", path);
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "file", vls_json_text(path));
    json_object_set_new(object, "receipt", json_boolean(c->has_receipt));
    json_object_set_new(object, "cosigned", json_boolean(c->is_cosigned));
    json_object_set_new(object, "witnesses",
                        c->has_own ? vls_json_number(c->witnesses) : json_null());
    json_object_set_new(object, "stamped", c->has_own ? json_boolean(c->is_stamped) : json_null());
    return vls_json_line(cli, object, why);
}

struct vls_status vls_cmd_prove(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    struct evidence_asked asked;
    if (vls_cli_has(args, "output"))
        VLS_TRY(vls_cli_output_check(vls_cli_value(args, "output"), why));
    VLS_TRY(vls_evidence_ask(cli, args, false, &asked, why));
    struct vls_status status = choose_name(args, &asked.evidence, path, why);
    if (vls_ok(status))
        status = vls_cli_output_make(path, write_proof, &asked, why);
    if (vls_ok(status)) {
        const struct content content = look_at(cli, &asked.evidence);
        status = tell(cli, path, &content, why);
        say_what_is_missing(cli, &asked.evidence, &content);
    }
    vls_evidence_asked_fini(&asked);
    return status;
}
