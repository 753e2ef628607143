/* Every struct and enum of the interface, in reach of abidw: the description of a release's types.
 */
#include <valise/plugin.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT void probe_plugin(const struct vls_plugin *p, const struct vls_setting *s,
                         enum vls_setting_type t);
EXPORT void probe_host(const struct vls_host *h, enum vls_level l,
                       const struct vls_state_service *s);
EXPORT void probe_source(const struct vls_source_service *s, const struct vls_document *d,
                         const struct vls_commit *c, enum vls_emit e, enum vls_outcome o);
EXPORT void probe_sink(const struct vls_message *m, const struct vls_part *p, enum vls_answer a);

#if VLS_ABI_MINOR >= 3
EXPORT void probe_resolver(const struct vls_resolver_service *s, const struct vls_question *q,
                           const struct vls_finding *f, enum vls_result r);
EXPORT void probe_inspector(enum vls_verdict v, enum vls_direction_of d);
EXPORT void probe_words(const struct vls_report_service *r, const struct vls_metrics_service *m);
EXPORT void probe_http(const struct vls_http_service *s, const struct vls_http_request *q,
                       const struct vls_http_response *a, enum vls_http_outcome o);

void probe_resolver(const struct vls_resolver_service *s, const struct vls_question *q,
                    const struct vls_finding *f, enum vls_result r)
{
    (void)s;
    (void)q;
    (void)f;
    (void)r;
}

void probe_inspector(enum vls_verdict v, enum vls_direction_of d)
{
    (void)v;
    (void)d;
}

void probe_words(const struct vls_report_service *r, const struct vls_metrics_service *m)
{
    (void)r;
    (void)m;
}

void probe_http(const struct vls_http_service *s, const struct vls_http_request *q,
                const struct vls_http_response *a, enum vls_http_outcome o)
{
    (void)s;
    (void)q;
    (void)a;
    (void)o;
}
#endif

#if VLS_ABI_MINOR >= 4
EXPORT void probe_about(const struct vls_about_service *s, const struct vls_about *a,
                        const struct vls_relation *n, enum vls_relates r);

void probe_about(const struct vls_about_service *s, const struct vls_about *a,
                 const struct vls_relation *n, enum vls_relates r)
{
    (void)s;
    (void)a;
    (void)n;
    (void)r;
}
#endif

void probe_plugin(const struct vls_plugin *p, const struct vls_setting *s, enum vls_setting_type t)
{
    (void)p;
    (void)s;
    (void)t;
}

void probe_host(const struct vls_host *h, enum vls_level l, const struct vls_state_service *s)
{
    (void)h;
    (void)l;
    (void)s;
}

void probe_source(const struct vls_source_service *s, const struct vls_document *d,
                  const struct vls_commit *c, enum vls_emit e, enum vls_outcome o)
{
    (void)s;
    (void)d;
    (void)c;
    (void)e;
    (void)o;
}

void probe_sink(const struct vls_message *m, const struct vls_part *p, enum vls_answer a)
{
    (void)m;
    (void)p;
    (void)a;
}

#if VLS_ABI_MINOR >= 3
/* Each call by itself: abidiff forgives a struct that has grown also what became of its members. */
#define CALL(type, member)                                                                         \
    EXPORT void probe_##type##_##member(__typeof__(((struct type *)0)->member) call);              \
    void probe_##type##_##member(__typeof__(((struct type *)0)->member) call)                      \
    {                                                                                              \
        (void)call;                                                                                \
    }
/* clang-format off */
CALL(vls_host, log)
CALL(vls_host, now_ms)
CALL(vls_host, steady_ms)
CALL(vls_host, setting)
CALL(vls_host, setting_number)
CALL(vls_host, service)
CALL(vls_state_service, get)
CALL(vls_state_service, put)
CALL(vls_state_service, next)
CALL(vls_source_service, watch)
CALL(vls_source_service, emit_begin)
CALL(vls_source_service, emit_file)
CALL(vls_source_service, emit_part)
CALL(vls_source_service, emit_bytes)
CALL(vls_source_service, emit_state)
CALL(vls_source_service, emit_end)
CALL(vls_source_service, emit_abort)
CALL(vls_source_service, emit_label)
CALL(vls_report_service, report)
CALL(vls_metrics_service, count)
CALL(vls_metrics_service, gauge)
CALL(vls_resolver_service, emit_file)
CALL(vls_resolver_service, emit_part)
CALL(vls_resolver_service, emit_bytes)
CALL(vls_resolver_service, emit_label)
CALL(vls_http_service, open)
CALL(vls_http_service, write)
CALL(vls_http_service, answer)
CALL(vls_http_service, read)
CALL(vls_http_service, header)
CALL(vls_http_service, close)
CALL(vls_plugin, configure)
CALL(vls_plugin, start)
CALL(vls_plugin, drain)
CALL(vls_plugin, stop)
CALL(vls_plugin, poll)
CALL(vls_plugin, committed)
CALL(vls_plugin, deliver_begin)
CALL(vls_plugin, part_begin)
CALL(vls_plugin, part_bytes)
CALL(vls_plugin, part_end)
CALL(vls_plugin, deliver_end)
CALL(vls_plugin, deliver_abort)
CALL(vls_plugin, resolve)
CALL(vls_plugin, inspect_begin)
CALL(vls_plugin, inspect_part_begin)
CALL(vls_plugin, inspect_part_bytes)
CALL(vls_plugin, inspect_part_end)
CALL(vls_plugin, inspect_end)
CALL(vls_plugin, inspect_abort)
#if VLS_ABI_MINOR >= 4
CALL(vls_about_service, about)
CALL(vls_about_service, about_part)
#endif
/* clang-format on */
#endif
