"""Facts about this installation that commands leave for each other: which bot it has, which key its store has.

* A fact is plain text and names nobody; what could name somebody, such as a chat, is sealed.
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Tx
from storage.schema import installation
from storage.vault import Place

BOT_USERNAME, BOT_ID = "bot_username", "bot_id"
KEY_CHECK = "key_check"
_FAMILY = "installation"


async def remember(tx: Tx, facts: dict[str, str]) -> None:
    """Write facts down, over what was known before."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(installation)
    upsert = insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
    await tx.run(upsert, [{"name": name, "value": value} for name, value in facts.items()])


async def recall(tx: Tx, name: str) -> str | None:
    """The fact, or None if nobody has told."""
    found = await tx.run(select(installation.c.value).where(installation.c.name == name))
    value: str | None = found.scalar_one_or_none()
    return value


async def remember_sealed(tx: Tx, name: str, value: str) -> None:
    """Write a fact down that is for nobody without the key."""
    await remember(tx, {name: ""})
    sealed = tx.vault.seal(Place("installation", "sealed", name), value.encode())
    await tx.run(update(installation).where(installation.c.name == name).values(sealed=sealed))


async def recall_sealed(tx: Tx, name: str) -> str | None:
    """The sealed fact, or None if nobody has told."""
    found = await tx.run(select(installation.c.sealed).where(installation.c.name == name))
    return tx.vault.open_text(Place("installation", "sealed", name), found.scalar_one_or_none())


async def mark_key(tx: Tx) -> None:
    """Note that the store belongs to this key, so that another one is noticed before it is used."""
    if await recall(tx, KEY_CHECK) is None:
        await remember(tx, {KEY_CHECK: tx.vault.digest(_FAMILY, KEY_CHECK)})


async def renew_key_mark(tx: Tx) -> None:
    """Note the key in use in the place of an earlier one."""
    if await key_fits(tx):
        await remember(tx, {KEY_CHECK: tx.vault.digest(_FAMILY, KEY_CHECK)})


async def key_fits(tx: Tx) -> bool:
    """Whether the store belongs to the key in use, as far as anybody noted."""
    noted = await recall(tx, KEY_CHECK)
    return noted is None or noted in tx.vault.digests(_FAMILY, KEY_CHECK)
