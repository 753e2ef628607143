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
