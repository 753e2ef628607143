/* valise log state, valise log keys: how far the own logs are signed and confirmed, and by which
 * keys others verify them. */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "base/mem.h"
#include "base/text.h"
#include "keys.h"
#include "keys_commands.h"
#include "ledger/note.h"
#include "log_commands.h"
#include "share.h"
#include "show.h"
#include "sub.h"

/* -- state ------------------------------------------------------------------------------------- */

/** What stands against some logs, in the words of the gateway: "w1.example: status 404: ...". */
struct reason {
    struct reason *next;
    char *words, *log; /* the first of the logs */
    unsigned logs;
};

struct states {
    struct cli *cli;
    struct table table;
    struct reason *reasons; /* in the order of their first log */
};

static uint64_t signed_size(const Valise__LogState *log)
{
    struct vls_checkpoint c = {.size = 0};
    if (log->note[0] == '\0' || !vls_ok(vls_checkpoint_read(vls_slice_text(log->note), &c, NULL)))
        return 0;
    return c.size;
}

static json_t *state_json(const Valise__LogState *log)
{
    json_t *object = json_object(), *unconfirmed = json_array();
    for (size_t i = 0; i < log->n_unconfirmed; i++)
        json_array_append_new(unconfirmed, vls_json_text(log->unconfirmed[i]));
    json_object_set_new(object, "log", vls_json_text(log->origin));
    json_object_set_new(object, "entries", vls_json_number(log->size));
    json_object_set_new(object, "signed", vls_json_number(signed_size(log)));
    json_object_set_new(object, "witnessed", vls_json_number(log->witnessed_size));
    json_object_set_new(object, "stamped", vls_json_number(log->stamped_size));
    json_object_set_new(object, "stamped_at", vls_json_time(log->stamped_ms));
    json_object_set_new(object, "unconfirmed", unconfirmed);
    return object;
}

/* 0: nobody has confirmed anything of it. */
static void add_size(struct table *table, uint64_t size)
{
    if (size == 0)
        vls_table_add(table, "-");
    else
        vls_table_add_format(table, "%" PRIu64, size);
}

static void add_state(struct table *table, const Valise__LogState *log)
{
    char at[VLS_TIME_TEXT] = "-";
    if (log->stamped_ms != 0)
        vls_time_for_people(log->stamped_ms, at);
    vls_table_add(table, log->origin);
    vls_table_add_format(table, "%" PRIu64, log->size);
    vls_table_add_format(table, "%" PRIu64, signed_size(log));
    add_size(table, log->witnessed_size);
    add_size(table, log->stamped_size);
    vls_table_add(table, at);
}

/* -- what stands against them -- */

/* One witness that is away is away for all logs: said once. */
static void add_reason(struct reason **all, const char *words, const char *log)
{
    struct reason *one = NULL;
    LL_FOREACH (*all, one) {
        if (strcmp(one->words, words) != 0)
            continue;
        one->logs++;
        return;
    }
    one = vls_mem_new(sizeof *one);
    *one = (struct reason){.words = vls_mem_text(words, strlen(words)),
                           .log = vls_mem_text(log, strlen(log)),
                           .logs = 1};
    LL_APPEND(*all, one);
}

/* Of one log its name, of several how many: "w1.example (2 logs): status 404: ...". */
static void print_reasons(struct cli *cli, const struct reason *all)
{
    static const char *const TITLES[] = {"NOT CONFIRMED", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (const struct reason *one = all; one != NULL; one = one->next) {
        VLS_DEFER(vls_buf_fini) struct vls_buf line;
        const char *behind = strstr(one->words, ": "); /* the name of a witness has no blank */
        size_t who = behind != NULL ? (size_t)(behind - one->words) : strlen(one->words);
        vls_buf_init(&line, VLS_MAX_NOTE);
        struct vls_status s = one->logs == 1
                                  ? vls_buf_add_format(&line, "%.*s (%s)%s", (int)who, one->words,
                                                       one->log, one->words + who)
                                  : vls_buf_add_format(&line, "%.*s (%u logs)%s", (int)who,
                                                       one->words, one->logs, one->words + who);
        vls_table_add_coloured(&table, vls_ok(s) ? vls_buf_text(&line) : one->words, TABLE_BAD);
    }
    if (all != NULL) {
        fputc('\n', cli->out);
        vls_table_print(cli, &table);
    }
    vls_table_fini(&table);
}

static void free_reasons(struct reason *all)
{
    while (all != NULL) {
        struct reason *one = all;
        all = one->next;
        vls_mem_free(one->words);
        vls_mem_free(one->log);
        vls_mem_free(one);
    }
}

/* log_state_fn */
static struct vls_status show_state(void *ctx, const Valise__LogState *log, struct vls_why *why)
{
    struct states *states = ctx;
    if (states->cli->is_json)
        return vls_json_line(states->cli, state_json(log), why);
    add_state(&states->table, log);
    for (size_t i = 0; i < log->n_unconfirmed; i++)
        add_reason(&states->reasons, log->unconfirmed[i], log->origin);
    return VLS_DONE;
}

struct vls_status vls_log_state(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    static const char *const TITLES[] = {"LOG",      ">ENTRIES",   ">SIGNED", ">WITNESSED",
                                         ">STAMPED", "TIME STAMP", NULL};
    struct states states = {.cli = cli};
    (void)args;
    vls_table_init(&states.table, TITLES);
    struct vls_status status = vls_log_each_state(cli, show_state, &states, why);
    if (vls_ok(status) && !cli->is_json) {
        vls_table_print(cli, &states.table);
        print_reasons(cli, states.reasons);
    }
    free_reasons(states.reasons);
    vls_table_fini(&states.table);
    return status;
}

/* -- keys -------------------------------------------------------------------------------------- */

static VLS_STATUS read_public(const char *path, struct vls_note_key *out, struct vls_why *why)
{
    EVP_PKEY *key = NULL;
    if (strncmp(path, "pkcs11:", 7) == 0)
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "the log key is on the token, which this command does not ask: take its "
                        "public half from partner.yaml");
    VLS_TRY(vls_key_read(path, &key, why));
    struct vls_status s = vls_key_public_bytes(key, out->key, why);
    EVP_PKEY_free(key);
    return vls_cli_about(s, path, why);
}

static VLS_STATUS print_key(struct cli *cli, struct vls_note_key *key, const char *state,
                            struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_NOTE);
    VLS_TRY(vls_note_key_text(key, &text));
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "log", vls_json_text(key->name));
        json_object_set_new(object, "state", vls_json_text(state));
        json_object_set_new(object, "key", vls_json_text(vls_buf_text(&text)));
        return vls_json_line(cli, object, why);
    }
    fprintf(cli->out, "%s\n", vls_buf_text(&text));
    return VLS_DONE;
}

/* Of each log, in the order of `valise log state`. */
static VLS_STATUS print_keys(struct cli *cli, const struct vls_config *config, const char *path,
                             const char *state, struct vls_why *why)
{
    struct vls_note_key key = {.is_cosigner = false};
    VLS_TRY(read_public(path, &key, why));
    vls_internal_origin(config->node.party, key.name);
    VLS_TRY(print_key(cli, &key, state, why));
    for (unsigned i = 0; i < 2 * config->partners_count; i++) {
        vls_log_origin(config->node.party, config->partners[i / 2].party, i % 2 == 1, key.name);
        VLS_TRY(print_key(cli, &key, state, why));
    }
    return VLS_DONE;
}

struct vls_status vls_log_keys(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct vls_config *config = NULL;
    char next[VLS_MAX_PATH];
    (void)args;
    VLS_TRY(vls_config_load(cli->config, &config, why));
    struct vls_status s = print_keys(cli, config, config->keys.log, "in use", why);
    if (vls_ok(s))
        s = vls_keys_path(next, why, "%s" VLS_KEY_NEXT, config->keys.log);
    if (vls_ok(s) && access(next, F_OK) == 0)
        s = print_keys(cli, config, next, "next", why);
    vls_config_free(&config);
    return s;
}
