/* What a program of somebody else's does with the library: a scheme, a label in DER, a verdict.
 *
 *     example SCHEME.xml LABEL.der CLEARANCE
 */
#include <stdio.h>

#include <label/clearance.h>
#include <label/marking.h>

static int fail(const struct vls_why *why)
{
    fprintf(stderr, "example: %s\n", why->text);
    return 1;
}

int main(int argc, char **argv)
{
    unsigned char der[VLS_MAX_LABEL];
    struct vls_why why = {""};
    struct vls_scheme *scheme = NULL;
    struct vls_scheme_set schemes = {&scheme, 1};
    struct vls_label label;
    struct vls_clearance clearance;
    struct vls_buf marking;
    FILE *file = argc == 4 ? fopen(argv[2], "rb") : NULL;
    if (file == NULL)
        return 2;
    size_t len = fread(der, 1, sizeof der, file);
    fclose(file);
    if (!vls_ok(vls_scheme_load(argv[1], &scheme, &why)) ||
        !vls_ok(vls_label_decode(VLS_SLICE(der, len), &schemes, &label, &why)) ||
        !vls_ok(vls_clearance_read(argv[3], &schemes, &clearance, &why)))
        return fail(&why);
    vls_buf_init(&marking, VLS_MAX_MARKING);
    if (!vls_ok(vls_label_mark(&label, VLS_MARK_PAGE_TOP, "en", &marking)))
        return 1;
    printf("%s\n", vls_buf_text(&marking));
    bool is_cleared = vls_ok(vls_clearance_decide(&clearance, &label, &why));
    printf("%s\n", is_cleared ? "cleared" : why.text);
    vls_buf_fini(&marking);
    vls_label_fini(&label);
    vls_scheme_free(&scheme);
    return 0;
}
