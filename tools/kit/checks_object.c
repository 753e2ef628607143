/* The object as a file: what can be said of it before any of it runs, and of the loading itself. */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/file.h"
#include "kit/checks.h"

#define MAX_OBJECT (64 << 20)

/* The file, mapped for reading. */
struct object {
    const uint8_t *at;
    size_t len;
};

static void object_fini(struct object *object)
{
    if (object->at != NULL)
        munmap((void *)(uintptr_t)object->at, object->len);
}

static struct vls_status object_open(const struct kit *kit, struct object *out, struct vls_why *why)
{
    uint64_t size;
    int fd VLS_DEFER(vls_fd_close) = open(kit->options.file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    VLS_TRY(vls_fd_size(fd, &size, why));
    if (size < sizeof(Elf64_Ehdr) || size > MAX_OBJECT)
        return vls_fail(VLS_PLUGIN_INVALID, why, "%llu bytes are no object",
                        (unsigned long long)size);
    void *at = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "it cannot be mapped");
    *out = (struct object){at, (size_t)size};
    return VLS_DONE;
}

/* A table of the file, or NULL when it lies outside: offsets are the object's own words. */
static const void *table(const struct object *o, uint64_t offset, uint64_t count, uint64_t each)
{
    if (each == 0 || count > o->len / each || offset > o->len - count * each)
        return NULL;
    return o->at + offset;
}

static const Elf64_Phdr *segments(const struct object *o, size_t *out_count)
{
    const Elf64_Ehdr *h = (const Elf64_Ehdr *)(const void *)o->at;
    *out_count = h->e_phnum;
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 || h->e_ident[EI_CLASS] != ELFCLASS64)
        return NULL;
    return table(o, h->e_phoff, h->e_phnum, sizeof(Elf64_Phdr));
}

static const Elf64_Shdr *section(const struct object *o, uint32_t type)
{
    const Elf64_Ehdr *h = (const Elf64_Ehdr *)(const void *)o->at;
    const Elf64_Shdr *rows = table(o, h->e_shoff, h->e_shnum, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < h->e_shnum; i++)
        if (rows[i].sh_type == type)
            return &rows[i];
    return NULL;
}

static enum kit_verdict check_file(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    struct stat st;
    (void)check;
    KIT_NEED(stat(kit->options.file, &st) == 0, "it cannot be looked at");
    KIT_NEED(S_ISREG(st.st_mode), "it is no regular file");
    KIT_NEED((st.st_mode & (S_IWGRP | S_IWOTH)) == 0, "others may write to it: chmod go-w");
    return KIT_PASSED;
}

static enum kit_verdict check_machine(struct kit *kit, const struct kit_check *check,
                                      struct vls_why *why)
{
    (void)check;
    KIT_TRY(vls_plugin_check_object(kit->options.file, why));
    return KIT_PASSED;
}

static enum kit_verdict check_size(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    VLS_DEFER(object_fini) struct object o = {NULL, 0};
    (void)check;
    KIT_TRY(object_open(kit, &o, why));
    return KIT_PASSED;
}

static enum kit_verdict check_stack(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    VLS_DEFER(object_fini) struct object o = {NULL, 0};
    size_t count;
    (void)check;
    KIT_TRY(object_open(kit, &o, why));
    const Elf64_Phdr *rows = segments(&o, &count);
    KIT_NEED(rows != NULL, "its table of segments is not readable");
    for (size_t i = 0; i < count; i++)
        if (rows[i].p_type == PT_GNU_STACK)
            KIT_NEED((rows[i].p_flags & PF_X) == 0, "its stack is executable: -Wl,-z,noexecstack");
    return KIT_PASSED;
}

static enum kit_verdict check_writable_code(struct kit *kit, const struct kit_check *check,
                                            struct vls_why *why)
{
    VLS_DEFER(object_fini) struct object o = {NULL, 0};
    size_t count;
    (void)check;
    KIT_TRY(object_open(kit, &o, why));
    const Elf64_Phdr *rows = segments(&o, &count);
    KIT_NEED(rows != NULL, "its table of segments is not readable");
    for (size_t i = 0; i < count; i++)
        KIT_NEED(rows[i].p_type != PT_LOAD || (rows[i].p_flags & (PF_W | PF_X)) != (PF_W | PF_X),
                 "a segment is writable and executable");
    return KIT_PASSED;
}

/* check->number: the tag that must not be there */
static enum kit_verdict check_dynamic(struct kit *kit, const struct kit_check *check,
                                      struct vls_why *why)
{
    VLS_DEFER(object_fini) struct object o = {NULL, 0};
    KIT_TRY(object_open(kit, &o, why));
    const Elf64_Shdr *dynamic = section(&o, SHT_DYNAMIC);
    const Elf64_Dyn *rows = dynamic != NULL ? table(&o, dynamic->sh_offset,
                                                    dynamic->sh_size / sizeof *rows, sizeof *rows)
                                            : NULL;
    KIT_NEED(rows != NULL, "it has no dynamic section");
    for (size_t i = 0; i < dynamic->sh_size / sizeof *rows && rows[i].d_tag != DT_NULL; i++)
        KIT_NEED(rows[i].d_tag != check->number, "%s", check->text);
    return KIT_PASSED;
}

static enum kit_verdict check_exports(struct kit *kit, const struct kit_check *check,
                                      struct vls_why *why)
{
    VLS_DEFER(object_fini) struct object o = {NULL, 0};
    (void)check;
    KIT_TRY(object_open(kit, &o, why));
    const Elf64_Ehdr *h = (const Elf64_Ehdr *)(const void *)o.at;
    const Elf64_Shdr *all = table(&o, h->e_shoff, h->e_shnum, sizeof *all);
    const Elf64_Shdr *symbols = section(&o, SHT_DYNSYM);
    KIT_NEED(symbols != NULL && symbols->sh_link < h->e_shnum, "it has no dynamic symbols");
    const Elf64_Sym *rows =
        table(&o, symbols->sh_offset, symbols->sh_size / sizeof *rows, sizeof *rows);
    const Elf64_Shdr *names = &all[symbols->sh_link];
    const char *text = table(&o, names->sh_offset, names->sh_size, 1);
    KIT_NEED(rows != NULL && text != NULL && names->sh_size > 0 && text[names->sh_size - 1] == '\0',
             "its symbols are not readable");
    for (size_t i = 0; i < symbols->sh_size / sizeof *rows; i++) {
        if (rows[i].st_shndx == SHN_UNDEF || ELF64_ST_BIND(rows[i].st_info) == STB_LOCAL ||
            rows[i].st_name >= names->sh_size)
            continue;
        const char *name = text + rows[i].st_name;
        KIT_NEED(strcmp(name, "vls_plugin_entry") == 0,
                 "it also exports %.80s: build with -fvisibility=hidden", name);
    }
    return KIT_PASSED;
}

static enum kit_verdict check_described(struct kit *kit, const struct kit_check *check,
                                        struct vls_why *why)
{
    (void)check;
    KIT_NEED(kit->is_described, "%s", kit->undescribed.text);
    return KIT_PASSED;
}

static enum kit_verdict check_again(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    struct vls_plugin_description second = {.message = NULL};
    uint8_t bytes[2][VLS_PLUGIN_DESCRIPTION / 8];
    (void)check;
    KIT_NEED(kit->is_described, "it was not described the first time");
    KIT_TRY(kit_describe(kit->options.file, &second, why));
    size_t len[2] = {valise__plugin_description__get_packed_size(kit->described.message),
                     valise__plugin_description__get_packed_size(second.message)};
    bool is_small = len[0] <= sizeof bytes[0] && len[1] <= sizeof bytes[1];
    if (is_small) {
        valise__plugin_description__pack(kit->described.message, bytes[0]);
        valise__plugin_description__pack(second.message, bytes[1]);
    }
    vls_plugin_description_fini(&second);
    KIT_NEED(is_small && len[0] == len[1] && memcmp(bytes[0], bytes[1], len[0]) == 0,
             "its descriptor is another one each time");
    return KIT_PASSED;
}

const struct kit_check KIT_OBJECT_CHECKS[] = {
    {"object.file", "a regular file that only its owner can write", check_file, 0, NULL},
    {"object.machine", "a shared object for this machine", check_machine, 0, NULL},
    {"object.size", "at most 64 MiB", check_size, 0, NULL},
    {"object.stack", "its stack is not executable", check_stack, 0, NULL},
    {"object.code", "no code is writable", check_writable_code, 0, NULL},
    {"object.text-relocations", "the loader changes no code", check_dynamic, DT_TEXTREL,
     "it has text relocations: compile with -fPIC"},
    {"object.no-rpath", "it brings no search path along", check_dynamic, DT_RPATH,
     "it has an RPATH: the sandbox opens the system's libraries alone"},
    {"object.exports", "exports vls_plugin_entry and nothing else", check_exports, 0, NULL},
    {"object.described", "can be loaded and described with nothing granted", check_described, 0,
     NULL},
    {"object.described-again", "is the same the second time", check_again, 0, NULL},
};
const size_t KIT_OBJECT_COUNT = sizeof KIT_OBJECT_CHECKS / sizeof KIT_OBJECT_CHECKS[0];
