"""What was found of a danger that a woman is in: remembered by kind and phrase, and her words for whoever was told.

* Where nobody is told there is no case, and nothing of what she wrote is kept.
* Nothing unasked is sent to her until staff have resolved the case; where nobody was told, until her next day.
* That it was a false alarm is said by her, or judged by staff; each is kept beside the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update

from conversations.risk.kinds import Danger, Kind
from storage import audit
from storage.cases import Words, heard, keep_words, open_cases, words_in
from storage.cases_kinds import CRISIS
from storage.database import Tx
from storage.holds import free
from storage.looks import look_now
from storage.records import Entry, Writer
from storage.schema import cases, detections, preferences


class Verdict(StrEnum):
    """What staff say of a detection. The values are stored: none is ever renamed."""

    RIGHT = "right"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Detected:
    """This was found. With `told` staff are to learn of it, and get her words; `asks`: she was first asked whether she
    can write."""

    dangers: tuple[Danger, ...]
    words: Words
    told: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class Told:
    """She asks that staff be told of what stands after all."""

    words: Words


@dataclass(frozen=True, slots=True)
class WroteOn:
    """What she wrote next, as long as it stands."""

    words: Words


@dataclass(frozen=True, slots=True)
class CanWrite:
    """She can write without danger."""


@dataclass(frozen=True, slots=True)
class CannotWrite:
    """She cannot write now: what she writes next is about it no more."""


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """She says that she is fine."""

    words: Words


@dataclass(frozen=True, slots=True)
class Judged:
    """A member of staff, or (None) whoever holds the command line, says of what this case is about whether it was
    one."""

    case: int
    by: int | None
    verdict: Verdict


async def _detected(tx: Tx, entries: Sequence[Entry[Detected]]) -> None:
    for entry in entries:
        await detect(tx, entry)


async def detect(tx: Tx, entry: Entry[Detected], *, stands: bool = True) -> None:
    """Keep it, and hold what is unasked; what she writes next is about it where it `stands` in her chat."""
    if (woman := entry.participant_id) is None:
        return
    case = await _case(tx, woman, entry) if entry.record.told else await _open_case(tx, woman)
    until = None if case is not None else await _today(tx, woman) + timedelta(days=1)
    row = _row(entry, case=None if case is None else case.id)
    await _keep(tx, {**row, "held_until_on": until, "stands": stands})
    await look_now(tx, [woman])


async def _today(tx: Tx, woman: int) -> date:
    """The day that it is where she lives, whoever writes it down, and wherever."""
    zone = (await tx.run(select(preferences.c.zone).where(preferences.c.participant_id == woman))).scalar_one()
    return tx.now.astimezone(ZoneInfo(zone)).date()


async def _keep(tx: Tx, row: dict[str, Any]) -> None:
    """It holds in the place of the one before."""
    before = update(detections).where(_standing(row["participant_id"]))
    await tx.run(before.values(freed_at=tx.now, stands=False))
    await tx.run(detections.insert().values(id=tx.ids.random(), at=tx.now, **row))


def _row(entry: Entry[Detected], *, case: int | None) -> dict[str, Any]:
    record = entry.record
    return {
        "participant_id": entry.participant_id,
        "case_id": case,
        "kinds": " ".join(dict.fromkeys(danger.kind for danger in record.dangers)),
        "phrases": " ".join(danger.phrase for danger in record.dangers),
        "asks": record.asks,
    }


async def _open_case(tx: Tx, woman: int) -> Any:
    open_one = (cases.c.participant_id == woman) & (cases.c.kind == CRISIS) & cases.c.closed_at.is_(None)
    return (await tx.run(select(cases).where(open_one))).first()


async def _case(tx: Tx, woman: int, entry: Entry[Any]) -> Any:
    """Her case with these words in it, of which staff are told."""
    await open_cases(tx, [(woman, CRISIS, entry.checkin_id)])
    case = await _open_case(tx, woman)
    await keep_words(tx, case.id, (*words_in(tx, case), entry.record.words))
    await heard(tx, [entry], (cases.c.id == case.id,))
    return case


async def _told(tx: Tx, entries: Sequence[Entry[Told]]) -> None:
    """It holds until staff see to it, as if they had been told at once."""
    for entry in entries:
        if (woman := entry.participant_id) is not None:
            case = await _case(tx, woman, entry)
            held = {"case_id": case.id, "held_until_on": None, "stands": True}
            await tx.run(update(detections).where(_standing(woman)).values(held))
            await look_now(tx, [woman])


def _standing(woman: int | None) -> ColumnElement[bool]:
    return (detections.c.participant_id == woman) & detections.c.freed_at.is_(None)


async def _wrote_on(tx: Tx, entries: Sequence[Entry[WroteOn]]) -> None:
    """Only a case that is open takes it in."""
    for entry in entries:
        woman = entry.participant_id
        if woman is not None and await _open_case(tx, woman) is not None:
            await _case(tx, woman, entry)


async def _can_write(tx: Tx, entries: Sequence[Entry[CanWrite]]) -> None:
    for entry in entries:
        await tx.run(update(detections).where(_standing(entry.participant_id)).values(asks=False, stands=True))


async def _cannot_write(tx: Tx, entries: Sequence[Entry[CannotWrite]]) -> None:
    for entry in entries:
        await tx.run(update(detections).where(_standing(entry.participant_id)).values(stands=False))


async def _false_alarm(tx: Tx, entries: Sequence[Entry[FalseAlarm]]) -> None:
    """Whoever was told reads it in the case, which stays open; prompts are free again."""
    for entry in entries:
        if (woman := entry.participant_id) is None:
            continue
        if (case := await _open_case(tx, woman)) is not None:
            await keep_words(tx, case.id, (*words_in(tx, case), entry.record.words))
        await tx.run(update(detections).where(_standing(woman)).values(fine_at=tx.now))
        await free(tx, woman)


async def _judged(tx: Tx, entries: Sequence[Entry[Judged]]) -> None:
    for entry in entries:
        await judge(tx, entry.record)


async def judge(tx: Tx, said: Judged) -> None:
    """Keep what staff say of what was found."""
    told = {"verdict": said.verdict, "judged_by": said.by, "judged_at": tx.now}
    await tx.run(update(detections).where(detections.c.case_id == said.case).values(told))
    await audit.append(tx, [audit.Act(audit.acting(said.by), "crisis_judged", str(said.case), said.verdict)])


# --- how well it works


@dataclass
class Counted:
    """How often a phrase was found; how often staff were told, she said that she was fine, and staff judged it."""

    found: int = 0
    told: int = 0
    fine: int = 0
    right: int = 0
    false: int = 0


async def counted(tx: Tx) -> dict[str, Counted]:
    """What was found so far, by phrase: no woman, no day and no word of hers."""
    by_phrase: dict[str, Counted] = {}
    found = select(detections.c.phrases, detections.c.case_id, detections.c.fine_at, detections.c.verdict)
    for row in await tx.run(found):
        for phrase in dict.fromkeys(row.phrases.split()):
            one = by_phrase.setdefault(phrase, Counted())
            one.found += 1
            one.told += row.case_id is not None
            one.fine += row.fine_at is not None
            one.right += row.verdict == Verdict.RIGHT
            one.false += row.verdict == Verdict.FALSE
    return dict(sorted(by_phrase.items(), key=lambda item: (-item[1].found, item[0])))


# --- what stands


@dataclass(frozen=True, slots=True)
class InDanger:
    """What she wrote of just now: its kinds, whether she has still to say that she can write, whether staff know."""

    kinds: tuple[Kind, ...]
    asks: bool
    told: bool


IN_DANGER = tuple(detections.c[name].label(f"danger_{name}") for name in ("kinds", "asks", "case_id"))


STANDS = detections.c.freed_at.is_(None) & detections.c.stands
"""Which detections what is written next is about, until the chat is cleared of it: of a woman at most one."""


def danger_of(row: Any) -> InDanger | None:
    """What stands, from a row that holds the columns IN_DANGER."""
    if row.danger_kinds is None:
        return None
    kinds = tuple(Kind(kind) for kind in row.danger_kinds.split())
    return InDanger(kinds, asks=row.danger_asks, told=row.danger_case_id is not None)


WRITERS: dict[type, Writer] = {
    Detected: _detected,
    Told: _told,
    WroteOn: _wrote_on,
    CanWrite: _can_write,
    CannotWrite: _cannot_write,
    FalseAlarm: _false_alarm,
    Judged: _judged,
}
