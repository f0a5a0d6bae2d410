"""The store by columns: what was NULL is null, whatever stands in the first rows, and all is of one moment."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    MetaData,
    Numeric,
    Select,
    Table,
    Text,
    create_engine,
    func,
    literal,
    select,
)

from storage.apart import apart
from storage.columns import Columns, ahead, open_columns
from storage.schema import Instant

KINDS: dict[str, tuple[Any, Any, pa.DataType]] = {
    "words": (Text, "ñandú", pa.string()),
    "whole": (Integer, -7, pa.int64()),
    "long": (BigInteger, 2**62, pa.int64()),
    "yes": (Boolean, False, pa.bool_()),
    "on": (Date, date(1999, 12, 31), pa.date32()),
    "at": (Instant, datetime(2026, 3, 2, 16, 0, 0, 123456, UTC), pa.timestamp("us", "UTC")),
    "amount": (Numeric(14, 2), 1500.25, pa.float64()),
    "round": (Numeric(14, 2), 1500, pa.float64()),
}
TABLE = Table(
    "t",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    *(Column(name, kind[0]) for name, kind in KINDS.items()),
)
EMPTY = 10_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store whose rows are empty but for the last, at a path that a URI must quote."""
    file = tmp_path / "a#b?c%d.sqlite3"
    with closing(sqlite3.connect(file)) as rows:
        engine = create_engine("sqlite://", creator=lambda: rows)
        TABLE.metadata.create_all(engine)
        with engine.begin() as connection:
            connection.execute(TABLE.insert(), [{"id": number} for number in range(EMPTY)])
            connection.execute(TABLE.insert(), [{"id": EMPTY, **{name: kind[1] for name, kind in KINDS.items()}}])
        rows.execute("PRAGMA journal_mode=WAL")
        engine.dispose()
    return file


@pytest.fixture
def url(file: Path) -> str:
    """Where it is."""
    return f"sqlite+aiosqlite:///{str(file).replace('%', '%25').replace('?', '%3F')}"


def look(columns: Columns, statement: Select[Any]) -> pa.Table:
    return columns.table(statement)


def look_twice(columns: Columns, statement: Select[Any]) -> list[pa.Table]:
    return [one.table(statement) for one in (columns, columns.beside)]


def look_by_and_by(columns: Columns, statement: Select[Any]) -> tuple[list[int], list[int]]:
    with columns.reading(statement, rows=3_000) as batches:
        sizes, numbers = [], []
        for batch in ahead(batches):
            sizes.append(batch.num_rows)
            numbers += batch.column("id").to_pylist()
    return sizes, numbers


def look_at_the_first(columns: Columns, statement: Select[Any]) -> tuple[int, int]:
    with columns.reading(statement, rows=100) as batches:
        first = next(ahead(batches)).num_rows
    return first, columns.table(statement).num_rows


def read(url: str, work: Any, statement: Select[Any]) -> Any:
    with apart(url) as reader:
        return reader.run(work, statement=statement)


COUNT = select(func.count(TABLE.c.id).label("n"))


@pytest.mark.parametrize("name", KINDS)
def test_what_comes_after_ten_thousand_nulls_is_read(url: str, name: str) -> None:
    found = read(url, look, select(TABLE.c[name]).order_by(TABLE.c.id)).column(name)
    assert found.type == KINDS[name][2]
    assert found.null_count == EMPTY
    assert found[EMPTY].as_py() == KINDS[name][1]


def test_nothing_is_read_as_what_it_would_be(url: str) -> None:
    found = read(url, look, select(*TABLE.c).where(TABLE.c.id < 0))
    assert found.num_rows == 0
    assert {name: found.schema.field(name).type for name in KINDS} == {name: kind[2] for name, kind in KINDS.items()}


def test_batches_come_in_order_and_together(url: str) -> None:
    sizes, numbers = read(
        url, look_by_and_by, select(TABLE.c.id, literal("x").label("mark")).order_by(TABLE.c.id.desc())
    )
    assert sizes == [3_000, 3_000, 3_000, 1_001]
    assert numbers == list(range(EMPTY, -1, -1))


def test_reading_may_end_early(url: str) -> None:
    assert read(url, look_at_the_first, select(TABLE.c.id)) == (100, EMPTY + 1)


def test_what_is_written_meanwhile_is_not_seen(url: str, file: Path) -> None:
    with apart(url) as reader:
        reader.begin()
        with closing(sqlite3.connect(file)) as rows:
            rows.execute("DELETE FROM t")
            rows.commit()
        assert [found.to_pylist() for found in reader.run(look_twice, statement=COUNT)] == [[{"n": EMPTY + 1}]] * 2
    assert read(url, look, COUNT).to_pylist() == [{"n": 0}]


def test_what_is_read_stays_locked_whoever_else_opens_and_closes_the_file(url: str, file: Path) -> None:
    with apart(url) as reader:
        reader.begin()
        for _ in range(2):
            with closing(sqlite3.connect(file)) as rows:
                rows.execute("DELETE FROM t WHERE id = 1")
                rows.commit()
                (found,) = rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                assert found[0] == 1  # busy: the reading holds the log
    with closing(sqlite3.connect(file)) as rows:
        (found,) = rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert found[0] == 0


def test_columns_are_read_nowhere_else(url: str) -> None:
    with pytest.raises(RuntimeError, match="a process of their own"):
        open_columns(url)


def test_a_database_without_a_driver_is_told() -> None:
    with pytest.raises(ValueError, match="SQLite"):
        read("postgresql+asyncpg://somewhere/hilo", look, COUNT)
