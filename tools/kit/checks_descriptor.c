/* The descriptor: its fields, and whether the host takes it in the sizes and versions that releases
 * before and after have. */
#include <string.h>

#include "base/text.h"
#include "kit/checks.h"
#include "plugin/accept.h"

#define ALL_CAPS                                                                                   \
    (VLS_CAP_FILES | VLS_CAP_STATE | VLS_CAP_NET | VLS_CAP_SEND | VLS_CAP_RECEIVE |                \
     VLS_CAP_RESOLVE | VLS_CAP_INSPECT)
#define MAX_SUMMARY  120
#define IS_DESCRIBED KIT_NEED(kit->is_described, "it cannot be described")

static enum kit_verdict abi_major(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    (void)check;
    IS_DESCRIBED;
    KIT_NEED(kit->described.message->abi >> 16 == VLS_ABI_MAJOR, "it speaks %u.%u",
             kit->described.message->abi >> 16, kit->described.message->abi & 0xffffu);
    return KIT_PASSED;
}

static enum kit_verdict abi_minor(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    (void)check;
    IS_DESCRIBED;
    KIT_NEED((kit->described.message->abi & 0xffffu) <= VLS_ABI_MINOR,
             "it is built for %u.%u, this host speaks %u.%u: what is newer is not used",
             kit->described.message->abi >> 16, kit->described.message->abi & 0xffffu,
             VLS_ABI_MAJOR, VLS_ABI_MINOR);
    return KIT_PASSED;
}

static enum kit_verdict size(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    (void)check;
    IS_DESCRIBED;
    KIT_NEED(kit->described.message->size >= VLS_PLUGIN_SIZE_1_0 &&
                 kit->described.message->size % sizeof(void *) == 0,
             "its size is %u; begin with VLS_PLUGIN_HEAD", kit->described.message->size);
    return KIT_PASSED;
}

static enum kit_verdict reserved(struct kit *kit, const struct kit_check *check,
                                 struct vls_why *why)
{
    (void)check;
    IS_DESCRIBED;
    KIT_NEED(kit->described.message->reserved == 0, "it is %u", kit->described.message->reserved);
    return KIT_PASSED;
}

static enum kit_verdict id(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    const char *text = kit->described.plugin.id;
    (void)check;
    IS_DESCRIBED;
    KIT_NEED(text != NULL && vls_text_is_name(text, VLS_MAX_NAME),
             "it is missing or not [a-z0-9] then [a-z0-9.-_]");
    return KIT_PASSED;
}

static enum kit_verdict version(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    const char *text = kit->described.plugin.version;
    (void)check;
    IS_DESCRIBED;
    KIT_NEED(text != NULL && text[0] != '\0' && strlen(text) <= VLS_MAX_NAME &&
                 vls_text_is_clean(vls_slice_text(text), false),
             "it is missing, too long or not clean");
    return KIT_PASSED;
}

static enum kit_verdict summary(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    const char *text = kit->described.plugin.summary;
    (void)check;
    IS_DESCRIBED;
    KIT_NEED(text != NULL && text[0] != '\0', "it is missing");
    KIT_NEED(strlen(text) <= MAX_SUMMARY && vls_text_is_clean(vls_slice_text(text), false),
             "it is not one clean line of at most %d bytes", MAX_SUMMARY);
    return KIT_PASSED;
}

static enum kit_verdict roles_any(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    (void)check;
    IS_DESCRIBED;
    KIT_NEED(kit->described.plugin.roles != 0, "it has no role");
    return KIT_PASSED;
}

static enum kit_verdict roles_known(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    const uint32_t known =
        VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK | VLS_PLUGIN_RESOLVER | VLS_PLUGIN_INSPECTOR;
    (void)check;
    IS_DESCRIBED;
    KIT_NEED((kit->described.plugin.roles & ~known) == 0, "roles %#x: bits that no header defines",
             kit->described.plugin.roles);
    return KIT_PASSED;
}

static enum kit_verdict caps_known(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    uint64_t asked = kit->described.plugin.caps_need | kit->described.plugin.caps_want;
    (void)check;
    IS_DESCRIBED;
    KIT_NEED((asked & ~ALL_CAPS) == 0, "capabilities %#llx: bits that no header defines",
             (unsigned long long)asked);
    return KIT_PASSED;
}

static enum kit_verdict caps_apart(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    (void)check;
    IS_DESCRIBED;
    KIT_NEED((kit->described.plugin.caps_need & kit->described.plugin.caps_want) == 0,
             "what is needed is wanted, too: say it once");
    return KIT_PASSED;
}

/* check->number: role; check->text: the capability's name */
static enum kit_verdict role_asks(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    uint64_t asked = kit->described.plugin.caps_need | kit->described.plugin.caps_want;
    uint64_t bit = 0;
    const char *name;
    for (unsigned i = 0; (name = kit_cap_name(i, &bit)) != NULL; i++)
        if (strcmp(name, check->text) == 0)
            break;
    IS_DESCRIBED;
    if ((kit->described.plugin.roles & (uint64_t)check->number) == 0)
        KIT_SKIP("it has not that role");
    KIT_NEED((asked & bit) != 0, "it does not ask for '%s', without which it is never called",
             check->text);
    return KIT_PASSED;
}

/* The calls of each role, as bits in the order of struct vls_plugin. */
static const struct {
    uint32_t role, calls;
    const char *name;
} CALLS[] = {{VLS_PLUGIN_SOURCE, 0x30u, "a source"},
             {VLS_PLUGIN_SINK, 0xfc0u, "a sink"},
             {VLS_PLUGIN_RESOLVER, 0x1000u, "a resolver"},
             {VLS_PLUGIN_INSPECTOR, 0x7e000u, "an inspector"}};

/* check->number: bit of the call; check->text: its name */
static enum kit_verdict call_there(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    IS_DESCRIBED;
    uint32_t bit = 1u << check->number;
    for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++)
        if ((CALLS[i].calls & bit) != 0 && (kit->described.plugin.roles & CALLS[i].role) == 0)
            KIT_SKIP("it has not that role");
    KIT_NEED((kit->described.message->calls & bit) != 0, "it has no %s()", check->text);
    return KIT_PASSED;
}

static enum kit_verdict no_idle_calls(struct kit *kit, const struct kit_check *check,
                                      struct vls_why *why)
{
    (void)check;
    IS_DESCRIBED;
    for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++)
        KIT_NEED((kit->described.plugin.roles & CALLS[i].role) != 0 ||
                     (kit->described.message->calls & CALLS[i].calls) == 0,
                 "it has calls of %s and is none", CALLS[i].name);
    return KIT_PASSED;
}

/* -- what the host makes of it in other sizes and versions ------------------------------------- */

enum variant {
    OLDER,      /* ends where 1.0 ended */
    NEWER_SIZE, /* has fields that we do not know */
    NEWER_MINOR,
    OTHER_MAJOR,
    TOO_SHORT,
    RESERVED_SET,
    UNKNOWN_ROLE,
    NO_ROLE,
    BAD_ID,
    NO_STOP,
};

/* A descriptor with room behind it, as a later release would have it. */
struct longer {
    struct vls_plugin plugin;
    uint64_t tail[8];
};

static void vary(enum variant variant, struct longer *d)
{
    struct vls_plugin *p = &d->plugin;
    switch (variant) {
    case OLDER:
        p->size = VLS_PLUGIN_SIZE_1_0;
        p->abi = VLS_ABI_MAJOR << 16;
        break;
    case NEWER_SIZE:
        p->size = sizeof *d;
        d->tail[0] = d->tail[7] = UINT64_MAX;
        break;
    case NEWER_MINOR:
        p->abi = (VLS_ABI_MAJOR << 16) | 0xffffu;
        break;
    case OTHER_MAJOR:
        p->abi = (VLS_ABI_MAJOR + 1) << 16;
        break;
    case TOO_SHORT:
        p->size = VLS_PLUGIN_SIZE_1_0 - 1;
        break;
    case RESERVED_SET:
        p->reserved = 1;
        break;
    case UNKNOWN_ROLE:
        p->roles |= 1u << 31;
        break;
    case NO_ROLE:
        p->roles = 0;
        break;
    case BAD_ID:
        p->id = "Not A Name";
        break;
    case NO_STOP:
        p->stop = NULL;
        break;
    }
}

/* check->text NULL: it must be accepted; otherwise refused, and that word be in the reason */
static enum kit_verdict variation(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    struct longer d = {.plugin = kit->described.plugin};
    struct vls_plugin out;
    struct vls_why words = {""};
    IS_DESCRIBED;
    if (check->number == OLDER && (d.plugin.roles & ~(VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK)) != 0)
        KIT_SKIP("it has roles that are later than 1.0");
    vary((enum variant)check->number, &d);
    struct vls_status s = vls_plugin_accept(&d.plugin, UINT64_MAX, &out, &words);
    if (check->text == NULL) {
        KIT_NEED(vls_ok(s), "the host refuses it: %s", words.text);
        return KIT_PASSED;
    }
    KIT_NEED(!vls_ok(s), "the host accepts it");
    KIT_NEED(strstr(words.text, check->text) != NULL, "the host does not say why: %s", words.text);
    return KIT_PASSED;
}

#define CALL(number, name)                                                                         \
    {                                                                                              \
        "descriptor.call." name, "has " name "()", call_there, number, name                        \
    }

const struct kit_check KIT_DESCRIPTOR_CHECKS[] = {
    {"descriptor.abi-major", "speaks this major version of the ABI", abi_major, 0, NULL},
    {"descriptor.abi-minor", "is not built for a newer host than this", abi_minor, 0, NULL},
    {"descriptor.size", "says its size", size, 0, NULL},
    {"descriptor.reserved", "its reserved field is 0", reserved, 0, NULL},
    {"descriptor.id", "its id is a name", id, 0, NULL},
    {"descriptor.version", "says its version", version, 0, NULL},
    {"descriptor.summary", "says what it does in one line", summary, 0, NULL},
    {"descriptor.roles-any", "has a role", roles_any, 0, NULL},
    {"descriptor.roles-known", "has known roles alone", roles_known, 0, NULL},
    {"descriptor.caps-known", "asks for known capabilities alone", caps_known, 0, NULL},
    {"descriptor.caps-apart", "needs or wants a capability, not both", caps_apart, 0, NULL},
    {"descriptor.source-asks", "a source asks for 'send'", role_asks, VLS_PLUGIN_SOURCE, "send"},
    {"descriptor.sink-asks", "a sink asks for 'receive'", role_asks, VLS_PLUGIN_SINK, "receive"},
    {"descriptor.resolver-asks", "a resolver asks for 'resolve'", role_asks, VLS_PLUGIN_RESOLVER,
     "resolve"},
    {"descriptor.inspector-asks", "an inspector asks for 'inspect'", role_asks,
     VLS_PLUGIN_INSPECTOR, "inspect"},
    CALL(1, "start"),
    CALL(3, "stop"),
    CALL(4, "poll"),
    CALL(5, "committed"),
    CALL(6, "deliver_begin"),
    CALL(7, "part_begin"),
    CALL(8, "part_bytes"),
    CALL(9, "part_end"),
    CALL(10, "deliver_end"),
    CALL(11, "deliver_abort"),
    CALL(12, "resolve"),
    CALL(13, "inspect_begin"),
    CALL(14, "inspect_part_begin"),
    CALL(15, "inspect_part_bytes"),
    CALL(16, "inspect_part_end"),
    CALL(17, "inspect_end"),
    CALL(18, "inspect_abort"),
    {"descriptor.no-idle-calls", "has no calls of roles that it has not", no_idle_calls, 0, NULL},
    {"descriptor.as-1.0", "accepted in the size of ABI 1.0", variation, OLDER, NULL},
    {"descriptor.longer", "accepted with a tail of a later release", variation, NEWER_SIZE, NULL},
    {"descriptor.minor-newer", "accepted with a later minor version", variation, NEWER_MINOR, NULL},
    {"descriptor.major-other", "refused with another major version", variation, OTHER_MAJOR, "abi"},
    {"descriptor.too-short", "refused when shorter than ABI 1.0", variation, TOO_SHORT, "size"},
    {"descriptor.reserved-set", "refused with its reserved field set", variation, RESERVED_SET,
     "reserved"},
    {"descriptor.role-unknown", "refused with a role that no host serves", variation, UNKNOWN_ROLE,
     "roles"},
    {"descriptor.role-none", "refused without a role", variation, NO_ROLE, "role"},
    {"descriptor.id-bad", "refused when its id is no name", variation, BAD_ID, "id"},
    {"descriptor.stop-none", "refused without stop()", variation, NO_STOP, "stop"},
};
const size_t KIT_DESCRIPTOR_COUNT = sizeof KIT_DESCRIPTOR_CHECKS / sizeof KIT_DESCRIPTOR_CHECKS[0];
