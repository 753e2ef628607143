/* The control role between operators and a router that the test plays itself. */
#include "daemon/control.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

#define WAIT_MS 5000
#define NOBODY  65534
#define FEW     3

struct node {
    struct vls_role role;
    struct vls_config config;
    struct sockaddr_un address;
    socklen_t address_len;
    int router; /* the test's end; -1: not attached */
};

static bool is_finished;

/* what proc/role.c and proc/roles.c do in a process */
void vls_role_finish(struct vls_role *role)
{
    (void)role;
    is_finished = true;
}

void vls_role_die(struct vls_role *role, struct vls_status status, const struct vls_why *why)
{
    (void)role;
    fail_msg("died: %s: %s", vls_status_name(status), why->text);
    abort();
}

const int *vls_role_accepts(enum vls_role_kind from, enum vls_role_kind to)
{
    static const int NOTHING[] = {0};
    assert_int_equal(from, VLS_ROLE_ROUTER);
    assert_int_equal(to, VLS_ROLE_CONTROL);
    return NOTHING;
}

/** Let the role work on all that is there. */
static void pump(struct node *node)
{
    for (int i = 0; i < FEW; i++)
        event_base_loop(node->role.base, EVLOOP_NONBLOCK);
}

static void attach_router(struct node *node)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_true(vls_ok(
        vls_control_ops()->attach(&node->role, VLS_ROLE_ROUTER, 0, "router", pair[0], NULL)));
    node->router = pair[1];
}

static int setup(void **state)
{
    struct node *node = calloc(1, sizeof *node);
    is_finished = false;
    node->address.sun_family = AF_UNIX;
    /* an abstract name: nothing to clean up, and no directory that another user could not enter */
    int n = snprintf(node->address.sun_path + 1, sizeof node->address.sun_path - 1,
                     "valise-test-control-%d", (int)getpid());
    node->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
    node->role.kind = VLS_ROLE_CONTROL;
    node->role.config = &node->config;
    node->role.base = event_base_new();
    event_base_priority_init(node->role.base, 2);
    node->role.env = vls_env_system();
    node->role.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_int_equal(
        bind(node->role.listener, (const struct sockaddr *)&node->address, node->address_len), 0);
    assert_int_equal(listen(node->role.listener, 64), 0);
    assert_true(vls_ok(vls_control_ops()->init(&node->role, NULL)));
    attach_router(node);
    *state = node;
    return 0;
}

static int teardown(void **state)
{
    struct node *node = *state;
    vls_control_ops()->fini(&node->role);
    vls_fd_close(&node->role.listener);
    vls_fd_close(&node->router);
    event_base_free(node->role.base);
    free(node);
    return 0;
}

static int connect_client(const struct node *node)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&node->address, node->address_len), 0);
    return fd;
}

static struct vls_status ask(int fd, uint64_t serial, uint32_t version, const int *fds,
                             size_t count)
{
    Valise__OperatorStatus body = VALISE__OPERATOR_STATUS__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    request.version = version;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_STATUS;
    request.status = &body;
    request.actor = (char[]){"uid:12345"}; /* a lie that must not get through */
    frame.serial = serial;
    frame.body_case = VALISE__FRAME__BODY_OPERATOR_REQUEST;
    frame.operator_request = &request;
    return vls_wire_send(fd, &frame, fds, count, NULL);
}

static Valise__Frame *receive(int fd, struct vls_fds *fds)
{
    struct vls_why why = {""};
    Valise__Frame *frame = NULL;
    struct vls_status status = vls_wire_receive(fd, WAIT_MS, &frame, fds, &why);
    if (!vls_ok(status))
        fail_msg("%s: %s", vls_status_name(status), why.text);
    return frame;
}

static void assert_reply(int fd, uint64_t serial, uint32_t code)
{
    struct vls_fds fds;
    Valise__Frame *frame = receive(fd, &fds);
    assert_int_equal(frame->reply_to, serial);
    assert_int_equal(frame->body_case, VALISE__FRAME__BODY_OPERATOR_REPLY);
    assert_int_equal(frame->operator_reply->outcome->code, code);
    valise__frame__free_unpacked(frame, NULL);
    vls_fds_close(&fds);
}

static void answer(int router, uint64_t serial, const int *fds, size_t count)
{
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    Valise__OperatorReply reply = VALISE__OPERATOR_REPLY__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    reply.outcome = &outcome;
    frame.reply_to = serial;
    frame.body_case = VALISE__FRAME__BODY_OPERATOR_REPLY;
    frame.operator_reply = &reply;
    assert_true(vls_ok(vls_wire_send(router, &frame, fds, count, NULL)));
}

static void request__own_user__named_and_answered_with_descriptors(void **state)
{
    struct node *node = *state;
    int client = connect_client(node), memory = -1;
    char actor[32];
    struct vls_fds fds;
    assert_true(vls_ok(vls_fd_memory_of("test", vls_slice_text("hello"), &memory, NULL)));
    assert_true(vls_ok(ask(client, 77, 1, &memory, 1)));
    pump(node);
    Valise__Frame *seen = receive(node->router, &fds);
    snprintf(actor, sizeof actor, "uid:%u", (unsigned)getuid());
    assert_string_equal(seen->operator_request->actor, actor);
    assert_int_equal(fds.count, 1);
    answer(node->router, seen->serial, fds.fd, 1);
    valise__frame__free_unpacked(seen, NULL);
    vls_fds_close(&fds);
    pump(node);
    Valise__Frame *reply = receive(client, &fds);
    assert_int_equal(reply->reply_to, 77);
    assert_int_equal(fds.count, 1);
    valise__frame__free_unpacked(reply, NULL);
    vls_fds_close(&fds);
    vls_fd_close(&memory);
    vls_fd_close(&client);
}

static void request__other_version__refused_here(void **state)
{
    struct node *node = *state;
    int client = connect_client(node);
    assert_true(vls_ok(ask(client, 1, 2, NULL, 0)));
    pump(node);
    assert_reply(client, 1, VLS_CLI_USAGE);
    vls_fd_close(&client);
}

static void request__too_many_at_once__pushed_back(void **state)
{
    struct node *node = *state;
    int client = connect_client(node);
    for (uint64_t i = 1; i <= 17; i++)
        assert_true(vls_ok(ask(client, i, 1, NULL, 0)));
    pump(node);
    assert_reply(client, 17, VLS_WIRE_FULL);
    vls_fd_close(&client);
}

static void router__gone_before_the_answer__uncertain(void **state)
{
    struct node *node = *state;
    int client = connect_client(node);
    assert_true(vls_ok(ask(client, 5, 1, NULL, 0)));
    pump(node);
    vls_fd_close(&node->router);
    pump(node);
    assert_reply(client, 5, VLS_WIRE_GONE);
    /* nothing was sent to anybody: only for the moment */
    assert_true(vls_ok(ask(client, 6, 1, NULL, 0)));
    pump(node);
    assert_reply(client, 6, VLS_CLI_UNREACHABLE);
    /* and it goes on with the next router */
    attach_router(node);
    assert_true(vls_ok(ask(client, 7, 1, NULL, 0)));
    pump(node);
    struct vls_fds fds;
    Valise__Frame *seen = receive(node->router, &fds);
    answer(node->router, seen->serial, NULL, 0);
    valise__frame__free_unpacked(seen, NULL);
    pump(node);
    assert_reply(client, 7, VLS_OK);
    vls_fd_close(&client);
}

static void client__gone_before_the_answer__nothing_breaks(void **state)
{
    struct node *node = *state;
    int client = connect_client(node);
    struct vls_fds fds;
    assert_true(vls_ok(ask(client, 1, 1, NULL, 0)));
    pump(node);
    vls_fd_close(&client);
    pump(node);
    Valise__Frame *seen = receive(node->router, &fds);
    answer(node->router, seen->serial, NULL, 0);
    valise__frame__free_unpacked(seen, NULL);
    pump(node);
    client = connect_client(node);
    assert_true(vls_ok(ask(client, 2, 9, NULL, 0)));
    pump(node);
    assert_reply(client, 2, VLS_CLI_USAGE);
    vls_fd_close(&client);
}

static void client__malformed_frame__loses_its_connection_alone(void **state)
{
    struct node *node = *state;
    int bad = connect_client(node), good = connect_client(node);
    struct vls_fds fds;
    Valise__Frame *frame = NULL;
    assert_int_equal(send(bad, "\xff\xff\xff", 3, 0), 3);
    pump(node);
    assert_int_equal(vls_wire_receive(bad, WAIT_MS, &frame, &fds, NULL).code, VLS_WIRE_GONE);
    assert_true(vls_ok(ask(good, 1, 9, NULL, 0)));
    pump(node);
    assert_reply(good, 1, VLS_CLI_USAGE);
    vls_fd_close(&bad);
    vls_fd_close(&good);
}

static void client__one_too_many__turned_away(void **state)
{
    struct node *node = *state;
    int clients[33];
    struct vls_fds fds;
    Valise__Frame *frame = NULL;
    for (int i = 0; i < 33; i++) {
        clients[i] = connect_client(node);
        pump(node);
    }
    assert_int_equal(vls_wire_receive(clients[32], WAIT_MS, &frame, &fds, NULL).code,
                     VLS_WIRE_GONE);
    assert_true(vls_ok(ask(clients[31], 1, 9, NULL, 0)));
    pump(node);
    assert_reply(clients[31], 1, VLS_CLI_USAGE);
    for (int i = 0; i < 33; i++)
        vls_fd_close(&clients[i]);
}

/** As another user: asks, and ends with 0 when it is denied. */
static int denied_child(const struct node *node)
{
    struct vls_fds fds;
    Valise__Frame *frame = NULL;
    if (setuid(NOBODY) != 0)
        return 1;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (connect(fd, (const struct sockaddr *)&node->address, node->address_len) != 0 ||
        !vls_ok(ask(fd, 3, 1, NULL, 0)) ||
        !vls_ok(vls_wire_receive(fd, WAIT_MS, &frame, &fds, NULL)))
        return 2;
    return frame->reply_to == 3 && frame->operator_reply->outcome->code == VLS_CLI_DENIED &&
                   vls_wire_receive(fd, WAIT_MS, &frame, &fds, NULL).code == VLS_WIRE_GONE
               ? 0
               : 3;
}

static void client__other_user__denied(void **state)
{
    struct node *node = *state;
    int status = 0;
    if (getuid() != 0)
        skip(); /* only root can be somebody else */
    pid_t child = fork();
    if (child == 0)
        _exit(denied_child(node));
    while (waitpid(child, &status, WNOHANG) == 0) {
        event_base_loop(node->role.base, EVLOOP_NONBLOCK);
        struct timeval pause = {0, 1000};
        select(0, NULL, NULL, NULL, &pause);
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void stop__open_question__finishes_after_its_answer(void **state)
{
    struct node *node = *state;
    int client = connect_client(node);
    struct vls_fds fds;
    assert_true(vls_ok(ask(client, 1, 1, NULL, 0)));
    pump(node);
    vls_control_ops()->stop(&node->role);
    assert_false(is_finished);
    assert_true(vls_ok(ask(client, 2, 1, NULL, 0)));
    pump(node);
    assert_reply(client, 2, VLS_ROUTE_CLOSING);
    Valise__Frame *seen = receive(node->router, &fds);
    answer(node->router, seen->serial, NULL, 0);
    valise__frame__free_unpacked(seen, NULL);
    pump(node);
    assert_reply(client, 1, VLS_OK);
    assert_true(is_finished);
    vls_fd_close(&client);
}

static void init__unknown_user__named(void **state)
{
    (void)state;
    char *users[] = {(char[]){"no-such-user-here"}};
    struct vls_config config = {.control = {.users = users, .users_count = 1}};
    struct vls_role role = {.kind = VLS_ROLE_CONTROL, .config = &config, .listener = -1};
    struct vls_why why = {""};
    assert_int_equal(vls_control_ops()->init(&role, &why).code, VLS_CONFIG_INVALID);
    assert_non_null(strstr(why.text, "no-such-user-here"));
    vls_control_ops()->fini(&role);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(request__own_user__named_and_answered_with_descriptors),
        TEST(request__other_version__refused_here),
        TEST(request__too_many_at_once__pushed_back),
        TEST(router__gone_before_the_answer__uncertain),
        TEST(client__gone_before_the_answer__nothing_breaks),
        TEST(client__malformed_frame__loses_its_connection_alone),
        TEST(client__one_too_many__turned_away),
        TEST(client__other_user__denied),
        TEST(stop__open_question__finishes_after_its_answer),
        cmocka_unit_test(init__unknown_user__named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
