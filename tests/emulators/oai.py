"""OAI-PMH 2.0 (openarchives.org/OAI/2.0/openarchivesprotocol.htm) over the records of catalogue.py, for the hosts that speak it.

Settings of a host: records (240), step (seconds from one record's datestamp to the next: 86400), page (100), fresh (0: so
many more, of this moment), and quirks, a list with commas of what deviates:

  day                 granularity is a day                      html-identify       Identify is a page for people, 200
  expire              each token is good once a list, then one   no-declaration      no XML declaration
                      is not, once                               no-namespace        of neither OAI nor MARC
  repeat              the second page's token is the first's     relative-namespace  "MARC21/slim" and no more
  size-changes        completeListSize differs on each page      error-422           errors come with status 422
  size-too-large      ... and is more than there is              retry-after         Retry-After: 59 on good answers
  mismatch            a tag of the third record is not closed    unknown-error       an error code that nobody knows
  entity              the third has an entity that nobody knows  no-identifier       headers without identifier and datestamp
  control             the third has U+000B and &#1;              refresh             200, nothing, and a field Refresh, once
  latin1-header       Content-Type says iso-8859-1; UTF-8 it is  wrong-utf8          a byte that is no UTF-8 in the third
  throttle            503, Retry-After: 1, "Retry after 2 seconds", each second list request
  huge=N              one page has N records
"""
import datetime
import hashlib

from catalogue import Record, records
from world import Answer

OAI = "http://www.openarchives.org/OAI/2.0/"
ARGUMENTS = {"Identify": set(), "ListMetadataFormats": {"identifier"}, "ListSets": {"resumptionToken"},
             "GetRecord": {"identifier", "metadataPrefix"},
             "ListRecords": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
             "ListIdentifiers": {"metadataPrefix", "from", "until", "set", "resumptionToken"}}
FORMATS = {"marcxml": ("http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd", "http://www.loc.gov/MARC21/slim"),
           "oai_dc": ("http://www.openarchives.org/OAI/2.0/oai_dc.xsd", "http://www.openarchives.org/OAI/2.0/oai_dc/")}


class Fault(Exception):
    """An error of the protocol: code and words."""


class Repository:
    def __init__(self, name, prefix, sets=()):
        self.name, self.prefix, self.sets = name, prefix, list(sets)
        self.tokens, self.made = {}, {}

    # -- what there is

    def all(self, request, world):
        key = (int(world.setting(request, "records", 240)), int(world.setting(request, "step", 86400)))
        if key not in self.made:
            self.made[key] = records(request.host, *key)
        return self.made[key] + self.fresh(request, world, key)

    def fresh(self, request, world, key):
        """What was added just now: setting fresh."""
        for number in range(int(world.setting(request, "fresh", 0))):
            if (request.host, number) not in self.made:
                record = Record(key[0] + number, request.host, key[1], deleted=False)
                record.stamp = datetime.datetime.now(datetime.timezone.utc)
                self.made[request.host, number] = record
        return [self.made[request.host, number] for number in range(int(world.setting(request, "fresh", 0)))]

    def quirks(self, request, world):
        return {words.partition("=")[0]: words.partition("=")[2] for words in world.setting(request, "quirks", "").split(",") if words}

    # -- reading requests

    @staticmethod
    def arguments(request):
        pairs = request.form() if request.method == "POST" else request.query
        verbs = [value for name, value in pairs if name == "verb"]
        if len(verbs) != 1 or verbs[0] not in ARGUMENTS:
            raise Fault("badVerb", "no such verb, or not one")
        given = {}
        for name, value in pairs:
            if name == "verb":
                continue
            if name not in ARGUMENTS[verbs[0]] or name in given:
                raise Fault("badArgument", f"{name} is unknown here or came twice")
            given[name] = value
        if "resumptionToken" in given and len(given) > 1:
            raise Fault("badArgument", "resumptionToken is exclusive")
        return verbs[0], given

    @staticmethod
    def date(text, is_until):
        for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"):
            try:
                at = datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc)
            except ValueError:
                continue
            return at + datetime.timedelta(days=1, seconds=-1) if is_until and len(text) == 10 else at
        raise Fault("badArgument", "not a date")

    def chosen(self, request, world, given, is_day):
        lengths = {len(given[name]) for name in ("from", "until") if name in given}
        if len(lengths) > 1 or (is_day and lengths - {10}):
            raise Fault("badArgument", "from and until are of different or wrong granularity")
        if given.get("metadataPrefix") is None:
            raise Fault("badArgument", "metadataPrefix is missing")
        if given["metadataPrefix"] not in FORMATS:
            raise Fault("cannotDisseminateFormat", "no such format")
        if given.get("set") is not None and given["set"] not in self.sets:
            raise Fault("noRecordsMatch" if self.sets else "noSetHierarchy", "no such set")
        begin = self.date(given["from"], False) if "from" in given else None
        end = self.date(given["until"], True) if "until" in given else None
        found = [r for r in self.all(request, world) if (begin is None or r.stamp >= begin) and (end is None or r.stamp <= end)]
        if not found:
            raise Fault("noRecordsMatch", "nothing in these dates")
        return found

    # -- writing answers

    @staticmethod
    def header(record, quirks):
        status = ' status="deleted"' if record.is_deleted else ""
        if "no-identifier" in quirks:
            return f"<header{status}></header>"
        return (f"<header{status}><identifier>oai:{record.host}:{record.id}</identifier>"
                f"<datestamp>{record.datestamp('day' in quirks)}</datestamp></header>\n")

    def metadata(self, record, form, quirks):
        if form == "oai_dc":
            return record.dublin_core()
        if "no-namespace" in quirks:
            return record.marcxml("", declare=False)
        text = record.marcxml(self.prefix)
        return text.replace("http://www.loc.gov/MARC21/slim", "MARC21/slim") if "relative-namespace" in quirks else text

    def record(self, record, form, quirks, place):
        body = self.header(record, quirks)
        if not record.is_deleted:
            body += f"<metadata>\n{self.metadata(record, form, quirks)}</metadata>\n"
        text = f"<record>{body}</record>\n"
        if place == 2:
            for name, wrong in (("mismatch", "<bogus>"), ("entity", "&bogus;"), ("control", "\x0b&#1;")):
                if name in quirks:
                    text = text.replace(record.title, wrong + record.title, 1)
        return text

    def token(self, state):
        token = "___" + hashlib.sha256(repr(state).encode()).hexdigest()[:8]
        self.tokens[token] = state
        return token

    def page(self, request, world, form, found, at, quirks, given):
        size = int(quirks.get("huge") or world.setting(request, "page", 100))
        body = "".join(self.record(r, form, quirks, i) for i, r in enumerate(found[at:at + size]))
        total = len(found)
        if "size-changes" in quirks:
            total += at % 7
        if "size-too-large" in quirks:
            total += 40
        if at + size < len(found):
            following = min(at + size, size) if "repeat" in quirks else at + size
            token = self.token((request.host, form, following, tuple(sorted(given.items()))))
            body += f'<resumptionToken expirationDate="2030-01-01T00:00:00Z" completeListSize="{total}" cursor="{at}">{token}</resumptionToken>\n'
        elif at > 0:
            body += f'<resumptionToken completeListSize="{total}" cursor="{at}"></resumptionToken>\n'
        return f"<ListRecords>\n{body}</ListRecords>\n"

    def list(self, request, world, given, quirks):
        if "resumptionToken" in given:
            state = self.tokens.get(given["resumptionToken"])
            if state is None or state[0] != request.host:
                raise Fault("badResumptionToken", "unknown, or it has expired")
            if "expire" in quirks and world.counted(("expire", request.host)) == 1:
                raise Fault("badResumptionToken", "it has expired")
            _, form, at, pairs = state
            given = dict(pairs)
        else:
            form, at = given.get("metadataPrefix"), 0
        found = self.chosen(request, world, given, "day" in quirks)
        return self.page(request, world, form, found, at, quirks, given)

    def identify(self, request, world, quirks):
        earliest = self.all(request, world)[0].datestamp("day" in quirks)
        return (f"<Identify><repositoryName>{self.name}</repositoryName><baseURL>https://{request.host}{request.path}</baseURL>"
                f"<protocolVersion>2.0</protocolVersion><adminEmail>nobody@{request.host}</adminEmail>"
                f"<earliestDatestamp>{earliest}</earliestDatestamp><deletedRecord>{quirks.get('deleted', 'persistent')}</deletedRecord>"
                f"<granularity>{'YYYY-MM-DD' if 'day' in quirks else 'YYYY-MM-DDThh:mm:ssZ'}</granularity></Identify>\n")

    def sets_of(self):
        if not self.sets:
            raise Fault("noSetHierarchy", "this repository has no sets")
        return "<ListSets>" + "".join(f"<set><setSpec>{s}</setSpec><setName>{s}</setName></set>" for s in self.sets) + "</ListSets>\n"

    def one(self, request, world, given, quirks):
        if set(given) != {"identifier", "metadataPrefix"}:
            raise Fault("badArgument", "identifier and metadataPrefix are needed")
        if given["metadataPrefix"] not in FORMATS:
            raise Fault("cannotDisseminateFormat", "no such format")
        for r in self.all(request, world):
            if given["identifier"] == f"oai:{request.host}:{r.id}":
                return f"<GetRecord>{self.record(r, given['metadataPrefix'], quirks, 0)}</GetRecord>\n"
        raise Fault("idDoesNotExist", "no such record")

    def content(self, verb, request, world, given, quirks):
        if verb == "Identify":
            return self.identify(request, world, quirks)
        if verb == "ListSets":
            return self.sets_of()
        if verb == "GetRecord":
            return self.one(request, world, given, quirks)
        if verb == "ListMetadataFormats":
            return "<ListMetadataFormats>" + "".join(
                f"<metadataFormat><metadataPrefix>{name}</metadataPrefix><schema>{schema}</schema><metadataNamespace>{space}"
                "</metadataNamespace></metadataFormat>" for name, (schema, space) in FORMATS.items()) + "</ListMetadataFormats>\n"
        whole = self.list(request, world, given, quirks)
        if verb == "ListRecords":
            return whole
        raise Fault("badVerb", "ListIdentifiers is not given out here")

    @staticmethod
    def wrap(request, verb, content, quirks):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        declaration = "" if "no-declaration" in quirks else '<?xml version="1.0" encoding="UTF-8"?>\n'
        space = "" if "no-namespace" in quirks else f' xmlns="{OAI}"'
        return (f'{declaration}<OAI-PMH{space}>\n<responseDate>{now}</responseDate>\n'
                f'<request verb="{verb}">https://{request.host}{request.path}</request>\n{content}</OAI-PMH>\n')

    def before(self, verb, request, world, quirks):
        """What comes instead of an answer."""
        if verb == "Identify" and "html-identify" in quirks:
            return Answer(200, "<!DOCTYPE html>\n<html><body><h1>Welcome to the repository</h1></body></html>", "text/html")
        if verb == "ListRecords" and "refresh" in quirks and world.counted(("refresh", request.host)) == 1:
            return Answer(200, b"", "text/xml", [("Refresh", "5; url=" + request.target)])
        if verb == "ListRecords" and "throttle" in quirks and world.counted(("throttle", request.host)) % 2:
            return Answer(503, "Retry after 2 seconds", "text/plain", [("Retry-After", "1")])
        return None

    def answer(self, request, world):
        quirks, verb, status = self.quirks(request, world), "", 200
        try:
            verb, given = self.arguments(request)
            instead = self.before(verb, request, world, quirks)
            if instead is not None:
                return instead
            if "unknown-error" in quirks and verb == "ListRecords":
                raise Fault("undefinedError", "something else")
            content = self.content(verb, request, world, given, quirks)
        except Fault as fault:
            code, words = fault.args
            content, status = f'<error code="{code}">{words}</error>\n', 422 if "error-422" in quirks else 200
        body = self.wrap(request, verb, content, quirks).encode()
        if "wrong-utf8" in quirks:
            body = body.replace("Français".encode(), "Français".encode("latin-1"), 1)
        fields = [("Retry-After", "59")] if "retry-after" in quirks and status == 200 else []
        return Answer(status, body, "text/xml; charset=iso-8859-1" if "latin1-header" in quirks else "text/xml", fields)
