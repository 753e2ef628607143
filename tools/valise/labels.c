#include "labels.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "client.h"
#include "config/config.h"
#include "envelope/manifest.h"
#include "envelope/parcel.h"
#include "share.h"

#define SCHEMES_MAX 64

const char *vls_cli_label_form_name(enum cli_label_form form)
{
    static const char *const NAMES[] = {
        [CLI_LABEL_TEXT] = "text",
        [CLI_LABEL_DER] = "ESS label (DER)",
        [CLI_LABEL_4774] = "ADatP-4774 label (XML)",
        [CLI_LABEL_4778] = "ADatP-4778 binding, not verified",
        [CLI_LABEL_CMS] = "attribute of a CMS signature, not verified",
        [CLI_LABEL_PARCEL] = "parcel, not verified",
        [CLI_LABEL_MESSAGE] = "message of the gateway",
    };
    return NAMES[form];
}

/* -- schemes ----------------------------------------------------------------------------------- */

static VLS_STATUS add_scheme(struct vls_scheme_set *set, const char *path, struct vls_why *why)
{
    if (set->count == SCHEMES_MAX)
        return vls_cli_usage(why, path, "more than %d schemes", SCHEMES_MAX);
    return vls_scheme_set_load(set, path, why);
}

static VLS_STATUS add_given(const struct cli_args *args, struct vls_scheme_set *set,
                            struct vls_why *why)
{
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, "scheme") == 0)
            VLS_TRY(add_scheme(set, args->given[i].value, why));
    return VLS_DONE;
}

static VLS_STATUS add_installed(struct vls_scheme_set *set, struct vls_why *why)
{
    char share[VLS_MAX_PATH], dir[VLS_MAX_PATH], path[VLS_MAX_PATH];
    char *names[SCHEMES_MAX] = {NULL};
    size_t count = 0;
    if (!vls_ok(vls_cli_share(NULL, share, NULL)))
        return vls_fail(VLS_CLI_USAGE, why,
                        "no scheme: neither a configuration nor schemes installed beside this "
                        "program; give --config or --scheme");
    VLS_TRY(vls_path_join(share, "spif", dir, sizeof dir));
    VLS_TRY(vls_cli_list_files(dir, ".xml", names, SCHEMES_MAX, &count, why));
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; i < count; i++) {
        if (vls_ok(status))
            status = vls_path_join(dir, names[i], path, sizeof path);
        if (vls_ok(status))
            status = add_scheme(set, path, why);
        vls_mem_free(names[i]);
    }
    return status;
}

static VLS_STATUS add_configured(struct cli *cli, struct vls_scheme_set *set, struct vls_why *why)
{
    struct vls_config *config = NULL;
    struct vls_status status = vls_config_load(cli->config, &config, why);
    if (status.code == VLS_CONFIG_MISSING && !cli->is_config_given)
        return add_installed(set, why);
    VLS_TRY(status);
    for (unsigned i = 0; i < config->schemes_count && vls_ok(status); i++)
        status = add_scheme(set, config->schemes[i], why);
    vls_config_free(&config);
    return status;
}

struct vls_status vls_cli_schemes_of_config(struct cli *cli, struct vls_scheme_set *out,
                                            struct vls_why *why)
{
    struct vls_scheme_set set = {.count = 0};
    struct vls_status status = add_configured(cli, &set, why);
    if (!vls_ok(status)) {
        vls_scheme_set_free(&set);
        return status;
    }
    *out = set;
    return VLS_DONE;
}

struct vls_status vls_cli_schemes(struct cli *cli, const struct cli_args *args,
                                  struct vls_scheme_set *out, struct vls_why *why)
{
    struct vls_scheme_set set = {.count = 0};
    struct vls_status status =
        vls_cli_has(args, "scheme") ? add_given(args, &set, why) : add_configured(cli, &set, why);
    if (!vls_ok(status)) {
        vls_scheme_set_free(&set);
        return status;
    }
    for (size_t i = 0; i < set.count; i++)
        if (vls_scheme_notice(set.schemes[i]) != NULL)
            fprintf(cli->err, "valise %s: scheme %s: %s\n", cli->command,
                    vls_scheme_name(set.schemes[i]), vls_scheme_notice(set.schemes[i]));
    *out = set;
    return VLS_DONE;
}

/* -- files ------------------------------------------------------------------------------------- */

static VLS_STATUS open_file(const char *path, int *out_fd, struct vls_why *why)
{
    struct stat about;
    VLS_DEFER(vls_fd_close)
    int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                    : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be opened", path);
    if (S_ISDIR(about.st_mode))
        return vls_cli_usage(why, path, "is a directory; give a file");
    *out_fd = vls_fd_move(&fd);
    return VLS_DONE;
}

static VLS_STATUS read_bounded(int fd, const char *path, struct vls_buf *out, struct vls_why *why)
{
    for (;;) {
        uint8_t piece[16384];
        ssize_t n = read(fd, piece, sizeof piece);
        if (n == 0)
            return VLS_DONE;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be read", path);
        struct vls_status status = vls_buf_add(out, piece, (size_t)n);
        if (status.code == VLS_INPUT_LIMIT)
            return vls_fail(VLS_INPUT_LIMIT, why, "%.120s: has more than %zu bytes, the most here",
                            path, out->max);
        VLS_TRY(status);
    }
}

struct vls_status vls_cli_read(const char *path, struct vls_buf *out, struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_TRY(open_file(path, &fd, why));
    return read_bounded(fd, path, out, why);
}

/* -- parcels and messages ---------------------------------------------------------------------- */

static VLS_STATUS of_der(struct vls_slice der, const struct vls_scheme_set *schemes,
                         bool is_checked, struct cli_label *out, struct vls_why *why)
{
    return is_checked ? vls_label_decode(der, schemes, &out->label, why)
                      : vls_label_decode_any(der, schemes, &out->label, why);
}

static VLS_STATUS of_evidence(const Valise__Evidence *evidence,
                              const struct vls_scheme_set *schemes, bool is_checked,
                              struct cli_label *out, struct vls_why *why)
{
    struct vls_manifest manifest;
    VLS_TRY(vls_manifest_read(VLS_SLICE(evidence->manifest.data, evidence->manifest.len), &manifest,
                              why));
    ProtobufCBinaryData der = manifest.fields->label;
    struct vls_status status = of_der(VLS_SLICE(der.data, der.len), schemes, is_checked, out, why);
    vls_manifest_fini(&manifest);
    return status;
}

static VLS_STATUS of_parcel(int fd, const struct vls_scheme_set *schemes, bool is_checked,
                            struct cli_label *out, struct vls_why *why)
{
    Valise__Evidence *evidence = NULL;
    struct vls_digest content;
    out->form = CLI_LABEL_PARCEL;
    VLS_TRY(vls_parcel_read(fd, -1, &evidence, content.bytes, why));
    struct vls_status status = of_evidence(evidence, schemes, is_checked, out, why);
    valise__evidence__free_unpacked(evidence, NULL);
    return status;
}

static VLS_STATUS of_message(struct cli *cli, const char *id, const struct vls_scheme_set *schemes,
                             bool is_checked, struct cli_label *out, struct vls_why *why)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    out->form = CLI_LABEL_MESSAGE;
    VLS_TRY(vls_cli_id(id, bytes, &len, why));
    Valise__OperatorExport export = VALISE__OPERATOR_EXPORT__INIT;
    export.id = (ProtobufCBinaryData){len, bytes};
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_EXPORT;
    request.export = &export;
    struct client_answer answer;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    struct vls_status status =
        answer.reply->evidence != NULL
            ? of_evidence(answer.reply->evidence, schemes, is_checked, out, why)
            : vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no evidence");
    vls_client_answer_fini(&answer);
    return status;
}

/* -- what an argument names -------------------------------------------------------------------- */

/** The magic of POSIX tar, where every parcel has it. */
static bool is_tar(struct vls_slice head)
{
    static const char MAGIC[] = "ustar";
    const size_t at = 257;
    return head.len >= at + sizeof MAGIC - 1 && memcmp(head.at + at, MAGIC, sizeof MAGIC - 1) == 0;
}

/** A parcel may be of any size and is read from its start; all else fits into memory. */
static VLS_STATUS of_file(const char *path, const struct vls_scheme_set *schemes, bool is_checked,
                          struct cli_label *out, struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_DEFER(vls_fd_close) int copy = -1;
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    uint8_t head[512];
    vls_buf_init(&bytes, VLS_MAX_XML_BINDING);
    VLS_TRY(open_file(path, &fd, why));
    ssize_t n = pread(fd, head, sizeof head, 0);
    if (n > 0 && is_tar(VLS_SLICE(head, (size_t)n)))
        return vls_cli_about(of_parcel(fd, schemes, is_checked, out, why), path, why);
    VLS_TRY(read_bounded(fd, path, &bytes, why));
    if (!is_tar(vls_buf_slice(&bytes)))
        return vls_cli_label_bytes(vls_buf_slice(&bytes), path, schemes, is_checked, out, why);
    VLS_TRY(vls_fd_memory_of("parcel", vls_buf_slice(&bytes), &copy, why));
    return vls_cli_about(of_parcel(copy, schemes, is_checked, out, why), path, why);
}

/** The beginning of `what`, up to '/', is the name of a scheme that is loaded. */
static bool is_text_form(const char *what, const struct vls_scheme_set *schemes)
{
    char name[VLS_MAX_NAME + 1];
    size_t len = strcspn(what, "/");
    if (what[len] != '/' || len >= sizeof name)
        return false;
    vls_text_copy(name, len + 1, what);
    return vls_scheme_set_by_name(schemes, name) != NULL;
}

/** "SCHEME/..." of a scheme that is not loaded reads as a label, "./x" and "/x" as a file. */
static bool looks_like_label(const char *what)
{
    size_t len = strcspn(what, "/");
    return what[len] == '/' && len > 0 && strspn(what, ".") != len;
}

static VLS_STATUS find_label(struct cli *cli, const char *what,
                             const struct vls_scheme_set *schemes, bool is_checked,
                             struct cli_label *out, struct vls_why *why)
{
    if (is_text_form(what, schemes))
        return is_checked ? vls_label_read(what, schemes, &out->label, why)
                          : vls_label_read_any(what, schemes, &out->label, why);
    struct stat about;
    if (strcmp(what, "-") == 0 || stat(what, &about) == 0 || (errno != ENOENT && errno != ENOTDIR))
        return of_file(what, schemes, is_checked, out, why);
    uint8_t id[VLS_ID_BYTES];
    size_t len = 0;
    if (vls_ok(vls_cli_id(what, id, &len, NULL)))
        return vls_cli_about(of_message(cli, what, schemes, is_checked, out, why), what, why);
    if (looks_like_label(what))
        return vls_fail(VLS_LABEL_SCHEME, why,
                        "%.100s: is no file, and no scheme of that name is loaded; give --scheme "
                        "FILE, or see 'valise scheme show'",
                        what);
    return vls_cli_usage(why, what,
                         "is neither a file, nor SCHEME/CLASSIFICATION, nor the id of a message");
}

struct vls_status vls_cli_label(struct cli *cli, const char *what,
                                const struct vls_scheme_set *schemes, bool is_checked,
                                struct cli_label *out, struct vls_why *why)
{
    struct cli_label found = {.form = CLI_LABEL_TEXT};
    VLS_TRY(find_label(cli, what, schemes, is_checked, &found, why));
    *out = found;
    return VLS_DONE;
}
