#include "deliver.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "common/words.h"

#define KEY_NAME 80 /* of the identifier in an origin key */
#define KEY_ROOM 129
#define XML_ROOM (8u << 20)
/* all that is said of a message is at most 24 KiB: addresses of files when there are as many as
 * languages, and of a length that addresses have */
#define FILES_WITH_URL 16u
#define URL_SAID       200u

void deliver_init(struct deliver *d, struct plug *plug, const char *scope, const char *licence)
{
    const struct vls_host *host = plug->host;
    memset(d, 0, sizeof *d);
    d->plug = plug;
    d->scope = scope;
    d->licence = licence;
    d->says = host->service(host->ctx, "valise.about/1");
    d->kind = host->setting(host->ctx, "kind");
    d->to = host->setting(host->ctx, "to");
    d->label = host->setting(host->ctx, "label");
    d->languages = host->setting(host->ctx, "languages");
    d->issuer = host->setting(host->ctx, "issuer");
    d->has_files = host->setting_number(host->ctx, "deliver") == 1;
    d->is_xml = host->setting_number(host->ctx, "form") == 1;
    d->tells_deleted = host->setting_number(host->ctx, "deleted") == 0;
    about_init(&d->about);
}

void deliver_fini(struct deliver *d)
{
    about_fini(&d->about);
}

/* -- one message ------------------------------------------------------------------------------- */

struct draft {
    struct deliver *d;
    const struct page_record *record;
    bool is_deleted;
    json_t *json;
    char *text; /* of the record, as it is handed over */
    size_t text_len;
    char key[KEY_ROOM];
    uint64_t mark;
    struct plug_pile pile;
    const struct about_file *piled[ABOUT_FILES];
};

static void draft_fini(struct draft *t)
{
    json_decref(t->json);
    free(t->text);
    plug_pile_fini(&t->pile);
}

static const char *identifier_of(const struct draft *t)
{
    const char *id = t->record->identifier;
    return id != NULL ? id : t->d->about.id;
}

static bool describe(struct draft *t)
{
    const struct page_record *r = t->record;
    const char *status = t->is_deleted ? "deleted" : "active";
    t->json = r->record.form != MARC_NONE ? about_json(&t->d->about, &r->record) : json_object();
    return t->json != NULL &&
           json_object_set_new(t->json, "format", json_string("valise-record/1")) == 0 &&
           json_object_set_new(t->json, "source", json_string(t->d->scope)) == 0 &&
           json_object_set_new(t->json, "identifier", json_string(identifier_of(t))) == 0 &&
           json_object_set_new(t->json, "datestamp",
                               json_string(r->datestamp != NULL ? r->datestamp : "")) == 0 &&
           json_object_set_new(t->json, "status", json_string(status)) == 0;
}

/* The same version of a record has the same key, whatever of its files could be had. */
static bool make_key(struct draft *t)
{
    char name[KEY_NAME], hex[VLS_DIGEST_BYTES * 2 + 1];
    char *dump = json_dumps(t->json, JSON_COMPACT | JSON_SORT_KEYS);
    if (dump == NULL)
        return false;
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text(dump));
    free(dump);
    vls_hex(VLS_SLICE(digest.bytes, VLS_DIGEST_BYTES), hex);
    snprintf(name, sizeof name, "%s", identifier_of(t));
    for (char *at = name; *at != '\0'; at++)
        if (*at <= ' ' || *at >= 0x7f)
            *at = '_';
    snprintf(t->key, sizeof t->key, "%s#%s%.32s", name,
             t->d->has_files ? "files-"
             : t->d->is_xml  ? "xml-"
                             : "",
             hex);
    memcpy(&t->mark, digest.bytes, sizeof t->mark);
    t->mark |= 1;
    return true;
}

static bool is_seen(const struct deliver *d, uint64_t mark)
{
    for (unsigned i = 0; i < DELIVER_SEEN && d->seen[i] != 0; i++)
        if (d->seen[i] == mark)
            return true;
    return false;
}

void deliver_forget(struct deliver *d)
{
    memset(d->seen, 0, sizeof d->seen);
    d->next_seen = 0;
}

/* -- files ------------------------------------------------------------------------------------- */

bool deliver_wants(const struct deliver *d, const struct about_file *file)
{
    return d->languages[0] == '\0' ||
           (file->language != NULL && plug_has_word(d->languages, file->language));
}

static bool is_for_later(uint32_t result)
{
    return result == VLS_RESULT_RETRY_AT || result == VLS_RESULT_BLOCKED ||
           result == VLS_RESULT_NEEDS_KEY;
}

/* What is missing is said in the record that goes. */
static void note_missing(struct draft *t, const struct about_file *file,
                         const struct plug_answer *answer)
{
    json_t *list = json_object_get(t->json, "missing");
    if (list == NULL) {
        list = json_array();
        json_object_set_new(t->json, "missing", list);
    }
    json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "url", file->url, "outcome",
                                          plug_result_name(answer->result), "why", answer->why));
}

/* false: it is to be tried again later. */
static bool fetch_file(struct draft *t, const struct about_file *file, bool gives_up,
                       struct plug_answer *answer)
{
    struct plug_ask ask = {.url = file->url, .kinds = PLUG_DOCUMENTS};
    int fd;
    if (plug_fetch(t->d->plug, &ask, &fd, answer) == VLS_RESULT_DELIVERED) {
        unsigned at = t->pile.count;
        if (plug_pile_add(&t->pile, file->name, NULL, answer->kind, fd, answer->bytes) == 0)
            t->piled[at] = file;
        return true;
    }
    if (is_for_later(answer->result) && !gives_up)
        return false;
    note_missing(t, file, answer);
    return true;
}

static bool fetch_files(struct draft *t, bool gives_up, struct plug_answer *answer)
{
    const struct about *about = &t->d->about;
    for (unsigned i = 0; i < about->file_count; i++)
        if (deliver_wants(t->d, &about->files[i]) &&
            !fetch_file(t, &about->files[i], gives_up, answer))
            return false;
    return true;
}

/* -- what it says ------------------------------------------------------------------------------ */

void deliver_says_of(const struct deliver *d, const char *url, struct deliver_says *out)
{
    const struct about *about = &d->about;
    bool has_symbols = d->issuer[0] != '\0';
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < about->related_count; i++)
        out->relations[i].symbol = about->related[i];
    out->about = (struct vls_about){
        .size = sizeof out->about,
        .issuer = has_symbols ? d->issuer : NULL,
        .symbols = about->symbols,
        .symbol_count = has_symbols ? about->symbol_count : 0,
        .language = about->language,
        .title = about->title,
        .published = about->published,
        .bodies = about->bodies,
        .body_count = about->body_count,
        .subjects = about->subjects,
        .subject_count = about->subject_count,
        .url = url,
        .licence = d->licence != NULL ? d->licence : about->rights,
        .record = about->id,
        .relations = out->relations,
        .relation_count = has_symbols ? about->related_count : 0,
    };
}

/* -- handing over ------------------------------------------------------------------------------ */

static enum vls_emit emit_record(struct draft *t)
{
    const struct vls_source_service *source = t->d->plug->source;
    void *ctx = t->d->plug->ctx;
    bool is_xml = t->d->is_xml && !t->is_deleted;
    bool is_dc = t->record->record.form == MARC_DUBLIN_CORE;
    enum vls_emit answer = source->emit_part(ctx, is_xml ? "record.xml" : "record.json",
                                             !is_xml ? "application/json"
                                             : is_dc ? "application/xml"
                                                     : "application/marcxml+xml");
    return answer == VLS_EMIT_OK ? source->emit_bytes(ctx, t->text, t->text_len) : answer;
}

static enum vls_emit emit_files(struct draft *t)
{
    const struct plug *plug = t->d->plug;
    enum vls_emit answer = VLS_EMIT_OK;
    for (unsigned i = 0; i < t->pile.count && answer == VLS_EMIT_OK; i++) {
        struct plug_piled *part = &t->pile.parts[i];
        int fd = part->fd;
        part->fd = -1;
        answer = plug->source->emit_file(plug->ctx, part->name, part->type, fd);
        const struct about_file *file = t->piled[i];
        bool says_url = t->pile.count <= FILES_WITH_URL && strlen(file->url) <= URL_SAID;
        struct vls_about says = {
            .size = sizeof says, .language = file->language, .url = says_url ? file->url : NULL};
        if (answer == VLS_EMIT_OK && t->d->says != NULL)
            answer = t->d->says->about_part(plug->ctx, &says);
    }
    return answer;
}

static enum vls_emit emit_all(struct draft *t, const char *cursor)
{
    const struct plug *plug = t->d->plug;
    struct deliver_says says;
    enum vls_emit answer = emit_record(t);
    if (answer == VLS_EMIT_OK)
        answer = emit_files(t);
    deliver_says_of(t->d, NULL, &says);
    if (answer == VLS_EMIT_OK && t->d->says != NULL)
        answer = t->d->says->about(plug->ctx, &says.about);
    if (answer == VLS_EMIT_OK && cursor != NULL)
        answer = plug->source->emit_state(plug->ctx, "cursor", cursor, strlen(cursor));
    return answer;
}

static bool write_text(struct draft *t)
{
    if (!t->d->is_xml || t->is_deleted) {
        t->text = json_dumps(t->json, JSON_INDENT(2));
        t->text_len = t->text != NULL ? strlen(t->text) : 0;
        return t->text != NULL;
    }
    struct vls_buf xml;
    vls_buf_init(&xml, XML_ROOM);
    bool is_written = vls_ok(marc_xml(&t->record->record, &xml));
    t->text = is_written ? malloc(xml.len) : NULL;
    if (t->text != NULL) {
        memcpy(t->text, xml.at, xml.len);
        t->text_len = xml.len;
    }
    vls_buf_fini(&xml);
    return t->text != NULL;
}

static enum vls_emit begin(struct draft *t)
{
    char subject[1024];
    const struct deliver *d = t->d;
    const char *title = d->about.title;
    if (t->is_deleted)
        snprintf(subject, sizeof subject, "Record %s was taken out of the catalogue", t->key);
    else
        plug_copy(subject, sizeof subject, title[0] != '\0' ? title : t->key);
    const struct vls_document document = {.size = sizeof document,
                                          .origin_key = t->key,
                                          .kind = d->kind,
                                          .to = d->to,
                                          .label = d->label,
                                          .subject = subject};
    return d->plug->source->emit_begin(d->plug->ctx, &document);
}

static enum deliver_outcome outcome_of(enum vls_emit answer)
{
    switch (answer) {
    case VLS_EMIT_OK:
        return DELIVER_DONE;
    case VLS_EMIT_BUSY:
    case VLS_EMIT_SYSTEM:
        return DELIVER_BUSY;
    case VLS_EMIT_INVALID:
        break;
    }
    return DELIVER_REFUSED;
}

static enum deliver_outcome hand_over(struct draft *t, const char *cursor, bool gives_up,
                                      uint64_t token, struct plug_answer *answer)
{
    const struct plug *plug = t->d->plug;
    enum vls_emit emitted = begin(t);
    if (emitted != VLS_EMIT_OK)
        return outcome_of(emitted);
    if (t->d->has_files && !t->is_deleted && !fetch_files(t, gives_up, answer)) {
        plug->source->emit_abort(plug->ctx);
        return DELIVER_LATER;
    }
    if (!write_text(t)) {
        plug->source->emit_abort(plug->ctx);
        return DELIVER_BUSY;
    }
    emitted = emit_all(t, cursor);
    return outcome_of(emitted == VLS_EMIT_OK ? plug->source->emit_end(plug->ctx, token) : emitted);
}

enum deliver_outcome deliver_record(struct deliver *d, const struct page_record *record,
                                    const char *cursor, bool gives_up, uint64_t token,
                                    struct plug_answer *answer)
{
    struct draft t = {.d = d,
                      .record = record,
                      .is_deleted = record->is_deleted || marc_is_deleted(&record->record)};
    if (!vls_ok(about_read(&d->about, &record->record)))
        return DELIVER_BUSY;
    /* what was deleted is of use to nobody without its name, and what is not without its content */
    bool is_of_use = t.is_deleted ? d->tells_deleted && identifier_of(&t)[0] != '\0'
                                  : record->record.form != MARC_NONE;
    if (!is_of_use)
        return DELIVER_SKIPPED;
    plug_pile_init(&t.pile);
    enum deliver_outcome outcome = DELIVER_BUSY;
    if (describe(&t) && make_key(&t))
        outcome =
            is_seen(d, t.mark) ? DELIVER_SKIPPED : hand_over(&t, cursor, gives_up, token, answer);
    if (outcome == DELIVER_DONE) {
        d->seen[d->next_seen] = t.mark;
        d->next_seen = (d->next_seen + 1) % DELIVER_SEEN;
    }
    draft_fini(&t);
    return outcome;
}
