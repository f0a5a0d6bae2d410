"""What F1 to F11 cost over 100,000 women by centre and point, beside merely reading the same rows.

* Both read the same rows of one store in turn (A B A B), in processes that have begun: the peer into Arrow tables, with
  the columns as they are stored, ours into figures. Ours reads with two threads in a process of its own, and what it
  brings from there to be counted is in its time: it shows on a machine with a core to spare.
* The store is as two years of a programme leave it: eight check-ins of each woman, all answered, and what came in from
  files besides.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from adbc_driver_sqlite import dbapi
from sqlalchemy import Table, select
from sqlalchemy.dialects import sqlite

from storage import schema
from storage.apart import apart
from storage.columns import Columns
from storage.outcomes.figures import Asked, Dimension
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import compute
from storage.outcomes.known import known
from storage.upgrade import upgrade
from tests.bench.peers import in_process, peak
from tests.support.world import sqlite_url

WOMEN, ROUNDS, MOST_RATIO = 100_000, 5, 1.0
"""Issue 6: at most as long as reading the same rows."""

CUT_OFF = date(2026, 3, 1)
POINTS = ("s1", "m1", "m2", "m3", "m6", "m9", "m12", "m24")
CENTRES = ("BAR", "NZB", "NZS", "CHA", "ECA", "TEX", "SGO", "SMA")
STRIDE = 7_000_000_003

_EACH = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :women) "
_ASKED = "WITH c AS (SELECT rowid AS i, id, participant_id, due_on FROM checkins) "
_CENTRE = f"json_extract('{str(list(CENTRES)).replace(chr(39), chr(34))}', '$[' || (i % 8) || ']')"

_WOMEN = (
    _EACH + "INSERT INTO participants (id, person, release_on, birth_year, cohort, added_at) SELECT i * :stride,"
    " 'p' || i, date('2023-01-01', '+' || (i % 300) || ' days'), 1960 + i % 45, 2023, :at FROM n"
)
_OUTCOMES = (
    _EACH + "INSERT INTO enrolments (id, participant_id, axis, workshop, centre, started_on, completed, learned_at)"
    f" SELECT i * :stride, i * :stride, 'laboral', 'costura', {_CENTRE}, '2022-02-01', 1, :at FROM n",
    _EACH + "INSERT INTO incomes (id, participant_id, moment, scope, status, amount, period, factor_version, monthly,"
    " as_of_on, learned_at) SELECT i * :stride, i * :stride, 'pre_taller', 'dentro', 0, 1000, 'mes', 'hilo-1', 1000,"
    " '2022-01-01', :at FROM n",
    _ASKED + "INSERT INTO employments (id, participant_id, checkin_id, kind, scope, status, as_of_on, learned_at)"
    " SELECT id, participant_id, id, CASE i % 3 WHEN 0 THEN 'sin_trabajo' WHEN 1 THEN 'autoempleo' ELSE"
    " 'produccion_la_cana' END, 'en_libertad', 'ocupada', due_on, :at FROM c",
    _ASKED + "INSERT INTO incomes (id, participant_id, checkin_id, moment, scope, status, amount, period,"
    " factor_version, monthly, as_of_on, learned_at) SELECT id + 1, participant_id, id, 'actual', 'en_libertad', 0,"
    " 500 + i % 900, 'quincena', 'hilo-1', 1000 + i % 1800, due_on, :at FROM c",
    _ASKED + "INSERT INTO supports (id, participant_id, checkin_id, given, as_of_on, learned_at)"
    " SELECT id, participant_id, id, i % 2, due_on, :at FROM c",
)
_CHECKINS = (
    _EACH + "INSERT INTO checkins (id, participant_id, plan, point, series, instrument, added_at, state, due_on,"
    " opens_at, closes_at, fate, closed_at) SELECT (i * 8 + :number) * :stride, i * :stride, 'seguimiento', :point,"
    " :point, 'seguimiento', :at, 'closed', date('2023-06-01', '+' || (i % 300 + :number * 60) || ' days'), :at, :at,"
    " 'completed', :at FROM n"
)
_SCORES = (
    _EACH + "INSERT INTO measurements (id, participant_id, instrument, version, subscale, moment, taken_on, score,"
    " learned_at) SELECT (i * 100 + :number) * :stride, i * :stride, :instrument, '1', :subscale, :moment, :on,"
    " 1 + (i + :number) % 4, :at FROM n"
)
_SCALES = (("gad7", ""), ("erq_ca9", "reevaluacion"), ("gem", ""), ("brs", ""))

_READ: dict[Table, tuple[str, ...]] = {
    schema.participants: ("id", "release_on", "birth_year", "cohort"),
    schema.checkins: ("id", "participant_id", "point", "due_on", "fate"),
    schema.enrolments: (
        *("participant_id", "axis", "workshop", "centre", "started_on", "completed", "sessions_attended"),
    ),
    schema.employments: ("participant_id", "checkin_id", "kind", "scope", "started_on", "ended_on", "as_of_on"),
    schema.incomes: (
        *("participant_id", "checkin_id", "moment", "scope", "status", "monthly", "factor_version", "as_of_on"),
    ),
    schema.supports: ("participant_id", "checkin_id", "given", "as_of_on"),
    schema.measurements: ("participant_id", "instrument", "version", "subscale", "moment", "taken_on", "score"),
}
"""The columns that the figures are about, as they are stored."""


def measure() -> Iterator[str]:
    """The lines to print."""
    with tempfile.TemporaryDirectory(prefix="hilo-bench-") as folder:
        file = Path(folder) / "hilo.sqlite3"
        asyncio.run(upgrade(sqlite_url(file)))
        in_process(populate, file)  # whose memory is not that of counting
        gather(sqlite_url(file), CUT_OFF)  # starts the process that reads, which is not what is measured
        rounds = [(in_process(peer, file), ours(file)) for _ in range(ROUNDS)]
        with apart(sqlite_url(file)) as reader:
            reading = reader.run(held)
    (rows, *_), read = rounds[0][0], statistics.median(seconds for (_, seconds, _), _ in rounds)
    gathered, computed, most = (statistics.median(column) for column in zip(*(own for _, own in rounds), strict=True))
    theirs = max(most for (_, _, most), _ in rounds)
    whole = gathered + computed
    yield (
        f"F1 to F11 over {WOMEN:,} women by centre and point: {whole:.2f} s, of which reading {gathered:.2f} s;"
        f" ADBC + pyarrow, the same {rows:,} rows: {read:.2f} s; ratio {whole / read:.2f} (wanted: {MOST_RATIO});"
        f" at most {reading:,.0f} MB resident where it is read and {most:,.0f} MB where it is counted,"
        f" ADBC + pyarrow {theirs:,.0f} MB"
    )


def ours(file: Path) -> tuple[float, float, float]:
    """Seconds for reading, seconds for counting, and megabytes here at the peak."""
    began = perf_counter()
    evidence = gather(sqlite_url(file), CUT_OFF)
    gathered = perf_counter()
    compute(evidence, Asked(CUT_OFF, by=(Dimension.CENTRE, Dimension.POINT)))
    return gathered - began, perf_counter() - gathered, peak()


def peer(file: Path) -> tuple[int, float, float]:
    """Reads the rows into Arrow tables: how many they are, the seconds that it takes a process that has done it once,
    and megabytes at the peak."""
    with dbapi.connect(str(file)) as connection, connection.cursor() as cursor:
        for _ in range(2):
            began = perf_counter()
            rows = sum(_table(cursor, table, names).num_rows for table, names in _READ.items())
            seconds = perf_counter() - began
    return rows, seconds, peak()


def held(columns: Columns) -> float:
    """Megabytes, where it is read."""
    return peak()


def _table(cursor: Any, table: Table, names: tuple[str, ...]) -> Any:
    statement = select(*(table.c[name] for name in names))
    if "import_id" in table.c:
        statement = statement.where(known(table))
    cursor.execute(str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})))
    return cursor.fetch_arrow_table()


def populate(file: Path) -> None:
    """Fill a migrated, empty store."""
    with _quickly(file) as rows:
        rows.execute(_WOMEN, _same(WOMEN))
        for number, point in enumerate(POINTS):
            rows.execute(_CHECKINS, {**_same(WOMEN), "number": number, "point": point})
    add_outcomes(file, women=WOMEN)


def add_outcomes(file: Path, *, women: int) -> None:
    """What came of these women and their check-ins, which are in the store already."""
    with _quickly(file) as rows:
        for number, point in enumerate(POINTS):
            told = {"instrument": "gad7", "subscale": "", "moment": point, "on": "2024-01-01", "number": 10 + number}
            rows.execute(_SCORES, {**_same(women), **told})
        for number, (instrument, subscale) in enumerate(_SCALES):
            for later, (moment, on) in enumerate((("pre", "2022-01-01"), ("post", "2022-06-01"))):
                told = {"instrument": instrument, "subscale": subscale, "moment": moment, "on": on}
                rows.execute(_SCORES, {**_same(women), **told, "number": 20 + 2 * number + later})
        for statement in _OUTCOMES:
            rows.execute(statement, _same(women))


def _same(women: int) -> dict[str, Any]:
    return {"women": women, "stride": STRIDE, "at": "2026-01-01 00:00:00.000000"}


@contextmanager
def _quickly(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, isolation_level=None)) as rows:
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            rows.execute(f"PRAGMA {pragma}")
        rows.execute("BEGIN")
        yield rows
        rows.execute("COMMIT")
