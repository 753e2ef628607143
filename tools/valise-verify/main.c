/* valise-verify: the command line, the table, the verdict. */
#include "fork.h"
#include "witness.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum exit_status { ALL_PROVEN = 0, NOT_PROVEN = 1, NOT_CHECKED = 2, IN_PART = 3 };

static const char USAGE[] =
    "usage: valise-verify FILE --party-key PARTY=KEY... [--witness-key PARTY=KEY...]\n"
    "                     [--witness VKEY... [--quorum N]] [--sealed FILE] [--content FILE]\n"
    "KEY is an Ed25519 public key in base64, or @FILE that holds it. See valise-verify(1).\n";

/* -- files and keys ---------------------------------------------------------------------------- */

/* The bytes of a file, `room` of them at most: whoever looks at them refuses what is so long. */
static bool read_file(const char *path, uint8_t *to, size_t room, struct bytes *out,
                      struct why *why)
{
    size_t len = 0;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(why, "%.120s: %s", path, strerror(errno));
    while (len < room && ((n = read(fd, to + len, room - len)) > 0 || (n < 0 && errno == EINTR)))
        len += n > 0 ? (size_t)n : 0;
    int error = errno;
    close(fd);
    if (n < 0)
        return refuse(why, "%.120s: %s", path, strerror(error));
    *out = (struct bytes){to, len};
    return true;
}

static bool add_key(const char *text, enum key_type type, struct given *given, struct why *why)
{
    static uint8_t file[256];
    const char *equals = strchr(text, '=');
    struct key *key = &given->keys[given->key_count];
    size_t len = 0;
    if (given->key_count == MAX_KEYS)
        return refuse(why, "more than %u keys", MAX_KEYS);
    if (equals == NULL ||
        !copy_text(key->party, sizeof key->party,
                   (struct bytes){(const uint8_t *)text, (size_t)(equals - text)}) ||
        !is_party(key->party, MAX_PARTY))
        return refuse(why, "%.120s: is not PARTY=KEY", text);
    struct bytes base64 = {(const uint8_t *)equals + 1, strlen(equals + 1)};
    if (equals[1] == '@' && !read_file(equals + 2, file, sizeof file, &base64, why))
        return false;
    while (base64.len > 0 && base64.at[base64.len - 1] == '\n')
        base64.len--;
    if (!read_base64(base64, key->key, sizeof key->key, &len) || len != KEY_BYTES)
        return refuse(why, "%.120s: is not the base64 of an Ed25519 public key", text);
    key->type = type;
    given->key_count++;
    return true;
}

static bool read_options(int argc, char **argv, struct given *out, struct why *why)
{
    static const struct option OPTIONS[] = {{"party-key", required_argument, NULL, 'k'},
                                            {"witness-key", required_argument, NULL, 'w'},
                                            {"witness", required_argument, NULL, 'W'},
                                            {"quorum", required_argument, NULL, 'q'},
                                            {"sealed", required_argument, NULL, 's'},
                                            {"content", required_argument, NULL, 'c'},
                                            {NULL, 0, NULL, 0}};
    static struct outside outside;
    int letter;
    opterr = 0;
    out->outside = &outside;
    while ((letter = getopt_long(argc, argv, "k:w:s:c:", OPTIONS, NULL)) != -1) {
        if ((letter == 'k' && !add_key(optarg, KEY_LOG, out, why)) ||
            (letter == 'w' && !add_key(optarg, KEY_WITNESS, out, why)) ||
            (letter == 'W' && !add_witness(optarg, &outside, why)) ||
            (letter == 'q' && !add_quorum(optarg, &outside, why)))
            return false;
        if (letter == 's')
            out->sealed = optarg;
        if (letter == 'c')
            out->content = optarg;
        if (letter == '?')
            return refuse(why, "%s: is no option, or lacks its argument", argv[optind - 1]);
    }
    if (optind != argc - 1)
        return refuse(why, "one FILE is needed");
    if (!check_quorums(&outside, why))
        return false;
    const char *files[] = {out->sealed, out->content};
    for (size_t i = 0; i < 2; i++)
        if (files[i] != NULL && access(files[i], R_OK) != 0)
            return refuse(why, "%.120s: %s", files[i], strerror(errno));
    return out->key_count > 0 || refuse(why, "--party-key: is missing; whose keys shall it be "
                                             "checked with?");
}

/* -- what is printed --------------------------------------------------------------------------- */

static void print_message(const struct manifest *m)
{
    char id[2 * ID_BYTES + 1], sealed[2 * HASH_BYTES + 1], content[2 * HASH_BYTES + 1];
    char created[TIME_TEXT];
    write_hex((struct bytes){m->id, ID_BYTES}, id);
    write_hex((struct bytes){m->sealed_digest.at, HASH_BYTES}, sealed);
    write_hex((struct bytes){m->content_digest.at, HASH_BYTES}, content);
    write_time(m->created_ms, created);
    printf("message       %.8s-%.4s-%.4s-%.4s-%s\n", id, id + 8, id + 12, id + 16, id + 20);
    printf("from          %s\nto            %s%s%s\n", m->from, m->to,
           m->body[0] != '\0' ? ", " : "", m->body);
    printf("kind          %s\ncreated       %s\n", m->kind, created);
    printf("arrangement   %s, version %llu\n", m->arrangement,
           (unsigned long long)m->arrangement_version);
    printf("sealed        SHA-256 %s\n", sealed);
    printf("content       SHA-256 %s, %llu bytes\n\n", content,
           (unsigned long long)m->content_bytes);
}

static void print_report(const struct report *r)
{
    static const char *const RESULTS[] = {[OK] = "ok", [FAILED] = "failed", [ABSENT] = "absent"};
    if (r->lines[MANIFEST].result == OK)
        print_message(&r->manifest);
    printf("%-24s%s\n", "CHECK", "RESULT");
    for (int i = 0; i < ITEMS; i++) {
        const char *words = r->lines[i].why.words;
        if (i > DECISION && words[0] == '\0')
            continue;
        printf("%-24s%s%*s%s\n", item_name((enum item)i), RESULTS[r->lines[i].result],
               words[0] != '\0' ? 8 - (int)strlen(RESULTS[r->lines[i].result]) : 0, "", words);
    }
}

static int print_verdict(const struct report *r)
{
    const struct manifest *m = &r->manifest;
    const char *reason = r->lines[r->reason].why.words;
    bool is_received = r->lines[RECEIPT].result == OK;
    char time[TIME_TEXT];
    switch (r->verdict) {
    case PROVEN:
        write_time(r->receipt.received_ms, time);
        printf("\nPROVEN: %s sent this message, and %s received it at %s. Each cosigned the log of "
               "the other.\n",
               m->from, m->to, time);
        return ALL_PROVEN;
    case PROVEN_IN_PART:
        printf("\nPROVEN IN PART: %s sent this message%s%s%s. Not proven: %s (%s).\n", m->from,
               is_received ? ", and " : "", is_received ? m->to : "",
               is_received ? " received it" : "", item_name(r->reason), reason);
        return IN_PART;
    case REFUSED:
        break;
    }
    printf("\nREFUSED: %s: %s.\n", item_name(r->reason), reason);
    return NOT_PROVEN;
}

static int check_and_print_fork(struct bytes text, const struct given *given, struct why *why)
{
    static struct fork fork;
    char root[2 * HASH_BYTES + 1];
    if (!read_fork(text, &fork, why)) {
        printf("REFUSED: %s.\n", why->words);
        return NOT_PROVEN;
    }
    printf("log           %s\n", fork.states[0].origin);
    for (int i = 0; i < 2; i++) {
        write_hex((struct bytes){fork.states[i].root.at, HASH_BYTES}, root);
        printf("state         %llu entries, root %s\n", (unsigned long long)fork.states[i].size,
               root);
    }
    switch (check_fork(&fork, given, why)) {
    case PROVEN:
        printf("\nPROVEN: %s signed two histories of this log.\n", fork.party);
        return ALL_PROVEN;
    case PROVEN_IN_PART:
        printf("\nPROVEN IN PART: %s signed both states. Not proven: that they contradict each "
               "other (a consistency proof from the one to the other would show that they do "
               "not).\n",
               fork.party);
        return IN_PART;
    case REFUSED:
        break;
    }
    printf("\nREFUSED: %s.\n", why->words);
    return NOT_PROVEN;
}

static int not_checked(const struct why *why)
{
    fprintf(stderr, "valise-verify: %s\n", why->words);
    return NOT_CHECKED;
}

int main(int argc, char **argv)
{
    static uint8_t file[MAX_FILE + 1]; /* a file that is too long is seen to be */
    static struct proof proof;
    static struct given given;
    static struct report report;
    struct why why = {""};
    struct bytes text;
    struct timespec now;
    if (argc < 2) {
        fputs(USAGE, stderr);
        return NOT_CHECKED;
    }
    if (!read_options(argc, argv, &given, &why) || !start_crypto(&why) ||
        !read_file(argv[optind], file, sizeof file, &text, &why))
        return not_checked(&why);
    clock_gettime(CLOCK_REALTIME, &now);
    given.now_s = (uint64_t)now.tv_sec;
    if (is_fork(text) && given.outside->quorum_count > 0) {
        refuse(&why, "--quorum: FILE is a fork, which no cosignatures prove");
        return not_checked(&why);
    }
    if (is_fork(text))
        return check_and_print_fork(text, &given, &why);
    if (!read_proof(text, &proof, &why)) {
        printf("REFUSED: %s.\n", why.words);
        return NOT_PROVEN;
    }
    check_proof(&proof, &given, &report);
    if (report.lines[MANIFEST].result == OK &&
        !check_quorum_parties(given.outside, &report.manifest, &why))
        return not_checked(&why);
    print_report(&report);
    if (proof.has_stamp)
        puts("\nTime stamps are enclosed. openssl ts -verify checks them: valise-proof(5) says "
             "how.");
    return print_verdict(&report);
}
