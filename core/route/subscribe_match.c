/*
 * route/subscribe_match - whether a subscription wants a document.
 *
 * It wants one that is in each of the lists that it has: its symbol fits one of the patterns, one
 * of its bodies is named, one of its topics is, it is in one of the languages, and it was not
 * published before the date. Of a submission with several documents these are the languages of
 * each. What does not state its language is in none of those that are named; what does not state
 * its date counts as new.
 */
#include <string.h>

#include "base/bytes.h"
#include "document/symbol.h"
#include "envelope/about.h"
#include "route/subscribe.h"

#define MAX_VALUE 256

/* -- one text ---------------------------------------------------------------------------------- */

/* A pattern as a person writes it, in the letters of a canonical form. */
static void fold(const char *pattern, char out[VLS_MAX_SYMBOL + 1])
{
    size_t used = 0;
    for (const char *at = pattern; *at != '\0' && used < VLS_MAX_SYMBOL; at++)
        if (*at != ' ')
            out[used++] = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    out[used] = '\0';
}

/* Without recursion: behind a star only the last one is ever gone back to. */
static bool fits_stars(const char *p, const char *t)
{
    const char *star = NULL, *from = NULL;
    while (*t != '\0') {
        if (*p == '*') {
            star = p++;
            from = t;
        } else if (*p == *t) {
            p++;
            t++;
        } else if (star != NULL) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (*p == '*')
        p++;
    return *p == '\0';
}

bool vls_subscribe_fits(const char *issuer, const char *pattern, const char *printed)
{
    struct vls_symbol symbol;
    char wanted[VLS_MAX_SYMBOL + 1];
    vls_symbol_parse(issuer, printed, &symbol);
    fold(pattern, wanted);
    return vls_symbol_matches(issuer, pattern, &symbol) || fits_stars(wanted, symbol.canonical);
}

typedef bool (*fits_fn)(const char *issuer, const char *wanted, const char *text);

/* fits_fn: letters of other scripts as they are */
static bool is_same(const char *issuer, const char *wanted, const char *text)
{
    (void)issuer;
    for (; *wanted != '\0' && *text != '\0'; wanted++, text++) {
        char a = *wanted >= 'A' && *wanted <= 'Z' ? (char)(*wanted - 'A' + 'a') : *wanted;
        char b = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (a != b)
            return false;
    }
    return *wanted == *text;
}

/* One of the lines fits the text. */
static bool is_in(const char *list, const char *issuer, const char *text, fits_fn fits)
{
    struct vls_reader lines = vls_reader_of(vls_slice_text(list));
    while (lines.rest.len != 0) {
        char value[MAX_VALUE];
        struct vls_slice line = vls_reader_until(&lines, '\n');
        if (lines.failed || line.len >= sizeof value)
            return false;
        vls_copy(value, line.at, line.len);
        value[line.len] = '\0';
        if (fits(issuer, value, text))
            return true;
    }
    return false;
}

/* -- what is stated ---------------------------------------------------------------------------- */

static bool is_any_in(const char *list, const char *issuer, char *const *texts, size_t count,
                      fits_fn fits)
{
    for (size_t i = 0; i < count; i++)
        if (is_in(list, issuer, texts[i], fits))
            return true;
    return false;
}

static bool has_symbol(const struct vls_subscription *one, const Valise__Submission *in)
{
    for (size_t i = 0; i < in->n_about; i++)
        if (is_any_in(one->symbols, in->about[i]->issuer, in->about[i]->symbols,
                      in->about[i]->n_symbols, vls_subscribe_fits))
            return true;
    return false;
}

static bool has_body(const struct vls_subscription *one, const Valise__Submission *in)
{
    for (size_t i = 0; i < in->n_about; i++)
        if (is_any_in(one->bodies, "", in->about[i]->bodies, in->about[i]->n_bodies, is_same))
            return true;
    return false;
}

static bool has_topic(const struct vls_subscription *one, const Valise__Submission *in)
{
    if (is_any_in(one->topics, "", in->topics, in->n_topics, is_same))
        return true;
    for (size_t i = 0; i < in->n_about; i++)
        if (is_any_in(one->topics, "", in->about[i]->subjects, in->about[i]->n_subjects, is_same))
            return true;
    return false;
}

/* As precise as both are: what was published in 2026 is not before 2026-12-01. */
static bool is_late_enough(const char *since, const char *published)
{
    size_t a = strlen(since), b = strlen(published);
    return strncmp(published, since, a < b ? a : b) >= 0;
}

static bool is_recent(const struct vls_subscription *one, const Valise__Submission *in)
{
    for (size_t i = 0; i < in->n_about; i++)
        if (in->about[i]->published[0] != '\0')
            return is_late_enough(one->since, in->about[i]->published);
    return true;
}

static uint64_t in_languages(const struct vls_subscription *one, const Valise__Submission *in)
{
    uint64_t wanted = 0;
    for (uint32_t i = 0; i < in->n_parts && i < VLS_MAX_PARTS; i++) {
        const Valise__About *own = vls_abouts_of(in->about, in->n_about, i + 1);
        const Valise__About *whole = vls_abouts_of(in->about, in->n_about, 0);
        const Valise__About *spoken = own != NULL && own->language[0] != '\0' ? own : whole;
        if (one->languages[0] == '\0' ||
            (spoken != NULL && is_in(one->languages, "", spoken->language, is_same)))
            wanted |= UINT64_C(1) << i;
    }
    return wanted;
}

uint64_t vls_subscribe_wants(const struct vls_subscription *one, const Valise__Submission *in)
{
    if ((one->symbols[0] != '\0' && !has_symbol(one, in)) ||
        (one->bodies[0] != '\0' && !has_body(one, in)) ||
        (one->topics[0] != '\0' && !has_topic(one, in)) ||
        (one->since[0] != '\0' && !is_recent(one, in)))
        return 0;
    return in_languages(one, in);
}
