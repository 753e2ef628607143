/* The place in a list that changes while it is read: pages from an endpoint that only the test
 * knows, which sorts by time of change as the real ones do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "stream.h"

#define ITEMS  12u
#define PAGE   3u
#define ROUNDS 64u

/* -- a host that keeps state and takes documents ------------------------------------------------
 */

static struct {
    char cursor[STREAM_TIME];
    unsigned char seen[16384];
    size_t seen_len;

} kept;
static unsigned handed[ITEMS];
static char document[129];

static const void *get(void *ctx, const char *key, size_t *out_len)
{
    (void)ctx;
    if (strcmp(key, "cursor") == 0) {
        *out_len = strlen(kept.cursor);
        return *out_len > 0 ? kept.cursor : NULL;
    }
    *out_len = kept.seen_len;
    return kept.seen_len > 0 ? kept.seen : NULL;
}

static int put(void *ctx, const char *key, const void *value, size_t len)
{
    (void)ctx;
    if (strcmp(key, "cursor") == 0) {
        assert_true(len < sizeof kept.cursor);
        memcpy(kept.cursor, value, len);
        kept.cursor[len] = '\0';
    } else {
        assert_true(len <= sizeof kept.seen);
        memcpy(kept.seen, value, len);
        kept.seen_len = len;
    }
    return 0;
}

static enum vls_emit emit_begin(void *ctx, const struct vls_document *d)
{
    (void)ctx;
    snprintf(document, sizeof document, "%s", d->origin_key);
    return VLS_EMIT_OK;
}

static enum vls_emit emit_state(void *ctx, const char *key, const void *value, size_t len)
{
    return put(ctx, key, value, len) == 0 ? VLS_EMIT_OK : VLS_EMIT_SYSTEM;
}

static enum vls_emit emit_end(void *ctx, uint64_t token)
{
    (void)ctx;
    (void)token;
    return VLS_EMIT_OK;
}

static uint64_t clock_of(void *ctx)
{
    (void)ctx;
    return 0;
}

static void quiet(void *ctx, enum vls_level level, const char *text)
{
    (void)ctx;
    (void)level;
    (void)text;
}

static const struct vls_state_service STATE = {.size = sizeof STATE, .get = get, .put = put};
static const struct vls_source_service SOURCE = {.size = sizeof SOURCE,
                                                 .emit_begin = emit_begin,
                                                 .emit_state = emit_state,
                                                 .emit_end = emit_end};
static const struct vls_host HOST = {
    .size = sizeof HOST, .abi = VLS_ABI, .log = quiet, .now_ms = clock_of, .steady_ms = clock_of};

/* -- an endpoint ---------------------------------------------------------------------------------
 */

static unsigned changed[ITEMS]; /* seconds; 0: not there */

static bool name_of(const json_t *item, char id[FEED_NAME], char at[STREAM_TIME])
{
    plug_copy(id, FEED_NAME, plug_json_text(item, "id"));
    plug_copy(at, STREAM_TIME, plug_json_text(item, "at"));
    return id[0] != '\0';
}

/* Oldest change first, then by number: a page of those changed at `from` or later. */
static json_t *page_of(uint64_t from_ms, unsigned offset)
{
    json_t *page = json_array();
    char id[8], at[STREAM_TIME];
    for (unsigned second = (unsigned)(from_ms / 1000); second < 3600; second++)
        for (unsigned i = 0; i < ITEMS && json_array_size(page) < PAGE; i++) {
            if (changed[i] != second || second == 0)
                continue;
            if (offset > 0) {
                offset--;
                continue;
            }
            snprintf(id, sizeof id, "%u", i);
            snprintf(at, sizeof at, "1970-01-01T00:%02u:%02uZ", second / 60, second % 60);
            json_array_append_new(page, json_pack("{s:s,s:s}", "id", id, "at", at));
        }
    return page;
}

static struct feed feed;
static struct feed_stream stream;

static void start(void)
{
    feed = (struct feed){.label = "l", .to = "iom", .kind = "publication"};
    feed.plug = (struct plug){.host = &HOST, .state = &STATE, .source = &SOURCE};
    assert_true(feed_add(&feed, "list"));
    stream = (struct feed_stream){.feed = &feed, .name = name_of, .overlap_ms = 60000, .since = ""};
    feed_stream_start(&stream);
}

static void stop(void)
{
    feed_stream_stop(&stream);
    feed_stop(&feed);
}

static void forget(void)
{
    memset(&kept, 0, sizeof kept);
    memset(handed, 0, sizeof handed);
    memset(changed, 0, sizeof changed);
}

static void settle(const json_t *item, uint32_t outcome)
{
    struct plug_pile pile;
    struct feed_paper paper = {.key = plug_json_text(item, "id"), .subject = "", .pile = &pile};
    unsigned number = (unsigned)plug_json_number(item, "id", 0);
    plug_pile_init(&pile);
    assert_int_equal(feed_stream_emit(&stream, &feed.tasks[0], &paper), VLS_EMIT_OK);
    struct vls_commit commit = {.size = sizeof commit, .outcome = outcome, .token = feed.token};
    feed_stream_committed(&stream, &feed.tasks[0], &commit);
    if (outcome == VLS_OUTCOME_ACCEPTED)
        handed[number]++;
}

/* One round; `between` comes behind each page. */
static void round_of(void (*between)(unsigned page), unsigned refused)
{
    unsigned pages = 0;
    feed_stream_rewind(&stream);
    while (!feed_stream_is_over(&stream)) {
        json_t *item = feed_stream_item(&stream);
        if (item != NULL) {
            bool is_refused = (unsigned)plug_json_number(item, "id", 0) == refused;
            settle(item, is_refused ? VLS_OUTCOME_REFUSED : VLS_OUTCOME_ACCEPTED);
            continue;
        }
        if (!feed_stream_wants_page(&stream))
            break;
        json_t *page = page_of(stream.from_ms, stream.offset);
        feed_stream_take(&stream, page, PAGE);
        json_decref(page);
        assert_true(++pages < ROUNDS); /* it ends */
        if (between != NULL)
            between(pages);
    }
}

static void each_once(unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++)
        assert_int_equal(handed[i], 1);
}

static void list__of_several_pages__each_item_once(void **state)
{
    (void)state;
    forget();
    for (unsigned i = 0; i < ITEMS; i++)
        changed[i] = 10 + i;
    start();
    round_of(NULL, ITEMS);
    round_of(NULL, ITEMS);
    each_once(0, ITEMS - 1);
    stop();
}

static void items__of_one_second_over_many_pages__each_once(void **state)
{
    (void)state;
    forget();
    for (unsigned i = 0; i < ITEMS; i++)
        changed[i] = 10;
    start();
    round_of(NULL, ITEMS);
    each_once(0, ITEMS - 1);
    stop();
}

static void move_to_the_end(unsigned page)
{
    if (page == 1)
        changed[1] = 900; /* it was on the first page: all others move up by one */
}

static void item__changed_between_two_pages__nothing_is_missed(void **state)
{
    (void)state;
    forget();
    for (unsigned i = 0; i < ITEMS; i++)
        changed[i] = 10 + i;
    start();
    round_of(move_to_the_end, ITEMS);
    each_once(0, 0);
    each_once(2, ITEMS - 1);
    assert_true(handed[1] >= 1);
    stop();
}

static void item__indexed_late__found_within_the_overlap(void **state)
{
    (void)state;
    forget();
    for (unsigned i = 1; i < ITEMS; i++)
        changed[i] = 100 + i;
    start();
    round_of(NULL, ITEMS);
    changed[0] = 90; /* before the cursor */
    round_of(NULL, ITEMS);
    each_once(0, ITEMS - 1);
    stop();
}

static void item__refused__others_go_on_and_it_comes_again(void **state)
{
    (void)state;
    forget();
    for (unsigned i = 0; i < ITEMS; i++)
        changed[i] = 100 + 200 * i; /* far beyond the overlap */
    start();
    round_of(NULL, 2);
    assert_int_equal(handed[2], 0);
    each_once(3, ITEMS - 1);
    stop();
    start(); /* what was saved is all that is known */
    round_of(NULL, ITEMS);
    each_once(0, ITEMS - 1);
    stop();
}

static void stream__started_again__goes_on_at_its_cursor(void **state)
{
    (void)state;
    forget();
    for (unsigned i = 0; i < 6; i++)
        changed[i] = 100 + i;
    start();
    round_of(NULL, ITEMS);
    stop();
    for (unsigned i = 6; i < ITEMS; i++)
        changed[i] = 100 + i;
    start();
    round_of(NULL, ITEMS);
    each_once(0, ITEMS - 1);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list__of_several_pages__each_item_once),
        cmocka_unit_test(items__of_one_second_over_many_pages__each_once),
        cmocka_unit_test(item__changed_between_two_pages__nothing_is_missed),
        cmocka_unit_test(item__indexed_late__found_within_the_overlap),
        cmocka_unit_test(item__refused__others_go_on_and_it_comes_again),
        cmocka_unit_test(stream__started_again__goes_on_at_its_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
