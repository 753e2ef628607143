/* valise-arrangement(7) says of each kind what the table says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "policy/kinds.h"

#define MANUAL       VALISE_SOURCE_DIR "/docs/man/valise-arrangement.7"
#define MANUAL_BYTES (1u << 16)

/** ".It KIND Ta BASIS Ta ANSWER, ANSWER" */
static void row_of(const struct vls_kind *kind, char *out, size_t room)
{
    size_t n = (size_t)snprintf(out, room, "\n.It %s Ta %s Ta ", kind->name, kind->basis);
    if (kind->expects[0] == NULL)
        n += (size_t)snprintf(out + n, room - n, "-");
    for (size_t i = 0; kind->expects[i] != NULL; i++)
        n += (size_t)snprintf(out + n, room - n, "%s%s", i != 0 ? ", " : "", kind->expects[i]);
    snprintf(out + n, room - n, "\n");
}

static void manual__each_kind__has_its_row(void **state)
{
    (void)state;
    struct vls_buf text;
    struct vls_why why = {""};
    const struct vls_kind *kind;
    size_t rows = 0;
    vls_buf_init(&text, MANUAL_BYTES);
    if (!vls_ok(vls_file_read(MANUAL, &text, &why)))
        fail_msg("%s", why.text);
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        char row[256];
        row_of(kind, row, sizeof row);
        if (strstr(vls_buf_text(&text), row) == NULL)
            fail_msg("no row%s", row);
    }
    for (const char *at = vls_buf_text(&text); (at = strstr(at, " Ta ")) != NULL; at += 4)
        rows++;
    size_t kinds = 0;
    while (vls_kind_at(kinds) != NULL)
        kinds++;
    assert_int_equal(rows, 2 * (kinds + 1)); /* and the head */
    vls_buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(manual__each_kind__has_its_row)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
