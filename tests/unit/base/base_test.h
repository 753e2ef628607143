#ifndef VALISE_TESTS_BASE_TEST_H
#define VALISE_TESTS_BASE_TEST_H
/* What the tests of base share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/bytes.h"

#define assert_done(call)           assert_int_equal((call).code, VLS_OK)
#define assert_code(call, expected) assert_int_equal((call).code, (expected))
#define COUNT(array)                (sizeof(array) / sizeof(array)[0])

#endif
