#include "kit/about.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "envelope/about.h"

/* Parameters by which endpoints take keys: in an address that is kept and sent on, they leak. */
static bool has_key(const char *url)
{
    static const char *const NAMES[] = {"subscription-key", "appname",  "api_key",
                                        "apikey",           "key",      "token",
                                        "access_token",     "password", "sig"};
    const char *at = strchr(url, '?');
    while (at != NULL) {
        size_t len = strcspn(++at, "=&#");
        for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
            if (len == strlen(NAMES[i]) && strncasecmp(at, NAMES[i], len) == 0)
                return true;
        at = strchr(at, '&');
    }
    return false;
}

static bool names_itself(const Valise__About *a)
{
    for (size_t i = 0; i < a->n_relations; i++)
        for (size_t k = 0; k < a->n_symbols; k++)
            if (a->relations[i]->relates != 0 &&
                strcmp(a->relations[i]->symbol, a->symbols[k]) == 0)
                return true;
    return false;
}

const char *kit_about_wrong(Valise__About *const *abouts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (has_key(abouts[i]->url))
            return "an address that holds a key";
        if (names_itself(abouts[i]))
            return "a relation to itself";
        if (abouts[i]->title[0] == '\0' && abouts[i]->n_symbols == 0 && abouts[i]->part == 0)
            return "neither title nor symbol, though it says what it is";
    }
    return NULL;
}

Valise__About *const *kit_about_full(size_t *out_count)
{
    static char *symbols[] = {"S/RES/2803 (2025)", "A/C.3/78/L.1/Rev.1"},
                *bodies[] = {"Security Council"}, *subjects[] = {"MIGRATION", "الهجرة", "移民"};
    static Valise__Relation relation;
    static Valise__Relation *relations[] = {&relation};
    static Valise__About whole, part;
    static Valise__About *const ALL[] = {&whole, &part};
    valise__relation__init(&relation);
    relation.relates = 1;
    relation.symbol = "A/C.3/78/L.1";
    valise__about__init(&whole);
    valise__about__init(&part);
    whole = (Valise__About){.base = whole.base,
                            .issuer = "un",
                            .symbols = symbols,
                            .n_symbols = 2,
                            .language = "fr",
                            .title = "Résolution, «adoptée» \"ce jour\" <&>",
                            .published = "2025-11",
                            .bodies = bodies,
                            .n_bodies = 1,
                            .subjects = subjects,
                            .n_subjects = 3,
                            .url = "https://library.example/record/1?ln=fr",
                            .licence = "as the library has it",
                            .record = "1",
                            .relations = relations,
                            .n_relations = 1};
    part = whole;
    part.part = 1;
    part.language = "ar";
    part.title = "قرار";
    *out_count = 2;
    return ALL;
}

Valise__About **kit_about_copy(Valise__About *const *abouts, size_t count)
{
    Valise__About **out = count != 0 ? vls_mem_new(count * sizeof(Valise__About *)) : NULL;
    for (size_t i = 0; i < count; i++) {
        size_t len = valise__about__get_packed_size(abouts[i]);
        uint8_t *bytes = vls_mem_new(len + 1);
        valise__about__pack(abouts[i], bytes);
        out[i] = valise__about__unpack(NULL, len, bytes);
        vls_mem_free(bytes);
    }
    return out;
}

void kit_about_free(Valise__About **abouts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        valise__about__free_unpacked(abouts[i], NULL);
    vls_mem_free(abouts);
}
