"""What a woman is told of what she asked for by law: a harmless line in her chat, and the rest at her tap, behind her
code.

* Whoever has no chat, or wished for silence after she asked, is told by staff, who learn that it is theirs to do.
* It waits for her hours like any news, and is looked at again as it leaves.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from conversations.speech import Phrase
from storage.circumstances import Circumstances, know
from storage.database import Tx
from storage.mail import Urgency
from storage.notices import Content, NewNotice, leave

GRANTED, DENIED, DONE, LONGER = "granted", "denied", "done", "longer"

NEWS_KEYS = {
    GRANTED: "rights.granted",
    DENIED: "rights.denied",
    DONE: "rights.done",
    LONGER: "rights.longer",
}


@dataclass(frozen=True, slots=True)
class News:
    """What became of request `number` of this woman, asked at that moment: one of NEWS_KEYS; the day until which it is
    done or answered, or why it was denied, in words for her."""

    number: int
    woman: int
    asked_at: datetime
    what: str
    day: date | None = None
    why: str = ""

    @property
    def phrase(self) -> Phrase:
        """What she reads."""
        day = "" if self.day is None else f"{self.day.day}/{self.day.month}/{self.day.year}"
        return Phrase(NEWS_KEYS[self.what], {"number": self.number, "day": day, "why": self.why})


async def reached(tx: Tx, asked: Collection[tuple[int, datetime]]) -> set[int]:
    """Which of these women, by when they asked, read of it in their chat."""
    known = await know(tx, {woman for woman, _ in asked})
    return {woman for woman, at in asked if woman in known and _is_reached(known[woman], at)}


def _is_reached(her: Circumstances, asked_at: datetime) -> bool:
    heard = her.chat is not None and her.chat.blocked_at is None and her.consented is not False
    silent = her.stopped_at is not None and her.stopped_at >= asked_at
    return heard and not silent and her.frozen_at is None and her.died_on is None


async def tell(tx: Tx, news: News) -> bool:
    """Have it wait for her tap. False where it does not reach her, and staff must tell her."""
    if not await reached(tx, [(news.woman, news.asked_at)]):
        return False
    cause = f"request:{news.number}:{tx.ids.random():x}"
    await leave(tx, [NewNotice(news.woman, Content(phrase=news.phrase), cause)], urgency=Urgency.NEWS)
    return True
