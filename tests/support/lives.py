"""Women and staff who act at their own hours, over the bot at work: an agenda in virtual time.

* Time goes to whatever comes next, the bot's moments or theirs. What several do at one moment they do in step: each
  does one thing, the bot settles, each does the next.
* A woman acts on what her phone shows and on nothing else: she taps a button that stands there, or types.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from bot.demo.chats import Message
from bot.demo.phone import Phone
from bot.participant import actions
from tests.support.fieldwork import Fieldwork

Act = Callable[[], AsyncIterator[None]]
"""What somebody does, with a pause in which the bot settles wherever it yields."""

MOST_TAPS = 120
"""Far more than any interview has questions."""


class Days:
    """An agenda over the bot at work; `looks` are asked to look at what has become of each moment."""

    def __init__(self, bot: Fieldwork) -> None:
        self.bot = bot
        self.looks: list[Callable[[], None]] = []
        self._agenda: list[tuple[datetime, int, Act, bool]] = []
        self._number = count()

    @property
    def now(self) -> datetime:
        """The present."""
        return self.bot.now

    def at(self, moment: datetime, act: Act, *, held: bool = True) -> None:
        """Let this be done then, or now if that is past; what is not `held` is done even while the bot is down."""
        heappush(self._agenda, (max(moment, self.now), next(self._number), act, held))

    async def pass_to(self, until: datetime) -> None:
        """Let time go by until then, with all that it brings."""
        while True:
            await self.bot.tick()
            self._look()
            moment = await self._next(until)
            if moment is None:
                break
            self.bot.store.clock.at = moment
            await self._act()
        self.bot.store.clock.at = until

    async def down_to(self, until: datetime) -> None:
        """The bot is not there until then, and whoever wants something of it comes an hour later."""
        back = until + timedelta(hours=1)
        while self._agenda and self._agenda[0][0] <= until:
            self.bot.store.clock.at, _, act, held = heappop(self._agenda)
            if held:
                self.at(back, act)
            else:
                async for _ in act():
                    pass
        self.bot.store.clock.at = until

    async def _next(self, until: datetime) -> datetime | None:
        moments = [await self.bot.next_moment(), self._agenda[0][0] if self._agenda else None]
        return min((moment for moment in moments if moment is not None and moment <= until), default=None)

    def _due(self) -> Iterator[Act]:
        while self._agenda and self._agenda[0][0] <= self.now:
            yield heappop(self._agenda)[2]

    async def _act(self) -> None:
        going = [act() for act in self._due()]
        while going:
            going = [one for one in going if await anext(one, self) is None]
            if self.bot.simulator.updates_waiting:
                await self.bot.settle()

    def _look(self) -> None:
        for look in self.looks:
            look()


@dataclass
class Her:
    """One woman's side of the chat; `chance` is hers alone."""

    phone: Phone
    chance: Random
    seen: int = 0
    tapped: set[str] = field(default_factory=set)

    def news(self) -> list[Message]:
        """What the bot has said since she looked last."""
        history = self.phone.chat.history
        fresh = [message for message in list(history.values())[self.seen :] if message.sender == "bot"]
        self.seen = len(history)
        return fresh

    def offers(self, action: str) -> Message | None:
        """The newest message under which this can be tapped."""
        shown = (message for message in reversed(self.phone.messages) if action in _taps(message))
        return next(shown, None)

    def tap(self, action: str) -> bool:
        """Tap this where it stands; False if it stands nowhere."""
        message = self.offers(action)
        if message is None or self.phone.chat.blocked:
            return False
        self.phone.tap(message.message_id, _taps(message)[action])
        return True

    async def answer(self, most: int = MOST_TAPS) -> AsyncIterator[None]:
        """Begin, and answer what is asked, up to so many answers."""
        if not (self.tap(actions.BEGIN) or self.tap(actions.CONTINUE)):
            return
        yield
        for _ in range(most):
            if self.has_finished or not self._answer_one():
                return
            yield

    @property
    def has_finished(self) -> bool:
        """Whether what stands last is what she has answered, to be corrected."""
        open_ = self._open()
        return open_ is not None and any(action.startswith(actions.CORRECT) for action in _taps(open_))

    def _open(self) -> Message | None:
        return next((message for message in reversed(self.phone.messages) if _taps(message)), None)

    def _answer_one(self) -> bool:
        open_ = self._open()
        if open_ is None or self.phone.chat.blocked:
            return False
        taps = _taps(open_)
        self.phone.tap(open_.message_id, taps[self._choice(list(taps))])
        return True

    def _choice(self, found: Sequence[str]) -> str:
        choices = [action for action in found if action.startswith(actions.CHOOSE)]
        ticks = [action for action in found if action.startswith(actions.MARK)]
        if actions.RIGHT in found:
            return actions.RIGHT
        if any(action.startswith(actions.UNMARK) for action in found):
            return actions.DONE
        if choices or ticks:
            return self.chance.choice(choices or ticks)
        return next(action for action in (actions.REFUSE, actions.SKIP, *found) if action in found)


def offers(message: Message, action: str) -> bool:
    """Whether this can be tapped under the message."""
    return action in _taps(message)


def _taps(message: Message) -> dict[str, str]:
    """What can be tapped under a message: the callback_data by action."""
    data = (button.callback_data for row in message.buttons for button in row)
    return {one.split(".", 2)[2]: one for one in data if one is not None}
