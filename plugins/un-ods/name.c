/* What a document is called: symbols, job numbers, and addresses of every era. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ods.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define ADDRESS      2048

static const struct ods_language LANGUAGES[ODS_LANGUAGES] = {
    {"en", "en", "en", "EN", 'E'}, {"fr", "fr", "fr", "FR", 'F'}, {"es", "es", "es", "ES", 'S'},
    {"ru", "ru", "ru", "RU", 'R'}, {"ar", "ar", "ar", "AR", 'A'}, {"zh", "zh", "zh", "ZH", 'C'},
    {"de", "O", "ot", "DE", 'O'},
};

const struct ods_language *ods_language(const char *text)
{
    for (size_t i = 0; i < COUNT(LANGUAGES); i++) {
        const struct ods_language *l = &LANGUAGES[i];
        if (strcasecmp(text, l->code) == 0 || strcasecmp(text, l->undocs) == 0 ||
            (toupper((unsigned char)text[0]) == l->letter && text[1] == '\0'))
            return l;
    }
    return NULL;
}

/* "N2427222", also with the language's letter behind it, as catalogues have it. */
static bool is_job(const char *text, size_t len)
{
    if (len < 8 || !isalpha((unsigned char)text[0]))
        return false;
    for (size_t i = 1; i < 8; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    size_t rest = 8 + strspn(text + 8, " ");
    return len == 8 || (rest + 1 == len && strchr("EFSRACO", text[rest]) != NULL);
}

static void take_job(const char *text, struct ods_name *out)
{
    char letter[2] = {text[8 + strspn(text + 8, " ")], '\0'};
    out->is_job = true;
    snprintf(out->text, sizeof out->text, "%.8s", text);
    out->text[0] = (char)toupper((unsigned char)out->text[0]);
    if (out->language == NULL && letter[0] != '\0')
        out->language = ods_language(letter);
}

static bool take_symbol(const char *text, struct ods_name *out)
{
    char trimmed[ODS_SYMBOL + 1];
    if (!plug_copy(trimmed, sizeof trimmed, text))
        return false;
    plug_trim(trimmed);
    size_t len = strlen(trimmed);
    if (len == 0 || !plug_is_utf8(trimmed, len, NULL))
        return false;
    if (is_job(trimmed, len))
        take_job(trimmed, out);
    else
        (void)plug_copy(out->text, sizeof out->text, trimmed);
    return true;
}

void ods_job_path(const char *job, const char *ending, char *out, size_t room)
{
    char low[9];
    for (size_t i = 0; i < 8; i++)
        low[i] = (char)tolower((unsigned char)job[i]);
    low[8] = '\0';
    snprintf(out, room, "/doc/undoc/gen/%.3s/%.3s/%.2s/%s/%s.%s", low, low + 3, low + 6, ending,
             low, ending);
}

/* -- addresses --------------------------------------------------------------------------------- */

/* A parameter of a query, unescaped; case of its name does not count. */
static bool parameter(const char *query, const char *name, char *out, size_t room)
{
    size_t len = strlen(name);
    for (const char *at = query; *at != '\0';) {
        size_t end = strcspn(at, "&;");
        if (end > len && at[len] == '=' && strncasecmp(at, name, len) == 0)
            return plug_unescape(out, room, at + len + 1, end - len - 1);
        at += end;
        at += strspn(at, "&;amp"); /* "&amp;" of a page, too */
    }
    return false;
}

static void note_language(const char *text, struct ods_name *out)
{
    const struct ods_language *language = ods_language(text);
    /* "English", of old addresses */
    char letter[2] = {text[0], '\0'};
    out->language = language != NULL ? language : ods_language(letter);
}

/* ".../G0430683.pdf": the file's name is its job number. */
static bool job_of_path(const char *path, size_t len, struct ods_name *out)
{
    const char *slash = path + len;
    while (slash > path && slash[-1] != '/')
        slash--;
    size_t name = strcspn(slash, ".?");
    if (!is_job(slash, name) || name != 8)
        return false;
    take_job(slash, out);
    out->language = NULL; /* the letter that take_job() saw is of the ending */
    return true;
}

static bool by_query(const char *query, struct ods_name *out)
{
    static const char *const SYMBOLS[] = {"s", "DS", "symbol", "FinalSymbol"};
    static const char *const LANGUAGE[] = {"l", "Lang", "Language"};
    char text[ADDRESS];
    for (size_t i = 0; i < COUNT(LANGUAGE); i++)
        if (parameter(query, LANGUAGE[i], text, sizeof text) && text[0] != '\0')
            note_language(text, out);
    if (parameter(query, "j", text, sizeof text))
        return is_job(text, strlen(text)) && take_symbol(text, out);
    for (size_t i = 0; i < COUNT(SYMBOLS); i++)
        if (parameter(query, SYMBOLS[i], text, sizeof text))
            return take_symbol(text, out);
    return false;
}

/* undocs.org/[LANGUAGE/]SYMBOL */
static bool by_short_path(const char *path, size_t len, struct ods_name *out)
{
    char text[ADDRESS], first[3] = "";
    if (len < 2 || !plug_unescape(text, sizeof text, path + 1, len - 1))
        return false;
    const char *symbol = text;
    /* a language is in lower case; organs ("A/...", "E/...") are not */
    if (strlen(text) > 3 && text[2] == '/' && islower((unsigned char)text[0]) &&
        islower((unsigned char)text[1])) {
        snprintf(first, sizeof first, "%.2s", text);
        out->language = ods_language(first);
        symbol = text + 3;
        if (out->language == NULL)
            return false;
    }
    return take_symbol(symbol, out);
}

static bool by_address(const char *host, const char *rest, struct ods_name *out)
{
    static const char *const FILES[] = {"documents.un.org", "documents-dds-ny.un.org",
                                        "documents-dds-gva.un.org"};
    static const char *const SHORT[] = {"undocs.org", "www.undocs.org", "docs.un.org"};
    static const char *const FRAMES[] = {"daccess-ods.un.org", "daccess-dds-ny.un.org",
                                         "daccess-dds.un.org"};
    size_t len = strcspn(rest, "?#");
    const char *query = rest[len] == '?' ? rest + len + 1 : "";
    for (size_t i = 0; i < COUNT(FILES); i++)
        if (strcmp(host, FILES[i]) == 0)
            return strncasecmp(rest, "/doc/", 5) == 0 ? job_of_path(rest, len, out)
                                                      : by_query(query, out);
    for (size_t i = 0; i < COUNT(SHORT); i++)
        if (strcmp(host, SHORT[i]) == 0)
            return strcasestr(query, "FinalSymbol=") != NULL ? by_query(query, out)
                                                             : by_short_path(rest, len, out);
    for (size_t i = 0; i < COUNT(FRAMES); i++)
        if (strcmp(host, FRAMES[i]) == 0)
            return by_query(query, out);
    return false;
}

static bool read_url(const char *url, struct ods_name *out, char *why, size_t room)
{
    char secure[ADDRESS], host[256];
    /* what was published by http long ago is a name all the same */
    bool is_old = strncasecmp(url, "http://", 7) == 0;
    snprintf(secure, sizeof secure, "https://%s", is_old ? url + 7 : url + 8);
    if ((!is_old && strncasecmp(url, "https://", 8) != 0) ||
        !plug_url_host(host, sizeof host, secure)) {
        plug_say(why, room, "this is no address by https");
        return false;
    }
    const char *rest = secure + 8 + strcspn(secure + 8, "/?#");
    if (by_address(host, rest, out))
        return true;
    plug_say(why, room, "this is no address of a document of the ODS that it knows");
    return false;
}

bool ods_name_read(const char *symbol, const char *url, struct ods_name *out, char *why,
                   size_t room)
{
    *out = (struct ods_name){.text = ""};
    if (symbol != NULL && strstr(symbol, "://") != NULL)
        return read_url(symbol, out, why, room);
    if (symbol == NULL || symbol[0] == '\0')
        return url != NULL && strlen(url) > 8 && read_url(url, out, why, room);
    if (take_symbol(symbol, out))
        return true;
    plug_say(why, room, "this is no symbol of the UN: empty, or longer than %u bytes", ODS_SYMBOL);
    return false;
}
