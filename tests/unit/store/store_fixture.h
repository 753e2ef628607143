#ifndef VALISE_TESTS_STORE_STORE_FIXTURE_H
#define VALISE_TESTS_STORE_STORE_FIXTURE_H
/*
 * store_fixture - a store in a directory of its own, and short ways to fill it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store_internal.h"

struct fixture {
    char dir[128];
    struct vls_store *store;
    struct vls_why why;
    uint64_t max_bytes;
};

/** cmocka's setup and teardown: *state is a struct fixture with an open store. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/** Close and open again. */
void fixture_reopen(struct fixture *f);
void fixture_open(struct fixture *f);
void fixture_begin(struct fixture *f);
void fixture_commit(struct fixture *f);

/** An id with this time and number: number 1 is older than number 2. */
struct vls_id make_id(uint32_t number);
/** A digest of 32 bytes that are all `byte`. */
struct vls_digest make_digest(uint8_t byte);
/** An outbound, released message to "iom" that is due at 1000, without content. */
struct vls_message make_message(uint32_t number);
/** Keep `bytes` as a content file and return its digest. */
struct vls_digest keep_content(struct fixture *f, struct vls_slice bytes);
void move_message(struct fixture *f, const struct vls_id *id, enum vls_state from,
                  enum vls_state to, uint64_t due_ms);
/** Files under content/ and incoming/. */
unsigned count_files(const struct fixture *f, const char *folder);
void path_in(const struct fixture *f, const char *name, char out[256]);

#define assert_done(f, call)                                                                       \
    do {                                                                                           \
        (f)->why.text[0] = '\0';                                                                   \
        struct vls_status done_ = (call);                                                          \
        if (!vls_ok(done_))                                                                        \
            fail_msg("%s: %s: %s", #call, vls_status_name(done_), (f)->why.text);                  \
    } while (0)

/** It fails with this code and says why. */
#define assert_code(f, expected, call)                                                             \
    do {                                                                                           \
        (f)->why.text[0] = '\0';                                                                   \
        struct vls_status code_ = (call);                                                          \
        assert_string_equal(vls_status_name(code_),                                                \
                            vls_status_name((struct vls_status){(expected)}));                     \
        assert_true((f)->why.text[0] != '\0');                                                     \
    } while (0)

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

#endif
