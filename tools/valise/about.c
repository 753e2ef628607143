#include "about.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/about.h"
#include "table.h"

/* That of a part (0: of the whole), made when it is first needed. */
static Valise__About *about_of(struct cli_about *out, uint32_t part)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->at[i]->part == part)
            return out->at[i];
    Valise__About *about = vls_mem_new(sizeof *about);
    valise__about__init(about);
    about->part = part;
    out->at[out->count++] = about;
    return about;
}

void vls_cli_abouts_end(struct cli_about *about)
{
    for (size_t i = 0; i < about->count; i++)
        vls_about_free(&about->at[i]);
    about->count = 0;
}

static void set_text(char **to, const char *text)
{
    if (*to != (char *)protobuf_c_empty_string)
        vls_mem_free(*to);
    *to = vls_mem_dup(text);
}

/* NAME= in front is the document; the rest is the value. */
static uint32_t part_of(Valise__Part *const *parts, size_t count, const char **value)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(parts[i]->name);
        if (strncmp(*value, parts[i]->name, len) == 0 && (*value)[len] == '=') {
            *value += len + 1;
            return (uint32_t)i + 1;
        }
    }
    return 0;
}

static struct vls_status add_symbol(Valise__About *about, const char *symbol, struct vls_why *why)
{
    if (about->n_symbols == VLS_MAX_SYMBOLS)
        return vls_cli_usage(why, "--symbol", "is given more than %d times", VLS_MAX_SYMBOLS);
    if (about->symbols == NULL)
        about->symbols = vls_mem_new(VLS_MAX_SYMBOLS * sizeof(char *));
    about->symbols[about->n_symbols++] = vls_mem_dup(symbol);
    return VLS_DONE;
}

/* "supersedes=A/70/976" */
static struct vls_status add_relation(Valise__About *about, const char *value, struct vls_why *why)
{
    size_t len = strcspn(value, "=");
    uint32_t relates = 0;
    char word[32];
    vls_text_copy(word, len + 1 < sizeof word ? len + 1 : sizeof word, value);
    if (value[len] != '=' || !vls_relates_read(word, &relates))
        return vls_cli_usage(why, "--relates",
                             "'%.60s' is not like supersedes=SYMBOL; words are supersedes, adds, "
                             "amends, corrects, reissues, translates, summarizes, part-of, "
                             "answers, related",
                             value);
    if (about->n_relations == VLS_MAX_RELATIONS)
        return vls_cli_usage(why, "--relates", "is given more than %d times", VLS_MAX_RELATIONS);
    if (about->relations == NULL)
        about->relations = vls_mem_new(VLS_MAX_RELATIONS * sizeof(Valise__Relation *));
    Valise__Relation *relation = vls_mem_new(sizeof *relation);
    valise__relation__init(relation);
    relation->relates = relates;
    relation->symbol = vls_mem_dup(value + len + 1);
    about->relations[about->n_relations++] = relation;
    return VLS_DONE;
}

static struct vls_status take(const char *option, const char *value, Valise__Part *const *parts,
                              size_t part_count, struct cli_about *out, struct vls_why *why)
{
    if (strcmp(option, "issuer") == 0) {
        set_text(&about_of(out, 0)->issuer, value);
    } else if (strcmp(option, "published") == 0) {
        set_text(&about_of(out, 0)->published, value);
    } else if (strcmp(option, "symbol") == 0) {
        return add_symbol(about_of(out, 0), value, why);
    } else if (strcmp(option, "relates") == 0) {
        return add_relation(about_of(out, 0), value, why);
    } else if (strcmp(option, "language") == 0) {
        uint32_t part = part_of(parts, part_count, &value);
        set_text(&about_of(out, part)->language, value);
    } else if (strcmp(option, "title") == 0) {
        uint32_t part = part_of(parts, part_count, &value);
        set_text(&about_of(out, part)->title, value);
    }
    return VLS_DONE;
}

struct vls_status vls_cli_abouts(const struct cli_args *args, Valise__Part *const *parts,
                                 size_t part_count, struct cli_about *out, struct vls_why *why)
{
    struct vls_why words = {""};
    out->count = 0;
    for (size_t i = 0; i < args->given_count; i++)
        VLS_TRY(take(args->given[i].option->name,
                     args->given[i].value != NULL ? args->given[i].value : "", parts, part_count,
                     out, why));
    if (vls_ok(vls_abouts_check(out->at, out->count, part_count, &words)))
        return VLS_DONE;
    return vls_fail(VLS_CLI_USAGE, why,
                    "%s; see --issuer, --symbol, --language, --title, "
                    "--published and --relates in 'valise help send'",
                    words.text);
}

void vls_cli_fingerprints(Valise__Part *const *parts, const int *fds, size_t part_count,
                          struct cli_about *out)
{
    out->print_count = 0;
    for (size_t i = 0; i < part_count; i++) {
        uint8_t *minhash = out->minhashes[out->print_count];
        Valise__Fingerprint *print = &out->prints[out->print_count];
        if (!vls_fingerprint_of(parts[i]->media_type, fds[i], parts[i]->bytes, minhash))
            continue;
        valise__fingerprint__init(print);
        print->part = (uint32_t)i + 1;
        print->method = (char *)(uintptr_t)VLS_MINHASH_METHOD;
        print->minhash = (ProtobufCBinaryData){VLS_MINHASH_BYTES, minhash};
        out->print_list[out->print_count++] = print;
    }
}

static void print_words(struct cli *cli, const char *name, char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        vls_print_field(cli, name, words[i]);
}

static void print_if(struct cli *cli, const char *name, const char *text)
{
    if (text[0] != '\0')
        vls_print_field(cli, name, text);
}

void vls_about_print(struct cli *cli, const Valise__About *about)
{
    print_if(cli, "issuer", about->issuer);
    print_words(cli, "symbol", about->symbols, about->n_symbols);
    print_if(cli, "language", about->language);
    print_if(cli, "title", about->title);
    print_if(cli, "published", about->published);
    print_words(cli, "body", about->bodies, about->n_bodies);
    print_words(cli, "subject", about->subjects, about->n_subjects);
    print_if(cli, "address", about->url);
    print_if(cli, "licence", about->licence);
    print_if(cli, "record", about->record);
    for (size_t i = 0; i < about->n_relations; i++)
        vls_print_field(cli, vls_relates_name(about->relations[i]->relates),
                        about->relations[i]->symbol);
}
