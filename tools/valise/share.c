#include "share.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

/** Directories above the program in which its schemas are looked for. */
#define PARENTS_MAX 5

static bool has_schemes(const char *dir)
{
    char path[VLS_MAX_PATH];
    return vls_ok(vls_path_join(dir, "spif", path, sizeof path)) && access(path, R_OK | X_OK) == 0;
}

struct vls_status vls_cli_share(const char *given, char out[VLS_MAX_PATH], struct vls_why *why)
{
    if (given != NULL) {
        if (!has_schemes(given))
            return vls_cli_usage(why, "--share", "%.120s holds no folder 'spif'", given);
        vls_text_copy(out, VLS_MAX_PATH, given);
        return VLS_DONE;
    }
    char program[VLS_MAX_PATH];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    program[len > 0 ? len : 0] = '\0';
    for (int i = 0; i < PARENTS_MAX; i++) {
        static const char *const PLACES[] = {"share/valise", "schemas"};
        char *slash = strrchr(program, '/');
        if (slash == NULL)
            break;
        *slash = '\0';
        for (size_t p = 0; p < sizeof PLACES / sizeof PLACES[0]; p++)
            if (vls_ok(vls_path_join(program, PLACES[p], out, VLS_MAX_PATH)) && has_schemes(out))
                return VLS_DONE;
    }
    return vls_cli_usage(why, "--share",
                         "no schemes are installed beside this program; give the "
                         "directory that holds 'spif' and 'arrangements'");
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct vls_status vls_cli_list_files(const char *dir, const char *end, char **out, size_t room,
                                     size_t *out_count, struct vls_why *why)
{
    DIR *stream = opendir(dir);
    if (stream == NULL)
        return vls_fail_errno(VLS_SYSTEM_MISSING, why, errno, "%.160s", dir);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL && count < room;) {
        size_t len = strlen(entry->d_name), end_len = strlen(end);
        if (entry->d_name[0] != '.' && len > end_len &&
            strcmp(entry->d_name + len - end_len, end) == 0)
            out[count++] = vls_mem_dup(entry->d_name);
    }
    closedir(stream);
    qsort(out, count, sizeof *out, compare_texts);
    *out_count = count;
    return VLS_DONE;
}
