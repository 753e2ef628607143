"""The Official Document System of the UN: documents.un.org, undocs.org and docs.un.org, and the hosts that were before them.

Eras, of what the service was seen to do:
  2020     the redirect to the file leads to http
  2024     unknown symbols are 404, odd characters 400; undocs.org leads to a page that shows the document in a frame
  2026-08  the same, and symbols whose slashes are not escaped are 404
  2026-09  unknown and unpublished symbols are 200 with nothing; undocs.org gives the file itself

Settings of documents.un.org: "ranges" off (a Range is ignored), "slashes" escaped, "prefix" on (an unknown symbol finds the first that
begins so, as the index truncates), "slow" SECONDS.
"""
import re
import time

import bodies
from world import Answer, Host

ERAS = ("ods", "2020", "2024", "2026-08", "2026-09")
documents = Host("documents.un.org", era=ERAS)
undocs = Host("undocs.org", "docs.un.org", era=ERAS)
old_files = Host("documents-dds-ny.un.org", "documents-dds-gva.un.org", era=ERAS)
daccess = Host("daccess-ods.un.org", "daccess-dds-ny.un.org", era=ERAS)

SIX = ("en", "fr", "es", "ru", "ar", "zh")
LETTERS = {"E": "en", "F": "fr", "S": "es", "R": "ru", "A": "ar", "C": "zh", "O": "de"}
WORDS = {"en": "United Nations", "fr": "Nations Unies", "es": "Naciones Unidas", "ru": "OON", "ar": "al-Umam", "zh": "Lianheguo",
         "de": "Vereinte Nationen"}


class Document:
    """A symbol: its job numbers by language, and what its Word file is."""

    def __init__(self, symbol, first, languages=SIX, word="word", size=None, pages=1, title=None):
        self.symbol, self.word, self.size, self.pages = symbol, word, size, pages
        self.title = symbol if title is None else title
        self.jobs = {language: f"{first[0]}{int(first[1:]) + i:07d}" for i, language in enumerate(languages)}


# Jobs are those that were seen where one is known (A/RES/79/1 en, TRADE/CEFACT/2004/32 en, A/70/976's era), others made up.
ALL = [
    Document("A/RES/70/263", "N1623001"),
    Document("A/70/976", "N1622501"),
    Document("A/70/976/Corr.1", "N1622601", ("fr", "es")),
    Document("A/70/L.57", "N1622701"),
    Document("A/RES/79/1", "N2427222", SIX + ("de",), size=649956, pages=56),
    Document("S/RES/2803 (2025)", "N2533401"),
    Document("A/RES/14(I)", "N0103201", ("en", "fr")),
    Document("A/RES/77/10", "N2265401"),
    Document("S/PV.2970(OR)", "N9112301", ("en", "fr")),
    Document("TRADE/CEFACT/2004/32", "G0430683", ("en", "fr", "ru"), word="wordperfect"),
    Document("A/HRC/50/1", "G2201001", ("en", "fr", "es"), word="docx"),
    Document("A/CONF.231/3", "N1824411", word="pdf"),
    Document("A/79/PV.1", "N2427101", SIX),
]
BY_SYMBOL = {document.symbol: document for document in ALL}
BY_JOB = {job.lower(): (document, language) for document in ALL for language, job in document.jobs.items()}


def squeezed(symbol):
    """As the index has symbols: without slashes and blanks."""
    return re.sub(r"[/ ]", "", symbol).upper()


def content(document, language, kind):
    text = f"{document.symbol} {WORDS[language]}"
    if kind == "pdf" or document.word == "pdf":
        size = document.size if language == "en" else None
        return bodies.pdf(text, size, document.pages, document.title), "application/pdf"
    # whatever it is, it is called a Word file
    return {"word": bodies.word, "wordperfect": bodies.wordperfect, "docx": bodies.docx}[document.word](text), "application/msword"


def path_of(job, kind):
    """N2427222 -> /doc/undoc/gen/n24/272/22/pdf/n2427222.pdf"""
    job = job.lower()
    return f"/doc/undoc/gen/{job[:3]}/{job[3:6]}/{job[6:]}/{kind}/{job}.{kind}"


def missing(request, world):
    if world.era("ods") == "2026-09":
        return Answer(200, b"", "application/pdf")
    if re.search(r"[\^\[\]]", request.get("s", "")):
        return Answer(400, bodies.page("Bad Request"), "text/html")
    return Answer(404, bodies.page("Not Found"), "text/html")


def find(request, world):
    symbol = request.get("s", "").strip()
    if symbol in BY_SYMBOL:
        return BY_SYMBOL[symbol]
    if world.setting(request, "prefix") == "on":
        return next((d for d in ALL if squeezed(d.symbol).startswith(squeezed(symbol))), None)
    return None


@documents.rule("GET", "/api/symbol/access")
def access(request, world):
    kind = "doc" if request.get("t", "pdf") == "doc" else "pdf"
    if world.setting(request, "slashes") == "escaped" or world.era("ods") == "2026-08":
        if "/" in request.query_text.split("&")[0]:
            return Answer(404, bodies.page("Not Found"), "text/html")
    if request.get("j"):
        job = request.get("j")
        if job.lower() not in BY_JOB:
            return missing(request, world)
    else:
        document, language = find(request, world), request.get("l", "en")
        job = document.jobs.get(LETTERS.get(language, language)) if document else None
        if job is None:
            return missing(request, world)
    scheme = "http" if world.era("ods") == "2020" else "https"
    # which of 301 and 302 it is, nobody recorded
    return Answer(302, b"", "text/html", [("Location", f"{scheme}://documents.un.org{path_of(job, kind)}")], unconfirmed=True)


def file_answer(request, world, document, language, kind):
    body, stated = content(document, language, kind)
    if world.setting(request, "slow"):
        time.sleep(float(world.setting(request, "slow")))
    return Answer(200, body, stated, [("ETag", f'"{language}-{len(body)}"'), ("Last-Modified", "Mon, 14 Sep 2026 07:00:00 GMT")],
                  ranges=world.setting(request, "ranges") != "off")


@documents.rule("GET", "/doc/undoc/gen/*")
def new_file(request, world):
    return any_file(request, world)


@old_files.rule("GET", "/doc/UNDOC/GEN/*")
def old_file(request, world):
    return any_file(request, world)


def any_file(request, world):
    parts = request.path.lower().split("/")
    kind, _, job = parts[-2], None, parts[-1].rpartition(".")[0]
    if job not in BY_JOB or request.path.lower() != path_of(job, kind):
        return Answer(404, bodies.page("Not Found"), "text/html")
    document, language = BY_JOB[job]
    return file_answer(request, world, document, language, kind)


# -- undocs.org ----------------------------------------------------------------------------------

NEW_LANGUAGES = {"ar": "ar", "en": "en", "fr": "fr", "ru": "ru", "es": "es", "zh": "zh", "ot": "de"}


@undocs.rule("GET", "/*")
def short(request, world):
    parts = request.parts()
    language = parts[0] if parts[0] in NEW_LANGUAGES or len(parts[0]) == 2 and parts[0].islower() else None
    symbol = "/".join(parts[1:] if language else parts)
    if world.era("ods") == "2026-09":
        return resolver(world, request, language, symbol)
    if language is None:
        links = "".join(f'<a href="/{l}/{symbol}">{WORDS[l]}</a>\n' for l in SIX)
        return Answer(200, bodies.page("Select a language", links), "text/html")
    inner = f"https://documents.un.org/api/symbol/access?s={symbol}&amp;l={language}&amp;t=pdf"
    return Answer(200, bodies.page("Document Viewer", f'<iframe src="{inner}"></iframe>'), "text/html")


def resolver(world, request, language, symbol):
    """The new one, from its published source; whether it answers there yet, nobody has confirmed."""
    if language not in NEW_LANGUAGES:
        return Answer(400, bodies.page("Bad language"), "text/html", unconfirmed=True)
    document = BY_SYMBOL.get(symbol)
    of = NEW_LANGUAGES[language]
    if document is None or of not in document.jobs:
        return Answer(404, bodies.page("Document not found"), "text/html", unconfirmed=True)
    body, stated = content(document, of, "pdf")
    name = re.sub(r"[/ ]", "_", document.symbol)
    return Answer(200, body, stated, [("Content-Disposition", f'inline; filename="{name}-{language.upper()}.pdf"')], unconfirmed=True)


# -- daccess -------------------------------------------------------------------------------------

@daccess.rule("GET", "/access.nsf/*")
def frames(request, world):
    symbol, language = request.get("DS", ""), request.get("Lang", "E")[:1]
    document = BY_SYMBOL.get(symbol)
    if document is None or LETTERS.get(language) not in document.jobs:
        return Answer(200, bodies.page("", "<p>There is no document matching your request.</p>"), "text/html")
    return Answer(200, b'<html><head><META HTTP-EQUIV="refresh" CONTENT="1; URL=/TMP/7042.html"></head></html>', "text/html")


HOSTS = [documents, undocs, old_files, daccess]
