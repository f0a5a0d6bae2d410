"""Links as QR codes: a picture of one, or a sheet of several to be printed and cut.

* A card bears a code, a neutral line and a number. Nothing on it names anybody, or says what it is for.
* The sheet is a PDF of our own making: black squares and one of the fonts that every reader has.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import segno

SCALE = 8
"""Pixels of one module: about 4 cm wide on paper, which a cheap phone reads."""

PAGE_WIDTH, PAGE_HEIGHT = 612, 792
"""Points of a letter page, the paper of Mexican offices."""

COLUMNS, ROWS = 2, 4
CODE = 125.0
"""Points: 4.4 cm."""

TEXT_SIZE, NUMBER_SIZE = 9, 14


def picture(link: str) -> bytes:
    """The code of a link as PNG."""
    out = io.BytesIO()
    segno.make_qr(link, error="m").save(out, kind="png", scale=SCALE)
    return out.getvalue()


def sheet(links: Sequence[str], text: str) -> bytes:
    """Cards with these codes, numbered from 1 and each with that line, as a PDF of COLUMNS by ROWS cards a page."""
    a_page = COLUMNS * ROWS
    starts = range(0, len(links), a_page)
    pages = [_page(links[start : start + a_page], text, first=start + 1) for start in starts]
    return _document(pages)


def _page(links: Sequence[str], text: str, *, first: int) -> bytes:
    drawn = (_card(link, text, number=first + place, place=place) for place, link in enumerate(links))
    return "\n".join(drawn).encode("cp1252", "replace")


def _card(link: str, text: str, *, number: int, place: int) -> str:
    width, height = PAGE_WIDTH / COLUMNS, PAGE_HEIGHT / ROWS
    left, top = width * (place % COLUMNS), PAGE_HEIGHT - height * (place // COLUMNS)
    x, y = left + (width - CODE) / 2, top - CODE - 20
    return "\n".join(
        (
            f"0.7 G 0.5 w {left:.1f} {top - height:.1f} {width:.1f} {height:.1f} re S",
            *_squares(link, x=x, y=y),
            _words(str(number), x=left + 14, y=top - 24, size=NUMBER_SIZE),
            _words(text, x=left + 30, y=y - 18, size=TEXT_SIZE),
        )
    )


def _squares(link: str, *, x: float, y: float) -> Iterator[str]:
    """The code's dark modules, row by row, its lower left corner at that point."""
    matrix = segno.make_qr(link, error="m").matrix
    side = CODE / len(matrix)
    yield "0 g"
    for row, modules in enumerate(matrix):
        bottom = y + CODE - (row + 1) * side
        dark = [column for column, module in enumerate(modules) if module]
        if dark:
            yield " ".join(f"{x + column * side:.2f} {bottom:.2f} {side:.2f} {side:.2f} re" for column in dark) + " f"


def _words(text: str, *, x: float, y: float, size: int) -> str:
    plain = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf {x:.1f} {y:.1f} Td ({plain}) Tj ET"


def _document(pages: Sequence[bytes]) -> bytes:
    """A PDF of pages with these drawings."""
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for place, drawing in enumerate(pages):
        shown = f"/MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] /Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {shown} /Contents {5 + 2 * place} 0 R >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawing), drawing))
    return _written(objects)


def _written(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
