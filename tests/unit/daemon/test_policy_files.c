/* The policy files of a configuration: which signatures an installed arrangement may stand on. */
#include "daemon/policy_files.h"

#include "approval/approval_test.h"

#define ARRANGEMENT VALISE_SOURCE_DIR "/schemas/arrangements/un-iom.yaml"
#define SCHEME      VALISE_SOURCE_DIR "/schemas/spif/un-sgb-2007-6.xml"

struct fixture {
    struct vls_config config;
    struct vls_config_approver approvers[2];
    char paths[3][TEST_PATH_ROOM];
};

static char *const SCHEMES[] = {(char *)(uintptr_t)SCHEME};
static char *const PARTIES[] = {"un", "iom"};

static void sign(const char *party, const char *signer)
{
    assert_int_equal(run("openssl cms -sign -binary -in a.yaml -outform DER -out a.%s.p7s "
                         "-signer %s.pem -inkey %s.key",
                         party, signer, signer),
                     0);
}

static int set_up(void **state)
{
    if (make_dir(state) != 0)
        return -1;
    struct fixture *f = vls_mem_new(sizeof *f);
    vls_copy(f->paths[0], in_dir("un.pem"), TEST_PATH_ROOM);
    vls_copy(f->paths[1], in_dir("iom.pem"), TEST_PATH_ROOM);
    vls_copy(f->paths[2], in_dir("a.yaml"), TEST_PATH_ROOM);
    for (size_t i = 0; i < 2; i++) {
        make_self(PARTIES[i], "ec -pkeyopt ec_paramgen_curve:P-256");
        f->approvers[i] = (struct vls_config_approver){PARTIES[i], f->paths[i]};
    }
    if (run("cp " ARRANGEMENT " a.yaml") != 0)
        return -1;
    for (size_t i = 0; i < 2; i++)
        sign(PARTIES[i], PARTIES[i]);
    f->config.node.party = PARTIES[0];
    f->config.schemes = (char **)(uintptr_t)SCHEMES;
    f->config.schemes_count = 1;
    f->config.arrangement = f->paths[2];
    f->config.house_rules = (char *)(uintptr_t) "";
    f->config.approvers = f->approvers;
    f->config.approvers_count = 2;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    vls_mem_free(*state);
    return remove_dir(state);
}

static struct vls_status load(const struct fixture *f, uint64_t now, size_t *out_count,
                              struct vls_why *why)
{
    struct vls_policy_files files;
    struct vls_status s = vls_policy_files_load(&f->config, now, &files, why);
    *out_count = files.approval_count;
    vls_policy_files_free(&files);
    return s;
}

static void arrangement__signed__loads_with_both_signatures(void **state)
{
    struct vls_why why = {""};
    size_t count = 0;
    struct vls_status s = load(*state, now_ms(), &count, &why);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
    assert_int_equal(count, 2);
}

/* what was signed in time stays signed: a gateway starts, whatever has expired since */
static void arrangement__certificates_expired_since__still_loads(void **state)
{
    struct vls_why why = {""};
    size_t count = 0;
    struct vls_status s = load(*state, now_ms() + 400 * DAY_MS, &count, &why);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
    assert_int_equal(count, 2);
}

static void arrangement__signed_ahead_or_by_another__refused(void **state)
{
    struct vls_why why = {""};
    size_t count = 0;
    assert_code(load(*state, now_ms() - DAY_MS, &count, &why), APPROVAL_SIGNER);
    sign("iom", "un");
    assert_code(load(*state, now_ms(), &count, &why), APPROVAL_SIGNER);
    assert_non_null(strstr(why.text, "a.iom.p7s"));
    assert_code(load(*state, now_ms() + 400 * DAY_MS, &count, &why), APPROVAL_SIGNER);
    sign("iom", "iom");
}

/* expired before it signed: no signature at any time */
static void arrangement__certificate_expired_before__refused(void **state)
{
    struct vls_why why = {""};
    size_t count = 0;
    struct fixture *f = *state;
    char path[TEST_PATH_ROOM];
    assert_int_equal(
        run("openssl req -new -key iom.key -subj /CN=old -out old.csr && cp iom.key old.key && "
            "mkdir -p ca && : >ca/index.txt && "
            "printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=ca/index.txt\\nnew_certs_dir=ca\\n"
            "rand_serial=yes\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n' "
            ">ca/conf && "
            "openssl ca -batch -config ca/conf -selfsign -keyfile iom.key -in old.csr -out "
            "old.pem -notext -startdate 20200101000000Z -enddate 20210101000000Z"),
        0);
    sign("iom", "old");
    vls_copy(path, in_dir("old.pem"), TEST_PATH_ROOM);
    f->approvers[1].certificate = path;
    assert_code(load(f, now_ms(), &count, &why), APPROVAL_SIGNER);
    f->approvers[1].certificate = f->paths[1];
    sign("iom", "iom");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrangement__signed__loads_with_both_signatures),
        cmocka_unit_test(arrangement__certificates_expired_since__still_loads),
        cmocka_unit_test(arrangement__signed_ahead_or_by_another__refused),
        cmocka_unit_test(arrangement__certificate_expired_before__refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
