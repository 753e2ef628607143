#include "route/waypoint.h"

#include <stdio.h>

#include "base/text.h"
#include "policy/kinds.h"

static bool has_duty(const struct vls_kind *kind, const char *duty)
{
    for (size_t i = 0; kind->duties[i] != NULL; i++)
        if (vls_text_is_equal(kind->duties[i], duty))
            return true;
    return false;
}

bool vls_waypoint_holds(const struct vls_route *route, const struct vls_manifest *m, char *out,
                        size_t room)
{
    const struct vls_kind *kind = vls_kind_by_name(m->fields->kind);
    const char *through = vls_arrangement_through(route->arrangement, m->fields->body);
    if (kind == NULL)
        return false;
    if (has_duty(kind, "way-point") && through != NULL && *through != '\0') {
        snprintf(
            out, room,
            "waits at %.60s, by way of which %.60s is reached (Article %.20s); pass it on with "
            "'valise release'",
            through, m->fields->body, kind->basis);
        return true;
    }
    if (has_duty(kind, "accountable-officer") && !kind->is_answer) {
        snprintf(
            out, room,
            "waits for the officer who answers for it (Article %.20s); pass it on with 'valise "
            "release'",
            kind->basis);
        return true;
    }
    return false;
}
