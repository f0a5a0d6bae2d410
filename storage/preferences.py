"""How a woman likes to be written to and when: part of the day, days, reminders, sound, tú or usted, language.

* Each wish is a column of its own, so that going to English and back finds her form of address as she left it.
* What she reads is chosen when it is sent, by the one key that `speech_key` makes of both.
* Whatever changes when she may be written to has her open check-ins looked at anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, update

from storage.database import Tx
from storage.looks import look_now
from storage.records import Entry, Writer
from storage.schema import preferences

SPANISH = "es"
SPANISH_USTED = "es-usted"
"""The key of texts and labels for whoever is called usted."""


class Trato(StrEnum):
    """How she is addressed."""

    TU = "tu"
    USTED = "usted"


def speech_key(language: str, trato: str) -> str:
    """The key of the texts that she reads: her language, and in Spanish her form of address."""
    return SPANISH_USTED if (language, trato) == (SPANISH, Trato.USTED) else language


@dataclass(frozen=True, slots=True)
class SlotChosen:
    """The part of the day in which she likes to be asked."""

    slot: str


@dataclass(frozen=True, slots=True)
class DaysChosen:
    """The days on which she likes to be asked, as sorted digits (Monday is 0); None: all."""

    days: str | None


@dataclass(frozen=True, slots=True)
class RemindersChosen:
    """Whether she likes to be reminded of what she has not answered."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class SoundChosen:
    """Whether her phone is to make itself heard when we write."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class TratoChosen:
    """Whether she likes to be called tú or usted. `participant` names her in the step that makes the chat hers."""

    trato: Trato
    participant: int | None = None


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The language in which she likes to read, by its code; `participant` as in TratoChosen."""

    language: str
    participant: int | None = None


async def _slot_chosen(tx: Tx, entries: Sequence[Entry[SlotChosen]]) -> None:
    await _choose(tx, "slot", [(entry.participant_id, entry.record.slot) for entry in entries])
    await look_now(tx, [entry.participant_id for entry in entries])


async def _days_chosen(tx: Tx, entries: Sequence[Entry[DaysChosen]]) -> None:
    await _choose(tx, "days", [(entry.participant_id, entry.record.days) for entry in entries])
    await look_now(tx, [entry.participant_id for entry in entries])


async def _reminders_chosen(tx: Tx, entries: Sequence[Entry[RemindersChosen]]) -> None:
    await _choose(tx, "reminders", [(entry.participant_id, entry.record.wanted) for entry in entries])
    await look_now(tx, [entry.participant_id for entry in entries])


async def _sound_chosen(tx: Tx, entries: Sequence[Entry[SoundChosen]]) -> None:
    await _choose(tx, "silent", [(entry.participant_id, not entry.record.wanted) for entry in entries])


async def _trato_chosen(tx: Tx, entries: Sequence[Entry[TratoChosen]]) -> None:
    await _choose(tx, "trato", [(_whose(entry), entry.record.trato) for entry in entries])


async def _language_chosen(tx: Tx, entries: Sequence[Entry[LanguageChosen]]) -> None:
    await _choose(tx, "language", [(_whose(entry), entry.record.language) for entry in entries])


def _whose(entry: Entry[TratoChosen] | Entry[LanguageChosen]) -> int | None:
    return entry.participant_id if entry.record.participant is None else entry.record.participant


async def _choose(tx: Tx, column: str, choices: Sequence[tuple[int | None, str | bool | None]]) -> None:
    whose = preferences.c.participant_id == bindparam("woman")
    rows = [{"woman": woman, "chosen": chosen} for woman, chosen in choices]
    await tx.run(update(preferences).where(whose).values({column: bindparam("chosen")}), rows)


WRITERS: dict[type, Writer] = {
    SlotChosen: _slot_chosen,
    DaysChosen: _days_chosen,
    RemindersChosen: _reminders_chosen,
    SoundChosen: _sound_chosen,
    TratoChosen: _trato_chosen,
    LanguageChosen: _language_chosen,
}
