"""What opens a desk on which names stand: a PIN, or for whoever leads and wants it the codes of an authenticator app.

* What she types here is deleted from the chat at once, right or wrong; and the secret for the app once it is in it.
* After MOST_TRIES wrong ones only a coordinator, or the command line, lets her choose another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.staff import permissions
from bot.staff.permissions import may
from bot.staff.room import Act, Turn, View, button, member_of
from conversations.codec import Tagged
from conversations.speech import ChatCleaned, Phrase
from scheduler.dialogue import Facts
from storage.authenticator import CodeTried, FreshSecret, step_of
from storage.database import Tx
from storage.members import AuthenticatorChosen, Member, MemberSeen, PinChosen, PinMissed
from storage.records import Lengthy, Need
from storage.schema import staff
from storage.words import Hashed, matches

SHORTEST, LONGEST = 4, 8
"""Digits of a PIN."""

MOST_TRIES = 5

OPEN_FOR = timedelta(minutes=15)
"""How long a desk with names on it stays open to whoever does nothing."""

MOST_ON_A_BUTTON = 40
"""Characters of an action (`bot/routing.py`): a longer search is typed anew."""

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
class Pairing:
    """She is to give a code of the app into which she has put this secret; `shown_in` is the sprint that showed it."""

    secret: str
    shown_in: int


@dataclass(frozen=True, slots=True)
class PinTried(Lengthy):
    """Whether this is the PIN of that member of staff."""

    member: int
    pin: str

    async def find(self, tx: Tx) -> bool | None:
        """Whether it is; None if she has none."""
        kept = (await tx.run(select(staff.c.pin_hash).where(staff.c.id == self.member))).scalar_one_or_none()
        return None if kept is None else await asyncio.to_thread(matches, kept, self.pin)


def is_open(member: Member, at: datetime) -> bool:
    """Whether names may be shown at her desk: she has given her PIN, and has been at work since."""
    return member.pin and member.seen_at is not None and at - member.seen_at < OPEN_FOR


class PinRoom:
    """Where a PIN is chosen and asked for."""

    name = "pin"
    states: Tagged[Any] = Tagged(Choosing, Locked, Pairing)

    def until(self, held: Any) -> datetime | None:
        """It waits as long as she does."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Whether what she typed is hers, what is to be kept of one she chose; a secret for the app that she wants."""
        if act.verb == "app":
            return (FreshSecret(),)
        if isinstance(held, Choosing) and held.first and held.first == act.words:
            return (Hashed(act.words),)
        if not isinstance(held, Locked) or not _is_number(act.words):
            return ()
        return (CodeTried(member.staff, act.words) if member.authenticator else PinTried(member.staff, act.words),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Ask for it, take it, or let her choose it."""
        member = member_of(facts)
        if isinstance(held, Choosing | Pairing) and member.pin and not is_open(member, act.at):
            held = None  # whoever has the phone by now must show first that it is she
        match act.verb, held:
            case permissions.HEARD | "app", None if member.pin:
                return _ask(member, "pin.another")
            case "choose", _:
                return _choose("lobby.menu", member) if not member.pin else _ask(member, "pin.another")
            case "app", Choosing() if member.pin or held.then == "lobby.menu":
                return _pair(facts)
            case "ask", _:
                return _ask(member, act.about) if member.pin else _choose(act.about, member)
            case permissions.HEARD, Choosing():
                return _chosen(held, act, facts=facts)
            case permissions.HEARD, Pairing():
                return _paired(held, act, facts=facts)
            case permissions.HEARD, Locked():
                return _tried(held, act, facts=facts)
            case _:
                return None


def _choose(then: str, member: Member) -> Turn:
    """A PIN first; whoever has one may go over to an app."""
    app = ((button("pin.app", "staff.pin_app_button"),),) if member.pin and may(member.role, "pin.app") else ()
    return Turn(Choosing(then), View(Phrase("staff.pin_choose", {"least": SHORTEST, "most": LONGEST}), app))


def _pair(facts: Facts) -> Turn:
    secret = facts.get(FreshSecret()) or ""
    shown = View(Phrase("staff.pin_app", {"secret": secret}))
    return Turn(Pairing(secret, facts.sprint), shown, anew=True)


def _paired(held: Pairing, act: Act, *, facts: Facts) -> Turn:
    gone: tuple[ChatCleaned, ...] = (ChatCleaned(facts.session, facts.sprint),)
    step = step_of(held.secret, act.words.replace(" ", ""), at=act.at)
    if step is None:
        return Turn(held, View(Phrase("staff.pin_app_wrong")), gone)
    member = member_of(facts).staff
    gone = (*gone, ChatCleaned(facts.session, held.shown_in))
    kept = (AuthenticatorChosen(member, held.secret), MemberSeen(member, proved=True, step=step))
    return Turn(None, View(Phrase("staff.pin_app_chosen")), (*gone, *kept), stays=False)


def _ask(member: Member, then: str) -> Turn:
    if member.tries >= MOST_TRIES:
        return Turn(None, View(Phrase("staff.pin_locked")), stays=False)
    return Turn(Locked(then), View(Phrase("staff.pin_ask_code") if member.authenticator else Phrase("staff.pin_ask")))


def _chosen(held: Choosing, act: Act, *, facts: Facts) -> Turn:
    gone = (ChatCleaned(facts.session, facts.sprint),)
    pin = act.words
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST) or _is_easy(pin):
        again = View(Phrase("staff.pin_unfit", {"least": SHORTEST, "most": LONGEST}))
        return Turn(Choosing(held.then), again, gone)
    if not held.first:
        return Turn(Choosing(held.then, pin), View(Phrase("staff.pin_repeat")), gone)
    pin_hash = facts.get(Hashed(pin))
    if held.first != pin or pin_hash is None:
        return Turn(Choosing(held.then), View(Phrase("staff.pin_differs")), gone)
    member = member_of(facts).staff
    done = View(Phrase("staff.pin_chosen"), ((button(_onward(held.then), "staff.onward_button"),),))
    return Turn(None, done, (*gone, PinChosen(member, pin_hash), MemberSeen(member, proved=True)), stays=False)


def _is_number(words: str) -> bool:
    return words.isascii() and words.replace(" ", "").isdigit()


def _is_easy(pin: str) -> bool:
    return len(set(pin)) == 1 or any(pin in run for run in FORBIDDEN)


def _tried(held: Locked, act: Act, *, facts: Facts) -> Turn:
    member = member_of(facts)
    gone = (ChatCleaned(facts.session, facts.sprint),)
    if member.tries >= MOST_TRIES:
        return Turn(None, View(Phrase("staff.pin_locked")), gone, stays=False)
    if not _is_number(act.words):  # meant for somebody else: no try
        return _ask(member, held.then)
    step = facts.get(CodeTried(member.staff, act.words)) if member.authenticator else None
    if step is None and (member.authenticator or not facts.get(PinTried(member.staff, act.words))):
        left = MOST_TRIES - member.tries - 1
        wrong = Phrase("staff.pin_wrong", {"count": left}) if left else Phrase("staff.pin_locked")
        return Turn(held if left else None, View(wrong), (*gone, PinMissed(member.staff)), stays=left > 0)
    if held.then == "pin.another":
        chosen = _choose("lobby.menu", member)
        return Turn(chosen.held, chosen.view, (*gone, MemberSeen(member.staff, proved=True, step=step)))
    done = View(Phrase("staff.pin_right"), ((button(_onward(held.then), "staff.onward_button"),),))
    return Turn(None, done, (*gone, MemberSeen(member.staff, proved=True, step=step)), stays=False)


def _onward(then: str) -> str:
    """What she was about to do, as a button; words that she typed are typed anew."""
    room, verb, *_ = f"{then}.".split(".")
    typed = verb in (permissions.HEARD, permissions.SENT, permissions.ANSWERED)
    if not typed and len(then) <= MOST_ON_A_BUTTON:
        return then
    return next((v for v in permissions.COMMANDS.values() if v.startswith(f"{room}.")), "lobby.menu")
