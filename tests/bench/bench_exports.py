"""What an export costs, in time and memory, beside the plainest use of the same libraries.

* Each figure is of a process of its own, taken in turn (A B A B) with its peer's on the same store: the median of the
  seconds, and the largest peak of memory, all imports included.
* The peers of the long tables send the very statement that ours sends, in the same order, straight from ADBC into
  pyarrow's writers: nothing is decoded, dated, coded or made harmless. The peer of the wide workbook reads the answers
  with sqlite3 in the order of the women, gathers each one's row in Python, and writes it with XlsxWriter.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter

from tests.bench import answering
from tests.bench.peers import in_process

WOMEN, MANY = 10_000, 100_000
ROUNDS = 3
MOST_LONG, MOST_WORKBOOK, MOST_MB = 1.3, 1.1, 250.0
"""Ratios to the peers, and megabytes of the long tables (performance.md, section 4)."""

Cost = tuple[float, float]
"""Seconds, and megabytes at the peak."""


def measure(women: int = WOMEN, many: int | None = MANY) -> Iterator[str]:
    """The lines to print; `many` women show whether memory grows."""
    with tempfile.TemporaryDirectory(prefix="hilo-bench-") as folder:
        database = Path(folder) / "few.sqlite3"
        in_process(populate, database, women)
        answers = women * len(answering.POINTS) * answering.A_CHECKIN
        yield f"{women:,} women, {answers:,} answers"
        for name, ours, peer, most in _PAIRS:
            yield _compared(name, _both(ours, peer, database), most)
        for kind in ("jsonl", "sav", "dta"):
            seconds, peak = in_process(ours_as, database, kind)
            yield f"{kind}: {seconds:.1f} s, {peak:.0f} MB"
        if many is not None:
            yield from _grown(Path(folder), many)


def _grown(folder: Path, many: int) -> Iterator[str]:
    database = folder / "many.sqlite3"
    in_process(populate, database, many)
    yield f"{many:,} women, {many * len(answering.POINTS) * answering.A_CHECKIN:,} answers"
    for name, ours, peer, most in _PAIRS[:2]:
        yield _compared(name, _both(ours, peer, database, rounds=1), most)
    for kind in ("wide csv", "jsonl", "sav", "dta"):
        seconds, peak = in_process(ours_as, database, kind)
        yield f"{kind}: {seconds:.1f} s, {peak:.0f} MB"


def populate(database: Path, women: int) -> None:
    """Fill a store."""
    answering.populate(database, women=women)


def _both(
    ours: Sequence[str], peer: Callable[..., Cost], database: Path, *, rounds: int = ROUNDS
) -> tuple[list[Cost], list[Cost]]:
    found: tuple[list[Cost], list[Cost]] = ([], [])
    for _ in range(rounds):
        found[0].append(in_process(peer, database, *ours))
        found[1].append(in_process(ours_as, database, *ours))
    return found


def _compared(name: str, found: tuple[list[Cost], list[Cost]], most: float) -> str:
    (theirs, their_peak), (own, own_peak) = (
        (statistics.median(cost[0] for cost in each), max(cost[1] for cost in each)) for each in found
    )
    told = (
        f"{name}: {own:.1f} s ({own_peak:.0f} MB), peer {theirs:.1f} s ({their_peak:.0f} MB), ratio {own / theirs:.2f}"
    )
    return f"{told}, at most {most}"


# --- ours


def ours_as(database: Path, kind: str) -> Cost:
    """Write the answers, long or wide, as that kind."""
    from datetime import UTC, datetime

    from conversations.xlsform import parse_instrument
    from storage.columns import open_columns
    from storage.exports import tables
    from storage.exports.exporting import Asked, _writer
    from storage.exports.staging import staging
    from storage.exports.variables import variables
    from storage.exports.view import View
    from storage.exports.wide import wide
    from tests.support.world import sqlite_url

    at = datetime(2026, 3, 2, tzinfo=UTC)
    began = perf_counter()
    columns = open_columns(sqlite_url(database))
    view = View(columns, at.date())
    with staging(database.with_name("out"), at=at, force=True) as stage:
        writer = _writer(Asked(stage.out, kind.split()[-1]), stage)
        if kind in ("csv", "parquet", "jsonl"):
            table, batches = tables.ANSWERS.table(view), tables.ANSWERS.batches(view)
        else:
            turned = wide(columns, variables([parse_instrument("seguimiento", answering.FORM)]), exact=False)
            table, batches = turned.table(view), turned.batches(view)
        writer.open(table)
        for batch in batches:
            writer.write(batch)
        writer.close()
        writer.finish()
        seconds = perf_counter() - began
    columns.close()
    return seconds, _peak()


# --- the peers


def plain(database: Path, kind: str) -> Cost:
    """The same statement straight from ADBC into pyarrow."""
    from adbc_driver_sqlite import dbapi

    statement = _statement()
    began = perf_counter()
    with dbapi.connect(str(database)) as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": "65536"})
        cursor.execute(statement)
        reader = cursor.fetch_record_batch()
        out = database.with_name(f"plain.{kind}")
        if kind == "csv":
            import pyarrow.csv as arrow

            with arrow.CSVWriter(out, reader.schema) as file:
                for batch in reader:
                    file.write_batch(batch)
        else:
            import pyarrow.parquet as parquet

            with parquet.ParquetWriter(out, reader.schema) as file:
                for batch in reader:
                    file.write_batch(batch)
    seconds = perf_counter() - began
    out.unlink()
    return seconds, _peak()


def plain_workbook(database: Path, _kind: str) -> Cost:
    """sqlite3, a dictionary for each woman, and XlsxWriter."""
    import sqlite3
    from itertools import groupby

    import xlsxwriter

    began = perf_counter()
    out = database.with_name("plain.xlsx")
    book = xlsxwriter.Workbook(str(out), {"constant_memory": True})
    sheet = book.add_worksheet()
    rows = sqlite3.connect(database).execute(
        "SELECT p.person, c.point, a.variable, a.value, a.status FROM participants p"
        " JOIN checkins c ON c.participant_id = p.id JOIN answers a ON a.checkin_id = c.id"
        " WHERE a.replaced_at IS NULL ORDER BY p.person"
    )
    places: dict[tuple[str, str], int] = {}
    for number, (person, own) in enumerate(groupby(rows, key=lambda row: row[0]), start=1):
        cells = {places.setdefault((row[1], row[2]), len(places) + 1): row[3] if row[3] else row[4] for row in own}
        sheet.write(number, 0, person)
        for place in sorted(cells):
            sheet.write(number, place, cells[place])
    book.close()
    seconds = perf_counter() - began
    out.unlink()
    return seconds, _peak()


def _statement() -> str:
    from storage.columns import _as_text, _kind
    from storage.exports import tables

    statement = tables.ANSWERS.statement()
    return _as_text(statement, {column.name: _kind(column.type) for column in statement.selected_columns})


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


_PAIRS = (
    ("long csv", ("csv",), plain, MOST_LONG),
    ("long parquet", ("parquet",), plain, MOST_LONG),
    ("wide xlsx", ("xlsx",), plain_workbook, MOST_WORKBOOK),
)
