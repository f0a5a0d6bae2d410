"""A migrated database is the schema, to the letter, and an upgrade happens whole or not at all."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import OperationalError

from storage import upgrade as upgrading
from storage.schema import metadata
from storage.upgrade import DatabaseNewer, is_current, upgrade
from tests.support.world import sqlite_url


def _described(connection: Connection) -> dict[str, Any]:
    """Tables, columns, types, constraints and indexes, as the database itself tells them."""
    inspector = inspect(connection)
    statements = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    partial = {row.name: row.sql for row in statements if row.sql.startswith(("CREATE INDEX", "CREATE UNIQUE"))}
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "key": inspector.get_pk_constraint(table),
            "references": sorted(inspector.get_foreign_keys(table), key=str),
            "unique": sorted(inspector.get_unique_constraints(table), key=str),
            "checks": sorted(inspector.get_check_constraints(table), key=str),
            "indexes": {index["name"]: partial.get(str(index["name"])) for index in inspector.get_indexes(table)},
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def _in(path: Path, ask: Callable[[Connection], Any]) -> Any:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = ask(connection)
    engine.dispose()
    return found


def test_migrated_is_fresh(tmp_path: Path, migrated_file: Path) -> None:
    fresh = tmp_path / "fresh.sqlite3"
    engine = create_engine(f"sqlite:///{fresh}")
    metadata.create_all(engine)
    engine.dispose()
    migrated = _in(migrated_file, _described)
    assert len(migrated) == len(metadata.tables) > 0
    assert migrated == _in(fresh, _described)


def test_alembic_sees_no_difference(migrated_file: Path) -> None:
    def difference(connection: Connection) -> Any:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    assert _in(migrated_file, difference) == []


async def test_an_upgrade_happens_once(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "new.sqlite3")
    assert await is_current(url) is False
    assert await upgrade(url) is True
    assert await is_current(url) is True
    assert await upgrade(url) is False


async def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "newer.sqlite3"
    await upgrade(sqlite_url(path))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(DatabaseNewer):
        await upgrade(sqlite_url(path))
    with pytest.raises(DatabaseNewer):
        await is_current(sqlite_url(path))


async def test_a_broken_upgrade_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "half.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE vault (in_the_way INTEGER)")
    connection.close()
    with pytest.raises(OperationalError, match="already exists"):
        await upgrade(sqlite_url(path))
    assert _in(path, lambda connection: inspect(connection).get_table_names()) == ["vault"]


def test_steps_name_no_type_of_ours() -> None:
    steps = sorted((upgrading.MIGRATIONS / "versions").glob("[0-9]*.py"))
    assert steps
    assert not [step.name for step in steps if "storage" in step.read_text(encoding="utf-8")]
