#ifndef VALISE_PROC_SANDBOX_H
#define VALISE_PROC_SANDBOX_H
/*
 * proc/sandbox - closes a process in: no new privileges, no dump, limits, Landlock, seccomp.
 *
 * Process:   every role but the supervisor, once, before its first foreign byte.
 * Ownership: a struct vls_sandbox owns its paths and ports until vls_sandbox_fini().
 * Start at:  vls_sandbox_close(); the sets of system calls stand in proc/calls.c.
 *
 * What is not allowed: a system call outside the set fails with EPERM and leaves an audit line in
 * the kernel's log; one that no gateway ever makes (execve, ptrace, mount, bpf, keyctl, loading of
 * modules, ...) ends the process, and the supervisor logs that. A file outside the paths fails with
 * EACCES. Landlock of ABI 1 is required; TCP ports need ABI 4, signals and abstract sockets ABI 6:
 * on an older kernel these stay open to roles that have a network at all, and the role's log line
 * says so.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum vls_call_group {
    VLS_CALLS_BASE = 1u << 0,         /* memory, time, the loop, open descriptors and sockets */
    VLS_CALLS_READ_FILES = 1u << 1,   /* open, stat, list                                     */
    VLS_CALLS_WRITE_FILES = 1u << 2,  /* make, rename, link, remove, lock                     */
    VLS_CALLS_MEMORY_FILES = 1u << 3, /* memfd_create                                         */
    VLS_CALLS_ACCEPT = 1u << 4,       /* accept on a listening socket that was handed over    */
    VLS_CALLS_CONNECT = 1u << 5,      /* socket(AF_INET, AF_INET6), connect                   */
    VLS_CALLS_THREADS = 1u << 6,      /* threads, never processes                             */
    VLS_CALLS_WATCH = 1u << 7,        /* inotify                                              */
    VLS_CALLS_LOAD = 1u << 8,         /* executable mappings, until vls_sandbox_tighten()     */
    VLS_CALLS_LOCK_MEMORY = 1u << 9,  /* mlock, for keys                                      */
};

enum vls_path_access {
    VLS_PATH_READ = 1u << 0,
    VLS_PATH_WRITE = 1u << 1,
    VLS_PATH_EXECUTE = 1u << 2, /* map code from it */
};

struct vls_sandbox_path {
    char *path;
    unsigned access;
    bool is_optional; /* may be missing: then nothing is granted */
};

struct vls_sandbox {
    unsigned calls;
    struct vls_sandbox_path *paths;
    size_t paths_count;
    uint16_t *ports; /* TCP ports to connect to; none = none may be */
    size_t ports_count;
    uint64_t descriptors; /* RLIMIT_NOFILE; 0 = leave */
    uint64_t data_bytes;  /* RLIMIT_DATA; 0 = leave. Not under a sanitizer */
};

void vls_sandbox_init(struct vls_sandbox *sandbox);
void vls_sandbox_fini(struct vls_sandbox *sandbox);
void vls_sandbox_add_path(struct vls_sandbox *sandbox, const char *path, unsigned access,
                          bool is_optional);
void vls_sandbox_add_port(struct vls_sandbox *sandbox, uint16_t port);

/** The first half, for the very start of a process, before it reads a key: no core file, no
 * debugger, no new privileges, limits. */
VLS_STATUS vls_sandbox_harden(const struct vls_sandbox *sandbox, struct vls_why *why);

/** Close. There is no way back. A process for which this fails must not serve.
 *  @param out_abi  of Landlock; may be NULL
 *  @return PROC_SANDBOX */
VLS_STATUS vls_sandbox_close(const struct vls_sandbox *sandbox, unsigned *out_abi,
                             struct vls_why *why);

/** Take VLS_CALLS_LOAD away again, after the plugin was loaded. @return PROC_SANDBOX */
VLS_STATUS vls_sandbox_tighten(struct vls_why *why);

/** Landlock's ABI of this kernel; 0 = none. */
unsigned vls_sandbox_landlock_abi(void);

#endif
