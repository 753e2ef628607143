#include "sidecar.h"

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/limits.h"
#include "base/text.h"

#define NEEDED(key, member, max)                                                                   \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, struct sidecar, member, 1, max)
#define OPTIONAL(key, member, max)                                                                 \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct sidecar, member,  \
                           0, max)

/* Of struct vls_about. */
#define SYMBOL_MAX 128
#define TITLE_MAX  2048

static const cyaml_schema_value_t NAME = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, VLS_MAX_NAME),
};
#define NAMES(key, member, most)                                                                   \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct sidecar,      \
                               member, member##_count, &NAME, 0, most)

static const cyaml_schema_field_t FIELDS[] = {
    NEEDED("kind", kind, VLS_MAX_NAME),
    NEEDED("to", to, VLS_MAX_PARTY),
    OPTIONAL("label", label, VLS_MAX_LABEL_TEXT),
    OPTIONAL("body", body, VLS_MAX_NAME),
    OPTIONAL("subject", subject, VLS_MAX_SUBJECT),
    OPTIONAL("conversation", conversation, VLS_MAX_NAME),
    OPTIONAL("in-reply-to", in_reply_to, VLS_ID_TEXT - 1),
    OPTIONAL("media-type", media_type, VLS_MAX_MEDIA_TYPE),
    OPTIONAL("distribution", distribution, VLS_MAX_NAME),
    CYAML_FIELD_BOOL("personal-data", CYAML_FLAG_OPTIONAL, struct sidecar, personal_data),
    OPTIONAL("safeguards", safeguards, VLS_MAX_SAFEGUARDS),
    OPTIONAL("embargo", embargo, VLS_TIME_TEXT),
    NAMES("audience", audience, VLS_MAX_AUDIENCE),
    NAMES("topics", topics, VLS_MAX_TOPICS),
    OPTIONAL("answer-state", answer_state, VLS_MAX_NAME),
    OPTIONAL("issuer", issuer, VLS_MAX_NAME),
    OPTIONAL("symbol", symbol, SYMBOL_MAX),
    OPTIONAL("language", language, VLS_MAX_NAME),
    OPTIONAL("title", title, TITLE_MAX),
    OPTIONAL("published", published, VLS_TIME_TEXT),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t SCHEMA = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct sidecar, FIELDS),
};

/* The first words of the library are the cause; what follows is its way back. */
__attribute__((format(printf, 3, 0))) static void keep_first(cyaml_log_t level, void *ctx,
                                                             const char *fmt, va_list args)
{
    struct vls_why *first = ctx;
    (void)level;
    if (first->text[0] != '\0')
        return;
    vsnprintf(first->text, sizeof first->text, fmt, args);
    size_t len = strlen(first->text);
    if (len > 0 && first->text[len - 1] == '\n')
        first->text[len - 1] = '\0';
}

static cyaml_config_t options(struct vls_why *first)
{
    return (cyaml_config_t){
        .log_fn = keep_first,
        .log_ctx = first,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

static struct vls_status check_names(const char *key, char *const *names, unsigned count,
                                     struct vls_why *why)
{
    for (unsigned i = 0; i < count; i++)
        if (names[i] == NULL || !vls_text_is_clean(vls_slice_text(names[i]), false))
            return vls_fail(VLS_INPUT_MALFORMED, why, "%s: entry %u is not clean UTF-8 on one line",
                            key, i + 1);
    return VLS_DONE;
}

static bool is_given(const char *value)
{
    return value != NULL && value[0] != '\0';
}

static struct vls_status check(struct sidecar *s, struct vls_why *why)
{
    struct vls_id id;
    const char *texts[] = {s->label,      s->body,         s->subject,    s->conversation,
                           s->media_type, s->distribution, s->safeguards, s->answer_state,
                           s->issuer,     s->symbol,       s->language,   s->title,
                           s->published};
    if (!vls_text_is_name(s->kind, VLS_MAX_NAME))
        return vls_fail(VLS_INPUT_MALFORMED, why, "kind: '%s' is not the name of a kind", s->kind);
    if (!vls_text_is_name(s->to, VLS_MAX_PARTY))
        return vls_fail(VLS_INPUT_MALFORMED, why, "to: '%s' is not the name of a party", s->to);
    if (s->in_reply_to != NULL && s->in_reply_to[0] != '\0' &&
        !vls_ok(vls_id_read(s->in_reply_to, &id)))
        return vls_fail(VLS_INPUT_MALFORMED, why, "in-reply-to: '%s' is not the id of a message",
                        s->in_reply_to);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i] != NULL && !vls_text_is_clean(vls_slice_text(texts[i]), false))
            return vls_fail(VLS_INPUT_MALFORMED, why,
                            "a value is not clean UTF-8 on one line: '%s'", texts[i]);
    if (s->embargo != NULL && s->embargo[0] != '\0' &&
        !vls_ok(vls_time_read(s->embargo, &s->embargo_until_ms)))
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "embargo: '%s' is no time; write 2026-12-31 or 2026-12-31T12:00:00Z",
                        s->embargo);
    if (is_given(s->symbol) && !is_given(s->issuer))
        return vls_fail(
            VLS_INPUT_MALFORMED, why,
            "symbol: '%s' without an issuer; say whose symbol it is, such as issuer: un",
            s->symbol);
    VLS_TRY(check_names("audience", s->audience, s->audience_count, why));
    return check_names("topics", s->topics, s->topics_count, why);
}

struct vls_status sidecar_read(struct vls_slice yaml, struct sidecar **out, struct vls_why *why)
{
    struct vls_why first = {{0}};
    cyaml_config_t config = options(&first);
    cyaml_data_t *data = NULL;
    cyaml_err_t error = cyaml_load_data(yaml.at, yaml.len, &config, &SCHEMA, &data, NULL);
    struct sidecar *s = data;
    if (error != CYAML_OK)
        return vls_fail(VLS_INPUT_MALFORMED, why, "the side-car does not read: %s (%s)", first.text,
                        cyaml_strerror(error));
    if (s == NULL)
        return vls_fail(VLS_INPUT_MALFORMED, why, "the side-car is empty");
    struct vls_status status = check(s, why);
    if (!vls_ok(status)) {
        sidecar_free(&s);
        return status;
    }
    *out = s;
    return VLS_DONE;
}

void sidecar_free(struct sidecar **sidecar)
{
    struct vls_why unused = {{0}};
    cyaml_config_t config = options(&unused);
    if (*sidecar != NULL)
        cyaml_free(&config, &SCHEMA, *sidecar, 0);
    *sidecar = NULL;
}

static struct vls_status add_quoted(struct vls_buf *out, const char *value)
{
    VLS_TRY(vls_buf_add_text(out, "\""));
    for (const char *at = value; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\')
            VLS_TRY(vls_buf_add_format(out, "\\%c", c));
        else if (c < 0x20 || c == 0x7f)
            VLS_TRY(vls_buf_add_format(out, "\\x%02x", c));
        else
            VLS_TRY(vls_buf_add(out, at, 1));
    }
    return vls_buf_add_text(out, "\"");
}

struct vls_status sidecar_add(struct vls_buf *out, const char *key, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return VLS_DONE;
    VLS_TRY(vls_buf_add_format(out, "%s: ", key));
    VLS_TRY(add_quoted(out, value));
    return vls_buf_add_text(out, "\n");
}

struct vls_status sidecar_add_list(struct vls_buf *out, const char *key, const char *const *values,
                                   uint64_t count)
{
    if (count == 0)
        return VLS_DONE;
    VLS_TRY(vls_buf_add_format(out, "%s: [", key));
    for (uint64_t i = 0; i < count; i++) {
        VLS_TRY(vls_buf_add_text(out, i != 0 ? ", " : ""));
        VLS_TRY(add_quoted(out, values[i]));
    }
    return vls_buf_add_text(out, "]\n");
}

struct vls_status sidecar_add_time(struct vls_buf *out, const char *key, uint64_t ms)
{
    char text[VLS_TIME_TEXT];
    vls_time_text(ms, text);
    return sidecar_add(out, key, text);
}

bool sidecar_has(struct vls_slice text, const char *key)
{
    size_t len = strlen(key);
    for (size_t at = 0; at + len < text.len; at++)
        if ((at == 0 || text.at[at - 1] == '\n') && memcmp(text.at + at, key, len) == 0 &&
            text.at[at + len] == ':')
            return true;
    return false;
}

bool sidecar_says(struct vls_slice text, const char *key, const char *value)
{
    struct vls_buf line VLS_DEFER(vls_buf_fini);
    vls_buf_init(&line, SIDECAR_BYTES);
    if (!vls_ok(sidecar_add(&line, key, value)) || line.len == 0)
        return false;
    for (size_t at = 0; at + line.len <= text.len; at++) {
        bool is_line_start = at == 0 || text.at[at - 1] == '\n';
        if (is_line_start && memcmp(text.at + at, line.at, line.len) == 0)
            return true;
    }
    return false;
}
