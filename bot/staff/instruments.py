"""Questionnaires that a coordinator sends to the bot: checked as soon as they are here, installed at her word.

* Nothing is asked anew before she has tapped *Instalar*; a file of which nothing comes is emptied at once.
* She reads what is wrong with sheet, row and remedy, the first MOST_TOLD problems at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from bot.library import Library
from bot.staff import permissions
from bot.staff.room import Act, Turn, View, button, member_of, stale
from conversations.codec import Tagged
from conversations.errors import InstrumentInvalid, Problem
from conversations.speech import Phrase
from conversations.workbook import KINDS, MAX_BYTES, Draft, read_draft
from conversations.xlsform import SETTINGS, SURVEY
from locales.readable import instrument_problems
from scheduler.applied import Plans, partings
from scheduler.dialogue import Facts
from storage.files import Fetched, FileWanted, Purpose
from storage.instruments import DraftDiscarded, InstrumentInstalled
from storage.lookups import FileById
from storage.members import Member
from storage.records import Need

INSTALL, DISCARD = "install", "discard"

MOST_TOLD = 10
LONGEST_LINE = 250
"""Characters of one problem: ten of them stay well within Telegram's 4096."""

FETCHED_WITHIN = timedelta(hours=1)
DECIDED_WITHIN = timedelta(days=1)

CHOICE = (
    (
        button("instruments.install", "staff.instrument_install_button"),
        button("instruments.discard", "staff.instrument_discard_button"),
    ),
)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A file is on its way to us, until that moment."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An instrument without problems waits for her word: it was sent as `file`."""

    file: int
    until: datetime


class InstrumentRoom:
    """Takes what has to do with instruments that staff send."""

    name = "instruments"
    states: Tagged[Any] = Tagged(Awaited, Reviewed)

    def __init__(self, library: Library, plans: Plans) -> None:
        self._library = library
        self._plans = plans

    def until(self, held: Any) -> datetime | None:
        """What is in hand does not wait for ever."""
        return None if held is None else held.until

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """What the file holds, once it is here."""
        if act.arrived is not None:
            return (FileById(act.arrived.file),)
        return (FileById(held.file),) if act.verb == INSTALL and isinstance(held, Reviewed) else ()

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Take a file, or her word about it."""
        match act.verb:
            case permissions.SENT:
                return self._received(held, act)
            case permissions.ARRIVED:
                return self._arrived(held, act, facts=facts)
            case "install" | "discard":
                return self._decided(held, act, facts=facts)
            case permissions.LATE:
                return _given_up(held)
            case _:
                return None

    # --- a file comes

    @staticmethod
    def _received(held: Any, act: Act) -> Turn | None:
        sent = act.sent
        if sent is None or sent.kind != "document":
            return None
        if sent.file is None or PurePath(sent.file.name).suffix.lower() not in KINDS:
            return _said(held, Phrase("staff.instrument_wrong_kind"))
        if sent.file.size is not None and sent.file.size > MAX_BYTES:
            return _said(held, Phrase("staff.instrument_too_big"))
        wanted = FileWanted(Purpose.INSTRUMENT, sent.file.file_id, sent.file.size, sent.file.name)
        view = View(Phrase("staff.instrument_coming"))
        before = _put_aside(held)
        return Turn(Awaited(act.at + FETCHED_WITHIN), view, (*before, wanted), stays=False, over=bool(before))

    def _arrived(self, held: Any, act: Act, *, facts: Facts) -> Turn:
        assert act.arrived is not None
        before = _put_aside(held)
        found = facts.get(FileById(act.arrived.file))
        if not act.arrived.kept or found is None:
            return Turn(None, View(Phrase("staff.instrument_not_fetched")), before, stays=False, over=bool(before))
        try:
            draft = self._checked(found)
        except InstrumentInvalid as invalid:
            gone = (*before, DraftDiscarded(act.arrived.file))
            return Turn(None, _told(found.name, invalid.problems), gone, stays=False, over=bool(before))
        reviewed = Reviewed(act.arrived.file, act.at + DECIDED_WITHIN)
        return Turn(reviewed, View(_fine(draft), CHOICE), before, stays=False, over=bool(before))

    def _checked(self, found: Fetched) -> Draft:
        """What the file holds. Raises InstrumentInvalid."""
        draft = read_draft(found.name, found.content)
        name, version = draft.instrument.name, draft.instrument.version
        if self._library.has(name, version) and self._library.get(name, version) != draft.instrument:
            taken = f"version {version} is stored with other content: raise the 'version'"
            raise InstrumentInvalid(name, [Problem(SETTINGS, 2, taken)])
        if parted := partings(self._plans, draft.instrument, shelf=self._library):
            raise InstrumentInvalid(name, [Problem(SURVEY, None, message) for message in parted])
        return draft

    # --- she decides

    def _decided(self, held: Any, act: Act, *, facts: Facts) -> Turn:
        if not isinstance(held, Reviewed) or not act.fresh:
            return stale(held)
        if act.verb == DISCARD:
            return Turn(None, View(Phrase("staff.instrument_discarded")), (DraftDiscarded(held.file),))
        found = facts.get(FileById(held.file))
        if found is None:
            return Turn(None, View(Phrase("staff.instrument_not_fetched")))
        try:
            draft = self._checked(found)
        except InstrumentInvalid as invalid:  # meanwhile somebody has installed another, or applied a plan
            return Turn(None, _told(found.name, invalid.problems), (DraftDiscarded(held.file),))
        installed = View(Phrase("staff.instrument_installed", _named(draft)))
        return Turn(None, installed, (_installed(draft, held.file, member=member_of(facts)),))


def _said(held: Any, phrase: Phrase) -> Turn:
    return Turn(held, View(phrase), stays=False)


def _put_aside(held: Any) -> tuple[Any, ...]:
    """Another file takes the place of one that waited for her word."""
    return (DraftDiscarded(held.file),) if isinstance(held, Reviewed) else ()


def _given_up(held: Any) -> Turn:
    if isinstance(held, Reviewed):
        return Turn(effects=_put_aside(held), over=True)
    return Turn(None, View(Phrase("staff.instrument_not_fetched")), stays=False)


def _installed(draft: Draft, file: int, *, member: Member) -> InstrumentInstalled:
    instrument = draft.instrument
    return InstrumentInstalled(instrument.name, instrument.version, draft.source, member.staff, file)


def _fine(draft: Draft) -> Phrase:
    """It can be installed; what is hard to read in it, what was read otherwise than it is written, or what shows on a
    locked screen, she learns before she decides."""
    remarks = (*draft.notes, *instrument_problems(draft.instrument))
    if not remarks:
        return Phrase("staff.instrument_fine", _named(draft))
    return Phrase("staff.instrument_fine_but", {**_named(draft), "list": _lines(remarks)})


def _named(draft: Draft) -> dict[str, str | int]:
    instrument = draft.instrument
    asked = sum(1 for question in instrument.questions if question.waits)
    return {"title": next(iter(instrument.title.values())), "version": instrument.version, "count": asked}


def _told(file_name: str, problems: Sequence[Problem]) -> View:
    """The first problems with their places, and how many more there are."""
    values: dict[str, str | int] = {
        "count": len(problems),
        "file": file_name,
        "list": _lines([_line(problem) for problem in problems]),
    }
    more = len(problems) - MOST_TOLD
    if more > 0:
        return View(Phrase("staff.instrument_many_problems", {**values, "more": more}))
    return View(Phrase("staff.instrument_problems", values))


def _line(problem: Problem) -> str:
    return " · ".join((problem.sheet, *([] if problem.row is None else [str(problem.row)]), problem.message))


def _lines(told: Sequence[str]) -> str:
    return "\n".join(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in told[:MOST_TOLD])
