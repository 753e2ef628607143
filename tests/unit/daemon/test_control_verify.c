#include "daemon/control_verify.h"

#include <pwd.h>

#include "approval/approval_test.h"

/* users that every system has */
static char *const USERS[] = {"daemon", "nobody"};
enum { DAEMON, NOBODY };

struct fixture {
    struct vls_config config;
    struct vls_config_officer officers[2];
    struct vls_config_approver approvers[1];
    char paths[3][TEST_PATH_ROOM];
    struct vls_verifier *verifier;
};

static uid_t uid_of(int user)
{
    const struct passwd *entry = getpwnam(USERS[user]);
    assert_non_null(entry);
    return entry->pw_uid;
}

static int set_up(void **state)
{
    static const char *const NAMES[] = {"one.pem", "two.pem", "party.pem"};
    if (make_dir(state) != 0)
        return -1;
    struct fixture *f = vls_mem_new(sizeof *f);
    for (size_t i = 0; i < 3; i++)
        vls_copy(f->paths[i], in_dir(NAMES[i]), TEST_PATH_ROOM);
    make_self("one", "ec -pkeyopt ec_paramgen_curve:P-256");
    make_self("two", "ec -pkeyopt ec_paramgen_curve:P-256");
    make_self("party", "ec -pkeyopt ec_paramgen_curve:P-384");
    for (size_t i = 0; i < 2; i++)
        f->officers[i] = (struct vls_config_officer){USERS[i], f->paths[i]};
    f->approvers[0] = (struct vls_config_approver){"iom", f->paths[2]};
    f->config.control.users = (char **)(uintptr_t)USERS;
    f->config.control.users_count = 2;
    f->config.officers = f->officers;
    f->config.officers_count = 2;
    f->config.approvers = f->approvers;
    f->config.approvers_count = 1;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    vls_mem_free(*state);
    return remove_dir(state);
}

static void open_verifier(struct fixture *f)
{
    struct vls_why why = {""};
    struct vls_status s = vls_verifier_new(&f->config, &f->verifier, &why);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
}

static struct vls_buf sign(const char *name)
{
    assert_int_equal(run("openssl cms -sign -binary -in statement -outform DER -out %s.p7s "
                         "-signer %s.pem -inkey %s.key",
                         name, name, name),
                     0);
    char file[32];
    snprintf(file, sizeof file, "%s.p7s", name);
    return get(file);
}

static struct vls_status vouch(const struct fixture *f, uid_t uid, const struct vls_buf *signature,
                               const char *claimed, struct vls_vouched *room)
{
    struct vls_why why = {""};
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorReview review = VALISE__OPERATOR_REVIEW__INIT;
    const struct vls_fds none = {.count = 0};
    review.statement = (ProtobufCBinaryData){strlen(STATEMENT), (uint8_t *)(uintptr_t)STATEMENT};
    if (signature != NULL)
        review.signature = (ProtobufCBinaryData){signature->len, signature->at};
    review.officer = (char *)(uintptr_t)claimed; /* as an operator may write it himself */
    review.signed_ms = 12345;
    review.certificate = (ProtobufCBinaryData){5, (uint8_t *)(uintptr_t) "claim"};
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_REVIEW;
    request.review = &review;
    struct vls_status s = vls_vouch(f->verifier, uid, now_ms(), &none, &request, room, &why);
    if (vls_ok(s))
        assert_ptr_equal(request.review, &room->review);
    assert_string_equal(review.officer, claimed); /* the caller's own is as it was */
    return s;
}

static void vouch__his_own_signature__says_who_when_and_by_which_certificate(void **state)
{
    struct fixture *f = *state;
    struct vls_vouched room;
    open_verifier(f);
    struct vls_buf signature = sign("one");
    assert_code(vouch(f, uid_of(DAEMON), &signature, "nobody", &room), OK);
    assert_string_equal(room.review.officer, "daemon");
    assert_true(room.review.signed_ms + 60000 > now_ms() && room.review.signed_ms <= now_ms());
    assert_int_equal(room.review.certificate.len, VLS_DIGEST_BYTES);
    vls_buf_fini(&signature);
    vls_verifier_free(&f->verifier);
}

static void vouch__another_officers_signature__refused(void **state)
{
    struct fixture *f = *state;
    struct vls_vouched room;
    open_verifier(f);
    struct vls_buf signature = sign("one");
    assert_code(vouch(f, uid_of(NOBODY), &signature, "daemon", &room), APPROVAL_SIGNER);
    assert_code(vouch(f, 4242, &signature, "daemon", &room), CLI_DENIED);
    signature.at[signature.len - 1] ^= 1;
    assert_code(vouch(f, uid_of(DAEMON), &signature, "daemon", &room), APPROVAL_SIGNATURE);
    signature.len = 7;
    assert_code(vouch(f, uid_of(DAEMON), &signature, "daemon", &room), APPROVAL_FORM);
    vls_buf_fini(&signature);
    vls_verifier_free(&f->verifier);
}

static void vouch__without_signature__nothing_that_was_claimed_is_left(void **state)
{
    struct fixture *f = *state;
    struct vls_vouched room;
    open_verifier(f);
    assert_code(vouch(f, uid_of(NOBODY), NULL, "daemon", &room), OK);
    assert_string_equal(room.review.officer, "nobody");
    assert_code(vouch(f, 4242, NULL, "daemon", &room), OK);
    assert_string_equal(room.review.officer, "");
    assert_int_equal(room.review.signed_ms, 0);
    assert_int_equal(room.review.certificate.len, 0);
    vls_verifier_free(&f->verifier);
}

/* an officer is the one certificate, not whoever its authority knows */
static void officer__certificate_issued_by_his__refused(void **state)
{
    struct fixture *f = *state;
    struct vls_why why = {""};
    struct vls_signature who;
    assert_int_equal(
        run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key "
            "-out two.pem -days 3 -subj /CN=Authority && "
            "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key "
            "-subj /CN=leaf -out leaf.csr && printf 'keyUsage=digitalSignature\\n' >ext && "
            "openssl x509 -req -in leaf.csr -CA two.pem -CAkey ca.key -days 2 -extfile ext "
            "-out leaf.pem && cp two.pem party.pem"),
        0);
    open_verifier(f);
    struct vls_buf der = sign("leaf");
    assert_code(vls_verify_officer(f->verifier, uid_of(NOBODY), vls_slice_text(STATEMENT),
                                   vls_buf_slice(&der), now_ms(), &who, &why),
                APPROVAL_SIGNER);
    /* of an approver the authority is enough */
    assert_code(vls_verify_party(f->verifier, "iom", vls_slice_text(STATEMENT), vls_buf_slice(&der),
                                 now_ms(), &who, &why),
                OK);
    assert_string_equal(who.subject, "CN=leaf");
    assert_code(vls_verify_party(f->verifier, "un", vls_slice_text(STATEMENT), vls_buf_slice(&der),
                                 now_ms(), &who, &why),
                POLICY_PARTY);
    vls_buf_fini(&der);
    vls_verifier_free(&f->verifier);
}

static void refuses(struct fixture *f, uint32_t code, const char *words)
{
    struct vls_why why = {""};
    struct vls_status s = vls_verifier_new(&f->config, &f->verifier, &why);
    if (s.code != code || strstr(why.text, words) == NULL)
        fail_msg("%s: %s, for '%s'", vls_status_name(s), why.text, words);
    assert_null(f->verifier);
}

static void verifier__officers_that_are_not_several__refused(void **state)
{
    struct fixture *f = *state;
    f->officers[1].certificate = f->paths[0];
    refuses(f, VLS_CONFIG_INVALID, "one key");
    f->officers[1].certificate = f->paths[1];
    f->officers[1].user = USERS[DAEMON];
    refuses(f, VLS_CONFIG_INVALID, "one user");
    f->officers[1].user = "no-such-user";
    refuses(f, VLS_CONFIG_INVALID, "no user 'no-such-user'");
    f->officers[1].user = USERS[NOBODY];
    f->config.control.users_count = 1;
    refuses(f, VLS_CONFIG_INVALID, "not among control.users");
    f->config.control.users_count = 2;
    f->officers[1].certificate = "/nonexistent/certificate.pem";
    refuses(f, VLS_CONFIG_MISSING, "officers[1].certificate");
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_DIR(vouch__his_own_signature__says_who_when_and_by_which_certificate),
        IN_DIR(vouch__another_officers_signature__refused),
        IN_DIR(vouch__without_signature__nothing_that_was_claimed_is_left),
        IN_DIR(officer__certificate_issued_by_his__refused),
        IN_DIR(verifier__officers_that_are_not_several__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
