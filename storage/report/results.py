"""One figure at a time for a chat: its picture, its sentence, and what it can be narrowed to or broken down by.

* A question says all of itself in a few letters, so that a button can carry it; a group is named by a short key.
* A key that names no group any more finds nothing, and so does whatever else was never offered.
* It takes long where women are many, and is looked up before the step that shows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from zlib import crc32
from zoneinfo import ZoneInfo

from storage import cases_office
from storage.database import Tx
from storage.imports.catalogue import SHIPPED, Catalogue
from storage.outcomes.figures import BOTH_SCOPES, IN_FREEDOM, INSIDE
from storage.records import Lengthy
from storage.report.points import order_of

ALL = "all"
NOTHING = "0"
KEY_BITS = 20
SCOPES = {"a": BOTH_SCOPES, "d": INSIDE, "l": IN_FREEDOM}


class Facet(StrEnum):
    """What is shown: the figure, the same in parts, or what it can be narrowed to."""

    WHOLE = "w"
    POINTS = "p"
    CENTRES = "c"
    COHORTS = "g"
    CHOOSE_CENTRE = "C"
    CHOOSE_COHORT = "G"
    CHOOSE_POINT = "P"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `centre`, `cohort` and `point` are keys, NOTHING for all."""

    figure: str = ALL
    view: Facet = Facet.WHOLE
    scope: str = "a"
    centre: str = NOTHING
    cohort: str = NOTHING
    point: str = NOTHING

    def __str__(self) -> str:
        """As a button carries it."""
        return ".".join((self.figure, self.view, self.scope, self.centre, self.cohort, self.point))


def question(text: str) -> Question | None:
    """The question that a button carries; None for anything else."""
    parts = text.split(".")
    if text == "":
        return Question()
    if len(parts) != 6 or parts[1] not in set(Facet) or parts[2] not in SCOPES:
        return None
    return Question(parts[0], Facet(parts[1]), *parts[2:])


def key_of(code: str) -> str:
    """By what a group is named on a button."""
    return f"{crc32(code.encode()) % (1 << KEY_BITS):05x}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to narrow to: its key and its name."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer: a picture (None: a choice is to be made), and in words all that stands in it.

    `narrowed` are the names of what it is narrowed to, `figures` the label of each figure by its id, `scoped` says
    whether the figure knows of scopes, `lines` are the parts as text.
    """

    day: date
    picture: bytes | None
    label: str
    sentence: str
    caveat: str
    narrowed: Sequence[str]
    lines: Sequence[str]
    figures: Mapping[str, str]
    scoped: bool
    pointed: bool
    centres: Sequence[Choice]
    cohorts: Sequence[Choice]
    points: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Results(Lengthy):
    """The answer to a question, for whoever may see all figures; centres go by the names of `catalogue`."""

    asked: Question
    catalogue: Catalogue = field(default=SHIPPED, compare=False)

    async def find(self, tx: Tx) -> Shown | None:
        """It; None where it asks for what is not there."""
        # numpy and pyarrow take longer to import than the bot takes to start.
        from storage.outcomes.gathering import gather
        from storage.report.answering import answer
        from storage.report.findings import url_of
        from storage.report.words import Wording

        zone = ZoneInfo((await cases_office.office(tx)).zone)
        day = tx.now.astimezone(zone).date()
        order, words = await order_of(tx), Wording(centres=self.catalogue.centre_names)
        evidence = await asyncio.to_thread(gather, url_of(tx), day, known_at=tx.now)
        return await asyncio.to_thread(answer, evidence, self.asked, order=order, words=words)


def narrowed_to(asked: Question, **to: str) -> Question:
    """The same question about another group, shown as a whole where it was chosen from a list."""
    lists = (Facet.CHOOSE_CENTRE, Facet.CHOOSE_COHORT, Facet.CHOOSE_POINT)
    return replace(asked, **to, view=Facet.WHOLE if asked.view in lists else asked.view)


def choices(codes: Iterable[str], names: Iterable[str]) -> tuple[Choice, ...]:
    """What can be chosen."""
    return tuple(Choice(key_of(code), name) for code, name in zip(codes, names, strict=True))
