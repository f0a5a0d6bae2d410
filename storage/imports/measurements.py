"""The import format `measurements`: one row an instrument that a woman answered once, as a score or item by item.

* What a pack knows is held against it: its subscales, and the range in which its scores lie.
* Items are scored here, by the pack; where too few are answered there is no score, and the row is refused.
* An instrument without a pack is kept under its name as a code, with a warning: its scores can be read, not judged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from storage.imports.basis import COLUMNS as CONSENT
from storage.imports.basis import Basis, read_basis
from storage.imports.cells import CellRefused, folded, read_record_id, read_text, read_whole
from storage.imports.facts import MEASUREMENT, Fact, FactFile, gather
from storage.imports.headers import also_called
from storage.imports.outcome_cells import one_of, read_past, read_score, read_word, reason
from storage.imports.problems import Fault
from storage.imports.rows import RowReader, match_columns
from storage.imports.sheets import Cell, Sheet
from storage.outcomes import scoring
from storage.outcomes.pack import TOTAL, Pack
from storage.outcomes.scoring import OutOfRange, Scored

REQUIRED = ("record_id", "instrument", "moment", "taken_on")
COLUMNS = (*REQUIRED, "version", "score", "subscale", *CONSENT)

FIRST_VERSION = "1"
PRE, POST = "pre", "post"

_MOMENTS = {
    **dict.fromkeys(("pre", "pretest", "pre test", "antes", "inicial", "linea base"), PRE),
    **dict.fromkeys(("post", "postest", "posttest", "post test", "despues", "final"), POST),
}


@dataclass(frozen=True, slots=True)
class _About:
    """What the cells beside the score say."""

    instrument: str
    version: str
    subscale: str
    pack: Pack | None


def read_measurements(sheet: Sheet, *, today: date, points: Collection[str], basis: Basis | None = None) -> FactFile:
    """Read every row of a file of scores; `points` are the names of the points of all applied plans, `basis` is the
    consent that a row stands on that names none."""
    if not sheet.headers:
        return FactFile((), sheet.problems, ())
    asked = _item_columns(sheet)
    required = REQUIRED if asked else (*REQUIRED, "score")
    columns = match_columns(sheet, known=(*COLUMNS, *asked), required=required, aliases=also_called(COLUMNS))
    moments = {folded(point): point for point in points} | _MOMENTS
    told = f"pre, post, or a point of a plan: {', '.join(sorted(points)) or 'none is applied'}"

    def measurement(row: RowReader) -> list[Fact]:
        record_id, about = row.require("record_id", read_record_id), _about(row)
        moment = row.require("moment", one_of(moments, told))
        taken = row.require("taken_on", lambda cell: read_past(cell, today))
        scores = [] if about is None else _scores(row, about, asked=asked)
        consent = read_basis(row, today, default=basis)
        if row.problems or record_id is None or about is None:
            return []
        key = {"instrument": about.instrument, "version": about.version, "moment": moment, "taken_on": taken}
        return [
            Fact(
                *(row.line, record_id, MEASUREMENT, {**key, "subscale": subscale}),
                says={"score": score, "answered": answered},
                basis=consent,
            )
            for subscale, score, answered in scores
        ]

    return gather(sheet, columns, facts_of=measurement)


def _item_columns(sheet: Sheet) -> tuple[str, ...]:
    packs = scoring.packs()
    names = dict.fromkeys(folded(header).replace(" ", "_") for header in sheet.headers)
    return tuple(name for name in names if name not in COLUMNS and any(pack.knows(name) for pack in packs))


def _about(row: RowReader) -> _About | None:
    instrument = row.require("instrument", _instrument)
    subscale, version = row.read("subscale", read_word) or TOTAL, row.read("version", read_text) or FIRST_VERSION
    if instrument is None:
        return None
    pack = scoring.pack(instrument)
    if pack is None:
        close = get_close_matches(instrument, [known.name for known in scoring.packs()], n=1)
        advice = f"; the nearest that we know is {close[0]}" if close else ""
        row.warn("instrument", f"has no scoring pack; kept by its name{advice}", code=Fault.UNKNOWN_NAME)
    return _About(instrument, version, subscale, pack if pack is not None and pack.holds_for(version) else None)


def _instrument(cell: Cell) -> str:
    plain = folded(read_text(cell))
    return read_word(scoring.canonical(plain))


Score = tuple[str, Decimal, int | None]


def _scores(row: RowReader, about: _About, *, asked: Collection[str]) -> list[Score]:
    """The row's score, or those that its items make: (subscale, score, items answered if known)."""
    score = row.read("score", read_score)
    answers = {} if about.pack is None else {name: row.cell(name) for name in asked if about.pack.knows(name)}
    filled = any(cell != "" for cell in answers.values())
    if score is not None and filled:
        row.refuse("score", "stands beside its items; give the one or the others", code=Fault.CONTRADICTION)
    elif score is not None:
        _require_fit(row, about, score=score)
        return [(about.subscale, score, None)]
    elif about.pack is not None and filled:
        return [(one.subscale, one.score, one.answered) for one in _scored(row, about, pack=about.pack, names=answers)]
    elif row.cell("score") == "":
        row.refuse("score", "is empty; every row needs it, or the items of an instrument", code=Fault.EMPTY_CELL)
    return []


def _require_fit(row: RowReader, about: _About, *, score: Decimal) -> None:
    """A score has a subscale of its pack, and lies where its scores can lie."""
    if about.pack is None or not _require_subscale(row, about.subscale, scales=tuple(about.pack.scales)):
        return
    low, high = about.pack.span(about.subscale)
    if not low <= score <= high:
        row.refuse("score", f"must lie between {low} and {high} for this instrument", code=Fault.OUT_OF_RANGE)


def _require_subscale(row: RowReader, subscale: str, *, scales: Collection[str]) -> bool:
    if subscale in scales:
        return True
    known = " or ".join(filter(None, scales))
    row.refuse("subscale", f"write {known}" if known else "leave it empty: this instrument has none")
    return False


def _scored(row: RowReader, about: _About, *, pack: Pack, names: Mapping[str, Cell]) -> list[Scored]:
    values = {name: row.read(name, _item) for name in names}
    if row.problems or (
        about.subscale != TOTAL and not _require_subscale(row, about.subscale, scales=tuple(pack.scales))
    ):
        return []
    try:
        found = scoring.score(pack, values)
    except OutOfRange as strange:
        for name in strange.items:
            row.refuse(name, f"must lie between {pack.low} and {pack.high}", code=Fault.OUT_OF_RANGE)
        return []
    kept = [one for one in found if about.subscale in (TOTAL, one.subscale)]
    if not kept:
        message = f"too few of the {pack.size} items are there and answered for a score"
        row.refuse("instrument", message, code=Fault.INCOMPLETE)
    return kept


def _item(cell: Cell) -> int | None:
    if reason(cell) is not None:
        return None
    try:
        return read_whole(cell)
    except CellRefused as refused:
        raise CellRefused(f"{refused}, as the instrument counts it") from None
