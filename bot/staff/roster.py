"""The roster: women looked up by name, record_id or centre, the card of each, and a sheet of links for those of a list.

* A member of staff finds the women whom she may see and no other, whatever number a button carries.
* What she looked for stays while she reads a card, so that she can go back to the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import codes
from bot.staff import permissions
from bot.staff.room import Act, Turn, View, button, member_of, turning
from bot.staff.roster_card import card
from bot.words import load_words
from conversations.codec import Tagged
from conversations.speech import Button, FileHanded, Phrase
from locales.catalog import load_catalog
from scheduler.dialogue import Facts
from storage.dossiers import CardRead, DossierOf
from storage.invitations import INVITATION_DAYS
from storage.launch import InvitationsShut
from storage.members import Member
from storage.orders import WomanInvited
from storage.preferences import SPANISH
from storage.records import Need
from storage.search import Listing, Page, WomenFound
from storage.tickets import TicketsDrawn

LONGEST_SEARCH = 80
"""Characters: four long names. What is longer is no name, and is not compared with everybody's."""

LONGEST_NAME = 40
"""Characters of a name on a button: more is cut off by a phone."""


@dataclass(frozen=True, slots=True)
class Searching:
    """What she looked for ("": everybody), and which screen of the list she saw last."""

    words: str = ""
    page: int = 0


class RosterRoom:
    """Where staff find a woman."""

    name = "roster"
    states: Tagged[Any] = Tagged(Searching)

    def until(self, held: Any) -> datetime | None:
        """It waits as long as she does."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The list, or the card."""
        if act.verb == "card":
            return (DossierOf(member, act.id),)
        if act.verb in ("sheet", "print"):
            drawn = (_tickets(held, member),) if act.verb == "print" else ()
            return (*drawn, InvitationsShut())
        wanted = _wanted(held, act)
        return () if wanted is None else (WomenFound(member, wanted.words, wanted.page),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Show the list or a card, or ask whom she looks for."""
        if act.verb == "list" and not act.about:
            return Turn(Searching(), View(Phrase("staff.roster_open"), _BEGIN))
        if act.verb == "card":
            return _card(held, act, facts=facts)
        if act.verb in ("sheet", "print"):
            return _sheet(held, act, facts=facts)
        wanted = _wanted(held, act)
        if wanted is None:
            return Turn(held, View(Phrase("staff.roster_too_long"))) if act.verb in _SEARCHES else None
        found = facts.get(WomenFound(member_of(facts), wanted.words, wanted.page))
        return None if found is None else Turn(Searching(wanted.words, found.number), _list(found, wanted))


_BEGIN = ((button("roster.all", "staff.roster_all_button"), button("add.begin", "staff.add_button")),)


_SEARCHES = ("list", permissions.HEARD)


def _wanted(held: Any, act: Act) -> Searching | None:
    """What she wants listed: what she wrote, or another screen of what she looked for; None where that is no list."""
    before = held if isinstance(held, Searching) else Searching()
    match act.verb:
        case "list" if act.about:
            return _said(act.about)
        case permissions.HEARD if act.words:
            return _said(act.words)
        case "all":
            return Searching()
        case "page":
            return Searching(before.words, int(act.about) if act.about.isdecimal() else before.page)
        case _:
            return None


def _said(words: str) -> Searching | None:
    return Searching(words) if len(words) <= LONGEST_SEARCH else None


def _list(found: Page, wanted: Searching) -> View:
    if not found.total:
        return View(Phrase("staff.roster_nobody" if wanted.words else "staff.roster_empty"), _BEGIN)
    rows = tuple((_row(one),) for one in found.women)
    turns, sheet = turning("roster.page", found.number, of=found.of), button("roster.sheet", "staff.sheet_button")
    return View(Phrase("staff.roster_found", {"count": found.total}), (*rows, *turns, *_BEGIN, (sheet,)))


def _row(one: Listing) -> Button:
    name = one.name if len(one.name) <= LONGEST_NAME else f"{one.name[: LONGEST_NAME - 1]}…"
    return button(f"roster.card.{one.participant:x}", "staff.roster_row", name=name, record_id=one.record_id)


def _card(held: Any, act: Act, *, facts: Facts) -> Turn:
    me = member_of(facts)
    her = facts.get(DossierOf(me, act.id))
    if her is None:
        return Turn(held, toast=Phrase("staff.roster_gone"))
    return Turn(held, card(her, me, at=act.at), (CardRead(her.id, me.staff),))


# --- a sheet of links


def _tickets(held: Any, member: Member) -> TicketsDrawn:
    """Links for the screen of the list that she saw last."""
    seen = held if isinstance(held, Searching) else Searching()
    return TicketsDrawn(WomenFound(member, seen.words, seen.page), load_words())


def _sheet(held: Any, act: Act, *, facts: Facts) -> Turn:
    """What a sheet does, and at her word the sheet; the words that go with its links stand in the chat alone."""
    back = (button("roster.page", "staff.roster_back_button"),)
    if facts.get(InvitationsShut()):
        return Turn(held, View(Phrase("staff.invite_shut"), (back,)))
    if act.verb == "sheet" or not act.fresh:
        asked = Phrase("staff.sheet_ask", {"days": INVITATION_DAYS})
        return Turn(held, View(asked, ((button("roster.print", "staff.sheet_draw_button"),), back)))
    me = member_of(facts)
    drawn = facts.get(_tickets(held, me))
    if not drawn:
        return Turn(held, View(Phrase("staff.sheet_nobody"), (back,)))
    paper = codes.sheet([one.link for one in drawn], load_catalog().text("code.card", SPANISH))
    lines = tuple(
        Phrase("staff.sheet_line", {"number": number, "name": one.woman.name, "word": one.word})
        for number, one in enumerate(drawn, start=1)
    )
    invited = tuple(WomanInvited(one.woman.participant, one.token, one.word, me.staff) for one in drawn)
    told = View(Phrase("staff.sheet_words", lines=lines), (back,))
    return Turn(held, told, (*invited, FileHanded("codigos.pdf", paper, facts.session)), anew=True)
