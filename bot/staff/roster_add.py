"""A woman is registered from the chat: one question after another, a look at who may be her, and *Registrar*.

* What was told stays through a restart; nothing is stored before *Registrar*.
* A record_id that is known, and a woman who may be, are told before she is registered twice.
* Whoever has a caseload registers for herself; whoever sees all gives her to somebody afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from bot.staff import permissions
from bot.staff.room import Act, Rows, Turn, View, button, member_of, stale
from bot.staff.roster_card import card, place_of
from bot.staff.roster_edit import read_fact, shown
from conversations.codec import Tagged
from conversations.speech import Phrase
from scheduler.applied import Plans
from scheduler.dialogue import Facts
from scheduler.registering import WomanAdded
from storage.dossiers import CardRead, DossierByRecordId
from storage.imports.cells import CellRefused, folded, read_name, read_phone, read_record_id
from storage.imports.centres import CENTRES
from storage.imports.participants import ParticipantRow, read_birth_year
from storage.members import SEES_OWN, Member
from storage.records import Need
from storage.search import LikelyHer, RecordIdTaken

Reader = Callable[[str, date], str | None]


class Step(NamedTuple):
    """One question: what its answer is called, how it is read, and whether it can be left out."""

    name: str
    read: Reader
    optional: bool = True


def _cell(reader: Callable[[str], str]) -> Reader:
    def read(said: str, today: date) -> str | None:
        try:
            return reader(said)
        except CellRefused:
            return None

    return read


def _year(said: str, today: date) -> str | None:
    try:
        return str(read_birth_year(said, today))
    except CellRefused:
        return None


def _fact(name: str) -> Reader:
    return lambda said, today: read_fact(name, said, today=today)


STEPS = (
    Step("record_id", _cell(read_record_id), optional=False),
    Step("name", _cell(read_name), optional=False),
    Step("birth_year", _year),
    Step("release_on", _fact("release_on")),
    Step("centre", _fact("centre")),
    Step("zone", _fact("zone")),
    Step("phone", _cell(read_phone)),
)
ASK_KEYS = (
    *("staff.ask_record_id", "staff.ask_name", "staff.ask_birth_year", "staff.ask_release"),
    *("staff.ask_centre", "staff.ask_place", "staff.ask_phone"),
)
TOLD_KEYS = (
    *("staff.told_record_id", "staff.told_name", "staff.told_birth_year", "staff.told_release"),
    *("staff.told_centre", "staff.told_zone", "staff.told_phone"),
)
_QUESTIONS = dict(zip((step.name for step in STEPS), ASK_KEYS, strict=True))
_TOLD = dict(zip((step.name for step in STEPS), TOLD_KEYS, strict=True))


@dataclass(frozen=True, slots=True)
class Adding:
    """What was told of her so far, by name; `at` counts the STEPS that are done."""

    at: int = 0
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def step(self) -> Step | None:
        """The question that waits; None where all are answered."""
        return STEPS[self.at] if self.at < len(STEPS) else None

    def with_answer(self, value: str | None, *, words: str = "") -> Adding:
        """The same after an answer (None: left out); of where she lives, the `words` say the state too."""
        assert self.step is not None
        told = {**self.told, **({} if value is None else {self.step.name: value})}
        if value is not None and self.step.name == "zone":
            told["state"] = words.partition(",")[0]
        return Adding(self.at + 1, told)

    @property
    def likely(self) -> tuple[str, int | None]:
        """By what she may be known already: her name and her year of birth."""
        return self.told.get("name", ""), int(self.told["birth_year"]) if "birth_year" in self.told else None

    @property
    def row(self) -> ParticipantRow:
        """She as a row of a file."""
        told = self.told
        return ParticipantRow(
            line=1,
            record_id=told["record_id"],
            name=told["name"],
            phone=told.get("phone"),
            birth_year=self.likely[1],
            release_date=date.fromisoformat(told["release_on"]) if "release_on" in told else None,
            centre=told.get("centre"),
            zone=told.get("zone"),
            state=told.get("state"),
        )


@dataclass(frozen=True, slots=True)
class Added:
    """She was registered just now, under this record_id."""

    record_id: str


class AddRoom:
    """Where a woman is registered."""

    name = "add"
    states: Tagged[Any] = Tagged(Adding, Added)

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def until(self, held: Any) -> datetime | None:
        """It waits as long as she does."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Whether she is known: by her record_id, or perhaps by her name."""
        if isinstance(held, Added):
            return (DossierByRecordId(member, held.record_id),) if act.verb == "card" else ()
        if not isinstance(held, Adding) or act.verb == "begin":
            return ()
        if act.verb == permissions.HEARD and held.at == 0:
            return (RecordIdTaken(act.words),)
        taken = (RecordIdTaken(held.told["record_id"]),) if "record_id" in held.told else ()
        return (*taken, LikelyHer(member, *_after(held, act).likely))

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Ask the next question, or register her."""
        match act.verb, held:
            case ("begin", _):
                return _ask(Adding())
            case ("cancel", _):
                return Turn(None, View(Phrase("staff.add_cancelled"), _AFTER), stays=False)
            case ("card", Added()):
                return _card(held, act, facts=facts)
            case (permissions.HEARD, Adding()) if held.step is not None:
                return _heard(held, act, facts=facts)
            case ("skip" | "pick", Adding()) if act.fresh and held.step is not None:
                return _tapped(held, act, facts=facts)
            case ("other" | "save", Adding()) if act.fresh and held.step is None:
                return self._save(held, act, facts=facts) if act.verb == "save" else _summary(held)
            case (permissions.HEARD, _):
                return None
            case _:
                return stale(held)

    def _save(self, held: Adding, act: Act, *, facts: Facts) -> Turn:
        me = member_of(facts)
        if facts.get(RecordIdTaken(held.told["record_id"])):
            taken = Phrase("staff.add_taken", {"record_id": held.told["record_id"]})
            return Turn(Adding(), View(taken, lines_of_cancel()))
        added = WomanAdded(held.row, me.staff if me.role in SEES_OWN else None, me.staff, self._plans)
        rows = ((button("add.card", "staff.card_button"), button("add.begin", "staff.add_another_button")),)
        done = View(Phrase("staff.added", {"name": held.told["name"]}), rows)
        return Turn(Added(held.told["record_id"]), done, (added,), stays=False)


_AFTER = ((button("add.begin", "staff.add_button"), button("roster.all", "staff.roster_all_button")),)


def lines_of_cancel() -> Rows:
    """The way out of the questions."""
    return ((button("add.cancel", "staff.cancel_button"),),)


def _after(held: Adding, act: Act) -> Adding:
    """What will be known after this act; the same where it says nothing that can be read."""
    if held.step is None or (act.verb == "skip" and not held.step.optional):
        return held
    if act.verb == "skip":
        return held.with_answer(None)
    value = held.step.read(act.about if act.verb == "pick" else act.words, act.at.date())
    return held if value is None else held.with_answer(value, words=act.words)


def _ask(held: Adding) -> Turn:
    step = held.step
    assert step is not None
    centres = [(button(f"add.pick.{code}", "staff.named", name=names[0]),) for code, names in CENTRES.items()]
    skip = ((button("add.skip", "staff.skip_button"),),) if step.optional else ()
    rows = (*(centres if step.name == "centre" else ()), *skip, *lines_of_cancel())
    return Turn(held, View(Phrase(_QUESTIONS[step.name]), rows))


def _heard(held: Adding, act: Act, *, facts: Facts) -> Turn:
    assert held.step is not None
    after = _after(held, act)
    if after is held:
        return _again(held, Phrase("staff.add_unread"))
    if held.step.name == "record_id" and facts.get(RecordIdTaken(act.words)):
        return _again(held, Phrase("staff.add_taken", {"record_id": act.words}))
    if held.step.name == "name" and folded(held.told["record_id"]) in (folded(act.words), *folded(act.words).split()):
        return Turn(Adding(), View(Phrase("staff.add_id_is_name"), lines_of_cancel()))
    return _onward(after, facts)


def _again(held: Adding, why: Phrase) -> Turn:
    asked = _ask(held)
    assert asked.view is not None
    return Turn(held, View(Phrase(why.key, why.values, (asked.view.phrase,)), asked.view.rows))


def _tapped(held: Adding, act: Act, *, facts: Facts) -> Turn:
    after = _after(held, act)
    return stale(held) if after is held else _onward(after, facts)


def _onward(held: Adding, facts: Facts) -> Turn:
    if held.step is not None:
        return _ask(held)
    found = facts.get(LikelyHer(member_of(facts), *held.likely))
    if not found:
        return _summary(held)
    lines = [
        Phrase("staff.twin", {"name": one.name, "record_id": one.record_id, "centre": place_of(one.centre)})
        for one in found.seen
    ]
    if found.others:
        lines.append(Phrase("staff.twin_others", {"count": found.others}))
    rows = ((button("add.other", "staff.twin_other_button"),), (button("add.cancel", "staff.twin_same_button"),))
    return Turn(held, View(Phrase("staff.twins", {"name": held.told["name"]}, tuple(lines)), rows))


def _summary(held: Adding) -> Turn:
    lines = tuple(
        Phrase(_TOLD[name], {"value": shown(name, value)}) for name, value in held.told.items() if name in _TOLD
    )
    rows = ((button("add.save", "staff.register_button"),), *lines_of_cancel())
    return Turn(held, View(Phrase("staff.add_summary", lines=lines), rows))


def _card(held: Added, act: Act, *, facts: Facts) -> Turn:
    me = member_of(facts)
    her = facts.get(DossierByRecordId(me, held.record_id))
    if her is None:  # whoever registered her sees all of them, or has her; a coordinator may have moved her since
        return Turn(held, toast=Phrase("staff.roster_gone"))
    return Turn(None, card(her, me, at=act.at), (CardRead(her.id, me.staff),), stays=False)
