/* A gateway of probes (probe.c), watched through its log: every wait is for a line, never for a
 * time. */
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "proc/sandbox.h"

#define PATIENCE_MS 30000 /* until a line must have come; a passing test never waits so long */
#define LOG_BYTES   65536

struct gateway {
    char dir[256], config[300], socket[300];
    pid_t pid;
    int log; /* its standard error */
    struct vls_buf text;
    size_t seen; /* bytes of the text that lines were taken from */
    int notify;
};

/* -- making one -------------------------------------------------------------------------------- */

static void write_config(struct gateway *g, const char *name, const char *more)
{
    char yaml[2048];
    int len = snprintf(yaml, sizeof yaml,
                       "node: {party: un, name: '%s', data: data}\n"
                       "listen: {tls-certificate: tls.pem}\n"
                       "control: {socket: run/control.sock}\n"
                       "keys: {tls: k, seal: k, archive: k, log: k, witness: k,\n"
                       "  seal-certificate: c, archive-certificate: c, crypto-workers: 2}\n"
                       "schemes: [un.xml]\narrangement: arrangement.yaml\n"
                       "log: {level: debug}\n%s",
                       name, more);
    assert_true(vls_ok(vls_file_write(g->config, VLS_SLICE(yaml, (size_t)len), 0600, NULL)));
}

static void make(struct gateway *g, const char *name)
{
    const char *tmp = getenv("TMPDIR");
    *g = (struct gateway){.pid = -1, .log = -1, .notify = -1};
    vls_buf_init(&g->text, LOG_BYTES * 16);
    snprintf(g->dir, sizeof g->dir, "%s/valise-proc-XXXXXX", tmp != NULL ? tmp : "/tmp");
    assert_non_null(mkdtemp(g->dir));
    snprintf(g->config, sizeof g->config, "%s/valise.yaml", g->dir);
    snprintf(g->socket, sizeof g->socket, "%s/run/control.sock", g->dir);
    write_config(g, name, "");
}

static int open_notify(struct gateway *g)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s/notify", g->dir);
    g->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(g->notify, (const struct sockaddr *)&at, sizeof at), 0);
    return setenv("NOTIFY_SOCKET", at.sun_path, 1);
}

static void start(struct gateway *g, const char *option)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    fflush(NULL);
    g->pid = fork();
    if (g->pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        execl(PROBE, "valised", "--config", g->config, option, (char *)NULL);
        _exit(126);
    }
    vls_fd_close(&ends[1]);
    vls_fd_close(&g->log);
    g->log = ends[0];
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void unmake(struct gateway *g)
{
    vls_fd_close(&g->log);
    vls_fd_close(&g->notify);
    vls_buf_fini(&g->text);
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(nftw(g->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* -- watching it ------------------------------------------------------------------------------- */

/* More of the log; false at its end. */
static bool read_more(struct gateway *g)
{
    struct pollfd p = {.fd = g->log, .events = POLLIN};
    uint8_t *at;
    if (poll(&p, 1, PATIENCE_MS) != 1)
        fail_msg("nothing was logged in %d ms after:\n%s", PATIENCE_MS, vls_buf_text(&g->text));
    assert_true(vls_ok(vls_buf_reserve(&g->text, 4096, &at)));
    ssize_t n = read(g->log, at, 4096);
    assert_true(n >= 0);
    vls_buf_took(&g->text, (size_t)n);
    return n > 0;
}

/* The next line that holds both texts; lines before it are passed over. */
static void wait_line(struct gateway *g, const char *a, const char *b, char *line, size_t room)
{
    for (;;) {
        const char *text = vls_buf_text(&g->text);
        assert_non_null(text);
        const char *end = strchr(text + g->seen, '\n');
        if (end == NULL) {
            if (!read_more(g))
                fail_msg("no line with \"%s\" and \"%s\" in:\n%s", a, b, vls_buf_text(&g->text));
            continue;
        }
        size_t len = (size_t)(end - text) - g->seen;
        vls_text_copy(line, len + 1 < room ? len + 1 : room, text + g->seen);
        g->seen += len + 1;
        if (strstr(line, a) != NULL && strstr(line, b) != NULL)
            return;
    }
}

static void wait_for(struct gateway *g, const char *a, const char *b)
{
    char line[2048];
    wait_line(g, a, b, line, sizeof line);
}

/* Process of a role, from the line that tells of its start. */
static pid_t wait_pid(struct gateway *g, const char *role, const char *instance)
{
    char line[2048], both[128];
    uint64_t pid;
    snprintf(both, sizeof both, "role=%s instance=%s pid=", role, instance);
    wait_line(g, "event=role.start ", both, line, sizeof line);
    assert_true(vls_ok(vls_number_read(strstr(line, " pid=") + 5, 2, INT32_MAX, &pid)));
    return (pid_t)pid;
}

static int wait_end(struct gateway *g)
{
    int status;
    while (read_more(g))
        ;
    assert_int_equal(waitpid(g->pid, &status, 0), g->pid);
    if (!WIFEXITED(status))
        fail_msg("ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

static bool has_text(struct gateway *g, const char *text)
{
    return strstr(vls_buf_text(&g->text), text) != NULL;
}

static void expect_text(struct gateway *g, const char *text)
{
    if (!has_text(g, text))
        fail_msg("no \"%s\" in:\n%s", text, vls_buf_text(&g->text));
}

static void stop_orderly(struct gateway *g)
{
    assert_int_equal(kill(g->pid, SIGTERM), 0);
    int status = wait_end(g);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, vls_buf_text(&g->text));
}

/* -- start and stop ---------------------------------------------------------------------------- */

static void start__all_roles_ready__then_stops_in_order(void **state)
{
    static const char *const ORDER[] = {"control", "edge", "router", "crypto"};
    struct gateway g;
    struct stat st;
    char line[2048];
    (void)state;
    make(&g, "plain");
    start(&g, "--foreground");
    wait_for(&g, "event=gateway.ready", "party=un");
    assert_int_equal(stat(g.socket, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0660);
    expect_text(&g, "event=role.closed");
    assert_int_equal(kill(g.pid, SIGTERM), 0);
    for (size_t i = 0; i < 4; i++) {
        char role[32];
        snprintf(role, sizeof role, "role=%s", ORDER[i]);
        wait_line(&g, "event=role.end ", role, line, sizeof line);
        assert_non_null(strstr(line, "how=\"exit status 0\""));
    }
    assert_int_equal(wait_end(&g), 0);
    assert_int_not_equal(stat(g.socket, &st), 0);
    assert_false(has_text(&g, "role.died"));
    unmake(&g);
}

static void start__roles__have_no_environment_and_no_stray_descriptor(void **state)
{
    struct gateway g;
    char line[2048];
    (void)state;
    make(&g, "plain");
    int stray = fcntl(STDOUT_FILENO, F_DUPFD, 40); /* inherited by the supervisor, by no role */
    start(&g, "--foreground");
    for (int i = 0; i < 5; i++) {
        wait_line(&g, "event=probe.init", "", line, sizeof line);
        assert_non_null(strstr(line, "environment=0 stray=0"));
        assert_true((strstr(line, "listener=1") != NULL) ==
                    (strstr(line, " control event") != NULL));
    }
    vls_fd_close(&stray);
    wait_for(&g, "event=gateway.ready", "");
    stop_orderly(&g);
    unmake(&g);
}

static void start__systemd_waits__is_told(void **state)
{
    struct gateway g;
    char text[64];
    (void)state;
    make(&g, "plain");
    assert_int_equal(open_notify(&g), 0);
    start(&g, "--foreground");
    wait_for(&g, "event=gateway.ready", "");
    ssize_t n = recv(g.notify, text, sizeof text, 0);
    assert_int_equal(n, 7);
    assert_memory_equal(text, "READY=1", 7);
    stop_orderly(&g);
    unmake(&g);
}

static void start__an_init_fails__ends_with_its_words_and_status(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "fail-init");
    start(&g, "--foreground");
    assert_int_equal(wait_end(&g), vls_status_exit((struct vls_status){VLS_STORE_DAMAGED}));
    expect_text(&g, "valised: router: the probe was told to fail");
    assert_false(has_text(&g, "event=gateway.ready"));
    unmake(&g);
}

static void start__a_role_dies_without_a_word__says_how(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "die-early");
    start(&g, "--foreground");
    assert_int_equal(wait_end(&g), vls_status_exit((struct vls_status){VLS_PROC_SPAWN}));
    expect_text(&g, "valised: router ended before it served: exit status 3");
    unmake(&g);
}

static void start__second_on_the_same_data__is_refused(void **state)
{
    struct gateway g, second;
    (void)state;
    make(&g, "plain");
    start(&g, "--foreground");
    wait_for(&g, "event=gateway.ready", "");
    second = g;
    vls_buf_init(&second.text, LOG_BYTES);
    second.log = -1;
    second.seen = 0;
    start(&second, "--foreground");
    assert_int_equal(wait_end(&second), vls_status_exit((struct vls_status){VLS_STORE_BUSY}));
    expect_text(&second, "a gateway runs on it already");
    vls_fd_close(&second.log);
    vls_buf_fini(&second.text);
    stop_orderly(&g);
    unmake(&g);
}

static void start__stale_socket__is_replaced(void **state)
{
    struct gateway g;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char dir[300];
    (void)state;
    make(&g, "plain");
    snprintf(dir, sizeof dir, "%s/run", g.dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    vls_text_copy(at.sun_path, sizeof at.sun_path, g.socket);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    vls_fd_close(&fd);
    start(&g, "--foreground");
    wait_for(&g, "event=gateway.ready", "");
    stop_orderly(&g);
    unmake(&g);
}

/* -- restart ----------------------------------------------------------------------------------- */

static void killed__a_role__is_restarted_and_connected_again(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "plain");
    start(&g, "--foreground");
    pid_t crypto = wait_pid(&g, "crypto", "1");
    wait_for(&g, "event=gateway.ready", "");
    assert_int_equal(kill(crypto, SIGKILL), 0);
    wait_for(&g, "event=role.died role=crypto instance=1", "signal KILL");
    assert_int_not_equal(wait_pid(&g, "crypto", "1"), crypto);
    wait_for(&g, " router event=probe.attach", "peer=crypto instance=1");
    stop_orderly(&g);
    unmake(&g);
}

static void killed__the_router__all_siblings_get_the_new_one(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "plain");
    start(&g, "--foreground");
    pid_t router = wait_pid(&g, "router", "0");
    wait_for(&g, "event=gateway.ready", "");
    size_t begin = g.seen;
    assert_int_equal(kill(router, SIGKILL), 0);
    wait_for(&g, "event=role.ready", "role=router");
    static const char *const SIBLINGS[] = {
        " edge event=probe.attach peer=router", " control event=probe.attach peer=router",
        " crypto:0 event=probe.attach peer=router", " crypto:1 event=probe.attach peer=router"};
    for (size_t i = 0; i < 4; i++) {
        g.seen = begin; /* in whatever order they come */
        wait_for(&g, SIBLINGS[i], "");
    }
    stop_orderly(&g);
    unmake(&g);
}

static void misbehaved__a_role_says_what_it_may_not__its_sibling_ends_and_comes_back(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "plain");
    start(&g, "--foreground");
    pid_t control = wait_pid(&g, "control", "0");
    size_t begin = g.seen;
    wait_for(&g, "event=gateway.ready", "");
    g.seen = begin;
    wait_for(&g, " control event=probe.attach", "peer=router");
    assert_int_equal(kill(control, SIGUSR1), 0);
    wait_for(&g, " router event=probe.gone", "cause=WIRE_REFUSED");
    wait_for(&g, "event=role.restart", "role=router");
    stop_orderly(&g);
    unmake(&g);
}

/* -- reload ------------------------------------------------------------------------------------ */

static void reload__bad_file__serves_on(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "plain");
    start(&g, "--foreground");
    pid_t router = wait_pid(&g, "router", "0");
    wait_for(&g, "event=gateway.ready", "");
    write_config(&g, "plain", "nonsense: 1\n");
    assert_int_equal(kill(g.pid, SIGHUP), 0);
    wait_for(&g, "event=gateway.reload_failed", "unknown key 'nonsense'");
    assert_int_equal(kill(router, 0), 0);
    assert_false(has_text(&g, "event=probe.stop"));
    stop_orderly(&g);
    unmake(&g);
}

static void reload__good_file__new_roles_and_the_same_socket(void **state)
{
    struct gateway g;
    struct stat before, after;
    (void)state;
    make(&g, "plain");
    start(&g, "--foreground");
    wait_for(&g, "event=gateway.ready", "");
    assert_int_equal(stat(g.socket, &before), 0);
    write_config(&g, "other", "");
    assert_int_equal(kill(g.pid, SIGHUP), 0);
    wait_for(&g, "event=gateway.ready", "");
    wait_for(&g, "event=gateway.reloaded", "");
    assert_int_equal(stat(g.socket, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    stop_orderly(&g);
    unmake(&g);
}

static void reload__init_fails_with_the_new_file__goes_back(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "plain");
    start(&g, "--foreground");
    wait_for(&g, "event=gateway.ready", "");
    write_config(&g, "fail-init", "");
    assert_int_equal(kill(g.pid, SIGHUP), 0);
    wait_for(&g, "event=gateway.reload_failed", "the probe was told to fail");
    wait_for(&g, "event=gateway.ready", "");
    stop_orderly(&g);
    unmake(&g);
}

static void reload__another_data_directory__is_refused(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "plain");
    start(&g, "--foreground");
    wait_for(&g, "event=gateway.ready", "");
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, 4096);
    assert_true(vls_ok(vls_file_read(g.config, &bytes, NULL)));
    const char *data = strstr(vls_buf_text(&bytes), "data: data");
    assert_non_null(data);
    vls_copy(bytes.at + (data - (const char *)bytes.at), "data: atad", 10);
    assert_true(vls_ok(vls_file_write(g.config, vls_buf_slice(&bytes), 0600, NULL)));
    assert_int_equal(kill(g.pid, SIGHUP), 0);
    wait_for(&g, "event=gateway.reload_failed", "node.data cannot change");
    stop_orderly(&g);
    unmake(&g);
}

/* -- command line ------------------------------------------------------------------------------ */

static void command__check__says_valid_or_why_not(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "plain");
    start(&g, "--check");
    assert_int_equal(wait_end(&g), 0);
    expect_text(&g, "valise.yaml: valid");
    write_config(&g, "plain", "nonsense: 1\n");
    start(&g, "--check");
    assert_int_equal(wait_end(&g), vls_status_exit((struct vls_status){VLS_CONFIG_INVALID}));
    expect_text(&g, "unknown key 'nonsense'");
    unmake(&g);
}

static void command__unknown_option__is_named(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "plain");
    start(&g, "--frobnicate");
    assert_int_equal(wait_end(&g), vls_status_exit((struct vls_status){VLS_CLI_USAGE}));
    expect_text(&g, "--frobnicate is not an option");
    start(&g, "--version");
    assert_int_equal(wait_end(&g), 0);
    expect_text(&g, "valised ");
    unmake(&g);
}

static void background__without_a_log_file__is_refused(void **state)
{
    struct gateway g;
    (void)state;
    make(&g, "plain");
    start(&g, NULL);
    assert_int_equal(wait_end(&g), vls_status_exit((struct vls_status){VLS_CONFIG_INVALID}));
    expect_text(&g, "log.file is empty");
    unmake(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start__all_roles_ready__then_stops_in_order),
        cmocka_unit_test(start__roles__have_no_environment_and_no_stray_descriptor),
        cmocka_unit_test(start__systemd_waits__is_told),
        cmocka_unit_test(start__an_init_fails__ends_with_its_words_and_status),
        cmocka_unit_test(start__a_role_dies_without_a_word__says_how),
        cmocka_unit_test(start__second_on_the_same_data__is_refused),
        cmocka_unit_test(start__stale_socket__is_replaced),
        cmocka_unit_test(killed__a_role__is_restarted_and_connected_again),
        cmocka_unit_test(killed__the_router__all_siblings_get_the_new_one),
        cmocka_unit_test(misbehaved__a_role_says_what_it_may_not__its_sibling_ends_and_comes_back),
        cmocka_unit_test(reload__bad_file__serves_on),
        cmocka_unit_test(reload__good_file__new_roles_and_the_same_socket),
        cmocka_unit_test(reload__init_fails_with_the_new_file__goes_back),
        cmocka_unit_test(reload__another_data_directory__is_refused),
        cmocka_unit_test(command__check__says_valid_or_why_not),
        cmocka_unit_test(command__unknown_option__is_named),
        cmocka_unit_test(background__without_a_log_file__is_refused),
    };
    if (vls_sandbox_landlock_abi() == 0) {
        print_message("skipped: this kernel has no Landlock, and without it no role serves\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
