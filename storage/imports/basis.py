"""On what consent of hers an imported row stands: a paper that she signed, a chat, or an agreement of the programme.

* A basis is whole or it is none: its day, and the version of what she agreed to; of a paper also who saw her sign.
* What a row says of its own counts; a row that says nothing has what was said of the whole file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from storage.imports.cells import folded, read_name, read_text
from storage.imports.outcome_cells import one_of, read_past
from storage.imports.problems import Fault, SheetProblem
from storage.imports.rows import Columns, RowReader
from storage.imports.sheets import Row

COLUMNS = ("consent_basis", "consent_on", "consent_version", "consent_witness")
KIND, ON, VERSION, WITNESS = COLUMNS


class BasisKind(StrEnum):
    """How it is known that she agreed."""

    PAPER = "papel"  # she signed, before a witness
    CHAT = "chat"  # she wrote it, in whatever chat
    AGREEMENT = "convenio"  # of the programme with whoever asked her; the version says which


_KINDS = {folded(kind): kind for kind in BasisKind} | {
    **dict.fromkeys(("en papel", "firma", "firmado", "carta"), BasisKind.PAPER),
    **dict.fromkeys(("en chat", "mensaje"), BasisKind.CHAT),
    **dict.fromkeys(("acuerdo", "convenio del programa"), BasisKind.AGREEMENT),
}


@dataclass(frozen=True, slots=True)
class Basis:
    """A consent that stands: given in this way, on this day, to this version of a text; `witness` of a paper alone."""

    kind: BasisKind
    on: date
    version: str
    witness: str | None = None

    @property
    def columns(self) -> Mapping[str, str | date | None]:
        """What is stored of it in the open: a witness is somebody's name."""
        return {KIND: self.kind.value, ON: self.on, VERSION: self.version}


NO_BASIS: Mapping[str, str | date | None] = dict.fromkeys((KIND, ON, VERSION))
"""What is stored where nothing is known of her consent."""


def read_basis(row: RowReader, today: date, *, default: Basis | None) -> Basis | None:
    """What this row says of her consent, or the default where it says nothing; whatever is wrong is recorded."""
    given = {column for column in COLUMNS if row.cell(column) != ""}
    if not given:
        return default
    kind = row.read(KIND, one_of(_KINDS, " or ".join(BasisKind)))
    on = row.read(ON, lambda cell: read_past(cell, today))
    version, witness = row.read(VERSION, read_text), row.read(WITNESS, read_name)
    needed = (KIND, ON, VERSION, *((WITNESS,) if kind is BasisKind.PAPER else ()))
    for column in needed:
        if column not in given:
            told = "is empty; a consent has its basis, its day and its version, and a paper its witness"
            row.refuse(column, told, code=Fault.INCOMPLETE)
    if WITNESS in given and kind not in (None, BasisKind.PAPER):
        row.refuse(WITNESS, f"belongs to {BasisKind.PAPER} alone; leave it empty", code=Fault.CONTRADICTION)
    return None if kind is None or on is None or version is None else Basis(kind, on, version, witness)


def stated(cells: Mapping[str, str], today: date) -> tuple[Basis | None, Sequence[SheetProblem]]:
    """The basis that these cells say by column, as a row would, and what is wrong with them."""
    places = {column: place for place, column in enumerate(cells)}
    row = RowReader(Row(0, tuple(cells.values())), Columns(places, (), ()))
    return read_basis(row, today, default=None), row.problems
