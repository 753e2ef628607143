/* valise label verify: who bound which label to which files, and whether that holds. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "label/binding.h"
#include "label/marking.h"
#include "label/xml4774_label.h"
#include "label_bind.h"
#include "label_commands.h"
#include "label_show.h"
#include "labels.h"
#include "show.h"

#define BOUND_MAX (2 * VLS_MAX_XML_BOUND)

/** One piece of data with the label that a binding gives it. */
struct bound {
    struct vls_digest digest;
    struct vls_label label; /* owned */
    char name[VLS_MAX_FILE_NAME + 1];
    const char *binding;
};

/** What one binding says; said when all of them hold. */
struct finding {
    const char *binding, *form;
    struct vls_binding_signer signer;
    size_t first, count; /* of `bound` */
};

struct verifier {
    struct cli *cli;
    const struct vls_scheme_set *schemes;
    uint64_t at_ms; /* the labels must hold then */
    X509_STORE *trust;
    const char *const *files; /* data, by the command line */
    bool *is_used;            /* of each */
    size_t file_count;
    struct bound *bound;
    size_t bound_count;
    struct finding findings[CLI_MAX_OPERANDS];
    size_t finding_count;
    struct vls_why *why;
};

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), of_end = strlen(end);
    return len >= of_end && strcmp(text + len - of_end, end) == 0;
}

/* -- trust ------------------------------------------------------------------------------------- */

/** The certificates of one file, and none besides: not those of the system. */
static VLS_STATUS read_trust(const char *path, X509_STORE **out, struct vls_why *why)
{
    size_t count = 0;
    BIO *file = BIO_new_file(path, "r");
    if (file == NULL)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be read", path);
    X509_STORE *trust = X509_STORE_new();
    X509 *certificate;
    while ((certificate = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        count += X509_STORE_add_cert(trust, certificate) == 1;
        X509_free(certificate);
    }
    BIO_free(file);
    bool is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (count == 0 || !is_whole) {
        X509_STORE_free(trust);
        return vls_cli_usage(why, path, "holds no certificates in PEM, or a damaged one");
    }
    *out = trust;
    return VLS_DONE;
}

/* -- data -------------------------------------------------------------------------------------- */

/** The file of a name: one that was given, else the one beside the binding. */
static VLS_STATUS open_data(struct verifier *v, const char *binding, const char *name, int *out)
{
    char path[VLS_MAX_PATH];
    const char *at = NULL;
    for (size_t i = 0; i < v->file_count && at == NULL; i++)
        if (strcmp(vls_path_name(v->files[i]), vls_path_name(name)) == 0) {
            v->is_used[i] = true;
            at = v->files[i];
        }
    if (at == NULL) {
        int dir = (int)(vls_path_name(binding) - binding);
        int n = snprintf(path, sizeof path, "%.*s%s", dir, binding, name);
        if (n < 0 || (size_t)n >= sizeof path)
            return vls_cli_usage(v->why, binding, "refers to a file whose path is too long");
        at = path;
    }
    int fd = open(at, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return vls_fail_errno(VLS_LABEL_BINDING, v->why, errno,
                              "%.90s: the file '%.90s', which it binds, cannot be opened", binding,
                              name);
    *out = fd;
    return VLS_DONE;
}

static VLS_STATUS digest_file(int fd, struct vls_digest *out, struct vls_why *why)
{
    struct vls_hash *hash = vls_hash_new();
    uint8_t *chunk = vls_mem_new(VLS_IO_CHUNK);
    ssize_t got = 0;
    off_t offset = 0;
    while ((got = pread(fd, chunk, VLS_IO_CHUNK, offset)) > 0) {
        vls_hash_add(hash, VLS_SLICE(chunk, (size_t)got));
        offset += got;
    }
    *out = vls_hash_finish(hash);
    vls_hash_free(&hash);
    vls_mem_free(chunk);
    if (got < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "a file cannot be read");
    return VLS_DONE;
}

/** The same bytes may have one label. */
static VLS_STATUS add_bound(struct verifier *v, const char *binding, const char *name,
                            struct vls_digest digest, const struct vls_label *label)
{
    for (size_t i = 0; i < v->bound_count; i++)
        if (vls_digest_is_equal(&v->bound[i].digest, &digest) &&
            !vls_label_is_same(&v->bound[i].label, label))
            return vls_fail(VLS_LABEL_DISAGREES, v->why,
                            "'%.60s' has another label in %.80s than in %.80s", name, binding,
                            v->bound[i].binding);
    if (v->bound_count == BOUND_MAX)
        return vls_cli_usage(v->why, binding, "more than %d pieces of data at once", BOUND_MAX);
    struct bound *one = &v->bound[v->bound_count];
    VLS_TRY(vls_label_copy(label, &one->label));
    v->bound_count++;
    one->digest = digest;
    one->binding = binding;
    vls_text_copy(one->name, sizeof one->name, name);
    return VLS_DONE;
}

/* -- what is said ------------------------------------------------------------------------------ */

static void add_finding(struct verifier *v, const char *binding, const char *form,
                        const struct vls_binding_signer *signer, size_t first)
{
    v->findings[v->finding_count++] = (struct finding){.binding = binding,
                                                       .form = form,
                                                       .signer = *signer,
                                                       .first = first,
                                                       .count = v->bound_count - first};
}

static void say_date(FILE *out, const char *what, uint64_t at_ms)
{
    char time[VLS_TIME_TEXT];
    if (at_ms == 0)
        return;
    vls_time_for_people(at_ms, time);
    fprintf(out, "  %-11s %s\n", what, time);
}

static void say_bound(FILE *out, const struct bound *bound)
{
    const struct vls_label_details *details = bound->label.details;
    char *label = vls_label_show_text(&bound->label);
    char *marking = vls_label_show_marking(&bound->label, VLS_MARK_PAGE_TOP, NULL);
    fprintf(out, "data:         %s\n  label:      %s\n  marking:    %s\n", bound->name, label,
            marking);
    if (details != NULL) {
        say_date(out, "created:", details->created_ms);
        say_date(out, "review:", details->review_ms);
        say_date(out, "succession:", details->succession_ms);
    }
    vls_mem_free(label);
    vls_mem_free(marking);
}

static json_t *bound_json(const struct bound *bound)
{
    const struct vls_label_details *details = bound->label.details;
    char *label = vls_label_show_text(&bound->label);
    char *marking = vls_label_show_marking(&bound->label, VLS_MARK_PAGE_TOP, NULL);
    json_t *one = json_object();
    json_object_set_new(one, "data", vls_json_text(bound->name));
    json_object_set_new(one, "label", vls_json_text(label));
    json_object_set_new(one, "marking", vls_json_text(marking));
    json_object_set_new(one, "created", vls_json_time(details != NULL ? details->created_ms : 0));
    json_object_set_new(one, "review", vls_json_time(details != NULL ? details->review_ms : 0));
    json_object_set_new(one, "succession",
                        vls_json_time(details != NULL ? details->succession_ms : 0));
    vls_mem_free(label);
    vls_mem_free(marking);
    return one;
}

static VLS_STATUS say(struct verifier *v, const struct finding *f)
{
    char hex[2 * VLS_DIGEST_BYTES + 1];
    vls_hex(vls_digest_slice(&f->signer.fingerprint), hex);
    if (!v->cli->is_json) {
        fprintf(v->cli->out,
                "binding:      %s\nform:         %s\nsigner:       %s\nfingerprint:  %s\n",
                f->binding, f->form, f->signer.subject, hex);
        for (size_t i = f->first; i < f->first + f->count; i++)
            say_bound(v->cli->out, &v->bound[i]);
        return VLS_DONE;
    }
    json_t *list = json_array();
    for (size_t i = f->first; i < f->first + f->count; i++)
        json_array_append_new(list, bound_json(&v->bound[i]));
    json_t *object = json_object();
    json_object_set_new(object, "binding", vls_json_text(f->binding));
    json_object_set_new(object, "form", vls_json_text(f->form));
    json_object_set_new(object, "signer", vls_json_text(f->signer.subject));
    json_object_set_new(object, "fingerprint", vls_json_text(hex));
    json_object_set_new(object, "bound", list);
    return vls_json_line(v->cli, object, v->why);
}

/* -- ADatP-4778 -------------------------------------------------------------------------------- */

/** Every label must be one of a scheme that is loaded; the originator's is the label of the data.
 */
static VLS_STATUS add_labels(struct verifier *v, const char *path,
                             const struct vls_xml4778_binding *binding, const char *document,
                             const struct vls_binding_source *sources, size_t *at)
{
    struct vls_label label = {0};
    for (size_t i = binding->label_count; i-- > 0;) {
        vls_label_fini(&label);
        label = (struct vls_label){0};
        VLS_TRY(vls_cli_about(vls_xml4774_label(binding->labels[i], v->schemes, &label, v->why),
                              path, v->why));
    }
    struct vls_status s = vls_cli_about(vls_label_check_at(&label, v->at_ms, v->why), path, v->why);
    for (size_t i = 0; i < binding->data_count && vls_ok(s); i++) {
        const struct vls_xml4778_data *data = &binding->data[i];
        struct vls_digest digest = vls_digest_of_slice(data->bytes);
        const char *name = document != NULL ? document : "(within the binding)";
        if (data->uri != NULL && document == NULL) {
            name = sources[*at].name;
            s = digest_file(sources[(*at)++].fd, &digest, v->why);
        }
        if (vls_ok(s))
            s = add_bound(v, path, name, digest, &label);
    }
    vls_label_fini(&label);
    return s;
}

static VLS_STATUS take_form(struct verifier *v, const char *path, const struct vls_xml4778 *form,
                            const char *document, const struct vls_binding_source *sources)
{
    size_t at = 0;
    for (size_t i = 0; i < form->count; i++)
        VLS_TRY(add_labels(v, path, &form->bindings[i], document, sources, &at));
    return VLS_DONE;
}

struct sources {
    struct vls_binding_source at[VLS_MAX_XML_BOUND];
    char *names[VLS_MAX_XML_BOUND];
    size_t count;
};

/** The files that a form refers to, in its order. */
static VLS_STATUS open_sources(struct verifier *v, const char *path, const struct vls_xml4778 *form,
                               struct sources *out)
{
    for (size_t i = 0; i < form->count; i++)
        for (size_t j = 0; j < form->bindings[i].data_count; j++) {
            const struct vls_xml4778_data *data = &form->bindings[i].data[j];
            VLS_DEFER(vls_buf_fini) struct vls_buf name;
            vls_buf_init(&name, VLS_MAX_XML_TEXT);
            if (data->uri == NULL)
                continue;
            VLS_TRY(vls_cli_about(vls_xml4778_name(data, &name, v->why), path, v->why));
            out->names[out->count] = vls_mem_text((const char *)name.at, name.len);
            out->at[out->count].name = out->names[out->count];
            out->at[out->count].fd = -1;
            out->count++;
            VLS_TRY(open_data(v, path, out->names[out->count - 1], &out->at[out->count - 1].fd));
        }
    return VLS_DONE;
}

static VLS_STATUS verify_sources(struct verifier *v, const char *path, struct vls_slice xml,
                                 const struct vls_xml4778 *unverified, struct sources *sources)
{
    struct vls_xml4778 *form = NULL;
    struct vls_binding_signer signer;
    size_t first = v->bound_count;
    VLS_TRY(open_sources(v, path, unverified, sources));
    VLS_TRY(vls_cli_about(vls_binding_verify(xml, vls_path_name(path), sources->at, sources->count,
                                             v->trust, &form, &signer, v->why),
                          path, v->why));
    struct vls_status s = take_form(v, path, form, NULL, sources->at);
    vls_xml4778_free(&form);
    VLS_TRY(s);
    add_finding(v, path, sources->count == 0 ? "4778-embedded" : "4778", &signer, first);
    return VLS_DONE;
}

static VLS_STATUS verify_4778(struct verifier *v, const char *path, struct vls_slice xml)
{
    struct vls_xml4778 *form = NULL;
    VLS_TRY(vls_xml4778_read(xml, path, &form, v->why));
    struct sources *sources = vls_mem_new(sizeof *sources);
    struct vls_status s = verify_sources(v, path, xml, form, sources);
    for (size_t i = 0; i < sources->count; i++) {
        vls_fd_close(&sources->at[i].fd);
        vls_mem_free(sources->names[i]);
    }
    vls_mem_free(sources);
    vls_xml4778_free(&form);
    return s;
}

static VLS_STATUS verify_document(struct verifier *v, const char *path, struct vls_slice xml)
{
    struct vls_xml4778 *form = NULL;
    struct vls_binding_signer signer;
    size_t first = v->bound_count;
    VLS_TRY(vls_binding_verify_embedded(xml, path, v->trust, &form, &signer, v->why));
    struct vls_status s = take_form(v, path, form, vls_path_name(path), NULL);
    vls_xml4778_free(&form);
    VLS_TRY(s);
    add_finding(v, path, "4778-xml", &signer, first);
    return VLS_DONE;
}

/* -- CMS --------------------------------------------------------------------------------------- */

/** FILE of FILE.p7s, else the one file that is given. */
static VLS_STATUS name_of_content(struct verifier *v, const char *path,
                                  char out[VLS_MAX_FILE_NAME + 1])
{
    const char *name = vls_path_name(path);
    if (ends_with(name, ".p7s"))
        snprintf(out, VLS_MAX_FILE_NAME + 1, "%.*s", (int)(strlen(name) - 4), name);
    else if (v->file_count == 1)
        snprintf(out, VLS_MAX_FILE_NAME + 1, "%s", vls_path_name(v->files[0]));
    else
        return vls_cli_usage(v->why, path, "of which file is it? name it FILE.p7s");
    return VLS_DONE;
}

static VLS_STATUS verify_cms(struct verifier *v, const char *path, struct vls_slice cms)
{
    char name[VLS_MAX_FILE_NAME + 1];
    struct vls_binding_signer signer;
    struct vls_digest digest;
    struct vls_label label = {0};
    size_t first = v->bound_count;
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_DEFER(vls_buf_fini) struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_LABEL);
    VLS_TRY(name_of_content(v, path, name));
    VLS_TRY(open_data(v, path, name, &fd));
    VLS_TRY(vls_cli_about(vls_binding_cms_verify(cms, fd, v->trust, &der, &signer, v->why), path,
                          v->why));
    VLS_TRY(vls_cli_about(vls_label_decode(vls_buf_slice(&der), v->schemes, &label, v->why), path,
                          v->why));
    struct vls_status s = vls_cli_about(vls_label_check_at(&label, v->at_ms, v->why), path, v->why);
    if (vls_ok(s))
        s = digest_file(fd, &digest, v->why);
    if (vls_ok(s))
        s = add_bound(v, path, name, digest, &label);
    vls_label_fini(&label);
    VLS_TRY(s);
    add_finding(v, path, "cms", &signer, first);
    return VLS_DONE;
}

/* -- all of them ------------------------------------------------------------------------------- */

/** Is the first element of this XML a BindingInformation, whatever its prefix? */
static bool is_binding(struct vls_slice xml)
{
    static const char NAME[] = "BindingInformation";
    struct vls_reader r = vls_reader_of(xml);
    while (!vls_reader_is_at_end(&r)) {
        vls_reader_until(&r, '<');
        if (r.failed || r.rest.len == 0)
            return false;
        if (r.rest.at[0] != '?' && r.rest.at[0] != '!')
            break;
        vls_reader_until(&r, '>');
    }
    size_t len = 0, start = 0;
    while (len < r.rest.len && strchr(" \t\r\n/>", r.rest.at[len]) == NULL)
        if (r.rest.at[len++] == ':')
            start = len;
    return len - start == strlen(NAME) && memcmp(r.rest.at + start, NAME, len - start) == 0;
}

static VLS_STATUS verify_one(struct verifier *v, const char *path)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, VLS_MAX_XML_BINDING);
    VLS_TRY(vls_cli_read(path, &bytes, v->why));
    bool is_cms = bytes.len > 0 && bytes.at[0] != '<' && bytes.at[0] != 0xef &&
                  strchr(" \t\r\n", bytes.at[0]) == NULL;
    struct vls_slice all = vls_buf_slice(&bytes);
    if (is_cms)
        return verify_cms(v, path, all);
    return is_binding(all) ? verify_4778(v, path, all) : verify_document(v, path, all);
}

/** The first argument is a binding, and so is every one that is called so. */
static bool is_called_binding(const struct cli_args *args, size_t i)
{
    return i == 1 || ends_with(args->operands[i], ".bdo") || ends_with(args->operands[i], ".p7s");
}

static VLS_STATUS verify_all(struct verifier *v, const struct cli_args *args)
{
    for (size_t i = 1; i < args->operand_count; i++)
        if (is_called_binding(args, i))
            VLS_TRY(verify_one(v, args->operands[i]));
    for (size_t i = 0; i < v->file_count; i++)
        if (!v->is_used[i])
            return vls_fail(VLS_LABEL_BINDING, v->why, "%.120s: no binding says anything about it",
                            v->files[i]);
    for (size_t i = 0; i < v->finding_count; i++)
        VLS_TRY(say(v, &v->findings[i]));
    return VLS_DONE;
}

struct vls_status vls_label_verify(struct cli *cli, const struct cli_args *args,
                                   struct vls_why *why)
{
    const char *ca = NULL, *files[CLI_MAX_OPERANDS];
    bool is_used[CLI_MAX_OPERANDS] = {false};
    VLS_DEFER(vls_scheme_set_free) struct vls_scheme_set schemes = {0};
    struct verifier v = {
        .cli = cli, .schemes = &schemes, .files = files, .is_used = is_used, .why = why};
    for (size_t i = 1; i < args->operand_count; i++)
        if (!is_called_binding(args, i))
            files[v.file_count++] = args->operands[i];
    VLS_TRY(vls_cli_need(args, "ca", &ca, why));
    VLS_TRY(vls_label_time(cli, args, &v.at_ms, why));
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    VLS_TRY(read_trust(ca, &v.trust, why));
    v.bound = vls_mem_new(BOUND_MAX * sizeof *v.bound);
    struct vls_status s = verify_all(&v, args);
    for (size_t i = 0; i < v.bound_count; i++)
        vls_label_fini(&v.bound[i].label);
    vls_mem_free(v.bound);
    X509_STORE_free(v.trust);
    return s;
}
