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
    Table,
    Text,
    create_engine,
    func,
    literal,
    select,
)

from storage.columns import ahead, open_columns
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
def url(tmp_path: Path) -> str:
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
    return f"sqlite+aiosqlite:///{str(file).replace('%', '%25').replace('?', '%3F')}"


@pytest.mark.parametrize("name", KINDS)
def test_what_comes_after_ten_thousand_nulls_is_read(url: str, name: str) -> None:
    with closing(open_columns(url)) as columns:
        found = columns.table(select(TABLE.c[name]).order_by(TABLE.c.id)).column(name)
    assert found.type == KINDS[name][2]
    assert found.null_count == EMPTY
    assert found[EMPTY].as_py() == KINDS[name][1]


def test_nothing_is_read_as_what_it_would_be(url: str) -> None:
    with closing(open_columns(url)) as columns:
        found = columns.table(select(*TABLE.c).where(TABLE.c.id < 0))
    assert found.num_rows == 0
    assert {name: found.schema.field(name).type for name in KINDS} == {name: kind[2] for name, kind in KINDS.items()}


def test_batches_come_in_order_and_together(url: str) -> None:
    statement = select(TABLE.c.id, literal("x").label("mark")).order_by(TABLE.c.id.desc())
    with closing(open_columns(url)) as columns, columns.reading(statement, rows=3_000) as batches:
        sizes, numbers = [], []
        for batch in ahead(batches):
            sizes.append(batch.num_rows)
            numbers += batch.column("id").to_pylist()
    assert sizes == [3_000, 3_000, 3_000, 1_001]
    assert numbers == list(range(EMPTY, -1, -1))


def test_reading_may_end_early(url: str) -> None:
    with closing(open_columns(url)) as columns:
        with columns.reading(select(TABLE.c.id), rows=100) as batches:
            assert next(ahead(batches)).num_rows == 100
        assert columns.table(select(func.count(TABLE.c.id).label("n"))).to_pylist() == [{"n": EMPTY + 1}]


def test_what_is_written_meanwhile_is_not_seen(url: str, tmp_path: Path) -> None:
    with closing(open_columns(url)) as columns:
        columns.begin()
        (file,) = tmp_path.glob("*.sqlite3")
        with closing(sqlite3.connect(file)) as rows:
            rows.execute("DELETE FROM t")
            rows.commit()
        assert columns.table(select(func.count(TABLE.c.id).label("n"))).to_pylist() == [{"n": EMPTY + 1}]
    with closing(open_columns(url)) as columns:
        assert columns.table(select(func.count(TABLE.c.id).label("n"))).to_pylist() == [{"n": 0}]


def test_a_database_without_a_driver_is_told() -> None:
    with pytest.raises(ValueError, match="SQLite"):
        open_columns("postgresql+asyncpg://somewhere/hilo")
