"""What staff write down of what a woman says aloud, at the telephone or in a voice note, where it tells of a danger.

* Nothing is sent to her: whoever wrote it down has heard her, and her phone may be in other hands by now.
* Who else is told follows her own word, as where she writes it herself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from conversations.risk.dangers import dangers
from conversations.risk.kinds import Danger, Kind
from storage import care
from storage.cases import Words
from storage.consents import Purpose, purposes_of
from storage.database import Tx
from storage.detections import Detected, detect
from storage.records import Entry, Writer


@dataclass(frozen=True, slots=True)
class Overheard:
    """This was found in words of hers that staff wrote down."""

    dangers: tuple[Danger, ...]
    words: Words


async def overhear(tx: Tx, woman: int, text: str, *, origin: str) -> None:
    """Look through what staff have written down of hers."""
    if found := dangers(text):
        record = Overheard(found, Words(tx.now, text))
        await _overheard(tx, [Entry(record, tx.now, origin, lane="", chat_id=0, session_id=0, participant_id=woman)])


async def _overheard(tx: Tx, entries: Sequence[Entry[Any]]) -> None:
    for entry in entries:
        if (woman := entry.participant_id) is None:
            continue
        found = entry.record.dangers
        imminent = await care.is_told_of_imminent(tx) and any(danger.kind is Kind.DANGER for danger in found)
        told = imminent or Purpose.ALERTS in (await purposes_of(tx, [woman])).get(woman, ())
        record: Any = Detected(found, entry.record.words, told, asks=False)
        await detect(tx, replace(entry, record=record), stands=False)


WRITERS: dict[type, Writer] = {Overheard: _overheard}
