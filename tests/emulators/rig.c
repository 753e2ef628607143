#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/compat.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#define WAIT_MS           20000
#define SANITIZED_WAIT_MS 120000 /* many times slower */

static void on_failure(const struct rig *rig, const char *words)
{
    char *log = rig->run != NULL ? kit_run_log(rig->run) : NULL;
    print_error("%s\n", log != NULL ? log : "");
    vls_mem_free(log);
    fail_msg("%s", words);
}

static void need(const struct rig *rig, struct vls_status status, const struct vls_why *why)
{
    if (!vls_ok(status))
        on_failure(rig, why->text);
}

static void remove_tree(const char *directory)
{
    pid_t pid = fork();
    if (pid == 0) {
        execlp("rm", "rm", "-rf", directory, NULL);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
}

/* -- what sweeps up ---------------------------------------------------------------------------- */

/** The directory goes when this process does, whichever way that ends: with it, the last writer of
 * the broom's standard input is gone. */
static void start_broom(struct rig *rig)
{
    static const char SWEEP[] = "trap '' INT TERM HUP; while read -r _; do :; done; rm -rf \"$1\"";
    int leash[2];
    assert_int_equal(pipe2(leash, O_CLOEXEC), 0);
    rig->broom = fork();
    assert_true(rig->broom >= 0);
    if (rig->broom == 0) {
        dup2(leash[0], STDIN_FILENO);
        execl("/bin/sh", "sh", "-c", SWEEP, "sh", rig->directory, NULL);
        _exit(127);
    }
    close(leash[0]);
    rig->leash = leash[1];
}

/* -- the emulator ------------------------------------------------------------------------------ */

/* Keys and certificates of the emulators of one program: the first makes them, the others find
 * them. Making them takes longer than most tests. */
static char kept_pki[] = "/tmp/valise-emulator-pki.XXXXXX";

static void remove_pki(void)
{
    remove_tree(kept_pki);
}

static void lend_pki(const struct rig *rig)
{
    static bool is_there;
    char path[96];
    if (!is_there) {
        assert_non_null(mkdtemp(kept_pki));
        is_there = atexit(remove_pki) == 0;
    }
    snprintf(path, sizeof path, "%s/pki", rig->directory);
    assert_int_equal(symlink(kept_pki, path), 0);
}

static void start_server(struct rig *rig)
{
    int input[2], output[2];
    char line[128] = "";
    assert_int_equal(pipe2(input, O_CLOEXEC), 0);
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    rig->server = fork();
    assert_true(rig->server >= 0);
    if (rig->server == 0) {
        dup2(input[0], 0);
        dup2(output[1], 1);
        execl(VALISE_SOURCE_DIR "/tests/emulators/server", "server", rig->directory, NULL);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    rig->input = input[1];
    rig->output = fdopen(output[0], "r");
    while (fgets(line, sizeof line, rig->output) != NULL && strcmp(line, "ready\n") != 0)
        (void)sscanf(line, "port %u", &rig->port);
    assert_string_equal(line, "ready\n");
}

unsigned rig_say(struct rig *rig, const char *fmt, ...)
{
    char words[512], answer[256] = "";
    unsigned number = 0;
    va_list list;
    va_start(list, fmt);
    int len = vsnprintf(words, sizeof words - 1, fmt, list);
    va_end(list);
    assert_true(len > 0 && len < (int)sizeof words - 1);
    words[len] = '\n';
    assert_int_equal(write(rig->input, words, (size_t)len + 1), len + 1);
    assert_non_null(fgets(answer, sizeof answer, rig->output));
    if (strncmp(answer, "ok", 2) != 0)
        fail_msg("%.*s: %s", len, words, answer);
    (void)sscanf(answer, "ok %u", &number);
    return number;
}

static char *read_file(const char *path)
{
    struct vls_buf bytes;
    vls_buf_init(&bytes, 64u << 20);
    VLS_IGNORE(vls_file_read(path, &bytes, NULL), "one that is not there is empty");
    char *text = vls_mem_text((const char *)bytes.at, bytes.len);
    vls_buf_fini(&bytes);
    return text;
}

unsigned rig_seen(const struct rig *rig, const char *text)
{
    char path[96], *line, *next;
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/requests", rig->directory);
    char *log = read_file(path);
    for (next = log; (line = strsep(&next, "\n")) != NULL;)
        count += strstr(line, text) != NULL;
    vls_mem_free(log);
    return count;
}

/* -- the plugin -------------------------------------------------------------------------------- */

static void load_scheme(struct rig *rig)
{
    struct vls_why why = {""};
    need(rig,
         vls_scheme_set_load(&rig->schemes, VALISE_SOURCE_DIR "/schemas/spif/un-sgb-2007-6.xml",
                             &why),
         &why);
}

void rig_open(struct rig *rig, const char *plugin, const char *hosts)
{
    struct vls_why why = {""};
    *rig = (struct rig){.directory = "/tmp/valise-emulator.XXXXXX"};
    assert_non_null(mkdtemp(rig->directory));
    signal(SIGPIPE, SIG_IGN);
    start_broom(rig);
    lend_pki(rig);
    start_server(rig);
    load_scheme(rig);
    vls_text_copy(rig->hosts, sizeof rig->hosts, hosts);
    snprintf(rig->http_file, sizeof rig->http_file, "%s/http.yaml", rig->directory);
    rig->options =
        (struct kit_options){.file = plugin, .schemes = &rig->schemes, .http = rig->http_file};
    need(rig, kit_open(&rig->options, &rig->kit, &why), &why);
    if (!rig->kit.is_described)
        fail_msg("%s", rig->kit.undescribed.text);
    rig->run = vls_mem_new(sizeof *rig->run);
    need(rig, kit_run_init(&rig->kit, rig->run, &why), &why);
}

void rig_http(struct rig *rig, const char *lines)
{
    vls_text_copy(rig->more, sizeof rig->more, lines);
}

const char *rig_secret(struct rig *rig, const char *name, const char *value)
{
    static char path[128];
    struct vls_why why = {""};
    snprintf(path, sizeof path, "%s/%s", rig->directory, name);
    need(rig, vls_file_write(path, vls_slice_text(value), 0600, &why), &why);
    return path;
}

void rig_set(struct rig *rig, const char *name, const char *value)
{
    kit_run_set(rig->run, name, value);
}

static void write_http(struct rig *rig)
{
    char text[RIG_HTTP + 1024];
    snprintf(text, sizeof text,
             "hosts: [%s]\nproxy: http://127.0.0.1:%u\nca: %s/pki/ca/root.pem\n"
             "requests-per-second: 10000\nconnections: 16\n%s\n",
             rig->hosts, rig->port, rig->directory, rig->more);
    (void)rig_secret(rig, "http.yaml", text);
}

void rig_start(struct rig *rig)
{
    struct vls_why why = {""};
    write_http(rig);
    kit_session_close(&rig->run->session);
    kit_memory_fini(&rig->run->memory);
    rig->run->memory = (struct kit_memory){.count = 0};
    need(rig, kit_run_start(rig->run, &why), &why);
}

void rig_restart(struct rig *rig)
{
    struct vls_why why = {""};
    need(rig, kit_run_again(rig->run, &why), &why);
}

void rig_end(struct rig *rig)
{
    struct vls_why why = {""};
    need(rig, kit_session_stop(&rig->run->session, &why), &why);
}

void rig_close(struct rig *rig)
{
    if (rig->run != NULL)
        kit_run_fini(rig->run);
    vls_mem_free(rig->run);
    kit_close(&rig->kit);
    vls_scheme_set_free(&rig->schemes);
    close(rig->input);
    waitpid(rig->server, NULL, 0);
    fclose(rig->output);
    close(rig->leash);
    waitpid(rig->broom, NULL, 0);
}

bool rig_logged(const struct rig *rig, const char *text)
{
    char *log = kit_run_log(rig->run);
    bool is_there = strstr(log, text) != NULL;
    vls_mem_free(log);
    return is_there;
}

/* -- resolvers --------------------------------------------------------------------------------- */

const Valise__ResolveResult *rig_resolve(struct rig *rig, const char *what, const char *language)
{
    struct vls_why why = {""};
    bool is_url = strstr(what, "://") != NULL;
    struct kit_question question = {
        .symbol = is_url ? NULL : what, .url = is_url ? what : NULL, .language = language};
    struct vls_id id = kit_id(++rig->asked);
    need(rig, kit_session_resolve(&rig->run->session, &question, &id, &why), &why);
    const Valise__ResolveResult *found = kit_session_found(&rig->run->session);
    if (found == NULL)
        on_failure(rig, "an answer without a finding");
    return found;
}

char *rig_part(const struct rig *rig, size_t part, size_t *out_len)
{
    const Valise__ResolveResult *found = kit_session_found(&rig->run->session);
    assert_true(part < found->n_parts);
    uint64_t bytes = found->parts[part]->part->bytes;
    uint8_t *content = vls_mem_new((size_t)bytes + 1);
    assert_true(
        vls_ok(vls_fd_read_at(rig->run->session.answer_fds.fd[part], content, bytes, 0, NULL)));
    *out_len = (size_t)bytes;
    return (char *)content;
}

/* -- sources ----------------------------------------------------------------------------------- */

static unsigned wanted;

static bool has_come(struct kit_session *session)
{
    return session->is_over || session->memory->count >= wanted;
}

void rig_wait(struct rig *rig, unsigned documents)
{
    char words[96];
    wanted = documents;
    (void)kit_session_pump(&rig->run->session, has_come,
                           vls_is_sanitized() ? SANITIZED_WAIT_MS : WAIT_MS);
    snprintf(words, sizeof words, "%u of %u documents come", rig->run->memory.count, documents);
    if (rig->run->session.is_over || rig->run->memory.count < documents)
        on_failure(rig, words);
}

void rig_quiet(struct rig *rig, int ms)
{
    wanted = rig->run->memory.count + 1;
    if (kit_session_pump(&rig->run->session, has_come, ms))
        on_failure(rig, rig->run->session.is_over ? "the host has ended" : "there is more");
}

const struct kit_message *rig_message(const struct rig *rig, const char *origin)
{
    for (unsigned i = 0; i < rig->run->memory.count; i++)
        if (strcmp(rig->run->memory.messages[i]->origin, origin) == 0)
            return rig->run->memory.messages[i];
    return NULL;
}
