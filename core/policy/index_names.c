#include <string.h>

#include "base/mem.h"
#include "policy/index_internal.h"

/*
 * A table of names that is looked up some ten times a decision, and is why it is not uthash under
 * the keyed hash of base/map: that took half of the time. Nobody from outside adds to it: its names
 * are those of a signed arrangement. A seed is sought with which none of them lies far from where
 * it is looked for first, so a look-up ends after a few steps whatever is asked.
 */
#define FIRST_SLOTS 16
#define MAX_STEPS   6  /* from its first slot to where a name lies      */
#define MAX_SEEDS   64 /* tried; the last one is taken as it is         */

#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)

static uint64_t load(const uint8_t *at)
{
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24 |
           (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
           (uint64_t)at[7] << 56;
}

/** The last word overlaps the one before; of fewer than eight bytes, each counts by its place. */
static uint32_t hash(uint64_t seed, struct vls_slice name)
{
    uint64_t h = seed ^ name.len * MULTIPLIER;
    size_t at = 0;
    for (; at + 8 < name.len; at += 8) {
        h = (h ^ load(name.at + at)) * MULTIPLIER;
        h ^= h >> 32;
    }
    uint64_t last = 0;
    if (name.len >= 8)
        last = load(name.at + name.len - 8);
    else
        for (size_t i = 0; i < name.len; i++)
            last = last << 8 | name.at[i];
    h = (h ^ last) * MULTIPLIER;
    h = (h ^ h >> 32) * MULTIPLIER;
    return (uint32_t)(h >> 32);
}

uint32_t vls_index_name(const struct vls_index_names *names, struct vls_slice name)
{
    if (names->slots == NULL)
        return 0;
    uint32_t wanted = hash(names->seed, name);
    for (uint32_t i = wanted & names->mask;; i = (i + 1) & names->mask) {
        const struct vls_index_slot *slot = &names->slots[i];
        if (slot->value == 0)
            return 0;
        const struct vls_slice *text = &names->texts[slot->value];
        if (slot->hash == wanted && text->len == name.len &&
            (name.len == 0 || memcmp(text->at, name.at, name.len) == 0))
            return slot->value;
    }
}

/** @return how many steps it took to a free slot */
static uint32_t put(struct vls_index_names *names, uint32_t value)
{
    uint32_t hashed = hash(names->seed, names->texts[value]), steps = 0;
    uint32_t i = hashed & names->mask;
    for (; names->slots[i].value != 0; i = (i + 1) & names->mask)
        steps++;
    names->slots[i] = (struct vls_index_slot){hashed, value};
    return steps;
}

static void settle(struct vls_index_names *names)
{
    uint32_t most = MAX_STEPS + 1;
    for (int seeds = 0; seeds < MAX_SEEDS && most > MAX_STEPS; seeds++) {
        most = 0;
        names->seed += MULTIPLIER;
        memset(names->slots, 0, ((size_t)names->mask + 1) * sizeof *names->slots);
        for (uint32_t v = 1; v <= names->count; v++) {
            uint32_t steps = put(names, v);
            most = steps > most ? steps : most;
        }
    }
}

static bool grow(struct vls_index_names *names)
{
    uint32_t count = names->slots == NULL ? FIRST_SLOTS : 2 * (names->mask + 1);
    struct vls_slice *texts = vls_mem_resize(names->texts, ((size_t)count / 2 + 1) * sizeof *texts);
    if (texts == NULL)
        return false;
    names->texts = texts;
    struct vls_index_slot *slots = vls_mem_try(count * sizeof *slots);
    if (slots == NULL)
        return false;
    vls_mem_free(names->slots);
    names->slots = slots;
    names->mask = count - 1;
    settle(names);
    return true;
}

uint32_t vls_index_name_add(struct vls_index_names *names, struct vls_slice name)
{
    uint32_t value = vls_index_name(names, name);
    if (value != 0)
        return value;
    if ((names->slots == NULL || 2 * (names->count + 1) > names->mask + 1) && !grow(names))
        return 0;
    names->texts[++names->count] = name;
    if (put(names, names->count) > MAX_STEPS)
        settle(names);
    return names->count;
}

void vls_index_names_fini(struct vls_index_names *names)
{
    vls_mem_free(names->texts);
    vls_mem_free(names->slots);
    *names = (struct vls_index_names){.texts = NULL};
}

size_t vls_index_names_bytes(const struct vls_index_names *names)
{
    if (names->slots == NULL)
        return 0;
    size_t slots = (size_t)names->mask + 1;
    return slots * sizeof *names->slots + (slots / 2 + 1) * sizeof *names->texts;
}
