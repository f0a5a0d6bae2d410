"""Points of a plan for whoever reads: in the order in which they come, and by the week or month that each is of.

* A point that is no longer expected of anybody stands last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import func, select

from conversations.speech import Phrase
from storage.database import Tx
from storage.outcomes.figures import Dimension, Figure
from storage.schema import checkins

_OF = re.compile(r"(?P<unit>[sm])(?P<number>\d{1,3})")


def phrase_of(point: str) -> Phrase | None:
    """Which check-in of a plan it is, by the number of its week or month; None for one that has a name of its own."""
    found = _OF.fullmatch(point)
    if found is None:
        return None
    number: dict[str, str | int] = {"number": int(found["number"])}
    return Phrase("staff.point_week", number) if found["unit"] == "s" else Phrase("staff.point_month", number)


async def order_of(tx: Tx) -> list[str]:
    """The points of all check-ins by the earliest day on which each was due; those without any day last."""
    earliest = func.min(checkins.c.due_on)
    found = select(checkins.c.point).group_by(checkins.c.point)
    return list((await tx.run(found.order_by(earliest.is_(None), earliest, checkins.c.point))).scalars())


def ranked(points: Iterable[str], order: Sequence[str]) -> list[str]:
    """These points in that order, what is not in it last and as it stood."""
    return sorted(points, key=lambda point: order.index(point) if point in order else len(order))


def in_order(figure: Figure, order: Sequence[str]) -> Figure:
    """The figure with its points in that order, if it is told by points."""
    if (told := figure.by.get(Dimension.POINT)) is None:
        return figure
    by_point = {point: told[point] for point in ranked(told, order)}
    return replace(figure, by={**figure.by, Dimension.POINT: by_point})
