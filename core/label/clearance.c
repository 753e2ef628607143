#include "label/clearance.h"

#include <string.h>

#include "base/text.h"
#include "label/scheme_internal.h"

#define UP_TO "up-to:"

struct vls_clearance vls_clearance_of(const struct vls_scheme *scheme)
{
    return (struct vls_clearance){.scheme = scheme};
}

void vls_clearance_add_level(struct vls_clearance *clearance, const struct vls_classification *c)
{
    vls_bit_set(clearance->levels, (size_t)(c - clearance->scheme->classes));
}

void vls_clearance_add_category(struct vls_clearance *clearance,
                                const struct vls_category *category)
{
    vls_bit_set(clearance->categories, category->place);
}

static struct vls_status add_level(struct vls_clearance *k, const char *word, struct vls_why *why)
{
    bool is_up_to = strncmp(word, UP_TO, sizeof UP_TO - 1) == 0;
    const char *handle = is_up_to ? word + sizeof UP_TO - 1 : word;
    const struct vls_classification *c = vls_scheme_by_handle(k->scheme, handle);
    if (c == NULL)
        return vls_fail(VLS_LABEL_VALUE, why, "scheme %.60s has no level '%.60s'", k->scheme->name,
                        handle);
    for (size_t i = 0; i < k->scheme->count; i++) {
        const struct vls_classification *other = &k->scheme->classes[i];
        if (other == c || (is_up_to && other->hierarchy < c->hierarchy))
            vls_clearance_add_level(k, other);
    }
    return VLS_DONE;
}

static struct vls_status add_category(struct vls_clearance *k, const char *word,
                                      struct vls_why *why)
{
    const struct vls_scheme *s = k->scheme;
    const char *slash = strchr(word, '/');
    for (size_t i = 0; slash != NULL && i < s->category_count; i++) {
        const struct vls_category *c = &s->categories[i];
        const char *set = s->tag_sets[s->tags[c->tag].tag_set].handle;
        if (strlen(set) == (size_t)(slash - word) && strncmp(set, word, strlen(set)) == 0 &&
            strcmp(c->handle, slash + 1) == 0) {
            vls_clearance_add_category(k, c);
            return VLS_DONE;
        }
    }
    return vls_fail(VLS_LABEL_VALUE, why, "scheme %.60s has no category '%.80s'", s->name, word);
}

struct vls_status vls_clearance_read(const char *text, const struct vls_scheme_set *schemes,
                                     struct vls_clearance *out, struct vls_why *why)
{
    char word[2 * VLS_MAX_NAME + 2];
    size_t len = text != NULL ? strcspn(text, "/") : 0;
    if (len == 0)
        return vls_fail(VLS_LABEL_MISSING, why, "no clearance; write SCHEME/LEVEL,LEVEL");
    if (len >= sizeof word || text[len] != '/')
        return vls_fail(VLS_LABEL_VALUE, why,
                        "'%.80s' is not a clearance; write SCHEME/LEVEL,LEVEL", text);
    vls_text_copy(word, len + 1, text);
    struct vls_clearance k = vls_clearance_of(vls_scheme_set_by_name(schemes, word));
    if (k.scheme == NULL)
        return vls_fail(VLS_LABEL_SCHEME, why, "no scheme '%.80s' is loaded", word);
    bool is_level = true;
    for (const char *at = text + len; *at != '\0'; at += len) {
        is_level = is_level && *at != ';';
        len = strcspn(++at, is_level ? ",;" : ";");
        if (len == 0 || len >= sizeof word)
            return vls_fail(VLS_LABEL_VALUE, why, "'%.80s': an empty or too long word", text);
        vls_text_copy(word, len + 1, at);
        VLS_TRY(is_level ? add_level(&k, word, why) : add_category(&k, word, why));
    }
    *out = k;
    return VLS_DONE;
}

static struct vls_status decide_tag(const struct vls_clearance *k, const struct vls_label *label,
                                    const struct vls_tag *tag, struct vls_why *why)
{
    const struct vls_scheme *s = label->scheme;
    enum vls_label_list list = vls_label_list(label, tag);
    if (!vls_tag_type_is_permissive(tag->type) || list == VLS_LIST_NONE)
        return VLS_DONE;
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++)
        if (vls_bit_is_set(label->categories, i) && vls_bit_is_set(k->categories, i))
            return VLS_DONE;
    return vls_fail(VLS_LABEL_CLEARANCE, why, "%s '%.60s' of '%.60s' %s",
                    list == VLS_LIST_EMPTY ? "the list" : "of the list", tag->name,
                    s->tag_sets[tag->tag_set].name,
                    list == VLS_LIST_EMPTY ? "is empty: nobody may hold it"
                                           : "the recipient holds nothing");
}

struct vls_status vls_clearance_decide(const struct vls_clearance *clearance,
                                       const struct vls_label *label, struct vls_why *why)
{
    const struct vls_scheme *s = label->scheme;
    if (s == NULL || s != clearance->scheme)
        return vls_fail(VLS_LABEL_CLEARANCE, why, "label and clearance are of two schemes");
    if (vls_label_unknown_count(label) != 0)
        return vls_fail(VLS_LABEL_CLEARANCE, why,
                        "nobody is cleared for the unknown category %.80s",
                        label->details->unknown[0].words);
    if (!vls_bit_is_set(clearance->levels, (size_t)(label->classification - s->classes)))
        return vls_fail(VLS_LABEL_CLEARANCE, why, "the recipient does not hold the level %.60s",
                        label->classification->name);
    for (size_t i = 0; i < s->category_count; i++)
        if (vls_bit_is_set(label->categories, i) && vls_bit_is_set(s->restrictive, i) &&
            !vls_bit_is_set(clearance->categories, i))
            return vls_fail(VLS_LABEL_CLEARANCE, why,
                            "the recipient does not hold the category '%.60s'",
                            s->categories[i].name);
    for (size_t t = 0; t < s->tag_count; t++)
        VLS_TRY(decide_tag(clearance, label, &s->tags[t], why));
    return VLS_DONE;
}
