#include "policy/facts.h"

static const char *const DISTRIBUTIONS[] = {"unstated", "general", "limited", "restricted"};
static const char *const ANSWERS[] = {"nothing", "known", "unknown"};

struct vls_facts vls_facts_complete(const struct vls_facts *facts)
{
    struct vls_facts complete = *facts;
    const char **const names[] = {&complete.kind, &complete.from,          &complete.to,
                                  &complete.body, &complete.label_trouble, &complete.clearance};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (*names[i] == NULL)
            *names[i] = "";
    return complete;
}

const char *vls_distribution_at(unsigned i)
{
    return i < sizeof DISTRIBUTIONS / sizeof DISTRIBUTIONS[0] ? DISTRIBUTIONS[i] : NULL;
}

const char *vls_answers_at(unsigned i)
{
    return i < sizeof ANSWERS / sizeof ANSWERS[0] ? ANSWERS[i] : NULL;
}
