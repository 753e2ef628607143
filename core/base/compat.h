#ifndef VALISE_BASE_COMPAT_H
#define VALISE_BASE_COMPAT_H
/*
 * base/compat - what differs between kernels, compilers and kinds of build; no other file asks for
 * these.
 *
 * Process: all. Nothing here is a feature switch: a constant is there in every build, with the
 * value that fits it.
 */
#include <stdbool.h>
#include <stdint.h>

/* -- sanitizers -------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__)
#define VLS_IS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VLS_IS_ASAN 1
#endif
#endif
#ifndef VLS_IS_ASAN
#define VLS_IS_ASAN 0
#endif

/** System calls that AddressSanitizer, its leak check at the end and UBSan need beside ours: they
 * stop the process with a tracer and read its map. Never in a build that is installed. */
#if VLS_IS_ASAN
#define VLS_SANITIZER_CALLS                                                                        \
    "ptrace", "clone", "wait4", "prctl", "openat", "open", "readlink", "readlinkat", "getdents64", \
        "getdents", "newfstatat", "pipe", "pipe2", "getppid", "kill", "sched_getaffinity",         \
        "arch_prctl", "process_vm_readv", "prlimit64", "getrlimit",
#else
#define VLS_SANITIZER_CALLS
#endif

/** The sanitizer's shadow takes more address space than any limit allows. */
static inline bool vls_is_sanitized(void)
{
    return VLS_IS_ASAN != 0;
}

/* -- Landlock: Debian 12's headers end at ABI 3 (kernel 6.2), running kernels know more -------- */

#define VLS_LANDLOCK_FS_EXECUTE     (UINT64_C(1) << 0)
#define VLS_LANDLOCK_FS_WRITE_FILE  (UINT64_C(1) << 1)
#define VLS_LANDLOCK_FS_READ_FILE   (UINT64_C(1) << 2)
#define VLS_LANDLOCK_FS_READ_DIR    (UINT64_C(1) << 3)
#define VLS_LANDLOCK_FS_REMOVE_DIR  (UINT64_C(1) << 4)
#define VLS_LANDLOCK_FS_REMOVE_FILE (UINT64_C(1) << 5)
#define VLS_LANDLOCK_FS_MAKE_DIR    (UINT64_C(1) << 7)
#define VLS_LANDLOCK_FS_MAKE_REG    (UINT64_C(1) << 8)
#define VLS_LANDLOCK_FS_ABI_1       ((UINT64_C(1) << 13) - 1) /* all rights of ABI 1 */
#define VLS_LANDLOCK_FS_REFER       (UINT64_C(1) << 13)       /* ABI 2 */
#define VLS_LANDLOCK_FS_TRUNCATE    (UINT64_C(1) << 14)       /* ABI 3 */
#define VLS_LANDLOCK_FS_IOCTL_DEV   (UINT64_C(1) << 15)       /* ABI 5 */

#define VLS_LANDLOCK_NET_BIND_TCP    (UINT64_C(1) << 0) /* ABI 4 */
#define VLS_LANDLOCK_NET_CONNECT_TCP (UINT64_C(1) << 1)

#define VLS_LANDLOCK_SCOPE_ABSTRACT_UNIX (UINT64_C(1) << 0) /* ABI 6 */
#define VLS_LANDLOCK_SCOPE_SIGNAL        (UINT64_C(1) << 1)

#define VLS_LANDLOCK_RULE_PATH     1
#define VLS_LANDLOCK_RULE_NET_PORT 2
#define VLS_LANDLOCK_ASK_VERSION   1u

/** As the kernel reads it; an older kernel accepts a longer struct whose tail is zero. */
struct vls_landlock_ruleset {
    uint64_t handled_fs, handled_net, scoped;
};

struct vls_landlock_path {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

struct vls_landlock_port {
    uint64_t allowed, port;
};

#endif
