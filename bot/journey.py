"""A parcel on its way: what is still to be called, and how it ends.

* It ends in one way, and that is written down in one transaction.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.api import Call
from bot.pacing import counts
from bot.verdicts import SHUT
from conversations.speech import ButtonsRemoved, Changed, ChatCleaned, ChatCleared, Interviewed, Speech
from storage import leaving, mail, people, traces
from storage.database import Tx
from storage.leaving import Held
from storage.mail import Claimed
from storage.traces import Standing


class Renderer(Protocol):
    """Turns a parcel into calls; where several are needed, one that sends comes last, since all may be repeated."""

    def needs_standing(self, speech: Speech) -> bool:
        """Whether `standing` is wanted for this."""
        ...

    def __call__(self, claimed: Claimed, standing: Sequence[Standing]) -> list[Call]:
        """The calls that show the parcel, in order."""
        ...


async def standing_for(tx: Tx, claimed: Claimed, *, render: Renderer) -> list[Standing]:
    """The messages that stand in the chat and that showing this parcel may change or delete."""
    parcel = claimed.parcel
    if not render.needs_standing(parcel.speech):
        return []
    match parcel.speech:
        case ChatCleared(stood=stood):
            return await traces.in_lane(tx, parcel.lane, stood=stood)
        case Interviewed() | ButtonsRemoved() | Changed() | ChatCleaned():
            return await traces.of_session(tx, parcel.speech.session, lane=parcel.lane)
        case _:
            return [] if parcel.session_id is None else await traces.of_session(tx, parcel.session_id, lane=parcel.lane)


@dataclass(slots=True, eq=False)
class Journey:
    """A claimed parcel: what is still to be called and what has come of it.

    It ends undeliverable (`reason`), put back (`until`, and `reason` if the fault is ours), dropped (`held`), `unknown`
    where Telegram's answer was lost and it must not come twice, or delivered once nothing is left to call.
    What is `checked` leaves only soon after `allowed_at`, when the store said that it may; by giving out a reply it
    has.
    """

    claimed: Claimed
    calls: deque[Call]
    sent: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    harmless: list[int] = field(default_factory=list)
    failures: int = 0
    not_before: float = 0.0
    reason: str | None = None
    until: datetime | None = None
    held: Held | None = None
    unknown: bool = False
    allowed_at: float = float("-inf")

    @property
    def checked(self) -> bool:
        """Whether the store must say that it may leave."""
        return leaving.is_hers(self.claimed.parcel)

    @property
    def over(self) -> bool:
        """Whether it has ended, in whichever way."""
        ended = self.reason is not None or self.until is not None or self.held is not None
        return not self.calls or self.unknown or ended

    def went(self, call: Call, result: Any) -> None:
        """Note that a call did what it should."""
        self.calls.popleft()
        if counts(call.method):
            made = result if isinstance(result, list) else [result]
            self.sent += [message["message_id"] for message in made]
        elif call.method == "editMessageText" and isinstance(self.claimed.parcel.speech, ChatCleared):
            self.harmless.append(call.params["message_id"])
        elif call.method == "deleteMessages":
            self.gone += call.params["message_ids"]
        elif call.method == "deleteMessage":
            self.gone.append(call.params["message_id"])

    async def mark(self, tx: Tx) -> None:
        """Write down how it ended."""
        lane = self.claimed.parcel.lane
        if self.held is not None:
            await leaving.drop(tx, [self.claimed.id], self.held)
        elif self.unknown:
            await mail.unknown(tx, self.claimed)
        elif self.until is not None:
            await mail.put_back(tx, [self.claimed], self.until, why=self.reason)
        elif self.reason is not None:
            await mail.undeliverable(tx, self.claimed, self.reason)
            await self._mark_failure(tx, self.reason)
        else:
            await mail.delivered(tx, self.claimed, self.sent)
            await leaving.left(tx, self.claimed)
        if self.gone:
            await traces.removed(tx, lane, self.gone)
        if self.harmless:
            await traces.made_harmless(tx, lane, self.harmless)

    async def _mark_failure(self, tx: Tx, reason: str) -> None:
        if reason in {verdict.value for verdict in SHUT}:
            await people.block(tx, self.claimed.parcel.lane, reason)
        elif not self.sent:
            await leaving.give_up(tx, self.claimed.parcel)
