#ifndef VALISE_CLI_TEMPLATE_H
#define VALISE_CLI_TEMPLATE_H
/*
 * cli/template - fill the @NAME@ places of a text that the build put into the program.
 *
 * Process: valise(1), command init.
 */
#include "base/bytes.h"

struct template_value {
    const char *name, *value; /* "PARTY", "un" */
};

/** Append the lines with every @NAME@ replaced. A value that YAML could misread must be quoted in
 * the template: '"' and '\' are escaped.
 *  @return SYSTEM_BUG for a place that no value fits */
VLS_STATUS vls_template_fill(const char *const *lines, const struct template_value *values,
                             size_t count, struct vls_buf *out, struct vls_why *why);

#endif
