"""What is sealed and what is not: a thief learns nothing, and no sealed cell is forgotten by whoever walks them all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

from storage.cells import SEALED
from storage.schema import Sealed, metadata
from tests.support.canaries import PLANTED, opened, raw_bytes, told_by
from tests.support.world import Store

ROOT = Path(__file__).parents[2]


@pytest.mark.holds("S-26")
def test_every_place_that_is_written_down_is_a_sealed_cell() -> None:
    known = {cells.name for cells in SEALED}
    named = {name for room in ("storage", "scheduler", "bot") for name in _places(ROOT / room)}
    assert len(named) > 20
    assert named <= known


def _places(room: Path) -> Iterator[str]:
    """Each Place("table", "column", …) whose two names stand there."""
    for file in room.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(ast.Name("Place"), [ast.Constant(str(table)), ast.Constant(str(column)), *_]):
                    yield f"{table}.{column}"
                case _:
                    pass


def test_bytes_in_the_open_are_about_nobody() -> None:
    open_bytes = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and not isinstance(column.type, Sealed)
    ]
    assert open_bytes == ["publications.members"], "sets of internal ids, which say nothing outside"


@pytest.mark.holds("T-server-1")
async def test_a_stolen_database_tells_nothing_and_the_key_tells_all(planted_store: Store) -> None:
    store = planted_store
    async with store.database.read() as tx:
        found = [(cells.name, plain) async for cells, plain in opened(tx)]
    assert {cells.name for cells in SEALED} == {name for name, _ in found}, "the story seals something in every column"
    plain = b"\n".join(plain for _, plain in found).decode("utf-8", "replace")
    assert {canary for canary in PLANTED if canary not in plain} == set(), "each canary was planted"
    raw = raw_bytes(store.home / "hilo.sqlite3")
    assert b"SQLite format 3" in raw
    assert told_by(raw) == set()
