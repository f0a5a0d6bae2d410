"""What she allows, purpose by purpose: every word of hers is kept, and the last one counts.

* Which word is the last, `last_word` says to everybody.
* With each stands the version of what she read or heard, how she said it, and who noted it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, select

from storage import audit
from storage.database import Tx
from storage.records import Entry, Writer
from storage.schema import consents
from storage.vault import Place


class Purpose(StrEnum):
    """What she is asked to consent to, each on its own."""

    FOLLOW_UP = "seguimiento"
    INCOME = "ingresos"
    WELLBEING = "bienestar"
    VOICE = "voz"
    ALERTS = "alertas"
    BROADCASTS = "avisos"
    RESEARCH = "investigacion"


class How(StrEnum):
    """How a consent was given."""

    CHAT = "chat"
    TYPED = "chat_word"  # in her chat, and confirmed there by writing a word that was shown
    ORAL = "oral"
    PAPER = "paper"


IN_CHAT = frozenset({How.CHAT, How.TYPED})
"""What she said herself, in a chat of hers."""


_LATE = time(23, 59, 59)
_ONE_MOMENT = timedelta(seconds=1)
"""What is recorded of one day's end stands apart by less."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """The notice under which she said yes to being followed up, last of all: its version, and the hash of its text
    (empty: on paper)."""

    version: str
    text_hash: str


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """She said yes, or no, to one purpose, having read or heard a text of this version and hash (empty: on paper).

    `recorded_by` is the member of staff who noted it, where it was not said in her own chat.
    """

    participant: int
    purpose: str
    version: str
    text_hash: str
    given: bool
    how: How = How.CHAT
    recorded_by: int | None = None
    witness: str | None = None


async def _consented(tx: Tx, entries: Sequence[Entry[ConsentGiven]]) -> None:
    await record_consents(tx, [(entry.record, entry.at) for entry in entries])


async def record_consents(tx: Tx, words: Sequence[tuple[ConsentGiven, datetime]]) -> None:
    """Keep what these women said of each purpose, as of these moments.

    What is said now is her last word as it comes in, however fast she taps; a paper that is older than what she has
    said since is kept, and changes nothing. Of two of one moment the one that is recorded later counts.
    """
    last = await _last_words(tx, {word.participant for word, _ in words})
    dated = []
    for word, at in words:
        before = last.get((word.participant, word.purpose))
        if before is not None and (word.how is not How.PAPER or timedelta() <= before - at < _ONE_MOMENT):
            at = max(at, before + timedelta(microseconds=1))
        last[word.participant, word.purpose] = at if before is None else max(at, before)
        dated.append((word, at))
    await tx.run(consents.insert(), [_consent_row(tx, word, at) for word, at in dated])
    await audit.append(tx, [_consent_act(word) for word, _ in dated])


async def _last_words(tx: Tx, women: Collection[int]) -> dict[tuple[int, str], datetime]:
    """When each of these women last spoke of each purpose."""
    last = select(consents.c.participant_id, consents.c.purpose, func.max(consents.c.at).label("at"))
    hers = last.where(consents.c.participant_id.in_(women))
    rows = await tx.run(hers.group_by(consents.c.participant_id, consents.c.purpose))
    return {(row.participant_id, row.purpose): row.at for row in rows}


def signed_at(on: date, *, zone: str, now: datetime) -> datetime:
    """From when a paper counts that bears this date: the end of the day where she is, or now, if that is earlier."""
    return min(now, datetime.combine(on, _LATE, ZoneInfo(zone)))


def _consent_row(tx: Tx, word: ConsentGiven, at: datetime) -> dict[str, object]:
    row = tx.ids.random()
    return {
        "id": row,
        "participant_id": word.participant,
        "purpose": word.purpose,
        "version": word.version,
        "text_hash": word.text_hash,
        "given": word.given,
        "how": word.how,
        "at": at,
        "recorded_by": word.recorded_by,
        "witness": tx.vault.seal_text(Place("consents", "witness", row), word.witness),
    }


def _consent_act(word: ConsentGiven) -> audit.Act:
    hers = word.how in IN_CHAT
    actor = "participant" if hers else audit.acting(word.recorded_by)
    action = "consent_given" if word.given else "consent_refused"
    return audit.Act(actor, action, str(word.participant), word.purpose if hers else f"{word.purpose} {word.how}")


async def agreed_to(tx: Tx, women: Collection[int]) -> dict[int, Agreed]:
    """Under which notice each of these is followed up; what was only read to her in a call is none."""
    said = select(consents.c.participant_id, consents.c.version, consents.c.text_hash).order_by(consents.c.at)
    hers = said.where(consents.c.participant_id.in_(women), consents.c.purpose == Purpose.FOLLOW_UP)
    rows = await tx.run(hers.where(consents.c.given, consents.c.how != How.ORAL))
    return {row.participant_id: Agreed(row.version, row.text_hash) for row in rows}


@dataclass(frozen=True, slots=True)
class Version:
    """A text to which women agreed to be followed up: its version and hash (empty: on paper), how, how many agree to it
    by their last word and how many ever did, and the first and the last moment of it."""

    version: str
    text_hash: str
    how: How
    women: int
    ever: int
    first: datetime
    last: datetime


async def versions(tx: Tx) -> list[Version]:
    """Every text that anybody agreed to, in the order in which it was first."""
    columns = ("participant_id", "version", "text_hash", "how", "given", "at")
    said = select(*(consents.c[name] for name in columns)).where(consents.c.purpose == Purpose.FOLLOW_UP)
    texts: dict[tuple[str, str, How], list[Any]] = {}
    last: dict[int, Any] = {}
    for row in await tx.run(said.order_by(consents.c.at, consents.c.given.desc())):
        last[row.participant_id] = row
        if row.given:
            how = How.CHAT if row.how in IN_CHAT else How(row.how)
            texts.setdefault((row.version, row.text_hash, how), []).append(row)
    stand = set(last.values())
    return [
        Version(
            *text, len(stand.intersection(rows)), len({row.participant_id for row in rows}), rows[0].at, rows[-1].at
        )
        for text, rows in texts.items()
    ]


def last_word(woman: ColumnElement[int] | int, purpose: ColumnElement[str] | str) -> ScalarSelect[int]:
    """The id of the row that counts of what this woman said of this purpose: the last; and of two of one moment a no
    over a yes, since nobody knows which came first. NULL where she said nothing."""
    said = consents.alias()
    hers = (said.c.participant_id == woman) & (said.c.purpose == purpose)
    words = select(said.c.id).where(hers).order_by(said.c.at.desc(), said.c.given, said.c.id)
    return words.limit(1).correlate_except(said).scalar_subquery()


_COUNTS = consents.c.id == last_word(consents.c.participant_id, consents.c.purpose)
_ALLOWED = select(consents.c.participant_id).where(
    consents.c.participant_id.in_(bindparam("women", expanding=True)),
    consents.c.purpose == bindparam("purpose"),
    consents.c.given,
    _COUNTS,
)


async def allowed_by(tx: Tx, purpose: Purpose, women: Collection[int]) -> set[int]:
    """Who of these, at most 30,000, allows this at present."""
    asked = [{"women": list(women), "purpose": purpose.value}]
    return set((await tx.run(_ALLOWED, asked)).scalars()) if women else set()


async def purposes_of(tx: Tx, women: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """What each of them consents to at present: her last word on each purpose."""
    hers = consents.c.participant_id.in_(women) & consents.c.given & _COUNTS
    given: dict[int, tuple[str, ...]] = {}
    for row in await tx.run(
        select(consents.c.participant_id, consents.c.purpose).where(hers).order_by(consents.c.purpose)
    ):
        given[row.participant_id] = (*given.get(row.participant_id, ()), row.purpose)
    return given


async def spoken_of(tx: Tx, woman: int) -> frozenset[str]:
    """The purposes of which she has said yes or no, whichever."""
    said = select(consents.c.purpose).where(consents.c.participant_id == woman).distinct()
    return frozenset((await tx.run(said)).scalars())


WRITERS: dict[type, Writer] = {ConsentGiven: _consented}
