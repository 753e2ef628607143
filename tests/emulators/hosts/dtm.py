"""IOM's Displacement Tracking Matrix, API v3: keyed, no paging. Rows are made up; their shape is that of the service.

Settings: key (the one that is taken; any when it is not set), rows=N (of every data set, in thousands), revision=N (figures of a later look),
shape=plain|text-numbers|double|not-an-envelope|short-count|no-rows|mojibake|bom-crlf. A country "ZZZ" is unknown: isSuccess is false.
"""
import json

from world import Answer, Host

dtm = Host("dtmapi.iom.int", "dtm-apim.iom.int")

COUNTRIES = [("Afghanistan", "AFG"), ("Bahamas (the)", "BHS"), ("Haiti", "HTI")]
OPERATIONS = {"AFG": "Returns and mobility", "BHS": "Hurricane season", "HTI": "After the earthquake"}
# (date, round, reason, origin, assessment, figure, males, females): two rows share a place and a date, and a reason has another case
ROWS = [
    ("2017-03-30T00:00:00", 1, "Conflict", "Not available", "BA", 1200, None, None),
    ("2017-03-30T00:00:00", 1, "Natural disaster", "Not available", "BA", 98, None, None),
    ("2017-09-30T00:00:00", 2, "conflict", "Kabul", "SA", 1310, 640, 670),
    ("2018-01-31T00:00:00", 3, "Conflict; Natural disaster", None, "ETT", None, None, None),
    ("2018-06-30T00:00:00", 4, "No reason for displacement reported", "Not available", "BA", 77, None, None),
]


def refused(request, world):
    """401 of the gateway in front; the key is a field, or a parameter."""
    given = request.field("Ocp-Apim-Subscription-Key") or request.get("subscription-key")
    wanted = world.setting(request, "key")
    if given is None:
        return Answer(401, json.dumps({"statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include "
                                       "subscription key when making requests to an API."}), "application/json", unconfirmed=True)
    if wanted is not None and given != wanted:
        return Answer(401, json.dumps({"statusCode": 401, "message": "Access denied due to invalid subscription key. Make sure to provide a "
                                       "valid key for an active subscription."}), "application/json", unconfirmed=True)
    return None


def envelope(rows, count=None):
    return {"result": rows, "statusCode": 200, "isSuccess": True, "errorMessages": [], "totalRecordsCount": len(rows) if count is None else count}


def row(number, code, name, level, revision):
    date, round_number, reason, origin, kind, figure, males, females = ROWS[number % len(ROWS)]
    fields = {} if level == 0 else {"id": 40000 + number}
    fields.update(operation=OPERATIONS.get(code, "Operation"), admin0Name=name, admin0Pcode=code)
    for below in range(1, level + 1):
        fields[f"admin{below}Name"] = f"Division {number // len(ROWS)}"
        fields[f"admin{below}Pcode"] = f"{code[:2]}{number // len(ROWS):0{2 * below}d}"
    fields.update(numPresentIdpInd=None if figure is None else figure + revision, reportingDate=date, yearReportingDate=int(date[:4]),
                  monthReportingDate=int(date[5:7]), roundNumber=round_number, displacementReason=reason, numberMales=males,
                  numberFemales=females, idpOriginAdmin1Name=origin, idpOriginAdmin1Pcode=origin and "Not available", assessmentType=kind)
    return fields


def shaped(rows, shape):
    """The body of an answer that holds these rows, in one of the shapes that were met."""
    if shape == "text-numbers":
        rows = [dict(r, numPresentIdpInd=str(r["numPresentIdpInd"]), roundNumber=str(r["roundNumber"])) for r in rows]
    if shape == "double":
        inner = {"data": rows, "pagination": {"page": 1, "pageSize": 100, "totalItems": 140, "totalPages": 2, "hasNextPage": True}}
        return json.dumps({"result": dict(envelope([]), result=inner), "id": 103, "exception": None, "isCompletedSuccessfully": True})
    if shape == "not-an-envelope":
        return json.dumps({"message": "welcome"})
    if shape == "short-count":
        return json.dumps(envelope(rows, len(rows) + 10))
    if shape == "no-rows":
        return json.dumps(envelope([]))
    if shape == "mojibake":
        rows = [dict(r, admin0Name="Haïti".encode().decode("latin-1")) for r in rows]
        return json.dumps(envelope(rows), ensure_ascii=False)
    if shape == "bom-crlf":
        return "\ufeff" + json.dumps(envelope(rows), indent=1).replace("\n", "\r\n")
    return json.dumps(envelope(rows))


def many(code, name, level, count, revision):
    """An answer of many MiB, some rows at a time: one of each kind is written once, for this is slow."""
    rows = [json.dumps(row(number, code, name, level, revision)) for number in range(len(ROWS))]
    block = ",".join(rows[n % len(rows)] for n in range(1000)).encode()
    yield b'{"result":['
    for number in range(0, count, 1000):
        yield (b"," if number else b"") + block
    yield b'],"statusCode":200,"isSuccess":true,"errorMessages":[],"totalRecordsCount":%d}' % (-(-count // 1000) * 1000)


@dtm.rule("GET", "/v3/displacement/country-list")
def countries(request, world):
    return refused(request, world) or Answer(
        200, json.dumps(envelope([{"admin0Name": n, "admin0Pcode": c} for n, c in COUNTRIES])), "application/json; charset=utf-8")


@dtm.rule("GET", "/v3/displacement/admin[012]")
def displacement(request, world):
    code, level = request.get("Admin0Pcode", ""), int(request.path[-1])
    name = {c: n for n, c in COUNTRIES}.get(code)
    if not any(request.get(p) for p in ("Operation", "CountryName", "Admin0Pcode")) or name is None:
        return refused(request, world) or Answer(200, json.dumps({"result": None, "statusCode": 400, "isSuccess": False, "errorMessages": [
            "No country was found matching your query"], "totalRecordsCount": 0}), "application/json", unconfirmed=True)
    count, revision = world.setting(request, "rows"), int(world.setting(request, "revision", "0"))
    if count is not None:
        return refused(request, world) or Answer(200, many(code, name, level, int(count), revision), "application/json; charset=utf-8")
    since = request.get("FromReportingDate", "")
    rows = [row(number, code, name, level, revision) for number in range(len(ROWS))]
    rows = [r for r in rows if r["reportingDate"][:10] >= since]
    return refused(request, world) or Answer(200, shaped(rows, world.setting(request, "shape", "plain")), "application/json; charset=utf-8")


HOSTS = [dtm]
