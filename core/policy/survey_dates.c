/* What time has done, or soon will do, to an arrangement. */
#include "base/text.h"
#include "policy/survey_internal.h"

struct date {
    char text[VLS_TIME_TEXT];
};

static struct date date_of(uint64_t ms)
{
    struct date date;
    vls_time_text(ms, date.text);
    date.text[sizeof "2026-11-23" - 1] = '\0';
    return date;
}

static void look_at_expiry(struct vls_surveying *s, const struct vls_survey_file *file)
{
    uint64_t expires_ms = file->book->expires_ms, at_ms = s->question->at_ms;
    if (expires_ms > at_ms && expires_ms - at_ms > VLS_SURVEY_EXPIRY_NEAR_MS)
        return;
    bool is_over = expires_ms <= at_ms;
    struct vls_finding *f =
        vls_survey_add(s, file, is_over ? VLS_SEVERITY_ERROR : VLS_SEVERITY_WARNING,
                       is_over ? "expired" : "expires-soon", "in-force.expires",
                       is_over ? "has expired on %s: nothing passes"
                               : "expires on %s: nothing passes from then on",
                       date_of(expires_ms).text);
    vls_survey_remedy(f, "agree on a version that stays in force for longer");
}

static bool has_ended(const struct vls_rule_body *body, uint64_t at_ms)
{
    return body->until_ms != 0 && body->until_ms <= at_ms;
}

static void look_at_bodies(struct vls_surveying *s)
{
    const struct vls_arrangement *a = s->joint.book;
    for (size_t i = 0; i < a->body_count; i++) {
        if (!has_ended(&a->bodies[i], s->question->at_ms))
            continue;
        struct vls_finding *f = vls_survey_add(
            s, &s->joint, VLS_SEVERITY_NOTICE, "body-ended", vls_survey_at("bodies", i).text,
            "the body %.60s has ended on %s: what is addressed to it is withheld", a->bodies[i].id,
            date_of(a->bodies[i].until_ms).text);
        vls_survey_remedy(f, "a new version may leave it out");
    }
}

static bool have_all_ended(const struct vls_condition *when, uint64_t at_ms)
{
    for (size_t i = 0; i < when->body_count; i++)
        if (!has_ended(when->bodies[i], at_ms))
            return false;
    return when->body_count != 0;
}

/** Rules that only name bodies that are no more. Those whose bodies had ended before the
 * arrangement began are unreachable, which is said elsewhere. */
static void look_at_rules(struct vls_surveying *s, const struct vls_survey_file *file)
{
    for (size_t i = 0; i < file->book->rule_count; i++) {
        const struct vls_condition *when = &file->book->rules[i].when;
        if (!have_all_ended(when, s->question->at_ms) ||
            have_all_ended(when, file->book->not_before_ms))
            continue;
        struct vls_finding *f = vls_survey_add(
            s, file, VLS_SEVERITY_WARNING, "rule-ended", vls_survey_at("rules", i).text,
            "all bodies that it names have ended; it matches nothing any more");
        vls_survey_remedy(f, "remove it, or name the bodies that took their place");
    }
}

static void look_at_schemes(struct vls_surveying *s)
{
    const struct vls_arrangement *a = s->joint.book;
    for (size_t i = 0; i < a->party_count; i++) {
        const struct vls_scheme *scheme = a->parties[i].scheme;
        if (vls_scheme_is_valid_at(scheme, s->question->at_ms))
            continue;
        struct vls_finding *f = vls_survey_add(
            s, &s->joint, VLS_SEVERITY_WARNING, "scheme-ended", vls_survey_at("parties", i).text,
            "the scheme %.60s is not valid at this time: all that %.60s labels is quarantined",
            vls_scheme_name(scheme), a->parties[i].id);
        vls_survey_remedy(f, "load the version of the scheme that is");
    }
}

void vls_survey_dates(struct vls_surveying *s)
{
    look_at_expiry(s, &s->joint);
    look_at_bodies(s);
    look_at_schemes(s);
    look_at_rules(s, &s->joint);
    if (s->house.book == NULL)
        return;
    look_at_expiry(s, &s->house);
    look_at_rules(s, &s->house);
}
