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
#define VLS_MAX_LABEL_TEXT 4096 /* a label as text: names in place of numbers             */

/* a message */
#define VLS_MAX_PARTS      64    /* documents in one message                          */
#define VLS_MAX_MANIFEST   8192  /* a serialized manifest                             */
#define VLS_MAX_DESCRIPTOR 65536 /* the sealed descriptor, JSON                       */
#define VLS_MAX_SEALED_DER 4096  /* the CMS structure without its detached content    */
#define VLS_INLINE_CONTENT 65536 /* sealed content up to this lives in its row        */
#define VLS_MAX_CONTENT                                                                            \
    ((64ull << 30) - (1ull << 20)) /* of one message: AES-GCM ends at 2^36 - 32 bytes */
#define VLS_MAX_DECISION   32768   /* a serialized decision record                      */
#define VLS_MAX_AUDIENCE   16      /* names of who may know of it                         */
#define VLS_MAX_TOPICS     16      /* topics of the requesting side's competence          */
#define VLS_MAX_RECEIPTS   1024    /* members of a body that have one statement         */
#define VLS_MAX_SAFEGUARDS 256     /* reference of what protects personal data            */

/* what a document is */
#define VLS_MAX_ABOUT     24576 /* all that is said of a message's documents       */
#define VLS_MAX_SYMBOL    128   /* a symbol as printed                             */
#define VLS_MAX_SYMBOLS   8     /* of one document                                 */
#define VLS_MAX_LANGUAGE  35    /* a language tag: RFC 5646 section 4.4.1          */
#define VLS_MAX_TITLE     2048  /* a title, UTF-8                                  */
#define VLS_MAX_SUBJECTS  32    /* terms that say what a document is on            */
#define VLS_MAX_RELATIONS 32    /* of one document to others                       */
#define VLS_MAX_LICENCE   256   /* as it is stated                                 */

/* between roles */
#define VLS_MAX_FRAME           131072 /* one datagram between two roles                        */
#define VLS_MAX_FRAME_FDS       65     /* descriptors passed with one frame: parts and one more */
#define VLS_FRAME_DRAIN         256    /* frames read from one channel in one wake-up           */
#define VLS_CHANNEL_QUEUE       4096   /* frames waiting to be written to one channel           */
#define VLS_CHANNEL_QUEUE_BYTES (64u << 20) /* and their bytes                              */
#define VLS_CHANNEL_SOCKET      (4 << 20)   /* SO_SNDBUF asked for; the kernel may give less */
#define VLS_FRAME_BATCH         16          /* frames read with one system call              */
#define VLS_MAX_FRAME_MEMORY    (8u << 20)  /* what one decoded frame may take               */

/* batches */
#define VLS_BATCH_MESSAGES 128         /* messages of one commit and of one exchange    */
#define VLS_BATCH_BYTES    (8u << 20)  /* bytes of one commit and of one exchange        */
#define VLS_MAX_EXCHANGE   (12u << 20) /* an exchange body, with proofs                  */
#define VLS_IO_CHUNK       65536       /* files and streams are moved in such pieces     */

/* ledger */
#define VLS_MAX_INTERNAL    4096 /* what an entry of the internal log says, as its kind does */
#define VLS_MAX_PROOF       64   /* hashes in one inclusion or consistency proof        */
#define VLS_MAX_NOTE        4096 /* a signed note                                       */
#define VLS_MAX_LEAVES      (1ull << 62) /* of one log: a proof of it fits into VLS_MAX_PROOF   */
#define VLS_MAX_PROOF_EXTRA 32768        /* extra data of a proof file: manifest, receipt       */
#define VLS_MAX_PROOF_FILE  65536        /* a proof file (tlog-proof) as a whole                */
#define VLS_MAX_PROVEN_FILE 229376       /* NAME.proof: two, a decision, and three time stamps  */
#define VLS_MAX_FORK_FILE   16384        /* NAME.fork: two notes and a path                     */

/* time stamps (RFC 3161) */
#define VLS_MAX_STAMP         16384 /* a token with its certificates                         */
#define VLS_MAX_STAMP_ANSWER  20480 /* what a TSA answers: a token and its status            */
#define VLS_MAX_STAMP_ISSUERS 64    /* certificates in one file of those who are believed    */

/* files that people write */
#define VLS_MAX_CONFIG_FILE (1u << 20)
#define VLS_MAX_SCHEME_FILE (4u << 20)
#define VLS_MAX_KEY_FILE    65536
#define VLS_MAX_CRL_FILE    (16u << 20) /* revocation lists of one partner */

/* schemes */
#define VLS_MAX_CLASSIFICATIONS 256   /* levels of one scheme                              */
#define VLS_MAX_LACV            256   /* RFC 2634: ub-integer-options                      */
#define VLS_MAX_OID_TEXT        128   /* an object identifier in dotted form               */
#define VLS_MAX_OID             64    /* the same as DER content                           */
#define VLS_MAX_NOTICE          1024  /* what a scheme file says about itself              */
#define VLS_MAX_SCHEME_DEPTH    16    /* elements in elements                              */
#define VLS_MAX_CATEGORIES      1024  /* of one scheme: a label holds a bit for each       */
#define VLS_MAX_TAGS            64    /* of one scheme                                     */
#define VLS_MAX_TAG_SETS        64    /* of one scheme                                     */
#define VLS_MAX_TAG_BIT         16383 /* a category's place in a bit string                */
#define VLS_MAX_PHRASE          1024  /* bytes: 256 characters of UTF-8                    */
#define VLS_MAX_PHRASE_LETTERS  256   /* characters of a name or phrase of a scheme        */
#define VLS_MAX_EQUIVALENTS     256   /* policies, or counterparts of one thing, of a scheme */
#define VLS_MAX_LANGUAGES       64    /* of one qualifier of a scheme's markings            */
#define VLS_MAX_PRIVACY_MARKS   256   /* of one scheme                                     */
#define VLS_MAX_SCHEME_REFS     16384 /* categories that the rules of a scheme name        */
#define VLS_MAX_SCHEME_MEMORY   (64u << 20) /* what one scheme may take when it is read   */

/* labels */
#define VLS_MAX_PRIVACY_MARK        128 /* RFC 2634: ub-privacy-mark-length                     */
#define VLS_MAX_PRIVACY_TEXT        512 /* a mark that is no PrintableString: bytes             */
#define VLS_MAX_SECURITY_CATEGORIES 64  /* RFC 2634: ub-security-categories; one word      */
#define VLS_CLOCK_SKEW_MS           300000 /* another organization's clock may be ahead by this */
#define VLS_MAX_ORIGINATORS         64   /* of one label                                         */
#define VLS_MAX_UNKNOWN             64   /* unknown categories of one label                      */
#define VLS_MAX_MARKING             8192 /* a label as a person reads it                        */

/* labels in XML (ADatP-4774) and bindings (ADatP-4778) */
#define VLS_MAX_XML_LABEL      65536      /* a file or an element                              */
#define VLS_MAX_XML_TEXT       1024       /* one value or attribute                            */
#define VLS_MAX_XML_TAG        16384      /* a start tag with all its attributes               */
#define VLS_MAX_XML_NAMESPACES 1024       /* declarations in one file                        */
#define VLS_MAX_XML_CATEGORIES 64         /* of one confidentiality information                */
#define VLS_MAX_XML_VALUES     256        /* of one category                                   */
#define VLS_MAX_XML_SUCCESSORS 4          /* labels proposed one after the other               */
#define VLS_MAX_XML_MEMORY     (1u << 20) /* what one label in XML may take               */
#define VLS_MAX_FORGIVEN       32         /* what a lenient reader lists                       */
#define VLS_MAX_XML_BINDING    (4u << 20) /* a file with bindings                              */
#define VLS_MAX_XML_BINDINGS   80         /* MetadataBinding elements: one a document and more */
#define VLS_MAX_XML_BOUND      256        /* labels, and pieces of data, of such a file        */
#define VLS_MAX_XML_EMBEDDED   (2u << 20) /* bytes of embedded data                            */
#define VLS_MAX_CMS_BINDING    65536      /* a detached CMS signature with certificates        */
#define VLS_MAX_LABELS_XML     (1u << 20) /* labels.xml of an archive                          */

/* arrangements */
#define VLS_MAX_ARRANGEMENT_FILE (8u << 20)   /* an arrangement, or house rules            */
#define VLS_MAX_PARTIES          16           /* of one arrangement                        */
#define VLS_MAX_BODIES           256          /* bodies and services                       */
#define VLS_MAX_MEMBERS          256          /* of one body                               */
#define VLS_MAX_EQUIVALENCES     256          /* between the parties' schemes              */
#define VLS_MAX_RULES            16384        /* 10,000 are what its speed is measured at  */
#define VLS_MAX_RULE_LIST        32           /* values of one list of one rule            */
#define VLS_MAX_APPROVALS        9            /* officers that one rule may ask for        */
#define VLS_MAX_RETAIN_YEARS     1000         /* that one rule may ask for                 */
#define VLS_MAX_WORDS            64           /* values of one fact that are searched      */
#define VLS_MAX_INDEX_MEMORY     (1ull << 30) /* what the index of one arrangement takes   */

/* plugins */
#define VLS_PLUGIN_WINDOW     64    /* documents of one plugin on their way to the commit        */
#define VLS_PLUGIN_CALL_MS    30000 /* one callback; later, the process is killed                */
#define VLS_PLUGIN_MAX_STATE  65536 /* keys and values of one plugin: they travel in one frame   */
#define VLS_PLUGIN_STATE_ITEM 16    /* what each item counts besides its key and value           */
#define VLS_PLUGIN_MAX_STREAMED                                                                    \
    (256ull << 20)                   /* a part that is emitted in pieces, kept in memory   */
#define VLS_PLUGIN_MAX_SETTINGS 64   /* declared by one plugin                                    */
#define VLS_PLUGIN_MAX_SETTING  4096 /* a setting's value */
#define VLS_PLUGIN_LOG_LINES    100  /* lines a plugin may log in one second                      */
#define VLS_PLUGIN_ITEM_DEATHS  3    /* over one message or document: then it is set aside        */
#define VLS_PLUGIN_CRASHES      6    /* in a row, whatever over: then the plugin is disabled      */
#define VLS_PLUGIN_SET_ASIDE    64   /* documents of one plugin; the oldest is forgotten first    */
#define VLS_PLUGIN_DESCRIBE_MS  10000 /* to load the object and read its descriptor            */
#define VLS_PLUGIN_DESCRIPTION  (256u << 10) /* of a descriptor, written down */
#define VLS_PLUGIN_MAX_TEXT     4096 /* one text of a descriptor                                  */

/* HTTP for plugins */
#define VLS_HTTP_OPEN          4           /* requests of one plugin at once                      */
#define VLS_HTTP_INLINE        65536       /* a body up to this travels in the request's frame    */
#define VLS_HTTP_SLACK_MS      5000        /* what a host waits for fetch beyond a request's time */
#define VLS_FETCH_CONNECT_MS   10000       /* until a connection stands, TLS included             */
#define VLS_FETCH_STALL_S      120         /* without a byte either way                           */
#define VLS_FETCH_IDLE_S       50          /* a kept connection is not used again after this      */
#define VLS_FETCH_KEPT         8           /* connections kept for one plugin                     */
#define VLS_FETCH_REDIRECTS    5           /* followed for one request                            */
#define VLS_FETCH_WAITING      64          /* requests that wait for their turn at one host       */
#define VLS_FETCH_REMOTES      1024        /* hosts whose rate is remembered                      */
#define VLS_FETCH_HEADERS      128         /* fields of an answer's head, or of a request         */
#define VLS_FETCH_HEAD_BYTES   32768       /* and their bytes                                     */
#define VLS_FETCH_DISCARDED    (64u << 10) /* content of a redirect that is read and dropped      */
#define VLS_FETCH_PIPE         (256 << 10) /* asked for of each pipe; the kernel may give less    */
#define VLS_FETCH_RETRY_S      86400       /* the latest Retry-After that is believed             */
#define VLS_FETCH_SECRET       4096        /* a credential                                        */
#define VLS_FETCH_PER_SECOND   5           /* default: requests to one host in one second         */
#define VLS_FETCH_CONNECTIONS  2           /* default: requests to one host at once               */
#define VLS_FETCH_MAX_BYTES    (1ull << 30) /* default: content of one answer, or of one request   */
#define VLS_FETCH_TIMEOUT_S    300 /* default: one request, with waiting and redirects    */
#define VLS_PLUGIN_METRICS     64  /* counters and gauges of one plugin                         */
#define VLS_PLUGIN_METRIC_NAME 64  /* the name of one                                           */
#define VLS_PLUGIN_WORDS       256 /* what a plugin says of an endpoint, and where in it        */
#define VLS_PLUGIN_BLOCKED_MS  900000 /* a resolver that is blocked is asked again after this    */
#define VLS_MAX_RETRY_AT_MS    86400000u /* and one that asked to come back, this at most        */

#endif
