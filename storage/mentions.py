"""Whether what is to be sent to many names a woman whom we know.

* Two words of her name side by side, in any order, name her, also as a diminutive, with a short form, or with what she
  is called; one alone may be anybody's, or no name at all.
* Of women whom a member of staff does not see she learns nothing by trying names: whoever approves is told of those.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise, permutations, product
from typing import Any

from sqlalchemy import select, true

from conversations.reading.words import fold
from storage.database import Tx
from storage.members import Member, visible_to
from storage.namesakes import SHORT_FORMS, SMALL_WORDS
from storage.schema import participants, vault
from storage.vault import Place

PAGE = 500
"""Women looked at in one go, while every chat waits."""

_HUMP = re.compile(r"(?<=[^\W\d_A-ZÁÉÍÓÚÑ])(?=[A-ZÁÉÍÓÚÑ])")
_DIMINUTIVE = re.compile(r"(.{2,}?)c?it([ao])")
_SKIPPED = SMALL_WORDS - {"y"}


@dataclass(frozen=True, slots=True)
class Mentions:
    """How many `women` are named beyond doubt, and which words, as they stand there, may name one `alone`."""

    women: int = 0
    alone: tuple[str, ...] = ()


class _Text:
    """All that is said, ready to be compared with one name after another."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.words: set[str] = set()
        self.pairs: set[tuple[str, str]] = set()
        self.alone: dict[str, set[str]] = {}
        for text in texts:
            self._read(text, is_name_of_file=text.split() == [text])

    def _read(self, text: str, *, is_name_of_file: bool) -> None:
        visible = "".join(one for one in unicodedata.normalize("NFC", text) if unicodedata.category(one) != "Cf")
        said = [word for word in _written(_HUMP.sub(" ", visible)) if _plain(word) not in _SKIPPED]
        ways = [_ways(_plain(word)) for word in said]
        self.words.update(*ways)
        for one, other in pairwise(ways):
            self.pairs.update(product(one, other))
        for word, read in zip(said, ways, strict=True):
            if is_name_of_file or word[0].isupper():
                for way in read:
                    self.alone.setdefault(way, set()).add(word)

    def names(self, words: Iterable[str]) -> bool:
        """Whether two of these words stand side by side, or are written as one."""
        both = permutations(words, 2)
        return any((one, other) in self.pairs or one + other in self.words for one, other in both)


async def mentions(tx: Tx, texts: Iterable[str], member: Member | None = None) -> Mentions:
    """Whom these texts name among the women that the member may see (None: all); reads the vault."""
    said = _Text(texts)
    if not said.words:
        return Mentions()
    seen = true() if member is None else visible_to(member)
    known = vault.join(participants, participants.c.id == vault.c.participant_id)
    hers = select(vault.c.participant_id, vault.c.name, vault.c.called).select_from(known).where(seen)
    in_order = hers.order_by(vault.c.participant_id).limit(PAGE)
    women = last = 0
    alone: set[str] = set()
    while rows := (await tx.run(in_order.where(vault.c.participant_id > last))).all():
        for row in rows:
            name, called = _words(tx, row, "name"), _words(tx, row, "called")
            women += said.names(dict.fromkeys([*name, *called]))
            alone.update(*(said.alone.get(one, ()) for one in (*name[:1], *called)))
        last = rows[-1].participant_id
    return Mentions(women, tuple(sorted(alone)))


def _words(tx: Tx, row: Any, column: str) -> list[str]:
    """The names in a name, written out and without small words and initials."""
    name = tx.vault.open_text(Place("vault", column, row.participant_id), getattr(row, column)) or ""
    words = (SHORT_FORMS.get(word, word) for word in map(_plain, _written(name)))
    return [word for word in words if len(word) > 1 and word not in SMALL_WORDS]


def _written(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)


def _plain(word: str) -> str:
    return fold(word).replace("ñ", "n")


def _ways(word: str) -> frozenset[str]:
    """The names that a word stands for: itself, what it is short for, what it is a diminutive of."""
    small = _DIMINUTIVE.fullmatch(word)
    base = () if small is None else (small[1], small[1] + small[2], small[1] + "e")
    return frozenset({word, SHORT_FORMS.get(word, word), *base})
