"""When a woman is not to be asked: a rest for a while, or her wish to be left alone, as staff hear it from her.

* Every button says whose it is and what it does; the last one writes it, and how she asked is part of it.
* A rest for `reingreso` has no end: her next release date ends it, and no other rest takes its place. Any other rest
  has a day on which she is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.staff.room import Act, Rows, Turn, View, button, member_of, stale
from bot.staff.roster_card import PAUSES, day
from conversations.codec import Tagged
from conversations.speech import Phrase
from scheduler.dialogue import Facts
from storage.dossiers import Dossier, DossierOf
from storage.members import Member
from storage.orders import RestEnded, RestOrdered, StopRecorded
from storage.pauses import EVERYTHING, PauseKind
from storage.records import Need
from storage.stops import BY_STAFF, How

WEEKS_KEYS = ("staff.weeks_2", "staff.weeks_4", "staff.weeks_12")
WEEKS = dict(zip((2, 4, 12), WEEKS_KEYS, strict=True))
"""How long a rest can be, in weeks."""

HOW_KEYS = ("staff.how_call", "staff.how_in_person", "staff.how_in_writing")
_HOWS = dict(zip(BY_STAFF, HOW_KEYS, strict=True))
_CHANGING = {"halt": True, "open": False}


class RestRoom:
    """Where rests and wishes are recorded."""

    name = "rest"
    states: Tagged[Any] = Tagged()

    def until(self, held: Any) -> datetime | None:
        """Nothing waits here."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Her card."""
        return (DossierOf(member, act.id),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Ask for what is missing, or write it."""
        her = facts.get(DossierOf(member_of(facts), act.id))
        if her is None:
            return Turn(toast=Phrase("staff.roster_gone"))
        match act.verb:
            case "pause" | "kind" | "until" if _is_away(her, at=act.at):
                return _view(her, Phrase("staff.pause_away", {"name": her.card.name}))
            case "pause":
                rows = tuple((button(f"rest.kind.{her.id:x}.{kind}", key),) for kind, key in PAUSES.items())
                return _view(her, Phrase("staff.pause_which", {"name": her.card.name}), rows=rows)
            case "kind" | "until":
                return _rest(act, her, by=member_of(facts).staff)
            case "resume":
                return _resumed(her, by=member_of(facts).staff)
            case "stop" | "reopen":
                return _how(act.verb, her)
            case _:
                return _wished(act, her, by=member_of(facts).staff)


def _view(her: Dossier, phrase: Phrase, *effects: Any, rows: Rows = ()) -> Turn:
    back = (button(f"roster.card.{her.id:x}", "staff.card_button"),)
    return Turn(None, View(phrase, (*rows, back)), effects, stays=False)


def _is_away(her: Dossier, *, at: datetime) -> bool:
    today = at.astimezone(her.zone).date()
    return any(one.kind is PauseKind.REENTRY and one.rests(EVERYTHING, on=today) for one in her.pauses)


def _rest(act: Act, her: Dossier, *, by: int) -> Turn:
    kind, _, weeks = act.rest.partition(".")
    if kind not in set(PauseKind):
        return stale()
    if kind == PauseKind.REENTRY:
        done = Phrase("staff.paused_endless", {"name": her.card.name})
        return _view(her, done, RestOrdered(her.id, PauseKind.REENTRY, None, by))
    if act.verb == "kind":
        rows = tuple((button(f"rest.until.{her.id:x}.{kind}.{count}", key),) for count, key in WEEKS.items())
        return _view(her, Phrase("staff.pause_how_long"), rows=rows)
    if not weeks.isdecimal() or int(weeks) not in WEEKS:
        return stale()
    until_on = act.at.astimezone(her.zone).date() + timedelta(weeks=int(weeks))
    done = Phrase("staff.paused", {"name": her.card.name, "day": day(until_on)})
    return _view(her, done, RestOrdered(her.id, PauseKind(kind), until_on, by))


def _resumed(her: Dossier, *, by: int) -> Turn:
    if all(one.series != EVERYTHING for one in her.pauses):
        return _view(her, Phrase("staff.not_paused", {"name": her.card.name}))
    return _view(her, Phrase("staff.resumed", {"name": her.card.name}), RestEnded(her.id, by))


def _how(verb: str, her: Dossier) -> Turn:
    then = "halt" if verb == "stop" else "open"
    rows = tuple((button(f"rest.{then}.{her.id:x}.{how}", key),) for how, key in _HOWS.items())
    asked = Phrase("staff.stop_how" if verb == "stop" else "staff.reopen_how", {"name": her.card.name})
    return _view(her, asked, rows=rows)


def _wished(act: Act, her: Dossier, *, by: int) -> Turn | None:
    how = act.rest
    if act.verb not in _CHANGING or how not in set(BY_STAFF):
        return stale()
    wished, stands = _CHANGING[act.verb], her.circumstances.stopped_at is not None
    if wished == stands:  # somebody was first, or the button is an old one
        return _view(her, Phrase("staff.stopped_already" if stands else "staff.not_stopped", {"name": her.card.name}))
    done = Phrase("staff.stopped" if wished else "staff.reopened", {"name": her.card.name})
    return _view(her, done, StopRecorded(her.id, How(how), wished, by))
