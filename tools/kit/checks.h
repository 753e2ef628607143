#ifndef VALISE_KIT_CHECKS_H
#define VALISE_KIT_CHECKS_H
/*
 * kit/checks - the tables of checks, one file each; groups.c puts them in order.
 *
 * Process: valise(1) plugin check.
 */
#include "kit/kit.h"

extern const struct kit_check KIT_OBJECT_CHECKS[], KIT_DESCRIPTOR_CHECKS[], KIT_SETTING_CHECKS[],
    KIT_GRANT_CHECKS[], KIT_LIFE_CHECKS[], KIT_SANDBOX_CHECKS[], KIT_SOURCE_CHECKS[],
    KIT_SINK_CHECKS[], KIT_RESOLVER_CHECKS[], KIT_INSPECTOR_CHECKS[];
extern const size_t KIT_OBJECT_COUNT, KIT_DESCRIPTOR_COUNT, KIT_SETTING_COUNT, KIT_GRANT_COUNT,
    KIT_LIFE_COUNT, KIT_SANDBOX_COUNT, KIT_SOURCE_COUNT, KIT_SINK_COUNT, KIT_RESOLVER_COUNT,
    KIT_INSPECTOR_COUNT;

#endif
