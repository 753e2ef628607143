#include "policy/facts.h"

static const char *const DISTRIBUTIONS[] = {"unstated", "general", "limited", "restricted"};
static const char *const ANSWERS[] = {"nothing", "known", "unknown"};

const char *vls_distribution_at(unsigned i)
{
    return i < sizeof DISTRIBUTIONS / sizeof DISTRIBUTIONS[0] ? DISTRIBUTIONS[i] : NULL;
}

const char *vls_answers_at(unsigned i)
{
    return i < sizeof ANSWERS / sizeof ANSWERS[0] ? ANSWERS[i] : NULL;
}
