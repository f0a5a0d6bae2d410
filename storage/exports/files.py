"""Where an export is written: a folder of CSV files, or a ZIP of them.

* CSV as Excel reads it anywhere: UTF-8 with BOM, commas, CRLF; what Excel would run as a formula is made harmless.
* Nothing that is there is replaced unasked, and an export that fails leaves nothing behind.
* Files are their owner's alone, and two exports of the same rows at the same moment are the same bytes.
"""

from __future__ import annotations

import csv
import errno
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

Cell = str | int | Decimal | date | None
Write = Callable[[Sequence[Cell]], None]
"""Writes one row."""

Target = Callable[[str], AbstractContextManager[Write]]
"""Opens a table by its name, one at a time."""

RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for a formula at the start of a cell (OWASP, CSV injection)."""

_PART = ".part"


@contextmanager
def open_target(out: Path, *, at: datetime, force: bool) -> Iterator[Target]:
    """A place for tables that is complete at the end or not there at all.

    Files in a ZIP bear the time `at`. Raises FileExistsError if something is there and `force` does not allow
    replacing it; in a folder only the tables themselves are replaced.
    """
    if out.exists() and not force:
        raise FileExistsError(errno.EEXIST, "is there already: choose another name, or --force to replace it", str(out))
    with _zip(out, at) if out.suffix.lower() == ".zip" else _folder(out) as target:
        yield target


@contextmanager
def _folder(out: Path) -> Iterator[Target]:
    existed = out.exists()
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts: list[Path] = []

    @contextmanager
    def table(name: str) -> Iterator[Write]:
        part = out / f"{name}.csv{_PART}"
        parts.append(part)
        with open(part, "wb", opener=_for_owner_alone) as file, _rows(file) as write:
            yield write

    try:
        yield table
        for part in parts:
            part.replace(part.with_suffix(""))
    except BaseException:
        for part in parts:
            part.unlink(missing_ok=True)
        if not existed:
            out.rmdir()
        raise


@contextmanager
def _zip(out: Path, at: datetime) -> Iterator[Target]:
    part = out.with_name(out.name + _PART)
    try:
        with open(part, "wb", opener=_for_owner_alone) as file, ZipFile(file, "w") as archive:

            @contextmanager
            def table(name: str) -> Iterator[Write]:
                member = ZipInfo(f"{name}.csv", date_time=at.timetuple()[:6])
                member.compress_type = ZIP_DEFLATED
                with archive.open(member, "w", force_zip64=True) as inside, _rows(inside) as write:
                    yield write

            yield table
        part.replace(out)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _for_owner_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def _rows(file: IO[bytes]) -> Iterator[Write]:
    with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        writer = csv.writer(text, lineterminator="\r\n")

        def write(row: Sequence[Cell]) -> None:
            writer.writerow([_written(cell) for cell in row])

        yield write


def _written(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case str():
            return f"'{cell}" if cell.startswith(RUNS_AS_FORMULA) else cell
        case Decimal():
            return format(cell, "f")
        case date():
            return cell.isoformat()
        case _:
            return cell
