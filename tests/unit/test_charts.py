"""The pictures of figures: what is drawn, that it is safe in a page, and that it says the numbers that it shows."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from storage.report.charts import WIDTH, Value, bars, line
from storage.report.drawing import Area, Box, Dot, Paint, Sheet, Stroke, Words
from storage.report.png import COLOURS, PAPER, png
from storage.report.svg import svg

NASTY = '<script>alert("1")</script> & "comillas" \'y\''
SPACE = "{http://www.w3.org/2000/svg}"
WORK = Value("Encontraron trabajo", "60 % (600 de 1,000)", 60.0, 56.9, 63.0)
HIDDEN = Value("Chalco", "no se muestra: son pocas")


def words(sheet: Sheet) -> list[str]:
    return [mark.text for mark in sheet.marks if isinstance(mark, Words)]


def boxes(sheet: Sheet, paint: Paint) -> list[Box]:
    return [mark for mark in sheet.marks if isinstance(mark, Box) and mark.paint is paint]


def spans(sheet: Sheet) -> list[Stroke]:
    return [mark for mark in sheet.marks if isinstance(mark, Stroke) and mark.paint is Paint.SPAN]


def test_a_bar_is_as_long_as_its_share_and_its_interval_stands_upon_it() -> None:
    sheet = bars([WORK])
    (bar,) = boxes(sheet, Paint.BAR)
    assert (bar.x, bar.width) == (0, pytest.approx(WIDTH * 0.6))
    across = spans(sheet)[0]
    assert [x for x, _ in across.points] == [pytest.approx(WIDTH * 0.569), pytest.approx(WIDTH * 0.63)]
    assert WORK.told in words(sheet)


def test_what_is_not_shown_has_no_bar_and_says_so() -> None:
    sheet = bars([WORK, HIDDEN])
    assert (len(boxes(sheet, Paint.BAR)), len(boxes(sheet, Paint.TRACK))) == (1, 2)
    assert HIDDEN.told in words(sheet)


def test_a_long_label_is_broken_and_makes_room() -> None:
    label = "De las que ganan más, dieron algo a su familia"
    sheet = bars([Value(label, "63 %", 63.0)])
    assert " ".join(words(sheet)[:2]) == label
    assert sheet.height > bars([Value("Chalco", "63 %", 63.0)]).height


def test_what_stands_below_a_bar_makes_room_and_is_described() -> None:
    known = "se sabe de 400 de 4,221"
    sheet, bare = bars([Value("Chalco", "85 %", 85.0, below=known)]), bars([Value("Chalco", "85 %", 85.0)])
    assert known in words(sheet)
    assert sheet.height > bare.height
    assert (sheet.about, bare.about) == (f"Chalco: 85 %, {known}", "Chalco: 85 %")


def test_a_line_is_broken_where_something_is_not_shown() -> None:
    steps = [Value(f"m{n}", f"{50 + n} %", 50.0 + n, 40.0, 60.0, below="30") for n in range(5)]
    steps[2] = Value("m2", "—")
    sheet = line(steps)
    lines = [mark for mark in sheet.marks if isinstance(mark, Stroke) and mark.paint is Paint.BAR]
    assert [len(one.points) for one in lines] == [2, 2]
    assert len([mark for mark in sheet.marks if isinstance(mark, Area)]) == 2
    assert len([mark for mark in sheet.marks if isinstance(mark, Dot)]) == 4
    assert {"m2", "—", "50 %", "30", "n"} <= set(words(sheet))
    assert sheet.about.startswith("m0: 50 %, n 30; m1: 51 %, n 30; m2: —; ")


def test_higher_is_further_up() -> None:
    low, high = (one for one in line([Value("a", "", 10.0), Value("b", "", 90.0)]).marks if isinstance(one, Dot))
    assert low.y > high.y


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=20)), max_size=4), st.text(max_size=40))
def test_no_text_breaks_out_of_the_picture(told: list[tuple[str, str]], title: str) -> None:
    shown = [(_plain(label), _plain(text)) for label, text in told]
    values = [Value(label, text, 50.0, 40.0, 60.0) for label, text in shown]
    for sheet in (bars(values), line(values) if values else bars([])):
        read = ElementTree.fromstring(_alone(svg(sheet, id_="p1", title=_plain(title))))
        assert read.findtext(f"{SPACE}title") == _plain(title)
        assert [one.text or "" for one in read.iter(f"{SPACE}text")] == words(sheet)


def _plain(text: str) -> str:
    """XML cannot hold what is neither a letter nor a space, and reads every end of a line as one."""
    return "".join(one if one.isprintable() else " " for one in text)


def _alone(picture: str) -> str:
    return picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def test_the_picture_is_named_and_described() -> None:
    picture = svg(bars([Value(NASTY, "1 %", 1.0, below="una\nbarra")]), id_="p7", title=NASTY)
    assert "<script" not in picture
    read = ElementTree.fromstring(_alone(picture))
    assert (read.get("role"), read.get("aria-labelledby")) == ("img", "p7-t p7-d")
    told = {one.get("id"): one.text for one in read if one.get("id")}
    assert told == {"p7-t": NASTY, "p7-d": f"{NASTY}: 1 %, una, barra"}
    assert not re.search(r"style=|fill=|href", picture), "colours are the page's, and nothing leads anywhere"


def test_the_same_sheet_makes_the_same_png_and_its_accents_are_drawn() -> None:
    sheet = bars([Value("Educación, año y niñez", "60 %", 60.0, 50.0, 70.0)])
    assert png(sheet) == png(sheet)
    with Image.open(io.BytesIO(png(sheet))) as picture:
        assert picture.format == "PNG"
        assert picture.width > 1000
        drawn = picture.convert("RGB").getcolors(1 << 24) or []
        assert (0, 0x72, 0xB2) in {colour for _, colour in drawn}
    accents, bare = (png(bars([Value(text, "", 1.0)])) for text in ("áéíóúñ", "aeioun"))
    missing = png(bars([Value("\N{CJK UNIFIED IDEOGRAPH-4E00}" * 6, "", 1.0)]))
    assert len({accents, bare, missing}) == 3


@pytest.mark.parametrize("paint", [Paint.INK, Paint.MUTED])
def test_words_stand_out_from_the_paper(paint: Paint) -> None:
    assert contrast(COLOURS[paint], PAPER) >= 4.5


def test_the_interval_stands_out_from_bar_and_track() -> None:
    for ground in (Paint.BAR, Paint.TRACK):
        assert contrast(COLOURS[Paint.SPAN], COLOURS[ground]) >= 3


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of the brightness of two colours."""
    dark, light = sorted((_brightness(one), _brightness(other)))
    return (light + 0.05) / (dark + 0.05)


def _brightness(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
