#include "pile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "words.h"

int plug_memory_file(void)
{
    return memfd_create("valise-document", MFD_CLOEXEC);
}

int plug_write(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

void plug_pile_init(struct plug_pile *pile)
{
    pile->count = 0;
    pile->issuer[0] = pile->symbol[0] = '\0';
    pile->bytes = 0;
}

void plug_pile_fini(struct plug_pile *pile)
{
    for (unsigned i = 0; i < pile->count; i++) {
        if (pile->parts[i].fd >= 0)
            close(pile->parts[i].fd);
        free(pile->parts[i].url);
    }
    plug_pile_init(pile);
}

static bool is_taken(const struct plug_pile *pile, const char *name)
{
    for (unsigned i = 0; i < pile->count; i++)
        if (strcmp(pile->parts[i].name, name) == 0)
            return true;
    return false;
}

/* "report.pdf", then "report-2.pdf". */
static void name_it(const struct plug_pile *pile, const char *wanted, char out[PLUG_NAME])
{
    const char *dot = strrchr(wanted, '.');
    int stem = dot != NULL && dot != wanted ? (int)(dot - wanted) : (int)strlen(wanted);
    (void)plug_copy(out, PLUG_NAME, wanted);
    for (unsigned i = 2; is_taken(pile, out); i++)
        snprintf(out, PLUG_NAME, "%.*s-%u%.20s", stem < 200 ? stem : 200, wanted, i, wanted + stem);
}

int plug_pile_add(struct plug_pile *pile, const char *name, const char *type, enum plug_kind kind,
                  int fd, uint64_t bytes)
{
    if (fd < 0)
        return -1;
    if (pile->count == PLUG_PILE) {
        close(fd);
        return -1;
    }
    struct plug_piled *part = &pile->parts[pile->count];
    name_it(pile, name, part->name);
    (void)plug_copy(part->type, sizeof part->type, type != NULL ? type : plug_kind_type(kind));
    part->language[0] = '\0';
    part->url = NULL;
    part->fd = fd;
    part->bytes = bytes;
    pile->bytes += bytes;
    pile->count++;
    return 0;
}

int plug_pile_add_bytes(struct plug_pile *pile, const char *name, const char *type,
                        const void *bytes, size_t len)
{
    int fd = plug_memory_file();
    if (fd < 0)
        return -1;
    if (plug_write(fd, bytes, len) != 0) {
        close(fd);
        return -1;
    }
    return plug_pile_add(pile, name, type, PLUG_UNKNOWN, fd, len);
}

void plug_pile_says(struct plug_pile *pile, const char *language, const char *url)
{
    struct plug_piled *part = &pile->parts[pile->count - 1];
    if (pile->count == 0)
        return;
    (void)plug_copy(part->language, sizeof part->language, language != NULL ? language : "");
    free(part->url);
    part->url = url != NULL && url[0] != '\0' ? strdup(url) : NULL;
}

static enum vls_emit say(const struct plug_pile *pile, const struct plug *plug,
                         const struct plug_piled *part)
{
    const char *symbol = pile->symbol;
    struct vls_about about = {.size = sizeof about,
                              .language = part->language[0] != '\0' ? part->language : NULL,
                              .url = part->url};
    if (symbol[0] != '\0' && pile->issuer[0] != '\0') {
        about.issuer = pile->issuer;
        about.symbols = &symbol;
        about.symbol_count = 1;
    }
    if (plug->about == NULL ||
        (about.language == NULL && about.url == NULL && about.symbol_count == 0))
        return VLS_EMIT_OK;
    return plug->about->about_part(plug->ctx, &about);
}

typedef enum vls_emit (*emit_file_fn)(void *, const char *, const char *, int);
typedef enum vls_emit (*emit_label_fn)(void *, const char *);

static enum vls_emit emit(struct plug_pile *pile, const struct plug *plug, emit_file_fn file,
                          emit_label_fn set_label, const char *label)
{
    enum vls_emit how = VLS_EMIT_OK;
    for (unsigned i = 0; i < pile->count && how == VLS_EMIT_OK; i++) {
        struct plug_piled *part = &pile->parts[i];
        how = file(plug->ctx, part->name, part->type, part->fd);
        part->fd = -1; /* it was taken */
        if (how == VLS_EMIT_OK && label != NULL && label[0] != '\0' && set_label != NULL)
            how = set_label(plug->ctx, label);
        if (how == VLS_EMIT_OK)
            how = say(pile, plug, part);
    }
    plug_pile_fini(pile);
    return how;
}

enum vls_emit plug_pile_resolve(struct plug_pile *pile, const struct plug *plug, const char *label)
{
    const struct vls_resolver_service *to = plug->resolver;
    return emit(pile, plug, to->emit_file, to->emit_label, label);
}

enum vls_emit plug_pile_emit(struct plug_pile *pile, const struct plug *plug, const char *label)
{
    const struct vls_source_service *to = plug->source;
    return emit(pile, plug, to->emit_file, to->emit_label, label);
}
