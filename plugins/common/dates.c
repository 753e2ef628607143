/* Dates of endpoints. See words.h. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "words.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define DAY_S        INT64_C(86400)

/* Days from 1970-01-01 in the calendar that is in use; years count from March within. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

struct moment {
    int64_t year, month, day, hour, minute, second;
    int64_t zone_s, ms;
};

static uint64_t moment_ms(const struct moment *m)
{
    static const int64_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (m->year < 1970 || m->year > 9999 || m->month < 1 || m->month > 12 || m->day < 1 ||
        m->day > DAYS[m->month - 1] + (m->month == 2 && is_leap(m->year)) || m->hour > 23 ||
        m->minute > 59 || m->second > 60)
        return 0;
    int64_t s = days_of(m->year, m->month, m->day) * DAY_S + m->hour * 3600 + m->minute * 60 +
                m->second - m->zone_s;
    return s > 0 ? (uint64_t)s * 1000 + (uint64_t)m->ms : 0;
}

/* Exactly `count` digits. */
static bool take(const char **at, int count, int64_t *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool take_char(const char **at, char c)
{
    if (**at != c)
        return false;
    ++*at;
    return true;
}

/* "+02:00" or "+0200". */
static bool take_offset(const char **at, int64_t *out_s)
{
    int64_t sign = **at == '-' ? -1 : 1, hours, minutes = 0;
    ++*at;
    if (!take(at, 2, &hours))
        return false;
    (void)take_char(at, ':');
    if (**at != '\0' && !take(at, 2, &minutes))
        return false;
    *out_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool take_clock(const char **at, struct moment *m)
{
    if (!take(at, 2, &m->hour) || !take_char(at, ':') || !take(at, 2, &m->minute))
        return false;
    return !take_char(at, ':') || take(at, 2, &m->second);
}

static void take_fraction(const char **at, struct moment *m)
{
    int64_t unit = 100;
    if (!take_char(at, '.'))
        return;
    for (; isdigit((unsigned char)**at); ++*at, unit /= 10)
        m->ms += (**at - '0') * unit;
}

uint64_t plug_time_iso(const char *text)
{
    struct moment m = {.month = 1, .day = 1};
    while (*text == ' ')
        text++;
    if (!take(&text, 4, &m.year))
        return 0;
    if (take_char(&text, '-') && !take(&text, 2, &m.month))
        return 0;
    if (take_char(&text, '-') && !take(&text, 2, &m.day))
        return 0;
    if (*text == 'T' || *text == 't' || (*text == ' ' && isdigit((unsigned char)text[1]))) {
        text++;
        if (!take_clock(&text, &m))
            return 0;
        take_fraction(&text, &m);
        if (*text == '+' || *text == '-') {
            if (!take_offset(&text, &m.zone_s))
                return 0;
        } else if (*text == 'Z' || *text == 'z') {
            text++;
        }
    }
    return text[strspn(text, " ")] == '\0' ? moment_ms(&m) : 0;
}

static bool take_month(const char **at, int64_t *out)
{
    static const char MONTHS[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int64_t i = 0; i < 12; i++)
        if (strncasecmp(*at, MONTHS + 3 * i, 3) == 0) {
            *out = i + 1;
            while (isalpha((unsigned char)**at))
                ++*at;
            return true;
        }
    return false;
}

static bool take_zone(const char **at, int64_t *out_s)
{
    static const struct {
        const char *name;
        int hours;
    } ZONES[] = {{"GMT", 0},  {"UTC", 0},  {"UT", 0},   {"Z", 0},    {"EST", -5}, {"EDT", -4},
                 {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
    if (**at == '+' || **at == '-')
        return take_offset(at, out_s);
    for (size_t i = 0; i < COUNT(ZONES); i++) {
        size_t len = strlen(ZONES[i].name);
        if (strncasecmp(*at, ZONES[i].name, len) == 0 && !isalpha((unsigned char)(*at)[len])) {
            *at += len;
            *out_s = ZONES[i].hours * INT64_C(3600);
            return true;
        }
    }
    return false;
}

uint64_t plug_time_mail(const char *text)
{
    struct moment m = {.year = 0};
    text += strspn(text, " ");
    if (isalpha((unsigned char)*text)) /* the day of the week */
        text += strcspn(text, ", ");
    text += strspn(text, ", ");
    if (!take(&text, 1, &m.day))
        return 0;
    if (isdigit((unsigned char)*text))
        m.day = m.day * 10 + (*text++ - '0');
    text += strspn(text, " -");
    if (!take_month(&text, &m.month))
        return 0;
    text += strspn(text, " -");
    size_t digits = strspn(text, "0123456789");
    if ((digits != 2 && digits != 4) || !take(&text, (int)digits, &m.year))
        return 0;
    if (digits == 2) /* RFC 2822, section 4.3 */
        m.year += m.year < 50 ? 2000 : 1900;
    text += strspn(text, " ");
    if (*text != '\0') {
        if (!take_clock(&text, &m))
            return 0;
        text += strspn(text, " ");
        if (*text != '\0' && !take_zone(&text, &m.zone_s))
            return 0;
    }
    return moment_ms(&m);
}

void plug_time_print(uint64_t ms, char out[21])
{
    int64_t s = (int64_t)(ms / 1000), z = s / DAY_S + 719468, left = s % DAY_S;
    int64_t era = z / 146097, of_era = z - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153, day = of_year - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : -9;
    year += era * 400 + (month <= 2);
    if (year > 9999)
        year = 9999;
    snprintf(out, 21, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000u,
             (unsigned)month % 100u, (unsigned)day % 100u, (unsigned)(left / 3600) % 100u,
             (unsigned)(left / 60 % 60) % 100u, (unsigned)(left % 60) % 100u);
}
