"""IOM's Missing Migrants Project: an array a year. Incidents are made up; their shape is that of the service, its spelling too.

Settings: refuse=WORD (403 to who has it in User-Agent), revision=N, shape=plain|object|empty-list|mojibake|numbers.
"""
import json

from world import Answer, Host

missing = Host("missingmigrants.iom.int")

PLACES = ["33.9,-5.5", "", "12.1, 15.0"]


def incident(year, number, revision):
    fields = {"main_id": f"{year}.MM{number:04}", "region": "Mediterranean", "incident_date": f"{year}-0{1 + number}-05", "year": str(year),
              "number_dead": str(2 + revision) if number else "", "number_missing": "", "survivors": "", "females": "1", "males": "",
              "cause_of_death": "Drowning", "location_coodinates": PLACES[number], "source": "News / radio"}
    if year >= 2025:
        fields.update(region_origin="Western / Southern Asia (P)", country_origin="")
    return fields


@missing.rule("GET", "/global-figures/*/json")
def figures(request, world):
    wanted, year = world.setting(request, "refuse"), request.parts()[1]
    if wanted is not None and wanted in request.field("User-Agent", ""):
        return Answer(403, "<html><body>Forbidden</body></html>", "text/html")
    if not year.isdigit() or not 2014 <= int(year) <= 2026:
        return Answer(404, "<html><body>Page not found</body></html>", "text/html", unconfirmed=True)
    rows = [incident(int(year), n, int(world.setting(request, "revision", "0"))) for n in range(3)]
    shape = world.setting(request, "shape", "plain")
    if shape == "object":
        return Answer(200, json.dumps({"message": "moved"}), "application/json")
    if shape == "empty-list":
        rows = []
    if shape == "mojibake":
        rows[0]["region"] = "M\u00e9diterran\u00e9e".encode().decode("latin-1")
    if shape == "numbers":
        rows = [dict(row, year=int(row["year"])) for row in rows]
    return Answer(200, json.dumps(rows, ensure_ascii=False).replace("/", "\\/") + "\n", "application/json")


HOSTS = [missing]
