"""Feeds of new documents: esubscription.un.org, RSS 2.0, the newest item first.

Settings of esubscription.un.org, of each feed by its name (gadocs, scdocs, hrc, ecosocdocs):
  gadocs N        so many items (3); a number that grows is a day that passes
  header on       the first item says what the feed is
  entities html   titles hold entities of HTML that nobody declared; twice: escaped twice
  etag on         answers have an ETag, and 304 where it fits (nobody saw that they do)
  form atom       Atom in place of RSS; rdf: RSS 1.0
"""
from xml.sax.saxutils import escape

from world import Answer, Host

feeds = Host("esubscription.un.org")
BODIES = {"gadocs": ("A/80", "General Assembly"), "scdocs": ("S/2026", "Security Council"), "hrc": ("A/HRC/60", "Human Rights Council"),
          "ecosocdocs": ("E/2026", "Economic and Social Council")}


def title_of(name, number, entities):
    prefix, body = BODIES[name]
    words = {"html": "R&eacute;fugi&eacute;s &ndash; rapport &amp; annexe", "twice": "R&amp;eacute;fugi&amp;eacute;s &amp;ndash; rapport &amp;amp; annexe"}
    return f"{prefix}/{100 + number} - {words.get(entities, escape(f'Réfugiés – rapport & annexe {number}'))}"


def items_of(request, world, name):
    count = int(world.setting(request, name, "3"))
    entities = world.setting(request, "entities", "")
    prefix = BODIES[name][0]
    for number in range(count, 0, -1):
        link = f"https://undocs.org/en/{prefix}/{100 + number}"
        yield title_of(name, number, entities), link, f"Mon, {1 + number % 28:02d} Sep 2026 0{number % 10}:00:00 GMT"


def rss(name, items, header):
    body = BODIES[name][1]
    yield (f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>{body}</title>'
           f"<link>https://esubscription.un.org/</link><description>New documents</description>\n")
    if header:
        yield f"<item><title>United Nations documents: {body}</title><link>https://esubscription.un.org/</link></item>\n"
    for title, link, date in items:
        yield f"<item><title>{title}</title><description>{title}</description><link>{link}</link><pubDate>{date}</pubDate></item>\n"
    yield "</channel></rss>\n"


def atom(name, items):
    yield f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{name}</title><link href="https://esubscription.un.org/"/>\n'
    for number, (title, link, _) in enumerate(items):
        yield (f'<entry><id>urn:un:{name}:{link[-3:]}</id><title>{title}</title><link rel="edit" href="https://example.org/"/>'
               f'<link href="{link}"/><updated>2026-09-{1 + number:02d}T07:00:00Z</updated></entry>\n')
    yield "</feed>\n"


def rdf(name, items):
    yield ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
           ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><link>https://esubscription.un.org/</link></channel>\n')
    for number, (title, link, _) in enumerate(items):
        yield f"<item rdf:about='{link}'><title>{title}</title><link>{link}</link><dc:date>2026-09-{1 + number:02d}</dc:date></item>\n"
    yield "</rdf:RDF>\n"


@feeds.rule("GET", "/rss/*.xml")
def feed(request, world):
    name = request.path.rpartition("/")[2][:-4]
    if name not in BODIES:
        return None
    items, form = items_of(request, world, name), world.setting(request, "form")
    lines = {"atom": lambda: atom(name, items), "rdf": lambda: rdf(name, items)}.get(
        form, lambda: rss(name, items, world.setting(request, "header") == "on"))()
    body = "".join(lines)
    if world.setting(request, "etag") != "on":
        return Answer(200, body, "text/xml")
    etag = f'"{len(body)}"'
    if request.field("if-none-match") == etag:
        return Answer(304, b"", None, [("ETag", etag)], unconfirmed=True)
    return Answer(200, body, "text/xml", [("ETag", etag)], unconfirmed=True)


HOSTS = [feeds]
