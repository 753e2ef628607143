/* valise label bind: sign a label together with files. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "label/binding.h"
#include "label/xml4774_label.h"
#include "label_bind.h"
#include "labels.h"
#include "show.h"

#define PASSPHRASE_MAX 1024
/* of what holds a document; a signature beside it may be read by all */
#define DOCUMENT_MODE  0600
#define SIGNATURE_MODE 0644

enum form { FORM_BESIDE, FORM_AROUND, FORM_WITHIN, FORM_CMS };

static const char *const FORMS[] = {
    [FORM_BESIDE] = "4778",
    [FORM_AROUND] = "4778-embedded",
    [FORM_WITHIN] = "4778-xml",
    [FORM_CMS] = "cms",
};

struct binder {
    enum form form;
    struct vls_label *label;
    const char *const *files;
    size_t count;
    struct vls_binding_key key;
    struct vls_buf out;
    struct vls_why *why;
};

/* -- the signer -------------------------------------------------------------------------------- */

/** The first line of a file; "" without one. */
static VLS_STATUS read_passphrase(const char *path, struct vls_buf *out, struct vls_why *why)
{
    if (path == NULL)
        return VLS_DONE;
    VLS_TRY(vls_cli_about(vls_file_read(path, out, why), path, why));
    const uint8_t *end = out->len > 0 ? memchr(out->at, '\n', out->len) : NULL;
    if (end != NULL)
        out->len = (size_t)(end - out->at);
    return VLS_DONE;
}

/* Never asks a person: a command line may have nobody in front of it. */
static int on_passphrase(char *to, int room, int is_writing, void *context)
{
    const struct vls_buf *passphrase = context;
    (void)is_writing;
    if (passphrase->len == 0 || passphrase->len > (size_t)room)
        return -1;
    vls_copy(to, passphrase->at, passphrase->len);
    return (int)passphrase->len;
}

static VLS_STATUS read_key(const char *path, struct vls_buf *passphrase, EVP_PKEY **out,
                           struct vls_why *why)
{
    BIO *file = BIO_new_file(path, "r");
    if (file == NULL)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be read", path);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, on_passphrase, passphrase);
    BIO_free(file);
    ERR_clear_error();
    if (key == NULL && passphrase->len == 0)
        return vls_cli_usage(why, path,
                             "holds no private key in PEM, or an encrypted one; give the "
                             "passphrase of that with --passphrase-file");
    if (key == NULL)
        return vls_cli_usage(why, path, "holds no private key in PEM of that passphrase");
    *out = key;
    return VLS_DONE;
}

static VLS_STATUS read_certificate(const char *path, X509 **out, struct vls_why *why)
{
    BIO *file = BIO_new_file(path, "r");
    if (file == NULL)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be read", path);
    X509 *certificate = PEM_read_bio_X509(file, NULL, NULL, NULL);
    BIO_free(file);
    ERR_clear_error();
    if (certificate == NULL)
        return vls_cli_usage(why, path, "holds no certificate in PEM");
    *out = certificate;
    return VLS_DONE;
}

static VLS_STATUS read_signer(const struct cli_args *args, struct vls_binding_key *out,
                              struct vls_why *why)
{
    const char *key = NULL, *certificate = NULL;
    VLS_DEFER(vls_buf_fini) struct vls_buf passphrase;
    vls_buf_init(&passphrase, PASSPHRASE_MAX);
    VLS_TRY(vls_cli_need(args, "key", &key, why));
    VLS_TRY(vls_cli_need(args, "certificate", &certificate, why));
    VLS_TRY(read_passphrase(vls_cli_value(args, "passphrase-file"), &passphrase, why));
    VLS_TRY(read_certificate(certificate, &out->certificate, why));
    return read_key(key, &passphrase, &out->key, why);
}

/* -- the forms --------------------------------------------------------------------------------- */

static VLS_STATUS open_file(const char *path, int *out, struct vls_why *why)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be opened", path);
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        vls_fd_close(&fd);
        return vls_cli_usage(why, path, "is not a regular file");
    }
    *out = fd;
    return VLS_DONE;
}

/** A form with the label, and nothing bound yet. */
static VLS_STATUS start_form(const struct binder *b, struct vls_xml4778 *form,
                             struct vls_xml4778_binding **out)
{
    struct vls_xml4774 *label = NULL;
    VLS_TRY(vls_xml4778_add(form, out));
    VLS_TRY(vls_xml4774_of(b->label, &label, b->why));
    return vls_xml4778_add_label(form, *out, label);
}

static VLS_STATUS add_around(const struct binder *b, struct vls_xml4778 *form,
                             struct vls_xml4778_binding *binding)
{
    for (size_t i = 0; i < b->count; i++) {
        VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
        vls_buf_init(&bytes, VLS_MAX_XML_EMBEDDED);
        VLS_TRY(vls_cli_about(vls_file_read(b->files[i], &bytes, b->why), b->files[i], b->why));
        VLS_TRY(vls_xml4778_add_embedded(form, binding, vls_buf_slice(&bytes), NULL));
    }
    return VLS_DONE;
}

static VLS_STATUS bind_around(struct binder *b, struct vls_xml4778 *form)
{
    struct vls_xml4778_binding *binding = NULL;
    VLS_TRY(start_form(b, form, &binding));
    VLS_TRY(add_around(b, form, binding));
    return vls_binding_sign(form, &b->key, NULL, 0, &b->out, b->why);
}

static VLS_STATUS add_beside(const struct binder *b, struct vls_xml4778 *form,
                             struct vls_xml4778_binding *binding,
                             struct vls_binding_source *sources)
{
    for (size_t i = 0; i < b->count; i++) {
        sources[i].name = vls_path_name(b->files[i]);
        VLS_TRY(open_file(b->files[i], &sources[i].fd, b->why));
        if (!vls_ok(vls_xml4778_add_reference(form, binding, sources[i].name, NULL)))
            return vls_cli_usage(b->why, b->files[i], "has a name that no binding can hold");
    }
    return VLS_DONE;
}

static VLS_STATUS bind_beside(struct binder *b, struct vls_xml4778 *form)
{
    struct vls_xml4778_binding *binding = NULL;
    struct vls_binding_source *sources = vls_mem_new(b->count * sizeof *sources);
    for (size_t i = 0; i < b->count; i++)
        sources[i].fd = -1;
    struct vls_status s = start_form(b, form, &binding);
    if (vls_ok(s))
        s = add_beside(b, form, binding, sources);
    if (vls_ok(s))
        s = vls_binding_sign(form, &b->key, sources, b->count, &b->out, b->why);
    for (size_t i = 0; i < b->count; i++)
        vls_fd_close(&sources[i].fd);
    vls_mem_free(sources);
    return s;
}

static VLS_STATUS bind_within(struct binder *b, struct vls_xml4778 *form)
{
    struct vls_xml4778_binding *binding = NULL;
    VLS_DEFER(vls_buf_fini) struct vls_buf document;
    vls_buf_init(&document, VLS_MAX_XML_BINDING);
    VLS_TRY(vls_cli_about(vls_file_read(b->files[0], &document, b->why), b->files[0], b->why));
    VLS_TRY(start_form(b, form, &binding));
    VLS_TRY(vls_xml4778_add_document(form, binding, NULL));
    return vls_binding_embed(vls_buf_slice(&document), b->files[0], form, &b->key, &b->out, b->why);
}

static VLS_STATUS bind_cms(struct binder *b)
{
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_DEFER(vls_buf_fini) struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_LABEL);
    VLS_TRY(vls_label_encode(b->label, &der));
    VLS_TRY(open_file(b->files[0], &fd, b->why));
    return vls_binding_cms_sign(fd, vls_buf_slice(&der), &b->key, &b->out, b->why);
}

static VLS_STATUS bind_files(struct binder *b)
{
    if (b->form == FORM_CMS)
        return bind_cms(b);
    struct vls_xml4778 *form = vls_xml4778_new();
    struct vls_status s = b->form == FORM_AROUND   ? bind_around(b, form)
                          : b->form == FORM_WITHIN ? bind_within(b, form)
                                                   : bind_beside(b, form);
    vls_xml4778_free(&form);
    return s;
}

/* -- the output -------------------------------------------------------------------------------- */

static VLS_STATUS form_of(const struct cli_args *args, enum form *out, struct vls_why *why)
{
    const char *name = vls_cli_value(args, "form");
    *out = FORM_BESIDE;
    for (int f = FORM_BESIDE; name != NULL && f <= FORM_CMS; f++)
        if (strcmp(FORMS[f], name) == 0) {
            *out = (enum form)f;
            return VLS_DONE;
        }
    if (name != NULL)
        return vls_cli_usage(why, name, "is none of 4778, 4778-embedded, 4778-xml, cms");
    return VLS_DONE;
}

/** FILE.bdo or FILE.p7s, where there is one FILE and the binding is not the document itself. */
static VLS_STATUS output_of(const struct cli_args *args, const struct binder *b,
                            char out[VLS_MAX_PATH], struct vls_why *why)
{
    const char *given = vls_cli_value(args, "output");
    if (b->count > 1 && (b->form == FORM_CMS || b->form == FORM_WITHIN))
        return vls_cli_usage(why, b->files[1], "is one file too many: the form %s binds one file",
                             FORMS[b->form]);
    if (given == NULL && (b->count > 1 || b->form == FORM_WITHIN))
        return vls_cli_usage(why, "--output",
                             "is missing; a binding of several files, and a document with a "
                             "binding, are written where you say");
    int n = given != NULL ? snprintf(out, VLS_MAX_PATH, "%s", given)
                          : snprintf(out, VLS_MAX_PATH, "%s%s", b->files[0],
                                     b->form == FORM_CMS ? ".p7s" : ".bdo");
    if (n < 0 || n >= VLS_MAX_PATH)
        return vls_cli_usage(why, "--output", "is longer than %d bytes", VLS_MAX_PATH - 1);
    if (access(out, F_OK) == 0)
        return vls_cli_usage(why, out, "is there already and is not overwritten");
    return VLS_DONE;
}

/** A new file, or none. */
static VLS_STATUS write_new(const char *path, mode_t mode, struct vls_slice bytes,
                            struct vls_why *why)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST)
        return vls_cli_usage(why, path, "is there already and is not overwritten");
    if (fd < 0)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be made", path);
    struct vls_status s = vls_fd_write(fd, bytes, why);
    if (vls_ok(s) && fsync(fd) != 0)
        s = vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be written", path);
    vls_fd_close(&fd);
    if (vls_ok(s))
        s = vls_file_sync_parent(path, why);
    if (!vls_ok(s))
        (void)unlink(path);
    return s;
}

static VLS_STATUS say_written(struct cli *cli, const struct binder *b, const char *path,
                              struct vls_why *why)
{
    if (!cli->is_json) {
        fprintf(cli->out, "%s\n", path);
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "binding", vls_json_text(path));
    json_object_set_new(object, "form", vls_json_text(FORMS[b->form]));
    return vls_json_line(cli, object, why);
}

static VLS_STATUS bind_and_write(struct cli *cli, const struct cli_args *args, struct binder *b)
{
    char path[VLS_MAX_PATH];
    VLS_TRY(output_of(args, b, path, b->why));
    VLS_TRY(read_signer(args, &b->key, b->why));
    VLS_TRY(bind_files(b));
    bool has_document = b->form == FORM_AROUND || b->form == FORM_WITHIN;
    VLS_TRY(write_new(path, has_document ? DOCUMENT_MODE : SIGNATURE_MODE, vls_buf_slice(&b->out),
                      b->why));
    return say_written(cli, b, path, b->why);
}

struct vls_status vls_label_bind(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    const char *named = NULL;
    struct cli_label found = {.form = CLI_LABEL_TEXT};
    VLS_DEFER(vls_scheme_set_free) struct vls_scheme_set schemes = {0};
    struct binder b = {.label = &found.label,
                       .files = &args->operands[1],
                       .count = args->operand_count - 1,
                       .why = why};
    VLS_TRY(form_of(args, &b.form, why));
    VLS_TRY(vls_cli_need(args, "label", &named, why));
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    VLS_TRY(vls_cli_label(cli, named, &schemes, true, &found, why));
    /* a label without a date is made by this binding */
    struct vls_label_details *details = vls_label_details(&found.label);
    if (details->created_ms == 0)
        details->created_ms = vls_wall_ms(cli->env);
    vls_buf_init(&b.out, VLS_MAX_XML_BINDING);
    struct vls_status s = vls_label_check_at(&found.label, vls_wall_ms(cli->env), why);
    if (vls_ok(s))
        s = bind_and_write(cli, args, &b);
    vls_buf_fini(&b.out);
    EVP_PKEY_free(b.key.key);
    X509_free(b.key.certificate);
    vls_label_fini(&found.label);
    return s;
}
