"""What is done now and then beside the conversations: forgetting, clearing, and telling of what waits too long.

Each does what is due in one transaction and may be called as often as one likes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from storage import breach, care, cases_alerts, cleaning, files, forgetting, request_terms, voices
from storage.database import Database, Tx

Look = Callable[[Tx], Awaitable[bool]]
Work = Callable[[Tx], Awaitable[object]]


HOUSE: tuple[tuple[Look, Work], ...] = (
    (forgetting.any_strangers, forgetting.forget_strangers),
    (voices.anything_to_settle, voices.settle),
    (cases_alerts.anybody_waits, cases_alerts.escalate),
    (files.any_over, files.forget),
    (request_terms.any_ends_soon, request_terms.warn),
    (breach.any_to_chase, breach.chase),
    (forgetting.any_old, forgetting.forget_old),
)
"""What is looked for, and what is done where it is found."""


async def keep_house(database: Database) -> None:
    """Forget what has served its turn: strangers' conversations, voice notes, files, mail; tell of what nobody takes.
    Whoever writes is kept waiting only where there is something to do."""
    async with database.read() as tx:
        due = [work for look, work in HOUSE if await look(tx)]
    if due:
        async with database.transact() as tx:
            for work in due:
                await work(tx)


async def warn_of_lines(database: Database) -> bool:
    """Tell coordinators of telephone lines that nobody has called for long; returns whether any was told."""
    async with database.transact() as tx:
        return await care.warn(tx) > 0


async def clear_chats(database: Database) -> int:
    """Clear the chats that are quiet; returns how many."""
    async with database.read() as tx:
        if not await cleaning.anything_to_clear(tx):
            return 0
    async with database.transact() as tx:
        return await cleaning.clear_what_is_quiet(tx)
