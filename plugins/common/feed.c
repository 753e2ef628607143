#include "feed.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tidy.h"

#define MINUTE_MS      UINT64_C(60000)
#define MIB            (UINT64_C(1) << 20)
#define PIECE          65536u
#define LEAST_REST_MS  10u
#define SETTLE_MS      30u  /* a document is on its way: its outcome makes the next one due */
#define RETRY_MS       200u /* a document that was not taken now                         */
#define DOUBLINGS_MOST 10u
#define RETRIES_MOST   300u
#define DAY_MS         UINT64_C(86400000)
#define SUBJECT_BYTES  1025u
#define MINOR(abi)     ((abi)&0xffffu)
#define ABI_TO_ALL     4u /* minor version of a host that takes a document for whoever subscribes */

static uint64_t now_of(const struct feed *feed)
{
    return feed->plug.host->steady_ms(feed->plug.ctx);
}

static const char *setting(const struct feed *feed, const char *name)
{
    const char *value = feed->plug.host->setting(feed->plug.ctx, name);
    return value != NULL ? value : "";
}

static uint64_t number(const struct feed *feed, const char *name)
{
    return (uint64_t)feed->plug.host->setting_number(feed->plug.ctx, name);
}

static bool is_name(const char *text)
{
    static const char FIRST[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    return text[0] != '\0' && strchr(FIRST, text[0]) != NULL &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-_")] == '\0';
}

static int check_settings(const struct feed *feed, char *why, size_t room)
{
    char host[PLUG_FIELD];
    if (!plug_url_host(host, sizeof host, feed->base) || strchr(feed->base, '?') != NULL ||
        strchr(feed->base, '#') != NULL) {
        plug_say(why, room,
                 "setting base-url must be https://HOST[:PORT][/PATH], without ? and #: %s",
                 feed->base);
        return -1;
    }
    if (!is_name(feed->kind) || (feed->to[0] != '\0' && !is_name(feed->to))) {
        plug_say(why, room, "settings kind and to are names, of a-z, 0-9, '.', '-' and '_': %s %s",
                 feed->kind, feed->to);
        return -1;
    }
    if (feed->to[0] == '\0' && MINOR(feed->plug.host->abi) < ABI_TO_ALL) {
        plug_say(why, room, "setting to is missing: this gateway does not know subscriptions");
        return -1;
    }
    return 0;
}

int feed_start(struct feed *feed, const struct vls_host *host, char *why, size_t room)
{
    if (plug_open(&feed->plug, host, PLUG_WEB | PLUG_STATE | PLUG_SOURCE, why, room) != 0)
        return -1;
    feed->about = host->service(host->ctx, "valise.about/1");
    plug_copy(feed->base, sizeof feed->base, setting(feed, "base-url"));
    for (size_t len = strlen(feed->base); len > 0 && feed->base[len - 1] == '/'; len--)
        feed->base[len - 1] = '\0';
    feed->label = setting(feed, "label");
    feed->to = setting(feed, "to");
    feed->kind = setting(feed, "kind");
    feed->every_ms = number(feed, "every-minutes") * MINUTE_MS;
    feed->timeout_ms = (uint32_t)number(feed, "timeout-seconds") * 1000u;
    feed->max_bytes = number(feed, "max-mib") * MIB;
    return check_settings(feed, why, room);
}

void feed_stop(struct feed *feed)
{
    free(feed->tasks);
    feed->tasks = NULL;
    feed->count = 0;
}

/* -- tasks ------------------------------------------------------------------------------------- */

bool feed_add(struct feed *feed, const char *name)
{
    for (unsigned i = 0; i < feed->count; i++)
        if (strcmp(feed->tasks[i].name, name) == 0)
            return true;
    if (feed->tasks == NULL)
        feed->tasks = calloc(FEED_TASKS, sizeof *feed->tasks);
    if (feed->tasks == NULL || feed->count == FEED_TASKS)
        return false;
    return plug_copy(feed->tasks[feed->count++].name, FEED_NAME, name);
}

static struct feed_task *earliest(const struct feed *feed)
{
    struct feed_task *first = NULL;
    for (unsigned i = 0; i < feed->count; i++)
        if (first == NULL || feed->tasks[i].due_ms < first->due_ms)
            first = &feed->tasks[i];
    return first;
}

struct feed_task *feed_next(struct feed *feed)
{
    struct feed_task *task = earliest(feed);
    uint64_t now = now_of(feed);
    bool is_due = task != NULL && task->due_ms <= now && feed->closed_until_ms <= now;
    return is_due && !feed->is_under_way ? task : NULL;
}

uint32_t feed_rest(const struct feed *feed)
{
    const struct feed_task *task = earliest(feed);
    uint64_t now = now_of(feed), due = task != NULL ? task->due_ms : now + feed->every_ms;
    if (feed->is_under_way)
        return SETTLE_MS;
    if (due < feed->closed_until_ms)
        due = feed->closed_until_ms;
    uint64_t rest = due > now ? due - now : LEAST_REST_MS;
    return (uint32_t)(rest > DAY_MS ? DAY_MS : rest < LEAST_REST_MS ? LEAST_REST_MS : rest);
}

void feed_go_on(struct feed_task *task)
{
    task->due_ms = 0;
    task->failures = 0;
}

/* Ever later, but not rarer than it would be looked at anyhow. */
static uint64_t backoff(const struct feed *feed, unsigned failures)
{
    uint64_t wait = PLUG_WAIT_MS << (failures < DOUBLINGS_MOST ? failures : DOUBLINGS_MOST);
    return wait < feed->every_ms ? wait : feed->every_ms;
}

/* By the clock that is theirs, into the one that only grows. */
static uint64_t wait_until(const struct feed *feed, uint64_t at_ms)
{
    uint64_t now = feed->plug.host->now_ms(feed->plug.ctx);
    uint64_t wait = at_ms > now ? at_ms - now : 0;
    return wait < DAY_MS ? wait : DAY_MS;
}

static void set_due(struct feed *feed, struct feed_task *task, const struct plug_answer *answer)
{
    uint64_t now = now_of(feed), wait = backoff(feed, task->failures);
    switch (answer->result) {
    case VLS_RESULT_DELIVERED:
    case VLS_RESULT_UNCHANGED:
    case VLS_RESULT_PARTIAL:
    case VLS_RESULT_NOT_FOUND:
    case VLS_RESULT_NOT_PUBLISHED:
        task->failures = 0;
        task->due_ms = now + feed->every_ms;
        return;
    case VLS_RESULT_RETRY_AT: /* the host spaces requests by it, too; nobody else is asked there */
        if (answer->retry_at_ms != 0 && wait < wait_until(feed, answer->retry_at_ms))
            wait = wait_until(feed, answer->retry_at_ms);
        if (answer->status == 429 || answer->status == 503)
            feed->closed_until_ms = now + wait;
        break;
    case VLS_RESULT_BLOCKED:
    case VLS_RESULT_NEEDS_KEY:
    case VLS_RESULT_REFUSED: /* a person has to act: not in a loop, and not for each task */
        wait = feed->every_ms > PLUG_FIX_MS ? feed->every_ms : PLUG_FIX_MS;
        if (answer->result != VLS_RESULT_REFUSED ||
            answer->status != 200) /* it is they who refuse */
            feed->closed_until_ms = now + PLUG_FIX_MS;
        break;
    default:
        break;
    }
    task->failures++;
    task->due_ms = now + wait;
}

void feed_done(struct feed *feed, struct feed_task *task, const struct plug_answer *answer)
{
    feed_done_in_part(feed, task, answer, 0, 0);
}

void feed_done_in_part(struct feed *feed, struct feed_task *task, const struct plug_answer *answer,
                       uint64_t got, uint64_t total)
{
    struct vls_finding finding = {.size = sizeof finding, .got = got, .total = total};
    char why[PLUG_WHY];
    set_due(feed, task, answer);
    plug_finding(&finding, answer);
    if (finding.result == VLS_RESULT_RETRY_AT && finding.retry_at_ms == 0)
        finding.retry_at_ms = feed->plug.host->now_ms(feed->plug.ctx) + task->due_ms - now_of(feed);
    plug_say(why, sizeof why, "%s: %s", task->name,
             answer->why[0] != '\0' ? answer->why : plug_result_name(answer->result));
    plug_report(&feed->plug, &finding, why);
    plug_count(&feed->plug, plug_result_name(answer->result), 1);
}

void feed_url(const struct feed *feed, char out[PLUG_URL], const char *path)
{
    if (!plug_copy(out, PLUG_URL, feed->base) || !plug_add(out, PLUG_URL, path))
        out[0] = '\0';
}

struct plug_ask feed_ask(const struct feed *feed, const char *url, unsigned kinds)
{
    return (struct plug_ask){
        .url = url, .kinds = kinds, .max_bytes = feed->max_bytes, .timeout_ms = feed->timeout_ms};
}

/* -- what is handed over ----------------------------------------------------------------------- */

bool feed_scan(int fd, int (*take)(void *ctx, const void *bytes, size_t len), void *ctx)
{
    static unsigned char piece[PIECE];
    off_t at = 0;
    ssize_t len = 0;
    while ((len = pread(fd, piece, sizeof piece, at)) > 0) {
        if (take(ctx, piece, (size_t)len) != 0)
            return false;
        at += len;
    }
    return len == 0;
}

static int add_digest(void *ctx, const void *bytes, size_t len)
{
    return EVP_DigestUpdate(ctx, bytes, len) == 1 ? 0 : -1;
}

bool feed_digest(int fd, char hex[FEED_HEX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    bool is_fine = sha != NULL && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) == 1 &&
                   feed_scan(fd, add_digest, sha) && EVP_DigestFinal_ex(sha, digest, &len) == 1;
    EVP_MD_CTX_free(sha);
    for (unsigned i = 0; is_fine && i < len; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return is_fine;
}

void feed_note(struct feed_note *note, const char *name, const char *fmt, ...)
{
    char line[FEED_NOTE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    plug_trim(line);
    if (strlen(note->text) + strlen(name) + strlen(line) + sizeof ": \n" > sizeof note->text)
        return;
    plug_add(note->text, sizeof note->text, name);
    plug_add(note->text, sizeof note->text, ": ");
    plug_add(note->text, sizeof note->text, line);
    plug_add(note->text, sizeof note->text, "\n");
}

uint32_t feed_attach(struct feed *feed, struct plug_pile *pile, const char *url, const char *name,
                     unsigned kinds, struct plug_answer *answer)
{
    char safe[PLUG_NAME];
    int fd = -1;
    struct plug_ask ask = feed_ask(feed, url, kinds);
    uint64_t left = pile->bytes < FEED_MESSAGE ? FEED_MESSAGE - pile->bytes : 1;
    if (left < ask.max_bytes)
        ask.max_bytes = left;
    if (plug_fetch(&feed->plug, &ask, &fd, answer) != VLS_RESULT_DELIVERED)
        return answer->result;
    plug_file_name(safe, sizeof safe, name);
    if (plug_pile_add(pile, safe, NULL, answer->kind, fd, answer->bytes) != 0)
        return plug_malformed(answer, safe, "there is no room for more files in one message");
    return answer->result;
}

/* Parts in the pile's order, each with the label of its own. */
static enum vls_emit emit_parts(struct feed *feed, const struct feed_paper *paper)
{
    const struct vls_source_service *source = feed->plug.source;
    struct plug_pile *pile = paper->pile;
    if (paper->each == NULL)
        return plug_pile_emit(pile, &feed->plug, NULL);
    enum vls_emit answer = VLS_EMIT_OK;
    for (unsigned i = 0; i < pile->count && answer == VLS_EMIT_OK; i++) {
        int fd = pile->parts[i].fd;
        pile->parts[i].fd = -1; /* taken, also on failure */
        answer = source->emit_file(feed->plug.ctx, pile->parts[i].name, pile->parts[i].type, fd);
        if (answer == VLS_EMIT_OK && paper->each[i] != NULL)
            answer = source->emit_label(feed->plug.ctx, paper->each[i]);
    }
    plug_pile_fini(pile);
    return answer;
}

static enum vls_emit emit_all(struct feed *feed, const struct feed_paper *paper)
{
    const struct vls_source_service *source = feed->plug.source;
    char subject[SUBJECT_BYTES];
    struct tidy tidy;
    plug_say(subject, sizeof subject, "%s", paper->subject);
    struct vls_document document = {.size = sizeof document,
                                    .origin_key = feed->key,
                                    .kind = feed->kind,
                                    .to = feed->to,
                                    .label = paper->label != NULL ? paper->label : feed->label,
                                    .subject = subject,
                                    .embargo_until_ms = paper->embargo_until_ms};
    if (paper->about != NULL)
        tidy_about(&tidy, paper->about);
    enum vls_emit answer = source->emit_begin(feed->plug.ctx, &document);
    if (answer == VLS_EMIT_OK && feed->about != NULL && paper->about != NULL)
        answer = feed->about->about(feed->plug.ctx, &tidy.about);
    if (answer == VLS_EMIT_OK)
        answer = emit_parts(feed, paper);
    if (answer == VLS_EMIT_OK)
        answer = source->emit_state(feed->plug.ctx, feed->state_key, feed->state_value,
                                    strlen(feed->state_value));
    if (answer == VLS_EMIT_OK && paper->seen != NULL &&
        plug_seen_with(paper->seen, &feed->plug, paper->seen_key) != 0)
        answer = VLS_EMIT_SYSTEM;
    if (answer == VLS_EMIT_OK && paper->more_key != NULL)
        answer = source->emit_state(feed->plug.ctx, paper->more_key, paper->more_value,
                                    strlen(paper->more_value));
    return answer == VLS_EMIT_OK ? source->emit_end(feed->plug.ctx, feed->token) : answer;
}

enum vls_emit feed_emit(struct feed *feed, struct feed_task *task, const struct feed_paper *paper)
{
    plug_copy(feed->key, sizeof feed->key, paper->key);
    plug_copy(feed->state_key, sizeof feed->state_key, paper->state_key);
    plug_copy(feed->state_value, sizeof feed->state_value, paper->state_value);
    feed->of = (unsigned)(task - feed->tasks);
    feed->token++;
    enum vls_emit answer = emit_all(feed, paper);
    plug_pile_fini(paper->pile);
    feed->is_under_way = answer == VLS_EMIT_OK;
    if (answer == VLS_EMIT_BUSY || answer == VLS_EMIT_SYSTEM)
        task->due_ms = now_of(feed) + RETRY_MS;
    else if (answer == VLS_EMIT_INVALID)
        task->due_ms = now_of(feed) + feed->every_ms; /* the log says why; it may be enabled anew */
    return answer;
}

/* Later each time: a gateway that has no room has it after a while. */
static uint64_t retry_wait(const struct feed *feed)
{
    return RETRY_MS * (feed->retries < RETRIES_MOST ? feed->retries + 1 : RETRIES_MOST);
}

/* Most often a setting is wrong, or the arrangement knows no such kind: it stays due, so that
 * nothing is lost once an operator has acted. */
static void tell_refusal(struct feed *feed, struct feed_task *task, const char *reason)
{
    struct vls_finding finding = {.size = sizeof finding, .result = VLS_RESULT_REFUSED};
    char why[PLUG_WHY];
    task->due_ms = now_of(feed) + feed->every_ms;
    plug_say(why, sizeof why, "%s: the gateway refuses its document: %s", task->name, reason);
    plug_report(&feed->plug, &finding, why);
}

int feed_committed(struct feed *feed, const struct vls_commit *commit)
{
    if (!feed->is_under_way || commit->token != feed->token)
        return -1;
    struct feed_task *task = &feed->tasks[feed->of];
    feed->is_under_way = false;
    if (commit->outcome == VLS_OUTCOME_RETRY) {
        task->due_ms = now_of(feed) + retry_wait(feed);
        feed->retries++;
        return (int)commit->outcome;
    }
    feed->retries = 0;
    if (commit->outcome == VLS_OUTCOME_REFUSED)
        tell_refusal(feed, task, commit->reason != NULL ? commit->reason : "");
    return (int)commit->outcome;
}
