#include "arrangement_life.h"

#include <string.h>

#include "approval/signature.h"
#include "base/file.h"
#include "base/text.h"
#include "config/config.h"
#include "labels.h"
#include "show.h"

/* -- the file and what stands beside it -------------------------------------------------------- */

static VLS_STATUS read_signatures(struct cli_version *version, struct vls_why *why)
{
    const char *party = NULL;
    while ((party = vls_arrangement_party_at(version->books.joint, version->party_count)) != NULL) {
        size_t i = version->party_count++;
        struct vls_buf *der = &version->signatures[i].signature;
        version->signatures[i].party = party;
        vls_buf_init(der, VLS_MAX_SIGNATURE);
        VLS_TRY(vls_signature_path(version->books.path, party, version->signatures[i].path,
                                   VLS_MAX_PATH, why));
        struct vls_status s = vls_file_read(version->signatures[i].path, der, why);
        if (!vls_ok(s) && s.code != VLS_SYSTEM_MISSING)
            return s;
    }
    return VLS_DONE;
}

struct vls_status vls_cli_version_load(struct cli *cli, const struct cli_args *args,
                                       const char *path, struct cli_version *out,
                                       struct vls_why *why)
{
    *out = (struct cli_version){.party_count = 0};
    VLS_TRY(vls_cli_schemes(cli, args, &out->schemes, why));
    VLS_TRY(vls_cli_books_load(path, args, &out->schemes, &out->books, why));
    return read_signatures(out, why);
}

void vls_cli_version_fini(struct cli_version *version)
{
    for (size_t i = 0; i < version->party_count; i++)
        vls_buf_fini(&version->signatures[i].signature);
    vls_cli_books_fini(&version->books);
    vls_scheme_set_free(&version->schemes);
}

/* -- to the gateway ---------------------------------------------------------------------------- */

struct vls_status vls_cli_own_party(struct cli *cli, char *out, struct vls_why *why)
{
    struct vls_config *config = NULL;
    VLS_TRY(vls_config_load(cli->config, &config, why));
    vls_text_copy(out, VLS_MAX_PARTY + 1, config->node.party);
    vls_config_free(&config);
    return VLS_DONE;
}

static VLS_STATUS need_signature(const struct cli_version *version, const char *own,
                                 struct vls_why *why)
{
    for (size_t i = 0; i < version->party_count; i++) {
        if (strcmp(version->signatures[i].party, own) != 0)
            continue;
        if (version->signatures[i].signature.len != 0)
            return VLS_DONE;
        return vls_fail(VLS_SYSTEM_MISSING, why,
                        "%.120s: %.40s has not signed it; first: valise arrangement sign",
                        version->signatures[i].path, own);
    }
    return vls_fail(VLS_POLICY_PARTY, why, "%.100s: %.60s is no party of it", version->books.path,
                    own);
}

struct vls_status vls_cli_version_hand_in(struct cli *cli, const struct cli_version *version,
                                          const char *own, struct client_answer *out,
                                          struct vls_why *why)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorArrange arrange = VALISE__OPERATOR_ARRANGE__INIT;
    Valise__PartySignature signatures[VLS_MAX_PARTIES], *list[VLS_MAX_PARTIES];
    VLS_DEFER(vls_fd_close) int fd = -1;
    if (own != NULL)
        VLS_TRY(need_signature(version, own, why));
    for (size_t i = 0; i < version->party_count; i++) {
        const struct vls_buf *der = &version->signatures[i].signature;
        Valise__PartySignature *one = &signatures[arrange.n_signatures];
        if (der->len == 0)
            continue;
        valise__party_signature__init(one);
        one->party = (char *)(uintptr_t)version->signatures[i].party;
        one->signature = (ProtobufCBinaryData){der->len, der->at};
        list[arrange.n_signatures++] = one;
    }
    if (arrange.n_signatures == 0)
        return vls_fail(VLS_SYSTEM_MISSING, why,
                        "%.140s: no signature stands beside it, such as %.90s", version->books.path,
                        vls_path_name(version->signatures[0].path));
    arrange.signatures = list;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_ARRANGE;
    request.arrange = &arrange;
    VLS_TRY(vls_fd_memory_of("arrangement", vls_buf_slice(&version->books.bytes), &fd, why));
    return vls_client_ask(
        cli, &(struct client_question){.request = &request, .fds = &fd, .fd_count = 1}, out, why);
}

/* -- what there is ----------------------------------------------------------------------------- */

static json_t *row_json(const Valise__ArrangementRow *row)
{
    json_t *object = json_object(), *signed_by = json_array(), *missing = json_array();
    for (size_t i = 0; i < row->n_signatures; i++) {
        json_t *one = json_object();
        json_object_set_new(one, "party", vls_json_text(row->signatures[i]->party));
        json_object_set_new(one, "signed", vls_json_time(row->signatures[i]->signed_ms));
        json_array_append_new(signed_by, one);
    }
    for (size_t i = 0; i < row->n_missing; i++)
        json_array_append_new(missing, vls_json_text(row->missing[i]));
    json_object_set_new(object, "name", vls_json_text(row->name));
    json_object_set_new(object, "version", vls_json_number(row->version));
    json_object_set_new(object, "digest", vls_json_hex(row->digest));
    json_object_set_new(object, "state", vls_json_text(row->state));
    json_object_set_new(object, "from", vls_json_time(row->from_ms));
    json_object_set_new(object, "not_before", vls_json_time(row->not_before_ms));
    json_object_set_new(object, "expires", vls_json_time(row->expires_ms));
    json_object_set_new(object, "approve_by", vls_json_time(row->approve_by_ms));
    json_object_set_new(object, "signatures", signed_by);
    json_object_set_new(object, "missing", missing);
    json_object_set_new(object, "is_signed", json_boolean(!row->is_installed));
    json_object_set_new(object, "is_current", json_boolean(row->is_current));
    return object;
}

static void add_signatures(struct table *table, const Valise__ArrangementRow *row)
{
    char text[512] = "", at[VLS_TIME_TEXT];
    size_t used = 0;
    for (size_t i = 0; i < row->n_signatures && used < sizeof text; i++) {
        vls_time_for_people(row->signatures[i]->signed_ms, at);
        int n = snprintf(text + used, sizeof text - used, "%s%s %s", i > 0 ? ", " : "",
                         row->signatures[i]->party, at);
        used += n > 0 ? (size_t)n : 0;
    }
    for (size_t i = 0; i < row->n_missing && used < sizeof text; i++) {
        int n = snprintf(text + used, sizeof text - used, "%s%s not yet", used > 0 ? ", " : "",
                         row->missing[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    if (row->n_missing > 0 && row->approve_by_ms != 0 && used < sizeof text) {
        vls_time_for_people(row->approve_by_ms, at);
        snprintf(text + used, sizeof text - used, "; to be signed until %s", at);
    }
    vls_table_add(table, row->is_installed ? "not signed: approvers are not configured" : text);
}

static void print_rows(struct cli *cli, const Valise__OperatorReply *reply)
{
    static const char *const TITLES[] = {">VERSION", "STATE",  "FROM", "UNTIL",
                                         "SHA-256",  "SIGNED", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < reply->n_arrangements; i++) {
        const Valise__ArrangementRow *row = reply->arrangements[i];
        char from[VLS_TIME_TEXT], until[VLS_TIME_TEXT], hex[2 * VLS_DIGEST_BYTES + 1] = "";
        vls_time_for_people(row->from_ms, from);
        vls_time_for_people(row->expires_ms, until);
        if (row->digest.len == VLS_DIGEST_BYTES)
            vls_hex(VLS_SLICE(row->digest.data, row->digest.len), hex);
        vls_table_add_format(&table, "%u", row->version);
        vls_table_add_coloured(&table, row->state, row->is_current ? TABLE_GOOD : TABLE_PLAIN);
        vls_table_add(&table, from);
        vls_table_add(&table, until);
        vls_table_add_format(&table, "%.16s", hex);
        add_signatures(&table, row);
    }
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

struct vls_status vls_cli_versions_print(struct cli *cli, const Valise__OperatorReply *reply,
                                         struct vls_why *why)
{
    if (!cli->is_json) {
        print_rows(cli, reply);
        return VLS_DONE;
    }
    for (size_t i = 0; i < reply->n_arrangements; i++)
        VLS_TRY(vls_json_line(cli, row_json(reply->arrangements[i]), why));
    return VLS_DONE;
}
