"""A roster that a coordinator sends to the bot: looked through whole, told apart with her, stored at her word.

* All that is wrong is told at once, with line and column, in a file where it is much; while anything is, nothing can be
  stored.
* Who may be registered already is shown one by one: another woman, or the same and left out. Nobody is merged.
* Names are shown only behind the PIN; numbers and places of mistakes without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from bot.fitting import clipped
from bot.staff import permissions
from bot.staff.room import Act, Rows, Turn, View, button, member_of, stale
from bot.staff.roster_card import place_of
from bot.staff.roster_problems import LONGEST_NAME, handed, shortly, wrong
from conversations.codec import Tagged
from conversations.speech import Phrase
from scheduler.applied import Plans
from scheduler.dialogue import Facts
from scheduler.registering import MOST_BYTES, MOST_ROWS, Checked, FileChecked, FileImported, Twin
from storage.files import FileWanted, Purpose
from storage.instruments import DraftDiscarded
from storage.lookups import FileById
from storage.members import Member
from storage.records import Need

KINDS = (".csv", ".tsv", ".txt", ".xlsx")
FETCHED_WITHIN = timedelta(hours=1)
DECIDED_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A file is on its way to us, until that moment."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of the file, and who its woman may be: `who` as record_id, name and centre, `lines` in the file itself."""

    line: int
    name: str
    who: tuple[tuple[str, str, str], ...]
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A roster without mistakes waits for her word: what it brings, whom she must tell apart, whom she left out."""

    file: int
    until: datetime
    women: int
    dates: int
    pairs: tuple[Pair, ...] = ()
    told: int = 0
    left_out: tuple[int, ...] = ()


class RosterFileRoom:
    """Takes rosters that staff send."""

    name = "roster_file"
    states: Tagged[Any] = Tagged(Awaited, Reviewed)

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def until(self, held: Any) -> datetime | None:
        """What is in hand does not wait for ever."""
        return None if held is None else held.until

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """What the file holds, once it is here; once more before it is stored."""
        if act.arrived is not None:
            return (FileById(act.arrived.file), FileChecked(act.arrived.file, self._plans))
        storing = act.verb == "store" and isinstance(held, Reviewed)
        return (FileChecked(held.file, self._plans, twins=False),) if storing else ()

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Take a file, a decision about one of its women, or the word that stores it."""
        match act.verb:
            case permissions.SENT:
                return _received(held, act)
            case permissions.ARRIVED:
                return self._arrived(held, act, facts=facts)
            case permissions.LATE:
                return _given_up(held)
            case _ if not isinstance(held, Reviewed) or not act.fresh:
                return stale(held)
            case "drop":
                return Turn(None, View(Phrase("staff.file_dropped")), (DraftDiscarded(held.file),), stays=False)
            case "store" if held.told == len(held.pairs):
                return self._stored(held, facts)
            case "other" | "same" if held.told < len(held.pairs):
                return _next(_told_apart(held, same=act.verb == "same"))
            case _:
                return _next(held)

    def _arrived(self, held: Any, act: Act, *, facts: Facts) -> Turn | None:
        if act.arrived is None:
            return None
        before = _put_aside(held)
        file, found = facts.get(FileById(act.arrived.file)), facts.get(FileChecked(act.arrived.file, self._plans))
        if not act.arrived.kept or file is None or found is None:
            return Turn(None, View(Phrase("staff.file_not_fetched")), before, stays=False, over=bool(before))
        if found.problems:
            gone = (*before, DraftDiscarded(act.arrived.file), *handed(found.problems, facts.session))
            return Turn(None, View(wrong(file.name, found.problems)), gone, stays=False, over=bool(before))
        if not found.sorted.new and not found.sorted.dates:
            gone = (*before, DraftDiscarded(act.arrived.file))
            return Turn(None, View(Phrase("staff.file_nothing_new")), gone, stays=False, over=bool(before))
        until = act.at + DECIDED_WITHIN
        pairs = tuple(map(_pair, found.twins))
        reviewed = Reviewed(act.arrived.file, until, len(found.sorted.new), len(found.sorted.dates), pairs)
        return Turn(reviewed, _fine(file.name, found, held=reviewed), before, stays=False, over=bool(before))

    def _stored(self, held: Reviewed, facts: Facts) -> Turn:
        found = facts.get(FileChecked(held.file, self._plans, twins=False))
        if found is None:
            return Turn(None, View(Phrase("staff.file_not_fetched")), stays=False)
        kept = found.without(held.left_out)
        if found.problems or (len(kept.new), len(kept.dates)) != (_women(held), held.dates):
            changed = View(Phrase("staff.file_overtaken"))  # somebody has registered some of them meanwhile
            return Turn(None, changed, (DraftDiscarded(held.file),), stays=False)
        me = member_of(facts)
        imported = FileImported(held.file, held.left_out, _women(held), held.dates, me.staff, self._plans)
        done = Phrase("staff.file_stored", _numbers(held))
        rows = ((button("roster.all", "staff.roster_all_button"),),)
        return Turn(None, View(done, rows), (imported,), stays=False)


# --- a file comes


def _received(held: Any, act: Act) -> Turn | None:
    sent = act.sent
    if sent is None or sent.kind != "document" or sent.file is None:
        return None
    if PurePath(sent.file.name).suffix.lower() not in KINDS:
        return Turn(held, View(Phrase("staff.file_wrong_kind")), stays=False)
    if sent.file.size is not None and sent.file.size > MOST_BYTES:
        return Turn(held, View(Phrase("staff.file_too_big", {"count": MOST_ROWS})), stays=False)
    wanted = FileWanted(Purpose.ROSTER, sent.file.file_id, sent.file.size, sent.file.name)
    before = _put_aside(held)
    awaited = Awaited(act.at + FETCHED_WITHIN)
    return Turn(awaited, View(Phrase("staff.file_coming")), (*before, wanted), stays=False, over=bool(before))


def _put_aside(held: Any) -> tuple[Any, ...]:
    """Another file takes the place of one that waited for her word."""
    return (DraftDiscarded(held.file),) if isinstance(held, Reviewed) else ()


def _given_up(held: Any) -> Turn:
    if isinstance(held, Reviewed):
        return Turn(effects=_put_aside(held), over=True)
    return Turn(None, View(Phrase("staff.file_not_fetched")), stays=False)


# --- what it holds


def _pair(twin: Twin) -> Pair:
    who = tuple((one.record_id, one.name, place_of(one.centre)) for one in twin.known)
    return Pair(twin.row.line, twin.row.name, who, twin.lines)


def _fine(name: str, found: Checked, *, held: Reviewed) -> View:
    lines = [*shortly(found.warnings)]
    told = {"file": clipped(name, LONGEST_NAME), **_numbers(held)}
    if held.pairs:
        lines.append(Phrase("staff.file_pairs", {"count": len(held.pairs)}))
        rows = ((button("roster_file.decide", "staff.file_decide_button"),), _DROP)
        return View(Phrase("staff.file_fine", told, tuple(lines)), rows)
    return View(Phrase("staff.file_fine", told, tuple(lines)), _STORE)


_DROP = (button("roster_file.drop", "staff.file_drop_button"),)
_STORE: Rows = ((button("roster_file.store", "staff.file_store_button"), *_DROP),)


def _women(held: Reviewed) -> int:
    return held.women - len(held.left_out)


def _numbers(held: Reviewed) -> dict[str, str | int]:
    return {"women": _women(held), "dates": held.dates}


# --- whom she tells apart


def _told_apart(held: Reviewed, *, same: bool) -> Reviewed:
    left_out = (held.pairs[held.told].line,) if same else ()
    return replace(held, told=held.told + 1, left_out=(*held.left_out, *left_out))


def _next(held: Reviewed) -> Turn:
    if held.told == len(held.pairs):
        return Turn(held, View(Phrase("staff.file_decided", {**_numbers(held), "left": len(held.left_out)}), _STORE))
    pair = held.pairs[held.told]
    known = [Phrase("staff.twin", {"record_id": id_, "name": name, "centre": centre}) for id_, name, centre in pair.who]
    in_file = [Phrase("staff.twin_line", {"line": line}) for line in pair.lines]
    told: dict[str, str | int] = {"line": pair.line, "name": pair.name, "number": held.told + 1, "of": len(held.pairs)}
    decide = (
        (button("roster_file.other", "staff.twin_other_button"),),
        (button("roster_file.same", "staff.file_same_button"),),
    )
    return Turn(held, View(Phrase("staff.file_pair", told, (*known, *in_file)), (*decide, _DROP)))
