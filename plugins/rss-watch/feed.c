/* A feed: RSS 2.0, RSS 1.0 and Atom, as a stream. */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "watch.h"

#define ROUNDS 1u /* entities that are escaped twice, behind what XML undoes */

/* What is being read. */
struct reading {
    struct watch *w;
    struct feed *feed;
    struct plug_xml *xml;
    struct item *items, *item; /* item: the one that is open */
    char *channel_link;
    unsigned count, headers;
    bool is_feed, is_full;
};

void item_free(struct item *item)
{
    free(item->id);
    free(item->title);
    free(item->link);
    free(item->summary);
    free(item);
}

static bool is_item(const char *name)
{
    return strcmp(name, "item") == 0 || strcmp(name, "entry") == 0;
}

static bool is_any(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

static void set(char **to, const char *text)
{
    free(*to);
    *to = strdup(text);
}

/* -- elements ---------------------------------------------------------------------------------- */

/* Atom: <link rel="alternate" href="..."/> */
static void take_link(struct reading *r, const struct plug_xml_attribute *attributes, size_t count)
{
    const char *href = NULL, *rel = "alternate";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(attributes[i].name, "href") == 0)
            href = attributes[i].value;
        else if (strcmp(attributes[i].name, "rel") == 0)
            rel = attributes[i].value;
    }
    if (href != NULL && strcmp(rel, "alternate") == 0)
        set(r->item != NULL ? &r->item->link : &r->channel_link, href);
}

static int on_begin(void *ctx, const char *name, const char *space,
                    const struct plug_xml_attribute *attributes, size_t count)
{
    static const char *const FEEDS[] = {"rss", "feed", "RDF", NULL};
    struct reading *r = ctx;
    (void)space;
    if (!r->is_feed && !is_any(name, FEEDS)) {
        plug_xml_refuse(r->xml, "this is no feed: it begins with <%.40s>", name);
        return -1;
    }
    r->is_feed = true;
    if (strcmp(name, "link") == 0)
        take_link(r, attributes, count);
    if (!is_item(name) || r->item != NULL || r->is_full)
        return 0;
    r->item = calloc(1, sizeof *r->item);
    if (r->item == NULL) {
        plug_xml_refuse(r->xml, "no memory");
        return -1;
    }
    r->item->feed = r->feed;
    return 0;
}

static void take_text(struct item *item, const char *name, const char *text)
{
    static const char *const DATES[] = {"pubDate", "date", "published", "updated", NULL};
    static const char *const SUMMARIES[] = {"description", "summary", NULL};
    if (strcmp(name, "title") == 0)
        set(&item->title, text);
    else if (strcmp(name, "link") == 0 && text[0] != '\0')
        set(&item->link, text);
    else if (strcmp(name, "guid") == 0 || strcmp(name, "id") == 0)
        set(&item->id, text);
    else if (is_any(name, SUMMARIES))
        set(&item->summary, text);
    else if (is_any(name, DATES) && item->published_ms == 0)
        item->published_ms = plug_time_mail(text) != 0 ? plug_time_mail(text) : plug_time_iso(text);
}

/* -- items ------------------------------------------------------------------------------------- */

static void clean(char *text, bool is_html)
{
    if (text == NULL)
        return;
    plug_undo_entities(text, ROUNDS);
    if (is_html)
        plug_plain(text);
    else
        plug_trim(text);
}

/* Leads nowhere but to the front page of a host. */
static bool is_front_page(const char *link)
{
    const char *at = strstr(link, "://");
    at = at != NULL ? strchr(at + 3, '/') : NULL;
    return at == NULL || at[1] == '\0';
}

/* Some feeds begin with an item that says what the feed is: it has no link of its own. */
static bool is_header(const struct reading *r, const struct item *item)
{
    if (item->link == NULL || item->link[0] == '\0')
        return item->id == NULL || item->published_ms == 0;
    return is_front_page(item->link) ||
           (r->channel_link != NULL && strcmp(item->link, r->channel_link) == 0);
}

static int end_item(struct reading *r)
{
    struct item *item = r->item;
    r->item = NULL;
    clean(item->id, false);
    clean(item->link, false);
    clean(item->title, true);
    clean(item->summary, true);
    if (is_header(r, item)) {
        r->headers++;
        item_free(item);
        return 0;
    }
    if (item->id == NULL || item->id[0] == '\0')
        set(&item->id, item->link != NULL ? item->link : item->title);
    if (item->title == NULL || item->title[0] == '\0')
        set(&item->title, item->link);
    if (item->id == NULL || item->title == NULL) {
        item_free(item);
        plug_xml_refuse(r->xml, "no memory");
        return -1;
    }
    item->mark = plug_mark(item->id);
    DL_PREPEND(r->items, item); /* feeds have the newest first */
    r->is_full = ++r->count == WATCH_ITEMS;
    return 0;
}

static int on_end(void *ctx, const char *name, const char *space, const char *text, size_t len)
{
    struct reading *r = ctx;
    (void)space;
    (void)len;
    if (r->item != NULL && is_item(name))
        return end_item(r);
    if (r->item != NULL)
        take_text(r->item, name, text);
    else if (r->channel_link == NULL && r->count == 0 && strcmp(name, "link") == 0)
        set(&r->channel_link, text);
    return 0;
}

static void reading_fini(struct reading *r)
{
    struct item *item, *next;
    if (r->item != NULL)
        item_free(r->item);
    DL_FOREACH_SAFE (r->items, item, next)
        item_free(item);
    free(r->channel_link);
    plug_xml_free(&r->xml);
}

uint32_t feed_read(struct watch *w, struct feed *feed, struct item **out,
                   struct plug_answer *answer)
{
    struct reading r = {.w = w, .feed = feed};
    const struct plug_xml_options options = {.on = {.begin = on_begin, .end = on_end},
                                             .ctx = &r,
                                             .max_text = WATCH_TEXT,
                                             .takes_html_entities = true};
    const struct vls_http_header accept = {
        "Accept", "application/rss+xml, application/atom+xml, application/xml;q=0.9"};
    const struct plug_ask ask = {.url = feed->url,
                                 .headers = &accept,
                                 .header_count = 1,
                                 .kinds = PLUG_XML,
                                 .etag = feed->etag[0] != '\0' ? feed->etag : NULL,
                                 .modified = feed->modified[0] != '\0' ? feed->modified : NULL,
                                 .max_bytes = WATCH_BYTES};
    *out = NULL;
    r.xml = plug_xml_new(&options);
    if (r.xml == NULL)
        return plug_malformed(answer, "length", "no memory for a feed");
    (void)plug_stream(&w->plug, &ask, plug_xml_take, r.xml, answer);
    if (plug_xml_end(r.xml, answer) == VLS_RESULT_DELIVERED) {
        *out = r.items;
        r.items = NULL;
        if (r.is_full)
            plug_log(&w->plug, VLS_LEVEL_WARN, "%s: more than %u items; the rest is not looked at",
                     feed->url, WATCH_ITEMS);
    }
    reading_fini(&r);
    return answer->result;
}
