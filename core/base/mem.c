#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One thread a process: no lock. */
static uint64_t fail_countdown;

static bool is_made_to_fail(void)
{
    return fail_countdown != 0 && --fail_countdown == 0;
}

void *vls_mem_new(size_t bytes)
{
    void *p = calloc(1, bytes != 0 ? bytes : 1);
    if (p == NULL) {
        fputs("valise: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *vls_mem_try(size_t bytes)
{
    return is_made_to_fail() ? NULL : calloc(1, bytes != 0 ? bytes : 1);
}

void *vls_mem_resize(void *old, size_t bytes)
{
    return is_made_to_fail() ? NULL : realloc(old, bytes != 0 ? bytes : 1);
}

char *vls_mem_text(const char *from, size_t len)
{
    char *copy = vls_mem_new(len + 1);
    if (len != 0)
        memcpy(copy, from, len);
    return copy;
}

char *vls_mem_dup(const char *text)
{
    return text != NULL ? vls_mem_text(text, strlen(text)) : NULL;
}

void vls_mem_free(void *p)
{
    free(p);
}

void vls_mem_freep(void *pointer_to_pointer)
{
    void *p;
    memcpy(&p, pointer_to_pointer, sizeof p);
    free(p);
    p = NULL;
    memcpy(pointer_to_pointer, &p, sizeof p);
}

void vls_mem_wipe(void *at, size_t len)
{
    explicit_bzero(at, len);
}

void vls_mem_fail_at(uint64_t n)
{
    fail_countdown = n;
}
