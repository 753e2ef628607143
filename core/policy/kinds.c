#include "policy/kinds.h"

#include <string.h>

static const struct vls_kind KINDS[] = {
    {"publication", "7(1)", false},
    {"information-request", "3(5), 7(2), 7(3)", false},
    {"information-response", "7(2), 7(3)", true},
    {"special-study", "7(2), 7(3)", true},
    {"statistical-dataset", "3(6)", false},
    {"consultation-request", "3(3), 3(4), 8, 10", false},
    {"consultation-response", "3(3), 3(4), 8, 10", true},
    {"report", "4", false},
    {"invitation", "5(1), 5(2)", false},
    {"designation", "5(1), 5(2)", false},
    {"written-statement", "5(3)", false},
    {"distribution-certificate", "5(3)", true},
    {"agenda-proposal", "6(1), 6(2)", false},
    {"agenda-outcome", "6(1), 6(2)", true},
    {"collection-notice", "3(7), 7(4)", false},
    {"overlap-advice", "3(7), 7(4)", true},
    {"travel-document", "11", false},
    {"travel-document-response", "11", true},
    {"personnel-exchange", "10", false},
    {"expense-statement", "12", false},
    {"arrangement-proposal", "14, 15, 16", false},
    {"arrangement-approval", "14, 15, 16", true},
    {"correction", "7(1), 13(2)", false},
    {"supersession", "7(1), 13(2)", false},
    {"recall", "7(1), 13(2)", false},
    {"acknowledgement", "6, 12, 13(2)", true},
    {"no-material-available", "13(1)", true},
};

const struct vls_kind *vls_kind_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (strcmp(KINDS[i].name, name) == 0)
            return &KINDS[i];
    return NULL;
}

const struct vls_kind *vls_kind_at(size_t i)
{
    return i < sizeof KINDS / sizeof KINDS[0] ? &KINDS[i] : NULL;
}
