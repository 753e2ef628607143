"""ReliefWeb: the API of reports (v2 since 1 Nov 2025: an appname that is approved), its files, and the Post API.

Settings of api.reliefweb.int: appname (the one that is approved; any when it is not set), count=N (reports, all made up), touch=ID (a
report that was changed last), shape=plain|error-in-200|numeric-ids|no-data. Of reliefweb.int: provider, key (taken; any when not set),
reply=processed|queued|soon|quota|unprocessable|not-allowed|error|challenge.
"""
import email.utils
import json
import time
import uuid

import bodies
from world import Answer, Host

api = Host("api.reliefweb.int")
site = Host("reliefweb.int")

DOCUMENTS = uuid.UUID("8e27a998-c362-5d1f-b152-d474e1d36af2")
DAY = 86400
FIRST = 1767225600  # 2026-01-01


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))


def report(number, source="IOM"):
    """The first five are odd: no body, several of one second, entities, Arabic, no file at all."""
    changed = FIRST + DAY * (number if number not in (2, 3) else 2)
    titles = {1: "Situation report &amp; needs, R&eacute;gion 1", 4: "\u062a\u0642\u0631\u064a\u0631 \u0627\u0644\u0648\u0636\u0639", 5: ""}
    fields = {
        "id": 4000 + number, "title": titles.get(number, f"Displacement update {number}"), "status": "published",
        "body": "" if number == 1 else f"**Update {number}** of the situation.\n\nIt has two paragraphs.",
        "url": f"https://reliefweb.int/node/{4000 + number}", "url_alias": f"https://reliefweb.int/report/world/update-{number}",
        "date": {"created": at(changed - 3600), "changed": at(changed), "original": at(changed - DAY)},
        "source": [{"id": 1255, "name": "International Organization for Migration", "shortname": source}],
        "language": [{"id": 267, "name": "English", "code": "en"}], "theme": [{"id": 4587, "name": "Agriculture"}],
        "country": [{"id": 13, "name": "Afghanistan", "iso3": "afg"}],
    }
    if number != 5:
        fields["file"] = [{"id": str(number), "url": f"https://reliefweb.int/attachments/{number}/update-{number}.pdf",
                           "filename": f"update-{number}.pdf", "filesize": "1200", "mimetype": "application/pdf", "description": ""}]
    return {"id": str(4000 + number), "score": 1, "href": f"https://api.reliefweb.int/v2/reports/{4000 + number}", "fields": fields}


def error(status, kind, message):
    return Answer(status, json.dumps({"status": status, "time": 1, "error": {"type": kind, "message": message}}), "application/json")


def refused(request, world):
    wanted, given = world.setting(request, "appname"), request.get("appname")
    if given is None:
        return error(400, "BadRequestHttpException", "Missing appname parameter")
    if wanted is not None and given != wanted:
        return error(403, "AccessDeniedHttpException", "You are not using an approved appname. Kindly request an appname from ReliefWeb here: "
                     "https://apidoc.reliefweb.int/parameters#appname")
    return None


@api.rule("*", "/v1/*")
def gone(request, world):
    return error(410, "Exception", "The API version 'v1' has been decommissioned. Please use version 'v2' instead.")


def asked(request):
    """What the body asks for: from when, of whom, how many, behind how many."""
    question = json.loads(request.body)
    since, source = "", None
    for condition in question.get("filter", {}).get("conditions", []):
        if condition["field"] == "date.changed":
            since = condition["value"]["from"]
        elif condition["field"] == "source.shortname":
            source = condition["value"]
    return since, source, min(int(question.get("limit", 10)), 1000), int(question.get("offset", 0))


@api.rule("POST", "/v2/reports")
def reports(request, world):
    wrong = refused(request, world)
    if wrong:
        return wrong
    since, source, limit, offset = asked(request)
    every = [report(n) for n in range(1, int(world.setting(request, "count", "6")) + 1)]
    every.append(report(900, "OTHER"))
    touched = world.setting(request, "touch")
    for item in every:
        if item["id"] == touched:
            item["fields"]["date"]["changed"] = at(FIRST + 400 * DAY)
    shape = world.setting(request, "shape", "plain")
    if shape == "numeric-ids":
        every = [dict(item, id=int(item["id"])) for item in every]
    found = [r for r in every if r["fields"]["date"]["changed"] >= since and source in (None, r["fields"]["source"][0]["shortname"])]
    found.sort(key=lambda r: (r["fields"]["date"]["changed"], int(r["id"])))
    page = found[offset:offset + limit]
    if shape == "error-in-200":
        return Answer(200, json.dumps({"time": 1, "error": {"type": "Exception", "message": "the index is away"}}), "application/json",
                      unconfirmed=True)
    answer = {"time": 8, "href": "https://api.reliefweb.int/v2/reports", "links": {}, "took": 2, "totalCount": len(found), "count": len(page)}
    if shape != "no-data":
        answer["data"] = page
    return Answer(200, json.dumps(answer, ensure_ascii=False), "application/json; charset=utf-8")


@site.rule("GET", "/attachments/*")
def attachment(request, world):
    return Answer(200, bodies.pdf(request.path), "application/pdf")


# -- the Post API: replies are bare JSON strings ---------------------------------------------------------------------------------------------


def says(status, words, fields=()):
    return Answer(status, json.dumps(words), "application/json", fields)


def is_good(body, given):
    """As far as their own tests show: the identifiers are those of the addresses, and the checksums are there."""
    try:
        document = json.loads(body)
        own = uuid.uuid5(DOCUMENTS, document["url"])
        files = document.get("file", [])
        return (str(own) == document["uuid"] == given and len(files) <= 10 and all(
            f["uuid"] == str(uuid.uuid5(own, f["url"])) and len(f["checksum"]) == 64 and f.get("language") != "zh" for f in files)
            and all(document[name] for name in ("title", "source", "country", "format", "language", "published", "body")))
    except (ValueError, KeyError, TypeError):
        return False


REPLIES = {
    "processed": lambda: says(200, "Document processed."),
    "queued": lambda: says(202, "Document queued for processing."),
    "soon": lambda: says(429, "Not enough time ellapsed since last request.", [("Retry-After", "30")]),
    "quota": lambda: says(429, "Daily quota exceeded.", [("Retry-After", email.utils.formatdate(time.time() + 7200, usegmt=True))]),
    "unprocessable": lambda: says(422, "Unprocessable submission."),
    "not-allowed": lambda: says(403, "Not allowed to post content."),
    "error": lambda: says(500, "Internal server error."),
    "challenge": lambda: Answer(202, b"", "text/html"),
}


@site.rule("PUT", "/api/v2/reports/*")
def post(request, world):
    for name, field, words in (("provider", "X-RW-POST-API-PROVIDER", "Invalid provider."), ("key", "X-RW-POST-API-KEY", "Invalid API key.")):
        wanted, given = world.setting(request, name), request.field(field)
        if given is None or (wanted is not None and given != wanted):
            return says(403, words)
    reply = world.setting(request, "reply", "queued")
    if reply in ("queued", "processed") and not is_good(request.body, request.parts()[-1]):
        return says(422, "Unprocessable submission.")
    return REPLIES[reply]()


@site.rule("*", "/api/v2/reports*")
def other(request, world):
    return says(405, "Method not allowed.")


HOSTS = [api, site]
