/* Witnesses: their keys and quorums on the command line, and their cosignatures under a log. */
#include "witness.h"

#include <string.h>

/* Up to the first `end`, which is taken off as well. */
static bool take_until(struct bytes *rest, char end, struct bytes *out)
{
    const uint8_t *at = rest->len > 0 ? memchr(rest->at, end, rest->len) : NULL;
    if (at == NULL)
        return false;
    *out = (struct bytes){rest->at, (size_t)(at - rest->at)};
    rest->at = at + 1;
    rest->len -= out->len + 1;
    return true;
}

bool add_witness(const char *vkey, struct outside *out, struct why *why)
{
    struct bytes rest = {(const uint8_t *)vkey, strlen(vkey)}, name, id;
    uint8_t typed[1 + KEY_BYTES], key_id[KEY_ID_BYTES];
    char hex[2 * KEY_ID_BYTES + 1];
    size_t len = 0;
    struct witness *w = &out->witnesses[out->count];
    if (out->count == MAX_WITNESSES)
        return refuse(why, "more than %u witnesses", MAX_WITNESSES);
    if (!take_until(&rest, '+', &name) || !take_until(&rest, '+', &id) || !is_key_name(name) ||
        !copy_text(w->name, sizeof w->name, name) ||
        !read_base64(rest, typed, sizeof typed, &len) || len != sizeof typed ||
        typed[0] != KEY_WITNESS)
        return refuse(why, "%.120s: is not NAME+ID+BASE64 of a witness", vkey);
    copy(w->key, typed + 1, KEY_BYTES);
    make_key_id(w->name, KEY_WITNESS, w->key, key_id);
    write_hex((struct bytes){key_id, sizeof key_id}, hex);
    if (!is_text(id, hex))
        return refuse(why, "%.120s: the id is not that of this name and key", vkey);
    for (size_t i = 0; i < out->count; i++)
        if (memcmp(out->witnesses[i].key, w->key, KEY_BYTES) == 0)
            return refuse(why, "%.120s: is given twice", vkey);
    for (w->first = 0; strcmp(out->witnesses[w->first].name, w->name) != 0;)
        w->first++;
    out->names += w->first == out->count++;
    return true;
}

bool add_quorum(const char *text, struct outside *out, struct why *why)
{
    struct bytes rest = {(const uint8_t *)text, strlen(text)}, party = {NULL, 0};
    struct quorum *q = &out->quorums[out->quorum_count];
    if (out->quorum_count == MAX_QUORUMS)
        return refuse(why, "more than %u quorums", MAX_QUORUMS);
    bool has_party = take_until(&rest, '=', &party);
    if (!copy_text(q->party, sizeof q->party, party) ||
        (has_party && !is_party(q->party, MAX_PARTY)) || !read_decimal(rest, &q->witnesses) ||
        q->witnesses == 0)
        return refuse(why, "%.120s: is not N or PARTY=N, with N from 1", text);
    out->quorum_count++;
    return true;
}

bool check_quorums(const struct outside *outside, struct why *why)
{
    for (size_t i = 0; i < outside->quorum_count; i++)
        if (outside->quorums[i].witnesses > outside->names)
            return refuse(why, "--quorum: %llu are asked for, and %zu given by --witness",
                          (unsigned long long)outside->quorums[i].witnesses, outside->names);
    return true;
}

bool check_quorum_parties(const struct outside *outside, const struct manifest *m, struct why *why)
{
    for (size_t i = 0; i < outside->quorum_count; i++) {
        const char *party = outside->quorums[i].party;
        if (party[0] != '\0' && strcmp(party, m->from) != 0 && strcmp(party, m->to) != 0)
            return refuse(why, "--quorum: the message is neither from nor to %s", party);
    }
    return true;
}

uint64_t quorum_of(const struct outside *outside, const char *owner, bool is_named)
{
    uint64_t most = 0;
    for (size_t i = 0; outside != NULL && i < outside->quorum_count; i++) {
        const struct quorum *q = &outside->quorums[i];
        bool is_of = (q->party[0] == '\0' && !is_named) || strcmp(q->party, owner) == 0;
        if (is_of && q->witnesses > most)
            most = q->witnesses;
    }
    return most;
}

/* By all the keys of its name: one must have signed, and none wrongly. */
static enum result ask_witness(const struct outside *outside, const struct section *section,
                               size_t first, uint64_t now_s, uint64_t *last_s, struct why *why)
{
    unsigned found = 0;
    uint64_t time_s = 0;
    for (size_t i = first; i < outside->count; i++) {
        const struct witness *w = &outside->witnesses[i];
        if (w->first == first &&
            !check_signatures(section, w->name, KEY_WITNESS, w->key, &found, &time_s, why))
            return FAILED;
    }
    if (time_s > now_s + SKEW_S) {
        refuse(why, "the cosignature by %s is from the future", outside->witnesses[first].name);
        return FAILED;
    }
    *last_s = time_s > *last_s ? time_s : *last_s;
    return found > 0 ? OK : ABSENT;
}

enum result count_witnesses(const struct outside *outside, const struct section *section,
                            const char *owner, uint64_t now_s, struct why *why)
{
    char time[TIME_TEXT];
    uint64_t last_s = 0, quorum = quorum_of(outside, owner, false);
    size_t count[] = {[OK] = 0, [FAILED] = 0, [ABSENT] = 0};
    if (outside == NULL || outside->count == 0)
        return ABSENT;
    for (size_t i = 0; i < outside->count; i++)
        if (outside->witnesses[i].first == i)
            count[ask_witness(outside, section, i, now_s, &last_s, why)]++;
    write_time(last_s * 1000, time); /* not far from now */
    if (quorum == 0 && count[FAILED] > 0)
        return FAILED;
    if (count[OK] < quorum)
        refuse(why, "%zu of %zu cosigned it, and %llu are asked for", count[OK], outside->names,
               (unsigned long long)quorum);
    else if (count[OK] == 0)
        refuse(why, "none of %zu cosigned it", outside->names);
    else
        accept(why, "%zu of %zu cosigned it, last at %s", count[OK], outside->names, time);
    return count[OK] < quorum ? FAILED : count[OK] == 0 ? ABSENT : OK;
}
