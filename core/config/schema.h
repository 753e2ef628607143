#ifndef VALISE_CONFIG_SCHEMA_H
#define VALISE_CONFIG_SCHEMA_H
/*
 * config/schema - the tables of valise.yaml: which keys there are, of which type, and for numbers
 * their bounds and defaults.
 *
 * Process: config alone, and the test that holds valise.conf(5) against it.
 */
#include "config/config.h"
#include "config/yaml.h"

/** Bounds of lists. */
#define VLS_CONFIG_MAX_PARTNERS  64
#define VLS_CONFIG_MAX_PLUGINS   64
#define VLS_CONFIG_MAX_SCHEMES   32
#define VLS_CONFIG_MAX_ITEMS     64 /* users, grants, paths, settings */
#define VLS_CONFIG_MAX_OPERATORS 64
#define VLS_CONFIG_MAX_FORMER    16 /* log keys of one partner before */
#define VLS_CONFIG_MAX_WITNESSES 8  /* so that their cosignatures fit below one note */
/** Longest retention: a hundred years, in days. */
#define VLS_CONFIG_MAX_RETENTION 36525u
/** Longest value of a plugin's setting. */
#define VLS_CONFIG_MAX_SETTING 4096
/** Longest clearance: a level and many categories. */
#define VLS_CONFIG_MAX_CLEARANCE 4096

extern const cyaml_schema_value_t VLS_CONFIG_SCHEMA;

struct vls_config_number {
    const char *path;
    size_t offset; /* in struct vls_config */
    size_t bytes;  /* 4 or 8 */
    uint64_t min, max, otherwise;
};
extern const struct vls_config_number VLS_CONFIG_NUMBERS[];
extern const size_t VLS_CONFIG_NUMBERS_COUNT;
/** Of a plugin's section http: offsets are in struct vls_config_http, all of 8 bytes. */
extern const struct vls_config_number VLS_CONFIG_HTTP_NUMBERS[];
extern const size_t VLS_CONFIG_HTTP_NUMBERS_COUNT;

#endif
