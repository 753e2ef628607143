#ifndef VALISE_CONFIG_CONFIG_INTERNAL_H
#define VALISE_CONFIG_CONFIG_INTERNAL_H
/*
 * config/config_internal - the checks that a schema cannot say; shared by the files of this folder.
 */
#include "config/schema.h"

struct vls_config_check {
    const struct vls_yaml_source *source;
    const struct vls_yaml_places *places;
    struct vls_config *config;
    const char *dir; /* of the file: relative paths count from here */
    struct vls_why *why;
};

/** Fill in defaults, make paths absolute, check everything. @return CONFIG_INVALID */
VLS_STATUS vls_config_check(const struct vls_config_check *check);

#endif
