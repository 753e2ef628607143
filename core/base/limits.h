#ifndef VALISE_BASE_LIMITS_H
#define VALISE_BASE_LIMITS_H
/*
 * base/limits - every maximum of Valise that is not a setting, in one place.
 *
 * Process: all. Sizes are bytes unless the name says otherwise.
 */

/* names and words */
#define VLS_MAX_PARTY      64   /* a party's short name: "un", "iom"                     */
#define VLS_MAX_NAME       128  /* a kind, scheme, classification, rule, plugin, log name */
#define VLS_MAX_SUBJECT    1024 /* a subject, UTF-8                                      */
#define VLS_MAX_FILE_NAME  255  /* one path component, UTF-8                             */
#define VLS_MAX_MEDIA_TYPE 127  /* RFC 6838 section 4.2: type and subtype                */
#define VLS_MAX_ORIGIN_KEY 128  /* idempotency key of a submitter                        */
#define VLS_MAX_PATH       4096 /* a path of the file system                             */
#define VLS_MAX_URL        2048 /* a partner's base address                              */
#define VLS_MAX_LABEL      1024 /* a DER label                                           */

/* a message */
#define VLS_MAX_PARTS      64          /* documents in one message                          */
#define VLS_MAX_MANIFEST   8192        /* a serialized manifest                             */
#define VLS_MAX_DESCRIPTOR 65536       /* the sealed descriptor, JSON                       */
#define VLS_MAX_SEALED_DER 4096        /* the CMS structure without its detached content    */
#define VLS_INLINE_CONTENT 65536       /* sealed content up to this lives in its row        */
#define VLS_MAX_CONTENT    (1ull << 40) /* sealed content of one message at the very most   */
#define VLS_MAX_DECISION   8192        /* a serialized decision record                      */

/* between roles */
#define VLS_MAX_FRAME      131072 /* one datagram between two roles                        */
#define VLS_MAX_FRAME_FDS  65     /* descriptors passed with one frame: parts and one more */
#define VLS_FRAME_DRAIN    256    /* frames read from one channel in one wake-up           */
#define VLS_CHANNEL_QUEUE  4096   /* frames waiting to be written to one channel           */

/* batches */
#define VLS_BATCH_MESSAGES 128             /* messages of one commit and of one exchange    */
#define VLS_BATCH_BYTES    (8u << 20)      /* bytes of one commit and of one exchange        */
#define VLS_MAX_EXCHANGE   (12u << 20)     /* an exchange body, with proofs                  */
#define VLS_IO_CHUNK       65536           /* files and streams are moved in such pieces     */

/* ledger */
#define VLS_MAX_PROOF 64   /* hashes in one inclusion or consistency proof        */
#define VLS_MAX_NOTE  4096 /* a signed note                                       */

/* files that people write */
#define VLS_MAX_CONFIG_FILE (1u << 20)
#define VLS_MAX_SCHEME_FILE (4u << 20)
#define VLS_MAX_KEY_FILE    65536

#endif
