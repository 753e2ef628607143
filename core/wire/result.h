#ifndef VALISE_WIRE_RESULT_H
#define VALISE_WIRE_RESULT_H
/*
 * wire/result - the results of Finding.result of ipc.proto, and what SubmissionResult.like says, as
 * <valise/plugin.h> numbers them (tests/plugins holds the two together), and their names.
 *
 * Process: all. Pure.
 */
#include <stdbool.h>
#include <stdint.h>

#define VLS_FOUND_TABLE(X)                                                                         \
    X(DELIVERED, 1, "delivered")                                                                   \
    X(UNCHANGED, 2, "unchanged")                                                                   \
    X(PARTIAL, 3, "partial")                                                                       \
    X(NOT_PUBLISHED, 4, "not-published")                                                           \
    X(NOT_FOUND, 5, "not-found")                                                                   \
    X(BLOCKED, 6, "blocked")                                                                       \
    X(NEEDS_KEY, 7, "needs-key")                                                                   \
    X(REFUSED, 8, "refused")                                                                       \
    X(RETRY_AT, 9, "retry-at")                                                                     \
    X(MALFORMED, 10, "malformed")                                                                  \
    X(QUEUED, 11, "queued")

#define VLS_X(name, number, text) VLS_FOUND_##name = (number),
enum vls_found { VLS_FOUND_TABLE(VLS_X) };
#undef VLS_X

/** "delivered" and so on; NULL for a number that is no result. */
const char *vls_found_name(uint32_t result);
/** In what a document is like an earlier one. */
#define VLS_LIKENESS_TABLE(X)                                                                      \
    X(NOTHING, 0, "")                                                                              \
    X(BYTES, 1, "bytes")                                                                           \
    X(IDENTITY, 2, "identity")                                                                     \
    X(TEXT, 3, "text")

#define VLS_X(name, number, text) VLS_LIKENESS_##name = (number),
enum vls_likeness_kind { VLS_LIKENESS_TABLE(VLS_X) };
#undef VLS_X

/** "" for nothing, and for a number that is none of them. Never NULL. */
const char *vls_likeness_name(uint32_t like);

/** Documents come with it. */
bool vls_found_has_documents(uint32_t result);

#endif
