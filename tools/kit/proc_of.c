#include "kit/proc_of.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"

#define LINE 512

/* The rest of the line that begins with `start`. */
static bool find_line(pid_t pid, const char *file, const char *start, char out[LINE])
{
    char path[64];
    bool is_found = false;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return false;
    while (!is_found && fgets(out, LINE, in) != NULL)
        is_found = strncmp(out, start, strlen(start)) == 0;
    fclose(in);
    if (!is_found)
        return false;
    out[strcspn(out, "\n")] = '\0';
    return true;
}

bool kit_proc_text(pid_t pid, const char *field, char *out, size_t room)
{
    char line[LINE], start[64];
    snprintf(start, sizeof start, "%s:", field);
    if (!find_line(pid, "status", start, line))
        return false;
    const char *at = line + strlen(start);
    vls_text_copy(out, room, at + strspn(at, " \t"));
    return true;
}

int64_t kit_proc_number(pid_t pid, const char *field)
{
    char text[LINE];
    if (!kit_proc_text(pid, field, text, sizeof text))
        return -1;
    return strtoll(text, NULL, 10);
}

int64_t kit_proc_cpu_ms(pid_t pid)
{
    char path[64], line[LINE];
    unsigned long user = 0, system_time = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return -1;
    const char *read_line = fgets(line, sizeof line, in);
    fclose(in);
    const char *behind = read_line != NULL ? strrchr(line, ')') : NULL;
    if (behind == NULL || sscanf(behind + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                                 &user, &system_time) != 2)
        return -1;
    long ticks = sysconf(_SC_CLK_TCK);
    return (int64_t)((user + system_time) * 1000 / (unsigned long)(ticks > 0 ? ticks : 100));
}

int kit_proc_fds(pid_t pid, bool (*each)(void *ctx, const char *where), void *ctx)
{
    char path[64], where[VLS_MAX_PATH];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *list = opendir(path);
    if (list == NULL)
        return -1;
    for (const struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list)) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        ssize_t len = readlinkat(dirfd(list), entry->d_name, where, sizeof where - 1);
        where[len > 0 ? len : 0] = '\0';
        if (each != NULL && !each(ctx, where))
            break;
    }
    closedir(list);
    return count;
}

int64_t kit_proc_limit(pid_t pid, const char *name)
{
    char line[LINE];
    if (!find_line(pid, "limits", name, line))
        return -1;
    const char *at = line + strlen(name);
    at += strspn(at, " ");
    return strncmp(at, "unlimited", 9) == 0 ? -1 : strtoll(at, NULL, 10);
}

int kit_proc_children(pid_t pid)
{
    char path[96], line[LINE];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return 0;
    if (fgets(line, sizeof line, in) != NULL)
        for (const char *at = line; *at != '\0'; at++)
            count += *at == ' ';
    fclose(in);
    return count;
}
