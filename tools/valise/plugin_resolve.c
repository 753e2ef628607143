/* valise plugin run --resolve: what a resolver finds, and what each document of it is. */
#include <inttypes.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "plugin_commands.h"
#include "show.h"
#include "wire/result.h"

static json_t *part_json(const Valise__ResolvedPart *p)
{
    char digest[2 * VLS_DIGEST_BYTES + 1] = "";
    json_t *part = json_object();
    if (p->digest.len == VLS_DIGEST_BYTES)
        vls_hex(VLS_SLICE(p->digest.data, p->digest.len), digest);
    json_object_set_new(part, "name", vls_json_text(p->part->name));
    json_object_set_new(part, "media_type", vls_json_text(p->part->media_type));
    json_object_set_new(part, "sniffed", vls_json_text(p->sniffed));
    json_object_set_new(part, "label", vls_json_text(p->part->label));
    json_object_set_new(part, "bytes", vls_json_number(p->part->bytes));
    json_object_set_new(part, "sha256", vls_json_text(digest));
    return part;
}

static json_t *found_json(const char *symbol, const char *language, const Valise__ResolveResult *r)
{
    const Valise__Finding *f = r->finding;
    json_t *parts = json_array(), *object = json_object();
    for (size_t i = 0; i < r->n_parts; i++)
        json_array_append_new(parts, part_json(r->parts[i]));
    json_object_set_new(object, "symbol", vls_json_text(symbol));
    json_object_set_new(object, "language", vls_json_text(language));
    json_object_set_new(object, "outcome", vls_json_text(vls_found_name(f->result)));
    json_object_set_new(object, "reason", vls_json_text(f->why));
    json_object_set_new(object, "retry_at",
                        f->retry_at_ms != 0 ? vls_json_time(f->retry_at_ms) : json_null());
    json_object_set_new(object, "got", vls_json_number(f->got));
    json_object_set_new(object, "total", vls_json_number(f->total));
    json_object_set_new(object, "where", vls_json_text(f->where));
    json_object_set_new(object, "receipt", vls_json_text(f->receipt));
    json_object_set_new(object, "url", vls_json_text(f->url));
    json_object_set_new(object, "parts", parts);
    return object;
}

static void print_part(struct cli *cli, json_t *part)
{
    const char *sniffed = json_string_value(json_object_get(part, "sniffed"));
    const char *label = json_string_value(json_object_get(part, "label"));
    fprintf(cli->out, "  part %s %" PRIu64 " bytes %s sha256 %s\n    its bytes say %s, label %s\n",
            json_string_value(json_object_get(part, "name")),
            (uint64_t)json_integer_value(json_object_get(part, "bytes")),
            json_string_value(json_object_get(part, "media_type")),
            json_string_value(json_object_get(part, "sha256")),
            sniffed[0] != '\0' ? sniffed : "nothing",
            label[0] != '\0' ? label : "(none: shown to nobody)");
}

static VLS_STATUS print_found(struct cli *cli, const char *symbol, const char *language,
                              const Valise__ResolveResult *r, struct vls_why *why)
{
    json_t *object = found_json(symbol, language, r), *part;
    size_t i;
    if (cli->is_json)
        return vls_json_line(cli, object, why);
    fprintf(cli->out, "%s%s%s: %s%s%s\n", symbol, language[0] != '\0' ? " " : "", language,
            vls_found_name(r->finding->result), r->finding->why[0] != '\0' ? ": " : "",
            r->finding->why);
    json_array_foreach(json_object_get(object, "parts"), i, part) print_part(cli, part);
    json_decref(object);
    return VLS_DONE;
}

struct vls_status vls_plugin_resolve(struct cli *cli, const struct kit *kit, struct kit_run *run,
                                     struct vls_why *why)
{
    const char *language = kit->options.language != NULL ? kit->options.language : "";
    for (size_t i = 0; i < kit->options.symbols_count; i++) {
        const char *symbol = kit->options.symbols[i];
        bool is_url = strstr(symbol, "://") != NULL; /* as valise resolve has it */
        const struct kit_question question = {
            .symbol = is_url ? NULL : symbol, .url = is_url ? symbol : NULL, .language = language};
        struct vls_id id = kit_id((unsigned)i + 1);
        VLS_TRY(kit_session_resolve(&run->session, &question, &id, why));
        const Valise__ResolveResult *found = kit_session_found(&run->session);
        if (found == NULL)
            return vls_fail(VLS_PLUGIN_INVALID, why, "%.80s: an answer without a finding", symbol);
        VLS_TRY(print_found(cli, symbol, language, found, why));
    }
    return VLS_DONE;
}
