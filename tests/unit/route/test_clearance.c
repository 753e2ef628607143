/* Who may hold what, as the configuration says it; and in which words it is refused at the start.
 */
#include "route/clearance.h"

#include <pwd.h>
#include <stdlib.h>

#include "label/label_test.h"
#include "route/route_internal.h"

#define PATH "/etc/valise/valise.yaml"
#define KEY  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define HEAD                                                                                       \
    "node: {party: un, data: ../data}\n"                                                           \
    "listen: {tls-certificate: tls.pem}\n"                                                         \
    "keys: {tls: k, seal: k, archive: k, log: k, witness: k, seal-certificate: s,\n"               \
    "       archive-certificate: a}\n"                                                             \
    "schemes: [un.xml]\n"                                                                          \
    "arrangement: arrangement.yaml\n"
#define PARTNER                                                                                    \
    "partners:\n"                                                                                  \
    "  - {party: iom, tls-ca: c, seal-certificate: s, log-key: " KEY ", witness-key: " KEY
#define PLUGIN "plugins: [{name: sink, file: f"

static const char SPIF[] =
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
    "<securityPolicyId name='T' id='2.999.1'/><securityClassifications>"
    "<securityClassification name='LOW' lacv='9' hierarchy='1'/>"
    "<securityClassification name='HIGH' lacv='3' hierarchy='2'/>"
    "</securityClassifications><securityCategoryTagSets>"
    "<securityCategoryTagSet name='S' id='2.999.1.1'>"
    "<securityCategoryTag name='r' tagType='restrictive'><tagCategory name='R0' lacv='0'/>"
    "</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets></SPIF>";

struct fixture {
    struct vls_scheme_set schemes;
    struct vls_scheme *scheme[2];
    struct vls_config *config;
    struct vls_route route;
    struct vls_partner partner;
};

static int open_fixture(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    f->schemes = (struct vls_scheme_set){f->scheme, 2};
    assert_code(vls_scheme_read(vls_slice_text(SPIF), "t.xml", &f->scheme[0], NULL), OK);
    assert_code(vls_scheme_read(vls_slice_text(OTHER_SCHEME), "o.xml", &f->scheme[1], NULL), OK);
    f->route.partners = &f->partner;
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    vls_route_clearances_free(&f->route.clearances);
    vls_config_free(&f->config);
    vls_scheme_free(&f->scheme[0]);
    vls_scheme_free(&f->scheme[1]);
    vls_mem_free(f);
    return 0;
}

static struct vls_status compile(struct fixture *f, const char *yaml, struct vls_why *why)
{
    vls_route_clearances_free(&f->route.clearances);
    vls_config_free(&f->config);
    VLS_TRY(vls_config_read(vls_slice_text(yaml), PATH, &f->config, why));
    return vls_route_clearances_new(f->config, &f->schemes, &f->route.clearances, why);
}

static void assert_compiled(struct fixture *f, const char *yaml)
{
    struct vls_why why = {""};
    if (!vls_ok(compile(f, yaml, &why)))
        fail_msg("%s", why.text);
}

static void assert_refused(struct fixture *f, const char *yaml, const char *words)
{
    struct vls_why why = {""};
    assert_code(compile(f, yaml, &why), CONFIG_INVALID);
    assert_null(f->route.clearances);
    if (strstr(why.text, words) == NULL)
        fail_msg("\"%s\" instead of \"%s\"", why.text, words);
}

static struct vls_label label(struct fixture *f, const char *text)
{
    struct vls_label l;
    assert_code(vls_label_read(text, &f->schemes, &l, NULL), OK);
    return l;
}

static bool is_partner_cleared(struct fixture *f, const char *text)
{
    struct vls_label l = label(f, text);
    return vls_ok(vls_route_clearance_partner(&f->route, &f->partner, &l, NULL));
}

static bool is_plugin_cleared(struct fixture *f, const char *text)
{
    struct vls_label l = label(f, text);
    return vls_ok(vls_route_clearance_plugin(&f->route, 0, &l, NULL));
}

static bool is_actor_cleared(struct fixture *f, const char *actor, const char *text)
{
    struct vls_label l = label(f, text);
    return vls_ok(vls_route_clearance_actor(&f->route, actor, &l, NULL));
}

/* -- decisions --------------------------------------------------------------------------------- */

static void partner_and_plugin__no_clearance__are_limited_by_the_arrangement_alone(void **state)
{
    struct fixture *f = *state;
    assert_compiled(f, HEAD PARTNER "}\n" PLUGIN "}]\n");
    assert_true(is_partner_cleared(f, "t/high;s/r0"));
    assert_true(is_partner_cleared(f, "other/top"));
    assert_true(is_plugin_cleared(f, "t/high;s/r0"));
}

static void partner__clearance__holds_what_it_names_and_nothing_of_other_schemes(void **state)
{
    struct fixture *f = *state;
    struct vls_why why = {""};
    assert_compiled(f, HEAD PARTNER ", clearance: ['t/up-to:high']}\n");
    assert_true(is_partner_cleared(f, "t/low"));
    assert_true(is_partner_cleared(f, "t/high"));
    assert_false(is_partner_cleared(f, "t/low;s/r0"));
    assert_false(is_partner_cleared(f, "other/low"));
    struct vls_label l = label(f, "other/low");
    assert_code(vls_route_clearance_partner(&f->route, &f->partner, &l, &why), LABEL_CLEARANCE);
    assert_non_null(strstr(why.text, "other"));
    assert_compiled(f, HEAD PARTNER ", clearance: ['t/high;s/r0', other/low]}\n");
    assert_false(is_partner_cleared(f, "t/low")); /* a set of levels, no range */
    assert_true(is_partner_cleared(f, "t/high;s/r0"));
    assert_true(is_partner_cleared(f, "other/low"));
    assert_false(is_partner_cleared(f, "other/high"));
}

static void plugin__clearance__is_its_own(void **state)
{
    struct fixture *f = *state;
    struct vls_label l = label(f, "t/low");
    assert_compiled(f, HEAD PARTNER ", clearance: [t/high]}\n" PLUGIN ", clearance: [t/low]}]\n");
    assert_true(is_plugin_cleared(f, "t/low"));
    assert_false(is_plugin_cleared(f, "t/high"));
    assert_true(is_partner_cleared(f, "t/high"));
    assert_code(vls_route_clearance_plugin(&f->route, 1, &l, NULL), LABEL_CLEARANCE);
}

static void actor__no_entry__sees_nothing_root_included(void **state)
{
    struct fixture *f = *state;
    assert_compiled(f, HEAD);
    assert_false(is_actor_cleared(f, "uid:0", "t/low"));
    assert_compiled(f, HEAD "operators: [{user: daemon, clearance: [t/low]}]\n");
    assert_false(is_actor_cleared(f, "uid:0", "t/low"));
}

static void actor__with_an_entry__is_found_by_its_number(void **state)
{
    struct fixture *f = *state;
    const struct passwd *user = getpwnam("daemon");
    char actor[32], longer[40];
    assert_non_null(user);
    snprintf(actor, sizeof actor, "uid:%u", (unsigned)user->pw_uid);
    snprintf(longer, sizeof longer, "%s0", actor);
    assert_compiled(f, HEAD "operators:\n"
                            "  - {user: root, clearance: [other/low]}\n"
                            "  - {user: daemon, clearance: [t/low, 'other/up-to:high']}\n");
    assert_true(is_actor_cleared(f, actor, "t/low"));
    assert_true(is_actor_cleared(f, actor, "other/high"));
    assert_false(is_actor_cleared(f, actor, "other/top"));
    assert_false(is_actor_cleared(f, actor, "t/high"));
    assert_true(is_actor_cleared(f, "uid:0", "other/low"));
    assert_false(is_actor_cleared(f, "uid:0", "t/low"));
    assert_false(is_actor_cleared(f, longer, "t/low"));
    assert_false(is_actor_cleared(f, "plugin:daemon", "t/low"));
    assert_false(is_actor_cleared(f, "uid:", "t/low"));
    assert_false(is_actor_cleared(f, "", "t/low"));
}

/* -- refusals at the start --------------------------------------------------------------------- */

static void clearance__names_what_is_not_there__refused_with_place_and_hint(void **state)
{
    struct fixture *f = *state;
    assert_refused(f, HEAD PARTNER ",\n     clearance: [nato/secret]}\n",
                   PATH ":9:18: partners[0].clearance[0]: no scheme 'nato' is loaded; list its "
                        "file under schemes");
    assert_refused(f, HEAD PLUGIN ", clearance: [t/low, other/middle]}]\n",
                   PATH ":7:52: plugins[0].clearance[1]: scheme other has no level 'middle'; "
                        "'valise scheme show' lists");
    assert_refused(f, HEAD "operators: [{user: root, clearance: ['t/low;s/r1']}]\n",
                   ":7:38: operators[0].clearance[0]: scheme t has no category 's/r1'");
    assert_refused(f, HEAD "operators: [{user: root, clearance: [low]}]\n",
                   "'low' is not a clearance; write SCHEME/LEVEL");
}

static void clearance__two_of_one_scheme__refused(void **state)
{
    assert_refused(*state,
                   HEAD "operators: [{user: root, clearance: [t/low, other/low, t/high]}]\n",
                   ":7:56: operators[0].clearance[2]: a second clearance of the scheme t");
}

static void operator__unknown_user__refused(void **state)
{
    assert_refused(*state, HEAD "operators: [{user: no-such-user, clearance: [t/low]}]\n",
                   PATH ":7:20: operators[0].user: there is no user 'no-such-user'");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(partner_and_plugin__no_clearance__are_limited_by_the_arrangement_alone),
        TEST(partner__clearance__holds_what_it_names_and_nothing_of_other_schemes),
        TEST(plugin__clearance__is_its_own),
        TEST(actor__no_entry__sees_nothing_root_included),
        TEST(actor__with_an_entry__is_found_by_its_number),
        TEST(clearance__names_what_is_not_there__refused_with_place_and_hint),
        TEST(clearance__two_of_one_scheme__refused),
        TEST(operator__unknown_user__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
