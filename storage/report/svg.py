"""A sheet as SVG that stands within a page: its colours are the page's, by the class of each mark.

* It has a name and a description for whoever does not see it; the numbers stand in a table beside it.
* Every text is escaped here.
"""

from __future__ import annotations

from html import escape

from storage.report.drawing import Area, Box, Dot, Mark, Point, Sheet, Stroke, Words


def svg(sheet: Sheet, *, id_: str, title: str) -> str:
    """The element; `id_` is one of a page's own."""
    named = f'role="img" aria-labelledby="{escape(id_)}-t {escape(id_)}-d"'
    size = f'viewBox="0 0 {_number(sheet.width)} {_number(sheet.height)}"'
    told = f'<title id="{escape(id_)}-t">{escape(title)}</title><desc id="{escape(id_)}-d">{escape(sheet.about)}</desc>'
    return f'<svg {size} {named} class="chart">{told}{"".join(map(_mark, sheet.marks))}</svg>'


def _mark(mark: Mark) -> str:
    match mark:
        case Box():
            place = f'x="{_number(mark.x)}" y="{_number(mark.y)}"'
            return f'<rect {place} width="{_number(mark.width)}" height="{_number(mark.height)}" {_class(mark)}/>'
        case Stroke():
            return f'<polyline points="{_points(mark.points)}" stroke-width="{_number(mark.width)}" {_class(mark)}/>'
        case Area():
            return f'<polygon points="{_points(mark.points)}" {_class(mark)}/>'
        case Dot():
            return f'<circle cx="{_number(mark.x)}" cy="{_number(mark.y)}" r="{_number(mark.radius)}" {_class(mark)}/>'
        case Words():
            place = f'x="{_number(mark.x)}" y="{_number(mark.y)}" text-anchor="{mark.anchor}"'
            return f'<text {place} font-size="{_number(mark.size)}" {_class(mark)}>{escape(mark.text)}</text>'


def _class(mark: Mark) -> str:
    return f'class="{mark.paint}"'


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
