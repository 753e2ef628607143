/* The sections of the file, and the signed note in each: C2SP tlog-proof, tlog-checkpoint,
 * tlog-cosignature, signed-note. */
#include "verify.h"

#include <stdio.h>
#include <string.h>

#define DASH       "\xe2\x80\x94 " /* U+2014 and a blank begin a signature line */
#define TIME_BYTES 8u

/* -- a section --------------------------------------------------------------------------------- */

bool read_hash(struct bytes base64, struct hash *out)
{
    size_t len = 0;
    return read_base64(base64, out->at, sizeof out->at, &len) && len == HASH_BYTES;
}

static bool read_extra(struct lines *lines, struct section *out, struct why *why)
{
    struct bytes line;
    if (!take_this_line(lines, "c2sp.org/tlog-proof@v1"))
        return refuse(why, "line %u is not c2sp.org/tlog-proof@v1", lines->number + 1);
    if (!take_line(lines, &line) || !starts_with(&line, "extra ") ||
        !read_base64(line, out->record, sizeof out->record, &out->record_len) ||
        out->record_len == 0)
        return refuse(why, "line %u is not \"extra\" with a record in base64", lines->number);
    return true;
}

static bool read_path(struct lines *lines, struct section *out, struct why *why)
{
    struct bytes line;
    if (!take_line(lines, &line) || !starts_with(&line, "index ") ||
        !read_decimal(line, &out->index))
        return refuse(why, "line %u is not \"index\" with a number", lines->number);
    for (out->path_len = 0;; out->path_len++) {
        if (!take_line(lines, &line))
            return refuse(why, "line %u is not there", lines->number);
        if (line.len == 0)
            return true;
        if (out->path_len == MAX_PATH)
            return refuse(why, "line %u is one hash more than any log needs", lines->number);
        if (!read_hash(line, &out->path[out->path_len]))
            return refuse(why, "line %u is not the base64 of 32 bytes", lines->number);
    }
}

/* White space that is no control character (White_Space=yes); `text` is good UTF-8. */
static bool starts_with_space(struct bytes text)
{
    static const char *const SPACES[] = {" ", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x81\x9f",
                                         "\xe3\x80\x80"};
    for (size_t i = 0; i < sizeof SPACES / sizeof *SPACES; i++)
        if (starts_with(&text, SPACES[i]))
            return true;
    return starts_with(&text, "\xe2\x80") && text.len > 0 &&
           (text.at[0] <= 0x8a || memchr("\xa8\xa9\xaf", text.at[0], 3) != NULL);
}

bool is_key_name(struct bytes name)
{
    if (name.len == 0 || !is_line(name))
        return false;
    for (; name.len > 0; name.at++, name.len--)
        if (name.at[0] == '+' || starts_with_space(name))
            return false;
    return true;
}

/* Three lines and an empty one. Extension lines are refused: nobody agreed on their meaning. */
static bool read_body(struct lines *lines, struct section *out, struct why *why)
{
    struct bytes line;
    const struct hash nothing = sha256(NULL, 0);
    out->body.at = lines->rest.at;
    if (!take_line(lines, &line) || !is_key_name(line) ||
        !copy_text(out->origin, sizeof out->origin, line))
        return refuse(why, "line %u is not the origin of a log", lines->number);
    if (!take_line(lines, &line) || !read_decimal(line, &out->size))
        return refuse(why, "line %u is not the size of a log", lines->number);
    if (!take_line(lines, &line) || !read_hash(line, &out->root) ||
        (out->size == 0 && !is_same_hash(&out->root, &nothing)))
        return refuse(why, "line %u is not the root of the log", lines->number);
    out->body.len = (size_t)(lines->rest.at - out->body.at);
    if (!take_this_line(lines, ""))
        return refuse(why, "line %u is not empty: a checkpoint has three lines and no more",
                      lines->number + 1);
    if (out->index >= out->size)
        return refuse(why, "entry %llu is outside a log of %llu", (unsigned long long)out->index,
                      (unsigned long long)out->size);
    return true;
}

/* One signature line: its name, and the bytes behind its base64. */
struct signature {
    struct bytes name;
    uint8_t bytes[MAX_NOTE];
    size_t len;
};

static bool read_signature(struct lines *lines, struct signature *out, struct why *why)
{
    struct bytes line;
    if (!take_line(lines, &line) || !starts_with(&line, DASH))
        return refuse(why, "line %u is no signature: a dash, a name and base64", lines->number);
    const uint8_t *blank = line.len > 0 ? memchr(line.at, ' ', line.len) : NULL;
    out->name = (struct bytes){line.at, blank != NULL ? (size_t)(blank - line.at) : 0};
    if (!is_key_name(out->name))
        return refuse(why, "line %u has no name of a key", lines->number);
    struct bytes base64 = {blank + 1, line.len - out->name.len - 1};
    if (!read_base64(base64, out->bytes, sizeof out->bytes, &out->len) || out->len <= KEY_ID_BYTES)
        return refuse(why, "line %u has no signature in base64", lines->number);
    return true;
}

/* They end with the file, or in front of an empty line. */
static bool read_signatures(struct lines *lines, struct section *out, struct why *why)
{
    struct signature signature;
    out->signatures = *lines;
    do {
        if (!read_signature(lines, &signature, why))
            return false;
    } while (lines->rest.len > 0 && lines->rest.at[0] != '\n');
    out->signatures.rest.len -= lines->rest.len;
    if ((size_t)(lines->rest.at - out->body.at) > MAX_NOTE)
        return refuse(why, "the signed note that ends at line %u is above %u bytes", lines->number,
                      MAX_NOTE);
    return true;
}

bool read_note(struct lines *lines, struct section *out, struct why *why)
{
    out->index = 0;
    return read_body(lines, out, why) && read_signatures(lines, out, why);
}

static bool read_section(struct lines *lines, struct section *out, struct why *why)
{
    const uint8_t *start = lines->rest.at;
    if (!read_extra(lines, out, why) || !read_path(lines, out, why) ||
        !read_body(lines, out, why) || !read_signatures(lines, out, why))
        return false;
    return (size_t)(lines->rest.at - start) <= MAX_SECTION ||
           refuse(why, "the section that ends at line %u is too long", lines->number);
}

/* -- the file ---------------------------------------------------------------------------------- */

bool take_heading(struct lines *lines, const char *name)
{
    struct lines ahead = *lines;
    if (!take_this_line(&ahead, "") || !take_this_line(&ahead, name))
        return false;
    *lines = ahead;
    return true;
}

/* The time stamp on a checkpoint, which OpenSSL checks and this program does not. */
static bool read_stamp(struct lines *lines, const char *heading, struct proof *out, struct why *why)
{
    static uint8_t token[MAX_STAMP];
    struct bytes line;
    size_t len = 0;
    if (!take_heading(lines, heading))
        return true;
    out->has_stamp = true;
    return (take_line(lines, &line) && read_base64(line, token, sizeof token, &len) && len > 0) ||
           refuse(why, "line %u is not the base64 of a time stamp", lines->number);
}

static bool read_decision(struct lines *lines, struct proof *out, struct why *why)
{
    struct bytes line;
    return (take_line(lines, &line) &&
            read_base64(line, out->decision, sizeof out->decision, &out->decision_len) &&
            out->decision_len > 0) ||
           refuse(why, "line %u is not the base64 of a decision", lines->number);
}

bool read_proof(struct bytes file, struct proof *out, struct why *why)
{
    struct lines lines = {file, 0};
    out->has_received = false;
    out->has_internal = false;
    out->has_stamp = false;
    out->decision_len = 0;
    if (file.len > MAX_FILE)
        return refuse(why, "a proof has at most %u bytes", MAX_FILE);
    if (!take_this_line(&lines, "valise-proof/v1"))
        return refuse(why, "line 1 is not valise-proof/v1");
    if (!take_heading(&lines, "sent"))
        return refuse(why, "line 2 does not begin the section sent");
    if (!read_section(&lines, &out->sent, why) || !read_stamp(&lines, "sent-time", out, why))
        return false;
    if (take_heading(&lines, "received")) {
        if (!read_section(&lines, &out->received, why) ||
            !read_stamp(&lines, "received-time", out, why))
            return false;
        out->has_received = true;
    }
    if (take_heading(&lines, "decision") && !read_decision(&lines, out, why))
        return false;
    if (out->decision_len > 0 && take_heading(&lines, "internal")) {
        if (!read_section(&lines, &out->internal, why) ||
            !read_stamp(&lines, "internal-time", out, why))
            return false;
        out->has_internal = true;
    }
    return lines.rest.len == 0 || refuse(why, "line %u has no place in a proof", lines.number + 1);
}

/* -- who signed -------------------------------------------------------------------------------- */

/* What is signed: the body itself by the log, the body behind a time by a witness. */
static bool check_one(const struct section *section, enum key_type type,
                      const uint8_t key[KEY_BYTES], const struct signature *signature,
                      uint64_t *out_time_s)
{
    const uint8_t *at = signature->bytes + KEY_ID_BYTES;
    char text[MAX_NOTE + 64];
    uint64_t time_s = 0;
    if (type == KEY_LOG)
        return signature->len == KEY_ID_BYTES + SIGNATURE && is_signed(key, section->body, at);
    if (signature->len != KEY_ID_BYTES + TIME_BYTES + SIGNATURE)
        return false;
    for (unsigned i = 0; i < TIME_BYTES; i++)
        time_s = time_s << 8 | at[i];
    int n =
        snprintf(text, sizeof text, "cosignature/v1\ntime %llu\n%.*s", (unsigned long long)time_s,
                 (int)section->body.len, (const char *)section->body.at);
    *out_time_s = time_s > *out_time_s ? time_s : *out_time_s;
    return n > 0 && (size_t)n < sizeof text && time_s <= INT64_MAX &&
           is_signed(key, (struct bytes){(const uint8_t *)text, (size_t)n}, at + TIME_BYTES);
}

bool check_signatures(const struct section *section, const char *name, enum key_type type,
                      const uint8_t key[KEY_BYTES], unsigned *found, uint64_t *time_s,
                      struct why *why)
{
    struct lines lines = section->signatures;
    struct signature signature;
    uint8_t id[KEY_ID_BYTES];
    make_key_id(name, type, key, id);
    while (lines.rest.len > 0) {
        if (!read_signature(&lines, &signature, why))
            return false;
        if (!is_text(signature.name, name) || memcmp(signature.bytes, id, KEY_ID_BYTES) != 0)
            continue; /* by somebody else: neither for nor against */
        if (!check_one(section, type, key, &signature, time_s))
            return refuse(why, "line %u: the signature by %s does not verify", lines.number, name);
        ++*found;
    }
    return true;
}

bool names_signer(const struct section *section, const char *name)
{
    struct lines lines = section->signatures;
    struct signature signature;
    struct why ignored;
    while (lines.rest.len > 0 && read_signature(&lines, &signature, &ignored))
        if (is_text(signature.name, name))
            return true;
    return false;
}
