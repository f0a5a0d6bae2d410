"""Versions of instruments in the store: which is in use, what is refused, and what a running process sees of it."""

import logging

import pytest
from sqlalchemy import select

from bot.app import _open_library
from bot.library import Library, shipped_sources
from storage import instruments
from storage.instruments import VersionTaken
from storage.schema import audit
from tests.support.world import Store

SOURCE = """| settings |
|          | form_id | version   |
|          | una     | {version} |

| survey |
|        | type | name  | label  |
|        | text | unica | {label} |
"""


def version_of(number: int, label: str = "¿Qué pasó?") -> tuple[str, str, str]:
    """A version of the instrument `una`."""
    return "una", str(number), SOURCE.format(version=number, label=label)


async def keep(store: Store, *sources: tuple[str, str, str]) -> None:
    """What a release of Hilo brings."""
    store.clock.advance(minutes=1)
    async with store.database.transact() as tx:
        await instruments.keep_instruments(tx, sources)


async def install(store: Store, source: tuple[str, str, str], by: str = "command") -> bool:
    """What an operator or coordinator installs."""
    store.clock.advance(minutes=1)
    async with store.database.transact() as tx:
        return await instruments.install(tx, source, by=by)


async def used(store: Store) -> str:
    """The version of `una` that new sittings begin with, as a process that starts now sees it."""
    shelf = Library()
    async with store.database.read() as tx:
        await shelf.refresh(tx)
        assert instruments.in_use(await instruments.kept_instruments(tx))["una"].version == shelf.latest("una").version
    return shelf.latest("una").version


async def test_the_version_installed_last_is_in_use(store: Store) -> None:
    await install(store, version_of(2))
    await install(store, version_of(1))
    assert await used(store) == "1"


async def test_of_shipped_versions_the_newest_is_in_use(store: Store) -> None:
    await keep(store, version_of(1))
    await keep(store, version_of(1), version_of(2))
    assert await used(store) == "2"


async def test_a_release_does_not_undo_what_was_installed(store: Store) -> None:
    await keep(store, version_of(1))
    await install(store, version_of(7))
    await keep(store, version_of(2))
    assert await used(store) == "7"


async def test_an_installed_version_stands_before_a_shipped_one_of_the_same_number(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    name, version, source = next(iter(shipped_sources()))
    await install(store, (name, version, source + "\n"))
    shelf = await _open_library(store.database)
    assert shelf.latest(name).version == version
    assert "an installed instrument stands before a shipped one" in caplog.messages
    async with store.database.read() as tx:
        assert instruments.in_use(await instruments.kept_instruments(tx))[name].source == source + "\n"


async def test_to_install_a_kept_version_is_to_go_back_to_it(store: Store) -> None:
    await keep(store, version_of(1))
    await install(store, version_of(2))
    assert await install(store, version_of(1))
    assert await used(store) == "1"
    assert not await install(store, version_of(1)), "it was in use already"


async def test_a_version_does_not_change(store: Store) -> None:
    await keep(store, version_of(1))
    with pytest.raises(VersionTaken, match="una 1 is stored with other content: raise the version"):
        await install(store, version_of(1, label="¿Qué te pasó?"))
    name, version, source = version_of(1)
    assert await install(store, (name, version, source.replace("¿Qué pasó? |", "¿Qué pasó?    |")))
    async with store.database.read() as tx:
        (kept,) = await instruments.kept_instruments(tx)
    assert kept.source == source


async def test_who_installed_is_written_down(store: Store) -> None:
    await install(store, version_of(1), by="42")
    async with store.database.read() as tx:
        (act,) = (await tx.run(select(audit).where(audit.c.action == "instrument_installed"))).all()
        (kept,) = await instruments.kept_instruments(tx)
    assert (act.actor, act.subject, act.detail) == ("42", "una", "1")
    assert (kept.installed_by, kept.installed_at) == ("42", store.clock.at)


async def test_a_running_process_sees_what_is_installed(store: Store) -> None:
    shelf = Library()
    await keep(store, version_of(1))
    async with store.database.read() as tx:
        assert await shelf.refresh(tx)
        assert not await shelf.refresh(tx), "nothing has changed"
    first = shelf.latest("una")
    await install(store, version_of(2))
    async with store.database.read() as tx:
        assert await shelf.refresh(tx)
    assert (shelf.latest("una").version, shelf.names) == ("2", {"una": "2"})
    assert shelf.get("una", "1") is first, "open sittings end on their version"
    await install(store, version_of(1))
    async with store.database.read() as tx:
        assert await shelf.refresh(tx)
    assert shelf.latest("una") is first


async def test_what_can_no_longer_be_read_is_left_out(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    await install(store, version_of(1))
    await install(store, ("una", "2", "| survey |\n| | type | name |\n| | telepathy | unica |\n"))
    with caplog.at_level(logging.ERROR):
        assert await used_despite(store) == "1"
    assert [record.getMessage() for record in caplog.records] == ["an instrument cannot be read"]


async def used_despite(store: Store) -> str:
    """The version that a process asks which can read only some."""
    shelf = Library()
    async with store.database.read() as tx:
        await shelf.refresh(tx)
    assert not shelf.has("una", "2")
    return shelf.latest("una").version
