#include "envelope/asked.h"

#include <jansson.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

#define DOCUMENT "information-request"
#define VERSION  1

static void json_release(json_t **value)
{
    json_decref(*value);
}

bool vls_asked_is_language(const char *text)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    size_t len = strlen(text);
    return len != 0 && len <= VLS_ASKED_MAX_LANGUAGE && strspn(text, LETTERS) == len &&
           text[0] != '-' && text[len - 1] != '-';
}

/* The same rules for what we write and what we read. */
static struct vls_status check(const struct vls_asked *asked, struct vls_why *why)
{
    if (asked->symbol[0] == '\0')
        return vls_fail(VLS_INPUT_MALFORMED, why, "symbol is missing");
    VLS_TRY(vls_text_check("symbol", asked->symbol, VLS_ASKED_MAX_SYMBOL, why));
    if (asked->issuer[0] != '\0' && !vls_text_is_name(asked->issuer, VLS_MAX_PARTY))
        return vls_fail(VLS_INPUT_MALFORMED, why, "issuer '%.40s' is no name such as un",
                        asked->issuer);
    if (asked->language_count > VLS_ASKED_MAX_LANGUAGES)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu languages, and %u is the most",
                        asked->language_count, VLS_ASKED_MAX_LANGUAGES);
    for (size_t i = 0; i < asked->language_count; i++) {
        if (!vls_asked_is_language(asked->languages[i]))
            return vls_fail(VLS_INPUT_MALFORMED, why, "languages: '%.40s' is no tag such as fr",
                            asked->languages[i]);
        for (size_t k = 0; k < i; k++)
            if (strcmp(asked->languages[k], asked->languages[i]) == 0)
                return vls_fail(VLS_INPUT_MALFORMED, why, "languages: %s stands there twice",
                                asked->languages[i]);
    }
    return VLS_DONE;
}

/* -- writing ----------------------------------------------------------------------------------- */

/* json_dump_callback_t */
static int add_text(const char *at, size_t len, void *ctx)
{
    return vls_ok(vls_buf_add(ctx, at, len)) ? 0 : -1;
}

struct vls_status vls_asked_write(const struct vls_asked *asked, struct vls_buf *out,
                                  struct vls_why *why)
{
    VLS_TRY(check(asked, why));
    json_t *languages = json_array();
    for (size_t i = 0; i < asked->language_count; i++)
        json_array_append_new(languages, json_string(asked->languages[i]));
    VLS_DEFER(json_release)
    json_t *root =
        json_pack("{s:s, s:i, s:s, s:s, s:o}", "document", DOCUMENT, "version", VERSION, "symbol",
                  asked->symbol, "issuer", asked->issuer, "languages", languages);
    if (root == NULL || json_array_size(languages) != asked->language_count ||
        json_dump_callback(root, add_text, out, JSON_INDENT(2)) != 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for %s", VLS_ASKED_FILE);
    return vls_buf_add_text(out, "\n");
}

/* -- reading ----------------------------------------------------------------------------------- */

/* jansson's texts may hold a NUL when told so; it is not. */
static char *text_of(const json_t *value)
{
    return json_is_string(value) ? vls_mem_dup(json_string_value(value)) : NULL;
}

static struct vls_status bad(struct vls_why *why, const char *words)
{
    return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why, "%s: %s", VLS_ASKED_FILE, words);
}

static struct vls_status check_members(const json_t *root, struct vls_why *why)
{
    static const char *const KNOWN[] = {"document", "version", "symbol", "issuer", "languages"};
    const char *member;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)root, member, value)
    {
        bool is_known = false;
        for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++)
            is_known = is_known || strcmp(KNOWN[i], member) == 0;
        if (!is_known)
            return bad(why, "it has a member that version 1 does not know");
    }
    return VLS_DONE;
}

static struct vls_status take_languages(const json_t *list, struct vls_asked *out,
                                        struct vls_why *why)
{
    if (list == NULL)
        return VLS_DONE;
    if (!json_is_array(list) || json_array_size(list) > VLS_ASKED_MAX_LANGUAGES)
        return bad(why, "languages is no list of at most 16");
    for (size_t i = 0; i < json_array_size(list); i++) {
        char *language = text_of(json_array_get(list, i));
        if (language == NULL)
            return bad(why, "languages holds what is no text");
        out->languages[out->language_count++] = language;
    }
    return VLS_DONE;
}

static struct vls_status take(const json_t *root, struct vls_asked *out, struct vls_why *why)
{
    const json_t *document = json_object_get(root, "document"),
                 *version = json_object_get(root, "version"),
                 *issuer = json_object_get(root, "issuer");
    if (!json_is_string(document) || strcmp(json_string_value(document), DOCUMENT) != 0)
        return bad(why, "document is not " DOCUMENT);
    if (!json_is_integer(version) || json_integer_value(version) != VERSION)
        return bad(why, "version is not 1, which is the one that is understood");
    VLS_TRY(check_members(root, why));
    out->symbol = text_of(json_object_get(root, "symbol"));
    out->issuer = issuer != NULL ? text_of(issuer) : vls_mem_dup("");
    if (out->symbol == NULL || out->issuer == NULL)
        return bad(why, "symbol or issuer is no text");
    VLS_TRY(take_languages(json_object_get(root, "languages"), out, why));
    struct vls_why reason = {""};
    return vls_ok(check(out, &reason)) ? VLS_DONE : bad(why, reason.text);
}

struct vls_status vls_asked_read(struct vls_slice json, struct vls_asked *out, struct vls_why *why)
{
    struct vls_asked asked = {.language_count = 0};
    json_error_t error;
    if (json.len > VLS_ASKED_MAX)
        return bad(why, "it is larger than 4096 bytes");
    VLS_DEFER(json_release)
    json_t *root = json_loadb((const char *)json.at, json.len, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(root))
        return bad(why, "it is no JSON object, or a member stands there twice");
    struct vls_status s = take(root, &asked, why);
    if (vls_ok(s))
        *out = asked;
    else
        vls_asked_fini(&asked);
    return s;
}

void vls_asked_fini(struct vls_asked *asked)
{
    vls_mem_free(asked->symbol);
    vls_mem_free(asked->issuer);
    for (size_t i = 0; i < asked->language_count; i++)
        vls_mem_free(asked->languages[i]);
    *asked = (struct vls_asked){.language_count = 0};
}
