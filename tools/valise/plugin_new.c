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

/* The roles of a plugin, and what each asks for. */
static const struct role {
    const char *name;
    uint32_t bit;
    const char *role, *cap, *grant; /* as C and the configuration have them */
} ROLES[] = {
    {"source", VLS_PLUGIN_SOURCE, "VLS_PLUGIN_SOURCE", "VLS_CAP_SEND", "send"},
    {"sink", VLS_PLUGIN_SINK, "VLS_PLUGIN_SINK", "VLS_CAP_RECEIVE", "receive"},
    {"resolver", VLS_PLUGIN_RESOLVER, "VLS_PLUGIN_RESOLVER", "VLS_CAP_RESOLVE", "resolve"},
    {"inspector", VLS_PLUGIN_INSPECTOR, "VLS_PLUGIN_INSPECTOR", "VLS_CAP_INSPECT", "inspect"}};
#define ROLE_COUNT (sizeof ROLES / sizeof ROLES[0])
#define ALL        (~0u)
#define WITH_FILES (VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK | VLS_PLUGIN_RESOLVER)
#define MAX_LIST   192

/* What is made: the text that the build put into the program, and the file. %s is the name. */
static const struct file {
    const char *text, *path;
    mode_t mode;
    uint32_t roles; /* for any of these */
} FILES[] = {
    {"plugin.c", "%s.c", 0644, ALL},
    {"plugin.CMakeLists.txt", "CMakeLists.txt", 0644, ALL},
    {"plugin.test", "test", 0755, ALL},
    {"plugin.7", "valise-%s.7", 0644, ALL},
    {"plugin.seed", "seed/out/hello.txt", 0644, ALL},
    {"plugin.seed", "seed/shelf/KIT_1.en.txt", 0644, VLS_PLUGIN_RESOLVER},
    {"plugin.veto", "seed/out/stopped.txt", 0644, VLS_PLUGIN_INSPECTOR},
};

static VLS_STATUS read_roles(const struct cli_args *args, uint32_t *out, struct vls_why *why)
{
    *out = 0;
    for (size_t i = 0; i < args->given_count; i++) {
        size_t at = 0;
        if (strcmp(args->given[i].option->name, "role") != 0)
            continue;
        while (at < ROLE_COUNT && strcmp(args->given[i].value, ROLES[at].name) != 0)
            at++;
        if (at == ROLE_COUNT)
            return vls_cli_usage(why, "--role",
                                 "'%.40s' is no role: source, sink, resolver, inspector",
                                 args->given[i].value);
        *out |= ROLES[at].bit;
    }
    if (*out == 0)
        *out = VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK;
    return VLS_DONE;
}

/* Lines "%MARK rest" are for some roles alone; NULL: this line is not for these. */
static const char *line_for(const char *line, uint32_t roles)
{
    static const struct {
        const char *mark;
        uint32_t any;
    } MARKS[] = {{"%any", ALL},
                 {"%source", VLS_PLUGIN_SOURCE},
                 {"%sink", VLS_PLUGIN_SINK},
                 {"%resolver", VLS_PLUGIN_RESOLVER},
                 {"%inspector", VLS_PLUGIN_INSPECTOR},
                 {"%files", WITH_FILES},
                 {"%labels", VLS_PLUGIN_SOURCE | VLS_PLUGIN_RESOLVER},
                 {"%several", 0}};
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
        size_t len = strlen(MARKS[i].mark);
        if (strncmp(line, MARKS[i].mark, len) != 0 || (line[len] != ' ' && line[len] != '\0'))
            continue;
        bool is_for = MARKS[i].any != 0 ? (roles & MARKS[i].any) != 0 : (roles & (roles - 1)) != 0;
        return is_for ? line + len + (line[len] == ' ') : NULL;
    }
    return line;
}

/* -- what depends on the roles ----------------------------------------------------------------- */

struct lists {
    char roles[MAX_LIST], needs[MAX_LIST], wants[MAX_LIST], grants[MAX_LIST];
};

static void append(char list[MAX_LIST], const char *between, const char *word)
{
    size_t used = strlen(list);
    snprintf(list + used, MAX_LIST - used, "%s%s", used > 0 ? between : "", word);
}

/* One role is needed, of several each is wanted: an operator chooses. */
static void make_lists(uint32_t roles, struct lists *out)
{
    bool is_one = (roles & (roles - 1)) == 0;
    *out = (struct lists){.roles = ""};
    if (roles & WITH_FILES) {
        append(out->needs, " | ", "VLS_CAP_FILES");
        append(out->grants, ", ", "files");
    }
    if (roles & VLS_PLUGIN_SOURCE) {
        append(out->needs, " | ", "VLS_CAP_STATE");
        append(out->grants, ", ", "state");
    }
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        if ((roles & ROLES[i].bit) == 0)
            continue;
        append(out->roles, " | ", ROLES[i].role);
        append(is_one ? out->needs : out->wants, " | ", ROLES[i].cap);
        append(out->grants, ", ", ROLES[i].grant);
    }
    if (out->needs[0] == '\0')
        append(out->needs, "", "0");
}

/* -- files ------------------------------------------------------------------------------------- */

static VLS_STATUS make_text(const char *name, const char *plugin, uint32_t roles,
                            struct vls_buf *out, struct vls_why *why)
{
    const struct cli_doc *doc = vls_help_doc(name);
    char upper[VLS_MAX_NAME + 1];
    struct lists lists;
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
    make_lists(roles, &lists);
    const struct template_value values[] = {{"NAME", plugin},       {"UPPER", upper},
                                            {"ROLES", lists.roles}, {"NEEDS", lists.needs},
                                            {"WANTS", lists.wants}, {"GRANTS", lists.grants}};
    struct vls_status s =
        vls_template_fill(lines, values, sizeof values / sizeof values[0], out, why);
    vls_mem_free(lines);
    return s;
}

static VLS_STATUS make_file(struct cli *cli, const struct file *file, const char *directory,
                            const char *plugin, uint32_t roles, struct vls_why *why)
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
    uint32_t roles;
    VLS_TRY(read_roles(args, &roles, why));
    if (!vls_text_is_name(name, VLS_MAX_NAME) || strchr(name, '.') != NULL)
        return vls_cli_usage(why, name, "is not a name; use a-z, 0-9, '-', '_'");
    VLS_TRY(vls_path_join(parent != NULL ? parent : ".", name, directory, sizeof directory));
    if (stat(directory, &st) == 0)
        return vls_cli_usage(why, directory, "is there already; give another name, or --dir");
    VLS_TRY(vls_path_join(directory, "seed/out", seed, sizeof seed));
    VLS_TRY(vls_dir_make(seed, 0755, why));
    VLS_TRY(vls_path_join(directory, "seed/shelf", seed, sizeof seed));
    if (roles & VLS_PLUGIN_RESOLVER)
        VLS_TRY(vls_dir_make(seed, 0755, why));
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++)
        if (roles & FILES[i].roles)
            VLS_TRY(make_file(cli, &FILES[i], directory, name, roles, why));
    if (!cli->is_json)
        fprintf(cli->out,
                "\nNext: cd %s && cmake -B build && cmake --build build && "
                "ctest --test-dir build\n",
                directory);
    return VLS_DONE;
}
