#ifndef VALISE_VERIFY_H
#define VALISE_VERIFY_H
/*
 * valise-verify - check a NAME.proof or a NAME.fork from public keys alone.
 *
 * This program shares no line with the gateway that it checks. It reads one file of the format that
 * valise-proof(5) or valise-fork(5) describes, takes no memory but what is declared here, opens no
 * connection, and needs of OpenSSL only SHA-256 and Ed25519. In the order in which to read it:
 *
 *     main.c     the command line, the table, the verdict
 *     check.c    what follows from what: the argument that the program makes
 *     proof.c    the sections of the file, and the signed note in each
 *     fork.c     two signed states of one log that contradict each other
 *     witness.c  how many of the witnesses that are given cosigned a log
 *     record.c   manifest and receipt, two protobuf messages
 *     crypto.c   hashes, the way from a leaf to the root, signatures
 *     text.c     lines, numbers, base64, times
 *
 * A function that says bool and takes a struct why returns false with words when it refuses.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_FILE     229376u /* NAME.proof as a whole */
#define MAX_SECTION  65536u  /* one tlog-proof */
#define MAX_NOTE     4096u   /* one signed note */
#define MAX_RECORD   8192u   /* a manifest, a receipt or a decision */
#define MAX_EXTRA    32768u  /* what an extra line may hold at all */
#define MAX_STAMP    16384u  /* a time stamp token */
#define MAX_PATH     64u     /* hashes of one proof */
#define MAX_LEAVES   (UINT64_C(1) << 62)
#define MAX_PARTY    64u
#define MAX_WORD     128u /* a kind, an arrangement, a body */
#define MAX_NAME     160u /* an origin or a key's name, with its NUL */
#define MAX_CONTENT  ((UINT64_C(64) << 30) - (UINT64_C(1) << 20))
#define MAX_TIME_MS  UINT64_C(253402300799999) /* the end of the year 9999 */
#define SKEW_S       300u /* so far may the clock of whoever signed be ahead of ours */
#define HASH_BYTES   32u
#define KEY_BYTES    32u
#define KEY_ID_BYTES 4u
#define SIGNATURE    64u
#define ID_BYTES     16u
#define TIME_TEXT    48u

/** Borrowed bytes. */
struct bytes {
    const uint8_t *at;
    size_t len;
};

struct why {
    char words[200];
};

/** Returns `result`, to end a check with. Control characters become blanks. */
bool say(struct why *why, bool result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define refuse(why, ...) say(why, false, __VA_ARGS__)
#define accept(why, ...) say(why, true, __VA_ARGS__)

/* -- text.c ------------------------------------------------------------------------------------ */

/** What is left of a text, and the number of its first line. */
struct lines {
    struct bytes rest;
    unsigned number; /* of the line that was taken last */
};

/** The next line, without its line feed; false when there is none, or it has none. */
bool take_line(struct lines *lines, struct bytes *out);
/** Take the next line when it is exactly this one. */
bool take_this_line(struct lines *lines, const char *line);

bool is_text(struct bytes bytes, const char *text);
bool is_same(struct bytes a, struct bytes b);
bool starts_with(struct bytes *bytes, const char *start); /* and then takes it off */
void copy(void *to, const void *from, size_t len);
/** Copy to a text of `room` bytes; false when it does not fit. */
bool copy_text(char *to, size_t room, struct bytes from);

/** One line of UTF-8 without control characters. */
bool is_line(struct bytes text);
/** [a-z0-9], then [a-z0-9.-_]; `max` bytes at most. */
bool is_party(const char *text, size_t max);

/** Strict base64; at most `room` bytes. */
bool read_base64(struct bytes text, uint8_t *out, size_t room, size_t *out_len);
/** Decimal, no sign, no zeros in front, at most MAX_LEAVES. */
bool read_decimal(struct bytes text, uint64_t *out);
void write_time(uint64_t ms, char out[TIME_TEXT]); /* "2026-11-23T18:45:01.123Z" */
void write_hex(struct bytes bytes, char *out);

/* -- crypto.c ---------------------------------------------------------------------------------- */

struct hash {
    uint8_t at[HASH_BYTES];
};

/** Before anything else here: no configuration file of this machine has a say. */
bool start_crypto(struct why *why);

struct hash sha256(const struct bytes *parts, size_t count);
struct hash sha256_of(struct bytes bytes);
bool is_same_hash(const struct hash *a, const struct hash *b);
/** Hash and length of a file. */
bool sha256_file(const char *path, struct hash *out, uint64_t *out_len, struct why *why);

/** Does the path lead from this leaf, number `index` of `size`, to the root? RFC 9162, 2.1.3.2. */
bool check_path(const struct hash *leaf, uint64_t index, uint64_t size, const struct hash *path,
                size_t count, const struct hash *root, struct why *why);

/** Where a path leads that begins with the last whole subtree of the first `from` of `size`
 * entries: to the root of those, and to that of all. RFC 9162 section 2.1.4.2. 0 < from < size. */
bool follow_prefix(const struct hash *path, size_t count, uint64_t from, uint64_t size,
                   struct hash *older, struct hash *newer, struct why *why);

bool is_signed(const uint8_t key[KEY_BYTES], struct bytes message, const uint8_t *signature);

/** First bytes of SHA-256(name || 0x0a || type || key), as C2SP signed-note says. */
enum key_type { KEY_LOG = 0x01, KEY_WITNESS = 0x04 };
void make_key_id(const char *name, enum key_type type, const uint8_t key[KEY_BYTES],
                 uint8_t out[KEY_ID_BYTES]);

/* -- proof.c ----------------------------------------------------------------------------------- */

/** One section: a record, the way to the root, and the signed state of the log. */
struct section {
    uint8_t record[MAX_EXTRA];
    size_t record_len;
    uint64_t index;
    struct hash path[MAX_PATH];
    size_t path_len;
    char origin[MAX_NAME];
    uint64_t size;
    struct hash root;
    struct bytes body;       /* origin, size and root: what is signed */
    struct lines signatures; /* in the file */
};

struct proof {
    struct section sent, received;
    bool has_received;
    uint8_t decision[MAX_EXTRA];
    size_t decision_len;          /* 0: none */
    struct section internal;      /* the entry about it in the internal log of who decided */
    bool has_internal, has_stamp; /* any time stamp: those are for others to check */
};

bool is_key_name(struct bytes name);
/** "NAME" between an empty line and what belongs to it. */
bool take_heading(struct lines *lines, const char *name);
bool read_hash(struct bytes base64, struct hash *out);
/** A signed note, up to the next empty line behind it. */
bool read_note(struct lines *lines, struct section *out, struct why *why);
/** Read a whole file; `out` points into it. */
bool read_proof(struct bytes file, struct proof *out, struct why *why);

/** Verify and count every signature by this key. Of times of cosignatures the last one counts. */
bool check_signatures(const struct section *section, const char *name, enum key_type type,
                      const uint8_t key[KEY_BYTES], unsigned *found, uint64_t *time_s,
                      struct why *why);
/** Is there a signature under this name at all? */
bool names_signer(const struct section *section, const char *name);

/* -- record.c ---------------------------------------------------------------------------------- */

/** What the checks and the reader of a verdict need of a manifest. */
struct manifest {
    uint8_t id[ID_BYTES];
    char from[MAX_PARTY + 1], to[MAX_PARTY + 1];
    char kind[MAX_WORD + 1], body[MAX_WORD + 1], arrangement[MAX_WORD + 1];
    uint64_t arrangement_version, created_ms, content_bytes;
    struct hash sealed_digest, content_digest;
};

struct receipt {
    uint8_t id[ID_BYTES];
    char from[MAX_PARTY + 1], to[MAX_PARTY + 1];
    struct hash manifest_digest;
    uint64_t received_ms;
};

bool read_manifest(struct bytes record, struct manifest *out, struct why *why);
bool read_receipt(struct bytes record, struct receipt *out, struct why *why);
/** The entry of an internal log: is it a decision about the message with this id, and which one? */
bool read_entry(struct bytes record, const uint8_t id[ID_BYTES], struct hash *out_decision,
                struct why *why);
/** Of a decision only the id: nothing else of it is looked at. */
bool read_decision_id(struct bytes record, uint8_t out[ID_BYTES], struct why *why);

/* -- check.c ----------------------------------------------------------------------------------- */

#define MAX_KEYS 64u

struct key {
    char party[MAX_PARTY + 1];
    enum key_type type;
    uint8_t key[KEY_BYTES];
};

/** What is given besides the proof. */
struct given {
    struct key keys[MAX_KEYS];
    size_t key_count;
    const char *sealed, *content; /* files; NULL: not given */
    uint64_t now_s;
    const struct outside *outside; /* witness.h; NULL: nobody outside was named */
};

enum result { OK, FAILED, ABSENT };
enum item {
    MANIFEST,
    SEALED,
    CONTENT,
    SENT_LOG,
    SENT,
    SENT_WITNESS,
    RECEIPT,
    RECEIVED_LOG,
    RECEIVED,
    RECEIVED_WITNESS,
    DECISION,
    SENT_OUTSIDE,
    RECEIVED_OUTSIDE,
    INTERNAL_OUTSIDE,
    ITEMS
};

enum verdict { PROVEN, PROVEN_IN_PART, REFUSED };

struct report {
    struct manifest manifest;
    struct receipt receipt;
    struct {
        enum result result;
        struct why why;
    } lines[ITEMS];
    enum verdict verdict;
    enum item reason; /* the first that failed, or of what is needed is absent */
};

/** By any of the keys that the party has: one must have signed, and none wrongly. */
bool is_signed_by(const struct given *given, const struct section *section, const char *party,
                  enum key_type type, const char *name, uint64_t *time_s, struct why *why);

void check_proof(const struct proof *proof, const struct given *given, struct report *out);
const char *item_name(enum item item);

#endif
