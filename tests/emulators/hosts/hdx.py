"""The Humanitarian Data Exchange: a CKAN catalogue, action API v3. Data sets are made up; their shape is that of the service.

Settings: count=N (data sets), revision=N (of the first one's file: its bytes and its address change), moved=N (its address alone),
shape=plain|not-found|not-authorized|conflict|false-in-200|no-results|deep-record. Downloads lead to a storage host, signed.
"""
import json
import re
import time

import bodies
from world import Answer, Host

hdx = Host("data.humdata.org")
storage = Host("storage.hdx.test")

ORGANIZATION = "international-organization-for-migration"
DAY, FIRST = 86400, 1767225600
OTHER = "Copyright of the organization. The materials may be viewed, downloaded and printed for non-commercial use only."


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + ".465598"


def identifier(number):
    return f"32d0365c-d513-4721-8d66-{number:012x}"


def package(number, revision, moved):
    """The first has two files and a licence of its own, the third no licence at all, the fourth is private, the fifth has no file."""
    own, version = identifier(number), f"v{revision}-{moved}" if number == 1 else "v0"
    modified = FIRST + DAY * number + (revision + moved) * 7 * DAY * (number == 1)
    files = {1: [("figures.csv", "CSV"), ("notes.xlsx", "XLSX")], 5: []}.get(number, [(f"figures-{number}.csv", "CSV")])
    fields = {
        "id": own, "name": f"displacement-{number}", "title": f"Displacement figures {number}", "state": "active", "private": number == 4,
        "metadata_modified": at(modified), "last_modified": at(modified - DAY), "dataset_source": "Field teams", "caveats": None,
        "dataset_date": "[2025-01-01T00:00:00 TO 2025-12-31T23:59:59]", "pageviews_last_14_days": 20,
        "license_id": "hdx-other" if number == 1 else "cc-by-igo", "license_title": "Other" if number == 1 else "CC BY for IGOs",
        "organization": {"name": ORGANIZATION, "title": "International Organization for Migration (IOM)"},
        "tags": [{"name": "displacement"}, {"name": "internally displaced persons-idp"}], "notes": "Figures.",
        "resources": [{"id": f"80911e9b-7527-469a-a545-{number:06x}{i:06x}", "name": name, "format": kind, "size": None, "position": i,
                       "download_url": f"https://data.humdata.org/dataset/{own}/resource/{version}/download/{name}"}
                      for i, (name, kind) in enumerate(files)]}
    if number == 1:
        fields["license_other"] = OTHER
    if number == 3:
        fields["license_id"] = fields["license_title"] = None
    return fields


def refusal(status, kind, message):
    return Answer(status, json.dumps({"help": "https://data.humdata.org/api/3/action/help_show?name=package_search", "success": False,
                                      "error": {"__type": kind, "message": message}}), "application/json")


REFUSALS = {
    "not-found": lambda: refusal(404, "Not Found Error", "Not found"),
    "not-authorized": lambda: refusal(403, "Authorization Error", "Access denied"),
    "conflict": lambda: refusal(409, "Search Query Error", "Invalid search query"),
    "false-in-200": lambda: refusal(200, "Search Error", "the index is away"),
}


@hdx.rule("GET", "/api/3/action/package_search")
def search(request, world):
    shape = world.setting(request, "shape", "plain")
    if shape in REFUSALS:
        return REFUSALS[shape]()
    revision, moved = int(world.setting(request, "revision", "0")), int(world.setting(request, "moved", "0"))
    since = re.search(r"metadata_modified:\[(\S+?)Z? TO \*\]", request.get("fq", ""))
    wanted = re.search(r'organization:"([^"]*)"', request.get("fq", ""))
    every = [package(n, revision, moved) for n in range(1, int(world.setting(request, "count", "5")) + 1)]
    found = [p for p in every if (not since or p["metadata_modified"] >= since.group(1)) and (not wanted or wanted.group(1) == ORGANIZATION)]
    found.sort(key=lambda p: (p["metadata_modified"], p["id"]))
    start, rows = int(request.get("start", "0")), int(request.get("rows", "10"))
    result = {"count": len(found), "sort": request.get("sort"), "results": found[start:start + rows]}
    if shape == "no-results":
        del result["results"]
    return Answer(200, json.dumps({"help": "https://data.humdata.org/api/3/action/help_show?name=package_search", "success": True,
                                   "result": result}, ensure_ascii=False), "application/json;charset=utf-8")


@hdx.rule("GET", "/dataset/*/resource/*/download/*")
def download(request, world):
    return Answer(302, b"", "text/html", [("Location", f"https://storage.hdx.test{request.path}?X-Amz-Signature={world.counted('signed')}")],
                  unconfirmed=True)


@storage.rule("GET", "/dataset/*")
def stored(request, world):
    version, name = request.path.split("/")[4], request.path.split("/")[-1]
    revision = version[1:].partition("-")[0]
    body = f"#country,#affected\r\nAFG,{1200 + int(revision)}\r\nHTI,77\r\n# {name}\r\n"
    if name.endswith(".xlsx"):
        return Answer(200, bodies.xlsx([["country", "affected"], ["AFG", "1200"]]), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    return Answer(200, body, "text/csv")


HOSTS = [hdx, storage]
