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

/** Room for the path of a value: "partners[63].seal-certificate" and the like. */
#define VLS_CONFIG_PLACE 96

/** Give a missing text its default. */
void vls_config_otherwise(char **text, const char *value);
/** Make a path absolute; it may be left as it is. @return CONFIG_INVALID at `place` */
VLS_STATUS vls_config_make_absolute(const struct vls_config_check *check, const char *place,
                                    char **path);
/** The same of a path that may be left out: then it is empty. @return CONFIG_INVALID at `place` */
VLS_STATUS vls_config_optional_path(const struct vls_config_check *check, const char *place,
                                    char **path);
/** The section `http` of a plugin, in http.c. @return CONFIG_INVALID */
VLS_STATUS vls_config_check_http(const struct vls_config_check *check, unsigned number);
/** The section `attestation`, in attestation.c. @return CONFIG_INVALID */
VLS_STATUS vls_config_check_attestation(const struct vls_config_check *check);

/** Fill in defaults, make paths absolute, check everything. @return CONFIG_INVALID */
VLS_STATUS vls_config_check(const struct vls_config_check *check);

#endif
