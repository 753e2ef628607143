#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_ROOM 256

struct vls_slice vls_slice_text(const char *text)
{
    return VLS_SLICE(text, text != NULL ? strlen(text) : 0);
}

bool vls_slice_is_equal(struct vls_slice a, struct vls_slice b)
{
    if (a.len != b.len)
        return false;
    uint8_t differs = 0;
    for (size_t i = 0; i < a.len; i++)
        differs |= a.at[i] ^ b.at[i];
    return differs == 0;
}

void vls_copy(void *to, const void *from, size_t len)
{
    if (len != 0)
        memcpy(to, from, len);
}

void vls_buf_init(struct vls_buf *buf, size_t max)
{
    *buf = (struct vls_buf){.max = max};
}

void vls_buf_fini(struct vls_buf *buf)
{
    if (buf->at != NULL)
        vls_mem_wipe(buf->at, buf->room);
    vls_mem_free(buf->at);
    *buf = (struct vls_buf){.max = buf->max};
}

/* A new block rather than realloc(), which would leave the old bytes behind unwiped. One byte more
 * than the room, so that a NUL always fits. */
static struct vls_status grow(struct vls_buf *buf, size_t need)
{
    size_t room = buf->room != 0 ? buf->room : FIRST_ROOM;
    while (room < need)
        room = room > SIZE_MAX / 2 ? need : room * 2;
    if (room > buf->max)
        room = buf->max;
    uint8_t *at = room < SIZE_MAX ? vls_mem_resize(NULL, room + 1) : NULL;
    if (at == NULL)
        return (struct vls_status){VLS_SYSTEM_MEMORY};
    vls_copy(at, buf->at, buf->len);
    if (buf->at != NULL)
        vls_mem_wipe(buf->at, buf->room);
    vls_mem_free(buf->at);
    buf->at = at;
    buf->room = room;
    return VLS_DONE;
}

struct vls_status vls_buf_reserve(struct vls_buf *buf, size_t len, uint8_t **out_at)
{
    if (len > buf->max - buf->len)
        return (struct vls_status){VLS_INPUT_LIMIT};
    size_t need = buf->len + len;
    if (need > buf->room || buf->at == NULL)
        VLS_TRY(grow(buf, need));
    *out_at = buf->at + buf->len;
    return VLS_DONE;
}

void vls_buf_took(struct vls_buf *buf, size_t len)
{
    buf->len += len;
}

struct vls_status vls_buf_add(struct vls_buf *buf, const void *from, size_t len)
{
    uint8_t *at;
    VLS_TRY(vls_buf_reserve(buf, len, &at));
    vls_copy(at, from, len);
    buf->len += len;
    return VLS_DONE;
}

struct vls_status vls_buf_add_slice(struct vls_buf *buf, struct vls_slice bytes)
{
    return vls_buf_add(buf, bytes.at, bytes.len);
}

struct vls_status vls_buf_add_text(struct vls_buf *buf, const char *text)
{
    return vls_buf_add_slice(buf, vls_slice_text(text));
}

struct vls_status vls_buf_add_format(struct vls_buf *buf, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    struct vls_status s = {VLS_SYSTEM_BUG};
    uint8_t *at;
    if (n >= 0)
        s = vls_buf_reserve(buf, (size_t)n, &at);
    if (vls_ok(s)) {
        vsnprintf((char *)at, (size_t)n + 1, fmt, again);
        buf->len += (size_t)n;
    }
    va_end(again);
    return s;
}

void vls_buf_clear(struct vls_buf *buf)
{
    buf->len = 0;
}

struct vls_slice vls_buf_slice(const struct vls_buf *buf)
{
    return VLS_SLICE(buf->at, buf->len);
}

const char *vls_buf_text(struct vls_buf *buf)
{
    uint8_t *at;
    if (!vls_ok(vls_buf_reserve(buf, 0, &at)))
        return NULL;
    *at = '\0';
    return (const char *)buf->at;
}

struct vls_reader vls_reader_of(struct vls_slice bytes)
{
    return (struct vls_reader){bytes, false};
}

struct vls_slice vls_reader_bytes(struct vls_reader *r, size_t len)
{
    if (r->failed || len > r->rest.len) {
        r->failed = true;
        return VLS_SLICE(NULL, 0);
    }
    struct vls_slice taken = VLS_SLICE(r->rest.at, len);
    r->rest.at += len;
    r->rest.len -= len;
    return taken;
}

static uint64_t take_number(struct vls_reader *r, size_t bytes)
{
    struct vls_slice taken = vls_reader_bytes(r, bytes);
    uint64_t value = 0;
    for (size_t i = 0; i < taken.len; i++)
        value = value << 8 | taken.at[i];
    return value;
}

uint8_t vls_reader_u8(struct vls_reader *r)
{
    return (uint8_t)take_number(r, 1);
}

uint16_t vls_reader_u16(struct vls_reader *r)
{
    return (uint16_t)take_number(r, 2);
}

uint32_t vls_reader_u32(struct vls_reader *r)
{
    return (uint32_t)take_number(r, 4);
}

uint64_t vls_reader_u64(struct vls_reader *r)
{
    return take_number(r, 8);
}

struct vls_slice vls_reader_until(struct vls_reader *r, uint8_t end)
{
    const uint8_t *found =
        r->failed || r->rest.len == 0 ? NULL : memchr(r->rest.at, end, r->rest.len);
    if (found == NULL) {
        r->failed = true;
        return VLS_SLICE(NULL, 0);
    }
    struct vls_slice taken = vls_reader_bytes(r, (size_t)(found - r->rest.at));
    vls_reader_u8(r);
    return taken;
}

bool vls_reader_is_at_end(const struct vls_reader *r)
{
    return r->failed || r->rest.len == 0;
}

bool vls_reader_is_done(const struct vls_reader *r)
{
    return !r->failed && r->rest.len == 0;
}

void vls_put_u32(uint8_t at[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

void vls_put_u64(uint8_t at[8], uint64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> (56 - 8 * i));
}
