"""The PIN that opens a desk on which names stand: chosen once, asked for after a while of nothing.

* What she types here is deleted from the chat at once, right or wrong.
* After MOST_TRIES wrong PINs only a coordinator, or the command line, lets her choose another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.staff import permissions
from bot.staff.room import Act, Turn, View, button, member_of
from conversations.codec import Tagged
from conversations.speech import ChatCleaned, Phrase
from scheduler.dialogue import Facts
from storage.database import Tx
from storage.members import Member, MemberSeen, PinChosen, PinMissed
from storage.records import Need
from storage.schema import staff
from storage.words import matches

SHORTEST, LONGEST = 4, 8
"""Digits of a PIN."""

MOST_TRIES = 5

FORBIDDEN = frozenset({"0123456789", "9876543210"})


@dataclass(frozen=True, slots=True)
class Choosing:
    """She is asked for a new PIN; `then` is what she was about to do, as a button would carry it."""

    then: str
    first: str = ""


@dataclass(frozen=True, slots=True)
class Locked:
    """She is asked for her PIN; `then` is what she was about to do, as a button would carry it."""

    then: str


@dataclass(frozen=True, slots=True)
class PinTried:
    """Whether this is the PIN of that member of staff."""

    member: int
    pin: str

    async def find(self, tx: Tx) -> bool | None:
        """Whether it is; None if she has none."""
        kept = (await tx.run(select(staff.c.pin_hash).where(staff.c.id == self.member))).scalar_one_or_none()
        return None if kept is None else await asyncio.to_thread(matches, kept, self.pin)


class PinRoom:
    """Where a PIN is chosen and asked for."""

    name = "pin"
    states: Tagged[Any] = Tagged(Choosing, Locked)

    def until(self, held: Any) -> datetime | None:
        """It waits as long as she does."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Whether what she typed is her PIN."""
        return (PinTried(member.staff, act.words),) if isinstance(held, Locked) and act.words else ()

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Ask for it, take it, or let her choose it."""
        member = member_of(facts)
        match act.verb, held:
            case "choose", _:
                return _choose("lobby.menu") if not member.pin else _ask(member, "pin.another")
            case "ask", _:
                return _ask(member, act.about) if member.pin else _choose(act.about)
            case permissions.HEARD, Choosing():
                return _chosen(held, act, facts=facts)
            case permissions.HEARD, Locked():
                return _tried(held, act, facts=facts)
            case _:
                return None


def _choose(then: str) -> Turn:
    return Turn(Choosing(then), View(Phrase("staff.pin_choose", {"least": SHORTEST, "most": LONGEST})))


def _ask(member: Member, then: str) -> Turn:
    if member.tries >= MOST_TRIES:
        return Turn(None, View(Phrase("staff.pin_locked")), stays=False)
    return Turn(Locked(then), View(Phrase("staff.pin_ask")))


def _chosen(held: Choosing, act: Act, *, facts: Facts) -> Turn:
    gone = (ChatCleaned(facts.session, facts.sprint),)
    pin = act.words
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST) or _is_easy(pin):
        again = View(Phrase("staff.pin_unfit", {"least": SHORTEST, "most": LONGEST}))
        return Turn(Choosing(held.then), again, gone)
    if not held.first:
        return Turn(Choosing(held.then, pin), View(Phrase("staff.pin_repeat")), gone)
    if held.first != pin:
        return Turn(Choosing(held.then), View(Phrase("staff.pin_differs")), gone)
    member = member_of(facts).staff
    done = View(Phrase("staff.pin_chosen"), ((button(_onward(held.then), "staff.onward_button"),),))
    return Turn(None, done, (*gone, PinChosen(member, pin), MemberSeen(member, proved=True)), stays=False)


def _is_easy(pin: str) -> bool:
    return len(set(pin)) == 1 or any(pin in run for run in FORBIDDEN)


def _tried(held: Locked, act: Act, *, facts: Facts) -> Turn:
    member = member_of(facts)
    gone = (ChatCleaned(facts.session, facts.sprint),)
    if member.tries >= MOST_TRIES:
        return Turn(None, View(Phrase("staff.pin_locked")), gone, stays=False)
    if not facts.get(PinTried(member.staff, act.words)):
        left = MOST_TRIES - member.tries - 1
        wrong = Phrase("staff.pin_wrong", {"count": left}) if left else Phrase("staff.pin_locked")
        return Turn(held if left else None, View(wrong), (*gone, PinMissed(member.staff)), stays=left > 0)
    if held.then == "pin.another":
        chosen = _choose("lobby.menu")
        return Turn(chosen.held, chosen.view, (*gone, MemberSeen(member.staff, proved=True)))
    done = View(Phrase("staff.pin_right"), ((button(_onward(held.then), "staff.onward_button"),),))
    return Turn(None, done, (*gone, MemberSeen(member.staff, proved=True)), stays=False)


def _onward(then: str) -> str:
    """What she was about to do, as a button; words that she typed are typed anew."""
    room, verb, *_ = f"{then}.".split(".")
    typed = verb in (permissions.HEARD, permissions.SENT)
    return next((v for v in permissions.COMMANDS.values() if v.startswith(f"{room}.")), "lobby.menu") if typed else then
