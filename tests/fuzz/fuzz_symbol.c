/* A symbol as a catalogue, a partner or an operator gives it; the first byte chooses the issuer. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "document/identity.h"
#include "document/shingle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool is_so)
{
    if (!is_so)
        abort();
}

static void check_again(const char *issuer, const struct vls_symbol *s)
{
    struct vls_symbol again;
    char text[VLS_MAX_SYMBOL + 1];
    size_t len = strlen(s->printed);
    bool is_pattern = len > 0 && s->printed[len - 1] == '*';
    must(is_pattern || vls_symbol_matches(issuer, s->printed, s));
    if (s->grammar == VLS_SYMBOL_UNPARSED || strncmp(s->canonical, "NO/", 3) == 0)
        return;
    vls_symbol_parse(issuer, s->canonical, &again);
    must(strcmp(again.canonical, s->canonical) == 0 && strcmp(again.base, s->base) == 0);
    must(vls_symbol_write(&again, again.count, text, sizeof text));
    const struct vls_identity a = {issuer, s, "en", NULL}, b = {issuer, &again, "en", NULL};
    enum vls_stands how = vls_identity_relate(&a, &b).how;
    must(how == VLS_STANDS_SAME || how == VLS_STANDS_REISSUES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const ISSUERS[] = {"un", "iom", "other"};
    struct vls_symbol s;
    struct vls_buf form;
    char session[VLS_SYMBOL_WITHIN + VLS_SYMBOL_WORD];
    if (size == 0)
        return 0;
    const char *issuer = ISSUERS[data[0] % 3];
    char *text = vls_mem_text((const char *)data + 1, size - 1);
    vls_symbol_parse(issuer, text, &s);
    (void)vls_symbol_session(&s, session, sizeof session);
    (void)vls_symbol_languages(&s);
    check_again(issuer, &s);
    vls_buf_init(&form, 8 * VLS_MAX_SYMBOL);
    VLS_IGNORE(vls_text_search_form(s.printed, true, &form), "a long one is refused");
    vls_buf_fini(&form);
    vls_mem_free(text);
    return 0;
}
