#include "base/id.h"

#include <string.h>

#include "base/text.h"

#define SEQUENCE_MAX 0x0fff

void vls_id_maker_init(struct vls_id_maker *maker, const struct vls_env *env)
{
    *maker = (struct vls_id_maker){.env = env};
}

/* RFC 9562 section 6.2 method 1: a counter in rand_a, started at random in its lower half */
static uint64_t next_ms(struct vls_id_maker *maker)
{
    uint64_t now = vls_wall_ms(maker->env);
    if (now <= maker->last_ms && maker->sequence < SEQUENCE_MAX) {
        maker->sequence++;
        return maker->last_ms;
    }
    uint8_t start[2];
    vls_random(maker->env, start, sizeof start);
    maker->sequence = (uint16_t)((start[0] << 8 | start[1]) & (SEQUENCE_MAX >> 1));
    maker->last_ms = now > maker->last_ms ? now : maker->last_ms + 1;
    return maker->last_ms;
}

struct vls_id vls_id_make(struct vls_id_maker *maker)
{
    struct vls_id id;
    uint64_t ms = next_ms(maker);
    vls_random(maker->env, id.bytes, sizeof id.bytes);
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    id.bytes[6] = (uint8_t)(0x70 | maker->sequence >> 8);
    id.bytes[7] = (uint8_t)maker->sequence;
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

uint64_t vls_id_ms(const struct vls_id *id)
{
    uint64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | id->bytes[i];
    return ms;
}

bool vls_id_is_equal(const struct vls_id *a, const struct vls_id *b)
{
    return vls_slice_is_equal(vls_id_slice(a), vls_id_slice(b));
}

struct vls_slice vls_id_slice(const struct vls_id *id)
{
    return VLS_SLICE(id->bytes, sizeof id->bytes);
}

void vls_id_text(const struct vls_id *id, char *out)
{
    static const uint8_t GROUPS[] = {4, 2, 2, 2, 6};
    const uint8_t *at = id->bytes;
    for (size_t i = 0; i < sizeof GROUPS; i++) {
        vls_hex(VLS_SLICE(at, GROUPS[i]), out);
        out += 2 * GROUPS[i];
        at += GROUPS[i];
        *out++ = '-';
    }
    out[-1] = '\0';
}

struct vls_status vls_id_from(struct vls_slice bytes, struct vls_id *out)
{
    if (bytes.len != sizeof out->bytes || bytes.at[6] >> 4 != 7 || bytes.at[8] >> 6 != 2)
        return (struct vls_status){VLS_INPUT_MALFORMED};
    vls_copy(out->bytes, bytes.at, bytes.len);
    return VLS_DONE;
}

struct vls_status vls_id_read(const char *text, struct vls_id *out)
{
    const struct vls_status malformed = {VLS_INPUT_MALFORMED};
    char digits[2 * VLS_ID_BYTES + 1];
    uint8_t bytes[VLS_ID_BYTES];
    size_t n = 0;
    if (strlen(text) != VLS_ID_TEXT - 1)
        return malformed;
    for (size_t i = 0; i < VLS_ID_TEXT - 1; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash != (text[i] == '-'))
            return malformed;
        if (!is_dash)
            digits[n++] = text[i];
    }
    digits[n] = '\0';
    VLS_TRY(vls_hex_read(digits, bytes, sizeof bytes));
    return vls_id_from(VLS_SLICE(bytes, sizeof bytes), out);
}
