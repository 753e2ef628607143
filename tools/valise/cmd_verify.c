/* valise verify: check a parcel or a proof file with public keys alone. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "base/file.h"
#include "base/text.h"
#include "config/config.h"
#include "evidence.h"
#include "ledger/fork.h"
#include "outside.h"
#include "show.h"

static VLS_STATUS add_key(struct evidence_keys *keys, const char *party, size_t party_len,
                          bool is_witness, const uint8_t key[VLS_ED25519_KEY], struct vls_why *why)
{
    if (keys->count == EVIDENCE_MAX_KEYS)
        return vls_cli_usage(why, "--party-key", "more than %d keys", EVIDENCE_MAX_KEYS);
    struct evidence_key *entry = &keys->at[keys->count++];
    entry->until_ms = 0;
    vls_text_copy(entry->party, party_len + 1, party);
    entry->is_witness = is_witness;
    vls_copy(entry->key, key, VLS_ED25519_KEY);
    return VLS_DONE;
}

static VLS_STATUS read_key(const char *base64, const char *argument, uint8_t out[VLS_ED25519_KEY],
                           struct vls_why *why)
{
    struct vls_buf key;
    vls_buf_init(&key, VLS_MAX_NAME);
    bool is_key =
        vls_ok(vls_base64_read(vls_slice_text(base64), &key)) && key.len == VLS_ED25519_KEY;
    if (is_key)
        vls_copy(out, key.at, VLS_ED25519_KEY);
    vls_buf_fini(&key);
    if (!is_key)
        return vls_cli_usage(why, argument, "is not the base64 of an Ed25519 public key");
    return VLS_DONE;
}

/** "un=BASE64" */
static VLS_STATUS add_given(struct evidence_keys *keys, const char *given, bool is_witness,
                            struct vls_why *why)
{
    const char *equals = strchr(given, '=');
    uint8_t key[VLS_ED25519_KEY];
    if (equals == NULL || equals == given || (size_t)(equals - given) > VLS_MAX_PARTY)
        return vls_cli_usage(why, given, "is not PARTY=BASE64");
    VLS_TRY(read_key(equals + 1, given, key, why));
    return add_key(keys, given, (size_t)(equals - given), is_witness, key, why);
}

/** The public half of an own key file; passed over when this user may not read it. */
static VLS_STATUS add_own(struct evidence_keys *keys, const char *party, const char *path,
                          bool is_witness, struct vls_why *why)
{
    BIO *file = BIO_new_file(path, "r");
    EVP_PKEY *pkey = file != NULL ? PEM_read_bio_PrivateKey(file, NULL, NULL, NULL) : NULL;
    uint8_t key[VLS_ED25519_KEY];
    size_t len = sizeof key;
    bool has_key = pkey != NULL && EVP_PKEY_get_raw_public_key(pkey, key, &len) == 1;
    EVP_PKEY_free(pkey);
    BIO_free(file);
    if (!has_key)
        return VLS_DONE;
    return add_key(keys, party, strlen(party), is_witness, key, why);
}

static VLS_STATUS add_former(struct evidence_keys *keys, const char *party, bool is_witness,
                             const char *text, struct vls_why *why)
{
    struct vls_config_former_key former;
    VLS_TRY(vls_config_former_key(text, &former));
    VLS_TRY(add_key(keys, party, strlen(party), is_witness, former.key, why));
    keys->at[keys->count - 1].until_ms = former.until_ms;
    return VLS_DONE;
}

/** The own ones that were retired; none is fine, and so is a line of no such form. */
static VLS_STATUS add_own_former(struct evidence_keys *keys, const struct vls_config *config,
                                 bool is_witness, struct vls_why *why)
{
    const char *name = is_witness ? VLS_KEY_FORMER_WITNESS : VLS_KEY_FORMER_LOG;
    char path[VLS_MAX_PATH];
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_CONFIG_FILE);
    if (!vls_ok(vls_path_join(config->keys.former, name, path, sizeof path)) ||
        !vls_ok(vls_file_read(path, &text, NULL)))
        return VLS_DONE;
    struct vls_reader lines = vls_reader_of(vls_buf_slice(&text));
    while (!vls_reader_is_at_end(&lines)) {
        char line[VLS_MAX_NAME];
        struct vls_slice one = vls_reader_until(&lines, '\n');
        if (lines.failed || one.len >= sizeof line)
            break;
        vls_copy((uint8_t *)line, one.at, one.len);
        line[one.len] = '\0';
        struct vls_status s = add_former(keys, config->node.party, is_witness, line, why);
        if (!vls_ok(s) && s.code != VLS_CONFIG_INVALID)
            return s;
    }
    return VLS_DONE;
}

static VLS_STATUS add_configured(struct evidence_keys *keys, const struct vls_config *config,
                                 struct vls_why *why)
{
    uint8_t key[VLS_ED25519_KEY];
    for (unsigned i = 0; i < config->partners_count; i++) {
        const struct vls_config_partner *partner = &config->partners[i];
        size_t len = strlen(partner->party);
        VLS_TRY(read_key(partner->log_key, partner->party, key, why));
        VLS_TRY(add_key(keys, partner->party, len, false, key, why));
        VLS_TRY(read_key(partner->witness_key, partner->party, key, why));
        VLS_TRY(add_key(keys, partner->party, len, true, key, why));
        for (unsigned k = 0; k < partner->former_log_keys_count; k++)
            VLS_TRY(add_former(keys, partner->party, false, partner->former_log_keys[k], why));
        for (unsigned k = 0; k < partner->former_witness_keys_count; k++)
            VLS_TRY(add_former(keys, partner->party, true, partner->former_witness_keys[k], why));
    }
    VLS_TRY(add_own(keys, config->node.party, config->keys.log, false, why));
    VLS_TRY(add_own_former(keys, config, false, why));
    VLS_TRY(add_own(keys, config->node.party, config->keys.witness, true, why));
    return add_own_former(keys, config, true, why);
}

/** Keys of the command line first: they win over those of the configuration. */
static VLS_STATUS gather_keys(const struct cli *cli, const struct cli_args *args,
                              struct evidence_keys *keys, struct vls_why *why)
{
    for (size_t i = 0; i < args->given_count; i++) {
        const struct cli_given *given = &args->given[i];
        bool is_witness = strcmp(given->option->name, "witness-key") == 0;
        if (is_witness || strcmp(given->option->name, "party-key") == 0)
            VLS_TRY(add_given(keys, given->value, is_witness, why));
    }
    if (keys->count > 0 && !vls_cli_has(args, "config"))
        return VLS_DONE;
    struct vls_config *config = NULL;
    struct vls_status status = vls_config_load(cli->config, &config, why);
    if (status.code == VLS_CONFIG_MISSING && !vls_cli_has(args, "config"))
        return vls_cli_usage(why, "--party-key",
                             "is missing; whose keys shall it be checked with?");
    VLS_TRY(status);
    status = add_configured(keys, config, why);
    vls_config_free(&config);
    return status;
}

static VLS_STATUS print_report(struct cli *cli, const struct evidence_report *report,
                               struct vls_why *why)
{
    static const char *const TITLES[] = {"CHECK", "RESULT", "", NULL};
    static const enum table_colour COLOURS[] = {TABLE_GOOD, TABLE_BAD, TABLE_WARN};
    struct table table;
    vls_table_init(&table, TITLES);
    for (int i = 0; i < EVIDENCE_COUNT; i++) {
        const struct evidence_line *line = &report->lines[i];
        if (vls_evidence_is_silent(report, (enum evidence_item)i))
            continue;
        const char *name = vls_evidence_item_name((enum evidence_item)i);
        const char *result = vls_evidence_result_name(line->result);
        if (cli->is_json) {
            json_t *object = json_object();
            json_object_set_new(object, "check", vls_json_text(name));
            json_object_set_new(object, "result", vls_json_text(result));
            json_object_set_new(object, "detail", vls_json_text(line->words.text));
            VLS_TRY(vls_json_line(cli, object, why));
            continue;
        }
        vls_table_add(&table, name);
        vls_table_add_coloured(&table, result, COLOURS[line->result]);
        vls_table_add(&table, line->words.text);
    }
    if (!cli->is_json)
        vls_table_print(cli, &table);
    vls_table_fini(&table);
    return VLS_DONE;
}

/* -- NAME.fork --------------------------------------------------------------------------------- */

static const struct evidence_key *key_of(const struct evidence_keys *keys, const char *party)
{
    for (size_t i = 0; i < keys->count; i++)
        if (!keys->at[i].is_witness && strcmp(keys->at[i].party, party) == 0)
            return &keys->at[i];
    return NULL;
}

static VLS_STATUS print_fork(struct cli *cli, const char *party, const struct vls_checkpoint c[2],
                             bool is_proven, struct vls_why *why)
{
    char roots[2][2 * VLS_DIGEST_BYTES + 1];
    for (int i = 0; i < 2; i++)
        vls_hex(vls_digest_slice(&c[i].root), roots[i]);
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "log", vls_json_text(c[0].origin));
        json_object_set_new(object, "party", vls_json_text(party));
        json_object_set_new(object, "proven", json_boolean(is_proven));
        for (int i = 0; i < 2; i++) {
            json_object_set_new(object, i == 0 ? "size" : "other_size", vls_json_number(c[i].size));
            json_object_set_new(object, i == 0 ? "root" : "other_root", vls_json_text(roots[i]));
        }
        return vls_json_line(cli, object, why);
    }
    fprintf(cli->out, "log         %s\n", c[0].origin);
    for (int i = 0; i < 2; i++)
        fprintf(cli->out, "%s %llu entries, root %s\n", i == 0 ? "signed     " : "also signed",
                (unsigned long long)c[i].size, roots[i]);
    fprintf(cli->out,
            is_proven ? "%s signed two histories of this log: proven\n"
                      : "%s signed both; that they contradict each other is not shown\n",
            party);
    return VLS_DONE;
}

static VLS_STATUS verify_fork(struct cli *cli, const struct evidence_keys *keys, const char *path,
                              struct vls_slice text, struct vls_why *why)
{
    struct vls_fork fork;
    struct vls_checkpoint c[2];
    struct vls_note_key key = {.is_cosigner = false};
    enum vls_fork_verdict verdict;
    char party[VLS_MAX_PARTY + 1];
    struct vls_why reason = {""};
    struct vls_status s = vls_fork_read(text, &fork, &reason);
    if (vls_ok(s))
        s = vls_fork_party(&fork, party, &reason);
    if (!vls_ok(s))
        return vls_fail(VLS_CLI_EVIDENCE, why, "%.90s: %.90s", path, reason.text);
    const struct evidence_key *given = key_of(keys, party);
    if (given == NULL)
        return vls_cli_usage(why, "--party-key", "of %s is missing: it is its log", party);
    vls_copy(key.key, given->key, sizeof key.key);
    s = vls_fork_verify(&fork, &key, c, &verdict, &reason);
    if (!vls_ok(s))
        return vls_fail(VLS_CLI_EVIDENCE, why, "%.90s: %.90s", path, reason.text);
    VLS_TRY(print_fork(cli, party, c, verdict == VLS_FORK_PROVEN, why));
    if (verdict != VLS_FORK_PROVEN)
        return vls_fail(VLS_CLI_EVIDENCE, why,
                        "%.60s: no path shows that the two contradict each other; %s can show that "
                        "they do not, by a consistency proof",
                        path, party);
    return VLS_DONE;
}

/** Whether it was one; then `*out` is what came of it. */
static bool is_fork(struct cli *cli, const struct evidence_basis *basis, const char *path, int fd,
                    struct vls_status *out, struct vls_why *why)
{
    uint8_t start[VLS_FORK_START];
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    vls_buf_init(&text, VLS_MAX_FORK_FILE);
    ssize_t n = pread(fd, start, sizeof start, 0);
    if (n < 0 || !vls_fork_is(VLS_SLICE(start, (size_t)n)))
        return false;
    if (basis->outside->quorum_count > 0)
        *out = vls_cli_usage(why, "--quorum", "%.120s is a fork: nobody's cosignatures prove it",
                             path);
    else
        *out = vls_cli_about(vls_fd_read_all(fd, &text, why), path, why);
    if (vls_ok(*out))
        *out = verify_fork(cli, basis->keys, path, vls_buf_slice(&text), why);
    return true;
}

/* -- any of them ------------------------------------------------------------------------------- */

static VLS_STATUS verify_message(struct cli *cli, const char *path, int fd,
                                 struct evidence_basis *basis, struct vls_why *why)
{
    Valise__Evidence *evidence = NULL;
    struct vls_digest content;
    struct evidence_report report;
    bool has_content = false;
    VLS_TRY(
        vls_cli_about(vls_evidence_read(fd, &evidence, &has_content, &content, why), path, why));
    basis->content_digest = has_content ? &content : NULL;
    struct vls_status verdict = vls_evidence_check(evidence, basis, &report, why);
    valise__evidence__free_unpacked(evidence, NULL);
    if (report.from[0] != '\0')
        VLS_TRY(vls_outside_refuse_strangers(basis->outside,
                                             vls_outside_strangers(basis->outside, &report), why));
    VLS_TRY(print_report(cli, &report, why));
    return verdict;
}

struct vls_status vls_cmd_verify(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    const char *path = args->operands[0];
    struct evidence_keys keys = {.count = 0};
    VLS_DEFER(vls_outside_fini) struct evidence_outside outside = {.count = 0};
    struct evidence_basis basis = {
        .keys = &keys, .now_ms = vls_wall_ms(cli->env), .outside = &outside};
    struct stat there;
    VLS_TRY(gather_keys(cli, args, &keys, why));
    VLS_TRY(vls_outside_gather(args, &outside, why));
    if (stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        return vls_archive_verify(cli, path, &basis, why);
    VLS_DEFER(vls_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be opened", path);
    struct vls_status of_fork = VLS_DONE;
    if (is_fork(cli, &basis, path, fd, &of_fork, why))
        return of_fork;
    return verify_message(cli, path, fd, &basis, why);
}
