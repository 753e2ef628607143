#include "kit/checks.h"

/* In the order in which a plugin meets them: an object, a descriptor, settings, grants, a life, and
 * then its roles. A later role or service adds a row. */
const struct kit_group KIT_GROUPS[] = {
    {"object", KIT_OBJECT_CHECKS, &KIT_OBJECT_COUNT},
    {"descriptor", KIT_DESCRIPTOR_CHECKS, &KIT_DESCRIPTOR_COUNT},
    {"settings", KIT_SETTING_CHECKS, &KIT_SETTING_COUNT},
    {"grants", KIT_GRANT_CHECKS, &KIT_GRANT_COUNT},
    {"life", KIT_LIFE_CHECKS, &KIT_LIFE_COUNT},
    {"sandbox", KIT_SANDBOX_CHECKS, &KIT_SANDBOX_COUNT},
    {"source", KIT_SOURCE_CHECKS, &KIT_SOURCE_COUNT},
    {"sink", KIT_SINK_CHECKS, &KIT_SINK_COUNT},
    {"resolver", KIT_RESOLVER_CHECKS, &KIT_RESOLVER_COUNT},
    {"inspector", KIT_INSPECTOR_CHECKS, &KIT_INSPECTOR_COUNT},
    {NULL, NULL, NULL},
};
