/* valise plugin new: the beginning of a plugin, which compiles, is tested and passes as it is. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "help.h"
#include "plugin_commands.h"
#include "template.h"

#define MAX_TEXT (64u << 10)

enum role { ROLE_SOURCE = 1, ROLE_SINK = 2 };

/* What is made: the text that the build put into the program, and the file. %s is the name. */
static const struct file {
    const char *text, *path;
    mode_t mode;
} FILES[] = {
    {"plugin.c", "%s.c", 0644},
    {"plugin.CMakeLists.txt", "CMakeLists.txt", 0644},
    {"plugin.test", "test", 0755},
    {"plugin.7", "valise-%s.7", 0644},
    {"plugin.seed", "seed/out/hello.txt", 0644},
};

static VLS_STATUS read_roles(const struct cli_args *args, unsigned *out, struct vls_why *why)
{
    *out = 0;
    for (size_t i = 0; i < args->given_count; i++) {
        if (strcmp(args->given[i].option->name, "role") != 0)
            continue;
        if (strcmp(args->given[i].value, "source") == 0)
            *out |= ROLE_SOURCE;
        else if (strcmp(args->given[i].value, "sink") == 0)
            *out |= ROLE_SINK;
        else
            return vls_cli_usage(why, "--role", "'%.40s' is no role to begin with: source, sink",
                                 args->given[i].value);
    }
    if (*out == 0)
        *out = ROLE_SOURCE | ROLE_SINK;
    return VLS_DONE;
}

/* Lines "%MARK rest" are for some roles alone; NULL: this line is not for these. */
static const char *line_for(const char *line, unsigned roles)
{
    static const struct {
        const char *mark;
        unsigned any, all, none;
    } MARKS[] = {{"%any", 0, 0, 0},
                 {"%source", ROLE_SOURCE, 0, 0},
                 {"%sink", ROLE_SINK, 0, 0},
                 {"%both", 0, ROLE_SOURCE | ROLE_SINK, 0},
                 {"%only-source", ROLE_SOURCE, 0, ROLE_SINK},
                 {"%only-sink", ROLE_SINK, 0, ROLE_SOURCE}};
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
        size_t len = strlen(MARKS[i].mark);
        if (strncmp(line, MARKS[i].mark, len) != 0 || (line[len] != ' ' && line[len] != '\0'))
            continue;
        bool is_for = (MARKS[i].any == 0 || (roles & MARKS[i].any) != 0) &&
                      (roles & MARKS[i].all) == MARKS[i].all && (roles & MARKS[i].none) == 0;
        return is_for ? line + len + (line[len] == ' ') : NULL;
    }
    return line;
}

static VLS_STATUS make_text(const char *name, const char *plugin, unsigned roles,
                            struct vls_buf *out, struct vls_why *why)
{
    const struct cli_doc *doc = vls_help_doc(name);
    char upper[VLS_MAX_NAME + 1];
    size_t count = 0, used = 0;
    if (doc == NULL)
        return vls_fail(VLS_SYSTEM_BUG, why, "the program lacks the text %s", name);
    while (doc->lines[count] != NULL)
        count++;
    const char **lines = vls_mem_new((count + 1) * sizeof *lines);
    for (size_t i = 0; i < count; i++) {
        const char *line = line_for(doc->lines[i], roles);
        if (line != NULL)
            lines[used++] = line;
    }
    vls_text_copy(upper, sizeof upper, plugin);
    for (char *at = upper; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    const struct template_value values[] = {{"NAME", plugin}, {"UPPER", upper}};
    struct vls_status s = vls_template_fill(lines, values, 2, out, why);
    vls_mem_free(lines);
    return s;
}

static VLS_STATUS make_file(struct cli *cli, const struct file *file, const char *directory,
                            const char *plugin, unsigned roles, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    char path[VLS_MAX_PATH], name[VLS_MAX_NAME + 32];
    vls_buf_init(&text, MAX_TEXT);
    if (strstr(file->path, "%s.c") == file->path)
        snprintf(name, sizeof name, "%s.c", plugin);
    else if (strstr(file->path, "valise-%s.7") == file->path)
        snprintf(name, sizeof name, "valise-%s.7", plugin);
    else
        snprintf(name, sizeof name, "%s", file->path);
    VLS_TRY(vls_path_join(directory, name, path, sizeof path));
    VLS_TRY(make_text(file->text, plugin, roles, &text, why));
    VLS_TRY(vls_file_write(path, vls_buf_slice(&text), file->mode, why));
    if (!cli->is_json)
        fprintf(cli->out, "%s\n", path);
    return VLS_DONE;
}

struct vls_status vls_plugin_cmd_new(struct cli *cli, const struct cli_args *args,
                                     struct vls_why *why)
{
    const char *name = args->operands[1], *parent = vls_cli_value(args, "dir");
    char directory[VLS_MAX_PATH], seed[VLS_MAX_PATH];
    struct stat st;
    unsigned roles;
    VLS_TRY(read_roles(args, &roles, why));
    if (!vls_text_is_name(name, VLS_MAX_NAME) || strchr(name, '.') != NULL)
        return vls_cli_usage(why, name, "is not a name; use a-z, 0-9, '-', '_'");
    VLS_TRY(vls_path_join(parent != NULL ? parent : ".", name, directory, sizeof directory));
    if (stat(directory, &st) == 0)
        return vls_cli_usage(why, directory, "is there already; give another name, or --dir");
    VLS_TRY(vls_path_join(directory, "seed/out", seed, sizeof seed));
    VLS_TRY(vls_dir_make(seed, 0755, why));
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++)
        VLS_TRY(make_file(cli, &FILES[i], directory, name, roles, why));
    if (!cli->is_json)
        fprintf(cli->out,
                "\nNext: cd %s && cmake -B build && cmake --build build && "
                "ctest --test-dir build\n",
                directory);
    return VLS_DONE;
}
