"""What she has signed on paper, recorded by staff: each purpose that the paper answers, as of the day on it.

* Only what is named is recorded; what she has said since the paper stands, and whoever records it learns of that.
* The same paper again is nothing new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from storage.consents import ConsentGiven, How, Purpose, purposes_of, record_consents, signed_at, versions
from storage.database import Tx
from storage.schema import consents, preferences

OWN_FORM = "papel"
"""The version of a paper of the organisation's own that names none."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that this woman signed: its date, the version of the notice on it, who saw her sign, and what it says."""

    woman: int
    on: date
    version: str
    witness: str
    says: Mapping[Purpose, bool]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of it: purposes that are noted now, that were there already, and of which her later word stands."""

    new: Sequence[Purpose]
    there: Sequence[Purpose]
    overruled: Sequence[Purpose]


@dataclass(frozen=True, slots=True)
class KnownVersions:
    """The versions of a notice that anybody has agreed to, in chat or on paper."""

    async def find(self, tx: Tx) -> frozenset[str]:
        """They."""
        return frozenset(one.version for one in await versions(tx) if one.how is not How.ORAL)


async def zone_of(tx: Tx, woman: int) -> str:
    """Where her days begin and end."""
    found = select(preferences.c.zone).where(preferences.c.participant_id == woman)
    return (await tx.run(found)).scalar_one_or_none() or "America/Mexico_City"


async def record(tx: Tx, paper: Paper, *, by: int | None) -> Recorded:
    """Keep what this paper says, recorded by this member of staff (None: at the command line)."""
    at = signed_at(paper.on, zone=await zone_of(tx, paper.woman), now=tx.now)
    there = [purpose for purpose, given in paper.says.items() if await _is_there(tx, paper, purpose, given=given)]
    new = [purpose for purpose in paper.says if purpose not in there]
    text = (paper.version, "")
    words = [
        ConsentGiven(paper.woman, purpose, *text, paper.says[purpose], How.PAPER, by, paper.witness) for purpose in new
    ]
    if words:
        await record_consents(tx, [(word, at) for word in words])
    allowed = (await purposes_of(tx, [paper.woman])).get(paper.woman, ())
    overruled = [purpose for purpose, given in paper.says.items() if (purpose in allowed) is not given]
    return Recorded(new, there, overruled)


async def _is_there(tx: Tx, paper: Paper, purpose: Purpose, *, given: bool) -> bool:
    """Whether a paper of this day and version is recorded already that says the same."""
    day = signed_at(paper.on, zone=await zone_of(tx, paper.woman), now=tx.now + timedelta(days=2))
    hers = consents.select().where(consents.c.participant_id == paper.woman, consents.c.purpose == purpose)
    papers = hers.where(consents.c.how == How.PAPER, consents.c.version == paper.version, consents.c.given == given)
    near = papers.where(consents.c.at > day - timedelta(days=1), consents.c.at <= day + timedelta(seconds=1))
    return (await tx.run(near)).first() is not None
