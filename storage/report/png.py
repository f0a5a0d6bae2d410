"""A sheet as a PNG, for a chat: the same marks as on the page, on white.

* The letters are our own file's (font/): no machine has to have any.
* It is drawn larger and made smaller, which rounds every edge.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

from storage.report.drawing import Anchor, Area, Box, Dot, Mark, Paint, Point, Sheet, Stroke, Words

SCALE, FINER = 3, 2
"""Pixels of a unit, three for today's phones; and how much larger it is drawn."""

MARGIN = 16
TONES = 64
"""Of so many it is made: the paints and what lies between them, in a quarter of the bytes."""

FONT = Path(__file__).parent / "font" / "DejaVuSans.ttf"
PAPER = "#ffffff"
COLOURS: Mapping[Paint, str] = {
    Paint.INK: "#1b1f24",
    Paint.MUTED: "#545b66",
    Paint.GRID: "#d5d9df",
    Paint.TRACK: "#e4e8ed",
    Paint.BAR: "#0072b2",
    Paint.SPAN: "#1b1f24",
    Paint.BAND: "#cfe3f0",
}
"""Those of the page by day; the band is that of the page as it looks on white."""

_ANCHORS = {Anchor.START: "ls", Anchor.MIDDLE: "ms", Anchor.END: "rs"}


def png(sheet: Sheet) -> bytes:
    """The picture; the same sheet gives the same bytes."""
    side = SCALE * FINER
    size = (round(sheet.width + 2 * MARGIN) * side, round(sheet.height + 2 * MARGIN) * side)
    image = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(image)
    for mark in sheet.marks:
        _draw(pen, mark, side=side)
    smooth = image.resize((size[0] // FINER, size[1] // FINER), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    smooth.quantize(TONES, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw(pen: ImageDraw.ImageDraw, mark: Mark, *, side: int) -> None:
    colour = ImageColor.getrgb(COLOURS[mark.paint])
    match mark:
        case Box():
            if mark.width > 0:
                corners = _at(side, (mark.x, mark.y), (mark.x + mark.width, mark.y + mark.height))
                pen.rectangle(corners, fill=colour)
        case Stroke():
            pen.line(_at(side, *mark.points), fill=colour, width=round(mark.width * side), joint="curve")
        case Area():
            pen.polygon(_at(side, *mark.points), fill=colour)
        case Dot():
            pen.circle(_at(side, (mark.x, mark.y))[0], mark.radius * side, fill=colour)
        case Words():
            place = _at(side, (mark.x, mark.y))[0]
            pen.text(place, mark.text, fill=colour, font=_font(mark.size * side), anchor=_ANCHORS[mark.anchor])


def _at(side: int, *points: Point) -> list[Point]:
    return [((x + MARGIN) * side, (y + MARGIN) * side) for x, y in points]


@cache
def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)
