/* What a gateway keeps so that nobody can rewrite what happened: its internal log, and what it does
 * when a partner shows it two histories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "route/internal.h"
#include "store/internal.h"
#include "store/store_internal.h"
#include "world_internal.h"

#define PUBLIC       "un-sgb-2007-6/unclassified"
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define A_WHILE      60000u
#define MOST         64u

static int open_world(void **state)
{
    struct world *w = vls_mem_new(sizeof *w);
    world_open(w, 23);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world_close(*state);
    vls_mem_free(*state);
    return 0;
}

static struct vls_id send_one(struct world *w, unsigned from, const char *label, const char *text)
{
    struct submitted s;
    world_submit(&w->gateways[from], "publication", label, "", text, &s);
    world_run(w, A_WHILE);
    assert_true(s.is_answered);
    return s.id;
}

/* -- the internal log -------------------------------------------------------------------------- */

struct entries {
    size_t count;
    struct vls_internal read[MOST];
    struct vls_digest leaves[MOST];
};

/* vls_internal_fn */
static struct vls_status take_entry(void *ctx, const struct vls_internal_row *row,
                                    struct vls_why *why)
{
    struct entries *e = ctx;
    assert_true(e->count < MOST);
    assert_int_equal(row->place, e->count);
    assert_true(vls_ok(vls_internal_read(row->record, &e->read[e->count], why)));
    e->leaves[e->count++] = vls_leaf_of_record(VLS_LEAF_INTERNAL, row->record);
    return VLS_DONE;
}

static void read_entries(struct gateway *g, struct entries *out)
{
    const struct vls_internal_filter all = {.limit = MOST};
    struct vls_why why = {""};
    out->count = 0;
    if (!vls_ok(vls_store_internal_each(g->store, &all, take_entry, out, &why)))
        fail_msg("%s", why.text);
}

static void free_entries(struct entries *e)
{
    for (size_t i = 0; i < e->count; i++)
        vls_internal_fini(&e->read[i]);
}

static bool is_about(const Valise__InternalRecord *r, const char *kind, const struct vls_id *id)
{
    return strcmp(r->kind, kind) == 0 &&
           vls_slice_is_equal(VLS_SLICE(r->id.data, r->id.len), vls_id_slice(id));
}

static unsigned count_of(const struct entries *e, const char *kind, const struct vls_id *id)
{
    unsigned count = 0;
    for (size_t i = 0; i < e->count; i++)
        count += is_about(e->read[i].fields, kind, id);
    return count;
}

/* The last signed state of the internal log covers all entries, and its root is that of their
 * leaves. */
static void assert_signed(struct gateway *g, const struct entries *e)
{
    struct vls_log *log = vls_internal_tree(g->route);
    struct vls_why why = {""};
    struct vls_note_key key = {.is_cosigner = false};
    struct vls_checkpoint c;
    struct vls_buf note;
    struct vls_digest root;
    uint64_t size = 0;
    vls_buf_init(&note, VLS_MAX_NOTE);
    assert_true(vls_ok(vls_store_checkpoint(g->store, log->origin, 0, &size, &root, &note, &why)));
    assert_int_equal(size, e->count);
    snprintf(key.name, sizeof key.name, "%s/valise/internal", g->party);
    world_public_half(g->log_key, key.key);
    if (!vls_ok(vls_checkpoint_verify(vls_buf_slice(&note), &key, &c, &why)))
        fail_msg("%s", why.text);
    for (size_t i = 0; i < e->count; i++) {
        struct vls_proof proof;
        assert_true(vls_ok(vls_tree_inclusion(log->tree, i, c.size, &proof, &why)));
        assert_true(vls_ok(vls_proof_inclusion(&proof, &e->leaves[i], i, c.size, &c.root, &why)));
    }
    vls_buf_fini(&note);
}

static void internal__decisions_and_acts__entered_signed_and_provable(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct entries e;
    struct vls_id open = send_one(w, 0, PUBLIC, "For all.");
    struct vls_id referred = send_one(w, 0, CONFIDENTIAL, "For some.");
    assert_true(vls_ok(world_act(un, &referred, VALISE__OPERATOR_ACT__VERB__WITHHOLD)));
    world_run(w, A_WHILE);
    read_entries(un, &e);
    assert_int_equal(count_of(&e, VLS_INTERNAL_DECISION, &open), 1);
    assert_int_equal(count_of(&e, VLS_INTERNAL_DECISION, &referred), 1);
    assert_int_equal(count_of(&e, VLS_INTERNAL_ACT, &referred), 1);
    assert_signed(un, &e);
    free_entries(&e);
}

static void internal__decision__is_the_digest_of_its_record(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct vls_message *m = NULL;
    struct vls_why why = {""};
    struct entries e;
    struct vls_id id = send_one(w, 0, PUBLIC, "Why?");
    assert_true(vls_ok(vls_store_get(un->store, &id, &m, &why)));
    struct vls_digest digest = vls_digest_of_slice(m->decision);
    read_entries(un, &e);
    assert_int_equal(e.count, 1);
    assert_int_equal(e.read[0].fields->body.len, VLS_DIGEST_BYTES);
    assert_memory_equal(e.read[0].fields->body.data, digest.bytes, VLS_DIGEST_BYTES);
    free_entries(&e);
    vls_message_free(&m);
}

static void internal__act_that_is_refused__leaves_no_entry(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct entries e;
    struct vls_id id = send_one(w, 0, PUBLIC, "Gone already.");
    assert_false(vls_ok(world_act(un, &id, VALISE__OPERATOR_ACT__VERB__WITHHOLD)));
    world_run(w, A_WHILE);
    read_entries(un, &e);
    assert_int_equal(count_of(&e, VLS_INTERNAL_ACT, &id), 0);
    assert_signed(un, &e);
    free_entries(&e);
}

/* Wherever the power fails, entries, tree and signature fit together afterwards. */
static void internal__crash_at_every_step__heals(void **state)
{
    (void)state;
    for (unsigned steps = 1; steps < 24; steps++) {
        struct world *w = vls_mem_new(sizeof *w);
        struct submitted first, second;
        struct entries e;
        world_open(w, steps);
        world_submit(&w->gateways[0], "publication", PUBLIC, "a", "One.", &first);
        world_submit(&w->gateways[0], "publication", CONFIDENTIAL, "b", "Two.", &second);
        world_step(w, steps);
        world_crash(&w->gateways[0]);
        send_one(w, 0, PUBLIC, "After it.");
        world_run(w, A_WHILE);
        read_entries(&w->gateways[0], &e);
        assert_true(e.count >= 1);
        assert_signed(&w->gateways[0], &e);
        free_entries(&e);
        world_close(w);
        vls_mem_free(w);
    }
}

/* A step in which the disk takes nothing more: what is in the open transaction is lost. */
static void internal__commits_that_fail__take_entries_back_with_the_rest(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct submitted s[8];
    struct entries e;
    unsigned number = 0;
    for (size_t i = 0; i < 8; i++) {
        char text[32];
        snprintf(text, sizeof text, "number %zu", i);
        world_submit(un, "publication", PUBLIC, "", text, &s[i]);
        for (unsigned step = 0; step < 12; step++) {
            world_step(w, 1);
            if (un->store->is_open_transaction && ++number % 3 == 0)
                un->store->broken = (struct vls_status){VLS_STORE_FULL};
        }
    }
    world_run(w, A_WHILE);
    read_entries(un, &e);
    for (size_t i = 0; i < 8; i++)
        if (s[i].is_answered && vls_ok(s[i].status))
            assert_int_equal(count_of(&e, VLS_INTERNAL_DECISION, &s[i].id), 1);
    assert_signed(un, &e);
    free_entries(&e);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
    const struct CMUnitTest tests[] = {
        IN_WORLD(internal__decisions_and_acts__entered_signed_and_provable),
        IN_WORLD(internal__decision__is_the_digest_of_its_record),
        IN_WORLD(internal__act_that_is_refused__leaves_no_entry),
        cmocka_unit_test(internal__crash_at_every_step__heals),
        IN_WORLD(internal__commits_that_fail__take_entries_back_with_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
