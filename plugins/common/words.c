#include "words.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define NAME_MOST    120u /* of a file's name: endings and languages come behind it */

/* -- buffers ----------------------------------------------------------------------------------- */

/* So many of `len` bytes that no character of UTF-8 is cut. */
static size_t whole(const char *text, size_t len)
{
    size_t at = len;
    while (at > 0 && ((unsigned char)text[at] & 0xc0u) == 0x80u)
        at--;
    return at;
}

bool plug_copy(char *out, size_t room, const char *text)
{
    size_t len = strlen(text), fits = len < room ? len : whole(text, room - 1);
    memmove(out, text, fits);
    out[fits] = '\0';
    return fits == len;
}

bool plug_add(char *out, size_t room, const char *text)
{
    size_t used = strlen(out);
    return plug_copy(out + used, room - used, text);
}

static bool is_unreserved(unsigned char c)
{
    return isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool plug_add_escaped(char *out, size_t room, const char *text)
{
    size_t used = strlen(out);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        int n = snprintf(out + used, room - used, is_unreserved(c) ? "%c" : "%%%02X", c);
        if (n < 0 || (size_t)n >= room - used) {
            out[used] = '\0';
            return false;
        }
        used += (size_t)n;
    }
    return true;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool plug_unescape(char *out, size_t room, const char *text, size_t len)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        int c = (unsigned char)text[i];
        if (c == '%') {
            int high = i + 2 < len ? hex(text[i + 1]) : -1,
                low = i + 2 < len ? hex(text[i + 2]) : 0;
            c = high < 0 || low < 0 ? 0 : high * 16 + low;
            i += 2;
        }
        if (c == 0 || used + 1 >= room)
            return false;
        out[used++] = (char)c;
    }
    out[used] = '\0';
    return true;
}

/* -- urls -------------------------------------------------------------------------------------- */

/* A parameter that may hold a key: of any service that was seen. */
static bool is_secret(const char *name, size_t len)
{
    static const char *const NAMES[] = {"password",
                                        "passwd",
                                        "username",
                                        "token",
                                        "access_token",
                                        "key",
                                        "api_key",
                                        "apikey",
                                        "secret",
                                        "sig",
                                        "signature",
                                        "signed",
                                        "subscription-key",
                                        "appname",
                                        "client_secret",
                                        "client_id",
                                        "code",
                                        "auth",
                                        "x-amz-signature",
                                        "x-amz-credential",
                                        "x-amz-security-token",
                                        "session",
                                        "sessionid"};
    for (size_t i = 0; i < COUNT(NAMES); i++)
        if (strlen(NAMES[i]) == len && strncasecmp(NAMES[i], name, len) == 0)
            return true;
    return false;
}

/* One piece of `len` bytes. */
static void add_piece(char *out, size_t room, const char *text, size_t len)
{
    size_t used = strlen(out), fits = len < room - used ? len : room - used - 1;
    memcpy(out + used, text, fits);
    out[used + fits] = '\0';
}

void plug_url_public(char *out, size_t room, const char *url)
{
    const char *host = strstr(url, "://"), *query = strchr(url, '?');
    size_t head = query != NULL ? (size_t)(query - url) + 1 : strlen(url);
    const char *authority = host != NULL ? host + 3 : url;
    size_t span = strcspn(authority, "/?#");
    const char *at = memchr(authority, '@', span);
    out[0] = '\0';
    if (at != NULL && (size_t)(at - url) < head) {
        add_piece(out, room, url, (size_t)(authority - url));
        add_piece(out, room, "***", 3);
        add_piece(out, room, at, head - (size_t)(at - url));
    } else {
        add_piece(out, room, url, head);
    }
    for (const char *p = query != NULL ? query + 1 : ""; *p != '\0';) {
        size_t len = strcspn(p, "&;"), name = strcspn(p, "=&;");
        bool hides = name < len && is_secret(p, name);
        add_piece(out, room, p, hides ? name + 1 : len);
        if (hides)
            add_piece(out, room, "***", 3);
        p += len;
        if (*p != '\0')
            add_piece(out, room, p++, 1);
    }
}

bool plug_url_host(char *out, size_t room, const char *url)
{
    if (strncasecmp(url, "https://", 8) != 0)
        return false;
    size_t len = strcspn(url + 8, "/?#");
    const char *at = memchr(url + 8, '@', len), *colon = memchr(url + 8, ':', len);
    len = colon != NULL ? (size_t)(colon - url) - 8 : len;
    if (at != NULL || len == 0 || len >= room)
        return false;
    for (size_t i = 0; i < len; i++)
        out[i] = (char)tolower((unsigned char)url[8 + i]);
    out[len] = '\0';
    return true;
}

void plug_file_name(char *out, size_t room, const char *text)
{
    size_t used = 0, most = room - 1 < NAME_MOST ? room - 1 : NAME_MOST;
    bool is_gap = false;
    for (; *text != '\0' && used + 1 < most; text++) {
        unsigned char c = (unsigned char)*text;
        bool is_plain = isalnum(c) || c >= 0x80 || strchr("-.()[],+=", c) != NULL;
        if (is_plain && is_gap && used > 0)
            out[used++] = '_';
        is_gap = !is_plain;
        if (is_plain && (c != '.' || used > 0))
            out[used++] = (char)c;
    }
    if (*text != '\0')
        used = ((unsigned char)*text & 0xc0u) == 0x80u ? whole(out, used - 1) : used;
    out[used] = '\0';
    if (used == 0)
        (void)plug_copy(out, room, "document");
}

/* -- entities ---------------------------------------------------------------------------------- */

static const struct entity {
    const char *name;
    unsigned code;
} ENTITIES[] = {
    {"amp", '&'},      {"lt", '<'},       {"gt", '>'},        {"quot", '"'},     {"apos", '\''},
    {"nbsp", 0xa0},    {"ndash", 0x2013}, {"mdash", 0x2014},  {"lsquo", 0x2018}, {"rsquo", 0x2019},
    {"ldquo", 0x201c}, {"rdquo", 0x201d}, {"hellip", 0x2026}, {"laquo", 0xab},   {"raquo", 0xbb},
    {"deg", 0xb0},     {"copy", 0xa9},    {"agrave", 0xe0},   {"aacute", 0xe1},  {"acirc", 0xe2},
    {"atilde", 0xe3},  {"auml", 0xe4},    {"aring", 0xe5},    {"aelig", 0xe6},   {"ccedil", 0xe7},
    {"egrave", 0xe8},  {"eacute", 0xe9},  {"ecirc", 0xea},    {"euml", 0xeb},    {"igrave", 0xec},
    {"iacute", 0xed},  {"icirc", 0xee},   {"iuml", 0xef},     {"ntilde", 0xf1},  {"ograve", 0xf2},
    {"oacute", 0xf3},  {"ocirc", 0xf4},   {"otilde", 0xf5},   {"ouml", 0xf6},    {"oslash", 0xf8},
    {"ugrave", 0xf9},  {"uacute", 0xfa},  {"ucirc", 0xfb},    {"uuml", 0xfc},    {"yacute", 0xfd},
    {"szlig", 0xdf},   {"Agrave", 0xc0},  {"Aacute", 0xc1},   {"Acirc", 0xc2},   {"Auml", 0xc4},
    {"Ccedil", 0xc7},  {"Egrave", 0xc8},  {"Eacute", 0xc9},   {"Ecirc", 0xca},   {"Iacute", 0xcd},
    {"Icirc", 0xce},   {"Ntilde", 0xd1},  {"Oacute", 0xd3},   {"Ocirc", 0xd4},   {"Ouml", 0xd6},
    {"Uacute", 0xda},  {"Ucirc", 0xdb},   {"Uuml", 0xdc},     {"ordf", 0xaa},    {"ordm", 0xba},
};

static size_t put_utf8(char *out, unsigned code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* "#8217" or "#x2019"; 0: none that may stand in a text. */
static unsigned number_of(const char *name, size_t len)
{
    bool is_hex = len > 1 && (name[1] == 'x' || name[1] == 'X');
    unsigned code = 0;
    for (size_t i = is_hex ? 2 : 1; i < len; i++) {
        int digit = hex(name[i]);
        if (digit < 0 || (!is_hex && digit > 9) || code > 0x10ffff)
            return 0;
        code = code * (is_hex ? 16 : 10) + (unsigned)digit;
    }
    bool is_text = code >= 0x20 || code == '\t' || code == '\n' || code == '\r';
    return is_text && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? code : 0;
}

static unsigned code_of(const char *name, size_t len)
{
    if (len > 1 && name[0] == '#')
        return number_of(name, len);
    for (size_t i = 0; i < COUNT(ENTITIES); i++)
        if (strlen(ENTITIES[i].name) == len && strncmp(ENTITIES[i].name, name, len) == 0)
            return ENTITIES[i].code;
    return 0;
}

size_t plug_entity(const char *name, char out[5])
{
    unsigned code = code_of(name, strlen(name));
    size_t len = code != 0 ? put_utf8(out, code) : 0;
    out[len] = '\0';
    return len;
}

static bool undo_once(char *text)
{
    char *to = text;
    bool is_changed = false;
    for (const char *from = text; *from != '\0';) {
        const char *end = *from == '&' ? strchr(from, ';') : NULL;
        size_t len = end != NULL && end - from < 12 ? (size_t)(end - from) - 1 : 0;
        unsigned code = len > 0 ? code_of(from + 1, len) : 0;
        if (code == 0) {
            *to++ = *from++;
            continue;
        }
        to += put_utf8(to, code); /* never longer than "&#...;" and the names above */
        from = end + 1;
        is_changed = true;
    }
    *to = '\0';
    return is_changed;
}

void plug_undo_entities(char *text, unsigned rounds)
{
    while (rounds-- > 0 && undo_once(text))
        ;
}

void plug_plain(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        const char *end =
            *from == '<' && (isalpha((unsigned char)from[1]) || from[1] == '/' || from[1] == '!')
                ? strchr(from, '>')
                : NULL;
        if (end != NULL) {
            *to++ = ' ';
            from = end;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    plug_trim(text);
}

void plug_trim(char *text)
{
    char *to = text;
    bool is_gap = false;
    for (const unsigned char *from = (unsigned char *)text; *from != '\0'; from++) {
        if (*from <= ' ' || *from == 0x7f) {
            is_gap = true;
            continue;
        }
        if (is_gap && to > text)
            *to++ = ' ';
        is_gap = false;
        *to++ = (char)*from;
    }
    *to = '\0';
}

/* Bytes of the character that begins here; 0: it is none. RFC 3629, section 4. */
static size_t character(const unsigned char *s, size_t left)
{
    static const struct {
        unsigned char first, last, second_from, second_to, len;
    } FORMS[] = {
        {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    for (size_t f = 0; f < COUNT(FORMS); f++) {
        if (s[0] < FORMS[f].first || s[0] > FORMS[f].last)
            continue;
        if (left < FORMS[f].len ||
            (FORMS[f].len > 1 && (s[1] < FORMS[f].second_from || s[1] > FORMS[f].second_to)))
            return 0;
        for (size_t i = 2; i < FORMS[f].len; i++)
            if ((s[i] & 0xc0u) != 0x80u)
                return 0;
        return FORMS[f].len;
    }
    return 0;
}

bool plug_is_utf8(const char *text, size_t len, size_t *out_bad)
{
    for (size_t i = 0; i < len;) {
        size_t n = character((const unsigned char *)text + i, len - i);
        if (n == 0 && out_bad != NULL)
            *out_bad = i;
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

size_t plug_symbol_at(const char *text)
{
    size_t len = strcspn(text, " \t,;");
    const char *blank = text + len;
    if (!isupper((unsigned char)text[0]) || memchr(text, '/', len) == NULL)
        return 0;
    if (strncmp(blank, " (", 2) == 0 && isdigit((unsigned char)blank[2]) &&
        strchr(blank, ')') != NULL) /* a year, as resolutions of the Security Council have it */
        len = (size_t)(strchr(blank, ')') - text) + 1;
    while (len > 0 && (text[len - 1] == ':' || text[len - 1] == '.'))
        len--;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && strchr("/.()*- ", text[i]) == NULL)
            return 0;
    return len;
}

/* -- words ------------------------------------------------------------------------------------- */

bool plug_is_same_word(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool plug_has_word(const char *list, const char *word)
{
    size_t wanted = strlen(word);
    while (*list != '\0') {
        list += strspn(list, ", \t");
        size_t len = strcspn(list, ", \t");
        if (len == wanted && len > 0 && strncasecmp(list, word, len) == 0)
            return true;
        list += len;
    }
    return false;
}
