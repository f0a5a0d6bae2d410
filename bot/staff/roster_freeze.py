"""*Congelar*: everything to a woman stops at one word; and what of hers is not safe is marked so.

* One tap asks, the second freezes; only a coordinator ends it.
* It is reached from her card, from a call and from a case of hers: whoever she calls can do it.
* What is marked as not safe is offered to nobody again, and a new account then needs a second person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.staff import permissions
from bot.staff.call_card import person
from bot.staff.room import Act, Rows, Turn, View, button, member_of, stale
from conversations.codec import Tagged
from conversations.speech import Button, Phrase
from scheduler.dialogue import Facts
from storage.call_desk import Askable, Askables, ContactsRead
from storage.cases_read import InHand, WomanInHand
from storage.freezing import Frozen, MarkedUnsafe, NamedBy, Unsafe
from storage.members import Member
from storage.records import Need

UNSAFE_KEYS = ("staff.unsafe_number_button", "staff.unsafe_chat_button")
_MARKS = dict(zip((Unsafe.NUMBER, Unsafe.CHAT), UNSAFE_KEYS, strict=True))


class FreezeRoom:
    """Where everything is stopped."""

    name = "freeze"
    states: Tagged[Any] = Tagged()

    def until(self, held: Any) -> datetime | None:
        """Nothing waits here."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Who she is, or who named the contact that is meant."""
        if act.verb == "contact":
            return (NamedBy(member, act.id),)
        named = (Askables(member, act.id),) if act.verb == "contacts" else ()
        return (WomanInHand(member, act.id), *named)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Ask, then stop everything; or end it, or mark what is not safe."""
        me = member_of(facts)
        if act.verb == "contact":
            return _contact_marked(act, facts.get(NamedBy(me, act.id)), me=me)
        her = facts.get(WomanInHand(me, act.id))
        if her is None:
            return Turn(toast=Phrase("staff.roster_gone"))
        match act.verb:
            case "ask" if her.frozen_at is None:
                sure = (button(f"freeze.now.{her.id:x}", "staff.freeze_sure_button"),)
                return _view(her, Phrase("staff.freeze_ask", {"name": her.name}), rows=(sure,))
            case "now" if her.frozen_at is None:
                return _view(
                    her, Phrase("staff.frozen", {"name": her.name}), Frozen(her.id, me.staff), rows=_marks(her)
                )
            case "ask" | "now":
                return _view(her, Phrase("staff.frozen_already", {"name": her.name}), rows=_marks(her))
            case "thaw" if her.frozen_at is not None:
                return _thaw(her, me=me)
            case "thawed" if her.frozen_at is not None:
                thawed = Frozen(her.id, me.staff, frozen=False)
                return _view(her, Phrase("staff.thawed", {"name": her.name}), thawed)
            case "contacts":
                return _contacts(her, facts.get(Askables(me, her.id)) or [], me=me)
            case "mark":
                return _marked(act, her, me=me)
            case _:
                return _view(her, Phrase("staff.not_frozen", {"name": her.name}))


def _view(her: InHand, phrase: Phrase, *effects: Any, rows: Rows = ()) -> Turn:
    card = button(f"roster.card.{her.id:x}", "staff.card_button")
    back = (card if her.hers else button("cases.list", "staff.cases_back"),)
    return Turn(None, View(phrase, (*rows, back)), effects, stays=False)


def _thaw(her: InHand, *, me: Member) -> Turn:
    if not permissions.may(me.role, "freeze.thawed"):
        return _view(her, Phrase("staff.thaw_coordinator", {"name": her.name}), rows=_marks(her))
    sure = (button(f"freeze.thawed.{her.id:x}", "staff.thaw_sure_button"),)
    return _view(her, Phrase("staff.thaw_ask", {"name": her.name}), rows=(*_marks(her), sure))


def _marks(her: InHand) -> Rows:
    marks = tuple((button(f"freeze.mark.{her.id:x}.{what}", key),) for what, key in _MARKS.items())
    return (*marks, (button(f"freeze.contacts.{her.id:x}", "staff.unsafe_contact_button"),))


def _contacts(her: InHand, named: list[Askable], *, me: Member) -> Turn:
    """Whom she named, one of whom may not be safe; that they were read is written down."""
    rows = tuple((Button(f"freeze.contact.{one.id:x}", person(one)),) for one in named)
    asked = Phrase("staff.unsafe_contact_which" if rows else "staff.unsafe_contact_none", {"name": her.name})
    return _view(her, asked, *((ContactsRead(her.id, me.staff),) if rows else ()), rows=rows)


def _contact_marked(act: Act, woman: int | None, *, me: Member) -> Turn:
    if woman is None:
        return Turn(toast=Phrase("staff.call_contact_gone"))
    back = (button(f"roster.card.{woman:x}", "staff.card_button"),)
    marked = MarkedUnsafe(woman, Unsafe.CONTACT, me.staff, act.id)
    return Turn(None, View(Phrase("staff.contact_unsafe"), (back,)), (marked,), stays=False)


def _marked(act: Act, her: InHand, *, me: Member) -> Turn:
    what = act.rest
    if what not in _MARKS:
        return stale()
    said = Phrase("staff.marked_unsafe", {"name": her.name})
    return _view(her, said, MarkedUnsafe(her.id, Unsafe(what), me.staff), rows=_marks(her))
