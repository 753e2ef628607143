#ifndef VALISE_TESTS_MEMORY_DIR_H
#define VALISE_TESTS_MEMORY_DIR_H
/*
 * tests/memory_dir - where tests put stores that no failing power is to be played with.
 *
 * A store commits thousands of times in these tests, and each commit waits for the disk: nearly
 * all of the time that they took. In memory the same calls are made, in the same order, and return
 * at once; what a killed process leaves is the same, too.
 */
#include <unistd.h>

/** The parent of a directory for mkdtemp(). `otherwise`: where there is no file system in memory;
 * NULL is /tmp. */
static inline const char *memory_dir(const char *otherwise)
{
    if (access("/dev/shm", W_OK | X_OK) == 0)
        return "/dev/shm";
    return otherwise != NULL ? otherwise : "/tmp";
}

#endif
