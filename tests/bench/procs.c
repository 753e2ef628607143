#include "procs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define PROC_FILE 16384 /* the longest of the files that are read here */
#define PROC_PATH 64

static VLS_STATUS read_file(pid_t pid, const char *name, char out[PROC_FILE], struct vls_why *why)
{
    char path[PROC_PATH];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    VLS_DEFER(vls_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0 && len < PROC_FILE - 1) {
        n = read(fd, out + len, PROC_FILE - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    if (n < 0)
        return vls_fail(VLS_SYSTEM_MISSING, why, "%s cannot be read: is the gateway running?",
                        path);
    out[len] = '\0';
    for (size_t i = 0; i < len; i++) /* of cmdline: words end with NUL */
        if (out[i] == '\0')
            out[i] = ' ';
    return VLS_DONE;
}

/* The number behind `key`, as in "VmRSS:     1234 kB"; 0 when it is not there. */
static uint64_t number_behind(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    uint64_t number = 0;
    if (at != NULL && sscanf(at + strlen(key), " %" SCNu64, &number) != 1)
        number = 0;
    return number;
}

static void read_role(const char *cmdline, char out[PROCS_NAME])
{
    unsigned instance = 0;
    char role[PROCS_NAME] = "", name[PROCS_NAME] = "";
    const char *at = strstr(cmdline, "--role ");
    vls_text_copy(out, PROCS_NAME, "supervisor");
    if (at == NULL ||
        sscanf(at, "--role %31s --instance %u --name %31s", role, &instance, name) < 2)
        return;
    if (strcmp(role, "host") == 0)
        snprintf(out, PROCS_NAME, "host %.24s", name);
    else if (strcmp(role, "crypto") == 0)
        snprintf(out, PROCS_NAME, "crypto %u", instance);
    else
        vls_text_copy(out, PROCS_NAME, role);
}

static VLS_STATUS read_cpu(pid_t pid, char text[PROC_FILE], double *out_s, struct vls_why *why)
{
    uint64_t user = 0, system = 0;
    VLS_TRY(read_file(pid, "stat", text, why));
    const char *at = strrchr(text, ')'); /* the name may hold anything */
    if (at == NULL ||
        sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64, &user,
               &system) != 2)
        return vls_fail(VLS_INPUT_MALFORMED, why, "/proc/%d/stat has another form", (int)pid);
    *out_s = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    return VLS_DONE;
}

static VLS_STATUS read_one(pid_t pid, struct proc *out, struct vls_why *why)
{
    char text[PROC_FILE];
    struct proc p = {.pid = pid};
    VLS_TRY(read_file(pid, "cmdline", text, why));
    read_role(text, p.role);
    VLS_TRY(read_cpu(pid, text, &p.cpu_s, why));
    VLS_TRY(read_file(pid, "status", text, why));
    p.rss_kib = number_behind(text, "VmRSS:");
    p.peak_kib = number_behind(text, "VmHWM:");
    if (vls_ok(read_file(pid, "smaps_rollup", text, NULL)))
        p.pss_kib = number_behind(text, "\nPss:");
    *out = p;
    return VLS_DONE;
}

struct vls_status procs_read(pid_t supervisor, struct procs *out, struct vls_why *why)
{
    char name[PROC_PATH], children[PROC_FILE];
    struct procs procs = {.count = 1};
    VLS_TRY(read_one(supervisor, &procs.of[0], why));
    snprintf(name, sizeof name, "task/%d/children", (int)supervisor);
    VLS_TRY(read_file(supervisor, name, children, why));
    int pid, used = 0;
    for (const char *at = children;
         procs.count < PROCS_MAX && sscanf(at, " %d%n", &pid, &used) == 1; at += used)
        if (vls_ok(read_one((pid_t)pid, &procs.of[procs.count], NULL)))
            procs.count++;
    *out = procs;
    return VLS_DONE;
}

void procs_forget_peaks(const struct procs *procs)
{
    for (size_t i = 0; i < procs->count; i++) {
        char path[PROC_PATH];
        snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)procs->of[i].pid);
        VLS_DEFER(vls_fd_close) int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd >= 0)
            VLS_IGNORE(vls_fd_write(fd, VLS_SLICE("5", 1), NULL),
                       "the peak then counts from the start of the process");
    }
}

const struct proc *procs_find(const struct procs *procs, pid_t pid)
{
    for (size_t i = 0; i < procs->count; i++)
        if (procs->of[i].pid == pid)
            return &procs->of[i];
    return NULL;
}

uint64_t procs_pss_kib(const struct procs *procs)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < procs->count; i++)
        sum += procs->of[i].pss_kib;
    return sum;
}
