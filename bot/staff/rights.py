"""*Derechos*: what women ask for by law about their data, each with its number and the day by which it must be done.

* Nothing is granted before somebody has found out, away from the chat, that it is she who asks.
* A term is made longer once, for a reason that is written down; what is denied has one in words for her.
* Whoever answers learns whether she reads it in her chat, or it is hers to tell.
* Whoever was erased by another's hand is put back from here, for a week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.staff.room import Act, Rows, Turn, View, button, member_of, stale, whole
from bot.staff.withdrawn import HOW_KEYS, withdrawn
from bot.staff.wording import in_words
from conversations.codec import Tagged
from conversations.speech import Phrase
from locales.catalog import SPANISH, long_date
from scheduler.dialogue import Facts
from storage.members import Member
from storage.records import Need
from storage.request_kinds import Kind, State
from storage.requests import Done, OneRequest, Request, Requests
from storage.stops import BY_STAFF
from storage.withdrawals import Withdrawals

KIND_KEYS = {
    Kind.ACCESS: "staff.rights_access",
    Kind.CORRECT: "staff.rights_correct",
    Kind.ERASE: "staff.rights_erase",
    Kind.OBJECT: "staff.rights_object",
}
STATE_KEYS = {State.OPEN: "staff.rights_to_answer", State.GRANTED: "staff.rights_to_do"}
LOST = ("lost", "again", "given")
"""What is done about permissions that were taken back in a chat."""

DONE_KEYS = {
    "take": "staff.rights_taken",
    "prove": "staff.rights_proved",
    "granted": "staff.rights_granted",
    "denied": "staff.rights_denied",
    "done": "staff.rights_done",
    "undo": "staff.rights_undone",
    "extend": "staff.rights_extended",
}

ANSWERS = ("granted", "denied", "done", "extend")
"""What she is told of."""

MOST = 20
LONGEST_REASON = 300
"""Characters: as many as a message to her has."""

_BACK = ((button("rights.list", "staff.rights_back"),),)


@dataclass(frozen=True, slots=True)
class Prolonging:
    """The request whose term is to be made longer, once it is said why."""

    number: int


@dataclass(frozen=True, slots=True)
class Denying:
    """The request that is to be denied, once it is said why."""

    number: int


Held = Prolonging | Denying


class RightsRoom:
    """Where these requests are seen to."""

    name = "rights"
    states: Tagged[Held] = Tagged(Prolonging, Denying)

    def until(self, held: Held) -> datetime | None:
        """Nothing ends by itself."""
        return None

    def needs(self, held: Held | None, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The queue, or the request that is meant."""
        if act.verb in LOST:
            return (Withdrawals(),)
        if act.verb == "list":
            return (Requests(), Withdrawals())
        return (OneRequest(_number(held, act)),)

    def step(self, held: Held | None, act: Act, facts: Facts) -> Turn | None:
        """Show it, or do what was asked."""
        if act.verb in LOST:
            return withdrawn(act, facts.get(Withdrawals()) or [], me=member_of(facts))
        if act.verb == "list":
            return Turn(None, _queue(facts.get(Requests()) or [], facts), stays=False)
        if act.verb == "heard" and held is None:
            return None
        one = facts.get(OneRequest(_number(held, act)))
        if one is None:
            return Turn(None, View(Phrase("staff.rights_over"), _BACK), stays=False)
        me = member_of(facts)
        return _heard(held, one, act=act, me=me) if act.verb == "heard" else self._about(one, act, me=me)

    def _about(self, one: Request, act: Act, *, me: Member) -> Turn | None:
        match act.verb:
            case "open":
                return Turn(None, _card(one, me=me), stays=False)
            case "who" | "back":
                return Turn(None, _script(one, "prove" if act.verb == "who" else "undo"), stays=False)
            case "prove" | "undo":
                return _known_by(one, act, me=me)
            case "longer" if not one.extended:
                return Turn(Prolonging(one.number), View(Phrase("staff.rights_why", {"number": one.number}), _BACK))
            case "grant" if one.proved and one.state is State.OPEN:
                return _done(one, "granted", me=me)
            case "deny" if _may_be_denied(one):
                return Turn(Denying(one.number), View(Phrase("staff.rights_why_not", {"number": one.number}), _BACK))
            case "done" if one.state is State.GRANTED:
                return _done(one, "done", me=me)
            case "take":
                return _done(one, "take", me=me)
            case "phone" if one.erasure is not None:
                number = Phrase("staff.rights_phone", {"phone": one.erasure.notes.phone or "—"})
                return Turn(None, View(number, _BACK), (Done(one.number, "phone", me.staff),), stays=False)
            case _:
                return stale()


def _heard(held: Held | None, one: Request, *, act: Act, me: Member) -> Turn:
    """What was asked for in words: why."""
    if len(act.words) > LONGEST_REASON:
        return Turn(held, View(Phrase("staff.rights_too_long", {"most": LONGEST_REASON}), _BACK))
    if isinstance(held, Denying) and act.words and _may_be_denied(one):
        return _done(one, "denied", me=me, with_=act.words)
    if isinstance(held, Prolonging) and act.words and not one.extended:
        return _done(one, "extend", me=me, with_=act.words)
    return stale()


def _may_be_denied(one: Request) -> bool:
    return one.state is State.OPEN and one.kind is not Kind.ERASE


def _number(held: Held | None, act: Act) -> int:
    if act.verb == "heard":
        return 0 if held is None else held.number
    return whole(act.about.partition(".")[0])


def _known_by(one: Request, act: Act, *, me: Member) -> Turn:
    how = act.rest
    undone = act.verb == "undo" and (one.erasure is None or one.erasure.undo_until <= act.at or one.replaced)
    if how not in set(BY_STAFF) or undone:
        return stale()
    return _done(one, act.verb, me=me, with_=how)


def _done(one: Request, what: str, *, me: Member, with_: str = "") -> Turn:
    reads = Phrase("staff.rights_she_reads" if one.reached else "staff.rights_tell_her")
    told = (reads,) if what in ANSWERS else ()
    said = View(Phrase(DONE_KEYS[what], {"number": one.number}, told), _onward(one, what))
    return Turn(None, said, (Done(one.number, what, me.staff, with_),), stays=False)


def _onward(one: Request, what: str) -> Rows:
    over = what in ("denied", "done", "undo")
    card = () if over else ((button(f"rights.open.{one.number}", "staff.rights_card"),),)
    return (*card, *_BACK)


def _queue(found: Sequence[Request], facts: Facts) -> View:
    gone = facts.get(Withdrawals()) or []
    lost = ((button("rights.lost", "staff.rights_lost_button", count=len(gone)),),) if gone else ()
    if not found:
        return View(Phrase("staff.rights_none"), lost)
    rows = tuple(
        (
            button(
                f"rights.open.{one.number}",
                "staff.rights_row",
                number=one.number,
                what=in_words(Phrase(KIND_KEYS[one.kind])),
                left=_left(one),
            ),
        )
        for one in found[:MOST]
    )
    return View(Phrase("staff.rights", {"count": len(found)}), (*rows, *lost))


def _left(one: Request) -> str:
    """How much of its term is left, in working days."""
    if one.days_left < 0:
        return in_words(Phrase("staff.rights_late", {"count": -one.days_left}))
    return in_words(Phrase("staff.rights_left" if one.days_left else "staff.rights_today", {"count": one.days_left}))


def _card(one: Request, *, me: Member) -> View:
    told: dict[str, str | int] = {
        "number": one.number,
        "what": in_words(Phrase(KIND_KEYS[one.kind])),
        "name": one.name or "—",
        "record_id": one.record_id or "—",
        "stands": in_words(Phrase(STATE_KEYS[one.state])),
        "day": long_date(one.due_on, SPANISH),
        "left": _left(one),
    }
    words = (Phrase("staff.rights_words", {"words": one.words}),) if one.words else ()
    proved = Phrase("staff.rights_known" if one.proved else "staff.rights_unknown")
    return View(Phrase("staff.rights_of", told, (*words, proved, *_aside(one))), (*_deeds(one, me=me), *_BACK))


def _aside(one: Request) -> tuple[Phrase, ...]:
    if one.erasure is None:
        return ()
    urgent = (Phrase("staff.rights_in_danger"),) if one.erasure.notes.in_danger else ()
    taken = (Phrase("staff.rights_replaced", {"record_id": one.record_id}),) if one.replaced else ()
    return (*urgent, Phrase("staff.rights_aside"), *taken)


def _deeds(one: Request, *, me: Member) -> Rows:
    number = one.number
    offered = (
        (one.taken_by != me.staff, button(f"rights.take.{number}", "staff.rights_take_button")),
        (not one.proved, button(f"rights.who.{number}", "staff.rights_who_button")),
        (one.proved and one.state is State.OPEN, button(f"rights.grant.{number}", "staff.rights_grant_button")),
        (_may_be_denied(one), button(f"rights.deny.{number}", "staff.rights_deny_button")),
        (one.state is State.GRANTED, button(f"rights.done.{number}", "staff.rights_done_button")),
        (not one.extended, button(f"rights.longer.{number}", "staff.rights_longer_button")),
        (one.erasure is not None, button(f"rights.phone.{number}", "staff.rights_phone_button")),
        (one.erasure is not None and not one.replaced, button(f"rights.back.{number}", "staff.rights_undo_button")),
    )
    return tuple((one_,) for may, one_ in offered if may)


def _script(one: Request, then: str) -> View:
    rows = tuple((button(f"rights.{then}.{one.number}.{how}", key),) for how, key in HOW_KEYS.items())
    return View(Phrase("staff.rights_script"), (*rows, *_BACK))
