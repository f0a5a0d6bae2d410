"""Others' words that name a woman who was erased: what somebody has looked at, and taken her name out of or kept.

* What names her is looked for anew each time; only what was decided is remembered, by place and never by text.
* Her name, number and record_id are taken out, and nothing else of what somebody said. It cannot be undone, so it waits
  until she can be put back no more; and ends with the term, since then nobody knows any more what she was called.
* To keep it takes a reason. Each is written down, in ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from re import Pattern
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import select, update

from storage import audit
from storage.cells import SEALED, Cells
from storage.database import Tx
from storage.erasure import Standing
from storage.mentioned import Mention, mentions, pattern
from storage.schema import mention_reviews
from storage.vault import Place

TAKEN_OUT = "(…)"
"""What stands in the place of what named her."""

PROSE = frozenset(
    {
        *("answers.raw", "attempts.note", "case_log.words", "incomes.words", "canned_answers.words"),
        *("requests.words", "requests.denied_why", "requests.answer_extended", "requests.carry_out_extended"),
    }
)
"""Columns of plain words that staff or women wrote."""

IN_JSON = frozenset({"answers.words", "cases.words", "notices.content", "broadcasts.content"})
"""Columns in which such words stand under these names, or alone."""

_SAID = ("text", "words")


class Verdict(StrEnum):
    """What was decided of one place. The values are stored."""

    REDACTED = "redacted"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody decided of one place, and why it stays."""

    place: str
    verdict: Verdict
    reason: str | None = None


async def to_look_at(tx: Tx, one: Standing) -> list[Mention]:
    """Where others' words name her, but for what was decided of. What this gives is what people said."""
    reviewed = select(mention_reviews.c.place).where(mention_reviews.c.erasure_id == one.id)
    decided = set((await tx.run(reviewed)).scalars())
    return [found for found in await mentions(tx, _names(one)) if found.place not in decided]


def _names(one: Standing) -> tuple[str, ...]:
    return (one.notes.name, one.notes.record_id, one.notes.phone or "")


async def redact(tx: Tx, one: Standing, place: str, *, by: str) -> bool:
    """Take out what names her there. False where nothing does, where it is no free text, or while she can be put
    back."""
    found = next((mention for mention in await to_look_at(tx, one) if mention.place == place), None)
    if found is None or one.undo_until > tx.now or found.column not in PROSE | IN_JSON:
        return False
    cells = next(cells for cells in SEALED if cells.name == found.column)
    content = _without(found.content, pattern(_names(one)), in_json=found.column in IN_JSON)
    sealed = tx.vault.seal(cells.place(*found.key), content)
    await tx.run(update(cells.table).where(*_row(cells, found.key)).values({cells.column.name: sealed}))
    await _decide(tx, one, Review(place, Verdict.REDACTED), by=by)
    return True


def _row(cells: Cells, key: Sequence[Any]) -> list[Any]:
    return [column == part for column, part in zip(cells.keys, key, strict=True)]


def _without(content: bytes, names_her: Pattern[str], *, in_json: bool) -> bytes:
    if not in_json:
        return names_her.sub(TAKEN_OUT, content.decode()).encode()
    return to_json(_cleaned(from_json(content), names_her))


def _cleaned(value: Any, names_her: Pattern[str]) -> Any:
    match value:
        case str():
            return names_her.sub(TAKEN_OUT, value)
        case list():
            return [_cleaned(one, names_her) for one in value]
        case dict():
            return {key: _cleaned(one, names_her) if key in _SAID else one for key, one in value.items()}
        case _:
            return value


async def keep(tx: Tx, one: Standing, review: Review, *, by: str) -> bool:
    """It stays as it is, for that reason. False where nothing names her there that is to be looked at."""
    if review.place not in {mention.place for mention in await to_look_at(tx, one)} or not review.reason:
        return False
    await _decide(tx, one, review, by=by)
    return True


async def _decide(tx: Tx, one: Standing, review: Review, *, by: str) -> None:
    id_ = tx.ids.random()
    row = {
        "id": id_,
        "erasure_id": one.id,
        "place": review.place,
        "verdict": review.verdict,
        "reason": tx.vault.seal_text(Place("mention_reviews", "reason", id_), review.reason),
        "decided_by": by,
        "decided_at": tx.now,
    }
    await tx.run(mention_reviews.insert().values(row))
    await audit.append(tx, [audit.Act(by, f"mention_{review.verdict}", str(one.woman), review.place)])


async def note_read(tx: Tx, one: Standing, *, by: str) -> None:
    """Write down that somebody read the list."""
    await audit.append(tx, [audit.Act(by, "mentions_read", str(one.woman))])
