#include "stamp.h"

#include <stdio.h>
#include <string.h>

#define MINUTE  60
#define HOUR    (60 * MINUTE)
#define EASTERN (-5 * HOUR) /* standard time */

/* Days since 1970 of a date of the Gregorian calendar; the year begins in March here, so that a
 * leap day is its last. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int *year, int *month, int *day)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2 ? 1 : 0));
}

/* `count` digits. */
static bool number(const char **text, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, ++*text) {
        if (**text < '0' || **text > '9')
            return false;
        *out = *out * 10 + (**text - '0');
    }
    return true;
}

static bool take(const char **text, char c)
{
    return **text == c && ++*text;
}

/* February the 30th comes back as another day. */
static bool is_day(int year, int month, int day)
{
    int y, m, d;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    date_of(days_of(year, month, day), &y, &m, &d);
    return y == year && m == month && d == day;
}

static bool is_time(int hour, int minute, int second)
{
    return hour < 24 && minute < 60 && second < 61;
}

bool stamp_read(const char *text, int64_t *out)
{
    int year, month, day, hour = 0, minute = 0, second = 0;
    if (!number(&text, 4, &year) || !take(&text, '-') || !number(&text, 2, &month) ||
        !take(&text, '-') || !number(&text, 2, &day) || !is_day(year, month, day))
        return false;
    if (*text != '\0') {
        if (!take(&text, 'T') || !number(&text, 2, &hour) || !take(&text, ':') ||
            !number(&text, 2, &minute) || !take(&text, ':') || !number(&text, 2, &second) ||
            !is_time(hour, minute, second))
            return false;
        if (take(&text, '.'))
            text += strspn(text, "0123456789");
        if (strcmp(text, "Z") != 0)
            return false;
    }
    *out = days_of(year, month, day) * STAMP_DAY + hour * HOUR + minute * MINUTE + second;
    return true;
}

/* The n-th Sunday of a month, as days since 1970. 1970-01-01 was a Thursday. */
static int64_t sunday(int year, int month, int n)
{
    int64_t first = days_of(year, month, 1);
    int64_t weekday = ((first % 7) + 11) % 7; /* 0: Sunday */
    return first + (7 - weekday) % 7 + 7 * (n - 1);
}

/* Energy Policy Act of 2005: from the second Sunday of March to the first of November, 02:00 local
 * time, since 2007; before it from the first Sunday of April to the last of October. */
static bool is_summer(int year, int64_t local)
{
    int64_t last_october = sunday(year, 11, 1) - 7;
    int64_t from = year >= 2007 ? sunday(year, 3, 2) : sunday(year, 4, 1);
    int64_t to = year >= 2007 ? sunday(year, 11, 1) : last_october;
    /* the hour from 01:00 comes twice on the last day: the later one is standard time */
    return local >= from * STAMP_DAY + 2 * HOUR && local < to * STAMP_DAY + 1 * HOUR;
}

bool stamp_read_005(const char *text, int64_t *out)
{
    int year, month, day, hour, minute, second;
    if (!number(&text, 4, &year) || !number(&text, 2, &month) || !number(&text, 2, &day) ||
        !number(&text, 2, &hour) || !number(&text, 2, &minute) || !number(&text, 2, &second) ||
        !is_day(year, month, day) || !is_time(hour, minute, second))
        return false;
    int64_t local = days_of(year, month, day) * STAMP_DAY + hour * HOUR + minute * MINUTE + second;
    *out = local - EASTERN - (is_summer(year, local) ? HOUR : 0);
    return true;
}

void stamp_print(int64_t seconds, bool has_seconds, char out[STAMP_TEXT])
{
    int year, month, day;
    int64_t days = (seconds >= 0 ? seconds : seconds - STAMP_DAY + 1) / STAMP_DAY;
    int rest = (int)(seconds - days * STAMP_DAY);
    date_of(days, &year, &month, &day);
    if (has_seconds)
        snprintf(out, STAMP_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, rest / HOUR,
                 rest % HOUR / MINUTE, rest % MINUTE);
    else
        snprintf(out, STAMP_TEXT, "%04d-%02d-%02d", year, month, day);
}

bool stamp_is_partial(const char *text)
{
    int year, month = 1, day = 1;
    if (!number(&text, 4, &year))
        return false;
    if (take(&text, '-') && !number(&text, 2, &month))
        return false;
    if (text[0] == '-' && (!take(&text, '-') || !number(&text, 2, &day)))
        return false;
    return *text == '\0' && is_day(year, month, day);
}
