"""What an export costs, in time and memory, beside the plainest use of the same libraries.

* Each figure is of processes of its own, taken in turn (A B A B) with its peer's on the same store: the median of the
  seconds from when all is imported, and the largest peak of memory, imports included.
* The peers of the long tables send the very statement that ours sends, in the same order, straight from ADBC into
  pyarrow's writers: nothing is decoded, dated, coded or made harmless. The peer of the wide workbook reads the answers
  with sqlite3 in the order of the women, gathers each one's row in Python, and writes it with XlsxWriter.
* A whole export has all tables, and the figures, of a store where every check-in brought a job, an income and a word on
  her family. Its memory is that of the process that reads and writes, and that of the one that asked for it.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from tests.bench import answering
from tests.bench.peers import in_process, peak

WOMEN, MANY = 10_000, 100_000
ROUNDS = 3
MOST_LONG, MOST_WORKBOOK = 1.3, 0.6
"""Ratios to the peers (issue 6): the workbook is not written by XlsxWriter, so it may take six tenths of its time."""

KINDS = ("csv", "parquet", "jsonl", "wide csv", "wide xlsx", "wide sav", "wide dta")
WHOLE = ("csv", "parquet")

Cost = tuple[float, float, float]
"""Seconds, megabytes at the peak, and seconds of processor time."""


def measure(women: int = WOMEN, many: int = MANY) -> Iterator[str]:
    """The lines to print; `many` women show whether memory grows."""
    with tempfile.TemporaryDirectory(prefix="hilo-bench-") as folder:
        few, lot = Path(folder) / "few.sqlite3", Path(folder) / "many.sqlite3"
        for database, number in ((few, women), (lot, many)):
            in_process(populate, database, number)
        for database, number, rounds in ((few, women, ROUNDS), (lot, many, 1)):
            yield f"{number:,} women, {number * len(answering.POINTS) * answering.A_CHECKIN:,} answers"
            for name, kind, peer, most in _PAIRS:
                yield _compared(name, _both(kind, peer, database, rounds=rounds), most)
        for kind in KINDS:
            yield _grown(kind, [in_process(ours_as, each, kind)[:2] for each in (few, lot)])
        for kind in WHOLE:
            yield _grown(f"whole export as {kind}", [in_process(whole_as, each, kind) for each in (few, lot)])


def populate(database: Path, women: int) -> None:
    """Fill a store."""
    from tests.bench.bench_indicators import add_outcomes

    answering.populate(database, women=women)
    add_outcomes(database, women=women)


def _both(kind: str, peer: Callable[..., Cost], database: Path, *, rounds: int) -> tuple[list[Cost], list[Cost]]:
    found: tuple[list[Cost], list[Cost]] = ([], [])
    for _ in range(rounds):
        found[0].append(in_process(peer, database, kind))
        found[1].append(in_process(ours_as, database, kind))
    return found


def _compared(name: str, found: tuple[list[Cost], list[Cost]], most: float) -> str:
    theirs, own = found
    told = (
        f"{statistics.median(seconds for seconds, _, _ in each):.1f} s ({max(most for _, most, _ in each):.0f} MB,"
        f" {statistics.median(processor for _, _, processor in each):.1f} s of processor)"
        for each in (own, theirs)
    )
    ratio, of_processor = (
        statistics.median(ours[part] / peers[part] for peers, ours in zip(theirs, own, strict=True)) for part in (0, 2)
    )
    return f"{name}: {', peer '.join(told)}, ratio {ratio:.2f} ({of_processor:.2f} of processor), at most {most}"


def _grown(kind: str, found: Sequence[Sequence[float]]) -> str:
    told = (f"{cost[0]:.1f} s, {' + '.join(f'{most:.0f}' for most in cost[1:])} MB" for cost in found)
    return f"{kind}: {' -> '.join(told)}"


# --- ours


def ours_as(database: Path, kind: str) -> Cost:
    """Write the answers, long or wide, as that kind."""
    from storage.apart import apart
    from tests.support.world import sqlite_url

    with apart(sqlite_url(database)) as reader:
        return reader.run(written, kind=kind, out=database.with_name("out"))


def written(columns: Any, *, kind: str, out: Path) -> Cost:
    """The same, where it is read."""
    from datetime import UTC, datetime

    from conversations.xlsform import parse_instrument
    from storage.exports import tables
    from storage.exports.contents import writer_for
    from storage.exports.exporting import Asked
    from storage.exports.staging import staging
    from storage.exports.variables import variables
    from storage.exports.view import View
    from storage.exports.wide import wide

    at, format_ = datetime(2026, 3, 2, tzinfo=UTC), kind.split()[-1]
    view = View(columns, at.date())
    with staging(out, at=at, force=True) as stage:
        writer = writer_for(Asked(out, format_), stage)
        known = variables([parse_instrument("seguimiento", answering.FORM)])
        began = perf_counter(), process_time()
        table, batches = tables.ANSWERS.table(view), tables.ANSWERS.batches(view)
        if kind != format_:
            turned = wide(columns, known, exact=False)
            table, batches = turned.table(view), turned.batches(view)
        writer.open(table)
        for batch in batches:
            writer.write(batch)
        writer.close()
        writer.finish()
        return _since(began)


def whole_as(database: Path, kind: str) -> tuple[float, float, float]:
    """All tables: the seconds, and the peaks of both processes."""
    from storage.apart import apart
    from tests.support.world import sqlite_url

    seconds = asyncio.run(_export(database, kind))
    with apart(sqlite_url(database)) as reader:  # it is the same one, kept for more
        return seconds, reader.run(held), peak()


def held(columns: Any) -> float:
    """Megabytes at the peak, where it is read."""
    return peak()


async def _export(database: Path, kind: str) -> float:
    from bot.cli.results import every_version
    from storage.database import Database, World
    from storage.exports.exporting import Asked, Exporter
    from storage.vault import create_key_file, open_vault
    from tests.support.world import CountedIds, HeldClock, sqlite_url

    key, ids = database.with_name("key"), CountedIds(kind)
    key.unlink(missing_ok=True)
    create_key_file(key, ids.chance)
    store = Database(sqlite_url(database), World(HeldClock(), ids, open_vault(key, ids.chance)))
    asked = Asked(database.with_name("whole"), kind, reason="to see what it takes", force=True)
    began = perf_counter()
    await Exporter(store, sqlite_url(database), shelf=every_version).export(asked)
    await store.close()
    return perf_counter() - began


# --- the peers


def plain(database: Path, kind: str) -> Cost:
    """The same statement straight from ADBC into pyarrow."""
    from adbc_driver_sqlite import dbapi

    statement = _statement()
    began = perf_counter(), process_time()
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
    cost = _since(began)
    out.unlink()
    return cost


def plain_workbook(database: Path, _kind: str) -> Cost:
    """sqlite3, a dictionary for each woman, and XlsxWriter."""
    import sqlite3
    from itertools import groupby

    import xlsxwriter

    began = perf_counter(), process_time()
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
    cost = _since(began)
    out.unlink()
    return cost


def _since(began: tuple[float, float]) -> Cost:
    return perf_counter() - began[0], peak(), process_time() - began[1]


def _statement() -> str:
    from storage.columns import _as_text, _kind
    from storage.exports import tables

    statement = tables.ANSWERS.statement()
    return _as_text(statement, {column.name: _kind(column.type) for column in statement.selected_columns})


_PAIRS = (
    ("long csv", "csv", plain, MOST_LONG),
    ("long parquet", "parquet", plain, MOST_LONG),
    ("wide xlsx", "wide xlsx", plain_workbook, MOST_WORKBOOK),
)
