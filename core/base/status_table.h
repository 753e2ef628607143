#ifndef VALISE_BASE_STATUS_TABLE_H
#define VALISE_BASE_STATUS_TABLE_H
/*
 * base/status_table - every way in which Valise fails: name, class, stable number, words for the
 * operator.
 *
 * The number is module << 8 | n and never changes; a row is never removed, only added at the end of
 * its module. tests/golden/status.ref holds the table as printed; the manual page is made from it.
 */
#define VLS_STATUS_TABLE(X)                                                                        \
    /* 00 the system */                                                                            \
    X(SYSTEM_BUSY, TRANSIENT, 0x0001, "the system asked to try again")                             \
    X(SYSTEM_FULL, RESOURCE, 0x0002, "no space left on the device or in the quota")                \
    X(SYSTEM_MEMORY, RESOURCE, 0x0003, "not enough memory or descriptors")                         \
    X(SYSTEM_IO, TRANSIENT, 0x0004, "a file or socket operation failed")                           \
    X(SYSTEM_BUG, MISUSE, 0x0005, "a fault of this program: please report it")                     \
    X(SYSTEM_CRYPTO, PERMANENT, 0x0006, "the cryptographic library refused")                       \
    X(SYSTEM_MISSING, PERMANENT, 0x0007, "a file that is needed is not there")                     \
    X(SYSTEM_ACCESS, PERMANENT, 0x0008, "a file has the wrong owner or permissions")               \
    X(INPUT_LIMIT, PERMANENT, 0x0009, "the input is above a limit")                                \
    X(INPUT_MALFORMED, CORRUPT, 0x000a, "the input is not well formed")                            \
    /* 01 wire */                                                                                  \
    X(WIRE_GONE, UNCERTAIN, 0x0101, "the other process went away before it answered")              \
    X(WIRE_REFUSED, MISUSE, 0x0102, "a frame that this channel does not carry")                    \
    X(WIRE_FULL, RESOURCE, 0x0103, "too much is waiting on this channel")                          \
    X(WIRE_MALFORMED, CORRUPT, 0x0104, "a frame does not decode")                                  \
    /* 02 config */                                                                                \
    X(CONFIG_INVALID, PERMANENT, 0x0201, "the configuration is not valid")                         \
    X(CONFIG_MISSING, PERMANENT, 0x0202, "the configuration file is not there")                    \
    /* 03 label */                                                                                 \
    X(LABEL_MISSING, DENIED, 0x0301, "the message has no label")                                   \
    X(LABEL_MALFORMED, CORRUPT, 0x0302, "the label is not a strict DER ESS security label")        \
    X(LABEL_SCHEME, DENIED, 0x0303, "the label names a scheme that is not loaded")                 \
    X(LABEL_VALUE, DENIED, 0x0304, "the label's value is not one of its scheme")                   \
    X(SCHEME_INVALID, PERMANENT, 0x0305, "the scheme file is not valid")                           \
    X(LABEL_CLEARANCE, DENIED, 0x0306, "the recipient may not hold what is so labelled")           \
    X(LABEL_UNMAPPED, DENIED, 0x0307, "the label has no equivalent in the other scheme")           \
    X(LABEL_LOWERED, DENIED, 0x0308, "mapped there and back, a label would come out lower")        \
    X(LABEL_XML, CORRUPT, 0x0310,                                                                  \
      "the XML is not a strict ADatP-4774 label or ADatP-4778 binding")                            \
    X(LABEL_BINDING, CORRUPT, 0x0311, "the binding does not hold label, data and signer together") \
    X(LABEL_DISAGREES, CORRUPT, 0x0312, "two labels of the same thing say different things")       \
    /* 04 policy */                                                                                \
    X(POLICY_INVALID, PERMANENT, 0x0401, "the arrangement file is not valid")                      \
    X(POLICY_KIND, DENIED, 0x0402, "the kind of message is not known")                             \
    X(POLICY_PARTY, DENIED, 0x0403, "the party is not one of the arrangement")                     \
    X(POLICY_ARRANGEMENT, DENIED, 0x0404, "the message names another arrangement")                 \
    X(POLICY_WITHHELD, DENIED, 0x0405, "policy withholds this message")                            \
    X(POLICY_REVIEW, DENIED, 0x0406, "policy refers this message to an officer")                   \
    X(POLICY_VERSION, PERMANENT, 0x0407, "the version does not follow the one before it")          \
    X(POLICY_AHEAD, TRANSIENT, 0x0408, "the version it names is not in force here yet")            \
    /* 05 envelope */                                                                              \
    X(ENVELOPE_MALFORMED, CORRUPT, 0x0501, "the envelope is not well formed")                      \
    X(ENVELOPE_VERSION, PERMANENT, 0x0502, "the envelope's version is not understood")             \
    X(ENVELOPE_DIGEST, CORRUPT, 0x0503, "a digest does not match its content")                     \
    X(ENVELOPE_ALGORITHM, CORRUPT, 0x0504, "the sealed content uses an algorithm that is refused") \
    X(ENVELOPE_KEY, PERMANENT, 0x0505, "the content is not sealed to a key held here")             \
    X(ENVELOPE_TAG, CORRUPT, 0x0506, "the sealed content fails its authentication tag")            \
    X(ENVELOPE_SOURCE, TRANSIENT, 0x0507, "the document changed while it was read")                \
    X(ENVELOPE_DESCRIPTOR, CORRUPT, 0x0508, "the sealed descriptor is not well formed")            \
    /* 06 ledger */                                                                                \
    X(LEDGER_PROOF, CORRUPT, 0x0601, "a proof does not lead to its checkpoint")                    \
    X(LEDGER_FORK, CORRUPT, 0x0602, "two checkpoints of one log contradict each other")            \
    X(LEDGER_NOTE, CORRUPT, 0x0603, "the signed note is not well formed")                          \
    X(LEDGER_SIGNATURE, CORRUPT, 0x0604, "a signature does not verify under the expected key")     \
    X(LEDGER_STALE, TRANSIENT, 0x0605, "the proof starts from another size than the one known")    \
    X(LEDGER_RANGE, MISUSE, 0x0606, "a size or index is outside the log")                          \
    X(LEDGER_STAMP, CORRUPT, 0x0607, "the time stamp is not one of a trusted TSA on this")         \
    X(LEDGER_UNSTAMPED, TRANSIENT, 0x0608, "the time stamping authority did not stamp it")         \
    /* 07 store */                                                                                 \
    X(STORE_BUSY, TRANSIENT, 0x0701, "the store is locked by another process")                     \
    X(STORE_FULL, RESOURCE, 0x0702, "the store has reached its limit")                             \
    X(STORE_DAMAGED, CORRUPT, 0x0703, "the store fails its own check")                             \
    X(STORE_MISSING, PERMANENT, 0x0704, "no such message")                                         \
    X(STORE_EXISTS, PERMANENT, 0x0705, "it is in the store already")                               \
    X(STORE_CONFLICT, CORRUPT, 0x0706, "the same id with other content")                           \
    X(STORE_VERSION, PERMANENT, 0x0707, "the store was made by a newer version")                   \
    /* 08 route */                                                                                 \
    X(ROUTE_STATE, PERMANENT, 0x0801, "the message is not in a state that allows this")            \
    X(ROUTE_BUSY, RESOURCE, 0x0802, "too many messages are under way")                             \
    X(ROUTE_CLOSING, TRANSIENT, 0x0803, "the gateway is stopping")                                 \
    X(ROUTE_ERASED, PERMANENT, 0x0804, "the content of the message was erased")                    \
    X(ROUTE_KEPT, DENIED, 0x0805, "the message has to be kept")                                    \
    /* 09 peer */                                                                                  \
    X(PEER_UNREACHABLE, TRANSIENT, 0x0901, "the partner's gateway cannot be reached")              \
    X(PEER_CERTIFICATE, TRANSIENT, 0x0902, "the partner's certificate is not accepted")            \
    X(PEER_UNCERTAIN, UNCERTAIN, 0x0903, "the exchange broke off before its answer")               \
    X(PEER_REFUSED, PERMANENT, 0x0904, "the partner refused")                                      \
    X(PEER_BUSY, TRANSIENT, 0x0905, "the partner asked to come back later")                        \
    X(PEER_PROTOCOL, TRANSIENT, 0x0906, "the partner's answer is not of the protocol")             \
    X(PEER_STALE, TRANSIENT, 0x0907, "the partner knows another checkpoint of this log")           \
    X(PEER_VERSION, PERMANENT, 0x0908, "the partner speaks other protocol versions")               \
    /* 0a plugin */                                                                                \
    X(PLUGIN_ABI, PERMANENT, 0x0a01, "the plugin speaks another ABI version")                      \
    X(PLUGIN_INVALID, PERMANENT, 0x0a02, "the plugin's description is not valid")                  \
    X(PLUGIN_SETTING, PERMANENT, 0x0a03, "a setting of the plugin is not valid")                   \
    X(PLUGIN_CAPABILITY, DENIED, 0x0a04, "the plugin needs a capability that is not granted")      \
    X(PLUGIN_RETRY, TRANSIENT, 0x0a05, "the plugin asked to try again")                            \
    X(PLUGIN_REFUSED, PERMANENT, 0x0a06, "the plugin refused the message")                         \
    X(PLUGIN_MISSING, TRANSIENT, 0x0a07, "no plugin delivers such a message")                      \
    X(PLUGIN_DIED, UNCERTAIN, 0x0a0c, "the plugin's process died over it")                         \
    X(PLUGIN_POISON, PERMANENT, 0x0a0d, "the plugin's process died over it again and again")       \
    X(PLUGIN_VETO, DENIED, 0x0a10, "an inspector's veto")                                          \
    /* 0b proc */                                                                                  \
    X(PROC_SANDBOX, PERMANENT, 0x0b01, "the sandbox cannot be closed")                             \
    X(PROC_SPAWN, TRANSIENT, 0x0b02, "a role cannot be started")                                   \
    /* 0c command line */                                                                          \
    X(CLI_USAGE, PERMANENT, 0x0c01, "the command line is not understood")                          \
    X(CLI_DENIED, DENIED, 0x0c02, "this user may not operate the gateway")                         \
    X(CLI_UNREACHABLE, TRANSIENT, 0x0c03, "no gateway answers on the control socket")              \
    X(CLI_EVIDENCE, CORRUPT, 0x0c04, "the evidence does not verify")                               \
    /* 0d approval */                                                                              \
    X(APPROVAL_FORM, CORRUPT, 0x0d01, "the signature is not of the form that is accepted")         \
    X(APPROVAL_SIGNATURE, DENIED, 0x0d02, "the signature is not over these bytes")                 \
    X(APPROVAL_SIGNER, DENIED, 0x0d03, "the signature is not of who may sign this")                \
    X(APPROVAL_EXPIRED, DENIED, 0x0d04, "the approval does not hold any more")                     \
    /* 0e HTTP for plugins */                                                                      \
    X(FETCH_INVALID, PERMANENT, 0x0e01, "the plugin's request is not one that can be made")        \
    X(FETCH_DENIED, DENIED, 0x0e02, "the host is not one that the plugin may reach")               \
    X(FETCH_BUSY, RESOURCE, 0x0e03, "too many requests are under way")                             \
    X(FETCH_RATE, TRANSIENT, 0x0e04, "the host takes no request before a later time")              \
    X(FETCH_RESOLVE, TRANSIENT, 0x0e05, "the name of the host has no address")                     \
    X(FETCH_CONNECT, TRANSIENT, 0x0e06, "the host cannot be reached")                              \
    X(FETCH_TLS, TRANSIENT, 0x0e07, "the host's certificate or key is not accepted")               \
    X(FETCH_TIMEOUT, TRANSIENT, 0x0e08, "the request took longer than its time")                   \
    X(FETCH_BROKEN, UNCERTAIN, 0x0e09, "the connection broke off before the answer")               \
    X(FETCH_REDIRECT, DENIED, 0x0e0a, "the redirect is not one that may be followed")              \
    X(FETCH_LARGE, PERMANENT, 0x0e0b, "the answer is larger than allowed")                         \
    X(FETCH_MALFORMED, CORRUPT, 0x0e0c, "the answer is not whole, or not what was asked for")      \
    /* 0f attest */                                                                                \
    X(ATTEST_UNREACHABLE, TRANSIENT, 0x0f01, "who confirms the log from outside is out of reach")  \
    X(ATTEST_REFUSED, TRANSIENT, 0x0f02, "who confirms the log from outside refused")              \
    X(ATTEST_STALE, TRANSIENT, 0x0f03, "the witness cosigned another size of the log last")        \
    X(ATTEST_CONTRADICTED, CORRUPT, 0x0f04, "the witness has seen another history of the log")

#endif
