#include "stream.h"

#include <stdio.h>
#include <string.h>

#define CURSOR "cursor"
#define SEEN   "seen"

void feed_stream_start(struct feed_stream *stream)
{
    plug_keep_get(&stream->feed->plug, CURSOR, stream->cursor, sizeof stream->cursor);
    if (stream->cursor[0] == '\0')
        plug_copy(stream->cursor, sizeof stream->cursor, stream->since);
    plug_seen_load(&stream->seen, &stream->feed->plug, SEEN, PLUG_SEEN_MOST);
    feed_stream_rewind(stream);
}

static void drop_page(struct feed_stream *stream)
{
    json_decref(stream->items);
    stream->items = NULL;
    stream->at = 0;
}

void feed_stream_stop(struct feed_stream *stream)
{
    drop_page(stream);
}

/* Items of one second are told apart by their marks, so a second is as fine as it gets. */
static uint64_t second_of(const char *time)
{
    uint64_t ms = plug_time_iso(time);
    return ms - ms % 1000;
}

void feed_stream_rewind(struct feed_stream *stream)
{
    uint64_t at = second_of(stream->cursor);
    drop_page(stream);
    stream->from_ms = at > stream->overlap_ms ? at - stream->overlap_ms : 0;
    stream->offset = 0;
    stream->is_last = false;
    stream->passed = 0;
    stream->held[0] = '\0';
}

bool feed_stream_wants_page(const struct feed_stream *stream)
{
    return stream->items == NULL && !stream->is_last;
}

/* Where the next page begins: behind this one's last item, whatever changes meanwhile. */
static void move_on(struct feed_stream *stream, size_t count)
{
    char id[FEED_NAME], at[STREAM_TIME];
    for (size_t i = count; i > 0; i--) {
        if (!stream->name(json_array_get(stream->items, i - 1), id, at))
            continue;
        uint64_t last = second_of(at);
        stream->offset = last > stream->from_ms ? 0 : stream->offset + (unsigned)count;
        if (last > stream->from_ms)
            stream->from_ms = last;
        return;
    }
    stream->offset += (unsigned)count;
}

void feed_stream_take(struct feed_stream *stream, json_t *items, unsigned limit)
{
    drop_page(stream);
    stream->items = json_incref(items);
    size_t count = json_array_size(items);
    stream->is_last = count < limit;
    move_on(stream, count);
}

json_t *feed_stream_item(struct feed_stream *stream)
{
    char id[FEED_NAME];
    for (; stream->at < json_array_size(stream->items); stream->at++) {
        json_t *item = json_array_get(stream->items, stream->at);
        if (!stream->name(item, id, stream->mark_at)) {
            stream->passed++;
            continue;
        }
        snprintf(stream->mark, sizeof stream->mark, "%s@%s", id, stream->mark_at);
        if (!plug_seen_has(&stream->seen, stream->mark))
            return item;
    }
    drop_page(stream);
    return NULL;
}

bool feed_stream_is_over(const struct feed_stream *stream)
{
    return stream->items == NULL && stream->is_last;
}

static bool is_later(const char *a, const char *b)
{
    return plug_time_iso(a) > plug_time_iso(b);
}

/* Of an item that was late the cursor stays where it is; and it never passes one that was refused:
 * the next round comes by it again. */
static const char *cursor_behind(const struct feed_stream *stream)
{
    const char *at = is_later(stream->mark_at, stream->cursor) ? stream->mark_at : stream->cursor;
    if (stream->held[0] == '\0' || !is_later(at, stream->held))
        return at;
    return is_later(stream->held, stream->cursor) ? stream->held : stream->cursor;
}

static void settle(struct feed_stream *stream)
{
    plug_copy(stream->cursor, sizeof stream->cursor, cursor_behind(stream));
    stream->seen = stream->seen_next;
    stream->at++;
}

/* The others go on. */
static void hold(struct feed_stream *stream, struct feed_task *task)
{
    if (stream->held[0] == '\0' || is_later(stream->held, stream->mark_at))
        plug_copy(stream->held, sizeof stream->held, stream->mark_at);
    stream->at++;
    feed_go_on(task);
}

enum vls_emit feed_stream_emit(struct feed_stream *stream, struct feed_task *task,
                               struct feed_paper *paper)
{
    stream->seen_next = stream->seen;
    plug_seen_add(&stream->seen_next, stream->mark);
    paper->state_key = CURSOR;
    paper->state_value = cursor_behind(stream);
    paper->seen = &stream->seen_next;
    paper->seen_key = SEEN;
    enum vls_emit answer = feed_emit(stream->feed, task, paper);
    if (answer != VLS_EMIT_INVALID)
        return answer;
    plug_log(&stream->feed->plug, VLS_LEVEL_ERROR, "%s is left out: the line before says why",
             paper->key);
    hold(stream, task);
    return answer;
}

void feed_stream_pass(struct feed_stream *stream, struct feed_task *task)
{
    stream->seen_next = stream->seen;
    plug_seen_add(&stream->seen_next, stream->mark);
    settle(stream);
    (void)plug_seen_put(&stream->seen, &stream->feed->plug, SEEN);
    (void)plug_keep_put(&stream->feed->plug, CURSOR, stream->cursor);
    feed_go_on(task);
}

void feed_stream_committed(struct feed_stream *stream, struct feed_task *task,
                           const struct vls_commit *commit)
{
    int outcome = feed_committed(stream->feed, commit);
    if (outcome < 0 || outcome == VLS_OUTCOME_RETRY)
        return;
    if (outcome == VLS_OUTCOME_REFUSED) {
        hold(stream, task);
        return;
    }
    settle(stream);
    feed_go_on(task);
}
