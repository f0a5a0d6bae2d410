"""A member of staff with a phone of her own at the simulator, in front of a real bot process."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC

from bot.demo.chats import Message
from bot.demo.phone import Phone
from bot.demo.simulator import Simulator
from tests.support.process import BotProcess, Installation


@dataclass
class Desk:
    """What she does, one thing after the other: each waits until the bot has nothing left to do about it."""

    simulator: Simulator
    here: Installation
    bot: BotProcess
    phone: Phone

    @property
    def last(self) -> Message:
        """The newest message of the bot's."""
        return [message for message in self.phone.messages if message.sender == "bot"][-1]

    async def says(self, *texts: str) -> str:
        """She types these; returns what the bot says last."""
        for text in texts:
            self.phone.send(text)
            await self.settled()
        return self.last.text

    async def sends(self, name: str, content: bytes) -> str:
        """She sends a file; returns what is said of it once it has been looked into."""
        self.phone.document(name, content)
        await self.settled()
        return self.last.text

    async def taps(self, *labels: str) -> str:
        """She taps the newest buttons that say so; returns what the last one's message says then, and the newest."""
        message = self.last
        for label in labels:
            message = self.presses(label)
            await self.settled()
        shown = self.phone.chat.shown(message.message_id)
        return "\n".join(one.text for one in (shown, self.last) if one is not None)

    def presses(self, label: str) -> Message:
        """She taps the newest button that says so, and does not wait; returns the message that it stood under."""
        message, data = self._button(label)
        self.phone.tap(message.message_id, data)
        return message

    def _button(self, label: str) -> tuple[Message, str]:
        for message in reversed(self.phone.messages):
            for row in message.buttons:
                for button in row:
                    if label in button.text and button.callback_data:
                        return message, button.callback_data
        raise AssertionError(f"no button says {label}: {[m.text for m in self.phone.messages][-3:]}")

    async def settled(self) -> None:
        """Return once the bot has done all that is due now."""
        await self.bot.waits_for(self._is_settled)

    def _is_settled(self) -> bool:
        return not self.simulator.updates_waiting and is_quiet(self.here)


_IN_HAND = """
    select (select count(*) from inbox where state = 'waiting') + (select count(*) from outbox where state = 'claimed'),
           (select min(at) from (select min(ready_at) as at from outbox where state = 'ready'
                                 union all select min(next_at) from files where state = 'waiting'))
"""
"""In one look: between two, something could go from one to the other unseen."""


def is_quiet(here: Installation) -> bool:
    """Whether nothing has arrived that was not taken, nothing waits to be fetched, and nothing can leave now."""
    with sqlite3.connect(f"file:{here.database}?mode=ro", uri=True) as rows:
        in_hand, leaves_at = rows.execute(_IN_HAND).fetchone()
    now = here.clock().astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")  # after the look: all it saw is older
    return in_hand == 0 and (leaves_at is None or bool(leaves_at > now))


def heard_by(phones: list[Phone], words: str) -> Callable[[], int]:
    """How many of these phones ever got a message that says so, with each message counted."""
    return lambda: sum(words in message.text for phone in phones for message in phone.history)
