"""A picture as plain data: marks on a sheet, in the units of a phone's screen.

* A mark says what it is for (`Paint`), never which colour it has: light, dark and print choose theirs.
* Whoever draws a sheet knows nothing of figures, and whoever lays one out nothing of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Point = tuple[float, float]


class Paint(StrEnum):
    """What a mark is for."""

    INK = "ink"  # words to be read
    MUTED = "muted"  # words beside them
    GRID = "grid"  # what only guides the eye
    TRACK = "track"  # the whole that a bar is a part of
    BAR = "bar"  # the figure
    SPAN = "span"  # how sure it is
    BAND = "band"  # the same, as an area


class Anchor(StrEnum):
    """Which end of a text stands at its point, in SVG's words."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its left upper corner."""

    x: float
    y: float
    width: float
    height: float
    paint: Paint


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points."""

    points: tuple[Point, ...]
    paint: Paint
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Area:
    """A filled outline."""

    points: tuple[Point, ...]
    paint: Paint


@dataclass(frozen=True, slots=True)
class Dot:
    """A disc."""

    x: float
    y: float
    radius: float
    paint: Paint


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `y` is where it stands, not its top."""

    x: float
    y: float
    text: str
    anchor: Anchor = Anchor.START
    size: float = 13.0
    paint: Paint = Paint.INK


Mark = Box | Stroke | Area | Dot | Words


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture; what is drawn later lies above. `about` says in words what it shows."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    about: str
