"""*Congelar*: everything to a woman stops at one word; and what of hers is not safe is marked so.

* One tap asks, the second freezes; only a coordinator ends it.
* What is marked as not safe is offered to nobody again, and a new account then needs a second person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.staff import permissions
from bot.staff.room import Act, Rows, Turn, View, button, member_of, stale
from conversations.codec import Tagged
from conversations.speech import Phrase
from scheduler.dialogue import Facts
from storage.dossiers import Dossier, DossierOf
from storage.freezing import Frozen, MarkedUnsafe, Unsafe
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
        """Her card."""
        return (DossierOf(member, act.id),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Ask, then stop everything; or end it, or mark what is not safe."""
        me = member_of(facts)
        her = facts.get(DossierOf(me, act.id))
        if her is None:
            return Turn(toast=Phrase("staff.roster_gone"))
        match act.verb:
            case "ask" if her.frozen_at is None:
                sure = (button(f"freeze.now.{her.id:x}", "staff.freeze_sure_button"),)
                return _view(her, Phrase("staff.freeze_ask", {"name": her.card.name}), rows=(sure,))
            case "now" if her.frozen_at is None:
                return _view(
                    her, Phrase("staff.frozen", {"name": her.card.name}), Frozen(her.id, me.staff), rows=_marks(her)
                )
            case "ask" | "now":
                return _view(her, Phrase("staff.frozen_already", {"name": her.card.name}), rows=_marks(her))
            case "thaw" if her.frozen_at is not None and permissions.may(me.role, "freeze.thawed"):
                sure = (button(f"freeze.thawed.{her.id:x}", "staff.thaw_sure_button"),)
                return _view(her, Phrase("staff.thaw_ask", {"name": her.card.name}), rows=(*_marks(her), sure))
            case "thaw" if her.frozen_at is not None:
                return _view(her, Phrase("staff.thaw_coordinator", {"name": her.card.name}), rows=_marks(her))
            case "thawed" if her.frozen_at is not None:
                thawed = Frozen(her.id, me.staff, frozen=False)
                return _view(her, Phrase("staff.thawed", {"name": her.card.name}), thawed)
            case "mark":
                return _marked(act, her, me=me)
            case _:
                return _view(her, Phrase("staff.not_frozen", {"name": her.card.name}))


def _view(her: Dossier, phrase: Phrase, *effects: Any, rows: Rows = ()) -> Turn:
    back = (button(f"roster.card.{her.id:x}", "staff.card_button"),)
    return Turn(None, View(phrase, (*rows, back)), effects, stays=False)


def _marks(her: Dossier) -> Rows:
    return tuple((button(f"freeze.mark.{her.id:x}.{what}", key),) for what, key in _MARKS.items())


def _marked(act: Act, her: Dossier, *, me: Member) -> Turn:
    what = act.rest
    if what not in _MARKS:
        return stale()
    said = Phrase("staff.marked_unsafe", {"name": her.card.name})
    return _view(her, said, MarkedUnsafe(her.id, Unsafe(what), me.staff), rows=_marks(her))
