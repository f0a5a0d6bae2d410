"""Links for several women at once, to be printed on one sheet: for those of a list who have never come in.

* Whoever comes back (`storage/recovery.py`) or has died gets none; whom the member of staff may not see is on no list.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from storage.database import Tx
from storage.invitations import FreshInvitation
from storage.orders import FreshWord
from storage.recovery import first_link
from storage.schema import participants
from storage.search import Listing, WomenFound


@dataclass(frozen=True, slots=True)
class Ticket:
    """A woman, a token that nobody has yet, the link that carries it, and its word."""

    woman: Listing
    token: str
    link: str
    word: str


@dataclass(frozen=True, slots=True)
class TicketsDrawn:
    """Fresh ones for the women of one screen of a list."""

    shown: WomenFound
    words: tuple[str, ...] = field(compare=False)

    async def find(self, tx: Tx) -> tuple[Ticket, ...]:
        """Another set each time; empty while the bot's name is unknown."""
        page = await self.shown.find(tx)
        waits = participants.c.id.in_([one.participant for one in page.women]) & participants.c.died_on.is_(None)
        outside = set((await tx.run(select(participants.c.id).where(waits, first_link()))).scalars())
        drawn = []
        for one in page.women:
            if one.participant in outside:
                fresh, word = await FreshInvitation().find(tx), await FreshWord(self.words).find(tx)
                drawn += [] if fresh.link is None else [Ticket(one, fresh.token, fresh.link, word)]
        return tuple(drawn)
