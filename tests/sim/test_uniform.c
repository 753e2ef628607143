/*
 * Absent, withheld, refused, undecided: can the partner tell? Many trials of each in one world, in
 * random order, and what leaves in each compared.
 *
 * What should not vary at all is held equal in every trial: how many messages come, all fields of
 * the manifest but ids, times, nonces and digests, the sizes of manifest, CMS structure and
 * content. One trial with one byte more is enough to fail.
 *
 * What may vary - times, and the size of a whole batch, which holds proofs in growing logs - is
 * compared by the Kolmogorov-Smirnov test, each pair of cases in each measure, at a level of 1 %
 * for all of these together (Bonferroni). Its power is measured on the trials themselves, by
 * drawing from one case twice and shifting one of the two: TIME_FOUND_MS more on the way, or one
 * byte more in a batch, is found in at least 99 of 100 draws. And it is shown to look: a world in
 * which one case is one byte longer or one second later fails.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <schemas/envelope.pb-c.h>
#include <schemas/exchange.pb-c.h>

#include "base/compat.h"
#include "base/mem.h"
#include "base/text.h"
#include "world.h"

#define PUBLIC        "un-sgb-2007-6/unclassified"
#define CONFIDENTIAL  "un-sgb-2007-6/confidential"
#define SECRET        "un-sgb-2007-6/strictly-confidential"
#define TARGET_S      3600u
#define SLOT_S        600u
#define TRIALS        300u /* of each case */
#define FEW_TRIALS    30u  /* for what is found at once */
#define LEVEL         0.01 /* of all comparisons together */
#define DRAWS         500u /* to measure the power with */
#define POWER         0.99
#define TIME_FOUND_MS 8u

enum kind_of_case { ABSENT, WITHHELD, REFUSED, UNDECIDED, CASES };

enum measure { LEAVES, ARRIVES, AFTER_REQUEST, BATCH_BYTES, PROOF_BYTES, MEASURES };
static const char *const MEASURE_NAMES[] = {"ms from slot to made", "ms from slot to arrival",
                                            "ms from request to arrival",
                                            "bytes of the batch, proofs apart", "bytes of proofs"};

/* What the partner sees of one answer. */
struct seen {
    unsigned messages;
    char fields[1024]; /* all that is no id, time, nonce or digest */
    size_t manifest_bytes, sealed_bytes, content_bytes;
    double measures[MEASURES];
};

struct trials {
    struct seen *at[CASES];
    size_t count; /* of each case */
};

static struct {
    struct world *world;
    struct seen *seen; /* of the trial that is under way */
    struct vls_id asked;
    uint64_t asked_ms, slot_ms;
    enum kind_of_case which;
    bool is_longer, is_later; /* how the world is made to betray a case */
} now;

/* -- what the partner sees ----------------------------------------------------------------------
 */

static void note_fields(const Valise__Manifest *m)
{
    char label[512];
    bool is_to_it = m->in_reply_to.len == VLS_ID_BYTES &&
                    memcmp(m->in_reply_to.data, now.asked.bytes, VLS_ID_BYTES) == 0;
    assert_true(2 * m->label.len < sizeof label);
    vls_hex(VLS_SLICE(m->label.data, m->label.len), label);
    snprintf(now.seen->fields, sizeof now.seen->fields,
             "v%u kind=%s %s>%s deadline=%llu conversation=%s reply=%d arrangement=%s/%u body=%s "
             "label=%s content=%llu",
             m->version, m->kind, m->from, m->to, (unsigned long long)m->deadline_ms,
             m->conversation, is_to_it, m->arrangement, m->arrangement_version, m->body, label,
             (unsigned long long)m->content_bytes);
}

/* What the lengths of the logs decide: they grow with every message, whatever it is. */
static size_t proof_bytes(const Valise__ExchangeRequest *request, const Valise__Carried *carried)
{
    size_t bytes = strlen(request->checkpoint) + strlen(request->cosignature);
    if (request->consistency != NULL)
        bytes += valise__consistency_proof__get_packed_size(request->consistency);
    return bytes + valise__inclusion_proof__get_packed_size(carried->inclusion);
}

/* tamper: sees every batch, and changes nothing */
static void look(void *unpacked)
{
    const Valise__ExchangeRequest *request = unpacked;
    for (size_t i = 0; i < request->n_messages; i++) {
        const Valise__Carried *carried = request->messages[i];
        Valise__Manifest *m =
            valise__manifest__unpack(NULL, carried->manifest.len, carried->manifest.data);
        assert_non_null(m);
        if (strcmp(m->from, "iom") == 0) {
            now.seen->messages++;
            now.seen->manifest_bytes = carried->manifest.len;
            now.seen->sealed_bytes = carried->sealed.len;
            now.seen->content_bytes = carried->content.len;
            now.seen->measures[PROOF_BYTES] = (double)proof_bytes(request, carried);
            now.seen->measures[BATCH_BYTES] =
                (double)valise__exchange_request__get_packed_size(request) -
                now.seen->measures[PROOF_BYTES];
            now.seen->measures[LEAVES] = (double)m->created_ms - (double)now.slot_ms;
            now.seen->measures[ARRIVES] = (double)now.world->now_ms - (double)now.slot_ms;
            now.seen->measures[AFTER_REQUEST] = (double)(now.world->now_ms - now.asked_ms);
            note_fields(m);
        }
        valise__manifest__free_unpacked(m, NULL);
    }
}

/* tamper_inside: one case takes longer, or more room */
static void betray(Valise__SealRequest *request)
{
    static uint8_t longer[4096];
    if (strcmp(request->parts[0]->name, "no-material-available.txt") != 0)
        return;
    if (now.is_later && now.which == UNDECIDED)
        now.world->now_ms += 1000;
    if (now.is_longer && now.which == WITHHELD) {
        size_t len = request->descriptor_json.len;
        assert_true(len < sizeof longer);
        memcpy(longer, request->descriptor_json.data, len);
        longer[len] = ' ';
        request->descriptor_json = (ProtobufCBinaryData){len + 1, longer};
    }
}

/* -- one trial ----------------------------------------------------------------------------------
 */

static uint64_t chance(struct world *w, uint64_t below)
{
    w->dice = w->dice * 6364136223846793005u + 1442695040888963407u;
    return (w->dice >> 33) % below;
}

/* Events end early when nothing is left: the clock goes on by itself. */
static void pass(struct world *w, uint64_t ms)
{
    uint64_t until = w->now_ms + ms;
    world_run(w, ms);
    w->now_ms = w->now_ms < until ? until : w->now_ms;
}

static void ask(struct world *w)
{
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    struct submitted s;
    in.kind = (char *)(uintptr_t) "information-request";
    in.label = (char *)(uintptr_t)PUBLIC;
    in.conversation = (char *)(uintptr_t) "a-conversation";
    world_submit_filled(&w->gateways[0], &in, "What is known of it?", &s);
    now.asked_ms = w->now_ms;
    pass(w, 5000);
    assert_string_equal(s.state, "released");
    now.asked = s.id;
}

static void find_slot(struct world *w)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorRequests which = VALISE__OPERATOR_REQUESTS__INIT;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_REQUESTS;
    in.requests = &which;
    Valise__OperatorReply *reply = world_ask(&w->gateways[1], &in);
    assert_int_equal(reply->n_requests, 1); /* those of earlier trials are closed */
    now.slot_ms = reply->requests[0]->slot_ms;
    assert_int_equal(now.slot_ms % (SLOT_S * 1000u), 0);
    valise__operator_reply__free_unpacked(reply, NULL);
}

static void answer(struct world *w, const char *label, const char *answer_state, const char *state,
                   struct submitted *out)
{
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    in.kind = (char *)(uintptr_t) "information-response";
    in.label = (char *)(uintptr_t)label;
    in.in_reply_to = (ProtobufCBinaryData){VLS_ID_BYTES, now.asked.bytes};
    in.answer_state = (char *)(uintptr_t)answer_state;
    world_submit_filled(&w->gateways[1], &in, "This is what is known of it.", out);
    pass(w, 5000);
    assert_string_equal(out->state, state);
}

static void happen(struct world *w, enum kind_of_case which)
{
    struct submitted s;
    if (which == WITHHELD)
        answer(w, SECRET, "full", "withheld", &s);
    if (which == UNDECIDED)
        answer(w, CONFIDENTIAL, "full", "referred", &s);
    if (which == REFUSED && chance(w, 2) == 0) {
        answer(w, PUBLIC, chance(w, 2) == 0 ? "declined" : "no-answer-available", "withheld", &s);
    } else if (which == REFUSED) {
        answer(w, CONFIDENTIAL, "full", "referred", &s);
        assert_int_equal(
            world_act(&w->gateways[1], &s.id, VALISE__OPERATOR_ACT__VERB__WITHHOLD).code, 0);
    }
}

static void try_one(struct world *w, enum kind_of_case which, struct seen *out)
{
    *out = (struct seen){.messages = 0};
    now.seen = out;
    now.which = which;
    pass(w, chance(w, SLOT_S * 1000u));
    ask(w);
    find_slot(w);
    pass(w, chance(w, (TARGET_S - 60u) * 1000u));
    happen(w, which);
    assert_int_equal(out->messages, 0);
    pass(w, now.slot_ms - w->now_ms + 60000u);
}

static void run_trials(uint64_t seed, size_t count, struct trials *out)
{
    struct world *w = vls_mem_new(sizeof *w);
    size_t left[CASES], all = CASES * count;
    world_open(w, seed);
    now.world = w;
    w->tamper = look;
    w->tamper_inside = betray;
    for (size_t g = 0; g < WORLD_GATEWAYS; g++) {
        w->gateways[g].config.answers.target_s = TARGET_S;
        w->gateways[g].config.answers.slot_s = SLOT_S;
    }
    w->gateways[1].config.answers.label = (char *)(uintptr_t)PUBLIC;
    out->count = count;
    for (size_t c = 0; c < CASES; c++) {
        out->at[c] = vls_mem_new(count * sizeof *out->at[c]);
        left[c] = count;
    }
    for (; all != 0; all--) { /* in random order, so that the logs are as long for each case */
        uint64_t pick = chance(w, all);
        size_t c = 0;
        for (; pick >= left[c]; c++)
            pick -= left[c];
        left[c]--;
        try_one(w, (enum kind_of_case)c, &out->at[c][left[c]]);
    }
    assert_int_equal(w->alarms, 0);
    world_close(w);
    vls_mem_free(w);
}

static void free_trials(struct trials *trials)
{
    for (size_t c = 0; c < CASES; c++)
        vls_mem_free(trials->at[c]);
}

/* -- comparing -----------------------------------------------------------------------------------
 */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Two-sample Kolmogorov-Smirnov distance; sorts both. */
static double distance(double *a, double *b, size_t n)
{
    double most = 0;
    qsort(a, n, sizeof *a, by_size);
    qsort(b, n, sizeof *b, by_size);
    for (size_t i = 0, j = 0; i < n && j < n;) {
        double at = a[i] < b[j] ? a[i] : b[j];
        while (i < n && a[i] <= at)
            i++;
        while (j < n && b[j] <= at)
            j++;
        double apart = fabs((double)i - (double)j) / (double)n;
        most = apart > most ? apart : most;
    }
    return most;
}

/* From here on two samples of n differ, at LEVEL for all comparisons together. Conservative where
 * values are equal. */
static double critical(size_t n)
{
    double level = LEVEL / (MEASURES * CASES * (CASES - 1) / 2);
    return sqrt(-log(level / 2) / 2) * sqrt(2.0 / (double)n);
}

static void sample(const struct trials *trials, size_t which, size_t measure, double *out)
{
    for (size_t i = 0; i < trials->count; i++)
        out[i] = trials->at[which][i].measures[measure];
}

/* @return how many pairs of cases differ in it */
static unsigned compare(const struct trials *trials, size_t measure)
{
    double *a = vls_mem_new(trials->count * sizeof *a), *b = vls_mem_new(trials->count * sizeof *b);
    double most = 0;
    unsigned differences = 0;
    for (size_t one = 0; one < CASES; one++)
        for (size_t other = one + 1; other < CASES; other++) {
            sample(trials, one, measure, a);
            sample(trials, other, measure, b);
            double apart = distance(a, b, trials->count);
            differences += apart > critical(trials->count);
            most = apart > most ? apart : most;
        }
    print_message("  %-32s largest D of 6 pairs %.3f; a difference from %.3f on: %u\n",
                  MEASURE_NAMES[measure], most, critical(trials->count), differences);
    vls_mem_free(a);
    vls_mem_free(b);
    return differences;
}

static bool is_same_form(const struct seen *a, const struct seen *b)
{
    return a->messages == 1 && b->messages == 1 && strcmp(a->fields, b->fields) == 0 &&
           a->manifest_bytes == b->manifest_bytes && a->sealed_bytes == b->sealed_bytes &&
           a->content_bytes == b->content_bytes;
}

/* How many trials have another form than the first one. */
static unsigned other_forms(const struct trials *trials)
{
    unsigned count = 0;
    for (size_t c = 0; c < CASES; c++)
        for (size_t i = 0; i < trials->count; i++)
            count += !is_same_form(&trials->at[ABSENT][0], &trials->at[c][i]);
    return count;
}

static unsigned differing_distributions(const struct trials *trials)
{
    unsigned count = 0;
    for (size_t m = 0; m < MEASURES; m++)
        count += compare(trials, m);
    return count;
}

/* How often is a shift found, when it is there? */
static double power(const struct trials *trials, size_t measure, double shift, struct world *dice)
{
    size_t n = trials->count;
    double *a = vls_mem_new(n * sizeof *a), *b = vls_mem_new(n * sizeof *b);
    unsigned found = 0;
    for (unsigned draw = 0; draw < DRAWS; draw++) {
        for (size_t i = 0; i < n; i++) {
            a[i] = trials->at[ABSENT][chance(dice, n)].measures[measure];
            b[i] = trials->at[ABSENT][chance(dice, n)].measures[measure] + shift;
        }
        found += distance(a, b, n) > critical(n);
    }
    vls_mem_free(a);
    vls_mem_free(b);
    return (double)found / DRAWS;
}

/* -- the tests ------------------------------------------------------------------------------------
 */

/* That the comparison would have found what it did not. */
static void assert_power(const struct trials *trials)
{
    struct world dice = {.dice = 99};
    double time = power(trials, ARRIVES, TIME_FOUND_MS, &dice);
    double byte = power(trials, BATCH_BYTES, 1, &dice);
    double nothing = power(trials, ARRIVES, 0, &dice);
    print_message("  power at %u trials of each: %u ms later found in %.1f %%, 1 byte more in %.1f "
                  "%%, nothing in %.1f %% of %u draws\n",
                  TRIALS, TIME_FOUND_MS, 100 * time, 100 * byte, 100 * nothing, DRAWS);
    assert_true(time >= POWER);
    assert_true(byte >= POWER);
    assert_true(nothing <= LEVEL);
}

static void four_cases__many_trials__cannot_be_told_apart(void **state)
{
    struct trials trials;
    (void)state;
    run_trials(2016, vls_is_sanitized() ? FEW_TRIALS : TRIALS, &trials);
    print_message("  every answer: %s, manifest %zu, CMS %zu, content %zu bytes\n",
                  trials.at[ABSENT][0].fields, trials.at[ABSENT][0].manifest_bytes,
                  trials.at[ABSENT][0].sealed_bytes, trials.at[ABSENT][0].content_bytes);
    assert_int_equal(other_forms(&trials), 0);
    assert_int_equal(differing_distributions(&trials), 0);
    if (!vls_is_sanitized()) /* so few do not suffice */
        assert_power(&trials);
    free_trials(&trials);
}

static void one_case__a_byte_longer__is_found(void **state)
{
    struct trials trials;
    (void)state;
    now.is_longer = true;
    run_trials(2017, FEW_TRIALS, &trials);
    now.is_longer = false;
    assert_int_equal(other_forms(&trials), FEW_TRIALS); /* each of that case, and no other */
    free_trials(&trials);
}

static void one_case__a_second_later__is_found(void **state)
{
    struct trials trials;
    (void)state;
    now.is_later = true;
    run_trials(2018, FEW_TRIALS, &trials);
    now.is_later = false;
    assert_int_equal(other_forms(&trials), 0); /* time alone */
    assert_true(differing_distributions(&trials) >= CASES - 1);
    free_trials(&trials);
}

static void no_case__changed__few_trials_find_nothing(void **state)
{
    struct trials trials;
    (void)state;
    run_trials(2019, FEW_TRIALS, &trials);
    assert_int_equal(other_forms(&trials), 0);
    assert_int_equal(differing_distributions(&trials), 0);
    free_trials(&trials);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_cases__many_trials__cannot_be_told_apart),
        cmocka_unit_test(one_case__a_byte_longer__is_found),
        cmocka_unit_test(one_case__a_second_later__is_found),
        cmocka_unit_test(no_case__changed__few_trials_find_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
