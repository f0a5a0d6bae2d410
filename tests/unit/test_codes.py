"""QR codes to be printed: what stands on a sheet, and that every reader finds it there."""

from __future__ import annotations

import re

import pytest
import segno

from bot.codes import COLUMNS, ROWS, picture, sheet

LINKS = [f"https://t.me/hilo_bot?start={number:032}" for number in range(20)]


def test_a_picture_is_a_png() -> None:
    assert picture(LINKS[0]).startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize("count", [1, 8, 9, 20])
def test_a_sheet_has_a_card_for_each_link_and_as_many_pages_as_it_needs(count: int) -> None:
    paper = sheet(LINKS[:count], "Escanear con la cámara. (Después) tocar \\ Iniciar.")
    assert paper.count(b"/Type /Page ") == -(-count // (COLUMNS * ROWS))
    assert paper.count(b"re S") == count
    assert paper.count("cámara. \\(Después\\) tocar \\\\ Iniciar".encode("cp1252")) == count
    numbers = re.findall(rb"/F1 14 Tf [\d. ]+Td \((\d+)\) Tj", paper)
    assert [int(number) for number in numbers] == list(range(1, count + 1))


def test_every_dark_module_is_a_square_and_no_other() -> None:
    paper = sheet(LINKS[:1], "")
    dark = sum(bool(module) for row in segno.make_qr(LINKS[0], error="m").matrix for module in row)
    assert len(re.findall(rb" re(?! S)", paper)) == dark


def test_what_a_reader_follows_leads_to_the_objects() -> None:
    paper = sheet(LINKS, "Escanear")
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", paper)[1])  # type: ignore[index]
    assert paper[start : start + 4] == b"xref"
    places = [int(found) for found in re.findall(rb"(\d{10}) 00000 n ", paper)]
    for number, place in enumerate(places, start=1):
        assert paper[place:].startswith(b"%d 0 obj\n" % number)
    for length, content in re.findall(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", paper, re.DOTALL):
        assert int(length) == len(content)
