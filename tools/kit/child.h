#ifndef VALISE_KIT_CHILD_H
#define VALISE_KIT_CHILD_H
/*
 * kit/child - the host's process of a session.
 *
 * Process: forked by kit/session.c; never comes back.
 */
#include "kit/session.h"

void kit_child_run(const struct kit_plan *plan, const struct vls_config_plugin *config,
                   int commands, int fetch, pid_t parent) __attribute__((noreturn));

#endif
