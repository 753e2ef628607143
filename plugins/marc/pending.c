#include "pending.h"

#include <string.h>

#include "base/mem.h"

static void set(char **to, const char *text)
{
    char *copy = vls_mem_dup(text);
    vls_mem_free(*to);
    *to = copy;
}

void pending_reset(struct pending *p, const char *cursor)
{
    for (unsigned i = 0; i < p->count; i++)
        vls_mem_free(p->items[i].cursor);
    p->count = 0;
    p->must_go_back = false;
    set(&p->frontier, cursor);
}

void pending_fini(struct pending *p)
{
    pending_reset(p, NULL);
}

bool pending_has_room(const struct pending *p)
{
    return p->count < PENDING_MOST;
}

uint64_t pending_add(struct pending *p, const char *cursor)
{
    struct pending_item *item = &p->items[p->count++];
    *item = (struct pending_item){.token = ++p->next_token, .cursor = vls_mem_dup(cursor)};
    return item->token;
}

void pending_take_back(struct pending *p)
{
    vls_mem_free(p->items[--p->count].cursor);
}

/* What is settled at the front moves the frontier on. */
static void advance(struct pending *p)
{
    unsigned done = 0;
    while (done < p->count && p->items[done].is_settled) {
        set(&p->frontier, p->items[done].cursor);
        vls_mem_free(p->items[done].cursor);
        done++;
    }
    p->count -= done;
    memmove(p->items, p->items + done, p->count * sizeof *p->items);
}

void pending_settle(struct pending *p, uint64_t token, bool is_safe)
{
    for (unsigned i = 0; i < p->count; i++) {
        if (p->items[i].token != token)
            continue;
        if (is_safe) {
            p->items[i].is_settled = true;
            advance(p);
            return;
        }
        p->items[i].token = 0; /* it stays where it is, so that the frontier does not pass it */
        break;
    }
    p->must_go_back = p->must_go_back || !is_safe;
}

void pending_move(struct pending *p, const char *cursor)
{
    set(p->count > 0 ? &p->items[p->count - 1].cursor : &p->frontier, cursor);
}
