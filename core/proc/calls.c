#include "proc/calls.h"

#include "base/compat.h"

static const char *const BASE[] = {
    /* memory; mappings of code are a rule of their own */
    "brk", "munmap", "mremap", "madvise", "membarrier",
    /* open descriptors */
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "close",
    "lseek", "fstat", "fcntl", "dup", "dup2", "dup3", "fsync", "fdatasync", "sync_file_range",
    "ftruncate", "fallocate", "fadvise64", "copy_file_range", "sendfile", "pipe2",
    /* sockets that are there */
    "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg", "shutdown", "getsockopt",
    "setsockopt", "getsockname", "getpeername",
    /* the loop */
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "poll", "ppoll", "select",
    "pselect6", "eventfd2", "timerfd_create", "timerfd_settime", "timerfd_gettime",
    /* time, chance, waiting */
    "setitimer", "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday",
    "time", "getrandom", "futex", "sched_yield", "restart_syscall",
    /* signals to itself, and the end */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "exit", "exit_group",
    /* who and where am I */
    "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrusage", "uname",
    "sysinfo", "getcpu", "sched_getaffinity", "rseq", "set_robust_list", NULL};

static const char *const READ_FILES[] = {
    "open",       "openat", "openat2",   "stat",       "lstat",    "newfstatat",
    "statx",      "access", "faccessat", "faccessat2", "readlink", "readlinkat",
    "getdents64", "statfs", "fstatfs",   "getcwd",     NULL};

static const char *const WRITE_FILES[] = {
    "rename",   "renameat",  "renameat2", "link",     "linkat", "unlink",
    "unlinkat", "mkdir",     "mkdirat",   "rmdir",    "fchmod", "chmod",
    "fchown",   "utimensat", "flock",     "truncate", "umask",  NULL};

static const char *const MEMORY_FILES[] = {"memfd_create", NULL};
static const char *const ACCEPT[] = {"accept", "accept4", NULL};
static const char *const CONNECT[] = {"connect", NULL};
static const char *const THREADS[] = {"set_tid_address", NULL};
static const char *const WATCH[] = {"inotify_init1", "inotify_add_watch", "inotify_rm_watch", NULL};
static const char *const LOAD[] = {"seccomp", "prctl", NULL};
static const char *const LOCK_MEMORY[] = {"mlock", "mlock2", "munlock", NULL};

const struct vls_call_set VLS_CALL_SETS[] = {
    {VLS_CALLS_BASE, BASE},
    {VLS_CALLS_READ_FILES, READ_FILES},
    {VLS_CALLS_WRITE_FILES, WRITE_FILES},
    {VLS_CALLS_MEMORY_FILES, MEMORY_FILES},
    {VLS_CALLS_ACCEPT, ACCEPT},
    {VLS_CALLS_CONNECT, CONNECT},
    {VLS_CALLS_THREADS, THREADS},
    {VLS_CALLS_WATCH, WATCH},
    {VLS_CALLS_LOAD, LOAD},
    {VLS_CALLS_LOCK_MEMORY, LOCK_MEMORY},
    {0, NULL},
};

const char *const VLS_CALLS_THAT_KILL[] = {
    /* other programs and other processes */
    "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
    "kcmp", "pidfd_getfd",
    /* the system as a whole */
    "reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
    "swapon", "swapoff", "acct", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime",
    "sethostname", "setdomainname", "iopl", "ioperm", "quotactl",
    /* what it may see of it */
    "mount", "umount2", "pivot_root", "chroot", "setns", "unshare", "open_tree", "move_mount",
    "fsopen", "fsmount", "fsconfig", "mount_setattr", "open_by_handle_at",
    /* large surfaces of the kernel that nothing here uses */
    "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "io_uring_setup",
    "io_uring_enter", "io_uring_register", "personality", "modify_ldt", "vmsplice",
    /* another identity */
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid",
    "setfsgid", "capset", NULL};

const char *const VLS_CALLS_OF_SANITIZERS[] = {VLS_SANITIZER_CALLS NULL};
