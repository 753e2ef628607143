/* A key on a token, tried with SoftHSM where it is installed. */
#include <sys/stat.h>

#include "approval/approval_test.h"

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define PIN    "246813"

static bool has_softhsm(void)
{
    struct stat is;
    return stat(MODULE, &is) == 0 && run("command -v softhsm2-util && command -v pkcs11-tool") == 0;
}

/** A token with one key of that kind and, if wanted, its certificate. */
static void make_token(const char *label, const char *algorithm, bool has_certificate)
{
    make_self(label, algorithm);
    assert_int_equal(
        run("mkdir -p tokens && softhsm2-util --init-token --free --label %s --pin " PIN
            " --so-pin 12345678 && openssl pkcs8 -topk8 -nocrypt -in %s.key -out %s.p8 && "
            "softhsm2-util --import %s.p8 --token %s --label %s --id a1 --pin " PIN,
            label, label, label, label, label, label),
        0);
    if (has_certificate)
        assert_int_equal(run("openssl x509 -in %s.pem -outform DER -out %s.der && "
                             "pkcs11-tool --module " MODULE " --token-label %s --login --pin " PIN
                             " --write-object %s.der --type cert --id a1 --label %s",
                             label, label, label, label, label),
                         0);
}

static int set_up(void **state)
{
    char conf[256];
    if (make_dir(state) != 0)
        return -1;
    snprintf(conf, sizeof conf, "directories.tokendir = %s/tokens\nobjectstore.backend = file\n",
             test_dir);
    put("softhsm2.conf", vls_slice_text(conf));
    put("pin", vls_slice_text(PIN "\n"));
    put("wrong-pin", vls_slice_text("000000\n"));
    if (setenv("SOFTHSM2_CONF", in_dir("softhsm2.conf"), 1) != 0 ||
        setenv("PKCS11_MODULE_PATH", MODULE, 1) != 0)
        return -1;
    if (has_softhsm()) { /* all before the first use: the module looks for tokens once */
        make_token("elliptic", "ec -pkeyopt ec_paramgen_curve:P-256", true);
        make_token("rivest", "rsa:3072", false);
        make_token("guarded", "ec -pkeyopt ec_paramgen_curve:P-256", true);
        make_token("bare", "ec -pkeyopt ec_paramgen_curve:P-256", false);
    }
    return 0;
}

static void sign_and_check(const char *token, const char *certificate)
{
    struct vls_why why = {""};
    struct vls_signer *signer = NULL;
    struct vls_signature who;
    struct vls_buf der;
    char uri[128], anchor[32], pin[TEST_PATH_ROOM];
    snprintf(uri, sizeof uri, "pkcs11:token=%s;id=%%a1", token);
    snprintf(anchor, sizeof anchor, "%s.pem", token);
    snprintf(pin, sizeof pin, "%s", in_dir("pin"));
    struct vls_signer_options options = {uri, certificate, pin};
    struct vls_status s = vls_signer_open(&options, &signer, &why);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
    vls_buf_init(&der, VLS_MAX_SIGNATURE);
    s = vls_signature_make(signer, vls_slice_text(STATEMENT), &der, &why);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
    vls_signer_free(&signer);
    assert_code(check(vls_buf_slice(&der), STATEMENT, anchor, now_ms(), &who, &why), OK);
    assert_true(who.is_anchor);
    vls_buf_fini(&der);
}

static void token__key_and_certificate__signs(void **state)
{
    (void)state;
    if (!has_softhsm())
        skip();
    sign_and_check("elliptic", NULL);
    sign_and_check("rivest", in_dir("rivest.pem"));
}

static void refuses(const char *uri, const char *pin, const char *words)
{
    struct vls_why why = {""};
    struct vls_signer *signer = NULL;
    struct vls_signer_options options = {uri, NULL, in_dir(pin)};
    assert_code(vls_signer_open(&options, &signer, &why), CONFIG_INVALID);
    assert_null(signer);
    if (strstr(why.text, words) == NULL)
        fail_msg("'%s' has no '%s'", why.text, words);
}

static void token__wrong_pin_or_no_key__refused(void **state)
{
    (void)state;
    if (!has_softhsm())
        skip();
    refuses("pkcs11:token=guarded;id=%a1", "wrong-pin", "key, or its PIN");
    refuses("pkcs11:token=guarded;id=%b2", "pin", "no such key");
    refuses("pkcs11:token=bare;id=%a1", "pin", "certificate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token__key_and_certificate__signs),
        cmocka_unit_test(token__wrong_pin_or_no_key__refused),
    };
    return cmocka_run_group_tests(tests, set_up, remove_dir);
}
