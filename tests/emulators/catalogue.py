"""Records of a library's catalogue, made by number: the same number gives the same record, whoever asks and how.

What is in them is made up; their fields are those that the UN Digital Library uses.
"""
import datetime
from xml.sax.saxutils import escape, quoteattr

MARC = "http://www.loc.gov/MARC21/slim"
LANGUAGES = [("العربية", "AR"), ("中文", "ZH"), ("English", "EN"), ("Français", "FR"), ("Русский", "RU"), ("Español", "ES")]
FIRST_ID = 4000001
TOPICS = ["MIGRATION", "LABOUR MIGRATION", "DISPLACED PERSONS", "HUMAN RIGHTS", "TRAFFICKING IN PERSONS", "DEVELOPMENT", "REFUGEES",
          "BORDER CROSSING", "REMITTANCES", "STATISTICAL DATA", "INTERNATIONAL COOPERATION", "HUMANITARIAN ASSISTANCE"]
SPONSORS = ["Argentina", "Botswana", "Costa Rica", "Denmark", "Ecuador", "Fiji", "Ghana", "Honduras", "Italy", "Jordan", "Kenya", "Latvia"]
BEGIN = datetime.datetime(2026, 1, 1, 9, 30, tzinfo=datetime.timezone.utc)


class Record:
    """One of them: `number` from 0. Every fifth is a resolution with a vote; every 97th was deleted."""

    def __init__(self, number, host, step_s, deleted=True):
        self.number, self.host = number, host
        self.id = FIRST_ID + number
        self.is_deleted = deleted and number % 97 == 96
        self.stamp = BEGIN + datetime.timedelta(seconds=number * step_s)
        self.is_resolution = number % 5 == 4
        self.symbol = f"A/RES/81/{number + 1}" if self.is_resolution else f"A/C.3/81/L.{number + 1}"
        self.title = f"{TOPICS[number % len(TOPICS)].capitalize()} and the work of the Organization, part {number + 1}"

    def datestamp(self, is_day=False):
        return self.stamp.strftime("%Y-%m-%d" if is_day else "%Y-%m-%dT%H:%M:%SZ")

    def file(self, language):
        name = self.symbol.replace("/", "_")
        return f"https://{self.host}/record/{self.id}/files/{name}-{language}.pdf"

    def fields(self):
        """(tag, indicators, [(code, text)]); control fields have a text instead of the list."""
        out = [("000", None, "00000nam a2200025#a ||||"), ("001", None, str(self.id)),
               ("005", None, self.stamp.strftime("%Y%m%d%H%M%S.0")), ("029", "  ", [("a", "JN"), ("b", f"N26{self.number:05d} E")]),
               ("041", "0 ", [("a", "eng")]), ("089", "  ", [("b", "B01" if self.is_resolution else "B02")]),
               ("091", "  ", [("a", "GEN" if self.is_resolution else "LTD")]),
               ("191", "  ", [("a", self.symbol), ("b", "A/"), ("c", "81"), ("9", "G10")])]
        if self.number % 50 == 49:  # a joint document
            out.append(("191", "  ", [("a", f"S/2026/{self.number}"), ("b", "S/"), ("c", "81")]))
        out += [("245", "10", [("a", self.title + " :"), ("b", "resolution /" if self.is_resolution else "draft resolution /"),
                               ("c", ", ".join(SPONSORS))]),
                ("269", "  ", [("a", self.stamp.strftime("%Y-%m-%d" if self.number % 7 else "%Y-%m"))]),
                ("300", "  ", [("a", f"{3 + self.number % 9} p.")]),
                ("515", "  ", [("a", "Additional sponsors: " + ", ".join(SPONSORS) + f" (A/81/{self.number % 400 + 1}).")])]
        out += [("650", "  ", [("a", TOPICS[(self.number + i) % len(TOPICS)]), ("0", f"(DHLAUTH){270000 + i}"), ("2", "unbist")])
                for i in range(6)]
        out += [("710", "2 ", [("a", name), ("9", "ms"), ("0", f"(DHLAUTH){72000 + i}")]) for i, name in enumerate(SPONSORS)]
        out += [("791", "  ", [("a", f"A/81/{self.number % 400 + 1}"), ("b", "A/"), ("c", "81")]), ("793", "  ", [("a", "03")])]
        out += [("856", "4 ", [("y", label), ("9", f"0000{self.number:08d}-{code}"), ("s", str(20000 + self.number % 1000)),
                               ("u", self.file(code))]) for label, code in LANGUAGES]
        if self.is_resolution:
            out += [("967", "  ", [("a", str(i + 1)), ("b", "P"), ("c", name[:3].upper()), ("d", "YYYYNAX"[(self.number + i) % 7]),
                                   ("e", name.upper())]) for i, name in enumerate(SPONSORS)]
            out.append(("996", "  ", [("a", "Adopted 9-2-1, 4th plenary meeting")]))
        out.append(("980", "  ", [("a", "DELETED" if self.is_deleted else "BIB")]))
        out += [("991", "1 ", [("a", "A/81/251"), ("b", "71b"), ("c", "Human rights questions."), ("d", "HUMAN RIGHTS")]),
                ("993", "3 ", [("a", f"A/81/48{self.number % 9}")])]
        return out

    def marcxml(self, prefix="marc:", declare=True):
        space = f' xmlns{":" + prefix[:-1] if prefix else ""}="{MARC}"' if declare else ""
        out = [f"<{prefix}record{space}>"]
        for tag, indicators, content in self.fields():
            if indicators is None:
                out.append(f'<{prefix}controlfield tag="{tag}">{escape(content)}</{prefix}controlfield>')
                continue
            out.append(f'<{prefix}datafield tag="{tag}" ind1="{indicators[0]}" ind2="{indicators[1]}">')
            out += [f"<{prefix}subfield code={quoteattr(code)}>{escape(text)}</{prefix}subfield>" for code, text in content]
            out.append(f"</{prefix}datafield>")
        out.append(f"</{prefix}record>\n")
        return "\n".join(out)

    def dublin_core(self):
        out = ['<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">']
        out += [f"<dc:{name}>{escape(text)}</dc:{name}>" for name, text in
                [("title", self.title), ("date", self.stamp.strftime("%Y-%m-%d")), ("language", "eng"),
                 ("identifier", f"https://{self.host}/record/{self.id}"), ("identifier", self.file("EN")),
                 ("subject", TOPICS[self.number % len(TOPICS)].capitalize()), ("rights", "CC BY 3.0 IGO")]]
        return "\n".join(out + ["</oai_dc:dc>\n"])


def records(host, count, step_s, deleted=True):
    return [Record(number, host, step_s, deleted) for number in range(count)]
