#include "tidy.h"

#include <string.h>

#define NAME_MOST   128u
#define SUBTAG_MOST 8u
#define DAY         10u

static bool is_line(const char *text, size_t most)
{
    size_t len = strlen(text);
    if (len == 0 || len > most || !plug_is_utf8(text, len, NULL))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* BCP 47 as far as a host looks: subtags of 1 to 8 letters or digits, the first of letters. */
static bool is_language(const char *text)
{
    size_t len = 0;
    bool is_first = true;
    for (; *text != '\0'; text++) {
        if (*text == '-' && len > 0) {
            len = 0;
            is_first = false;
        } else if (!is_letter(*text) && (is_first || !is_digit(*text))) {
            return false;
        } else if (++len > SUBTAG_MOST) {
            return false;
        }
    }
    return len > 0;
}

/* A year, a month, or a day; of a time the day is enough, and is never another one. */
static bool is_day(const char *text)
{
    return strlen(text) == DAY && plug_time_iso(text) != 0;
}

static bool is_year_or_month(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits != 4)
        return false;
    return text[4] == '\0' ||
           (text[4] == '-' && strspn(text + 5, "0123456789") == 2 && text[7] == '\0' &&
            strcmp(text + 5, "01") >= 0 && strcmp(text + 5, "12") <= 0);
}

static const char *address(const char *url)
{
    char host[PLUG_FIELD];
    bool is_plain = url != NULL && is_line(url, PLUG_URL - 1) && strchr(url, ' ') == NULL;
    return is_plain && plug_url_host(host, sizeof host, url) && strchr(url, '@') == NULL ? url
                                                                                         : NULL;
}

static uint64_t names(const char *const *from, uint64_t count, const char **to, uint64_t most)
{
    uint64_t kept = 0;
    for (uint64_t i = 0; i < count && kept < most; i++)
        if (from[i] != NULL && is_line(from[i], NAME_MOST))
            to[kept++] = from[i];
    return kept;
}

static const char *line(const char *from, char *to, size_t room)
{
    if (from == NULL)
        return NULL;
    plug_say(to, room, "%s", from);
    return is_line(to, room) ? to : NULL;
}

void tidy_about(struct tidy *tidy, const struct vls_about *said)
{
    struct vls_about *about = &tidy->about;
    *about = *said;
    about->title = line(said->title, tidy->title, sizeof tidy->title);
    about->licence = line(said->licence, tidy->licence, sizeof tidy->licence);
    about->record = line(said->record, tidy->record, sizeof tidy->record);
    about->url = address(said->url);
    if (said->language != NULL && !is_language(said->language))
        about->language = NULL;
    if (said->published != NULL && !is_day(said->published) && !is_year_or_month(said->published))
        about->published = NULL;
    about->bodies = tidy->bodies;
    about->body_count = names(said->bodies, said->body_count, tidy->bodies, TIDY_BODIES);
    about->subjects = tidy->subjects;
    about->subject_count =
        names(said->subjects, said->subject_count, tidy->subjects, TIDY_SUBJECTS);
}
