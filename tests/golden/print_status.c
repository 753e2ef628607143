/* Prints every status: name, class, number, exit status, words. Numbers never change and rows are
 * never removed. */
#include <stdio.h>

#include "base/status.h"

static void print_row(void *ctx, struct vls_status status)
{
    (void)ctx;
    printf("%-20s %-10s 0x%04x %2d  %s\n", vls_status_name(status),
           vls_class_name(vls_class_of(status)), status.code & 0xffffffu, vls_status_exit(status),
           vls_status_text(status));
}

int main(void)
{
    vls_status_each(print_row, NULL);
    return 0;
}
