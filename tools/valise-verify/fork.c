/*
 * NAME.fork: a party signed two histories of one log. Two states of one size with different roots
 * prove it. Of different sizes a path does, that leads to the root of the larger one and to another
 * root than that of the smaller: then the larger log begins otherwise.
 */
#include "fork.h"

#include <string.h>

#define HEADER "valise-fork/v1"

bool is_fork(struct bytes file)
{
    struct lines lines = {file, 0};
    return take_this_line(&lines, HEADER);
}

static bool read_path(struct lines *lines, struct fork *out, struct why *why)
{
    struct bytes line;
    while (lines->rest.len > 0) {
        if (out->path_len == MAX_PATH || !take_line(lines, &line) ||
            !read_hash(line, &out->path[out->path_len]))
            return refuse(why, "line %u is not the base64 of a hash, or one too many",
                          lines->number);
        out->path_len++;
    }
    return out->path_len > 0 || refuse(why, "the section path is empty");
}

/* "un" of "un/valise/iom/sent" */
static bool read_party(struct fork *out, struct why *why)
{
    const char *origin = out->states[0].origin;
    struct bytes party = {(const uint8_t *)origin, strcspn(origin, "/")};
    return (copy_text(out->party, sizeof out->party, party) && is_party(out->party, MAX_PARTY) &&
            origin[party.len] == '/') ||
           refuse(why, "%.100s is not the log of a party", origin);
}

bool read_fork(struct bytes file, struct fork *out, struct why *why)
{
    struct lines lines = {file, 0};
    out->path_len = 0;
    if (!take_this_line(&lines, HEADER) || !take_heading(&lines, "smaller"))
        return refuse(why, "it does not begin with " HEADER " and the section smaller");
    if (!read_note(&lines, &out->states[0], why))
        return false;
    if (!take_heading(&lines, "larger"))
        return refuse(why, "there is no section larger behind line %u", lines.number);
    if (!read_note(&lines, &out->states[1], why))
        return false;
    if (take_heading(&lines, "path") && !read_path(&lines, out, why))
        return false;
    if (lines.rest.len > 0)
        return refuse(why, "line %u has no place in a fork", lines.number + 1);
    return read_party(out, why);
}

static enum verdict refused(struct why *why, const char *words)
{
    refuse(why, "%s", words);
    return REFUSED;
}

static enum verdict compare(const struct fork *fork, struct why *why)
{
    const struct section *a = &fork->states[0], *b = &fork->states[1];
    struct hash older, newer;
    if (a->size > b->size)
        return refused(why, "the first state is the larger one");
    if (a->size == b->size) {
        if (fork->path_len > 0)
            return refused(why, "there is a path between two states of one size");
        return is_same_hash(&a->root, &b->root) ? refused(why, "both states are the same") : PROVEN;
    }
    if (fork->path_len == 0)
        return PROVEN_IN_PART;
    if (!follow_prefix(fork->path, fork->path_len, a->size, b->size, &older, &newer, why))
        return REFUSED;
    if (!is_same_hash(&newer, &b->root))
        return refused(why, "the path does not lead to the root of the larger state");
    if (is_same_hash(&older, &a->root))
        return refused(why, "the larger state continues the smaller one: there is no fork");
    return PROVEN;
}

enum verdict check_fork(const struct fork *fork, const struct given *given, struct why *why)
{
    uint64_t time_s = 0;
    const char *origin = fork->states[0].origin;
    if (strcmp(origin, fork->states[1].origin) != 0)
        return refused(why, "the two states are of different logs");
    for (int i = 0; i < 2; i++)
        if (!is_signed_by(given, &fork->states[i], fork->party, KEY_LOG, origin, &time_s, why))
            return REFUSED;
    return compare(fork, why);
}
