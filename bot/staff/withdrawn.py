"""Permissions that somebody took back in a woman's chat: seen for a week, and given back to whom staff know to be she.

* Nobody is asked to give one back: staff call her only to make sure that it was she.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.participant.own_codes import PURPOSE_KEYS
from bot.staff.room import Act, Turn, View, button, stale
from bot.staff.wording import in_words
from conversations.speech import Phrase
from locales.catalog import SPANISH, long_date
from storage.consents import Purpose
from storage.members import Member
from storage.stops import How
from storage.withdrawals import GivenBack, Withdrawn

HOW_KEYS = {
    How.CALL: "staff.rights_by_call",
    How.IN_PERSON: "staff.rights_in_person",
    How.IN_WRITING: "staff.rights_in_writing",
}
MOST = 20
_PURPOSES, _WAYS = tuple(Purpose), tuple(HOW_KEYS)
"""What buttons name by their places, since they are short."""

_BACK = ((button("rights.list", "staff.rights_back"),),)


def withdrawn(act: Act, found: Sequence[Withdrawn], *, me: Member) -> Turn:
    """The list, one of it, or that it is given back."""
    if act.verb == "lost":
        return Turn(None, _list(found), stays=False)
    purpose, _, way = act.rest.partition(".")
    one = next((one for one in found if (f"{one.woman:x}", _at(one.purpose)) == (f"{act.id:x}", purpose)), None)
    if one is None:
        return stale()
    if act.verb == "again":
        return Turn(None, _one(one), stays=False)
    ways = {str(place): way for place, way in enumerate(_WAYS)}
    if way not in ways:
        return stale()
    told = View(Phrase("staff.rights_given_back", {"what": _what(one)}), _BACK)
    return Turn(None, told, (GivenBack(one.woman, one.purpose, ways[way], me.staff),), stays=False)


def _at(purpose: Purpose) -> str:
    return str(_PURPOSES.index(purpose))


def _what(one: Withdrawn) -> str:
    return in_words(Phrase(PURPOSE_KEYS[one.purpose]))


def _list(found: Sequence[Withdrawn]) -> View:
    rows = tuple(
        (
            button(
                f"rights.again.{one.woman:x}.{_at(one.purpose)}",
                "staff.rights_lost_row",
                name=one.name,
                what=_what(one),
            ),
        )
        for one in found[:MOST]
    )
    return View(Phrase("staff.rights_lost" if rows else "staff.rights_lost_none"), (*rows, *_BACK))


def _one(one: Withdrawn) -> View:
    told: dict[str, str | int] = {
        "name": one.name,
        "record_id": one.record_id,
        "what": _what(one),
        "day": long_date(one.at.date(), SPANISH),
    }
    about = f"{one.woman:x}.{_at(one.purpose)}"
    ways = tuple((button(f"rights.given.{about}.{place}", HOW_KEYS[way]),) for place, way in enumerate(_WAYS))
    return View(Phrase("staff.rights_lost_one", told), (*ways, *_BACK))
