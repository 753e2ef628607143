"""UNSD's SDMX service: data in SDMX-CSV, with a byte order mark and CRLF, as its server writes. Observations are made up.

Settings: revision=N, shape=plain|no-status|unknown-code|secret|embargo|odd-embargo|labels|ragged|open-quote|footer|xml|names-alone.
"""
from world import Answer, Host

unsd = Host("data.un.org")

COLUMNS = ["DATAFLOW", "FREQ", "REF_AREA", "TIME_PERIOD", "OBS_VALUE", "CONF_STATUS", "EMBARGO_TIME", "NOTE"]
STAMP = "<!--NSI Web Service v6.8.0-->"
FOOTER = ('<?xml version="1.0" encoding="utf-8"?>\r\n' + STAMP + '\r\n<mes:GenericData xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/'
          'v2_1/message"><footer:Footer xmlns:footer="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message/footer"><footer:Message code="413">'
          '<Text>Your request is being prepared.</Text></footer:Message></footer:Footer></mes:GenericData>')


def rows(flow, revision, shape):
    """Free, free, confidential: the note of one has a comma, a quote and a line end in it."""
    known = [("2019", "10", "F", "", ""), ("2020", str(11 + revision), "F", "", 'revised, "final"\r\nfigure'), ("2021", "3", "C", "", "")]
    if shape == "unknown-code":
        known.append(("2022", "4", "Q", "", ""))
    if shape == "secret":
        known = [("2022", "4", "Q", "", "")]
    if shape == "embargo":
        known[1] = ("2020", "11", "F", "2099-03-01T00:00:00Z", "")
    if shape == "odd-embargo":
        known[1] = ("2020", "11", "F", "until further notice", "")
    if shape == "labels":
        known = [(t, v, {"F": "F: Free", "C": "C: Confidential"}[c], e, n) for t, v, c, e, n in known]
    if shape == "names-alone":
        known = []
    return [[f"UNSD:{flow}(1.0)", "A", "AFG", *row] for row in known]


def field(text):
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


@unsd.rule("GET", "/WS/rest/data/*")
def data(request, world):
    shape, flow = world.setting(request, "shape", "plain"), request.parts()[3]
    if flow == "DF_NOTHING":
        return Answer(404, "No Results Found", "text/plain", unconfirmed=True)
    if shape == "footer":
        return Answer(200, FOOTER, "application/xml", unconfirmed=True)
    if shape == "xml":
        return Answer(200, FOOTER.replace("<footer:Footer", "<Obs/><footer:Footer"), "application/xml", unconfirmed=True)
    table = [list(COLUMNS)] + rows(flow, int(world.setting(request, "revision", "0")), shape)
    if shape == "no-status":
        table = [row[:5] + row[6:] for row in table]
    if shape == "ragged":
        table[2] = table[2][:-1]
    text = "".join(",".join(field(cell) for cell in row) + "\r\n" for row in table)
    if shape == "open-quote":
        text += '"UNSD,A,AFG\r\n'
    return Answer(200, "\ufeff" + text, "application/vnd.sdmx.data+csv;version=1.0.0;charset=utf-8")


@unsd.rule("GET", "/WS/rest/organisationscheme/*")
def unknown(request, world):
    return Answer(400, "", "text/plain")


@unsd.rule("GET", "/WS/rest/structure/*")
def missing(request, world):
    return Answer(501, "", "text/plain")


HOSTS = [unsd]
