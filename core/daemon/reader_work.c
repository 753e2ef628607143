/* One archive, taken apart: what it asks for, what it states, and its documents. */
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "daemon/reader.h"

/* While the archive is read. */
struct reading {
    struct vls_reader_answer *answer;
    const struct vls_fds *fds; /* behind the archive: a file for each document */
    bool with_documents;
    size_t part;          /* that is being read */
    size_t request;       /* the part that is request.json */
    struct vls_buf *json; /* its bytes */
};
#define NO_REQUEST    SIZE_MAX
#define READER_MEMORY (8u * VLS_MAX_DESCRIPTOR)

/* -- what the descriptor states ---------------------------------------------------------------- */

/* The frame outlives the descriptor. */
static char *keep(struct vls_reader_answer *a, const char *text)
{
    return vls_arena_text(a->arena, text != NULL ? text : "");
}

static struct vls_status too_large(struct vls_why *why)
{
    return vls_fail(VLS_INPUT_LIMIT, why, "the descriptor takes more than its room");
}

static struct vls_status keep_names(struct vls_reader_answer *a,
                                    const struct vls_descriptor_names *names, size_t *out_count,
                                    char ***out, struct vls_why *why)
{
    *out = vls_arena_take(a->arena, (names->count + 1) * sizeof **out);
    if (*out == NULL)
        return too_large(why);
    for (size_t i = 0; i < names->count; i++) {
        (*out)[i] = keep(a, names->at[i]);
        if ((*out)[i] == NULL)
            return too_large(why);
        *out_count = i + 1;
    }
    return VLS_DONE;
}

static struct vls_status keep_parts(struct vls_reader_answer *a, const struct vls_descriptor *d,
                                    struct vls_why *why)
{
    Valise__Part *parts = vls_arena_take(a->arena, (d->part_count + 1) * sizeof *parts);
    a->stated.parts = vls_arena_take(a->arena, (d->part_count + 1) * sizeof *a->stated.parts);
    if (parts == NULL || a->stated.parts == NULL)
        return too_large(why);
    for (size_t i = 0; i < d->part_count; i++) {
        Valise__Part *part = &parts[i];
        valise__part__init(part);
        part->name = keep(a, d->parts[i].name);
        part->media_type = keep(a, d->parts[i].media_type);
        part->label = keep(a, d->parts[i].label_text);
        part->bytes = d->parts[i].bytes;
        if (part->name == NULL || part->media_type == NULL || part->label == NULL)
            return too_large(why);
        a->stated.parts[i] = part;
        a->stated.n_parts = i + 1;
    }
    return VLS_DONE;
}

static struct vls_status keep_abouts(struct vls_reader_answer *a,
                                     const struct vls_descriptor_abouts *abouts,
                                     struct vls_why *why)
{
    a->stated.about = vls_arena_take(a->arena, (abouts->count + 1) * sizeof *a->stated.about);
    for (size_t i = 0; i < abouts->count && a->stated.about != NULL; i++) {
        size_t size = valise__about__get_packed_size(abouts->at[i]);
        uint8_t *bytes = vls_arena_take(a->arena, size + 1);
        if (bytes == NULL)
            return too_large(why);
        valise__about__pack(abouts->at[i], bytes);
        a->stated.about[i] = valise__about__unpack(NULL, size, bytes);
        if (a->stated.about[i] == NULL)
            return too_large(why);
        a->stated.n_about = i + 1;
    }
    return a->stated.about != NULL ? VLS_DONE : too_large(why);
}

static struct vls_status keep_stated(struct vls_reader_answer *a, const struct vls_descriptor *d,
                                     struct vls_why *why)
{
    a->stated.distribution = keep(a, d->distribution);
    a->stated.safeguards = keep(a, d->safeguards);
    a->stated.personal_data = d->has_personal_data;
    a->stated.embargo_until_ms = d->embargo_until_ms;
    if (a->stated.distribution == NULL || a->stated.safeguards == NULL)
        return too_large(why);
    VLS_TRY(keep_names(a, &d->audience, &a->stated.n_audience, &a->stated.audience, why));
    VLS_TRY(keep_names(a, &d->topics, &a->stated.n_topics, &a->stated.topics, why));
    VLS_TRY(keep_abouts(a, &d->abouts, why));
    return keep_parts(a, d, why);
}

/* -- the archive ------------------------------------------------------------------------------- */

static struct vls_status on_begin(void *ctx, const struct vls_descriptor *descriptor,
                                  struct vls_slice labels_xml, struct vls_why *why)
{
    struct reading *r = ctx;
    (void)labels_xml;
    if (r->with_documents && descriptor->part_count != r->fds->count - 1)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why, "it holds %zu documents, and %zu were sent",
                        descriptor->part_count, r->fds->count - 1);
    for (size_t i = 0; i < descriptor->part_count; i++)
        if (strcmp(descriptor->parts[i].name, VLS_ASKED_FILE) == 0)
            r->request = i;
    return keep_stated(r->answer, descriptor, why);
}

static struct vls_status on_part_begin(void *ctx, size_t number, struct vls_why *why)
{
    struct reading *r = ctx;
    (void)why;
    r->part = number;
    return VLS_DONE;
}

/* Of a request.json that is larger than one may be, only so much is kept as shows it. */
static struct vls_status on_part_bytes(void *ctx, struct vls_slice bytes, struct vls_why *why)
{
    struct reading *r = ctx;
    if (r->part == r->request) {
        size_t room = r->json->max - r->json->len;
        VLS_TRY(vls_buf_add(r->json, bytes.at, bytes.len < room ? bytes.len : room));
    }
    return r->with_documents ? vls_fd_write(r->fds->fd[1 + r->part], bytes, why) : VLS_DONE;
}

static struct vls_status on_part_end(void *ctx, struct vls_why *why)
{
    (void)ctx;
    (void)why;
    return VLS_DONE;
}

/* -- the answer -------------------------------------------------------------------------------- */

static void take_request(struct reading *r)
{
    struct vls_reader_answer *a = r->answer;
    if (r->request == NO_REQUEST)
        return;
    if (!vls_ok(vls_asked_read(vls_buf_slice(r->json), &a->form, &a->reason))) {
        a->result.not_asked = a->reason.text;
        return;
    }
    valise__asked__init(&a->asked);
    a->asked.symbol = a->form.symbol;
    a->asked.issuer = a->form.issuer;
    a->asked.languages = a->form.languages;
    a->asked.n_languages = a->form.language_count;
    a->result.asked = &a->asked;
}

static struct vls_status read_archive(const Valise__ReadArchive *in, const struct vls_fds *fds,
                                      struct vls_reader_answer *out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf json;
    struct reading r = {.answer = out,
                        .fds = fds,
                        .with_documents = in->with_documents,
                        .request = NO_REQUEST,
                        .json = &json};
    const struct vls_archive_events events = {.ctx = &r,
                                              .begin = on_begin,
                                              .part_begin = on_part_begin,
                                              .part_bytes = on_part_bytes,
                                              .part_end = on_part_end};
    vls_buf_init(&json, VLS_ASKED_MAX + 1);
    struct vls_status s = vls_archive_read(fds->fd[0], &events, why);
    if (vls_ok(s))
        take_request(&r);
    return s;
}

struct vls_status vls_reader_answer(const Valise__Frame *frame, struct vls_fds *fds,
                                    struct vls_reader_answer *out, struct vls_why *why)
{
    *out = (struct vls_reader_answer){.arena = vls_arena_new(READER_MEMORY)};
    if (frame->body_case != VALISE__FRAME__BODY_READ_ARCHIVE || fds->count == 0 ||
        (!frame->read_archive->with_documents && fds->count != 1))
        return vls_fail(VLS_WIRE_MALFORMED, why, "a question with %zu descriptors", fds->count);
    valise__frame__init(&out->frame);
    valise__read_archive_result__init(&out->result);
    valise__submission__init(&out->stated);
    struct vls_status s = read_archive(frame->read_archive, fds, out, &out->why);
    vls_outcome_init(&out->outcome, s, &out->why);
    out->result.outcome = &out->outcome;
    out->result.id = frame->read_archive->id;
    out->result.stated = vls_ok(s) ? &out->stated : NULL;
    out->frame.reply_to = frame->serial;
    out->frame.body_case = VALISE__FRAME__BODY_READ_ARCHIVE_RESULT;
    out->frame.read_archive_result = &out->result;
    return VLS_DONE;
}

void vls_reader_answer_fini(struct vls_reader_answer *answer)
{
    vls_asked_fini(&answer->form);
    for (size_t i = 0; i < answer->stated.n_about; i++)
        valise__about__free_unpacked(answer->stated.about[i], NULL);
    vls_arena_free(&answer->arena);
}
