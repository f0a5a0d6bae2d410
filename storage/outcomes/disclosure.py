"""What a public file may show: figures about few women are left out, and so is what would give them away.

* A figure is shown or hidden whole, with all its numbers: a part of it would tell the rest. What is not looked at
  here (counts in notes, a second reading) never leaves.
* Hidden are small cells; beside them, so many others that no hidden number follows from the shown ones: neither as the
  rest of a sum, nor through another figure that counts the same women.
* What hides what depends on the numbers alone, never on the order in which they come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from storage.outcomes.figures import Dimension, Figure

PUBLIC = 10
"""A numerator, or the rest of its denominator, below this is a small cell in a public file (domain: §8, disclosure)."""

Place = tuple[str, str, str]
"""A figure's id, the dimension by which it is told ("": the whole), and the group ("")."""

Part = str
"""Which number of a figure: numerator, denominator or eligible."""

APART = frozenset({Dimension.POINT})
"""Dimensions whose groups are the same women at other times: nothing follows for one from the others."""

PARTS: tuple[Part, ...] = ("numerator", "denominator", "eligible")

Link = tuple[tuple[str, Part], tuple[str, Part]]
"""Two numbers that count the same women, whatever the group: (figure, part) twice."""

_TOLERANCE = 1e-9


def protected(figures: Sequence[Figure], *, links: Iterable[Link] = (), least: int = PUBLIC) -> list[Figure]:
    """The same figures without notes and second readings, and those suppressed that are small or would tell what a
    small one says."""
    cells = dict(_cells(figures))
    hidden = {place for place, figure in cells.items() if is_small(figure, least)}
    relations = _relations(cells, tuple(links))
    while more := _smallest_sums(cells, hidden, least=least) or _ways_back(cells, hidden, relations=relations):
        hidden |= more
    return [_shown(figure, hidden) for figure in figures]


def is_small(figure: Figure, least: int) -> bool:
    """Whether few women are behind this figure, or behind what it leaves over; a count has nothing left over."""
    if figure.numerator is None:
        return True
    return _few(figure.numerator, figure.denominator, least=least)


def _few(numerator: int, denominator: int | None, *, least: int) -> bool:
    return numerator < least or (denominator is not None and denominator - numerator < least)


def _cells(figures: Iterable[Figure]) -> Iterable[tuple[Place, Figure]]:
    for figure in figures:
        yield (figure.id, "", ""), figure
        for dimension, groups in figure.by.items():
            for code, part in groups.items():
                yield (figure.id, dimension, code), part


def _shown(figure: Figure, hidden: Collection[Place]) -> Figure:
    by = {
        dimension: {
            code: _told(part, suppressed=(figure.id, dimension, code) in hidden) for code, part in groups.items()
        }
        for dimension, groups in figure.by.items()
    }
    return replace(_told(figure, suppressed=(figure.id, "", "") in hidden), by=by)


def _told(figure: Figure, *, suppressed: bool) -> Figure:
    nothing: dict[str, None] = dict.fromkeys(PARTS) if suppressed else {}
    return replace(figure, **nothing, strict=None, notes={}, unclear=(), suppressed=suppressed)  # type: ignore[arg-type]


# --- sums


def _smallest_sums(cells: Mapping[Place, Figure], hidden: Collection[Place], *, least: int) -> set[Place]:
    """What else to hide because the hidden groups of a dimension are one alone, or few women together: the rest of the
    whole would tell them."""
    more: set[Place] = set()
    for groups in _dimensions(cells).values():
        gone = [place for place in groups if place in hidden]
        left = sorted(
            (place for place in groups if place not in hidden), key=lambda place: (_size(cells[place]), place)
        )
        if gone and left and (len(gone) == 1 or _few(*_together(cells, gone), least=least)):
            more.add(left[0])
    return more


def _dimensions(cells: Mapping[Place, Figure]) -> dict[tuple[str, str], list[Place]]:
    found: dict[tuple[str, str], list[Place]] = {}
    for id_, dimension, code in cells:
        if dimension and dimension not in APART:
            found.setdefault((id_, dimension), []).append((id_, dimension, code))
    return found


def _size(figure: Figure) -> int:
    return figure.numerator if figure.denominator is None else figure.denominator  # type: ignore[return-value]


def _together(cells: Mapping[Place, Figure], places: Sequence[Place]) -> tuple[int, int | None]:
    figures = [cells[place] for place in places]
    denominators = [figure.denominator for figure in figures if figure.denominator is not None]
    return sum(figure.numerator or 0 for figure in figures), sum(denominators) if denominators else None


# --- what follows from what


@dataclass(frozen=True, slots=True)
class _Relations:
    """Sums that come to nothing: each row adds and takes away numbers of `columns`; `among` says of which figures."""

    among: Sequence[frozenset[Place]]
    columns: Mapping[tuple[Place, Part], int]
    matrix: np.ndarray


def _relations(cells: Mapping[Place, Figure], links: Sequence[Link]) -> _Relations:
    known = ((place, part) for place, figure in cells.items() for part in PARTS if getattr(figure, part) is not None)
    columns = {key: number for number, key in enumerate(known)}
    sums = [*_wholes(cells), *_equals(cells, links)]
    rows = [row for row in sums if all(key in columns for key in row)]
    matrix = np.zeros((len(rows), len(columns)))
    for number, row in enumerate(rows):
        for key, sign in row.items():
            matrix[number, columns[key]] += sign
    return _Relations([frozenset(place for place, _ in row) for row in rows], columns, matrix)


def _wholes(cells: Mapping[Place, Figure]) -> Iterable[dict[tuple[Place, Part], int]]:
    """The groups of a dimension come to the whole; where women are in several, some other sum does, so that it is
    treated alike."""
    for (id_, _), groups in _dimensions(cells).items():
        for part in PARTS:
            yield {**{(place, part): 1 for place in groups}, ((id_, "", ""), part): -1}


def _equals(cells: Mapping[Place, Figure], links: Sequence[Link]) -> Iterable[dict[tuple[Place, Part], int]]:
    for (one, its), (other, of_it) in links:
        for id_, dimension, code in cells:
            if id_ == one and (other, dimension, code) in cells:
                yield {((one, dimension, code), its): 1, ((other, dimension, code), of_it): -1}


def _ways_back(cells: Mapping[Place, Figure], hidden: set[Place], *, relations: _Relations) -> set[Place]:
    """The smallest shown figure by which some hidden number can be worked out, or nothing."""
    unknown = {key: number for key, number in relations.columns.items() if key[0] in hidden}
    if not unknown or not relations.matrix.size:
        return set()
    free = _free(relations.matrix[:, list(unknown.values())])
    rows = {key: free[number] for number, key in enumerate(unknown)}
    told = {place for place in hidden if _is_told(place, rows)}
    sums = relations.among if told else ()
    near = [places for places in sums if places & told and places - hidden] or [s for s in sums if s & hidden]
    beside = {(_size(cells[place]), place) for places in near for place in places - hidden}
    return {min(beside)[1]} if beside else set()


def _free(matrix: np.ndarray) -> np.ndarray:
    """In which directions the unknown numbers can move while every sum holds: a row for each of them."""
    _, sizes, directions = np.linalg.svd(matrix, full_matrices=True)
    rank = int((sizes > _TOLERANCE * max(matrix.shape)).sum())
    return np.asarray(directions[rank:].T)


def _is_told(place: Place, rows: Mapping[tuple[Place, Part], np.ndarray]) -> bool:
    numerator, denominator = rows.get((place, "numerator")), rows.get((place, "denominator"))
    moving = [numerator] if numerator is not None else []
    if numerator is not None and denominator is not None:
        moving.append(denominator - numerator)
    return any(np.abs(move).max(initial=0.0) < _TOLERANCE for move in moving)
