/* reliefweb-post - submits a received message to ReliefWeb's Post API: one PUT a message, under an
 * identifier that is made of the document's address, so that a second one is harmless. What a
 * message must hold and what the answers mean is in valise-reliefweb-post(7).
 *
 * Where this leads is a public place. So a message is taken only if its label, and that of each of
 * its documents, is one of those that the operator listed; nothing is compared, joined or mapped:
 * a label that is not listed is refused, whatever it means.
 *
 * Documents pass: their digests are what leaves, for ReliefWeb fetches the files itself from where
 * they are published. The description is kept in memory until the end. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/common.h"
#include "submission.h"

#define DESCRIPTION       "reliefweb.json"
#define DESCRIPTION_BYTES (1u << 20)
#define REPLY_BYTES       4096u

static const struct vls_setting SETTINGS[] = {
    {.name = "labels",
     .type = VLS_SETTING_TEXT,
     .flags = VLS_SETTING_REQUIRED,
     .min = 1,
     .max = 4000,
     .help = "Labels whose messages are public and may go to ReliefWeb, with | between; all others "
             "are refused."},
    {.name = "provider",
     .type = VLS_SETTING_TEXT,
     .flags = VLS_SETTING_REQUIRED,
     .min = 1,
     .max = 256,
     .help = "The provider's identifier that ReliefWeb gave (X-RW-POST-API-PROVIDER); its key goes "
             "into http.credentials."},
    {.name = "base-url",
     .type = VLS_SETTING_TEXT,
     .min = 9,
     .max = 1024,
     .fallback = "https://reliefweb.int/api/v2",
     .help = "Where the service is: https://HOST[:PORT][/PATH], of the hosts in http.hosts."},
    {.name = "timeout-seconds",
     .type = VLS_SETTING_NUMBER,
     .min = 1,
     .max = 600,
     .fallback = "60",
     .help = "How long its answer may take, in seconds."},
    {0},
};

struct poster {
    struct plug plug;
    char base[1025];
    /* of the message that is being delivered */
    struct submission submission;
    struct plug_bytes text; /* the description */
    bool is_description;    /* the part that is being written */
    bool has_description;
    uint64_t part_bytes;
    EVP_MD_CTX *digest;
};

/* -- start ------------------------------------------------------------------------------------- */

static void forget(struct poster *p)
{
    submission_fini(&p->submission);
    plug_bytes_fini(&p->text);
    p->is_description = p->has_description = false;
}

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    struct poster *p = calloc(1, sizeof *p);
    (void)host;
    if (p != NULL)
        p->digest = EVP_MD_CTX_new();
    *out_state = p;
    if (p != NULL && p->digest != NULL)
        return 0;
    plug_say(why, room, "no memory");
    return -1;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct poster *p = state;
    char name[PLUG_FIELD];
    if (plug_open(&p->plug, host, PLUG_WEB, why, room) != 0)
        return -1;
    plug_copy(p->base, sizeof p->base, host->setting(host->ctx, "base-url"));
    for (size_t len = strlen(p->base); len > 0 && p->base[len - 1] == '/'; len--)
        p->base[len - 1] = '\0';
    if (plug_url_host(name, sizeof name, p->base) && strpbrk(p->base, "?#") == NULL)
        return 0;
    plug_say(why, room, "setting base-url must be https://HOST[:PORT][/PATH], without ? and #: %s",
             p->base);
    return -1;
}

static void stop(void *state)
{
    struct poster *p = state;
    if (p == NULL)
        return;
    forget(p);
    EVP_MD_CTX_free(p->digest);
    free(p);
}

/* -- what may go ------------------------------------------------------------------------------- */

/* Exactly one of those between the bars, blanks around them aside. */
static bool is_listed(const struct poster *p, const char *label)
{
    const char *at = p->plug.host->setting(p->plug.ctx, "labels");
    size_t len = label != NULL ? strlen(label) : 0;
    while (at != NULL && len > 0) {
        at += strspn(at, " |");
        size_t end = strcspn(at, "|"), used = end;
        while (used > 0 && at[used - 1] == ' ')
            used--;
        if (used == len && strncmp(at, label, len) == 0)
            return true;
        if (at[end] == '\0')
            return false;
        at += end;
    }
    return false;
}

static enum vls_answer refuse_label(char *why, size_t room, const char *what)
{
    plug_say(why, room,
             "%s has a label that setting labels does not list: ReliefWeb is a public place", what);
    return VLS_ANSWER_REFUSE;
}

static bool is_for_the_public(const struct vls_message *m)
{
    for (uint64_t i = 0; i < m->audience_count; i++)
        if (strcmp(m->audience[i], "public") == 0)
            return true;
    return m->audience_count == 0;
}

/* How its sender states that it is to be handled binds whoever has it. */
static enum vls_answer check_handling(const struct poster *p, const struct vls_message *m,
                                      char *why, size_t room)
{
    char until[21];
    const char *distribution = m->distribution != NULL ? m->distribution : "";
    enum vls_answer answer = VLS_ANSWER_REFUSE;
    if ((m->flags & VLS_PERSONAL_DATA) != 0) {
        plug_say(why, room, "the message holds personal data, which is not for a public place");
    } else if (distribution[0] != '\0' && strcmp(distribution, "general") != 0) {
        plug_say(why, room, "its distribution is %s: only what is for general distribution goes",
                 distribution);
    } else if (!is_for_the_public(m)) {
        plug_say(why, room, "the message names an audience, and \"public\" is not in it");
    } else if (m->embargo_until_ms > p->plug.host->now_ms(p->plug.ctx)) {
        plug_time_print(m->embargo_until_ms, until);
        plug_say(why, room, "it is under embargo until %s, and not given out before", until);
        answer = VLS_ANSWER_RETRY;
    } else {
        return VLS_ANSWER_DONE;
    }
    return answer;
}

/* -- documents --------------------------------------------------------------------------------- */

static enum vls_answer deliver_begin(void *state, const struct vls_message *m, char *why,
                                     size_t room)
{
    struct poster *p = state;
    forget(p);
    if (!is_listed(p, m->label))
        return refuse_label(why, room, "the message");
    if (m->part_count > SUBMISSION_FILES + 1) {
        plug_say(why, room, "ReliefWeb takes at most %u files a document, and a message %u more",
                 SUBMISSION_FILES, 1u);
        return VLS_ANSWER_REFUSE;
    }
    return check_handling(p, m, why, room);
}

static enum vls_answer begin_file(struct poster *p, const struct vls_part *part, char *why,
                                  size_t room)
{
    struct submission *s = &p->submission;
    if (s->file_count == SUBMISSION_FILES || part->bytes > SUBMISSION_FILE_BYTES) {
        plug_say(why, room, "document %s: ReliefWeb takes at most %u files of %u MiB", part->name,
                 SUBMISSION_FILES, SUBMISSION_FILE_BYTES >> 20);
        return VLS_ANSWER_REFUSE;
    }
    plug_copy(s->files[s->file_count].name, SUBMISSION_NAME, part->name);
    if (EVP_DigestInit_ex(p->digest, EVP_sha256(), NULL) == 1)
        return VLS_ANSWER_DONE;
    plug_say(why, room, "libcrypto makes no digest");
    return VLS_ANSWER_RETRY;
}

static enum vls_answer begin_description(struct poster *p, const struct vls_part *part, char *why,
                                         size_t room)
{
    if (p->has_description || part->bytes > DESCRIPTION_BYTES) {
        plug_say(why, room, DESCRIPTION " comes twice, or is larger than %u bytes",
                 DESCRIPTION_BYTES);
        return VLS_ANSWER_REFUSE;
    }
    p->text.at = malloc((size_t)part->bytes + 1);
    p->text.room = (size_t)part->bytes + 1;
    if (p->text.at != NULL)
        return VLS_ANSWER_DONE;
    plug_say(why, room, "no memory for " DESCRIPTION);
    return VLS_ANSWER_RETRY;
}

static enum vls_answer part_begin(void *state, const struct vls_part *part, char *why, size_t room)
{
    struct poster *p = state;
    p->part_bytes = 0;
    p->is_description = strcmp(part->name, DESCRIPTION) == 0;
    if (!is_listed(p, part->label))
        return refuse_label(why, room, part->name);
    if (!p->is_description)
        return begin_file(p, part, why, room);
    enum vls_answer answer = begin_description(p, part, why, room);
    p->has_description = answer == VLS_ANSWER_DONE;
    return answer;
}

static enum vls_answer take_description(struct poster *p, const void *bytes, size_t len, char *why,
                                        size_t room)
{
    if (len > p->text.room - 1 - p->text.len) {
        plug_say(why, room, DESCRIPTION " is longer than it was said to be");
        return VLS_ANSWER_REFUSE;
    }
    memcpy(p->text.at + p->text.len, bytes, len);
    p->text.len += len;
    p->text.at[p->text.len] = '\0';
    return VLS_ANSWER_DONE;
}

static enum vls_answer part_bytes(void *state, const void *bytes, size_t len, char *why,
                                  size_t room)
{
    struct poster *p = state;
    struct submission *s = &p->submission;
    if (p->is_description)
        return take_description(p, bytes, len, why, room);
    if (p->part_bytes == 0 && plug_kind_of(bytes, len) != PLUG_PDF) {
        plug_say(why, room, "document %s is %s: ReliefWeb takes PDF alone",
                 s->files[s->file_count].name, plug_kind_words(plug_kind_of(bytes, len)));
        return VLS_ANSWER_REFUSE;
    }
    p->part_bytes += len;
    if (EVP_DigestUpdate(p->digest, bytes, len) == 1)
        return VLS_ANSWER_DONE;
    plug_say(why, room, "libcrypto makes no digest");
    return VLS_ANSWER_RETRY;
}

static enum vls_answer part_end(void *state, char *why, size_t room)
{
    struct poster *p = state;
    struct submission *s = &p->submission;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (p->is_description)
        return VLS_ANSWER_DONE;
    if (p->part_bytes == 0) {
        plug_say(why, room, "document %s is empty", s->files[s->file_count].name);
        return VLS_ANSWER_REFUSE;
    }
    if (EVP_DigestFinal_ex(p->digest, digest, &len) != 1) {
        plug_say(why, room, "libcrypto makes no digest");
        return VLS_ANSWER_RETRY;
    }
    for (unsigned i = 0; i < len; i++)
        snprintf(s->files[s->file_count].sha256 + 2 * i, 3, "%02x", digest[i]);
    s->file_count++;
    return VLS_ANSWER_DONE;
}

/* -- the submission ---------------------------------------------------------------------------- */

/* Their replies are bare JSON strings: "Document processed." false: it is none, so not theirs. */
static bool read_reply(const struct plug_bytes *bytes, const struct plug_answer *answer, char *out,
                       size_t room)
{
    /* of a refusal only the start is kept, which is all that such a reply is */
    const char *text = bytes->at != NULL ? bytes->at : answer->body;
    json_t *reply = json_loads(text, JSON_DECODE_ANY, NULL);
    bool is_text = json_is_string(reply);
    out[0] = '\0';
    if (is_text)
        plug_say(out, room, "%s", json_string_value(reply));
    json_decref(reply);
    return is_text;
}

static enum vls_answer report(struct poster *p, enum vls_answer answer, uint32_t result,
                              const struct plug_answer *from, const char *why)
{
    struct vls_finding finding = {.size = sizeof finding};
    plug_finding(&finding, from);
    finding.result = result;
    if (result == VLS_RESULT_QUEUED)
        finding.receipt = p->submission.uuid;
    plug_report(&p->plug, &finding, why);
    return answer;
}

/* What a status that refuses means. */
static enum vls_answer refused(struct poster *p, const struct plug_answer *answer,
                               const char *reply, char *why, size_t room)
{
    uint32_t result = VLS_RESULT_REFUSED;
    if (answer->status == 401 || answer->status == 403)
        result = VLS_RESULT_NEEDS_KEY;
    plug_say(
        why, room, "ReliefWeb answered %u: %s%s", answer->status,
        reply[0] != '\0' ? reply : "nothing that it documents",
        result == VLS_RESULT_NEEDS_KEY
            ? "; look at setting provider, the key in http.credentials, and what ReliefWeb lets "
              "this provider post"
            : "");
    return report(p, VLS_ANSWER_REFUSE, result, answer, why);
}

static bool is_for_later(unsigned status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

/* 202 is success here, where everywhere else on that host it is a challenge for programs: only with
 * their reply in it does it count, and 200 neither without. */
static enum vls_answer of_status(struct poster *p, struct plug_answer *answer, const char *reply,
                                 bool is_theirs, char *why, size_t room)
{
    if (answer->status == 200 && is_theirs)
        return report(p, VLS_ANSWER_DONE, VLS_RESULT_DELIVERED, answer, reply);
    if (answer->status == 202 && is_theirs)
        return report(p, VLS_ANSWER_DONE, VLS_RESULT_QUEUED, answer, reply);
    if (answer->status < 300 || is_for_later(answer->status)) {
        if (answer->status == 202)
            answer->result = VLS_RESULT_BLOCKED;
        else if (answer->status < 300)
            answer->result = VLS_RESULT_MALFORMED;
        else
            answer->result = VLS_RESULT_RETRY_AT;
        plug_say(why, room, "ReliefWeb answered %u: %s", answer->status,
                 is_theirs               ? reply
                 : answer->status == 202 ? "a challenge for programs, and took nothing"
                                         : "not as it documents");
        return report(p, VLS_ANSWER_RETRY, answer->result, answer, why);
    }
    return refused(p, answer, reply, why, room);
}

/* There is no status: nothing came, or none that counts. */
static enum vls_answer of_outcome(struct poster *p, const struct plug_answer *answer, char *why,
                                  size_t room)
{
    bool is_final = answer->how == VLS_HTTP_DENIED || answer->how == VLS_HTTP_INVALID ||
                    answer->how == VLS_HTTP_REDIRECT;
    plug_say(why, room, "%s", answer->why);
    return report(p, is_final ? VLS_ANSWER_REFUSE : VLS_ANSWER_RETRY, answer->result, answer, why);
}

static enum vls_answer put(struct poster *p, const char *json, char *why, size_t room)
{
    char url[PLUG_URL], reply[PLUG_WHY];
    struct plug_bytes bytes = {NULL, 0, 0};
    struct plug_answer answer;
    const struct vls_http_header fields[] = {
        {"Content-Type", "application/json"},
        {"Accept", "application/json"},
        {"X-RW-POST-API-PROVIDER", p->plug.host->setting(p->plug.ctx, "provider")}};
    snprintf(url, sizeof url, "%s/reports/%s", p->base, p->submission.uuid);
    struct plug_ask ask = {
        .url = url,
        .method = "PUT",
        .headers = fields,
        .header_count = sizeof fields / sizeof fields[0],
        .body = json,
        .body_bytes = strlen(json),
        .kinds = ~0u,
        .timeout_ms =
            (uint32_t)p->plug.host->setting_number(p->plug.ctx, "timeout-seconds") * 1000u,
        .is_accepted_good = true,
        .any_status = true,
        .no_redirect = true};
    (void)plug_gather(&p->plug, &ask, REPLY_BYTES, &bytes, &answer);
    bool is_theirs = read_reply(&bytes, &answer, reply, sizeof reply);
    enum vls_answer result = answer.status == 0 || answer.how != VLS_HTTP_OK
                                 ? of_outcome(p, &answer, why, room)
                                 : of_status(p, &answer, reply, is_theirs, why, room);
    plug_bytes_fini(&bytes);
    return result;
}

static enum vls_answer deliver_end(void *state, char *why, size_t room)
{
    struct poster *p = state;
    if (!p->has_description) {
        plug_say(why, room,
                 "the message has no document " DESCRIPTION ", which says what is submitted: "
                 "valise-reliefweb-post(7)");
        return VLS_ANSWER_REFUSE;
    }
    if (!submission_make(&p->submission, &p->text, why, room))
        return VLS_ANSWER_REFUSE;
    char *json = json_dumps(p->submission.json, JSON_COMPACT);
    if (json == NULL) {
        plug_say(why, room, "no memory for the submission");
        return VLS_ANSWER_RETRY;
    }
    enum vls_answer answer = put(p, json, why, room);
    free(json);
    if (answer == VLS_ANSWER_DONE) /* otherwise deliver_abort() comes */
        forget(p);
    return answer;
}

static void deliver_abort(void *state)
{
    forget(state);
}

static const struct vls_plugin PLUGIN = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_RECEIVE,
    .roles = VLS_PLUGIN_SINK,
    .id = "reliefweb-post",
    .version = "1.0",
    .summary = "Submits received public messages to ReliefWeb's Post API.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .deliver_begin = deliver_begin,
    .part_begin = part_begin,
    .part_bytes = part_bytes,
    .part_end = part_end,
    .deliver_end = deliver_end,
    .deliver_abort = deliver_abort,
};

VLS_PLUGIN_EXPORT(PLUGIN)
