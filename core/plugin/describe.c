#include "plugin/describe.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "plugin/accept.h"

/* -- the object -------------------------------------------------------------------------------- */

static const char *machine_name(unsigned machine)
{
    static const struct {
        unsigned machine;
        const char *name;
    } NAMES[] = {{EM_X86_64, "x86_64"}, {EM_386, "i386"},    {EM_AARCH64, "aarch64"},
                 {EM_ARM, "arm"},       {EM_RISCV, "riscv"}, {EM_PPC64, "ppc64"},
                 {EM_S390, "s390x"},    {EM_MIPS, "mips"}};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (NAMES[i].machine == machine)
            return NAMES[i].name;
    return "another machine";
}

/* What this very program was built for. */
static struct vls_status our_header(Elf64_Ehdr *out, struct vls_why *why)
{
    int fd VLS_DEFER(vls_fd_close) = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "/proc/self/exe");
    return vls_fd_read_at(fd, (uint8_t *)out, sizeof *out, 0, why);
}

static struct vls_status check_header(const char *file, const Elf64_Ehdr *h, struct vls_why *why)
{
    Elf64_Ehdr ours;
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin object %s: it is no shared object (ELF); name the .so that the "
                        "compiler made",
                        file);
    if (!vls_ok(our_header(&ours, NULL)))
        return VLS_DONE; /* /proc is closed here: the loader says it in its own words */
    if (h->e_ident[EI_CLASS] != ours.e_ident[EI_CLASS] || h->e_machine != ours.e_machine)
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin object %s: it is built for %s, and this machine is %s; build it "
                        "for this one",
                        file, machine_name(h->e_machine), machine_name(ours.e_machine));
    if (h->e_type != ET_DYN)
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin object %s: it is no shared object; link it with -shared", file);
    return VLS_DONE;
}

struct vls_status vls_plugin_check_object(const char *file, struct vls_why *why)
{
    struct stat st;
    Elf64_Ehdr header;
    int fd VLS_DEFER(vls_fd_close) = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0)
        return vls_fail_errno(VLS_SYSTEM_MISSING, why, errno, "plugin object %s", file);
    if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return vls_fail(VLS_SYSTEM_ACCESS, why,
                        "plugin object %s: must be a regular file that only its owner can write: "
                        "chmod go-w",
                        file);
    if (st.st_size < (off_t)sizeof header ||
        !vls_ok(vls_fd_read_at(fd, (uint8_t *)&header, sizeof header, 0, NULL)))
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin object %s: it is no shared object (ELF): %lld bytes", file,
                        (long long)st.st_size);
    return check_header(file, &header, why);
}

/* -- writing ----------------------------------------------------------------------------------- */

static char *text_of(const char *text)
{
    if (text == NULL)
        return (char *)protobuf_c_empty_string;
    return vls_mem_text(text, strnlen(text, VLS_PLUGIN_MAX_TEXT));
}

static uint32_t calls_of(const struct vls_plugin *p)
{
    const bool there[] = {
        p->configure != NULL,
        p->start != NULL,
        p->drain != NULL,
        p->stop != NULL,
        p->poll != NULL,
        p->committed != NULL,
        p->deliver_begin != NULL,
        p->part_begin != NULL,
        p->part_bytes != NULL,
        p->part_end != NULL,
        p->deliver_end != NULL,
        p->deliver_abort != NULL,
        p->resolve != NULL,
        p->inspect_begin != NULL,
        p->inspect_part_begin != NULL,
        p->inspect_part_bytes != NULL,
        p->inspect_part_end != NULL,
        p->inspect_end != NULL,
        p->inspect_abort != NULL,
    };
    uint32_t bits = 0;
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++)
        bits |= (uint32_t)there[i] << i;
    return bits;
}

static Valise__PluginSetting *setting_of(const struct vls_setting *s)
{
    Valise__PluginSetting *row = vls_mem_new(sizeof *row);
    valise__plugin_setting__init(row);
    row->name = text_of(s->name);
    row->type = s->type;
    row->flags = s->flags;
    row->min = s->min;
    row->max = s->max;
    row->fallback = text_of(s->fallback);
    row->has_fallback = s->fallback != NULL;
    row->choices = text_of(s->choices);
    row->help = text_of(s->help);
    return row;
}

static struct vls_setting row_at(const struct vls_plugin *p, size_t i)
{
    struct vls_setting row = {0};
    size_t stride = (size_t)p->setting_bytes;
    vls_copy(&row, (const uint8_t *)p->settings + i * stride,
             stride < sizeof row ? stride : sizeof row);
    return row;
}

/* Nothing is released: the process ends. */
static void fill(const struct vls_plugin *p, Valise__PluginDescription *d)
{
    bool has_settings = p->settings != NULL &&
                        p->setting_bytes >= offsetof(struct vls_setting, help) + sizeof(char *);
    d->abi = p->abi;
    d->size = p->size;
    d->caps_need = p->caps_need;
    d->caps_want = p->caps_want;
    d->roles = p->roles;
    d->reserved = p->reserved;
    d->id = text_of(p->id);
    d->version = text_of(p->version);
    d->summary = text_of(p->summary);
    d->missing = (uint32_t)(p->id == NULL) | (uint32_t)(p->version == NULL) << 1 |
                 (uint32_t)(p->summary == NULL) << 2;
    d->calls = calls_of(p);
    d->setting_bytes = p->settings != NULL ? p->setting_bytes : 0;
    d->settings = vls_mem_new((VLS_PLUGIN_MAX_SETTINGS + 1) * sizeof *d->settings);
    for (size_t i = 0; has_settings && i <= VLS_PLUGIN_MAX_SETTINGS; i++) {
        struct vls_setting row = row_at(p, i);
        if (row.name == NULL)
            break;
        d->settings[d->n_settings++] = setting_of(&row);
    }
}

struct vls_status vls_plugin_describe(const char *file, struct vls_buf *out, struct vls_why *why)
{
    const struct vls_plugin *theirs;
    struct vls_plugin mine = {0};
    Valise__PluginDescription d = VALISE__PLUGIN_DESCRIPTION__INIT;
    VLS_TRY(vls_plugin_load(file, &theirs, why));
    if (theirs->abi >> 16 != VLS_ABI_MAJOR || theirs->size < VLS_PLUGIN_SIZE_1_0) {
        d.abi = theirs->abi;
        d.size = theirs->size;
        d.missing = 7;
    } else {
        vls_copy(&mine, theirs, theirs->size < sizeof mine ? theirs->size : sizeof mine);
        fill(&mine, &d);
    }
    size_t size = valise__plugin_description__get_packed_size(&d);
    if (size > out->max - out->len)
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin object %s: its descriptor has texts of %zu bytes", file, size);
    uint8_t *bytes = vls_mem_new(size + 1);
    valise__plugin_description__pack(&d, bytes);
    return vls_buf_add(out, bytes, size);
}

/* -- reading ----------------------------------------------------------------------------------- */

static void never_called(void)
{
}

/* Every place of a call takes the same value: that something is there. */
static void place_calls(uint32_t calls, struct vls_plugin *plugin)
{
    void (*there)(void) = never_called;
    void *const places[] = {
        &plugin->configure,
        &plugin->start,
        &plugin->drain,
        &plugin->stop,
        &plugin->poll,
        &plugin->committed,
        &plugin->deliver_begin,
        &plugin->part_begin,
        &plugin->part_bytes,
        &plugin->part_end,
        &plugin->deliver_end,
        &plugin->deliver_abort,
        &plugin->resolve,
        &plugin->inspect_begin,
        &plugin->inspect_part_begin,
        &plugin->inspect_part_bytes,
        &plugin->inspect_part_end,
        &plugin->inspect_end,
        &plugin->inspect_abort,
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (calls & 1u << i)
            vls_copy(places[i], &there, sizeof there);
}

static void place_settings(const Valise__PluginDescription *d, struct vls_setting *rows)
{
    for (size_t i = 0; i < d->n_settings; i++) {
        const Valise__PluginSetting *from = d->settings[i];
        rows[i] = (struct vls_setting){
            .name = from->name,
            .type = from->type,
            .flags = from->flags,
            .min = from->min,
            .max = from->max,
            .fallback = from->has_fallback ? from->fallback : NULL,
            .choices = from->choices[0] != '\0' ? from->choices : NULL,
            .help = from->help[0] != '\0' ? from->help : NULL,
        };
    }
}

struct vls_status vls_plugin_description_read(struct vls_slice bytes,
                                              struct vls_plugin_description *out,
                                              struct vls_why *why)
{
    Valise__PluginDescription *d = valise__plugin_description__unpack(NULL, bytes.len, bytes.at);
    if (d == NULL || d->n_settings > VLS_PLUGIN_MAX_SETTINGS + 1) {
        if (d != NULL)
            valise__plugin_description__free_unpacked(d, NULL);
        return vls_fail(VLS_PLUGIN_INVALID, why, "what describes the plugin is not understood");
    }
    struct vls_setting *rows = vls_mem_new((d->n_settings + 1) * sizeof *rows);
    place_settings(d, rows);
    *out = (struct vls_plugin_description){
        .message = d,
        .settings = rows,
        .plugin = {.size = d->size,
                   .abi = d->abi,
                   .caps_need = d->caps_need,
                   .caps_want = d->caps_want,
                   .roles = d->roles,
                   .reserved = d->reserved,
                   .id = (d->missing & 1u) == 0 ? d->id : NULL,
                   .version = (d->missing & 2u) == 0 ? d->version : NULL,
                   .summary = (d->missing & 4u) == 0 ? d->summary : NULL,
                   /* of our rows; of its own the message tells */
                   .setting_bytes = sizeof *rows,
                   .settings = d->setting_bytes != 0 ? rows : NULL},
    };
    if (out->plugin.size > sizeof out->plugin) /* its tail is not here */
        out->plugin.size = sizeof out->plugin;
    place_calls(d->calls, &out->plugin);
    return VLS_DONE;
}

void vls_plugin_description_fini(struct vls_plugin_description *description)
{
    if (description->message != NULL)
        valise__plugin_description__free_unpacked(description->message, NULL);
    vls_mem_free(description->settings);
    *description = (struct vls_plugin_description){.message = NULL};
}
