"""digitallibrary.un.org: the anonymous search, API v1, files, and the part that it gives out by OAI-PMH.

Settings: records, step, page, quirks as in oai.py; and of the others, in quirks too:

  no-total          no total, neither in a comment nor in <total>         limit             429, "Max 100 requests per 5 minutes", once
  no-search-id      a page of API v1 without search_id                    scroll-expires    a search_id is forgotten behind the second page,
  bad-collection    500 and JSON: a collection that does not exist                          once
  twice-encoded     labels are encoded once too often                     guest             403 and JSON: no right to search
  ns0               records with the prefix ns0:                          plain             records in no namespace

Eras: open; challenged (since September 2026): a firewall wants a browser for all but /oai2d. Whether it does so for API v1 with a key
nobody has recorded: here it does not.
"""
import hashlib
import json
import re

from catalogue import records
from oai import Repository
from world import Answer, Host

import bodies

KEY = "undl-key-of-the-emulator"
PAGE = 100

library = Host("digitallibrary.un.org", era=("undl", "open", "challenged"))
repository = Repository("United Nations Digital Library System", "marc:", ["sanctions"])
scrolls, made = {}, {}


def challenged(request, world):
    if world.era("undl") != "challenged":
        return None
    return Answer(202, b"", "text/html", [("Server", "awselb/2.0"), ("x-amzn-waf-action", "challenge")])


def catalogue(request, world):
    key = (int(world.setting(request, "records", 240)), int(world.setting(request, "step", 86400)))
    if key not in made:
        made[key] = records(request.host, *key)
    return made[key]


def matches(query, found):
    """The phrase of a symbol matches what begins with it, as right truncation is what the index does by itself."""
    symbol = re.fullmatch(r'191__a:"(.*)"', query)
    record = re.fullmatch(r"recid:(\d+)", query)
    if symbol:
        return [r for r in reversed(found) if any(code == "a" and text.startswith(symbol.group(1))
                for tag, _, content in r.fields() if tag == "191" for code, text in content)]
    if record:
        return [r for r in found if str(r.id) == record.group(1)]
    since = re.search(r"since:(\d{4}-\d\d-\d\d)", query)
    return [r for r in found if not since or r.datestamp(True) >= since.group(1)]


def text_of(record, quirks):
    if "ns0" in quirks:
        text = record.marcxml("ns0:")
    elif "plain" in quirks:
        text = record.marcxml("", declare=False)
    else:
        text = record.marcxml("", declare=False).replace("<record>", '<record xmlns="http://www.loc.gov/MARC21/slim">', 1)
    if "twice-encoded" in quirks:
        text = text.encode().decode("latin-1")
    return text


@library.rule("GET", "/oai2d")
def oai(request, world):
    return repository.answer(request, world)


@library.rule("POST", "/oai2d")
def oai_post(request, world):
    return repository.answer(request, world)


def refused(status, words):
    return Answer(status, json.dumps(words), "application/json")


def scroll(request, query):
    """Where this request goes on, and the search_id of it. A search_id goes forward, whoever asks again."""
    search_id = request.get("search_id", "")
    if search_id in scrolls:
        return search_id, scrolls[search_id]
    new = "DnF1ZXJ5VGhlbkZldGNo" + hashlib.sha256(f"{query}{len(scrolls)}".encode()).hexdigest()[:24]
    return new, 0 if not search_id else None


@library.rule("GET", "/api/v1/search")
def api(request, world):
    quirks, query = repository.quirks(request, world), request.get("p", "")
    if request.field("Authorization") != f"Token {KEY}":
        return refused(401, {"error": "The entered api key is invalid"})
    if "guest" in quirks:
        return refused(403, {"error": "User guest is not authorized to perform runapi with parameters operation=read,endpoint=search"})
    if "bad-collection" in quirks:
        return refused(500, {"success": False, "error": "need more than 0 values to unpack"})
    if "limit" in quirks and world.counted("limit") == 2:
        return Answer(429, "Max 100 requests per 5 minutes", "text/plain")
    found = matches(query, catalogue(request, world))
    with world.lock:
        search_id, at = scroll(request, query)
        if at is not None and at >= 2 * PAGE and "scroll-expires" in quirks and world.counted("scroll") == 1:
            at = None
        scrolls[search_id] = (at or 0) + PAGE
    shown = found[at:at + PAGE] if at is not None else []
    body = "".join(text_of(r, quirks) for r in shown)
    total = "" if "no-total" in quirks else f"  <total>{len(found)}</total>\n"
    has_id = "no-search-id" not in quirks and at is not None and (found or "zero-id" in quirks)
    search = f"  <search_id>{search_id}</search_id>\n" if has_id else ""
    return Answer(200, f'<response>\n{total}{search}  <collection xmlns="http://www.loc.gov/MARC21/slim">\n{body}</collection>\n</response>\n',
                  "text/xml", unconfirmed=at is None)


@library.rule("GET", "/search")
def search(request, world):
    wall = challenged(request, world)
    if wall is not None:
        return wall
    quirks = repository.quirks(request, world)
    found = matches(request.get("p", ""), catalogue(request, world))
    size = min(int(request.get("rg", 10)), 200)
    at = int(request.get("jrec", 1)) - 1
    if found and at >= len(found):  # the last page once more
        at = (len(found) - 1) // size * size
    if request.get("of") == "recjson":
        return Answer(200, json.dumps([{"recid": r.id, "title": r.title} for r in found[at:at + size]]), "application/json")
    total = "" if "no-total" in quirks or not found else f"<!-- Search-Engine-Total-Number-Of-Results: {len(found)} -->\n"
    body = "".join(text_of(r, quirks) for r in found[at:at + size])
    return Answer(200, f'<?xml version="1.0" encoding="UTF-8"?>\n{total}<collection xmlns="http://www.loc.gov/MARC21/slim">\n{body}</collection>',
                  "text/xml")


@library.rule("GET", "/record/*/files/*")
def file(request, world):
    wall = challenged(request, world)
    if wall is not None:
        return wall
    number = int(request.parts()[1]) - 4000001
    if number % 41 == 40:  # restricted
        return Answer(302, b"", "text/html", [("Location", f"https://{request.host}/youraccount/login?referer={request.path}")])
    if number % 43 == 42:
        return Answer(404, bodies.page("Requested record does not seem to exist."), "text/html")
    if number % 47 == 46:
        return Answer(200, bodies.page("The file is being moved"), "text/html")
    return Answer(200, bodies.pdf(request.parts()[-1], int(world.setting(request, "file", 0)) or None), "application/pdf", ranges=True)


@library.rule("GET", "/youraccount/login")
def login(request, world):
    return Answer(200, bodies.page("Login", "<form action='/youraccount/login'></form>"), "text/html")


@library.rule("GET", "/record/*")
def record(request, world):
    wall = challenged(request, world)
    if wall is not None:
        return wall
    parts = request.parts()
    found = [r for r in catalogue(request, world) if str(r.id) == parts[1]]
    if not found:
        return Answer(404, bodies.page("No such record"), "text/html")
    if found[0].is_deleted:
        return Answer(410, bodies.page("The record has been deleted"), "text/html")
    if parts[2:] == ["export", "xm"]:
        return Answer(200, f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">'
                      f"{text_of(found[0], {})}</collection>", "text/xml")
    return Answer(200, bodies.page(found[0].title), "text/html")


HOSTS = [library]
