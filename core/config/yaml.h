#ifndef VALISE_CONFIG_YAML_H
#define VALISE_CONFIG_YAML_H
/*
 * config/yaml - a YAML file that a person wrote, held strictly against a libcyaml schema, with line
 * and column for every complaint.
 *
 * Process:   whoever reads files that people write.
 * Ownership: places own their paths until vls_yaml_places_fini(); a loaded document is released
 * with vls_yaml_free(). Start at:  vls_yaml_scan(), then vls_yaml_load().
 *
 * libcyaml alone is too lenient and too vague for us: "5x" is read as the number 5, further
 * documents of a stream are passed over, and an unknown key is reported at the place of the value
 * before it. So the events are looked at once before it, against the same schema; that pass also
 * remembers where each value stands.
 *
 * Complaints read "FILE:LINE:COLUMN: what is wrong; what to do".
 */
#include <cyaml/cyaml.h>

#include "base/bytes.h"

/** Where a value stands. */
struct vls_yaml_place {
    char *path; /* "partners[1].url", counted from 0 */
    unsigned line, column;
};

struct vls_yaml_places {
    struct vls_yaml_place *at;
    size_t count, room;
    const struct vls_yaml_place **by_path; /* of `at`, for vls_yaml_place() */
};

#define VLS_YAML_MAX_PLACES (1u << 19)

/** What is read, and how it fails. */
struct vls_yaml_source {
    struct vls_slice yaml;
    const char *file; /* for messages only */
    const cyaml_schema_value_t *schema;
    uint32_t code;      /* of every complaint */
    const char *manual; /* where its keys are explained; NULL: valise.conf(5) */
};

/** Refuse bad syntax, aliases, anchors, tags, further documents, keys that the schema does not know
 * (with the nearest one as a hint), keys given twice, and numbers that are not plain decimals. */
VLS_STATUS vls_yaml_scan(const struct vls_yaml_source *source, struct vls_yaml_places *out,
                         struct vls_why *why);
void vls_yaml_places_fini(struct vls_yaml_places *places);

/** NULL when the file does not give that value. */
const struct vls_yaml_place *vls_yaml_place(const struct vls_yaml_places *places, const char *path);

/** Load what was scanned into the structs of the schema. An empty document is refused. */
VLS_STATUS vls_yaml_load(const struct vls_yaml_source *source, void **out, struct vls_why *why);
void vls_yaml_free(const cyaml_schema_value_t *schema, void *document);

/** A complaint about the value at `path`; about the file as a whole when it is not there. */
VLS_STATUS vls_yaml_fail(const struct vls_yaml_source *source, const struct vls_yaml_places *places,
                         const char *path, struct vls_why *why, const char *fmt, ...)
    VLS_PRINTF(5, 6);

#endif
