#include "proc/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "proc/listen.h"

static const char *text(const char *t)
{
    return t != NULL ? t : "";
}

static bool is_same(const char *a, const char *b)
{
    return strcmp(text(a), text(b)) == 0;
}

static struct vls_status duplicate(int fd, int *out_fd, struct vls_why *why)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "keep a descriptor");
    *out_fd = copy;
    return VLS_DONE;
}

static struct vls_status read_file(const char *path, struct vls_setup *setup, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf yaml;
    vls_buf_init(&yaml, VLS_MAX_CONFIG_FILE);
    struct vls_status s = vls_file_read(path, &yaml, why);
    if (!vls_ok(s))
        return s.code == VLS_SYSTEM_MISSING ? (struct vls_status){VLS_CONFIG_MISSING} : s;
    VLS_TRY(vls_config_read(vls_buf_slice(&yaml), path, &setup->config, why));
    VLS_TRY(vls_user_find(setup->config->node.run_as, &setup->user, why));
    return vls_start_pack(path, vls_buf_slice(&yaml), &setup->config_fd, why);
}

struct vls_status vls_setup_read_again(const char *path, struct vls_config **out, int *out_fd,
                                       struct vls_why *why)
{
    struct vls_setup setup = {
        .lock = -1, .config_fd = -1, .log_fd = -1, .edge_listener = -1, .control_listener = -1};
    struct vls_status s = read_file(path, &setup, why);
    if (vls_ok(s)) {
        *out = setup.config;
        *out_fd = vls_fd_move(&setup.config_fd);
        return s;
    }
    vls_config_free(&setup.config);
    return s;
}

/* These are held by the running process as a whole. */
static struct vls_status check_fixed(const struct vls_setup *before, const struct vls_setup *setup,
                                     struct vls_why *why)
{
    if (!is_same(before->config->node.data, setup->config->node.data))
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "node.data cannot change while the gateway runs: stop it and start it");
    if (!is_same(before->config->node.run_as, setup->config->node.run_as))
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "node.run-as cannot change while the gateway runs: stop it and start it");
    return VLS_DONE;
}

static struct vls_status open_listeners(const struct vls_setup *before, struct vls_setup *setup,
                                        struct vls_why *why)
{
    const struct vls_config *config = setup->config;
    const char *address = text(config->listen.address);
    if (before != NULL && before->edge_listener >= 0 &&
        is_same(before->config->listen.address, address))
        VLS_TRY(duplicate(before->edge_listener, &setup->edge_listener, why));
    else if (address[0] != '\0')
        VLS_TRY(vls_listen_tcp(address, &setup->edge_listener, why));
    if (before != NULL && is_same(before->config->control.socket, config->control.socket))
        return duplicate(before->control_listener, &setup->control_listener, why);
    return vls_listen_unix(config->control.socket, &setup->user, &setup->control_listener, why);
}

static struct vls_status open_all(const char *path, const struct vls_setup *before,
                                  struct vls_setup *setup, struct vls_why *why)
{
    VLS_TRY(read_file(path, setup, why));
    if (before != NULL) {
        VLS_TRY(check_fixed(before, setup, why));
        VLS_TRY(duplicate(before->lock, &setup->lock, why));
    } else {
        VLS_TRY(vls_data_lock(setup->config->node.data, &setup->user, &setup->lock, why));
    }
    VLS_TRY(vls_log_file_open(setup->config->log.file, &setup->user, &setup->log_fd, why));
    if (before == NULL)
        vls_log_open(setup->log_fd, "supervisor", vls_start_log_level(setup->config));
    return open_listeners(before, setup, why);
}

struct vls_status vls_setup_open(const char *path, const struct vls_setup *before,
                                 struct vls_setup *out, struct vls_why *why)
{
    struct vls_setup setup = {
        .lock = -1, .config_fd = -1, .log_fd = -1, .edge_listener = -1, .control_listener = -1};
    struct vls_status s = open_all(path, before, &setup, why);
    if (vls_ok(s))
        *out = setup;
    else
        vls_setup_close(&setup, before);
    return s;
}

void vls_setup_close(struct vls_setup *setup, const struct vls_setup *keep)
{
    /* only what this setup itself has bound, and nobody goes on with */
    if (setup->control_listener >= 0 &&
        (keep == NULL || !is_same(keep->config->control.socket, setup->config->control.socket)))
        unlink(setup->config->control.socket);
    vls_fd_close(&setup->config_fd);
    vls_fd_close(&setup->log_fd);
    vls_fd_close(&setup->edge_listener);
    vls_fd_close(&setup->control_listener);
    vls_fd_close(&setup->lock);
    vls_config_free(&setup->config);
}
