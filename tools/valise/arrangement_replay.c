/* valise arrangement replay: what these rules would have made of what was decided before, from the
 * decision records of exported messages or of the running gateway. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arrangement_books.h"
#include "arrangement_commands.h"
#include "base/file.h"
#include "base/mem.h"
#include "client.h"
#include "envelope/manifest.h"
#include "envelope/parcel.h"
#include "labels.h"
#include "policy/explain.h"
#include "policy/replay.h"
#include "share.h"
#include "show.h"

#define EXIT_DIFFERENT 1
#define MAX_FILES      65536u /* of one directory */
#define MAX_TRANSITIONS                                                                            \
    128u                  /* refer with 1 to 9 officers, and three more, each to each: 144 less    \
                             those that change nothing */
#define MAX_NAMED     20u /* that cannot be decided again; the rest are counted */
#define ROWS_AT_ONCE  1000u
#define PROGRESS_STEP 500u
#define PAGE          100u
#define OUTCOME_TEXT  24
#define RULES_TEXT    512
#define TAR_MAGIC_AT  257
#define TAR_MAGIC     "ustar"

struct transition {
    char before[OUTCOME_TEXT], now[OUTCOME_TEXT];
    size_t count;
};

struct replay {
    struct cli *cli;
    const struct vls_scheme_set *schemes;
    const struct vls_arrangement *arrangement;
    struct vls_replay *rules;
    uint64_t at_ms; /* 0: when it was decided */
    struct table table;
    size_t decided, changed, undecided, without, outside;
    struct transition transitions[MAX_TRANSITIONS + 1]; /* the last one: all others */
    size_t transition_count;
    struct vls_why *why;
};

/* -- words ------------------------------------------------------------------------------------- */

static void outcome_text(const Valise__DecisionRecord *record, char out[OUTCOME_TEXT])
{
    if (record->outcome == VALISE__DECISION_RECORD__OUTCOME__REFER)
        snprintf(out, OUTCOME_TEXT, "refer %" PRIu32, record->approvals);
    else
        snprintf(out, OUTCOME_TEXT, "%s", vls_outcome_name((enum vls_outcome)record->outcome));
}

/** The rules that gave the outcome, or the reason when none did. */
static void rules_text(const Valise__DecisionRecord *record, char out[RULES_TEXT])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < record->n_rules && used < RULES_TEXT; i++) {
        if (record->rules[i]->effect != record->outcome)
            continue;
        int n = snprintf(out + used, RULES_TEXT - used, "%s%s%s", used != 0 ? ", " : "",
                         record->rules[i]->house ? "house:" : "", record->rules[i]->id);
        used += n > 0 ? (size_t)n : 0;
    }
    if (used == 0)
        snprintf(out, RULES_TEXT, "%s", record->reason);
}

static const char *fact(const Valise__DecisionRecord *record, const char *name)
{
    for (size_t i = 0; i < record->n_facts; i++)
        if (strcmp(record->facts[i]->name, name) == 0)
            return record->facts[i]->value;
    return "";
}

/* -- one change -------------------------------------------------------------------------------- */

static void count_transition(struct replay *r, const char *before, const char *now)
{
    size_t i = 0;
    while (i < r->transition_count && (strcmp(r->transitions[i].before, before) != 0 ||
                                       strcmp(r->transitions[i].now, now) != 0))
        i++;
    if (i == r->transition_count && i < MAX_TRANSITIONS) {
        struct transition *made = &r->transitions[r->transition_count++];
        snprintf(made->before, sizeof made->before, "%s", before);
        snprintf(made->now, sizeof made->now, "%s", now);
    }
    r->transitions[i].count++;
}

static void flush_table(struct replay *r)
{
    static const char *const TITLES[] = {
        "ID", "KIND", "FROM", "TO", "WAS", "NOW", "BY RULES BEFORE", "BY RULES NOW", NULL};
    if (r->table.cell_count != 0) {
        vls_table_print(r->cli, &r->table);
        fputc('\n', r->cli->out);
    }
    vls_table_fini(&r->table);
    vls_table_init(&r->table, TITLES);
}

struct change {
    const char *source; /* file, or empty */
    const Valise__DecisionRecord *old, *new_record;
};

static VLS_STATUS show_change(struct replay *r, const struct change *c)
{
    char id[VLS_ID_TEXT], before[OUTCOME_TEXT], now[OUTCOME_TEXT];
    char rules_before[RULES_TEXT], rules_now[RULES_TEXT];
    const char *const texts[] = {id,
                                 fact(c->old, "kind"),
                                 fact(c->old, "from"),
                                 fact(c->old, "to"),
                                 before,
                                 now,
                                 rules_before,
                                 rules_now};
    static const char *const NAMES[] = {"id",  "kind", "from",         "to",
                                        "old", "new",  "rules_before", "rules_now"};
    vls_show_id(c->old->id, id);
    outcome_text(c->old, before);
    outcome_text(c->new_record, now);
    rules_text(c->old, rules_before);
    rules_text(c->new_record, rules_now);
    count_transition(r, before, now);
    r->changed++;
    if (!r->cli->is_json) {
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            vls_table_add(&r->table, texts[i]);
        if (r->changed % ROWS_AT_ONCE == 0)
            flush_table(r);
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "what", vls_json_text("change"));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        json_object_set_new(object, NAMES[i], vls_json_text(texts[i]));
    json_object_set_new(object, "file", vls_json_text(c->source));
    json_object_set_new(object, "decided", vls_json_time(c->old->decided_ms));
    return vls_json_line(r->cli, object, r->why);
}

static VLS_STATUS compare_records(struct replay *r, const char *source,
                                  const Valise__DecisionRecord *old, struct vls_slice now)
{
    /* of an incoming message that no house rule stops there is nothing to record */
    static char let_in[] = "let in: no house rule says otherwise";
    Valise__DecisionRecord none = VALISE__DECISION_RECORD__INIT, *record = NULL;
    none.outcome = VALISE__DECISION_RECORD__OUTCOME__RELEASE;
    none.reason = let_in;
    if (now.len != 0)
        VLS_TRY(vls_decision_record_read(now, &record, r->why));
    const struct change c = {source, old, record != NULL ? record : &none};
    struct vls_status status = VLS_DONE;
    if (c.new_record->outcome != old->outcome || c.new_record->approvals != old->approvals)
        status = show_change(r, &c);
    if (record != NULL)
        valise__decision_record__free_unpacked(record, NULL);
    return status;
}

/* -- one record -------------------------------------------------------------------------------- */

static VLS_STATUS say_undecided(struct replay *r, const char *source, const char *words)
{
    r->undecided++;
    if (r->cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "what", vls_json_text("undecided"));
        json_object_set_new(object, "file", vls_json_text(source));
        json_object_set_new(object, "reason", vls_json_text(words));
        return vls_json_line(r->cli, object, r->why);
    }
    if (r->undecided <= MAX_NAMED)
        fprintf(r->cli->err, "valise arrangement: %s: not decided again: %s\n", source, words);
    return VLS_DONE;
}

/** What a label means, its scheme says: with another version of it the decision is another one. */
static bool has_schemes(const struct replay *r, const Valise__DecisionRecord *record,
                        struct vls_why *out)
{
    for (size_t i = 0; i < record->n_schemes; i++) {
        const Valise__SchemeUse *use = record->schemes[i];
        const struct vls_scheme *scheme = vls_scheme_set_by_name(r->schemes, use->name);
        if (scheme == NULL) {
            snprintf(out->text, sizeof out->text, "scheme %.60s is not loaded; give --scheme",
                     use->name);
            return false;
        }
        if (!vls_slice_is_equal(vls_digest_slice(vls_scheme_digest(scheme)),
                                VLS_SLICE(use->digest.data, use->digest.len))) {
            snprintf(out->text, sizeof out->text,
                     "it was decided with another version of scheme %.60s", use->name);
            return false;
        }
    }
    return true;
}

static void say_progress(const struct replay *r, bool is_last)
{
    size_t seen = r->decided + r->undecided;
    if (r->cli->is_json || isatty(STDERR_FILENO) != 1 || seen < PROGRESS_STEP)
        return;
    if (is_last)
        fputs("\r\033[K", r->cli->err);
    else if (seen % PROGRESS_STEP == 0)
        fprintf(r->cli->err, "\rdecided again: %zu, otherwise: %zu", r->decided, r->changed);
}

/** By the fast evaluator alone where that says enough: whether the same officers are still enough,
 * it does not. */
static VLS_STATUS decide_again(struct replay *r, const char *source,
                               const Valise__DecisionRecord *record, struct vls_slice bytes)
{
    struct vls_replayed replayed;
    struct vls_why reason = {""};
    struct vls_decision d = {.outcome = VLS_OUTCOME_RELEASE};
    struct vls_status status = vls_replay_one(r->rules, bytes, r->at_ms, &replayed, &reason);
    if (!vls_ok(status))
        return say_undecided(r, source, reason.text);
    if (replayed.before == replayed.now && replayed.now != VLS_OUTCOME_REFER) {
        r->decided++;
        return VLS_DONE;
    }
    status = vls_redecide(r->rules, bytes, NULL, r->at_ms, &d, &reason);
    if (!vls_ok(status))
        return say_undecided(r, source, reason.text);
    r->decided++;
    status = compare_records(r, source, record, vls_buf_slice(&d.record));
    vls_decision_fini(&d);
    return status;
}

static VLS_STATUS replay_record(struct replay *r, const char *source, struct vls_slice bytes)
{
    Valise__DecisionRecord *record = NULL;
    struct vls_why reason = {""};
    struct vls_status status = vls_decision_record_read(bytes, &record, &reason);
    if (!vls_ok(status))
        return say_undecided(r, source, reason.text);
    uint64_t at_ms = r->at_ms != 0 ? r->at_ms : record->decided_ms;
    r->outside += !vls_arrangement_is_in_force(r->arrangement, at_ms);
    status = has_schemes(r, record, &reason) ? decide_again(r, source, record, bytes)
                                             : say_undecided(r, source, reason.text);
    valise__decision_record__free_unpacked(record, NULL);
    say_progress(r, false);
    return status;
}

/* -- files ------------------------------------------------------------------------------------- */

static bool is_parcel(int fd)
{
    char magic[sizeof TAR_MAGIC - 1];
    return pread(fd, magic, sizeof magic, TAR_MAGIC_AT) == (ssize_t)sizeof magic &&
           memcmp(magic, TAR_MAGIC, sizeof magic) == 0;
}

static VLS_STATUS replay_parcel(struct replay *r, const char *path, int fd)
{
    Valise__Evidence *evidence = NULL;
    struct vls_digest content;
    struct vls_why reason = {""};
    struct vls_status status = vls_parcel_read(fd, -1, &evidence, content.bytes, &reason);
    if (!vls_ok(status))
        return say_undecided(r, path, reason.text);
    if (evidence->decision.len == 0)
        r->without++;
    else
        status = replay_record(r, path, VLS_SLICE(evidence->decision.data, evidence->decision.len));
    valise__evidence__free_unpacked(evidence, NULL);
    return status;
}

static VLS_STATUS replay_file(struct replay *r, const char *path)
{
    VLS_DEFER(vls_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    struct vls_why reason = {""};
    vls_buf_init(&bytes, VLS_MAX_DECISION);
    if (fd < 0)
        return vls_fail_errno(VLS_CLI_USAGE, r->why, errno, "%.160s: cannot be opened", path);
    if (is_parcel(fd))
        return replay_parcel(r, path, fd);
    struct vls_status status = vls_fd_read_all(fd, &bytes, &reason);
    return vls_ok(status) ? replay_record(r, path, vls_buf_slice(&bytes))
                          : say_undecided(r, path, "neither a parcel nor a decision record");
}

static VLS_STATUS replay_names(struct replay *r, const char *dir, char *const *names, size_t count)
{
    char path[VLS_MAX_PATH];
    for (size_t i = 0; i < count; i++) {
        VLS_TRY(vls_path_join(dir, names[i], path, sizeof path));
        VLS_TRY(replay_file(r, path));
    }
    return VLS_DONE;
}

static VLS_STATUS replay_ending(struct replay *r, const char *dir, const char *end)
{
    char **names VLS_DEFER(vls_mem_freep) = vls_mem_try(MAX_FILES * sizeof *names);
    size_t count = 0;
    if (names == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, r->why, "no memory for the names in %.120s", dir);
    VLS_TRY(vls_cli_list_files(dir, end, names, MAX_FILES, &count, r->why));
    struct vls_status status =
        count < MAX_FILES
            ? replay_names(r, dir, names, count)
            : vls_cli_usage(r->why, dir, "holds %u files or more; name parts of it", MAX_FILES);
    for (size_t i = 0; i < count; i++)
        vls_mem_free(names[i]);
    return status;
}

static VLS_STATUS replay_path(struct replay *r, const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return vls_fail_errno(VLS_CLI_USAGE, r->why, errno, "%.160s: cannot be opened", path);
    if (!S_ISDIR(about.st_mode))
        return replay_file(r, path);
    VLS_TRY(replay_ending(r, path, ".valise"));
    return replay_ending(r, path, ".pb");
}

/* -- the gateway ------------------------------------------------------------------------------- */

static VLS_STATUS replay_message(struct replay *r, ProtobufCBinaryData id)
{
    char name[VLS_ID_TEXT];
    struct client_answer answer;
    Valise__OperatorShow show = VALISE__OPERATOR_SHOW__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    show.id = id;
    show.with_decision = true;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_SHOW;
    request.show = &show;
    vls_show_id(id, name);
    VLS_TRY(
        vls_client_ask(r->cli, &(struct client_question){.request = &request}, &answer, r->why));
    struct vls_status status = VLS_DONE;
    ProtobufCBinaryData decision = answer.reply->decision;
    if (decision.len == 0)
        r->without++;
    else
        status = replay_record(r, name, VLS_SLICE(decision.data, decision.len));
    vls_client_answer_fini(&answer);
    return status;
}

static VLS_STATUS replay_page(struct replay *r, const Valise__OperatorReply *reply,
                              uint8_t last[VLS_ID_BYTES])
{
    for (size_t i = 0; i < reply->n_rows; i++) {
        if (reply->rows[i]->id.len != VLS_ID_BYTES)
            return vls_fail(VLS_WIRE_MALFORMED, r->why, "the gateway's answer holds a bad id");
        vls_copy(last, reply->rows[i]->id.data, VLS_ID_BYTES);
        VLS_TRY(replay_message(r, reply->rows[i]->id));
    }
    return VLS_DONE;
}

static VLS_STATUS replay_gateway(struct replay *r)
{
    uint8_t last[VLS_ID_BYTES] = {0};
    Valise__OperatorList list = VALISE__OPERATOR_LIST__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_LIST;
    request.list = &list;
    list.limit = PAGE;
    for (bool has_more = true; has_more;) {
        struct client_answer answer;
        VLS_TRY(vls_client_ask(r->cli, &(struct client_question){.request = &request}, &answer,
                               r->why));
        struct vls_status status = replay_page(r, answer.reply, last);
        has_more = answer.reply->has_more && answer.reply->n_rows > 0;
        vls_client_answer_fini(&answer);
        VLS_TRY(status);
        list.before = (ProtobufCBinaryData){sizeof last, last};
    }
    return VLS_DONE;
}

/* -- the whole --------------------------------------------------------------------------------- */

static VLS_STATUS say_result_json(struct replay *r)
{
    json_t *object = json_object(), *transitions = json_array();
    for (size_t i = 0; i < r->transition_count; i++) {
        json_t *t = json_object();
        json_object_set_new(t, "old", vls_json_text(r->transitions[i].before));
        json_object_set_new(t, "new", vls_json_text(r->transitions[i].now));
        json_object_set_new(t, "count", vls_json_number(r->transitions[i].count));
        json_array_append_new(transitions, t);
    }
    json_object_set_new(object, "what", vls_json_text("result"));
    json_object_set_new(object, "decided", vls_json_number(r->decided));
    json_object_set_new(object, "same", vls_json_number(r->decided - r->changed));
    json_object_set_new(object, "changed", vls_json_number(r->changed));
    json_object_set_new(object, "undecided", vls_json_number(r->undecided));
    json_object_set_new(object, "without", vls_json_number(r->without));
    json_object_set_new(object, "outside", vls_json_number(r->outside));
    json_object_set_new(object, "transitions", transitions);
    return vls_json_line(r->cli, object, r->why);
}

static VLS_STATUS say_result(struct replay *r)
{
    say_progress(r, true);
    flush_table(r);
    if (r->undecided > MAX_NAMED && !r->cli->is_json)
        fprintf(r->cli->err, "valise arrangement: and %zu more that cannot be decided again\n",
                r->undecided - MAX_NAMED);
    if (r->outside != 0)
        fprintf(r->cli->err,
                "valise arrangement: %zu of them lie outside of the time that these rules are in "
                "force; --at decides all as at one time\n",
                r->outside);
    if (r->cli->is_json)
        return say_result_json(r);
    for (size_t i = 0; i < r->transition_count; i++)
        fprintf(r->cli->out, "%8zu  %s -> %s\n", r->transitions[i].count, r->transitions[i].before,
                r->transitions[i].now);
    if (r->transition_count != 0)
        fputc('\n', r->cli->out);
    fprintf(r->cli->out,
            "%zu decided again: %zu the same, %zu otherwise; %zu cannot be decided again, %zu have "
            "no decision\n",
            r->decided, r->decided - r->changed, r->changed, r->undecided, r->without);
    return VLS_DONE;
}

static VLS_STATUS replay_all(struct replay *r, const struct cli_args *args)
{
    for (size_t i = 2; i < args->operand_count; i++)
        VLS_TRY(replay_path(r, args->operands[i]));
    if (args->operand_count < 3)
        VLS_TRY(replay_gateway(r));
    VLS_TRY(say_result(r));
    if (r->changed != 0)
        r->cli->exit_status = EXIT_DIFFERENT;
    if (r->undecided != 0) /* the answer is not whole */
        r->cli->exit_status = vls_status_exit((struct vls_status){VLS_INPUT_MALFORMED});
    return VLS_DONE;
}

static VLS_STATUS load_and_replay(struct replay *r, const struct cli_args *args)
{
    struct cli_books books;
    VLS_TRY(vls_cli_books_load(args->operands[1], args, r->schemes, &books, r->why));
    r->arrangement = books.joint;
    struct vls_status status =
        vls_replay_new(r->schemes, books.joint, books.house, &r->rules, r->why);
    if (vls_ok(status)) {
        flush_table(r);
        status = replay_all(r, args);
        vls_table_fini(&r->table);
    }
    vls_replay_free(&r->rules);
    vls_cli_books_fini(&books);
    return status;
}

struct vls_status vls_arrangement_cmd_replay(struct cli *cli, const struct cli_args *args,
                                             struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct replay *r VLS_DEFER(vls_mem_freep) = vls_mem_new(sizeof *r);
    r->cli = cli;
    r->schemes = &schemes;
    r->why = why;
    if (vls_cli_has(args, "at"))
        VLS_TRY(vls_cli_books_time(cli, args, &r->at_ms, why));
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    return load_and_replay(r, args);
}
