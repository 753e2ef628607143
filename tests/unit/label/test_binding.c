#include "label/binding_test.h"

#define OTHER_TEXT "other data"

/** Label, one file beside, and one embedded piece of data. */
static struct vls_xml4778 *form_of(const char *const *names, size_t count)
{
    struct vls_xml4778 *form = vls_xml4778_new();
    struct vls_xml4778_binding *binding = NULL;
    struct vls_xml4774 *label = vls_xml4774_new();
    label->steps[0].policy = "UN";
    label->steps[0].classification = "CONFIDENTIAL";
    label->steps[0].created_ms = 1767225600000;
    assert_code(vls_xml4778_add(form, &binding), OK);
    assert_code(vls_xml4778_add_label(form, binding, label), OK);
    for (size_t i = 0; i < count; i++)
        assert_code(vls_xml4778_add_reference(form, binding, names[i], NULL), OK);
    assert_code(vls_xml4778_add_embedded(form, binding, vls_slice_text("inside"), NULL), OK);
    return form;
}

static const char *const NAMES[] = {"a b.pdf", "100%25.txt"};

/** A signed binding of two files, signed as `key`. */
struct signed_binding {
    struct vls_binding_source sources[2];
    struct vls_buf xml;
};

static void sign_two(struct signed_binding *b, const struct vls_binding_key *key)
{
    struct vls_why why = {""};
    struct vls_xml4778 *form = form_of(NAMES, 2);
    b->sources[0] = (struct vls_binding_source){NAMES[0], file_of("some data")};
    b->sources[1] = (struct vls_binding_source){NAMES[1], file_of("")};
    vls_buf_init(&b->xml, VLS_MAX_XML_BINDING);
    struct vls_status s = vls_binding_sign(form, key, b->sources, 2, &b->xml, &why);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
    vls_xml4778_free(&form);
}

static void free_binding(struct signed_binding *b)
{
    vls_fd_close(&b->sources[0].fd);
    vls_fd_close(&b->sources[1].fd);
    vls_buf_fini(&b->xml);
}

static struct vls_status verify_two(const struct signed_binding *b, X509_STORE *trust,
                                    struct vls_why *why)
{
    struct vls_xml4778 *form = NULL;
    struct vls_binding_signer signer;
    struct vls_status s = vls_binding_verify(vls_buf_slice(&b->xml), "a.bdo", b->sources, 2, trust,
                                             &form, &signer, why);
    assert_true(vls_ok(s) == (form != NULL));
    if (form != NULL)
        assert_int_equal(form->bindings[0].data_count, 3);
    vls_xml4778_free(&form);
    return s;
}

static void refuses(const struct signed_binding *b, X509_STORE *trust, const char *words)
{
    struct vls_why why = {""};
    struct vls_status s = verify_two(b, trust, &why);
    if (s.code != VLS_LABEL_BINDING && s.code != VLS_LABEL_XML)
        fail_msg("%s: %s, for '%s'", vls_status_name(s), why.text, words);
    if (strstr(why.text, words) == NULL)
        fail_msg("'%s' has no '%s'", why.text, words);
}

/** Replace the first `from` by `to`. */
static void replace(struct vls_buf *xml, const char *from, const char *to)
{
    struct vls_buf changed;
    vls_buf_init(&changed, 2 * VLS_MAX_XML_BINDING);
    const char *text = vls_buf_text(xml), *at = strstr(text, from);
    if (at == NULL)
        fail_msg("no '%s'", from);
    assert_code(vls_buf_add(&changed, text, (size_t)(at - text)), OK);
    assert_code(vls_buf_add_text(&changed, to), OK);
    assert_code(vls_buf_add_text(&changed, at + strlen(from)), OK);
    vls_buf_clear(xml);
    assert_code(vls_buf_add_slice(xml, vls_buf_slice(&changed)), OK);
    vls_buf_fini(&changed);
}

static void sign__each_kind_of_key__verifies(void **state)
{
    const struct parties *p = *state;
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_RSA_gen(3072)};
    for (size_t i = 0; i < 3; i++) {
        struct vls_why why = {""};
        struct vls_xml4778 *form = NULL;
        struct vls_binding_signer signer;
        struct signed_binding b;
        struct vls_binding_key officer =
            make_officer(keys[i], "An Officer", &p->authority, (struct made_of){0});
        sign_two(&b, &officer);
        struct vls_status s = vls_binding_verify(vls_buf_slice(&b.xml), "a", b.sources, 2, p->trust,
                                                 &form, &signer, &why);
        if (!vls_ok(s))
            fail_msg("key %zu: %s", i, why.text);
        assert_true(form->is_signed);
        assert_string_equal(signer.subject, "CN=An Officer");
        assert_memory_equal(form->bindings[0].data[2].bytes.at, "inside", 6);
        vls_xml4778_free(&form);
        free_binding(&b);
        free_officer(&officer);
    }
}

static void verify__changed_by_one_byte__refused(void **state)
{
    const struct parties *p = *state;
    static const struct {
        const char *from, *to, *words;
    } CHANGES[] = {
        {">CONFIDENTIAL<", ">UNCLASSIFIED<", "the binding was changed"},
        {">aW5zaWRl<", ">SW5zaWRl<", "the binding was changed"},
        {"<ds:SignatureValue>", "<ds:SignatureValue>AA", "Signature"},
        {"<DataReference URI=\"a%20b.pdf\"", "<DataReference URI=\"a%20b%2Epdf\"",
         "not one that the binding refers to"},
        {"</BindingInformation>", "<x xmlns='urn:x'/></BindingInformation>", "may not stand"},
    };
    for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
        struct signed_binding b;
        sign_two(&b, &p->officer);
        replace(&b.xml, CHANGES[i].from, CHANGES[i].to);
        if (i == 2) { /* another value of the right form, not base64 of another length */
            replace(&b.xml, "<ds:SignatureValue>AA", "<ds:SignatureValue>AAAA");
        }
        struct vls_why why = {""};
        struct vls_status s = verify_two(&b, p->trust, &why);
        assert_false(vls_ok(s));
        if (i != 2 && strstr(why.text, CHANGES[i].words) == NULL)
            fail_msg("'%s' has no '%s'", why.text, CHANGES[i].words);
        free_binding(&b);
    }
}

static void verify__other_data__refused_by_its_name(void **state)
{
    const struct parties *p = *state;
    for (int i = 0; i < 2; i++) {
        struct signed_binding b;
        sign_two(&b, &p->officer);
        vls_fd_close(&b.sources[i].fd);
        b.sources[i].fd = file_of(OTHER_TEXT);
        refuses(&b, p->trust, i == 0 ? "'a%20b.pdf' is not what was bound" : "is not what was");
        free_binding(&b);
    }
}

static void verify__large_data__in_pieces(void **state)
{
    const struct parties *p = *state;
    static const char *const NAME[] = {"large"};
    struct vls_why why = {""};
    struct vls_binding_signer signer;
    struct vls_xml4778 *form = form_of(NAME, 1), *again = NULL;
    struct vls_binding_source source = {"large", -1};
    struct vls_buf xml;
    vls_buf_init(&xml, VLS_MAX_XML_BINDING);
    assert_code(vls_fd_memory("large", &source.fd, NULL), OK);
    assert_int_equal(ftruncate(source.fd, 24 << 20), 0);
    assert_code(vls_binding_sign(form, &p->officer, &source, 1, &xml, &why), OK);
    assert_true(xml.len < 8192);
    assert_code(
        vls_binding_verify(vls_buf_slice(&xml), "a", &source, 1, p->trust, &again, &signer, &why),
        OK);
    assert_int_equal(pwrite(source.fd, "x", 1, (24 << 20) - 1), 1);
    vls_xml4778_free(&again);
    assert_code(
        vls_binding_verify(vls_buf_slice(&xml), "a", &source, 1, p->trust, &again, &signer, &why),
        LABEL_BINDING);
    vls_fd_close(&source.fd);
    vls_buf_fini(&xml);
    vls_xml4778_free(&form);
}

static void sign__files_and_references_differ__refused(void **state)
{
    const struct parties *p = *state;
    struct vls_why why = {""};
    struct vls_buf xml;
    struct vls_xml4778 *form = form_of(NAMES, 1);
    struct vls_binding_source sources[] = {{NAMES[0], file_of("a")}, {NAMES[1], file_of("b")}};
    vls_buf_init(&xml, VLS_MAX_XML_BINDING);
    assert_code(vls_binding_sign(form, &p->officer, sources, 2, &xml, &why), LABEL_BINDING);
    assert_non_null(strstr(why.text, "says nothing about"));
    assert_code(vls_binding_sign(form, &p->officer, sources, 0, &xml, &why), LABEL_BINDING);
    assert_non_null(strstr(why.text, "not given"));
    assert_int_equal(xml.len, 0);
    vls_fd_close(&sources[0].fd);
    assert_code(vls_binding_sign(form, &p->officer, sources, 1, &xml, &why), SYSTEM_IO);
    vls_fd_close(&sources[1].fd);
    vls_buf_fini(&xml);
    vls_xml4778_free(&form);
}

static void verify__unsigned_or_beyond_the_profile__refused(void **state)
{
    const struct parties *p = *state;
    static const struct {
        const char *from, *to, *words;
    } CHANGES[] = {
        {"xml-exc-c14n#\"/>\n<ds:SignatureMethod",
         "xml-exc-c14n#WithComments\"/>"
         "<ds:SignatureMethod",
         "is not accepted"},
        {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
         "http://www.w3.org/2000/09/xmldsig#hmac-sha1", "is not accepted"},
        {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
         "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", "is not accepted"},
        {"http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1",
         "is not accepted"},
        {"http://www.w3.org/2000/09/xmldsig#enveloped-signature",
         "http://www.w3.org/TR/1999/REC-xslt-19991116", "is not accepted"},
        {"</ds:Transforms>", "<ds:Transform Algorithm='urn:a'/></ds:Transforms>", "may not stand"},
        {"<ds:Reference URI=\"\">", "<ds:Reference URI=\"#a\">", "not one that the binding"},
        {"<ds:Reference URI=\"\">", "<ds:Reference>", "no attribute URI"},
        {"<ds:Reference URI=\"\">", "<ds:Reference Type='a' URI=\"\">", "attribute 'Type'"},
        {"<ds:Reference URI=\"a%20b.pdf\">", "<ds:Reference URI=\"file:///etc/hostname\">",
         "not one that the binding"},
        {"<ds:Reference URI=\"a%20b.pdf\">", "<ds:Reference URI=\"http://127.0.0.1/a\">",
         "not one that the binding"},
        {"<ds:Reference URI=\"a%20b.pdf\">", "<ds:Reference URI=\"100%2525.txt\">", "twice"},
        {"<ds:SignedInfo>", "<ds:SignedInfo Id='a'>", "attribute 'Id'"},
        {"</ds:SignatureValue>", "</ds:SignatureValue><ds:Object/>", "must stand"},
        {"</ds:Signature>", "<ds:Object/></ds:Signature>", "may not stand"},
        {"<ds:X509Data>", "<ds:KeyName>a</ds:KeyName><ds:X509Data>", "must stand"},
        {"</ds:X509Data>", "<ds:X509CRL>AA==</ds:X509CRL></ds:X509Data>", "may not stand"},
        {"<ds:X509Certificate>", "<ds:X509Certificate>AAAA", "cannot be read"},
        {"</ds:Signature>",
         "</ds:Signature><ds:Signature "
         "xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/>",
         "must stand"},
    };
    for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
        struct signed_binding b;
        sign_two(&b, &p->officer);
        replace(&b.xml, CHANGES[i].from, CHANGES[i].to);
        refuses(&b, p->trust, CHANGES[i].words);
        free_binding(&b);
    }
    struct signed_binding b;
    struct vls_xml4778 *form = form_of(NAMES, 2);
    sign_two(&b, &p->officer);
    vls_buf_clear(&b.xml);
    assert_code(vls_xml4778_write(form, &b.xml, NULL), OK);
    refuses(&b, p->trust, "is not signed");
    vls_xml4778_free(&form);
    free_binding(&b);
}

/** Cut the element `name` out. */
static void cut(struct vls_buf *xml, const char *from, const char *behind)
{
    struct vls_buf changed;
    vls_buf_init(&changed, VLS_MAX_XML_BINDING);
    const char *text = vls_buf_text(xml), *first = strstr(text, from);
    const char *last = first != NULL ? strstr(first, behind) : NULL;
    assert_non_null(last);
    assert_code(vls_buf_add(&changed, text, (size_t)(first - text)), OK);
    assert_code(vls_buf_add_text(&changed, last + strlen(behind)), OK);
    vls_buf_clear(xml);
    assert_code(vls_buf_add_slice(xml, vls_buf_slice(&changed)), OK);
    vls_buf_fini(&changed);
}

static void verify__a_reference_left_out__refused(void **state)
{
    const struct parties *p = *state;
    struct signed_binding b;
    sign_two(&b, &p->officer);
    cut(&b.xml, "<ds:Reference URI=\"a%20b.pdf\">", "</ds:Reference>");
    refuses(&b, p->trust, "holds no digest of 'a%20b.pdf'");
    free_binding(&b);
    sign_two(&b, &p->officer);
    cut(&b.xml, "<ds:Reference URI=\"\">", "</ds:Reference>");
    refuses(&b, p->trust, "does not cover the binding itself");
    free_binding(&b);
}

static void verify__signed_binding_wrapped_into_another__refused(void **state)
{
    const struct parties *p = *state;
    struct signed_binding b;
    struct vls_buf wrapped;
    sign_two(&b, &p->officer);
    vls_buf_init(&wrapped, VLS_MAX_XML_BINDING);
    const char *inner = strstr(vls_buf_text(&b.xml), "<BindingInformation");
    assert_non_null(inner);
    assert_code(vls_buf_add_format(&wrapped,
                                   "<BindingInformation xmlns='" VLS_XML4778_NAMESPACE
                                   "'>%s</BindingInformation>",
                                   inner),
                OK);
    vls_buf_clear(&b.xml);
    assert_code(vls_buf_add_slice(&b.xml, vls_buf_slice(&wrapped)), OK);
    refuses(&b, p->trust, "must stand");
    vls_buf_fini(&wrapped);
    free_binding(&b);
}

static void verify__certificates_that_do_not_count__refused(void **state)
{
    const struct parties *p = *state;
    struct vls_binding_key stranger =
        make_officer(EVP_EC_gen("P-256"), "Authority", NULL, (struct made_of){0});
    const struct {
        const struct vls_binding_key *issuer;
        struct made_of of;
        const char *words;
    } CASES[] = {
        {&stranger, {0}, "not accepted"},
        {&p->authority, {.from_s = 600, .to_s = 1200}, "not yet valid"},
        {&p->authority, {.from_s = -1200, .to_s = -600}, "expired"},
        {&p->authority, {.digest = EVP_sha1()}, "too weak"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct signed_binding b;
        struct vls_binding_key officer =
            make_officer(EVP_EC_gen("P-256"), "Officer", CASES[i].issuer, CASES[i].of);
        sign_two(&b, &officer);
        refuses(&b, p->trust, CASES[i].words);
        free_binding(&b);
        free_officer(&officer);
    }
    free_officer(&stranger);
    X509_STORE *nobody = X509_STORE_new();
    struct signed_binding b;
    sign_two(&b, &p->officer);
    refuses(&b, nobody, "not accepted");
    X509_STORE_free(nobody);
    free_binding(&b);
}

static void sign__keys_that_do_not_count__refused(void **state)
{
    const struct parties *p = *state;
    struct vls_xml4778 *form = form_of(NULL, 0);
    const struct {
        EVP_PKEY *key;
        struct made_of of;
        const char *words;
    } CASES[] = {
        {EVP_RSA_gen(2048), {0}, "2048 bits"},
        {EVP_EC_gen("P-521"), {0}, "another curve"},
        {EVP_EC_gen("secp256k1"), {0}, "another curve"},
        {EVP_EC_gen("P-256"), {.usage = "keyAgreement"}, "digitalSignature"},
        {EVP_EC_gen("P-256"), {.usage = ""}, "digitalSignature"},
        {EVP_EC_gen("P-256"), {.extended = "serverAuth"}, "extendedKeyUsage"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_why why = {""};
        struct vls_buf xml;
        vls_buf_init(&xml, VLS_MAX_XML_BINDING);
        struct vls_binding_key officer =
            make_officer(CASES[i].key, "Officer", &p->authority, CASES[i].of);
        assert_code(vls_binding_sign(form, &officer, NULL, 0, &xml, &why), LABEL_BINDING);
        if (strstr(why.text, CASES[i].words) == NULL)
            fail_msg("'%s' has no '%s'", why.text, CASES[i].words);
        assert_int_equal(xml.len, 0);
        vls_buf_fini(&xml);
        free_officer(&officer);
    }
    struct vls_why why = {""};
    struct vls_buf xml;
    vls_buf_init(&xml, VLS_MAX_XML_BINDING);
    struct vls_binding_key mixed = {p->authority.key, p->officer.certificate};
    assert_code(vls_binding_sign(form, &mixed, NULL, 0, &xml, &why), LABEL_BINDING);
    vls_xml4778_free(&form);
    vls_buf_fini(&xml);
}

/* -- within a document ------------------------------------------------------------------------- */

static struct vls_xml4778 *form_of_document(void)
{
    struct vls_xml4778 *form = form_of(NULL, 0);
    form->bindings[0].data_count = 0;
    assert_code(vls_xml4778_add_document(form, &form->bindings[0], NULL), OK);
    return form;
}

static struct vls_status verify_document(const struct vls_buf *xml, X509_STORE *trust,
                                         struct vls_why *why)
{
    struct vls_xml4778 *form = NULL;
    struct vls_binding_signer signer;
    struct vls_status s =
        vls_binding_verify_embedded(vls_buf_slice(xml), "a.xml", trust, &form, &signer, why);
    vls_xml4778_free(&form);
    return s;
}

static void embed__document__verifies_until_changed(void **state)
{
    const struct parties *p = *state;
    static const struct {
        const char *from, *to, *words;
    } CHANGES[] = {
        {">text<", ">Text<", "was changed"},
        {"<b/>", "<b/><!-- more -->", "comment"},
        {"<a>", "<a><c/>", "was changed"},
        {">CONFIDENTIAL<", ">UNCLASSIFIED<", "was changed"},
        {"</a>", "<BindingInformation xmlns='" VLS_XML4778_NAMESPACE "'/></a>", "second binding"},
        {"<a>", "<z><a>", "not well-formed"},
    };
    struct vls_xml4778 *form = form_of_document();
    struct vls_why why = {""};
    struct vls_buf xml;
    vls_buf_init(&xml, VLS_MAX_XML_BINDING);
    struct vls_slice document = vls_slice_text("<?p q?><a><t>text</t><b/></a>");
    assert_code(vls_binding_embed(document, "a.xml", form, &p->officer, &xml, &why), OK);
    assert_code(verify_document(&xml, p->trust, &why), OK);
    struct vls_buf twice;
    vls_buf_init(&twice, VLS_MAX_XML_BINDING);
    assert_code(vls_binding_embed(vls_buf_slice(&xml), "a.xml", form, &p->officer, &twice, &why),
                LABEL_BINDING);
    assert_non_null(strstr(why.text, "there already"));
    for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
        struct vls_buf changed;
        vls_buf_init(&changed, VLS_MAX_XML_BINDING);
        assert_code(vls_buf_add_slice(&changed, vls_buf_slice(&xml)), OK);
        replace(&changed, CHANGES[i].from, CHANGES[i].to);
        assert_code(verify_document(&changed, p->trust, &why), LABEL_BINDING);
        if (strstr(why.text, CHANGES[i].words) == NULL)
            fail_msg("'%s' has no '%s'", why.text, CHANGES[i].words);
        vls_buf_fini(&changed);
    }
    vls_buf_fini(&twice);
    vls_buf_fini(&xml);
    vls_xml4778_free(&form);
}

static void embed__what_cannot_be_bound__refused(void **state)
{
    const struct parties *p = *state;
    struct vls_xml4778 *form = form_of_document(), *other = form_of(NULL, 0);
    struct vls_why why = {""};
    struct vls_buf xml;
    vls_buf_init(&xml, VLS_MAX_XML_BINDING);
    static const char *const DOCUMENTS[] = {"text", "<a><!-- b --></a>",
                                            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"};
    for (size_t i = 0; i < 3; i++)
        assert_code(
            vls_binding_embed(vls_slice_text(DOCUMENTS[i]), "a", form, &p->officer, &xml, &why),
            LABEL_BINDING);
    assert_code(vls_binding_embed(vls_slice_text("<a/>"), "a", other, &p->officer, &xml, &why),
                LABEL_BINDING);
    assert_code(vls_buf_add_text(&xml, "<a/>"), OK);
    assert_code(verify_document(&xml, p->trust, &why), LABEL_BINDING);
    assert_non_null(strstr(why.text, "holds no <BindingInformation>"));
    vls_buf_fini(&xml);
    vls_xml4778_free(&form);
    vls_xml4778_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign__each_kind_of_key__verifies),
        cmocka_unit_test(verify__changed_by_one_byte__refused),
        cmocka_unit_test(verify__other_data__refused_by_its_name),
        cmocka_unit_test(verify__large_data__in_pieces),
        cmocka_unit_test(sign__files_and_references_differ__refused),
        cmocka_unit_test(verify__unsigned_or_beyond_the_profile__refused),
        cmocka_unit_test(verify__a_reference_left_out__refused),
        cmocka_unit_test(verify__signed_binding_wrapped_into_another__refused),
        cmocka_unit_test(verify__certificates_that_do_not_count__refused),
        cmocka_unit_test(sign__keys_that_do_not_count__refused),
        cmocka_unit_test(embed__document__verifies_until_changed),
        cmocka_unit_test(embed__what_cannot_be_bound__refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
