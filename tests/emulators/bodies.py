"""Documents as they come from endpoints, made for the tests: small, and right in what a reader of first bytes looks at."""
import io
import zipfile


def pdf(text, size=None, pages=1, title=None):
    """A PDF of one line a page, of `size` bytes when that is more; its information says the title."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>",
               b"<< /Type /Pages /Kids [" + b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(pages)) + b"] /Count %d >>" % pages,
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    shown = text.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    for i in range(pages):
        stream = b"BT /F1 12 Tf 72 720 Td (%s, page %d) Tj ET" % (shown, i + 1)
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
                       % (5 + 2 * i))
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    info = b""
    if title is not None:
        objects.append(b"<< /Title (%s) /Producer (an emulator) >>" % title.encode("latin-1").replace(b"(", b"\\(").replace(b")", b"\\)"))
        info = b" /Info %d 0 R" % len(objects)
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    tail = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % at for at in places)
    tail += b"trailer\n<< /Size %d /Root 1 0 R%s >>\nstartxref\n" % (len(objects) + 1, info)
    end = b"%d\n%%%%EOF\n"
    if size is not None:
        missing = size - len(out) - len(tail) - len(end % size)
        if missing > 1:
            out += b"%" + b" " * (missing - 2) + b"\n"
    whole = out + tail + end % len(out)
    if size is not None and len(whole) < size:  # the place of the table has fewer digits than was reckoned with
        whole += b"\n" * (size - len(whole))
    return whole


def word(text):
    """The head of an OLE file, as Word wrote them until 2003, and the text behind it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + text.encode("utf-16-le") + bytes(512)


def wordperfect(text):
    """The prefix of WordPerfect 5 and later: its mark, where the document begins, its kind and version."""
    return b"\xff\x57\x50\x43" + (16).to_bytes(4, "little") + b"\x01\x0a\x00\x01" + bytes(4) + text.encode("latin-1", "replace")


def rtf(text):
    return b"{\\rtf1\\ansi\\deff0 " + text.encode("ascii", "replace") + b"\\par}\n"


def docx(text):
    return _office({"[Content_Types].xml": "<Types/>", "word/document.xml": f"<w:document><w:t>{text}</w:t></w:document>"})


def xlsx(rows):
    cells = "".join("<row>" + "".join(f"<c><v>{cell}</v></c>" for cell in row) + "</row>" for row in rows)
    return _office({"[Content_Types].xml": "<Types/>", "xl/worksheets/sheet1.xml": f"<worksheet>{cells}</worksheet>"})


def _office(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def page(title, content=""):
    """A page for people."""
    return (f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
            f"<body>\n{content or f'<h1>{title}</h1>'}\n</body>\n</html>\n").encode()
