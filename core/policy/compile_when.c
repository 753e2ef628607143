#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "policy/compile.h"

/* So many letters in common make one kind a hint for another. */
#define HINT_PREFIX 3

/* -- kinds ------------------------------------------------------------------------------------- */

/** The kind that begins most like `word`, or NULL. */
static const struct vls_kind *nearest_kind(const char *word)
{
    const struct vls_kind *best = NULL;
    size_t most = HINT_PREFIX - 1;
    const struct vls_kind *kind;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        size_t len = 0;
        while (word[len] != '\0' && word[len] == kind->name[len])
            len++;
        if (len > most) {
            most = len;
            best = kind;
        }
    }
    return best;
}

static struct vls_status add_kind(const struct vls_compile *c, const char *path, const char *name,
                                  struct vls_condition *out)
{
    const struct vls_kind *kind = name != NULL ? vls_kind_by_name(name) : NULL;
    if (kind == NULL) {
        const struct vls_kind *hint = name != NULL ? nearest_kind(name) : NULL;
        return vls_compile_fail(c, path, "'%.60s' is not a kind of message%s%s%s",
                                name != NULL ? name : "", hint != NULL ? "; did you mean '" : "",
                                hint != NULL ? hint->name : "", hint != NULL ? "'?" : "");
    }
    for (size_t i = 0; i < out->kind_count; i++)
        if (out->kinds[i] == kind)
            return vls_compile_fail(c, path, "'%.60s' is given twice", name);
    out->kinds[out->kind_count++] = kind;
    return VLS_DONE;
}

static struct vls_status compile_kinds(const struct vls_compile *c, const struct vls_raw_when *raw,
                                       const char *path, struct vls_condition *out)
{
    if (raw->kind != NULL && raw->kinds.count != 0)
        return vls_compile_fail(c, vls_compile_at(path, "kinds").text,
                                "give kind or kinds, not both");
    if (raw->kind != NULL)
        VLS_TRY(add_kind(c, vls_compile_at(path, "kind").text, raw->kind, out));
    for (unsigned i = 0; i < raw->kinds.count; i++)
        VLS_TRY(add_kind(c, vls_compile_at_item(path, "kinds", i).text, raw->kinds.at[i], out));
    return VLS_DONE;
}

/* -- parties and bodies ------------------------------------------------------------------------ */

static struct vls_status find_party(const struct vls_compile *c, const char *id, const char *path,
                                    const struct vls_rule_party **out)
{
    if (id == NULL)
        return VLS_DONE;
    *out = vls_rule_party(c->out, id);
    if (*out == NULL)
        return vls_compile_fail(c, path, "'%.60s' is not the id of a party", id);
    return VLS_DONE;
}

static struct vls_status add_body(const struct vls_compile *c, const char *path, const char *id,
                                  struct vls_condition *out)
{
    const struct vls_rule_body *body = id != NULL ? vls_rule_body(c->out, id) : NULL;
    if (body == NULL)
        return vls_compile_fail(c, path, "'%.60s' is not the id of a body; list it under bodies",
                                id != NULL ? id : "");
    for (size_t i = 0; i < out->body_count; i++)
        if (out->bodies[i] == body)
            return vls_compile_fail(c, path, "'%.60s' is given twice", id);
    out->bodies[out->body_count++] = body;
    return VLS_DONE;
}

static struct vls_status compile_parties(const struct vls_compile *c,
                                         const struct vls_raw_when *raw, const char *path,
                                         struct vls_condition *out)
{
    VLS_TRY(find_party(c, raw->from, vls_compile_at(path, "from").text, &out->from));
    VLS_TRY(find_party(c, raw->to, vls_compile_at(path, "to").text, &out->to));
    if (out->from != NULL && out->from == out->to)
        return vls_compile_fail(c, vls_compile_at(path, "to").text, "is the same party as from");
    if (raw->body != NULL && raw->bodies.count != 0)
        return vls_compile_fail(c, vls_compile_at(path, "bodies").text,
                                "give body or bodies, not both");
    if (raw->body != NULL)
        VLS_TRY(add_body(c, vls_compile_at(path, "body").text, raw->body, out));
    for (unsigned i = 0; i < raw->bodies.count; i++)
        VLS_TRY(add_body(c, vls_compile_at_item(path, "bodies", i).text, raw->bodies.at[i], out));
    return VLS_DONE;
}

/* -- labels ------------------------------------------------------------------------------------ */

static struct vls_status compile_bound(const struct vls_compile *c, const char *text,
                                       const char *path, struct vls_label *out)
{
    struct vls_why reason;
    if (text == NULL)
        return VLS_DONE;
    if (!vls_ok(vls_label_read(text, c->schemes, out, &reason)))
        return vls_compile_fail(c, path, "%.160s", reason.text);
    return vls_compile_is_used(c, path, out->scheme);
}

static struct vls_status compile_label(const struct vls_compile *c, const struct vls_raw_label *raw,
                                       const char *path, struct vls_condition *out)
{
    if (raw == NULL)
        return VLS_DONE;
    if (raw->at_most == NULL && raw->at_least == NULL)
        return vls_compile_fail(c, path, "give at-most, at-least or both");
    VLS_TRY(compile_bound(c, raw->at_most, vls_compile_at(path, "at-most").text, &out->at_most));
    VLS_TRY(compile_bound(c, raw->at_least, vls_compile_at(path, "at-least").text, &out->at_least));
    if (raw->at_most == NULL || raw->at_least == NULL)
        return VLS_DONE;
    enum vls_label_order order = vls_label_compare(&out->at_least, &out->at_most);
    if (order == VLS_LABEL_ABOVE || order == VLS_LABEL_INCOMPARABLE)
        return vls_compile_fail(c, vls_compile_at(path, "at-least").text,
                                "no label lies between at-least and at-most");
    return VLS_DONE;
}

static const struct vls_category *find_category(const struct vls_scheme *scheme, const char *text)
{
    for (size_t i = 0; i < vls_scheme_category_count(scheme); i++) {
        const struct vls_category *category = vls_scheme_category(scheme, i);
        const struct vls_tag *tag = vls_scheme_tag(scheme, category->tag);
        const char *set = vls_scheme_tag_set(scheme, tag->tag_set)->handle;
        size_t len = strlen(set);
        if (strncmp(text, set, len) == 0 && text[len] == '/' &&
            strcmp(text + len + 1, category->handle) == 0)
            return category;
    }
    return NULL;
}

/** "SCHEME;TAG-SET/CATEGORY": a label's text without the classification. */
static struct vls_status add_category(const struct vls_compile *c, const char *path,
                                      const char *text, struct vls_condition *out)
{
    char name[VLS_MAX_NAME + 1];
    const char *mark = text != NULL ? strchr(text, ';') : NULL;
    if (mark == NULL || (size_t)(mark - text) >= sizeof name)
        return vls_compile_fail(c, path, "'%.60s' is not such as SCHEME;TAG-SET/CATEGORY",
                                text != NULL ? text : "");
    vls_text_copy(name, (size_t)(mark - text) + 1, text);
    struct vls_rule_category found = {.scheme = vls_scheme_set_by_name(c->schemes, name)};
    if (found.scheme == NULL)
        return vls_compile_fail(c, path, "no scheme '%.60s' is loaded", name);
    VLS_TRY(vls_compile_is_used(c, path, found.scheme));
    found.category = find_category(found.scheme, mark + 1);
    if (found.category == NULL)
        return vls_compile_fail(c, path, "scheme %.60s has no category '%.80s'", name, mark + 1);
    for (size_t i = 0; i < out->category_count; i++)
        if (out->categories[i].category == found.category)
            return vls_compile_fail(c, path, "'%.80s' is given twice", text);
    out->categories[out->category_count++] = found;
    return VLS_DONE;
}

/* -- words ------------------------------------------------------------------------------------- */

/** @param words  for yes, for no, and others for the same two; NULL behind the last */
static struct vls_status compile_wish(const struct vls_compile *c, const char *path,
                                      const char *key, const char *text, const char *const *words,
                                      enum vls_wish *out)
{
    if (text == NULL)
        return VLS_DONE;
    for (size_t i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0) {
            *out = i % 2 == 0 ? VLS_WISH_YES : VLS_WISH_NO;
            return VLS_DONE;
        }
    return vls_compile_fail(c, vls_compile_at(path, key).text, "'%.40s' is neither %s nor %s", text,
                            words[0], words[1]);
}

static struct vls_status compile_wishes(const struct vls_compile *c, const struct vls_raw_when *raw,
                                        const char *path, struct vls_condition *out)
{
    static const char *const DIRECTION[] = {"in", "out", NULL};
    static const char *const GIVEN[] = {"given", "missing", NULL};
    static const char *const PENDING[] = {"pending", "none", NULL};
    static const char *const TRUTH[] = {"yes", "no", "true", "false", NULL};
    VLS_TRY(compile_wish(c, path, "direction", raw->direction, DIRECTION, &out->incoming));
    VLS_TRY(compile_wish(c, path, "personal-data", raw->personal_data, TRUTH, &out->personal_data));
    VLS_TRY(compile_wish(c, path, "safeguards", raw->safeguards, GIVEN, &out->safeguards));
    VLS_TRY(compile_wish(c, path, "embargo", raw->embargo, PENDING, &out->embargo));
    VLS_TRY(compile_wish(c, path, "third-party", raw->third_party, TRUTH, &out->third_party));
    return compile_wish(c, path, "duplicate", raw->duplicate, TRUTH, &out->duplicate);
}

/** A list of words of an enumeration, as a set. */
static struct vls_status compile_set(const struct vls_compile *c, const char *path, const char *key,
                                     const struct vls_raw_list *raw,
                                     const char *(*name_at)(unsigned), uint32_t *out)
{
    for (unsigned i = 0; i < raw->count; i++) {
        const struct vls_compile_path at = vls_compile_at_item(path, key, i);
        const char *text = raw->at[i] != NULL ? raw->at[i] : "";
        char words[VLS_MAX_NAME] = "";
        unsigned k = 0;
        for (; name_at(k) != NULL && strcmp(name_at(k), text) != 0; k++) {
            size_t used = strlen(words);
            snprintf(words + used, sizeof words - used, "%s%s", k != 0 ? ", " : "", name_at(k));
        }
        if (name_at(k) == NULL)
            return vls_compile_fail(c, at.text, "'%.40s' is none of %s", text, words);
        if ((*out & UINT32_C(1) << k) != 0)
            return vls_compile_fail(c, at.text, "'%.40s' is given twice", text);
        *out |= UINT32_C(1) << k;
    }
    return VLS_DONE;
}

/* -- lists of texts ---------------------------------------------------------------------------- */

/* RFC 6838 section 4.2, in lower case */
static bool is_restricted_name(const char *text, size_t len)
{
    static const char MARKS[] = "!#$&-^_.+";
    if (len == 0 || strchr(MARKS, text[0]) != NULL)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool is_letter = text[i] >= 'a' && text[i] <= 'z';
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (!is_letter && !is_digit && strchr(MARKS, text[i]) == NULL)
            return false;
    }
    return true;
}

static bool is_media_pattern(const char *text)
{
    const char *slash = strchr(text, '/');
    if (slash == NULL || !is_restricted_name(text, (size_t)(slash - text)))
        return false;
    return strcmp(slash + 1, "*") == 0 || is_restricted_name(slash + 1, strlen(slash + 1));
}

static bool is_originator(const char *text)
{
    return *text != '\0' && vls_text_is_clean(vls_slice_text(text), false);
}

static struct vls_status compile_lists(const struct vls_compile *c, const struct vls_raw_when *raw,
                                       const char *path, struct vls_condition *out)
{
    for (unsigned i = 0; i < raw->categories.count; i++)
        VLS_TRY(add_category(c, vls_compile_at_item(path, "category", i).text,
                             raw->categories.at[i], out));
    VLS_TRY(compile_set(c, path, "distribution", &raw->distributions, vls_distribution_at,
                        &out->distributions));
    VLS_TRY(compile_set(c, path, "answers", &raw->answers, vls_answers_at, &out->answers));
    VLS_TRY(vls_compile_texts(c, path, "audience", &raw->audiences, vls_compile_is_path,
                              "member-states", out->audiences, &out->audience_count));
    VLS_TRY(vls_compile_texts(c, path, "topic", &raw->topics, vls_compile_is_path, "migration",
                              out->topics, &out->topic_count));
    VLS_TRY(vls_compile_texts(c, path, "media-type", &raw->media_types, is_media_pattern,
                              "application/pdf or text/*, in lower case", out->media_types,
                              &out->media_type_count));
    return vls_compile_texts(c, path, "originator", &raw->originators, is_originator,
                             "un or a full name", out->originators, &out->originator_count);
}

/* -- the whole --------------------------------------------------------------------------------- */

static struct vls_status compile_bytes(const struct vls_compile *c, const struct vls_raw_when *raw,
                                       const char *path, struct vls_condition *out)
{
    out->has_min_bytes = raw->min_bytes != NULL;
    out->has_max_bytes = raw->max_bytes != NULL;
    out->min_bytes = raw->min_bytes != NULL ? *raw->min_bytes : 0;
    out->max_bytes = raw->max_bytes != NULL ? *raw->max_bytes : 0;
    if (out->has_min_bytes && out->has_max_bytes && out->min_bytes > out->max_bytes)
        return vls_compile_fail(c, vls_compile_at(path, "min-bytes").text,
                                "is more than max-bytes; no message is of such a size");
    return VLS_DONE;
}

struct vls_status vls_compile_when(const struct vls_compile *c, const struct vls_raw_when *raw,
                                   const char *path, struct vls_condition *out)
{
    VLS_TRY(compile_kinds(c, raw, path, out));
    VLS_TRY(compile_parties(c, raw, path, out));
    VLS_TRY(compile_label(c, raw->label, vls_compile_at(path, "label").text, out));
    VLS_TRY(compile_wishes(c, raw, path, out));
    VLS_TRY(compile_lists(c, raw, path, out));
    return compile_bytes(c, raw, path, out);
}
