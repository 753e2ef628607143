#include "label_show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/marking.h"
#include "label_colour.h"
#include "show.h"

#define WORDS_MAX 1024
#define ENGLISH   "en"

static const struct vls_label_details NO_DETAILS = {.privacy_mark = NULL};

static const struct vls_label_details *details_of(const struct vls_label *label)
{
    return label->details != NULL ? label->details : &NO_DETAILS;
}

static char *text_of(struct vls_buf *buf)
{
    char *text = vls_mem_text((const char *)buf->at, buf->len);
    vls_buf_fini(buf);
    return text;
}

char *vls_label_show_text(const struct vls_label *label)
{
    struct vls_buf text;
    vls_buf_init(&text, (size_t)VLS_MAX_CATEGORIES * 2 * VLS_MAX_NAME);
    if (!vls_ok(vls_label_text(label, &text)))
        vls_buf_clear(&text);
    return text_of(&text);
}

char *vls_label_show_marking(const struct vls_label *label, uint32_t place, const char *language)
{
    struct vls_buf text;
    vls_buf_init(&text, (size_t)VLS_MAX_CATEGORIES * VLS_MAX_PHRASE);
    if (!vls_ok(vls_label_mark(label, (enum vls_marking_code)place, language, &text))) {
        vls_buf_clear(&text);
        VLS_IGNORE(vls_buf_add_text(&text, "(no memory for the marking)"),
                   "the buffer was just emptied");
    }
    return text_of(&text);
}

void vls_label_show_rank(const struct vls_scheme *scheme, const struct vls_classification *c,
                         char *out, size_t room)
{
    size_t below = 0;
    for (size_t i = 0; i < vls_scheme_count(scheme); i++)
        below += vls_scheme_at(scheme, i)->hierarchy < c->hierarchy;
    snprintf(out, room, "level %zu of %zu", below + 1, vls_scheme_count(scheme));
}

/* -- languages --------------------------------------------------------------------------------- */

struct languages {
    const char **at;
    size_t count;
};

static void add_language(struct languages *l, const char *language)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->at[i], language) == 0)
            return;
    if (*language != '\0' && l->count < LABEL_LANGUAGES_MAX)
        l->at[l->count++] = language;
}

static void add_languages(struct languages *l, const struct vls_markings *m)
{
    for (size_t i = 0; i < m->phrase_count; i++)
        add_language(l, m->phrases[i].language);
    for (size_t i = 0; i < m->qualifier_count; i++)
        add_language(l, m->qualifiers[i].language);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t vls_label_languages(const struct vls_scheme *scheme, const char *out[LABEL_LANGUAGES_MAX])
{
    struct languages l = {out, 0};
    add_languages(&l, vls_scheme_markings(scheme));
    add_languages(&l, vls_scheme_policy_markings(scheme));
    add_languages(&l, vls_scheme_class_markings(scheme));
    for (size_t i = 0; i < vls_scheme_count(scheme); i++)
        add_languages(&l, &vls_scheme_at(scheme, i)->markings);
    for (size_t i = 0; i < vls_scheme_tag_count(scheme); i++)
        add_languages(&l, &vls_scheme_tag(scheme, i)->markings);
    for (size_t i = 0; i < vls_scheme_category_count(scheme); i++)
        add_languages(&l, &vls_scheme_category(scheme, i)->markings);
    for (size_t i = 0; i < vls_scheme_privacy_mark_count(scheme); i++)
        add_languages(&l, &vls_scheme_privacy_mark(scheme, i)->markings);
    qsort(out, l.count, sizeof *out, compare_texts);
    return l.count;
}

/** The languages asked for: one, or all that the scheme has. */
static size_t languages_of(const struct vls_scheme *scheme, const char *asked,
                           const char *out[LABEL_LANGUAGES_MAX])
{
    out[0] = asked != NULL ? asked : ENGLISH;
    if (asked == NULL || strcmp(asked, "all") != 0)
        return 1;
    size_t count = vls_label_languages(scheme, out);
    if (count == 0)
        out[0] = ENGLISH;
    return count > 0 ? count : 1;
}

/* -- validity ---------------------------------------------------------------------------------- */

struct validity {
    bool is_valid, is_for_new;
    struct vls_why why;
};

static struct validity validity_of(const struct vls_label *label, uint64_t at_ms)
{
    struct validity v = {.why = {""}};
    v.is_valid = vls_ok(vls_label_check_at(label, at_ms, &v.why));
    v.is_for_new = v.is_valid && vls_ok(vls_label_check_new(label, &v.why));
    return v;
}

/* -- for people -------------------------------------------------------------------------------- */

/** The categories of one tag, or its empty list, as one line; "" when the label says nothing. */
static void tag_words(const struct vls_label *label, const struct vls_tag *tag, char *out,
                      size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    if (vls_tag_type_is_permissive(tag->type) && vls_label_list(label, tag) == VLS_LIST_EMPTY) {
        vls_text_copy(out, room, "nobody (the list is empty)");
        return;
    }
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count && used < room; i++) {
        const struct vls_category *c = vls_scheme_category(label->scheme, i);
        if (!vls_label_has(label, c))
            continue;
        int n = snprintf(out + used, room - used, "%s%s%s", used > 0 ? ", " : "", c->name,
                         c->is_obsolete ? " (obsolete)" : "");
        used += n > 0 ? (size_t)n : 0;
    }
}

static const char *tag_title(const struct vls_scheme *scheme, const struct vls_tag *tag)
{
    return tag->name != NULL && *tag->name != '\0' ? tag->name
                                                   : vls_scheme_tag_set(scheme, tag->tag_set)->name;
}

static void print_categories(struct cli *cli, const struct vls_label *label)
{
    char words[WORDS_MAX], line[WORDS_MAX + 2 * VLS_MAX_NAME];
    for (size_t t = 0; t < vls_scheme_tag_count(label->scheme); t++) {
        const struct vls_tag *tag = vls_scheme_tag(label->scheme, t);
        tag_words(label, tag, words, sizeof words);
        if (*words == '\0')
            continue;
        snprintf(line, sizeof line, "%s (%s): %s", tag_title(label->scheme, tag),
                 vls_tag_type_name(tag->type), words);
        vls_print_field(cli, "categories", line);
    }
    for (size_t i = 0; i < vls_label_unknown_count(label); i++) {
        snprintf(line, sizeof line, "unknown, stops: %s", label->details->unknown[i].words);
        vls_print_field(cli, "categories", line);
    }
}

static void print_time(struct cli *cli, const char *name, uint64_t ms)
{
    char time[VLS_TIME_TEXT];
    if (ms == 0)
        return;
    vls_time_for_people(ms, time);
    vls_print_field(cli, name, time);
}

static void print_details(struct cli *cli, const struct vls_label *label)
{
    const struct vls_label_details *d = details_of(label);
    if (d->privacy_mark != NULL)
        vls_print_field(cli, "privacy mark", d->privacy_mark);
    for (size_t i = 0; i < d->originator_count; i++)
        vls_print_field(cli, "originator", d->originators[i]);
    print_time(cli, "created", d->created_ms);
    print_time(cli, "review", d->review_ms);
    print_time(cli, "succession", d->succession_ms);
    if (d->successor != NULL) {
        char *text = vls_label_show_text(d->successor);
        vls_print_field(cli, "successor", text);
        vls_mem_free(text);
    }
}

static void print_validity(struct cli *cli, const struct vls_label *label, uint64_t at_ms)
{
    char words[WORDS_MAX];
    struct validity v = validity_of(label, at_ms);
    if (v.is_valid && v.is_for_new)
        vls_text_copy(words, sizeof words, "valid");
    else
        snprintf(words, sizeof words, "%s: %s", v.is_valid ? "valid, but not anew" : "not valid",
                 v.why.text);
    vls_print_field(cli, "validity", words);
}

static void print_marking(struct cli *cli, const struct vls_label *label, uint32_t place,
                          const char *name, const char *language)
{
    char *text = vls_label_show_marking(label, place, language);
    fprintf(cli->out, "%-14s ", name);
    vls_label_print_coloured(cli, label->classification->color, text);
    fputc('\n', cli->out);
    vls_mem_free(text);
}

static void print_markings(struct cli *cli, const struct vls_label *label, const char *language)
{
    const char *languages[LABEL_LANGUAGES_MAX];
    size_t count = languages_of(label->scheme, language, languages);
    char name[VLS_MAX_NAME];
    for (size_t i = 0; i < count; i++) {
        const char *comma = language != NULL ? ", " : "",
                   *suffix = *comma != '\0' ? languages[i] : "";
        snprintf(name, sizeof name, "page top%s%.20s", comma, suffix);
        print_marking(cli, label, VLS_MARK_PAGE_TOP, name, languages[i]);
        snprintf(name, sizeof name, "portion%s%.20s", comma, suffix);
        print_marking(cli, label, VLS_MARK_PORTION, name, languages[i]);
    }
}

void vls_label_show(struct cli *cli, const char *what, const struct cli_label *found,
                    const char *language, uint64_t at_ms)
{
    const struct vls_label *label = &found->label;
    char words[WORDS_MAX], rank[64];
    char *text = vls_label_show_text(label);
    if (found->form != CLI_LABEL_TEXT)
        vls_print_field(cli, "source", what);
    vls_print_field(cli, "label", *text != '\0' ? text : "(has no text form)");
    vls_print_field(cli, "form", vls_cli_label_form_name(found->form));
    snprintf(words, sizeof words, "%s, version %" PRIu64 ", %s", vls_scheme_title(label->scheme),
             vls_scheme_version(label->scheme), vls_scheme_oid(label->scheme));
    vls_print_field(cli, "scheme", words);
    vls_label_show_rank(label->scheme, label->classification, rank, sizeof rank);
    snprintf(words, sizeof words, "%s, %s%s", label->classification->name, rank,
             label->classification->is_obsolete ? ", obsolete" : "");
    vls_print_field(cli, "classification", words);
    print_categories(cli, label);
    print_details(cli, label);
    print_validity(cli, label, at_ms);
    print_markings(cli, label, language);
    vls_mem_free(text);
}

/* -- for programs ------------------------------------------------------------------------------ */

static json_t *take_text(char *text)
{
    json_t *string = vls_json_text(text);
    vls_mem_free(text);
    return string;
}

static void add_category(json_t *list, const struct vls_label *label, const struct vls_tag *tag,
                         const char *name, bool is_obsolete)
{
    json_t *object = json_object();
    json_object_set_new(object, "tag_set",
                        vls_json_text(vls_scheme_tag_set(label->scheme, tag->tag_set)->name));
    json_object_set_new(object, "tag", vls_json_text(tag->name));
    json_object_set_new(object, "type", vls_json_text(vls_tag_type_name(tag->type)));
    json_object_set_new(object, "name", name != NULL ? vls_json_text(name) : json_null());
    json_object_set_new(object, "obsolete", json_boolean(is_obsolete));
    json_array_append_new(list, object);
}

static json_t *categories_json(const struct vls_label *label)
{
    json_t *list = json_array();
    for (size_t t = 0; t < vls_scheme_tag_count(label->scheme); t++) {
        const struct vls_tag *tag = vls_scheme_tag(label->scheme, t);
        if (vls_tag_type_is_permissive(tag->type) && vls_label_list(label, tag) == VLS_LIST_EMPTY)
            add_category(list, label, tag, NULL, false);
        for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++) {
            const struct vls_category *c = vls_scheme_category(label->scheme, i);
            if (vls_label_has(label, c))
                add_category(list, label, tag, c->name, c->is_obsolete);
        }
    }
    return list;
}

static void details_json(json_t *object, const struct vls_label *label)
{
    const struct vls_label_details *d = details_of(label);
    json_t *unknown = json_array(), *originators = json_array();
    for (size_t i = 0; i < d->unknown_count; i++)
        json_array_append_new(unknown, vls_json_text(d->unknown[i].words));
    for (size_t i = 0; i < d->originator_count; i++)
        json_array_append_new(originators, vls_json_text(d->originators[i]));
    json_object_set_new(object, "unknown", unknown);
    json_object_set_new(object, "privacy_mark",
                        d->privacy_mark != NULL ? vls_json_text(d->privacy_mark) : json_null());
    json_object_set_new(object, "originators", originators);
    json_object_set_new(object, "created", vls_json_time(d->created_ms));
    json_object_set_new(object, "review", vls_json_time(d->review_ms));
    json_object_set_new(object, "succession", vls_json_time(d->succession_ms));
    json_object_set_new(object, "successor",
                        d->successor != NULL ? take_text(vls_label_show_text(d->successor))
                                             : json_null());
}

static json_t *markings_json(const struct vls_label *label, const char *language)
{
    const char *languages[LABEL_LANGUAGES_MAX];
    size_t count = languages_of(label->scheme, language, languages);
    json_t *all = json_object();
    for (size_t i = 0; i < count; i++) {
        json_t *one = json_object();
        json_object_set_new(
            one, "page_top",
            take_text(vls_label_show_marking(label, VLS_MARK_PAGE_TOP, languages[i])));
        json_object_set_new(
            one, "portion",
            take_text(vls_label_show_marking(label, VLS_MARK_PORTION, languages[i])));
        json_object_set_new(all, languages[i], one);
    }
    return all;
}

json_t *vls_label_show_json(const char *what, const struct cli_label *found, const char *language,
                            uint64_t at_ms)
{
    static const char *const FORMS[] = {"text", "der", "4774", "4778", "cms", "parcel", "message"};
    const struct vls_label *label = &found->label;
    const struct vls_classification *c = label->classification;
    struct validity v = validity_of(label, at_ms);
    json_t *object = json_object();
    json_object_set_new(object, "source", vls_json_text(what));
    json_object_set_new(object, "form", vls_json_text(FORMS[found->form]));
    json_object_set_new(object, "label", take_text(vls_label_show_text(label)));
    json_object_set_new(object, "scheme", vls_json_text(vls_scheme_name(label->scheme)));
    json_object_set_new(object, "policy", vls_json_text(vls_scheme_title(label->scheme)));
    json_object_set_new(object, "policy_oid", vls_json_text(vls_scheme_oid(label->scheme)));
    json_object_set_new(object, "version", vls_json_number(vls_scheme_version(label->scheme)));
    json_object_set_new(object, "classification", vls_json_text(c->name));
    json_object_set_new(object, "hierarchy", vls_json_number(c->hierarchy));
    json_object_set_new(object, "color", vls_json_text(c->color));
    json_object_set_new(object, "categories", categories_json(label));
    details_json(object, label);
    json_object_set_new(object, "valid", json_boolean(v.is_valid));
    json_object_set_new(object, "usable", json_boolean(v.is_for_new));
    json_object_set_new(object, "reason", vls_json_text(v.is_for_new ? "" : v.why.text));
    json_object_set_new(object, "markings", markings_json(label, language));
    return object;
}
