"""What is done now and then beside the conversations: forgetting, clearing, and telling of what waits too long.

Each does what is due in one transaction and may be called as often as one likes.
"""

from __future__ import annotations

from storage import breach, care, cases_alerts, cleaning, files, mail, request_terms, voices
from storage.database import Database


async def keep_house(database: Database) -> None:
    """Forget what has served its turn: strangers' conversations, voice notes, files; tell of what nobody takes."""
    async with database.transact() as tx:
        await mail.forget_strangers(tx)
        await voices.settle(tx)
        await cases_alerts.escalate(tx)
        await files.forget(tx)
        await request_terms.warn(tx)
        await breach.chase(tx)


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
