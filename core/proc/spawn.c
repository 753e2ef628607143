#include "proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"

#define EXIT_NO_EXEC 127
#define NUMBER_TEXT  16
/* The configuration with its path. */
#define START_BYTES (VLS_MAX_PATH + VLS_MAX_CONFIG_FILE)
/* Above all fixed descriptors: where they are parked while they change places. */
#define FD_PARKING 16

struct vls_status vls_user_find(const char *name, struct vls_user *out, struct vls_why *why)
{
    struct vls_user user = {.is_set = false};
    if (name == NULL || name[0] == '\0' || geteuid() != 0) {
        *out = user;
        return VLS_DONE;
    }
    errno = 0;
    const struct passwd *entry = getpwnam(name);
    if (entry == NULL)
        return vls_fail(VLS_CONFIG_INVALID, why, "node.run-as: there is no user %s", name);
    user.is_set = true;
    user.uid = entry->pw_uid;
    user.gid = entry->pw_gid;
    user.groups_count = VLS_MAX_GROUPS;
    if (getgrouplist(name, user.gid, user.groups, &user.groups_count) < 0)
        return vls_fail(VLS_CONFIG_INVALID, why, "node.run-as: %s is in more than %d groups", name,
                        VLS_MAX_GROUPS);
    *out = user;
    return VLS_DONE;
}

/* -- between fork and exec: nothing but system calls ------------------------------------------- */

static void fail_child(const char *step)
{
    char text[160];
    int len = snprintf(text, sizeof text, "valised: a role cannot be started: %s: %s\n", step,
                       strerrordesc_np(errno));
    if (len > 0 && write(STDERR_FILENO, text, (size_t)len) < 0)
        _exit(EXIT_NO_EXEC);
    _exit(EXIT_NO_EXEC);
}

/* Every descriptor is first moved out of the way, so that the order of the moves does not matter.
 */
static void place_descriptors(const struct vls_spawn_order *order)
{
    int from[] = {-1,         order->log,    order->log,     order->supervisor,
                  order->log, order->config, order->listener};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    from[0] = null;
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++)
        if (from[i] >= 0 && (from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FD_PARKING)) < 0)
            fail_child("move a descriptor");
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++)
        if (from[i] >= 0 && dup2(from[i], (int)i) < 0)
            fail_child("place a descriptor");
    unsigned first_free = order->listener >= 0 ? VLS_FD_FIRST_FREE : VLS_FD_LISTENER;
    /* at the exec, as that still needs its program */
    if (null < 0 || close_range(first_free, ~0u, CLOSE_RANGE_CLOEXEC) != 0)
        fail_child("close all other descriptors");
}

static void become(const struct vls_user *user)
{
    if (user == NULL || !user->is_set)
        return;
    if (setgroups((size_t)user->groups_count, user->groups) != 0 ||
        setresgid(user->gid, user->gid, user->gid) != 0 ||
        setresuid(user->uid, user->uid, user->uid) != 0)
        fail_child("become the user of node.run-as");
}

static void reset_signals(void)
{
    static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGPIPE};
    sigset_t none;
    for (size_t i = 0; i < sizeof SIGNALS / sizeof SIGNALS[0]; i++)
        signal(SIGNALS[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void run_child(const struct vls_spawn_order *order, pid_t parent, char *const *argv)
{
    char *const environment[] = {NULL};
    int program = order->program;
    setpgid(0, 0); /* a Ctrl-C at the terminal is for the supervisor */
    reset_signals();
    if (program >= 0 && (program = fcntl(program, F_DUPFD_CLOEXEC, FD_PARKING)) < 0)
        fail_child("keep the program");
    place_descriptors(order);
    become(order->user);
    /* after the change of user, which would forget it; and the parent may be gone already */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
        fail_child("the supervisor is gone");
    if (program >= 0)
        execveat(program, "", argv, environment, AT_EMPTY_PATH);
    else
        execve("/proc/self/exe", argv, environment);
    fail_child("exec");
}

/* -- the supervisor's side --------------------------------------------------------------------- */

struct vls_status vls_spawn(const struct vls_spawn_order *order, pid_t *out_pid,
                            struct vls_why *why)
{
    char instance[NUMBER_TEXT];
    snprintf(instance, sizeof instance, "%u", order->instance);
    char *const argv[] = {(char[]){"valised"},
                          (char[]){"--role"},
                          (char *)(uintptr_t)vls_role_name(order->kind),
                          (char[]){"--instance"},
                          instance,
                          (char[]){"--name"},
                          (char *)(uintptr_t)order->name,
                          NULL};
    sigset_t all, before;
    pid_t parent = getpid();
    /* no handler of the loop may run in the child */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        run_child(order, parent, argv);
    int failure = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0)
        return vls_fail_errno(VLS_PROC_SPAWN, why, failure, "fork for %s", order->name);
    *out_pid = pid;
    return VLS_DONE;
}

struct vls_status vls_host_program_open(int *out_fd, struct vls_why *why)
{
    struct vls_program_places places;
    if (!vls_ok(vls_program_places("valise-host", &places, why)))
        return (struct vls_status){VLS_PROC_SPAWN};
    for (size_t i = 0; i < VLS_PROGRAM_PLACES; i++) {
        *out_fd = open(places.at[i], O_PATH | O_CLOEXEC);
        if (*out_fd >= 0)
            return VLS_DONE;
    }
    return vls_fail_errno(VLS_PROC_SPAWN, why, errno,
                          "%s, or %s, which runs the plugins: install the package whole",
                          places.at[0], places.at[1]);
}

/* -- the configuration ------------------------------------------------------------------------- */

struct vls_status vls_start_pack(const char *path, struct vls_slice yaml, int *out_fd,
                                 struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, START_BYTES);
    VLS_TRY(vls_buf_add(&bytes, path, strlen(path) + 1));
    VLS_TRY(vls_buf_add_slice(&bytes, yaml));
    return vls_fd_memory_of("valise-config", vls_buf_slice(&bytes), out_fd, why);
}

struct vls_status vls_start_take(int fd, struct vls_config **out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, START_BYTES);
    VLS_TRY(vls_fd_read_all(fd, &bytes, why));
    struct vls_reader reader = vls_reader_of(vls_buf_slice(&bytes));
    struct vls_slice path = vls_reader_until(&reader, 0);
    if (reader.failed)
        return vls_fail(VLS_INPUT_MALFORMED, why, "descriptor %d holds no configuration", fd);
    return vls_config_read(reader.rest, (const char *)path.at, out, why);
}

enum vls_log_level vls_start_log_level(const struct vls_config *config)
{
    static const char *const NAMES[] = {"error", "warn", "info", "debug"};
    for (unsigned i = 0; config->log.level != NULL && i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (strcmp(NAMES[i], config->log.level) == 0)
            return (enum vls_log_level)i;
    return VLS_LOG_INFO;
}
