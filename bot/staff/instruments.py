"""Questionnaires that a coordinator sends to the bot: checked as soon as they are here, installed at her word.

* Nothing is asked anew before she has tapped *Instalar*; a file of which nothing comes is emptied at once.
* She reads what is wrong with sheet, row and remedy, the first MOST_TOLD problems at a time.
* Only coordinators and admins install; others learn who can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from bot.library import Library
from conversations.errors import InstrumentInvalid, Problem
from conversations.session import Sprint
from conversations.speech import Button, ButtonsRemoved, Phrase, Said, TapAnswered
from conversations.workbook import KINDS, MAX_BYTES, Draft, read_draft
from conversations.xlsform import SETTINGS, SURVEY
from locales.readable import instrument_problems
from scheduler.applied import Plans, partings
from scheduler.dialogue import Attached, Event, Facts, FileArrived, FileSent, Tapped, TimeIsUp
from storage.facts import FileById, Need
from storage.files import Fetched, FileWanted, Purpose
from storage.instruments import DraftDiscarded, InstrumentInstalled
from storage.people import Role

INSTALL, DISCARD = "install", "discard"
MAY_INSTALL = frozenset({Role.COORDINATOR, Role.ADMIN})

MOST_TOLD = 10
LONGEST_LINE = 250
"""Characters of one problem: ten of them stay well within Telegram's 4096."""

FETCHED_WITHIN = timedelta(hours=1)
DECIDED_WITHIN = timedelta(days=1)

CHOICE = (
    (
        Button(INSTALL, Phrase("staff.instrument_install_button")),
        Button(DISCARD, Phrase("staff.instrument_discard_button")),
    ),
)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A file is on its way to us, until that moment."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An instrument without problems waits for her word: it was sent as `file`, its buttons stand in `shown_in`."""

    file: int
    shown_in: int
    until: datetime


State = Awaited | Reviewed | None
Reply = Sprint[State, Any]


class InstrumentDesk:
    """Takes what has to do with instruments that staff send."""

    def __init__(self, library: Library, plans: Plans) -> None:
        self._library = library
        self._plans = plans

    @staticmethod
    def needs(state: State, event: Event) -> Sequence[Need]:
        """What the file holds, once it is here."""
        match event, state:
            case FileArrived(file=file), _:
                return (FileById(file),)
            case Tapped(action="install"), Reviewed(file=file):
                return (FileById(file),)
            case _:
                return ()

    def step(self, state: State, event: Event, facts: Facts) -> Reply | None:
        """Take the event, or return None where it is about something else."""
        match event:
            case Attached(kind="document"):
                return self._received(state, event, facts=facts)
            case FileArrived():
                return self._arrived(state, event, facts=facts)
            case Tapped(action="install" | "discard"):
                return self._decided(state, event, facts=facts)
            case TimeIsUp():
                return _given_up(state, facts)
            case _:
                return None

    # --- a file comes

    @staticmethod
    def _received(state: State, event: Attached, *, facts: Facts) -> Reply:
        if not _may_install(facts):
            return Sprint(state, (Said(Phrase("staff.instrument_not_yours")),))
        if event.file is None or PurePath(event.file.name).suffix.lower() not in KINDS:
            return Sprint(state, (Said(Phrase("staff.instrument_wrong_kind")),))
        if event.file.size is not None and event.file.size > MAX_BYTES:
            return Sprint(state, (Said(Phrase("staff.instrument_too_big")),))
        return Sprint(
            Awaited(event.at + FETCHED_WITHIN),
            (*_put_aside(state, facts), _wanted(event.file), Said(Phrase("staff.instrument_coming"))),
        )

    def _arrived(self, state: State, event: FileArrived, *, facts: Facts) -> Reply:
        if not _may_install(facts):  # no longer, since she sent it
            return Sprint(None, (DraftDiscarded(event.file),))
        before = _put_aside(state, facts)
        found = facts.found.get(FileById(event.file))
        if not event.kept or not isinstance(found, Fetched):
            return Sprint(None, (*before, Said(Phrase("staff.instrument_not_fetched"))))
        try:
            draft = self._checked(found)
        except InstrumentInvalid as invalid:
            return Sprint(None, (*before, DraftDiscarded(event.file), _told(found.name, invalid.problems)))
        reviewed = Reviewed(event.file, facts.sprint, event.at + DECIDED_WITHIN)
        return Sprint(reviewed, (*before, Said(_fine(draft), CHOICE, facts.session, facts.sprint)))

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

    def _decided(self, state: State, event: Tapped, *, facts: Facts) -> Reply:
        if not isinstance(state, Reviewed) or event.sprint != state.shown_in or not _may_install(facts):
            return Sprint(state, (TapAnswered(event.tap, Phrase("rejected.stale")),))
        before = (TapAnswered(event.tap), ButtonsRemoved(facts.session, state.shown_in))
        if event.action == DISCARD:
            said = Said(Phrase("staff.instrument_discarded"))
            return Sprint(None, (*before, DraftDiscarded(state.file), said))
        found = facts.found.get(FileById(state.file))
        if not isinstance(found, Fetched):
            return Sprint(None, (*before, Said(Phrase("staff.instrument_not_fetched"))))
        try:
            draft = self._checked(found)
        except InstrumentInvalid as invalid:  # meanwhile somebody has installed another, or applied a plan
            return Sprint(None, (*before, DraftDiscarded(state.file), _told(found.name, invalid.problems)))
        said = Said(Phrase("staff.instrument_installed", _named(draft)))
        return Sprint(None, (*before, _installed(draft, state.file, facts=facts), said))


def _may_install(facts: Facts) -> bool:
    return facts.who.staff is not None and facts.who.staff.role in MAY_INSTALL


def _wanted(file: FileSent) -> FileWanted:
    return FileWanted(Purpose.INSTRUMENT, file.file_id, file.size, file.name)


def _put_aside(state: State, facts: Facts) -> tuple[Any, ...]:
    """Another file takes the place of one that waited for her word."""
    if not isinstance(state, Reviewed):
        return ()
    return (ButtonsRemoved(facts.session, state.shown_in), DraftDiscarded(state.file))


def _given_up(state: State, facts: Facts) -> Reply:
    if isinstance(state, Reviewed):
        return Sprint(None, _put_aside(state, facts))
    return Sprint(None, (Said(Phrase("staff.instrument_not_fetched")),))


def _installed(draft: Draft, file: int, *, facts: Facts) -> InstrumentInstalled:
    assert facts.who.staff is not None
    instrument = draft.instrument
    return InstrumentInstalled(instrument.name, instrument.version, draft.source, facts.who.staff.staff, file)


def _fine(draft: Draft) -> Phrase:
    """It can be installed; what is hard to read in it, or shows on a locked screen, she learns before she decides."""
    remarks = instrument_problems(draft.instrument)
    if not remarks:
        return Phrase("staff.instrument_fine", _named(draft))
    return Phrase("staff.instrument_fine_but", {**_named(draft), "list": _lines(remarks)})


def _named(draft: Draft) -> dict[str, str | int]:
    instrument = draft.instrument
    asked = sum(1 for question in instrument.questions if question.waits)
    return {"title": next(iter(instrument.title.values())), "version": instrument.version, "count": asked}


def _told(file_name: str, problems: Sequence[Problem]) -> Said:
    """The first problems with their places, and how many more there are."""
    values: dict[str, str | int] = {
        "count": len(problems),
        "file": file_name,
        "list": _lines([_line(problem) for problem in problems]),
    }
    more = len(problems) - MOST_TOLD
    if more > 0:
        return Said(Phrase("staff.instrument_many_problems", {**values, "more": more}))
    return Said(Phrase("staff.instrument_problems", values))


def _line(problem: Problem) -> str:
    return " · ".join((problem.sheet, *([] if problem.row is None else [str(problem.row)]), problem.message))


def _lines(told: Sequence[str]) -> str:
    return "\n".join(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in told[:MOST_TOLD])
