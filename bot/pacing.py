"""When the next message may leave, by Telegram's limits and by Telegram's word. Pure: monotonic seconds are passed in.

* A limit is a number of sends in any stretch of so many seconds, wherever it begins; nothing waits longer than that.
* Of all together, a send counts until a whole stretch after Telegram has answered: when it arrived nobody here knows,
  but not after that, so that no second over there holds too many however long the way is.
* What nobody asked for leaves evenly spaced, so that a reply soon finds room; replies leave while there is room.
* A 429 parks its chat, or everybody, exactly until it ends; then messages leave evenly spaced, so no burst follows.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

COINCIDENCE = 1.0
"""Telegram does not say whether a 429 is a chat's or the whole bot's. When two chats are refused within a second of
each other, and until the same second, it is taken for the bot's; any other is its chat's own."""

LONGEST_PAUSE = 60.0

CATCH_UP = 0.15
"""Seconds by which what leaves evenly spaced may be late without those after it being late, too: a busy loop would
otherwise lose a little at each. Whatever is later than that is not made up for."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many sends in any stretch of so many seconds."""

    most: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Telegram's limits as its FAQ states them: 30 a second overall, one a second to a chat, 20 a minute to a group.

    One a second is kept as three in any three seconds, so that a reply of several messages arrives whole.
    """

    overall: Rate = Rate(30, 1.0)
    chat: Rate = Rate(3, 3.0)
    group: Rate = Rate(20, 60.0)


def counts(method: str) -> bool:
    """Whether this Bot API method makes a message, and so counts against the limits."""
    return method.startswith(("send", "copy", "forward")) and method != "sendChatAction"


class _Window:
    """The latest sends under one rate."""

    __slots__ = ("_arrived", "_flying", "_gap", "_last", "_rate", "_slot", "_spaced_from", "_spaced_until")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._gap = rate.seconds / rate.most
        self._flying = 0
        self._arrived: deque[float] = deque(maxlen=rate.most)
        self._last = self._slot = self._spaced_from = self._spaced_until = -math.inf

    def earliest(self, *, spaced: bool) -> float:
        """The first instant at which one more may leave; infinite as long as an answer must come before."""
        too_many = self._flying + len(self._arrived) - self._rate.most + 1
        if self._flying >= self._rate.most:
            return math.inf
        instant = self._arrived[too_many - 1] + self._rate.seconds if too_many > 0 else -math.inf
        if spaced:
            instant = max(instant, self._slot + self._gap)
        if self._last >= self._spaced_from:
            instant = max(instant, min(self._last + self._gap, self._spaced_until))
        return instant

    def leaves(self, at: float) -> None:
        """One more is on its way."""
        self._flying += 1
        self._last = at
        slot = self._slot + self._gap
        self._slot = slot if slot <= at <= slot + CATCH_UP else at

    def arrives(self, at: float) -> None:
        """One of those on their way has been answered."""
        self._flying -= 1
        self._arrived.append(at)

    def resume(self, at: float) -> None:
        """After a pause that ends at `at`: no burst, but one by one until the window is filled evenly."""
        self._spaced_from, self._spaced_until = at, at + self._rate.seconds

    def forgettable(self, at: float) -> bool:
        latest = self._arrived[-1] if self._arrived else -math.inf
        return not self._flying and self._spaced_until <= at and latest + self._rate.seconds <= at


class Pacer:
    """Keeps one bot inside its limits; `limits` None keeps only to what Telegram says itself."""

    def __init__(self, limits: Limits | None) -> None:
        self._limits = limits
        self._overall = None if limits is None else _Window(limits.overall)
        self._chats: dict[int, list[_Window]] = {}  # in the order of their latest send
        self._parked: dict[int, float] = {}
        self._everyone_until = -math.inf
        self._refusals: deque[tuple[int, float, float]] = deque()

    def earliest(self, chat_id: int, at: float, *, counted: bool = True, bulk: bool = False) -> float:
        """The first instant, `at` or later, at which a call to this chat may leave.

        `counted` says whether it makes a message, `bulk` whether nobody asked for it. It holds until the next `sent`,
        `answered` or `refused`; infinity waits for an answer.
        """
        instant = max(at, self._everyone_until, self._parked.get(chat_id, -math.inf))
        if not counted or self._overall is None:
            return instant
        of_chat = [window.earliest(spaced=False) for window in self._chats.get(chat_id, ())]
        return max(instant, self._overall.earliest(spaced=bulk), *of_chat)

    def within(self, seconds: float) -> int | None:
        """How many messages at most can leave within so many seconds, at least one; None without limits."""
        if self._limits is None:
            return None
        rate = self._limits.overall
        return max(1, round(rate.most * seconds / rate.seconds))

    def sent(self, chat_id: int, at: float) -> None:
        """A message leaves now; to be told in the order of the instants."""
        if self._overall is None:
            return
        self._overall.leaves(at)
        for window in self._windows(chat_id):
            window.leaves(at)
            window.arrives(at)
        self._forget(at)

    def answered(self, at: float) -> None:
        """One of the messages on their way has been answered, or is given up; to be told in the order of the
        instants."""
        if self._overall is not None:
            self._overall.arrives(at)

    def refused(self, chat_id: int, retry_after: float, *, at: float) -> None:
        """Telegram answered 429 and wants to hear nothing for `retry_after` seconds."""
        until = at + retry_after
        self._parked = {chat: end for chat, end in self._parked.items() if end > at}
        self._parked[chat_id] = max(until, self._parked.get(chat_id, until))
        if self._overall is not None:
            for window in self._windows(chat_id):
                window.resume(self._parked[chat_id])
        if self._is_everyone(chat_id, until, at=at):
            self._everyone_until = max(self._everyone_until, until)
            if self._overall is not None:
                self._overall.resume(self._everyone_until)

    def _is_everyone(self, chat_id: int, until: float, *, at: float) -> bool:
        while self._refusals and self._refusals[0][1] < at - COINCIDENCE:
            self._refusals.popleft()
        self._refusals.append((chat_id, at, until))
        return any(chat != chat_id and abs(end - until) <= COINCIDENCE for chat, _, end in self._refusals)

    def _windows(self, chat_id: int) -> list[_Window]:
        """The windows of a chat, which becomes the latest of all."""
        assert self._limits is not None
        windows = self._chats.pop(chat_id, None)
        if windows is None:
            rates = [self._limits.chat, self._limits.group] if chat_id < 0 else [self._limits.chat]
            windows = [_Window(rate) for rate in rates]
        self._chats[chat_id] = windows
        return windows

    def _forget(self, at: float) -> None:
        """Let go of chats to which nothing was sent for long."""
        while self._chats:
            chat_id = next(iter(self._chats))
            if not all(window.forgettable(at) for window in self._chats[chat_id]):
                return
            del self._chats[chat_id]


@dataclass
class Spell:
    """A stretch in which something keeps failing: how long to wait each time, and what has been told of it already."""

    longest: float = LONGEST_PAUSE
    failures: int = 0
    told: set[str] = field(default_factory=set)

    def pause(self) -> float:
        """Count one more failure; returns the seconds to wait: 1, 2, 4… up to `longest`."""
        self.failures += 1
        return backoff(self.failures, self.longest)

    def is_news(self, what: str) -> bool:
        """Whether `what` happens for the first time in this spell."""
        news = what not in self.told
        self.told.add(what)
        return news

    def end(self) -> bool:
        """It worked; returns whether a spell has ended by that."""
        was_on = bool(self.failures or self.told)
        self.failures = 0
        self.told.clear()
        return was_on


def backoff(failures: int, longest: float = LONGEST_PAUSE) -> float:
    """Seconds to wait after so many failures in a row, one or more."""
    return min(longest, 2.0 ** min(failures - 1, 32))
