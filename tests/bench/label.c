/*
 * bench_label - what a label costs: read, check, compare, join, clear, map, write; and a scheme.
 *
 * Process:  a program of its own. Not run by ctest: a benchmark has a result, not a verdict.
 * Start at: main(); tests/bench/label builds it and runs it.
 *
 * Each line is the best of several rounds, by the processor time of this thread; beside them stands
 * what the machine itself takes for the same bytes, and OpenSSL for taking them apart without
 * knowing what they mean.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/asn1t.h>
#include <openssl/evp.h>

#include "base/file.h"
#include "label/clearance.h"
#include "label/join.h"
#include "label/map.h"

#define ROUNDS       7
#define ROUND_S      0.05 /* a round lasts at least as long           */
#define TARGET_NS    2000
#define TARGET_MS    50
#define PUBLIC_ARC   "2.16.840.1.101.2.1.8.3"
#define CLASS(n)     "<securityClassification name='" n "' lacv='"
#define SAME(policy) "'><equivalentClassification policyRef='" policy "' applied='encrypt' lacv='"

/* Two schemes with the same values; each is the other's equivalent. */
#define SCHEME(name, oid, other, other_oid)                                                              \
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1' rbacId='" PUBLIC_ARC "'>"             \
    "<securityPolicyId name='" name "' id='" oid                                                         \
    "'/><securityClassifications>" CLASS("LOW") "1' hierarchy='1" SAME(                                  \
        other) "1'/></securityClassification>" CLASS("HIGH") "2' hierarchy='2" SAME(other) "2'/"         \
                                                                                           "></"         \
                                                                                           "secur"       \
                                                                                           "ityCl"       \
                                                                                           "assif"       \
                                                                                           "icati"       \
                                                                                           "on></"       \
                                                                                           "secur"       \
                                                                                           "ityCl"       \
                                                                                           "assif"       \
                                                                                           "icati"       \
                                                                                           "ons>"        \
                                                                                           "<secu"       \
                                                                                           "rityC"       \
                                                                                           "atego"       \
                                                                                           "ryTag"       \
                                                                                           "Sets>"       \
                                                                                           "<secu"       \
                                                                                           "rityC"       \
                                                                                           "atego"       \
                                                                                           "ryTag"       \
                                                                                           "Set "        \
                                                                                           "name="       \
                                                                                           "'S' "        \
                                                                                           "id="         \
                                                                                           "'" oid       \
                                                                                           ".1'>"        \
                                                                                           "<secu"       \
                                                                                           "rityC"       \
                                                                                           "atego"       \
                                                                                           "ryTag"       \
                                                                                           " name"       \
                                                                                           "='r' "       \
                                                                                           "tagTy"       \
                                                                                           "pe='"        \
                                                                                           "restr"       \
                                                                                           "ictiv"       \
                                                                                           "e'><"        \
                                                                                           "tagCa"       \
                                                                                           "tegor"       \
                                                                                           "y "          \
                                                                                           "name="       \
                                                                                           "'R0' "       \
                                                                                           "lacv="       \
                                                                                           "'0'/>"       \
                                                                                           "<tagC"       \
                                                                                           "atego"       \
                                                                                           "ry "         \
                                                                                           "name="       \
                                                                                           "'R9' "       \
                                                                                           "lacv="       \
                                                                                           "'9'/"        \
                                                                                           "></"         \
                                                                                           "secur"       \
                                                                                           "ityCa"       \
                                                                                           "tegor"       \
                                                                                           "yTag>"       \
                                                                                           "<secu"       \
                                                                                           "rityC"       \
                                                                                           "atego"       \
                                                                                           "ryTag"       \
                                                                                           " name"       \
                                                                                           "='p' "       \
                                                                                           "tagTy"       \
                                                                                           "pe='"        \
                                                                                           "permi"       \
                                                                                           "ssive"       \
                                                                                           "'><"         \
                                                                                           "tagCa"       \
                                                                                           "tegor"       \
                                                                                           "y "          \
                                                                                           "name="       \
                                                                                           "'P1' "       \
                                                                                           "lacv="       \
                                                                                           "'1'/>"       \
                                                                                           "<tagC"       \
                                                                                           "atego"       \
                                                                                           "ry "         \
                                                                                           "name="       \
                                                                                           "'P2' "       \
                                                                                           "lacv="       \
                                                                                           "'2'/"        \
                                                                                           "></"         \
                                                                                           "secur"       \
                                                                                           "ityCa"       \
                                                                                           "tegor"       \
                                                                                           "yTag>"       \
                                                                                           "<equi"       \
                                                                                           "valen"       \
                                                                                           "tSecu"       \
                                                                                           "rityC"       \
                                                                                           "atego"       \
                                                                                           "ryTag"       \
                                                                                           "Set "        \
                                                                                           "polic"       \
                                                                                           "yRef="       \
                                                                                           "'" other     \
                                                                                           "' "          \
                                                                                           "id="         \
                                                                                           "'" other_oid \
                                                                                           ".1'/>"       \
                                                                                           "</"          \
                                                                                           "secur"       \
                                                                                           "ityCa"       \
                                                                                           "tegor"       \
                                                                                           "yTagS"       \
                                                                                           "et><"        \
                                                                                           "secur"       \
                                                                                           "ityCa"       \
                                                                                           "tegor"       \
                                                                                           "yTagS"       \
                                                                                           "et "         \
                                                                                           "name="       \
                                                                                           "'E' "        \
                                                                                           "id="         \
                                                                                           "'" oid       \
                                                                                           ".2'>"        \
                                                                                           "<secu"       \
                                                                                           "rityC"       \
                                                                                           "atego"       \
                                                                                           "ryTag"       \
                                                                                           " name"       \
                                                                                           "='e' "       \
                                                                                           "tagTy"       \
                                                                                           "pe='"        \
                                                                                           "enume"       \
                                                                                           "rated"       \
                                                                                           "' "          \
                                                                                           "enumT"       \
                                                                                           "ype='"       \
                                                                                           "permi"       \
                                                                                           "ssive"       \
                                                                                           "'>"          \
                                                                                           "<tagC"       \
                                                                                           "atego"       \
                                                                                           "ry "         \
                                                                                           "name="       \
                                                                                           "'E7' "       \
                                                                                           "lacv="       \
                                                                                           "'7'/"        \
                                                                                           "><"          \
                                                                                           "tagCa"       \
                                                                                           "tegor"       \
                                                                                           "y "          \
                                                                                           "name="       \
                                                                                           "'E900"       \
                                                                                           "' "          \
                                                                                           "lacv="       \
                                                                                           "'900'"       \
                                                                                           "/></"        \
                                                                                           "secur"       \
                                                                                           "ityCa"       \
                                                                                           "tegor"       \
                                                                                           "yTag>"       \
                                                                                           "<equi"       \
                                                                                           "valen"       \
                                                                                           "tSecu"       \
                                                                                           "rityC"       \
                                                                                           "atego"       \
                                                                                           "ryTag"       \
                                                                                           "Set "        \
                                                                                           "polic"       \
                                                                                           "yRef="       \
                                                                                           "'" other     \
                                                                                           "' "          \
                                                                                           "id="         \
                                                                                           "'" other_oid \
                                                                                           ".2'/>"       \
                                                                                           "</"          \
                                                                                           "secur"       \
                                                                                           "ityCa"       \
                                                                                           "tegor"       \
                                                                                           "yTagS"       \
                                                                                           "et></"       \
                                                                                           "secur"       \
                                                                                           "ityCa"       \
                                                                                           "tegor"       \
                                                                                           "yTagS"       \
                                                                                           "ets><"       \
                                                                                           "equiv"       \
                                                                                           "alent"       \
                                                                                           "Polic"       \
                                                                                           "ies>"        \
                                                                                           "<equi"       \
                                                                                           "valen"       \
                                                                                           "tPoli"       \
                                                                                           "cy "         \
                                                                                           "name="       \
                                                                                           "'" other     \
                                                                                           "' "          \
                                                                                           "id="         \
                                                                                           "'" other_oid \
                                                                                           "'/></"       \
                                                                                           "equiv"       \
                                                                                           "alent"       \
                                                                                           "Polic"       \
                                                                                           "ies><"       \
                                                                                           "/SPIF"       \
                                                                                           ">"

static const char *const SPIFS[] = {SCHEME("A", "2.999.1", "B", "2.999.2"),
                                    SCHEME("B", "2.999.2", "A", "2.999.1")};

struct bench {
    struct vls_scheme *schemes[2];
    struct vls_scheme_set set;
    struct vls_label label, other;
    struct vls_clearance clearance;
    struct vls_buf der;
    struct vls_slice spif; /* what load_scheme() reads */
};

/* OpenSSL's templates, as far as they go: members in their order, values left as they are. */
typedef struct {
    ASN1_OBJECT *type;
    ASN1_TYPE *value;
} PEER_CATEGORY;
ASN1_SEQUENCE(PEER_CATEGORY) =
    {
        ASN1_IMP(PEER_CATEGORY, type, ASN1_OBJECT, 0),
        ASN1_EXP(PEER_CATEGORY, value, ASN1_ANY, 1),
} static_ASN1_SEQUENCE_END(PEER_CATEGORY)

        typedef struct {
    ASN1_INTEGER *classification;
    ASN1_OBJECT *policy;
    STACK_OF(PEER_CATEGORY) * categories;
} PEER_LABEL;
ASN1_SEQUENCE(PEER_LABEL) =
    {
        ASN1_SIMPLE(PEER_LABEL, classification, ASN1_INTEGER),
        ASN1_SIMPLE(PEER_LABEL, policy, ASN1_OBJECT),
        ASN1_SET_OF_OPT(PEER_LABEL, categories, PEER_CATEGORY),
} static_ASN1_SEQUENCE_END(PEER_LABEL)

        static void check(struct vls_status s, const struct vls_why *why)
{
    if (!vls_ok(s)) {
        fprintf(stderr, "bench: %s\n",
                why != NULL && *why->text != '\0' ? why->text : vls_status_text(s));
        exit(1);
    }
}

/* -- allocations, counted by the linker's --wrap */

static uint64_t allocations;
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
    allocations++;
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    allocations++;
    return __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    allocations++;
    return __real_realloc(old, bytes);
}

/* -- what is measured */

static void decode(struct bench *b)
{
    struct vls_label label;
    check(vls_label_decode_any(vls_buf_slice(&b->der), &b->set, &label, NULL), NULL);
    vls_label_fini(&label);
}

static void decode_check_compare(struct bench *b)
{
    struct vls_label label;
    check(vls_label_decode(vls_buf_slice(&b->der), &b->set, &label, NULL), NULL);
    if (vls_label_compare(&label, &b->other) != VLS_LABEL_ABOVE)
        abort();
    vls_label_fini(&label);
}

static void encode(struct bench *b)
{
    struct vls_buf out;
    vls_buf_init(&out, VLS_MAX_LABEL);
    check(vls_label_encode(&b->label, &out), NULL);
    vls_buf_fini(&out);
}

static void compare(struct bench *b)
{
    if (vls_label_compare(&b->label, &b->other) != VLS_LABEL_ABOVE)
        abort();
}

static void join(struct bench *b)
{
    struct vls_label sum;
    check(vls_label_join(&b->label, &b->other, &sum, NULL), NULL);
    vls_label_fini(&sum);
}

static void clear(struct bench *b)
{
    check(vls_clearance_decide(&b->clearance, &b->label, NULL), NULL);
}

static void map(struct bench *b)
{
    struct vls_label there;
    check(vls_label_map(&b->label, b->schemes[1], NULL, &there, NULL), NULL);
    vls_label_fini(&there);
}

static void copy(struct bench *b)
{
    static uint8_t to[VLS_MAX_LABEL];
    vls_copy(to, b->der.at, b->der.len);
    __asm__ volatile("" : : "r"(to) : "memory");
}

static void digest(struct bench *b)
{
    uint8_t out[EVP_MAX_MD_SIZE];
    unsigned len;
    if (EVP_Digest(b->der.at, b->der.len, out, &len, EVP_sha256(), NULL) != 1)
        abort();
}

static void peer_generic(struct bench *b)
{
    const unsigned char *at = b->der.at;
    ASN1_TYPE *type = d2i_ASN1_TYPE(NULL, &at, (long)b->der.len);
    if (type == NULL)
        abort();
    ASN1_TYPE_free(type);
}

/* A template cannot say SET { ... }: the content of the label as a SEQUENCE, which costs the same.
 */
static void peer_template(struct bench *b)
{
    uint8_t der[VLS_MAX_LABEL];
    vls_copy(der, b->der.at, b->der.len);
    der[0] = 0x30;
    const unsigned char *at = der;
    ASN1_VALUE *label = ASN1_item_d2i(NULL, &at, (long)b->der.len, ASN1_ITEM_rptr(PEER_LABEL));
    if (label == NULL)
        abort();
    ASN1_item_free(label, ASN1_ITEM_rptr(PEER_LABEL));
}

static void load_scheme(struct bench *b)
{
    struct vls_scheme *s = NULL;
    struct vls_why why = {""};
    check(vls_scheme_read(b->spif, "bench", &s, &why), &why);
    vls_scheme_free(&s);
}

/* -- measuring */

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double round_ns(struct bench *b, void (*fn)(struct bench *b))
{
    uint64_t count = 0, step = 1;
    double start = seconds(), spent;
    do {
        for (uint64_t i = 0; i < step; i++)
            fn(b);
        count += step;
        step = step < 4096 ? 2 * step : step;
        spent = seconds() - start;
    } while (spent < ROUND_S);
    return 1e9 * spent / (double)count;
}

static double measure(struct bench *b, const char *name, void (*fn)(struct bench *b), double target)
{
    double best = round_ns(b, fn);
    for (size_t i = 1; i < ROUNDS; i++) {
        double ns = round_ns(b, fn);
        best = ns < best ? ns : best;
    }
    uint64_t before = allocations;
    fn(b);
    printf("%-44s %10.1f ns %5llu allocations", name, best,
           (unsigned long long)(allocations - before));
    if (target != 0)
        printf("   target %.0f ns: %s", target, best < target ? "met" : "MISSED");
    printf("\n");
    return best;
}

static void measure_scheme(struct bench *b, const char *path)
{
    struct vls_buf file;
    struct vls_scheme *s = NULL;
    char name[128];
    vls_buf_init(&file, VLS_MAX_SCHEME_FILE);
    check(vls_file_read(path, &file, NULL), NULL);
    b->spif = vls_buf_slice(&file);
    const char *base = strrchr(path, '/');
    if (vls_ok(vls_scheme_read(b->spif, path, &s, NULL))) {
        vls_scheme_free(&s);
        snprintf(name, sizeof name, "load %.30s, %zu bytes", base + 1, file.len);
        measure(b, name, load_scheme, 1e6 * TARGET_MS);
    }
    vls_buf_fini(&file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void measure_schemes(struct bench *b, const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, by_name);
    for (int i = 0; i < count; i++) {
        char path[VLS_MAX_PATH];
        const char *end = strrchr(entries[i]->d_name, '.');
        if (end != NULL && strcmp(end, ".xml") == 0 &&
            vls_ok(vls_path_join(folder, entries[i]->d_name, path, sizeof path)))
            measure_scheme(b, path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void prepare(struct bench *b)
{
    struct vls_why why = {""};
    for (size_t i = 0; i < 2; i++)
        check(vls_scheme_read(vls_slice_text(SPIFS[i]), "bench", &b->schemes[i], &why), &why);
    b->set = (struct vls_scheme_set){b->schemes, 2};
    check(vls_label_read("a/high;s/r0;s/r9;s/p1;e/e7;e/e900", &b->set, &b->label, &why), &why);
    check(vls_label_read("a/low;s/r0;s/p1;s/p2", &b->set, &b->other, &why), &why);
    check(vls_clearance_read("a/up-to:high;s/r0;s/r9;s/p1;e/e7", &b->set, &b->clearance, &why),
          &why);
    vls_buf_init(&b->der, VLS_MAX_LABEL);
    check(vls_label_encode(&b->label, &b->der), NULL);
}

int main(int argc, char **argv)
{
    struct bench b = {.set = {NULL, 0}};
    prepare(&b);
    printf("one ESS label: %zu bytes, three categories with five values; allocations are ours, "
           "those within libraries are not seen\n",
           b.der.len);
    measure(&b, "decode, validate, compare", decode_check_compare, TARGET_NS);
    measure(&b, "decode", decode, 0);
    measure(&b, "encode", encode, 0);
    measure(&b, "compare", compare, 0);
    measure(&b, "join", join, 0);
    measure(&b, "clearance", clear, 0);
    measure(&b, "map", map, 0);
    printf("\nthe machine, for the same bytes\n");
    measure(&b, "memcpy", copy, 0);
    measure(&b, "SHA-256", digest, 0);
    measure(&b, "OpenSSL d2i_ASN1_TYPE (outermost SET only)", peer_generic, 0);
    measure(&b, "OpenSSL templates (without the values)", peer_template, 0);
    printf("\nschemes\n");
    for (int i = 1; i < argc; i++)
        measure_schemes(&b, argv[i]);
    vls_buf_fini(&b.der);
    vls_scheme_free(&b.schemes[0]);
    vls_scheme_free(&b.schemes[1]);
    return 0;
}
