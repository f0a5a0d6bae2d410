"""What she allows, purpose by purpose: every word of hers is kept, and the last one counts.

* Which word is the last, `last_word` says to everybody.
* With each stands the version of what she read or heard, how she said it, and who noted it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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
    """What she says in her chat is her last word as it comes in, however fast she taps."""
    women = {entry.record.participant for entry in entries}
    last = select(consents.c.participant_id, consents.c.purpose, func.max(consents.c.at).label("at"))
    last = last.where(consents.c.participant_id.in_(women)).group_by(consents.c.participant_id, consents.c.purpose)
    before = {(row.participant_id, row.purpose): row.at for row in await tx.run(last)}
    words = []
    for word, at in ((entry.record, entry.at) for entry in entries):
        about = (word.participant, word.purpose)
        if word.how in IN_CHAT and about in before:
            at = max(at, before[about] + timedelta(microseconds=1))
        before[about] = max(at, before.get(about, at))
        words.append((word, at))
    await record_consents(tx, words)


async def record_consents(tx: Tx, words: Sequence[tuple[ConsentGiven, datetime]]) -> None:
    """Keep what these women said of each purpose, as of these moments."""
    await tx.run(consents.insert(), [_consent_row(tx, word, at) for word, at in words])
    await audit.append(tx, [_consent_act(word) for word, _ in words])


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


WRITERS: dict[type, Writer] = {ConsentGiven: _consented}
