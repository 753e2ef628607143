/* The resolver: one document by its symbol, or by its address in the Library. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/words.h"
#include "undl.h"

#define PAGES_MOST                                                                                 \
    3u /* of matches that are looked through; the exact one stands among the first                 \
        */

struct looking {
    struct undl *u;
    const struct vls_question *question;
    struct vls_finding *finding;
    char *why;
    size_t room;
    char query[512], id[24]; /* id: of the record; "": by symbol */
    struct page *page;
    bool is_found, is_deleted;
    struct plug_pile pile;
    const struct about_file *piled[ABOUT_FILES];
    struct plug_answer answer; /* of the first request that failed */
};

static uint32_t conclude(struct looking *l, uint32_t result, const char *why)
{
    l->finding->result = result;
    plug_say(l->why, l->room, "%s", why);
    return result;
}

/* The answer's texts are lent to the finding, which outlives this call. */
static uint32_t conclude_answer(struct looking *l)
{
    static char where[PLUG_WHERE], url[PLUG_URL];
    plug_copy(where, sizeof where, l->answer.where);
    plug_copy(url, sizeof url, l->answer.url);
    plug_finding(l->finding, &l->answer);
    l->finding->where = where[0] != '\0' ? where : NULL;
    l->finding->url = url[0] != '\0' ? url : NULL;
    plug_say(l->why, l->room, "%s", l->answer.why);
    return l->answer.result;
}

/* -- the record -------------------------------------------------------------------------------- */

static bool is_it(const struct looking *l, const struct about *about)
{
    return l->id[0] != '\0' ? strcmp(about->id, l->id) == 0
                            : about_has_symbol(about, l->question->symbol);
}

static void look_at(struct looking *l)
{
    struct about *about = &l->u->deliver.about;
    const struct page_record *r;
    while ((r = page_take(l->page)) != NULL) {
        if (l->is_found || !vls_ok(about_read(about, &r->record)) || !is_it(l, about))
            continue;
        l->is_found = true;
        l->is_deleted = marc_is_deleted(&r->record);
    }
}

static int take(void *ctx, struct plug_answer *answer, const void *bytes, size_t len)
{
    struct looking *l = ctx;
    if (!vls_ok(page_feed(l->page, VLS_SLICE(bytes, len)))) {
        plug_malformed(answer, "page", "no memory for a page of records");
        return -1;
    }
    look_at(l);
    return 0;
}

/* One page of matches. true: it was one, and facts are those of it; false: the finding says why. */
static bool read_page(struct looking *l, const char *url)
{
    struct plug_ask ask = {.url = url, .kinds = PLUG_XML | PLUG_JSON, .any_status = true};
    struct harvest_verdict v = {.result = VLS_RESULT_MALFORMED};
    page_free(&l->page);
    l->page = page_new();
    if (l->page == NULL) {
        conclude(l, VLS_RESULT_RETRY_AT, "no memory for a page of records");
        return false;
    }
    if (plug_stream(&l->u->plug, &ask, take, l, &l->answer) != VLS_RESULT_DELIVERED) {
        uint64_t limit = l->u->plug.host->now_ms(l->u->plug.ctx) + UNDL_LIMIT_MS;
        if (l->answer.status == 429 && limit > l->answer.retry_at_ms)
            l->answer.retry_at_ms = limit;
        conclude_answer(l);
        return false;
    }
    bool is_read = vls_ok(page_end(l->page));
    look_at(l);
    if (is_read && !undl_judge(page_facts(l->page), l->answer.status,
                               l->u->plug.host->now_ms(l->u->plug.ctx), &v))
        return true;
    l->answer.result = v.result;
    l->answer.retry_at_ms = v.retry_at_ms;
    plug_copy(l->answer.why, sizeof l->answer.why, v.why);
    plug_copy(l->answer.where, sizeof l->answer.where, v.where);
    conclude_answer(l);
    return false;
}

/* false: the finding says why. */
static bool find(struct looking *l)
{
    char url[HARVEST_URL], search_id[UNDL_SEARCH_ID] = "";
    uint64_t seen = 0;
    for (unsigned i = 0; i < PAGES_MOST; i++) {
        undl_search_url(l->u, l->query, search_id, seen + 1, url, sizeof url);
        if (!read_page(l, url))
            return false;
        const struct page_facts *facts = page_facts(l->page);
        uint64_t records = facts->records + facts->damaged;
        if (l->is_found)
            return true;
        if (records == 0 && facts->total < 0 && seen == 0) {
            l->finding->where = "total";
            conclude(l, VLS_RESULT_MALFORMED,
                     "an empty list without a total: nobody can tell whether the Library has it");
            return false;
        }
        seen += records;
        if (records == 0 || (facts->total >= 0 && seen >= (uint64_t)facts->total))
            break;
        plug_copy(search_id, sizeof search_id, facts->search_id);
    }
    conclude(l, VLS_RESULT_NOT_FOUND, "the Library has no record with exactly this symbol");
    return false;
}

/* -- its files --------------------------------------------------------------------------------- */

static bool is_wanted(const struct looking *l, const struct about_file *file)
{
    const char *language = l->question->language;
    if (language == NULL || language[0] == '\0')
        return deliver_wants(&l->u->deliver, file);
    return file->language != NULL && strcasecmp(file->language, language) == 0;
}

static void fetch(struct looking *l, const struct about_file *file)
{
    struct plug_ask ask = {.url = file->url, .kinds = PLUG_DOCUMENTS};
    struct plug_answer answer;
    int fd;
    if (plug_fetch(&l->u->plug, &ask, &fd, &answer) != VLS_RESULT_DELIVERED) {
        if (l->answer.result == VLS_RESULT_NONE || l->answer.result == VLS_RESULT_DELIVERED)
            l->answer = answer;
        return;
    }
    unsigned at = l->pile.count;
    if (plug_pile_add(&l->pile, file->name, NULL, answer.kind, fd, answer.bytes) == 0)
        l->piled[at] = file;
}

static enum vls_emit emit(struct looking *l)
{
    const struct undl *u = l->u;
    const struct deliver *d = &u->deliver;
    enum vls_emit answer = VLS_EMIT_OK;
    for (unsigned i = 0; i < l->pile.count && answer == VLS_EMIT_OK; i++) {
        struct plug_piled *part = &l->pile.parts[i];
        struct vls_about says = {.size = sizeof says, .language = l->piled[i]->language};
        int fd = part->fd;
        part->fd = -1;
        answer = u->plug.resolver->emit_file(u->plug.ctx, part->name, part->type, fd);
        if (answer == VLS_EMIT_OK && d->label[0] != '\0')
            answer = u->plug.resolver->emit_label(u->plug.ctx, d->label);
        if (answer == VLS_EMIT_OK && d->says != NULL)
            answer = d->says->about_part(u->plug.ctx, &says);
    }
    return answer;
}

static enum vls_emit emit_with_record(struct looking *l, const char *url)
{
    struct deliver_says says;
    enum vls_emit answer = emit(l);
    deliver_says_of(&l->u->deliver, url, &says);
    if (answer == VLS_EMIT_OK && l->u->deliver.says != NULL)
        answer = l->u->deliver.says->about(l->u->plug.ctx, &says.about);
    return answer;
}

static void hand_over(struct looking *l, unsigned wanted, const char *url)
{
    char why[PLUG_WHY];
    if (emit_with_record(l, url) != VLS_EMIT_OK) {
        conclude(l, VLS_RESULT_RETRY_AT, "the gateway has no room for it now");
        l->finding->retry_at_ms = l->u->plug.host->now_ms(l->u->plug.ctx) + PLUG_WAIT_MS;
        return;
    }
    unsigned got = l->pile.count;
    if (got == wanted) {
        conclude(l, VLS_RESULT_DELIVERED, "");
        return;
    }
    plug_say(why, sizeof why, "%u of %u files: %s", got, wanted, l->answer.why);
    conclude(l, VLS_RESULT_PARTIAL, why);
    l->finding->got = got;
    l->finding->total = wanted;
}

static void bring(struct looking *l)
{
    static char url[PLUG_URL];
    const struct about *about = &l->u->deliver.about;
    unsigned wanted = 0;
    snprintf(url, sizeof url, "%s/record/%s", l->u->url, about->id);
    l->finding->url = url;
    if (l->is_deleted) {
        conclude(l, VLS_RESULT_NOT_FOUND, "the Library has taken the record out");
        return;
    }
    l->answer.result = VLS_RESULT_NONE;
    for (unsigned i = 0; i < about->file_count; i++)
        if (is_wanted(l, &about->files[i])) {
            wanted++;
            fetch(l, &about->files[i]);
        }
    if (wanted == 0)
        conclude(l, VLS_RESULT_NOT_PUBLISHED,
                 about->file_count == 0 ? "the Library has a record of it, and no file"
                                        : "the Library has it, and not in this language");
    else if (l->pile.count == 0)
        conclude_answer(l);
    else
        hand_over(l, wanted, url);
}

/* -- by address -------------------------------------------------------------------------------- */

/* ".../record/4026910", with a slash or a question mark behind it, is a record; what is longer is a
 * file. */
static bool is_record(const char *url, char id[24])
{
    const char *at = strstr(url, "/record/");
    size_t len = at != NULL ? strspn(at + 8, "0123456789") : 0;
    if (len == 0 || len >= 24)
        return false;
    const char *end = at + 8 + len;
    if (end[0] == '/')
        end++;
    if (end[0] != '\0' && end[0] != '?')
        return false;
    snprintf(id, 24, "%.*s", (int)len, at + 8);
    return true;
}

static void bring_file(struct looking *l)
{
    static char url[PLUG_URL];
    struct about *about = &l->u->deliver.about;
    struct marc_record none;
    struct about_file file = {.url = l->question->url, .label = "", .bytes = -1};
    plug_copy(url, sizeof url, l->question->url);
    l->finding->url = url;
    marc_init(&none);
    (void)!vls_ok(about_read(about, &none));
    about_name_of(file.url, file.name);
    fetch(l, &file);
    if (l->pile.count == 0)
        conclude_answer(l);
    else
        hand_over(l, 1, url);
}

/* -- questions --------------------------------------------------------------------------------- */

/* A phrase in quotes: what would end it is in no symbol. */
static bool make_query(struct looking *l)
{
    const char *symbol = l->question->symbol;
    if (l->id[0] != '\0')
        snprintf(l->query, sizeof l->query, "recid:%s", l->id);
    else if (strchr(symbol, '"') == NULL && strlen(symbol) <= ABOUT_SYMBOL)
        snprintf(l->query, sizeof l->query, "191__a:\"%s\"", symbol);
    return l->query[0] != '\0';
}

void undl_resolve(void *state, const struct vls_question *question, struct vls_finding *finding,
                  char *why, size_t why_room)
{
    struct undl *u = state;
    struct looking l = {
        .u = u, .question = question, .finding = finding, .why = why, .room = why_room};
    plug_pile_init(&l.pile);
    bool is_file = question->symbol[0] == '\0' && !is_record(question->url, l.id);
    if (is_file)
        bring_file(&l);
    else if (!make_query(&l))
        conclude(&l, VLS_RESULT_NOT_FOUND, "this is no symbol");
    else if (find(&l))
        bring(&l);
    page_free(&l.page);
    plug_pile_fini(&l.pile);
    plug_count(&u->plug, "questions", 1);
    plug_report(&u->plug, finding, why);
}
