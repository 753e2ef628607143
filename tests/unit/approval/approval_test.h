#ifndef VALISE_TESTS_APPROVAL_TEST_H
#define VALISE_TESTS_APPROVAL_TEST_H
/* A folder of its own for each test program, keys made in it by openssl(1), and openssl as the
 * independent maker and verifier. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "approval/signature.h"
#include "base/env.h"
#include "base/file.h"
#include "base/mem.h"

#define DAY_MS         UINT64_C(86400000)
#define STATEMENT      "exactly these bytes\n"
#define COMMAND_ROOM   4096
#define TEST_PATH_ROOM 128

#define assert_code(status, expected)                                                              \
    assert_string_equal(vls_status_name(status),                                                   \
                        vls_status_name((struct vls_status){VLS_##expected}))

static char test_dir[64];

/** Run it; its exit status, -1 when it has none. */
static inline int run_shell(const char *command)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        execlp("sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/** The exit status of a command in the folder. */
__attribute__((format(printf, 1, 2))) static inline int run(const char *fmt, ...)
{
    char command[COMMAND_ROOM];
    int at = snprintf(command, sizeof command, "exec >>%s/log 2>&1; cd %s; set -x; ", test_dir,
                      test_dir);
    va_list args;
    va_start(args, fmt);
    vsnprintf(command + at, sizeof command - (size_t)at, fmt, args);
    va_end(args);
    return run_shell(command);
}

static inline const char *in_dir(const char *name)
{
    static char paths[4][TEST_PATH_ROOM];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, TEST_PATH_ROOM, "%s/%s", test_dir, name);
    return path;
}

static inline void put(const char *name, struct vls_slice bytes)
{
    assert_code(vls_file_write(in_dir(name), bytes, 0600, NULL), OK);
}

static inline struct vls_buf get(const char *name)
{
    struct vls_buf bytes;
    vls_buf_init(&bytes, 1u << 20);
    assert_code(vls_file_read(in_dir(name), &bytes, NULL), OK);
    return bytes;
}

static inline uint64_t now_ms(void)
{
    return vls_wall_ms(vls_env_system());
}

static inline int make_dir(void **state)
{
    (void)state;
    snprintf(test_dir, sizeof test_dir, "/tmp/valise-approval-XXXXXX");
    if (mkdtemp(test_dir) == NULL)
        return -1;
    put("statement", vls_slice_text(STATEMENT));
    return 0;
}

static inline int remove_dir(void **state)
{
    (void)state;
    char command[TEST_PATH_ROOM];
    snprintf(command, sizeof command, "rm -rf %s", test_dir);
    return run_shell(command);
}

/** A self-signed certificate NAME.pem of a new key NAME.key. `algorithm` is for openssl req. */
static inline void make_self(const char *name, const char *algorithm)
{
    assert_int_equal(run("openssl req -x509 -newkey %s -nodes -keyout %s.key -out %s.pem "
                         "-days 30 -subj '/O=Example/CN=%s' -addext keyUsage=digitalSignature && "
                         "chmod 600 %s.key",
                         algorithm, name, name, name, name),
                     0);
}

static inline struct vls_status check(struct vls_slice der, const char *text,
                                      const char *anchor_pem, uint64_t at_ms,
                                      struct vls_signature *out, struct vls_why *why)
{
    struct vls_anchor *anchor = NULL;
    assert_code(vls_anchor_load(in_dir(anchor_pem), &anchor, why), OK);
    struct vls_status s = vls_signature_verify(vls_slice_text(text), der, anchor, at_ms, out, why);
    vls_anchor_free(&anchor);
    return s;
}

/** Signed by `openssl cms -sign` with these options besides, checked here. */
__attribute__((format(printf, 2, 3))) static inline struct vls_status openssl_signs(
    const char *anchor_pem, const char *fmt, ...)
{
    char options[512];
    struct vls_why why = {""};
    struct vls_signature who;
    va_list args;
    va_start(args, fmt);
    vsnprintf(options, sizeof options, fmt, args);
    va_end(args);
    assert_int_equal(
        run("openssl cms -sign -binary -in statement -outform DER -out theirs.p7s %s", options), 0);
    struct vls_buf der = get("theirs.p7s");
    struct vls_status s = check(vls_buf_slice(&der), STATEMENT, anchor_pem, now_ms(), &who, &why);
    vls_buf_fini(&der);
    return s;
}

#endif
