/* Addresses of the Library's interfaces, and what it says when it gives no records. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/json.h"
#include "common/words.h"
#include "undl.h"

void undl_search_url(const struct undl *u, const char *query, const char *search_id, uint64_t first,
                     char *url, size_t room)
{
    char jrec[32];
    plug_copy(url, room, u->url);
    plug_add(url, room, u->interface == UNDL_API ? "/api/v1/search?p=" : "/search?p=");
    plug_add_escaped(url, room, query);
    if (u->interface == UNDL_API) {
        plug_add(url, room, "&format=xml");
        if (search_id[0] != '\0')
            plug_add(url, room, "&search_id=");
        plug_add_escaped(url, room, search_id);
        return;
    }
    snprintf(jrec, sizeof jrec, "&jrec=%" PRIu64, first);
    plug_add(url, room, "&of=xm&ln=en&rg=100");
    plug_add(url, room, jrec);
}

/* {"error": "..."}: in JSON whatever was asked for. */
static void words_of(const char *head, char *out, size_t room)
{
    json_t *object = json_loads(head, JSON_DISABLE_EOF_CHECK, NULL);
    const char *words = plug_json_text(object, "error");
    if (words[0] == '\0')
        words = plug_json_text(object, "message");
    plug_say(out, room, "%s", words[0] != '\0' ? words : "an error without words");
    json_decref(object);
}

static void verdict_of(struct harvest_verdict *v, uint32_t result, const char *what,
                       const char *words)
{
    (void)harvest_fail(v, result, "", "%s: %s", what, words);
}

static void judge_json(const struct page_facts *facts, unsigned status, uint64_t now_ms,
                       struct harvest_verdict *v)
{
    char words[PLUG_WHY / 2];
    words_of(facts->head, words, sizeof words);
    if (status == 401 || strcasestr(words, "api key") != NULL)
        verdict_of(v, VLS_RESULT_NEEDS_KEY, "the Library does not take the key", words);
    else if (status == 403 || strcasestr(words, "not authorized") != NULL)
        verdict_of(v,
                   strcasestr(words, "guest") != NULL ? VLS_RESULT_NEEDS_KEY : VLS_RESULT_REFUSED,
                   "the Library does not let this user search", words);
    else if (status == 429 || strcasestr(words, "max 100 requests") != NULL) {
        verdict_of(v, VLS_RESULT_RETRY_AT, "the Library's limit is reached", words);
        v->retry_at_ms = now_ms + UNDL_LIMIT_MS;
    } else if (status >= 500)
        verdict_of(v, VLS_RESULT_MALFORMED,
                   "the Library cannot answer this query (a collection that it does not have?)",
                   words);
    else {
        verdict_of(v, VLS_RESULT_MALFORMED, "the Library answers with JSON", words);
        snprintf(v->where, sizeof v->where, "status %u", status);
    }
}

bool undl_judge(const struct page_facts *facts, unsigned status, uint64_t now_ms,
                struct harvest_verdict *v)
{
    bool is_list = strcmp(facts->root, "response") == 0 || strcmp(facts->root, "collection") == 0;
    if (facts->form == PAGE_JSON) {
        judge_json(facts, status, now_ms, v);
        return true;
    }
    if (facts->form != PAGE_XML || !facts->is_complete) {
        (void)harvest_fail(v, VLS_RESULT_MALFORMED, "page", "the Library's answer is not whole: %s",
                           facts->why[0] != '\0' ? facts->why : "it is no XML");
        return true;
    }
    if (is_list && status == 200)
        return false;
    (void)harvest_fail(v, VLS_RESULT_MALFORMED, "byte 0",
                       "the Library answers %u with <%s>, which is no list of records", status,
                       facts->root);
    return true;
}
