/* What a closed process can still do: each case runs in a forked child that says by its exit status
 * what happened. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/compat.h"
#include "base/file.h"
#include "base/limits.h"
#include "proc/sandbox.h"

#define CALLS_FILES     (VLS_CALLS_BASE | VLS_CALLS_READ_FILES | VLS_CALLS_WRITE_FILES)
#define EXIT_CLOSED_NOT 99 /* the sandbox did not close */

static char directory[VLS_MAX_PATH]; /* of the test: "in" is granted, "out" is not */
static char inside[VLS_MAX_PATH], outside[VLS_MAX_PATH];

/* Run `what` closed in; its wait status. The child's result is an errno, or 0. */
static int run(struct vls_sandbox *sandbox, int (*what)(void))
{
    struct vls_why why = {""};
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        if (!vls_ok(vls_sandbox_close(sandbox, NULL, &why))) {
            fprintf(stderr, "%s\n", why.text);
            _exit(EXIT_CLOSED_NOT);
        }
        _exit(what());
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    vls_sandbox_fini(sandbox);
    return status;
}

static void expect_exit(int status, int code)
{
    if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
        fail_msg("expected %d (%s), the child ended with %s %d (%s)", code, strerror(code),
                 WIFEXITED(status) ? "status" : "signal",
                 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
                 WIFEXITED(status) ? strerror(WEXITSTATUS(status)) : "");
}

static struct vls_sandbox with_files(void)
{
    char in[VLS_MAX_PATH];
    struct vls_sandbox sandbox;
    assert_true(vls_ok(vls_path_join(directory, "in", in, sizeof in)));
    vls_sandbox_init(&sandbox);
    sandbox.calls = CALLS_FILES;
    vls_sandbox_add_path(&sandbox, in, VLS_PATH_READ | VLS_PATH_WRITE, false);
    vls_sandbox_add_path(&sandbox, "/does/not/exist", VLS_PATH_READ, true);
    return sandbox;
}

static struct vls_sandbox with_calls(unsigned calls)
{
    struct vls_sandbox sandbox;
    vls_sandbox_init(&sandbox);
    sandbox.calls = calls;
    return sandbox;
}

static int setup(void **state)
{
    const char *tmp = getenv("TMPDIR");
    char in[VLS_MAX_PATH];
    (void)state;
    if (!vls_ok(vls_path_join(tmp != NULL ? tmp : "/tmp", "valise-sandbox-XXXXXX", directory,
                              sizeof directory)) ||
        mkdtemp(directory) == NULL || !vls_ok(vls_path_join(directory, "in", in, sizeof in)) ||
        mkdir(in, 0700) != 0 || !vls_ok(vls_path_join(in, "file", inside, sizeof inside)) ||
        !vls_ok(vls_path_join(directory, "out", outside, sizeof outside)))
        return -1;
    return vls_ok(vls_file_write(outside, VLS_SLICE("x", 1), 0600, NULL)) ? 0 : -1;
}

static int teardown(void **state)
{
    char in[VLS_MAX_PATH];
    (void)state;
    unlink(inside);
    unlink(outside);
    if (vls_ok(vls_path_join(directory, "in", in, sizeof in)))
        rmdir(in);
    return rmdir(directory);
}

/* -- files ------------------------------------------------------------------------------------- */

static int use_inside(void)
{
    char moved[VLS_MAX_PATH];
    if (!vls_ok(vls_path_join(directory, "in/moved", moved, sizeof moved)))
        return 1;
    int fd = open(inside, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "y", 1) != 1 || fsync(fd) != 0 || ftruncate(fd, 0) != 0)
        return errno;
    close(fd);
    return rename(inside, moved) == 0 && unlink(moved) == 0 ? 0 : errno;
}

static int link_unnamed(void)
{
    char in[VLS_MAX_PATH], self[64];
    if (!vls_ok(vls_path_join(directory, "in", in, sizeof in)))
        return 1;
    int fd = open(in, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, self, AT_FDCWD, inside, AT_SYMLINK_FOLLOW) != 0)
        return errno;
    return unlink(inside) == 0 ? 0 : errno;
}

static int open_outside(void)
{
    return open(outside, O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static int unlink_outside(void)
{
    return unlink(outside) != 0 ? errno : 0;
}

static int open_any(void)
{
    return open("/etc/hostname", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static void files__in_a_granted_directory__work(void **state)
{
    struct vls_sandbox sandbox = with_files();
    (void)state;
    expect_exit(run(&sandbox, use_inside), 0);
    sandbox = with_files();
    expect_exit(run(&sandbox, link_unnamed), 0);
}

static void files__outside__are_refused(void **state)
{
    struct vls_sandbox sandbox = with_files();
    (void)state;
    expect_exit(run(&sandbox, open_outside), EACCES);
    sandbox = with_files();
    expect_exit(run(&sandbox, unlink_outside), EACCES);
    sandbox = with_calls(VLS_CALLS_BASE);
    /* without the calls it is seccomp that says no; a sanitizer's run time has them, and meets
     * Landlock */
    expect_exit(run(&sandbox, open_any), vls_is_sanitized() ? EACCES : EPERM);
}

static void close__a_required_path_is_missing__fails(void **state)
{
    struct vls_sandbox sandbox = with_files();
    (void)state;
    vls_sandbox_add_path(&sandbox, "/does/not/exist", VLS_PATH_READ, false);
    expect_exit(run(&sandbox, open_any), EXIT_CLOSED_NOT);
}

static int measure_open(void)
{
    uint64_t size;
    return vls_ok(vls_fd_size(STDIN_FILENO, &size, NULL)) && size == 1 ? 0 : 1;
}

static void fstat__of_a_descriptor__needs_no_file_calls(void **state)
{
    struct vls_sandbox sandbox = with_calls(VLS_CALLS_BASE);
    (void)state;
    int before = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    int fd = open(outside, O_RDONLY | O_CLOEXEC);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    int status = run(&sandbox, measure_open);
    (void)dup2(before, STDIN_FILENO);
    vls_fd_close(&before);
    vls_fd_close(&fd);
    expect_exit(status, 0);
}

/* -- network ----------------------------------------------------------------------------------- */

static uint16_t port_granted, port_other;

static int open_socket(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 ? errno : 0;
}

static int open_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 ? errno : 0;
}

static int open_raw_socket(void)
{
    return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP) < 0 ? errno : 0;
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    return connect(fd, (const struct sockaddr *)&to, sizeof to) != 0 ? errno : 0;
}

static int connect_granted(void)
{
    return connect_to(port_granted);
}

static int connect_other(void)
{
    return connect_to(port_other);
}

static int bind_any(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 1;
    return bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ? errno : 0;
}

static int listen_somewhere(uint16_t *out_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *out_port = ntohs(at.sin_port);
    return fd;
}

static void socket__without_the_network__is_refused(void **state)
{
    struct vls_sandbox sandbox = with_calls(CALLS_FILES);
    (void)state;
    expect_exit(run(&sandbox, open_socket), EPERM);
}

static void socket__of_another_family__is_refused(void **state)
{
    struct vls_sandbox sandbox = with_calls(VLS_CALLS_BASE | VLS_CALLS_CONNECT);
    (void)state;
    expect_exit(run(&sandbox, open_unix_socket), EPERM);
    sandbox = with_calls(VLS_CALLS_BASE | VLS_CALLS_CONNECT);
    expect_exit(run(&sandbox, open_raw_socket), EPERM);
}

static void connect__only_to_granted_ports(void **state)
{
    struct vls_sandbox sandbox = with_calls(VLS_CALLS_BASE | VLS_CALLS_CONNECT);
    (void)state;
    if (vls_sandbox_landlock_abi() < 4) {
        print_message("skipped: Landlock's ABI is below 4, ports are not restricted\n");
        skip();
    }
    int granted = listen_somewhere(&port_granted), other = listen_somewhere(&port_other);
    vls_sandbox_add_port(&sandbox, port_granted);
    expect_exit(run(&sandbox, connect_granted), 0);
    sandbox = with_calls(VLS_CALLS_BASE | VLS_CALLS_CONNECT);
    vls_sandbox_add_port(&sandbox, port_granted);
    expect_exit(run(&sandbox, connect_other), EACCES);
    sandbox = with_calls(VLS_CALLS_BASE | VLS_CALLS_CONNECT);
    /* bind() is in no set at all */
    expect_exit(run(&sandbox, bind_any), EPERM);
    vls_fd_close(&granted);
    vls_fd_close(&other);
}

/* -- processes --------------------------------------------------------------------------------- */

static int exec_true(void)
{
    char *const argv[] = {(char[]){"true"}, NULL};
    execv("/bin/true", argv);
    return errno;
}

static int trace_parent(void)
{
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) != 0 ? errno : 0;
}

static int signal_parent(void)
{
    return kill(getppid(), SIGWINCH) != 0 ? errno : 0;
}

static int fork_child(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : 0;
}

static int map_code(void)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? errno : 0;
}

static int abort_self(void)
{
    abort();
}

static void expect_killed(int status, int number)
{
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), number);
}

static void execve__ends_the_process(void **state)
{
    struct vls_sandbox sandbox = with_calls(CALLS_FILES);
    (void)state;
    expect_killed(run(&sandbox, exec_true), SIGSYS);
}

static void ptrace__ends_the_process(void **state)
{
    struct vls_sandbox sandbox = with_calls(CALLS_FILES);
    (void)state;
    if (vls_is_sanitized()) {
        print_message("skipped: the sanitizer's leak check traces\n");
        sandbox.calls = 0;
        skip();
    }
    expect_killed(run(&sandbox, trace_parent), SIGSYS);
}

static void processes__neither_made_nor_signalled(void **state)
{
    struct vls_sandbox sandbox = with_calls(CALLS_FILES);
    (void)state;
    expect_exit(run(&sandbox, signal_parent), EPERM);
    sandbox = with_calls(CALLS_FILES | VLS_CALLS_THREADS);
    expect_exit(run(&sandbox, fork_child), vls_is_sanitized() ? 0 : EPERM);
}

static void code__is_mapped_only_while_loading(void **state)
{
    struct vls_sandbox sandbox = with_calls(CALLS_FILES);
    (void)state;
    expect_exit(run(&sandbox, map_code), EPERM);
    sandbox = with_calls(CALLS_FILES | VLS_CALLS_LOAD);
    expect_exit(run(&sandbox, map_code), 0);
}

static int tighten_then_map(void)
{
    return vls_ok(vls_sandbox_tighten(NULL)) ? map_code() : 1;
}

static void tighten__takes_loading_away(void **state)
{
    struct vls_sandbox sandbox = with_calls(CALLS_FILES | VLS_CALLS_LOAD);
    (void)state;
    expect_exit(run(&sandbox, tighten_then_map), EPERM);
}

static void abort__still_ends_as_abort(void **state)
{
    struct vls_sandbox sandbox = with_calls(VLS_CALLS_BASE);
    (void)state;
    expect_killed(run(&sandbox, abort_self), SIGABRT);
}

/* -- limits ------------------------------------------------------------------------------------ */

static void harden__sets_limits_and_no_dump(void **state)
{
    (void)state;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct vls_sandbox sandbox = with_calls(VLS_CALLS_BASE);
        struct rlimit core, files;
        sandbox.descriptors = 64;
        bool is_right = vls_ok(vls_sandbox_harden(&sandbox, NULL)) &&
                        getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 &&
                        getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max == 64 &&
                        prctl(PR_GET_DUMPABLE) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
        _exit(is_right ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    expect_exit(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files__in_a_granted_directory__work),
        cmocka_unit_test(files__outside__are_refused),
        cmocka_unit_test(close__a_required_path_is_missing__fails),
        cmocka_unit_test(fstat__of_a_descriptor__needs_no_file_calls),
        cmocka_unit_test(socket__without_the_network__is_refused),
        cmocka_unit_test(socket__of_another_family__is_refused),
        cmocka_unit_test(connect__only_to_granted_ports),
        cmocka_unit_test(execve__ends_the_process),
        cmocka_unit_test(ptrace__ends_the_process),
        cmocka_unit_test(processes__neither_made_nor_signalled),
        cmocka_unit_test(code__is_mapped_only_while_loading),
        cmocka_unit_test(tighten__takes_loading_away),
        cmocka_unit_test(abort__still_ends_as_abort),
        cmocka_unit_test(harden__sets_limits_and_no_dump),
    };
    /* a kernel without Landlock has no sandbox to test: no role serves there either */
    if (vls_sandbox_landlock_abi() == 0) {
        print_message("skipped: this kernel has no Landlock\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
