"""A paper that a woman signed, typed in from her card: its date, its version, its witness, and what it says.

* Nothing is ticked beforehand: each purpose is a yes, a no, or not on the paper, and then nothing is noted of it.
* It counts as of its day: what she has said since stands, and in her own chat she is asked all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.participant.notice import Notice
from bot.participant.own_codes import PURPOSE_KEYS
from bot.staff import permissions
from bot.staff.consenting import LONGEST_WAIT
from bot.staff.room import Act, Rows, Turn, View, button, member_of, stale
from bot.staff.wording import in_words
from conversations.codec import Tagged
from conversations.speech import Phrase
from scheduler.dialogue import Facts
from storage.consents import ConsentGiven, How, Purpose, signed_at
from storage.dossiers import Dossier, DossierOf
from storage.imports.cells import CellRefused, read_date, read_name
from storage.members import Member
from storage.papers import OWN_FORM, KnownVersions
from storage.records import About, Need

STATE_KEYS = ("staff.paper_silent", "staff.paper_yes", "staff.paper_no")
"""Of one purpose: the paper says nothing of it, yes, or no; each tap leads to the next."""

_SILENT, _YES, _NO = STATE_KEYS
_PLACES = tuple(Purpose)


@dataclass(frozen=True, slots=True)
class Typing:
    """A paper that is being typed in: whose, since when, and what of it is known; `says` are yes and no by purpose."""

    woman: int
    at: datetime
    on: date | None = None
    version: str = ""
    witness: str = ""
    says: tuple[tuple[str, bool], ...] = ()


class PaperRoom:
    """Where a signed paper becomes her consent."""

    name = "paper"
    states: Tagged[Any] = Tagged(Typing)

    def __init__(self, notice: Notice) -> None:
        self._notice = notice

    def until(self, held: Any) -> datetime | None:
        """A paper is at hand, or it is not."""
        return None if held is None else held.at + LONGEST_WAIT

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Her card, and the versions that a paper can have."""
        woman = act.id if act.verb == "begin" or held is None else held.woman
        return (DossierOf(member, woman), *((KnownVersions(),) if act.verb == permissions.HEARD else ()))

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Ask for the next thing that stands on it, or note what it says."""
        if act.verb == permissions.LATE or (held is None and act.verb == permissions.HEARD):
            return Turn() if act.verb == permissions.LATE else None
        if held is None and act.verb != "begin":
            return stale(held)
        her = facts.get(DossierOf(member_of(facts), act.id if act.verb == "begin" else held.woman))
        if her is None:
            return Turn(None, toast=Phrase("staff.roster_gone"))
        match act.verb:
            case "begin":
                return Turn(Typing(her.id, act.at), View(Phrase("staff.capture_paper_date"), _back(her)))
            case permissions.HEARD:
                return self._typed(held, act, her=her, facts=facts)
            case "say" if act.fresh and held.witness:
                return _said(held, act, her=her)
            case "save" if act.fresh and held.says:
                return _saved(held, act, her=her, by=member_of(facts))
            case _:
                return stale(held)

    def _typed(self, held: Typing, act: Act, *, her: Dossier, facts: Facts) -> Turn | None:
        try:
            if held.on is None:
                on = read_date(act.words)
                if on > act.at.astimezone(her.zone).date():
                    raise CellRefused("has not come yet")
                return Turn(replace(held, on=on), View(Phrase("staff.capture_paper_version"), _back(her)))
            if not held.version:
                return self._version(held, act, her=her, known=facts.get(KnownVersions()) or frozenset())
            if not held.witness:
                whole = replace(held, witness=read_name(act.words))
                return Turn(whole, _purposes(whole, her))
        except CellRefused:
            return Turn(held, View(Phrase("staff.capture_paper_unread"), _back(her)))
        return None

    def _version(self, held: Typing, act: Act, *, her: Dossier, known: frozenset[str]) -> Turn:
        there = known | {self._notice.version, OWN_FORM}
        if act.words not in there:
            told = Phrase("staff.paper_unknown_version", {"versions": ", ".join(sorted(there)), "own": OWN_FORM})
            return Turn(held, View(told, _back(her)))
        return Turn(replace(held, version=act.words), View(Phrase("staff.capture_paper_witness"), _back(her)))


def _said(held: Typing, act: Act, *, her: Dossier) -> Turn:
    """The next of nothing, yes and no."""
    if not act.about.isdecimal() or int(act.about) >= len(_PLACES):
        return stale(held)
    says, purpose = dict(held.says), _PLACES[int(act.about)].value
    before = says.pop(purpose, None)
    if before is not False:
        says[purpose] = before is None
    after = replace(held, says=tuple(says.items()))
    return Turn(after, _purposes(after, her))


def _purposes(held: Typing, her: Dossier) -> View:
    """What the paper says so far; what it is silent about is left as it is."""
    says, rows = dict(held.says), []
    for place, purpose in enumerate(_PLACES):
        said = says.get(purpose)
        key = _SILENT if said is None else _YES if said else _NO
        rows.append((button(f"paper.say.{place}", key, what=in_words(Phrase(PURPOSE_KEYS[purpose]))),))
    save = ((button("paper.save", "staff.save_button"),),) if says else ()
    return View(Phrase("staff.paper_says", {"name": her.card.name}), (*rows, *save, *_back(her)))


def _saved(held: Typing, act: Act, *, her: Dossier, by: Member) -> Turn:
    assert held.on is not None
    at = signed_at(held.on, zone=str(her.zone), now=act.at)
    words = (
        ConsentGiven(her.id, purpose, held.version, "", given, How.PAPER, by.staff, held.witness)
        for purpose, given in held.says
    )
    noted = View(Phrase("staff.paper_noted", {"name": her.card.name}), _back(her))
    return Turn(None, noted, tuple(About(her.id, word, at=at) for word in words), stays=False)


def _back(her: Dossier) -> Rows:
    return ((button(f"roster.card.{her.id:x}", "staff.card_button"),),)
