"""Figures laid out as pictures: bars with their intervals, and a line over points with its band.

* What is not shown has its place and its reason in words, never a gap that could be a zero.
* A sheet is as wide as a small phone, so that its letters can be read there; elsewhere it is enlarged.
* Every number that is drawn stands beside it as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from storage.report.drawing import Anchor, Area, Box, Dot, Mark, Paint, Point, Sheet, Stroke, Words

WIDTH = 328.0
"""What is left of a screen of 360 px between its margins."""

SMALL = 11.0
LINE_HEIGHT = 16.0
LETTERS, LETTERS_BELOW = 28, 52
"""Letters of a label in one line: the number stands beside it; and of the smaller text below."""

_BAR, _BETWEEN, _WHISKER = 12.0, 14.0, 4.0
_PLOT, _LEFT, _TOP = 150.0, 44.0, 24.0
_LETTER = 6.5
"""How wide a small letter is, about."""
_MOST_LINES = 3
_EDGE = 6.0


@dataclass(frozen=True, slots=True)
class Value:
    """One bar, or one step of a line: its label, what it says as text, and where it stands with both ends of its
    interval (None: not shown). The text `below` is what else is to be seen: of whom it is known, or of how many."""

    label: str
    told: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    below: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """What the line's axis goes up to, the texts at its marks, and what stands `below` the steps' labels."""

    top: float
    ticks: tuple[tuple[float, str], ...]
    below: str = "n"


PERCENT = Scale(100.0, tuple((float(number), f"{number} %") for number in (0, 25, 50, 75, 100)))


def bars(of: Sequence[Value]) -> Sheet:
    """Bars below each other, from 0 to 100 percent."""
    marks: list[Mark] = []
    top = 0.0
    for bar in of:
        marks += _bar(bar, top)
        top += _height(bar)
    marks += _percents(top)
    return Sheet(WIDTH, top + LINE_HEIGHT, tuple(marks), _about(of))


def _about(of: Sequence[Value], below: str = "") -> str:
    told = (", ".join((one.told, *(below + text for text in one.below.splitlines()))) for one in of)
    return "; ".join(f"{one.label}: {words}" for one, words in zip(of, told, strict=True))


def _lines(bar: Value) -> list[str]:
    return wrap(bar.label, LETTERS) or [""]


def _below(bar: Value) -> list[str]:
    return [line for text in bar.below.splitlines() for line in wrap(text, LETTERS_BELOW)]


def _height(bar: Value) -> float:
    return len((*_lines(bar), *_below(bar))) * LINE_HEIGHT + _BAR + _BETWEEN


def _bar(bar: Value, top: float) -> Iterator[Mark]:
    lines = _lines(bar)
    for number, line in enumerate(lines, start=1):
        yield Words(0, top + number * LINE_HEIGHT - 4, line)
    edge = top + len(lines) * LINE_HEIGHT
    yield Words(WIDTH, edge - 4, bar.told, Anchor.END, paint=Paint.INK if bar.value is not None else Paint.MUTED)
    yield Box(0, edge, WIDTH, _BAR, Paint.TRACK)
    if bar.value is not None:
        yield Box(0, edge, _across(bar.value), _BAR, Paint.BAR)
        yield from _whisker(bar, edge)
    for number, line in enumerate(_below(bar), start=1):
        yield Words(0, edge + _BAR + number * LINE_HEIGHT - 3, line, size=SMALL, paint=Paint.MUTED)


def _whisker(bar: Value, edge: float) -> Iterator[Mark]:
    if bar.low is None or bar.high is None:
        return
    low, high, middle = _across(bar.low), _across(bar.high), edge + _BAR / 2
    yield Stroke(((low, middle), (high, middle)), Paint.SPAN, 2)
    for end in (low, high):
        yield Stroke(((end, middle - _WHISKER), (end, middle + _WHISKER)), Paint.SPAN, 2)


def _across(percent: float) -> float:
    return WIDTH * percent / 100


def _percents(top: float) -> Iterator[Mark]:
    anchors = (Anchor.START, Anchor.MIDDLE, Anchor.END)
    for number, anchor in zip((0, 50, 100), anchors, strict=True):
        yield Words(_across(number), top + 6, f"{number} %", anchor, SMALL, Paint.MUTED)


# --- a line


def line(of: Sequence[Value], scale: Scale = PERCENT) -> Sheet:
    """A line through the steps, with its band; what is not shown interrupts both."""
    marks: list[Mark] = list(_grid(scale))
    for run in _runs(of):
        marks += _band([(_place(number, of), of[number]) for number in run], scale)
    for run in _runs(of):
        points = tuple((_place(number, of), _up(of[number].value or 0, scale)) for number in run)
        marks.append(Stroke(points, Paint.BAR, 2.5))
        marks += [Dot(x, y, 4, Paint.BAR) for x, y in points]
    labels = _labels(of)
    rows = max(map(len, labels))
    for number, step in enumerate(of):
        x = _place(number, of)
        marks += (
            _told(step, x, scale=scale),
            *_column((*labels[number], *[""] * (rows - len(labels[number])), step.below), x),
        )
    if any(step.below for step in of):
        marks.append(Words(_LEFT - _EDGE, _row(rows + 1), scale.below, Anchor.END, SMALL, Paint.MUTED))
    return Sheet(WIDTH, _row(rows + 1) + _EDGE, tuple(marks), _about(of, f"{scale.below} "))


def _labels(of: Sequence[Value]) -> list[list[str]]:
    """Each label in the lines that its column is wide enough for."""
    letters = int((WIDTH - _LEFT) / len(of) / _LETTER)
    return [wrap(step.label, max(letters, 1))[:_MOST_LINES] for step in of]


def _row(number: int) -> float:
    """Where the line of text of that number stands below the plot."""
    return _TOP + _PLOT + number * LINE_HEIGHT


def _grid(scale: Scale) -> Iterator[Mark]:
    for value, text in scale.ticks:
        y = _up(value, scale)
        yield Stroke(((_LEFT, y), (WIDTH, y)), Paint.GRID)
        yield Words(_LEFT - _EDGE, y + 4, text, Anchor.END, SMALL, Paint.MUTED)


def _runs(of: Sequence[Value]) -> Iterator[list[int]]:
    """The stretches of steps that have a value."""
    run: list[int] = []
    for number, step in enumerate(of):
        if step.value is not None:
            run.append(number)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _band(of: Sequence[tuple[float, Value]], scale: Scale) -> Iterator[Mark]:
    lower: list[Point] = [(x, _up(step.low, scale)) for x, step in of if step.low is not None]
    upper: list[Point] = [(x, _up(step.high, scale)) for x, step in of if step.high is not None]
    if len(of) > 1:
        yield Area((*lower, *reversed(upper)), Paint.BAND)
    for (x, low), (_, high) in zip(lower, upper, strict=True):
        yield Stroke(((x, low), (x, high)), Paint.SPAN, 1.5)


def _told(step: Value, x: float, *, scale: Scale) -> Mark:
    highest = _up(step.high if step.high is not None else step.value or 0, scale)
    paint = Paint.INK if step.value is not None else Paint.MUTED
    return Words(x, highest - _EDGE, step.told, Anchor.MIDDLE, SMALL, paint)


def _column(texts: Sequence[str], x: float) -> Iterator[Mark]:
    for number, text in enumerate(texts, start=1):
        yield Words(x, _row(number), text, Anchor.MIDDLE, SMALL, Paint.MUTED)


def _place(number: int, of: Sequence[Value]) -> float:
    """Steps stand at equal distances, each in the middle of its column."""
    column = (WIDTH - _LEFT) / len(of)
    return _LEFT + column * (number + 0.5)


def _up(value: float, scale: Scale) -> float:
    return _TOP + _PLOT * (1 - value / scale.top)
